//! Every starter as a student gets it: it compiles, its tests end, and one of them fails at least.
//! Every solution in a student's place: its tests pass. Every wrong answer in its place: the test that
//! should catch it fails.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use book::diagnostic::counted;
use book::project::Project;

use super::compile::compile;
use super::manifest::manifest;
use super::practice::write_if_changed;
use super::report::{self, TEST_LIMIT, Tested, Verdict};
use super::{Exercise, WrongAnswer, files, read};
use crate::message::{error, status};

const PACKAGE: &str = "starters";
/// Its test programs. Several, since a test that starts its program again names the test to run there.
const BEGUN: &str = "begun";
const SOLVED: &str = "solved";
const WRONG: &str = "wrong";
/// How many wrong answers an exercise has at least.
const LEAST_WRONG: usize = 3;

/// Compiles all of them as one package in `target/` and runs their tests.
///
/// # Errors
/// Each starter that does not compile or fails no test, each solution that fails one, each wrong answer that none catches.
pub fn check(project: &Project, stop: &AtomicBool) -> Result<()> {
    let mut exercises = Vec::new();
    for (name, path) in files(project) {
        exercises.push(read(project, &name, &path)?);
    }
    if exercises.is_empty() {
        return Ok(());
    }
    let target = project.root.join("target");
    let folder = target.join(PACKAGE);
    write_package(project, &folder, &exercises)?;
    let programs = compile(&folder, PACKAGE, "--tests", Some(&target.join("practice")), |said| {
        anstream::eprint!("{said}");
    })?;
    let Some(programs) = programs else {
        bail!("an exercise does not compile as a student gets it; the compiler says why above");
    };
    let all = |program: &str| {
        run(&programs[program], &folder, report::names(&programs[program], stop)?, stop)
    };
    let (begun, solved) = (all(BEGUN)?, all(SOLVED)?);
    let answers = exercises
        .iter()
        .flat_map(|exercise| exercise.wrong.iter().map(move |answer| (exercise, answer)));
    let catching = answers.map(|(exercise, answer)| catching(exercise, answer)).collect();
    let caught = run(&programs[WRONG], &folder, catching, stop)?;
    let mut wrong = Vec::new();
    for exercise in &exercises {
        let said = judge(exercise, &begun, &solved, &caught);
        wrong.extend(said.into_iter().map(|why| format!("{}: {why}", exercise.file)));
    }
    for why in &wrong {
        error(why);
    }
    if !wrong.is_empty() {
        bail!("{} found", counted(wrong.len(), "problem"));
    }
    let failed = begun.iter().filter(|test| !test.passed()).count();
    status(
        "Ran",
        format!(
            "{} of {}: {failed} fail for a starter, as they should, none for a solution, and each of {} is caught",
            counted(begun.len(), "test"),
            counted(exercises.len(), "exercise"),
            counted(caught.len(), "wrong answer")
        ),
    );
    Ok(())
}

/// The package of all of them: for each test program a file of modules, and the files that they name.
fn write_package(project: &Project, folder: &Path, exercises: &[Exercise]) -> Result<()> {
    let all: Vec<&Exercise> = exercises.iter().collect();
    let mut package = manifest(project, PACKAGE, &all)?;
    for program in [BEGUN, SOLVED, WRONG] {
        package.push_str(&format!("\n[[test]]\nname = \"{program}\"\npath = \"{program}.rs\"\n"));
        let files: Vec<(String, String)> =
            all.iter().flat_map(|one| modules(one, program)).collect();
        let named = files
            .iter()
            .map(|(name, _)| format!("#[path = \"{program}/{name}.rs\"]\nmod {name};\n"));
        write_if_changed(&folder.join(format!("{program}.rs")), &named.collect::<String>())?;
        for (name, text) in &files {
            write_if_changed(&folder.join(program).join(format!("{name}.rs")), text)?;
        }
    }
    package.push_str("\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n");
    write_if_changed(&folder.join("Cargo.toml"), &package)?;
    let lock = project.root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock")).with_context(|| project.shown(&lock))?;
    Ok(())
}

/// What a test program has of an exercise, by the names of its modules.
fn modules(exercise: &Exercise, program: &str) -> Vec<(String, String)> {
    let name = || exercise.name.clone();
    match program {
        BEGUN => vec![(name(), exercise.student_file())],
        SOLVED => vec![(name(), exercise.solved_file())],
        _ => exercise
            .wrong
            .iter()
            .map(|answer| (module(exercise, answer), exercise.file_with(answer)))
            .collect(),
    }
}

/// The module of an exercise with this answer.
fn module(exercise: &Exercise, answer: &WrongAnswer) -> String {
    format!("{}_{}", exercise.name, answer.name)
}

/// The test that fails with this answer.
fn catching(exercise: &Exercise, answer: &WrongAnswer) -> String {
    format!("{}::tests::{}", module(exercise, answer), answer.caught_by)
}

/// Runs each of these tests in a process of its own, as many at a time as there are cores.
fn run(
    program: &Path,
    folder: &Path,
    names: Vec<String>,
    stop: &AtomicBool,
) -> Result<Vec<Tested>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let work = || {
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            let tested = report::run(program, folder, name, TEST_LIMIT, stop);
            results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(tested);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).into_iter().collect()
}

/// What is wrong with one exercise.
fn judge(
    exercise: &Exercise,
    begun: &[Tested],
    solved: &[Tested],
    caught: &[Tested],
) -> Vec<String> {
    let module = format!("{}::", exercise.name);
    let own = |test: &&Tested| test.name.starts_with(&module);
    let starter: Vec<&Tested> = begun.iter().filter(own).collect();
    let mut wrong = Vec::new();
    if starter.iter().all(|test| test.passed()) {
        wrong.push(match starter.len() {
            0 => "there is no test".to_string(),
            n => format!("the starter passes all of its {}", counted(n, "test")),
        });
    }
    for test in &starter {
        if matches!(test.verdict, Verdict::Endless(..)) {
            wrong.push(format!("with the starter, `{}` does not end", test.name));
        }
    }
    for test in solved.iter().filter(own).filter(|test| !test.passed()) {
        wrong.push(format!("with the solution, `{}` fails: {:?}", test.name, test.verdict));
    }
    if exercise.wrong.len() < LEAST_WRONG {
        let has = counted(exercise.wrong.len(), "wrong answer");
        wrong.push(format!(
            "it has {has}; there are {LEAST_WRONG} of common kinds at least, as `cargo course new exercise` makes them"
        ));
    }
    for answer in &exercise.wrong {
        let name = catching(exercise, answer);
        let test = caught.iter().find(|test| test.name == name);
        if test.is_none_or(Tested::passed) {
            wrong.push(format!(
                "with `{}`, `{}` passes; it should fail",
                answer.name, answer.caught_by
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use book::exercise::parse;
    use book::fixtures::TICKETS;

    fn tested(name: &str, verdict: Verdict) -> Tested {
        Tested { name: name.into(), verdict }
    }

    /// The exercise with so many wrong answers, and the tests that catch them.
    fn with_wrong_answers(count: usize) -> (Exercise, Vec<Tested>) {
        let answer = |number| {
            format!(
                "/// Sells it twice.\n///\n/// Caught by `one_is_sold`.\npub mod wrong_{number} {{\n    \
                 pub use super::solution::*;\n}}\n\n"
            )
        };
        let answers = (0..count).map(answer).collect::<String>();
        let text = TICKETS.replace("#[cfg(test)]\n", &(answers + "#[cfg(test)]\n"));
        let exercise = parse("tickets", "tickets.rs", &text).unwrap();
        let failed = Verdict::Failed(Vec::new());
        let caught = exercise.wrong.iter().map(|answer| catching(&exercise, answer));
        let caught = caught.map(|name| tested(&name, failed.clone())).collect();
        (exercise, caught)
    }

    #[test]
    fn a_starter_that_passes_one_that_hangs_and_a_solution_that_fails_are_named() {
        let (exercise, caught) = with_wrong_answers(3);
        let failed = || Verdict::Failed(Vec::new());
        let begun = [
            tested("tickets::tests::a", Verdict::Passed),
            tested("tickets::tests::b", failed()),
            tested("tickets_and_more::tests::c", Verdict::Endless(20, Vec::new())),
        ];
        let passed = &begun[..1];
        let judge = |begun, solved| judge(&exercise, begun, solved, &caught);
        let none: [String; 0] = [];
        assert_eq!(judge(&begun, passed), none);
        assert_eq!(judge(passed, passed), ["the starter passes all of its 1 test"]);
        assert_eq!(judge(&[], passed), ["there is no test"]);
        let hangs = [tested("tickets::tests::a", Verdict::Endless(20, Vec::new()))];
        assert_eq!(judge(&hangs, passed), ["with the starter, `tickets::tests::a` does not end"]);
        let wrong = judge(&begun, &[tested("tickets::tests::a", failed())]);
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].starts_with("with the solution, `tickets::tests::a` fails"), "{wrong:?}");
    }

    #[test]
    fn too_few_wrong_answers_and_one_that_passes_are_named() {
        let failed = || Verdict::Failed(Vec::new());
        let begun = [tested("tickets::tests::a", failed())];
        let (two, caught) = with_wrong_answers(2);
        assert_eq!(
            judge(&two, &begun, &[], &caught),
            [
                "it has 2 wrong answers; there are 3 of common kinds at least, as `cargo course new exercise` makes them"
            ]
        );
        let (three, mut caught) = with_wrong_answers(3);
        assert_eq!(caught[1].name, "tickets_wrong_1::tests::one_is_sold");
        caught[1].verdict = Verdict::Passed;
        let said = ["with `wrong_1`, `one_is_sold` passes; it should fail"];
        assert_eq!(judge(&three, &begun, &[], &caught), said);
        caught.remove(1);
        assert_eq!(judge(&three, &begun, &[], &caught), said, "the test was not run");
    }
}
