//! Where the pictures come from: they are painted, as many as the command line
//! asks for.

use std::error::Error;
use std::io;

use image::{Rgb, RgbImage};
use tempfile::TempDir;

use crate::command_line::{CommandLine, number};
use crate::data_parallelism::images::Pictures;

/// Of each picture, in pixels.
pub const WIDTH: u32 = 640;
pub const HEIGHT: u32 = 480;

/// A picture of 640 × 480: rings around a place that its number decides.
pub fn paint(number: u32) -> RgbImage {
    let middle = [number * 89 % WIDTH, number * 61 % HEIGHT];
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (dx, dy) = (x.abs_diff(middle[0]), y.abs_diff(middle[1]));
        let ring = (dx * dx + dy * dy) >> 6;
        Rgb([ring as u8, (ring >> 2) as u8, (x + y + number) as u8])
    })
}

/// What the program understands, with what holds without it.
pub const USAGE: &str = "\
options:
  --count N  how many pictures, about a megabyte of memory each (64)
";

/// Sized so that one core needs more than a tenth of a second.
const COUNT: usize = 64;

impl Pictures {
    /// # Errors
    /// Where no temporary folder can be made.
    pub fn new(count: usize) -> io::Result<Pictures> {
        let folder = TempDir::with_prefix("pictures-")?;
        Ok(Pictures {
            pictures: (0..).take(count).map(paint).collect(),
            folder,
        })
    }

    /// What the command line asks for.
    ///
    /// # Errors
    /// Says what it does not understand, or why there is no folder.
    pub fn open(arguments: &[String]) -> Result<Pictures, Box<dyn Error>> {
        let mut line = CommandLine::new(arguments);
        let mut count = COUNT;
        while let Some(option) = line.option() {
            match option {
                "--count" => count = number(line.value()?, 1)?,
                _ => return Err(line.unknown().into()),
            }
        }
        Ok(Pictures::new(count)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_cannot_be_understood_is_named() {
        for wrong in [&["--cuont", "3"][..], &["--count"], &["--count", "0"]] {
            let words: Vec<String> =
                wrong.iter().map(|word| word.to_string()).collect();
            let error = Pictures::open(&words).err().expect("is refused");
            let error = error.to_string();
            assert!(wrong.iter().any(|word| error.contains(word)), "{error}");
        }
    }
}
