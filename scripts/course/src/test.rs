//! `cargo course test`: every check there is, step by step.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::book;
use crate::check;
use crate::doctor::chromium;
use crate::examples::{Examples, cargo};
use crate::exercise;
use crate::measure::Turn;
use crate::message::{error, status};
use crate::project::Project;

type Step<'a> = (&'static str, Box<dyn Fn() -> Result<()> + 'a>);

/// Runs the steps in order; a step that fails does not stop the others.
pub fn test(project: &Project, only: Option<&str>, stop: &Arc<AtomicBool>) -> Result<()> {
    let cargo_step = |arguments: &'static [&'static str]| {
        Box::new(move || run(cargo().args(arguments).current_dir(&project.root)))
    };
    let steps: Vec<Step> = vec![
        ("format", cargo_step(&["fmt", "--all", "--check"])),
        ("book", Box::new(|| book::render(project, None).map(drop))),
        ("check", Box::new(|| check::check(project, false))),
        ("browser", Box::new(install_chromium)),
        (
            "clippy",
            cargo_step(&[
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--locked",
                "--",
                "-D",
                "warnings",
            ]),
        ),
        ("examples", Box::new(|| examples(project, stop))),
        ("exercises", Box::new(|| exercise::check_starters(project, stop))),
        ("tests", cargo_step(&["test", "--workspace", "--locked", "--no-fail-fast"])),
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
    println!("steps: {} passed, {} failed", chosen.len() - failed.len(), failed.len());
    match failed.as_slice() {
        [] => Ok(()),
        failed => bail!("failed: {}", failed.join(", ")),
    }
}

fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let ended = command.stdin(Stdio::null()).status().with_context(|| shown.clone())?;
    if !ended.success() {
        bail!("`{shown}` ended with {ended}");
    }
    Ok(())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Every demo, and every arm once: an experiment nobody measured today still works.
fn examples(project: &Project, stop: &Arc<AtomicBool>) -> Result<()> {
    let _turn = Turn::take(project, stop)?;
    let examples = Examples::compile(project)?;
    let (mut demos, mut arms) = (0, 0);
    for name in examples.programs.keys() {
        let runner = examples.runner(name, stop)?;
        let description = runner.describe()?;
        if description.name != *name {
            bail!(
                "examples/{name}.rs declares the experiment `{}`; the names must be one",
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

fn has_driver() -> bool {
    // GitHub's runners name its folder in this variable.
    let folder = env::var_os("CHROMEWEBDRIVER").map(PathBuf::from).unwrap_or_default();
    Command::new(folder.join("chromedriver")).arg("--version").output().is_ok()
}

/// On macOS and Windows browsers are not on the path: chromedriver knows where they are.
fn has_browser() -> bool {
    cfg!(any(windows, target_os = "macos")) || chromium().is_some()
}
