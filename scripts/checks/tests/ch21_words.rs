//! A dataflow as a user meets it: counted by any number of workers, hosts that are wrong, processes that are gone.
//!
//! No checker runs timely's threads, or processes.

mod programs;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use programs::example;
#[cfg(target_os = "linux")]
use programs::{assert_they_end, descendants, ended};

fn words(arguments: &[&str]) -> Output {
    Command::new(example("cluster_words")).args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Four blocks.
const FEW: [&str; 2] = ["--words", "1000000"];

fn answer(arm: &str, at: &str) -> String {
    let ran = words(&["arm", arm, "--at", at, "--", FEW[0], FEW[1]]);
    assert!(ran.status.success(), "{arm}: {}", text(&ran.stderr));
    let sample: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
    sample["answer"].as_str().unwrap().to_string()
}

#[test]
fn processes_count_what_threads_and_rayon_count() {
    let expected = answer("rayon", "2");
    assert!(expected.starts_with("ba "), "{expected}");
    for (arm, at) in [("threads", "3"), ("processes", "1"), ("processes", "2"), ("processes", "3")]
    {
        assert_eq!(answer(arm, at), expected, "{arm} {at}");
    }
}

/// How many words each process keeps, and their counts, of a program's output.
fn kept(printed: &str) -> Vec<usize> {
    let kept = |line: &str| {
        let words = line.split_once(" keeps ")?.1;
        words.split(' ').next()?.parse().ok()
    };
    printed.lines().filter_map(kept).collect()
}

#[test]
fn hosts_named_in_a_file_find_each_other_whichever_is_started_first() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    // Free ports: those of listeners that are closed again.
    let listeners: Vec<_> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let lines = listeners.iter().map(|l| format!("{}\n", l.local_addr().unwrap()));
    fs::write(&file, lines.collect::<String>()).unwrap();
    drop(listeners);
    let start = |number: usize| {
        Command::new(example("cluster_words"))
            .args(FEW)
            .args(["-w", "2", "--process", &number.to_string(), "--hosts"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let processes = [2, 0, 1].map(start);
    let mut all = Vec::new();
    for process in processes {
        let ran = process.wait_with_output().unwrap();
        assert!(ran.status.success(), "{}", text(&ran.stderr));
        all.extend(kept(&text(&ran.stdout)));
    }
    let alone = words(&[&FEW[..], &["-n", "1"]].concat());
    assert_eq!(all.len(), 3);
    assert_eq!(all.iter().sum::<usize>(), kept(&text(&alone.stdout))[0]);
}

#[test]
fn a_wrong_line_of_the_hosts_is_named_with_its_number_and_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    let path = file.to_str().unwrap();
    let refused = |lines: &str, arguments: &[&str], expected: &str| {
        fs::write(&file, lines).unwrap();
        let ran = words(&[&["--hosts", path], arguments].concat());
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    let first = "127.0.0.1:2101\n";
    refused(
        &format!("{first}second\n"),
        &[],
        "line 2 of the hosts, `second`: a host:port is needed",
    );
    refused(
        &format!("{first}second:0\n"),
        &[],
        "line 2 of the hosts, `second:0`: a port is a number",
    );
    refused(
        &format!("{first}\n{first}"),
        &[],
        "line 3 of the hosts, `127.0.0.1:2101`: it stands there twice",
    );
    refused(first, &["--process", "1"], "has no line for process 1");
    let ran = words(&["--hosts", "/no/such/file"]);
    assert!(text(&ran.stderr).contains("/no/such/file: "), "{}", text(&ran.stderr));
}

#[test]
fn when_a_process_is_killed_all_of_them_end_within_seconds_and_there_are_no_counts() {
    let began = Instant::now();
    let ran = words(&[&FEW[..], &["-n", "3", "--kill", "1"]].concat());
    let said = text(&ran.stderr);
    assert!(began.elapsed() < Duration::from_secs(10), "{said}");
    assert_eq!(ran.status.code(), Some(1), "{said}");
    for number in [0, 2] {
        assert!(said.contains(&format!("process {number} ended with exit ")), "{said}");
        let reason = format!("process {number}: timely communication error: ");
        assert!(said.contains(&reason), "{said}");
    }
    assert!(said.contains("process 1 ended with "), "{said}");
    assert_eq!(kept(&text(&ran.stdout)), [0; 0]);
}

/// However it ends: nothing that it started is there a moment later.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_is_interrupted_or_killed_leaves_no_process_behind() {
    for signal in ["-INT", "-TERM", "-KILL"] {
        let mut program = Command::new(example("cluster_words"))
            .args(["-n", "3", "--words", "40000000"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut family = Vec::new();
        let until = Instant::now() + Duration::from_secs(10);
        while family.len() < 3 {
            assert!(Instant::now() < until, "{family:?}");
            family = descendants(program.id());
        }
        let sent = Command::new("kill").args([signal, &program.id().to_string()]).status();
        assert!(sent.unwrap().success());
        // Where an interrupt is ignored, as in a shell's background, it ends by itself.
        assert!(ended(&mut program, Duration::from_secs(60)).is_some());
        assert_they_end(&family, Duration::from_secs(10), signal);
    }
}

#[test]
fn a_process_that_was_started_with_other_options_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hosts");
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let lines = listeners.iter().map(|l| format!("{}\n", l.local_addr().unwrap()));
    fs::write(&file, lines.collect::<String>()).unwrap();
    drop(listeners);
    let mut first = Command::new(example("cluster_words"))
        .args(FEW)
        .arg("--hosts")
        .arg(&file)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(first.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.starts_with("process 0 of 2 is at "), "{line}");
    let path = file.to_str().unwrap();
    let second = words(&["--words", "7", "--process", "1", "--hosts", path]);
    let why = text(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{why}");
    assert!(why.contains("was started with other options"), "{why}");
    first.kill().unwrap();
    first.wait().unwrap();
    let _ = said.read_to_string(&mut line);
}
