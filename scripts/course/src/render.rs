//! The book rendered in process, through mdBook's driver: the same expansion as `mdbook build` asks for.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use book::diagnostic::Problems;
use book::files::write_if_changed;
use book::page::Chapter;
use book::project::Project;
use lab::machine::Machine;
use mdbook_driver::MDBook;
use preprocessor::{Course, chapters};
use tempfile::TempDir;

use crate::message::warning;

/// Renders the book into `book/`, in process, as it is published.
///
/// # Errors
/// All problems of the chapters, each with its place; or a file that cannot be read or written.
pub fn render(project: &Project, machine: Option<&str>) -> Result<PathBuf> {
    render_with(project, Course { machine: machine.map(str::to_string), ..in_process() })
}

/// The same, to be read on this computer.
///
/// # Errors
/// As [`render`].
pub fn render_local(project: &Project) -> Result<PathBuf> {
    render_with(project, of_this_computer())
}

/// The expansion, with our way to say what is odd.
fn in_process() -> Course {
    Course { warn: |what| warning(what), ..Course::default() }
}

fn of_this_computer() -> Course {
    Course { here: Some(Machine::here()), ..in_process() }
}

fn render_with(project: &Project, course: Course) -> Result<PathBuf> {
    let mut book = MDBook::load(&project.root).context("the book could not be read")?;
    let place = book.build_dir_for("html");
    // Rendered elsewhere and moved there when it is whole: at any moment there is a book to read.
    let elsewhere = folder_for(project, "book-")?;
    book.config.build.build_dir = elsewhere.path().join("new");
    // Takes the place of the command that book.toml names for the other door.
    book.with_preprocessor(course);
    book.build().map_err(plain)?;
    put_in_place(&book.build_dir_for("html"), &place, &elsewhere.path().join("old"))
        .with_context(|| format!("{} could not be written", project.shown(&place)))?;
    Ok(place)
}

/// A new folder for what is rendered, which is removed when it is dropped; where Cargo keeps what it made.
///
/// # Errors
/// Where it cannot be made.
pub fn folder_for(project: &Project, prefix: &str) -> Result<TempDir> {
    let folder = project.root.join("target").join("course");
    let shown = || project.shown(&folder);
    fs::create_dir_all(&folder).with_context(shown)?;
    tempfile::Builder::new().prefix(prefix).tempdir_in(&folder).with_context(shown)
}

/// Moves new pages to their place, and those that were there out of the way. Where `target` lies on another
/// file system, they are copied beside their place first, so that readers never meet half a book.
fn put_in_place(new: &Path, place: &Path, old: &Path) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    if place.exists() && !place.is_dir() {
        return Err(io::Error::other("a file of this name is in the way; move it away"));
    }
    match swap(new, place, old) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let beside = tempfile::Builder::new().prefix(".book-").tempdir_in(folder)?;
            let copied = beside.path().join("new");
            copy_folder(new, &copied)?;
            swap(&copied, place, &beside.path().join("old"))
        }
        done => done,
    }
}

fn swap(new: &Path, place: &Path, old: &Path) -> io::Result<()> {
    if place.is_dir() {
        fs::rename(place, old)?;
    }
    fs::rename(new, place).inspect_err(|_| {
        let _ = fs::rename(old, place); // the error is of the move that failed
    })
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// What a page of another shell does instead: mdBook's own waits for a word on a socket, which our server does not
/// have.
const RELOAD: &str = include_str!("reload.js");

/// Whether the pages have a shell that knows this path of our server. Another would wait for mdBook's.
pub fn has_our_shell(project: &Project, endpoint: &str) -> bool {
    let shell = project.root.join(&project.mdbook.theme).join("index.hbs");
    fs::read_to_string(shell).is_ok_and(|shell| shell.contains(endpoint))
}

/// Renders into another folder pages that ask this path of their server for the id of the build,
/// and reload when it is another.
///
/// # Errors
/// As [`render`].
pub fn render_watched(project: &Project, folder: &Path, endpoint: &str) -> Result<()> {
    let mut book = MDBook::load(&project.root).context("the book could not be read")?;
    book.config.build.build_dir = folder.to_path_buf();
    if has_our_shell(project, endpoint) {
        book.config.set("output.html.live-reload-endpoint", endpoint)?;
    } else {
        let script = Path::new("target/course/reload.js"); // mdBook takes it from inside the project
        let text = RELOAD.replace("@endpoint@", endpoint);
        write_if_changed(&project.root.join(script), text).context("target/course/reload.js")?;
        let mut scripts = book.config.html_config().unwrap_or_default().additional_js;
        scripts.push(script.into());
        book.config.set("output.html.additional-js", scripts)?;
    }
    book.with_preprocessor(of_this_computer());
    book.build().map_err(plain)
}

/// The chapters as they are written, with their numbers.
///
/// # Errors
/// Where the contents or a chapter cannot be read.
pub fn read_chapters(project: &Project) -> Result<Vec<Chapter>> {
    let book = MDBook::load(&project.root).context("the book could not be read")?;
    Ok(chapters(&book.book, &book.config.book.src))
}

/// Problems keep their type through mdBook's chain of contexts, so that they can be shown as they are.
fn plain(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<Problems>() {
        Ok(problems) => anyhow!(problems),
        Err(error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder on another file system than the one for temporary files, if this computer has one.
    #[cfg(target_os = "linux")]
    fn elsewhere() -> Option<TempDir> {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| fs::metadata(path).ok().map(|folder| folder.dev());
        let shared = Path::new("/dev/shm");
        let other = device(shared).filter(|other| Some(*other) != device(&std::env::temp_dir()));
        other.and_then(|_| tempfile::tempdir_in(shared).ok())
    }

    #[cfg(not(target_os = "linux"))]
    fn elsewhere() -> Option<TempDir> {
        None
    }

    #[test]
    fn a_book_is_swapped_in_whole_from_another_file_system_too() {
        let test = "a_book_is_swapped_in_whole_from_another_file_system_too";
        let Some(target) = elsewhere() else {
            return lab::skipped(test, "no second file system was found here");
        };
        let project = tempfile::tempdir().unwrap();
        let place = project.path().join("book");
        for (name, text) in [("first", "one"), ("second", "two")] {
            let new = target.path().join(name);
            fs::create_dir_all(new.join("machines")).unwrap();
            fs::write(new.join("machines").join(name), text).unwrap();
            put_in_place(&new, &place, &target.path().join("old")).unwrap();
            assert_eq!(fs::read_to_string(place.join("machines").join(name)).unwrap(), text);
        }
        assert!(!place.join("machines").join("first").exists(), "the pages before are gone");
        let left: Vec<_> = fs::read_dir(project.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "nothing is left beside the book: {left:?}");
    }
}
