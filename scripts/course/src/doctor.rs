//! `cargo course doctor`: is this machine fit to measure, and what is missing.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use book::figures::units;
use book::project::Project;
use book::records::Records;
use lab::Script;
use lab::machine::{Machine, ProcessorTime, load_average};

use crate::measure::described;

/// How long stolen time and foreign load are watched.
const WATCHED: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mark {
    Good,
    Mind,
    Hidden,
    Missing,
}

/// One line of the report.
struct Finding {
    mark: Mark,
    about: &'static str,
    what: String,
}

/// Prints what was found. It fails only where measuring is not possible at all.
pub(crate) fn doctor(project: &Project) -> Result<()> {
    let machine = Machine::here();
    println!("{} · {}\n", machine.name, described(&machine));
    println!("Fit to measure?");
    print(&hardware(&machine));
    print(&watched());
    println!("\nWhat the course can use");
    print(&tools());
    println!("\nRecords");
    print(&records(project, &machine)?);
    Ok(())
}

fn print(findings: &[Finding]) {
    for finding in findings {
        let sign = match finding.mark {
            Mark::Good => "✓",
            Mark::Mind => "!",
            Mark::Hidden => "·",
            Mark::Missing => "✗",
        };
        println!("  {sign} {:<16} {}", finding.about, finding.what);
    }
}

fn finding(mark: Mark, about: &'static str, what: impl Into<String>) -> Finding {
    Finding { mark, about, what: what.into() }
}

fn hardware(machine: &Machine) -> Vec<Finding> {
    let cores = match (machine.cores, machine.logical_cores) {
        (1, 1) => {
            finding(Mark::Mind, "cores", "1: there is concurrency to see here, and no parallelism")
        }
        (allowed, all) if allowed < all => {
            finding(Mark::Mind, "cores", format!("{allowed} of {all} allowed (affinity or quota)"))
        }
        (allowed, _) => finding(Mark::Good, "cores", format!("{allowed}, all allowed")),
    };
    let governor = match machine.governor.as_deref() {
        Some("performance") => finding(Mark::Good, "governor", "performance"),
        Some(other) => finding(
            Mark::Mind,
            "governor",
            format!(
                "{other}: the clock follows the load; `cpupower frequency-set -g performance` (as root) holds it"
            ),
        ),
        None => finding(Mark::Hidden, "governor", "not exposed"),
    };
    let power = match machine.power.as_deref() {
        Some("battery") => {
            finding(Mark::Mind, "power", "battery: plug it in, laptops slow down on battery")
        }
        Some(other) => finding(Mark::Good, "power", other),
        None => finding(Mark::Hidden, "power", "not exposed"),
    };
    let virtualization = match machine.virtualization.as_deref() {
        Some("none") => finding(Mark::Good, "virtualization", "none"),
        Some(kind) => finding(
            Mark::Mind,
            "virtualization",
            format!(
                "{kind}: other guests share the hardware; rounds with stolen time are set aside"
            ),
        ),
        None => finding(Mark::Hidden, "virtualization", "not exposed"),
    };
    let memory = match machine.memory_bytes {
        Some(bytes) => finding(Mark::Good, "memory", units::bytes(bytes as f64)),
        None => finding(Mark::Hidden, "memory", "not exposed"),
    };
    vec![cores, governor, power, virtualization, memory]
}

/// Stolen time and load, over a moment in which this command does nothing.
fn watched() -> Vec<Finding> {
    let load = match load_average() {
        Some(load) if load > 0.5 => finding(
            Mark::Mind,
            "load",
            format!("{load:.2} over the last minute: close what is running"),
        ),
        Some(load) => finding(Mark::Good, "load", format!("{load:.2} over the last minute")),
        None => finding(Mark::Hidden, "load", "not exposed"),
    };
    let Some(before) = ProcessorTime::now() else {
        return vec![load, finding(Mark::Hidden, "stolen time", "not exposed")];
    };
    // Not waiting for something: this is the length of the observation.
    std::thread::sleep(WATCHED);
    let passed = ProcessorTime::now().unwrap_or_default().since(before);
    let share = |part: u64| part as f64 / passed.total.max(1) as f64 * 100.0;
    let (stolen, busy) = (share(passed.stolen), share(passed.busy));
    let seconds = WATCHED.as_secs();
    let mark = |bad: bool| if bad { Mark::Mind } else { Mark::Good };
    vec![
        load,
        finding(
            mark(busy > 10.0),
            "other programs",
            format!("{busy:.1} % of all cores over {seconds} s"),
        ),
        finding(mark(stolen > 1.0), "stolen time", format!("{stolen:.1} % over {seconds} s")),
    ]
}

fn tools() -> Vec<Finding> {
    let python = found("Python", &lab::python(""));
    let chromium = match chromium() {
        Some((program, version)) => {
            finding(Mark::Good, "Chromium", format!("{version} as `{program}`"))
        }
        None => finding(
            Mark::Missing,
            "Chromium",
            "not found; only `cargo course test` needs it (Debian: apt-get install chromium chromium-driver)",
        ),
    };
    let rustc = match version("rustc") {
        Some(version) => finding(Mark::Good, "Rust", version),
        None => {
            finding(Mark::Missing, "Rust", "rustc was not found; https://rustup.rs installs it")
        }
    };
    let free = found("Free-threaded Python", &lab::free_threaded_python(""));
    let c = found("C compiler", &lab::c(""));
    let mut findings = vec![rustc, python, modules()];
    findings.extend(PYTHON_PACKAGES.map(|(module, package, debian, purpose)| {
        optional(package, debian, purpose, &lab::python("").needs_from(module, package))
    }));
    let gdb = tool("gdb", "gdb", "a dump of all threads");
    let perf = tool("perf", "linux-perf", "where threads stop");
    findings.extend([free, c, postgresql_found(), broker(), chromium, gdb, perf]);
    findings
}

/// The packages of Python that some arms need: the module, its name on PyPI, Debian's, what it is for.
const PYTHON_PACKAGES: [(&str, &str, &str, &str); 7] = [
    ("numpy", "numpy", "python3-numpy", "arrays, in chapters 11, 14, 18, 19, 20 and 21"),
    ("PIL", "pillow", "python3-pil", "pictures, in chapter 11"),
    ("requests", "requests", "python3-requests", "an HTTP client that blocks, in chapter 17"),
    ("aiohttp", "aiohttp", "python3-aiohttp", "an HTTP client that is awaited, in chapter 17"),
    ("psycopg", "psycopg", "python3-psycopg", "PostgreSQL from Python, in chapter 17"),
    ("ipyparallel", "ipyparallel", "python3-ipyparallel", "a cluster's engines, in chapter 21"),
    ("distributed", "distributed", "python3-distributed", "dask's workers, in chapter 21"),
];

/// The database that chapters ask: they start a server of their own, in a temporary folder.
fn postgresql_found() -> Finding {
    match postgresql() {
        Some(version) => finding(Mark::Good, "PostgreSQL", format!("{version}, for chapter 17")),
        None => finding(
            Mark::Missing,
            "PostgreSQL",
            format!(
                "not found; `{}` installs it, and chapters that ask a database show their arms as not available until then",
                install_postgresql()
            ),
        ),
    }
}

/// The command that installs it here.
fn install_postgresql() -> &'static str {
    if cfg!(windows) {
        "winget install PostgreSQL.PostgreSQL.17"
    } else if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else {
        "apt-get install postgresql"
    }
}

/// The version of the server whose programs are here: `pg_config` knows where, and Debian has no such
/// program without the headers.
pub(crate) fn postgresql() -> Option<String> {
    let told = Command::new("pg_config").arg("--bindir").output().ok();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string());
    let below = |folder: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries.map(|entry| entry.path().join("bin")).collect();
        found.sort();
        found.reverse(); // the newest first
        found
    };
    let mut folders: Vec<PathBuf> = told.into_iter().map(PathBuf::from).collect();
    folders.extend(below("/usr/lib/postgresql"));
    folders.extend(["/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt"] {
        let of_postgresql = |path: &PathBuf| path.to_string_lossy().contains("opt/postgresql");
        folders.extend(below(homebrew).into_iter().filter(of_postgresql));
    }
    folders.extend(below("C:\\Program Files\\PostgreSQL"));
    let server = format!("postgres{}", env::consts::EXE_SUFFIX);
    folders.iter().find_map(|folder| version(&folder.join(&server).to_string_lossy()))
}

/// Whether this Python can import a module in Rust. The stable ABI needs no headers of Python.
fn modules() -> Finding {
    const ABOUT: &str = "modules in Rust";
    let Ok((program, version)) = lab::python("").interpreter() else {
        return finding(Mark::Hidden, ABOUT, "no Python to import them");
    };
    let minor = version.split('.').nth(1).and_then(|minor| minor.parse().ok());
    if minor.is_some_and(|minor: u32| minor >= 11) {
        let built = "built when an example wants one; Python's headers are not needed";
        return finding(Mark::Good, ABOUT, built);
    }
    let old = format!(
        "`{program}` is {version}, and they need 3.11; their arms are shown as not available until then"
    );
    finding(Mark::Missing, ABOUT, old)
}

/// The version of the broker that is here. Debian has it where only the administrator's path leads.
pub(crate) fn nats_server() -> Option<String> {
    ["nats-server", "/usr/sbin/nats-server"].into_iter().find_map(version)
}

/// What the engines of chapter 21 take their jobs from.
fn broker() -> Finding {
    match nats_server() {
        Some(version) => finding(Mark::Good, "nats-server", format!("{version}, for chapter 21")),
        None => finding(
            Mark::Missing,
            "nats-server",
            "not found; `apt-get install nats-server`, `brew install nats-server` or `winget install \
             NATSAuthors.NATSServer` installs it; the arms with a broker are shown as not available until then",
        ),
    }
}

/// A tool of the page on debugging, and how Debian calls its package.
fn tool(name: &'static str, debian: &str, purpose: &str) -> Finding {
    match version(name) {
        Some(version) => {
            finding(Mark::Good, name, format!("{version}, for {purpose} on the page on debugging"))
        }
        None => finding(
            Mark::Missing,
            name,
            format!(
                "not found; it is for {purpose} on the page on debugging (Debian: apt-get install {debian})"
            ),
        ),
    }
}

/// What runs or compiles the arms of another language.
fn found(name: &'static str, script: &Script) -> Finding {
    match script.interpreter() {
        Ok((program, version)) => finding(Mark::Good, name, format!("{version} as `{program}`")),
        Err(why) => {
            let until = "its arms are shown as not available until then";
            finding(Mark::Missing, name, format!("{why}; {until}"))
        }
    }
}

/// A package of Python, what the course does with it, and how Debian calls it.
fn optional(name: &'static str, debian: &str, purpose: &str, script: &Script) -> Finding {
    match script.versions() {
        Ok(versions) => {
            let version = versions.last().map_or("", |(_, version)| version);
            finding(Mark::Good, name, format!("{version}, for {purpose}"))
        }
        Err(why) => finding(
            Mark::Missing,
            name,
            format!(
                "{why} (Debian: apt-get install {debian}); it is for {purpose}, whose arms are shown as not available until then"
            ),
        ),
    }
}

/// A Chromium or Chrome on the path, and its version line.
pub(crate) fn chromium() -> Option<(&'static str, String)> {
    ["chromium", "chromium-browser", "google-chrome", "chrome"]
        .into_iter()
        .find_map(|program| Some((program, version(program)?)))
}

/// The first line that a program says of its version, or `None` where it does not run.
pub(crate) fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().unwrap_or_default().trim().to_string();
    (output.status.success() && !line.is_empty()).then_some(line)
}

fn records(project: &Project, here: &Machine) -> Result<Vec<Finding>> {
    let records = Records::read(&project.measurements())?;
    let mut findings = Vec::new();
    for (name, machine) in &records.machines {
        let count = machine.records.values().filter(|record| record.measurement.is_some()).count();
        let this = if *name == here.name { " · this machine" } else { "" };
        findings.push(finding(Mark::Good, "machine", format!("{name}: {count} measured{this}")));
    }
    if !records.machines.contains_key(&here.name) {
        findings.push(finding(
            Mark::Mind,
            "this machine",
            "nothing measured yet: `cargo course measure`",
        ));
    }
    for (path, why) in &records.damaged {
        findings.push(finding(Mark::Missing, "damaged", format!("{}: {why}", project.shown(path))));
    }
    Ok(findings)
}
