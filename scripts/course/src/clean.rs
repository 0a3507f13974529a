//! `cargo course clean`: removes what a build makes again. Records stay.

use std::fs;
use std::io;

use anyhow::{Context, Result};
use book::files::is_the_authors;
use book::project::Project;

use crate::generated::Generated;
use crate::message::status;

/// Removes what a build wrote into the project.
pub(crate) fn clean(project: &Project) -> Result<()> {
    let Generated { folders, files } = Generated::of(project);
    for folder in folders.iter().map(|folder| project.root.join(folder)) {
        let shown = project.shown(&folder);
        if was_there(fs::remove_dir_all(&folder)).with_context(|| shown.clone())? {
            status("Removed", shown);
        }
    }
    let files = files.iter().map(|file| project.root.join(file));
    for file in files.filter(|file| !is_the_authors(file)) {
        was_there(fs::remove_file(&file)).with_context(|| project.shown(&file))?;
    }
    status(
        "Kept",
        format!(
            "{}/ and practice/ (records and your work are never removed by a command)",
            project.settings.measurements
        ),
    );
    Ok(())
}

fn was_there(removed: io::Result<()>) -> io::Result<bool> {
    match removed {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use book::fixtures::TinyBook;

    use super::*;

    #[test]
    fn what_a_build_wrote_is_removed_by_the_names_of_this_book_and_nothing_of_the_author() {
        let book = TinyBook::new();
        book.write(
            "book.toml",
            "[book]\nsrc = \"text\"\n\n[build]\nbuild-dir = \"out\"\n\n\
             [preprocessor.course]\ncode = \"posted\"\nmachines = \"places\"\n",
        );
        let made = ["out/index.html", "text/posted/a.rs", "text/places/index.json"];
        let partial = "{{!-- Written by every build; see scripts/book/src/sharing.rs. --}}\n";
        book.write("theme/header.hbs", partial);
        let kept =
            ["text/code/a.json", "text/machines/a.json", "theme/head.hbs", "text/sitemap.xml"];
        for path in made.iter().chain(&kept) {
            book.write(path, "text");
        }
        clean(&book.project()).unwrap();
        for path in made.iter().chain(&["theme/header.hbs"]) {
            assert!(!book.root().join(path).exists(), "{path}");
        }
        for path in kept {
            assert!(book.root().join(path).exists(), "{path}");
        }
    }
}
