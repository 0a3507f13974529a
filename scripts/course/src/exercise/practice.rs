//! A student's copy of an exercise: its files, and how far the student got.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use book::diagnostic::{counted, nearest};
pub(super) use book::exercise::Place;
use book::project::Project;
use book::source::hash_of;
use serde::{Deserialize, Serialize};

use super::manifest::manifest;
use super::report::{LATER_LIMIT, TEST_LIMIT, Tested, Verdict};
use super::{Exercise, files, read};
use crate::message::status;
use crate::render;

/// Where students work; git ignores it, and no command removes it.
const FOLDER: &str = "practice";

/// The exercise of this name.
///
/// # Errors
/// Where there is none; the message has the nearest name.
pub fn named(project: &Project, name: &str) -> Result<Exercise> {
    let files = files(project);
    let Some((_, path)) = files.iter().find(|(known, _)| known == name) else {
        let near = nearest(name, files.iter().map(|(name, _)| name.as_str()));
        let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        bail!("no exercise named `{name}`{near}\n`cargo course exercise` lists them all");
    };
    read(project, name, path)
}

/// Where the chapters have exercises, in the book's order.
pub(super) fn places(project: &Project) -> Result<Vec<Place>> {
    Ok(book::exercise::places(&render::read_chapters(project)?))
}

/// The exercise that comes after this one in the book.
pub(super) fn next<'a>(places: &'a [Place], name: &str) -> Option<&'a Place> {
    let at = places.iter().position(|place| place.name == name)?;
    places.get(at + 1)
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
    pub(super) fn set_aside(&self) -> Result<()> {
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
    pub(super) fn state(&self) -> String {
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
