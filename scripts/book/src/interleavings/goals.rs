//! What the reader is asked to do can be done, and what should never be is never.

use super::page::in_words;
use super::program::{Ending, Endings, Goal, Program};
use crate::diagnostic::Wrong;

/// Gives each goal its shortest solution.
///
/// # Errors
/// Where a goal cannot be reached, or one can that should never be.
pub(super) fn solve(program: &Program, goals: &mut [Goal], endings: &Endings) -> Result<(), Wrong> {
    for goal in goals {
        let wrong = |title: String, label: String| Err(Wrong::new(goal.span.clone(), title, label));
        let there: Vec<String> = endings.by_value.keys().map(ToString::to_string).collect();
        match (goal.never, endings.by_value.get(&goal.ending)) {
            (true, None) => {}
            (true, Some((_, order))) => {
                let title = match goal.ending {
                    Ending::Stuck => "an order gets stuck".to_string(),
                    Ending::Value(value) => format!("an order ends in {value}"),
                };
                return wrong(title, in_words(program, order).to_string());
            }
            (false, Some((_, order))) => {
                goal.switches = Endings::switches(order);
                goal.order.clone_from(order);
            }
            (false, None) => {
                let title = match goal.ending {
                    Ending::Stuck => "no order gets stuck".to_string(),
                    Ending::Value(value) => format!("no order ends in {value}"),
                };
                return wrong(title, format!("there are: {}", there.join(", ")));
            }
        }
    }
    Ok(())
}
