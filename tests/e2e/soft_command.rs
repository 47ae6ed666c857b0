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
fn soft_devices_are_those_that_were_asked_for() {
    let installation = Installation::find().unwrap();
    let script = "import ctypes; cuda = ctypes.CDLL('libcuda.so.1'); cuda.cuInit(0); \
                  count = ctypes.c_int(); cuda.cuDeviceGetCount(ctypes.byref(count)); \
                  size = ctypes.c_size_t(); last = count.value - 1; \
                  cuda.cuDeviceTotalMem_v2(ctypes.byref(size), last); \
                  major = ctypes.c_int(); cuda.cuDeviceGetAttribute(ctypes.byref(major), 75, last); \
                  minor = ctypes.c_int(); cuda.cuDeviceGetAttribute(ctypes.byref(minor), 76, last); \
                  print(count.value, size.value, major.value, minor.value)";
    for (devices, memory, capability, expected) in [
        ("4", "8G", "8.6", "4 8589934592 8 6"),
        ("3", "256M", "12.0", "3 268435456 12 0"),
    ] {
        let output = Command::new(installation.rigel())
            .args(["soft", "--devices", devices, "--memory", memory])
            .args(["--capability", capability, "--", "python3", "-c", script])
            .env("RIGEL_SOFT_SHARED", "off")
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.trim(), expected);
    }
}
