//! The chooser: a few questions whose answers lead to one recommendation.
//!
//! Without a script it is a list of all recommendations with their conditions; with one, the
//! questions are asked and what remains is shown.

use std::ops::Range;

use maud::{Markup, html};
use serde_json::json;

use crate::diagnostic::{Wrong, counted};
use crate::html::{Bodies, joined};
use crate::tree::{Chooser, Question, Recommendation};

impl Recommendation {
    fn is_for(&self, answers: &[usize]) -> bool {
        self.when.iter().zip(answers).all(|(meant, answer)| meant.contains(answer))
    }
}

impl Chooser {
    /// Every combination of answers leads to exactly one recommendation, and every recommendation
    /// is reached.
    ///
    /// # Errors
    /// At `span`, where a combination has no recommendation; at a recommendation that is a second one for it, or is
    /// never reached.
    pub fn check(&self, span: Range<usize>) -> Result<(), Wrong> {
        let mut uncovered = Vec::new();
        for answers in self.combinations() {
            let mut found = self.recommendations.iter().filter(|one| one.is_for(&answers));
            match (found.next(), found.next()) {
                (None, _) => uncovered.push(answers),
                (Some(first), Some(second)) => {
                    let title = format!("two recommendations for {}", self.in_words(&answers));
                    let label = format!("this one, and the one on line {}", first.line);
                    return Err(Wrong::new(second.span.clone(), title, label));
                }
                (Some(_), None) => {}
            }
        }
        match uncovered.first() {
            None => Ok(()),
            Some(first) => {
                let title = format!("no recommendation for {}", self.in_words(first));
                let label = match uncovered.len() - 1 {
                    0 => "add `{{#recommend …}}` for it".to_string(),
                    more => format!("nor for {more} other combinations of answers"),
                };
                Err(Wrong::new(span, title, label))
            }
        }
    }

    /// Every way to answer all questions.
    fn combinations(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for question in &self.questions {
            let longer = |answers: Vec<usize>| {
                question.any().into_iter().map(move |answer| {
                    let mut longer = answers.clone();
                    longer.push(answer);
                    longer
                })
            };
            all = all.into_iter().flat_map(longer).collect();
        }
        all
    }

    /// `waits=others many=few`, as an author would write it.
    fn in_words(&self, answers: &[usize]) -> String {
        let word = |(question, answer): (&Question, &usize)| {
            format!("{}={}", question.name, question.answers[*answer].name)
        };
        self.questions.iter().zip(answers).map(word).collect::<Vec<_>>().join(" ")
    }

    /// The questions, for a script, and all recommendations with what they are for.
    pub fn html(&self, bodies: &dyn Bodies, machine: &str) -> Markup {
        html! {
            .chooser {
                form.with-script
                    aria-label={ (counted(self.questions.len(), "question")) " to choose by" } {
                    @for question in &self.questions { (question.html(bodies, machine)) }
                    p.again {
                        button type="reset" { "Begin again" }
                        button.all type="button" aria-pressed="false" { "Show all recommendations" }
                    }
                }
                p.reached.with-script role="status" {}
                @for one in &self.recommendations { (self.recommended(one, bodies, machine)) }
            }
        }
    }

    fn recommended(&self, one: &Recommendation, bodies: &dyn Bodies, machine: &str) -> Markup {
        let asked = self.questions.iter().zip(&one.when);
        let when: serde_json::Map<String, serde_json::Value> = asked
            .clone()
            .map(|(question, meant)| {
                let names = meant.iter().map(|&number| question.answers[number].name.as_str());
                (question.name.clone(), names.collect())
            })
            .collect();
        let conditions: Vec<Markup> = asked
            .filter(|(question, meant)| meant.len() < question.answers.len())
            .map(|(question, meant)| {
                let answers = meant.iter().map(|&number| {
                    html! { em { (bodies.inline(&question.answers[number].text, machine)) } }
                });
                html! { (bodies.inline(&question.text, machine)) " " (joined(answers, " or ")) }
            })
            .collect();
        html! {
            section.recommendation data-when=(json!(when)) {
                p.when {
                    @if conditions.is_empty() { "Whatever the answers" }
                    (joined(conditions, " · "))
                }
                (bodies.html(&one.body, machine))
            }
        }
    }
}

impl Question {
    fn html(&self, bodies: &dyn Bodies, machine: &str) -> Markup {
        html! {
            fieldset {
                legend { (bodies.inline(&self.text, machine)) }
                @for answer in &self.answers {
                    label {
                        input type="radio" name=(self.name) value=(answer.name);
                        span { (bodies.inline(&answer.text, machine)) }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixtures::{AWAY, TinyBook};

    const QUESTIONS: &str = "{{#question waits}}Does it wait?\n{{#answer yes}}It waits\n{{#answer no}}It computes\n\
                             {{#question many}}How many?\n{{#answer few}}A few\n{{#answer hundreds}}Hundreds\n\
                             {{#answer more}}More than `u16` holds\n";

    fn chooser(recommendations: &str) -> String {
        format!("# Ideas\n\n{{{{#chooser}}}}\n{QUESTIONS}{recommendations}{{{{/chooser}}}}\n")
    }

    const COVERED: &str = "{{#recommend waits=yes many=few}}**Threads**: {{#time fetch.sequential}}.\n\
        {{#recommend waits=yes many=hundreds|more}}**Tasks**.\n\n\
        {{#claim fetch: sequential / threads@2 >= 1.5}}They gain.{{#otherwise}}They do not.{{/claim}}\n\n\
        {{#recommend waits=no}}**A pool**.\n";

    #[track_caller]
    fn assert_wrong(recommendations: &str, underlined: &str, title: &str, label: &str) {
        let text = chooser(recommendations);
        let problems = TinyBook::measured().problems(&text);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let problem = &problems[0];
        assert_eq!(&text[problem.span.clone()], underlined, "{problem}");
        assert!(problem.title.contains(title) && problem.label.contains(label), "{problem}");
    }

    #[test]
    fn every_recommendation_stands_with_its_conditions_and_its_evidence() {
        let page = TinyBook::measured().page(&chooser(COVERED));
        for part in [
            "<div data-m=\"0\"><div class=\"chooser\"><form class=\"with-script\"",
            "<fieldset><legend>How many?</legend><label><input type=\"radio\" name=\"many\" value=\"few\"><span>A few</span>",
            "More than <code>u16</code> holds",
            "<p class=\"when\">Does it wait? <em>It waits</em> · How many? <em>A few</em></p>",
            "How many? <em>Hundreds</em> or <em>More than",
            "data-when=\"{&quot;many&quot;:[&quot;few&quot;,&quot;hundreds&quot;,&quot;more&quot;],&quot;waits&quot;:[&quot;no&quot;]}\"",
            ">100 ms</data>",
            "They gain.",
        ] {
            assert!(page.content.contains(part), "`{part}` is not in\n{}", page.content);
        }
        assert!(page.elsewhere[AWAY][&0].contains("They do not."), "{:?}", page.elsewhere);
        assert!(!page.content.contains("{{"), "{}", page.content);
    }

    #[test]
    fn a_combination_without_a_recommendation_is_an_error() {
        assert_wrong(
            "{{#recommend waits=no}}A\n{{#recommend waits=yes many=few|more}}B\n",
            "{{#chooser}}",
            "no recommendation for waits=yes many=hundreds",
            "add `{{#recommend",
        );
        assert_wrong("{{#recommend waits=no}}A\n", "{{#chooser}}", "many=few", "nor for 2 other");
    }

    #[test]
    fn two_recommendations_for_one_combination_are_an_error_at_the_second() {
        assert_wrong(
            "{{#recommend waits=no}}A\n{{#recommend}}B\n",
            "{{#recommend}}",
            "two recommendations for waits=no many=few",
            "the one on line 11",
        );
    }

    #[test]
    fn words_that_were_not_asked_are_answered_with_the_nearest() {
        assert_wrong(
            "{{#recommend wait=no}}A\n",
            "wait=no",
            "has no option `wait=`",
            "did you mean `waits`?",
        );
        assert_wrong(
            "{{#recommend many=fewer}}A\n",
            "many=fewer",
            "`many` has no answer named `fewer`",
            "did you mean `few`?",
        );
    }
}
