//! Pictures to gray, to half their size, and saved as PNG: pieces that compute,
//! ask for memory, and write files.
//!
//! Runs locally only: it writes files, and the Rust Playground does not have the
//! crate `image`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use image::{GrayImage, ImageResult, RgbImage, imageops};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use tempfile::TempDir;
use tracing::info_span;

use crate::command_line::{arguments, exit_code};
use crate::data_parallelism::images::contents::contents;
use crate::data_parallelism::images::painted::USAGE;

pub mod contents;
pub mod painted;
pub mod runs;

// ANCHOR: rayon
/// The work: each of these pictures, saved in this folder.
pub struct Pictures {
    pub pictures: Vec<RgbImage>,
    pub folder: TempDir,
}

/// Gray, and half as wide and high: each pixel is the mean of four.
pub fn shrink(picture: &RgbImage) -> GrayImage {
    let gray = imageops::grayscale(picture);
    imageops::thumbnail(&gray, gray.width() / 2, gray.height() / 2)
}

/// What is done with one picture. It needs none of the others.
fn save(picture: &RgbImage, number: usize, to: &Path) -> ImageResult<PathBuf> {
    let _saving = info_span!("save", number).entered();
    let file = file_of(number, to);
    shrink(picture).save(&file)?;
    Ok(file)
}

fn file_of(number: usize, folder: &Path) -> PathBuf {
    folder.join(format!("{number:04}.png"))
}

/// One after the other. The files are in the order of their pictures.
pub fn sequential(work: &Pictures) -> ImageResult<Vec<PathBuf>> {
    work.pictures
        .iter()
        .enumerate()
        .map(|(number, picture)| save(picture, number, work.folder.path()))
        .collect()
}

/// The same with rayon, which makes a pool of threads for it.
pub fn rayon(work: &Pictures, threads: usize) -> ImageResult<Vec<PathBuf>> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.expect("this system starts a few threads");
    pool.install(|| {
        work.pictures
            .par_iter()
            .enumerate()
            .map(|(number, picture)| save(picture, number, work.folder.path()))
            .collect()
    })
}
// ANCHOR_END: rayon

pub fn main() -> ExitCode {
    exit_code(USAGE, || {
        let work = Pictures::open(&arguments())?;
        let failed = |error| format!("saving pictures: {error}");
        let cores = thread::available_parallelism()?.get();
        let files = rayon(&work, cores).map_err(failed)?;
        println!("{} pictures saved, among them", files.len());
        let some = &files[..files.len().min(4)];
        print!("{}", contents(some).map_err(failed)?);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::data_parallelism::images::painted::paint;
    use crate::data_parallelism::images::runs::threads;

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
        let saved = |form: &dyn Fn(&Pictures) -> ImageResult<Vec<PathBuf>>| {
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
    fn a_folder_that_vanished_is_an_error_and_not_a_panic() {
        let work = Pictures::new(2).unwrap();
        fs::remove_dir(work.folder.path()).unwrap();
        assert!(sequential(&work).is_err());
        assert!(threads(&work, 2).is_err());
        assert!(rayon(&work, 2).is_err());
    }
}
