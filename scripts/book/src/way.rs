//! Finding one's way: the numbers of chapters, what a chapter needs and where it leads, and what is on a page.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use maud::{Markup, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use regex::Regex;

use crate::diagnostic::Problem;
use crate::html::joined;
use crate::page::Chapter;
use crate::tree::{Needs, Part};

/// With fewer sections than this, a page needs no list of them.
const FEWEST: usize = 3;

/// What the parts of a chapter say that it needs.
pub fn needs_of(parts: &[Part]) -> Option<&Needs> {
    parts.iter().find_map(|part| part.node.get())
}

/// "7. Locks"
pub fn numbered(number: Option<u32>, title: &str) -> String {
    number.map_or_else(|| title.to_string(), |number| format!("{number}. {title}"))
}

/// The chapter with its number in the heading on its first line.
pub fn with_number(body: &str, number: Option<u32>) -> String {
    match (number, body.strip_prefix("# ")) {
        (Some(number), Some(rest)) => format!("# {number}. {rest}"),
        _ => body.to_string(),
    }
}

/// What is wrong with what chapters say that they need: each is earlier, is there, and is not needed already
/// by another that is needed.
pub fn check(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Vec<Problem> {
    let numbers: BTreeSet<u32> = chapters.iter().filter_map(|chapter| chapter.number).collect();
    let mut wrong = Vec::new();
    // Of the chapters before, everything that is read once they are read.
    let mut before: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (chapter, parts) in chapters.iter().zip(parsed) {
        let mut problem = |span: Range<usize>, title: String, label: &str| {
            wrong.push(Problem {
                source: chapter.source.clone(),
                span,
                title,
                label: label.into(),
                help: None,
            });
        };
        let mut said = parts.iter().filter(|part| part.node.get::<Needs>().is_some());
        if let Some(again) = said.nth(1) {
            let title = "this chapter has said what it needs".to_string();
            problem(again.span.clone(), title, "say it once");
        }
        let Some(needs) = needs_of(parts) else { continue };
        let mut all = BTreeSet::new();
        for (number, span) in needs.all() {
            let is_earlier = chapter.number.is_some_and(|own| *number < own);
            if !numbers.contains(number) {
                let title = format!("there is no chapter {number}");
                problem(span.clone(), title, "the numbers are those of the contents");
            } else if !is_earlier {
                let title = format!("chapter {number} does not come before this one");
                problem(span.clone(), title, "a chapter needs earlier ones");
            }
            let through = |other: &u32| before.get(other).is_some_and(|read| read.contains(number));
            let mut needed = needs.chapters.iter().map(|(other, _)| other);
            if let Some(other) = needed.find(|other| *other != number && through(other)) {
                let title = format!("chapter {other} needs chapter {number} itself");
                problem(
                    span.clone(),
                    title,
                    "leave it out: who has read the one has read the other",
                );
            }
            if needs.all().filter(|(other, _)| other == number).count() > 1 {
                problem(span.clone(), format!("chapter {number} twice"), "name it once");
            }
        }
        for (number, _) in &needs.chapters {
            all.insert(*number);
            all.extend(before.get(number).into_iter().flatten());
        }
        if let Some(own) = chapter.number {
            before.insert(own, all);
        }
    }
    wrong
}

/// The chapters with numbers, as links, and who needs whom.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    links: BTreeMap<u32, Markup>,
    leads: BTreeMap<u32, Vec<u32>>,
}

impl Ways {
    /// `parsed` holds the parts of each of the chapters. Chapters without a number have no way.
    pub fn new(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Ways {
        let mut ways = Ways::default();
        for (chapter, parts) in chapters.iter().zip(parsed) {
            let Some(number) = chapter.number else { continue };
            let name = numbered(Some(number), &chapter.title);
            let link = html! { a href={ (chapter.page) ".html" } { (name) } };
            ways.links.insert(number, link);
            for (needed, _) in needs_of(parts).iter().flat_map(|needs| needs.all()) {
                ways.leads.entry(*needed).or_default().push(number);
            }
        }
        ways
    }

    /// In place of the directive.
    pub fn needs(&self, needs: &Needs) -> Markup {
        let mut needed = self.linked(needs.chapters.iter().map(|(number, _)| number));
        if needs.python {
            needed.push(html! { "some Python" });
        }
        let after = self.linked(needs.after.iter().map(|(number, _)| number));
        html! {
            p.way.needs.about-python[needs.python] {
                strong { "What this chapter needs" } " "
                @if needed.is_empty() { "no other chapter" }
                (joined(needed, " · "))
                @if !after.is_empty() { "; it is easier after " (joined(after, " · ")) }
            }
        }
    }

    /// At the end of a chapter: the chapters that need it, or are easier after it.
    pub fn leads(&self, number: Option<u32>) -> Option<Markup> {
        let led = self.linked(self.leads.get(&number?)?.iter());
        Some(html! {
            p.way.leads { strong { "Where it leads" } " " (joined(led, " · ")) }
        })
    }

    fn linked<'a>(&self, numbers: impl Iterator<Item = &'a u32>) -> Vec<Markup> {
        numbers.filter_map(|number| self.links.get(number).cloned()).collect()
    }
}

/// A section of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its heading, without marks.
    pub title: String,
    /// The anchor of that heading.
    pub id: String,
}

/// The headings of the second level of an expanded chapter, with the ids that mdBook gives them.
pub fn sections(content: &str) -> Vec<Section> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_SMART_PUNCTUATION;
    let mut used = HashSet::new();
    let mut found = Vec::new();
    let mut open: Option<(HeadingLevel, Option<String>, String)> = None;
    for event in Parser::new_ext(content, options) {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                open = Some((level, id.map(|id| id.to_string()), String::new()));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, _, title)) = &mut open {
                    title.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let Some((level, id, title)) = open.take() else { continue };
                let id = id.unwrap_or_else(|| unique(id_of(&title), &mut used));
                if level == HeadingLevel::H2 {
                    found.push(Section { title, id });
                }
            }
            // Of a directive, on the page of claims.
            Event::Html(html) => {
                found.extend(written().captures_iter(&html).map(|heading| Section {
                    id: heading[1].to_string(),
                    title: unescaped(&heading[2]),
                }));
            }
            _ => {}
        }
    }
    found
}

/// A heading that is HTML already.
fn written() -> &'static Regex {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    PATTERN.get_or_init(|| {
        Regex::new(r#"<h2 id="([^"]+)">(?:<a [^>]*>)?([^<]*)"#).expect("a pattern of ours")
    })
}

/// Text of HTML, as it was before it was escaped.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// As mdBook makes an id of a heading's text.
fn id_of(title: &str) -> String {
    let letters = title.trim().to_lowercase();
    let kept = letters.chars().filter_map(|letter| match letter {
        letter if letter.is_alphanumeric() || letter == '_' || letter == '-' => Some(letter),
        letter if letter.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.collect()
}

fn unique(id: String, used: &mut HashSet<String>) -> String {
    let mut candidate = id.clone();
    let mut number = 0;
    while !used.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{id}-{number}");
    }
    candidate
}

/// The list of a page's sections, which is folded where there is no room beside the text.
pub fn on_this_page(content: &str) -> Option<Markup> {
    let sections = sections(content);
    (sections.len() >= FEWEST).then(|| {
        html! {
            nav.here aria-label="On this page" {
                details {
                    summary { "On this page" }
                    ul {
                        @for Section { id, title } in &sections {
                            li { a href={ "#" (id) } { (title) } }
                        }
                    }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::diagnostic::Problems;
    use crate::expand;
    use crate::fixtures::{TinyBook, chapter};
    use crate::page::Page;

    /// Chapters 1, 2, 3… of these texts.
    fn book(texts: &[&str]) -> Result<Vec<Page>, Problems> {
        let tiny = TinyBook::new();
        let (project, records) = (tiny.project(), tiny.records());
        let context = Context::new(&project, &records).unwrap();
        let chapters: Vec<Chapter> = texts
            .iter()
            .zip(1..)
            .map(|(text, number)| Chapter {
                page: format!("ch{number:02}"),
                title: format!("Title & {number}"),
                number: Some(number),
                ..chapter(text)
            })
            .collect();
        expand::expand(&chapters, &context)
    }

    #[test]
    fn what_one_chapter_needs_is_where_the_other_leads() {
        let pages = book(&[
            "# One\n\n{{#needs nothing}}\n",
            "# Two\n\n{{#needs 1}}\n",
            "# Three\n\n{{#needs 1 +python}}\n\n> **In Python.** b\n",
            "# Four\n\n{{#needs 3 after=2}}\n\n> **In Python.** b\n",
        ])
        .unwrap_or_else(|problems| panic!("{problems}"));
        let holds = |page: usize, text: &str| {
            assert!(pages[page].content.contains(text), "`{text}` not in {}", pages[page].content);
        };
        let link = |n: u32| format!("<a href=\"ch{n:02}.html\">{n}. Title &amp; {n}</a>");
        holds(0, "# 1. One\n");
        holds(0, "needs</strong> no other chapter</p>");
        holds(0, &format!("leads</strong> {} · {}</p>", link(2), link(3)));
        holds(2, &format!("needs</strong> {} · some Python</p>", link(1)));
        holds(2, "> **In Python.** b");
        holds(3, &format!("needs</strong> {}; it is easier after {}</p>", link(3), link(2)));
        holds(1, &format!("leads</strong> {}</p>", link(4)));
        holds(3, "<blockquote class=\"py\">\n\n**In Python.** b");
        assert!(!pages[3].content.contains("leads"), "{}", pages[3].content);
    }

    #[test]
    fn a_chapter_needs_earlier_ones_that_are_there_and_names_each_once() {
        let first = "{{#needs nothing}}\n";
        for (texts, titles) in [
            (vec![first, "{{#needs 7}}\n"], vec!["there is no chapter 7"]),
            (vec!["{{#needs 2}}\n", first], vec!["chapter 2 does not come before this one"]),
            (vec!["{{#needs 1}}\n"], vec!["chapter 1 does not come before this one"]),
            (vec![first, "{{#needs 1 after=1}}\n"], vec!["chapter 1 twice", "chapter 1 twice"]),
            (
                vec![first, "{{#needs 1}}\n", "{{#needs 2 after=1}}\n"],
                vec!["chapter 2 needs chapter 1 itself"],
            ),
            (
                vec!["{{#needs nothing}}\n\n{{#needs nothing}}\n"],
                vec!["this chapter has said what it needs"],
            ),
            (vec!["{{#needs}}\n"], vec!["what does this chapter need?"]),
            (vec!["{{#needs locks}}\n"], vec!["this is no chapter's number"]),
            (vec!["{{#needs nothing +rust}}\n"], vec!["`needs` takes no `+rust`"]),
        ] {
            let Err(Problems(found)) = book(&texts) else { panic!("nothing is wrong: {texts:?}") };
            let found: Vec<&str> = found.iter().map(|problem| problem.title.as_str()).collect();
            assert_eq!(found, titles, "{texts:?}");
        }
    }

    #[test]
    fn sections_have_the_ids_that_mdbook_gives_them() {
        let text = "# 1. A\n\n## What `top` shows\n\n### Pitfalls\n\n## Pitfalls\n\n\
                    ## Don't {#own}\n\n<h2 id=\"of-b\"><a href=\"b.html\">B &amp; b</a></h2>\n\n```md\n## no\n```\n\n## Who, & when?\n";
        let found = sections(text);
        let found: Vec<(&str, &str)> =
            found.iter().map(|section| (section.title.as_str(), section.id.as_str())).collect();
        assert_eq!(
            found,
            [
                ("What top shows", "what-top-shows"),
                ("Pitfalls", "pitfalls-1"),
                ("Don’t", "own"),
                ("B & b", "of-b"),
                ("Who, & when?", "who--when"),
            ]
        );
        assert!(on_this_page(text).unwrap().into_string().contains("<a href=\"#own\">Don’t</a>"));
        assert!(on_this_page("## One\n\n## Two\n").is_none());
    }
}
