//! A law of scalability beside a measured arm, which a reader moves.

use maud::Markup;

use super::reader::{Reader, Takes, caption};
use super::writer::{Here, not_measured};
use super::{Directive, Shows};
use crate::amdahl;
use crate::diagnostic::{Wrong, suggestion};
use crate::syntax::{Asked, Form, Stands};
use crate::tree;

/// `{{#amdahl experiment.arm "Caption" serial=10}}`
pub(super) struct Amdahl;

impl Directive for Amdahl {
    const FORM: Form = Form { name: "amdahl", stands: Stands::OnItsOwnLines };
    const TAKES: Takes<'static> = Takes {
        words: 1,
        options: &["serial"],
        like: Some("like `{{#amdahl hash_books.threads \"What 16 cores would give\"}}`"),
        ..Takes::NO_WORDS
    };
    const WORDS: &'static [&'static [&'static str]] = &[];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(explorer);
    type Node = tree::Amdahl;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let directive = &asked.directive;
        let arguments = reader.arguments(directive, &Self::TAKES)?;
        let (word, span) = arguments.words[0].clone();
        let Some((name, arm)) = word.split_once('.') else {
            let title = "which arm of which experiment?";
            return Err(Wrong::new(span, title, "like `hash_books.threads`"));
        };
        let experiment = reader.experiment(name, span.start..span.start + name.len())?;
        let arm_span = span.start + name.len() + 1..span.end;
        if let Some(description) = reader.context.description(&experiment) {
            let Some(found) = description.arm(arm) else {
                let names: Vec<&str> =
                    description.arms.iter().map(|arm| arm.name.as_str()).collect();
                let title = format!("`{experiment}` has no arm named `{arm}`");
                return Err(Wrong::new(arm_span, title, suggestion(arm, &names)));
            };
            if found.at.is_empty() || description.base.is_none() {
                let title = format!("`{arm}` was not measured over numbers of threads");
                return Err(Wrong::new(arm_span, title, "a law needs a base and an axis"));
            }
        }
        let mut serial = 10.0;
        for (_, value, span) in &arguments.options {
            serial =
                value.parse().ok().filter(|percent| (0.0..=50.0).contains(percent)).ok_or_else(
                    || {
                        let title = format!("`{value}` is no serial fraction");
                        Wrong::new(span.clone(), title, "in percent, from 0 to 50: `serial=10`")
                    },
                )?;
        }
        let caption = caption(&arguments, directive)?;
        Ok(tree::Amdahl { experiment, arm: arm.into(), caption, serial })
    }
}

fn explorer(asked: &tree::Amdahl, here: &Here) -> Markup {
    match here.measured(&asked.experiment) {
        Some((record, measurement)) => amdahl::explorer(here.context, record, measurement, asked),
        None => not_measured(&asked.experiment),
    }
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::assert_wrong;
    use crate::fixtures::{AWAY, TinyBook};

    #[test]
    fn a_law_needs_an_arm_over_threads_a_caption_and_a_fraction() {
        let threads = "{{#amdahl fetch.threads \"C\" serial=12.5}}";
        assert!(TinyBook::measured().page(threads).content.contains("12.5 %"));
        let (title, label) = ("which arm of which experiment?", "like `hash_books.threads`");
        assert_wrong("{{#amdahl fetch \"C\"}}", "fetch", title, label);
        assert_wrong("{{#amdahl fetsch.threads \"C\"}}", "fetsch", "no experiment", "`fetch`?");
        let title = "`fetch` has no arm named `thread`";
        assert_wrong("{{#amdahl fetch.thread \"C\"}}", "thread", title, "did you mean `threads`?");
        let title = "`polite` was not measured over numbers of threads";
        assert_wrong("{{#amdahl fetch.polite \"C\"}}", "polite", title, "a base and an axis");
        for serial in ["serial=60", "serial=-1", "serial=many", "serial=NaN"] {
            let directive = format!("{{{{#amdahl fetch.threads \"C\" {serial}}}}}");
            assert_wrong(&directive, serial, "is no serial fraction", "from 0 to 50");
        }
    }

    #[test]
    fn a_law_stands_beside_what_was_measured_on_each_machine() {
        let page =
            TinyBook::measured().page("{{#amdahl fetch.threads \"What more cores would give\"}}\n");
        let html = &page.content;
        assert!(html.contains("Predicted for 16 cores: 6.40 times as fast as one."), "{html}");
        assert!(html.contains("However many there are, at most 10.0 times."), "{html}");
        // 1 / (0.1 + 0.9 / 2), and what two threads gained there.
        assert!(html.contains("On this machine, with 2 cores: 1.82 predicted, 1.9"), "{html}");
        assert!(html.contains("<td class=\"n\" data-p=\"64\">8.77</td>"), "{html}");
        assert_eq!(html.matches("type=\"range\"").count(), 3);
        let away = &page.elsewhere[AWAY][&0];
        assert!(away.contains("with 1 core: 1.00 predicted"), "{away}");
        for part in ["class=\"law\"", "class=\"chosen\"", "ceiling", "k-threads"] {
            assert_eq!(html.contains(part), away.contains(part), "{part}");
            assert!(html.contains(part), "{part}");
        }
    }
}
