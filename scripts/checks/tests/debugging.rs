//! The page on debugging shows five sessions. Each is held here once more, by the command lines that the page
//! shows, and has to say the same. `UPDATE_FOUND=1 cargo test -p checks --test debugging` writes them anew.
//!
//! A session whose tool is missing, or not allowed, is named.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use lab::skipped;

/// No session takes longer: `timeout` ends what is still there then.
const LONGEST: &str = "300";

/// How often a session is held again that depends on how threads happen to meet.
const TRIES: usize = 10;

const DEADLOCK: [&str; 2] = [
    "rustc --edition 2024 -g --out-dir target/debugging listings/debugging/deadlock.rs",
    "gdb -nx --batch -p $! -ex \"thread apply all backtrace\"",
];

const DATA_RACE: [&str; 2] = [
    "RUSTC_BOOTSTRAP=1 rustc --edition 2024 -O -g -Zsanitizer=thread --out-dir target/debugging \
     -Cunsafe-allow-abi-mismatch=sanitizer listings/debugging/data_race.rs",
    "TSAN_OPTIONS=suppressions=listings/debugging/std.supp target/debugging/data_race relaxed",
];

const STUCK_TASK: &str = "RUSTFLAGS=\"--cfg tokio_unstable\" cargo run -q --locked --target-dir target/task_dump \
                          --manifest-path listings/debugging/task_dump/Cargo.toml";

const LOST_TIME: [&str; 5] = [
    "rustc --edition 2024 -O -g --out-dir target/debugging listings/debugging/lost_time.rs",
    "perf stat -e task-clock,context-switches target/debugging/lost_time around",
    "perf stat -e task-clock,context-switches target/debugging/lost_time after",
    "perf record -q -e context-switches --call-graph dwarf,4096 -o target/debugging/perf.data \
     target/debugging/lost_time around",
    "perf report -i target/debugging/perf.data --stdio --no-children -g graph,5,callee",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/checks")
}

/// What a command line of the page does, as a shell in the project's folder has it.
fn held(line: &str) -> Output {
    fs::create_dir_all(root().join("target/debugging")).unwrap();
    Command::new("timeout")
        .args(["-k", "5", LONGEST, "sh", "-c", line])
        .current_dir(root())
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Everything it printed, errors last.
fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[track_caller]
fn succeeds(line: &str) -> String {
    let output = held(line);
    assert!(output.status.success(), "{line}: {}\n{}", output.status, said(&output));
    said(&output)
}

/// Why there is no such program to hold a session with.
fn missing(program: &str, package: &str) -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("the session is one of Linux".into());
    }
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    let there = asked.is_ok_and(|status| status.success());
    (!there).then(|| format!("`{program}` is not here (Debian: apt-get install {package})"))
}

/// The session as the page shows it, compared by what of it is the same each time.
#[track_caller]
fn stands_in(file: &str, session: &str, same: fn(&str) -> String) {
    let path = root().join("listings/debugging").join(file);
    if env::var_os("UPDATE_FOUND").is_some() {
        fs::write(&path, session).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        !session.contains(&*root().to_string_lossy()),
        "{file} has a path of this machine:\n{session}"
    );
    assert!(
        same(&kept) == same(session),
        "listings/debugging/{file} does not say what was found: write it anew with\n\
         UPDATE_FOUND=1 cargo test -p checks --test debugging\n\nfound:\n{session}"
    );
}

/// The command line as the page shows it: in lines of 78 letters.
fn shown(line: &str) -> String {
    let (mut text, mut length) = ("$".to_string(), 1);
    for word in line.split_whitespace() {
        if length + 1 + word.len() > 76 {
            text += " \\\n   ";
            length = 3;
        }
        text += &format!(" {word}");
        length += 1 + word.len();
    }
    text + "\n"
}

/// A program that is ended with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it can be over
        let _ = self.0.wait();
    }
}

/// `listings/debugging/../locks` is `listings/locks`.
fn places(text: &str) -> String {
    let here = format!("{}/", root().display());
    text.replace(&here, "")
        .replace("listings/debugging/../", "listings/")
        .replace("listings/debugging/task_dump/src/../../../", "listings/")
}

/// A name of Rust's without the modules it is in, and without what stands in `<…>`.
fn short(name: &str) -> String {
    let mut depth = 0;
    let plain: String = name
        .chars()
        .filter(|letter| {
            depth += i32::from(*letter == '<');
            let outside = depth == 0;
            depth -= i32::from(*letter == '>');
            outside
        })
        .collect();
    let parts: Vec<&str> = plain.split("::").filter(|part| !part.is_empty()).collect();
    let named = parts.iter().rposition(|part| !part.starts_with('{')).unwrap_or(0);
    parts[named..].join("::")
}

/// One frame of gdb's, `#5  0x… in a::b::take (seat=4) at FILE:34`, where it is of use.
fn frame(line: &str) -> Option<String> {
    let line = places(line);
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let rest = rest.trim_start();
    let rest = match rest.split_once(" in ") {
        Some((address, rest)) if address.starts_with("0x") => rest,
        _ => rest,
    };
    let (name, place) = rest.split_once(" (")?;
    let ours = place.contains(" at listings/");
    let waits = name.ends_with("lock_contended") || name.ends_with("Thread::park");
    let (arguments, file) = place.split_once(" at ")?;
    match ours {
        true if short(name).starts_with("main::{") => None,
        true => Some(format!("  #{number} {} ({arguments} at {file}\n", short(name))),
        false if waits => Some(format!("  #{number} {} ({arguments}\n", name)),
        false => None,
    }
}

/// Who is where: gdb's versions show the other arguments, and number the frames, each in its own way.
fn seats(session: &str) -> String {
    let of_the_listing = session.lines().filter(|line| line.contains("listings/locks"));
    let words = of_the_listing.map(|line| {
        let told =
            |word: &&str| ["seat=", "fork=", "listings/"].iter().any(|k| word.starts_with(k));
        let name = line.split_whitespace().nth(1).unwrap_or_default();
        let told: Vec<&str> = line.split([' ', ',', '(', ')']).filter(told).collect();
        format!("{name} {}\n", told.join(" "))
    });
    words.collect()
}

/// What gdb says of each thread: that it waits, and the frames of the listing.
fn threads(dump: &str) -> String {
    let mut text = String::new();
    for line in dump.lines() {
        if let Some((number, rest)) =
            line.strip_prefix("Thread ").and_then(|rest| rest.split_once(" ("))
        {
            let name = rest.split('"').nth(1).unwrap_or_default();
            text += &format!("\nThread {number} \"{name}\"\n");
        } else if let Some(frame) = frame(line) {
            text += &frame;
        }
    }
    text
}

#[test]
fn a_dump_of_all_threads_shows_the_circle() {
    let test = "a_dump_of_all_threads_shows_the_circle";
    if let Some(why) = missing("gdb", "gdb") {
        return skipped(test, &why);
    }
    let [compile, dump] = DEADLOCK;
    succeeds(compile);
    let program = root().join("target/debugging/deadlock");
    let child = Command::new(program).current_dir(root()).stdout(Stdio::piped()).spawn();
    let mut running = Running(child.unwrap());
    let mut first = String::new();
    let stdout = running.0.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut first).unwrap();
    let attached = dump.replace("$!", &running.0.id().to_string());
    let everybody_waits = |text: &str| {
        text.matches("lock_contended").count() == 5 && text.matches("Thread::park").count() == 1
    };
    for _ in 0..TRIES {
        let said = said(&held(&attached));
        if said.contains("ptrace: ") || said.contains("Could not attach") {
            let why = said.lines().find(|line| line.contains("ptrace")).unwrap_or(&said);
            return skipped(test, &format!("gdb is not allowed to look: {why}"));
        }
        let seen = threads(&said);
        if everybody_waits(&seen) {
            let start = "$ target/debugging/deadlock &\n".to_string() + &first;
            let session = shown(compile) + &start + &shown(dump) + &seen;
            return stands_in("deadlock.txt", &session, seats);
        }
    }
    panic!("not all of them wait, after {TRIES} dumps: {}", said(&held(&attached)));
}

/// Of a report of ThreadSanitizer: what touched the memory, in which lines of the listings.
fn report(text: &str) -> String {
    let mut shown = String::new();
    let first = text.lines().take_while(|line| !line.contains("Thread T"));
    for line in first {
        let line = places(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["WARNING:", ..] => shown += "WARNING: ThreadSanitizer: data race\n",
            [.., "by", "thread", thread] => {
                let access = line.split(" at 0x").next().unwrap_or_default();
                shown += &format!("{access} by thread {thread}\n");
            }
            [number, ..] if number.starts_with('#') => {
                let Some((name, place)) = line.split_once(" listings/") else { continue };
                let name = short(name.trim_start().trim_start_matches(number).trim());
                let place = place.split(' ').next().unwrap_or_default();
                shown += &format!("    {number} {name} listings/{place}\n");
            }
            ["Location", ..] => shown += &format!("{line}\n"),
            _ => {}
        }
    }
    shown
}

#[test]
fn a_data_race_is_reported_though_the_balance_is_right() {
    let test = "a_data_race_is_reported_though_the_balance_is_right";
    let sanitized = cfg!(all(
        target_os = "linux",
        target_env = "gnu",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ));
    if !sanitized {
        return skipped(test, "ThreadSanitizer is looked at on Linux, x86-64 or 64-bit ARM");
    }
    let [compile, run] = DATA_RACE;
    succeeds(compile);
    let output = held(run);
    let found = said(&output);
    if found.contains("unexpected memory mapping") {
        return skipped(
            test,
            "ThreadSanitizer does not get the addresses it wants from this system",
        );
    }
    assert_eq!(output.status.code(), Some(66), "{found}");
    let balance = found.lines().find(|line| line.starts_with("balance")).unwrap_or_default();
    let session = shown(compile) + &shown(run) + balance + "\n" + &report(&found);
    // Either thread can come second, and its addition reads or writes.
    stands_in("data_race.txt", &session, |text| {
        text.replace("thread T1", "a thread")
            .replace("thread T2", "a thread")
            .replace("Read of size", "Write of size")
            .replace("Previous read", "Previous write")
    });
    let right = held(&run.replace("relaxed", "right"));
    assert_eq!(said(&right), "balance 2\n", "the right lock has no race");
    assert!(right.status.success());
}

/// The schedule that shuttle prints.
fn schedule(text: &str) -> &str {
    text.split('"').nth(1).map(str::trim).unwrap_or_default()
}

#[test]
fn a_lost_update_is_found_and_its_schedule_loses_it_again() {
    let program = Path::new(env!("CARGO_BIN_EXE_lost_update"));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(program);
        let output = command.args(arguments).env("RUST_BACKTRACE", "0").output().unwrap();
        assert!(!output.status.success(), "no order lost anything: {}", said(&output));
        (String::from_utf8_lossy(&output.stdout).into_owned(), said(&output))
    };
    let (orders, found) = run(&[]);
    let schedule = schedule(&found);
    let (replayed, again) = run(&[schedule]);
    assert!(orders.ends_with(&replayed), "another order is replayed:\n{orders}\n{replayed}");
    let kept = |text: &str| -> String {
        let of_the_assertion = |line: &&str| {
            line.starts_with("assertion")
                || line.starts_with("  left")
                || line.starts_with(" right")
        };
        text.lines().filter(of_the_assertion).map(|line| format!("{line}\n")).collect()
    };
    assert_eq!(kept(&found), kept(&again));
    let session = shown("cargo run -p checks --bin lost_update")
        + &format!("… {} orders, and in the last of them\n", orders.matches("an order").count())
        + &kept(&found)
        + &format!("failing schedule: \"{schedule}\"\n\n")
        + &shown(&format!("cargo run -p checks --bin lost_update -- {schedule}"))
        + &replayed
        + &kept(&again);
    stands_in("lost_update.txt", &session, str::to_string);
}

#[test]
fn a_task_dump_shows_what_the_task_waits_for_and_not_who_has_it() {
    let test = "a_task_dump_shows_what_the_task_waits_for_and_not_who_has_it";
    let dumped = cfg!(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "x86")
    ));
    if !dumped {
        return skipped(test, "tokio dumps tasks on Linux, x86 or 64-bit ARM");
    }
    let output = held(STUCK_TASK);
    let found = said(&output);
    let offline = ["failed to download", "Could not resolve", "failed to get", "network"];
    if !output.status.success() && offline.iter().any(|word| found.contains(word)) {
        return skipped(test, "the crates that tokio's dumps need could not be fetched");
    }
    assert!(output.status.success(), "{found}");
    // The listing's own steps, and the first that is tokio's.
    let ours = found.lines().filter(|line| line.contains("listings/") || line.starts_with("task"));
    let theirs = found.lines().find(|line| line.contains("/tokio-")).unwrap_or_default();
    let (name, file) = theirs.split_once(" at ").unwrap_or_default();
    let file = file.split_once("/tokio-").map_or("", |(_, file)| file);
    let steps = ours.map(|line| places(line) + "\n").collect::<String>()
        + &format!("{name} at tokio-{file}\n");
    let session = shown(STUCK_TASK) + &steps;
    assert!(!session.contains("stir"), "a future that is not polled is in the dump:\n{session}");
    stands_in("stuck_task.txt", &session, str::to_string);
}

/// The number before a word in what `perf stat` says.
fn counted(stat: &str, what: &str) -> f64 {
    let line = stat.lines().find(|line| line.contains(what)).unwrap_or_default();
    let number = line.split_whitespace().next().unwrap_or_default().replace(',', "");
    number.parse().unwrap_or_else(|_| panic!("no {what} in:\n{stat}"))
}

/// The lines of `perf stat` that count.
fn counts(stat: &str) -> String {
    let of_use = |line: &&str| {
        ["task-clock", "context-switches", "elapsed"].iter().any(|word| line.contains(word))
    };
    stat.lines().filter(of_use).map(|line| format!("{}\n", line.trim_end())).collect()
}

/// Of the report, the way from the switch to the listing.
fn way(report: &str) -> String {
    let mut text = String::new();
    let lines = report
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains(|c: char| c.is_alphanumeric()));
    for line in lines {
        text += &format!("{}\n", line.trim_end());
        if line.contains("lock_around") {
            break;
        }
    }
    text
}

/// Numbers, and the functions between the two, are different each time and for each version of perf.
fn names(session: &str) -> String {
    let ours = |line: &str| {
        let named =
            ["lock_contended", "lock_around::"].into_iter().find(|name| line.contains(name));
        if line.starts_with('$') { Some(line.to_string()) } else { named.map(String::from) }
    };
    session.lines().filter_map(ours).map(|line| line + "\n").collect()
}

#[test]
fn lost_time_is_where_threads_are_switched() {
    let test = "lost_time_is_where_threads_are_switched";
    if let Some(why) = missing("perf", "linux-perf") {
        return skipped(test, &why);
    }
    if thread::available_parallelism().is_ok_and(|cores| cores.get() < 2) {
        return skipped(test, "two threads that wait for one lock need two cores to lose time");
    }
    let [compile, around, after, record, report] = LOST_TIME;
    succeeds(compile);
    let allowed = held(around);
    if !allowed.status.success() {
        let said = said(&allowed);
        let why = said.lines().find(|line| line.contains("rror")).unwrap_or_default();
        return skipped(test, &format!("perf is not allowed to look: {why}"));
    }
    let mut last = String::new();
    for _ in 0..TRIES {
        let (lost, kept) = (succeeds(around), succeeds(after));
        let recorded = held(record);
        if !recorded.status.success() {
            return skipped(
                test,
                "perf is not allowed to record switches: it asks for root, or for \
                                  /proc/sys/kernel/perf_event_paranoid to be 1",
            );
        }
        let way = way(&said(&held(report)));
        if way.is_empty() {
            return skipped(
                test,
                "perf is not allowed to look into the kernel, where switches are: it asks for root",
            );
        }
        last = shown(compile)
            + &shown(around)
            + &counts(&lost)
            + &shown(after)
            + &counts(&kept)
            + &shown(record)
            + &shown(report)
            + &way;
        // Where other programs have the cores, the two threads hardly meet, and most switches are not theirs.
        let met = counted(&lost, "context-switches") > 10.0 * counted(&kept, "context-switches");
        if met && way.contains("lock_around") && way.contains("lock_contended") {
            return stands_in("lost_time.txt", &last, names);
        }
    }
    panic!("in {TRIES} runs the lock around the work cost no switches:\n{last}");
}
