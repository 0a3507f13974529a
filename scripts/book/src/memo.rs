//! Keys that were computed before, kept in `target/` for as long as nothing they depend on changes.
//!
//! Parsing every listing takes longer than all the rest of an expansion. What is kept here is only
//! ever what would be computed again; without the file, or where it cannot be written, it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::project::Project;
use crate::source::{Keys, Locked, Sources, short_hex};

/// What is known of one example's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Of the code as the files stand now.
    pub keys: Keys,
    /// The listing it runs.
    pub listing: Option<PathBuf>,
    /// Files it needs outside of the folders that the stamp covers, with their hashes.
    outside: Vec<(PathBuf, String)>,
}

/// What is known of all examples. `None`: they cannot be parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memo {
    stamp: String,
    examples: BTreeMap<String, Option<Known>>,
    #[serde(skip)]
    changed: bool,
    /// Read when a key has to be computed; `None` inside: it cannot be.
    #[serde(skip)]
    locked: Option<Option<Locked>>,
}

impl Memo {
    /// What was kept, if it is of these files; else an empty one for them.
    pub fn load(project: &Project, lock: &str, manifest: &str) -> Memo {
        let stamp = stamp(project, lock, manifest);
        let kept = fs::read_to_string(path(&project.root)).ok();
        let kept: Option<Memo> = kept.and_then(|text| serde_json::from_str(&text).ok());
        kept.filter(|memo| memo.stamp == stamp).unwrap_or(Memo { stamp, ..Memo::default() })
    }

    /// What is known of the example, computed if need be. `None` where it cannot be parsed.
    pub fn known(
        &mut self,
        project: &Project,
        example: &str,
        lock: &str,
        manifest: &str,
    ) -> Option<Known> {
        let root = &project.root;
        let unchanged = |known: &Known| {
            known.outside.iter().all(|(path, hash)| hash_of_file(root, path) == *hash)
        };
        match self.examples.get(example) {
            Some(Some(known)) if unchanged(known) => return Some(known.clone()),
            Some(None) => return None,
            _ => {}
        }
        let sources = Sources::of_example(project, example).ok();
        let locked = self.locked.get_or_insert_with(|| Locked::parse(lock).ok()).as_ref();
        let known = sources.zip(locked).map(|(sources, locked)| Known {
            keys: sources.keys(locked, manifest),
            listing: sources.listing(example).map(Path::to_path_buf),
            outside: sources
                .files()
                .filter(|path| !folders(project).iter().any(|folder| path.starts_with(folder)))
                .map(|path| (path.to_path_buf(), hash_of_file(root, path)))
                .collect(),
        });
        self.changed = true;
        self.examples.insert(example.to_string(), known.clone());
        known
    }

    /// Keeps it where Cargo keeps what it made; where there is no such folder, nothing is kept.
    pub fn save(&self, root: &Path) {
        let path = path(root);
        let Some(folder) = path.parent().filter(|folder| folder.is_dir() && self.changed) else {
            return;
        };
        let Ok(text) = serde_json::to_vec(self) else { return };
        let Ok(mut file) = tempfile::NamedTempFile::new_in(folder) else { return };
        if file.write_all(&text).is_ok() {
            let _ = file.persist(path); // the next build computes it again
        }
    }
}

/// The folders that the stamp covers.
fn folders(project: &Project) -> [&str; 2] {
    [&project.settings.examples, &project.settings.listings]
}

fn path(root: &Path) -> PathBuf {
    root.join("target").join("course-keys.json")
}

/// Hash of everything under the folders, of lock file and manifest, and of how keys are made.
fn stamp(project: &Project, lock: &str, manifest: &str) -> String {
    let root = &project.root;
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for text in [
        include_str!("source.rs"),
        include_str!("memo.rs"),
        &project.settings.package,
        lock,
        manifest,
    ] {
        add(text.as_bytes());
    }
    for folder in folders(project) {
        add(folder.as_bytes());
        for entry in WalkDir::new(root.join(folder)).sort_by_file_name().into_iter().flatten() {
            let path = entry.path();
            add(path.strip_prefix(root).unwrap_or(path).as_os_str().as_encoded_bytes());
            // A folder has no content, and a file that cannot be read has no keys either.
            if let Ok(bytes) = fs::read(path) {
                add(&bytes);
            }
        }
    }
    short_hex(hash)
}

fn hash_of_file(root: &Path, path: &Path) -> String {
    fs::read(root.join(path)).map_or("missing".into(), |bytes| {
        let mut hash = Sha256::new();
        hash.update(bytes);
        short_hex(hash)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::TinyBook;

    fn known(book: &TinyBook) -> (Memo, Option<Known>) {
        let mut memo = Memo::load(&book.project(), "", "");
        let known = memo.known(&book.project(), "fetch", "", "");
        memo.save(book.root());
        (memo, known)
    }

    #[test]
    fn what_is_kept_is_what_would_be_computed() {
        let book = TinyBook::new();
        book.write("target/CACHEDIR.TAG", "");
        let (first, computed) = known(&book);
        assert!(first.changed);
        let (second, kept) = known(&book);
        assert!(!second.changed, "the second time nothing is parsed");
        assert_eq!(computed, kept);
        assert_eq!(kept.unwrap().keys, book.keys());
    }

    #[test]
    fn any_change_below_listings_and_examples_is_seen() {
        let book = TinyBook::new();
        book.write("target/CACHEDIR.TAG", "");
        let (_, before) = known(&book);
        book.write("listings/ideas/fetch.rs", "pub fn main() {}\n");
        let (memo, after) = known(&book);
        assert!(memo.changed && before != after);
        book.write("listings/ideas/fetch.rs", "pub fn main() {");
        assert_eq!(known(&book).1, None);
        assert_eq!(known(&book).1, None, "that it cannot be parsed is kept, too");
        book.write("listings/ideas/fetch.rs", "pub fn main() {}\n");
        assert_eq!(known(&book).1, after);
    }

    #[test]
    fn what_is_kept_may_be_damaged_or_missing() {
        let book = TinyBook::new();
        let (_, computed) = known(&book);
        assert!(!book.root().join("target").exists(), "nothing is made that was not there");
        book.write("target/course-keys.json", "{\"stamp\":");
        assert_eq!(known(&book).1, computed);
    }
}
