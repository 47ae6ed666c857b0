//! The listing of every id and layout must not change by accident: a released layout is frozen, a
//! change is a new id. Set `RIGEL_BLESS=1` to accept what is new; the difference is then a part of the
//! commit.

use std::fmt::Write;
use std::path::Path;

use rigel_protocol::custom::{Extent, Fill, FunctionInfo, LaunchConfig, ParamSlot};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::layouts;
use rigel_protocol::handle::{Context, Device, DevicePtr, Function, Stream};
use rigel_protocol::link::image::{NamedLinkHead, put_inputs};
use rigel_protocol::link::launch::put_launch;
use rigel_protocol::link::{
    ArenaMap, ContextBegin, FunctionRow, HostCall, HostRegister, ImageHead, ImageName, LaunchHost,
    LinkHead, Loaded, NamedHead, NamedImage, Notice, Payload, Reply, Transfer, WireCopy,
    WireCopy3d, WireFill, WirePlace, WireSide,
};
use rigel_protocol::wire::{Put, Wire};
use rigel_protocol::{CuError, custom};

#[test]
fn listing_is_the_one_that_was_accepted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire_golden.txt");
    let listing = listing();
    if std::env::var_os("RIGEL_BLESS").is_some() {
        std::fs::write(&path, &listing).unwrap();
    }
    let accepted = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (now, then)) in listing.lines().zip(accepted.lines()).enumerate() {
        assert_eq!(now, then, "line {} of {}", line + 1, path.display());
    }
    assert_eq!(
        listing.len(),
        accepted.len(),
        "{} has more or fewer lines",
        path.display()
    );
}

fn listing() -> String {
    let mut text = String::from("# ids\n");
    for call in Call::ALL {
        let name = call.name().expect("every id has a name");
        writeln!(text, "{:#06x} {name} {:?}", call.0, call.class()).ok();
    }
    text.push_str("\n# structures\n");
    for item in layouts::STRUCTS {
        writeln!(text, "{} {{ {} }}", item.name, item.fields.join(", ")).ok();
    }
    text.push_str("\n# generated calls: record -> answer\n");
    for item in layouts::CALLS {
        writeln!(
            text,
            "{:#06x} ({}) -> ({})",
            item.call.0,
            item.arguments.join(", "),
            item.results.join(", ")
        )
        .ok();
    }
    text.push_str("\n# hand-written records, an example of each in hexadecimal\n");
    for (name, bytes) in samples() {
        writeln!(text, "{name} {}", hex(&bytes)).ok();
    }
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn put(write: impl FnOnce(&mut Put)) -> Vec<u8> {
    let mut put = Put::new();
    write(&mut put);
    put.into_vec()
}

fn of<T: Wire>(value: &T) -> Vec<u8> {
    put(|out| out.put(value))
}

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = copies();
    all.extend(launches());
    all.extend(images());
    all.push((
        "contextBegin",
        of(&ContextBegin {
            context: Context::mint(70),
            device: Device(1),
            flags: 8,
        }),
    ));
    all.push((
        "arenaMap",
        of(&ArenaMap {
            arena: 3,
            address: 0x2000_0000_0000,
            bytes: 4096,
            flags: 1,
        }),
    ));
    all.push((
        "hostRegister",
        of(&HostRegister {
            address: 0x5555_0000_0010,
            bytes: 40,
            flags: 2,
        }),
    ));
    all.push((
        "reply",
        of(&Reply {
            position: 640,
            result: Err(CuError::OUT_OF_MEMORY),
        }),
    ));
    all.push((
        "notice",
        of(&Notice {
            call: 0xf007,
            error: CuError::ILLEGAL_ADDRESS,
        }),
    ));
    all
}

fn copies() -> Vec<(&'static str, Vec<u8>)> {
    let side = |place| WireSide {
        place,
        x_bytes: 1,
        y: 2,
        z: 3,
        pitch_bytes: 4,
        rows: 5,
    };
    let transfer = Transfer {
        number: 7,
        bytes: 1 << 33,
    };
    let up = WireCopy {
        dst: WirePlace::Device(DevicePtr(0x7_0000)),
        src: WirePlace::Bytes(Payload::Inline(b"abc")),
        bytes: 3,
        stream: Stream::LEGACY,
        wait: true,
    };
    let down = WireCopy {
        dst: WirePlace::Bytes(Payload::Bulk(transfer)),
        src: WirePlace::Shared(0x2000_0000_0000),
        ..up
    };
    let cuboid = WireCopy3d {
        dst: side(WirePlace::Device(DevicePtr(1))),
        src: side(WirePlace::Bytes(Payload::Inline(&[]))),
        extent: Extent {
            width_bytes: 6,
            height: 7,
            depth: 8,
        },
        stream: Stream::PER_THREAD,
        wait: false,
    };
    let fill = WireFill {
        fill: Fill {
            dst: DevicePtr(9),
            pitch_bytes: 0,
            value: 0x0102_0304,
            element_bytes: 4,
            width: 10,
            height: 1,
        },
        stream: Stream::LEGACY,
        wait: false,
    };
    vec![
        ("copy", put(|out| up.put(out))),
        ("copyWait", put(|out| down.put(out))),
        ("copy3d", put(|out| cuboid.put(out))),
        ("fill", of(&fill)),
    ]
}

fn launches() -> Vec<(&'static str, Vec<u8>)> {
    let config = LaunchConfig {
        grid: [1, 2, 3],
        block: [4, 5, 6],
        shared_bytes: 7,
        stream: Stream::mint(0),
        cooperative: true,
        attributes: &[(2, [1; 64])],
    };
    let host = LaunchHost {
        stream: Stream::LEGACY,
        callback: 5,
        even_after_error: true,
    };
    let call = HostCall {
        callback: 5,
        ticket: 6,
        state: Ok(()),
    };
    vec![
        (
            "launch",
            put(|out| put_launch(out, Function::mint(4), &config, b"params")),
        ),
        ("launchHost", of(&host)),
        ("hostCall", of(&call)),
    ]
}

fn jit_of() -> custom::JitOptions {
    custom::JitOptions {
        options: vec![(1, 2)],
        info_log_bytes: 3,
        error_log_bytes: 4,
    }
}

fn images() -> Vec<(&'static str, Vec<u8>)> {
    let jit = jit_of();
    let image = ImageHead {
        handle: 5,
        jit: jit.clone(),
        options: vec![(6, 7)],
        image: Payload::Inline(b"image"),
    };
    let link = LinkHead {
        jit,
        inputs: Payload::Inline(b"inputs"),
        transfer: 8,
    };
    let named = NamedImage {
        name: ImageName::of(b"image"),
        bytes: 9,
        transfer: Some(10),
    };
    let named_load = NamedHead {
        handle: 5,
        jit: jit_of(),
        options: vec![(6, 7)],
        image: named,
    };
    let named_link = NamedLinkHead {
        jit: jit_of(),
        inputs: NamedImage {
            transfer: None,
            ..named
        },
        transfer: 8,
    };
    let info = FunctionInfo {
        name: "kernel".into(),
        params: vec![ParamSlot { offset: 0, size: 8 }].into(),
        attributes: std::array::from_fn(|index| index as i32),
        module: None,
        library: None,
    };
    let loaded = Loaded {
        info_log: "info".into(),
        error_log: "error".into(),
        functions: vec![FunctionRow::new(Function::mint(1 << 31), &info)],
    };
    let input = custom::JitInput {
        kind: 1,
        data: b"ptx".to_vec(),
        name: "a.ptx".into(),
    };
    vec![
        ("load", put(|out| image.put(out))),
        ("loaded", of(&loaded)),
        ("link", put(|out| link.put(out))),
        ("linkInputs", put(|out| put_inputs(out, &[input]))),
        ("loadNamed", of(&named_load)),
        ("linkNamed", of(&named_link)),
    ]
}
