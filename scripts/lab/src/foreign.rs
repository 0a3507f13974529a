//! Arms in another language: a script that measures itself and prints the same sample as JSON.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::record::Sample;

/// A script, and the names under which its interpreter is found.
#[derive(Clone, Debug)]
pub struct Script {
    interpreters: &'static [&'static str],
    /// Said when none of them is there.
    install: &'static str,
    /// Relative to the project's folder.
    pub file: String,
}

/// A Python 3 script beside a listing: `lab::python("listings/threads/word_count.py")`.
///
/// It imports `measured` from `lab_sample`, which times a function and prints the sample.
pub fn python(file: &str) -> Script {
    Script {
        interpreters: if cfg!(windows) { &["python", "python3"] } else { &["python3", "python"] },
        install: "install Python 3 from your system's packages or from python.org",
        file: file.to_string(),
    }
}

impl Script {
    /// The interpreter's name and its version line, or why the arm is not available here.
    pub fn interpreter(&self) -> Result<(String, String), String> {
        for name in self.interpreters {
            let Ok(output) = Command::new(name).arg("--version").output() else { continue };
            let version = String::from_utf8_lossy(&output.stdout).trim().to_string();
            if output.status.success() && version.starts_with("Python 3") {
                return Ok((name.to_string(), version));
            }
        }
        Err(format!("{} was not found; {}", self.interpreters[0], self.install))
    }

    /// The command that runs the script, without the arguments of this arm.
    pub(crate) fn command(&self) -> Result<Command, String> {
        let (interpreter, _) = self.interpreter()?;
        let script = upward(Path::new(&self.file))?;
        let sample = upward(Path::new("scripts/lab/python/lab_sample.py"))?;
        let mut command = Command::new(interpreter);
        command.arg(script).env("PYTHONPATH", sample.parent().unwrap_or(Path::new(".")));
        // The same bytes on every system, and no cache folders beside the listings.
        command.env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(command)
    }
}

/// Finds a file of the project from the current folder, or from the program's, upward.
fn upward(file: &Path) -> Result<PathBuf, String> {
    let starts = [env::current_dir().ok(), env::current_exe().ok()];
    for start in starts.into_iter().flatten() {
        if let Some(found) = start.ancestors().map(|dir| dir.join(file)).find(|path| path.exists())
        {
            return Ok(found);
        }
    }
    Err(format!("{} was not found in this folder or one above it", file.display()))
}

/// Runs the command to its end and reads the sample from its last line.
pub(crate) fn run(mut command: Command) -> Result<Sample, String> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{shown}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{shown} ended with {}:\n{}", output.status, stderr.trim_end()));
    }
    parse_sample(&output.stdout)
}

/// The sample on the last line of what an arm printed.
pub(crate) fn parse_sample(stdout: &[u8]) -> Result<Sample, String> {
    let text = String::from_utf8_lossy(stdout);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let line = last.ok_or("it printed nothing where a sample was expected")?;
    serde_json::from_str(line).map_err(|error| {
        let start: String = line.chars().take(120).collect();
        format!("its last line is not a sample ({error}): {start}")
    })
}
