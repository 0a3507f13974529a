//! Python programs that a chapter shows: run where Python is found, recorded, and shown where it is not.

mod tiny;

use std::env;
use std::fs;
use std::path::Path;

use tiny::{Ran, Tiny, ran};

const PROGRAM: &str = "# ANCHOR: all\nimport sys\nprint('<', 6 * 7)\n# ANCHOR_END: all\n";
const SHOWN: &str = "# First\n\n{{#listing ideas/answer.py:all \"The answer\" +output}}\n";

fn with(program: &str) -> Tiny {
    let tiny = Tiny::new(&["sums"]);
    tiny.write("listings/ideas/answer.py", program);
    tiny.write("src/first.md", SHOWN);
    tiny
}

fn page(tiny: &Tiny) -> String {
    fs::read_to_string(tiny.path("book/first.html")).unwrap()
}

/// Builds where nothing but the compiler is found.
fn without_python(tiny: &Tiny) -> Ran {
    let nothing = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut command = tiny.course(&["build", "--for", "0"]);
    let rustc = format!("rustc{}", env::consts::EXE_SUFFIX);
    let rustc = Path::new(env!("CARGO")).with_file_name(rustc);
    ran(command.env("PATH", nothing.path()).env("RUSTC", rustc))
}

/// Whether this test can look. Without Python nothing of it can be seen.
fn python_is_here(test: &str) -> bool {
    let found = lab::python("").interpreter();
    found.map_err(|why| lab::skipped(test, &why)).is_ok()
}

#[test]
fn what_a_python_program_prints_is_shown_with_its_command_and_run_once() {
    if !python_is_here("what_a_python_program_prints_is_shown_with_its_command_and_run_once") {
        return;
    }
    let tiny = with(PROGRAM);
    tiny.run(&["build", "--for", "0"]).assert_succeeded().assert_said(&["Running", "answer.py"]);
    let shown = page(&tiny);
    for part in [
        "<code>python3 listings/ideas/answer.py</code>",
        "&lt; 42",
        "<span class=\"kw\">import</span> sys",
        "<code class=\"language-python\">",
    ] {
        assert!(shown.contains(part), "`{part}` is not in\n{shown}");
    }
    let again = tiny.run(&["build", "--for", "0"]);
    assert!(!again.assert_succeeded().stderr.contains("Running"), "{}", again.stderr);
    tiny.write("listings/ideas/answer.py", &PROGRAM.replace('7', "8"));
    tiny.run(&["build", "--recorded"]).assert_succeeded();
    assert!(page(&tiny).contains("Printed by an earlier version"), "{}", page(&tiny));
    tiny.run(&["build", "--for", "0"]).assert_succeeded();
    assert!(page(&tiny).contains("&lt; 48"), "{}", page(&tiny));
}

#[test]
fn without_python_the_recorded_output_is_shown() {
    if !python_is_here("without_python_the_recorded_output_is_shown") {
        return;
    }
    let tiny = with(PROGRAM);
    without_python(&tiny).assert_succeeded().assert_said(&["answer.py was not run", "python.org"]);
    assert!(page(&tiny).contains("was not run yet"), "{}", page(&tiny));
    assert!(page(&tiny).contains("<code>python3 listings/ideas/answer.py</code> too"));
    tiny.run(&["build", "--for", "0"]).assert_succeeded();
    without_python(&tiny).assert_succeeded();
    assert!(page(&tiny).contains("&lt; 42"), "{}", page(&tiny));
}

#[test]
fn a_python_program_that_fails_is_an_error_and_is_not_recorded() {
    if !python_is_here("a_python_program_that_fails_is_an_error_and_is_not_recorded") {
        return;
    }
    let tiny = with("raise SystemExit('the shelf is empty')\n# ANCHOR: all\n# ANCHOR_END: all\n");
    let words = [
        "listing `ideas.answer.py`: `python3 listings/ideas/answer.py` ended with",
        "the shelf is empty",
    ];
    tiny.run(&["build", "--for", "0"]).assert_failed(&words);
    let recorded = tiny.recorded();
    assert!(recorded.keys().all(|path| !path.ends_with("ideas.answer.py.json")), "{recorded:?}");
    assert!(!tiny.path("book").exists(), "nothing half-done is published");
}

#[test]
fn a_check_asks_for_what_a_program_prints_now() {
    let tiny = with(PROGRAM);
    tiny.measure().assert_succeeded();
    tiny.write("listings/ideas/answer.py", &PROGRAM.replace('7', "9"));
    tiny.run(&["check"]).assert_failed(&["ideas.answer.py on tiny: ", "cargo course build"]);
}
