//! What the command says: status lines like Cargo's, and problems that point at the text.

use std::fmt;
use std::io::{IsTerminal, Write, stderr};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::status_line::above;

/// ` Measuring hash_books`: a verb in color, right-aligned, then what it is about. On stderr, as
/// Cargo does, so that standard output stays for results.
pub fn status(verb: &str, what: impl fmt::Display) {
    above(|| writeln!(stderr(), "{} {what}", paint(verb, "\x1b[1;32m"))).unwrap_or_default();
}

pub fn warning(what: impl fmt::Display) {
    let (on, off) = if colored() { ("\x1b[1;33m", "\x1b[0m") } else { ("", "") };
    above(|| writeln!(stderr(), "{on}warning{off}: {what}")).unwrap_or_default();
}

pub fn error(what: impl fmt::Display) {
    let (on, off) = if colored() { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    above(|| writeln!(stderr(), "{on}error{off}: {what}")).unwrap_or_default();
}

fn colored() -> bool {
    stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn paint(verb: &str, color: &str) -> String {
    if colored() { format!("{color}{verb:>12}\x1b[0m") } else { format!("{verb:>12}") }
}

/// A text with its name, as problems quote it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Relative to the project: `src/ch05-threads.md`.
    pub file: PathBuf,
    pub text: Arc<str>,
}

/// Something wrong at a place in a text, and what to do about it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub source: Source,
    /// Bytes of the offending text.
    pub span: Range<usize>,
    pub title: String,
    /// Beside the underline: `did you mean …?`
    pub label: String,
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Renderer::plain()))
    }
}

impl Problem {
    fn render(&self, renderer: Renderer) -> String {
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

impl Problems {
    /// Prints each as the compiler would.
    pub fn print(&self) {
        for problem in &self.0 {
            let renderer = if colored() { Renderer::styled() } else { Renderer::plain() };
            above(|| eprintln!("{}\n", problem.render(renderer)));
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}\n")?;
        }
        write!(f, "{}", counted(self.0.len(), "problem"))
    }
}

impl std::error::Error for Problems {}

/// Why something failed: problems in chapters as the compiler would show them, all else in a line.
pub fn report(failure: &anyhow::Error) {
    match failure.chain().find_map(|cause| cause.downcast_ref::<Problems>()) {
        Some(problems) => {
            problems.print();
            error(format!("{} in the chapters", counted(problems.0.len(), "problem")));
        }
        None => error(format!("{failure:#}")),
    }
}

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

/// "did you mean `hash_books`?", or the command that makes one of this name.
pub fn near_or_new(name: &str, candidates: &[&str], new: &str) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`cargo course new {new}` makes it"),
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
