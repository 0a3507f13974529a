//! A tiny project for the real `course`: its examples are built already (`examples/stand_in.rs`).

// Each test file uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lab::record::Record;
use tempfile::TempDir;
use walkdir::{DirEntry, WalkDir};

/// The machine that these tests record for, whatever they run on.
pub(crate) const MACHINE: &str = "tiny";

pub(crate) struct Tiny {
    folder: TempDir,
}

/// What `course` said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Tiny {
    /// A book of one page, and these examples.
    pub(crate) fn new(examples: &[&str]) -> Tiny {
        // Beside the programs, so that they can be linked into it.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let tiny = Tiny { folder };
        let settings = format!(
            "[book]\ntitle = \"Tiny\"\n\n[preprocessor.course]\ncommand = \"course preprocess\"\n\
             after = [\"links\"]\nmachine = \"{MACHINE}\"\n"
        );
        tiny.write("book.toml", &settings);
        tiny.write(
            "Cargo.toml",
            "[package]\nname = \"listings\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n",
        );
        let lock = "version = 4\n\n[[package]]\nname = \"listings\"\nversion = \"0.1.0\"\n";
        tiny.write("Cargo.lock", lock);
        tiny.write("src/SUMMARY.md", "# Summary\n\n- [First](first.md)\n");
        tiny.write("src/first.md", "# First\n\nNothing yet.\n");
        tiny.play("cargo");
        for name in examples {
            tiny.write(&format!("examples/{name}.rs"), "fn main() {}\n");
            tiny.play(name);
        }
        tiny
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Puts the stand-in under this name into the project's `bin/`.
    pub(crate) fn play(&self, name: &str) -> PathBuf {
        let stand_in = built("examples", "stand_in");
        let program = self.path("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX));
        fs::create_dir_all(program.parent().unwrap()).unwrap();
        if fs::hard_link(&stand_in, &program).is_err() {
            fs::copy(&stand_in, &program).unwrap();
        }
        program
    }

    /// `course`, in this project, with the stand-in for Cargo.
    pub(crate) fn course(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        let cargo = self.path("bin").join(format!("cargo{}", env::consts::EXE_SUFFIX));
        command.args(arguments).current_dir(self.root()).env("CARGO", cargo);
        command.env_remove("STAND_IN_HOLD");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.course(arguments))
    }

    /// Measures everything, quickly.
    pub(crate) fn measure(&self) -> Ran {
        self.run(&["measure", "--quick", "--machine", MACHINE])
    }

    pub(crate) fn record_path(&self, example: &str) -> PathBuf {
        self.path("measurements").join(MACHINE).join(format!("{example}.json"))
    }

    pub(crate) fn record(&self, example: &str) -> Record {
        Record::read(&self.record_path(example)).unwrap_or_else(|why| panic!("{example}: {why}"))
    }

    /// Every file under `measurements/`, with its bytes.
    pub(crate) fn recorded(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = WalkDir::new(self.path("measurements")).into_iter().flatten();
        let files = entries.filter(|entry| !entry.file_type().is_dir()).map(DirEntry::into_path);
        files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }
}

/// A program that Cargo built before this test.
pub(crate) fn built(folder: &str, name: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let program = profile.join(folder).join(format!("{name}{}", env::consts::EXE_SUFFIX));
    let command = "cargo build -p preprocessor -p course --bins --examples";
    assert!(program.exists(), "no {}: `{command}`", program.display());
    program
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Ran {
    #[track_caller]
    pub(crate) fn assert_succeeded(&self) -> &Ran {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// It failed with status 1, without a panic, and said all of this on stderr.
    #[track_caller]
    pub(crate) fn assert_failed(&self, words: &[&str]) -> &Ran {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        let ours = ["book", "course", "lab", "preprocessor"];
        let panicked = |name| self.stderr.contains(&format!("panicked at scripts/{name}/src"));
        assert!(!ours.into_iter().any(panicked), "{}", self.stderr);
        self.assert_said(words)
    }

    #[track_caller]
    pub(crate) fn assert_said(&self, words: &[&str]) -> &Ran {
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in\n{}", self.stderr);
        }
        self
    }
}
