//! Watches what the book is made of, and nothing that a build writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use anyhow::{Context, Result};
use notify::{RecursiveMode, Watcher};

use super::Event;
use crate::file_watcher::{self, changes_content};
use crate::message::warning;
use crate::sources::Sources;

/// Watches until it is dropped.
pub(super) struct Watch {
    root: PathBuf,
    sources: Sources,
    watcher: Box<dyn Watcher>,
}

impl Watch {
    /// Watches the sources of the project in this folder.
    pub(super) fn start(root: &Path, sources: &Sources, events: Sender<Event>) -> Result<Watch> {
        // As the system reports it, where the way to it leads over symbolic links.
        let root = root.canonicalize().with_context(|| root.display().to_string())?;
        let begin = |watcher: &mut dyn Watcher| {
            for folder in around(&root, sources) {
                watcher.watch(&folder, RecursiveMode::NonRecursive)?;
            }
            for folder in sources.folders.iter().map(|folder| root.join(folder)) {
                if folder.is_dir() {
                    watcher.watch(&folder, RecursiveMode::Recursive)?;
                }
            }
            Ok(())
        };
        let watcher = file_watcher::watch(|| handler(&root, sources, events.clone()), begin)
            .context("the book's files cannot be watched")?;
        Ok(Watch { root, sources: sources.clone(), watcher })
    }

    /// A folder of the book that was made, or made again, since the start.
    pub(super) fn follow(&mut self, path: &Path) {
        let whole = self.root.join(path);
        if self.sources.folders.iter().any(|folder| path == folder)
            && whole.is_dir()
            && let Err(why) = self.watcher.watch(&whole, RecursiveMode::Recursive)
        {
            warning(format!("{} is not watched: {why}", path.display()));
        }
    }
}

/// The folders in which a folder or a file of the book can be made again: an editor replaces what it saves.
fn around(root: &Path, sources: &Sources) -> BTreeSet<PathBuf> {
    let inside = sources.folders.iter().chain(&sources.files).filter_map(|path| path.parent());
    let folders = inside.map(|folder| root.join(folder)).filter(|folder| folder.is_dir());
    folders.chain([root.to_path_buf()]).collect()
}

fn handler(
    root: &Path,
    sources: &Sources,
    events: Sender<Event>,
) -> impl Fn(notify::Result<notify::Event>) + Send + 'static {
    let (root, sources) = (root.to_path_buf(), sources.clone());
    move |event| {
        let Ok(event) = event else { return };
        if !changes_content(&event.kind) {
            return;
        }
        for path in event.paths {
            let path = path.strip_prefix(&root).unwrap_or(&path);
            if sources.contain(path) {
                let _ = events.send(Event::Changed(path.to_path_buf())); // fails only on the way out
            }
        }
    }
}
