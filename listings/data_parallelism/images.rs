//! Pictures to gray, to half their size, and saved as PNG: pieces that compute,
//! ask for memory, and write files.
//!
//! Runs locally only: it writes files, and the Rust Playground does not have the
//! crate `image`.

use std::env;
use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::ops::Range;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::{self, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

use image::{GrayImage, ImageResult, Rgb, RgbImage, imageops};
use rayon::prelude::*;
use tracing::info_span;

// ANCHOR: types
/// The work: each of these pictures, saved in this folder.
pub struct Pictures {
    pub pictures: Vec<RgbImage>,
    pub folder: Folder,
}

/// The files written, in the order of their pictures.
pub type Files = ImageResult<Vec<PathBuf>>;
// ANCHOR_END: types

// ANCHOR: shrink
/// Gray, and half as wide and high: each pixel is the mean of four.
pub fn shrink(picture: &RgbImage) -> GrayImage {
    let gray = imageops::grayscale(picture);
    imageops::thumbnail(&gray, gray.width() / 2, gray.height() / 2)
}

impl Pictures {
    /// What is done with one picture. It needs none of the others.
    fn save(&self, number: usize) -> ImageResult<PathBuf> {
        save(&self.pictures[number], number, self.folder.path())
    }

    /// The numbers of all pictures, cut into at most this many runs.
    fn split(&self, runs: usize) -> impl Iterator<Item = Range<usize>> {
        let count = self.pictures.len();
        let run = count.div_ceil(runs.max(1)).max(1);
        (0..count).step_by(run).map(move |start| start..count.min(start + run))
    }
}

fn save(
    picture: &RgbImage,
    number: usize,
    folder: &Path,
) -> ImageResult<PathBuf> {
    let _saving = info_span!("save", number).entered();
    let file = file_of(number, folder);
    shrink(picture).save(&file)?;
    Ok(file)
}

fn file_of(number: usize, folder: &Path) -> PathBuf {
    folder.join(format!("{number:04}.png"))
}
// ANCHOR_END: shrink

// ANCHOR: sequential
pub fn sequential(work: &Pictures) -> Files {
    (0..work.pictures.len()).map(|number| work.save(number)).collect()
}
// ANCHOR_END: sequential

// ANCHOR: rayon
pub fn rayon(work: &Pictures, threads: usize) -> Files {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.expect("this system starts a few threads");
    pool.install(|| {
        (0..work.pictures.len())
            .into_par_iter()
            .map(|number| work.save(number))
            .collect()
    })
}
// ANCHOR_END: rayon

// ANCHOR: threads
/// A run of pictures for each thread.
pub fn threads(work: &Pictures, threads: usize) -> Files {
    thread::scope(|scope| {
        let workers: Vec<_> = work
            .split(threads)
            .map(|run| scope.spawn(|| run.map(|n| work.save(n)).collect()))
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
// ANCHOR_END: threads

// ANCHOR: processes
/// This program again, a run of pictures for each process. Nothing is shared:
/// the pixels go in through its standard input. The files it writes itself.
pub fn processes(work: &Pictures, workers: usize) -> Files {
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
// ANCHOR_END: processes

/// The role in which this program starts itself again.
pub const ROLE: &str = "image-worker";

// ANCHOR: worker
/// What a worker does until its input ends: reads the number of a picture, a
/// line break and its pixels, and saves it.
pub fn worker() -> ExitCode {
    let saved = || -> ImageResult<()> {
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
    };
    match saved() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: saving pictures: {error}");
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: worker

/// Of each picture, in pixels.
const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;

// ANCHOR: paint
/// A picture of 640 × 480: rings around a place that its number decides.
pub fn paint(number: u32) -> RgbImage {
    let middle = [number * 89 % WIDTH, number * 61 % HEIGHT];
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (dx, dy) = (x.abs_diff(middle[0]), y.abs_diff(middle[1]));
        let ring = (dx * dx + dy * dy) >> 6;
        Rgb([ring as u8, (ring >> 2) as u8, (x + y + number) as u8])
    })
}
// ANCHOR_END: paint

impl Pictures {
    /// # Errors
    /// Where no temporary folder can be made.
    pub fn new(count: u32) -> io::Result<Pictures> {
        Ok(Pictures {
            pictures: (0..count).map(paint).collect(),
            folder: Folder::new()?,
        })
    }

    /// What the command line asks for.
    ///
    /// # Errors
    /// Says what it does not understand, or why there is no folder.
    pub fn open(arguments: &[String]) -> Result<Pictures, String> {
        let count = match arguments {
            [] => COUNT,
            [option, rest @ ..] if option == "--count" => rest
                .first()
                .filter(|_| rest.len() == 1)
                .and_then(|text| text.parse().ok())
                .filter(|count| *count > 0)
                .ok_or("`--count` needs a number after it, from 1")?,
            [other, ..] => return Err(format!("there is no option `{other}`")),
        };
        let no_folder = |error| format!("making a temporary folder: {error}");
        Pictures::new(count).map_err(no_folder)
    }
}

/// Sized so that one core needs more than a tenth of a second.
const COUNT: u32 = 64;

/// What the program understands, with what holds without it.
const USAGE: &str = "\
options:
  --count N  how many pictures, about a megabyte of memory each (64)
";

// ANCHOR: folder
/// A new folder among the system's temporary ones, removed with all that is in
/// it when this is dropped.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> io::Result<Folder> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("pictures-{}-{number}", process::id());
        let folder = env::temp_dir().join(name);
        fs::create_dir(&folder)?;
        Ok(Folder(folder))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // If it cannot be removed, the system will do so in its own time.
        let _ = fs::remove_dir_all(&self.0);
    }
}
// ANCHOR_END: folder

/// The size of each file in bytes and the mean of its pixels, to compare what
/// was written.
///
/// # Errors
/// Names the file that cannot be read.
pub fn contents(files: &[PathBuf]) -> ImageResult<String> {
    let line = |file: &PathBuf| {
        let saved = image::open(file)?.into_luma8();
        let (width, height) = saved.dimensions();
        let sum: u64 = saved.iter().map(|pixel| u64::from(*pixel)).sum();
        let name = file.file_name().unwrap_or_default().display();
        let bytes = fs::metadata(file)?.len();
        Ok(format!("{name} {width} × {height}, {bytes} bytes, sum {sum}\n"))
    };
    files.iter().map(line).collect()
}

// ANCHOR: main
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let work = match Pictures::open(&arguments) {
        Ok(work) => work,
        Err(error) => {
            eprint!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    let saved = rayon(&work, cores);
    let shown = saved.and_then(|files| {
        println!("{} pictures saved, among them", files.len());
        contents(&files[..files.len().min(4)])
    });
    match shown {
        Ok(text) => print!("{text}"),
        Err(error) => {
            eprintln!("error: saving pictures: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: main

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_picture_holds_the_means_of_four_gray_pixels() {
        let picture = paint(3);
        let half = shrink(&picture);
        assert_eq!(half.dimensions(), (320, 240));
        let gray = imageops::grayscale(&picture);
        for (x, y) in [(0, 0), (17, 100), (319, 239)] {
            let four = [(0, 0), (1, 0), (0, 1), (1, 1)]
                .map(|(dx, dy)| gray[(2 * x + dx, 2 * y + dy)].0[0] as i32);
            let mean = four.iter().sum::<i32>() as f64 / 4.0;
            let found = half[(x, y)].0[0] as f64;
            assert!((found - mean).abs() <= 1.0, "{x} {y}: {found} {mean}");
        }
    }

    #[test]
    fn every_number_of_threads_saves_the_same_files_in_order() {
        let saved = |form: &dyn Fn(&Pictures) -> Files| {
            let work = Pictures::new(5).unwrap();
            contents(&form(&work).unwrap()).unwrap()
        };
        let expected = saved(&sequential);
        assert_eq!(expected.lines().count(), 5);
        for n in [1, 2, 3, 8] {
            assert_eq!(saved(&|work| threads(work, n)), expected);
            assert_eq!(saved(&|work| rayon(work, n)), expected);
        }
    }

    #[test]
    fn the_folder_is_gone_when_its_owner_is() {
        let work = Pictures::new(1).unwrap();
        let files = sequential(&work).unwrap();
        let folder = work.folder.path().to_owned();
        assert!(files[0].starts_with(&folder) && files[0].exists());
        drop(work);
        assert!(!folder.exists(), "{} is left behind", folder.display());
    }

    #[test]
    fn a_folder_that_vanished_is_an_error_and_not_a_panic() {
        let work = Pictures::new(2).unwrap();
        fs::remove_dir(work.folder.path()).unwrap();
        assert!(sequential(&work).is_err());
        assert!(threads(&work, 2).is_err());
        assert!(rayon(&work, 2).is_err());
    }

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for wrong in [&["--cuont", "3"][..], &["--count"], &["--count", "0"]] {
            let wrong: Vec<String> =
                wrong.iter().map(|w| w.to_string()).collect();
            let error = Pictures::open(&wrong).err().expect("is refused");
            assert!(error.contains(&wrong[0]), "{error}");
        }
    }
}
