//! `rigel soft`: CUDA programs run with no pool at all, on GPUs as the command describes them.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::path::Path;
use std::process::{Command, Output};

use rigel_tests::{Installation, missing};

/// Runs a program under `rigel soft` with these options; nothing if it was not built.
fn soft(options: &[&str], program: &str) -> Option<Output> {
    let installation = Installation::find().unwrap();
    let program = installation.cuda_program("cuda13", "static", program);
    if !program.exists() && missing("`cargo xtask programs`") {
        return None;
    }
    Some(run(&installation, options, &program))
}

fn run(installation: &Installation, options: &[&str], program: &Path) -> Output {
    Command::new(installation.rigel())
        .arg("soft")
        .args(options)
        .arg("--")
        .arg(program)
        .env("RIGEL_SOFT_SHARED", "off")
        .output()
        .unwrap()
}

#[test]
fn soft_program_computes_and_tells_its_counters() {
    let folder = tempfile::TempDir::new().unwrap();
    let stats = folder.path().join("stats.json");
    let Some(output) = soft(&["--stats", stats.to_str().unwrap()], "vector_add") else {
        return;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("soft/libcuda.so.1"), "{errors}");
    let counters: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(stats).unwrap()).unwrap();
    assert!(counters["launches"].as_u64().unwrap() > 0, "{counters}");
}

#[test]
fn soft_device_has_the_memory_that_was_asked_for() {
    let installation = Installation::find().unwrap();
    let script = "import ctypes; cuda = ctypes.CDLL('libcuda.so.1'); cuda.cuInit(0); \
                  count = ctypes.c_int(); cuda.cuDeviceGetCount(ctypes.byref(count)); \
                  size = ctypes.c_size_t(); cuda.cuDeviceTotalMem_v2(ctypes.byref(size), 0); \
                  major = ctypes.c_int(); cuda.cuDeviceGetAttribute(ctypes.byref(major), 75, 0); \
                  print(count.value, size.value, major.value)";
    let output = Command::new(installation.rigel())
        .args(["soft", "--devices", "3", "--memory", "256M"])
        .args(["--capability", "12.0", "--", "python3", "-c", script])
        .env("RIGEL_SOFT_SHARED", "off")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.trim(), "3 268435456 12");
}
