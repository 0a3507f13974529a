//! What search engines and previews say of a page: its own opening, in plain text.
//!
//! mdBook knows one description, the book's. So the expansion writes the partial that our page shell
//! includes in every head, `theme/head.hbs`, which chooses by the page's path. The other one is included twice:
//! before the text it lists what is on the page, and at the end it says what the page was built from. mdBook reads the theme when it renders, after the expansion.

use maud::{Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::edition::{Commit, Edition};
use crate::page::{Chapter, Page};
use crate::prose::sentences;
use crate::way;

/// In the folder of the theme.
pub const PARTIAL: &str = "head.hbs";
/// In the same folder. mdBook reads two partials, and this is its name for the second.
pub const AROUND: &str = "header.hbs";
/// What needs no escape in the path of an address.
const IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Previews cut what is longer, in characters.
const LONGEST: usize = 200;
/// What is shorter says too little by itself.
const SHORTEST: usize = 50;

/// The first sentences of an expanded chapter; `None` where it has none.
pub fn description(content: &str) -> Option<String> {
    let mut text = String::new();
    for paragraph in paragraphs(content) {
        for sentence in sentences(&paragraph) {
            let longer = text.chars().count() + sentence.chars().count() + 1;
            if longer > LONGEST && !text.is_empty() {
                break;
            }
            text.push_str(if text.is_empty() { "" } else { " " });
            text.push_str(sentence);
        }
        if text.chars().count() >= SHORTEST {
            break;
        }
    }
    (!text.is_empty()).then(|| shortened(&text))
}

/// The text of every paragraph that stands in no list, table or quotation.
fn paragraphs(content: &str) -> Vec<String> {
    let parser =
        Parser::new_ext(content, Options::ENABLE_SMART_PUNCTUATION | Options::ENABLE_TABLES);
    let (mut found, mut depth) = (Vec::new(), 0);
    let mut current: Option<String> = None;
    for event in parser {
        match event {
            Event::Start(Tag::Paragraph) if depth == 0 => current = Some(String::new()),
            Event::End(TagEnd::Paragraph) if depth == 0 => found.extend(current.take()),
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Table(_)) => depth += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Table) => depth -= 1,
            // Of a directive's HTML, what stands in it is text of its own.
            Event::Text(text) | Event::Code(text) => {
                if let Some(current) = &mut current {
                    current.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(current) = &mut current {
                    current.push(' ');
                }
            }
            _ => {}
        }
    }
    found.retain(|paragraph| !paragraph.trim().is_empty());
    found
}

/// Cut between two words.
fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_string();
    }
    let kept: String = text.chars().take(LONGEST - 2).collect();
    let kept = kept.rsplit_once(' ').map_or(&*kept, |(kept, _)| kept);
    format!("{} …", kept.trim_end_matches([',', ';', ':', '.', '–', '—', ' ']))
}

/// The partial of every head, for chapters with these descriptions. `path`, `chapter_title` and `description`
/// are what mdBook gives to the shell.
pub fn head(edition: &Edition, chapters: &[Chapter], descriptions: &[Option<String>]) -> String {
    let mut choice = String::from(
        "{{#if (eq path \"index.md\")}}{{ description }}\
         {{else if (eq path \"print.md\")}}All chapters on one page. {{ description }}\
         {{else if (eq path \"404.md\")}}There is no page at this address. {{ description }}",
    );
    for (chapter, text) in chapters.iter().zip(descriptions) {
        if let Some(text) = text {
            choice.push_str(&otherwise_for(&chapter.page));
            choice.push_str(&literal(text).into_string());
        }
    }
    choice.push_str("{{else}}{{ chapter_title }} · {{ description }}{{/if}}");
    let choice = template(choice);
    let head = html! {
        (template(WRITTEN))
        meta name="description" content=(choice);
        "\n"
        meta property="og:description" content=(choice);
        "\n"
        (canonical(edition, chapters))
    };
    head.into_string()
}

const WRITTEN: &str = "{{!-- Written by every build; see scripts/book/src/sharing.rs. --}}\n";

/// The one address of a page, whichever it was opened by: the first chapter is the front page, too.
fn canonical(edition: &Edition, chapters: &[Chapter]) -> Markup {
    let Some(address) = &edition.address else { return html! {} };
    let link = |url: &str| {
        html! {
            link rel="canonical" href=(literal(url));
            meta property="og:url" content=(literal(url));
        }
    };
    html! {
        (template(IF_FIRST)) (link(address))
        @for (number, chapter) in chapters.iter().enumerate() {
            (template(otherwise_for(&chapter.page)))
            (link(&address_of(address, &chapter.page, number == 0)))
        }
        (template(END)) "\n"
    }
}

/// Where a page of the published book is.
pub fn address_of(address: &str, page: &str, is_first: bool) -> String {
    if is_first {
        address.to_string()
    } else {
        format!("{address}{}.html", utf8_percent_encode(page, IN_PATHS))
    }
}

/// The partial that the shell includes as `{{> header part="here"}}` before the text, where it lists the page's
/// sections, and at the end. It stands in no chapter, so that a search does not find each heading twice.
pub fn around(edition: &Edition, chapters: &[Chapter], pages: &[Page]) -> String {
    let lists: Vec<Option<Markup>> =
        pages.iter().map(|page| way::on_this_page(&page.content).map(plain)).collect();
    let around = html! {
        (template(WRITTEN)) (template("{{#if (eq part \"here\")}}")) (template(IF_FIRST))
        @if let Some(Some(list)) = lists.first() { (list) }
        @for (chapter, list) in chapters.iter().zip(&lists) {
            @if let Some(list) = list { (template(otherwise_for(&chapter.page))) (list) }
        }
        (template(END)) "\n" (template(OTHERWISE)) (footer(edition, chapters)) (template(END))
    };
    around.into_string()
}

/// The end of every page: its commit, its source, and where a mistake in it is reported.
/// `git_repository_edit_url` is what mdBook gives to the shell where book.toml says how to make it.
fn footer(edition: &Edition, chapters: &[Chapter]) -> Markup {
    const IF_SOURCE: &str = "{{#if git_repository_edit_url}}";
    let source = html! {
        (template(IF_SOURCE))
        a href="{{ git_repository_edit_url }}" { "Source of this page" } "\n"
        (template(END))
    };
    let colophon = html! {
        footer.colophon {
            "\n"
            @if let Some(commit) = &edition.commit { (built_from(commit, edition)) "\n" }
            (source)
            @if let Some(repository) = &edition.repository { (report(repository, chapters)) "\n" }
        }
        "\n"
    };
    if edition.commit.is_some() || edition.repository.is_some() {
        colophon
    } else {
        html! { (template(IF_SOURCE)) (colophon) (template(END)) }
    }
}

/// "Built from commit 1a2b3c4 of 25 November 2026"
fn built_from(commit: &Commit, edition: &Edition) -> Markup {
    let short = html! { code { (commit.short()) } };
    html! {
        span {
            "Built from commit "
            @if let Some(repository) = &edition.repository {
                a href={ (literal(repository)) "/commit/" (commit.id) } { (short) }
            } @else { (short) }
            " of " (commit.date)
            @if commit.changed { ", with changes" }
        }
    }
}

/// A link to a new issue that has the page in its title.
fn report(repository: &str, chapters: &[Chapter]) -> Markup {
    let title = |chapter: &Chapter| {
        let title = format!("{} ({}.md): ", chapter.title, chapter.page);
        format!("?title={}", utf8_percent_encode(&title, NON_ALPHANUMERIC))
    };
    let choice = html! {
        (template(IF_FIRST))
        @if let Some(first) = chapters.first() { (title(first)) }
        @for chapter in chapters { (template(otherwise_for(&chapter.page))) (title(chapter)) }
        (template(END))
    };
    html! {
        a href={ (literal(repository)) "/issues/new" (choice) } { "Report a mistake" }
    }
}

/// The first branch of a choice by the page's path.
const IF_FIRST: &str = "{{#if (eq path \"index.md\")}}";
const OTHERWISE: &str = "{{else}}";
const END: &str = "{{/if}}";

/// The next branch of a choice by the page's path.
fn otherwise_for(page: &str) -> String {
    format!("{{{{else if (eq path {:?})}}}}", format!("{page}.md"))
}

/// Expressions of the template, which stand in attributes too, with their own quotes.
fn template(text: impl Into<String>) -> Markup {
    // All of it is written here, but for names of pages and what went through `literal`.
    PreEscaped(text.into())
}

/// Text in a template.
fn literal(text: &str) -> Markup {
    plain(html! { (text) })
}

/// HTML in a template: braces would be taken for the template's own.
fn plain(html: Markup) -> Markup {
    // The entities stand for what was there.
    PreEscaped(html.into_string().replace('{', "&#123;").replace('}', "&#125;"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    #[test]
    fn the_question_that_opens_a_chapter_describes_it() {
        let chapter = "<p class=\"machine-line\">Numbers on this page are from <strong>here</strong></p>\n\n\
                       # Threads\n\n*Eight documents, each <span class=\"given\">40 ms</span> away. \
                       Can fetching all of them\ntake as long as fetching one?*\n\nWrite the loop first.\n";
        let question = "Eight documents, each 40 ms away. Can fetching all of them take as long as fetching one?";
        assert_eq!(description(chapter).unwrap(), question);
    }

    #[test]
    fn a_short_question_is_followed_by_what_comes_next_and_a_long_text_is_cut_between_sentences() {
        let text = description(
            "# A\n\n*Is it?*\n\nIt is, said one. “No,” said the other, who had measured it twice.\n\n- no\n",
        );
        assert_eq!(
            text.unwrap(),
            "Is it? It is, said one. “No,” said the other, who had measured it twice."
        );
        let long = "The first sentence has about fifty letters in it now. ".repeat(5);
        let text = description(&long).unwrap();
        assert_eq!(text.matches("now.").count(), 3, "{text}");
        let endless = description(&"word, ".repeat(100)).unwrap();
        assert!(endless.chars().count() <= LONGEST && endless.ends_with("word …"), "{endless}");
    }

    #[test]
    fn lists_quotations_and_headings_describe_nothing() {
        assert_eq!(description("# Only a title\n\n- a list\n\n> a quotation\n"), None);
    }

    fn chapter(page: &str, title: &str) -> Chapter {
        let source = Source { file: format!("src/{page}.md").into(), text: "".into() };
        Chapter { source, page: page.into(), title: title.into(), number: None, part: None }
    }

    #[test]
    fn what_would_end_the_attribute_or_begin_an_expression_is_escaped() {
        let chapters = [chapter("a", "A"), chapter("b", "B")];
        let descriptions = [Some("Say \"{{#time x}}\" & <go>".to_string()), None];
        let head = head(&Edition::default(), &chapters, &descriptions);
        let text = "Say &quot;&#123;&#123;#time x&#125;&#125;&quot; &amp; &lt;go&gt;";
        assert_eq!(head.matches(text).count(), 2, "{head}");
        assert!(!head.contains("b.md") && !head.contains("canonical"), "{head}");
    }

    #[test]
    fn a_page_with_an_address_names_it_and_the_first_is_the_front_page() {
        let address = Some("https://example.org/course/".to_string());
        let edition = Edition { address, ..Edition::default() };
        let head = head(&edition, &[chapter("welcome", "W"), chapter("b", "B")], &[None, None]);
        let front = "<link rel=\"canonical\" href=\"https://example.org/course/\">";
        assert_eq!(head.matches(front).count(), 2, "{head}");
        assert!(head.contains("href=\"https://example.org/course/b.html\""), "{head}");
        assert!(!head.contains("course/welcome.html"), "{head}");
    }

    #[test]
    fn a_page_says_what_it_was_built_from_as_far_as_that_is_known() {
        let commit =
            Commit { id: "1a2b3c4d5e6f".into(), date: "25 November 2026".into(), changed: true };
        let mut edition = Edition { commit: Some(commit), ..Edition::default() };
        let chapters = [chapter("a", "Who, & when?")];
        let alone = footer(&edition, &chapters).into_string();
        let built = "Built from commit <code>1a2b3c4</code> of 25 November 2026, with changes";
        assert!(alone.contains(built) && !alone.contains("issues"), "{alone}");

        edition.repository = Some("https://example.org/us/course".into());
        let linked = footer(&edition, &chapters).into_string();
        let link = "<a href=\"https://example.org/us/course/commit/1a2b3c4d5e6f\"><code>1a2b3c4</code></a>";
        assert!(linked.contains(link), "{linked}");
        let title = "issues/new{{#if (eq path \"index.md\")}}?title=Who%2C%20%26%20when%3F%20%28a%2Emd%29%3A%20";
        assert!(linked.contains(title), "{linked}");

        let nothing = footer(&Edition::default(), &chapters).into_string();
        assert!(nothing.contains("{{#if git_repository_edit_url}}<footer"), "{nothing}");
    }
}
