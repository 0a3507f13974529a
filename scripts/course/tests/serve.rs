//! `course serve` as readers, their other tabs and strangers meet it: a real process, real sockets.

mod settings;

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// For what should happen at once, on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(20);
/// The server cuts off whoever takes longer than 5 s to ask. Less than our patience with a silent server.
const CUT_WITHIN: Duration = Duration::from_secs(18);

fn project() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    settings::borrow(root.path());
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(house.join(file), root.path().join(file)).unwrap();
    }
    let source = root.path().join("src");
    fs::create_dir(&source).unwrap();
    fs::write(source.join("SUMMARY.md"), "# Summary\n\n- [One](one.md)\n- [Two](two.md)\n")
        .unwrap();
    fs::write(source.join("one.md"), "# One\n\nThe first words.\n").unwrap();
    fs::write(source.join("two.md"), "# Two\n\nOther words.\n").unwrap();
    root
}

fn command(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
    command.args(["serve", "--recorded"]).args(arguments).current_dir(root).env("NO_COLOR", "1");
    command
}

/// A running server, ended with the test.
struct Served {
    child: Child,
    port: u16,
    said: Receiver<String>,
}

impl Served {
    fn start(root: &Path) -> Served {
        let mut child = command(root, &["--port", "0"]).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (say, said) = channel();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| say.send(line)));
        let mut served = Served { child, port: 0, said };
        let line = served.hears("Serving http://127.0.0.1:");
        let after = line.split("127.0.0.1:").nth(1).unwrap();
        served.port = after.split('/').next().unwrap().parse().unwrap();
        served
    }

    /// Waits for a line that the server prints.
    fn hears(&self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(line) if line.contains(words) => return line,
                Ok(_) => {}
                Err(why) => panic!("the server did not say `{words}`: {why}"),
            }
        }
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// Sends these bytes and returns all that comes back.
    fn sends(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        Answer::parse(&String::from_utf8_lossy(&answer))
    }

    fn asks(&self, method: &str, path: &str, host: &str) -> Answer {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        self.sends(request.as_bytes())
    }

    fn gets(&self, path: &str) -> Answer {
        self.asks("GET", path, &self.host())
    }

    fn build(&self) -> String {
        self.gets("/__course/build").body
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn parse(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        Answer { status: status.unwrap_or(0), head: head.to_lowercase(), body: body.to_string() }
    }

    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or("")
    }
}

/// Asks again until it is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        thread::yield_now();
    }
}

fn failure_of(root: &Path, arguments: &[&str]) -> String {
    let output = command(root, arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn pages_come_with_their_type_their_caching_and_the_rules_for_browsers() {
    let root = project();
    let served = Served::start(root.path());
    let page = served.gets("/one.html");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The first words."));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    let script = page
        .body
        .split("src=\"")
        .find_map(|rest| rest.split('"').next().filter(|src| src.contains("theme/page-")));
    let script =
        served.gets(&format!("/{}", script.expect("the page's script, by its hashed name")));
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.header("cache-control").contains("immutable"));
    for (path, status) in [("/", 200), ("/nowhere.html", 404), ("/__course/build", 200)] {
        let answer = served.gets(path);
        assert_eq!(answer.status, status, "{path}");
        let rules = answer.header("content-security-policy");
        for rule in [
            "script-src 'self';",
            "connect-src 'self' https://play.rust-lang.org;",
            "style-src 'self' 'unsafe-inline';",
            "img-src 'self' data:;",
            "frame-ancestors 'self';",
        ] {
            assert!(rules.contains(rule), "{path}: `{rule}` is not in `{rules}`");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert!(!answer.head.contains("access-control"), "{path}: {}", answer.head);
    }
}

#[test]
fn an_unchanged_page_is_not_sent_twice() {
    let root = project();
    let served = Served::start(root.path());
    let tag = served.gets("/one.html").header("etag").to_string();
    let (host, path) = (served.host(), "/one.html");
    let again = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nIf-None-Match: {tag}\r\nConnection: close\r\n\r\n"
    );
    let answer = served.sends(again.as_bytes());
    assert_eq!((answer.status, answer.body.as_str()), (304, ""));
}

#[test]
fn a_request_meant_for_another_host_is_refused_on_every_route() {
    let root = project();
    let served = Served::start(root.path());
    let port = served.port;
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    for host in &ours {
        assert_eq!(served.asks("GET", "/one.html", host).status, 200, "{host}");
    }
    let others = [
        "evil.example".to_string(),
        format!("evil.example:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
        "127.0.0.1".into(),
        "localhost".into(),
        format!("127.0.0.1.evil.example:{port}"),
        format!("localhost.:{port}"),
        format!("127.1:{port}"),
        format!("0.0.0.0:{port}"),
        format!("user@127.0.0.1:{port}"),
        String::new(),
    ];
    for host in &others {
        for path in ["/", "/one.html", "/nowhere", "/__course/build", "/machines/index.json"] {
            let answer = served.asks("GET", path, host);
            assert!([400, 421].contains(&answer.status), "{host} {path}: {answer:?}");
            assert!(!answer.body.contains("words"), "{host} {path}");
        }
    }
    for request in [
        "GET /one.html HTTP/1.1\r\nConnection: close\r\n\r\n".to_string(),
        "GET /one.html HTTP/1.0\r\n\r\n".to_string(),
        format!(
            "GET /one.html HTTP/1.1\r\nHost: {}\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
            ours[0]
        ),
        format!(
            "GET http://evil.example/one.html HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            ours[0]
        ),
    ] {
        let answer = served.sends(request.as_bytes());
        assert!([400, 421].contains(&answer.status), "{request}: {answer:?}");
    }
}

#[test]
fn nothing_outside_of_the_build_can_be_asked_for() {
    let root = project();
    fs::write(root.path().join("secret.txt"), "nobody's business").unwrap();
    let served = Served::start(root.path());
    for path in [
        "/../secret.txt",
        "/../../../../../../etc/passwd",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/%252e%252e/secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "/..%00/secret.txt",
        "/one.html%00.txt",
        "/./../secret.txt",
        "//etc/passwd",
        "/one.html/../../secret.txt",
        "/src/one.md",
        "/book.toml",
    ] {
        let answer = served.gets(path);
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("nobody's") && !answer.body.contains("root:"), "{path}");
    }
}

#[test]
fn nothing_but_reading_is_done() {
    let root = project();
    let served = Served::start(root.path());
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"] {
        for path in ["/one.html", "/__course/build"] {
            let answer = served.asks(method, path, &served.host());
            assert!([400, 405, 421].contains(&answer.status), "{method} {path}: {answer:?}");
        }
    }
    let upgrade = format!(
        "GET /__course/build HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        served.host()
    );
    let mut stream = served.connect().unwrap();
    stream.write_all(upgrade.as_bytes()).unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "a socket was opened: {answer}");
}

#[test]
fn an_edited_chapter_is_there_by_itself_and_the_build_is_another() {
    let root = project();
    let served = Served::start(root.path());
    let before = served.build();
    let page = served.gets("/one.html").body;
    assert!(
        page.contains("data-endpoint=\"/__course/build\""),
        "the page asks for the build: {page}"
    );
    fs::write(root.path().join("src/one.md"), "# One\n\nThe second words.\n").unwrap();
    let began = Instant::now();
    wait_until("the second words", || served.gets("/one.html").body.contains("The second words."));
    println!("an edited chapter is there after {:?}", began.elapsed());
    assert_ne!(served.build(), before);
    served.hears("Rebuilt src/one.md");
}

/// The book that `tests/another.rs` is about: mdBook's own theme, and folders of other names.
fn another() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    settings::copy_folder(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/another"),
        root.path(),
    );
    fs::write(root.path().join("Cargo.lock"), "version = 4\n").unwrap();
    root
}

#[test]
fn another_book_is_followed_in_the_folders_that_it_names() {
    let root = another();
    let served = Served::start(root.path());
    let change = |path: &str, from: &str, to: &str| {
        let path = root.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from} is not in {text}");
        fs::write(&path, text.replace(from, to)).unwrap();
    };
    let shows = |words: &str| {
        wait_until(words, || served.gets("/coffee.html").body.contains(words));
    };
    change("rust/src/cups.rs", "The machine brews while", "The machine hums while");
    served.hears("Rebuilt rust/src/cups.rs");
    shows("The machine hums while");
    change("records/kitchen/cups.json", "cup 4", "cup 5");
    served.hears("Rebuilt records/kitchen/cups.json");
    shows("cup 5");
    change("src/coffee.md", "When do you drink", "When will you drink");
    served.hears("Rebuilt src/coffee.md");
    shows("When will you drink");
    fs::create_dir(root.path().join("theme")).unwrap();
    let shell = "<title>Mine</title><main>{{{ content }}}</main>";
    wait_until("the page in a shell of its own", || {
        // Again and again, because the new folder is watched a moment later.
        fs::write(root.path().join("theme/index.hbs"), shell).unwrap();
        served.gets("/coffee.html").body.contains("<title>Mine</title>")
    });
}

#[test]
fn pages_in_mdbooks_own_theme_keep_their_scripts_and_ask_for_the_build() {
    let root = another();
    let served = Served::start(root.path());
    let page = served.gets("/coffee.html");
    // mdBook's shell chooses the theme with a script inside the page, and would wait on a socket.
    assert!(page.body.contains("localStorage.getItem('mdbook-theme')"), "{}", page.body);
    assert!(!page.header("content-security-policy").contains("script-src"), "{}", page.head);
    assert!(!page.body.contains("new WebSocket("), "{}", page.body);
    let name = page.body.split("src=\"").find(|rest| rest.starts_with("target/course/reload"));
    let name = name.and_then(|rest| rest.split('"').next()).expect("a script that reloads");
    let script = served.gets(&format!("/{name}"));
    assert_eq!(script.status, 200, "{name}");
    assert!(script.body.contains("fetch(`/__course/build${known}`"), "{}", script.body);
    let id = served.build();
    fs::write(root.path().join("book.toml"), {
        let settings = fs::read_to_string(root.path().join("book.toml")).unwrap();
        settings.replace("Coffee for four", "Coffee for five")
    })
    .unwrap();
    served.hears("Rebuilt book.toml");
    assert_ne!(served.build(), id);
}

#[test]
fn a_page_that_knows_the_build_is_answered_when_there_is_another() {
    let root = project();
    let served = Served::start(root.path());
    let known = served.build();
    assert_eq!(served.gets("/__course/build?known=other").body, known, "that is news");
    let asked = |connection: &str| {
        let mut stream = served.connect().unwrap();
        let host = served.host();
        let path = format!("/__course/build?known={known}");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\n\r\n")
            .unwrap();
        stream
    };
    // More of them than there are slots keep no reader out: the first ones make room.
    let others: Vec<TcpStream> = (0..200).map(|_| asked("keep-alive")).collect();
    let mut waiting = asked("close");
    for _ in 0..20 {
        assert_eq!(served.gets("/one.html").status, 200);
    }
    waiting.set_nonblocking(true).unwrap();
    let early = waiting.read(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(early, Err(io::ErrorKind::WouldBlock), "answered though nothing is new");
    waiting.set_nonblocking(false).unwrap();
    drop(others);

    fs::write(root.path().join("src/one.md"), "# One\n\nThe second words.\n").unwrap();
    let mut answer = Vec::new();
    waiting.read_to_end(&mut answer).unwrap();
    let id = Answer::parse(&String::from_utf8_lossy(&answer)).body;
    assert_ne!(id, known);
    assert_eq!(id, served.build());
}

#[test]
fn a_chapter_with_a_problem_keeps_the_pages_as_they_were() {
    let root = project();
    let served = Served::start(root.path());
    let before = served.build();
    fs::write(root.path().join("src/one.md"), "# One\n\n{{#figure nope bars \"No\"}}\n").unwrap();
    served.hears("Kept the pages of the last good build");
    assert_eq!(served.build(), before);
    assert!(served.gets("/one.html").body.contains("The first words."));
    fs::write(root.path().join("src/one.md"), "# One\n\nMended words.\n").unwrap();
    wait_until("mended words", || served.gets("/one.html").body.contains("Mended words."));
}

#[test]
fn a_book_that_starts_with_a_problem_is_mended_while_it_is_served() {
    let root = project();
    fs::write(root.path().join("src/one.md"), "# One\n\n{{#figure nope bars \"No\"}}\n").unwrap();
    let served = Served::start(root.path());
    let page = served.gets("/one.html");
    assert_eq!(page.status, 503);
    assert!(page.body.contains("nope") && page.body.contains("src/one.md"), "{}", page.body);
    fs::write(root.path().join("src/one.md"), "# One\n\nMended words.\n").unwrap();
    wait_until("mended words", || served.gets("/one.html").body.contains("Mended words."));
}

#[test]
fn two_thousand_idle_connections_keep_no_reader_out() {
    let root = project();
    let served = Served::start(root.path());
    // As many as this process may open; the server keeps a few of them only, in any case.
    let idle: Vec<TcpStream> = (0..2000).map_while(|_| served.connect().ok()).collect();
    assert!(idle.len() > 200, "only {} connections could be opened: raise `ulimit -n`", idle.len());
    let page = served.gets("/one.html");
    assert_eq!(page.status, 200, "with {} others", idle.len());
}

#[test]
fn who_sends_slowly_or_nothing_is_cut_off() {
    let root = project();
    let served = Served::start(root.path());
    let silent = served.connect().unwrap();
    let slow = served.connect().unwrap();
    let began = Instant::now();
    let mut writer = slow.try_clone().unwrap();
    let slowly = thread::spawn(move || {
        let line = b"GET /one.html HTTP/1.1\r\n".iter().chain(b"X: y\r\n".iter().cycle());
        for byte in line {
            if began.elapsed() > CUT_WITHIN || writer.write_all(&[*byte]).is_err() {
                break;
            }
            // Not waiting for something: this is how slow the sender is.
            thread::sleep(Duration::from_millis(100));
        }
    });
    for mut stream in [silent, slow] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest); // closed or reset: both are cut off
        assert!(began.elapsed() < CUT_WITHIN, "still connected after {:?}", began.elapsed());
        assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
    }
    slowly.join().unwrap();
    assert_eq!(served.gets("/one.html").status, 200);
}

#[test]
fn a_request_without_end_is_cut_off() {
    let root = project();
    let served = Served::start(root.path());
    for start in ["GET /", "GET / HTTP/1.1\r\nX: "] {
        let mut stream = served.connect().unwrap();
        let endless = "a".repeat(1 << 20);
        // Refused while it is still being sent, so that sending fails.
        let sent =
            stream.write_all(start.as_bytes()).and_then(|()| stream.write_all(endless.as_bytes()));
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let answer = Answer::parse(&String::from_utf8_lossy(&answer));
        assert!(
            sent.is_err() || read.is_err() || [400, 414, 431].contains(&answer.status),
            "{answer:?}"
        );
    }
    assert_eq!(served.gets("/one.html").status, 200);
}

#[test]
fn an_address_that_others_reach_is_refused_with_what_to_do_instead() {
    let root = project();
    for address in ["0.0.0.0", "::", "192.168.1.7"] {
        let why = failure_of(root.path(), &["--address", address]);
        assert!(why.contains(&format!("`--address {address}` is refused")), "{why}");
        assert!(why.contains("ssh -L 3000:127.0.0.1:3000"), "{why}");
    }
}

#[test]
fn a_port_in_use_is_named_with_a_free_one() {
    let root = project();
    let served = Served::start(root.path());
    let why = failure_of(root.path(), &["--port", &served.port.to_string()]);
    assert!(why.contains(&format!("127.0.0.1:{} is in use", served.port)), "{why}");
    assert!(why.contains("cargo course serve --port "), "{why}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_leaves_nothing_behind() {
    let root = project();
    let mut served = Served::start(root.path());
    let idle = served.connect().unwrap();
    let interrupt = Command::new("kill").args(["-INT", &served.child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    served.hears("Stopped");
    assert!(served.child.wait().unwrap().success());
    drop(idle);
    let left = fs::read_dir(root.path().join("target/course")).unwrap().count();
    assert_eq!(left, 0, "rendered pages were left in target/course");
}
