//! The pictures read again, to compare what was written.

use std::fs;
use std::path::PathBuf;

use image::ImageResult;

/// A line for each file: its size in bytes, and the sum of its pixels.
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
