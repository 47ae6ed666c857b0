//! Whatever bytes a client hands over as an image, reading them ends in an image or an error:
//! no panic, no unbounded work.

use proptest::prelude::*;
use rigel_soft::image::Image;
use rigel_soft::ptx::{Function, Module};

/// A module that uses every corner of the grammar.
const MODULE: &str = r#"
// comment
.version 8.8
.target sm_90a, debug
.address_size 64
.file 1 "a.cu"
.extern .func (.param .b32 r) vprintf (.param .b64 f, .param .b64 v) .noreturn;
.global .align 8 .u64 table[2][3] = {{1, generic(table)+8, 0xff00(table)}, {-(2+3)*WARP_SZ}};
.visible .const[2] .v2 .f32 c[] = {{0f3F800000, 1.5e-3}, {0d3FF0000000000000, 7}};
.extern .shared .align 16 .b8 buffer[];
.alias other, f;
.func (.reg .u32 %out) f (.reg .u32 %in) { add.u32 %out, %in, 1; ret; }
.visible .entry kernel(
    .param .u64 .ptr .global .align 16 p,
    .param .align 8 .b8 s[24]
)
.maxntid 256, 1, 1 .minnctapersm 2 .pragma "nounroll";
{
    .reg .pred %p<4>; .reg .b32 %r<20>, x; .reg .b64 %rd<9>; .reg .v4 .f32 v;
    .local .align 8 .b8 depot[64];
    .loc 1 2 3, function_name $L_i+4, inlined_at 1 5 6
    ld.param.u64 %rd1, [p];
    @!%p1 bra.uni $L_end;
    { .reg .f64 x; $L_end: mov.f64 x, 0d3FF0000000000000; bra $L_end; }
    ld.global.L1::no_allocate.v4.f32 {v.x, _, %r3, 1.5}, [%rd1+-8];
    shfl.sync.up.b32 %r1|%p2, %r2, 1<<2, ~0, -1;
    mov.u32 %r4, %tid.x; mov.u64 %rd2, table+16;
    tex.2d.v4.f32.f32 v, [tex, {%r1, %r2}];
    T: .branchtargets $L_end, $L_2; brx.idx %r1, T;
    P: .callprototype (.param .b32 _) _ (.param .b64 _);
    { .param .b64 a; .param .b32 r; st.param.b64 [a+0], %rd1; call.uni (r), %rd2, (a, 3), P; }
    vadd.s32.s32.s32 x, x.b0, !%p1;
    $L_2: /* c */ selp.b32 x, 1, 2, !%p3;
    $L_end: ret;
}
"#;

fn read_module(text: &str) {
    let Ok(module) = Module::parse(text) else {
        return;
    };
    for global in &module.globals {
        let mut end = 0;
        let _ = global.write_initial(|_, _| Some(1), |at, bytes| end = at + bytes.len() as u64);
        assert!(end <= global.size_bytes());
    }
    for function in &module.functions {
        let _ = function.parse_body();
        let again = Function::parse_at(text, function.span);
        assert_eq!(again.as_ref(), Ok(function));
    }
}

fn read_image(bytes: &[u8]) {
    let Ok(image) = Image::parse(bytes) else {
        return;
    };
    for entry in image.parts.iter().flat_map(|part| &part.entries) {
        let _ = entry.cubin();
        if let Ok(text) = entry.text() {
            read_module(&text);
        }
    }
}

/// A fat binary with one LZ4-compressed PTX entry and its options.
fn fatbin() -> Vec<u8> {
    let stored = lz4_flex::block::compress(MODULE.as_bytes());
    let mut bytes = vec![0x50, 0xed, 0x55, 0xba, 1, 0, 16, 0];
    bytes.extend((0x58 + stored.len() as u64).to_le_bytes());
    let mut header = vec![0; 0x58];
    header[..8].copy_from_slice(&[1, 0, 1, 1, 0x58, 0, 0, 0]);
    header[8..16].copy_from_slice(&(stored.len() as u64).to_le_bytes());
    header[16..20].copy_from_slice(&(stored.len() as u32).to_le_bytes());
    header[20] = 0x40;
    header[40..48].copy_from_slice(&0x2011u64.to_le_bytes());
    header[56..64].copy_from_slice(&(MODULE.len() as u64).to_le_bytes());
    header[0x40] = 0x48;
    header[0x44] = 0x10;
    bytes.extend(header);
    bytes.extend(stored);
    bytes
}

/// Single-byte changes, and pieces moved from one place to another.
fn mutate(bytes: &mut Vec<u8>, changes: &[(usize, u8, u8)]) {
    for (at, value, how) in changes {
        let at = at % bytes.len().max(1);
        match how % 4 {
            0 => bytes[at] = *value,
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, *value),
            _ => {
                let end = (at + usize::from(*value)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = (at * 31 + usize::from(*value)) % bytes.len();
                bytes.splice(to..to, piece);
            }
        }
    }
}

fn changes() -> impl Strategy<Value = Vec<(usize, u8, u8)>> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"{}()[]<>,;:.@!%|+-0179fx\"/* \n".to_vec())
    ];
    prop::collection::vec((any::<usize>(), byte, any::<u8>()), 1..8)
}

#[test]
fn the_samples_themselves_are_read() {
    let module = Module::parse(MODULE).unwrap();
    assert_eq!(
        module
            .function("kernel")
            .unwrap()
            .parse_body()
            .unwrap()
            .instructions
            .len(),
        15
    );
    read_module(MODULE);
    let bytes = fatbin();
    let image = Image::parse(&bytes).unwrap();
    assert_eq!(image.parts[0].entries[0].text().unwrap(), MODULE);
}

#[test]
fn every_prefix_of_a_module_ends_in_a_result() {
    for end in 0..MODULE.len() {
        read_module(&MODULE[..end]);
    }
}

#[test]
fn every_prefix_of_a_fat_binary_is_refused() {
    let bytes = fatbin();
    for end in 0..bytes.len() {
        assert!(Image::parse(&bytes[..end]).is_err(), "{end}");
    }
}

proptest! {
    #[test]
    fn random_bytes_end_in_a_result(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_image(&bytes);
    }

    #[test]
    fn random_text_after_a_header_ends_in_a_result(tail in "[ -~\n]{0,300}") {
        read_module(&format!(".version 8.8\n.target sm_90\n{tail}"));
        read_module(&format!(".version 8.8\n.target sm_90\n.entry k {{ .reg .b32 r<9>; {tail} }}"));
    }

    #[test]
    fn mutated_modules_end_in_a_result(changes in changes()) {
        let mut bytes = MODULE.as_bytes().to_vec();
        mutate(&mut bytes, &changes);
        read_module(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn mutated_fat_binaries_end_in_a_result(changes in changes()) {
        let mut bytes = fatbin();
        mutate(&mut bytes, &changes);
        read_image(&bytes);
    }

    #[test]
    fn mutated_cubins_end_in_a_result(
        tail in prop::collection::vec(any::<u8>(), 0..600),
        places in prop::array::uniform6(0u16..700),
    ) {
        // A plausible header, so that the mutations reach the tables behind it.
        let mut bytes = b"\x7fELF\x02\x01\x01\x33".to_vec();
        bytes.resize(64, 0);
        bytes[18] = 190;
        bytes[40..42].copy_from_slice(&places[0].to_le_bytes());
        bytes[58] = 64;
        bytes[60] = (places[1] % 9) as u8;
        bytes[62] = (places[2] % 9) as u8;
        bytes.extend(tail);
        read_image(&bytes);
    }
}
