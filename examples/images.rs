//! Pictures made gray, halved and saved: one after the other, and split over
//! threads, rayon's pool and processes; the same by Pillow.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use image::ImageResult;
use lab::{Experiment, python};
use listings::data_parallelism::images::contents::contents;
use listings::data_parallelism::images::{self as listing, Pictures, runs};

const TITLE: &str =
    "Time to make 64 pictures gray, to halve them and to save them";
const SCRIPT: &str = "listings/data_parallelism/images.py";

fn main() -> lab::Exit {
    let pillow = || python(SCRIPT).needs_from("PIL", "pillow");
    let cores = || {
        let cores = thread::available_parallelism().map_or(1, |n| n.get());
        cores.to_string()
    };
    Experiment::new("images", TITLE)
        .demo(listing::main)
        .role(runs::ROLE, runs::worker)
        .option("--count N", "how many pictures, originally 1000")
        .parameter("count", [16, 64, 256])
        .setting("pictures", 64)
        .setting("pixels", "640 × 480")
        .input(Pictures::open)
        .threads_axis()
        .pieces(64)
        .base("sequential", listing::sequential)
        .arm_over("threads", runs::threads)
        .arm_over("rayon", listing::rayon)
        .arm_over("processes", runs::processes)
        .foreign("python_sequential", pillow(), same_work)
        .label("Pillow, sequential")
        .foreign("python_threads", pillow(), move |command, work| {
            same_work(command, work);
            command.args(["--threads", &cores()]);
        })
        .label("Pillow, a thread for each core")
        .foreign("python_processes", pillow(), move |command, work| {
            same_work(command, work);
            command.args(["--processes", &cores()]);
        })
        .label("Pillow, a process for each core")
        .timeline("rayon", Some(2))
        .agree(answer)
        .run()
}

/// The same pictures as files, which a script opens.
fn same_work(command: &mut Command, work: &Pictures) {
    let folder = work.folder.path();
    let written = || -> io::Result<()> {
        for (number, picture) in work.pictures.iter().enumerate() {
            let (width, height) = picture.dimensions();
            let mut file = format!("P6 {width} {height} 255\n").into_bytes();
            file.extend_from_slice(picture);
            fs::write(folder.join(format!("{number:04}.ppm")), file)?;
        }
        Ok(())
    };
    written().unwrap_or_else(|error| panic!("writing pictures: {error}"));
    command.arg(folder);
}

/// What all arms must agree on; an arm that failed ends here, with its reason.
fn answer(files: &ImageResult<Vec<PathBuf>>) -> String {
    let written = match files {
        Ok(files) => contents(files),
        Err(error) => panic!("saving pictures: {error}"),
    };
    written.unwrap_or_else(|error| panic!("reading them again: {error}"))
}
