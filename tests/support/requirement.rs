//! What a test needs of the machine beyond cargo: programs that were built, tools that are installed.
//!
//! A test without it is skipped, visibly; with `RIGEL_TEST_REQUIRE=all`, as in CI, it fails. Skips
//! are counted through the file that `RIGEL_TEST_SKIPS` names, since the test runner knows none.

use std::io::Write;

/// Reports that the calling test cannot run. Returns true, so that a test can leave with
/// `if !present && missing("valgrind") { return; }`.
///
/// # Panics
///
/// With `RIGEL_TEST_REQUIRE=all`.
pub fn missing(what: &str) -> bool {
    let required = std::env::var("RIGEL_TEST_REQUIRE").is_ok_and(|value| value == "all");
    assert!(
        !required,
        "needs {what}, and RIGEL_TEST_REQUIRE=all allows no skip"
    );
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    println!("skipped: needs {what}");
    if let Some(path) = std::env::var_os("RIGEL_TEST_SKIPS") {
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path);
        if let Ok(mut file) = file {
            let _ = writeln!(file, "{test}: needs {what}");
        }
    }
    true
}
