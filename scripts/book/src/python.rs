//! Python programs that chapters show together with what they print.
//!
//! Such a program is no Cargo example. Its record is named after its path, `threads.first_come.py` for
//! `listings/threads/first_come.py`, so that it collides with none.

use crate::arguments;
use crate::directive;
use crate::page::Chapter;
use crate::project::{Project, Settings};

mod tokens;

pub use tokens::highlighted;

/// Whether this is the path, or the name, of a Python program.
pub fn is_program(name: &str) -> bool {
    name.ends_with(".py")
}

/// The name of a program's record, `threads.first_come.py`, of its path from the folder of the listings.
pub fn name_of(file: &str) -> String {
    file.replace('/', ".")
}

/// `listings/threads/first_come.py`, of the name of its record.
pub fn file_of(settings: &Settings, name: &str) -> String {
    let path = name.trim_end_matches(".py").replace('.', "/");
    settings.listing(&format!("{path}.py"))
}

/// As a reader types it.
///
/// `run.js` writes the same for the button that runs it.
pub fn command_line(settings: &Settings, name: &str) -> String {
    format!("python3 {}", file_of(settings, name))
}

/// First segments of the modules that a program imports at its top level.
pub fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let rest = line.strip_prefix("import ").or_else(|| line.strip_prefix("from "))?;
        let rest = Some(rest).filter(|rest| !rest.starts_with('.'))?;
        rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).find(|name| !name.is_empty())
    })
}

/// The records' names of all programs whose output a chapter shows. What is wrong with a chapter is said where it is
/// expanded.
pub fn asked_for(project: &Project, chapters: &[Chapter]) -> Vec<String> {
    let mut names = Vec::new();
    for chapter in chapters {
        let text = &*chapter.source.text;
        let marks = directive::find(text).unwrap_or_default().into_iter();
        for listing in marks.filter(|mark| mark.name == "listing") {
            let Ok(found) = arguments::split(text, listing.arguments) else { continue };
            let Some((path, _)) = found.words.first() else { continue };
            let file = path.split(':').next().unwrap_or_default();
            let shows_output = found.flags.iter().any(|(flag, _)| flag == "output");
            let is_there = || project.root.join(project.settings.listing(file)).exists();
            if is_program(file) && shows_output && is_there() {
                names.push(name_of(file));
            }
        }
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{TinyBook, chapter};

    #[test]
    fn a_program_and_its_record_are_named_after_each_other() {
        let name = name_of("threads/first_come.py");
        assert_eq!(name, "threads.first_come.py");
        let settings = Settings::default();
        assert_eq!(file_of(&settings, &name), "listings/threads/first_come.py");
        assert_eq!(command_line(&settings, &name), "python3 listings/threads/first_come.py");
        let settings = Settings { listings: "rust/src".into(), ..settings };
        assert_eq!(file_of(&settings, &name), "rust/src/threads/first_come.py");
    }

    #[test]
    fn what_a_program_imports_is_found_in_its_first_column() {
        let text =
            "import os.path\nfrom numpy.fft import fft\n    import hidden\nfrom . import near\n";
        assert_eq!(imports(text).collect::<Vec<_>>(), ["os", "numpy"]);
    }

    #[test]
    fn only_what_a_chapter_shows_with_its_output_is_run() {
        let book = TinyBook::new();
        book.write("listings/ideas/shown.py", "print(1)\n");
        book.write("listings/ideas/quoted.py", "print(2)\n");
        let chapter = chapter(
            "{{#listing ideas/quoted.py \"Q\"}}\n\n{{#listing ideas/shown.py:a \"S\" +output}}\n\n\
             {{#listing ideas/missing.py \"M\" +output}}\n\n`{{#listing ideas/quoted.py \"C\" +output}}`\n",
        );
        assert_eq!(asked_for(&book.project(), &[chapter]), ["ideas.shown.py"]);
    }
}
