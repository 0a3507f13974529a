//! Directives, one file each: how one is written, what it takes, what its text asks for and how that is shown.
//!
//! A new one is a file here that implements [`Directive`], a `mod` and a line in [`ALL`]. A part that is left out does
//! not compile, and the compiler warns of a directive that is not in the list. It has a section in the page
//! *Directives*, `src/directives.md`, which `reference` holds against what stands here. What is large has a module of
//! its own beside `directives`, to which its file leads.
//!
//! [`reader`] is what a directive is resolved with, [`writer`] what it is shown with.

use std::fmt::Debug;

use maud::{Markup, html};

use crate::context::Context;
use crate::diagnostic::Wrong;
use crate::html::{Element, one_line};
use crate::syntax::{Asked, Form, Stands};
use crate::tree::{Node, Options};
use reader::{Reader, Takes};
use writer::{Here, Writer, unmeasured};

pub mod reader;
pub mod writer;

mod amdahl;
mod chooser;
mod claim;
mod claims;
mod diagram;
mod exercise;
mod figure;
mod given;
mod interleavings;
mod lessons;
mod listing;
mod litmus;
mod machine;
mod machines;
mod needs;
mod output;
mod predict;
mod ratio;
mod solutions;
mod table;
mod time;
mod value;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

/// Every directive that there is, in the order in which authors are told of them.
pub const ALL: &[&dyn Registered] = &[
    &listing::Listing,
    &output::Output,
    &figure::Figure,
    &table::Table,
    &time::Time,
    &ratio::Ratio,
    &value::Value,
    &machine::Machine,
    &given::Given,
    &claim::Claim,
    &predict::Predict,
    &interleavings::Interleavings,
    &litmus::Litmus,
    &amdahl::Amdahl,
    &exercise::Exercise,
    &solutions::Solutions,
    &diagram::Diagram,
    &chooser::Chooser,
    &claims::Claims,
    &machines::Machines,
    &lessons::Lessons,
    &needs::Needs,
];

/// All that the book knows of one directive.
pub trait Directive {
    /// Its name, and where it may stand.
    const FORM: Form;
    /// The words, flags and options that it takes.
    const TAKES: Takes<'static>;
    /// Words that an argument can be, kind by kind; the reference names each.
    const WORDS: &'static [&'static [&'static str]];
    /// How what it asks for becomes HTML.
    const SHOWS: Shows<Self::Node>;
    /// What its text asks for.
    type Node: Debug + 'static;

    /// What is asked for, found in what the project has.
    ///
    /// # Errors
    /// Where something that it names is not there, or an argument is none that it takes.
    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong>;
}

/// Where and how a directive is shown.
pub enum Shows<Node: 'static> {
    /// The same wherever it stands.
    Anywhere(fn(&Node) -> Markup),
    /// On a page, and in no body of another directive.
    OnAPage(fn(&Node, &mut Writer) -> Markup),
    /// As the numbers of one machine make it: of the one that is chosen.
    OnEachMachine(fn(&Node, &Here) -> Markup),
    /// The same, of arms of an experiment: of the machine that the options name, if they do.
    OfArms(fn(&Node, &Here) -> Markup, fn(&Node) -> (&str, &Options)),
}

/// A directive in the list of all, where each has a node of another type.
pub trait Registered: Sync {
    /// [`Directive::FORM`]
    fn form(&self) -> Form;
    /// [`Directive::TAKES`]
    fn takes(&self) -> Takes<'static>;
    /// [`Directive::WORDS`]
    fn words(&self) -> &'static [&'static [&'static str]];
    /// # Errors
    /// Where something is wrong with what is asked for.
    fn resolve(&self, asked: &Asked, reader: &mut Reader) -> Result<Node, Wrong>;
    /// In a chapter. Empty for the node of another directive.
    fn on_page(&self, node: &Node, writer: &mut Writer) -> Markup;
    /// In the body of another directive, on this machine. Empty for the node of another directive.
    fn in_body(&self, node: &Node, context: &Context, machine: &str) -> Markup;
}

impl<D: Directive + Sync> Registered for D {
    fn form(&self) -> Form {
        D::FORM
    }

    fn takes(&self) -> Takes<'static> {
        D::TAKES
    }

    fn words(&self) -> &'static [&'static [&'static str]] {
        D::WORDS
    }

    fn resolve(&self, asked: &Asked, reader: &mut Reader) -> Result<Node, Wrong> {
        Ok(Node::new(D::FORM.name, <D as Directive>::resolve(asked, reader)?))
    }

    fn on_page(&self, node: &Node, writer: &mut Writer) -> Markup {
        let Some(own) = node.get::<D::Node>() else { return html! {} };
        let element = match D::FORM.stands {
            Stands::InASentence => Element::Span,
            Stands::OnItsOwnLines | Stands::Around(_) => Element::Div,
        };
        let there = |context: &Context, machine: &str| self.in_body(node, context, machine);
        match D::SHOWS {
            Shows::Anywhere(shown) => shown(own),
            Shows::OnAPage(shown) => shown(own, writer),
            Shows::OnEachMachine(_) => writer.place(element, None, there),
            Shows::OfArms(_, arms) => {
                let (experiment, options) = arms(own);
                if let Some(machine) = &options.machine {
                    return self.in_body(node, writer.context, machine);
                }
                let class = writer.python_beside(experiment, options).then_some("py-beside");
                writer.place(element, class, there)
            }
        }
    }

    fn in_body(&self, node: &Node, context: &Context, machine: &str) -> Markup {
        let Some(own) = node.get::<D::Node>() else { return html! {} };
        let shown = match D::SHOWS {
            Shows::Anywhere(shown) => return shown(own),
            Shows::OnAPage(_) => return html! {},
            Shows::OnEachMachine(shown) | Shows::OfArms(shown, _) => shown,
        };
        match context.records.machines.get(machine) {
            Some(records) => one_line(shown(own, &Here { context, records, machine })),
            None => {
                let why = "nothing was measured on this machine yet";
                match D::FORM.stands {
                    Stands::InASentence => unmeasured(why),
                    Stands::OnItsOwnLines | Stands::Around(_) => html! { p.unmeasured { (why) } },
                }
            }
        }
    }
}

/// The one of this name.
pub fn named(all: &[&'static dyn Registered], name: &str) -> Option<&'static dyn Registered> {
    all.iter().find(|known| known.form().name == name).copied()
}

/// How each is written.
pub fn forms(all: &[&dyn Registered]) -> Vec<Form> {
    all.iter().map(|known| known.form()).collect()
}
