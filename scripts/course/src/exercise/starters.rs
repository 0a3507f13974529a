//! Every starter as a student gets it: it compiles, its tests end, and one of them fails at least.
//! Every solution in a student's place: its tests pass.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};

use super::practice::{compile, manifest, write, write_if_changed};
use super::report::{self, TEST_LIMIT, Tested, Verdict};
use super::{Exercise, files, read};
use crate::message::{counted, error, status};
use crate::project::Project;

const PACKAGE: &str = "starters";

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
    let workspace = "\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n";
    write_if_changed(&folder.join("Cargo.toml"), &(manifest(project, PACKAGE, &all)? + workspace))?;
    let lock = project.root.join("Cargo.lock");
    std::fs::copy(&lock, folder.join("Cargo.lock")).with_context(|| project.shown(&lock))?;
    let mut modules =
        String::from("//! Every exercise, as students begin it and as they end it.\n\n");
    for Exercise { name, .. } in &exercises {
        modules.push_str(&format!("#[cfg(test)]\nmod {name};\n#[cfg(test)]\nmod {name}_solved;\n"));
    }
    write(&folder.join("src").join("lib.rs"), &modules)?;
    for exercise in &exercises {
        let write = |name: String, text: &str| {
            write_if_changed(&folder.join("src").join(format!("{name}.rs")), text)
        };
        write(exercise.name.clone(), &exercise.student_file())?;
        write(format!("{}_solved", exercise.name), &exercise.solved_file())?;
    }
    let compiled = compile(&folder, PACKAGE, Some(&target.join("practice")), |rendered| {
        eprint!("{rendered}");
    })?;
    let Some(program) = compiled else {
        bail!("an exercise does not compile as a student gets it; the compiler says why above");
    };
    let tested = run(&program, &folder, stop)?;
    let mut wrong = Vec::new();
    for exercise in &exercises {
        wrong.extend(
            judge(exercise, &tested).into_iter().map(|why| format!("{}: {why}", exercise.file)),
        );
    }
    for why in &wrong {
        error(why);
    }
    if !wrong.is_empty() {
        bail!("{} found", counted(wrong.len(), "problem"));
    }
    let failed = tested.iter().filter(|test| !test.passed()).count();
    status(
        "Ran",
        format!(
            "{} of {}: {failed} fail for a starter, as they should, and none for a solution",
            counted(tested.len(), "test"),
            counted(exercises.len(), "exercise")
        ),
    );
    Ok(())
}

/// Runs every test in a process of its own, as many at a time as there are cores.
fn run(program: &Path, folder: &Path, stop: &AtomicBool) -> Result<Vec<Tested>> {
    let names = report::names(program, "", stop)?;
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
fn judge(exercise: &Exercise, tested: &[Tested]) -> Vec<String> {
    let of = |module: String| {
        let prefix = format!("{module}::");
        tested.iter().filter(move |test| test.name.starts_with(&prefix))
    };
    let starter: Vec<&Tested> = of(exercise.name.clone()).collect();
    let mut wrong = Vec::new();
    if starter.iter().all(|test| test.passed()) {
        wrong.push(match starter.len() {
            0 => "there is no test".to_string(),
            n => format!("the starter passes all of its {}", counted(n, "test")),
        });
    }
    for test in &starter {
        if matches!(test.verdict, Verdict::Endless(_)) {
            wrong.push(format!("with the starter, `{}` does not end", test.name));
        }
    }
    for test in of(format!("{}_solved", exercise.name)).filter(|test| !test.passed()) {
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
        let good = [
            tested("tickets::tests::a", Verdict::Passed),
            tested("tickets::tests::b", failed()),
            tested("tickets_solved::tests::a", Verdict::Passed),
        ];
        assert_eq!(judge(&exercise, &good), Vec::<String>::new());
        assert_eq!(judge(&exercise, &good[..1]), ["the starter passes all of its 1 test"]);
        assert_eq!(judge(&exercise, &[]), ["there is no test"]);
        let hangs = [tested("tickets::tests::a", Verdict::Endless(Vec::new()))];
        assert_eq!(
            judge(&exercise, &hangs),
            ["with the starter, `tickets::tests::a` does not end"]
        );
        let bad = [good[1].clone(), tested("tickets_solved::tests::a", failed())];
        assert_eq!(judge(&exercise, &bad).len(), 1);
        assert!(judge(&exercise, &bad)[0].contains("with the solution"));
    }
}
