//! Records that are damaged, and places that cannot be written to: what is said, and that nothing is lost.

mod tiny;

use std::fs;
use std::path::Path;
use std::process::Command;

use tiny::{MACHINE, Tiny, ran};

const PATH: &str = "measurements/tiny/sums.json";

/// A project with one measured experiment on a page.
fn measured() -> Tiny {
    let tiny = Tiny::new(&["others", "sums"]);
    let page = "# First\n\n{{#time sums.sequential}}\n\n{{#time others.sequential}}\n";
    tiny.write("src/first.md", page);
    tiny.measure().assert_succeeded();
    tiny
}

/// Damages the record, and asserts that every command names it, says what to do and leaves it alone.
#[track_caller]
fn assert_kept(damage: impl Fn(Vec<u8>) -> Vec<u8>, words: &[&str]) {
    let tiny = measured();
    let damaged = damage(fs::read(tiny.record_path("sums")).unwrap());
    fs::write(tiny.record_path("sums"), damaged).unwrap();
    let before = tiny.recorded();
    let words = [&[PATH], words].concat();
    for arguments in [&["measure", "--quick", "--machine", MACHINE][..], &["check"]] {
        tiny.run(arguments).assert_failed(&words);
    }
    let built = tiny.run(&["build", "--recorded"]);
    built.assert_succeeded().assert_said(&words);
    let page = fs::read_to_string(tiny.path("book/first.html")).unwrap();
    assert!(page.contains("not measured on this machine"), "{page}");
    assert!(page.contains("class=\"measured\""), "the other experiment is shown: {page}");
    assert_eq!(tiny.recorded(), before, "a damaged record is never overwritten");
}

#[test]
fn a_record_that_was_cut_short_is_named_and_kept() {
    let words = ["it was cut short or edited", "restore it from version control, or move it away"];
    assert_kept(|bytes| bytes[..bytes.len() / 2].to_vec(), &words);
    assert_kept(|_| Vec::new(), &words);
}

#[test]
fn what_another_machine_lacks_is_counted_and_no_error() {
    let tiny = measured();
    tiny.run(&["check"]).assert_succeeded();
    let record = fs::read_to_string(tiny.record_path("sums")).unwrap();
    let key = tiny.record("sums").measurement.unwrap().timing_key;
    let of_another = record.replace(&format!("\"name\": \"{MACHINE}\""), "\"name\": \"another\"");
    tiny.write("measurements/another/sums.json", &of_another.replace(&key, "of other code"));
    tiny.run(&["check"]).assert_succeeded().assert_said(&[
        "another, which is not the book's own: 1 not measured there, 1 with a stale timing",
    ]);
    tiny.run(&["check", "--all-machines"])
        .assert_succeeded()
        .assert_said(&["others on another: no record", "sums on another: its timing is stale"]);
    // The same on the book's own machine.
    fs::write(tiny.record_path("sums"), record.replace(&key, "of other code")).unwrap();
    fs::remove_file(tiny.record_path("others")).unwrap();
    tiny.run(&["check"])
        .assert_failed(&["others on tiny: no record", "sums on tiny: its timing is stale"]);
}

#[test]
fn a_record_of_another_version_is_named_and_kept() {
    let newer = |bytes| text(bytes).replacen("\"version\": 1", "\"version\": 2", 1).into_bytes();
    assert_kept(
        newer,
        &["it has layout version 2", "this `course` reads version 1", "move it away"],
    );
}

#[test]
fn a_record_edited_by_hand_is_named_and_kept() {
    let misspelt = |bytes| text(bytes).replacen("\"rounds\"", "\"round\"", 1).into_bytes();
    assert_kept(misspelt, &["cut short or edited", "unknown field `round`"]);
    let renamed =
        |bytes| text(bytes).replacen("\"arm\": \"threads\"", "\"arm\": \"tasks\"", 1).into_bytes();
    assert_kept(renamed, &["cut short or edited", "does not hold `threads` once"]);
    let shortened = |bytes| text(bytes).replacen("\"planned\": ", "\"planned\": 9", 1).into_bytes();
    assert_kept(shortened, &["cut short or edited", "rounds are there"]);
    assert_kept(|bytes| [b"\xff".to_vec(), bytes].concat(), &["it is not UTF-8"]);
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_record_under_another_name_is_named_and_kept() {
    let tiny = measured();
    let moved = tiny.path("measurements/tiny/moved.json");
    fs::rename(tiny.record_path("sums"), &moved).unwrap();
    tiny.run(&["check"])
        .assert_failed(&["measurements/tiny/moved.json", "stands under another name"]);
    assert!(moved.exists());
}

/// A file where a folder is needed: not even root can write below it.
#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let tiny = Tiny::new(&["sums"]);
    tiny.write("measurements/tiny", "in the way\n");
    tiny.measure().assert_failed(&[PATH]);
    fs::remove_dir_all(tiny.path("measurements")).unwrap();
    tiny.write("measurements", "in the way\n");
    tiny.measure().assert_failed(&[PATH]);
    assert_eq!(fs::read_to_string(tiny.path("measurements")).unwrap(), "in the way\n");
}

#[test]
fn a_book_that_cannot_be_written_is_named() {
    let tiny = measured();
    tiny.write("src/machines", "in the way\n");
    tiny.run(&["build", "--recorded"]).assert_failed(&["src/machines"]);
    fs::remove_file(tiny.path("src/machines")).unwrap();
    tiny.write("book", "in the way\n");
    tiny.run(&["build", "--recorded"]).assert_failed(&["book"]);
}

/// A limit on the size of files stops a write in the middle of a record, for root too.
#[cfg(unix)] // `ulimit` is the shell's
#[test]
fn a_write_that_fails_half_way_leaves_the_record_before_it_untouched() {
    let tiny = measured();
    let before = tiny.recorded();
    let course = tiny.course(&["measure", "sums", "--thorough", "--machine", MACHINE]);
    let mut limited = Command::new("sh");
    // Ignoring the signal lets the write fail as it does on a full disk.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"]);
    limited.arg(course.get_program()).args(course.get_args()).current_dir(tiny.root());
    limited.env("CARGO", tiny.path("bin/cargo"));
    ran(&mut limited)
        .assert_failed(&[PATH, "the record could not be written; the one before it is untouched"]);
    assert_eq!(tiny.recorded(), before, "no half-written file stays");
    tiny.measure().assert_succeeded();
}

/// A real full disk, where this system lets the test make one.
#[cfg(target_os = "linux")] // a file system in memory, of a size that is given
#[test]
fn a_full_disk_leaves_the_record_before_it_untouched() {
    let tiny = measured();
    let folder = tiny.path("measurements");
    let kept = fs::read(tiny.record_path("sums")).unwrap();
    // Room for the record and the filler, not for another record beside them.
    let size = kept.len().next_multiple_of(4 << 10) + (8 << 10);
    let _disk = match Disk::mount(&folder, size) {
        Ok(disk) => disk,
        Err(why) => {
            let test = "a_full_disk_leaves_the_record_before_it_untouched";
            return lab::skipped(test, &format!("no file system can be mounted here: {why}"));
        }
    };
    fs::create_dir(folder.join(MACHINE)).unwrap();
    fs::write(tiny.record_path("sums"), &kept).unwrap();
    fs::write(folder.join("filler"), vec![0; 4 << 10]).unwrap();
    let ran = tiny.run(&["measure", "sums", "--thorough", "--machine", MACHINE]);
    ran.assert_failed(&[PATH, "the one before it is untouched", "No space left on device"]);
    assert_eq!(fs::read(tiny.record_path("sums")).unwrap(), kept);
    assert_eq!(
        fs::read_dir(folder.join(MACHINE)).unwrap().count(),
        1,
        "no half-written file stays"
    );
}

#[cfg(target_os = "linux")]
struct Disk<'a>(&'a Path);

#[cfg(target_os = "linux")]
impl Disk<'_> {
    /// # Errors
    /// What `mount` said: where it is not there, or needs more rights than these tests have.
    fn mount(folder: &Path, bytes: usize) -> Result<Disk<'_>, String> {
        let size = format!("size={bytes}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder);
        match mount.output() {
            Ok(output) if output.status.success() => Ok(Disk(folder)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(format!("`mount`: {error}")),
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

/// The folders of `measurements/`.
fn machines(tiny: &Tiny) -> Vec<String> {
    let entries = fs::read_dir(tiny.path("measurements")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_machine_whose_name_another_processor_has_gets_the_next_one() {
    let tiny = Tiny::new(&["sums"]);
    tiny.write("src/first.md", "# First\n\n{{#time sums.sequential}}\n");
    tiny.run(&["build"]).assert_succeeded();
    let [ours] = &machines(&tiny)[..] else { panic!("one machine was recorded") };
    let path = tiny.path(&format!("measurements/{ours}/sums.json"));
    let record = fs::read_to_string(&path).unwrap();
    let architecture = format!("\"architecture\": \"{}\"", std::env::consts::ARCH);
    let strangers = record.replace(&architecture, "\"architecture\": \"pdp-11\"");
    assert_ne!(record, strangers);
    fs::write(&path, &strangers).unwrap();

    tiny.run(&["build"]).assert_succeeded();
    assert_eq!(machines(&tiny), [ours.clone(), format!("{ours}-2")]);
    assert_eq!(fs::read_to_string(&path).unwrap(), strangers, "nothing of the stranger's is lost");
    tiny.run(&["build"]).assert_succeeded();
    assert_eq!(machines(&tiny).len(), 2, "and it keeps that name");
    // Asked for by name, it is refused.
    let mut named = vec!["measure", "--machine"];
    named.push(ours);
    tiny.run(&named)
        .assert_failed(&["holds records of another machine", "measure under another name"]);
}

#[test]
fn a_registry_that_does_not_answer_is_not_taken_for_a_compile_error_and_leaves_a_book() {
    let tiny = measured();
    tiny.write("registry_is_silent", "");
    tiny.run(&["build"]).assert_failed(&[
        "Rendered book/index.html from the records",
        "Cargo could not begin to compile the listings",
        "cargo fetch --locked",
    ]);
    let page = fs::read_to_string(tiny.path("book/first.html")).unwrap();
    assert!(page.contains("class=\"measured\""), "{page}");
}

#[test]
fn a_build_whose_time_is_up_goes_on_where_it_was() {
    let tiny = Tiny::new(&["others", "sums"]);
    tiny.run(&["build", "--for", "1ns"]).assert_succeeded().assert_said(&[
        "Measured 0 of 2 experiments",
        "2 are left",
        "`cargo course build` goes on there",
    ]);
    tiny.run(&["build", "--for", "0"]).assert_succeeded();
    let [ours] = &machines(&tiny)[..] else { panic!("one machine was recorded") };
    let measured = |name: &str| {
        let path = tiny.path(&format!("measurements/{ours}/{name}.json"));
        lab::record::Record::read(&path).unwrap().measurement.is_some()
    };
    assert!(!measured("sums") && !measured("others"));
    tiny.run(&["build"])
        .assert_succeeded()
        .assert_said(&["Measured 2 experiments", "all there are"]);
    assert!(measured("sums") && measured("others"));
}
