//! The two doors to one expansion: in process through mdBook's driver, and as a preprocessor on stdin.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use lab::machine::Machine;
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::{Book, BookItem, Chapter as BookChapter};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::context::Context;
use crate::diagnostic::{Problems, Source};
use crate::diagram;
use crate::edition::{self, Edition};
use crate::expand;
use crate::files::write_if_changed;
use crate::message::warning;
use crate::page::{Chapter, Page, elsewhere_path};
use crate::project::Project;
use crate::records::Records;
use crate::scripts;
use crate::sharing;
use crate::sitemap;
use crate::trace;

/// The expansion, as mdBook calls it.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Shows this machine's numbers first, whatever book.toml says.
    pub machine: Option<String>,
    /// Whether a reader's selector starts at the machine of this build: in what is read on it, and never
    /// in what is published.
    pub local: bool,
}

impl Preprocessor for Course {
    fn name(&self) -> &str {
        "course"
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> Result<Book> {
        let mut project = Project::at(&context.root)?;
        if self.machine.is_some() {
            project.settings.machine.clone_from(&self.machine);
        }
        let records = Records::read(&project.measurements())?;
        for (path, why) in &records.damaged {
            warning(format!("{}: {why}; the pages do without it", project.shown(path)));
        }
        let source = context.config.book.src.clone();
        let here = self.local.then(Machine::here);
        let local = here.and_then(|here| edition::local(&project, &records, &here));
        let edition = Edition { local, ..Edition::of(&context.root, &context.config) };
        let book = expand_book(&project, &records, &edition, &source, book)?;
        let has_diagram = |chapter: &BookChapter| chapter.content.contains(diagram::ELEMENT);
        diagram::provide(&project.root.join(&source), book.chapters().any(has_diagram))?;
        Ok(book)
    }
}

/// Renders the book into `book/`, in process, as it is published.
pub fn render(project: &Project, machine: Option<&str>) -> Result<PathBuf> {
    render_with(project, Course { machine: machine.map(str::to_string), local: false })
}

/// The same, to be read on this computer.
pub fn render_local(project: &Project) -> Result<PathBuf> {
    render_with(project, Course { machine: None, local: true })
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
        match entry.file_type()?.is_dir() {
            true => copy_folder(&entry.path(), &target)?,
            false => fs::copy(entry.path(), target).map(drop)?,
        }
    }
    Ok(())
}

/// Renders into another folder pages that ask this path of their server for the id of the build,
/// and reload when it is another.
pub fn render_watched(project: &Project, folder: &Path, endpoint: &str) -> Result<()> {
    let mut book = MDBook::load(&project.root).context("the book could not be read")?;
    book.config.build.build_dir = folder.to_path_buf();
    book.config.set("output.html.live-reload-endpoint", endpoint)?;
    book.with_preprocessor(Course { machine: None, local: true });
    book.build().map_err(plain)
}

/// Answers mdBook's protocol: the book on stdin, expanded on stdout.
pub fn preprocess(input: impl io::Read, output: impl io::Write) -> Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(input)?;
    let ours = mdbook_preprocessor::MDBOOK_VERSION;
    let same_minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_string());
    if same_minor(&context.mdbook_version) != same_minor(ours) {
        warning(format!(
            "this is mdBook {}, and `course` was built for {ours}; if pages look wrong, use `cargo course build`",
            context.mdbook_version
        ));
    }
    let book = Course::default().run(&context, book)?;
    serde_json::to_writer(output, &book).context("standard output")
}

/// Expands every chapter of a loaded book and writes the other machines' files.
pub fn expand_book(
    project: &Project,
    records: &Records,
    edition: &Edition,
    source: &Path,
    mut book: Book,
) -> Result<Book> {
    let context = Context::new(project, records)?;
    let chapters = chapters(&book, source);
    let pages = expand::expand(&chapters, &context)?;
    context.remember();
    let machines = Machines { records, usual: &context.machine, local: edition.local.as_deref() };
    write_elsewhere(&project.root.join(source), machines, &chapters, &pages)?;
    write_partials(project, edition, &chapters, &pages)?;
    sitemap::provide(&project.root, source, edition.address.as_deref(), &chapters)?;
    let mut contents = pages.into_iter().map(|page| page.content);
    book.for_each_chapter_mut(|chapter| {
        // The number belongs to the name: in the title, in the contents, before and after.
        if let Some(number) = &chapter.number {
            chapter.name = format!("{number} {}", chapter.name);
        }
        if chapter.path.is_some() {
            chapter.content = contents.next().unwrap_or_default();
        }
    });
    Ok(book)
}

/// The chapters that have a page, in the order in which mdBook walks them.
fn chapters(book: &Book, source: &Path) -> Vec<Chapter> {
    let mut chapters = Vec::new();
    let mut part = None;
    for item in book.iter() {
        let chapter = match item {
            BookItem::PartTitle(title) => {
                part = Some(title.clone());
                continue;
            }
            BookItem::Chapter(chapter) => chapter,
            BookItem::Separator => {
                part = None; // what follows a line belongs to no part
                continue;
            }
        };
        let Some(path) = &chapter.path else { continue };
        let file = source.join(chapter.source_path.as_ref().unwrap_or(path));
        chapters.push(Chapter {
            source: Source { file, text: chapter.content.as_str().into() },
            page: path.with_extension("").display().to_string().replace('\\', "/"),
            title: chapter.name.clone(),
            number: chapter.number.as_ref().and_then(|number| number.first().copied()),
            part: part.clone().filter(|_| chapter.number.is_some()),
        });
    }
    chapters
}

/// The chapters as they are written, with their numbers.
pub fn read_chapters(project: &Project) -> Result<Vec<Chapter>> {
    let book = MDBook::load(&project.root).context("the book could not be read")?;
    Ok(chapters(&book.book, &book.config.book.src))
}

/// The pages, or what is wrong with the chapters.
type Expanded = Result<Vec<Page>, Problems>;

/// Parses and expands without writing anything: for `check`.
pub fn expand_only(project: &Project, records: &Records) -> Result<(Vec<Chapter>, Expanded)> {
    let book = MDBook::load(&project.root).context("the book could not be read")?;
    let chapters = chapters(&book.book, &book.config.book.src);
    let context = Context::new(project, records)?;
    let pages = expand::expand(&chapters, &context);
    Ok((chapters, pages))
}

/// What the selector of a page offers.
#[derive(Clone, Copy)]
struct Machines<'a> {
    records: &'a Records,
    /// The one that the pages are written with.
    usual: &'a str,
    /// The one that it starts at instead, where the reader has chosen none.
    local: Option<&'a str>,
}

impl Machines<'_> {
    /// `machines/index.json`
    fn index(self) -> String {
        let machines: Vec<_> = self
            .records
            .machines
            .iter()
            .map(|(name, of)| {
                let machine = &of.machine;
                serde_json::json!({
                    "name": name, "label": machine.label, "line": of.line(), "cores": machine.cores
                })
            })
            .collect();
        let mut index = serde_json::json!({ "default": self.usual, "machines": machines });
        if let Some(local) = self.local {
            index["local"] = local.into();
        }
        index.to_string()
    }
}

/// `machines/index.json`, one file a machine and page, and the timelines; written only when they
/// change, so that a watching mdBook does not build for ever.
fn write_elsewhere(
    folder: &Path,
    of: Machines,
    chapters: &[Chapter],
    pages: &[Page],
) -> Result<()> {
    let mut wanted = BTreeSet::new();
    let mut write = |path: PathBuf, text: &str| {
        let written = write_if_changed(&path, text).with_context(|| path.display().to_string());
        wanted.insert(path);
        written
    };
    write(folder.join("machines/index.json"), &of.index())?;
    for (chapter, page) in chapters.iter().zip(pages) {
        for (machine, places) in &page.elsewhere {
            let text = serde_json::to_string(places)?;
            write(folder.join(elsewhere_path(machine, &chapter.page)), &text)?;
        }
    }
    for (machine, of) in &of.records.machines {
        for (example, record) in &of.records {
            if let Some(text) = trace::text(record) {
                write(folder.join(trace::path(machine, example)), &text)?;
            }
        }
    }
    for page in pages {
        for (path, text) in &page.code {
            write(folder.join(path), text)?;
        }
    }
    remove_others(&folder.join("code"), &wanted)?;
    remove_others(&folder.join("machines"), &wanted)
}

/// The partials of our page shell: what its head says of each page, and what its end says. Nothing where a
/// book has no shell of its own.
fn write_partials(
    project: &Project,
    edition: &Edition,
    chapters: &[Chapter],
    pages: &[Page],
) -> Result<()> {
    let theme = project.root.join("theme");
    if !theme.join("index.hbs").exists() {
        return Ok(());
    }
    let descriptions: Vec<_> =
        pages.iter().map(|page| sharing::description(&page.content)).collect();
    let head = sharing::head(edition, chapters, &descriptions) + &scripts::list(&project.root)?;
    for (name, text) in
        [(sharing::PARTIAL, head), (sharing::AROUND, sharing::around(edition, chapters, pages))]
    {
        let path = theme.join(name);
        write_if_changed(&path, text).with_context(|| project.shown(&path))?;
    }
    Ok(())
}

/// Files of machines, pages and listings that are no more. These folders hold nothing else.
fn remove_others(folder: &Path, wanted: &BTreeSet<PathBuf>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in WalkDir::new(folder).min_depth(1).contents_first(true) {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type().is_dir() {
            let _ = fs::remove_dir(path); // fails where it is not empty; left empty, it harms nobody
        } else if path.extension().is_some_and(|ending| ending == "json") && !wanted.contains(path)
        {
            fs::remove_file(path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
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
        let device = |path: &Path| fs::metadata(path).ok().map(|of| of.dev());
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
