//! Prints how long our expansion takes beside mdBook's rendering, how it grows with the number of
//! chapters, how much memory it takes, and how long a build of recorded numbers takes.
//!
//! `cargo bench -p course --bench expansion`

use std::env;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use book::edition::Edition;
use book::project::Project;
use book::records::Records;
use mdbook_driver::MDBook;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use preprocessor::{Course, expand_book};

/// Medians of this many repetitions.
const REPETITIONS: usize = 7;

fn main() -> Result<()> {
    // Cargo hands over `--bench`; a number of chapters comes from ourselves, see `grown`.
    if let Some(chapters) = env::var_os("EXPANSION_CHAPTERS") {
        let chapters = chapters.to_string_lossy().parse().context("EXPANSION_CHAPTERS")?;
        return generated(chapters);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("the project")?;
    this_book(root)?;
    for chapters in [250, 500, 1_000] {
        grown(chapters)?;
    }
    recorded_build(root)
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn median(mut measured: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..REPETITIONS {
        times.push(measured()?);
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// This book: what mdBook does without us, what we add, step by step.
fn this_book(root: &Path) -> Result<()> {
    let copy = copied(root)?;
    let root = copy.path();
    // As mdBook hands it over, `{{#include}}` and `{{#title}}` resolved.
    let load = || MDBook::load(root).context("the book could not be read");
    let project = Project::at(root)?;
    let reading = median(|| {
        let began = Instant::now();
        black_box(Records::read(&project.measurements())?);
        Ok(began.elapsed())
    })?;
    let records = Records::read(&project.measurements())?;
    let edition = Edition::default();
    let expanding = median(|| {
        let book = load()?;
        let began = Instant::now();
        black_box(expand_book(&project, &records, &edition, &book.config.book.src, book.book)?);
        Ok(began.elapsed())
    })?;
    // Keys are kept in target/, where there is one.
    fs::create_dir(root.join("target"))?;
    let whole = median(|| {
        let book = load()?;
        let context =
            PreprocessorContext::new(book.root.clone(), book.config.clone(), "html".into());
        let began = Instant::now();
        black_box(Course::default().run(&context, book.book)?);
        Ok(began.elapsed())
    })?;
    let expanded = {
        let book = load()?;
        expand_book(&project, &records, &edition, &book.config.book.src, book.book)?
    };
    let rendering = median(|| {
        let mut book = load()?;
        book.config.set("preprocessor", toml::Table::new())?;
        book.config.set("build.use-default-preprocessors", false)?;
        let mut book = MDBook::load_with_config(root, book.config)?;
        book.book = expanded.clone();
        let began = Instant::now();
        book.build()?;
        Ok(began.elapsed())
    })?;
    let chapters = expanded.chapters().filter(|chapter| chapter.path.is_some()).count();
    let machines = records.machines.len();
    println!("this book: {chapters} chapters, {machines} machines");
    println!("  reading all records      {:>10}", milliseconds(reading));
    println!("  expanding, listings new  {:>10}", milliseconds(expanding));
    println!(
        "  the whole preprocessor   {:>10}   (nothing changed, records read)",
        milliseconds(whole)
    );
    println!("  mdBook renders           {:>10}", milliseconds(rendering));
    let share = whole.as_secs_f64() / rendering.as_secs_f64();
    println!("  ours over mdBook's       {share:>10.3}   (target: at most 0.25)");
    Ok(())
}

/// A generated book in a process of its own, so that its peak memory is its own.
fn grown(chapters: usize) -> Result<()> {
    let program = env::current_exe()?;
    let status = Command::new(program).env("EXPANSION_CHAPTERS", chapters.to_string()).status()?;
    if !status.success() {
        bail!("the generated book of {chapters} chapters: {status}");
    }
    Ok(())
}

fn generated(chapters: usize) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("the project")?;
    let copy = copied(root)?;
    let root = copy.path();
    fs::remove_dir_all(root.join("src"))?;
    fs::create_dir(root.join("src"))?;
    let mut summary = String::from("# Summary\n\n");
    for chapter in 0..chapters {
        summary.push_str(&format!("- [Chapter {chapter}](chapter{chapter}.md)\n"));
        let text = format!(
            "# Chapter {chapter}\n\nIt takes {{{{#time word_count.sequential}}}}.\n\n\
             {{{{#listing threads/word_count.rs:threads \"A thread each\"}}}}\n\n\
             {{{{#claim word_count: sequential / threads >= 3}}}}It pays.{{{{/claim}}}}\n\n{}\n",
            "The rest of the chapter is prose, a few lines of it. ".repeat(60)
        );
        fs::write(root.join(format!("src/chapter{chapter}.md")), text)?;
    }
    fs::write(root.join("src/SUMMARY.md"), summary)?;
    let book = MDBook::load(root)?;
    let context = PreprocessorContext::new(book.root.clone(), book.config.clone(), "html".into());
    let before = lab::usage::peak_bytes();
    let began = Instant::now();
    black_box(Course::default().run(&context, book.book)?);
    let took = began.elapsed();
    let peak = lab::usage::peak_bytes();
    let megabytes = |bytes: Option<u64>| match bytes {
        Some(bytes) => format!("{:.0} MB", bytes as f64 / 1e6),
        None => "not exposed".into(),
    };
    println!(
        "{chapters:>5} generated chapters: {:>10}, {:.3} ms each, peak memory {} ({} before; target: at most 300 MB)",
        milliseconds(took),
        took.as_secs_f64() * 1e3 / chapters as f64,
        megabytes(peak),
        megabytes(before),
    );
    Ok(())
}

/// The command itself, twice: the second time nothing has changed.
fn recorded_build(root: &Path) -> Result<()> {
    let copy = copied(root)?;
    let build = || -> Result<Duration> {
        let began = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_course"))
            .args(["build", "--recorded"])
            .current_dir(copy.path())
            .output()?;
        if !output.status.success() {
            bail!("course build --recorded: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(began.elapsed())
    };
    let first = build()?;
    let unchanged = median(build)?;
    println!(
        "course build --recorded: {} the first time, {} with nothing changed (target: under 1 s)",
        milliseconds(first),
        milliseconds(unchanged)
    );
    Ok(())
}

/// The project without what a build makes, in a folder of its own.
fn copied(root: &Path) -> Result<tempfile::TempDir> {
    let copy = tempfile::tempdir()?;
    for folder in ["src", "listings", "examples", "theme", "measurements"] {
        copy_folder(&root.join(folder), &copy.path().join(folder))?;
    }
    for file in ["book.toml", "Cargo.toml", "Cargo.lock"] {
        fs::copy(root.join(file), copy.path().join(file))?;
    }
    let _ = fs::remove_dir_all(copy.path().join("src/machines")); // where no build was made yet
    Ok(copy)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let path: PathBuf = entry?.path();
        let target = to.join(path.file_name().context("a file has a name")?);
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}
