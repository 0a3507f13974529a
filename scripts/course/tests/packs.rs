//! A machine without a compiler: packed here, measured there with nothing else, and taken back.
#![cfg(unix)] // `measure` is a shell script; on Windows a batch file

mod tiny;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use lab::record::Record;
use tempfile::TempDir;
use tiny::{Ran, Tiny, ran};

const PACK: &str = "pack.tar.xz";

/// A pack of the tiny project, made once: its programs and keys are the same in each.
static ARCHIVE: LazyLock<(Tiny, PathBuf)> = LazyLock::new(|| {
    let tiny = project();
    tiny.run(&["pack", "--level", "0", "--out", PACK]).assert_succeeded().assert_said(&["Packed"]);
    let archive = tiny.path(PACK);
    (tiny, archive)
});

fn project() -> Tiny {
    let tiny = Tiny::new(&["sums", "others"]);
    for folder in ["listings", "scripts/lab/python", "scripts/lab/c"] {
        tiny.write(&format!("{folder}/words.txt"), "read by keys and scripts\n");
    }
    tiny
}

/// A project and what its pack became in an empty folder.
struct Packed {
    tiny: Tiny,
    elsewhere: TempDir,
}

impl Packed {
    /// None where `tar` cannot unpack what was packed: that is said, and not taken for a success.
    fn new(test: &str) -> Option<Packed> {
        if let Err(why) = Command::new("xz").arg("--version").output() {
            lab::skipped(test, &format!("`tar` unpacks with `xz`, which is not here: {why}"));
            return None;
        }
        let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut tar = Command::new("tar");
        let unpacked = tar.arg("xf").arg(&ARCHIVE.1).current_dir(elsewhere.path()).status();
        assert!(unpacked.unwrap().success());
        Some(Packed { tiny: project(), elsewhere })
    }

    fn folder(&self) -> PathBuf {
        let entry = fs::read_dir(self.elsewhere.path()).unwrap().next().unwrap().unwrap();
        entry.path()
    }

    /// With no environment at all, from another folder.
    fn measure(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(self.folder().join("measure"));
        ran(command.args(arguments).env_clear().current_dir("/"))
    }

    fn measured(&self) -> PathBuf {
        self.measure(&["--quick", "--machine", "lab-07"])
            .assert_succeeded()
            .assert_said(&["2 records together in records-lab-07.tar.xz"]);
        self.folder().join("records-lab-07.tar.xz")
    }

    fn adopt(&self, file: &Path, more: &[&str]) -> Ran {
        ran(self.tiny.course(&["adopt"]).arg(file).args(more))
    }

    /// It is refused with these words, and nothing is taken.
    fn assert_refused(&self, file: &Path, words: &[&str]) {
        let before = self.tiny.recorded();
        self.adopt(file, &[]).assert_failed(&["was not taken"]).assert_failed(words);
        assert_eq!(self.tiny.recorded(), before);
    }
}

#[test]
fn a_pack_measures_with_nothing_else_and_its_records_are_taken() {
    let Some(packed) = Packed::new("a_pack_measures_with_nothing_else_and_its_records_are_taken")
    else {
        return;
    };
    let records = packed.measured();
    packed
        .adopt(&records, &[])
        .assert_succeeded()
        .assert_said(&["2 records into measurements/lab-07/"]);
    let there = packed.folder().join("measurements/lab-07/sums.json");
    let here = packed.tiny.path("measurements/lab-07/sums.json");
    assert_eq!(Record::read(&here).unwrap(), Record::read(&there).unwrap());
    // They count as fresh here.
    packed.tiny.run(&["check", "--all-machines"]).assert_said(&["lab-07"]);
    packed.adopt(&records, &["--machine", "lab-08"]).assert_succeeded();
    let renamed = Record::read(&packed.tiny.path("measurements/lab-08/sums.json")).unwrap();
    assert_eq!(renamed.machine.name, "lab-08");
}

#[test]
fn a_pack_measures_and_does_nothing_else() {
    let Some(packed) = Packed::new("a_pack_measures_and_does_nothing_else") else { return };
    let course = packed.folder().join("course");
    for other in ["build", "pack"] {
        let said = ran(Command::new(&course).arg(other).env_clear().current_dir(packed.folder()));
        said.assert_failed(&["this folder is a pack"]);
    }
}

#[test]
fn programs_of_another_kind_of_computer_are_said_to_be_so() {
    let Some(packed) = Packed::new("programs_of_another_kind_of_computer_are_said_to_be_so") else {
        return;
    };
    fs::write(packed.folder().join("course"), b"\x7fELF of another processor").unwrap();
    let said = packed.measure(&[]);
    said.assert_failed(&["do not run here", std::env::consts::ARCH, "cargo course pack"]);
}

/// A program that needs a C library newer than any system has; without `cc` there is none.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn made_for_a_later_system(folder: &Path) -> Result<PathBuf, String> {
    for (name, text) in [
        ("later.c", "int later(void) { return 0; }"),
        ("versions.map", "GLIBC_9.99 { global: *; };"),
        ("main.c", "int later(void); int begin(void) { return later(); }"),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    for arguments in [
        "-shared -nostdlib -fPIC -Wl,-soname,libc.so.6 -Wl,--version-script=versions.map later.c -o later.so",
        "-nostdlib -Wl,-e,begin main.c ./later.so -o later",
    ] {
        let mut cc = Command::new("cc");
        let made = cc.args(arguments.split(' ')).current_dir(folder).output();
        let made = made.map_err(|why| format!("there is no C compiler to make one with: {why}"))?;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(folder.join("later"))
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_system_that_is_too_old_is_said_to_be_so() {
    const TEST: &str = "a_system_that_is_too_old_is_said_to_be_so";
    let Some(packed) = Packed::new(TEST) else { return };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    match made_for_a_later_system(folder.path()) {
        Ok(program) => fs::rename(program, packed.folder().join("course")).unwrap(),
        Err(why) => return lab::skipped(TEST, &why),
    }
    let said = packed.measure(&[]);
    said.assert_failed(&[
        "not older than the one where they were made",
        "GLIBC_9.99",
        "cargo course pack",
    ]);
}

#[test]
fn records_of_other_code_are_refused_and_named() {
    let Some(packed) = Packed::new("records_of_other_code_are_refused_and_named") else { return };
    let records = packed.measured();
    packed.tiny.write("examples/others.rs", "fn main() { let _ = 1; }\n");
    packed.assert_refused(&records, &["a pack of other code: others changed"]);
}

#[test]
fn records_changed_cut_or_added_on_the_way_are_refused() {
    let Some(packed) = Packed::new("records_changed_cut_or_added_on_the_way_are_refused") else {
        return;
    };
    let records = packed.measured();
    let whole = fs::read(&records).unwrap();
    let cut = packed.tiny.path("cut.tar.xz");
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    packed.assert_refused(&cut, &["cut short on the way"]);

    // Unpacked, edited, packed again.
    let folder = packed.tiny.path("unpacked");
    fs::create_dir(&folder).unwrap();
    let tar = |arguments: &[&str], folder: &Path| {
        assert!(
            Command::new("tar").args(arguments).current_dir(folder).status().unwrap().success()
        );
    };
    tar(&["xf", records.to_str().unwrap()], &folder);
    let edit = |from: &str, to: &str| {
        let path = folder.join("lab-07/sums.json");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("\"wall_ns\": ", "\"wall_ns\": 1");
    let edited = packed.tiny.path("edited.tar.xz");
    tar(&["cJf", edited.to_str().unwrap(), "lab-07"], &folder);
    packed.assert_refused(&edited, &["sums.json was changed on the way"]);
    edit("\"wall_ns\": 1", "\"wall_ns\": ");
    fs::write(folder.join("lab-07/more.json"), "{}").unwrap();
    tar(&["cJf", edited.to_str().unwrap(), "lab-07"], &folder);
    packed.assert_refused(&edited, &["more.json was added on the way"]);
    packed.assert_refused(&ARCHIVE.1, &["it holds no records.json"]);
}

#[test]
fn a_name_that_another_machine_has_is_not_taken_over() {
    let Some(packed) = Packed::new("a_name_that_another_machine_has_is_not_taken_over") else {
        return;
    };
    let records = packed.measured();
    packed.adopt(&records, &[]).assert_succeeded();
    let path = packed.tiny.path("measurements/lab-07/sums.json");
    let mut record = Record::read(&path).unwrap();
    record.machine.logical_cores += 62;
    record.write(&path).unwrap();
    packed.assert_refused(&records, &["holds records of another machine", "--machine NAME"]);
}
