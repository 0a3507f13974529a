//! The first listing of each chapter, taken out of the page and pasted into a new project: it compiles there, ends,
//! and prints what the page shows below it.

mod built;

use std::env;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use scraper::{ElementRef, Html, Selector};

use built::{built_book, files};

/// Chapters that do not begin so, and why. One that does is taken off, or the test fails.
const NOT_YET: &[(&str, &str)] =
    &[("ch20-extension", "it begins with a module that Python loads, not with a program")];
/// Chapters about Python, whose first program is one of Python's.
const IN_PYTHON: &[&str] = &["ch19-gil"];
/// Chapters whose first program prints other numbers in each run, and which. The words are the same.
const NUMBERS_VARY: &[(&str, &str)] = &[
    ("ch03-waiting", "how long each piece of work takes"),
    ("ch05-threads", "when each answer comes"),
    ("ch08-waiting", "how many questions fit into the time that a bread takes"),
    ("ch22-choosing", "how often one piece's time goes into that of eight"),
];
/// As the chapters call it.
const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };
const NO_PYTHON: &str = "there is no Python";
/// None of them takes as long on a slow machine.
const LONGEST: Duration = Duration::from_secs(60);

/// What a reader finds at the beginning of a chapter.
#[derive(Debug, PartialEq)]
struct OnRamp {
    /// The `Cargo.toml` that stands before the listing: its dependencies.
    manifest: Option<String>,
    /// "rust" or "python".
    language: &'static str,
    code: String,
    /// What the page says that it prints, where it says so directly below.
    output: Option<String>,
}

impl OnRamp {
    /// None where the page has nothing in this language.
    fn find(page: &str, language: &'static str) -> Option<Self> {
        let html = Html::parse_document(page);
        let blocks = Selector::parse("main pre").expect("a selector of ours");
        let blocks: Vec<ElementRef> = html.select(&blocks).collect();
        let first = blocks.iter().position(|block| language_of(*block) == Some(language))?;
        let (before, from) = blocks.split_at(first);
        let manifest = before.iter().rev().find(|block| language_of(**block) == Some("toml"));
        let below = from.get(1).filter(|block| {
            block.attr("aria-label").is_some_and(|label| label.starts_with("Output of "))
        });
        let text = |block: &ElementRef| block.text().collect::<String>();
        let (manifest, output) = (manifest.map(text), below.map(text));
        Some(Self { manifest, language, code: text(&from[0]), output })
    }

    /// Pastes it into a new project in this folder, compiles it, and runs it. What was printed, or what went wrong.
    fn pasted(&self, folder: &Path) -> Result<String, String> {
        let mut program = match (self.language, &self.manifest) {
            ("python", _) => self.as_a_script(folder),
            (_, None) => Command::new(self.compiled_alone(folder)?),
            (_, Some(manifest)) => Command::new(self.compiled_with(manifest, folder)?),
        };
        let run = program
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("what was compiled starts");
        ended(run)
    }

    fn as_a_script(&self, folder: &Path) -> Command {
        fs::write(folder.join("main.py"), &self.code).unwrap();
        let mut python = Command::new(PYTHON);
        python.arg("main.py");
        python
    }

    fn compiled_alone(&self, folder: &Path) -> Result<PathBuf, String> {
        let main = folder.join("main.rs");
        fs::write(&main, &self.code).unwrap();
        let program = folder.join(format!("main{}", env::consts::EXE_SUFFIX));
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut compile = Command::new(rustc);
        compile.args(["--edition", "2024", "-o"]).arg(&program).arg(&main);
        succeeds(&mut compile)?;
        Ok(program)
    }

    /// With the crates that the page asks for, in the versions that the book is built with.
    fn compiled_with(&self, manifest: &str, folder: &Path) -> Result<PathBuf, String> {
        let whole = format!(
            "[package]\nname = \"pasted\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{manifest}\n\n[workspace]\n"
        );
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("Cargo.toml"), whole).unwrap();
        fs::write(folder.join("src/main.rs"), &self.code).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        // Kept between runs, so that the crates are compiled once.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("on_ramp");
        let mut compile = Command::new(env!("CARGO"));
        compile.args(["build", "--offline", "--quiet"]).env("CARGO_TARGET_DIR", &target);
        succeeds(compile.current_dir(folder))?;
        Ok(target.join("debug").join(format!("pasted{}", env::consts::EXE_SUFFIX)))
    }
}

fn has_python() -> bool {
    Command::new(PYTHON).arg("--version").output().is_ok_and(|said| said.status.success())
}

fn language_of(block: ElementRef<'_>) -> Option<&str> {
    let code = Selector::parse("code[class^=language-]").expect("a selector of ours");
    let class = block.select(&code).next()?.attr("class")?;
    class.strip_prefix("language-")?.split([' ', ',']).next()
}

fn succeeds(compile: &mut Command) -> Result<(), String> {
    let compiled = compile.output().expect("a compiler starts");
    match compiled.status.success() {
        true => Ok(()),
        false => {
            Err(format!("it does not compile:\n{}", String::from_utf8_lossy(&compiled.stderr)))
        }
    }
}

/// Waits until it has closed its output, and kills it where that takes too long.
fn ended(mut run: Child) -> Result<String, String> {
    let (told, outputs) = mpsc::channel();
    let mut stdout = run.stdout.take().expect("piped");
    let mut stderr = run.stderr.take().expect("piped");
    let errors = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let reader = thread::spawn(move || {
        let mut text = String::new();
        let read = stdout.read_to_string(&mut text).map(|_| text);
        told.send(()).ok();
        read
    });
    let late = outputs.recv_timeout(LONGEST).is_err();
    if late {
        run.kill().expect("it runs");
    }
    let status = run.wait().expect("a child of ours");
    let stdout = reader.join().expect("it only reads").expect("text");
    let stderr = errors.join().expect("it only reads").expect("text");
    match (late, status.success()) {
        (true, _) => Err(format!("it has not ended after {} s", LONGEST.as_secs())),
        (_, false) => Err(format!("it ended with {status}:\n{stderr}")),
        (_, true) => Ok(stdout),
    }
}

/// Every number becomes the same sign.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter.is_ascii_digit() {
            true if out.ends_with('#') => {}
            true => out.push('#'),
            false => out.push(letter),
        }
    }
    out
}

/// What is wrong with the beginning of this page.
fn judged(chapter: &str, page: &str, folder: &Path) -> Result<(), String> {
    let language = if IN_PYTHON.contains(&chapter) { "python" } else { "rust" };
    let on_ramp = OnRamp::find(page, language).ok_or(format!("it has no {language}"))?;
    let printed = on_ramp.pasted(folder)?;
    let Some(shown) = &on_ramp.output else { return Ok(()) };
    let vary = NUMBERS_VARY.iter().any(|(name, _)| *name == chapter);
    let same = |text: &str| match vary {
        true => without_numbers(text.trim_end()),
        false => text.trim_end().to_string(),
    };
    match same(&printed) == same(shown) {
        true => Ok(()),
        false => Err(format!("the page shows\n{shown}\nand it printed\n{printed}")),
    }
}

/// The verdicts that are not as they should be, with those of the exceptions turned round.
fn unexpected(verdicts: &[(String, Result<(), String>)], not_yet: &[(&str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (chapter, verdict) in verdicts {
        let excepted = not_yet.iter().any(|(name, _)| name == chapter);
        match verdict {
            Ok(()) if excepted => {
                wrong.push(format!("{chapter} begins as it should: take it off the list"));
            }
            Err(why) if !excepted => wrong.push(format!("{chapter}: {why}")),
            _ => {}
        }
    }
    let known = |name: &str| verdicts.iter().any(|(chapter, _)| chapter == name);
    let gone = not_yet.iter().filter(|(name, _)| !known(name));
    wrong.extend(gone.map(|(name, _)| format!("{name} is on the list, and no chapter")));
    wrong
}

#[test]
fn the_first_listing_of_a_chapter_runs_in_a_new_project() {
    let book = built_book();
    let home = tempfile::tempdir().unwrap();
    let mut verdicts = Vec::new();
    for name in files(&book) {
        let Some(chapter) = name.strip_suffix(".html") else { continue };
        let number = chapter.strip_prefix("ch").and_then(|rest| rest.get(..2));
        if number.is_none_or(|number| number.parse::<u32>().is_err()) {
            continue;
        }
        let page = fs::read_to_string(book.join(&name)).unwrap();
        if IN_PYTHON.contains(&chapter) && !has_python() {
            lab::skipped(chapter, NO_PYTHON);
            continue;
        }
        let folder = home.path().join(chapter);
        fs::create_dir(&folder).unwrap();
        verdicts.push((chapter.to_string(), judged(chapter, &page, &folder)));
    }
    assert!(verdicts.len() > 20, "{} holds {} chapters", book.display(), verdicts.len());
    let wrong = unexpected(&verdicts, NOT_YET);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// A page with this listing, and below it what it is said to print.
fn page(code: &str, output: &str) -> String {
    format!(
        "<main><pre><code class=\"language-python\">pass</code></pre>\
         <figure><pre><code class=\"language-rust\">{code}</code></pre></figure>\
         <div><pre aria-label=\"Output of it\">{output}</pre></div></main>"
    )
}

#[test]
fn a_beginning_that_a_reader_cannot_run_is_found() {
    let home = tempfile::tempdir().unwrap();
    let verdict = |code: &str, output: &str| judged("ch00", &page(code, output), home.path());
    let hello = "fn main() { println!(\"seats: {}\", 40); }";
    assert_eq!(verdict(hello, "seats: 40\n"), Ok(()));
    let other = verdict(hello, "seats: 41").unwrap_err();
    assert!(other.starts_with("the page shows\nseats: 41\n"), "{other}");
    let excerpt = verdict("fn sell(hall: &amp;Hall) {}", "").unwrap_err();
    assert!(excerpt.contains("Hall"), "{excerpt}");
    let failing = verdict("fn main() { panic!(\"sold out\") }", "").unwrap_err();
    assert!(failing.contains("sold out"), "{failing}");
    let crates = verdict("use tokio::time::sleep; fn main() {}", "").unwrap_err();
    assert!(crates.contains("tokio"), "{crates}");
}

#[test]
fn a_first_program_of_pythons_is_run_as_well() {
    if !has_python() {
        return lab::skipped("a_first_program_of_pythons_is_run_as_well", NO_PYTHON);
    }
    let home = tempfile::tempdir().unwrap();
    let verdict = |code: &str| {
        let page = page("", "").replace("pass", code);
        judged(IN_PYTHON[0], &page, home.path())
    };
    assert_eq!(verdict("print(40)"), Ok(()));
    assert!(verdict("countdown(40)").unwrap_err().contains("NameError"));
}

/// The text of the first block in this language.
fn first(page: &str, language: &str) -> String {
    let html = Html::parse_document(page);
    let blocks = Selector::parse("main pre").expect("a selector of ours");
    let block = html.select(&blocks).find(|block| language_of(*block) == Some(language));
    block.unwrap_or_else(|| panic!("the page has no {language}")).text().collect()
}

/// What the output is of which the page says so first.
fn first_output(page: &str) -> String {
    let html = Html::parse_document(page);
    let outputs = Selector::parse("main pre[aria-label^='Output of ']").expect("ours");
    html.select(&outputs).next().expect("an output").text().collect()
}

/// Where a library becomes a module under another name, and without arguments for the linker.
#[cfg(target_os = "linux")]
#[test]
fn a_module_for_python_is_built_as_its_page_says() {
    let test = "a_module_for_python_is_built_as_its_page_says";
    let fits = "import sys; sys.exit(sys.version_info < (3, 11) or hasattr(sys, 'abiflags') and 't' in sys.abiflags)";
    let fits = Command::new(PYTHON).args(["-c", fits]).status();
    if !fits.is_ok_and(|status| status.success()) {
        return lab::skipped(test, "there is no Python with a lock of 3.11 or newer");
    }
    let page = fs::read_to_string(built_book().join("ch20-extension.html")).unwrap();
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let package = "[package]\nname = \"primes\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n";
    let manifest = format!("{package}{}\n\n[workspace]\n", first(&page, "toml"));
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), first(&page, "rust")).unwrap();
    fs::write(folder.join("main.py"), first(&page, "python")).unwrap();
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../listings/extension/module");
    fs::copy(module.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("on_ramp_module");
    let mut compile = Command::new(env!("CARGO"));
    compile.args(["build", "--release", "--quiet"]).env("CARGO_TARGET_DIR", &target);
    compile.env("PYO3_PYTHON", PYTHON).current_dir(folder);
    succeeds(&mut compile).unwrap_or_else(|why| panic!("{why}"));
    fs::copy(target.join("release/libprimes.so"), folder.join("primes.so")).unwrap();
    let mut run = Command::new(PYTHON);
    let run = run.arg("main.py").current_dir(folder).stdin(Stdio::null());
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("Python starts");
    let printed = ended(run).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(
        without_numbers(printed.trim_end()),
        without_numbers(first_output(&page).trim_end())
    );
}

#[test]
fn an_exception_that_is_no_longer_needed_is_found() {
    let verdicts = [
        ("ch01".to_string(), Ok(())),
        ("ch02".to_string(), Err("it does not compile".to_string())),
    ];
    assert_eq!(unexpected(&verdicts, &[("ch02", "")]), [""; 0]);
    let needless = unexpected(&verdicts, &[("ch01", ""), ("ch02", "")]);
    assert_eq!(needless, ["ch01 begins as it should: take it off the list"]);
    assert_eq!(unexpected(&verdicts, &[]), ["ch02: it does not compile"]);
    let gone = unexpected(&verdicts, &[("ch02", ""), ("ch99", "")]);
    assert_eq!(gone, ["ch99 is on the list, and no chapter"]);
}

#[test]
fn numbers_that_vary_do_not_hide_other_words() {
    assert_eq!(without_numbers("asked 634748818 times"), "asked # times");
    assert_ne!(without_numbers("asked 3 times"), without_numbers("asked 3 threads"));
}
