//! Loads an image of about so many bytes, runs its kernel, and says what that wrote.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CString, c_void};
use std::ptr::null_mut;

use anyhow::{Context, Result, ensure};
use cudarc::driver::sys::{self, CUresult};

const KERNEL: &str = ".version 7.0\n.target sm_80\n.address_size 64\n\
    .visible .entry answer(.param .u64 a) {\n\
    .reg .u64 %rd<2>;\n.reg .u32 %r<2>;\n\
    ld.param.u64 %rd1, [a];\nmov.u32 %r1, 42;\nst.global.u32 [%rd1], %r1;\nret;\n}\n";

fn main() -> Result<()> {
    let bytes = std::env::args().nth(1).context("give a number of bytes")?;
    let image = image(bytes.parse()?)?;
    let (mut context, mut module, mut function) = (null_mut(), null_mut(), null_mut());
    let (mut memory, mut answer) = (0, 0_u32);
    // SAFETY: every pointer is to a live local, and the text ends with a zero.
    unsafe {
        check(sys::cuInit(0))?;
        check(sys::cuDevicePrimaryCtxRetain(&raw mut context, 0))?;
        check(sys::cuCtxSetCurrent(context))?;
        let text = image.as_ptr().cast::<c_void>();
        check(sys::cuModuleLoadData(&raw mut module, text))?;
        let name = c"answer".as_ptr();
        check(sys::cuModuleGetFunction(&raw mut function, module, name))?;
        check(sys::cuMemAlloc_v2(&raw mut memory, 4))?;
    }
    let mut parameters = [(&raw mut memory).cast::<c_void>()];
    // SAFETY: the kernel takes one address; the result is a live local.
    unsafe {
        let (stream, list) = (null_mut(), parameters.as_mut_ptr());
        check(sys::cuLaunchKernel(
            function,
            1,
            1,
            1,
            1,
            1,
            1,
            0,
            stream,
            list,
            null_mut(),
        ))?;
        let to = (&raw mut answer).cast::<c_void>();
        check(sys::cuMemcpyDtoH_v2(to, memory, 4))?;
    }
    println!("answer: {answer}");
    Ok(())
}

/// The kernel behind comments.
fn image(bytes: usize) -> Result<CString> {
    let mut text = String::with_capacity(bytes + KERNEL.len());
    while text.len() < bytes {
        text += &format!("// line {} of what is no code\n", text.len());
    }
    text += KERNEL;
    Ok(CString::new(text)?)
}

fn check(code: CUresult) -> Result<()> {
    ensure!(code == CUresult::CUDA_SUCCESS, "CUDA says {code:?}");
    Ok(())
}
