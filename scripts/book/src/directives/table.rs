//! The numbers of an experiment, as a table.

use maud::Markup;

use super::reader::options::{COLUMNS, words};
use super::reader::{Reader, Takes};
use super::writer::{Here, not_measured};
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};
use crate::tables;
use crate::tree;

/// `{{#table hash_books arms=threads,rayon columns=time,cores}}`
pub struct Table;

impl Directive for Table {
    const FORM: Form = Form { name: "table", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> =
        Takes { words: 1, options: &["arms", "machine", "columns", "base"], ..Takes::NO_WORDS };
    const WORDS: &'static [&'static [&'static str]] = &[&words(&COLUMNS)];
    const SHOWS: Shows<Self::Node> =
        Shows::OfArms(numbers, |table| (&table.experiment, &table.options));
    type Node = tree::Table;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let arguments = reader.arguments(&asked.directive, &Self::TAKES)?;
        let (name, span) = arguments.words[0].clone();
        let experiment = reader.experiment(&name, span)?;
        let options = reader.options(&experiment, &arguments)?;
        Ok(tree::Table { experiment, options })
    }
}

fn numbers(table: &tree::Table, here: &Here) -> Markup {
    match here.measured(&table.experiment) {
        Some((record, measurement)) => {
            tables::experiment(here.context, record, measurement, &table.options)
        }
        None => not_measured(&table.experiment),
    }
}
