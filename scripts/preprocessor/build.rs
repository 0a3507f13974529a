//! Finds the script that draws diagrams in the package of mdbook-mermaid, which Cargo has fetched.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

const SCRIPT: &str = "src/bin/assets/mermaid.min.js";
const BARE_METAL: &str = "x86_64-unknown-none";

fn main() {
    println!("cargo::rerun-if-changed=../../Cargo.lock");
    println!("cargo::rerun-if-changed=build.rs");
    // What this package needs is here. What others of the workspace need may have to be fetched.
    let mut output = metadata(&["--offline"]);
    if !output.status.success() {
        output = metadata(&[]);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    // One path among the strings of a JSON text: a parser would be compiled for it, and for nothing else.
    let metadata = String::from_utf8_lossy(&output.stdout);
    let is_manifest =
        |text: &&str| text.contains("mdbook-mermaid-") && text.ends_with("Cargo.toml");
    let manifest = metadata.split('"').find(is_manifest).map(|path| path.replace(r"\\", r"\"));
    let manifest = manifest.expect("this package depends on mdbook-mermaid");
    let script = Path::new(&manifest).with_file_name(SCRIPT);
    assert!(script.is_file(), "{} is not there: another mdbook-mermaid?", script.display());
    println!("cargo::rustc-env=MERMAID_SCRIPT={}", script.display());
}

/// Of the one platform that the manifest names the package for, so that Cargo fetches it, and nothing that
/// only other systems need. That platform's compiler need not be installed.
fn metadata(more: &[&str]) -> Output {
    Command::new(env::var_os("CARGO").expect("Cargo names itself"))
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", BARE_METAL])
        .args(more)
        .output()
        .expect("cargo metadata starts")
}
