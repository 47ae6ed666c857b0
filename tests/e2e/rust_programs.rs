//! A Rust client: cudarc, as its users use it.

use rigel_tests::{Client, Server, run_alike};

#[test]
fn cudarc_client() {
    let server = Server::start().unwrap();
    let client = Client::new(env!("CARGO_BIN_EXE_cudarc-client"));
    let output = run_alike(&client, &server).unwrap();
    assert!(output.contains("driver: libcuda.so.1\n"), "{output}");
}
