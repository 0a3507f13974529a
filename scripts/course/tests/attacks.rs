//! `course serve` runs programs for its pages. Here others try to have it run theirs, and listings
//! try to stay when they should be gone: a real server, real sockets, real processes.
#![cfg(target_os = "linux")]

mod served;
mod settings;

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use served::{
    Answer, MEASURE, RUN, Served, WATCH, nothing_is_left_of, processes_of, project, wait_until,
};

/// The server cuts off whoever takes longer than 5 s to send a request. Less than our patience with it.
const CUT_WITHIN: Duration = Duration::from_secs(18);

#[test]
fn a_run_streams_what_it_writes_and_says_how_it_ended() {
    let served = Served::start();
    let mut answer = served.runs("quiet");
    assert!(answer.head.to_lowercase().contains("content-type: application/x-ndjson"));
    let started = answer.until("started");
    let command = "cargo run --release --example unruly -- --mode quiet";
    assert_eq!(started, json!({ "started": command }));
    let (out, ended) = answer.printed();
    assert_eq!(out, "first\nsecond\n");
    assert_eq!(ended, json!({ "ended": "exit status 0", "how": "success" }));
    for (mode, how, sentence) in [
        ("fails", "failure", "exit status 3"),
        ("panics", "failure", "exit status 101: it panicked"),
    ] {
        assert_eq!(served.runs(mode).ended(), (how.to_string(), sentence.to_string()), "{mode}");
    }
    assert_eq!(served.runs("panics").until("err").as_object().unwrap().len(), 1);
    assert_eq!(served.runs("murmurs").until("out"), json!({ "out": "\u{fffd}漢" }));
    served.is_well("some runs");
}

/// Goes on while a file is there, and writes its line before.
const SCRIPT: &str = "\
# ANCHOR: all
import os
print('from', os.path.basename(os.getcwd()) != '')
while os.path.exists('stay'):
    pass
# ANCHOR_END: all
";

#[test]
fn a_python_program_runs_from_its_page_and_ends_with_its_reader() {
    if let Err(why) = lab::python("").interpreter() {
        let test = "a_python_program_runs_from_its_page_and_ends_with_its_reader";
        return lab::skipped(test, &why);
    }
    let root = project();
    let listing = root.path().join("listings/ideas/answer.py");
    fs::create_dir_all(listing.parent().unwrap()).unwrap();
    fs::write(listing, SCRIPT).unwrap();
    let shown = "# One\n\n{{#listing ideas/answer.py:all \"Python\" +output}}\n";
    fs::write(root.path().join("src/one.md"), shown).unwrap();
    let served = Served::serve(root, &[]);
    let request = json!({ "example": "ideas.answer.py" });
    let (_, page) = served.gets("/one.html");
    assert!(page.contains("data-example=\"ideas.answer.py\""), "{page}");
    let mut answer = served.requests(RUN, &request);
    let started = answer.until("started");
    assert_eq!(started, json!({ "started": "python3 listings/ideas/answer.py" }));
    let (out, ended) = answer.printed();
    assert_eq!(out, "from True\n");
    assert_eq!(ended, json!({ "ended": "exit status 0", "how": "success" }));
    // It never ends by itself now; its line comes all the same, and it ends when the reader leaves.
    fs::write(served.root.path().join("stay"), "").unwrap();
    let mut answer = served.requests(RUN, &request);
    answer.until("out");
    drop(answer);
    served.is_well("a reader of Python who left");
    let refused = json!({ "example": "ideas.answer.py", "parameters": { "stay": "1" } });
    assert_eq!(served.requests(RUN, &refused).status, 400);
    assert_eq!(served.requests(MEASURE, &json!({ "experiment": "ideas.answer.py" })).status, 404);
}

#[test]
fn a_line_is_on_its_way_while_the_program_stays() {
    let served = Served::start();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        // It writes one line and never ends by itself: what came did not wait for the end.
        let mut answer = served.runs("stays");
        let line = answer.until("out")["out"].as_str().unwrap().to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let written: u64 = line.trim().parse().unwrap();
        best = best.min(now.saturating_sub(Duration::from_nanos(written)));
        assert!(!processes_of(served.root.path()).is_empty(), "it has ended");
    }
    println!("a line takes {best:?}");
    served.is_well("readers who left");
}

#[test]
fn only_a_page_of_ours_that_has_the_token_can_run_something() {
    let served = Served::start();
    let request = json!({ "example": "unruly" }).to_string();
    let (host, port) = (served.host(), served.port);
    let another_port = format!("http://127.0.0.1:{}", port ^ 1);
    let secure = format!("https://{host}");
    let by_name = format!("http://localhost:{port}");
    let path = format!("http://{host}/");
    let other_digit = if served.token.starts_with('0') { "1" } else { "0" };
    let almost = format!("{other_digit}{}", &served.token[1..]);
    let attacks: [(&str, Option<&str>, &[u16]); 24] = [
        ("Host", Some("evil.example"), &[421]),
        ("Host", Some("127.0.0.1"), &[421]),
        ("Host", None, &[400, 421]),
        ("Origin", None, &[403]),
        ("Origin", Some("null"), &[403]),
        ("Origin", Some(""), &[403]),
        ("Origin", Some("http://evil.example"), &[403]),
        ("Origin", Some(&another_port), &[403]),
        ("Origin", Some(&secure), &[403]),
        ("Origin", Some(&by_name), &[403]),
        ("Origin", Some(&path), &[403]),
        ("Sec-Fetch-Site", Some("cross-site"), &[403]),
        ("Sec-Fetch-Site", Some("same-site"), &[403]),
        ("Sec-Fetch-Site", Some("none"), &[403]),
        ("Content-Type", None, &[415]),
        ("Content-Type", Some("text/plain"), &[415]),
        ("Content-Type", Some("application/x-www-form-urlencoded"), &[415]),
        ("Content-Type", Some("multipart/form-data; boundary=x"), &[415]),
        ("Content-Type", Some("text/plain; application/json"), &[415]),
        ("X-Course-Token", None, &[403]),
        ("X-Course-Token", Some(""), &[403]),
        ("X-Course-Token", Some(&almost), &[403]),
        ("X-Course-Token", Some(&served.token[1..]), &[403]),
        ("X-Course-Token", Some("00000000000000000000000000000000"), &[403]),
    ];
    for (name, value, statuses) in attacks {
        let mut head = served.head();
        head.retain(|(header, _)| header != name);
        head.extend(value.map(|value| (name.to_string(), value.to_string())));
        for path in [RUN, MEASURE, WATCH] {
            let mut answer = served.sends(path, &head, &request);
            assert!(statuses.contains(&answer.status), "{name}: {value:?}: {}", answer.head);
            assert!(!answer.head.to_lowercase().contains("access-control"));
            let why = answer.rest();
            assert!(!why.contains("started") && !why.contains(&served.token), "{why}");
        }
    }
    served.is_well("strangers");
}

#[test]
fn reading_runs_nothing_and_no_page_has_the_token() {
    let served = Served::start();
    for path in [RUN, MEASURE, WATCH] {
        for method in ["GET", "HEAD", "PUT", "OPTIONS", "DELETE"] {
            let mut stream = served.connect();
            let mut request = format!("{method} {path}?example=unruly HTTP/1.1\r\n");
            for (name, value) in served.head() {
                request += &format!("{name}: {value}\r\n");
            }
            request += "Connection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).unwrap();
            assert_eq!(Answer::read(stream).status, 405, "{method} {path}");
        }
    }
    for path in ["/", "/one.html", "/__course/build", "/toc.js"] {
        assert!(!served.gets(path).1.contains(&served.token), "{path}");
    }
    served.is_well("reading");
}

#[test]
fn a_request_is_a_name_and_choices_that_are_offered() {
    let served = Served::start();
    for (path, request, status) in [
        (RUN, r#"{"example":"nobody"}"#, 404),
        (RUN, r#"{"example":"../unruly"}"#, 404),
        (RUN, r#"{"example":"unruly\u0000"}"#, 404),
        (RUN, r#"{"example":"/bin/sh"}"#, 404),
        (RUN, r#"{"example":"unruly; touch owned"}"#, 404),
        (RUN, r#"{"example":"%2e%2e/unruly"}"#, 404),
        (RUN, r#"{"example":""}"#, 404),
        (RUN, r#"{"example":"unruly","parameters":{"mode":"none of these"}}"#, 400),
        (RUN, r#"{"example":"unruly","parameters":{"mode":"quiet --mode floods"}}"#, 400),
        (RUN, r#"{"example":"unruly","parameters":{"mode":["quiet"]}}"#, 400),
        (RUN, r#"{"example":"unruly","parameters":{"help":"quiet"}}"#, 400),
        (RUN, r#"{"example":"unruly","parameters":{"":"quiet"}}"#, 400),
        (RUN, r#"{"example":"unruly","arguments":["sleeper"]}"#, 400),
        (RUN, r#"{"example":"unruly","env":{"LD_PRELOAD":"x"}}"#, 400),
        (RUN, r#"{"experiment":"sums"}"#, 400),
        (RUN, r#"{"example":"unruly"}{"#, 400),
        (RUN, "", 400),
        (RUN, "null", 400),
        (RUN, "\u{0}", 400),
        (MEASURE, r#"{"experiment":"nobody"}"#, 404),
        (MEASURE, r#"{"experiment":"unruly"}"#, 400),
        (MEASURE, r#"{"experiment":"sums","machine":"../x"}"#, 400),
        (WATCH, r#"{"exercise":"nobody"}"#, 404),
        (WATCH, r#"{"exercise":"../../book"}"#, 404),
        (WATCH, r#"{"exercise":"--memory"}"#, 404),
        (WATCH, r#"{"exercise":"nobody","file":"/etc/passwd"}"#, 400),
        (WATCH, r#"{"example":"unruly"}"#, 400),
        ("/__course/run/", r#"{"example":"unruly"}"#, 405),
        ("/__course/../__course/run", r#"{"example":"unruly"}"#, 405),
        ("/__course/%72un", r#"{"example":"unruly"}"#, 405),
    ] {
        let mut answer = served.sends(path, &served.head(), request);
        let why = answer.rest();
        assert_eq!(answer.status, status, "{path} {request}: {why}");
    }
    let nesting = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
    assert_eq!(served.sends(RUN, &served.head(), &nesting).status, 400);
    served.is_well("requests of what is not there");
}

#[test]
fn a_server_that_shows_what_was_recorded_runs_nothing() {
    let served = Served::with(&["--recorded"]);
    assert_eq!(served.token, "", "there is nothing to give it for");
    for (path, request) in
        [(RUN, json!({ "example": "unruly" })), (WATCH, json!({ "exercise": "tickets" }))]
    {
        let mut answer = served.requests(path, &request);
        assert_eq!(answer.status, 403);
        assert!(answer.rest().contains("--recorded"));
    }
}

#[test]
fn a_request_without_end_and_one_that_comes_slowly_are_cut_off() {
    let served = Served::start();
    let head: String =
        served.head().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let open = |length: &str| {
        let mut stream = served.connect();
        write!(stream, "POST {RUN} HTTP/1.1\r\n{head}{length}\r\n\r\n").unwrap();
        stream
    };
    let slow = ["Content-Length: 24", "Transfer-Encoding: chunked"].map(open);
    let began = Instant::now();
    let senders = slow.each_ref().map(|stream| {
        let mut stream = stream.try_clone().unwrap();
        thread::spawn(move || {
            while began.elapsed() < CUT_WITHIN && stream.write_all(b"1\r\n \r\n").is_ok() {
                // Not waiting for something: this is how slow the sender is.
                thread::sleep(Duration::from_millis(1500));
            }
        })
    });
    let endless = "a".repeat(1 << 20);
    for (length, start) in
        [("Content-Length: 1000000000", ""), ("Transfer-Encoding: chunked", "fffffff\r\n")]
    {
        let mut stream = open(length);
        // Refused while it is still being sent, so that sending can fail.
        let sent = write!(stream, "{start}{endless}");
        let status = Answer::read(stream).status;
        assert!(status == 413 || (status == 0 && sent.is_err()), "{length}: {status}");
    }
    served.is_well("requests without end");
    for stream in slow {
        let status = Answer::read(stream).status;
        assert!([400, 408].contains(&status), "{status}");
        assert!(began.elapsed() < CUT_WITHIN, "still connected after {:?}", began.elapsed());
    }
    for sender in senders {
        sender.join().unwrap();
    }
    served.is_well("slow requests");
}

#[test]
fn a_listing_that_misbehaves_is_ended_and_nothing_of_it_is_left() {
    let served = Served::with(&["--run-seconds", "3", "--run-memory", "256"]);
    let left_one = "exit status 0; a process that it left behind was stopped";
    for (mode, how, sentence) in [
        ("floods", "limit", "stopped after 1 MiB of output, the most that a page shows"),
        ("forks", "limit", "stopped at 64 processes, the most that a page lets it start"),
        ("eats", "limit", "stopped at 256 MiB of memory, the most that a page lets it use"),
        ("leaves", "success", left_one),
        ("detaches", "success", left_one),
        ("detaches_and_stays", "limit", "stopped after 3 s, the longest that a page lets it run"),
        ("ignores", "limit", "stopped after 3 s, the longest that a page lets it run"),
        ("closes", "limit", "stopped after 3 s, the longest that a page lets it run"),
        ("stays", "limit", "stopped after 3 s, the longest that a page lets it run"),
    ] {
        let mut answer = served.runs(mode);
        let mut out = 0;
        let ended = loop {
            let line = answer.line().unwrap_or_else(|| panic!("{mode}: no end"));
            out += line["out"].as_str().map_or(0, str::len);
            if line.get("ended").is_some() {
                break line;
            }
        };
        assert_eq!(ended, json!({ "ended": sentence, "how": how }), "{mode}");
        assert!(out <= 1 << 20, "{mode}: {out} bytes");
        assert_eq!(answer.line(), None, "{mode}");
        served.is_well(mode);
    }
}

#[test]
fn a_reader_who_leaves_takes_the_run_along() {
    let served = Served::start();
    for mode in ["stays", "detaches_and_stays", "ignores", "closes"] {
        let mut answer = served.runs(mode);
        answer.until("out");
        assert!(!processes_of(served.root.path()).is_empty(), "{mode} runs");
        drop(answer);
        served.is_well(mode);
    }
    for mode in ["floods", "forks"] {
        // At no particular moment.
        served.runs(mode).until("started");
        served.is_well(mode);
    }
}

#[test]
fn a_reader_who_does_not_read_keeps_nobody_from_running() {
    let served = Served::start();
    let _idle = served.runs("floods");
    assert_eq!(served.runs("quiet").ended().0, "success");
    served.is_well("a reader who does not read");
}

#[test]
fn others_wait_their_turn_and_the_queue_is_short() {
    let served = Served::start();
    let mut first = served.runs("stays");
    first.until("out");
    let mut waiting: Vec<Answer> = (1..=4)
        .map(|before| {
            let mut answer = served.runs("stays");
            assert_eq!(answer.line(), Some(json!({ "waiting": before })));
            answer
        })
        .collect();
    let mut refused = served.requests(RUN, &json!({ "example": "unruly" }));
    assert_eq!(refused.status, 503);
    assert!(refused.rest().contains("waiting"));
    // One that waits leaves; those behind it move up.
    drop(waiting.remove(0));
    assert_eq!(waiting[0].line(), Some(json!({ "waiting": 1 })));
    assert_eq!(waiting[1].line(), Some(json!({ "waiting": 2 })));
    drop(first);
    waiting[0].until("started");
    waiting[0].until("out");
    let ours = processes_of(served.root.path());
    assert_eq!(ours.iter().filter(|(_, line)| !line.contains("supervise")).count(), 1, "{ours:?}");
    drop(waiting);
    served.is_well("a queue");
    assert_eq!(served.runs("quiet").ended().0, "success");
}

#[test]
fn a_run_waits_for_another_process_that_measures_here() {
    let served = Served::start();
    let lock = served.root.path().join("target/course.lock");
    let lock = File::options().append(true).open(lock).unwrap();
    lock.lock().unwrap();
    let mut answer = served.runs("quiet");
    assert_eq!(answer.line(), Some(json!({ "waiting": 1 })));
    // Who leaves while waiting is not run later.
    let mut impatient = served.runs("stays");
    impatient.until("waiting");
    drop(impatient);
    lock.unlock().unwrap();
    assert_eq!(answer.ended().0, "success");
    served.is_well("waiting");
}

#[test]
fn a_measurement_tells_its_rounds_and_the_pages_show_it() {
    let root = project();
    let page = "# One\n\n{{#figure sums bars \"A finding\"}}\n";
    fs::write(root.path().join("src/one.md"), page).unwrap();
    let served = Served::serve(root, &[]);
    let id = served.gets("/__course/build").1;
    let shows_a_plot = || served.gets("/one.html").1.contains("<div class=\"narrow\">");
    assert!(!shows_a_plot(), "it was never measured");
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "sums" }));
    let command = "cargo course measure sums --quick";
    assert_eq!(answer.until("started"), json!({ "started": command }));
    let mut rounds = Vec::new();
    loop {
        let line = answer.line().expect("a line that says that the pages are rendered");
        if line.get("rendering").is_some() {
            break;
        }
        assert!(line["of"].is_u64() && line["point"].is_string(), "{line}");
        rounds.push((line["round"].as_u64().unwrap(), line["seconds_left"].is_u64()));
    }
    let built = answer.until("built");
    assert_eq!(built["built"].as_str(), Some(&*served.gets("/__course/build").1));
    assert!(shows_a_plot(), "the pages that it tells of have the numbers");
    let ended = answer.until("ended");
    rounds.dedup();
    assert_eq!(rounds.remove(0), (0, false), "one shows what a round costs, and does not count");
    let machine = ended["machine"].as_str().unwrap();
    let record = served.root.path().join(format!("measurements/{machine}/sums.json"));
    let record: Value = serde_json::from_str(&fs::read_to_string(record).unwrap()).unwrap();
    let recorded = record["measurement"]["rounds"].as_array().unwrap().len() as u64;
    assert!(recorded >= 6, "{recorded} rounds");
    let all: Vec<(u64, bool)> = (1..=recorded).map(|round| (round, round > 1)).collect();
    assert_eq!(rounds, all, "what is left is known after a round");
    assert_eq!(ended["how"], "success", "{ended}");
    assert_ne!(served.gets("/__course/build").1, id, "pages that are open learn of it");
    served.is_well("a measurement");
}

#[test]
fn what_was_measured_for_a_book_that_does_not_build_is_recorded_and_said() {
    let served = Served::start();
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "sums" }));
    answer.until("round");
    fs::write(served.root.path().join("src/one.md"), "# One\n\n{{#figure nobody}}\n").unwrap();
    let why = answer.until("not_built")["not_built"].to_string();
    assert!(why.contains("src/one.md:3") && why.contains("nobody"), "{why}");
    assert_eq!(answer.until("ended")["how"], "success");
    let records = served.root.path().join("measurements");
    let recorded = walkdir::WalkDir::new(records).into_iter().flatten();
    assert!(recorded.into_iter().any(|file| file.path().ends_with("sums.json")));
    served.is_well("a measurement that no page shows");
}

#[test]
fn a_reader_who_leaves_stops_the_measurement() {
    let served = Served::start();
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "sluggish" }));
    answer.until("round");
    wait_until("an arm", || !processes_of(served.root.path()).is_empty());
    drop(answer);
    served.is_well("a measurement that nobody wants");
    assert_eq!(served.runs("quiet").ended().0, "success");
}

#[test]
fn what_an_arm_leaves_behind_is_ended_before_the_next_one_runs() {
    let served = Served::start();
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "deserters" }));
    let mut most = 0;
    let ended = loop {
        let line = answer.line().expect("a line that says how it ended");
        if line.get("ended").is_some() {
            break line;
        }
        let sleepers = processes_of(served.root.path());
        most = most.max(sleepers.iter().filter(|(_, line)| line.contains("sleeper")).count());
    };
    assert_eq!(ended["how"], "success", "{ended}");
    // Told of an arm before it starts; the one that was left is of the arm that runs.
    assert!(most <= 1, "{most} were there at once");
    served.hears("left a process behind; it was ended");
    served.is_well("deserters");
    // And when nobody wants the measurement any more.
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "deserters" }));
    answer.until("round");
    drop(answer);
    served.is_well("deserters that nobody wants");
}

#[test]
fn what_is_edited_during_a_measurement_is_compiled_and_shown_after_it() {
    let served = Served::start();
    let root = served.root.path();
    let write = |path: &str, text: &str| fs::write(root.join(path), text).unwrap();
    let compiled = || fs::read(root.join("cargo_calls")).unwrap().len();
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "patient" }));
    answer.until("round");
    let (id, calls) = (served.gets("/__course/build").1, compiled());
    write("src/one.md", "# One\n\nThe second words.\n");
    served.hears("Waiting for the measurement to end");
    write("go", "");
    assert_eq!(answer.ended().0, "success");
    wait_until("the second words", || served.gets("/one.html").1.contains("The second words."));
    assert_ne!(served.gets("/__course/build").1, id);
    assert_eq!(compiled(), calls, "no listing changed");

    fs::remove_file(root.join("go")).unwrap();
    let mut answer = served.requests(MEASURE, &json!({ "experiment": "patient" }));
    answer.until("round");
    let (id, calls) = (served.gets("/__course/build").1, compiled());
    write("examples/patient.rs", "fn main() { }\n");
    served.hears("Waiting for the measurement to end");
    assert_eq!((served.gets("/__course/build").1, compiled()), (id, calls));
    write("go", "");
    assert_eq!(answer.ended().0, "success");
    wait_until("it is compiled", || compiled() > calls);
    served.is_well("an edit during a measurement");
}

#[test]
fn a_server_that_ends_leaves_nothing_behind() {
    for signal in ["-INT", "-KILL"] {
        let mut served = Served::start();
        let mut answer = served.runs("detaches_and_stays");
        answer.until("out");
        let waiting = served.runs("stays");
        let ended = Command::new("kill").args([signal, &served.child.id().to_string()]).status();
        assert!(ended.unwrap().success());
        served.child.wait().unwrap();
        nothing_is_left_of(served.root.path(), signal);
        drop(waiting);
    }
}

#[test]
fn a_storm_of_idle_connections_ends_no_run() -> io::Result<()> {
    let served = Served::with(&["--run-seconds", "3"]);
    let mut answer = served.runs("stays");
    answer.until("out");
    let idle: Vec<TcpStream> = (0..300)
        .map(|_| TcpStream::connect(("127.0.0.1", served.port)))
        .collect::<io::Result<_>>()?;
    assert_eq!(served.gets("/one.html").0, 200);
    assert_eq!(answer.ended().0, "limit", "its own, after 3 s");
    served.is_well("a storm");
    drop(idle);
    Ok(())
}
