//! `cargo course exercise` as a student meets it, with the real Cargo, in a project of one page.

mod tiny;

use std::env;
use std::fs;

use tiny::{Ran, Tiny, ran};

const TICKETS: &str = r##"//! # One ticket
//!
//! 10 minutes
//!
//! Sell it once.
//!
//! Hint: look at the guard.

/// What is left.
pub struct Office {
    pub left: u32,
}

pub mod starter {
    use super::*;

    /// Sells one, if there is one.
    pub fn sell(office: &mut Office) -> bool {
        todo!("take one from those that are left")
    }
}

pub mod solution {
    use super::*;

    pub fn sell(office: &mut Office) -> bool {
        let there = office.left > 0;
        office.left -= u32::from(there);
        there
    }
}

#[cfg(test)]
mod tests {
    use super::solution::*;
    use super::*;

    #[test]
    fn one_is_sold() {
        let mut office = Office { left: 1 };
        assert!(sell(&mut office));
        assert_eq!(office.left, 0, "it was sold, and is still there");
    }

    #[test]
    fn none_is_sold_that_is_not_there() {
        assert!(!sell(&mut Office { left: 0 }), "one was sold");
    }

    #[test]
    fn an_office_can_be_empty() {
        assert_eq!(Office { left: 0 }.left, 0);
    }
}
"##;

const MINE: &str = "practice/tickets/src/lib.rs";

struct Class(Tiny);

impl Class {
    fn new() -> Class {
        let tiny = Tiny::new(&[]);
        tiny.write("listings/ideas/exercises/tickets.rs", TICKETS);
        tiny.write("listings/ideas/exercises/queue.rs", &TICKETS.replace("One ticket", "A queue"));
        tiny.write("src/SUMMARY.md", "# Summary\n\n- [First](first.md)\n");
        tiny.write("src/first.md", "# First\n\n{{#exercise tickets}}\n\n{{#exercise queue}}\n");
        Class(tiny)
    }

    fn exercise(&self, arguments: &[&str]) -> Ran {
        let mut command = self.0.course(&[&["exercise"], arguments].concat());
        command.env("CARGO", env::var_os("CARGO").unwrap_or("cargo".into()));
        for inherited in ["CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
            command.env_remove(inherited);
        }
        ran(&mut command)
    }

    fn mine(&self) -> String {
        fs::read_to_string(self.0.path(MINE)).unwrap()
    }

    /// The student's file with this in place of the `todo!`.
    fn answer(&self, code: &str) {
        let todo = "todo!(\"take one from those that are left\")";
        let text = self.mine();
        assert!(text.contains(todo), "{text}");
        self.0.write(MINE, &text.replace(todo, code));
    }

    fn state_of(&self, name: &str) -> String {
        let list = self.exercise(&[]);
        let line = list.assert_succeeded().stdout.lines().find(|line| line.contains(name));
        line.unwrap_or_else(|| panic!("{}", list.stdout)).to_string()
    }
}

#[track_caller]
fn assert_told(ran: &Ran, words: &[&str]) {
    for word in words {
        assert!(ran.stdout.contains(word), "`{word}` is not in\n{}\n{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn a_fresh_copy_says_what_is_missing_and_where() {
    let class = Class::new();
    assert!(class.state_of("tickets").contains("not begun"));
    let first = class.exercise(&["tickets"]);
    first.assert_failed(&["Copied the starter to practice/tickets/src/lib.rs"]);
    assert_told(
        &first,
        &[
            "Exercise 1-1 · One ticket · 10 minutes",
            "✗ one is sold\n      practice/tickets/src/lib.rs:16\n        still to do: take one from those that are left",
            "✗ none is sold that is not there",
            "✓ an office can be empty",
            "1 of 3 tests passed. Edit practice/tickets/src/lib.rs:16, then run the same again:\n  cargo course exercise tickets",
        ],
    );
    assert!(!first.stderr.contains("error"), "{}", first.stderr);
    assert_eq!(
        class.mine().lines().nth(15).unwrap().trim_start(),
        "todo!(\"take one from those that are left\")"
    );
    assert!(class.state_of("tickets").contains("1 of 3 tests pass"));
    let lock = fs::read_to_string(class.0.path("practice/Cargo.lock")).unwrap();
    assert!(lock.contains("name = \"tickets\"") && !lock.contains("name = \"listings\""), "{lock}");
}

#[test]
fn a_wrong_answer_is_told_in_the_tests_own_words_and_kept() {
    let class = Class::new();
    class.exercise(&["tickets"]);
    class.answer("true");
    let mine = class.mine();
    let wrong = class.exercise(&["tickets"]);
    wrong.assert_failed(&["Going on with yours, practice/tickets/src/lib.rs"]);
    assert_told(
        &wrong,
        &[
            "it was sold, and is still there\n          left: 1\n         right: 0",
            "✗ none is sold that is not there",
            "one was sold",
        ],
    );
    assert_eq!(class.mine(), mine, "a student's work is never written over");
    class.0.write(MINE, &mine.replace("true", "maybe"));
    let broken = class.exercise(&["tickets"]);
    broken.assert_failed(&["cannot find value `maybe`", "practice/tickets/src/lib.rs:16:5"]);
    assert_told(&broken, &["Your file does not compile yet"]);
}

#[test]
fn a_right_answer_is_told_soberly_and_leads_on() {
    let class = Class::new();
    class.exercise(&["tickets"]);
    class.answer("let there = office.left > 0;\n    office.left -= u32::from(there);\n    there");
    let right = class.exercise(&["tickets"]);
    right.assert_succeeded();
    assert_told(
        &right,
        &["Done: all 3 tests passed.", "cargo course exercise queue   is exercise 1-2"],
    );
    assert!(class.state_of("tickets").contains("done"));
    let solution = class.exercise(&["tickets", "--solution"]);
    assert_told(solution.assert_succeeded(), &["pub fn sell", "practice/tickets/solution.rs"]);
    assert!(!class.mine().contains("The solution."), "it stands beside the student's file");
    class.0.write(MINE, &format!("{}\n// better?\n", class.mine()));
    assert!(class.state_of("tickets").contains("changed since its tests"));
    assert!(class.state_of("queue").contains("not begun"));
}

#[test]
fn starting_again_keeps_what_was_there() {
    let class = Class::new();
    class.exercise(&["tickets"]);
    class.answer("true");
    let mine = class.mine();
    let again = class.exercise(&["tickets", "--reset"]);
    again.assert_failed(&["Kept your work as practice/tickets/before_1.rs", "Copied the starter"]);
    assert!(class.mine().contains("todo!"));
    let kept = fs::read_to_string(class.0.path("practice/tickets/before_1.rs")).unwrap();
    assert_eq!(kept, mine);
    class.exercise(&["tickets", "--reset"]).assert_failed(&["practice/tickets/before_2.rs"]);
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_and_a_hint_with_the_hint() {
    let class = Class::new();
    class
        .exercise(&["tikets"])
        .assert_failed(&["no exercise named `tikets`", "did you mean `tickets`?"]);
    assert!(!class.0.path("practice").exists(), "nothing is begun by mistake");
    assert_told(class.exercise(&["queue", "--hint"]).assert_succeeded(), &["look at the guard"]);
    let list = class.exercise(&[]);
    assert_told(
        list.assert_succeeded(),
        &["Chapter 1 · First", "  tickets  10 min  not begun", "2 exercises, 0 h 20 min together"],
    );
}

#[test]
fn a_test_that_never_ends_is_stopped_and_said_so() {
    let class = Class::new();
    class.exercise(&["tickets"]);
    class.answer("loop {\n        std::thread::park();\n    }");
    let stuck = class.exercise(&["tickets"]);
    stuck.assert_failed(&[]);
    assert_told(
        &stuck,
        &[
            "✗ one is sold\n      It did not end within 20 s and was stopped",
            "✓ an office can be empty",
        ],
    );
}
