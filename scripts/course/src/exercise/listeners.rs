//! Who is told of each try of a watch: a student at a terminal, or a page.

use book::diagnostic::counted;
use console::Term;
use serde_json::{Value, json};

use super::practice::{Place, all, lower_first};
use super::report::{self, Tested, Verdict};
use super::trial::{News, Refused};
use crate::message::report as report_failure;
use crate::status_line::{StatusLine, above};
use crate::supervise::say;

/// The most lines, and letters, of what a test said.
const MOST_LINES: usize = 24;
const MOST_LETTERS: usize = 2_000;

/// What a try came to.
#[derive(Debug)]
pub(super) struct Score {
    pub passed: usize,
    pub tests: usize,
    /// After so many tries in which the same test failed, the exercise's hint.
    pub hint: Option<String>,
}

impl Score {
    fn is_complete(&self) -> bool {
        self.tests > 0 && self.passed == self.tests
    }
}

/// Is told what happens.
pub(super) trait Listener {
    /// A try goes on. Of its tests, `first` is the first one that failed.
    fn hear(&mut self, news: &News, first: bool);
    /// A try has ended.
    fn score(&mut self, score: &Score);
    /// A try failed for another reason than the student's code.
    fn trouble(&mut self, why: &anyhow::Error);
}

/// Prints a report for each try, in the place of the one before.
pub(super) struct Terminal<'a> {
    /// "Exercise 6-1 · One ticket".
    pub heading: String,
    pub name: &'a str,
    /// What students edit: `practice/oversold/src/lib.rs`.
    pub file: String,
    pub next: Option<&'a Place>,
    pub tries: usize,
    pub line: Option<StatusLine>,
}

impl Terminal<'_> {
    /// What it says goes above the line that moves.
    fn print(&self, text: &str) {
        above(|| anstream::print!("{text}"));
    }

    fn begin(&mut self) {
        self.tries += 1;
        self.line = None;
        // What was said before the first try stays.
        let terminal = Term::stdout();
        let clears = self.tries > 1
            && terminal.is_term()
            && std::env::var_os("TERM").is_none_or(|terminal| terminal != "dumb");
        if !(clears && above(|| terminal.clear_screen()).is_ok()) {
            self.print("\n");
        }
        self.print(&format!("{} · try {}\n\n", self.heading, self.tries));
        self.line = Some(StatusLine::begin("compiling"));
    }

    fn end(&mut self, text: &str) {
        self.line = None;
        let text = text.trim_end();
        self.print(&format!(
            "{text}\n\nSave the file, and the tests run again. Ctrl-C ends this.\n"
        ));
    }
}

impl Listener for Terminal<'_> {
    fn hear(&mut self, news: &News, first: bool) {
        match news {
            News::Waiting => {}
            News::Compiling => self.begin(),
            News::Gone => self.end(&format!(
                "{} is not there any more. Save it again, or begin with a fresh copy:\n  \
                 cargo course exercise {} --reset --watch\n",
                self.file, self.name
            )),
            News::Refused(refused) => {
                let more = match refused.more {
                    0 => String::new(),
                    n => format!(", and {} after this one", counted(n, "error")),
                };
                let rendered = &refused.rendered;
                self.end(&format!("It does not compile yet{more}:\n\n{rendered}"));
            }
            News::Tests(n) => {
                if let Some(line) = &self.line {
                    line.set_text(format!("running {}", counted(*n, "test")));
                }
            }
            News::Tested(tested) if first => {
                let shortened = shortened(tested);
                self.print(&format!("{}\n", report::one(&shortened, &self.file)));
            }
            News::Tested(_) => {}
        }
    }

    fn score(&mut self, score: &Score) {
        let name = self.name;
        if score.tests == 0 {
            return self.end(&format!(
                "There is no test left in {}. Start again and keep what you have:\n  \
                 cargo course exercise {name} --reset --watch\n",
                self.file
            ));
        }
        if !score.is_complete() {
            let hint = score.hint.as_ref().map_or(String::new(), |hint| {
                format!("This test has failed in three tries. A hint:\n  {hint}\n\n")
            });
            return self.end(&format!("{hint}{}\n", to_text(score)));
        }
        let mut text = format!(
            "Done: {} passed.\n  cargo course exercise {name} --solution   to compare yours with ours\n",
            all(score.passed, "test")
        );
        if let Some(next) = self.next {
            let label = lower_first(&next.label);
            text.push_str(&format!("  cargo course exercise {} --watch   is {label}\n", next.name));
        }
        self.end(&text);
    }

    fn trouble(&mut self, why: &anyhow::Error) {
        self.line = None;
        report_failure(why);
        self.end("It was not tried.");
    }
}

/// "1 of 3 tests passes".
fn to_text(score: &Score) -> String {
    let verb = if score.passed == 1 { "passes" } else { "pass" };
    format!("{} of {} {verb}.", score.passed, counted(score.tests, "test"))
}

/// Tells a page of `serve`, a JSON object a line. Nothing of the student's file is in it: a line's number,
/// what the compiler objects to, and the words of a test.
pub(super) struct Page<'a> {
    pub next: Option<&'a Place>,
}

impl Listener for Page<'_> {
    fn hear(&mut self, news: &News, first: bool) {
        say(&match news {
            News::Waiting => json!({ "waiting": 1 }),
            News::Compiling => json!({ "compiling": true }),
            News::Gone => json!({ "gone": true }),
            News::Refused(Refused { line, message, more, .. }) => {
                let message = shorter(message);
                json!({ "refused": { "line": line, "message": message, "more": more } })
            }
            News::Tests(n) => json!({ "tests": n }),
            News::Tested(tested) if first => failed(&shortened(tested)),
            News::Tested(tested) => {
                json!({ "test": tested.sentence(), "passed": tested.passed() })
            }
        });
    }

    fn score(&mut self, score: &Score) {
        let next = self
            .next
            .filter(|_| score.is_complete())
            .map(|next| json!({ "name": next.name, "label": next.label, "page": next.page }));
        say(&json!({ "score": {
            "passed": score.passed, "tests": score.tests, "hint": score.hint.is_some(), "next": next,
        } }));
    }

    fn trouble(&mut self, why: &anyhow::Error) {
        report_failure(why);
        say(&json!({ "trouble": format!("{why:#}") }));
    }
}

/// The first test that failed, with all that is to be said of it.
fn failed(tested: &Tested) -> Value {
    let limit = match tested.verdict {
        Verdict::Endless(seconds, _) => Some(report::endless(seconds)),
        _ => None,
    };
    let said = tested
        .complaints()
        .iter()
        .map(|complaint| json!({ "line": complaint.line, "message": complaint.message }));
    let limit = limit.map(|message| json!({ "line": null, "message": message }));
    let said: Vec<Value> = limit.into_iter().chain(said).collect();
    json!({ "test": tested.sentence(), "passed": false, "said": said })
}

/// What a test said can be as long as its output; a student reads the beginning.
fn shortened(tested: &Tested) -> Tested {
    let mut tested = tested.clone();
    if let Verdict::Failed(complaints) | Verdict::Endless(_, complaints) = &mut tested.verdict {
        for complaint in complaints {
            complaint.message = shorter(&complaint.message);
        }
    }
    tested
}

fn shorter(message: &str) -> String {
    let lines: Vec<&str> = message.lines().take(MOST_LINES).collect();
    let text: String = lines.join("\n").chars().take(MOST_LETTERS).collect();
    if text.len() < message.len() { text + " …" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exercise::report::Complaint;

    #[test]
    fn how_many_pass_is_said_in_the_right_number() {
        let text = |passed, tests| to_text(&Score { passed, tests, hint: None });
        assert_eq!(text(0, 1), "0 of 1 test pass.");
        assert_eq!(text(1, 3), "1 of 3 tests passes.");
        assert_eq!(text(2, 3), "2 of 3 tests pass.");
    }

    #[test]
    fn a_page_is_told_the_words_and_the_place_of_the_first_that_failed() {
        let complaint = Complaint { line: Some(31), message: "two paid".into() };
        let verdict = Verdict::Endless(20, vec![complaint]);
        let told = failed(&Tested { name: "tests::nobody_pays_twice".into(), verdict });
        assert_eq!((&told["test"], &told["passed"]), (&json!("nobody pays twice"), &json!(false)));
        let endless = told["said"][0]["message"].as_str().unwrap();
        assert!(endless.starts_with("It did not end within 20 s"), "{endless}");
        assert_eq!(told["said"][1], json!({ "line": 31, "message": "two paid" }));
    }

    #[test]
    fn a_message_without_end_is_shortened_and_a_short_one_is_not() {
        assert_eq!(shorter("left: 1\nright: 2"), "left: 1\nright: 2");
        assert_eq!(shorter(&"x".repeat(5_000)), "x".repeat(MOST_LETTERS) + " …");
        assert_eq!(shorter(&"y\n".repeat(100)).lines().count(), MOST_LINES);
    }
}
