//! What the pages say of themselves: what they were built from, where they are published, and on which
//! machine they were built.
//!
//! Everything here comes from book.toml, as mdBook reads it, and from Git. A book without either is
//! rendered all the same, and says less.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use lab::machine::Machine;
use mdbook_preprocessor::config::Config;

use crate::measure::own_name;
use crate::message::warning;
use crate::project::Project;
use crate::records::Records;

/// Names the commit where there is no Git to ask: its id, a space, and its time.
pub const COMMIT: &str = "COURSE_COMMIT";

/// One edition of the book.
#[derive(Clone, Debug, Default)]
pub struct Edition {
    /// Where it is published, with a slash at the end: `https://example.org/course/`.
    pub address: Option<String>,
    /// Where its sources are, without a slash at the end.
    pub repository: Option<String>,
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

impl Edition {
    /// The edition of the project in this folder, with the settings of `[output.html]`.
    pub fn of(root: &Path, config: &Config) -> Edition {
        let html = config.html_config().unwrap_or_default();
        let address = html.site_url.filter(|url| is_whole(url));
        let repository = html.git_repository_url.filter(|url| is_whole(url));
        Edition {
            address: address.map(|url| format!("{}/", url.trim_end_matches('/'))),
            repository: repository.map(|url| url.trim_end_matches('/').to_string()),
            commit: Commit::of(root),
            local: None,
        }
    }
}

/// `site-url` may also be a path on a host that is not said.
fn is_whole(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The machine that this runs on, where it was measured and its folder holds no other's records.
pub fn local(project: &Project, records: &Records, here: &Machine) -> Option<String> {
    let name = own_name(&project.measurements(), here);
    let own = records.machines.get(&name)?;
    let measured = own.records.values().any(|record| record.measurement.is_some());
    measured.then_some(name)
}

impl Commit {
    /// The commit that is checked out in this folder, or else the one that `COURSE_COMMIT` names.
    fn of(root: &Path) -> Option<Commit> {
        Commit::checked_out(root).or_else(Commit::told)
    }

    fn checked_out(root: &Path) -> Option<Commit> {
        // A folder that lies in the repository of something else is not of its commit.
        git(root, &["rev-parse", "--verify", "--quiet", "HEAD:./book.toml"])?;
        let said = git(root, &["log", "-1", "--no-show-signature", "--format=%H %cI"])?;
        let changes = git(root, &["status", "--porcelain", "--untracked-files=no", "--", "."])?;
        Some(Commit { changed: !changes.is_empty(), ..Commit::parse(&said)? })
    }

    fn told() -> Option<Commit> {
        let told = env::var(COMMIT).ok().filter(|told| !told.is_empty())?;
        let commit = Commit::parse(&told);
        if commit.is_none() {
            warning(format!(
                "{COMMIT} is `{told}`, so that the pages name no commit; write its id and its time, \
                 as `git log -1 --format='%H %cI'` does"
            ));
        }
        commit
    }

    /// "1a2b3c4d… 2026-11-25T18:22:17+00:00"
    fn parse(said: &str) -> Option<Commit> {
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

/// When each file under this folder was last committed, `2026-11-25`, by its path from the root. Empty
/// where the history is not known or was cut off, because then every file looks new.
pub fn last_changes(root: &Path, folder: &Path) -> BTreeMap<String, String> {
    let is_whole = git(root, &["rev-parse", "--is-shallow-repository"])
        .is_some_and(|shallow| shallow.trim() == "false");
    let folder = folder.to_string_lossy();
    let log = is_whole.then(|| {
        let listed = ["log", "--no-show-signature", "--relative", "--name-only", "--format=//%cs"];
        git(root, &[&["-c", "core.quotePath=false"], &listed[..], &["--", &*folder]].concat())
    });
    log.flatten().map(|log| newest(&log)).unwrap_or_default()
}

/// From a log, newest commit first: a line with `//` and the date, then a line for each file.
fn newest(log: &str) -> BTreeMap<String, String> {
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

/// What Git prints, or `None` where there is no Git, no repository or no answer. It writes nothing.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("--no-optional-locks").args(arguments).current_dir(root);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
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

    #[test]
    fn an_address_is_one_that_can_be_opened_from_anywhere() {
        let edition = |toml: &str| {
            let config: Config = toml.parse().unwrap();
            Edition::of(tempfile::tempdir().unwrap().path(), &config)
        };
        let whole = edition(
            "[output.html]\nsite-url = \"https://example.org/course\"\n\
             git-repository-url = \"https://example.org/us/course/\"\n",
        );
        assert_eq!(whole.address.as_deref(), Some("https://example.org/course/"));
        assert_eq!(whole.repository.as_deref(), Some("https://example.org/us/course"));
        assert_eq!(edition("[output.html]\nsite-url = \"/course/\"\n").address, None);
        assert_eq!(edition("").address, None);
    }
}
