//! cudarc as its users use it: a context, a stream, a kernel from PTX, copies, events, errors.
//!
//! An unmodified client: nothing here knows of Rigel. Prints to standard output only what must be
//! equal on every path, and to standard error which library answered.

use anyhow::{Context, Result, bail, ensure};
use cudarc::driver::{CudaContext, LaunchConfig, PushKernelArg};
use cudarc::nvrtc::Ptx;

/// `y[i] = a * x[i] + y[i]`, and a sum of `x` by atomics.
const KERNELS: &str = r"
.version 7.0
.target sm_70
.address_size 64

.visible .entry axpy(.param .f32 a, .param .u64 x, .param .u64 y, .param .u32 n)
{
    .reg .pred %p<2>;
    .reg .f32 %f<5>;
    .reg .b32 %r<6>;
    .reg .b64 %rd<8>;
    mov.u32 %r1, %ctaid.x;
    mov.u32 %r2, %ntid.x;
    mov.u32 %r3, %tid.x;
    mad.lo.s32 %r4, %r1, %r2, %r3;
    ld.param.u32 %r5, [n];
    setp.ge.u32 %p1, %r4, %r5;
    @%p1 bra done;
    ld.param.f32 %f1, [a];
    ld.param.u64 %rd1, [x];
    ld.param.u64 %rd2, [y];
    cvta.to.global.u64 %rd3, %rd1;
    cvta.to.global.u64 %rd4, %rd2;
    mul.wide.u32 %rd5, %r4, 4;
    add.s64 %rd6, %rd3, %rd5;
    add.s64 %rd7, %rd4, %rd5;
    ld.global.f32 %f2, [%rd6];
    ld.global.f32 %f3, [%rd7];
    fma.rn.f32 %f4, %f1, %f2, %f3;
    st.global.f32 [%rd7], %f4;
done:
    ret;
}

.visible .entry total(.param .u64 x, .param .u64 sum, .param .u32 n)
{
    .reg .pred %p<2>;
    .reg .b32 %r<7>;
    .reg .b64 %rd<7>;
    mov.u32 %r1, %ctaid.x;
    mov.u32 %r2, %ntid.x;
    mov.u32 %r3, %tid.x;
    mad.lo.s32 %r4, %r1, %r2, %r3;
    ld.param.u32 %r5, [n];
    setp.ge.u32 %p1, %r4, %r5;
    @%p1 bra done;
    ld.param.u64 %rd1, [x];
    ld.param.u64 %rd2, [sum];
    cvta.to.global.u64 %rd3, %rd1;
    cvta.to.global.u64 %rd4, %rd2;
    mul.wide.u32 %rd5, %r4, 4;
    add.s64 %rd6, %rd3, %rd5;
    ld.global.u32 %r6, [%rd6];
    red.global.add.u32 [%rd4], %r6;
done:
    ret;
}
";

fn main() -> Result<()> {
    let context = CudaContext::new(0).context("open device 0")?;
    println!("device: {}", context.name()?);
    let stream = context.new_stream().context("create a stream")?;
    let module = context
        .load_module(Ptx::from_src(KERNELS))
        .context("load the kernels")?;

    let n: u32 = 10_007;
    let x: Vec<f32> = (0..n).map(|i| (i % 100) as f32 * 0.25).collect();
    let y: Vec<f32> = (0..n).map(|i| (i % 7) as f32).collect();
    let device_x = stream.memcpy_stod(&x)?;
    let mut device_y = stream.memcpy_stod(&y)?;
    let axpy = module.load_function("axpy").context("find axpy")?;
    for factor in [2.0_f32, -0.5] {
        let mut launch = stream.launch_builder(&axpy);
        launch
            .arg(&factor)
            .arg(&device_x)
            .arg(&mut device_y)
            .arg(&n);
        // SAFETY: the kernel takes these four parameters, and stays below n in both arrays.
        #[expect(unsafe_code, reason = "a launch takes whatever it is given")]
        unsafe { launch.launch(LaunchConfig::for_num_elems(n)) }?;
    }
    let result = stream.memcpy_dtov(&device_y)?;
    let expected = x.iter().zip(&y).map(|(x, y)| 1.5 * x + y);
    // Quarters and halves of small numbers: exact.
    ensure!(result.iter().copied().eq(expected), "axpy is wrong");

    let values: Vec<u32> = (0..n)
        .map(|i| i.wrapping_mul(2_654_435_761) >> 12)
        .collect();
    let device_values = stream.memcpy_stod(&values)?;
    let mut device_sum = stream.alloc_zeros::<u32>(1)?;
    let total = module.load_function("total").context("find total")?;
    let mut launch = stream.launch_builder(&total);
    launch.arg(&device_values).arg(&mut device_sum).arg(&n);
    // SAFETY: the kernel takes these three parameters, and stays below n in the array.
    #[expect(unsafe_code, reason = "a launch takes whatever it is given")]
    unsafe { launch.launch(LaunchConfig::for_num_elems(n)) }?;
    let sum = stream.memcpy_dtov(&device_sum)?[0];
    ensure!(
        sum == values
            .iter()
            .fold(0_u32, |sum, value| sum.wrapping_add(*value)),
        "the sum is wrong"
    );

    ensure!(
        module.load_function("absent").is_err(),
        "a kernel that is not there was found"
    );
    println!("axpy {:?}, total {sum}", &result[..4]);
    attest()
}

/// Which mapped file carries the driver's name; there must be exactly one.
fn attest() -> Result<()> {
    let maps = std::fs::read_to_string("/proc/self/maps").context("read the process's maps")?;
    let mut paths: Vec<&str> = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .filter(|path| path.ends_with("/libcuda.so.1"))
        .collect();
    paths.dedup();
    let [path] = paths.as_slice() else {
        bail!("one libcuda.so.1 was expected: {paths:?}")
    };
    println!("driver: libcuda.so.1");
    eprintln!("attest: {path}");
    Ok(())
}
