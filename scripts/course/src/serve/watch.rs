//! Watches what the book is made of, and nothing that a build writes.

use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use anyhow::{Context, Result};
use notify::event::{EventKind, ModifyKind};
use notify::{Config, Event, PollWatcher, RecursiveMode, Watcher};

use super::Wake;
use crate::message::warning;
use crate::sharing::{AROUND, PARTIAL};
use crate::sitemap;

const FOLDERS: [&str; 5] = ["src", "listings", "examples", "theme", "measurements"];
const FILES: [&str; 3] = ["book.toml", "Cargo.toml", "Cargo.lock"];
/// How often to look where the system does not tell.
pub const LOOKING: Duration = Duration::from_millis(500);

/// Watches until it is dropped.
pub struct Watch {
    root: PathBuf,
    watcher: Box<dyn Watcher>,
}

impl Watch {
    pub fn start(root: &Path, wake: Sender<Wake>) -> Result<Watch> {
        // As the system reports it, where the way to it leads over symbolic links.
        let root = root.canonicalize().with_context(|| root.display().to_string())?;
        match Watch::with(&root, notify::recommended_watcher(handler(&root, wake.clone()))) {
            Ok(watch) => Ok(watch),
            Err(why) => {
                warning(format!(
                    "this system does not tell when a file changes ({why}); looking every {} ms instead",
                    LOOKING.as_millis()
                ));
                let often = Config::default().with_poll_interval(LOOKING);
                Watch::with(&root, PollWatcher::new(handler(&root, wake), often))
                    .context("the book's files cannot be watched")
            }
        }
    }

    fn with<W: Watcher + 'static>(
        root: &Path,
        watcher: notify::Result<W>,
    ) -> notify::Result<Watch> {
        let mut watcher = watcher?;
        watcher.watch(root, RecursiveMode::NonRecursive)?;
        for folder in FOLDERS.map(|folder| root.join(folder)) {
            if folder.is_dir() {
                watcher.watch(&folder, RecursiveMode::Recursive)?;
            }
        }
        Ok(Watch { root: root.to_path_buf(), watcher: Box::new(watcher) })
    }

    /// A folder of the book that was made, or made again, since the start.
    pub fn follow(&mut self, path: &Path) {
        let whole = self.root.join(path);
        if FOLDERS.iter().any(|folder| path == Path::new(folder))
            && whole.is_dir()
            && let Err(why) = self.watcher.watch(&whole, RecursiveMode::Recursive)
        {
            warning(format!("{} is not watched: {why}", path.display()));
        }
    }
}

fn handler(root: &Path, wake: Sender<Wake>) -> impl Fn(notify::Result<Event>) + Send + 'static {
    let root = root.to_path_buf();
    move |event| {
        let Ok(event) = event else { return };
        if !changes_content(&event.kind) {
            return;
        }
        for path in event.paths {
            let path = path.strip_prefix(&root).unwrap_or(&path);
            if belongs_to_the_book(path) {
                let _ = wake.send(Wake::Changed(path.to_path_buf())); // fails only on the way out
            }
        }
    }
}

/// Reading is an event, too, and every build reads every file.
pub fn changes_content(kind: &EventKind) -> bool {
    !matches!(kind, EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)))
}

fn belongs_to_the_book(path: &Path) -> bool {
    let mut parts = path.components();
    let Some(Component::Normal(first)) = parts.next() else { return false };
    let first = first.to_string_lossy();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let of_an_editor = name.starts_with('.') || name.ends_with('~') || name.ends_with(".swp");
    let ours = FOLDERS.contains(&&*first) || (FILES.contains(&&*first) && parts.next().is_none());
    let made =
        ["src/machines", "src/code", "src/diagrams"].iter().any(|made| path.starts_with(made))
            || [PARTIAL, AROUND].iter().any(|made| path == Path::new("theme").join(made))
            || path == Path::new("src").join(sitemap::FILE);
    ours && !of_an_editor && !made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_writes_wakes_nobody() {
        for path in [
            "src/machines/index.json",
            "src/sitemap.xml",
            "theme/head.hbs",
            "theme/header.hbs",
            "book/index.html",
            "target/release/course",
            ".git/index",
        ] {
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
