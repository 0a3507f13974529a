//! The door that mdBook opens: a loaded book in, the same book expanded out, and beside it the files that its
//! pages ask for.
//!
//! `mdbook-course` is the program that `mdbook build` calls; `cargo course` goes through the same door in its own
//! process. What the pages say is in the package `book`.

#![warn(clippy::missing_errors_doc, clippy::print_stdout, clippy::unwrap_used)]

mod diagrams;
pub mod edition;
mod scripts;
mod style;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use book::context::Context;
use book::diagnostic::Source;
use book::diagram;
use book::edition::Edition;
use book::expand;
use book::files::{is_the_authors, write_if_changed};
use book::page::{Chapter, Page, elsewhere_path};
use book::project::{Project, Settings};
use book::records::Records;
use book::sharing;
use book::sitemap;
use book::trace;
use lab::machine::Machine;
use mdbook_preprocessor::book::{Book, BookItem, Chapter as BookChapter};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use walkdir::WalkDir;

/// The expansion, as mdBook calls it.
#[derive(Clone, Debug)]
pub struct Course {
    /// Shows this machine's numbers first, whatever book.toml says.
    pub machine: Option<String>,
    /// The computer that the pages are built on, where they are read on it: a reader's selector starts there.
    /// `None` in what is published.
    pub here: Option<Machine>,
    /// Says what is odd and stops nothing.
    pub warn: fn(&str),
}

impl Default for Course {
    fn default() -> Course {
        Course { machine: None, here: None, warn: |what| eprintln!("warning: {what}") }
    }
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
            (self.warn)(&format!("{}: {why}; the pages do without it", project.shown(path)));
        }
        let source = context.config.book.src.clone();
        let here = self.here.as_ref();
        let local = here.and_then(|here| book::edition::local(&project, &records, here));
        let known = edition::edition(&context.root, &context.config, self.warn);
        let edition = Edition { local, ..known };
        let mut book = expand_book(&project, &records, &edition, &source, book)?;
        if context.config.html_config().is_some_and(|html| html.no_section_label) {
            number_names(&mut book);
        }
        let has_diagram = |chapter: &BookChapter| chapter.content.contains(diagram::ELEMENT);
        diagrams::provide(&project.root.join(&source), book.chapters().any(has_diagram))?;
        style::provide(&project, &context.config, self.warn)?;
        Ok(book)
    }
}

/// Answers mdBook's protocol: the book on stdin, expanded on stdout.
///
/// # Errors
/// Where the input is no book of mdBook, or as [`expand_book`].
pub fn preprocess(input: impl io::Read, output: impl io::Write) -> Result<()> {
    let course = Course::default();
    let (context, book) = mdbook_preprocessor::parse_input(input)?;
    let ours = mdbook_preprocessor::MDBOOK_VERSION;
    let same_minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_string());
    if same_minor(&context.mdbook_version) != same_minor(ours) {
        (course.warn)(&format!(
            "this is mdBook {}, and `mdbook-course` was built for {ours}; if pages look wrong, use `cargo course build`",
            context.mdbook_version
        ));
    }
    let book = course.run(&context, book)?;
    serde_json::to_writer(output, &book).context("standard output")
}

/// Expands every chapter of a loaded book and writes the other machines' files.
///
/// # Errors
/// All problems of the chapters, each with its place; or a file that cannot be read or written.
pub fn expand_book(
    project: &Project,
    records: &Records,
    edition: &Edition,
    source: &Path,
    mut book: Book,
) -> Result<Book> {
    let context = Context::new(project, records)?;
    let chapters = chapters(&book, source);
    let folder = project.root.join(source);
    let pages = expand::expand(&chapters, &context)?;
    context.remember();
    let machines = Machines { records, usual: &context.machine, local: edition.local.as_deref() };
    write_elsewhere(&folder, &project.settings, machines, &chapters, &pages)?;
    write_partials(project, edition, &chapters, &pages)?;
    let changed = || edition::last_changes(&project.root, source);
    sitemap::provide(&folder, edition.address.as_deref(), &chapters, changed)?;
    let mut contents = pages.into_iter().map(|page| page.content);
    book.for_each_chapter_mut(|chapter| {
        if chapter.path.is_some() {
            chapter.content = contents.next().unwrap_or_default();
        }
    });
    Ok(book)
}

/// Where mdBook leaves a chapter's number out of the contents, it belongs to the name: in the title, in the
/// contents, before and after.
fn number_names(book: &mut Book) {
    book.for_each_chapter_mut(|chapter| {
        if let Some(number) = &chapter.number {
            chapter.name = format!("{number} {}", chapter.name);
        }
    });
}

/// The chapters that have a page, in the order in which mdBook walks them.
pub fn chapters(book: &Book, source: &Path) -> Vec<Chapter> {
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
            .map(|(name, records)| {
                let machine = &records.machine;
                serde_json::json!({
                    "name": name, "label": machine.label, "line": records.line(), "cores": machine.cores
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
    settings: &Settings,
    machines: Machines,
    chapters: &[Chapter],
    pages: &[Page],
) -> Result<()> {
    let mut wanted = BTreeSet::new();
    let mut write = |path: PathBuf, text: &str| {
        let written = write_if_changed(&path, text).with_context(|| path.display().to_string());
        wanted.insert(path);
        written
    };
    write(folder.join(&settings.machines).join("index.json"), &machines.index())?;
    for (chapter, page) in chapters.iter().zip(pages) {
        for (machine, places) in &page.elsewhere {
            let text = serde_json::to_string(places)?;
            write(folder.join(elsewhere_path(settings, machine, &chapter.page)), &text)?;
        }
    }
    for (machine, records) in &machines.records.machines {
        for (example, record) in &records.records {
            if let Some(text) = trace::text(record) {
                write(folder.join(trace::path(settings, machine, example)), &text)?;
            }
        }
    }
    for page in pages {
        for (path, text) in &page.code {
            write(folder.join(path), text)?;
        }
    }
    remove_others(&folder.join(&settings.code), &wanted)?;
    remove_others(&folder.join(&settings.machines), &wanted)
}

/// The partials of our page shell: what its head says of each page, and what its end says. Nothing where a
/// book has no shell of its own.
fn write_partials(
    project: &Project,
    edition: &Edition,
    chapters: &[Chapter],
    pages: &[Page],
) -> Result<()> {
    let theme = project.root.join(&project.mdbook.theme);
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
        if is_the_authors(&path) {
            continue; // another shell, with a head of its own
        }
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
