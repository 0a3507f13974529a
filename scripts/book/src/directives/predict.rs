//! A question that a reader answers before the measurement is shown.

use maud::{Markup, html};

use super::reader::{Reader, Takes};
use super::writer::Here;
use super::{Directive, Shows};
use crate::diagnostic::Wrong;
use crate::html::Bodies;
use crate::syntax::{self, Asked, Block, Form, Piece, Stands};
use crate::tree::{Choice, Predict as Prediction};

/// `{{#predict word_count}}…{{#choice CONDITION}}…{{#because}}…{{/predict}}`
pub(super) struct Predict;

impl Directive for Predict {
    const FORM: Form = Form {
        name: "predict",
        stands: Stands::Around(Block {
            end: "/predict",
            marks: &["choice", "because"],
            holds: &[],
            alike: "`{{#claim …}}` or `{{#predict …}}`",
        }),
    };
    const TAKES: Takes<'static> = Takes::NO_WORDS;
    const WORDS: &'static [&'static [&'static str]] = &[&["otherwise"]];
    const SHOWS: Shows<Self::Node> = Shows::OnEachMachine(prediction);
    type Node = Prediction;

    fn resolve(asked: &Asked, reader: &mut Reader) -> Result<Self::Node, Wrong> {
        let (first, rest) = asked.pieces.split_first().expect("a block begins with what opens it");
        let open = &first.mark;
        let name = reader.text[open.arguments.clone()].to_string();
        let experiment = reader.experiment(&name, open.arguments.clone())?;
        if rest.iter().filter(|piece| piece.mark.name == "choice").count() < 2 {
            let label = "add `{{#choice CONDITION}}text{{#because}}why`";
            return Err(Wrong::new(
                open.span.clone(),
                "a prediction needs two choices or more",
                label,
            ));
        }
        let question = reader.body(first);
        let mut choices = Vec::new();
        let mut rest = rest.iter().peekable();
        while let Some(piece) = rest.next() {
            if piece.mark.name != "choice" {
                reader.wrong.push(syntax::out_of_place(&piece.mark));
                continue;
            }
            let because = rest.next_if(|next| next.mark.name == "because");
            choices.push(choice(reader, &experiment, piece, because)?);
        }
        Ok(Prediction { experiment, question, choices })
    }
}

fn choice(
    reader: &mut Reader,
    experiment: &str,
    piece: &Piece,
    because: Option<&Piece>,
) -> Result<Choice, Wrong> {
    let arguments = &piece.mark.arguments;
    let condition = match &reader.text[arguments.clone()] {
        "otherwise" => None,
        _ => Some(reader.condition(experiment, arguments.clone())?),
    };
    let because = because.ok_or_else(|| {
        let label = "`{{#because}}` and an explanation are missing";
        Wrong::new(piece.mark.span.clone(), "this choice explains nothing", label)
    })?;
    Ok(Choice { condition, text: reader.body(piece), because: reader.body(because) })
}

/// A question with its choices. The answer is folded; a script unfolds it when the reader has chosen.
fn prediction(predict: &Prediction, here: &Here) -> Markup {
    let Here { context, machine, .. } = *here;
    html! {
        form.predict data-experiment=(predict.experiment) {
            fieldset {
                legend { "Before you look" }
                .question { (context.html(&predict.question, machine)) }
                @for (number, choice) in predict.choices.iter().enumerate() {
                    label {
                        input type="radio" name="choice" value=(number);
                        span { (context.inline(&choice.text, machine)) }
                    }
                }
            }
            details.answer {
                summary { "The answer" }
                (right_answer(predict, here))
                @for (number, choice) in predict.choices.iter().enumerate() {
                    .because data-choice=(number) {
                        p.about { (context.inline(&choice.text, machine)) }
                        (context.html(&choice.because, machine))
                    }
                }
            }
        }
    }
}

fn right_answer(predict: &Prediction, here: &Here) -> Markup {
    let right = right_choice(predict, here);
    html! {
        p.right data-choice=[right] {
            @if let Some(number) = right {
                "Here it is: "
                strong { (here.context.inline(&predict.choices[number].text, here.machine)) }
            } @else {
                (predict.experiment)
                " was not measured on this machine, so that none of them can be called right here."
            }
        }
    }
}

/// The first choice whose condition is met by the medians, or the one that is for otherwise.
fn right_choice(predict: &Prediction, here: &Here) -> Option<usize> {
    let (record, measurement) = here.measured(&predict.experiment)?;
    for (number, choice) in predict.choices.iter().enumerate() {
        match &choice.condition {
            None => return Some(number),
            Some(condition) if condition.leans(measurement, &record.machine)? => {
                return Some(number);
            }
            Some(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::directives::tests::{assert_wrong, page};
    use crate::fixtures::{AWAY, assert_shows};

    const PREDICT: &str = "{{#predict fetch}}Is *it* faster?\n\
        {{#choice sequential / threads@2 >= 1.5}}yes{{#because}}It takes {{#time fetch.threads@2}}.\n\
        {{#choice otherwise}}no{{#because}}It is not.\n{{/predict}}\n";

    #[test]
    fn the_right_choice_is_the_first_that_a_machines_medians_meet() {
        let page = page(PREDICT);
        assert_shows(
            &page.content,
            &[
                "<form class=\"predict\" data-experiment=\"fetch\">",
                "Is <em>it</em> faster?",
                "<input type=\"radio\" name=\"choice\" value=\"1\"><span>no</span>",
                "data-choice=\"0\">Here it is: <strong>yes</strong>",
                ">52.2 ms</data>",
            ],
        );
        let away = &page.elsewhere[AWAY][&0];
        assert_shows(away, &["data-choice=\"1\">Here it is: <strong>no</strong>"]);
    }

    #[test]
    fn a_prediction_has_two_choices_and_each_says_why() {
        let one = "{{#predict fetch}}Q\n{{#choice otherwise}}no{{#because}}So.\n{{/predict}}";
        let title = "a prediction needs two choices or more";
        assert_wrong(one, "{{#predict fetch}}", title, "add `{{#choice CONDITION}}text");
        let silent = PREDICT.replace("{{#because}}It is not.", "");
        let title = "this choice explains nothing";
        assert_wrong(&silent, "{{#choice otherwise}}", title, "`{{#because}}` and an explanation");
    }
}
