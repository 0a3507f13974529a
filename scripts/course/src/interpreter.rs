//! The interpreter of the Python programs that chapters show.

use std::fs;
use std::path::Path;

use book::python::imports;

/// What a module of Python's own distribution is not: programs that import it need it installed.
const MODULES: [&str; 1] = ["numpy"];

/// What every program is run with: the same bytes on every system, each line when it is printed, and no
/// cache folders beside the listings.
pub(crate) const ENVIRONMENT: [(&str, &str); 3] =
    [("PYTHONUTF8", "1"), ("PYTHONUNBUFFERED", "1"), ("PYTHONDONTWRITEBYTECODE", "1")];

/// The script for the lab, which knows how to find its interpreter.
pub(crate) fn script(root: &Path, file: &str) -> lab::Script {
    let text = fs::read_to_string(root.join(file)).unwrap_or_default();
    let needed = MODULES.into_iter().filter(|module| imports(&text).any(|name| name == *module));
    needed.fold(lab::python(file), lab::Script::needs)
}

/// The interpreter that runs a program here, and its version with those of the modules it needs.
///
/// # Errors
/// What is missing, with how to install it.
pub(crate) fn interpreter(root: &Path, file: &str) -> Result<(String, String), String> {
    let versions = script(root, file).versions()?;
    let named = versions.iter().map(|(_, version)| version.as_str()).collect::<Vec<_>>().join(", ");
    let interpreter = versions.into_iter().next().map(|(interpreter, _)| interpreter);
    Ok((interpreter.unwrap_or_else(|| "python3".into()), named))
}
