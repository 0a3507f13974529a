//! Chapter 20: one module, built once, is imported by every Python that is found; and what is missing has a name.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::skipped;
use listings::extension::extension::{built, built_by, python, root};

/// The chapter shows what each of these prints: `NAME.out.txt`.
const SHOWN: [&str; 3] = ["lend", "panics", "to_thread"];

/// Whether it has a lock, and its version, of an interpreter of Python 3.
fn asked(program: &Path) -> Option<(bool, String)> {
    let ask = "import sys, sysconfig\n\
               print(not sysconfig.get_config_var('Py_GIL_DISABLED'), sys.version.split()[0])";
    let output = Command::new(program).args(["-c", ask]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_string();
    let (lock, version) = text.split_once(' ')?;
    version.starts_with("3.").then(|| (lock == "True", version.to_string()))
}

/// Every Python on the path and of pyenv, one of each version: the path, by version and whether it has a lock.
fn found() -> BTreeMap<(String, bool), PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let pyenv = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let pyenv = pyenv.or_else(|| env::home_dir().map(|home| home.join(".pyenv")));
    let versions = pyenv.and_then(|pyenv| fs::read_dir(pyenv.join("versions")).ok());
    folders.extend(versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin")));
    let minors = 11..20;
    let names: Vec<String> = ["python3".into(), "python".into()]
        .into_iter()
        .chain(minors.flat_map(|minor| [format!("python3.{minor}"), format!("python3.{minor}t")]))
        .collect();
    let mut found = BTreeMap::new();
    for folder in folders {
        for name in &names {
            let program = folder.join(name).with_extension(env::consts::EXE_EXTENSION);
            // `with_extension` takes `.11` for one.
            let program = if cfg!(windows) { program } else { folder.join(name) };
            if !program.is_file() {
                continue;
            }
            if let Some((lock, version)) = asked(&program) {
                found.entry((version, lock)).or_insert(program);
            }
        }
    }
    found
}

/// `3.13.0` is new enough for buffers in the stable ABI.
fn fits(version: &str) -> bool {
    version
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse().ok())
        .is_some_and(|minor: u32| minor >= 11)
}

/// Runs what the chapter shows, and holds what it prints against the page.
fn prints_what_the_chapter_shows(program: &Path, modules: &Path) {
    for name in SHOWN {
        let folder = root().unwrap().join("listings/extension");
        let output = Command::new(program)
            .arg(folder.join(name).with_extension("py"))
            .env("PYTHONPATH", modules)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("RUST_BACKTRACE", "0")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {name}.py: {said}", program.display());
        let printed = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        let shown = fs::read_to_string(folder.join(format!("{name}.out.txt"))).unwrap();
        assert_eq!(printed, shown, "{}: {name}.py", program.display());
    }
}

#[test]
fn one_module_serves_every_python_with_a_lock() {
    let test = "one_module_serves_every_python_with_a_lock";
    let all = found();
    let usable: Vec<_> = all.iter().filter(|((version, lock), _)| *lock && fits(version)).collect();
    let Some(((version, _), first)) = usable.first() else {
        return skipped(test, "no Python of 3.11 or newer was found");
    };
    let first = first.to_string_lossy();
    let modules = match built(&first, &format!("Python {version}")) {
        Ok(modules) => modules,
        Err(why) => return skipped(test, &why),
    };
    for (_, program) in &usable {
        prints_what_the_chapter_shows(program, &modules);
    }
    if usable.len() == 1 {
        skipped(test, &format!("only one Python was found that can import it, {version}"));
    }
}

#[test]
fn a_python_without_a_lock_imports_one_of_its_own() {
    let test = "a_python_without_a_lock_imports_one_of_its_own";
    let all = found();
    let free = all
        .iter()
        .find(|((version, lock), _)| !*lock && fits(version) && !version.starts_with("3.13"));
    let Some(((version, _), program)) = free else {
        return skipped(test, "no free-threaded Python of 3.14 or newer was found");
    };
    match built(&program.to_string_lossy(), &format!("Python {version}")) {
        Ok(modules) => {
            let ask = "import sys, arrays; assert not sys._is_gil_enabled()";
            let mut command = Command::new(program);
            let output = command.args(["-c", ask]).env("PYTHONPATH", &modules).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        Err(why) => skipped(test, &why),
    }
}

#[cfg(unix)]
#[test]
fn a_build_that_fails_is_named_with_its_command_and_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt;

    let test = "a_build_that_fails_is_named_with_its_command_and_leaves_nothing";
    let (python, _) = match python() {
        Ok(found) => found,
        Err(why) => return skipped(test, &why),
    };
    let folder = tempfile::tempdir().unwrap();
    let cargo = folder.path().join("cargo");
    let script = "#!/bin/sh\necho '    Updating crates.io index' >&2\n\
                  echo 'error: failed to get `pyo3`: no network' >&2\nexit 101\n";
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let why = built_by(cargo.as_os_str(), python, "Python 3.99.0").unwrap_err();
    assert_eq!(
        why,
        "the module was not built (error: failed to get `pyo3`: no network); `cargo build --release --locked \
         --manifest-path listings/extension/module/Cargo.toml` says more"
    );
    let why_again = built_by(cargo.as_os_str(), python, "Python 3.99.0").unwrap_err();
    assert_eq!(why, why_again, "a folder was left that looks like a module");
}
