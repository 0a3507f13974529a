//! Every starter as a student gets it: it compiles, its tests end, and one of them fails at least.
//! Every solution in a student's place: its tests pass.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};

use super::practice::{compile, manifest, write_if_changed};
use super::report::{self, TEST_LIMIT, Tested, Verdict};
use super::{Exercise, files, read};
use crate::message::{counted, error, status};
use crate::project::Project;

const PACKAGE: &str = "starters";
/// Its two test programs. Two, since a test that starts its program again names the test to run there.
const BEGUN: &str = "begun";
const SOLVED: &str = "solved";

/// Compiles all of them as one package in `target/` and runs their tests.
pub fn check(project: &Project, stop: &AtomicBool) -> Result<()> {
    let mut exercises = Vec::new();
    for (name, path) in files(&project.root) {
        exercises.push(read(project, &name, &path)?);
    }
    if exercises.is_empty() {
        return Ok(());
    }
    let target = project.root.join("target");
    let folder = target.join(PACKAGE);
    let all: Vec<&Exercise> = exercises.iter().collect();
    let mut package = manifest(project, PACKAGE, &all)?;
    for program in [BEGUN, SOLVED] {
        package.push_str(&format!("\n[[test]]\nname = \"{program}\"\npath = \"{program}.rs\"\n"));
        let modules = all
            .iter()
            .map(|exercise| format!("#[path = \"{program}/{0}.rs\"]\nmod {0};\n", exercise.name));
        write_if_changed(&folder.join(format!("{program}.rs")), &modules.collect::<String>())?;
    }
    package.push_str("\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n");
    write_if_changed(&folder.join("Cargo.toml"), &package)?;
    let lock = project.root.join("Cargo.lock");
    fs::copy(&lock, folder.join("Cargo.lock")).with_context(|| project.shown(&lock))?;
    for exercise in &exercises {
        let file = |program| folder.join(program).join(format!("{}.rs", exercise.name));
        write_if_changed(&file(BEGUN), &exercise.student_file())?;
        write_if_changed(&file(SOLVED), &exercise.solved_file())?;
    }
    let programs = compile(&folder, PACKAGE, "--tests", Some(&target.join("practice")), |said| {
        eprint!("{said}");
    })?;
    let Some(programs) = programs else {
        bail!("an exercise does not compile as a student gets it; the compiler says why above");
    };
    let begun = run(&programs[BEGUN], &folder, stop)?;
    let solved = run(&programs[SOLVED], &folder, stop)?;
    let mut wrong = Vec::new();
    for exercise in &exercises {
        let said = judge(exercise, &begun, &solved);
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
            "{} of {}: {failed} fail for a starter, as they should, and none for a solution",
            counted(begun.len(), "test"),
            counted(exercises.len(), "exercise")
        ),
    );
    Ok(())
}

/// Runs every test in a process of its own, as many at a time as there are cores.
fn run(program: &Path, folder: &Path, stop: &AtomicBool) -> Result<Vec<Tested>> {
    let names = report::names(program, stop)?;
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
fn judge(exercise: &Exercise, begun: &[Tested], solved: &[Tested]) -> Vec<String> {
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
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exercise::parse;
    use crate::exercise::tests::TICKETS;

    fn tested(name: &str, verdict: Verdict) -> Tested {
        Tested { name: name.into(), verdict }
    }

    #[test]
    fn a_starter_that_passes_one_that_hangs_and_a_solution_that_fails_are_named() {
        let exercise = parse("tickets", "tickets.rs", TICKETS).unwrap();
        let failed = || Verdict::Failed(Vec::new());
        let begun = [
            tested("tickets::tests::a", Verdict::Passed),
            tested("tickets::tests::b", failed()),
            tested("tickets_and_more::tests::c", Verdict::Endless(20, Vec::new())),
        ];
        let passed = &begun[..1];
        let none: [String; 0] = [];
        assert_eq!(judge(&exercise, &begun, passed), none);
        assert_eq!(judge(&exercise, passed, passed), ["the starter passes all of its 1 test"]);
        assert_eq!(judge(&exercise, &[], passed), ["there is no test"]);
        let hangs = [tested("tickets::tests::a", Verdict::Endless(20, Vec::new()))];
        assert_eq!(
            judge(&exercise, &hangs, passed),
            ["with the starter, `tickets::tests::a` does not end"]
        );
        let wrong = judge(&exercise, &begun, &[tested("tickets::tests::a", failed())]);
        assert_eq!(wrong.len(), 1);
        assert!(wrong[0].starts_with("with the solution, `tickets::tests::a` fails"), "{wrong:?}");
    }
}
