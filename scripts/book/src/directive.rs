//! Finds the directives of a chapter: `{{#name arguments}}` outside code.

use std::ops::Range;

/// One `{{#…}}` or `{{/…}}` as it stands in the chapter.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// From the first brace to the last.
    pub span: Range<usize>,
    /// `figure`, or `/claim` for a closing one.
    pub name: String,
    /// The bytes of the name.
    pub name_span: Range<usize>,
    /// What follows the name, trimmed.
    pub arguments: Range<usize>,
    /// Nothing else stands on its lines.
    pub alone: bool,
}

/// A `{{#` that is never closed by `}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Unclosed(pub Range<usize>);

/// All directives of a text, in order. Fenced blocks, indented code under a fence, code spans and
/// directives behind a backslash are left as they are.
///
/// # Errors
/// The first one that is not closed; what stands behind it is not looked at.
pub fn find(text: &str) -> Result<Vec<Mark>, Unclosed> {
    let code = code_ranges(text);
    let mut directives = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find("{{").map(|offset| at + offset) {
        at = found + 1;
        if let Some(range) = code.iter().find(|range| range.contains(&found)) {
            at = range.end;
            continue;
        }
        let closing = text[found + 2..].starts_with('/');
        if (!closing && !text[found + 2..].starts_with('#')) || text[..found].ends_with('\\') {
            continue;
        }
        let Some(end) = end_of(text, found + 2) else {
            let line = text[found..].find('\n').map_or(text.len(), |n| found + n);
            return Err(Unclosed(found..line));
        };
        directives.push(parse(text, found..end, closing));
        at = end;
    }
    Ok(directives)
}

/// The end of `}}` that closes, past any inside quotes.
fn end_of(text: &str, from: usize) -> Option<usize> {
    let mut quoted = false;
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            b'}' if !quoted && bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            // A paragraph's end: a quote that was never closed must not swallow the chapter.
            b'\n' if bytes.get(at + 1) == Some(&b'\n') => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn parse(text: &str, span: Range<usize>, closing: bool) -> Mark {
    let inner = span.start + 3..span.end - 2;
    let name_length = text[inner.clone()]
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
        .unwrap_or(inner.len());
    let name_span = inner.start..inner.start + name_length;
    let rest = &text[name_span.end..inner.end];
    let start = name_span.end + (rest.len() - rest.trim_start().len());
    let end = start + rest.trim().len();
    let name = &text[name_span.clone()];
    Mark {
        name: if closing { format!("/{name}") } else { name.to_string() },
        name_span,
        arguments: start..end,
        alone: alone(text, &span),
        span,
    }
}

/// Only white space before and after, on the lines of the span.
fn alone(text: &str, span: &Range<usize>) -> bool {
    let before = text[..span.start].rsplit('\n').next().unwrap_or("");
    let after = text[span.end..].split('\n').next().unwrap_or("");
    before.trim().is_empty() && after.trim().is_empty()
}

/// Fenced blocks and code spans, as byte ranges in order.
pub fn code_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut fence: Option<(char, usize, usize)> = None;
    let mut paragraph = 0..0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_start_matches([' ', '>']);
        let mark = content.chars().next().filter(|c| matches!(c, '`' | '~'));
        let length = mark.map_or(0, |mark| content.chars().take_while(|c| *c == mark).count());
        match fence {
            Some((mark, opened, since)) => {
                let closes = content.starts_with(mark)
                    && length >= opened
                    && content.trim_end().chars().all(|c| c == mark);
                if closes {
                    ranges.push(since..at);
                    fence = None;
                }
            }
            None if length >= 3 => {
                spans(text, paragraph.clone(), &mut ranges);
                paragraph = at..at;
                fence = mark.map(|mark| (mark, length, start));
            }
            None if line.trim().is_empty() => {
                spans(text, paragraph.clone(), &mut ranges);
                paragraph = at..at;
            }
            None => paragraph.end = at,
        }
        if paragraph.end < paragraph.start {
            paragraph = at..at;
        }
    }
    match fence {
        Some((_, _, since)) => ranges.push(since..text.len()),
        None => spans(text, paragraph, &mut ranges),
    }
    ranges.sort_by_key(|range| range.start);
    ranges
}

/// Code spans of one paragraph: a run of backticks to the next run of the same length.
fn spans(text: &str, paragraph: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let run = |from: usize| text[from..paragraph.end].bytes().take_while(|b| *b == b'`').count();
    let mut at = paragraph.start;
    while let Some(open) = text[at..paragraph.end].find('`').map(|n| at + n) {
        let length = run(open);
        let mut close = open + length;
        loop {
            match text[close..paragraph.end].find('`').map(|n| close + n) {
                Some(found) if run(found) == length => {
                    ranges.push(open..found + length);
                    at = found + length;
                    break;
                }
                Some(found) => close = found + run(found),
                None => {
                    at = open + length;
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        find(text).unwrap().into_iter().map(|directive| directive.name).collect()
    }

    #[test]
    fn directives_in_code_stay_as_they_are() {
        let text = "{{#time a}} `{{#time b}}` ``{{#time c}} ` ``\n\n```md\n{{#time d}}\n```\n\n\
                    > ~~~\n> {{#time e}}\n> ~~~\n\n\\{{#time f}} {{#given 1 s}}\n";
        assert_eq!(names(text), ["time", "given"]);
    }

    #[test]
    fn a_fence_that_is_never_closed_reaches_to_the_end() {
        assert_eq!(names("```\n{{#time a}}\n``\n{{#time b}}"), Vec::<String>::new());
    }

    #[test]
    fn name_arguments_and_place_are_told_apart() {
        let text = "x\n  {{#figure hash_books  bars \"A }} b\"}}  \ny {{/claim}}";
        let found = find(text).unwrap();
        assert_eq!(&text[found[0].name_span.clone()], "figure");
        assert_eq!(&text[found[0].arguments.clone()], "hash_books  bars \"A }} b\"");
        assert!(found[0].alone && !found[1].alone);
        assert_eq!(found[1].name, "/claim");
    }

    #[test]
    fn what_is_never_closed_is_an_error_at_its_place() {
        assert_eq!(find("a {{#time b\n\nc }}"), Err(Unclosed(2..11)));
        assert_eq!(find("a {{#figure b \"c}}\n\nd"), Err(Unclosed(2..18)));
    }

    #[test]
    fn braces_that_are_no_directive_are_text() {
        assert_eq!(names("{{ x }} {{{#given 1}} {{"), ["given"]);
    }
}
