//! Pictures cut into runs beforehand: one for each thread, or for each process.

use std::env;
use std::io::{self, BufRead, Read, Write};
use std::ops::Range;
use std::panic;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread::{self, ScopedJoinHandle};

use image::{ImageResult, RgbImage};
use tracing::info_span;

use crate::data_parallelism::images::painted::{HEIGHT, WIDTH};
use crate::data_parallelism::images::{Pictures, file_of, save};

impl Pictures {
    /// The numbers of all pictures, cut into at most this many runs.
    fn split(&self, runs: usize) -> impl Iterator<Item = Range<usize>> {
        let count = self.pictures.len();
        let run = count.div_ceil(runs.max(1)).max(1);
        (0..count).step_by(run).map(move |start| start..count.min(start + run))
    }
}

/// A run of pictures for each thread.
pub fn threads(work: &Pictures, threads: usize) -> ImageResult<Vec<PathBuf>> {
    let folder = work.folder.path();
    let save = |number: usize| save(&work.pictures[number], number, folder);
    thread::scope(|scope| {
        let workers: Vec<_> = work
            .split(threads)
            .map(|run| scope.spawn(move || run.map(save).collect()))
            .collect();
        let runs: ImageResult<Vec<Vec<PathBuf>>> =
            workers.into_iter().map(result_of).collect();
        Ok(runs?.into_iter().flatten().collect())
    })
}

/// Waits until a thread is done. Had it panicked, its panic goes on here.
fn result_of<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    match thread.join() {
        Ok(result) => result,
        Err(panic) => panic::resume_unwind(panic),
    }
}

/// This program again, a run of pictures for each process. Nothing is shared:
/// the pixels go in through its standard input. The files it writes itself.
pub fn processes(work: &Pictures, workers: usize) -> ImageResult<Vec<PathBuf>> {
    thread::scope(|scope| {
        let started: Vec<_> = work
            .split(workers)
            .map(|run| scope.spawn(|| work.save_elsewhere(run)))
            .collect();
        let runs: io::Result<Vec<Vec<PathBuf>>> =
            started.into_iter().map(result_of).collect();
        Ok(runs?.into_iter().flatten().collect())
    })
}

/// The role in which this program starts itself again.
pub const ROLE: &str = "image-worker";

impl Pictures {
    fn save_elsewhere(&self, run: Range<usize>) -> io::Result<Vec<PathBuf>> {
        let folder = self.folder.path();
        let mut worker = Command::new(env::current_exe()?)
            .arg(ROLE)
            .arg(folder)
            .stdin(Stdio::piped())
            .spawn()?;
        let pipe = worker.stdin.take();
        let mut to_worker =
            pipe.ok_or_else(|| io::Error::other("a worker has no pipe"))?;
        for number in run.clone() {
            let _handing = info_span!("hand over", number).entered();
            writeln!(to_worker, "{number}")?;
            to_worker.write_all(&self.pictures[number])?;
        }
        drop(to_worker); // the end of its input is the end of the worker
        let ended = worker.wait()?;
        if !ended.success() {
            return Err(io::Error::other(format!("a worker: {ended}")));
        }
        Ok(run.map(|number| file_of(number, folder)).collect())
    }
}

/// What a worker does until its input ends: reads the number of a picture, a
/// line break and its pixels, and saves it.
pub fn worker() -> ExitCode {
    match save_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: saving pictures: {error}");
            ExitCode::FAILURE
        }
    }
}

fn save_all() -> ImageResult<()> {
    let folder = PathBuf::from(env::args_os().nth(2).unwrap_or_default());
    let (mut input, mut number) = (io::stdin().lock(), String::new());
    let mut picture = RgbImage::new(WIDTH, HEIGHT);
    while input.read_line(&mut number)? > 0 {
        input.read_exact(&mut picture)?;
        let number_read = number.trim().parse();
        save(&picture, number_read.map_err(io::Error::other)?, &folder)?;
        number.clear();
    }
    Ok(())
}
