//! A hundred megabytes, made here and added up elsewhere: moved to a thread,
//! written into pipes and a socket, and put into memory that two processes map.
//!
//! The channels of the thread carry one message each way, and pipes, sockets
//! and maps belong to the system: there is nothing for a model checker.
//!
//! Runs locally only: it starts a process and opens a socket.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ChildStdin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use memmap2::MmapOptions;

use crate::nothing_shared::handover::process::Process;
use crate::nothing_shared::handover::shared_file::shared_file;

pub mod process;
pub mod shared_file;

// ANCHOR: readings
/// Fills memory with the readings of a sensor, each a binary fraction: any
/// order of adding them gives the same sum, to the last bit.
pub fn read_sensor(readings: &mut [f64]) {
    for stretch in readings.chunks_mut(CYCLE.len()) {
        stretch.copy_from_slice(&CYCLE[..stretch.len()]);
    }
}

/// The readings of one turn of the sensor; then it begins again.
static CYCLE: [f64; 4_096] = {
    let mut cycle = [0.0; 4_096];
    let mut number = 0;
    while number < cycle.len() {
        // The 17 upper bits of a product that scatters: from 0 to 128 in steps
        // of 1/1024.
        let scattered = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        cycle[number] = (scattered >> 47) as f64 / 1024.0;
        number += 1;
    }
    cycle
};

/// Touches every byte. Eight sums at a time, which a core can do at once.
pub fn add_up(readings: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (eights, rest) = readings.as_chunks::<8>();
    for eight in eights {
        for (sum, reading) in sums.iter_mut().zip(eight) {
            *sum += reading;
        }
    }
    sums.iter().chain(rest).sum()
}

fn made(count: usize) -> Vec<f64> {
    let mut readings = vec![0.0; count];
    read_sensor(&mut readings);
    readings
}

/// Made and added up in the same place: what all the others do too.
pub fn stays(count: usize) -> f64 {
    add_up(&made(count))
}
// ANCHOR_END: readings

/// What the sum has to be.
pub fn expected(count: usize) -> f64 {
    let turns = (count / CYCLE.len()) as f64;
    turns * add_up(&CYCLE) + add_up(&CYCLE[..count % CYCLE.len()])
}

// ANCHOR: moved
/// Those who wait for readings: a thread of this process, and another process.
pub struct Receivers {
    to_thread: Sender<Vec<f64>>,
    from_thread: Receiver<f64>,
    process: Process,
}

impl Receivers {
    /// Three words change hands: where the readings are, how many, and for how
    /// many there is room.
    pub fn moved(&self, count: usize) -> io::Result<f64> {
        let gone = || io::Error::other("the receiving thread is gone");
        self.to_thread.send(made(count)).map_err(|_| gone())?;
        self.from_thread.recv().map_err(|_| gone())
    }
}

/// What the receiving thread does.
fn add_up_all(received: Receiver<Vec<f64>>, answers: Sender<f64>) {
    for readings in received {
        let sum = add_up(&readings);
        // The memory goes back before the answer goes out, as it does for those
        // who stay.
        drop(readings);
        if answers.send(sum).is_err() {
            return;
        }
    }
}
// ANCHOR_END: moved

impl Receivers {
    /// Starts both, and hands over a little by each way: neither starting nor
    /// a first time is part of what is measured.
    pub fn open(_: &[String]) -> io::Result<Receivers> {
        let (to_thread, received) = mpsc::channel();
        let (answers, from_thread) = mpsc::channel();
        thread::Builder::new().spawn(|| add_up_all(received, answers))?;
        let process = Process::start()?;
        let receivers = Receivers { to_thread, from_thread, process };
        for hand_over in [
            Receivers::moved,
            Receivers::map,
            Receivers::pipe_postcard,
            Receivers::socket_postcard,
            Receivers::pipe_json,
        ] {
            hand_over(&receivers, 125)?;
        }
        Ok(receivers)
    }
}

// ANCHOR: formats
/// As text: digits, and commas between them.
fn in_json(count: usize) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(&made(count))?)
}

/// As bytes, eight for each reading.
fn in_postcard(count: usize) -> io::Result<Vec<u8>> {
    postcard::to_stdvec(&made(count)).map_err(io::Error::other)
}

impl Receivers {
    pub fn pipe_json(&self, count: usize) -> io::Result<f64> {
        self.through_the_pipe("json", &in_json(count)?)
    }

    pub fn pipe_postcard(&self, count: usize) -> io::Result<f64> {
        self.through_the_pipe("postcard", &in_postcard(count)?)
    }

    /// The same bytes, by another way.
    pub fn socket_postcard(&self, count: usize) -> io::Result<f64> {
        self.through_the_socket(&in_postcard(count)?)
    }

    /// A line says what comes, and then it comes.
    fn through_the_pipe(&self, format: &str, bytes: &[u8]) -> io::Result<f64> {
        self.process.tell(&format!("{format} {}", bytes.len()))?;
        (&self.process.pipe).write_all(bytes)?;
        self.process.answer()
    }

    fn through_the_socket(&self, bytes: &[u8]) -> io::Result<f64> {
        self.process.tell(&format!("socket {}", bytes.len()))?;
        (&self.process.socket).write_all(bytes)?;
        self.process.answer()
    }
}
// ANCHOR_END: formats

// ANCHOR: receiver
/// What the receiver does with what came: makes readings of it, adds them up.
fn add_up_bytes(format: &str, bytes: &[u8]) -> io::Result<f64> {
    let readings: Vec<f64> = match format {
        "json" => serde_json::from_slice(bytes)?,
        "postcard" => postcard::from_bytes(bytes).map_err(io::Error::other)?,
        _ => return Err(io::Error::other(format!("no format `{format}`"))),
    };
    Ok(add_up(&readings))
}
// ANCHOR_END: receiver

// ANCHOR: wide
impl Receivers {
    /// The same bytes, through a pipe with sixteen times the room.
    pub fn wide_pipe_postcard(&self, count: usize) -> io::Result<f64> {
        widen(&self.process.pipe)?;
        self.pipe_postcard(count)
    }
}

/// Asks Linux for room for a mebibyte, the most that it gives to everybody.
#[cfg(target_os = "linux")]
fn widen(pipe: &ChildStdin) -> io::Result<()> {
    rustix::pipe::fcntl_setpipe_size(pipe, 1024 * 1024)?;
    Ok(())
}

/// Other systems choose the room themselves.
#[cfg(not(target_os = "linux"))]
fn widen(_: &ChildStdin) -> io::Result<()> {
    Ok(())
}
// ANCHOR_END: wide

// ANCHOR: map
impl Receivers {
    /// In memory that both processes see: nothing is sent but a name.
    pub fn map(&self, count: usize) -> io::Result<f64> {
        let file = shared_file(count * size_of::<f64>())?;
        // SAFETY: the file is ours: `shared_file` made it under a new name. The
        // receiver learns the name below, maps it for reading, and does not
        // keep it; from then on we do not write.
        let mut bytes = unsafe { at_once().map_mut(&file)? };
        // SAFETY: any eight bytes are an `f64`.
        let (before, readings, after) = unsafe { bytes.align_to_mut::<f64>() };
        assert!(before.is_empty() && after.is_empty(), "pages are aligned");
        read_sensor(readings);
        self.process.tell(&format!("map {}", file.path().display()))?;
        self.process.answer()
    }
}

/// What the receiver does with the name.
fn add_up_map(path: &Path) -> io::Result<f64> {
    let file = File::open(path)?;
    // SAFETY: the sender has written everything, and waits for our answer
    // before it goes on. That nobody else changes the file is a convention
    // between the two: its name is nowhere but in their conversation.
    let bytes = unsafe { at_once().map(&file)? };
    // SAFETY: any eight bytes are an `f64`.
    let (before, readings, after) = unsafe { bytes.align_to::<f64>() };
    assert!(before.is_empty() && after.is_empty(), "pages are aligned");
    Ok(add_up(readings))
}

/// All pages are looked up when the map is made, and not each at its first
/// touch.
fn at_once() -> MmapOptions {
    let mut options = MmapOptions::new();
    options.populate(); // Linux does it, the other systems leave it
    options
}
// ANCHOR_END: map

pub fn main() -> io::Result<()> {
    let receivers = Receivers::open(&[])?;
    let count = 125_000; // a megabyte
    let json = in_json(count)?.len();
    let postcard = in_postcard(count)?.len();
    println!("way                bytes sent  sum");
    let line = |way: &str, sent: usize, sum: f64| {
        println!("{way:18} {sent:>10}  {sum}");
    };
    line("stays", 0, stays(count));
    line("moved to a thread", 0, receivers.moved(count)?);
    line("pipe, JSON", json, receivers.pipe_json(count)?);
    line("pipe, postcard", postcard, receivers.pipe_postcard(count)?);
    line("socket, postcard", postcard, receivers.socket_postcard(count)?);
    line("memory map", 0, receivers.map(count)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_known_beforehand() {
        for count in [0, 1, 125, 4_095, 4_096, 4_097, 12_500] {
            assert_eq!(stays(count), expected(count), "{count}");
        }
        assert!(expected(125) > 0.0);
    }

    #[test]
    fn every_reading_is_the_same_after_either_format() {
        let readings = made(4_500);
        let json = serde_json::to_vec(&readings).unwrap();
        let bytes = postcard::to_stdvec(&readings).unwrap();
        assert!(serde_json::from_slice::<Vec<f64>>(&json).unwrap() == readings);
        assert!(postcard::from_bytes::<Vec<f64>>(&bytes).unwrap() == readings);
        assert_eq!(add_up_bytes("json", &json).unwrap(), expected(4_500));
        assert_eq!(add_up_bytes("postcard", &bytes).unwrap(), expected(4_500));
    }

    #[test]
    fn a_map_holds_what_was_written_into_it() {
        let file = shared_file(12_500 * size_of::<f64>()).unwrap();
        // SAFETY: the file is this test's own.
        let mut bytes = unsafe { at_once().map_mut(&file) }.unwrap();
        // SAFETY: any eight bytes are an `f64`.
        read_sensor(unsafe { bytes.align_to_mut::<f64>() }.1);
        assert_eq!(add_up_map(file.path()).unwrap(), expected(12_500));
        let path = file.path().to_owned();
        drop(bytes);
        drop(file);
        assert!(!path.exists(), "{} was left", path.display());
    }
}
