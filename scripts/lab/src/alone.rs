//! For tests that need a process to themselves.

use std::env;
use std::process::{Command, Stdio};

/// Names the test that runs in this process alone.
const ALONE: &str = "LAB_TEST_ALONE";

/// Runs the body of this test, of the module of this path, in a process of its own: no other test moves its
/// counters or has children there.
#[track_caller]
pub(crate) fn alone(module: &str, test: &str, body: impl FnOnce()) {
    if env::var_os(ALONE).is_some_and(|named| named == test) {
        return body();
    }
    let path = format!("{module}::{test}");
    // The harness knows tests by their path inside the crate.
    let (_, path) = path.split_once("::").unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args([path, "--exact"])
        .env(ALONE, test)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
