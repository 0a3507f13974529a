//! Chapter 17 against a real PostgreSQL: what goes wrong with a server, and that it is gone however the
//! program ends. Where PostgreSQL is not installed, each test says by its name that it could not look.

mod programs;

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use listings_database::blocking::cluster::{Cluster, Server, Settings, available};
use listings_database::blocking::database::{self, Database, ask_in_time};
use programs::example;

/// How long what has to happen can take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// Whether this test can look; else it says why not.
fn can_look(test: &str) -> bool {
    available().map_err(|why| lab::skipped(test, &why)).is_ok()
}

fn server(connections: usize) -> Server {
    let settings = Settings { connections, ..Settings::default() };
    Server::start(&settings).unwrap_or_else(|error| panic!("{error}"))
}

fn at(server: &Server, connections: usize, queries: usize) -> Result<Database, database::Error> {
    Database::at(Some(server.address.clone()), connections, queries)
}

fn error<T>(result: Result<T, impl ToString>) -> String {
    match result {
        Ok(_) => panic!("an error was expected"),
        Err(error) => error.to_string(),
    }
}

/// Waits until it is so. Nothing tells a test that a folder is gone or that a process has ended.
fn becomes(what: &str, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < LONG, "{what}: still not so after a minute");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn every_form_gets_every_answer_over_as_many_connections_as_it_has() {
    if !can_look("every_form_gets_every_answer_over_as_many_connections_as_it_has") {
        return;
    }
    let server = server(10);
    let database = at(&server, 3, 20).unwrap();
    type Form = fn(&Database) -> database::Answers;
    let forms: [(Form, usize); 3] =
        [(database::in_a_loop, 1), (database::threads, 3), (database::tasks, 3)];
    for (form, connections) in forms {
        let mut answers = form(&database).unwrap();
        assert_eq!(answers.len(), 20);
        answers.sort_unstable();
        answers.dedup();
        assert_eq!(answers.len(), connections);
    }
}

#[test]
fn a_server_that_dies_in_the_middle_is_an_error_and_no_panic() {
    if !can_look("a_server_that_dies_in_the_middle_is_an_error_and_no_panic") {
        return;
    }
    let forms: [fn(&Database) -> database::Answers; 3] =
        [database::in_a_loop, database::threads, database::tasks];
    for form in forms {
        let mut server = server(10);
        let database = at(&server, 2, 20_000).unwrap();
        let said = thread::scope(|scope| {
            let asked = scope.spawn(|| error(form(&database)));
            server.kill();
            asked.join().unwrap()
        });
        let words = ["a query to PostgreSQL: ", "the pool of connections: "];
        assert!(words.iter().any(|word| said.starts_with(word)), "{said}");
    }
}

#[test]
fn a_server_that_refuses_is_named_with_its_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = listings_database::blocking::cluster::Address {
        host: "127.0.0.1".into(),
        port: free.port(),
    };
    let said = error(Database::at(Some(nobody), 1, 1));
    let begin = format!("connecting to PostgreSQL at 127.0.0.1:{}: ", free.port());
    assert!(said.starts_with(&begin) && said.len() > begin.len() + 10, "{said}");
}

#[test]
fn a_server_that_is_full_says_so() {
    if !can_look("a_server_that_is_full_says_so") {
        return;
    }
    let server = server(3);
    let said = error(at(&server, 5, 1));
    assert!(said.contains("too many clients already"), "{said}");
}

#[test]
fn a_port_that_is_taken_is_an_error_with_the_servers_words() {
    if !can_look("a_port_that_is_taken_is_an_error_with_the_servers_words") {
        return;
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = Some(taken.local_addr().unwrap().port());
    let settings = Settings { port, ..Settings::default() };
    let said = error(Server::start(&settings));
    assert!(said.starts_with("the PostgreSQL server: it did not start: "), "{said}");
    drop(taken);
    let server = Server::start(&settings).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(database::in_a_loop(&at(&server, 1, 2).unwrap()).unwrap().len(), 2);
}

#[test]
fn a_query_that_never_ends_is_canceled_and_its_connection_goes_on() {
    if !can_look("a_query_that_never_ends_is_canceled_and_its_connection_goes_on") {
        return;
    }
    let server = server(10);
    let database = at(&server, 1, 1).unwrap();
    database.runtime.block_on(async {
        let client = database.pool.get().await.unwrap();
        let patience = Duration::from_millis(50);
        let endless = ask_in_time(&client, "select pg_sleep(100000)::text", patience);
        let said = error(endless.await);
        assert!(said.contains("canceling statement due to user request"), "{said}");
        let row = ask_in_time(&client, "select 7", LONG).await.unwrap();
        assert_eq!(row.get::<_, i32>(0), 7);
    });
}

#[test]
fn a_server_that_is_slow_costs_no_more_than_the_patience() {
    if !can_look("a_server_that_is_slow_costs_no_more_than_the_patience") {
        return;
    }
    let server = server(10);
    let database = at(&server, 1, 1).unwrap();
    database.runtime.block_on(async {
        let _only = database.pool.get().await.unwrap();
        let second = tokio::time::timeout(Duration::from_millis(50), database.pool.get());
        assert!(second.await.is_err(), "the only connection was lent twice");
    });
}

#[test]
fn a_server_that_is_dropped_leaves_neither_folder_nor_process() {
    if !can_look("a_server_that_is_dropped_leaves_neither_folder_nor_process") {
        return;
    }
    let server = server(10);
    let folder = server.folder().to_path_buf();
    assert!(folder.is_dir());
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn options_that_cannot_be_understood_are_named() {
    if !can_look("options_that_cannot_be_understood_are_named") {
        return;
    }
    for (arguments, word) in [
        (&["--querys", "3"][..], "`--querys`"),
        (&["--queries", "0"], "`0`"),
        (&["--queries", "many"], "`many`"),
    ] {
        let Output { status, stderr, .. } =
            Command::new(example("database")).args(arguments).output().unwrap();
        let said = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(2), "{said}");
        assert!(said.starts_with("error: ") && said.contains(word), "{said}");
    }
}

/// On Linux: whether a process has this in its command line.
#[cfg(unix)]
fn runs_in(folder: &Path) -> bool {
    let name = folder.to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes.into_iter().any(|process| {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&command).contains(&name)
    })
}

/// A program whose database has been asked a hundred thousand queries, so that it is in the middle of them.
#[cfg(unix)]
fn in_the_middle() -> (std::process::Child, PathBuf) {
    let mut program = Command::new(example("database"));
    program.args(["--queries", "100000"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut program = program.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let place = line.trim().strip_prefix("a server of its own at ").expect("the first line");
    let folder = PathBuf::from(place.rsplit_once(':').unwrap().0);
    assert!(folder.is_dir() && line.contains("course-database"), "{line}");
    (program, folder)
}

/// A shell starts what it runs in the background of a script with Ctrl-C ignored, and every program inherits that.
#[cfg(unix)]
fn interrupts_are_ignored() -> bool {
    const SIGINT: u32 = 2; // the same number on every Unix
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    ignored.is_some_and(|bits| bits >> (SIGINT - 1) & 1 == 1)
}

#[cfg(unix)]
fn signaled(signal: &str, program: &std::process::Child) {
    let kill = Command::new("kill").args(["-s", signal, &program.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

#[cfg(unix)]
#[test]
fn nothing_is_left_behind_after_control_c_nor_after_the_program_was_killed() {
    const TEST: &str = "nothing_is_left_behind_after_control_c_nor_after_the_program_was_killed";
    if !can_look(TEST) {
        return;
    }
    if interrupts_are_ignored() {
        lab::skipped(
            TEST,
            "Ctrl-C: it is ignored where these tests were started, in the background of a script",
        );
    }
    let signals = ["TERM", "KILL"].into_iter().chain((!interrupts_are_ignored()).then_some("INT"));
    for signal in signals {
        let (mut program, folder) = in_the_middle();
        signaled(signal, &program);
        let mut ended = None;
        becomes(&format!("after SIG{signal} it has ended"), || {
            ended = program.try_wait().unwrap();
            ended.is_some()
        });
        assert!(!ended.unwrap().success());
        becomes(&format!("after SIG{signal} the folder is gone"), || !folder.exists());
        becomes(&format!("after SIG{signal} no process is left"), || !runs_in(&folder));
    }
}

#[test]
fn a_panic_beside_a_cluster_ends_it_too() {
    if !can_look("a_panic_beside_a_cluster_ends_it_too") {
        return;
    }
    let server = server(10);
    let folder = server.folder().to_path_buf();
    let panicked = thread::spawn(move || {
        let _server = server;
        panic!("as a listing could");
    });
    assert!(panicked.join().is_err());
    assert!(!folder.exists());
    // The keeper is this program in another role, which a test does not have: that is an error, too.
    assert!(Cluster::start().is_err());
}
