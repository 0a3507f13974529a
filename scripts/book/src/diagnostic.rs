//! What is wrong with a text, and where: shown like the compiler's own messages.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// What is wrong with an expression, and where in its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// In bytes, from where the text begins.
    pub span: Range<usize>,
    /// What is wrong: the first line of the message.
    pub title: String,
    /// Beside the underline: what to write instead.
    pub label: String,
}

impl Wrong {
    /// What is wrong (`title`) with the bytes of `span`, and what stands beside their underline (`label`).
    pub fn new(span: Range<usize>, title: impl Into<String>, label: impl Into<String>) -> Wrong {
        Wrong { span, title: title.into(), label: label.into() }
    }
}

/// A text with its name, as problems quote it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the project: `src/ch05-threads.md`.
    pub file: PathBuf,
    /// All of it: spans of problems count from its start.
    pub text: Arc<str>,
}

/// Something wrong at a place in a text, and what to do about it.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The text it was found in.
    pub source: Source,
    /// Bytes of the offending text.
    pub span: Range<usize>,
    /// What is wrong: the first line of the message.
    pub title: String,
    /// Beside the underline: `did you mean …?`
    pub label: String,
    /// What else can be done about it, below the excerpt.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(false))
    }
}

impl Problem {
    /// As the compiler would show it.
    pub fn shown(&self, in_color: bool) -> String {
        let renderer = if in_color { Renderer::styled() } else { Renderer::plain() };
        let path = self.source.file.display().to_string().replace('\\', "/");
        let annotation = AnnotationKind::Primary.span(self.span.clone()).label(&self.label);
        let snippet = Snippet::source(&*self.source.text).path(&path).annotation(annotation);
        let mut group = Level::ERROR.primary_title(&self.title).element(snippet);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group])
    }
}

/// All that is wrong, so that it can be mended in one go.
#[derive(Clone, Debug, Default)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}\n")?;
        }
        write!(f, "{}", counted(self.0.len(), "problem"))
    }
}

impl std::error::Error for Problems {}

/// "1 problem", "3 problems".
pub fn counted(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// The candidate nearest in spelling, if it is near enough to be meant; else the only one of which this is
/// a part, as of `oversold_tickets` somebody types `oversold`.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let near = candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| *candidate);
    let mut wholes = candidates.iter().filter(|whole| !name.is_empty() && whole.contains(name));
    near.or_else(|| wholes.next().filter(|_| wholes.next().is_none()).copied())
}

/// "did you mean `hash_books`?", or the names there are.
pub fn suggestion(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if candidates.is_empty() => "there are none yet".into(),
        None => format!("there are: {}", candidates.join(", ")),
    }
}

/// What this word stands for, where a few are known.
///
/// # Errors
/// Where the word is none of them, at `span`, with the nearest one or all of them.
pub fn one_of<T: Copy>(
    what: &str,
    known: &[(&str, T)],
    word: &str,
    span: &Range<usize>,
) -> Result<T, Wrong> {
    match known.iter().find(|(name, _)| *name == word) {
        Some((_, value)) => Ok(*value),
        None => {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let title = format!("no {what} named `{word}`");
            Err(Wrong::new(span.clone(), title, suggestion(word, &names)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_points_at_file_line_column_and_text() {
        let text = "# Split\n\n{{#figure hash_bocks speedup \"Which chunk size?\"}}\n";
        let source = Source { file: "src/ch11-split.md".into(), text: text.into() };
        let start = text.find("hash_bocks").unwrap();
        let problem = Problem {
            source,
            span: start..start + 10,
            title: "no experiment named `hash_bocks`".into(),
            label: suggestion("hash_bocks", &["word_count", "hash_books"]),
            help: None,
        };
        let shown = problem.to_string();
        assert!(shown.starts_with("error: no experiment named `hash_bocks`"), "{shown}");
        assert!(shown.contains("src/ch11-split.md:3:11"), "{shown}");
        assert!(shown.contains("^^^^^^^^^^ did you mean `hash_books`?"), "{shown}");
    }

    #[test]
    fn a_name_far_from_all_others_is_answered_with_the_list() {
        assert_eq!(suggestion("zebra", &["bars", "speedup"]), "there are: bars, speedup");
        assert_eq!(nearest("speedpu", ["bars", "speedup"]), Some("speedup"));
    }

    #[test]
    fn a_part_of_one_name_alone_is_answered_with_that_name() {
        let names = ["oversold_tickets", "cancel_safe", "timeout_each"];
        assert_eq!(nearest("oversold", names), Some("oversold_tickets"));
        assert_eq!(nearest("tickets", names), Some("oversold_tickets"));
        assert_eq!(nearest("e", names), None, "all three have one");
        assert_eq!(nearest("", names), None);
    }
}
