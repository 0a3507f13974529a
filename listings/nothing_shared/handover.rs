//! A hundred megabytes, made here and added up elsewhere: moved to a thread,
//! written into pipes and a socket, and put into memory that two processes map.
//!
//! The channels of the thread carry one message each way, and pipes, sockets
//! and maps belong to the system: there is nothing for a model checker.
//!
//! Runs locally only: it starts a process and opens a socket.

use std::cell::RefCell;
use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{
    self, Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio,
};
use std::sync::mpsc;
use std::thread;

use memmap2::MmapOptions;

// ANCHOR: readings
/// Fills memory with the readings of a sensor, each a binary fraction: any
/// order of adding them gives the same sum, to the last bit.
pub fn read_sensor(readings: &mut [f64]) {
    for stretch in readings.chunks_mut(CYCLE.len()) {
        stretch.copy_from_slice(&CYCLE[..stretch.len()]);
    }
}

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

/// Made and added up in the same place: what all the others do too.
pub fn stays(count: usize) -> f64 {
    let mut readings = vec![0.0; count];
    read_sensor(&mut readings);
    add_up(&readings)
}
// ANCHOR_END: readings

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

/// What the sum has to be.
pub fn expected(count: usize) -> f64 {
    let turns = (count / CYCLE.len()) as f64;
    turns * add_up(&CYCLE) + add_up(&CYCLE[..count % CYCLE.len()])
}

fn made(count: usize) -> Vec<f64> {
    let mut readings = vec![0.0; count];
    read_sensor(&mut readings);
    readings
}

/// Those who wait for readings: a thread of this process, and another process.
pub struct Receivers {
    to_thread: mpsc::Sender<Vec<f64>>,
    from_thread: mpsc::Receiver<f64>,
    process: Process,
}

impl Receivers {
    /// Starts both, and hands over a little by each way: neither starting nor
    /// a first time is part of what is measured.
    pub fn open(_: &[String]) -> io::Result<Receivers> {
        let receivers = Receivers::start()?;
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

    fn start() -> io::Result<Receivers> {
        let (to_thread, received) = mpsc::channel::<Vec<f64>>();
        let (tell, from_thread) = mpsc::channel();
        thread::Builder::new().spawn(move || {
            for readings in received {
                let sum = add_up(&readings);
                // The memory goes back before the answer goes out, as it does
                // for those who stay.
                drop(readings);
                if tell.send(sum).is_err() {
                    return;
                }
            }
        })?;
        let process = Process::start()?;
        Ok(Receivers { to_thread, from_thread, process })
    }
}

// ANCHOR: moved
impl Receivers {
    /// Three words change hands: where the readings are, how many, and for how
    /// many there is room.
    pub fn moved(&self, count: usize) -> io::Result<f64> {
        let gone = |_| io::Error::other("the receiving thread is gone");
        self.to_thread.send(made(count)).map_err(|error| gone(error.0))?;
        self.from_thread.recv().map_err(|_| gone(Vec::new()))
    }
}
// ANCHOR_END: moved

// ANCHOR: formats
impl Receivers {
    /// As text: digits, and commas between them.
    pub fn pipe_json(&self, count: usize) -> io::Result<f64> {
        let bytes = serde_json::to_vec(&made(count))?;
        self.process.through_the_pipe("json", &bytes)
    }

    /// As bytes, eight for each reading.
    pub fn pipe_postcard(&self, count: usize) -> io::Result<f64> {
        let bytes = postcard::to_stdvec(&made(count)).map_err(unfit)?;
        self.process.through_the_pipe("postcard", &bytes)
    }

    /// The same bytes, by another way.
    pub fn socket_postcard(&self, count: usize) -> io::Result<f64> {
        let bytes = postcard::to_stdvec(&made(count)).map_err(unfit)?;
        self.process.through_the_socket(&bytes)
    }
}
// ANCHOR_END: formats

// ANCHOR: wide
impl Receivers {
    /// The same bytes, through a pipe with sixteen times the room.
    pub fn wide_pipe_postcard(&self, count: usize) -> io::Result<f64> {
        widen(self.process.input()?)?;
        self.pipe_postcard(count)
    }
}

/// Asks Linux for room for a mebibyte, the most that it gives to everybody.
#[cfg(target_os = "linux")]
fn widen(pipe: &ChildStdin) -> io::Result<()> {
    rustix::pipe::fcntl_setpipe_size(pipe, 1024 * 1024)?;
    Ok(())
}
// ANCHOR_END: wide

/// Other systems choose the room themselves.
#[cfg(not(target_os = "linux"))]
fn widen(_: &ChildStdin) -> io::Result<()> {
    Ok(())
}

// ANCHOR: map
impl Receivers {
    /// In memory that both processes see: nothing is sent but a name.
    pub fn map(&self, count: usize) -> io::Result<f64> {
        let file = OwnFile::of(count * size_of::<f64>())?;
        // SAFETY: the file is ours: `OwnFile` made it under a new name. The
        // receiver learns the name below, maps it for reading, and does not
        // keep it; from then on we do not write.
        let mut bytes = unsafe { at_once().map_mut(&file.file)? };
        // SAFETY: any eight bytes are an `f64`.
        let (before, readings, after) = unsafe { bytes.align_to_mut::<f64>() };
        assert!(before.is_empty() && after.is_empty(), "pages are aligned");
        read_sensor(readings);
        self.process.ask(&format!("map {}", file.path.display()), &[])
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
// ANCHOR_END: map

/// All pages are looked up when the map is made, and not each at its first touch.
fn at_once() -> MmapOptions {
    let mut options = MmapOptions::new();
    options.populate(); // Linux does it, the other systems leave it
    options
}

/// A file under a name that only this process has. It is removed with this.
struct OwnFile {
    file: File,
    path: PathBuf,
}

impl OwnFile {
    fn of(bytes: usize) -> io::Result<OwnFile> {
        // Where Linux keeps such files.
        let in_memory = PathBuf::from("/dev/shm");
        if in_memory.is_dir()
            && let Ok(file) = OwnFile::within(&in_memory, bytes)
        {
            return Ok(file);
        }
        let folder = env::temp_dir();
        OwnFile::within(&folder, bytes).map_err(|error| {
            let folder = folder.display();
            io::Error::other(format!("{bytes} bytes in {folder}: {error}"))
        })
    }

    fn within(folder: &Path, bytes: usize) -> io::Result<OwnFile> {
        let path = folder.join(format!("handover-{}", process::id()));
        let mut options = File::options();
        options.read(true).write(true).create_new(true);
        let mut own = OwnFile { file: options.open(&path)?, path };
        // Without room for a page, the first touch of it would end the process.
        // A write that finds no room is an error.
        let zeros = vec![0; bytes.min(64 * 1024)];
        let mut missing = bytes;
        while missing > 0 {
            missing -= own.file.write(&zeros[..zeros.len().min(missing)])?;
        }
        Ok(own)
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        // If it fails, the system empties the folder some day.
        let _ = fs::remove_file(&self.path);
    }
}

/// The receiving process: this program again. It ends when its input does.
struct Process {
    process: Child,
    /// `None` when it has been told to end.
    input: Option<ChildStdin>,
    output: RefCell<BufReader<ChildStdout>>,
    socket: TcpStream,
}

impl Process {
    fn start() -> io::Result<Process> {
        let mut process = Command::new(env::current_exe()?)
            .arg("receiver")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let gone = || io::Error::other("the receiving process did not start");
        let input = process.stdin.take();
        let mut output =
            BufReader::new(process.stdout.take().ok_or_else(gone)?);
        let mut port = String::new();
        output.read_line(&mut port)?;
        let port: u16 = port.trim().parse().map_err(|_| gone())?;
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nodelay(true)?; // what is written goes out at once
        let output = RefCell::new(output);
        Ok(Process { process, input, output, socket })
    }

    fn through_the_pipe(&self, format: &str, bytes: &[u8]) -> io::Result<f64> {
        self.ask(&format!("{format} {}", bytes.len()), bytes)
    }

    fn through_the_socket(&self, bytes: &[u8]) -> io::Result<f64> {
        self.tell(&format!("socket {}", bytes.len()))?;
        (&self.socket).write_all(bytes)?;
        self.answer()
    }

    /// A line that says what comes, and then it comes.
    fn ask(&self, line: &str, bytes: &[u8]) -> io::Result<f64> {
        self.tell(line)?;
        self.input()?.write_all(bytes)?;
        self.answer()
    }

    fn tell(&self, line: &str) -> io::Result<()> {
        self.input()?.write_all(format!("{line}\n").as_bytes())
    }

    fn input(&self) -> io::Result<&ChildStdin> {
        self.input.as_ref().ok_or_else(|| io::Error::other("it was ended"))
    }

    fn answer(&self) -> io::Result<f64> {
        let mut line = String::new();
        self.output.borrow_mut().read_line(&mut line)?;
        line.trim().parse().map_err(|_| {
            io::Error::other(format!("the receiving process said `{line}`"))
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait(); // it ends by itself
    }
}

/// What the receiving process does until its input ends.
pub fn receive() -> ExitCode {
    match receive_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the receiving process: {error}");
            ExitCode::FAILURE
        }
    }
}

fn receive_all() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    writeln!(output, "{}", listener.local_addr()?.port())?;
    let mut socket = listener.accept()?.0;
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let (way, what) = line.trim_end().split_once(' ').unwrap_or_default();
        let sum = match way {
            "map" => add_up_map(Path::new(what))?,
            "socket" => add_up_bytes("postcard", &take(&mut socket, what)?)?,
            format => add_up_bytes(format, &take(&mut input, what)?)?,
        };
        writeln!(output, "{sum:?}")?; // with all its digits
        line.clear();
    }
    Ok(())
}

/// As many bytes as the line said.
fn take(from: &mut impl Read, length: &str) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length.parse().map_err(io::Error::other)?];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

// ANCHOR: receiver
/// What the receiver does with what came: makes readings of it, adds them up.
fn add_up_bytes(format: &str, bytes: &[u8]) -> io::Result<f64> {
    let readings: Vec<f64> = match format {
        "json" => serde_json::from_slice(bytes)?,
        "postcard" => postcard::from_bytes(bytes).map_err(unfit)?,
        _ => return Err(io::Error::other(format!("no format `{format}`"))),
    };
    Ok(add_up(&readings))
}
// ANCHOR_END: receiver

fn unfit(error: postcard::Error) -> io::Error {
    io::Error::other(error)
}

// ANCHOR: main
pub fn main() -> io::Result<()> {
    let receivers = Receivers::open(&[])?;
    let count = 125_000; // a megabyte
    let json = serde_json::to_vec(&made(count))?.len();
    let postcard = postcard::to_stdvec(&made(count)).map_err(unfit)?.len();
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
// ANCHOR_END: main

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
        let file = OwnFile::of(12_500 * size_of::<f64>()).unwrap();
        // SAFETY: the file is this test's own.
        let mut bytes = unsafe { at_once().map_mut(&file.file) }.unwrap();
        // SAFETY: any eight bytes are an `f64`.
        read_sensor(unsafe { bytes.align_to_mut::<f64>() }.1);
        assert_eq!(add_up_map(&file.path).unwrap(), expected(12_500));
        let path = file.path.clone();
        drop(bytes);
        drop(file);
        assert!(!path.exists(), "{} was left", path.display());
    }
}
