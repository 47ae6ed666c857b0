//! What kernels print: it appears on the program's standard output, through the C library's buffer,
//! so that it keeps its place among what the program prints.
#![expect(unsafe_code, reason = "writes to the C library's stdout")]

/// Writes bytes to the program's standard output.
pub(crate) fn write(bytes: &[u8]) {
    unsafe extern "C" {
        #[link_name = "stdout"]
        static STDOUT: *mut libc::FILE;
    }
    // SAFETY: `stdout` is the C library's, and open for the life of the process; `fwrite` locks it and
    // reads `len` bytes of a slice of that length.
    unsafe {
        libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), STDOUT);
    }
}
