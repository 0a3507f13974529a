//! A running `course serve` of a tiny project, and a stranger or a page that sends it requests.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::settings;

/// For what should happen at once, on a machine that is busy with other tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const RUN: &str = "/__course/run";
pub(crate) const MEASURE: &str = "/__course/measure";
pub(crate) const WATCH: &str = "/__course/exercise";

/// A book of one page whose examples are built already: see `examples/unruly.rs`.
pub(crate) fn project() -> TempDir {
    // Beside the program, so that it can be linked into it.
    let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    settings::borrow(root.path());
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"listings\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n",
    );
    write("Cargo.lock", "version = 4\n\n[[package]]\nname = \"listings\"\nversion = \"0.1.0\"\n");
    write("src/SUMMARY.md", "# Summary\n\n- [One](one.md)\n");
    write("src/one.md", "# One\n\nThe first words.\n");
    link(root.path(), "cargo");
    for name in ["unruly", "sums", "sluggish", "deserters", "patient"] {
        write(&format!("examples/{name}.rs"), "fn main() {}\n");
        link(root.path(), name);
    }
    root
}

/// Puts the example under this name into the project's `bin/`.
pub(crate) fn link(root: &Path, name: &str) {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let unruly = profile.join("examples/unruly");
    assert!(unruly.exists(), "`cargo build -p course --examples` builds it");
    let program = root.join("bin").join(name);
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    if fs::hard_link(&unruly, &program).is_err() {
        fs::copy(&unruly, &program).unwrap();
    }
}

/// A running server and its project, ended with the test.
pub(crate) struct Served {
    pub root: TempDir,
    pub child: Child,
    pub port: u16,
    pub token: String,
    pub said: Receiver<String>,
}

impl Served {
    pub(crate) fn start() -> Served {
        Served::with(&[])
    }

    pub(crate) fn with(options: &[&str]) -> Served {
        Served::serve(project(), options)
    }

    pub(crate) fn serve(root: TempDir, options: &[&str]) -> Served {
        let mut child = Command::new(env!("CARGO_BIN_EXE_course"))
            .args(["serve", "--port", "0"])
            .args(options)
            .current_dir(root.path())
            .env("NO_COLOR", "1")
            .env("CARGO", root.path().join("bin/cargo"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (say, said) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut served = Served { root, child, port: 0, token: String::new(), said };
        let line = served.hears("Serving http://127.0.0.1:");
        let after = line.split("127.0.0.1:").nth(1).unwrap();
        served.port = after.split('/').next().unwrap().parse().unwrap();
        if let Some(token) = line.split("#token=").nth(1) {
            served.token = token.split(' ').next().unwrap().to_string();
            served.hears("Ready");
        }
        served
    }

    /// Waits for a line that the server prints.
    pub(crate) fn hears(&self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        let mut before = String::new();
        loop {
            match self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => before += &(line + "\n"),
                Err(why) => panic!("the server did not say `{words}`: {why}; it said\n{before}"),
            }
        }
    }

    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The head of a request as our pages send it.
    pub(crate) fn head(&self) -> Vec<(String, String)> {
        let host = self.host();
        [
            ("Host", host.clone()),
            ("Origin", format!("http://{host}")),
            ("Sec-Fetch-Site", "same-origin".into()),
            ("Content-Type", "application/json".into()),
            ("X-Course-Token", self.token.clone()),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .to_vec()
    }

    /// Sends a request under this head and reads the head of the answer.
    pub(crate) fn sends(&self, path: &str, head: &[(String, String)], body: &str) -> Answer {
        let mut request = format!("POST {path} HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in head {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        Answer::read(stream)
    }

    pub(crate) fn requests(&self, path: &str, request: &Value) -> Answer {
        self.sends(path, &self.head(), &request.to_string())
    }

    pub(crate) fn runs(&self, mode: &str) -> Answer {
        let answer =
            self.requests(RUN, &json!({ "example": "unruly", "parameters": { "mode": mode } }));
        assert_eq!(answer.status, 200, "{mode}: {}", answer.head);
        answer
    }

    pub(crate) fn gets(&self, path: &str) -> (u16, String) {
        let mut stream = self.connect();
        let host = self.host();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Answer::read(stream);
        (answer.status, answer.rest())
    }

    /// It answers, and no process is left but its own.
    #[track_caller]
    pub(crate) fn is_well(&self, after: &str) {
        assert_eq!(self.gets("/one.html").0, 200, "after {after}");
        nothing_is_left_of(self.root.path(), after);
        wait_until("the server's own processes end", || children(self.child.id()).is_empty());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

/// What comes back; the rest can be read as it comes.
pub(crate) struct Answer {
    pub status: u16,
    pub head: String,
    pub lines: Lines,
}

pub(crate) enum Lines {
    Plain(BufReader<TcpStream>),
    Chunked { stream: BufReader<TcpStream>, text: String },
}

impl Answer {
    pub(crate) fn read(stream: TcpStream) -> Answer {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).unwrap_or(0) > 0 {}
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let lines = if chunked {
            Lines::Chunked { stream, text: String::new() }
        } else {
            Lines::Plain(stream)
        };
        Answer { status, head, lines }
    }

    pub(crate) fn rest(&mut self) -> String {
        let mut rest = String::new();
        match &mut self.lines {
            Lines::Plain(stream) => drop(stream.read_to_string(&mut rest)), // it may be cut off
            Lines::Chunked { .. } => {
                while let Some(line) = self.line() {
                    rest += &format!("{line}\n");
                }
            }
        }
        rest
    }

    /// The next line of JSON, as soon as it is there.
    pub(crate) fn line(&mut self) -> Option<Value> {
        let Lines::Chunked { stream, text } = &mut self.lines else { return None };
        while !text.contains('\n') {
            let mut size = String::new();
            stream.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).ok()?;
            if size == 0 {
                return None;
            }
            *text += std::str::from_utf8(&chunk[..size]).unwrap();
        }
        let (line, rest) = text.split_once('\n').unwrap();
        let line = serde_json::from_str(line).unwrap();
        *text = rest.to_string();
        Some(line)
    }

    /// Reads until a line has this field.
    #[track_caller]
    pub(crate) fn until(&mut self, field: &str) -> Value {
        while let Some(line) = self.line() {
            if line.get(field).is_some() {
                return line;
            }
        }
        panic!("no line with `{field}`");
    }

    /// All that it prints, and the line after that.
    #[track_caller]
    pub(crate) fn printed(&mut self) -> (String, Value) {
        let mut out = String::new();
        loop {
            let line = self.line().expect("a line that says how it ended");
            match line["out"].as_str() {
                Some(text) => out += text,
                None => return (out, line),
            }
        }
    }

    /// How it ended, and the sentence.
    #[track_caller]
    pub(crate) fn ended(&mut self) -> (String, String) {
        let line = self.until("ended");
        assert_eq!(self.line(), None, "nothing follows the end");
        let text = |field: &str| line[field].as_str().unwrap().to_string();
        (text("how"), text("ended"))
    }
}

/// Who runs a program of this project, or supervises one.
pub(crate) fn processes_of(root: &Path) -> Vec<(PathBuf, String)> {
    let root = root.to_string_lossy();
    let numbers = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let command_lines = numbers.filter_map(|process| {
        let line = fs::read(process.join("cmdline")).ok()?;
        Some((process, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    command_lines.filter(|(_, line)| line.contains(&*root)).collect()
}

#[track_caller]
pub(crate) fn nothing_is_left_of(root: &Path, after: &str) {
    let began = Instant::now();
    loop {
        let left = processes_of(root);
        if left.is_empty() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "left after {after}: {left:?}");
        thread::yield_now();
    }
}

/// Who has this process as its parent.
pub(crate) fn children(process: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|it| fs::read_to_string(it.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(str::to_string).collect::<Vec<_>>()).collect()
}

/// Asks again until it is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::yield_now();
    }
}
