//! `cargo course check`: what a reader must be able to rely on.

use std::sync::OnceLock;

use anyhow::{Result, bail};
use book::claim::Verdict;
use book::context::Context;
use book::diagnostic::{Problem, Problems, counted};
use book::directive;
use book::expand;
use book::guards::{self, Found, Slack};
use book::ledger::{self, Entry};
use book::page::Chapter;
use book::project::Project;
use book::prose;
use book::python;
use book::records::{MachineRecords, Records};
use book::tree::Part;
use book::unshown;
use regex::Regex;

use crate::command_line::Check as Options;
use crate::message::{error, print, status, warning};
use crate::render;

/// Checks everything, says all that is wrong, and fails if anything is. Or prints how the chapters read.
pub(crate) fn check(project: &Project, options: &Options) -> Result<()> {
    if options.prose {
        print!("{}", prose::table(&render::read_chapters(project)?));
        return Ok(());
    }
    let all_machines = options.all_machines;
    let records = Records::read(&project.measurements())?;
    let mut wrong = damaged(project, &records);
    let chapters = render::read_chapters(project)?;
    let context = Context::new(project, &records)?;
    match expand::resolve(&chapters, &context) {
        Err(problems) => {
            print(&problems);
            wrong += problems.0.len();
        }
        Ok(resolved) => {
            status("Checked", format!("directives of {}", counted(chapters.len(), "chapter")));
            wrong += claims(&context, &chapters, &resolved, options)?;
        }
    }
    wrong += typed_numbers(&chapters);
    wrong += lacking(&context, all_machines, &python::asked_for(project, &chapters));
    if wrong > 0 {
        bail!("{} found", counted(wrong, "problem"));
    }
    status(
        "Finished",
        "every directive resolves, nothing of the book's own machine is stale, no measured number is typed",
    );
    Ok(())
}

fn damaged(project: &Project, records: &Records) -> usize {
    for (path, why) in &records.damaged {
        error(format!("{}: {why}", project.shown(path)));
    }
    records.damaged.len()
}

/// What a record lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    Record,
    Measurement,
    FreshOutput,
    FreshTiming,
}

/// The book's own machine has to have what the pages ask for, and all that it has has to be fresh. What others lack
/// is counted, and with `name_all` said one by one: nobody can measure again on a machine that is not at hand.
fn lacking(context: &Context, name_all: bool, programs: &[String]) -> usize {
    let mut wrong = 0;
    for (machine, records) in &context.records.machines {
        let usual = *machine == context.machine;
        let all = context.examples.iter().chain(programs);
        let lacks = all.flat_map(|example| {
            lacks_of(context, records, example).into_iter().map(move |lack| (example, lack))
        });
        let (lacks, unasked): (Vec<_>, Vec<_>) = lacks.partition(|(example, lack)| {
            let is_missing = matches!(lack, Lack::Record | Lack::Measurement);
            !usual || !is_missing || programs.contains(example) || context.is_asked_for(example)
        });
        for (example, lack) in &lacks {
            let what = format!("{example} on {machine}: {}", to_text(*lack, example));
            match (usual, name_all) {
                (true, _) => error(what),
                (false, true) => warning(what),
                (false, false) => {}
            }
        }
        if !unasked.is_empty() {
            let names: Vec<&str> = unasked.iter().map(|(example, _)| example.as_str()).collect();
            let names = names.join(", ");
            status("Unshown", format!("{names}: no record on {machine}, and no page asks for one"));
        }
        if usual {
            wrong += lacks.len();
        } else if !lacks.is_empty() {
            status(
                "Incomplete",
                format!("{machine}, which is not the book's own: {}", counts(&lacks)),
            );
        }
    }
    if !context.records.machines.contains_key(&context.machine) {
        error(no_machine(context));
        wrong += 1;
    }
    wrong
}

/// What a demo prints is of no machine: it stands on the page of all, wherever it was run.
fn is_printed_elsewhere(context: &Context, example: &str) -> bool {
    let records = context.records.machines.values();
    let mut records = records.filter_map(|machine| machine.records.get(example));
    records.any(|record| {
        let has_output = record.demo.is_some() && !context.stale_output(record);
        record.description.arms.is_empty() && has_output
    })
}

/// Why there is no machine to check the pages with.
fn no_machine(context: &Context) -> String {
    let Context { machine, records, .. } = context;
    let recorded: Vec<&str> = records.machines.keys().map(String::as_str).collect();
    match (machine.as_str(), recorded.as_slice()) {
        ("", _) => "nothing is recorded yet; `cargo course measure` measures this machine".into(),
        (named, []) => format!(
            "book.toml names the machine `{named}`, and nothing is recorded yet; \
             `cargo course measure --machine {named}` measures this one under that name"
        ),
        (named, recorded) => format!(
            "book.toml names the machine `{named}`, which has no records; measure on it, or name one of: {}",
            recorded.join(", ")
        ),
    }
}

fn lacks_of(context: &Context, machine: &MachineRecords, example: &str) -> Vec<Lack> {
    let Some(record) = machine.records.get(example) else {
        let lacks = !is_printed_elsewhere(context, example);
        return lacks.then_some(Lack::Record).into_iter().collect();
    };
    let mut lacks = Vec::new();
    if record.demo.is_none() || context.stale_output(record) {
        lacks.push(Lack::FreshOutput);
    }
    if record.description.arms.is_empty() {
        return lacks;
    }
    if record.measurement.is_none() {
        lacks.push(Lack::Measurement);
    } else if context.stale_timing(record) {
        lacks.push(Lack::FreshTiming);
    }
    lacks
}

fn to_text(lack: Lack, example: &str) -> String {
    let measure = format!("cargo course measure {example}");
    match lack {
        Lack::Record if python::is_program(example) => {
            "no record; `cargo course build` makes one there".into()
        }
        Lack::Record => format!("no record; `{measure}` makes one there"),
        Lack::Measurement => format!("not measured; `{measure}` does"),
        Lack::FreshOutput => {
            "its output is of an earlier version of the listing; `cargo course build` runs it again"
                .into()
        }
        Lack::FreshTiming => {
            format!("its timing is stale: the listing has changed; `{measure}` measures it again")
        }
    }
}

/// "2 not measured there, 1 timing stale"
fn counts(lacks: &[(&String, Lack)]) -> String {
    let many = |kinds: &[Lack]| lacks.iter().filter(|(_, lack)| kinds.contains(lack)).count();
    let counts = [
        (many(&[Lack::Record, Lack::Measurement]), "not measured there"),
        (many(&[Lack::FreshTiming]), "with a stale timing"),
        (many(&[Lack::FreshOutput]), "with a stale output"),
    ];
    let said = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
    said.collect::<Vec<_>>().join(", ")
}

/// Evaluates every claim on every machine; one that fails at home and says nothing otherwise is wrong.
fn claims(
    context: &Context,
    chapters: &[Chapter],
    resolved: &[Vec<Part>],
    options: &Options,
) -> Result<usize> {
    let (entries, open): (Vec<Entry>, Vec<Entry>) = ledger::entries(chapters, resolved)
        .into_iter()
        .partition(|entry| ledger::evaluated(entry, context));
    if !open.is_empty() {
        let named = open.iter().map(|entry| format!("{}:{}", entry.file, entry.node.line));
        let named = named.collect::<Vec<_>>().join(", ");
        status(
            "Open",
            format!("{} that no recorded machine can judge: {named}", counted(open.len(), "claim")),
        );
    }
    let mut wrong = 0;
    for machine in context.records.machines.keys() {
        let mut counts = [0_usize; 4];
        for entry in &entries {
            let verdict = ledger::judge(context, &entry.node, machine).verdict;
            counts[match verdict {
                Verdict::Holds => 0,
                Verdict::DoesNotHold => 1,
                Verdict::NotResolved => 2,
                Verdict::NotApplicable(_) => 3,
            }] += 1;
            if verdict == Verdict::DoesNotHold && entry.node.otherwise.is_none() {
                let place = format!("{}:{}", entry.file, entry.node.line);
                let text = format!("`{}: {}`", entry.node.experiment, entry.node.text);
                let what = format!(
                    "{place}: the claim {text} does not hold on {machine}, and the page says nothing `{{{{#otherwise}}}}`"
                );
                if *machine == context.machine {
                    error(what);
                    wrong += 1;
                } else {
                    warning(what);
                }
            }
        }
        let [hold, fail, open, beside] = counts;
        status(
            "Judged",
            format!(
                "{} on {machine}: {hold} hold, {fail} do not, {open} not resolved, {beside} not applicable",
                counted(entries.len(), "claim")
            ),
        );
    }
    let unshown = Problems(unshown::unshown(chapters, resolved, context));
    print(&unshown);
    wrong += unshown.0.len();
    Ok(wrong + guard(context, chapters, resolved, &entries, options))
}

/// What was printed once and must not be again. What one machine's record shows is an error where that is the
/// book's own, or every machine is asked for.
fn guard(
    context: &Context,
    chapters: &[Chapter],
    parsed: &[Vec<Part>],
    entries: &[Entry],
    options: &Options,
) -> usize {
    let slack = guards::slack(entries, context);
    if options.slack {
        print_slack(&slack);
    }
    let found = [
        guards::unmarked(chapters, parsed),
        guards::typed_divisors(chapters, parsed),
        guards::words(entries),
        guards::other_work(entries, context),
        guards::contradictions(entries, context),
        guards::too_much_slack(&slack),
        guards::too_good(entries, context),
        guards::forbidden(parsed, context),
    ];
    let mut wrong = 0;
    for Found { machine, what } in found.into_iter().flatten() {
        if machine.is_none_or(|machine| machine == context.machine || options.all_machines) {
            error(what);
            wrong += 1;
        } else {
            warning(what);
        }
    }
    for what in guards::silent(parsed, context) {
        status("Silent", what);
    }
    for machine in context.records.machines.keys() {
        let found = guards::two_groups(context, machine);
        if !found.is_empty() {
            let count = counted(found.len(), "arm");
            status(
                "Grouped",
                format!("{count} on {machine} in two groups of rounds: {}", found.join(", ")),
            );
        }
    }
    wrong
}

/// A line a claim: how many times its threshold was measured where it was least, the largest first.
fn print_slack(all: &[Slack]) {
    for Slack { entry, times, machine, measured } in all {
        let node = &entry.node;
        let place = format!("{}:{}", entry.file, node.line);
        println!(
            "{times:7.2}  {place}  {}: {}  ({machine}: {measured})",
            node.experiment, node.text
        );
        if let Some(why) = &node.claim.slack {
            println!("         because {why}");
        }
    }
}

/// Numbers with a unit of time, speed or ratio that stand in prose instead of in a directive.
fn typed_numbers(chapters: &[Chapter]) -> usize {
    let problems: Vec<Problem> = chapters.iter().flat_map(typed_in).collect();
    let count = problems.len();
    print(&Problems(problems));
    count
}

fn typed_in(chapter: &Chapter) -> Vec<Problem> {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern = PATTERN.get_or_init(|| {
        let unit = "ns|µs|us|ms|s|sec|seconds?|milliseconds?|microseconds?|×|x|times|[kMG]B/s|MiB|GiB|req/s";
        Regex::new(&format!(r"(?:^|[^\w.@-])(\d[\d.,\u{{202f}}\u{{a0}}]*[  \u{{202f}}\u{{a0}}]?(?:{unit}))(?:$|[^\w])"))
            .expect("the pattern is fixed and valid")
    });
    let prose = blanked(&chapter.source.text);
    let found = pattern.captures_iter(&prose).filter_map(|captures| captures.get(1));
    found
        .map(|number| Problem {
            source: chapter.source.clone(),
            span: number.range(),
            title: "a number with a unit is typed in prose".into(),
            label: "measured or given?".into(),
            help: Some(
                "a measured value comes from `{{#value …}}` or `{{#time …}}`; a setting or a fact is `{{#given …}}`"
                    .into(),
            ),
        })
        .collect()
}

/// The chapter with directives and code replaced by spaces, so that places stay the same.
fn blanked(text: &str) -> String {
    let mut blank = directive::code_ranges(text);
    let directives = directive::find(text).unwrap_or_default();
    blank.extend(directives.into_iter().map(|directive| directive.span));
    let mut bytes = text.as_bytes().to_vec();
    for range in blank {
        for byte in &mut bytes[range] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use book::diagnostic::Source;

    fn typed(text: &str) -> Vec<String> {
        let source = Source { file: "src/a.md".into(), text: text.into() };
        let chapter =
            Chapter { source, page: "a".into(), title: "A".into(), number: None, part: None };
        typed_in(&chapter).iter().map(|problem| text[problem.span.clone()].to_string()).collect()
    }

    #[test]
    fn a_number_with_a_unit_in_prose_is_found() {
        assert_eq!(typed("It takes 40 ms, or 7.7 times as long."), ["40 ms", "7.7 times"]);
        assert_eq!(typed("1.93× on two cores and 500 MB/s"), ["1.93×", "500 MB/s"]);
    }

    #[test]
    fn settings_code_directives_and_plain_counts_are_left_alone() {
        let text = "{{#given 40 ms}} `sleep(40 ms)` and\n\n```text\n12 ms\n```\n\n\
                    eight threads, 16 cores, chapter 5, {{#time a.b}}, 500 + 500 − 100, 3 shelves";
        assert_eq!(typed(text), Vec::<String>::new());
    }
}
