//! Arms in another language: a program that measures itself and prints the same sample as JSON.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::c_program;
use crate::protocol::parse_sample;
use crate::record::Sample;

/// A program in another language, and the names under which its interpreter or compiler is found.
#[derive(Clone, Debug)]
pub struct Script {
    language: Language,
    interpreters: &'static [&'static str],
    /// Said when none of them is there.
    install: &'static str,
    /// Relative to the project's folder.
    pub file: String,
    /// What it imports that is not part of its language, and the packages that bring it.
    modules: Vec<(&'static str, &'static str)>,
    /// It starts processes as copies of itself, which Windows does not offer.
    forks: bool,
    /// What makes a folder from which it imports as well.
    made: Option<Made>,
}

/// Makes a folder for an interpreter of this name and version, unless it is there; or says why it cannot.
pub(crate) type Made = fn(&str, &str) -> Result<PathBuf, String>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Language {
    Python,
    C,
}

/// Name and version of an interpreter, a compiler or a module: ("python3", "Python 3.11.7"), ("numpy", "2.4.0").
pub type Versions = Vec<(String, String)>;

/// A Python 3 script beside a listing: `lab::python("listings/threads/word_count.py")`.
///
/// It imports `measured` from `lab_sample`, which times a function and prints the sample.
pub fn python(file: &str) -> Script {
    Script {
        language: Language::Python,
        interpreters: if cfg!(windows) { &["python", "python3"] } else { &["python3", "python"] },
        install: "install Python 3 from your system's packages or from python.org",
        file: file.to_string(),
        modules: Vec::new(),
        forks: false,
        made: None,
    }
}

/// The same, run by an interpreter whose threads run side by side, where one is installed.
pub fn free_threaded_python(file: &str) -> Script {
    Script {
        interpreters: &["python3.14t", "python3.13t"],
        install: "install a free-threaded build of Python from python.org, or from your system's packages",
        ..python(file)
    }
}

/// A C program beside a listing, compiled with `-O2` where a compiler is found:
/// `lab::c("listings/atomics/shared_counter.c")`.
///
/// It includes `lab_sample.h`: `lab_begin()`, the work, `lab_end(answer)`.
pub fn c(file: &str) -> Script {
    Script {
        language: Language::C,
        interpreters: &["cc", "clang", "gcc"],
        install: "install a C compiler: `build-essential` or `gcc` from your system's packages, or Xcode's command line tools",
        file: file.to_string(),
        modules: Vec::new(),
        forks: false,
        made: None,
    }
}

impl Script {
    /// It imports this module, which comes with no Python: where it is missing, the arm is not
    /// available, and says so by this name.
    pub fn needs(self, module: &'static str) -> Script {
        self.needs_from(module, module)
    }

    /// The same, of a module that a package of another name brings: `PIL` of `pillow`.
    pub fn needs_from(mut self, module: &'static str, package: &'static str) -> Script {
        self.modules.push((module, package));
        self
    }

    /// It forks: the arm is not available on a system that cannot.
    pub fn forks(mut self) -> Script {
        self.forks = true;
        self
    }

    /// It imports modules from a folder that `made` makes for its interpreter, unless it is there: where that is
    /// not possible, the arm is not available, and says why.
    pub fn imports_from(mut self, made: Made) -> Script {
        self.made = Some(made);
        self
    }

    /// What runs the script here, with the versions of the modules it needs.
    ///
    /// # Errors
    /// Why it cannot run here.
    pub fn versions(&self) -> Result<Versions, String> {
        if self.forks && !cfg!(unix) {
            return Err("this system does not offer `fork`".into());
        }
        let (interpreter, version) = self.interpreter()?;
        if self.language == Language::C {
            self.compiled(&interpreter, &version)?;
        }
        if let Some(made) = self.made {
            made(&interpreter, &version)?;
        }
        let mut versions = vec![(interpreter.clone(), version)];
        for (module, package) in &self.modules {
            let ask = format!("import {module}; print({module}.__version__)");
            let output = Command::new(&interpreter).args(["-c", &ask]).output();
            let answer = output.ok().filter(|output| output.status.success()).ok_or_else(|| {
                format!(
                    "{interpreter} has no module `{module}`; `{interpreter} -m pip install {package}` installs it"
                )
            })?;
            let version = String::from_utf8_lossy(&answer.stdout).trim().to_string();
            versions.push((module.to_string(), version));
        }
        Ok(versions)
    }

    /// Whether both are run by the same interpreter and need the same of it. Each C program has to be compiled.
    pub(crate) fn needs_the_same(&self, other: &Script) -> bool {
        let needs = |script: &Script| {
            let program = (script.language == Language::C).then(|| script.file.clone());
            (script.interpreters, program, script.modules.clone(), script.forks)
        };
        let made = |script: &Script| script.made.map(|made| made as usize);
        needs(self) == needs(other) && made(self) == made(other)
    }

    /// The interpreter's or compiler's name and its version line.
    ///
    /// # Errors
    /// Why there is none here.
    pub fn interpreter(&self) -> Result<(String, String), String> {
        if self.language == Language::C && !cfg!(unix) {
            return Err("this system does not offer POSIX threads, which the C program uses".into());
        }
        for name in self.interpreters {
            let Ok(output) = Command::new(name).arg("--version").output() else { continue };
            let text = String::from_utf8_lossy(&output.stdout);
            let version = text.lines().next().unwrap_or_default().trim().to_string();
            let fits = self.language == Language::C || version.starts_with("Python 3");
            if output.status.success() && fits {
                return Ok((name.to_string(), version));
            }
        }
        Err(format!("{} was not found; {}", self.interpreters[0], self.install))
    }

    /// The command that runs the script, without the arguments of this arm.
    pub(crate) fn command(&self) -> Result<Command, String> {
        let (interpreter, version) = self.interpreter()?;
        if self.language == Language::C {
            return Ok(Command::new(self.compiled(&interpreter, &version)?));
        }
        let script = upward(Path::new(&self.file))?;
        let sample = of_the_lab("python/lab_sample.py")?;
        let mut folders = vec![sample.parent().unwrap_or(Path::new(".")).to_path_buf()];
        if let Some(made) = self.made {
            folders.push(made(&interpreter, &version)?);
        }
        let path = env::join_paths(folders).map_err(|why| why.to_string())?;
        let mut command = Command::new(interpreter);
        command.arg(script).env("PYTHONPATH", path);
        // The same bytes on every system, and no cache folders beside the listings.
        command.env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(command)
    }

    /// The program that the compiler makes of the source.
    fn compiled(&self, compiler: &str, version: &str) -> Result<PathBuf, String> {
        let source = upward(Path::new(&self.file))?;
        let header = of_the_lab("c/lab_sample.h")?;
        c_program::compiled(compiler, version, &source, &header)
    }
}

/// A file that the lab brings: of the project or the pack around us, else of the package that was compiled.
fn of_the_lab(file: &str) -> Result<PathBuf, String> {
    let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let around = upward(&Path::new("scripts/lab").join(file));
    around.or_else(|why| if compiled.exists() { Ok(compiled) } else { Err(why) })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_elsewhere_finds_what_the_lab_brings_where_it_was_compiled() {
        for file in ["python/lab_sample.py", "c/lab_sample.h", "Cargo.toml"] {
            assert!(of_the_lab(file).is_ok_and(|found| found.is_file()), "{file}");
        }
        // Nothing of this name is around any project, so that it can be found in one place alone.
        let only_here = "src/foreign.rs";
        let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join(only_here);
        let found = of_the_lab(only_here).unwrap();
        assert_eq!(found.canonicalize().unwrap(), compiled.canonicalize().unwrap());
        assert!(of_the_lab("python/none.py").unwrap_err().contains("none.py was not found"));
    }

    #[test]
    fn a_module_that_is_missing_is_named_with_the_command_that_installs_it() {
        let script = python("none.py");
        let (interpreter, version) = match script.interpreter() {
            Ok(found) => found,
            Err(why) => {
                let test = "a_module_that_is_missing_is_named_with_the_command_that_installs_it";
                return crate::skipped(test, &why);
            }
        };
        assert_eq!(
            script.clone().needs("json").versions().unwrap()[0],
            (interpreter.clone(), version)
        );
        let why = script.needs("no_such_module").versions().unwrap_err();
        assert_eq!(
            why,
            format!(
                "{interpreter} has no module `no_such_module`; `{interpreter} -m pip install no_such_module` installs it"
            )
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_the_reason_why_the_script_cannot_run() {
        let script = python("none.py");
        if let Err(why) = script.interpreter() {
            let test = "a_folder_that_cannot_be_made_is_the_reason_why_the_script_cannot_run";
            return crate::skipped(test, &why);
        }
        let failing = script.clone().imports_from(|python, _| Err(format!("nothing for {python}")));
        let why = failing.versions().unwrap_err();
        assert!(why.starts_with("nothing for python"), "{why}");
        assert!(!failing.needs_the_same(&script));
        assert!(script.imports_from(|_, _| Ok(PathBuf::from("."))).versions().is_ok());
    }

    #[test]
    fn a_free_threaded_interpreter_is_looked_for_by_its_own_name() {
        match free_threaded_python("none.py").interpreter() {
            Ok((name, _)) => assert!(name.ends_with('t'), "{name}"),
            Err(why) => assert!(why.contains("python3.14t was not found; install a free"), "{why}"),
        }
    }

    #[test]
    fn an_arm_whose_module_is_missing_is_not_available() {
        let mut sums = crate::Experiment::<(), ()>::new("sums", "")
            .arm("here", |()| ())
            .foreign("python", python("sums.py"), |_, ()| {})
            .foreign("python_fast", python("sums.py").needs("no_such_module"), |_, ()| {});
        sums.look_for_interpreters();
        let why = |arm: &str| sums.description.arm(arm).unwrap().unavailable.clone();
        assert!(why("here").is_none());
        let python = why("python");
        let missing = why("python_fast").unwrap();
        match &python {
            None => assert!(missing.contains("has no module `no_such_module`"), "{missing}"),
            Some(why) => assert_eq!(missing, *why, "neither has an interpreter"),
        }
        let versions = sums.description.interpreters.len();
        assert_eq!(versions, usize::from(python.is_none()), "each interpreter once");
    }
}
