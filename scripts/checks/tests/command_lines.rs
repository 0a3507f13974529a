//! `word_count` and `hash_books` as a user meets them: options, files, exit status, what is printed where.

mod programs;

use std::fs;
use std::process::{Command, Output};

use programs::example;
use tempfile::TempDir;

struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(name: &str, arguments: &[&str]) -> Ran {
    let Output { status, stdout, stderr } =
        Command::new(example(name)).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A failure says why on standard error, in one line that holds all of these, and prints nothing else.
fn assert_fails(ran: &Ran, status: i32, words: &[&str]) {
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(status), ""), "{}", ran.stderr);
    let first = ran.stderr.lines().next().unwrap_or_default();
    assert!(first.starts_with("error: "), "{}", ran.stderr);
    for word in words {
        assert!(first.contains(word), "`{word}` is not in: {first}");
    }
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

#[test]
fn word_count_prints_title_word_and_count_and_nothing_else() {
    let corpus = folder(&[
        ("b second.txt", "Rope rope, the the the boat ROPE".as_bytes()),
        ("a first.txt", b"one\ttwo\r\nTwo"),
        ("empty.txt", b""),
        ("only stop words.txt", b"The the THE"),
        ("notes.md", b"not a document"),
    ]);
    let stop_words = folder(&[("words", b"the\n  One \n\n")]);
    let file = stop_words.path().join("words");
    let ran = run(
        "word_count",
        &[
            "--corpus",
            path(&corpus),
            "--stop-words",
            file.to_str().unwrap(),
            "--latency",
            "1ms",
            "--tsv",
        ],
    );
    let expected = "a first\ttwo\t2\nb second\trope\t2\nempty\t\t0\nonly stop words\t\t0\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), expected, ""));
}

#[test]
fn word_count_reads_the_tales_when_no_folder_is_named() {
    let ran = run("word_count", &["--tsv", "--latency", "0s"]);
    assert_eq!(ran.stdout.lines().count(), 8, "{}", ran.stderr);
    assert!(ran.stdout.contains("the-ferry\tferry\t"), "{}", ran.stdout);
}

#[test]
fn hash_books_prints_title_and_hash_and_nothing_else() {
    let corpus = folder(&[("p.txt", b"password"), ("empty.txt", b"")]);
    let ran = run("hash_books", &["--corpus", path(&corpus), "--iterations", "1", "--tsv"]);
    // `p` is the published vector; `empty` was computed by Python's hashlib.
    let expected = "empty\t00ef42cdbfc98d29db20976608e455567fdddf141f6eb03b5a85addd25974f5d2375bd5082b803e8f4cfa88ae1bd25256fcbddd2318676566ff2797792302aee\n\
        p\t867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252\
        c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), expected, ""));
}

#[test]
fn text_that_is_not_utf_8_is_named_with_the_byte_where_it_stops_being_so() {
    let corpus = folder(&[("good.txt", b"good"), ("latin.txt", b"caf\xe9 au lait")]);
    for name in ["word_count", "hash_books"] {
        assert_fails(
            &run(name, &["--corpus", path(&corpus)]),
            1,
            &["latin.txt", "byte 3", "UTF-8"],
        );
    }
}

#[test]
fn a_folder_that_is_missing_a_file_or_without_texts_is_named() {
    let empty = folder(&[("notes.md", b"")]);
    let file = empty.path().join("notes.md");
    for name in ["word_count", "hash_books"] {
        assert_fails(&run(name, &["--corpus", "no/such/folder"]), 1, &["no/such/folder", "*.txt"]);
        assert_fails(&run(name, &["--corpus", file.to_str().unwrap()]), 1, &["notes.md", "*.txt"]);
        assert_fails(&run(name, &["--corpus", path(&empty)]), 1, &[path(&empty), "no *.txt"]);
    }
}

#[test]
fn stop_words_that_are_missing_or_not_text_are_named() {
    let words = folder(&[("latin", b"\xff")]);
    let latin = words.path().join("latin");
    assert_fails(&run("word_count", &["--stop-words", "no-such-file"]), 1, &["no-such-file"]);
    assert_fails(&run("word_count", &["--stop-words", latin.to_str().unwrap()]), 1, &["byte 0"]);
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_status_2() {
    for latency in ["40", "-1ms", "soon"] {
        assert_fails(&run("word_count", &["--latency", latency]), 2, &[latency, "40ms"]);
    }
    assert_fails(&run("word_count", &["--lattency", "1s"]), 2, &["--lattency"]);
    assert_fails(&run("word_count", &["--tsv", "--corpus"]), 2, &["--corpus", "value"]);
    for iterations in ["0", "many", "5000000000"] {
        assert_fails(&run("hash_books", &["--iterations", iterations]), 2, &[iterations]);
    }
    assert_fails(&run("hash_books", &["tales"]), 2, &["tales"]);
}

#[test]
fn every_arm_gives_the_answer_of_the_base_for_documents_of_ones_own() {
    let corpus =
        folder(&[("a.txt", "Über über".as_bytes()), ("b.txt", b""), ("c.txt", &[b'x'; 200_000])]);
    let answer = |name: &str, arm: &[&str]| {
        let arguments: Vec<&str> =
            ["arm"].iter().chain(arm).copied().chain(["--corpus", path(&corpus)]).collect();
        let ran = run(name, &arguments);
        assert_eq!(ran.status, Some(0), "{arm:?}: {}", ran.stderr);
        let sample: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        sample["answer"].as_str().expect("an answer").to_string()
    };
    let words = answer("word_count", &["sequential"]);
    for arm in ["threads", "pool", "as_completed", "tasks", "count_only"] {
        assert_eq!(answer("word_count", &[arm]), words, "{arm}");
    }
    let hashes = answer("hash_books", &["sequential"]);
    for arm in ["threads", "rayon", "processes"] {
        assert_eq!(answer("hash_books", &[arm, "--at", "2"]), hashes, "{arm}");
    }
}

#[test]
fn the_library_ends_when_its_input_does() {
    // `output` hands over an empty input: the server would run for ever if it did not look.
    let ran = run("word_count", &["serve-library", "--latency", "1ms"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.trim().parse::<u16>().is_ok(), "{}", ran.stdout);
}
