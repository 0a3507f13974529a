//! Finds the script that draws diagrams in the package of mdbook-mermaid, which Cargo has fetched.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SCRIPT: &str = "src/bin/assets/mermaid.min.js";

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
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("Cargo's metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "mdbook-mermaid");
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = Path::new(manifest.expect("this package depends on mdbook-mermaid"));
    let script = manifest.with_file_name(SCRIPT);
    assert!(script.is_file(), "{} is not there: another mdbook-mermaid?", script.display());
    println!("cargo::rustc-env=MERMAID_SCRIPT={}", script.display());
}

fn metadata(more: &[&str]) -> Output {
    let platform = env::var("TARGET").expect("Cargo names the target");
    Command::new(env::var_os("CARGO").expect("Cargo names itself"))
        .args(["metadata", "--format-version=1", "--locked", "--filter-platform", &platform])
        .args(more)
        .output()
        .expect("cargo metadata starts")
}
