//! `cargo course clean`: removes what a build makes again. Records stay.

use std::fs;
use std::io;

use anyhow::{Context, Result};
use book::files::is_the_authors;
use book::project::Project;

use crate::generated;
use crate::message::status;

/// Removes what a build wrote into the project.
pub(crate) fn clean(project: &Project) -> Result<()> {
    for folder in generated::folders(&project.settings) {
        if was_there(fs::remove_dir_all(project.root.join(&folder))).context(folder.clone())? {
            status("Removed", folder);
        }
    }
    for file in generated::FILES.iter().filter(|file| !is_the_authors(&project.root.join(file))) {
        was_there(fs::remove_file(project.root.join(file))).context(*file)?;
    }
    status(
        "Kept",
        "measurements/ and practice/ (records and your work are never removed by a command)",
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
            "[preprocessor.course]\ncode = \"posted\"\nmachines = \"places\"\n",
        );
        let made = ["book/index.html", "src/posted/a.rs", "src/places/index.json"];
        let partial = "{{!-- Written by every build; see scripts/book/src/sharing.rs. --}}\n";
        book.write("theme/header.hbs", partial);
        let kept = ["src/code/a.json", "src/machines/a.json", "theme/head.hbs", "src/sitemap.xml"];
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
