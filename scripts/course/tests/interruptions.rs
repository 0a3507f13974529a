//! Stopped at any moment: what was recorded stays whole, and the same command goes on.

#![cfg(unix)] // signals

mod tiny;

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::Duration;

use lab::record::Record;
use tiny::{MACHINE, Tiny};

fn send(child: &Child, signal: i32) {
    let process = i32::try_from(child.id()).unwrap();
    let sent = std::process::Command::new("kill")
        .args([format!("-{signal}"), process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

const INTERRUPT: i32 = 2;

#[test]
fn ctrl_c_loses_at_most_the_round_in_flight_and_the_next_run_goes_on_there() {
    let tiny = Tiny::new(&["sums"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // A round is three runs: base, base again, threads. One is tried first, and the first run of the third
    // that counts hangs.
    tiny.write("runs_left", "9");
    let arguments = ["measure", "--quick", "--machine", MACHINE];
    let child = tiny
        .course(&arguments)
        .env("STAND_IN_HOLD", listener.local_addr().unwrap().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _in_flight = listener.accept().unwrap();
    send(&child, INTERRUPT);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    let unfinished = tiny.record("sums").unfinished.unwrap();
    let (planned, kept) = (unfinished.planned, unfinished.rounds);
    let goes_on = format!("2 of {planned} rounds of sums are kept; the same command goes on there");
    assert!(said.contains("one round that does not count") && said.contains(&goes_on), "{said}");
    assert_eq!(kept.len(), 2);

    let resuming = format!("Resuming sums at round 3/{planned}");
    let ran = tiny.run(&arguments);
    ran.assert_succeeded().assert_said(&[&resuming]);
    let record = tiny.record("sums");
    let whole = record.measurement.unwrap();
    assert_eq!((whole.planned, record.unfinished), (planned, None), "decided once");
    assert_eq!(whole.rounds[..2], kept[..]);
}

#[test]
fn an_interrupted_measurement_leaves_the_complete_one_before_it() {
    let tiny = Tiny::new(&["sums"]);
    tiny.measure().assert_succeeded();
    let complete = tiny.record("sums").measurement;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    tiny.write("runs_left", "4");
    let child = tiny
        .course(&["measure", "sums", "--machine", MACHINE])
        .env("STAND_IN_HOLD", listener.local_addr().unwrap().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _in_flight = listener.accept().unwrap();
    send(&child, INTERRUPT);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    let record = tiny.record("sums");
    assert_eq!(record.measurement, complete);
    assert_eq!(record.unfinished.unwrap().rounds.len(), 1);
}

#[test]
fn ctrl_c_while_a_demo_runs_ends_the_build_and_records_nothing_of_it() {
    let tiny = Tiny::new(&["hangs"]);
    let child =
        tiny.course(&["build"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut child = child;
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("Running hangs") {
        line.clear();
        let read = std::io::BufRead::read_line(&mut said, &mut line).unwrap();
        assert!(read > 0, "the build ended before the demo ran");
    }
    send(&child, INTERRUPT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(tiny.recorded().is_empty());
}

#[test]
fn ctrl_c_while_listings_are_compiled_is_not_taken_for_a_compile_error() {
    let tiny = Tiny::new(&["sums"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    tiny.write("compiling_holds", "");
    tiny.write("runs_left", "0");
    let mut command = tiny.course(&["build"]);
    // A terminal interrupts the whole group: `course`, and the Cargo that it waits for.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command
        .env("STAND_IN_HOLD", listener.local_addr().unwrap().to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _compiling = listener.accept().unwrap();
    let group = format!("-{}", child.id());
    let sent = std::process::Command::new("kill").args(["-INT", "--", &group]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(!said.contains("does not compile"), "{said}");
}

#[test]
fn killed_at_twenty_random_moments_every_record_loads_and_the_measurement_is_completed() {
    let tiny = Tiny::new(&["others", "sums"]);
    let arguments = ["measure", "--thorough", "--machine", MACHINE];
    let seed = std::process::id();
    let mut state = u64::from(seed);
    let mut done = 0;
    for moment in 1..=20 {
        let mut child =
            tiny.course(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Not waiting for something: this is the moment.
        std::thread::sleep(Duration::from_millis((state >> 33) % 500));
        child.kill().unwrap();
        child.wait().unwrap();
        let now: usize = ["others", "sums"].iter().map(|example| rounds(&tiny, example)).sum();
        assert!(now >= done, "kill {moment} (seed {seed}): {done} rounds became {now}");
        done = now;
    }
    // As if it had been killed while it wrote.
    tiny.write("measurements/tiny/.unfinished-x", "{");
    tiny.run(&arguments).assert_succeeded();
    for example in ["others", "sums"] {
        let record = tiny.record(example);
        assert_eq!((record.measurement.unwrap().planned, record.unfinished), (31, None));
    }
    let names: Vec<_> = tiny.recorded().into_keys().collect();
    assert_eq!(names.len(), 2, "nothing half-written stays: {names:?}");
}

/// How many rounds of the example are on disk; its record must load.
fn rounds(tiny: &Tiny, example: &str) -> usize {
    let path = tiny.record_path(example);
    if !path.exists() {
        return 0;
    }
    let record = Record::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    record.measurement.iter().chain(&record.unfinished).map(|m| m.rounds.len()).sum()
}
