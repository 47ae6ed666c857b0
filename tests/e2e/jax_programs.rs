//! JAX: part of `cargo xtask test --full`, since its wheels are large.
//!
//! XLA compiles its own kernels, and the stand-in for the assembler keeps them as PTX: they are executed.

use rigel_tests::{Client, Installation, Server, missing, run_alike};

#[test]
fn jax_trains_alike() {
    let installation = Installation::find().unwrap();
    let python = installation.jax_python();
    if !python.exists() && missing("`cargo xtask programs --full`") {
        return;
    }
    let script = Installation::sources().join("python/jax_training.py");
    let client = Client::new(python)
        .argument(script)
        .device_files()
        // Kernels chosen by timing would add in another order.
        .environment("XLA_FLAGS", "--xla_gpu_autotune_level=0")
        .environment("JAX_PLATFORMS", "cuda");
    let output = run_alike(&client, &Server::start().unwrap()).unwrap();
    assert!(output.contains("device: Rigel Soft GPU gpu"), "{output}");
}
