use lab::record::Sample;

use super::*;
use crate::chapter;
use crate::context::Context;
use crate::fixtures::{AWAY, HOME, TinyBook, chapter as chapter_of, fetch, sample};
use crate::guards;

const TESTS: &str = "\
experiment = \"fetch\"
checker = \"loom\"

[[ordering]]
name = \"relaxed\"
label = \"Relaxed\"

[[ordering]]
name = \"seqcst\"
label = \"SeqCst\"
unmodeled = true

[[architecture]]
name = \"x86\"
label = \"x86-64\"
source = \"https://example.org\"

[[test]]
name = \"sb\"
threads = [[\"x = 1\", \"a = y\"], [\"y = 1\", \"b = x\"]]
orderings = [\"relaxed\", \"seqcst\"]
surprising = { relaxed = [\"0 0\"] }
shows = { x86 = [\"relaxed\"] }
source = \"https://example.org\"
";

const FOUND: &str = r#"{ "checker": "loom", "found": {
    "sb_relaxed": ["0 0", "0 1", "1 0", "1 1"],
    "sb_seqcst": ["0 0", "0 1", "1 0", "1 1"]
} }"#;

fn wrong(from: &str, to: &str) -> String {
    let text = TESTS.replace(from, to);
    let wrong = parse("listings/sb.toml", &text, FOUND).expect_err("it is wrong");
    format!("{} at `{}`", wrong.title, &text[wrong.span])
}

#[test]
fn what_an_interleaving_gives_is_allowed_and_the_rest_is_what_the_file_says() {
    let litmus = parse("listings/sb.toml", TESTS, FOUND).unwrap();
    let test = &litmus.tests[0];
    assert_eq!(test.asked().collect::<Vec<_>>(), ["0 0"]);
    let [relaxed, seqcst] = &test.variants[..] else { panic!("{:?}", test.variants) };
    let classes =
        |variant| ["0 0", "0 1", "1 0", "1 1"].map(|outcome| test.class(variant, outcome));
    use Class::{Allowed, Forbidden, Surprising};
    assert_eq!(classes(relaxed), [Surprising, Allowed, Allowed, Allowed]);
    assert_eq!(classes(seqcst), [Forbidden, Allowed, Allowed, Allowed]);
    assert_eq!(test.class(seqcst, "2 0"), Forbidden, "no statement stores a 2");
    assert_eq!(relaxed.found.as_ref().map(BTreeSet::len), Some(4));
    assert_eq!(seqcst.found, None, "the checker does not model it");
}

#[test]
fn interleavings_are_every_order_that_keeps_each_thread_in_its_own() {
    let text = TESTS.replace(
        "[[\"x = 1\", \"a = y\"], [\"y = 1\", \"b = x\"]]",
        "[[\"x = 1\", \"x = 2\"], [\"a = x\", \"b = x\"]]",
    );
    let text = text.replace("surprising = { relaxed = [\"0 0\"] }\n", "");
    let found = FOUND.replace(
        "[\"0 0\", \"0 1\", \"1 0\", \"1 1\"]",
        "[\"0 0\", \"0 1\", \"0 2\", \"1 1\", \"1 2\", \"2 2\"]",
    );
    let litmus = parse("listings/sb.toml", &text, &found).unwrap();
    assert_eq!(litmus.tests[0].asked().collect::<Vec<_>>(), ["1 0", "2 0", "2 1"]);
}

#[test]
fn mistakes_are_found_at_their_place() {
    let surprise = "surprising = { relaxed = [\"0 0\"] }";
    assert_eq!(
        wrong(surprise, "surprising = { relaxed = [\"0 1\"] }"),
        "an interleaving gives `0 1`, which surprises nobody at `\"0 1\"`"
    );
    assert_eq!(
        wrong(surprise, "surprising = { relaxed = [\"0 7\"] }"),
        "`0 7` is no outcome of this test at `\"0 7\"`"
    );
    assert!(
        wrong(surprise, "surprising = { release = [] }").starts_with("no ordering named `release`")
    );
    assert_eq!(wrong("\"a = y\"", "\"a += y\""), "`a += y` is no statement at `\"a += y\"`");
    assert_eq!(
        wrong(surprise, ""),
        "loom finds `0 0` in `sb_relaxed`, which is forbidden at `\"relaxed\"`"
    );
    assert!(wrong("x86 = [", "riscv = [").starts_with("no architecture named `riscv`"));
    assert!(wrong("checker", "checkers").contains("unknown field `checkers`"));
}

#[test]
fn a_mistake_is_shown_with_file_line_and_column() {
    let book = book(0, 0);
    book.write("listings/ideas/sb.toml", &TESTS.replace("\"a = y\"", "\"a of y\""));
    let problems = book.problems("{{#litmus ideas/sb.toml}}\n");
    assert_eq!(problems[0].title, "listings/ideas/sb.toml:20:22: `a of y` is no statement");
    book.write("listings/ideas/sb.toml", TESTS);
    let problems = book.problems("{{#litmus ideas/sb.toml:sc}}\n");
    assert_eq!(problems[0].title, "`listings/ideas/sb.toml` has no test named `sc`");
    book.write("listings/ideas/sb.toml", &TESTS.replace("\"seqcst\"", "\"strong\""));
    let problems = book.problems("{{#litmus ideas/sb.toml}}\n");
    assert!(
        problems[0].title.contains("loom says nothing of `sb_strong`"),
        "{}",
        problems[0].title
    );
}

/// A book whose machine at home saw so many of 0 and 0 with each ordering; the one away was measured on one
/// core, and has no trial of the stronger.
fn book(relaxed: u64, seqcst: u64) -> TinyBook {
    let book = TinyBook::new();
    book.write("listings/ideas/sb.toml", TESTS);
    book.write("listings/ideas/sb.loom.json", FOUND);
    let trials = |arm: &str, surprises: u64| Sample {
        outcomes: [("0 0".to_string(), surprises), ("0 1".to_string(), 1_000 - surprises)]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .collect(),
        ..sample(arm, None, 10.0)
    };
    let record = |machine: &str, cores: u64, samples: Vec<Sample>| {
        let mut measurement = fetch(52.0);
        let polite = measurement.description.arm("polite").unwrap().clone();
        for name in ["sb_relaxed", "sb_seqcst"] {
            measurement
                .description
                .arms
                .push(lab::record::Arm { name: name.into(), ..polite.clone() });
        }
        measurement.rounds.iter_mut().for_each(|round| round.samples.extend(samples.clone()));
        book.record(machine, cores, measurement);
    };
    record(HOME, 2, vec![trials("sb_relaxed", relaxed), trials("sb_seqcst", seqcst)]);
    record(AWAY, 1, vec![trials("sb_relaxed", 0), sample("sb_seqcst", None, 10.0)]);
    let damaged = book.records().damaged;
    assert!(damaged.is_empty(), "{damaged:?}");
    book
}

/// What the guards say: the forbidden, and the silent.
fn guarded(book: &TinyBook) -> (Vec<guards::Found>, Vec<String>) {
    let (project, records) = (book.project(), book.records());
    let context = Context::new(&project, &records).unwrap();
    let chapter = chapter_of("{{#litmus ideas/sb.toml}}\n");
    let parsed =
        [chapter::parse(&chapter.source, &context).unwrap_or_else(|wrong| panic!("{wrong}"))];
    (guards::forbidden(&parsed, &context), guards::silent(&parsed, &context))
}

#[test]
fn a_forbidden_outcome_that_shows_is_found_on_its_machine() {
    let (forbidden, _) = guarded(&book(400, 0));
    assert_eq!(forbidden, []);
    let (forbidden, _) = guarded(&book(400, 3));
    assert_eq!(forbidden.len(), 1);
    assert_eq!(forbidden[0].machine.as_deref(), Some(HOME));
    assert_eq!(
        forbidden[0].what,
        "fetch on home-2c: 45 trials of `sb_seqcst` ended with `0 0`, which listings/ideas/sb.toml forbids"
    );
}

#[test]
fn trials_that_say_nothing_are_named() {
    let (_, silent) = guarded(&book(400, 0));
    assert_eq!(
        silent,
        [
            "fetch on away-1c: its trials ran on one core, which shows no ordering but its own",
            "fetch on away-1c: no trial of `sb_seqcst`"
        ]
    );
}

#[test]
fn the_table_follows_the_machine() {
    let page = book(400, 0).page("{{#litmus ideas/sb.toml:sb}}\n");
    assert!(page.content.contains("x = 1   y = 1&#10;a = y   b = x"), "{}", page.content);
    assert!(page.content.contains("here, of 15\u{202f}000 trials</span>"), "{}", page.content);
    assert!(
        page.content.contains("<td data-m=\"1\">6\u{202f}000</td><td data-m=\"2\">0</td>"),
        "{}",
        page.content
    );
    let away = &page.elsewhere[AWAY];
    assert_eq!(away[&0], "here, of 15\u{202f}000 trials on one core");
    assert_eq!((away[&1].as_str(), away[&2].as_str()), ("0", "–"));
    assert!(!page.content.contains('\n') || page.content.trim_end().lines().count() < 4);
}
