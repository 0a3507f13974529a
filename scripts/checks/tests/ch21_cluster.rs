//! A cluster as a user meets it, with everything that can go wrong in it.
//!
//! What needs `nats-server` is skipped with words where it is missing. No checker runs processes and a broker;
//! what stands in for it are faults at every point of an engine's work.

mod programs;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

#[cfg(target_os = "linux")]
use programs::{assert_they_end, descendants};
use programs::{ended, example};

fn cluster_map(arguments: &[&str]) -> Output {
    let mut command = Command::new(example("cluster_map"));
    command.args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let ran = cluster_map(arguments);
    assert!(ran.status.success(), "{}: {}", ran.status, text(&ran.stderr));
    text(&ran.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Where `nats-server` is, or `None` after the test's name was noted as skipped.
fn nats(test: &str) -> Option<&'static str> {
    let answers = |place: &&str| {
        let asked = Command::new(place).arg("--version").output();
        asked.is_ok_and(|output| output.status.success())
    };
    let found = ["nats-server", "/usr/sbin/nats-server"].into_iter().find(answers);
    if found.is_none() {
        lab::skipped(test, "nats-server was not found (Debian: apt-get install nats-server)");
    }
    found
}

/// A broker of the test, on the loopback address; killed at its end.
struct Broker {
    process: Child,
    port: String,
    _folder: tempfile::TempDir,
}

impl Broker {
    fn start(program: &str, arguments: &[&str]) -> Broker {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(program)
            .args(["-a", "127.0.0.1", "-p", "-1", "-sd"])
            .arg(folder.path())
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let (mut port, mut line) = (String::new(), String::new());
        while !line.contains("Server is ready") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the broker ended");
            if let Some((_, host)) = line.split_once("client connections on 127.0.0.1:") {
                port = host.trim().into();
            }
        }
        thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Broker { process, port, _folder: folder }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const FEW: [&str; 4] = ["--size", "16", "--count", "3"];

#[test]
fn where_the_broker_is_missing_the_arm_says_how_to_install_it() {
    let mut command = Command::new(example("cluster_map"));
    let described =
        command.arg("describe").env("NATS_SERVER", "/no/such/program").output().unwrap();
    let described = text(&described.stdout);
    assert!(
        described.contains("nats-server was not found; `apt-get install nats-server`"),
        "{described}"
    );
}

#[test]
fn jobs_that_fail_panic_or_crash_end_with_their_reason_after_three_tries() {
    let test = "jobs_that_fail_panic_or_crash_end_with_their_reason_after_three_tries";
    if nats(test).is_none() {
        return;
    }
    let printed = printed(&FEW);
    for line in [
        "3 jobs are in the queue",
        "Nothing, delivery 1: 0.000000",
        "Fail, delivery 3: it fails, as it was asked to",
        "Panic, delivery 3: panicked: it panics, as it was asked to",
        "Crash, delivery 3: its process ended with ",
    ] {
        assert!(printed.contains(line), "{line} is not in\n{printed}");
    }
}

#[test]
fn a_job_that_never_ends_is_killed_and_its_engine_goes_on() {
    let test = "a_job_that_never_ends_is_killed_and_its_engine_goes_on";
    if nats(test).is_none() {
        return;
    }
    let others = ["--job", "\"Endless\"", "--job", "\"Nothing\""];
    let arguments = [&FEW[..], &others, &["--limit", "200", "--engines", "1"]].concat();
    let printed = printed(&arguments);
    assert!(printed.contains("Endless, delivery 3: took longer than 0.2 s"), "{printed}");
    assert!(printed.contains("Nothing, delivery 1: 0.000000"), "{printed}");
}

#[test]
fn a_queue_that_is_full_refuses_and_the_controller_says_so() {
    if nats("a_queue_that_is_full_refuses_and_the_controller_says_so").is_none() {
        return;
    }
    let arguments = ["--size", "16", "--count", "8", "--room", "3", "--engines", "0"];
    let ran = cluster_map(&arguments);
    let said = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("maximum messages exceeded"), "{said}");
}

#[test]
fn a_broker_is_told_the_token_and_refuses_a_wrong_one() {
    let Some(program) = nats("a_broker_is_told_the_token_and_refuses_a_wrong_one") else { return };
    let broker = Broker::start(program, &["-js", "--auth", "sesame"]);
    let with = |token: &str| {
        let mut command = Command::new(example("cluster_map"));
        command.args(FEW).args(["--engines", "1", "--nats", &broker.host()]);
        command.env("CLUSTER_TOKEN", token).stdin(Stdio::null()).output().unwrap()
    };
    for wrong in ["", "simsim"] {
        let ran = with(wrong);
        let said = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert!(said.to_lowercase().contains("authorization"), "{said}");
    }
    let ran = with("sesame");
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    assert!(text(&ran.stdout).contains("matrix 2: "));
}

#[test]
fn a_broker_that_will_not_do_is_refused_with_the_reason() {
    let Some(program) = nats("a_broker_that_will_not_do_is_refused_with_the_reason") else {
        return;
    };
    let without_streams = Broker::start(program, &[]);
    let said = text(&cluster_map(&["--nats", &without_streams.host()]).stderr);
    assert!(said.contains("making the stream of tasks"), "{said}");
    // The same address as a number, in which no one sees that it is this machine's own.
    let open = Broker::start(program, &["-js"]);
    let said = text(&cluster_map(&["--nats", &format!("2130706433:{}", open.port)]).stderr);
    assert!(said.contains("asks for no token"), "{said}");
    let gone = open.host();
    drop(open);
    let said = text(&cluster_map(&["--nats", &gone]).stderr);
    assert!(said.contains(&gone), "{said}");
}

#[test]
fn an_engine_joins_while_jobs_wait_and_ends_by_itself_when_told() {
    let test = "an_engine_joins_while_jobs_wait_and_ends_by_itself_when_told";
    let Some(program) = nats(test) else { return };
    let broker = Broker::start(program, &["-js"]);
    let host = broker.host();
    let mut controller = Command::new(example("cluster_map"))
        .args(FEW)
        .args(["--engines", "0", "--nats", &host])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(controller.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.contains("in the queue"), "{line}");
    let mut engine = Command::new(example("cluster_map"))
        .args(["cluster-engine", "--nats", &host])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    assert!(ended(&mut controller, Duration::from_secs(20)).is_some_and(|status| status.success()));
    engine.kill().unwrap();
    engine.wait().unwrap();
}

/// However it ends: nothing that it started is there a moment later.
#[cfg(target_os = "linux")]
#[test]
fn a_program_that_is_interrupted_or_killed_leaves_no_process_behind() {
    let test = "a_program_that_is_interrupted_or_killed_leaves_no_process_behind";
    if nats(test).is_none() {
        return;
    }
    for signal in ["-INT", "-TERM", "-KILL"] {
        let mut program = Command::new(example("cluster_map"))
            .args(FEW)
            // Where an interrupt is ignored, as in a shell's background, it ends by itself.
            .args(["--engines", "2", "--job", "\"Endless\"", "--limit", "3000"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(program.stdout.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("matrix 2") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "it ended");
        }
        // A keeper and its broker, two engines and their workers.
        let family = descendants(program.id());
        assert!(family.len() >= 6, "{family:?}");
        let sent = Command::new("kill").args([signal, &program.id().to_string()]).status();
        assert!(sent.unwrap().success());
        program.wait().unwrap();
        assert_they_end(&family, Duration::from_secs(10), signal);
    }
}

#[test]
fn with_every_fault_each_job_is_answered_once_and_with_weaker_promises_it_is_not() {
    let test = "with_every_fault_each_job_is_answered_once_and_with_weaker_promises_it_is_not";
    if nats(test).is_none() {
        return;
    }
    let ran = Command::new(example("faults")).output().unwrap();
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let printed = text(&ran.stdout);
    let (right, wrong) = printed.split_once("acknowledged first").expect("the weaker promises");
    for bad in ["never answered", "answered twice"] {
        assert!(!right.contains(bad), "{printed}");
        assert!(wrong.contains(bad), "{printed}");
    }
    let answered =
        right.lines().filter_map(|line| line.trim().split_once(' ')?.0.parse::<u64>().ok());
    assert_eq!(answered.sum::<u64>(), 7 * 8, "{printed}");
}
