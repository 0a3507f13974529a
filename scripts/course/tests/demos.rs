//! Listings that misbehave: what `course` says of them, and that nothing of them is recorded.

mod tiny;

use std::env;

use tiny::{MACHINE, Tiny, ran};

/// Builds a project with this example beside a good one that was measured before.
#[track_caller]
fn assert_refused(example: &str, words: &[&str]) {
    let tiny = Tiny::new(&["sums"]);
    tiny.measure().assert_succeeded();
    let before = tiny.recorded();
    tiny.write(&format!("examples/{example}.rs"), "fn main() {}\n");
    tiny.play(example);
    let ran = tiny.run(&["measure", example, "--quick", "--machine", MACHINE]);
    ran.assert_failed(words);
    assert_eq!(tiny.recorded(), before, "nothing of it is recorded, and nothing else is lost");
    tiny.run(&["build", "--for", "0"]).assert_failed(words);
    assert!(!tiny.path("book").exists(), "nothing half-done is published");
}

#[test]
fn a_demo_that_exits_with_an_error_is_named_with_its_command_status_and_stderr() {
    let status = if cfg!(windows) { "exit code: 3" } else { "exit status: 3" };
    assert_refused(
        "fails",
        &[
            "listing `fails`: `cargo run --release --example fails` ended with",
            status,
            "\n    no book on the shelf",
        ],
    );
}

#[test]
fn a_demo_that_panics_unasked_is_an_error() {
    assert_refused("panics", &["listing `panics`", "101", "the shelf is empty"]);
}

#[test]
fn a_demo_that_was_meant_to_panic_and_did_not_is_an_error() {
    assert_refused("calm", &["listing `calm`", "was meant to panic and ended with"]);
}

#[test]
fn a_demo_that_was_meant_to_go_on_and_ended_is_an_error() {
    assert_refused(
        "gives_up",
        &[
            "listing `gives_up`",
            "was meant to go on for ever and ended with",
            "no book on the shelf",
        ],
    );
}

#[test]
fn a_demo_that_floods_its_output_is_stopped() {
    assert_refused("floods", &["listing `floods`", "printed more than 64 MiB and was stopped"]);
}

#[test]
fn a_demo_that_prints_more_than_a_page_holds_is_an_error() {
    assert_refused("rambles", &["listing `rambles`", "wrote more than 64 KiB to stdout"]);
}

#[test]
fn a_demo_whose_output_is_no_text_is_an_error() {
    assert_refused("garbles", &["listing `garbles`", "stdout is not UTF-8"]);
}

#[test]
fn an_example_that_does_not_describe_itself_is_an_error() {
    assert_refused("mute", &["`mute describe` printed no description"]);
}

#[test]
fn demos_that_end_as_they_declare_are_recorded() {
    let tiny = Tiny::new(&["meant_to_panic", "endless"]);
    tiny.measure().assert_succeeded();
    let panicked = tiny.record("meant_to_panic").demo.unwrap();
    assert!(panicked.stderr.contains("as the chapter says"), "{}", panicked.stderr);
    assert!(!panicked.stderr.contains("stack backtrace"), "{}", panicked.stderr);
    assert_eq!(tiny.record("endless").demo.unwrap().stdout, "working\n");
}

#[test]
fn an_arm_that_fails_leaves_its_experiment_unmeasured_and_the_others_measured() {
    let tiny = Tiny::new(&["falters", "others", "sums"]);
    let ran = tiny.measure();
    ran.assert_failed(&[
        "experiment `falters`: `falters arm broken` ended with",
        "no book on the shelf",
        "not measured: falters",
    ]);
    let record = tiny.record("falters");
    assert!(record.measurement.is_none(), "a run that fails is never recorded");
    for example in ["others", "sums"] {
        let measurement = tiny.record(example).measurement.unwrap();
        assert!(measurement.rounds.len() >= measurement.planned, "{example}");
    }
}

#[test]
fn an_experiment_that_is_not_there_is_answered_with_the_nearest_one() {
    let tiny = Tiny::new(&["sums"]);
    let ran = tiny.run(&["measure", "sum", "--machine", MACHINE]);
    ran.assert_failed(&["no experiment named `sum`", "did you mean `sums`?"]);
    // Nobody waits for a compiler to hear it, and nothing else that was named is measured.
    assert!(!ran.stderr.contains("Compiling"), "{}", ran.stderr);
    let ran = tiny.run(&["measure", "sums", "of_all_words", "--machine", MACHINE]);
    ran.assert_failed(&["no experiment named `of_all_words`: each is a file in examples/"]);
    assert!(tiny.recorded().is_empty());
}

/// This one asks the real Cargo: there is nothing to link, so that it takes under a second.
#[test]
fn a_listing_that_does_not_compile_shows_the_compilers_message_and_loses_nothing() {
    let tiny = Tiny::new(&["sums"]);
    tiny.measure().assert_succeeded();
    let before = tiny.recorded();
    tiny.write("src/lib.rs", "");
    tiny.write("examples/sums.rs", "fn main() {\n    let shelf: u32 = \"empty\";\n}\n");
    for arguments in [&["build"][..], &["measure", "sums"]] {
        let mut command = tiny.course(arguments);
        command.env("CARGO", env::var_os("CARGO").unwrap_or("cargo".into()));
        command.env_remove("CARGO_TARGET_DIR");
        ran(&mut command).assert_failed(&[
            "error[E0308]: mismatched types",
            "examples/sums.rs:2:22",
            "a listing or an example does not compile; the compiler says why above",
        ]);
    }
    assert_eq!(tiny.recorded(), before);
    assert!(tiny.path("book/first.html").exists(), "what is recorded can be read meanwhile");
}
