//! How long an arm took.

use super::reader::{Reader, Takes};
use super::value::{dotted, shown};
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};
use crate::tree;

/// `{{#time word_count.threads}}`
pub(super) struct Time;

impl Directive for Time {
    const FORM: Form = Form { name: "time", stands: Stands::InASentence };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(shown);
    type Node = tree::Value;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        dotted(&asked.directive, false, reader)
    }
}
