//! Which of the theme's scripts a page fetches: those that have something to do there.
//!
//! A script that not every page needs says for which elements it is, in a line that begins with
//! `// Fetched for:` and goes on with a CSS selector. `book.toml` names the script and nothing else does: this
//! writes the list of all of them into the head of every page, where `theme/page.js` reads it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Before the selector, in the script.
const FOR: &str = "// Fetched for: ";
/// Behind the selector of a script that the page of all chapters needs, too. It is there to be printed.
const PRINTED: &str = " (also in print)";

/// The part of the head's template with the list: a line a script, its address and its selector, in the order in
/// which `book.toml` names them. Empty where no script waits for an element.
///
/// # Errors
/// Where `book.toml` cannot be read, or names a script that is not there.
pub(crate) fn list(root: &Path) -> Result<String> {
    let mut lines = String::new();
    for path in named(root)? {
        let text = fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
        let Some(line) = text.lines().find_map(|line| line.strip_prefix(FOR)) else { continue };
        let entry = |selector| format!("{{{{ resource \"{path}\" }}}} {selector}\n");
        lines.push_str(&match line.strip_suffix(PRINTED) {
            Some(selector) => entry(selector),
            None => format!("{{{{#unless is_print}}}}{}{{{{/unless}}}}", entry(line)),
        });
    }
    if lines.is_empty() {
        return Ok(lines);
    }
    Ok(format!("<script type=\"text/plain\" id=\"scripts\">\n{lines}</script>\n"))
}

/// The scripts that `book.toml` names, by their paths in the project.
fn named(root: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(root.join("book.toml")).context("book.toml")?;
    let book: toml::Table = toml::from_str(&text).context("book.toml")?;
    let html = book.get("output").and_then(|output| output.get("html"));
    let scripts = html.and_then(|html| html.get("additional-js")?.as_array());
    let scripts = scripts.into_iter().flatten().filter_map(toml::Value::as_str);
    Ok(scripts.map(str::to_string).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_named_once_and_says_itself_for_which_elements_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("book.toml", "[output.html]\nadditional-js = [\"page.js\", \"b.js\", \"a.js\"]\n");
        write("page.js", "// Every page.\n");
        write("b.js", "// Draws.\n// Fetched for: figure.b (also in print)\n");
        write("a.js", "// Asks.\n// Fetched for: [data-a] > form\n");
        assert_eq!(
            list(folder.path()).unwrap(),
            "<script type=\"text/plain\" id=\"scripts\">\n\
             {{ resource \"b.js\" }} figure.b\n\
             {{#unless is_print}}{{ resource \"a.js\" }} [data-a] > form\n{{/unless}}</script>\n"
        );
        write("book.toml", "[book]\n");
        assert_eq!(list(folder.path()).unwrap(), "");
        write("book.toml", "[output.html]\nadditional-js = [\"gone.js\"]\n");
        assert!(format!("{:#}", list(folder.path()).unwrap_err()).starts_with("gone.js: "));
    }
}
