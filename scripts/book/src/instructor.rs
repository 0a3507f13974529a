//! The plan of lessons, for instructors.

use std::slice;
use std::sync::OnceLock;

use maud::{Markup, html};
use regex::Regex;

use crate::diagnostic::counted;
use crate::directive;
use crate::exercise::page::Exercises;
use crate::html::{joined, table};
use crate::page::Chapter;
use crate::way::numbered;

/// How long a lesson is, in minutes.
const SESSION: u32 = 90;

/// What a chapter needs of a lesson.
struct Lesson<'a> {
    chapter: &'a Chapter,
    minutes: u32,
    /// Each exercise's minutes.
    exercises: Vec<u32>,
}

impl Lesson<'_> {
    fn exercise_minutes(&self) -> u32 {
        self.exercises.iter().sum()
    }

    fn link(&self) -> Markup {
        let Chapter { page, number, title, .. } = self.chapter;
        html! { a href={ (page) ".html" } { (numbered(*number, title)) } }
    }
}

/// The table of all chapters that say how long they take, and their distribution over sessions.
pub fn lessons(chapters: &[Chapter], exercises: &Exercises) -> Markup {
    let lessons: Vec<Lesson> = chapters
        .iter()
        .filter_map(|chapter| {
            let minutes = minutes(&chapter.source.text)?;
            let of_this = exercises.placed.iter().filter(|placed| placed.page == chapter.page);
            let exercises = of_this.map(|placed| placed.exercise.minutes).collect();
            Some(Lesson { chapter, minutes, exercises })
        })
        .collect();
    if lessons.is_empty() {
        return html! { p.unmeasured { "No chapter says how long it takes yet." } };
    }
    html! { (by_chapter(&lessons)) "\n\n" (by_session(&lessons)) }
}

/// The minutes of `*Teaching: 50 minutes.*`, where that is no example of how to say it.
fn minutes(text: &str) -> Option<u32> {
    static PATTERN: OnceLock<Regex> = OnceLock::new();
    let pattern = PATTERN.get_or_init(|| {
        Regex::new(r"(?m)^\*Teaching: (\d+) minutes\.\*").expect("a pattern of ours")
    });
    let code = directive::code_ranges(text);
    let said = pattern.captures_iter(text).find(|found| {
        let at = found.get(0).map_or(0, |whole| whole.start());
        !code.iter().any(|range| range.contains(&at))
    });
    said?[1].parse().ok()
}

fn by_chapter(lessons: &[Lesson]) -> Markup {
    let row = |name: Markup, lessons: &[Lesson]| {
        let teaching: u32 = lessons.iter().map(|lesson| lesson.minutes).sum();
        let count: usize = lessons.iter().map(|lesson| lesson.exercises.len()).sum();
        let exercises: u32 = lessons.iter().map(Lesson::exercise_minutes).sum();
        html! {
            tr {
                th scope="row" { (name) }
                td.n { (teaching) " min" }
                td.n { (count) }
                td.n { (exercises) " min" }
            }
        }
    };
    let rows = html! {
        @for lesson in lessons { (row(lesson.link(), slice::from_ref(lesson))) }
        (row(html! { "All of them" }, lessons))
    };
    table("What each chapter takes", ["Chapter", "Teaching", "Exercises", "Time for them"], rows)
}

fn by_session(lessons: &[Lesson]) -> Markup {
    let sessions = sessions(lessons);
    let rows = html! {
        @for (number, session) in (1..).zip(&sessions) { (session_row(number, session)) }
    };
    let caption = format!("{} of {SESSION} minutes", counted(sessions.len(), "session"));
    let heads = [
        "Session",
        "Chapters",
        "Teaching",
        "Left for questions",
        "Exercises, in class or after it",
    ];
    html! { p { (caption) ":" } "\n\n" (table(&caption, heads, rows)) }
}

/// Chapters in their order, as many as fit into a session; one that is longer has it to itself.
fn sessions<'a>(lessons: &'a [Lesson<'a>]) -> Vec<Vec<&'a Lesson<'a>>> {
    let mut sessions: Vec<Vec<&Lesson>> = Vec::new();
    let mut taken = SESSION;
    for lesson in lessons {
        if taken + lesson.minutes > SESSION {
            sessions.push(Vec::new());
            taken = 0;
        }
        taken += lesson.minutes;
        if let Some(session) = sessions.last_mut() {
            session.push(lesson);
        }
    }
    sessions
}

fn session_row(number: usize, session: &[&Lesson]) -> Markup {
    let minutes: u32 = session.iter().map(|lesson| lesson.minutes).sum();
    let after: u32 = session.iter().map(|lesson| lesson.exercise_minutes()).sum();
    let links = session.iter().map(|lesson| lesson.link());
    html! {
        tr {
            th.ordinal scope="row" { (number) }
            td.name { (joined(links, html! { br; })) }
            td.n { (minutes) " min" }
            td.n {
                @if minutes <= SESSION { (SESSION - minutes) " min" }
                @else { "longer by " (minutes - SESSION) " min" }
            }
            td.n { (after) " min" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::expand;
    use crate::fixtures::{TICKETS, TinyBook, chapter};

    #[test]
    fn a_lesson_takes_what_its_chapter_and_its_exercises_say() {
        let book = TinyBook::measured();
        book.write("listings/ideas/exercises/sum.rs", TICKETS);
        let (project, records) = (book.project(), book.records());
        let context = Context::new(&project, &records).unwrap();
        let with = |page: &str, text: &str| Chapter { page: page.into(), ..chapter(text) };
        let chapters = [
            with("a", "# A\n\n{{#exercise sum}}\n\n*Teaching: 50 minutes.*\n"),
            with("b", "# B\n\n*Teaching: 40 minutes.*\n"),
            with("draft", "# Nothing\n"),
            with("guide", "# How\n\n```md\n*Teaching: 10 minutes.*\n```\n"),
            with("c", "# C\n\n*Teaching: 100 minutes.*\n"),
        ];
        let parsed = expand::resolve(&chapters, &context).unwrap();
        let html = lessons(&chapters, &Exercises::new(&chapters, &parsed)).into_string();
        for part in [
            "<a href=\"a.html\">1. Ideas</a></th><td class=\"n\">50 min</td><td class=\"n\">1</td><td class=\"n\">15 min</td>",
            "All of them</th><td class=\"n\">190 min</td><td class=\"n\">1</td><td class=\"n\">15 min</td>",
            "2 sessions of 90 minutes",
            "<td class=\"n\">90 min</td><td class=\"n\">0 min</td><td class=\"n\">15 min</td>",
            "longer by 10 min",
        ] {
            assert!(html.contains(part), "`{part}` is not in\n{html}");
        }
        assert!(!html.contains("draft.html") && !html.contains("guide.html"));
    }
}
