//! Quotations that not every reader wants: the notes for instructors, which are folded away, and the boxes about
//! Python, which a switch hides.

use maud::{Markup, html};

use crate::directive::code_ranges;
use crate::html::markdown;

/// What becomes of the quotations that begin with a mark.
struct Kind {
    mark: &'static str,
    /// The mark is a part of the text.
    keeps_mark: bool,
    element: fn(&str) -> Markup,
}

const FOR_INSTRUCTORS: Kind = Kind {
    mark: "**For instructors.**",
    keeps_mark: false,
    element: |text| {
        html! {
            details.instructor { summary { "For instructors" } (markdown(text)) }
        }
    },
};

const OF_PYTHON: Kind = Kind {
    mark: "**In Python.**",
    keeps_mark: true,
    element: |text| html! { blockquote.py { (markdown(text)) } },
};

/// Folds every quotation that begins "For instructors". It is done to expanded Markdown, so that what is
/// said of a chapter's mistakes speaks of the chapter's own lines.
pub fn for_instructors(markdown: &str) -> String {
    wrapped(markdown, &FOR_INSTRUCTORS)
}

/// Marks every quotation that begins "In Python" as what a reader can hide.
pub fn of_python(markdown: &str) -> String {
    wrapped(markdown, &OF_PYTHON)
}

fn wrapped(markdown: &str, kind: &Kind) -> String {
    if !markdown.contains(kind.mark) {
        return markdown.to_string();
    }
    let code = code_ranges(markdown);
    let mut out = String::with_capacity(markdown.len() + 256);
    let mut at = 0;
    let mut lines = markdown.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let in_code = code.iter().any(|range| range.contains(&start));
        let begins = unquoted(line).and_then(|text| text.trim_start().strip_prefix(kind.mark));
        let Some(first) = begins.filter(|_| !in_code) else {
            out.push_str(line);
            continue;
        };
        let mut text = if kind.keeps_mark {
            format!("{}{first}", kind.mark)
        } else {
            first.trim_start().to_string()
        };
        while let Some(next) = lines.peek().and_then(|line| unquoted(line)) {
            text.push_str(next);
            at += lines.next().map_or(0, str::len);
        }
        out.push_str(&(kind.element)(&text).into_string());
        out.push('\n');
    }
    out
}

/// The line of a quotation without its mark.
fn unquoted(line: &str) -> Option<&str> {
    let text = line.strip_prefix('>')?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\n\n> **For instructors.** Ask *first*.\n> Then wait.\n>\n> - and listen\n\n> **In Python.** b\n> c\n\n\
         ```md\n> **For instructors.** c\n```\n";

    #[test]
    fn a_quotation_for_instructors_is_folded_and_others_are_left() {
        assert_eq!(
            for_instructors(TEXT),
            "a\n\n<details class=\"instructor\"><summary>For instructors</summary>\n\n\
             Ask *first*.\nThen wait.\n\n- and listen\n\n\n</details>\n\n> **In Python.** b\n> c\n\n\
             ```md\n> **For instructors.** c\n```\n"
        );
    }

    #[test]
    fn a_box_about_python_is_marked_and_keeps_its_words() {
        let marked = of_python(TEXT);
        let part = "<blockquote class=\"py\">\n\n**In Python.** b\nc\n\n\n</blockquote>\n\n```md";
        assert!(marked.contains(part) && marked.contains("> **For instructors.** Ask"), "{marked}");
    }

    #[test]
    fn a_note_at_the_end_of_a_chapter_is_closed() {
        let html = for_instructors("> **For instructors.** The end.");
        assert!(html.ends_with("The end.\n\n</details>\n"), "{html}");
    }
}
