//! Watches what the book is made of, and nothing that a build writes.

use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use notify::{RecursiveMode, Watcher};

use super::Event;
use crate::file_watcher::{self, changes_content};
use crate::generated::is_generated;
use crate::message::warning;

const FOLDERS: [&str; 5] = ["src", "listings", "examples", "theme", "measurements"];
const FILES: [&str; 3] = ["book.toml", "Cargo.toml", "Cargo.lock"];

/// Watches until it is dropped.
pub(super) struct Watch {
    root: PathBuf,
    watcher: Box<dyn Watcher>,
}

impl Watch {
    pub(super) fn start(root: &Path, events: Sender<Event>) -> Result<Watch> {
        // As the system reports it, where the way to it leads over symbolic links.
        let root = root.canonicalize().with_context(|| root.display().to_string())?;
        let begin = |watcher: &mut dyn Watcher| {
            watcher.watch(&root, RecursiveMode::NonRecursive)?;
            for folder in FOLDERS.map(|folder| root.join(folder)) {
                if folder.is_dir() {
                    watcher.watch(&folder, RecursiveMode::Recursive)?;
                }
            }
            Ok(())
        };
        let watcher = file_watcher::watch(|| handler(&root, events.clone()), begin)
            .context("the book's files cannot be watched")?;
        Ok(Watch { root, watcher })
    }

    /// A folder of the book that was made, or made again, since the start.
    pub(super) fn follow(&mut self, path: &Path) {
        let whole = self.root.join(path);
        if FOLDERS.iter().any(|folder| path == Path::new(folder))
            && whole.is_dir()
            && let Err(why) = self.watcher.watch(&whole, RecursiveMode::Recursive)
        {
            warning(format!("{} is not watched: {why}", path.display()));
        }
    }
}

fn handler(
    root: &Path,
    events: Sender<Event>,
) -> impl Fn(notify::Result<notify::Event>) + Send + 'static {
    let root = root.to_path_buf();
    move |event| {
        let Ok(event) = event else { return };
        if !changes_content(&event.kind) {
            return;
        }
        for path in event.paths {
            let path = path.strip_prefix(&root).unwrap_or(&path);
            if belongs_to_the_book(path) {
                let _ = events.send(Event::Changed(path.to_path_buf())); // fails only on the way out
            }
        }
    }
}

fn belongs_to_the_book(path: &Path) -> bool {
    let mut parts = path.components();
    let Some(Component::Normal(first)) = parts.next() else { return false };
    let first = first.to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let of_an_editor = name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp");
    let ours = FOLDERS.contains(&&*first) || (FILES.contains(&&*first) && parts.next().is_none());
    ours && !of_an_editor && !is_generated(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated;

    #[test]
    fn what_a_build_writes_is_no_change() {
        for folder in generated::FOLDERS {
            let path = Path::new(folder).join("index.json");
            assert!(!belongs_to_the_book(&path), "{}", path.display());
        }
        for path in generated::FILES.iter().chain(&["target/release/course", ".git/index"]) {
            assert!(!belongs_to_the_book(Path::new(path)), "{path}");
        }
        for path in [
            "src/ch05-threads.md",
            "theme/course.css",
            "book.toml",
            "listings/lib.rs",
            "measurements",
        ] {
            assert!(belongs_to_the_book(Path::new(path)), "{path}");
        }
        for path in ["src/.ch05-threads.md.swp", "src/ch05-threads.md~", "src/.#ch05-threads.md"] {
            assert!(!belongs_to_the_book(Path::new(path)), "{path}");
        }
    }
}
