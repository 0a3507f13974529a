//! The built book, file by file: every link leads somewhere, and every page is what it should be.

mod built;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use scraper::{ElementRef, Html, Selector};

use built::{built_book, files, moved_to};

/// What a chapter page weighs at most without its drawings, in bytes: what a browser parses before a reader sees it.
/// With those, its scripts and its style, the search's and the other machines' numbers it has to stay below
/// 350 000. What drawings weigh is decided by the machine of their numbers: more cores are more points. That they
/// are compact is tested where they are drawn.
const HEAVIEST_PAGE: usize = 150_000;
/// What the page with the solutions of all exercises weighs at most: it grows with each of them.
const HEAVIEST_SOLUTIONS: usize = 200_000;
/// What a server sends of a page at most, drawings included: compressed, as hosts of pages do.
const MOST_SENT: usize = 45_000;
/// Every chapter at once: as heavy as they are, with a heading each.
const WHOLE_BOOK: &str = "print.html";
/// Written by mdBook for its stock pages; none of ours leads there.
const STOCK: &str = "toc.html";

struct Page {
    name: String,
    source: String,
    html: Html,
}

impl Page {
    fn all<'a>(&'a self, selector: &str) -> Vec<ElementRef<'a>> {
        let selector = Selector::parse(selector).expect("a selector of ours");
        self.html.select(&selector).collect()
    }

    fn ids(&self) -> Vec<&str> {
        self.all("[id]").iter().filter_map(|element| element.attr("id")).collect()
    }
}

/// Every page of the book with its path, parsed.
fn pages() -> Vec<Page> {
    let book = built_book();
    let mut pages = Vec::new();
    for name in files(&book).into_iter().filter(|name| name.ends_with(".html") && name != STOCK) {
        let source = text(&book.join(&name));
        if moved_to(&source).is_some() {
            continue; // nothing of the book but the way to a page; published.rs follows it
        }
        pages.push(Page { html: Html::parse_document(&source), name, source });
    }
    assert!(pages.len() > 5, "{} holds {} pages only", book.display(), pages.len());
    pages
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// Fails with everything that is wrong, not with the first.
fn assert_none(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_page_parses() {
    let mut wrong = Vec::new();
    for page in pages() {
        // mdBook closes the list item around each part's title and spacer twice.
        let mut closed_twice = page.all(".part-title, .spacer").len();
        wrong.extend(page.html.errors.iter().filter_map(|error| {
            if error == "No matching tag to close" && closed_twice > 0 {
                closed_twice -= 1;
                return None;
            }
            Some(format!("{}: {error}", page.name))
        }));
    }
    assert_none("pages that a browser has to mend", &wrong);
}

#[test]
fn every_link_inside_the_book_leads_somewhere() {
    let book = built_book();
    let files: BTreeSet<String> = files(&book).into_iter().collect();
    let pages = pages();
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|page| (page.name.as_str(), page.ids().into_iter().collect())).collect();
    let mut wrong = Vec::new();
    for page in &pages {
        for link in targets(page) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            // The page for addresses that do not exist is delivered at any depth.
            let base = if page.name == "404.html" { "" } else { page.name.as_str() };
            let target = if path.is_empty() { page.name.clone() } else { resolve(base, path) };
            if !files.contains(&target) {
                wrong.push(format!("{}: `{link}`: no file {target}", page.name));
            } else if !anchor.is_empty()
                && !anchors.get(target.as_str()).is_some_and(|ids| ids.contains(anchor))
            {
                wrong.push(format!(
                    "{}: `{link}`: nothing in {target} is called {anchor}",
                    page.name
                ));
            }
        }
    }
    assert_none("links that lead nowhere", &wrong);
}

/// What a page links to or loads, except from other hosts.
fn targets(page: &Page) -> Vec<&str> {
    let elements = page.all("[href], [src], [data-engine], [data-index]");
    let values =
        elements.iter().filter(|element| element.value().name() != "base").flat_map(|element| {
            ["href", "src", "data-engine", "data-index"]
                .into_iter()
                .filter_map(|name| element.attr(name))
        });
    values.filter(|target| !is_elsewhere(target) && !target.starts_with("data:")).collect()
}

fn is_elsewhere(target: &str) -> bool {
    target.starts_with("//") || target.contains("://") || target.starts_with("mailto:")
}

/// The file that a relative link on this page means.
fn resolve(page: &str, link: &str) -> String {
    let folder = Path::new(page).parent().unwrap_or(Path::new(""));
    let from_the_root = link.starts_with('/');
    let mut parts: Vec<&str> = match from_the_root {
        true => Vec::new(),
        false => folder.iter().filter_map(|part| part.to_str()).collect(),
    };
    for part in link.split(['?', '#']).next().unwrap_or(link).split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    if link.ends_with('/') {
        parts.push("index.html");
    }
    parts.join("/")
}

#[test]
fn nothing_is_loaded_from_another_host() {
    let mut wrong = Vec::new();
    for page in pages() {
        for element in
            page.all("[src], [href], [srcset], [data-engine], [data-index], form[action]")
        {
            let name = element.value().name();
            // Where the book is published is said in the head of each page, and loads nothing.
            let said = name == "base" || element.attr("rel") == Some("canonical");
            let loads = |attribute: &&str| !((name == "a" || said) && *attribute == "href");
            let attributes = ["src", "href", "srcset", "data-engine", "data-index", "action"];
            for value in attributes.iter().filter(|a| loads(a)).filter_map(|a| element.attr(a)) {
                if is_elsewhere(value) {
                    wrong.push(format!("{}: <{name}> wants {value}", page.name));
                }
            }
        }
    }
    let book = built_book();
    for name in
        files(&book).iter().filter(|name| name.ends_with(".css") && name.starts_with("theme/"))
    {
        let style = text(&book.join(name));
        if style.contains("@import") || style.contains("://") {
            wrong.push(format!("{name} loads something"));
        }
    }
    assert_none("requests to other hosts", &wrong);
}

#[test]
fn every_directive_was_expanded() {
    let mut wrong = Vec::new();
    for page in pages() {
        // Where directives are explained, they stand in code.
        let explained: usize = page
            .all("code")
            .iter()
            .map(|code| code.text().collect::<String>())
            .map(|code| code.matches("{{#").count())
            .sum();
        let written = page.source.matches("{{#").count();
        if written > explained {
            wrong.push(format!("{}: {} of them", page.name, written - explained));
        }
    }
    assert_none("directives left in pages", &wrong);
}

#[test]
fn every_id_is_there_once() {
    let mut wrong = Vec::new();
    for page in pages() {
        let mut seen = BTreeSet::new();
        let twice = page.ids().into_iter().filter(|id| !seen.insert(*id));
        wrong.extend(twice.map(|id| format!("{}: {id}", page.name)));
    }
    assert_none("ids that are there twice", &wrong);
}

#[test]
fn every_page_has_one_title_and_says_its_language() {
    let mut wrong = Vec::new();
    for page in pages().iter().filter(|page| page.name != WHOLE_BOOK) {
        let headings = page.all("h1").len();
        if headings != 1 {
            wrong.push(format!("{}: {headings} h1", page.name));
        }
        for (selector, what) in [
            ("html[lang]", "language"),
            ("head > title", "title"),
            ("head > meta[name=description]", "description"),
            ("main", "main"),
        ] {
            if page.all(selector).len() != 1 {
                wrong.push(format!("{}: not one {what}", page.name));
            }
        }
    }
    assert_none("pages without what every page has", &wrong);
}

#[test]
fn every_picture_says_what_it_shows() {
    let mut wrong = Vec::new();
    for page in pages() {
        for picture in page.all("svg") {
            let hidden = picture.attr("aria-hidden") == Some("true");
            let said = picture.attr("aria-label").is_some_and(|label| !label.trim().is_empty());
            let drawn = said && picture.attr("role") == Some("img");
            if !(hidden || drawn) {
                wrong.push(format!(
                    "{}: {}",
                    page.name,
                    picture.html().chars().take(80).collect::<String>()
                ));
            }
        }
        for picture in page.all("img") {
            if picture.attr("alt").is_none() {
                wrong.push(format!("{}: {}", page.name, picture.html()));
            }
        }
    }
    assert_none("pictures without words", &wrong);
}

#[test]
fn every_column_of_a_table_says_what_it_holds() {
    let mut wrong = Vec::new();
    for page in pages() {
        for head in page.all("th") {
            if head.text().all(|text| text.trim().is_empty()) {
                wrong.push(format!("{}: {}", page.name, head.html()));
            }
        }
    }
    assert_none("heads of columns without words", &wrong);
}

#[test]
fn no_chapter_is_too_heavy() {
    let mut wrong = Vec::new();
    for page in pages().iter().filter(|page| page.name != WHOLE_BOOK) {
        let weight = page.source.len() - drawn(&page.source);
        let most = if page.name == "solutions.html" { HEAVIEST_SOLUTIONS } else { HEAVIEST_PAGE };
        if weight > most {
            wrong.push(format!("{}: {weight} bytes, where {most} are allowed", page.name));
        }
    }
    assert_none("pages that weigh too much without their drawings", &wrong);
}

#[test]
fn no_chapter_sends_too_much() {
    let mut wrong = Vec::new();
    for page in pages().iter().filter(|page| page.name != WHOLE_BOOK) {
        let sent = compressed(&page.source);
        if sent > MOST_SENT {
            wrong.push(format!("{}: {sent} bytes", page.name));
        }
    }
    assert_none(&format!("pages of which more than {MOST_SENT} bytes are sent"), &wrong);
}

fn compressed(source: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(source.as_bytes()).unwrap();
    encoder.finish().unwrap().len()
}

/// The bytes of all drawings.
fn drawn(source: &str) -> usize {
    let drawings = source.split("<svg").skip(1).filter_map(|rest| rest.find("</svg>"));
    drawings.map(|end| "<svg</svg>".len() + end).sum()
}

#[test]
fn no_page_of_the_hosted_book_looks_for_a_server_of_its_own() {
    let mut wrong = Vec::new();
    for page in pages() {
        if page.source.contains("data-endpoint") || page.source.contains("__course") {
            wrong.push(page.name);
        }
    }
    assert_none("pages that ask for a build id", &wrong);
}

#[test]
fn every_page_has_a_description_of_its_own() {
    let mut described: BTreeMap<String, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for page in pages() {
        let content = |selector: &str| match page.all(selector).as_slice() {
            [one] => one.attr("content").unwrap_or_default().to_string(),
            several => format!("{} times", several.len()),
        };
        let description = content("head > meta[name=description]");
        let length = description.chars().count();
        if !(50..=200).contains(&length) {
            wrong.push(format!("{}: {length} characters: {description}", page.name));
        }
        if description.contains(['{', '<']) || description.contains("&amp;") {
            wrong.push(format!("{}: `{description}` was not escaped, or twice", page.name));
        }
        if content("head > meta[property='og:description']") != description {
            wrong.push(format!("{}: its preview says something else", page.name));
        }
        for tag in ["[property='og:title']", "[property='og:site_name']", "[name='twitter:card']"] {
            if page.all(&format!("head > meta{tag}")).len() != 1 {
                wrong.push(format!("{}: no meta{tag}", page.name));
            }
        }
        if let Some(other) = described.insert(description.clone(), page.name.clone()) {
            wrong.push(format!("{} and {other}: {description}", page.name));
        }
    }
    assert_none("descriptions", &wrong);
}

/// "7" of `ch07-locks.html`.
fn chapter_number(page: &str) -> Option<u32> {
    page.strip_prefix("ch")?.get(..2)?.parse().ok()
}

fn words(element: &ElementRef) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_chapter_has_its_number_in_its_heading_its_title_and_the_contents() {
    let pages = pages();
    let mut wrong = Vec::new();
    let mut chapters = 0;
    for page in &pages {
        let Some(number) = chapter_number(&page.name) else { continue };
        chapters += 1;
        let begin = format!("{number}. ");
        let entry = format!("#contents a[href=\"{}\"]", page.name);
        for (what, selector) in
            [("heading", "h1"), ("title", "head > title"), ("entry in the contents", &*entry)]
        {
            let found: Vec<String> = page.all(selector).iter().map(words).collect();
            let once = |text: &String| {
                text.strip_prefix(&begin).is_some_and(|name| !name.starts_with(char::is_numeric))
            };
            if found.len() != 1 || !found.iter().all(once) {
                wrong.push(format!("{}: its {what} is {found:?}", page.name));
            }
        }
    }
    assert!(chapters > 5, "{chapters} chapters only");
    let whole = pages.iter().find(|page| page.name == WHOLE_BOOK).expect("the whole book");
    let numbers = (1..).take(chapters).map(|number| format!("{number}. "));
    let headings: Vec<String> = whole.all("h1").iter().map(words).collect();
    for number in numbers {
        let found = headings.iter().filter(|heading| heading.starts_with(&number)).count();
        if found != 1 {
            wrong.push(format!("{WHOLE_BOOK}: {found} headings begin with {number}"));
        }
    }
    assert_none("numbers of chapters", &wrong);
}

#[test]
fn every_page_lists_its_sections_in_their_order() {
    let mut wrong = Vec::new();
    let mut lists = 0;
    for page in pages().iter().filter(|page| page.name != WHOLE_BOOK && page.name != "404.html") {
        let headings = page.all("main h2[id]");
        let expected: Vec<(String, String)> = headings
            .iter()
            .map(|heading| (format!("#{}", heading.attr("id").unwrap_or_default()), words(heading)))
            .collect();
        let listed: Vec<(String, String)> = page
            .all("nav.here a")
            .iter()
            .map(|link| (link.attr("href").unwrap_or_default().to_string(), words(link)))
            .collect();
        lists += usize::from(!listed.is_empty());
        if listed != expected && !(listed.is_empty() && expected.len() < 3) {
            wrong.push(format!("{}: {listed:?}, and its headings are {expected:?}", page.name));
        }
    }
    assert!(lists > 5, "{lists} lists only");
    assert_none("lists of sections", &wrong);
}

#[test]
fn every_chapter_says_what_it_needs_and_that_leads_to_it() {
    let pages = pages();
    let chapters: Vec<&Page> =
        pages.iter().filter(|page| chapter_number(&page.name).is_some()).collect();
    let links = |page: &Page, line: &str| -> BTreeSet<String> {
        let links = page.all(&format!("main p.way.{line} a"));
        links.iter().filter_map(|link| link.attr("href").map(String::from)).collect()
    };
    let mut wrong = Vec::new();
    for page in &chapters {
        if page.all("main p.way.needs").len() != 1 {
            wrong.push(format!("{}: it does not say what it needs, once", page.name));
        }
        for needed in links(page, "needs") {
            if chapter_number(&needed) >= chapter_number(&page.name) {
                wrong.push(format!("{}: {needed} is no earlier chapter", page.name));
            }
        }
        for other in &chapters {
            let needs = links(other, "needs").contains(&page.name);
            if needs != links(page, "leads").contains(&other.name) {
                wrong.push(format!("{} and {}: the one does not agree", page.name, other.name));
            }
        }
        // Any chapter can be the end of a way, so that a new one can need whichever it needs.
        if links(page, "leads").is_empty() && links(page, "needs").is_empty() {
            wrong.push(format!(
                "{}: it needs nothing and leads nowhere; name in its `{{{{#needs …}}}}` what is read before it",
                page.name
            ));
        }
    }
    assert_none("ways between chapters", &wrong);
}

#[test]
fn links_resolve_as_browsers_resolve_them() {
    assert_eq!(resolve("a/b.html", "../c.html"), "c.html");
    assert_eq!(resolve("a/b.html", "c.html?x"), "a/c.html");
    assert_eq!(resolve("a/b.html", "/c/"), "c/index.html");
    assert_eq!(resolve("b.html", "./"), "index.html");
}
