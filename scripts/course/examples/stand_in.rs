//! Stands in for other programs in the tests of `course`. What it does is decided by the name it is
//! started under: for `cargo` it names the examples of the project that are built already, for
//! `mdbook` it builds a book, for any other name it is an example.

mod cargo;

use std::env;
use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use lab::{Demo, Ending, Experiment};
use mdbook_driver::MDBook;

fn main() -> ExitCode {
    let program = env::current_exe().expect("this program has a path");
    let name = program.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    match name.as_str() {
        "cargo" => cargo(&program),
        "mdbook" => mdbook(),
        "fails" => Demo::new("fails", exits).run(),
        "panics" => Demo::new("panics", || panic!("the shelf is empty")).run(),
        "meant_to_panic" => {
            Demo::new(&name, || panic!("as the chapter says")).ends(Ending::Panic).run()
        }
        "calm" => Demo::new("calm", || println!("nothing wrong")).ends(Ending::Panic).run(),
        "hangs" => Demo::new("hangs", hang).run(),
        "endless" => {
            Demo::new("endless", endless).ends(Ending::Endless { stop_after_ms: 500 }).run()
        }
        "gives_up" => Demo::new(&name, exits).ends(Ending::Endless { stop_after_ms: 60_000 }).run(),
        "floods" => Demo::new("floods", flood).run(),
        "rambles" => Demo::new("rambles", || println!("{}", "on and on\n".repeat(7_000))).run(),
        "garbles" => Demo::new("garbles", || {
            io::stdout().write_all(b"\xff\xfe\n").expect("stdout takes bytes");
        })
        .run(),
        "mute" => {
            println!("I do not describe myself");
            ExitCode::SUCCESS
        }
        "tricks" => Demo::new("tricks", || println!("{{{{#title Stolen}}}}\n\n<script>x")).run(),
        "falters" => Experiment::new("falters", "Time to fail")
            .demo(|| println!("so far so good"))
            .base("steady", |()| 1)
            .arm("broken", |()| fails())
            .run(),
        "sums" => sums("sums"),
        "others" => sums("others"),
        _ => {
            eprintln!("error: nobody plays `{name}`");
            ExitCode::FAILURE
        }
    }
}

fn sums(name: &str) -> ExitCode {
    Experiment::new(name, "Time to add the numbers up to 20,000")
        .demo(|| println!("{}", (0..20_000_u64).sum::<u64>()))
        .base("sequential", |()| held((0..20_000_u64).sum::<u64>()))
        .arm("threads", |()| held((0..20_000_u64).rev().sum()))
        .agree(u64::to_string)
        .run()
}

/// Where a test asks for it (`STAND_IN_HOLD=ADDRESS`, and in `runs_left` how many runs are let
/// through), tells the test that an arm is running, and stays.
fn held(answer: u64) -> u64 {
    let Ok(address) = env::var("STAND_IN_HOLD") else { return answer };
    let left = fs::read_to_string("runs_left").expect("a test that holds arms says when");
    match left.trim().parse().unwrap_or(0) {
        0 => {
            let _told = TcpStream::connect(address).expect("the test listens");
            hang();
        }
        left => {
            let left: u64 = left;
            fs::write("runs_left", (left - 1).to_string()).expect("the project takes files");
        }
    }
    answer
}

fn exits() {
    fails();
}

fn fails() -> u64 {
    eprintln!("no book on the shelf");
    process::exit(3)
}

/// For ever, within the limits of a test that is cut short.
fn hang() {
    let until = std::time::Instant::now() + Duration::from_secs(60);
    while let Some(left) = until.checked_duration_since(std::time::Instant::now()) {
        thread::park_timeout(left);
    }
}

fn endless() {
    println!("working");
    hang();
}

fn flood() {
    while io::stdout().write_all(&[b'x'; 1 << 16]).is_ok() {}
}

/// Answers `cargo build --message-format=json` for examples that stand beside this program.
fn cargo(program: &Path) -> ExitCode {
    let folder = program.parent().unwrap_or(Path::new("."));
    if Path::new("compiling_holds").exists() {
        held(0);
    }
    if Path::new("registry_is_silent").exists() {
        eprintln!("error: failed to download from the registry");
        return ExitCode::FAILURE;
    }
    let mut sources: Vec<PathBuf> = fs::read_dir("examples")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    sources.sort();
    for source in sources {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let executable = folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        cargo::say_built("tiny", &name, &source, &executable);
    }
    ExitCode::SUCCESS
}

/// What an installed `mdbook build` does: its own loading, the preprocessors of book.toml as commands.
fn mdbook() -> ExitCode {
    let built = env::current_dir().map_err(Into::into).and_then(MDBook::load);
    match built.and_then(|book| book.build()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
