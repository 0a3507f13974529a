//! What is new in an excerpt since another: `{{#listing locks/transfer.rs:in_order since=as_it_comes}}`.
//!
//! Code is compared word by word and sign by sign, since a call that has moved into a block of its own has not
//! changed, although its line has. Comments are not compared, nor is what only encloses: braces, commas, indentation.
//! Two versions of a thing have two names, so what only the one defines and what only the other does are paired by their order.

use std::ops::Range;

use maud::{Markup, PreEscaped};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// What an excerpt has that another has not.
#[derive(Clone, Debug, PartialEq)]
pub struct News {
    /// Numbers of lines, from 0, that stand one below the other.
    pub runs: Vec<Range<usize>>,
    /// Lines of code, and how many of them are new.
    pub code: usize,
    /// How many of them have something new.
    pub new: usize,
}

impl News {
    /// By the lines that are put above.
    pub fn move_down(&mut self, lines: usize) {
        for run in &mut self.runs {
            *run = run.start + lines..run.end + lines;
        }
    }
}

/// A word, or a sign; and its line, from 0.
#[derive(Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// Before the name of what is defined, in Rust and in Python.
const DEFINES: [&str; 10] =
    ["fn", "def", "struct", "enum", "trait", "class", "const", "static", "type", "mod"];

/// Compares two excerpts, of a language whose comments begin with `comment`.
pub fn news(old: &str, new: &str, comment: &str) -> News {
    let before = tokens(old, comment);
    let tokens = tokens(new, comment);
    let places = places(&before, &tokens);
    let lines: Vec<&str> = new.lines().collect();
    let mut marked = vec![false; lines.len()];
    for (at, token) in tokens.iter().enumerate() {
        marked[token.line] |= is_new(at, &tokens, &places, &before);
    }
    let is_code: Vec<bool> = lines.iter().map(|line| is_code(line, comment)).collect();
    close_blocks(&lines, &is_code, &tokens, &mut marked);
    let mut runs: Vec<Range<usize>> = Vec::new();
    for line in (0..lines.len()).filter(|&line| marked[line]) {
        match runs.last_mut() {
            Some(run) if run.end == line => run.end += 1,
            _ => runs.push(line..line + 1),
        }
    }
    let count = |marks: &[bool]| marks.iter().filter(|yes| **yes).count();
    News { runs, code: count(&is_code), new: count(&marked) }
}

/// Whether a token is not there in the old excerpt, or was parted from its neighbor by what is not here any more.
fn is_new(at: usize, tokens: &[Token], places: &[Option<usize>], before: &[Token]) -> bool {
    let Some(place) = places[at] else { return true };
    let previous = at.checked_sub(1).filter(|&n| tokens[n].line == tokens[at].line);
    if let Some(previous) = previous {
        return places[previous].map(|previous| previous + 1) != Some(place);
    }
    let line_of = |place: Option<usize>| place.and_then(|n| before.get(n)).map(|old| old.line);
    let gone = |there: Option<usize>, from: usize| {
        line_of(there) == line_of(Some(from)) && !places.contains(&there)
    };
    let last = (at..tokens.len()).take_while(|&n| tokens[n].line == tokens[at].line).last();
    let end = last.and_then(|last| places[last]);
    gone(place.checked_sub(1), place) || end.is_some_and(|end| gone(Some(end + 1), end))
}

fn is_code(line: &str, comment: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with(comment)
}

/// For each token of the new excerpt, which of the old one it is.
fn places(old: &[Token], new: &[Token]) -> Vec<Option<usize>> {
    let same = same_names(old, new);
    let old: Vec<&str> = old.iter().map(|token| token.text).collect();
    let renamed = |text| same.iter().find(|(_, new)| *new == text).map_or(text, |(old, _)| *old);
    let texts: Vec<&str> = new.iter().map(|token| renamed(token.text)).collect();
    let mut places = vec![None; new.len()];
    for op in capture_diff_slices(Algorithm::Myers, &old, &texts) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for step in 0..len {
                places[new_index + step] = Some(old_index + step);
            }
        }
    }
    places
}

/// Pairs of what only one of the two defines, the first of the one with the first of the other, and so on.
fn same_names<'a>(old: &[Token<'a>], new: &[Token<'a>]) -> Vec<(&'a str, &'a str)> {
    let names = |tokens: &[Token<'a>]| -> Vec<&'a str> {
        let defines = |pair: &&[Token]| DEFINES.contains(&pair[0].text);
        tokens.windows(2).filter(defines).map(|pair| pair[1].text).collect()
    };
    let (old, new) = (names(old), names(new));
    let only_old = old.iter().filter(|name| !new.contains(name));
    only_old.copied().zip(new.iter().filter(|name| !old.contains(name)).copied()).collect()
}

/// The words and signs, without comments.
fn tokens<'a>(code: &'a str, comment: &str) -> Vec<Token<'a>> {
    let mut tokens = Vec::new();
    let aside = format!(" {comment} ");
    for (number, line) in code.lines().enumerate().filter(|(_, line)| is_code(line, comment)) {
        let mut rest = line.split_once(&aside).map_or(line, |(code, _)| code);
        while let Some(first) = rest.chars().next() {
            let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
            let length = if in_word(first) {
                rest.find(|letter| !in_word(letter)).unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            if !first.is_whitespace() && !matches!(first, '{' | '}' | '(' | ')' | ';' | ',') {
                tokens.push(Token { text, line: number });
            }
            rest = after;
        }
    }
    tokens
}

/// A line that only closes a block goes with the line that opens it, which is indented as far.
fn close_blocks(lines: &[&str], is_code: &[bool], tokens: &[Token], marked: &mut [bool]) {
    let indent = |line: &str| line.len() - line.trim_start().len();
    for at in 0..lines.len() {
        if is_code[at] && tokens.iter().all(|token| token.line != at) {
            let opens =
                (0..at).rev().find(|&n| is_code[n] && indent(lines[n]) <= indent(lines[at]));
            marked[at] = opens.is_some_and(|n| marked[n]);
        }
    }
}

/// Highlighted code with each run of new lines in an `<ins>`, so that taking its text gives the code and nothing else.
pub fn marked(code: Markup, runs: &[Range<usize>]) -> Markup {
    let html = code.into_string();
    let lines = lines(&html);
    let mut marked = String::with_capacity(html.len() + 16 * runs.len());
    for (number, line) in lines.iter().enumerate() {
        if runs.iter().any(|run| run.start == number) {
            marked.push_str("<ins>");
        }
        marked.push_str(line);
        if number + 1 < lines.len() {
            marked.push('\n');
        }
        if runs.iter().any(|run| run.end == number + 1) {
            marked.push_str("</ins>");
        }
    }
    // Lines of escaped HTML, each with the whole of its spans.
    PreEscaped(marked)
}

/// The lines, each with the whole of its spans: a comment or a text of several lines is divided.
fn lines(html: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = "";
    for line in html.split('\n') {
        let mut whole = format!("{open}{line}");
        match (line.rfind("<span"), line.rfind("</span>")) {
            (Some(begin), end) if end.is_none_or(|end| end < begin) => {
                let tag = &line[begin..];
                open = tag.split_inclusive('>').next().unwrap_or(tag);
            }
            (_, Some(_)) => open = "",
            (_, None) => {}
        }
        if !open.is_empty() {
            whole.push_str("</span>");
        }
        lines.push(whole);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::highlight::rust;

    /// The new lines, as they stand there.
    fn new_lines<'a>(old: &str, new: &'a str) -> Vec<&'a str> {
        let lines: Vec<&str> = new.lines().collect();
        let runs = news(old, new, "//").runs;
        runs.into_iter().flatten().map(|line| lines[line].trim()).collect()
    }

    #[test]
    fn a_line_that_was_put_in_is_new_and_those_around_it_are_not() {
        assert_eq!(new_lines("a();\nb();", "a();\nc();\nb();"), ["c();"]);
        assert_eq!(new_lines("a();\nb();", "a();\nb();"), [""; 0]);
        assert_eq!(new_lines("a();\nc();\nb();", "a();\nb();"), [""; 0]);
    }

    #[test]
    fn a_sign_makes_a_line_new() {
        assert_eq!(new_lines("if a > b {\n}", "if a >= b {\n}"), ["if a >= b {", "}"]);
        assert_eq!(new_lines("f(&x)", "f(&mut x)"), ["f(&mut x)"]);
        assert_eq!(new_lines("f(x.lock())", "f(x)"), ["f(x)"]);
        assert_eq!(new_lines("return f(x)", "f(x)"), ["f(x)"]);
        assert_eq!(new_lines("let a = b.c.d;", "let a = b.d;"), ["let a = b.d;"]);
    }

    #[test]
    fn a_call_that_moved_into_a_block_is_not_new() {
        let old =
            "/// Both.\nfn plain() {\n    spawn(|| deposit(500));\n    spawn(|| withdraw(100));\n}";
        let new = "/// Both, together.\nfn together() {\n    let arrived = new(0);\n    spawn(|| {\n        \
                   wait(&arrived);\n        deposit(500);\n    });\n    spawn(|| {\n        wait(&arrived);\n        \
                   withdraw(100);\n    });\n}";
        assert_eq!(
            new_lines(old, new),
            ["let arrived = new(0);", "wait(&arrived);", "wait(&arrived);"]
        );
    }

    #[test]
    fn names_of_what_is_defined_are_paired() {
        let old = "fn send_relaxed() {\n    store(Relaxed);\n}\nfn receive_relaxed() {\n    load(Relaxed)\n}";
        let new = "fn send() {\n    store(Release);\n}\nfn receive() {\n    load(Acquire)\n}";
        assert_eq!(new_lines(old, new), ["store(Release);", "load(Acquire)"]);
    }

    #[test]
    fn a_line_that_stands_elsewhere_is_new_there() {
        let old = "let mut sealed = lock();\nsealed.insert(letter, seal(letter, steps));";
        let new = "let seal = seal(letter, steps);\nlock().insert(letter, seal);";
        assert_eq!(new_lines(old, new), new.lines().collect::<Vec<_>>());
    }

    #[test]
    fn the_end_of_a_block_goes_with_its_beginning() {
        let old = "a();\nb();";
        let new = "a();\nif c {\n    d();\n} else {\n    e();\n}\nb();";
        assert_eq!(new_lines(old, new), ["if c {", "d();", "} else {", "e();", "}"]);
        let news = news(old, new, "//");
        assert_eq!((news.runs.len(), news.code, news.new), (1, 7, 5));
    }

    #[test]
    fn comments_are_neither_compared_nor_counted() {
        let new = "// Otherwise.\na();\n\n# b\n";
        assert_eq!(news("// So.\na();", new, "//").code, 2);
        assert_eq!(news("# c\na();\n", new, "#").runs.first(), Some(&(0..1)));
        assert_eq!(new_lines("a();", "a(); // Once."), [""; 0]);
    }

    #[test]
    fn marks_change_no_letter_and_divide_what_has_several_lines() {
        let code = "a();\n/* one\n   two */\nlet b = \"x\n<y>\";";
        let html = rust(code).into_string();
        let marked = marked(rust(code), &[1..2, 4..5]).into_string();
        assert!(
            marked.contains("\n<ins><span class=\"cm\">/* one</span>\n</ins><span class=\"cm\">   two */</span>\n"),
            "{marked}"
        );
        let last = "<ins><span class=\"st\">&lt;y&gt;&quot;</span>;</ins>";
        assert!(marked.ends_with(last), "{marked}");
        let text = |html: &str| {
            let mut text = String::new();
            for piece in html.split('<') {
                text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
            }
            text
        };
        assert_eq!(text(&marked), text(&html));
    }
}
