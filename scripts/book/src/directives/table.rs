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
pub(super) struct Table;

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

#[cfg(test)]
mod tests {
    use crate::directives::tests::{assert_wrong, page};
    use crate::fixtures::{HOME, TinyBook, assert_shows, fetch};

    #[test]
    fn a_column_that_no_table_has_is_answered_with_the_nearest_one() {
        assert_wrong(
            "{{#table fetch columns=time,meory}}",
            "columns=time,meory",
            "no column named `meory`",
            "did you mean `memory`?",
        );
    }

    #[test]
    fn a_table_has_every_arm_its_interval_and_the_ceiling() {
        let page = page("{{#table fetch}}\n");
        assert_shows(
            &page.content,
            &[
                "<th scope=\"col\">Times as fast as sequential</th>",
                "<th scope=\"row\">threads (2)</th><td class=\"n\">52.2 ms (52.1 to 52.2)</td>",
                "1.92 (1.92 to 1.93), faster",
                "against itself",
                "ceiling (2)",
                "<th scope=\"col\">900</th>",
                "counted over all rounds",
                // It makes many trials, and the base does the work once.
                "<td class=\"n\">other work</td>",
            ],
        );
        let cells = |row: &str| row.matches("<th ").count() + row.matches("<td").count();
        let rows: Vec<&str> =
            page.content.split("<tr").filter(|row| row.contains("ceiling (")).collect();
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| cells(row) == 5), "as many cells as the head: {rows:?}");
        let columns = "{{#table fetch arms=threads,polite columns=cores,memory,p50,p99}}\n";
        let columns = TinyBook::measured().page(columns).content;
        assert_shows(
            &columns,
            &[
                "<th scope=\"col\">Cores busy</th><th scope=\"col\">Peak memory</th><th scope=\"col\">p50</th>",
                "not exposed",
                "not recorded",
                "<td class=\"n\">99.0 ms</td>",
            ],
        );
        assert!(!columns.contains("Times as fast") && !columns.contains("sequential"), "{columns}");
        let chosen = TinyBook::measured().page("{{#table fetch arms=polite}}\n").content;
        assert!(!chosen.contains("threads (2)") && !chosen.contains("ceiling (2)"), "{chosen}");
        assert!(!chosen.contains("not available there"), "{chosen}");
        // The one makes many trials and the other none: there is nothing to compare.
        let apart = TinyBook::measured().page("{{#table fetch arms=sequential,polite}}\n").content;
        assert!(!apart.contains("Times as fast") && !apart.contains("other work"), "{apart}");
        let asked = TinyBook::measured().page("{{#table fetch arms=python_threads}}\n").content;
        assert!(asked.contains("not available there: python3 was not found"), "{asked}");
    }

    #[test]
    fn where_the_work_differs_nothing_is_said_of_how_many_times_as_fast() {
        let book = TinyBook::measured();
        let mut measurement = fetch(52.0);
        measurement.description.different_work = true;
        book.record(HOME, 2, measurement);
        let table = book.page("{{#table fetch}}\n").content;
        assert_shows(
            &table,
            &["<th scope=\"row\">threads (2)</th><td class=\"n\">52.2 ms (52.1 to 52.2)</td>"],
        );
        for word in ["Times as fast", "faster", "against itself", "ceiling ("] {
            assert!(!table.contains(word), "`{word}` is in\n{table}");
        }
    }

    #[test]
    fn the_base_of_a_comparison_is_always_in_the_table_and_can_be_another_arm() {
        let alone = page("{{#table fetch arms=threads}}\n").content;
        let base = alone.find("<th scope=\"row\">sequential</th>").expect("the base has a row");
        assert!(base < alone.find("threads (1)").unwrap(), "{alone}");
        let itself = page("{{#table fetch arms=sequential base=threads}}\n").content;
        assert_shows(&itself, &["Times as fast as threads"]);
        // An arm over the axis has no point where the other has none: there is nothing to compare.
        assert!(!itself.contains("faster"), "{itself}");
    }
}
