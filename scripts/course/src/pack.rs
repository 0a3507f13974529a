//! `cargo course pack`: the examples' programs and this command in one archive, so that a machine without a
//! compiler can be measured.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use book::diagnostic::counted;
use book::project::Project;
use book::source::short_hex;
use lab::record::Record;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::archive::{self, Holds, Writer};
use crate::command_line::Pack as Options;
use crate::examples::Examples;
use crate::measure::Permit;
use crate::message::status;
use crate::packed::{ABOUT, PROGRAMS, Pack, VERSION, refuse_other_version};
use crate::status_line::StatusLine;
use crate::stopped::Stopped;

/// What an archive of records says about itself.
pub(crate) const RECORDS: &str = "records.json";
/// What measuring reads beside the programs: keys are made of sources.
const FILES: [&str; 3] = ["book.toml", "Cargo.toml", "Cargo.lock"];
/// Of the lab, in the book that has it as a part: an arm in another language needs its half of the lab there.
const OF_THE_LAB: [&str; 2] = ["scripts/lab/python", "scripts/lab/c"];
/// Text of some megabytes.
const RECORDS_LEVEL: u32 = 6;

/// What an archive of records holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Brought {
    version: u32,
    /// The folder's name of the machine that was measured.
    pub machine: String,
    /// What measured it.
    pub pack: Pack,
    /// Path in the archive: hash of its bytes.
    pub files: BTreeMap<String, String>,
}

impl Brought {
    /// What stands in an archive's own account of itself.
    ///
    /// # Errors
    /// Where another version of this command wrote it.
    pub(crate) fn parse(text: &[u8]) -> Result<Brought> {
        let brought: Brought = serde_json::from_slice(text).context(RECORDS)?;
        refuse_other_version(RECORDS, brought.version)?;
        Ok(brought)
    }
}

/// `x86_64-linux`: what the programs run on.
fn target() -> String {
    format!("{}-{}", env::consts::ARCH, env::consts::OS)
}

/// Writes the archive.
///
/// # Errors
/// `Stopped` where it was; where something does not compile, or the archive cannot be written.
pub(crate) fn pack(project: &Project, options: &Options, stop: &AtomicBool) -> Result<()> {
    anyhow::ensure!(
        Pack::around(project)?.is_none(),
        "this folder is a pack already; make another from a copy of the whole project"
    );
    let _permit = Permit::acquire(project, stop)?;
    let examples = Examples::compile(project)?;
    let name = format!("course-pack-{}", target());
    let path = match &options.out {
        Some(path) => path.clone(),
        None => project.root.join("target").join(format!("{name}.tar.xz")),
    };
    let mut writer = Writer::begin(&path, &name, Holds::Programs, options.level)?;
    let mut id = Sha256::new();
    let mut programs = 0;
    let line = StatusLine::begin("Packing ");
    let mut add = |name: PathBuf, bytes: Vec<u8>, executable: bool| {
        if stop.load(Ordering::Relaxed) {
            return Err(Stopped.into());
        }
        if executable {
            programs += 1;
            line.set_text(format!("Packing program {programs} of {}", examples.programs.len() + 1));
            id.update(&bytes);
        }
        writer.add(&name, &bytes, executable)
    };
    let here = env::current_exe().context("this program's own file")?;
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    for program in examples.programs.values() {
        let name = program.file_name().unwrap_or_default();
        add(Path::new(PROGRAMS).join(name), read(program)?, true)?;
    }
    add(format!("course{}", env::consts::EXE_SUFFIX).into(), read(&here)?, true)?;
    for path in files(project)? {
        let bytes = read(&project.root.join(&path))?;
        add(path, bytes, false)?;
    }
    let pack = Pack::new(&examples.toolchain, short_hex(id));
    writer.add(Path::new(ABOUT), &serde_json::to_vec_pretty(&pack)?, false)?;
    let (script, text) = starter(&pack);
    writer.add(Path::new(script), text.as_bytes(), true)?;
    line.set_text("Packing: the last bytes are compressed");
    let size = writer.finish()?;
    drop(line);
    status(
        "Packed",
        format!(
            "{}, {:.1} MB: {} for {}",
            project.shown(&path),
            size as f64 / 1e6,
            counted(examples.programs.len(), "program"),
            target()
        ),
    );
    status("Next", format!("unpack it there, and in the folder {name} type `./{script}`"));
    Ok(())
}

/// What is read beside the programs, relative to the project, in one order.
fn files(project: &Project) -> Result<Vec<PathBuf>> {
    let Project { root, settings, .. } = project;
    let mut found: Vec<PathBuf> = FILES.iter().map(PathBuf::from).collect();
    let of_the_book = [&settings.examples, &settings.listings].map(PathBuf::from);
    let of_the_lab = OF_THE_LAB.map(PathBuf::from).into_iter();
    let mut folders = Vec::from(of_the_book);
    folders.extend(of_the_lab.filter(|folder| root.join(folder).is_dir()));
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root.join(&folder));
        for entry in entries.with_context(|| folder.display().to_string())? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What starts the measurement, and says so where the programs cannot run at all. It calls nothing but
/// what a shell has built in.
fn starter(pack: &Pack) -> (&'static str, String) {
    if cfg!(windows) {
        return ("measure.cmd", "@echo off\r\ncd /d \"%~dp0\"\r\ncourse.exe measure %*\r\n".into());
    }
    let made = pack.toolchain.lines().next().unwrap_or("rustc");
    let text = format!(
        "#!/bin/sh\n\
         # Measures this machine: ./measure, or ./measure --quick, or ./measure and a name\n\
         case $0 in */*) cd \"${{0%/*}}\" || exit 1 ;; esac\n\
         if said=$(./course --version 2>&1); then\n\
         \x20 exec ./course measure \"$@\"\n\
         fi\n\
         echo \"error: the programs of this pack do not run here. They were made for {target} by {made}, and need a\n\
         system of that kind that is not older than the one where they were made. This one says:\n\
         $said\n\
         Make a pack on a machine like this one: cargo course pack\" >&2\n\
         exit 1\n",
        target = target(),
    );
    ("measure", text)
}

/// In a pack, after measuring: the archive to bring back, of all that this machine has measured in it.
///
/// # Errors
/// Where the records cannot be read, or the archive not be written.
pub(crate) fn bring(project: &Project, pack: &Pack, machine: &str) -> Result<()> {
    let folder = project.measurements().join(machine);
    let mut brought = Brought {
        version: VERSION,
        machine: machine.to_string(),
        pack: pack.clone(),
        files: BTreeMap::new(),
    };
    let mut records = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        // What is damaged, or begun and not ended, stays here.
        if !Record::read(&path).is_ok_and(|record| record.unfinished.is_none()) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        brought.files.insert(name.clone(), hash(&bytes));
        records.push((name, bytes));
    }
    records.sort();
    let path = project.root.join(format!("records-{machine}.tar.xz"));
    let mut writer = Writer::begin(&path, machine, Holds::Records, RECORDS_LEVEL)?;
    writer.add(Path::new(RECORDS), &serde_json::to_vec_pretty(&brought)?, false)?;
    for (name, bytes) in &records {
        writer.add(Path::new(name), bytes, false)?;
    }
    writer.finish()?;
    let count = counted(records.len(), "record");
    status("Brought", format!("{count} together in {}", project.shown(&path)));
    status("Next", format!("in the project: cargo course adopt {}", project.shown(&path)));
    Ok(())
}

/// Of a file, to see that it arrived as it was sent.
pub(crate) fn hash(bytes: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(bytes);
    short_hex(hash)
}

/// The files of an archive of records and its account of itself.
///
/// # Errors
/// Where a file is missing, is not the one that was sent, or was added on the way.
pub(crate) fn brought(path: &Path) -> Result<(Brought, BTreeMap<String, Vec<u8>>)> {
    let files: BTreeMap<String, Vec<u8>> = archive::read(path)?
        .into_iter()
        .map(|(name, bytes)| (name.display().to_string(), bytes))
        .collect();
    let about = files.get(RECORDS).with_context(|| {
        format!("it holds no {RECORDS}: `./measure` in a pack writes the archive to adopt")
    })?;
    let brought = Brought::parse(about)?;
    for (name, bytes) in files.iter().filter(|(name, _)| *name != RECORDS) {
        match brought.files.get(name) {
            Some(sent) if *sent == hash(bytes) => {}
            Some(_) => anyhow::bail!("{name} was changed on the way"),
            None => anyhow::bail!("{name} was added on the way"),
        }
    }
    if let Some(missing) = brought.files.keys().find(|name| !files.contains_key(*name)) {
        anyhow::bail!("{missing} got lost on the way");
    }
    let records = files.into_iter().filter(|(name, _)| name != RECORDS).collect();
    Ok((brought, records))
}

#[cfg(test)]
mod tests {
    use book::fixtures::TinyBook;

    use super::*;

    #[test]
    fn a_pack_takes_the_listings_from_the_folders_that_the_book_has_for_them() {
        let book = TinyBook::new();
        let folders =
            "[preprocessor.course]\nlistings = \"rust/src\"\nexamples = \"rust/examples\"\n";
        book.write("book.toml", folders);
        for path in ["rust/src/tea/pot.rs", "rust/examples/pot.rs", "scripts/lab/c/lab_sample.h"] {
            book.write(path, "");
        }
        let shown = |path: &PathBuf| path.display().to_string().replace('\\', "/");
        let packed: Vec<String> = files(&book.project()).unwrap().iter().map(shown).collect();
        let expected = [
            "Cargo.lock",
            "Cargo.toml",
            "book.toml",
            "rust/examples/pot.rs",
            "rust/src/tea/pot.rs",
            "scripts/lab/c/lab_sample.h",
        ];
        assert_eq!(packed, expected);
    }
}
