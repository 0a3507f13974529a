//! Every record under `measurements/`, read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab::machine::Machine;
use lab::record::{Description, Record};

/// The records of all machines.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// By folder name.
    pub machines: BTreeMap<String, MachineRecords>,
    /// Records that could not be read: path, and why.
    pub damaged: Vec<(PathBuf, String)>,
}

/// The records of one machine, by example.
#[derive(Clone, Debug)]
pub struct MachineRecords {
    /// As its records describe it.
    pub machine: Machine,
    /// By the name of the example.
    pub records: BTreeMap<String, Record>,
}

impl Records {
    /// Reads `measurements/<machine>/<example>.json`. A record that cannot be read is kept apart,
    /// with the reason; no other is lost by it.
    ///
    /// # Errors
    /// Where a folder that is there cannot be read.
    pub fn read(measurements: &Path) -> Result<Records> {
        let mut all = Records::default();
        for folder in entries(measurements)?.into_iter().filter(|path| path.is_dir()) {
            for path in entries(&folder)? {
                let named_as_record = path.extension().is_some_and(|ending| ending == "json")
                    && !path
                        .file_name()
                        .is_some_and(|name| name.to_string_lossy().starts_with('.'));
                if named_as_record {
                    all.add(&folder, path);
                }
            }
        }
        Ok(all)
    }

    fn add(&mut self, folder: &Path, path: PathBuf) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let record = match Record::read(&path) {
            Ok(record) => record,
            Err(error) => return self.damaged.push((path, error.to_string())),
        };
        if record.example != stem || record.machine.name != name {
            let why = format!(
                "it is the record of {} on {}, and stands under another name; move it back",
                record.example, record.machine.name
            );
            return self.damaged.push((path, why));
        }
        let machine = self.machines.entry(name).or_insert_with(|| MachineRecords {
            machine: record.machine.clone(),
            records: BTreeMap::new(),
        });
        machine.records.insert(stem, record);
    }

    /// The experiment's own account, from the named machine's record if there, else from any.
    pub fn description(&self, example: &str, machine: &str) -> Option<&Description> {
        let has_example = |machine: &'_ MachineRecords| machine.records.contains_key(example);
        let preferred = self.machines.get(machine).filter(|machine| has_example(machine));
        let machine =
            preferred.or_else(|| self.machines.values().find(|machine| has_example(machine)))?;
        machine.records.get(example).map(|record| &record.description)
    }

    /// The record of an example on the machine of this name.
    pub fn get(&self, machine: &str, example: &str) -> Option<&Record> {
        self.machines.get(machine)?.records.get(example)
    }
}

impl MachineRecords {
    /// The newest measurement's date and toolchain: "22 Nov 2026 · rustc 1.95".
    pub fn line(&self) -> String {
        let newest = self.records.values().filter_map(|record| record.measurement.as_ref());
        let newest = newest.max_by_key(|measurement| measurement.started.clone());
        newest
            .map_or_else(String::new, |m| format!("{} · {}", date(&m.started), rustc(&m.toolchain)))
    }
}

/// The name of this machine's folder: its own, or where another machine's records stand under that, the
/// first of `NAME-2`, `NAME-3`, … that is free or this machine's. Different processors can go by one name.
pub fn own_name(measurements: &Path, machine: &Machine) -> String {
    let is_free = |name: &String| stranger(&measurements.join(name), machine).is_none();
    let others = (2..).map(|number| format!("{}-{number}", machine.name));
    let mut names = std::iter::once(machine.name.clone()).chain(others);
    names.find(is_free).unwrap_or_else(|| machine.name.clone())
}

/// The machine of a record in this folder that was made on other hardware.
pub fn stranger(folder: &Path, machine: &Machine) -> Option<Machine> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let records = entries.filter_map(|entry| Record::read(&entry.path()).ok());
    records.map(|record| record.machine).find(|other| !other.same_hardware(machine))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let context = || folder.display().to_string();
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(context)? {
        paths.push(entry.with_context(context)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// "22 Nov 2026" from a record's time.
pub fn date(time: &str) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts = || {
        let mut parts = time.split_once('T')?.0.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        Some(format!("{} {month} {year}", day.parse::<u32>().ok()?))
    };
    parts().unwrap_or_else(|| time.to_string())
}

/// "rustc 1.95" from the first line of `rustc -vV`.
pub fn rustc(toolchain: &str) -> String {
    let version = toolchain.split_whitespace().nth(1).unwrap_or("not recorded");
    let short: Vec<&str> = version.splitn(3, '.').take(2).collect();
    format!("rustc {}", short.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_record_is_named_and_hides_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let machine = folder.path().join("m-2c");
        fs::create_dir_all(&machine).unwrap();
        let whole = Record {
            version: lab::record::VERSION,
            example: "sum".into(),
            machine: Machine { name: "m-2c".into(), ..Machine::default() },
            description: Description::default(),
            demo: None,
            measurement: None,
            unfinished: None,
            timelines: Vec::new(),
        };
        whole.write(&machine.join("sum.json")).unwrap();
        whole.write(&machine.join("renamed.json")).unwrap();
        let text = fs::read_to_string(machine.join("sum.json")).unwrap();
        fs::write(machine.join("cut.json"), &text[..text.len() / 2]).unwrap();
        fs::write(machine.join("old.json"), text.replace("\"version\": 1", "\"version\": 0"))
            .unwrap();
        fs::write(machine.join("edited.json"), text.replace("\"timelines\"", "\"timeline\""))
            .unwrap();
        fs::write(machine.join("notes.txt"), "not a record").unwrap();
        let all = Records::read(folder.path()).unwrap();
        assert_eq!(all.machines["m-2c"].records.keys().collect::<Vec<_>>(), ["sum"]);
        let why: BTreeMap<String, &str> = all
            .damaged
            .iter()
            .map(|(path, why)| {
                (path.file_stem().unwrap().to_string_lossy().into_owned(), why.as_str())
            })
            .collect();
        assert!(why["cut"].contains("cut short or edited"), "{}", why["cut"]);
        assert!(why["edited"].contains("unknown field `timeline`"), "{}", why["edited"]);
        assert!(why["old"].contains("layout version 0"), "{}", why["old"]);
        assert!(why["renamed"].contains("stands under another name"), "{}", why["renamed"]);
    }

    #[test]
    fn dates_and_toolchains_are_said_shortly() {
        assert_eq!(date("2026-11-22T04:30:00Z"), "22 Nov 2026");
        assert_eq!(rustc("rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc"), "rustc 1.95");
    }
}
