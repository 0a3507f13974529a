//! What a round of an experiment costs, from the records: known before the first round of a new one.

use std::fs;
use std::path::Path;
use std::time::Duration;

use lab::record::{Description, Record};

/// The cost of one round, as this machine's record tells it, else that of the book's machine, else that of
/// any other. `None` where no machine has measured the experiment.
///
/// Arms and points differ between versions and machines (a threads axis ends at twice the cores), so that
/// what is carried over is the cost of a run.
pub(crate) fn of_a_round(
    measurements: &Path,
    here: &str,
    usual: Option<&str>,
    description: &Description,
) -> Option<Duration> {
    let mut machines: Vec<String> =
        [Some(here), usual].into_iter().flatten().map(Into::into).collect();
    let mut others: Vec<String> = fs::read_dir(measurements)
        .into_iter()
        .flatten()
        .flatten()
        .map(|folder| folder.file_name().to_string_lossy().into_owned())
        .collect();
    others.sort();
    machines.append(&mut others);
    let runs = description.points().len();
    machines.iter().find_map(|machine| {
        let record = Record::read(&Record::path(measurements, machine, &description.name)).ok()?;
        let measurement = record.measurement?;
        let then = measurement.description.points().len().max(1);
        Some(measurement.cost_of_a_round()?.mul_f64(runs as f64 / then as f64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use book::fixtures::{TinyBook, fetch};

    /// The fixture's measurement, with rounds that began so many seconds apart.
    fn recorded(book: &TinyBook, machine: &str, seconds: u64) -> Description {
        let mut measurement = fetch(52.0);
        let began = humantime::parse_rfc3339("2026-11-22T04:30:00Z").unwrap();
        for (index, round) in measurement.rounds.iter_mut().enumerate() {
            let passed = Duration::from_secs(seconds * index as u64);
            round.started = humantime::format_rfc3339_seconds(began + passed).to_string();
        }
        let description = measurement.description.clone();
        measurement.finished = None;
        book.record(machine, 2, measurement);
        description
    }

    #[test]
    fn the_cost_of_a_round_is_this_machines_else_the_books_machines_else_any() {
        let book = TinyBook::new();
        let measurements = book.root().join("measurements");
        let cost = |description: &Description| {
            of_a_round(&measurements, "here-2c", Some("usual-4c"), description)
        };
        let description = recorded(&book, "another-2c", 5);
        assert_eq!(cost(&description), Some(Duration::from_secs(5)));
        recorded(&book, "usual-4c", 3);
        assert_eq!(cost(&description), Some(Duration::from_secs(3)));
        recorded(&book, "here-2c", 2);
        assert_eq!(cost(&description), Some(Duration::from_secs(2)));
        let mut grown = description.clone();
        grown.arms.push(lab::record::Arm { name: "new".into(), ..grown.arms[0].clone() });
        assert!(cost(&grown) > cost(&description), "one run more");
        let unknown = Description { name: "unknown".into(), ..description };
        assert_eq!(cost(&unknown), None);
    }
}
