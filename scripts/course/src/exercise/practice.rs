//! `cargo course exercise`: a student's copy of an exercise, its tests, and what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use serde::{Deserialize, Serialize};

use super::report::{self, LATER_LIMIT, TEST_LIMIT, Tested, Verdict};
use super::{Exercise, files, read, watch};
use crate::book;
use crate::command_line;
use crate::diagnostic::{counted, suggestion};
use crate::directive;
use crate::examples::cargo;
use crate::message::status;
use crate::project::Project;
use crate::source::hash_of;

/// Where students work; git ignores it, and no command removes it.
const FOLDER: &str = "practice";

/// The exercise is not done yet. Everything was said already.
#[derive(Debug)]
pub struct Unfinished;

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the exercise is not done yet")
    }
}

impl std::error::Error for Unfinished {}

/// Does what the command line asks.
pub fn command(
    project: &Project,
    options: &command_line::Exercise,
    stop: &Arc<AtomicBool>,
) -> Result<()> {
    let places = places(project)?;
    let Some(name) = &options.name else { return list(project, &places) };
    let exercise = named(project, name)?;
    let place = places.iter().find(|place| place.name == *name);
    let practice = Practice { project, exercise: &exercise };
    let label = place.map_or("Exercise", |place| &place.label);
    println!("{label} · {} · {} minutes\n", exercise.title, exercise.minutes);
    if options.hint {
        match &exercise.hint {
            Some(hint) => println!("{hint}"),
            None => println!("There is no hint. The task is at the top of your file."),
        }
        return Ok(());
    }
    if options.solution {
        return practice.show_solution();
    }
    if options.reset {
        practice.set_aside()?;
    }
    practice.begin_or_go_on()?;
    if options.watch {
        let heading = format!("{label} · {}", exercise.title);
        return watch::in_terminal(&practice, next(&places, name), heading, stop);
    }
    let tests = practice.test(stop)?;
    practice.say(&tests, &places)
}

/// The exercise of this name.
pub fn named(project: &Project, name: &str) -> Result<Exercise> {
    let files = files(&project.root);
    let Some((_, path)) = files.iter().find(|(known, _)| known == name) else {
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        bail!(
            "no exercise named `{name}`: {}\n`cargo course exercise` lists them all",
            suggestion(name, &names)
        );
    };
    read(project, name, path)
}

/// One `{{#exercise name}}` of the book.
pub(super) struct Place {
    pub name: String,
    /// "Exercise 6-1".
    pub label: String,
    /// The page it is on: `ch06-sharing`.
    pub page: String,
    /// "Chapter 6 · When sharing goes wrong".
    chapter: String,
}

/// Where the chapters name exercises, in the book's order.
pub(super) fn places(project: &Project) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for chapter in book::read_chapters(project)? {
        let text = &*chapter.source.text;
        let mut count = 0;
        // What is wrong with a chapter is said when the book is built.
        for directive in directive::find(text).unwrap_or_default() {
            if directive.name == "exercise" {
                count += 1;
                let number = chapter.number;
                places.push(Place {
                    name: text[directive.arguments].to_string(),
                    page: chapter.page.clone(),
                    label: number.map_or("Exercise".into(), |n| format!("Exercise {n}-{count}")),
                    chapter: match number {
                        Some(number) => format!("Chapter {number} · {}", chapter.title),
                        None => chapter.title.clone(),
                    },
                });
            }
        }
    }
    Ok(places)
}

/// The exercise that comes after this one in the book.
pub(super) fn next<'a>(places: &'a [Place], name: &str) -> Option<&'a Place> {
    let at = places.iter().position(|place| place.name == name)?;
    places.get(at + 1)
}

/// All exercises by chapter, with the student's own state.
fn list(project: &Project, places: &[Place]) -> Result<()> {
    let files: BTreeMap<String, PathBuf> = files(&project.root).into_iter().collect();
    let width = files.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let known: BTreeSet<&str> = places.iter().map(|place| place.name.as_str()).collect();
    let elsewhere = files.keys().filter(|name| !known.contains(name.as_str()));
    let elsewhere = elsewhere.map(|name| ("In no chapter yet", name.as_str()));
    let placed = places.iter().map(|place| (place.chapter.as_str(), place.name.as_str()));
    let mut chapter = "";
    let mut minutes = 0;
    let mut count = 0;
    for (heading, name) in placed.chain(elsewhere) {
        let Some(path) = files.get(name) else { continue };
        let exercise = read(project, name, path)?;
        if heading != chapter {
            println!("{}{heading}", if chapter.is_empty() { "" } else { "\n" });
            chapter = heading;
        }
        let state = Practice { project, exercise: &exercise }.state();
        println!("  {name:width$}  {:>2} min  {state:<22}  {}", exercise.minutes, exercise.title);
        minutes += exercise.minutes;
        count += 1;
    }
    match count {
        0 => println!("There are no exercises yet."),
        _ => println!(
            "\n{}, {} h {:02} min together. `cargo course exercise NAME` begins one, or goes on with it.",
            counted(count, "exercise"),
            minutes / 60,
            minutes % 60
        ),
    }
    Ok(())
}

/// How far a student got, as of the file with this hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Progress {
    passed: usize,
    tests: usize,
    file: String,
}

/// A student's copy of an exercise, in its folder.
pub(super) struct Practice<'a> {
    pub project: &'a Project,
    pub exercise: &'a Exercise,
}

impl Practice<'_> {
    pub(super) fn root(&self) -> PathBuf {
        self.project.root.join(FOLDER)
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.root().join(&self.exercise.name)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder().join("src").join("lib.rs")
    }

    pub(super) fn shown_file(&self) -> String {
        self.project.shown(&self.file())
    }

    /// A fresh copy where there is none; a student's own work is never written over.
    pub(super) fn begin_or_go_on(&self) -> Result<()> {
        self.write_manifests()?;
        let file = self.file();
        let shown = self.shown_file();
        if file.exists() {
            status("Going on", format!("with yours, {shown}"));
        } else {
            write(&file, &self.exercise.student_file())?;
            status("Copied", format!("the starter to {shown}"));
        }
        Ok(())
    }

    /// Renames the student's file, so that a fresh copy can take its place.
    fn set_aside(&self) -> Result<()> {
        let file = self.file();
        if !file.exists() {
            return Ok(());
        }
        let kept = (1..)
            .map(|number| self.folder().join(format!("before_{number}.rs")))
            .find(|path| !path.exists())
            .context("no name is left for the copy")?;
        fs::rename(&file, &kept).with_context(|| self.project.shown(&kept))?;
        status("Kept", format!("your work as {}", self.project.shown(&kept)));
        Ok(())
    }

    /// The workspace of all exercises that were begun, and this one's package: the versions that are
    /// locked for the book, one folder for what Cargo makes, and no crate that is not needed.
    fn write_manifests(&self) -> Result<()> {
        let root = self.root();
        let mut members: BTreeSet<String> = fs::read_dir(&root)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().join("Cargo.toml").exists())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        members.insert(self.exercise.name.clone());
        let members: Vec<String> = members.iter().map(|name| format!("    {name:?},\n")).collect();
        let workspace = format!(
            "# Written by `cargo course exercise`. Your files are in the folders beside it.\n\
             [workspace]\nresolver = \"3\"\nmembers = [\n{}]\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n",
            members.concat()
        );
        let package = manifest(self.project, &self.exercise.name, &[self.exercise])?
            + "\n[lib]\ndoctest = false\n";
        let config = "# What Cargo makes is beside what it makes of the book.\n\
                      [build]\ntarget-dir = \"../target/practice\"\n";
        let mut changed = write_if_changed(&self.folder().join("Cargo.toml"), &package)?;
        changed |= write_if_changed(&root.join("Cargo.toml"), &workspace)?;
        write_if_changed(&root.join(".cargo").join("config.toml"), config)?;
        let lock = root.join("Cargo.lock");
        if changed || !lock.exists() {
            // Cargo keeps the versions it finds, drops what nobody needs and adds the new package.
            let from = self.project.root.join("Cargo.lock");
            fs::copy(&from, &lock).with_context(|| self.project.shown(&from))?;
        }
        Ok(())
    }

    /// Compiles the student's file and runs its tests.
    fn test(&self, stop: &AtomicBool) -> Result<Vec<Tested>> {
        let name = &self.exercise.name;
        status("Compiling", self.shown_file());
        let programs = compile(&self.root(), name, "--lib", None, |rendered| {
            eprint!("{}", self.as_from_above(rendered));
        })?;
        let Some(programs) = programs else {
            println!(
                "Your file does not compile yet; the compiler says why above, and where. Then run again:\n  \
                 cargo course exercise {name}"
            );
            self.remember(None);
            return Err(Unfinished.into());
        };
        let program = &programs[name];
        let names = self.in_order(report::names(program, stop)?);
        let mut tests = Vec::new();
        for test in names {
            tests.push(report::run(program, &self.folder(), &test, limit_after(&tests), stop)?);
        }
        Ok(tests)
    }

    /// The compiler's words as they stand from the project's folder: Cargo speaks of the workspace,
    /// students are above it.
    pub(super) fn as_from_above(&self, rendered: &str) -> String {
        let name = &self.exercise.name;
        ['/', '\\'].iter().fold(rendered.to_string(), |text, slash| {
            text.replace(&format!("{name}{slash}src{slash}"), &format!("{FOLDER}/{name}/src/"))
        })
    }

    /// Tests in the order of the file, which is that of the task.
    pub(super) fn in_order(&self, mut names: Vec<String>) -> Vec<String> {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        names.sort_by_key(|test| {
            let name = test.rsplit("::").next().unwrap_or_default();
            text.find(&format!("fn {name}("))
        });
        names
    }

    /// What passed, what is missing, and what to do next.
    fn say(&self, tests: &[Tested], places: &[Place]) -> Result<()> {
        let name = &self.exercise.name;
        let passed = tests.iter().filter(|test| test.passed()).count();
        self.remember(Some((passed, tests.len())));
        if tests.is_empty() {
            println!(
                "There is no test left in {}. Start again and keep what you have:\n  \
                 cargo course exercise {name} --reset",
                self.shown_file()
            );
            return Err(Unfinished.into());
        }
        let file = self.shown_file();
        print!("{}", report::report(tests, &file));
        if passed == tests.len() {
            println!("\nDone: {} passed.", all(passed, "test"));
            println!("  cargo course exercise {name} --solution   to compare yours with ours");
            if let Some(next) = next(places, name) {
                println!("  cargo course exercise {}   is {}", next.name, lower_first(&next.label));
            }
            return Ok(());
        }
        let line = self.line_to_edit();
        println!(
            "\n{passed} of {} passed. Edit {file}:{line}, then run the same again:",
            counted(tests.len(), "test")
        );
        println!("  cargo course exercise {name}");
        let hint = self.exercise.hint.as_ref().map_or("", |_| "--hint helps, ");
        println!("  ({hint}--reset starts again and keeps yours, --solution shows ours)");
        Err(Unfinished.into())
    }

    /// The first `todo!` before the tests, else the line below which the student's part begins.
    pub(super) fn line_to_edit(&self) -> usize {
        let text = fs::read_to_string(self.file()).unwrap_or_default();
        let mine = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        let lines: Vec<&str> = mine.collect();
        let todo = lines.iter().position(|line| {
            !line.trim_start().starts_with("//")
                && (line.contains("todo!(") || line.contains("unimplemented!("))
        });
        let begins = || lines.iter().position(|line| line.starts_with("// Your part begins"));
        todo.or_else(|| begins().map(|line| line + 2)).map_or(1, |line| line + 1)
    }

    fn show_solution(&self) -> Result<()> {
        println!("{}", self.exercise.solution());
        let path = self.folder().join("solution.rs");
        if self.file().exists() {
            write(&path, &self.exercise.solved_file())?;
            println!(
                "\nTo compare it with yours, open both:\n  {}\n  {}",
                self.shown_file(),
                self.project.shown(&path)
            );
        }
        Ok(())
    }

    fn progress_path(&self) -> PathBuf {
        self.root().join("progress.json")
    }

    /// Keeps how far it got. That it cannot be written is no reason to fail.
    pub(super) fn remember(&self, counts: Option<(usize, usize)>) {
        let mut all = self.all_progress();
        match counts {
            Some((passed, tests)) => {
                let file = self.hash();
                all.insert(self.exercise.name.clone(), Progress { passed, tests, file });
            }
            None => drop(all.remove(&self.exercise.name)),
        }
        if let Ok(text) = serde_json::to_string_pretty(&all) {
            let _ = fs::write(self.progress_path(), text); // the list says "begun" then
        }
    }

    fn all_progress(&self) -> BTreeMap<String, Progress> {
        let text = fs::read_to_string(self.progress_path()).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn hash(&self) -> String {
        hash_of(&fs::read_to_string(self.file()).unwrap_or_default())
    }

    /// "not begun", "begun", "2 of 3 tests pass", "done".
    fn state(&self) -> String {
        if !self.file().exists() {
            return "not begun".into();
        }
        match self.all_progress().get(&self.exercise.name) {
            Some(progress) if progress.file != self.hash() => "changed since its tests".into(),
            Some(Progress { passed, tests, .. }) if passed == tests => "done".into(),
            Some(Progress { passed, tests, .. }) => format!("{passed} of {tests} tests pass"),
            None => "begun".into(),
        }
    }
}

/// How long the next test may take, after these.
pub(super) fn limit_after(tests: &[Tested]) -> Duration {
    let one_hung = |tested: &Tested| matches!(tested.verdict, Verdict::Endless(..));
    if tests.iter().any(one_hung) { LATER_LIMIT } else { TEST_LIMIT }
}

/// "1 test", "all 3 tests".
pub(super) fn all(n: usize, thing: &str) -> String {
    if n == 1 { counted(n, thing) } else { format!("all {}", counted(n, thing)) }
}

pub(super) fn lower_first(label: &str) -> String {
    format!("{}{} (the next one)", label[..1].to_lowercase(), &label[1..])
}

/// The manifest of a package with these exercises: the crates they name, as the listings use them.
pub(super) fn manifest(project: &Project, name: &str, exercises: &[&Exercise]) -> Result<String> {
    let root = toml_of(project, &project.root.join("Cargo.toml"))?;
    let named: BTreeSet<String> = exercises.iter().flat_map(|exercise| exercise.crates()).collect();
    let shared = table(root.get("workspace").and_then(|all| all.get("dependencies")));
    let mut dependencies = BTreeMap::new();
    for package in packages_of_listings(project, root)? {
        for (name, asked) in table(package.get("dependencies")) {
            if named.contains(&name.replace('-', "_")) {
                dependencies.insert(name.clone(), resolved(&asked, shared.get(&name)));
            }
        }
    }
    let dependencies: String =
        dependencies.iter().map(|(name, asked)| format!("{name} = {asked}\n")).collect();
    Ok(format!(
        "# Written by `cargo course exercise`.\n\
         [package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{dependencies}\n\
         # A starter leaves to you what will be used.\n\
         [lints.rust]\nunused_imports = \"allow\"\nunused_variables = \"allow\"\nunused_mut = \"allow\"\n\
         dead_code = \"allow\"\n"
    ))
}

/// The manifests of the packages that listings are in: the root's own, and those in `listings/packages/`.
fn packages_of_listings(project: &Project, root: toml::Table) -> Result<Vec<toml::Table>> {
    let mut packages = vec![root];
    let folder = project.root.join("listings/packages");
    for entry in fs::read_dir(&folder).into_iter().flatten() {
        let manifest = entry.with_context(|| project.shown(&folder))?.path().join("Cargo.toml");
        if manifest.is_file() {
            packages.push(toml_of(project, &manifest)?);
        }
    }
    Ok(packages)
}

fn toml_of(project: &Project, path: &Path) -> Result<toml::Table> {
    let text = fs::read_to_string(path).with_context(|| project.shown(path))?;
    toml::from_str(&text).with_context(|| project.shown(path))
}

fn table(table: Option<&toml::Value>) -> toml::Table {
    table.and_then(toml::Value::as_table).cloned().unwrap_or_default()
}

/// A dependency with what the workspace says of it written out.
fn resolved(asked: &toml::Value, shared: Option<&toml::Value>) -> toml::Value {
    let Some(asked) = asked.as_table().filter(|asked| asked.contains_key("workspace")) else {
        return asked.clone();
    };
    let mut whole = match shared {
        Some(toml::Value::Table(table)) => table.clone(),
        Some(version) => toml::Table::from_iter([("version".to_string(), version.clone())]),
        None => toml::Table::new(),
    };
    let array = |table: &toml::Table| {
        table.get("features").and_then(toml::Value::as_array).cloned().unwrap_or_default()
    };
    let mut features = array(&whole);
    features.extend(array(asked));
    if !features.is_empty() {
        whole.insert("features".into(), toml::Value::Array(features));
    }
    toml::Value::Table(whole)
}

/// Compiles these targets of one package as tests: their programs by name. `None`: they do not compile,
/// and the compiler's words were shown.
pub(super) fn compile(
    folder: &Path,
    package: &str,
    targets: &str,
    target: Option<&Path>,
    show: impl Fn(&str),
) -> Result<Option<BTreeMap<String, PathBuf>>> {
    let colored = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut command = compiling(folder, package, targets, colored);
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().context("cargo could not be started")?;
    let output = child.stdout.take().context("cargo's output")?;
    let compiled = Compiled::of(output, |said| {
        if let Some(rendered) = &said.rendered {
            show(rendered);
        }
    })?;
    compiled.programs(package, child.wait()?, "; it says why above")
}

/// The Cargo command that compiles these targets of one package as tests.
pub(super) fn compiling(folder: &Path, package: &str, targets: &str, colored: bool) -> Command {
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
    pub(super) fn of(output: impl Read, mut hear: impl FnMut(&Diagnostic)) -> Result<Compiled> {
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

pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, text)).with_context(|| path.display().to_string())
}

pub(super) fn write_if_changed(path: &Path, text: &str) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(false);
    }
    write(path, text).map(|()| true)
}
