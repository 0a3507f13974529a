//! Asks Cargo for the examples, and the examples for what they are; runs their demos.

use std::collections::BTreeMap;
use std::env;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use book::project::{Project, Settings};
use book::python;
use cargo_metadata::{Message, TargetKind};
use lab::process::{Cut, Finished, finish, shown_end};
use lab::record::{Demo, Description, Ending};
use lab::rounds::Runner;

use crate::cargo_output;
use crate::interpreter;
use crate::message::status;
use crate::packed::Pack;
use crate::stopped::Stopped;

/// How long a demo takes at most, unless it is meant to go on for ever.
const DEMO_LIMIT: Duration = Duration::from_secs(60);
/// A page shows a screenful; a demo that prints more than this is an error.
const DEMO_OUTPUT_LIMIT: usize = 64 << 10;

const NOT_COMPILED: &str = "a listing or an example does not compile; the compiler says why above";
const NOT_BEGUN: &str = "Cargo could not begin to compile the listings, and says why above. If it is the network: \
     `cargo fetch --locked` has to succeed once, and then none is needed. The pages do without: \
     `cargo course build --recorded` renders them from the records";

/// The compiled examples by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Examples {
    /// Each program.
    pub programs: BTreeMap<String, PathBuf>,
    /// Where they run: the project's.
    pub folder: PathBuf,
    /// What the project's book.toml says of its folders.
    pub settings: Settings,
    /// `rustc -vV`, whole.
    pub toolchain: String,
    /// A demo that takes longer is stopped and is an error.
    pub demo_limit: Duration,
}

/// The Cargo that runs us, else the one on the path.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

impl Examples {
    /// No program yet.
    pub(crate) fn none(project: &Project) -> Examples {
        Examples {
            folder: project.root.clone(),
            settings: project.settings.clone(),
            demo_limit: DEMO_LIMIT,
            ..Examples::default()
        }
    }

    /// Those of the pack that this folder is, else compiled.
    ///
    /// # Errors
    /// As [`Examples::compile`]; of a pack, where it is damaged.
    pub(crate) fn here(project: &Project) -> Result<Examples> {
        let Some(pack) = Pack::around(project)? else { return Examples::compile(project) };
        Ok(Examples {
            programs: pack.programs(project)?.into_iter().collect(),
            toolchain: pack.toolchain,
            ..Examples::none(project)
        })
    }

    /// Compiles the listings and examples as a student would, for release: the workspace's default members,
    /// so that the features of shared crates are the same as under `cargo run --example NAME`. Cargo's own
    /// progress is shown.
    ///
    /// # Errors
    /// `Stopped` where Ctrl-C ended Cargo; else where one of them does not compile, crates are missing, or the
    /// project is a pack.
    pub(crate) fn compile(project: &Project) -> Result<Examples> {
        if Pack::around(project)?.is_some() {
            bail!(
                "this folder is a pack, which measures and does nothing else: `./measure`, and then \
                 `cargo course adopt` in a copy of the whole project"
            );
        }
        project.lock()?; // Cargo's own word for it is about an option that nobody typed
        status("Compiling", "listings and examples");
        let mut command = cargo();
        command
            .args(["build", "--release", "--locked", "--examples"])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(&project.root)
            .stdout(Stdio::piped());
        cargo_output::capture(&mut command);
        let mut child = command.spawn().context("cargo could not be started")?;
        let said = cargo_output::relay(&mut child);
        let mut examples = Examples::none(project);
        let begun = examples.hear(&mut child)?;
        let ended = child.wait()?;
        if let Some(said) = said {
            let _ = said.join(); // it only prints
        }
        if interrupted(ended) {
            return Err(Stopped.into());
        }
        if !ended.success() {
            bail!(if begun { NOT_COMPILED } else { NOT_BEGUN });
        }
        examples.toolchain = toolchain(&project.root)?;
        Ok(examples)
    }

    /// Takes the programs that Cargo names; returns whether there was anything to compile with, and not where
    /// crates are missing.
    fn hear(&mut self, cargo: &mut Child) -> Result<bool> {
        let output = cargo.stdout.take().context("cargo's output")?;
        let mut begun = false;
        for message in Message::parse_stream(BufReader::new(output)) {
            match message.context("cargo's messages")? {
                Message::CompilerArtifact(artifact)
                    if artifact.target.kind.contains(&TargetKind::Example) =>
                {
                    let name = artifact.target.name;
                    self.programs.extend(artifact.executable.map(|path| (name, path.into())));
                }
                // The last word, if there was anything to compile with.
                Message::BuildFinished(_) => begun = true,
                _ => {}
            }
        }
        Ok(begun)
    }

    /// A runner for one example.
    ///
    /// # Errors
    /// Where there is no example of this name.
    pub(crate) fn runner(&self, name: &str, stop: &Arc<AtomicBool>) -> Result<Runner> {
        let program = self.programs.get(name);
        let program = program.with_context(|| {
            let names: Vec<&str> = self.programs.keys().map(String::as_str).collect();
            format!("no experiment named `{name}`: {}", book::diagnostic::suggestion(name, &names))
        })?;
        let mut runner = Runner::new(program.clone(), Vec::new());
        runner.stop = stop.clone();
        runner.folder = Some(self.folder.clone());
        Ok(runner)
    }

    /// Runs a demo and keeps what it printed, if it ends as it declares.
    ///
    /// # Errors
    /// `Stopped` where it was; else where it ended otherwise, or printed more than a page shows.
    pub(crate) fn demo(
        &self,
        description: &Description,
        output_key: &str,
        stop: &AtomicBool,
    ) -> Result<Demo> {
        let name = &description.name;
        let command_line = format!("cargo run --release --example {name}");
        let mut command = Command::new(&self.programs[name]);
        command.current_dir(&self.folder).env("RUST_BACKTRACE", "0");
        let toolchain = self.toolchain.clone();
        self.printed(command, command_line, description, output_key, toolchain, stop)
    }

    /// Runs a Python program and keeps what it printed, if it ends with success.
    ///
    /// # Errors
    /// Where this system cannot run it, too: ask the script for its versions before.
    pub(crate) fn program(&self, name: &str, output_key: &str, stop: &AtomicBool) -> Result<Demo> {
        let file = python::file_of(&self.settings, name);
        let (interpreter, version) =
            interpreter::interpreter(&self.folder, &file).map_err(anyhow::Error::msg)?;
        let mut command = Command::new(interpreter);
        command.arg(file).current_dir(&self.folder).envs(interpreter::ENVIRONMENT);
        let description = Description { name: name.into(), ..Description::default() };
        let command_line = python::command_line(&self.settings, name);
        self.printed(command, command_line, &description, output_key, version, stop)
    }

    fn printed(
        &self,
        command: Command,
        command_line: String,
        description: &Description,
        output_key: &str,
        toolchain: String,
        stop: &AtomicBool,
    ) -> Result<Demo> {
        let name = &description.name;
        let limit = match description.ending {
            Ending::Endless { stop_after_ms } => Duration::from_millis(stop_after_ms),
            _ => self.demo_limit,
        };
        let finished = match finish(command, limit, stop) {
            Err(Cut::Stopped) => return Err(Stopped.into()),
            finished => finished.with_context(|| format!("listing `{name}`: `{command_line}`"))?,
        };
        check_ending(&description.ending, &finished, limit)
            .map_err(|why| anyhow::anyhow!("listing `{name}`: `{command_line}` {why}"))?;
        let text = |bytes: Vec<u8>, stream: &str| -> Result<String> {
            if bytes.len() > DEMO_OUTPUT_LIMIT {
                let limit = DEMO_OUTPUT_LIMIT >> 10;
                bail!(
                    "listing `{name}`: `{command_line}` wrote more than {limit} KiB to {stream}, and a page shows all of it"
                );
            }
            let text = String::from_utf8(bytes);
            let text = text.with_context(|| format!("listing `{name}`: {stream} is not UTF-8"))?;
            Ok(without_registry(&text.replace('\r', "")))
        };
        Ok(Demo {
            command: command_line.clone(),
            stdout: text(finished.stdout, "stdout")?,
            stderr: text(finished.stderr, "stderr")?,
            output_key: output_key.to_string(),
            toolchain,
            seen: lab::now(),
        })
    }
}

/// The text without the folder in which this machine's Cargo keeps the sources of crates. A panic names it:
/// `at postgres-0.19.14/src/config.rs:465:44` says the same on every machine.
fn without_registry(text: &str) -> String {
    let cut = |word: &str| {
        let path = word.replace('\\', "/");
        let (_, in_registry) = path.split_once("/registry/src/")?;
        let (_index, in_crate) = in_registry.split_once('/')?;
        Some(in_crate.to_string())
    };
    let words = text.split_inclusive(char::is_whitespace);
    words.map(|word| cut(word).unwrap_or_else(|| word.to_string())).collect()
}

/// Ctrl-C reaches Cargo too, and ends it.
#[cfg(unix)]
fn interrupted(ended: ExitStatus) -> bool {
    const SIGINT: i32 = 2; // the same number on every Unix
    std::os::unix::process::ExitStatusExt::signal(&ended) == Some(SIGINT)
}

#[cfg(windows)]
fn interrupted(ended: ExitStatus) -> bool {
    const CONTROL_C_EXIT: u32 = 0xC000_013A;
    ended.code() == Some(CONTROL_C_EXIT as i32)
}

fn check_ending(ending: &Ending, finished: &Finished, limit: Duration) -> Result<(), String> {
    match (ending, finished.status) {
        (Ending::Success, Some(status)) if status.success() => Ok(()),
        (Ending::Panic, Some(status)) if status.code() == Some(101) => Ok(()),
        (Ending::Endless { .. }, None) => Ok(()),
        (Ending::Endless { .. }, Some(status)) => Err(format!(
            "was meant to go on for ever and ended with {status}{}",
            shown_end(&finished.stderr)
        )),
        (Ending::Panic, Some(status)) => Err(format!(
            "was meant to panic and ended with {status}{}",
            shown_end(&finished.stderr)
        )),
        (_, None) => Err(format!("did not end within {} s and was stopped", limit.as_secs())),
        (Ending::Success, Some(status)) => {
            Err(format!("ended with {status}{}", shown_end(&finished.stderr)))
        }
    }
}

/// `rustc -vV` as this project's Cargo sees it.
///
/// # Errors
/// Where there is no `rustc`.
pub(crate) fn toolchain(root: &Path) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").current_dir(root).output().context("rustc -vV")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_demo_prints_does_not_say_where_this_machine_keeps_its_crates() {
        let said = "panicked at /home/ann/.cargo/registry/src/index.crates.io-19/a-1.2/src/lib.rs:4:5:\nno\n";
        assert_eq!(without_registry(said), "panicked at a-1.2/src/lib.rs:4:5:\nno\n");
        let said = r"at C:\Users\ann\.cargo\registry\src\index.crates.io-19\a-1.2\src\lib.rs:4:5:";
        assert_eq!(without_registry(said), "at a-1.2/src/lib.rs:4:5:");
        let own = "panicked at listings/registry/src.rs:1:2:  two  spaces\n";
        assert_eq!(without_registry(own), own);
    }

    #[test]
    fn a_demo_without_end_is_stopped_and_named() {
        // An example of this package, under a name at which it hangs.
        let test = env::current_exe().unwrap();
        let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
        let stand_in =
            profile.join("examples").join(format!("stand_in{}", env::consts::EXE_SUFFIX));
        assert!(stand_in.exists(), "`cargo build -p course --examples` builds it");
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(format!("hangs{}", env::consts::EXE_SUFFIX));
        std::fs::copy(stand_in, &program).unwrap();
        let examples = Examples {
            programs: BTreeMap::from([("hangs".to_string(), program)]),
            folder: folder.path().to_path_buf(),
            demo_limit: Duration::from_secs(1),
            ..Examples::default()
        };
        let description = Description { name: "hangs".into(), ..Description::default() };
        let failure = examples.demo(&description, "", &AtomicBool::new(false)).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "listing `hangs`: `cargo run --release --example hangs` did not end within 1 s and was stopped"
        );
    }
}
