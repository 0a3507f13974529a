//! `cargo course build`: render what is recorded, compile, run, measure what is missing, render again.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::Result;
use book::diagnostic::counted;
use book::directive;
use book::page::Chapter;
use book::project::Project;
use book::python;
use book::records::Records;
use lab::record::Care;
use lab::terminal::rough;

use crate::examples::Examples;
use crate::measure::{Done, Permit, Session, announce};
use crate::message::status;
use crate::render;
use crate::status_line::StatusLine;

/// How much of the work `build` does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Renders from the records and runs nothing.
    pub recorded: bool,
    /// The longest that it measures.
    pub measuring: Duration,
    /// The machine whose numbers the pages show first.
    pub machine: Option<String>,
}

/// Builds the book into `book/`. What is recorded is there first, for whoever wants to begin reading.
pub(crate) fn build(project: &Project, plan: &Plan, stop: &Arc<AtomicBool>) -> Result<PathBuf> {
    let began = Instant::now();
    if !plan.recorded {
        first_pages(project, plan)?;
        run_and_measure(project, plan.measuring, stop)?;
    }
    let folder = rendered(project, plan)?;
    let page = project.shown(&folder.join("index.html"));
    status("Finished", format!("{page} in {}", time(began.elapsed())));
    Ok(folder)
}

fn rendered(project: &Project, plan: &Plan) -> Result<PathBuf> {
    let _line = StatusLine::begin("rendering the pages");
    // What is rendered from the records alone is what is published, and knows no machine of a reader.
    match &plan.machine {
        None if !plan.recorded => render::render_local(project),
        machine => render::render(project, machine.as_deref()),
    }
}

/// The book as it is recorded. Where an example was never recorded, a page that shows it can only be made
/// when it has run, and no pages are made before.
fn first_pages(project: &Project, plan: &Plan) -> Result<()> {
    let records = Records::read(&project.measurements())?;
    let recorded =
        |example: &String| records.machines.values().any(|m| m.records.contains_key(example));
    if !project.examples()?.iter().all(recorded) {
        return Ok(());
    }
    let began = Instant::now();
    let folder = rendered(project, plan)?;
    let page = project.shown(&folder.join("index.html"));
    status("Rendered", format!("{page} from the records in {}", time(began.elapsed())));
    status(
        "",
        "Open it and begin to read; this command goes on meanwhile. Ctrl-C ends it, and loses nothing.",
    );
    Ok(())
}

/// "4.2 s", "6 min 12 s".
fn time(passed: Duration) -> String {
    match passed.as_secs_f64() {
        seconds if seconds < 60.0 => format!("{seconds:.1} s"),
        seconds => rough(seconds),
    }
}

/// Runs every demo whose files changed, and measures for so long at most what this machine never measured,
/// with the rounds of a quick look. Returns what it compiled.
pub(crate) fn run_and_measure(
    project: &Project,
    longest: Duration,
    stop: &Arc<AtomicBool>,
) -> Result<Examples> {
    // Nothing is compiled beside a measurement.
    let _permit = Permit::acquire(project, stop)?;
    let examples = Examples::compile(project)?;
    let session = Session::new(project, &examples, None, stop.clone())?;
    let names = in_book_order(&render::read_chapters(project)?, examples.programs.keys());
    run_demos(project, &session, &names)?;
    if !longest.is_zero() {
        // `serve`, which measures nothing here, has other children.
        measure_missing(session.alone(), &names, longest)?;
    }
    Ok(examples)
}

fn run_demos(project: &Project, session: &Session, names: &[&String]) -> Result<()> {
    let programs = python::asked_for(project, &render::read_chapters(project)?);
    let total = names.len() + programs.len();
    let line = StatusLine::begin("looking for listings that changed");
    let mut ran = 0;
    for (number, example) in names.iter().enumerate() {
        line.set_text(format!("listing {} of {total} · {example}", number + 1));
        ran += usize::from(session.demo(example)?);
    }
    for (number, program) in programs.iter().enumerate() {
        line.set_text(format!(
            "listing {} of {total} · {}",
            names.len() + number + 1,
            python::file_of(&project.settings, program)
        ));
        ran += usize::from(session.program(program)?);
    }
    drop(line);
    if ran > 0 {
        status("Ran", counted(ran, "demo"));
    }
    Ok(())
}

/// Measures in this order what the machine has no record of, until the time is up, and says what is left.
fn measure_missing(session: Session, names: &[&String], longest: Duration) -> Result<()> {
    let missing: Vec<&String> =
        names.iter().copied().filter(|example| !session.measured(example)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    announce(session.machine());
    let began = Instant::now();
    let mut session = session.until(began + longest);
    let mut measured = 0;
    for (number, example) in missing.iter().enumerate() {
        let left = time_for(&session, &missing[number..])?;
        let left = left.min(longest.saturating_sub(began.elapsed()));
        let still = if left.is_zero() {
            String::new()
        } else {
            format!(", {} left", rough(left.as_secs_f64()))
        };
        session.heading = format!("experiment {} of {}{still} · ", number + 1, missing.len());
        match session.measure(example, Care::Quick, false)? {
            Done::TimeIsUp => break,
            Done::Measured | Done::Fresh | Done::NothingToMeasure => measured += 1,
        }
    }
    say_what_is_left(&session, &missing[measured..], missing.len(), longest)
}

/// As far as records tell: an experiment that was never measured anywhere counts nothing.
fn time_for(session: &Session, examples: &[&String]) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for example in examples {
        sum += session.estimate(example)?.unwrap_or_default();
    }
    Ok(sum)
}

fn say_what_is_left(
    session: &Session,
    left: &[&String],
    total: usize,
    longest: Duration,
) -> Result<()> {
    let machine = &session.machine().name;
    if left.is_empty() {
        status("Measured", format!("{} on {machine}: all there are", counted(total, "experiment")));
        return Ok(());
    }
    let time = rough(time_for(session, left)?.as_secs_f64());
    status(
        "Measured",
        format!(
            "{} of {} in the {} that a build may measure; {} left, about {time}. `cargo course build` \
             goes on there; `cargo course measure` measures everything with care",
            total - left.len(),
            counted(total, "experiment"),
            rough(longest.as_secs_f64()),
            match left.len() {
                1 => "1 is".to_string(),
                n => format!("{n} are"),
            },
        ),
    );
    Ok(())
}

/// The examples in the order in which the chapters come to them, so that what is read first is measured
/// first; then those that no chapter shows.
fn in_book_order<'a>(
    chapters: &[Chapter],
    examples: impl Iterator<Item = &'a String>,
) -> Vec<&'a String> {
    let place = |example: &str| {
        let places = chapters.iter().enumerate();
        let mut places = places.filter_map(|(number, chapter)| {
            Some((number, first_mention(&chapter.source.text, example)?))
        });
        places.next().unwrap_or((usize::MAX, 0))
    };
    let mut ordered: Vec<_> = examples.map(|example| (place(example), example)).collect();
    ordered.sort();
    ordered.into_iter().map(|(_, example)| example).collect()
}

/// Where a directive of the chapter first names the example.
fn first_mention(chapter: &str, example: &str) -> Option<usize> {
    let directives = directive::find(chapter).unwrap_or_default();
    let mut places = directives.into_iter().map(|directive| directive.span);
    let names = |text: &str| {
        text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .any(|word| word == example)
    };
    places.find(|span| names(&chapter[span.clone()])).map(|span| span.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use book::diagnostic::Source;

    fn chapter(text: &str) -> Chapter {
        let source = Source { file: "src/a.md".into(), text: text.into() };
        Chapter { source, page: "a".into(), title: "A".into(), number: None, part: None }
    }

    #[test]
    fn what_is_read_first_is_measured_first() {
        let chapters = [
            chapter("word_count stands in prose; {{#figure gil bars \"Then\"}}"),
            chapter("{{#table word_count}} {{#time average.sum}} {{#figure gil bars \"Again\"}}"),
        ];
        let names = ["average", "count", "gil", "word_count"].map(String::from);
        let ordered = in_book_order(&chapters, names.iter());
        assert_eq!(ordered, ["gil", "word_count", "average", "count"]);
    }
}
