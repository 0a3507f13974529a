//! What a page shows of an exercise, and the page of all solutions.

use std::slice;

use maud::{Markup, PreEscaped, html};

use crate::exercise::{Exercise, places, sentence};
use crate::highlight::rust;
use crate::html::{Code, markdown};
use crate::page::Chapter;
use crate::tree::{Part, Solutions};

/// A starter of more lines than this is folded.
const MOST_LINES: usize = 30;

/// An exercise and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The page it is on: `ch06-sharing`.
    pub page: String,
    /// "Chapter 6 · When sharing goes wrong".
    pub chapter: String,
    /// "Exercise 6-1".
    pub label: String,
    /// Its file, taken apart.
    pub exercise: Exercise,
}

/// All exercises in the book's order, and the page with their solutions, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Exercises {
    /// In the order of the book.
    pub placed: Vec<Placed>,
    /// The page that shows the solutions: `solutions`.
    pub solutions: Option<String>,
}

impl Exercises {
    /// `parsed` holds the parts of each of the chapters.
    pub fn new(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Exercises {
        let mut all = Exercises::default();
        for (chapter, parts) in chapters.iter().zip(parsed) {
            let exercises: Vec<&Exercise> =
                parts.iter().filter_map(|part| part.node.get()).collect();
            for place in places(slice::from_ref(chapter)) {
                let named = exercises.iter().find(|exercise| exercise.name == place.name);
                let Some(exercise) = named else { continue };
                all.placed.push(Placed {
                    page: place.page,
                    chapter: place.chapter,
                    label: place.label,
                    exercise: (*exercise).clone(),
                });
            }
            if parts.iter().any(|part| part.node.get::<Solutions>().is_some()) {
                all.solutions = Some(chapter.page.clone());
            }
        }
        all
    }

    /// Markdown and HTML in place of `{{#exercise name}}` on this page. `playground`: the file that the Rust
    /// Playground gets, as the page asks for it.
    pub fn block(&self, page: &str, name: &str, playground: Option<&str>) -> Markup {
        let here = |placed: &&Placed| placed.page == page && placed.exercise.name == name;
        self.placed.iter().find(here).map(|placed| self.one(placed, playground)).unwrap_or_default()
    }

    fn one(&self, placed: &Placed, playground: Option<&str>) -> Markup {
        let Placed { label, exercise, .. } = placed;
        let Exercise { name, title, minutes, task, hint, .. } = exercise;
        html! {
            section.exercise {
                (markdown(&format!("### {label} · {title} {{#exercise-{name}}}")))
                p.minutes { (minutes) " minutes" }
                (markdown(task))
                (starter(placed)) "\n"
                (command_line(name, playground)) "\n"
                @if let Some(hint) = hint {
                    details.hint { summary { "A hint" } (markdown(hint)) } "\n"
                }
                details.solution {
                    summary { "A solution" }
                    (code(&exercise.file, exercise.solution(), format!("{label}, a solution")))
                    (wrong_answers(exercise))
                }
                @if let Some(page) = &self.solutions {
                    p.to-solution {
                        a href={ (page) ".html#solution-" (name) } { (label) " among the solutions" }
                    }
                }
                "\n"
            }
        }
    }

    /// Every exercise with its solution, chapter by chapter.
    pub fn solutions(&self) -> Markup {
        if self.placed.is_empty() {
            return html! { p.unmeasured { "The book has no exercises yet." } };
        }
        html! {
            @for of_chapter in self.placed.chunk_by(|one, next| one.page == next.page) {
                (chapter_heading(&of_chapter[0]))
                @for placed in of_chapter { (solved(placed)) }
            }
        }
    }
}

fn chapter_heading(placed: &Placed) -> Markup {
    // Markdown, like the title.
    PreEscaped(format!("## {}", placed.chapter))
}

fn solved(Placed { label, page, exercise, .. }: &Placed) -> Markup {
    let Exercise { name, title, minutes, file, .. } = exercise;
    html! {
        (markdown(&format!("### {label} · {title} {{#solution-{name}}}")))
        p.minutes {
            (minutes) " minutes · "
            a href={ (page) ".html#exercise-" (name) } { "the task of " (label) }
        }
        "\n\n" (code(file, exercise.solution(), format!("{label}, solved"))) "\n\n"
    }
}

/// What a reader begins with, folded where it is long.
fn starter(Placed { label, exercise, .. }: &Placed) -> Markup {
    let given = exercise.given();
    let file = format!("practice/{}/src/lib.rs", exercise.name);
    let starter = code(&file, &given, format!("{label}, what you begin with"));
    if given.lines().count() > MOST_LINES {
        html! { details.starter { summary { "What you begin with" } (starter) } }
    } else {
        starter
    }
}

/// How to begin: the command, and the Playground where it can run the tests.
fn command_line(name: &str, playground: Option<&str>) -> Markup {
    html! {
        .card.command-line data-playground=[playground] {
            .bar {
                pre { code { "cargo course exercise " (name) } }
                span.grow {}
                button.copy type="button" hidden {}
                @if playground.is_some() { button.play.with-script type="button" {} }
            }
        }
    }
}

/// What is wrong with answers that are common, and which test says so.
fn wrong_answers(exercise: &Exercise) -> Markup {
    let items = exercise.wrong.iter().map(|answer| {
        let test = sentence(&answer.caught_by);
        let caught = html! { span.caught { "Caught by " em { (test) } "." } };
        format!("- {} {}", answer.why, caught.into_string())
    });
    let items: Vec<String> = items.collect();
    html! {
        @if !items.is_empty() {
            (markdown(&format!("Answers that are common, and wrong:\n\n{}", items.join("\n"))))
        }
    }
}

fn code(file: &str, code: &str, label: String) -> Markup {
    let code = Code { file, language: "rust", label, code: rust(code) };
    code.card(html! {}, html! {})
}
