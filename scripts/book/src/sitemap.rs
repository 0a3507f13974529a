//! `sitemap.xml`: every page of the published book, for search engines.
//!
//! It is written beside the chapters, whose other files mdBook copies, because that is where both doors to
//! the expansion can write.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use maud::{PreEscaped, html};

use crate::files::{is_the_authors, write_if_changed};
use crate::page::Chapter;
use crate::sharing::address_of;

/// In the folder of the chapters.
pub const FILE: &str = "sitemap.xml";
/// Tells ours from a file of the author.
const MARK: &str = "<!-- Written by every build; see scripts/book/src/sitemap.rs. -->";

/// Writes it into the folder of the chapters, for a book that is published at this address; one that is not has
/// none. `changed`: when each chapter was last changed, `2026-11-25`, as far as that is known.
///
/// # Errors
/// Where the file cannot be written or removed; the message names it.
pub fn provide(
    source: &Path,
    address: Option<&str>,
    chapters: &[Chapter],
    changed: impl FnOnce() -> BTreeMap<String, String>,
) -> Result<()> {
    let path = source.join(FILE);
    let shown = || path.display().to_string();
    if is_the_authors(&path) {
        return Ok(());
    }
    match address {
        Some(address) => {
            let text = xml(address, chapters, &changed());
            write_if_changed(&path, text).with_context(shown)
        }
        None => match fs::remove_file(&path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => Err(why).with_context(shown),
            _ => Ok(()),
        },
    }
}

/// The chapters' addresses, each with the day of its last change where that is known.
fn xml(address: &str, chapters: &[Chapter], changed: &BTreeMap<String, String>) -> String {
    let day = |chapter: &Chapter| {
        let file = chapter.source.file.display().to_string().replace('\\', "/");
        changed.get(&file)
    };
    let xml = html! {
        // Markup that has no place for anything else.
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")) "\n" (PreEscaped(MARK)) "\n"
        urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {
            "\n"
            @for (number, chapter) in chapters.iter().enumerate() {
                url {
                    loc { (address_of(address, &chapter.page, number == 0)) }
                    @if let Some(day) = day(chapter) { lastmod { (day) } }
                }
                "\n"
            }
        }
        "\n"
    };
    xml.into_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    fn chapter(page: &str) -> Chapter {
        Chapter {
            source: Source { file: format!("src/{page}.md").into(), text: "".into() },
            page: page.into(),
            title: page.into(),
            number: None,
            part: None,
        }
    }

    #[test]
    fn the_first_chapter_is_the_front_page_and_a_day_is_given_where_it_is_known() {
        let chapters = [chapter("welcome"), chapter("part/locks & keys")];
        let changed = BTreeMap::from([("src/welcome.md".to_string(), "2026-11-25".to_string())]);
        let text = xml("https://example.org/course/", &chapters, &changed);
        let front =
            "<url><loc>https://example.org/course/</loc><lastmod>2026-11-25</lastmod></url>";
        let other = "<url><loc>https://example.org/course/part/locks%20%26%20keys.html</loc></url>";
        assert!(text.contains(front) && text.contains(other), "{text}");
    }

    #[test]
    fn a_book_without_an_address_keeps_no_old_sitemap_and_no_foreign_one_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("src").join(FILE);
        let provide = |address| {
            let source = folder.path().join("src");
            provide(&source, address, &[chapter("welcome")], BTreeMap::new).unwrap();
        };
        provide(None);
        provide(Some("https://example.org/"));
        assert!(file.exists());
        provide(None);
        assert!(!file.exists());
        fs::write(&file, "<urlset></urlset>").unwrap();
        provide(None);
        provide(Some("https://example.org/"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "<urlset></urlset>", "the author's own");
    }
}
