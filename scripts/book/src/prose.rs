//! How a chapter reads, in numbers: `cargo course check --prose` prints a thermometer, not a rule.
//!
//! Counted is what a reader reads from top to bottom: paragraphs, lists and boxes. A code span is one word, and so
//! is a value. Left out are headings, tables, blocks of code, captions, and what a claim says where it does not hold.

use std::fmt;
use std::mem;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use unicode_segmentation::UnicodeSegmentation;

use crate::directive;
use crate::page::Chapter;

/// Stands for a value or a code span. A capital letter, so that a sentence can begin with it.
const WORD: &str = "N";
/// A sentence of no more words is a short one.
const SHORT: usize = 6;
const PEOPLE: [&str; 3] = ["nobody", "somebody", "whoever"];
const YOU: [&str; 5] = ["you", "your", "yours", "yourself", "yourselves"];

/// The numbers of one chapter.
#[derive(Clone, Debug, PartialEq)]
pub struct Prose {
    /// In sentences of paragraphs and list items; a value or a code span is one.
    pub words: usize,
    /// Those of its paragraphs and lists.
    pub sentences: usize,
    /// Words in a sentence.
    pub mean: f64,
    /// The standard deviation of that.
    pub spread: f64,
    /// The share of sentences of six words or fewer, from 0 to 1.
    pub short: f64,
    /// How many times *nobody*, *somebody* or *whoever* is said.
    pub people: usize,
    /// How many times a denial is followed by an assertion: "It is not a defect. It is …".
    pub denials: usize,
    /// *You*, *your* and the like among 1 000 words.
    pub you: f64,
}

impl Prose {
    /// Of a chapter as it is written, with its directives.
    pub fn count(text: &str) -> Prose {
        let blocks = blocks(&without_directives(text));
        let mut lengths = Vec::new();
        let (mut people, mut you, mut denials) = (0, 0, 0);
        for block in &blocks {
            let sentences: Vec<Vec<String>> =
                sentences(block).map(words).filter(|words| !words.is_empty()).collect();
            for words in &sentences {
                lengths.push(words.len());
                people += words.iter().filter(|word| is_one_of(word, &PEOPLE)).count();
                you += words.iter().filter(|word| is_one_of(word, &YOU)).count();
            }
            denials += sentences.windows(2).filter(|two| denial(&two[0], &two[1])).count();
        }
        let words: usize = lengths.iter().sum();
        let per = |count: usize, all: usize| count as f64 / all.max(1) as f64;
        let mean = per(words, lengths.len());
        let squares: f64 = lengths.iter().map(|length| (*length as f64 - mean).powi(2)).sum();
        Prose {
            words,
            sentences: lengths.len(),
            mean,
            spread: (squares / lengths.len().max(1) as f64).sqrt(),
            short: per(lengths.iter().filter(|length| **length <= SHORT).count(), lengths.len()),
            people,
            denials,
            you: 1000.0 * per(you, words),
        }
    }
}

/// The sentences of a text without line breaks.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.unicode_sentences().map(str::trim)
}

/// A line a chapter, and one of heads.
pub fn table(chapters: &[Chapter]) -> impl fmt::Display {
    let widest = chapters.iter().map(|chapter| chapter.page.len()).max().unwrap_or(0);
    let mut table = format!(
        "{:widest$}   words  sentences   mean  spread  short  people  denials  you\n",
        "page"
    );
    for chapter in chapters {
        let Prose { words, sentences, mean, spread, short, people, denials, you } =
            Prose::count(&chapter.source.text);
        table.push_str(&format!(
            "{:widest$}  {words:6}  {sentences:9}  {mean:5.1}  {spread:6.1}  {:3.0} %  {people:6}  {denials:7}  {you:3.0}\n",
            chapter.page,
            100.0 * short
        ));
    }
    table
        + "\
\n\
mean     words in a sentence        spread   the standard deviation of that\n\
short    sentences of six words or fewer\n\
people   times of nobody, somebody, whoever\n\
denials  times of \"It is not a defect. It is a freedom.\"\n\
you      of 1 000 words\n"
}

/// The Markdown with a word for each value, and with the text of a claim where it holds.
fn without_directives(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let (mut at, mut otherwise) = (0, false);
    for directive in directive::find(text).unwrap_or_default() {
        if !otherwise {
            plain.push_str(&text[at..directive.span.start]);
        }
        at = directive.span.end;
        match &*directive.name {
            "otherwise" => otherwise = true,
            "/claim" => otherwise = false,
            "claim" => {}
            _ if otherwise => {}
            "given" | "machine" | "ratio" | "time" | "value" => plain.push_str(WORD),
            _ => plain.push_str("\n\n"),
        }
    }
    plain + &text[at..]
}

/// The text of each paragraph and item.
fn blocks(markdown: &str) -> Vec<String> {
    let (mut found, mut current, mut skipped) = (Vec::new(), String::new(), 0_u32);
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) if skipped == 0 => current.push_str(&text),
            Event::Code(_) if skipped == 0 => current.push_str(WORD),
            Event::SoftBreak | Event::HardBreak if skipped == 0 => current.push(' '),
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Table(_)) => skipped += 1,
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Table) => skipped -= 1,
            Event::Start(Tag::Paragraph | Tag::Item)
            | Event::End(TagEnd::Paragraph | TagEnd::Item) => found.push(mem::take(&mut current)),
            _ => {}
        }
    }
    found.push(current);
    found.retain(|block| !block.trim().is_empty());
    found
}

/// What has a letter or a digit in it, in small letters and without the marks around it.
fn words(sentence: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    sentence.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect()
}

/// `you` of "you" and of "you've".
fn is_one_of(word: &str, known: &[&str]) -> bool {
    known.contains(&word.split(['\'', '’']).next().unwrap_or(word))
}

/// "It is not a defect." and "It is a freedom."
fn denial(first: &[String], second: &[String]) -> bool {
    const SUBJECTS: [&str; 5] = ["it", "that", "this", "these", "they"];
    const VERBS: [&str; 6] = ["is", "are", "was", "were", "does", "do"];
    let negated = |two: &[String]| {
        let verb = two[0].strip_suffix("n't").or_else(|| two[0].strip_suffix("n’t"));
        match verb {
            Some(verb) => VERBS.contains(&verb),
            None => VERBS.contains(&&*two[0]) && matches!(&*two[1], "not" | "no"),
        }
    };
    let asserts = |words: &[String]| match words {
        [subject, verb, next, ..] => {
            SUBJECTS.contains(&&**subject) && VERBS[..4].contains(&&**verb) && next != "not"
        }
        _ => false,
    };
    first.windows(2).any(negated) && asserts(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_sentences_are_counted_with_their_spread() {
        let prose =
            Prose::count("One two three. Four five\nsix (seven) eight?\n\n- Nine ten.\n- Eleven\n");
        assert_eq!((prose.words, prose.sentences), (11, 4));
        assert_eq!((prose.mean, prose.short), (2.75, 1.0));
        let squares: f64 =
            [3.0, 5.0, 2.0, 1.0].map(|length: f64| (length - 2.75).powi(2)).iter().sum();
        assert_eq!(prose.spread, (squares / 4.0).sqrt());
    }

    #[test]
    fn code_tables_headings_captions_and_arguments_are_no_prose() {
        let text = "# A heading here\n\n```text\nnot this one\n```\n\n| a b | c d |\n|---|---|\n| e f | g h |\n\n\
                    {{#figure hash_books bars \"A caption that says something\" +neutral}}\n\n\
                    It takes {{#time hash_books.sequential}} in `a b c`. `d` goes on.\n";
        let prose = Prose::count(text);
        assert_eq!((prose.words, prose.sentences), (8, 2));
    }

    #[test]
    fn of_a_claim_the_text_is_read_that_holds() {
        let text = "So {{#claim a: b >= c}}it is faster.{{#otherwise}}nobody knows {{#time a.b}} why.{{/claim}} Good.\n";
        let prose = Prose::count(text);
        assert_eq!((prose.words, prose.sentences, prose.people), (5, 2, 0));
    }

    #[test]
    fn a_choice_and_its_reason_are_blocks_of_their_own() {
        let text = "{{#predict a}}\nHow long\n\n{{#choice b >= c}}as long\n{{#because}}One is.\n{{/predict}}\n";
        assert_eq!(Prose::count(text).sentences, 3);
    }

    #[test]
    fn people_and_you_are_found_whatever_stands_around_them() {
        let prose =
            Prose::count("Nobody, (whoever) “somebody’s” you. You've *yours*, young youth.");
        assert_eq!((prose.words, prose.people), (8, 3));
        assert_eq!(prose.you, 1000.0 * 3.0 / 8.0);
    }

    #[test]
    fn a_denial_that_is_followed_by_an_assertion_is_counted() {
        let denials = |text: &str| Prose::count(text).denials;
        assert_eq!(denials("It is not a defect. It is the freedom to choose."), 1);
        assert_eq!(denials("A queue doesn't remove the wait. That is hidden in memory."), 1);
        assert_eq!(denials("It is not a defect. You can choose. It is a freedom."), 0);
        assert_eq!(denials("It is not a defect. It is not a gift."), 0);
        assert_eq!(denials("It is not a defect.\n\nIt is a freedom."), 0);
    }

    #[test]
    fn a_page_without_prose_has_a_line_without_numbers_that_are_none() {
        let prose = Prose::count("# Solutions\n\n{{#solutions}}\n");
        assert_eq!((prose.words, prose.mean, prose.you), (0, 0.0, 0.0));
    }

    #[test]
    fn sentences_end_behind_what_closes_them() {
        let found: Vec<_> =
            sentences("“It is.” (So it is.) Then 3.5 of e.g. five: done! “Yes”").collect();
        assert_eq!(found, ["“It is.”", "(So it is.)", "Then 3.5 of e.g. five: done!", "“Yes”"]);
    }
}
