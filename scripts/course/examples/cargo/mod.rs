//! What Cargo says of an example that it has built, said by those who stand in for it.

use std::path::Path;

use serde_json::json;

/// One message of `cargo build --message-format=json`.
pub(crate) fn say_built(package: &str, name: &str, source: &Path, executable: &Path) {
    let artifact = json!({
        "reason": "compiler-artifact",
        "package_id": format!("path+file:///{package}#listings@0.1.0"),
        "manifest_path": format!("/{package}/Cargo.toml"),
        "target": {
            "kind": ["example"], "crate_types": ["bin"], "name": name, "src_path": source,
            "edition": "2024", "doc": false, "doctest": false, "test": false,
        },
        "profile": {
            "opt_level": "3", "debuginfo": 0, "debug_assertions": false,
            "overflow_checks": false, "test": false,
        },
        "features": [],
        "filenames": [executable],
        "executable": executable,
        "fresh": true,
    });
    println!("{artifact}");
}
