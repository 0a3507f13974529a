//! The project as it would stand on somebody else's computer: with the records of one machine more, whose
//! numbers the pages show first.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use book::project::Project;
use book::records::{MachineRecords, Records};
use lab::machine::Machine;
use lab::record::{Description, Measurement, Point, Record, Sample};
use tempfile::TempDir;
use toml::{Table, Value};
use walkdir::WalkDir;

use crate::render;
use crate::sources::Sources;

/// First in every list that is sorted by name.
const NAME: &str = "0-invented-7c";
/// More than one and no power of two: few machines have as many.
const CORES: u64 = 7;
/// It takes this many times as long for everything.
const SLOWER: f64 = 1.5;

/// Such a copy with its rendered book, in a folder that goes with it.
pub(super) struct Elsewhere {
    folder: TempDir,
}

impl Elsewhere {
    /// # Errors
    /// Where no machine has records to invent others from, where a file cannot be copied, and what is
    /// wrong with the book of the copy.
    pub(super) fn make(project: &Project) -> Result<Elsewhere> {
        let folder = tempfile::tempdir().context("a temporary folder")?;
        let elsewhere = Elsewhere { folder };
        let root = elsewhere.project();
        copy(project, root)?;
        name_in_settings(root)?;
        let copy = Project::at(root)?;
        record(project, &copy.measurements())?;
        render::render(&copy, None)?;
        Ok(elsewhere)
    }

    /// The copy's folder.
    pub(super) fn project(&self) -> &Path {
        self.folder.path()
    }

    /// Its pages.
    pub(super) fn book(&self) -> PathBuf {
        self.project().join("book")
    }
}

/// Copies what the book is made of; the rest is built from it.
fn copy(project: &Project, to: &Path) -> Result<()> {
    let sources = Sources::of(project);
    for folder in sources.folders.iter().filter(|folder| project.root.join(folder).is_dir()) {
        copy_folder(&project.root, folder, &sources, to)?;
    }
    for file in &sources.files {
        let (from, to) = (project.root.join(file), to.join(file));
        let folder = to.parent().map_or(Ok(()), fs::create_dir_all);
        let copied = folder.and_then(|()| fs::copy(&from, to));
        copied.with_context(|| from.display().to_string())?;
    }
    Ok(())
}

/// Copies a folder of one project into another, without what building the book has left there.
fn copy_folder(from: &Path, folder: &Path, sources: &Sources, to: &Path) -> Result<()> {
    let is_source = |path: &Path| path.strip_prefix(from).is_ok_and(|path| sources.contain(path));
    for entry in WalkDir::new(from.join(folder))
        .follow_links(true)
        .into_iter()
        .filter_entry(|entry| is_source(entry.path()))
    {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        let copied = if entry.file_type().is_dir() {
            fs::create_dir_all(&target)
        } else {
            fs::copy(entry.path(), &target).map(drop)
        };
        copied.with_context(|| entry.path().display().to_string())?;
    }
    Ok(())
}

/// Writes the invented machine's records into the copy's folder of measurements.
fn record(project: &Project, measurements: &Path) -> Result<()> {
    let records = Records::read(&project.measurements())?;
    let named = project.settings.machine.as_ref().and_then(|name| records.machines.get(name));
    let Some(usual) = named.or_else(|| records.machines.values().next()) else {
        bail!("nothing is recorded here: `cargo course build` records this machine");
    };
    for record in invented(usual) {
        let path = Record::path(measurements, NAME, &record.example);
        record.write(&path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// The records of a machine as the invented one would have them.
fn invented(usual: &MachineRecords) -> impl Iterator<Item = Record> {
    usual.records.values().map(|record| {
        let mut record = record.clone();
        let cores = record.machine.cores;
        record.machine = machine(&record.machine);
        record.unfinished = None;
        reach(&mut record.description, cores);
        if let Some(measurement) = &mut record.measurement {
            reach(&mut measurement.description, cores);
            measure(measurement, cores);
        }
        record
    })
}

fn machine(usual: &Machine) -> Machine {
    Machine {
        name: NAME.into(),
        label: format!("Invented, {CORES} cores"),
        cpu: Some("Invented".into()),
        cores: CORES,
        logical_cores: CORES,
        physical_cores: Some(CORES),
        affinity: None,
        quota_cores: None,
        ..usual.clone()
    }
}

/// What was measured with as many threads as there are cores is also measured with as many as there are now.
fn reach(description: &mut Description, cores: u64) {
    if let Some(axis) = description.axis.as_mut().filter(|axis| axis.ceiling) {
        extend(&mut axis.at, cores);
        for arm in &mut description.arms {
            extend(&mut arm.at, cores);
        }
    }
    if let Some(limit) = description.limit.as_mut().filter(|limit| limit.cores == cores) {
        limit.cores = CORES;
    }
}

fn extend(points: &mut Vec<u64>, cores: u64) {
    if points.contains(&cores) && !points.contains(&CORES) {
        points.push(CORES);
        points.sort_unstable();
    }
}

/// The samples of those points, and the time that all of them take.
fn measure(measurement: &mut Measurement, cores: u64) {
    let points = measurement.description.points();
    for round in &mut measurement.rounds {
        let measured = std::mem::take(&mut round.samples);
        let sample_of = |point: &Point| measured.iter().find(|sample| sample.point() == *point);
        round.samples.extend(points.iter().filter_map(|point| {
            let as_before = Point::new(&point.arm, point.at.map(|_| cores));
            let sample = sample_of(point).or_else(|| sample_of(&as_before))?;
            Some(slower(Sample { at: point.at, ..sample.clone() }))
        }));
    }
}

fn slower(sample: Sample) -> Sample {
    let longer = |nanoseconds: u64| (nanoseconds as f64 * SLOWER) as u64;
    Sample {
        wall_ns: longer(sample.wall_ns),
        user_ns: sample.user_ns.map(longer),
        system_ns: sample.system_ns.map(longer),
        latencies_ns: sample.latencies_ns.iter().copied().map(longer).collect(),
        ..sample
    }
}

/// The pages of the copy show the invented machine first.
fn name_in_settings(root: &Path) -> Result<()> {
    let path = root.join("book.toml");
    let context = || path.display().to_string();
    let text = fs::read_to_string(&path).with_context(context)?;
    let mut settings: Table = text.parse().with_context(context)?;
    let course = ["preprocessor", "course"].iter().try_fold(&mut settings, |table, name| {
        table.entry(*name).or_insert_with(|| Value::Table(Table::new())).as_table_mut()
    });
    let course = course.context("book.toml: `preprocessor.course` is no table")?;
    course.insert("machine".into(), NAME.into());
    fs::write(&path, settings.to_string()).with_context(context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use book::fixtures::{AWAY, HOME, TinyBook, fetch};

    /// A book that mdBook can build, measured on two machines.
    fn project() -> TinyBook {
        let book = TinyBook::new();
        book.write("src/SUMMARY.md", "# Summary\n\n- [Ideas](ideas.md)\n");
        let page =
            "# Ideas\n\nIt takes {{#time fetch.threads@cores}} on {{#machine cores}} cores.\n";
        book.write("src/ideas.md", page);
        book.write("theme/course.css", "");
        book.write("Cargo.toml", "");
        book.write("Cargo.lock", "");
        // The keys of records are of the book as it is now.
        book.record(HOME, 2, fetch(52.0));
        book.record(AWAY, 1, fetch(101.0));
        book
    }

    #[test]
    fn the_copy_has_one_machine_more_first_of_all_and_shows_its_numbers() {
        let book = project();
        let elsewhere = Elsewhere::make(&book.project()).unwrap();
        let copy = Project::at(elsewhere.project()).unwrap();
        let records = Records::read(&copy.measurements()).unwrap();
        assert!(records.damaged.is_empty(), "{:?}", records.damaged);
        assert_eq!(records.machines.keys().collect::<Vec<_>>(), [NAME, AWAY, HOME]);
        assert_eq!(copy.settings.machine.as_deref(), Some(NAME));
        let page = fs::read_to_string(elsewhere.book().join("ideas.html")).unwrap();
        // 52 ms on two cores at home.
        let shown = ["78.", "Invented, 7 cores", "7 cores"];
        for words in shown {
            assert!(page.contains(words), "`{words}` is not in {page}");
        }
        let index = fs::read_to_string(elsewhere.book().join("machines/index.json")).unwrap();
        assert!(index.contains(NAME) && index.contains(HOME), "{index}");
    }

    #[test]
    fn the_project_itself_stays_as_it_was() {
        let book = project();
        let before = book.records();
        let folder = Elsewhere::make(&book.project()).unwrap().project().to_path_buf();
        assert!(!folder.exists(), "the copy goes with its value");
        assert!(!book.root().join("book").exists());
        assert_eq!(book.project().settings.machine.as_deref(), Some(HOME));
        assert_eq!(book.records().machines.len(), before.machines.len());
    }

    #[test]
    fn where_nothing_is_recorded_it_says_what_records() {
        let book = TinyBook::new();
        for path in ["src/SUMMARY.md", "theme/course.css", "Cargo.toml", "Cargo.lock"] {
            book.write(path, "");
        }
        book.write("measurements/notes.txt", "");
        let Err(why) = Elsewhere::make(&book.project()) else { panic!("nothing to invent from") };
        assert!(why.to_string().contains("`cargo course build` records"), "{why}");
    }
}
