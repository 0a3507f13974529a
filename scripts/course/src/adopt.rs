//! `cargo course adopt`: takes the records that a pack brought, all of a file or none.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, bail};
use book::diagnostic::counted;
use book::project::Project;
use book::records::stranger;
use book::source::{Locked, Sources};
use lab::record::Record;

use crate::command_line::Adopt;
use crate::measure::{Permit, check_name, described};
use crate::message::{status, warning};
use crate::pack::brought;

/// Checks every file first; takes nothing where one is refused.
///
/// # Errors
/// Where one is refused, or the turn was stopped.
pub(crate) fn adopt(project: &Project, options: &Adopt, stop: &AtomicBool) -> Result<()> {
    let _permit = Permit::acquire(project, stop)?;
    let mut taken = Vec::new();
    for file in &options.files {
        let records = checked(project, file, options.machine.as_deref());
        taken.push(records.with_context(|| format!("{} was not taken", file.display()))?);
    }
    for records in taken {
        take(project, records)?;
    }
    Ok(())
}

/// The records of one archive that are worth having, in a folder beside the measurements.
struct Checked {
    machine: String,
    records: Vec<Record>,
}

fn checked(project: &Project, file: &Path, name: Option<&str>) -> Result<Checked> {
    let (brought, files) = brought(file)?;
    let machine = name.unwrap_or(&brought.machine).to_string();
    check_name(&machine)?;
    let (locked, manifest) = (Locked::parse(&project.lock()?)?, project.manifest()?);
    let folder = tempfile::tempdir()?;
    let mut records = Vec::new();
    let mut other = Vec::new();
    for (name, bytes) in &files {
        let path = folder.path().join("record.json");
        fs::write(&path, bytes)?;
        let mut record = Record::read(&path).map_err(|why| anyhow::anyhow!("{name}: {why}"))?;
        if record.machine.name != brought.machine || format!("{}.json", record.example) != *name {
            bail!("{name}: it is the record of {} on {}", record.example, record.machine.name);
        }
        let timing = record.measurement.as_ref().map(|measurement| &measurement.timing_key);
        let sources = Sources::of_example(project, &record.example);
        let keys = sources.map(|sources| sources.keys(&locked, &manifest));
        match (timing, keys) {
            (None, Ok(_)) => {}
            (Some(timing), Ok(keys)) if *timing == keys.timing => {}
            _ => other.push(record.example.clone()),
        }
        record.machine.name.clone_from(&machine);
        records.push(record);
    }
    if !other.is_empty() {
        bail!(
            "it was measured by a pack of other code: {} changed since, or in between. Make a new pack from \
             this project, or go to the commit that the pack was made of",
            other.join(", ")
        );
    }
    let Some(first) = records.first() else { bail!("it holds no record") };
    if let Some(stranger) = stranger(&project.measurements().join(&machine), &first.machine) {
        bail!(
            "{}/{machine} holds records of another machine ({}), and these are of {}; take them under \
             another name: `cargo course adopt --machine NAME {}`",
            project.settings.measurements,
            described(&stranger),
            described(&first.machine),
            file.display()
        );
    }
    Ok(Checked { machine, records })
}

/// Writes them; a record that is newer here stays.
fn take(project: &Project, Checked { machine, records }: Checked) -> Result<()> {
    let started = |record: &Record| {
        record.measurement.as_ref().map(|measurement| measurement.started.clone())
    };
    let mut taken = 0;
    for record in &records {
        let path: PathBuf = Record::path(&project.measurements(), &machine, &record.example);
        let shown = project.shown(&path);
        if let Ok(here) = Record::read(&path)
            && started(&here) > started(record)
        {
            warning(format!("{shown} is newer, and stays"));
            continue;
        }
        record.write(&path).with_context(|| shown)?;
        taken += 1;
    }
    let folder = &project.settings.measurements;
    status("Adopted", format!("{} into {folder}/{machine}/", counted(taken, "record")));
    status("Next", format!("cargo course build --recorded --machine {machine} shows them first"));
    Ok(())
}
