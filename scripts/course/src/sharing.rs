//! What search engines and previews say of a page: its own opening, in plain text.
//!
//! mdBook knows one description, the book's. So the expansion writes the partial that our page shell
//! includes in every head, `theme/head.hbs`, which chooses by the page's path. mdBook reads the theme when
//! it renders, after the expansion.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::highlight::escape;

/// In the folder of the theme.
pub const PARTIAL: &str = "head.hbs";
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

/// Cut where one ends and a capital letter, a digit or a quotation mark begins the next.
fn sentences(paragraph: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, mark) in paragraph.match_indices(['.', '?', '!']) {
        let end = at + mark.len();
        let next = paragraph[end..].strip_prefix(' ').and_then(|rest| rest.chars().next());
        if next.is_some_and(|next| next.is_uppercase() || next.is_numeric() || "“‘".contains(next))
        {
            found.push(paragraph[from..end].trim());
            from = end;
        }
    }
    found.push(paragraph[from..].trim());
    found.retain(|sentence| !sentence.is_empty());
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

/// The partial, for pages with these paths and descriptions. `path`, `chapter_title` and `description` are
/// what mdBook gives to the shell.
pub fn partial<'a>(pages: impl Iterator<Item = (&'a str, Option<String>)>) -> String {
    let mut choice = String::from(
        "{{#if (eq path \"index.md\")}}{{ description }}\
         {{else if (eq path \"print.md\")}}All chapters on one page. {{ description }}\
         {{else if (eq path \"404.md\")}}There is no page at this address. {{ description }}",
    );
    for (path, text) in pages {
        if let Some(text) = text {
            // Braces would be taken for the template's own.
            let text = escape(&text).replace('{', "&#123;").replace('}', "&#125;");
            choice.push_str(&format!("{{{{else if (eq path {path:?})}}}}{text}"));
        }
    }
    choice.push_str("{{else}}{{ chapter_title }} · {{ description }}{{/if}}");
    format!(
        "{{{{!-- Written by every build; see scripts/course/src/sharing.rs. --}}}}\n\
         <meta name=\"description\" content=\"{choice}\">\n\
         <meta property=\"og:description\" content=\"{choice}\">\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn what_would_end_the_attribute_or_begin_an_expression_is_escaped() {
        let pages = [("a.md", Some("Say \"{{#time x}}\" & <go>".to_string())), ("b.md", None)];
        let partial = partial(pages.into_iter());
        let text = "Say &quot;&#123;&#123;#time x&#125;&#125;&quot; &amp; &lt;go&gt;";
        assert_eq!(partial.matches(text).count(), 2, "{partial}");
        assert!(!partial.contains("b.md"));
    }
}
