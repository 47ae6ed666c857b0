//! Links the library so that it can stand in for `libcuda.so.1`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // NVIDIA's libraries and dlopen recognise the driver by this name, whatever the file is called.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libcuda.so.1");
    // Our own cu* symbols are resolved within the library: another driver in the process never
    // answers for us.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
}
