//! A setting that was chosen: `{{#given 40 ms}}`.

use maud::{Markup, html};

use super::reader::{Reader, Takes};
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::syntax::{Asked, Form, Stands};

/// `{{#given 40 ms}}`
pub(super) struct Given;

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

#[cfg(test)]
mod tests {
    use crate::directives::tests::{assert_wrong, page};

    #[test]
    fn what_is_given_stands_as_it_was_written_in_a_sentence_and_in_a_body() {
        let text = "x {{#given 1 < 2 s}}\n\n{{#claim fetch: sequential > 1 ms}}{{#given 40 ms}}{{/claim}}\n";
        let content = page(text).content;
        assert!(content.contains("x <span class=\"given\">1 &lt; 2 s</span>"), "{content}");
        assert!(content.contains("<p><span class=\"given\">40 ms</span></p>"), "{content}");
        assert_wrong("{{#given}}", "{{#given}}", "nothing is given", "like `{{#given 40 ms}}`");
    }
}
