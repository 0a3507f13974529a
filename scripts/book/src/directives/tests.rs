//! What an author is told of a directive that is wrong, and what a new one takes.

use maud::{Markup, html};

use super::reader::{self, Reader, Takes};
use super::writer::{Collected, Writer};
use super::{Directive, Registered, Shows};
use crate::context::Context;
use crate::diagnostic::{Problem, Problems, Wrong};
use crate::exercise::page::Exercises;
use crate::fixtures::{TinyBook, chapter};
use crate::page::Page;
use crate::syntax::{Asked, Form, Stands};
use crate::way::Ways;

/// The one problem of a directive that stands after a heading: what is underlined, title and label.
fn wrong(directive: &str) -> (String, String, String) {
    let text = format!("# Ideas\n\n{directive}\n");
    let problems = TinyBook::measured().problems(&text);
    assert_eq!(problems.len(), 1, "{directive}: {problems:?}");
    let Problem { span, title, label, .. } = problems[0].clone();
    let shown = problems[0].to_string();
    let (line, column) = place(&text, span.start);
    assert!(shown.starts_with(&format!("error: {title}")), "{shown}");
    assert!(shown.contains(&format!("src/ch01-ideas.md:{line}:{column}")), "{shown}");
    assert!(shown.contains(&label), "{shown}");
    (text[span].to_string(), title, label)
}

/// 1-based line and column.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Asserts the underlined text, and words of the title and of the label beside it.
#[track_caller]
pub(super) fn assert_wrong(directive: &str, underlined: &str, title: &str, label: &str) {
    let found = wrong(directive);
    assert_eq!(found.0, underlined, "{directive}: {found:?}");
    assert!(found.1.contains(title), "{directive}: {found:?}");
    assert!(found.2.contains(label), "{directive}: {found:?}");
}

/// The page that this text becomes.
pub(super) fn page(text: &str) -> Page {
    TinyBook::measured().page(text)
}

/// A claim with both of its sentences.
pub(super) const CLAIM: &str = "{{#claim fetch: sequential / threads@2 >= 1.5}}Threads *pay*, see [there](ch02.md), \
    after {{#time fetch.threads@2}}.{{#otherwise}}Threads gain nothing here.{{/claim}}\n";

#[test]
fn an_unknown_directive_is_answered_with_the_nearest_one() {
    assert_wrong(
        "{{#figur fetch bars \"C\"}}",
        "figur",
        "no directive named `figur`",
        "did you mean `figure`?",
    );
    assert_wrong("a {{#gvien 40 ms}}", "gvien", "no directive named", "did you mean `given`?");
    assert_wrong("{{#zzzzzzzz}}", "zzzzzzzz", "no directive named", "there are: listing, output");
}

#[test]
fn an_unknown_experiment_is_answered_with_the_nearest_one() {
    for directive in [
        "{{#table fetsch}}",
        "{{#output fetsch}}",
        "{{#figure fetsch bars \"C\"}}",
        "{{#time fetsch.sequential}}",
        "{{#value fetsch: sequential}}",
        "{{#claim fetsch: sequential >= 1 s}}x{{/claim}}",
    ] {
        assert_wrong(directive, "fetsch", "no experiment named `fetsch`", "did you mean `fetch`?");
    }
}

#[test]
fn an_unknown_arm_is_answered_with_the_nearest_one() {
    let (title, near) = ("`fetch` has no arm named `thread`", "did you mean `threads`?");
    assert_wrong("{{#time fetch.thread@2}}", "thread@2", title, near);
    assert_wrong("{{#ratio fetch.sequential / thread@2}}", "thread@2", title, near);
    assert_wrong("{{#value fetch: memory(thread@2)}}", "thread@2", title, near);
    assert_wrong(
        "{{#figure fetch bars arms=sequential,thread \"C\"}}",
        "arms=sequential,thread",
        title,
        near,
    );
    assert_wrong("{{#table fetch arms=thread}}", "arms=thread", title, near);
    assert_wrong(
        "{{#claim fetch: thread@2 faster than sequential}}x{{/claim}}",
        "thread@2",
        title,
        near,
    );
}

#[test]
fn what_is_like_nothing_there_is_answered_with_the_command_that_makes_it() {
    assert_wrong(
        "{{#listing pools/quite_another.rs \"C\"}}",
        "pools/quite_another.rs",
        "no listing `listings/pools/quite_another.rs`",
        "`cargo course new listing pools/quite_another` makes it",
    );
    assert_wrong(
        "{{#interleavings pools/quite_another.steps \"C\"}}",
        "pools/quite_another.steps",
        "no listing `listings/pools/quite_another.steps`",
        "`cargo course new explorer pools/quite_another` makes it",
    );
    assert_wrong(
        "{{#output quite_another}}",
        "quite_another",
        "no experiment named `quite_another`",
        "`cargo course new experiment FOLDER/quite_another` makes it",
    );
    assert_wrong(
        "{{#exercise quite_another}}",
        "quite_another",
        "no exercise named `quite_another`",
        "`cargo course new exercise FOLDER/quite_another` makes it",
    );
}

#[test]
fn flags_options_and_words_that_mean_nothing_are_errors() {
    assert_wrong(
        "{{#listing ideas/fetch.rs \"C\" +outptu}}",
        "+outptu",
        "`listing` has no flag `+outptu`",
        "did you mean `output`?",
    );
    assert_wrong(
        "{{#table fetch arm=threads}}",
        "arm=threads",
        "`table` has no option `arm=`",
        "did you mean `arms`?",
    );
    assert_wrong(
        "{{#figure fetch bars twice \"C\"}}",
        "twice",
        "`figure` does not take `twice`",
        "in double quotes",
    );
    assert_wrong(
        "{{#figure fetch \"C\"}}",
        "{{#figure fetch \"C\"}}",
        "something is missing",
        "like `{{#figure word_count bars",
    );
    assert_wrong(
        "{{#table}}",
        "{{#table}}",
        "`table` of which experiment?",
        "like `{{#table word_count}}`",
    );
    assert_wrong("{{#given}}", "{{#given}}", "nothing is given", "like `{{#given 40 ms}}`");
    assert_wrong(
        "{{#machine core}}",
        "{{#machine core}}",
        "no property named `core`",
        "did you mean `cores`?",
    );
    assert_wrong(
        "{{#listing ideas/fetch.rs \"C\" +error}}",
        "ideas/fetch.rs",
        "no captured message `listings/ideas/fetch.stderr`",
        "",
    );
}

#[test]
fn a_machine_without_records_is_answered_with_the_nearest_one() {
    assert_wrong(
        "{{#figure fetch bars machine=home-3c \"C\"}}",
        "machine=home-3c",
        "no machine named `home-3c`",
        "did you mean `home-2c`?",
    );
}

#[test]
fn a_caption_is_needed_once_and_closed() {
    let directive = "{{#figure fetch bars}}";
    assert_wrong(directive, directive, "the caption is missing", "add it in double quotes");
    let directive = "{{#listing ideas/fetch.rs \" \"}}";
    assert_wrong(directive, directive, "the caption is missing", "add it in double quotes");
    assert_wrong(
        "{{#figure fetch bars \"A\" \"B\"}}",
        "\"B\"",
        "a second caption",
        "only one text in quotes",
    );
    assert_wrong(
        "{{#figure fetch bars \"A}}",
        "{{#figure fetch bars \"A}}",
        "this directive is not closed",
        "`}}` is missing",
    );
}

#[test]
fn what_is_never_closed_is_underlined_where_it_opens() {
    assert_wrong(
        "{{#table fetch",
        "{{#table fetch",
        "this directive is not closed",
        "`}}` is missing",
    );
    let open = "{{#claim fetch: sequential > 1 s}}";
    assert_wrong(&format!("{open}x"), open, "this claim is not closed", "`{{/claim}}` is missing");
    assert_wrong("{{/claim}}", "{{/claim}}", "this closes nothing", "`{{#claim …}}`");
    assert_wrong("x {{#otherwise}} y", "{{#otherwise}}", "this closes nothing", "`{{#claim …}}`");
}

#[test]
fn units_that_do_not_go_together_are_errors() {
    let claim = |text: &str| format!("{{{{#claim fetch: {text}}}}}x{{{{/claim}}}}");
    assert_wrong(
        &claim("memory(sequential) >= 3 s"),
        "memory(sequential) >= 3 s",
        "this compares an amount of memory with a time",
        "both sides need one unit",
    );
    assert_wrong(
        &claim("sequential + 3 > 1 s"),
        "sequential + 3",
        "a time and a number do not go together",
        "units differ",
    );
    assert_wrong(
        "{{#time fetch.sequential / polite}}",
        "fetch.sequential / polite",
        "`time` takes something else",
        "`ratio` divides two",
    );
    assert_wrong(
        "{{#ratio fetch.sequential}}",
        "fetch.sequential",
        "`ratio` takes something else",
        "expected `base / arm`",
    );
}

#[test]
fn blocks_stand_on_lines_of_their_own() {
    assert_wrong(
        "See {{#table fetch}}",
        "{{#table fetch}}",
        "`table` stands on a line of its own",
        "move it to one",
    );
    let open = "{{#claim fetch: sequential > 1 s}}";
    assert_wrong(
        &format!("See {open}x{{{{/claim}}}}"),
        open,
        "a claim is a paragraph of its own",
        "nothing may stand before it",
    );
    let inner = format!("{open}y{{{{/claim}}}}");
    let found = TinyBook::measured().problems(&format!("{open}x\n{inner}\n"));
    assert!(
        found.iter().any(|problem| problem.title.contains("a claim inside a claim")),
        "{found:?}"
    );
}

#[test]
fn all_problems_of_a_chapter_are_told_at_once_and_none_is_moved() {
    let text = "# Ideas\n\nÄ {{#given}} and {{#time fetch.sequentia}}\n\n\
        {{#claim fetch: sequential > 1 s}}\nLong: {{#time fetch.polit}}.{{/claim}}\n";
    let problems = TinyBook::measured().problems(text);
    let underlined: Vec<&str> = problems.iter().map(|found| &text[found.span.clone()]).collect();
    assert_eq!(underlined, ["{{#given}}", "sequentia", "polit"]);
    assert!(problems[2].to_string().contains("src/ch01-ideas.md:6:21"), "{}", problems[2]);
    assert!(problems[0].to_string().contains("src/ch01-ideas.md:3:3"), "{}", problems[0]);
}

#[test]
fn an_experiment_that_was_never_measured_is_no_error_of_the_chapter() {
    let page = TinyBook::new().page("{{#time fetch.sequential}}\n\n{{#figure fetch bars \"C\"}}\n");
    assert!(page.content.contains("nothing was measured on this machine yet"), "{}", page.content);
}

#[test]
fn a_mark_where_its_block_has_no_place_for_it_closes_nothing() {
    let claim = "{{#claim fetch: sequential / threads@2 >= 1.5}}a{{#otherwise}}b{{#otherwise}}c{{/claim}}\n";
    let predict = "{{#predict fetch}}Which?\n{{#because}}early\n{{#choice sequential / threads@2 >= 1.5}}a\n\
                   {{#because}}b\n{{#choice otherwise}}c\n{{#because}}d\n{{/predict}}\n";
    for (text, mark) in [(claim, "{{#otherwise}}"), (predict, "{{#because}}")] {
        let problems = TinyBook::measured().problems(text);
        assert_eq!((problems.len(), problems[0].title.as_str()), (1, "this closes nothing"));
        assert_eq!(&text[problems[0].span.clone()], mark);
    }
}

/// `{{#shout loudly "Some words" times=2}}`: nothing outside of this says anything of it.
struct Shout;

#[derive(Debug)]
struct Words {
    text: String,
    times: usize,
}

impl Directive for Shout {
    const FORM: Form = Form { name: "shout", stands: Stands::InASentence };
    const TAKES: Takes<'static> = Takes {
        words: 1,
        flags: &[],
        options: &["times"],
        like: Some("like `{{#shout loudly \"Stop\"}}`"),
    };
    const WORDS: &'static [&'static [&'static str]] = &[&["loudly"]];
    const SHOWS: Shows<Words> = Shows::OnAPage(shouted);
    type Node = Words;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Words, Wrong> {
        let arguments = reader.arguments(&asked.directive, &Self::TAKES)?;
        let text = reader::caption(&arguments, &asked.directive)?;
        let times = arguments.options.first().and_then(|(_, value, _)| value.parse().ok());
        Ok(Words { text, times: times.unwrap_or(1) })
    }
}

fn shouted(words: &Words, _: &mut Writer) -> Markup {
    html! { b { (words.text.to_uppercase()) (words.times) } }
}

/// A page on which that is the only directive.
fn page_with_shouts(text: &str) -> Result<String, Problems> {
    let book = TinyBook::measured();
    let (project, records) = (book.project(), book.records());
    let context = Context::new(&project, &records).unwrap();
    let chapter = chapter(text);
    let directives: [&'static dyn Registered; 1] = [&Shout];
    let parts = reader::resolve(&chapter.source, &directives, &context)?;
    let (exercises, ways) = (Exercises::default(), Ways::default());
    let collected =
        Collected { ledger: &[], lessons: &html! {}, exercises: &exercises, ways: &ways };
    Ok(Writer::new(&context, &chapter, collected, &directives).page(&parts).content)
}

#[test]
fn a_new_directive_is_one_implementation_and_a_line_in_a_list() {
    let page = page_with_shouts("He said {{#shout loudly \"Stop\" times=2}}.\n").unwrap();
    assert_eq!(page, "He said <b>STOP2</b>.\n");
    for (text, title) in [
        ("{{#shut loudly \"Stop\"}}", "no directive named `shut`"),
        ("{{#shout loudly \"Stop\" tims=2}}", "`shout` has no option `tims=`"),
        ("{{#shout \"Stop\"}}", "something is missing here"),
        ("{{#shout loudly}}", "the caption is missing"),
        ("{{#given 40 ms}}", "no directive named `given`"),
    ] {
        let Problems(problems) = page_with_shouts(text).unwrap_err();
        assert_eq!((problems.len(), problems[0].title.as_str()), (1, title), "{text}");
    }
}
