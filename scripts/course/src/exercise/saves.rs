//! Tells when a student saves: by writing into the file, by putting another one in its place, or by
//! deleting it.

use std::path::Path;

use anyhow::{Context, Result};
use notify::event::{EventKind, ModifyKind};
use notify::{Event, RecursiveMode, Watcher};

use crate::file_watcher::{self, changes_content};

/// Watches until it is dropped.
pub(super) struct Saves {
    _watcher: Box<dyn Watcher>,
}

impl Saves {
    /// Calls this at every change of the file, which is in the folder or below it. The folder is watched
    /// as a whole: a file that is replaced is another one, and so is one whose folder is made again.
    pub(super) fn watch(
        folder: &Path,
        file: &Path,
        saved: impl Fn() + Clone + Send + 'static,
    ) -> Result<Saves> {
        let shown = || folder.display().to_string();
        // As the system reports it, where the way to it leads over symbolic links.
        let whole = folder.canonicalize().with_context(shown)?;
        let file = whole.join(file.strip_prefix(folder).with_context(shown)?);
        let handler = || {
            let (whole, file, saved) = (whole.clone(), file.clone(), saved.clone());
            move |event: notify::Result<Event>| {
                if event.is_ok_and(|event| is_a_save(&event, &whole, &file)) {
                    saved();
                }
            }
        };
        let begin = |watcher: &mut dyn Watcher| watcher.watch(&whole, RecursiveMode::Recursive);
        let watcher = file_watcher::watch(handler, begin)
            .with_context(|| format!("{} cannot be watched", folder.display()))?;
        Ok(Saves { _watcher: watcher })
    }
}

/// Whether it is about the file, or about a folder that it is in and that came or went.
fn is_a_save(event: &Event, folder: &Path, file: &Path) -> bool {
    let moved = matches!(
        event.kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    changes_content(&event.kind)
        && event
            .paths
            .iter()
            .any(|path| path == file || (moved && path != folder && file.starts_with(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange, MetadataKind, RemoveKind, RenameMode};

    fn is_one(kind: EventKind, path: &str) -> bool {
        let event = Event::new(kind).add_path(path.into());
        is_a_save(&event, Path::new("/practice"), Path::new("/practice/tickets/src/lib.rs"))
    }

    #[test]
    fn writing_replacing_and_deleting_are_saves_and_reading_is_none() {
        let file = "/practice/tickets/src/lib.rs";
        for kind in [
            EventKind::Modify(ModifyKind::Data(DataChange::Any)),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)),
            EventKind::Create(CreateKind::File),
            EventKind::Remove(RemoveKind::File),
        ] {
            assert!(is_one(kind, file), "{kind:?}");
        }
        assert!(!is_one(EventKind::Access(AccessKind::Read), file));
        assert!(!is_one(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any)), file));
    }

    #[test]
    fn its_folder_coming_and_going_is_one_and_other_files_are_none() {
        let made = EventKind::Create(CreateKind::Folder);
        assert!(is_one(made, "/practice/tickets/src") && is_one(made, "/practice/tickets"));
        assert!(!is_one(made, "/practice"));
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        for other in [
            "/practice/tickets/src/lib.rs~",
            "/practice/tickets/src/.lib.rs.swp",
            "/practice/tickets/src",
            "/practice/tickets/Cargo.toml",
            "/practice/queue/src/lib.rs",
            "/practice/progress.json",
        ] {
            assert!(!is_one(written, other), "{other}");
        }
    }
}
