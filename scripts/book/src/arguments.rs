//! What stands inside a directive: names, options, a caption in quotes, flags.

use std::ops::Range;

use crate::diagnostic::Wrong;

/// The words of a directive's arguments, with their places in the chapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arguments {
    /// Bare words, in order.
    pub words: Vec<(String, Range<usize>)>,
    /// `name=value`, or `name="a value with spaces"`; the place is that of the value.
    pub options: Vec<(String, String, Range<usize>)>,
    /// The one text in double quotes.
    pub caption: Option<String>,
    /// `+output`, without the plus.
    pub flags: Vec<(String, Range<usize>)>,
}

impl Arguments {
    /// The value of `name=value`, and its place.
    pub fn option(&self, name: &str) -> Option<(&str, &Range<usize>)> {
        let found = self.options.iter().find(|(option, ..)| option == name)?;
        Some((&found.1, &found.2))
    }
}

/// Splits the arguments at white space, outside quotes. `span` is their place in `text`.
///
/// # Errors
/// Where a quotation is not closed, or there is more than one caption.
pub fn split(text: &str, span: Range<usize>) -> Result<Arguments, Wrong> {
    let mut arguments = Arguments::default();
    let mut at = span.start;
    while at < span.end {
        let rest = &text[at..span.end];
        let Some(first) = rest.chars().next() else { break };
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        if first == '"' {
            let Some(length) = closing_quote(rest) else {
                return Err(Wrong::new(
                    at..span.end,
                    "this caption is not closed",
                    "`\"` is missing",
                ));
            };
            if arguments.caption.is_some() {
                let label = "only one text in quotes is expected";
                return Err(Wrong::new(at..at + length, "a second caption", label));
            }
            arguments.caption = Some(rest[1..length - 1].replace("\\\"", "\""));
            at += length;
            continue;
        }
        if let Some(name) = quoted_option(rest) {
            let value = at + name.len() + 1;
            let Some(length) = closing_quote(&text[value..span.end]) else {
                return Err(Wrong::new(
                    value..span.end,
                    "this text is not closed",
                    "`\"` is missing",
                ));
            };
            let inside = value + 1..value + length - 1;
            let text = text[inside.clone()].replace("\\\"", "\"");
            arguments.options.push((name.into(), text, inside));
            at = value + length;
            continue;
        }
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, place) = (&rest[..length], at..at + length);
        match (word.strip_prefix('+'), word.split_once('=')) {
            (Some(flag), _) => arguments.flags.push((flag.into(), place)),
            (None, Some((name, value))) => {
                arguments.options.push((name.into(), value.into(), place));
            }
            (None, None) => arguments.words.push((word.into(), place)),
        }
        at += length;
    }
    Ok(arguments)
}

/// The name of an option whose value stands in quotes.
fn quoted_option(rest: &str) -> Option<&str> {
    let (name, _) = rest.split_once("=\"")?;
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some(name)
}

/// The length of a quoted text, its quotes included.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_options_caption_and_flags_are_told_apart() {
        let text = "hash_books  speedup arms=threads,rayon \"Two \\\"cores\\\" = two\" +output";
        let found = split(text, 0..text.len()).unwrap();
        let words: Vec<&str> = found.words.iter().map(|(word, _)| word.as_str()).collect();
        assert_eq!(words, ["hash_books", "speedup"]);
        assert_eq!(found.words[1].1, 12..19);
        assert_eq!(found.options[0].1, "threads,rayon");
        assert_eq!(found.caption.as_deref(), Some("Two \"cores\" = two"));
        assert_eq!(found.flags[0].0, "output");
    }

    #[test]
    fn a_caption_without_its_end_is_an_error_there() {
        let text = "a bars \"What";
        assert_eq!(split(text, 0..text.len()).unwrap_err().span, 7..12);
    }
}
