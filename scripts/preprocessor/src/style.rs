//! The style of figures, listings and claims, for a book that keeps mdBook's theme or has one of its own.
//!
//! It adds to what the theme says, and takes the colors of paper and ink from it. The theme of this book says the
//! same and more in `theme/course.css`.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use book::files::{is_the_authors, write_if_changed};
use book::project::Project;
use mdbook_preprocessor::config::Config;

const STYLE: &str = include_str!("figures.css");

/// Writes it where `style` asks for it; mdBook reads it from there for every page.
/// Written only when it changes, so that a watching mdBook does not build for ever.
///
/// # Errors
/// Where a file of the author has this name, or it cannot be written.
pub(crate) fn provide(project: &Project, config: &Config, warn: fn(&str)) -> Result<()> {
    let Some(style) = &project.settings.style else { return Ok(()) };
    let path = project.root.join(style);
    ensure!(
        !is_the_authors(&path),
        "{style} is a file of yours, and no build wrote it: choose another name for `style` in \
         [preprocessor.course] of book.toml, and add that to `additional-css`"
    );
    let linked = config.html_config().unwrap_or_default().additional_css;
    if !linked.iter().any(|path| path == Path::new(style)) {
        warn(&format!(
            "no page uses {style}: add `additional-css = [\"{style}\"]` to [output.html] in book.toml"
        ));
    }
    write_if_changed(&path, STYLE).with_context(|| style.clone())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn marks_look_the_same_in_this_book_and_in_every_other() {
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theme/course.css");
        let course = fs::read_to_string(course).unwrap();
        let is_mark = |line: &&str| line.starts_with("svg ") || line.starts_with(".k-");
        let marks: Vec<&str> = course.lines().filter(is_mark).collect();
        assert!(marks.len() > 20, "{marks:?}");
        let here: Vec<&str> = STYLE.lines().map(str::trim).collect();
        let lacking: Vec<&&str> = marks.iter().filter(|line| !here.contains(line)).collect();
        assert!(lacking.is_empty(), "figures.css needs these lines of course.css: {lacking:#?}");
    }

    #[test]
    fn every_color_of_the_style_is_one_that_it_or_mdbook_gives() {
        // Of mdBook's own themes; those that bring others give these as well.
        let given = ["--fg", "--bg", "--links", "--mono-font"];
        for part in STYLE.split("var(").skip(1) {
            let name = part.split(')').next().unwrap();
            let is_given = given.contains(&name) || STYLE.contains(&format!("{name}: "));
            assert!(is_given, "nothing gives {name}");
        }
    }

    #[test]
    fn the_style_is_written_for_a_book_that_asks_for_it_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let provided = |toml: &str| {
            fs::write(folder.path().join("book.toml"), toml).unwrap();
            let project = Project::at(folder.path()).unwrap();
            let config: Config = toml.parse().unwrap();
            provide(&project, &config, |what| panic!("{what}")).unwrap();
            fs::read_to_string(folder.path().join("look/figures.css")).ok()
        };
        assert_eq!(provided("[book]\ntitle = \"Small\"\n"), None);
        let asking = "[preprocessor.course]\nstyle = \"look/figures.css\"\n\
                      [output.html]\nadditional-css = [\"look/figures.css\"]\n";
        assert_eq!(provided(asking).as_deref(), Some(STYLE));
        assert_eq!(provided(asking).as_deref(), Some(STYLE), "a second build writes the same");
    }

    #[test]
    fn a_style_of_the_author_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let toml = "[preprocessor.course]\nstyle = \"mine.css\"\n\
                    [output.html]\nadditional-css = [\"mine.css\"]\n";
        fs::write(folder.path().join("book.toml"), toml).unwrap();
        fs::write(folder.path().join("mine.css"), "p { color: red }\n").unwrap();
        let project = Project::at(folder.path()).unwrap();
        let config: Config = toml.parse().unwrap();
        let why = provide(&project, &config, |_| {}).unwrap_err().to_string();
        assert!(why.contains("mine.css is a file of yours"), "{why}");
        let kept = fs::read_to_string(folder.path().join("mine.css")).unwrap();
        assert_eq!(kept, "p { color: red }\n");
    }
}
