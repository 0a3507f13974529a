//! How many times as long one arm takes as another.

use super::reader::{Reader, Takes};
use super::value::{dotted, shown};
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};
use crate::tree;

/// `{{#ratio word_count.sequential / threads}}`
pub(super) struct Ratio;

impl Directive for Ratio {
    const FORM: Form = Form { name: "ratio", stands: Stands::InASentence };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(shown);
    type Node = tree::Value;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        dotted(&asked.directive, true, reader)
    }
}
