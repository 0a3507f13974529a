//! Taking an exercise apart, and putting it together for a student.

use super::*;
use crate::fixtures::TICKETS;

#[test]
fn an_exercise_is_taken_apart() {
    let exercise = parse("tickets", "listings/a/exercises/tickets.rs", TICKETS).unwrap();
    assert_eq!(exercise.title, "Two buyers, one `ticket`");
    assert_eq!(exercise.minutes, 15);
    assert_eq!(exercise.task, "Sell it once.\n\n- What the tests look at: the count.");
    assert_eq!(exercise.hint.as_deref(), Some("look at the guard."));
    assert!(exercise.solution().starts_with("pub fn sell"), "{}", exercise.solution());
    let named = exercise.crates();
    assert!(named.contains("rayon") && named.contains("std"), "{named:?}");
    assert!(!named.contains("sync") && !named.contains("office"), "{named:?}");
}

#[test]
fn a_students_file_has_the_shared_items_the_starter_and_the_tests_and_no_modules() {
    let file = parse("tickets", "t.rs", TICKETS).unwrap().student_file();
    let expected = r##"//! # Two buyers, one `ticket`
//!
//! Sell it once.
//!
//! - What the tests look at: the count.
//!
//! Edit this file, then run `cargo course exercise tickets` again.

use std::sync::Mutex;

/// Shared by all.
pub struct Office {
    pub tickets: Mutex<[u32; 2]>,
}

// Your part begins here.

/// Sells one.
pub fn sell(office: &Office) -> bool {
    let note = r#"a line
    indented by the string, with a }
"#;
    todo!("look and take in one step")
}

// What the tests ask of it. Leave them as they are.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_sold() {
        let office = Office { tickets: Mutex::new([1, 0]) };
        assert!(sell(&office), "nobody got it");
    }
}
"##;
    assert_eq!(file, expected);
}

#[test]
fn the_solution_takes_the_students_place() {
    let file = parse("tickets", "t.rs", TICKETS).unwrap().solved_file();
    assert!(
        file.contains(
            "// The solution.\n\npub fn sell(office: &Office) -> bool {\n    rayon::join"
        ),
        "{file}"
    );
    assert!(!file.contains("todo!") && !file.contains("use super::solution"), "{file}");
}

#[test]
fn tests_that_need_nothing_shared_still_see_the_students_part() {
    let text = TICKETS.replace("solution::*;\n    use super::*;", "solution::*;");
    assert_ne!(text, TICKETS);
    let file = parse("tickets", "t.rs", &text).unwrap().student_file();
    assert!(file.contains("mod tests {\n    use super::*;\n"), "{file}");
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    let title = |from: &str, to: &str| {
        let text = TICKETS.replacen(from, to, 1);
        assert_ne!(text, TICKETS, "{from}");
        parse("tickets", "t.rs", &text).unwrap_err().title
    };
    assert_eq!(title("//! # Two", "//! Two"), "an exercise begins with its title");
    assert_eq!(title("15 minutes", "4 minutes"), "how long does this exercise take?");
    assert_eq!(title("15 minutes", "61 minutes"), "how long does this exercise take?");
    assert_eq!(title("15 minutes", "an hour"), "how long does this exercise take?");
    let task = "Sell it once.\n//!\n//! - What the tests look at: the count.\n//!\n//! ";
    assert_eq!(title(task, ""), "what is there to do?");
    assert_eq!(title("mod starter", "mod stater"), "`pub mod starter { … }` is missing");
    assert_eq!(title("mod tests", "mod test"), "`mod tests { … }` is missing");
    assert_eq!(title("    use super::solution::*;\n", ""), "the tests test nothing");
}

#[test]
fn a_page_shows_the_task_the_starter_the_hint_and_the_solution() {
    use crate::fixtures::TinyBook;

    let book = TinyBook::new();
    let wrong = "/// Sells `it` twice.\n///\n/// Caught by `one_is_sold`.\npub mod wrong_twice {}\n\n#[cfg(test)]\n";
    book.write("listings/a/exercises/tickets.rs", &TICKETS.replace("#[cfg(test)]\n", wrong));
    book.write("listings/a/exercises/mod.rs", "pub mod tickets;\n");
    let text = "# Ideas\n\n## Exercises\n\n{{#exercise tickets}}\n\n{{#solutions}}\n";
    let page = book.page(text);
    let code = &page.code["code/a/exercises/tickets.rs"];
    assert!(code.contains("press *Test*.\n#![allow(unused)]\n\nuse std"), "{code}");
    assert!(!code.contains("rayon::join") && !code.contains("wrong_twice"), "{code}");
    let page = page.content;
    for part in [
        "<section class=\"exercise\">\n\n### Exercise 1-1 · Two buyers, one `ticket` {#exercise-tickets}\n\n",
        "<p class=\"minutes\">15 minutes</p>\n\nSell it once.\n\n- What the tests look at",
        "<pre><code>cargo course exercise tickets</code></pre>",
        "<div class=\"card command-line\" data-playground=\"code/a/exercises/tickets.rs\">",
        "</code></pre></div>\n\nAnswers that are common, and wrong:\n\n- Sells `it` twice. \
         <span class=\"caught\">Caught by <em>one is sold</em>.</span>\n",
        "<details class=\"hint\"><summary>A hint</summary>\n\nlook at the guard.\n\n</details>",
        "<details class=\"solution\"><summary>A solution</summary>",
        "<a href=\"ch01-ideas.html#solution-tickets\">Exercise 1-1 among the solutions</a>",
        "## Chapter 1 · Ideas\n\n### Exercise 1-1 · Two buyers, one `ticket` {#solution-tickets}",
        "<a href=\"ch01-ideas.html#exercise-tickets\">the task of Exercise 1-1</a>",
        "<span class=\"file\">listings/a/exercises/tickets.rs</span>",
    ] {
        assert!(page.contains(part), "`{part}` is not in\n{page}");
    }
    // An empty line would end the block of HTML that the code stands in.
    let code = page.split("<details class=\"solution\">").nth(1).unwrap();
    let code = code.split("</pre></div>").next().unwrap();
    assert!(!code.contains('\n'), "{code}");
}

#[test]
fn an_exercise_that_starts_programs_stays_at_home() {
    let exercise = |text: &str| parse("tickets", "t.rs", text).unwrap();
    assert!(exercise(TICKETS).playground_file().is_some());
    let starts = TICKETS.replace("use std::sync", "use std::process::Command;\nuse std::sync");
    assert_eq!(exercise(&starts).playground_file(), None);
}

#[test]
fn an_unknown_or_broken_exercise_is_said_where_it_is_named() {
    use crate::fixtures::TinyBook;

    let book = TinyBook::new();
    book.write("listings/a/exercises/tickets.rs", TICKETS);
    let problem = |text: &str| book.problems(text).remove(0);
    assert_eq!(problem("{{#exercise tickts}}\n").label, "did you mean `tickets`?");
    assert_eq!(problem("{{#exercise}}\n").title, "which exercise?");
    assert_eq!(
        problem("So {{#exercise tickets}}\n").title,
        "`exercise` stands on a line of its own"
    );
    book.write("listings/a/exercises/tickets.rs", &TICKETS.replace("15 minutes", "a while"));
    let title = problem("{{#exercise tickets}}\n").title;
    assert_eq!(title, "listings/a/exercises/tickets.rs:1: how long does this exercise take?");
}

/// The exercise with one wrong answer, which has this comment.
fn with_wrong(comment: &str) -> Result<Exercise, Wrong> {
    let answer =
        format!("{comment}pub mod wrong_twice {{\n    pub use super::solution::*;\n}}\n\n");
    let text = TICKETS.replace("#[cfg(test)]\n", &(answer + "#[cfg(test)]\n"));
    parse("tickets", "t.rs", &text)
}

#[test]
fn a_wrong_answer_says_why_and_which_test_catches_it_and_no_student_sees_it() {
    let comment = "/// Looks first,\n/// and takes later.\n///\n/// Caught by `one_is_sold`.\n";
    let exercise = with_wrong(comment).unwrap();
    let expected = WrongAnswer {
        name: "wrong_twice".into(),
        why: "Looks first, and takes later.".into(),
        caught_by: "one_is_sold".into(),
    };
    assert_eq!(exercise.wrong, [expected]);
    let without = parse("tickets", "t.rs", TICKETS).unwrap();
    assert_eq!(exercise.student_file(), without.student_file());
    assert_eq!(exercise.solved_file(), without.solved_file());
    assert_eq!(exercise.given(), without.given());
    let asked = exercise.file_with(&exercise.wrong[0]);
    assert!(
        asked.contains("mod tests {\n    use super::wrong_twice::*;\n    use super::*;\n"),
        "{asked}"
    );
}

#[test]
fn a_wrong_answer_without_its_reason_or_its_test_is_refused_at_its_name() {
    for (comment, expected) in [
        ("", "which test catches `wrong_twice`?"),
        ("/// Takes later.\n", "which test catches `wrong_twice`?"),
        ("/// Caught by `one_is_sold`.\n", "why is `wrong_twice` wrong?"),
        ("/// Takes later.\n/// Caught by `it_is_sold`.\n", "no test is named `it_is_sold`"),
    ] {
        let wrong = with_wrong(comment).unwrap_err();
        assert_eq!(wrong.title, expected);
    }
}
