//! Has Cargo compile the tests of exercises, and reads what it says of them.

use std::collections::BTreeMap;
use std::io::{BufReader, Read, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};

use crate::examples::cargo;
use crate::message::takes_colors;

/// Compiles these targets of one package as tests: their programs by name. `None`: they do not compile,
/// and the compiler's words were shown.
pub(super) fn compile(
    folder: &Path,
    package: &str,
    targets: &str,
    target: Option<&Path>,
    show: impl Fn(&str),
) -> Result<Option<BTreeMap<String, PathBuf>>> {
    let mut command = compile_command(folder, package, targets, takes_colors(&stderr()));
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo could not be started")?;
    let output = child.stdout.take().context("cargo's output")?;
    let compiled = Compiled::read(output, |said| {
        if let Some(rendered) = &said.rendered {
            show(rendered);
        }
    })?;
    compiled.programs(package, child.wait()?, "; it says why above")
}

/// The Cargo command that compiles these targets of one package as tests.
pub(super) fn compile_command(
    folder: &Path,
    package: &str,
    targets: &str,
    colored: bool,
) -> Command {
    let format = if colored { "json-diagnostic-rendered-ansi" } else { "json" };
    let mut command = cargo();
    command.args(["test", "--no-run", targets, "--quiet", "--package", package]);
    command.arg(format!("--message-format={format}")).current_dir(folder);
    command
}

/// What Cargo said while it compiled.
pub(super) struct Compiled {
    programs: BTreeMap<String, PathBuf>,
    /// Whether there was an error of the compiler.
    refused: bool,
}

impl Compiled {
    /// Reads Cargo's messages to their end, and hands on those of the compiler.
    pub(super) fn read(output: impl Read, mut hear: impl FnMut(&Diagnostic)) -> Result<Compiled> {
        let (mut programs, mut refused) = (BTreeMap::new(), false);
        for message in Message::parse_stream(BufReader::new(output)) {
            match message.context("cargo's messages")? {
                Message::CompilerArtifact(artifact) if artifact.profile.test => {
                    let program = artifact.executable.map(PathBuf::from);
                    programs.extend(program.map(|program| (artifact.target.name, program)));
                }
                Message::CompilerMessage(message) => {
                    refused |= message.message.level == DiagnosticLevel::Error;
                    hear(&message.message);
                }
                _ => {}
            }
        }
        Ok(Compiled { programs, refused })
    }

    /// The test programs by name, or `None` where the compiler refused. `why` is said of Cargo's own failure.
    pub(super) fn programs(
        self,
        package: &str,
        ended: ExitStatus,
        why: &str,
    ) -> Result<Option<BTreeMap<String, PathBuf>>> {
        match (ended.success(), self.refused) {
            (true, _) if self.programs.is_empty() => {
                bail!("cargo made no test program of {package}")
            }
            (true, _) => Ok(Some(self.programs)),
            (false, true) => Ok(None),
            (false, false) => {
                bail!("`cargo test --no-run --package {package}` ended with {ended}{why}")
            }
        }
    }
}
