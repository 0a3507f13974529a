//! What expansion may look at: chapters' listings, records, keys. It runs nothing.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Result;
use lab::record::{Description, Record};
use walkdir::WalkDir;

use crate::diagnostic::nearest;
use crate::memo::{Known, Memo};
use crate::project::Project;
use crate::records::Records;
use crate::source::Keys;

/// The project's listings and records, each file read once.
pub struct Context<'a> {
    /// The project whose files are read.
    pub project: &'a Project,
    /// The records of all its machines.
    pub records: &'a Records,
    /// The machine whose numbers are in the page.
    pub machine: String,
    /// Names of the examples.
    pub examples: Vec<String>,
    texts: RefCell<HashMap<PathBuf, Result<Rc<str>, String>>>,
    memo: RefCell<Option<Memo>>,
    known: RefCell<HashMap<String, Option<Rc<Known>>>>,
    asked: RefCell<HashSet<String>>,
    lock: String,
    manifest: String,
}

impl<'a> Context<'a> {
    /// # Errors
    /// Where the project has no Cargo.lock or no Cargo.toml, or its examples cannot be listed.
    pub fn new(project: &'a Project, records: &'a Records) -> Result<Context<'a>> {
        let machine = match &project.settings.machine {
            Some(name) => name.clone(),
            None => records.machines.keys().next().cloned().unwrap_or_default(),
        };
        Ok(Context {
            project,
            records,
            machine,
            examples: project.examples()?,
            texts: RefCell::default(),
            memo: RefCell::default(),
            known: RefCell::default(),
            asked: RefCell::default(),
            manifest: project.manifest()?,
            lock: project.lock()?,
        })
    }

    /// What to do where no file of this name is in the folder that the setting names: take the nearest, or make one
    /// with these words of `cargo course new`.
    pub fn near_or_new(&self, name: &str, candidates: &[&str], setting: &str, new: &str) -> String {
        let Project { root, settings, .. } = self.project;
        let folder = if setting == "examples" { &settings.examples } else { &settings.listings };
        match nearest(name, candidates.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if !root.join(folder).is_dir() => format!(
                "there is no folder {folder}/, and `{setting}` in [preprocessor.course] of book.toml names it"
            ),
            None if settings.are_as_usual() => format!("`cargo course new {new}` makes it"),
            None => format!("{folder}/ has no such file"),
        }
    }

    /// The text of a file of the project, or why there is none.
    ///
    /// # Errors
    /// The reason why the file cannot be read, in words. It is kept like a text, so that the file is tried once.
    pub fn text(&self, path: &Path) -> Result<Rc<str>, String> {
        let mut texts = self.texts.borrow_mut();
        let read = || {
            fs::read_to_string(self.project.root.join(path))
                .map(Rc::from)
                .map_err(|error| error.to_string())
        };
        texts.entry(path.to_path_buf()).or_insert_with(read).clone()
    }

    /// Every file below the folder of the listings, by its path from there: for suggestions.
    pub fn listings(&self) -> Vec<String> {
        let root = self.project.root.join(&self.project.settings.listings);
        // In an order that is the same everywhere; what cannot be read cannot be suggested.
        let entries = WalkDir::new(&root).sort_by_file_name().into_iter().flatten();
        let files = entries.filter(|entry| !entry.file_type().is_dir());
        files
            .filter_map(|entry| {
                let path = entry.path().strip_prefix(&root).ok()?;
                Some(path.display().to_string().replace('\\', "/"))
            })
            .collect()
    }

    /// What an experiment says of itself, in the record of the page's own machine or else in another's. `None`
    /// without a record.
    pub fn description(&self, experiment: &str) -> Option<&'a Description> {
        self.records.description(experiment, &self.machine)
    }

    /// The keys of the example as its files are now; `None` where they cannot be parsed.
    pub fn keys(&self, example: &str) -> Option<Keys> {
        Some(self.known(example)?.keys.clone())
    }

    /// The listing that the example runs.
    pub fn listing(&self, example: &str) -> Option<PathBuf> {
        self.known(example)?.listing.clone()
    }

    fn known(&self, example: &str) -> Option<Rc<Known>> {
        let compute = || {
            let (project, lock, manifest) = (self.project, &self.lock, &self.manifest);
            let mut memo = self.memo.borrow_mut();
            let memo = memo.get_or_insert_with(|| Memo::load(project, lock, manifest));
            memo.known(project, example, lock, manifest).map(Rc::new)
        };
        self.known.borrow_mut().entry(example.to_string()).or_insert_with(compute).clone()
    }

    /// Notes that a page asks for something of this example's record.
    pub(crate) fn ask_for(&self, example: &str) {
        self.asked.borrow_mut().insert(example.to_string());
    }

    /// Whether a page that was resolved here asks for something of this example's record.
    pub fn is_asked_for(&self, example: &str) -> bool {
        self.asked.borrow().contains(example)
    }

    /// Keeps what was found out about the sources for the next expansion.
    pub fn remember(&self) {
        if let Some(memo) = &*self.memo.borrow() {
            memo.save(&self.project.root);
        }
    }

    /// Whether what the record timed is no longer what the listing says.
    pub fn stale_timing(&self, record: &Record) -> bool {
        let keys = self.keys(&record.example);
        let measured = record.measurement.as_ref();
        measured.is_some_and(|m| keys.is_none_or(|keys| keys.timing != m.timing_key))
    }

    /// Whether the demo's output was printed by another version of the files.
    pub fn stale_output(&self, record: &Record) -> bool {
        let keys = self.keys(&record.example);
        record
            .demo
            .as_ref()
            .is_some_and(|demo| keys.is_none_or(|keys| keys.output != demo.output_key))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::fixtures::TinyBook;

    #[test]
    fn a_name_that_nothing_has_is_answered_with_what_this_book_can_do_about_it() {
        let said = |book: &TinyBook| {
            let (project, records) = (book.project(), book.records());
            let context = Context::new(&project, &records).unwrap();
            context.near_or_new("pot", &["kettle"], "listings", "listing pot")
        };
        let book = TinyBook::measured();
        assert_eq!(said(&book), "`cargo course new listing pot` makes it");
        book.write("book.toml", "[preprocessor.course]\nlistings = \"rust/src\"\n");
        let lacking = said(&book);
        assert!(
            lacking.starts_with("there is no folder rust/src/, and `listings` in"),
            "{lacking}"
        );
        book.write("rust/src/kettle.rs", "");
        assert_eq!(said(&book), "rust/src/ has no such file");
    }

    #[test]
    fn a_missing_lock_file_or_manifest_is_an_error_and_makes_nothing_stale() {
        for (name, command) in [
            ("Cargo.lock", "`cargo generate-lockfile`"),
            ("Cargo.toml", "`git checkout -- Cargo.toml`"),
        ] {
            let book = TinyBook::measured();
            fs::remove_file(book.root().join(name)).unwrap();
            let (project, records) = (book.project(), book.records());
            let wrong = Context::new(&project, &records).err().expect("it is missing").to_string();
            let folder = book.root().display();
            assert!(wrong.starts_with(&format!("no {name} in {folder}: ")), "{wrong}");
            assert!(wrong.contains(command), "{wrong}");
        }
    }
}
