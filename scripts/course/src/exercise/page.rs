//! What a page shows of an exercise, and the page of all solutions.

use crate::exercise::Exercise;
use crate::exercise::report::sentence;
use crate::highlight::{escape, rust};
use crate::html::one_line;
use crate::page::Chapter;
use crate::tree::{Node, Part};

/// A starter of more lines than this is folded.
const MOST_LINES: usize = 30;

/// An exercise and where it stands.
#[derive(Clone, Debug)]
pub struct Placed {
    pub page: String,
    pub chapter: String,
    pub chapter_number: Option<u32>,
    /// "Exercise 6-1".
    pub label: String,
    pub exercise: Exercise,
}

/// All exercises in the book's order, and the page with their solutions, if there is one.
#[derive(Clone, Debug, Default)]
pub struct Exercises {
    pub placed: Vec<Placed>,
    pub solutions: Option<String>,
}

impl Exercises {
    pub fn of(chapters: &[Chapter], parsed: &[Vec<Part>]) -> Exercises {
        let mut all = Exercises::default();
        for (chapter, parts) in chapters.iter().zip(parsed) {
            let mut count = 0;
            for part in parts {
                match &part.node {
                    Node::Solutions => all.solutions = Some(chapter.page.clone()),
                    Node::Exercise(exercise) => {
                        count += 1;
                        all.placed.push(Placed {
                            page: chapter.page.clone(),
                            chapter: chapter.title.clone(),
                            chapter_number: chapter.number,
                            label: match chapter.number {
                                Some(chapter) => format!("Exercise {chapter}-{count}"),
                                None => "Exercise".into(),
                            },
                            exercise: (**exercise).clone(),
                        });
                    }
                    _ => {}
                }
            }
        }
        all
    }

    /// Markdown and HTML in place of `{{#exercise name}}` on this page. `code`: the file that the Rust
    /// Playground gets, as the page asks for it.
    pub fn block(&self, page: &str, name: &str, code: Option<&str>) -> String {
        let here = |placed: &&Placed| placed.page == page && placed.exercise.name == name;
        self.placed.iter().find(here).map(|placed| self.one(placed, code)).unwrap_or_default()
    }

    fn one(&self, placed: &Placed, playground: Option<&str>) -> String {
        let Placed { label, exercise, .. } = placed;
        let name = escape(&exercise.name);
        let given = exercise.given();
        let starter = code(
            &format!("practice/{name}/src/lib.rs"),
            &given,
            &format!("{label}, what you begin with"),
        );
        let starter = match given.lines().count() > MOST_LINES {
            true => format!(
                "<details class=\"starter\"><summary>What you begin with</summary>{starter}</details>"
            ),
            false => starter,
        };
        let command = command_line(&exercise.name, playground);
        let hint = exercise.hint.as_ref().map_or(String::new(), |hint| {
            format!("<details class=\"hint\"><summary>A hint</summary>\n\n{hint}\n\n</details>\n")
        });
        let all = self.solutions.as_ref().map_or(String::new(), |page| {
            format!(
                "<p class=\"to-solution\"><a href=\"{}.html#solution-{name}\">{label} among the solutions</a></p>",
                escape(page)
            )
        });
        let solution = code(&exercise.file, exercise.solution(), &format!("{label}, a solution"));
        format!(
            "<section class=\"exercise\">\n\n\
             ### {label} · {} {{#exercise-{name}}}\n\n\
             <p class=\"minutes\">{} minutes</p>\n\n\
             {}\n\n\
             {starter}\n{command}\n{hint}\
             <details class=\"solution\"><summary>A solution</summary>{solution}{}</details>{all}\n\
             </section>",
            exercise.title,
            exercise.minutes,
            exercise.task,
            wrong_answers(exercise),
        )
    }

    /// Every exercise with its solution, chapter by chapter.
    pub fn solutions(&self) -> String {
        if self.placed.is_empty() {
            return "<p class=\"unmeasured\">The book has no exercises yet.</p>".into();
        }
        let mut text = String::new();
        let mut page = "";
        for placed in &self.placed {
            let Placed { label, exercise, .. } = placed;
            if placed.page != page {
                page = &placed.page;
                let number =
                    placed.chapter_number.map_or(String::new(), |n| format!("Chapter {n} · "));
                text.push_str(&format!("## {number}{}\n\n", placed.chapter));
            }
            let name = escape(&exercise.name);
            text.push_str(&format!(
                "### {label} · {} {{#solution-{name}}}\n\n\
                 <p class=\"minutes\">{} minutes · <a href=\"{}.html#exercise-{name}\">the task of {label}</a></p>\n\n\
                 {}\n\n",
                exercise.title,
                exercise.minutes,
                escape(page),
                code(&exercise.file, exercise.solution(), &format!("{label}, solved")),
            ));
        }
        text
    }
}

/// How to begin: the command, and the Playground where it can run the tests.
fn command_line(name: &str, playground: Option<&str>) -> String {
    let (file, button) = match playground {
        Some(path) => (
            format!(" data-playground=\"{}\"", escape(path)),
            "<button type=\"button\" class=\"play with-script\"></button>",
        ),
        None => Default::default(),
    };
    format!(
        "<div class=\"card command-line\"{file}><div class=\"bar\"><pre><code>cargo course exercise {}</code></pre>\
         <span class=\"grow\"></span><button type=\"button\" class=\"copy\" hidden></button>{button}</div></div>",
        escape(name)
    )
}

/// What is wrong with answers that are common, and which test says so. Markdown.
fn wrong_answers(exercise: &Exercise) -> String {
    if exercise.wrong.is_empty() {
        return String::new();
    }
    let items = exercise.wrong.iter().map(|answer| {
        let test = sentence(&answer.caught_by);
        format!("- {} <span class=\"caught\">Caught by <em>{test}</em>.</span>\n", answer.why)
    });
    format!("\n\nAnswers that are common, and wrong:\n\n{}\n", items.collect::<String>())
}

/// Rust code in a card with its file's name, on one line of HTML.
fn code(file: &str, code: &str, label: &str) -> String {
    one_line(&format!(
        "<div class=\"card\"><div class=\"bar\"><span class=\"file\">{}</span><span class=\"grow\"></span>\
         <button type=\"button\" class=\"copy\" hidden></button></div>\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"{}\"><code class=\"language-rust\">{}</code></pre></div>",
        escape(file),
        escape(label),
        rust(code)
    ))
}
