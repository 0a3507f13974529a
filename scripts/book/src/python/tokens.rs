//! Colors Python excerpts: the little of its grammar that can be told from letters alone.

use std::iter;

use maud::Markup;

use crate::highlight::colored;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// The code with the classes that Rust's tokens have.
pub fn highlighted(code: &str) -> Markup {
    let mut at = 0;
    colored(iter::from_fn(|| {
        let rest = code.get(at..).filter(|rest| !rest.is_empty())?;
        let (length, class) = token(rest, code[..at].ends_with('.'));
        at += length;
        Some((&rest[..length], class))
    }))
}

/// The length of the token that `text` begins with, and what it is.
fn token(text: &str, after_dot: bool) -> (usize, Option<&'static str>) {
    let first = text.chars().next().unwrap_or(' ');
    let until = |end: fn(char) -> bool| text.find(end).unwrap_or(text.len());
    if first == '#' {
        return (until(|c| c == '\n'), Some("cm"));
    }
    if let Some(length) = string(text) {
        return (length, Some("st"));
    }
    if first.is_ascii_digit() {
        return (until(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.'))), Some("nu"));
    }
    if first == '@' && text[1..].starts_with(|c: char| c.is_alphabetic()) {
        let name = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'));
        return (1 + text[1..].find(name).unwrap_or(text.len() - 1), Some("ma"));
    }
    if !(first.is_alphabetic() || first == '_') {
        return (first.len_utf8(), None);
    }
    let length = until(|c| !(c.is_alphanumeric() || c == '_'));
    let class = match &text[..length] {
        word if KEYWORDS.contains(&word) && !after_dot => Some("kw"),
        word if word.starts_with(char::is_uppercase) => Some("ty"),
        _ if text[length..].starts_with('(') => Some("fn"),
        _ => None,
    };
    (length, class)
}

/// The length of a string with its prefix and quotes; one that does not end is as long as its line,
/// or as the text where it has three quotes.
fn string(text: &str) -> Option<usize> {
    let prefix = text.find(['"', '\''])?;
    let letters = &text[..prefix];
    if prefix > 2
        || !letters.chars().all(|c| matches!(c.to_ascii_lowercase(), 'r' | 'b' | 'f' | 'u'))
    {
        return None;
    }
    let quote = &text[prefix..=prefix];
    let triple = quote.repeat(3);
    let whole = text[prefix..].starts_with(&triple);
    let end = if whole { triple.as_str() } else { quote };
    let mut at = prefix + end.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(end) {
            return Some(at + end.len());
        }
        match rest.chars().next() {
            Some('\n') if !whole => return Some(at),
            Some('\\') => at += 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            Some(letter) => at += letter.len_utf8(),
            None => break,
        }
    }
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn tokens_get_their_class_and_text_is_escaped() {
        let html = highlighted(
            "@cached\ndef f(a: Path) -> None:  # why < what\n    return f\"{a!r}\" + 'it\\'s' if a.is_dir() else 0x1f",
        )
        .into_string();
        for part in [
            "<span class=\"ma\">@cached</span>\n<span class=\"kw\">def</span> <span class=\"fn\">f</span>(",
            "<span class=\"ty\">Path</span>",
            "<span class=\"cm\"># why &lt; what</span>\n",
            "<span class=\"st\">f&quot;{a!r}&quot;</span>",
            "<span class=\"st\">'it\\'s'</span>",
            ".<span class=\"fn\">is_dir</span>()",
            "<span class=\"nu\">0x1f</span>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn a_string_ends_where_it_should_and_one_without_end_ends_the_line() {
        let html = highlighted("\"\"\"a \"b\"\nc\"\"\"; x = 'open\ny = 1").into_string();
        assert!(html.starts_with("<span class=\"st\">&quot;&quot;&quot;a &quot;b&quot;\nc&quot;&quot;&quot;</span>; x"), "{html}");
        assert!(html.contains("<span class=\"st\">'open</span>\ny ="), "{html}");
    }

    #[test]
    fn nothing_of_the_text_is_lost() {
        for code in
            [include_str!("../../../lab/python/lab_sample.py"), "é = \"…\\", "'\\é'", "bar'x'", "@"]
        {
            let mut html = highlighted(code).into_string();
            for class in ["kw", "fn", "ty", "st", "nu", "cm", "ma"] {
                html = html.replace(&format!("<span class=\"{class}\">"), "");
            }
            assert_eq!(html.replace("</span>", ""), html! { (code) }.into_string());
        }
    }
}
