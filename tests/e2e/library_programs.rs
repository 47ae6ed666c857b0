//! NVIDIA's libraries on a soft GPU that reports a capability newer than they know: cuBLAS, cuBLASLt, cuRAND,
//! cuSOLVER, cuSPARSE and cuFFT by way of CuPy, cuDNN by its C interface.

use rigel_tests::{Client, Installation, Server, missing, run_alike};

#[test]
fn libraries_agree_with_numpy_and_scipy() {
    let installation = Installation::find().unwrap();
    let python = installation.libraries_python();
    if !python.exists() && missing("`cargo xtask programs --full`") {
        return;
    }
    let caches = tempfile::TempDir::new().unwrap();
    let script = Installation::sources().join("python/libraries.py");
    let client = Client::new(python)
        .argument(script)
        // The client's own choice: the server's devices are of capability 8.6.
        .environment("RIGEL_SOFT_CAPABILITY", "13.0")
        .environment("CUPY_CACHE_DIR", caches.path());
    let output = run_alike(&client, &Server::start().unwrap()).unwrap();
    assert!(output.contains("cublasLt matmul: within"), "{output}");
}

#[test]
fn layers_of_cudnn_agree_with_numpy() {
    let installation = Installation::find().unwrap();
    // cuDNN comes with JAX.
    let python = installation.jax_python();
    if !python.exists() && missing("`cargo xtask programs --full`") {
        return;
    }
    let script = Installation::sources().join("python/cudnn_layers.py");
    let client = Client::new(python)
        .argument(script)
        .environment("RIGEL_SOFT_CAPABILITY", "13.0");
    let output = run_alike(&client, &Server::start().unwrap()).unwrap();
    assert!(output.contains("precomputed gemm: within"), "{output}");
}
