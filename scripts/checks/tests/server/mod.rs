//! The real `course serve`, on parts of this project in a folder of their own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use tempfile::TempDir;
use walkdir::WalkDir;

use crate::programs::built;

/// The project whose parts are copied: this one, or the one that the environment variable PROJECT names.
pub fn house() -> PathBuf {
    match std::env::var_os("PROJECT") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."),
    }
}

pub fn copy_folder(from: &Path, to: &Path) {
    for entry in WalkDir::new(from).follow_links(true) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A running server and its project, ended with the test.
pub struct Server {
    pub root: TempDir,
    child: Child,
    pub url: String,
    token: String,
    said: Receiver<String>,
}

impl Server {
    /// With the project's `bin/cargo` for Cargo.
    pub fn start(root: TempDir, arguments: &[&str]) -> Server {
        let mut child = Command::new(built("course"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .current_dir(root.path())
            .env("NO_COLOR", "1")
            .env("CARGO", root.path().join("bin/cargo"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let (say, said) = channel();
        // It stops when nobody reads what it prints.
        thread::spawn(move || lines.for_each(|line| drop(say.send(line))));
        let mut server = Server { root, child, url: String::new(), token: String::new(), said };
        let line = server.hears("http://");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next());
        let address = format!("http://{}", address.unwrap_or_default());
        let (url, token) = address.split_once('#').unwrap_or((&address, ""));
        (server.url, server.token) = (url.into(), token.into());
        server
    }

    /// Waits for a line that it prints.
    pub fn hears(&self, words: &str) -> String {
        let mut before = String::new();
        for line in &self.said {
            if line.contains(words) {
                return line;
            }
            before += &(line + "\n");
        }
        panic!("the server ended without `{words}`:\n{before}")
    }

    /// A page as the reader opens it who read the terminal.
    pub fn page(&self, page: &str) -> String {
        format!("{}{page}#{}", self.url, self.token)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}
