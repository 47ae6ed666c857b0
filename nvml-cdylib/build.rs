//! Links the library so that it can stand in for `libnvidia-ml.so.1`.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Programs find it by this name, whatever the file is called.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libnvidia-ml.so.1");
    // Our own symbols are resolved within the library.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
}
