//! A setting that was chosen: `{{#given 40 ms}}`.

use maud::{Markup, html};

use super::reader::{Reader, Takes};
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};

/// `{{#given 40 ms}}`
pub struct Given;

impl Directive for Given {
    const FORM: Form = Form { name: "given", stands: Stands::InASentence };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::Anywhere(|text| given(text));
    type Node = String;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let whole = reader.whole(&asked.directive);
        if whole.is_empty() {
            let span = asked.directive.span.clone();
            return Err(Wrong::new(span, "nothing is given", "like `{{#given 40 ms}}`"));
        }
        Ok(whole.to_string())
    }
}

fn given(text: &str) -> Markup {
    html! { span.given { (text) } }
}
