//! Archives that travel between computers: tar, compressed as xz, which finds what fifty programs with one
//! standard library have in common.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail};
use lzma_rust2::filter::FilterType;
use lzma_rust2::{XzOptions, XzReader, XzWriter};
use tar::{Archive, Builder, EntryType, Header};

/// How far back a repetition may lie from level 6 on, in bytes: four programs with one library are not neighbors.
const FAR: u32 = 64 << 20;

/// What is in an archive, by which it is compressed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Holds {
    /// Text.
    Records,
    /// Of this machine's architecture.
    Programs,
}

impl Holds {
    fn options(self, level: u32) -> XzOptions {
        let mut options = XzOptions::with_preset(level);
        if self == Holds::Programs && level >= 6 {
            options.lzma_options.dict_size = FAR;
        }
        // The same call from two places becomes the same bytes. xz on older systems undoes this filter, and
        // not yet that of other architectures.
        if self == Holds::Programs && cfg!(target_arch = "x86_64") {
            options.prepend_pre_filter(FilterType::BcjX86, 0);
        }
        options
    }
}

/// More than an archive of records from one machine ever holds: what unpacks to more is not one.
const MOST_BYTES: u64 = 1 << 30;

/// An archive being written, under another name until it is whole.
pub(crate) struct Writer {
    tar: Builder<XzWriter<tempfile::NamedTempFile>>,
    path: PathBuf,
    /// Every entry lies in this folder.
    root: PathBuf,
}

impl Writer {
    /// `level`: how hard to compress, from 0 to 9.
    ///
    /// # Errors
    /// Where the folder of `path` cannot be written to.
    pub(crate) fn begin(path: &Path, root: &str, holds: Holds, level: u32) -> Result<Writer> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let file = builder.prefix(".unfinished").tempfile_in(folder);
        let file = file.with_context(|| format!("{} cannot be written to", folder.display()))?;
        let xz = XzWriter::new(file, holds.options(level))?;
        Ok(Writer { tar: Builder::new(xz), path: path.to_path_buf(), root: root.into() })
    }

    /// Adds a file of these bytes.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn add(&mut self, name: &Path, bytes: &[u8], executable: bool) -> Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(if executable { 0o755 } else { 0o644 });
        header.set_mtime(0); // the same files make the same archive
        header.set_entry_type(EntryType::Regular);
        let name = self.root.join(name);
        self.tar
            .append_data(&mut header, &name, bytes)
            .with_context(|| format!("{} into {}", name.display(), self.path.display()))
    }

    /// The whole archive under its name; returns its size in bytes.
    ///
    /// # Errors
    /// Where it cannot be written; nothing stands under the name then, or what stood there.
    pub(crate) fn finish(self) -> Result<u64> {
        let shown = self.path.display().to_string();
        let mut file = self.tar.into_inner()?.finish().with_context(|| shown.clone())?;
        file.flush()?;
        file.as_file().sync_all()?;
        let size = file.as_file().metadata()?.len();
        file.persist(&self.path).map_err(|why| why.error).with_context(|| shown)?;
        Ok(size)
    }
}

/// The files of an archive, by their names without the folder around them. Nothing is written.
///
/// # Errors
/// Where it is no such archive, was cut short, or holds something else than plain files.
pub(crate) fn read(path: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let limited = XzReader::new(io::BufReader::new(file), false).take(MOST_BYTES);
    let damaged =
        "this is no archive that `measure` in a pack made, or it was cut short on the way";
    let mut files = Vec::new();
    for entry in Archive::new(limited).entries().context(damaged)? {
        let mut entry = entry.context(damaged)?;
        let name = entry.path().context(damaged)?.into_owned();
        let plain = name.components().all(|part| matches!(part, Component::Normal(_)));
        match entry.header().entry_type() {
            EntryType::Directory if plain => continue,
            EntryType::Regular if plain => {}
            _ => bail!("`{}` is no plain file inside of it", name.display()),
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).context(damaged)?;
        files.push((name.components().skip(1).collect(), bytes));
    }
    if files.is_empty() {
        bail!(damaged);
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("some.tar.xz");
        let mut writer = Writer::begin(&path, "some", Holds::Records, 0).unwrap();
        writer.add(Path::new("a/one"), b"first", false).unwrap();
        writer.add(Path::new("two"), &[7; 100_000], true).unwrap();
        assert!(!path.exists(), "under its name only when it is whole");
        assert_eq!(writer.finish().unwrap(), path.metadata().unwrap().len());
        path
    }

    #[test]
    fn what_is_packed_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let files = read(&written(folder.path())).unwrap();
        let expected =
            [(PathBuf::from("a/one"), b"first".to_vec()), (PathBuf::from("two"), vec![7; 100_000])];
        assert_eq!(files, expected);
    }

    /// By the program that a student has, not only by the library that packed it.
    #[cfg(all(unix, target_arch = "x86_64"))]
    #[test]
    fn programs_are_the_same_when_tar_has_unpacked_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("programs.tar.xz");
        let program = std::fs::read("/bin/sh").unwrap();
        let mut writer = Writer::begin(&path, "programs", Holds::Programs, 6).unwrap();
        writer.add(Path::new("sh"), &program, true).unwrap();
        writer.finish().unwrap();
        assert_eq!(read(&path).unwrap(), [(PathBuf::from("sh"), program.clone())]);
        let tar = |arguments: &[&str]| {
            let mut tar = std::process::Command::new("tar");
            tar.args(arguments)
                .current_dir(&folder)
                .output()
                .is_ok_and(|ended| ended.status.success())
        };
        // GNU's tar leaves it to xz, which is not everywhere.
        if !tar(&["cJf", "tried.tar.xz", "programs.tar.xz"]) {
            let test = "programs_are_the_same_when_tar_has_unpacked_them";
            return lab::skipped(test, "there is no tar that knows xz");
        }
        assert!(tar(&["xJf", "programs.tar.xz"]));
        assert!(std::fs::read(folder.path().join("programs/sh")).unwrap() == program);
    }

    #[test]
    fn an_archive_cut_short_or_changed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = std::fs::read(&path).unwrap();
        let mut changed = whole.clone();
        changed[whole.len() / 2] ^= 1;
        for wrong in [&whole[..whole.len() / 2], &changed, b"no archive", b""] {
            std::fs::write(&path, wrong).unwrap();
            assert!(read(&path).is_err());
        }
    }
}
