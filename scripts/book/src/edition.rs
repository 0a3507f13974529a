//! What the pages say of themselves: what they were built from, where they are published, and on which
//! machine they were built.
//!
//! A book of which nothing of this is known is rendered all the same, and says less.

use std::collections::BTreeMap;

use lab::machine::Machine;

use crate::project::Project;
use crate::records::{Records, own_name};

/// One edition of the book.
#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// Where it is published, with a slash at the end: `https://example.org/course/`.
    pub address: Option<String>,
    /// Where its sources are, without a slash at the end.
    pub repository: Option<String>,
    /// What it was built from; `None` outside of a repository.
    pub commit: Option<Commit>,
    /// The machine that it was built on, by the name of its records; `None` in what is published.
    pub local: Option<String>,
}

/// What the pages were built from.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The whole id, in hexadecimal digits.
    pub id: String,
    /// "25 November 2026", where it was committed.
    pub date: String,
    /// Whether a file that Git knows differed from it.
    pub changed: bool,
}

/// The machine that this runs on, where it was measured and its folder holds no other's records.
pub fn local(project: &Project, records: &Records, here: &Machine) -> Option<String> {
    let name = own_name(&project.measurements(), here);
    let own = records.machines.get(&name)?;
    let measured = own.records.values().any(|record| record.measurement.is_some());
    measured.then_some(name)
}

impl Commit {
    /// "1a2b3c4d… 2026-11-25T18:22:17+00:00"
    pub fn parse(said: &str) -> Option<Commit> {
        let (id, time) = said.trim().split_once(' ')?;
        let is_id = id.len() >= 7 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let date = day(time.trim().split('T').next()?)?;
        is_id.then(|| Commit { id: id.to_string(), date, changed: false })
    }

    /// As much of the id as people say.
    pub fn short(&self) -> &str {
        &self.id[..7]
    }
}

/// "25 November 2026" of "2026-11-25"
fn day(date: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    // Asked whether there is such a day.
    humantime::parse_rfc3339(&format!("{date}T00:00:00Z")).ok()?;
    let mut numbers = date.split('-').filter_map(|number| number.parse::<usize>().ok());
    let (year, month, day) = (numbers.next()?, numbers.next()?, numbers.next()?);
    Some(format!("{day} {} {year}", MONTHS.get(month.checked_sub(1)?)?))
}

/// From a log, newest commit first: a line with `//` and the date, then a line for each file.
pub fn newest(log: &str) -> BTreeMap<String, String> {
    let mut dates = BTreeMap::new();
    let mut date = "";
    for line in log.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("//") {
            Some(next) => date = next,
            None => drop(dates.entry(line.to_string()).or_insert_with(|| date.to_string())),
        }
    }
    dates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::TinyBook;

    #[test]
    fn records_of_other_hardware_under_this_name_are_not_of_this_machine() {
        let book = TinyBook::measured();
        let (project, records) = (book.project(), book.records());
        let local = |here: &Machine| local(&project, &records, here);
        let (name, own) = records.machines.iter().next().unwrap();
        assert_eq!(local(&own.machine).as_ref(), Some(name));
        let other = Machine { architecture: "of a museum".into(), ..own.machine.clone() };
        assert_eq!(local(&other), None);
        let unmeasured = Machine { name: "elsewhere".into(), ..own.machine.clone() };
        assert_eq!(local(&unmeasured), None);
    }

    #[test]
    fn a_commit_is_an_id_and_a_time() {
        let said = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d 2026-11-25T23:30:00-02:00\n";
        let commit = Commit::parse(said).unwrap();
        assert_eq!((commit.short(), commit.date.as_str()), ("1a2b3c4", "25 November 2026"));
        for wrong in [
            "",
            "1a2b3c4",
            "1a2b3c4 yesterday",
            "main 2026-11-25T23:30:00Z",
            "1a2b3c4 2026-13-25T23:30:00Z",
        ] {
            assert_eq!(Commit::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_file_has_the_date_of_the_newest_commit_that_touched_it() {
        let log = "//2026-11-25\n\nsrc/a.md\n//2026-11-20\n\nsrc/a.md\nsrc/für b.md\n";
        let dates = newest(log);
        assert_eq!(dates["src/a.md"], "2026-11-25");
        assert_eq!(dates["src/für b.md"], "2026-11-20");
    }
}
