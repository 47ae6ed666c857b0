//! `rigel soft` as a user types it: what the program it starts finds, and what becomes of its exit
//! status. That CUDA programs run so is tested end to end elsewhere.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// An installation whose libraries are empty files: the command only has to name them.
fn installation() -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in ["soft/libcuda.so.1", "soft/ptxas", "nvml/libnvidia-ml.so.1"] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    folder
}

fn rigel(installation: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rigel"))
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("RIGEL_LIB_DIR", installation)
        .env("RIGEL_POOL", "local")
        .output()
        .unwrap()
}

#[test]
fn soft_program_finds_the_library_and_the_settings() {
    let installation = installation();
    let arguments = [
        "soft",
        "--devices",
        "4",
        "--memory",
        "2G",
        "--capability",
        "13.0",
        "--",
        "sh",
        "-c",
        "echo $LD_PRELOAD; echo $LD_LIBRARY_PATH; echo pool:$RIGEL_POOL; \
         echo $RIGEL_SOFT_DEVICES $RIGEL_SOFT_MEMORY $RIGEL_SOFT_CAPABILITY $CUPY_COMPILE_WITH_PTX",
    ];
    let output = rigel(installation.path(), &arguments);
    let out = String::from_utf8(output.stdout).unwrap();
    let root = installation.path().display();
    let expected = format!(
        "{root}/soft/libcuda.so.1:{root}/nvml/libnvidia-ml.so.1\n{root}/soft:{root}/nvml\npool:\n\
         4 2147483648 13.0 1\n"
    );
    assert_eq!(out, expected);
}

#[test]
fn soft_exit_status_is_the_programs() {
    let installation = installation();
    let output = rigel(installation.path(), &["soft", "--", "sh", "-c", "exit 7"]);
    assert_eq!(output.status.code(), Some(7));
}

#[test]
fn soft_wrong_settings_are_refused_before_anything_starts() {
    let installation = installation();
    for wrong in [
        ["--devices", "0"],
        ["--devices", "17"],
        ["--memory", "1M"],
        ["--capability", "eight"],
    ] {
        let output = rigel(
            installation.path(),
            &["soft", wrong[0], wrong[1], "--", "sh", "-c", "echo started"],
        );
        assert!(!output.status.success(), "{wrong:?}");
        assert!(output.stdout.is_empty(), "{wrong:?}");
    }
}

#[test]
fn soft_without_its_library_says_what_to_do() {
    let empty = TempDir::new().unwrap();
    // A copy elsewhere: beside the built one the library may lie.
    let copy = empty.path().join("bin/rigel");
    std::fs::create_dir(empty.path().join("bin")).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_rigel"), &copy).unwrap();
    let output = Command::new(copy)
        .args(["soft", "--", "true"])
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(errors.contains("cargo xtask layout"), "{errors}");
}
