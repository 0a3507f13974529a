//! `cargo course test`: every check there is, step by step.

mod elsewhere;

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use book::diagnostic::counted;
use book::project::Project;

use crate::check;
use crate::command_line::Check;
use crate::doctor::{chromium, nats_server, postgresql, version};
use crate::examples::{Examples, cargo};
use crate::exercise;
use crate::measure::Permit;
use crate::message::{error, status};
use crate::render;
use elsewhere::Elsewhere;

type Step<'a> = (&'static str, Box<dyn Fn() -> Result<()> + 'a>);

/// Compiles the programs that tests of other packages start, which `cargo test` leaves out. The whole workspace, as
/// the tests are, so that nothing is compiled anew for other features.
const PROGRAMS: &str = "build --workspace --examples --bins --locked --quiet";

/// The documentation of the tools, whose links have to lead somewhere. Another step compiled what they depend on.
const DOCUMENTATION: &str = "doc --quiet --no-deps --document-private-items --locked \
                             --package lab --package book --package preprocessor --package course";
/// Runs the steps in order; a step that fails does not stop the others.
pub(crate) fn test(project: &Project, only: Option<&str>, stop: &Arc<AtomicBool>) -> Result<()> {
    let reports = tempfile::tempdir().context("a temporary folder")?;
    let skipped = reports.path().join("skipped");
    let cargo_here = || {
        let mut cargo = cargo();
        cargo.current_dir(&project.root).env(lab::SKIPPED, &skipped);
        cargo
    };
    let cargo_step =
        |words: &'static str| Box::new(move || run(cargo_here().args(words.split_whitespace())));
    let steps: Vec<Step> = vec![
        ("format", cargo_step("fmt --all --check")),
        ("book", Box::new(|| render::render(project, None).map(drop))),
        ("check", Box::new(|| check::check(project, &Check::default()))),
        ("browser", Box::new(install_chromium)),
        ("packages", Box::new(install_packages)),
        ("clippy", cargo_step("clippy --quiet --workspace --all-targets --locked -- -D warnings")),
        ("documentation", Box::new(|| document(&cargo_here))),
        ("examples", Box::new(|| examples(project, stop))),
        ("exercises", Box::new(|| exercise::check_starters(project, stop))),
        ("programs", cargo_step(PROGRAMS)),
        ("tests", cargo_step("test --workspace --locked --no-fail-fast")),
        ("other machines", Box::new(|| other_machines(project, &cargo_here))),
    ];
    let chosen: Vec<&Step> =
        steps.iter().filter(|(name, _)| only.is_none_or(|only| name.contains(only))).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = steps.iter().map(|(name, _)| *name).collect();
        bail!("no step named `{}`; there are: {}", only.unwrap_or_default(), names.join(", "));
    }
    let mut failed = Vec::new();
    for (name, step) in &chosen {
        status("Testing", name);
        let began = Instant::now();
        match step() {
            Ok(()) => status("Passed", format!("{name} in {:.0} s", began.elapsed().as_secs_f64())),
            Err(why) => {
                error(format!("{name}: {why:#}"));
                failed.push(*name);
            }
        }
    }
    let skipped = read_skipped(&skipped)?;
    print!("{}", summary(chosen.len() - failed.len(), failed.len(), &skipped));
    match failed.as_slice() {
        [] => Ok(()),
        failed => bail!("failed: {}", failed.join(", ")),
    }
}

fn run(command: &mut Command) -> Result<()> {
    let shown = to_text(command);
    let ended = command.stdin(Stdio::null()).status().with_context(|| shown.clone())?;
    if !ended.success() {
        bail!("`{shown}` ended with {ended}");
    }
    Ok(())
}

fn to_text(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// What tests noted that could not look, in the form of [`lab::skipped`]: the name, and why.
fn read_skipped(file: &Path) -> Result<BTreeSet<(String, String)>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(), // all could look
        Err(error) => return Err(error).with_context(|| file.display().to_string()),
    };
    let parts = text.lines().map(|line| {
        let rest = line.strip_prefix("skipped: ").and_then(|rest| rest.split_once(": "));
        let (test, why) = rest.with_context(|| format!("no line of a skipped test: {line}"))?;
        Ok((test.to_string(), why.to_string()))
    });
    parts.collect()
}

/// The last lines: what was not looked at, and how many steps passed and failed.
fn summary(passed: usize, failed: usize, skipped: &BTreeSet<(String, String)>) -> String {
    let mut lines = String::new();
    if !skipped.is_empty() {
        lines += &format!("skipped, {}:\n", skipped.len());
        lines.extend(skipped.iter().map(|(test, why)| format!("  {test}: {why}\n")));
    }
    lines += &format!("steps: {passed} passed, {failed} failed");
    if !skipped.is_empty() {
        lines += &format!("; {} skipped", counted(skipped.len(), "check"));
    }
    lines + "\n"
}

/// What depends on the recorded machines, looked at again with one more and another default.
fn other_machines(project: &Project, cargo: &dyn Fn() -> Command) -> Result<()> {
    run(cargo().args(PROGRAMS.split_whitespace()))?;
    let elsewhere = Elsewhere::make(project)?;
    let tests = ["--test", "pages", "--test", "reader", "--test", "served"];
    run(cargo()
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(tests)
        .env("BOOK", elsewhere.book())
        .env("PROJECT", elsewhere.project()))
}

fn document(cargo: &dyn Fn() -> Command) -> Result<()> {
    run(cargo().args(DOCUMENTATION.split_whitespace()).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Every demo, and every arm once: an experiment nobody measured today still works.
fn examples(project: &Project, stop: &Arc<AtomicBool>) -> Result<()> {
    let _permit = Permit::acquire(project, stop)?;
    let examples = Examples::compile(project)?;
    let (mut demos, mut arms) = (0, 0);
    for name in examples.programs.keys() {
        let runner = examples.runner(name, stop)?;
        let description = runner.describe()?;
        if description.name != *name {
            bail!(
                "{}/{name}.rs declares the experiment `{}`; the names must be one",
                project.settings.examples,
                description.name
            );
        }
        examples.demo(&description, "", stop)?;
        demos += 1;
        if !description.arms.is_empty() {
            let round = runner.round(&description, 1, 0, |_| {})?;
            arms += round.samples.len();
        }
        for point in &description.timelines {
            let lanes = runner.arm(point, true)?.lanes.unwrap_or_default();
            if lanes.is_empty() {
                bail!("the timeline of {name}, {point}, is empty: no span was entered");
            }
        }
    }
    status("Ran", format!("{demos} demos, {arms} arms"));
    Ok(())
}

/// The page tests need Chromium and its driver. Where packages may be installed, they are.
fn install_chromium() -> Result<()> {
    if has_driver() && has_browser() {
        return Ok(());
    }
    let debian = Path::new("/etc/debian_version").exists();
    if !debian {
        bail!(
            "the page tests need Chrome or Chromium, and chromedriver of the same version on the \
             path; one of them was not found. Install both"
        );
    }
    status("Installing", "chromium and chromium-driver (apt-get)");
    let installed = run(Command::new("apt-get").args(["update", "-qq"])).and_then(|()| {
        run(Command::new("apt-get").args(["install", "-y", "-qq", "chromium", "chromium-driver"]))
    });
    installed.context(
        "the page tests need Chromium and its driver; install them: \
         sudo apt-get install chromium chromium-driver",
    )
}

/// The servers that chapters 17 and 21 ask, and the tools of the page on debugging. Where packages may be installed,
/// they are; else their arms and tests are skipped by name.
fn install_packages() -> Result<()> {
    if !Path::new("/etc/debian_version").exists() || !is_root() {
        return Ok(());
    }
    let missing = [
        ("postgresql", postgresql().is_none()),
        ("nats-server", nats_server().is_none()),
        ("gdb", version("gdb").is_none()),
        ("linux-perf", version("perf").is_none()),
    ];
    for (package, _) in missing.into_iter().filter(|(_, missing)| *missing) {
        status("Installing", format!("{package} (apt-get)"));
        let install = ["install", "-y", "-qq", "--no-install-recommends", package];
        let installed = run(Command::new("apt-get").args(["update", "-qq"]))
            .and_then(|()| run(Command::new("apt-get").args(install)));
        if let Err(why) = installed {
            status("Skipped", format!("{package} could not be installed: {why:#}"));
        }
    }
    Ok(())
}

/// Whether packages can be installed without asking for a password.
fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output();
    asked.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn has_driver() -> bool {
    // GitHub's runners name its folder in this variable.
    let folder = env::var_os("CHROMEWEBDRIVER").map(PathBuf::from).unwrap_or_default();
    Command::new(folder.join("chromedriver")).arg("--version").output().is_ok()
}

/// On macOS and Windows browsers are not on the path: chromedriver knows where they are.
fn has_browser() -> bool {
    cfg!(any(windows, target_os = "macos")) || chromium().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_could_not_look_is_counted_and_named_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("skipped");
        let none = read_skipped(&file).unwrap();
        assert_eq!(summary(9, 0, &none), "steps: 9 passed, 0 failed\n");
        // In two steps the same test; each reason is said once.
        let line = "skipped: a_program: python3 was not found; install Python 3: it is free\n";
        fs::write(&file, line.repeat(2)).unwrap();
        let said = summary(8, 1, &read_skipped(&file).unwrap());
        assert_eq!(
            said,
            "skipped, 1:\n  a_program: python3 was not found; install Python 3: it is free\n\
             steps: 8 passed, 1 failed; 1 check skipped\n"
        );
        fs::write(&file, "something else\n").unwrap();
        assert!(read_skipped(&file).is_err(), "a line that cannot be read is not lost");
    }
}
