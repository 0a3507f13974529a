//! Counting primes in Rust for Python: the module is built by Cargo, and Python
//! runs with it.
//!
//! What the threads read does not change, and they share nothing else: there
//! is no order of steps to explore.
//!
//! Runs locally only: it needs Cargo and a Python.

use std::collections::hash_map::DefaultHasher;
use std::env::{self, consts};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Stdio};

#[path = "module/src/prime.rs"]
mod prime;
pub use prime::count;

/// What the module is made of.
pub const SOURCES: [&str; 6] = [
    "listings/extension/module/Cargo.toml",
    "listings/extension/module/Cargo.lock",
    "listings/extension/module/build.rs",
    "listings/extension/module/src/arrays.rs",
    "listings/extension/module/src/lib.rs",
    "listings/extension/module/src/prime.rs",
];

const COMMAND: &str = "cargo build --release --locked \
                       --manifest-path listings/extension/module/Cargo.toml";

/// The oldest that has buffers in its stable ABI.
const OLDEST: u32 = 11;

/// How many numbers are looked at, and the first of them.
pub const NUMBERS: i64 = 160_000;
pub const FIRST: i64 = 10_000_000;

pub fn numbers() -> Vec<i64> {
    (FIRST..FIRST + NUMBERS).collect()
}

// ANCHOR: build
/// Cargo makes one library, which Python imports under two names.
fn build(cargo: &OsStr, python: &Python, folder: &Path) -> Result<(), String> {
    let target = target()?.join(python.abi());
    let mut command = Command::new(cargo);
    command.args(COMMAND.split_whitespace().skip(1));
    command.arg("--target-dir").arg(&target).current_dir(root()?);
    python.tell(&mut command);
    let output = command.stdin(Stdio::null()).output();
    succeeded(&output.map_err(|why| not_there(cargo, &why))?)?;
    let library = format!("{}primes{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    for module in ["primes", "arrays"] {
        let ending = if cfg!(windows) { "pyd" } else { "so" };
        let imported = folder.join(module).with_extension(ending);
        copy(&target.join("release").join(&library), &imported)?;
    }
    Ok(())
}
// ANCHOR_END: build

/// The folder from which this Python imports the module. It is built unless
/// it is there: once for what it is made of and each Python.
///
/// `version` is what `python --version` prints.
///
/// # Errors
/// Why there is no module here, and what would change that.
pub fn built(python: &str, version: &str) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    built_by(&cargo, python, version)
}

/// The same, by this Cargo.
///
/// # Errors
/// Why there is no module here, and what would change that.
pub fn built_by(
    cargo: &OsStr,
    python: &str,
    version: &str,
) -> Result<PathBuf, String> {
    let root = root()?;
    let mut made_of = DefaultHasher::new();
    (python, version).hash(&mut made_of);
    for source in SOURCES {
        read(&root.join(source))?.hash(&mut made_of);
    }
    let folder = target()?.join(format!("{:016x}", made_of.finish()));
    if folder.is_dir() {
        return Ok(folder);
    }
    let python = Python::asked(python, version)?;
    eprintln!(
        "Building the Python module, once; the first time takes a minute"
    );
    // Under a name of its own until it is whole.
    let unfinished = folder.with_extension(process::id().to_string());
    let made = fs::create_dir_all(&unfinished).map_err(said(&unfinished));
    let built = made.and_then(|()| build(cargo, &python, &unfinished));
    if let Err(why) = built {
        let _ = fs::remove_dir_all(&unfinished); // the reason is what counts
        return Err(why);
    }
    // Another process can have built the same meanwhile.
    if fs::rename(&unfinished, &folder).is_err() {
        fs::remove_dir_all(&unfinished).map_err(said(&unfinished))?;
    }
    match folder.is_dir() {
        true => Ok(folder),
        false => Err(format!("{} could not be made", folder.display())),
    }
}

/// What has to be known of an interpreter.
struct Python {
    program: OsString,
    version: String,
    free_threaded: bool,
}

impl Python {
    fn asked(python: &str, version: &str) -> Result<Python, String> {
        let version = version.trim_start_matches("Python ").to_string();
        let minor =
            version.split('.').nth(1).and_then(|minor| minor.parse().ok());
        if minor.is_none_or(|minor: u32| minor < OLDEST) {
            return Err(format!(
                "the module needs Python 3.{OLDEST} or newer, and `{python}` is \
                 {version}; your system's packages or python.org have newer ones"
            ));
        }
        let ask = "import sys, sysconfig\nprint(sys.executable)\n\
                   print(sysconfig.get_config_var('Py_GIL_DISABLED') or 0)";
        let output = Command::new(python).args(["-c", ask]).output();
        let output = output.map_err(|why| format!("`{python}`: {why}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let program = lines.next().unwrap_or(python).into();
        Ok(Python {
            program,
            version,
            free_threaded: lines.next() == Some("1"),
        })
    }

    /// One library serves all with a lock; one without wants its own.
    fn abi(&self) -> String {
        match self.free_threaded {
            true => format!("{}t", self.version),
            false => "abi3".into(),
        }
    }

    fn tell(&self, command: &mut Command) {
        command.env_remove("PYO3_CONFIG_FILE").env_remove("PYO3_NO_PYTHON");
        // Linked against no Python: the one that loads it has all it needs.
        command.env("PYO3_BUILD_EXTENSION_MODULE", "1");
        match self.free_threaded {
            true => command.env("PYO3_PYTHON", &self.program),
            // The stable ABI is the same everywhere: no Python is looked at.
            false => {
                command.env_remove("PYO3_PYTHON").env("PYO3_NO_PYTHON", "1")
            }
        };
    }
}

fn not_there(cargo: &OsStr, why: &std::io::Error) -> String {
    let cargo = cargo.display();
    format!(
        "`{cargo}`, which builds the module, did not start ({why}); \
         https://rustup.rs installs it"
    )
}

fn succeeded(output: &process::Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let first = text.lines().find(|line| line.starts_with("error"));
    let first = first.unwrap_or("error: no reason was given");
    Err(format!("the module was not built ({first}); `{COMMAND}` says more"))
}

/// The project's folder: around the current one, or around this program.
pub fn root() -> Result<PathBuf, String> {
    let starts = [env::current_dir().ok(), env::current_exe().ok()];
    starts
        .iter()
        .flatten()
        .flat_map(|start| start.ancestors())
        .find(|folder| folder.join(SOURCES[0]).is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("{} was not found", SOURCES[0]))
}

/// Below Cargo's folder, so that `cargo clean` cleans it too; without such a
/// folder, beside this program.
fn target() -> Result<PathBuf, String> {
    let here = env::current_exe().map_err(|why| why.to_string())?;
    let tagged = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    let target = here.ancestors().find(tagged).or(here.parent());
    Ok(target.unwrap_or(&here).join("python-modules"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(said(path))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(|_| ()).map_err(said(from))
}

fn said(path: &Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |why| format!("{path}: {why}")
}

/// The first Python that answers, and its version.
///
/// # Errors
/// Where there is none.
pub fn python() -> Result<(&'static str, String), String> {
    let names = if cfg!(windows) {
        ["python", "python3"]
    } else {
        ["python3", "python"]
    };
    for name in names {
        let Ok(output) = Command::new(name).arg("--version").output() else {
            continue;
        };
        let version = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && version.starts_with("Python 3") {
            return Ok((name, version.trim().to_string()));
        }
    }
    Err("python3 was not found; your system's packages or python.org have it"
        .into())
}

// ANCHOR: run
/// Runs a Python program that imports the module.
fn with_module(script: &str) -> Result<ExitCode, String> {
    let (python, version) = python()?;
    let modules = built(python, &version)?;
    let mut command = Command::new(python);
    command.arg(root()?.join(script)).env("PYTHONPATH", modules);
    let ended = command.status().map_err(|why| why.to_string())?;
    Ok(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
// ANCHOR_END: run

/// What it prints; or why it cannot run here, which is no failure.
pub fn run(script: &str) -> ExitCode {
    with_module(script).unwrap_or_else(|why| {
        println!("not available here: {why}");
        ExitCode::SUCCESS
    })
}

pub fn main() -> ExitCode {
    run("listings/extension/first.py")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted() {
        assert_eq!(count(&[-7, 0, 1, 2, 3, 4, 5, 25, 97, 9_999_991]), 5);
        assert_eq!(count(&[]), 0);
    }

    #[test]
    fn a_python_that_is_too_old_is_named_with_its_version() {
        let why = built("python3", "Python 3.9.18").unwrap_err();
        let said =
            "the module needs Python 3.11 or newer, and `python3` is 3.9.18";
        assert!(why.starts_with(said), "{why}");
        assert!(built("python3", "Python 3.10.13").is_err());
        assert!(built("python3", "no version at all").is_err());
    }

    #[test]
    fn a_cargo_that_is_missing_is_named_with_what_installs_it() {
        let python = Python {
            program: "python3".into(),
            version: "3.11.7".into(),
            free_threaded: false,
        };
        let folder = Path::new("/nowhere");
        let why = build("no-such-cargo".as_ref(), &python, folder).unwrap_err();
        assert!(why.starts_with("`no-such-cargo`, which builds"), "{why}");
        assert!(why.ends_with("https://rustup.rs installs it"), "{why}");
    }
}
