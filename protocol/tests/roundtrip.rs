//! What is written is read back the same: every structure and every hand-written record, with any
//! values.

use proptest::collection::vec;
use proptest::prelude::*;
use rigel_protocol::custom::{
    ArraySlot, Extent, Fill, FunctionInfo, JitInput, JitOptions, LaunchConfig, ParamSlot,
};
use rigel_protocol::generated::types::*;
use rigel_protocol::handle::{Array, Context, Device, DevicePtr, Function, Stream};
use rigel_protocol::link::image::{get_inputs, put_inputs};
use rigel_protocol::link::launch::{get_launch, put_launch};
use rigel_protocol::link::{
    ArenaMap, ContextBegin, FunctionRow, HostCall, HostRegister, ImageHead, LaunchHost, Loaded,
    Notice, Payload, Reply, Transfer, WireCopy, WireCopy3d, WireFill, WirePlace, WireSide,
};
use rigel_protocol::wire::{Get, Put, Wire};
use rigel_protocol::{CuError, CuResult};

fn check<T: Wire + PartialEq + std::fmt::Debug>(value: &T) {
    let mut put = Put::new();
    put.put(value);
    let mut get = Get::new(put.as_slice());
    assert_eq!(get.get::<T>().as_ref(), Ok(value));
    assert_eq!(get.finish(), Ok(()));
    for end in 0..put.as_slice().len() {
        let mut get = Get::new(&put.as_slice()[..end]);
        assert!(get.get::<T>().is_err(), "cut after {end} bytes");
    }
}

fn result() -> impl Strategy<Value = CuResult<()>> {
    any::<i32>().prop_map(CuError::check)
}

fn places() -> impl Strategy<Value = WirePlace<'static>> {
    prop_oneof![
        any::<u64>().prop_map(|address| WirePlace::Device(DevicePtr(address))),
        any::<(u64, u64)>().prop_map(|(array, offset_bytes)| WirePlace::Array(ArraySlot {
            array: Array(array),
            offset_bytes
        })),
        any::<u64>().prop_map(WirePlace::Shared),
        Just(WirePlace::Bytes(Payload::Inline(b"some bytes"))),
        any::<(u64, u64)>().prop_map(|(number, bytes)| WirePlace::Bytes(Payload::Bulk(Transfer {
            number,
            bytes
        }))),
    ]
}

fn sides() -> impl Strategy<Value = WireSide<'static>> {
    (places(), any::<[u64; 5]>()).prop_map(|(place, [x_bytes, y, z, pitch_bytes, rows])| WireSide {
        place,
        x_bytes,
        y,
        z,
        pitch_bytes,
        rows,
    })
}

fn rows() -> impl Strategy<Value = FunctionRow> {
    let attributes = any::<[i32; FunctionInfo::ATTRIBUTES]>();
    let params = vec(any::<(u32, u32)>(), 0..9);
    (any::<u64>(), ".{0,40}", params, attributes).prop_map(|(handle, name, params, attributes)| {
        let slot = |(offset, size)| ParamSlot { offset, size };
        FunctionRow {
            handle,
            name,
            params: params.into_iter().map(slot).collect(),
            attributes,
        }
    })
}

proptest! {
    #[test]
    fn generated_structures(words in any::<[u64; 8]>(), numbers in any::<[u32; 4]>(), id in any::<i32>()) {
        let location = CUmemLocation { r#type: CUmemLocationType(numbers[0]), id };
        check(&location);
        check(&CUmemAccessDesc { location, flags: CUmemAccess_flags(numbers[1]) });
        check(&CUstreamAttrValue { words });
        check(&CUstreamBatchMemOpParams { words: std::array::from_fn(|i| words[i]) });
        check(&CUmemAllocationProp {
            r#type: CUmemAllocationType(numbers[0]),
            requestedHandleTypes: CUmemAllocationHandleType(numbers[1]),
            location,
            win32HandleMetaData: words[0],
            allocFlags: CUmemAllocationFlags {
                compressionType: 1,
                gpuDirectRDMACapable: 2,
                usage: 3,
                reserved: [4; 4],
            },
        });
        check(&CUmemPoolProps {
            allocType: CUmemAllocationType(numbers[2]),
            handleTypes: CUmemAllocationHandleType(numbers[3]),
            location,
            win32SecurityAttributes: words[1],
            maxSize: words[2] as usize,
            usage: 5,
            reserved: [6; 54],
        });
    }

    #[test]
    fn copies(dst in places(), src in places(), bytes: u64, stream: u64, wait: bool) {
        let copy = WireCopy { dst, src, bytes, stream: Stream(stream), wait };
        let mut put = Put::new();
        copy.put(&mut put);
        let mut get = Get::new(put.as_slice());
        prop_assert_eq!(WireCopy::get(&mut get), Ok(copy));
        prop_assert_eq!(get.finish(), Ok(()));
    }

    #[test]
    fn boxes(dst in sides(), src in sides(), extent in any::<[u64; 3]>(), stream: u64, wait: bool) {
        let [width_bytes, height, depth] = extent;
        let extent = Extent { width_bytes, height, depth };
        let copy = WireCopy3d { dst, src, extent, stream: Stream(stream), wait };
        let mut put = Put::new();
        copy.put(&mut put);
        let mut get = Get::new(put.as_slice());
        prop_assert_eq!(WireCopy3d::get(&mut get), Ok(copy));
        prop_assert_eq!(get.finish(), Ok(()));
    }

    #[test]
    fn fills(numbers in any::<[u64; 4]>(), value: u32, size in 0_u32..3, stream: u64, wait: bool) {
        let fill = Fill {
            dst: DevicePtr(numbers[0]),
            pitch_bytes: numbers[1],
            value,
            element_bytes: 1 << size,
            width: numbers[2],
            height: numbers[3],
        };
        check(&WireFill { fill, stream: Stream(stream), wait });
    }

    #[test]
    fn launches(
        grid in any::<[u32; 3]>(),
        block in any::<[u32; 3]>(),
        shared_bytes: u32,
        function: u64,
        cooperative: bool,
        attributes in vec((any::<u32>(), any::<[u8; 32]>()), 0..4),
        params in vec(any::<u8>(), 0..200),
    ) {
        let attributes: Vec<_> = attributes
            .into_iter()
            .map(|(id, half)| {
                let mut value = [0; 64];
                value[..32].copy_from_slice(&half);
                (id, value)
            })
            .collect();
        let config = LaunchConfig {
            grid,
            block,
            shared_bytes,
            stream: Stream::PER_THREAD,
            cooperative,
            attributes: &attributes,
        };
        let mut put = Put::new();
        put_launch(&mut put, Function(function), &config, &params);
        let mut get = Get::new(put.as_slice());
        let launch = get_launch(&mut get).unwrap();
        prop_assert_eq!(get.finish(), Ok(()));
        prop_assert_eq!(launch.config(), config);
        prop_assert_eq!(launch.head.function, Function(function));
        prop_assert_eq!(launch.params, &params[..]);
    }

    #[test]
    fn answers(position: u64, result in result(), call: u16, code in 1..1000_i32, numbers in any::<[u64; 2]>()) {
        check(&Reply { position, result });
        check(&Notice { call, error: CuError::from_code(code).unwrap() });
        check(&HostCall { callback: numbers[0], ticket: numbers[1], state: result });
        check(&LaunchHost { stream: Stream(numbers[0]), callback: numbers[1], even_after_error: true });
        check(&ContextBegin { context: Context(numbers[0]), device: Device(code), flags: call.into() });
        check(&HostRegister { address: numbers[0], bytes: numbers[1], flags: call.into() });
        check(&ArenaMap { arena: call.into(), address: numbers[0], bytes: numbers[1], flags: 0 });
    }

    #[test]
    fn loads(functions in vec(rows(), 0..5), log in ".{0,60}", options in vec(any::<(u32, u64)>(), 0..4)) {
        check(&Loaded { info_log: log.clone(), error_log: String::new(), functions });
        let head = ImageHead {
            handle: 7,
            jit: JitOptions { options: options.clone(), info_log_bytes: 1, error_log_bytes: 2 },
            options,
            image: Payload::Inline(log.as_bytes()),
        };
        let mut put = Put::new();
        head.put(&mut put);
        let mut get = Get::new(put.as_slice());
        let read = ImageHead::get(&mut get).unwrap();
        prop_assert_eq!(get.finish(), Ok(()));
        prop_assert_eq!(read.options, head.options);
        prop_assert_eq!(read.image, head.image);
        prop_assert_eq!(read.jit.options, head.jit.options);
    }

    #[test]
    fn inputs(data in vec((any::<u32>(), vec(any::<u8>(), 0..50), ".{0,10}"), 0..5)) {
        let inputs: Vec<_> = data
            .into_iter()
            .map(|(kind, data, name)| JitInput { kind, data, name })
            .collect();
        let mut put = Put::new();
        put_inputs(&mut put, &inputs);
        let read = get_inputs(put.as_slice()).unwrap();
        prop_assert_eq!(read.len(), inputs.len());
        for (read, written) in read.iter().zip(&inputs) {
            prop_assert_eq!(&read.data, &written.data);
            prop_assert_eq!(&read.name, &written.name);
            prop_assert_eq!(read.kind, written.kind);
        }
    }
}
