//! The pages at the end of the book keep what they promise about the chapters.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src")
}

fn page(name: &str) -> String {
    let file = pages().join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The pages that text links to: `(ch05-threads.md)`, `(ch05-threads.md#pools)`.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| target.ends_with(".md") && !target.contains(':')).collect()
}

/// Words with one space between them, in lower case; the marks of quotes and emphasis left out.
fn words(text: &str) -> String {
    let plain = text.to_lowercase().replace("\n> ", " ").replace(['*', '`'], "");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Term and definition of each entry.
fn entries(glossary: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = glossary.lines().collect();
    let starts = (1..lines.len()).filter(|at| lines[*at].starts_with(": "));
    starts
        .map(|at| {
            let definition = lines[at..].iter().take_while(|line| !line.is_empty());
            let definition = definition.copied().collect::<Vec<_>>().join(" ");
            (lines[at - 1].to_string(), definition)
        })
        .collect()
}

#[test]
fn every_word_of_the_glossary_is_explained_in_the_chapter_that_it_names() {
    let glossary = page("glossary.md");
    let entries = entries(&glossary);
    assert!(entries.len() > 50, "only {} entries were found", entries.len());
    let summary = page("SUMMARY.md");
    let chapters: BTreeSet<&str> = links(&summary).into_iter().collect();
    for (term, definition) in entries {
        let [chapter] = links(&definition)[..] else {
            panic!("`{term}` links to {:?}, and should link to one page", links(&definition));
        };
        assert!(
            chapters.contains(chapter),
            "`{term}`: {chapter} is no chapter of the book; `cargo course new chapter` makes one"
        );
        let word = term.split(" (").next().unwrap_or(&term).to_lowercase();
        assert!(words(&page(chapter)).contains(&word), "{chapter} does not speak of `{term}`");
    }
}

#[test]
fn the_glossary_is_in_alphabetical_order_and_names_nothing_twice() {
    let entries = entries(&page("glossary.md"));
    let terms: Vec<String> = entries.into_iter().map(|(term, _)| term.to_lowercase()).collect();
    for pair in terms.windows(2) {
        assert!(pair[0] < pair[1], "`{}` stands before `{}`", pair[0], pair[1]);
    }
}

#[test]
fn the_sources_of_every_chapter_that_is_written_have_a_section() {
    let sources = page("further-reading.md");
    let summary = page("SUMMARY.md");
    for chapter in links(&summary) {
        let Some(number) = chapter.strip_prefix("ch").and_then(|name| name.split('-').next())
        else {
            continue; // a page that is no chapter
        };
        let heading = format!("\n### {} · ", number.trim_start_matches('0'));
        assert!(sources.contains(&heading), "{chapter} has no section in further-reading.md");
    }
}
