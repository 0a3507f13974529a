//! The script that draws diagrams, beside the pages.

use std::path::Path;

use anyhow::{Context as _, Result};
use book::diagram::SCRIPT;
use book::files::write_if_changed;

/// mermaid itself, from the package of mdbook-mermaid.
const MERMAID: &[u8] = include_bytes!(env!("MERMAID_SCRIPT"));

/// Puts the script where mdBook copies it from, or removes it from a book that has no diagram.
/// Written only when it changes, so that a watching mdBook does not build for ever.
pub(crate) fn provide(source: &Path, wanted: bool) -> Result<()> {
    let path = source.join(SCRIPT);
    if wanted {
        return write_if_changed(&path, MERMAID).with_context(|| path.display().to_string());
    }
    if path.exists() {
        std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        if let Some(folder) = path.parent() {
            let _ = std::fs::remove_dir(folder); // another's file in it stays, and harms nobody
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_is_the_one_of_the_crate_and_is_only_there_for_a_book_that_draws() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join(book::diagram::SCRIPT);
        super::provide(folder.path(), true).unwrap();
        let written = std::fs::metadata(&script).unwrap().modified().unwrap();
        assert!(String::from_utf8_lossy(super::MERMAID).contains("mermaid"));
        super::provide(folder.path(), true).unwrap();
        assert_eq!(std::fs::metadata(&script).unwrap().modified().unwrap(), written);
        super::provide(folder.path(), false).unwrap();
        assert!(!script.parent().unwrap().exists());
    }
}
