//! Programs that Cargo built before the tests that run them.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

/// The program of an example, built before this test.
pub fn example(name: &str) -> PathBuf {
    let program = profile().join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(
        program.exists(),
        "{} is not there: build it first, with `cargo build --examples`",
        program.display()
    );
    program
}

/// Of Cargo, that this test was built with.
fn profile() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    profile.to_path_buf()
}

/// A program or `examples/NAME` of the command, as Cargo built it: for these tests, or else for a release.
#[cfg(unix)]
pub fn built(name: &str) -> PathBuf {
    let profile = profile();
    let release = profile.with_file_name("release");
    let found = [&profile, &release].map(|folder| folder.join(name));
    found.into_iter().find(|path| path.exists()).unwrap_or_else(|| {
        panic!(
            "no {name} in {}: `cargo build --workspace --examples --bins` builds it",
            profile.display()
        )
    })
}

/// What an example prints, where it succeeds.
pub fn printed(name: &str) -> String {
    let ran = Command::new(example(name)).output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{name} ended with {}:\n{stderr}", ran.status);
    String::from_utf8(ran.stdout).unwrap()
}

/// How it ended, or `None` where it had to be ended. The standard library waits without a limit or not at all.
pub fn ended(child: &mut Child, within: Duration) -> Option<ExitStatus> {
    let until = Instant::now() + within;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

/// A zombie has ended; who collects it is the system's business.
#[cfg(target_os = "linux")]
pub fn is_alive(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Returns once none of these is there any more: nobody but their parent, which is gone, could wait for them.
#[cfg(target_os = "linux")]
#[track_caller]
pub fn assert_they_end(processes: &[u32], within: Duration, after: &str) {
    let until = Instant::now() + within;
    loop {
        let left: Vec<u32> = processes.iter().copied().filter(|id| is_alive(*id)).collect();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "after {after}: {left:?} are left");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The processes that this one started, and those that they did.
#[cfg(target_os = "linux")]
pub fn descendants(process: u32) -> Vec<u32> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // proc(5): the name in parentheses, a letter for the state, the parent.
        let parent = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
        let id = entry.file_name().to_string_lossy().parse::<u32>().ok();
        parents.extend(id.zip(parent));
    }
    let mut found = vec![process];
    let mut next = 0;
    while next < found.len() {
        let parent = found[next];
        found.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(id, _)| *id));
        next += 1;
    }
    found.split_off(1)
}
