//! Pages that are 5 ms away, and one that is long: served by a child process,
//! fetched with a library that blocks and with one that does not.
//!
//! Runs locally only: it opens sockets and starts a process.

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::time::sleep;

/// How long the server takes for a page.
pub const LATENCY: Duration = Duration::from_millis(5);
/// What every page says.
pub const PAGE: &str = "all is well";
/// Lines of the long page.
pub const LINES: usize = 100_000;

// ANCHOR: both
/// The thread that calls this waits until the page is here.
pub fn fetch_blocking(
    client: &ureq::Agent,
    url: &str,
) -> Result<String, Error> {
    Ok(client.get(url).call()?.into_body().read_to_string()?)
}

/// The task that awaits this waits; its thread does something else.
pub async fn fetch(
    client: &reqwest::Client,
    url: &str,
) -> Result<String, Error> {
    Ok(client.get(url).send().await?.error_for_status()?.text().await?)
}
// ANCHOR_END: both

// ANCHOR: streamed
/// How many lines a page has, however long it is: a piece at a time.
pub async fn count_lines(
    client: &reqwest::Client,
    url: &str,
) -> Result<usize, Error> {
    let mut answer = client.get(url).send().await?.error_for_status()?;
    let mut lines = 0;
    while let Some(piece) = answer.chunk().await? {
        lines += piece.iter().filter(|byte| **byte == b'\n').count();
    } // this piece is dropped before the next one is read
    Ok(lines)
}
// ANCHOR_END: streamed

// ANCHOR: streamed_blocking
/// The same on a thread: `BufRead` asks for the pieces.
pub fn count_lines_blocking(
    client: &ureq::Agent,
    url: &str,
) -> Result<usize, Error> {
    let body = client.get(url).call()?.into_body();
    let mut lines = 0;
    for line in BufReader::new(body.into_reader()).lines() {
        line?;
        lines += 1;
    }
    Ok(lines)
}
// ANCHOR_END: streamed_blocking

/// The child process that serves the pages. It ends when its standard input
/// does.
pub struct Pages {
    process: Child,
    port: u16,
}

impl Pages {
    /// Starts this program once more, in its other role.
    pub fn open(arguments: &[String]) -> Result<Pages, Error> {
        if let Some(option) = arguments.first() {
            return Err(Error(format!("there is no option `{option}`")));
        }
        let mut program = Command::new(env::current_exe()?);
        program.arg("serve-pages").stdin(Stdio::piped());
        let mut process = program.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(port) => Ok(Pages { process, port }),
            Err(_) => Err(Error(format!(
                "the process that serves the pages ended early: {}",
                process.wait()?
            ))),
        }
    }

    /// The address of a page: `page`, or `long`.
    pub fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait(); // it ends by itself
    }
}

/// What the child process does: prints its port, and answers until its
/// standard input ends.
pub fn serve() -> ExitCode {
    let served = || -> io::Result<()> {
        let mut one_thread = runtime::Builder::new_current_thread();
        one_thread.enable_all().build()?.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
            let (mut input, mut nowhere) =
                (tokio::io::stdin(), tokio::io::sink());
            tokio::select! {
                served = answer_requests(listener) => served,
                _ = tokio::io::copy(&mut input, &mut nowhere) => Ok(()),
            }
        })
    };
    match served() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn answer_requests(listener: TcpListener) -> io::Result<()> {
    let page = || async {
        sleep(LATENCY).await;
        PAGE
    };
    let long = || async { format!("{PAGE}\n").repeat(LINES) };
    let pages = Router::new().route("/page", get(page));
    let at_once = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true); // without it an answer is only slower
    });
    axum::serve(at_once, pages.route("/long", get(long))).await
}

/// A client of each kind, which asks no proxy.
pub fn clients() -> Result<(ureq::Agent, reqwest::Client), Error> {
    let blocking = ureq::Agent::config_builder().proxy(None).build();
    let client = reqwest::Client::builder().no_proxy().build()?;
    Ok((blocking.new_agent(), client))
}

/// Why there is no page.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fetching pages: {}", self.0)
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error(error.to_string())
    }
}

impl From<ureq::Error> for Error {
    fn from(error: ureq::Error) -> Error {
        Error(error.to_string())
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Error {
        Error(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    /// The port of a server on a thread that is left to the test's end.
    fn served() -> u16 {
        let (ready, port) = mpsc::channel();
        thread::spawn(move || {
            let mut one_thread = runtime::Builder::new_current_thread();
            let one_thread = one_thread.enable_all().build().unwrap();
            one_thread.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap().port()).unwrap();
                answer_requests(listener).await
            })
        });
        port.recv().unwrap()
    }

    fn awaited<T>(future: impl Future<Output = T>) -> T {
        let mut one_thread = runtime::Builder::new_current_thread();
        one_thread.enable_all().build().unwrap().block_on(future)
    }

    #[test]
    fn both_libraries_fetch_the_same_page_and_count_the_same_lines() {
        let (blocking, client) = clients().unwrap();
        let port = served();
        let url = |name: &str| format!("http://127.0.0.1:{port}/{name}");
        let (page, long) = (url("page"), url("long"));
        assert_eq!(fetch_blocking(&blocking, &page).unwrap(), PAGE);
        assert_eq!(awaited(fetch(&client, &page)).unwrap(), PAGE);
        assert_eq!(count_lines_blocking(&blocking, &long).unwrap(), LINES);
        assert_eq!(awaited(count_lines(&client, &long)).unwrap(), LINES);
    }

    #[test]
    fn both_say_so_where_there_is_no_page_and_where_there_is_no_server() {
        let (blocking, client) = clients().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = free.local_addr().unwrap().port();
        drop(free);
        for (port, name, word) in
            [(served(), "none", "404"), (nobody, "page", "")]
        {
            let url = format!("http://127.0.0.1:{port}/{name}");
            for error in [
                fetch_blocking(&blocking, &url).unwrap_err(),
                awaited(fetch(&client, &url)).unwrap_err(),
                count_lines_blocking(&blocking, &url).unwrap_err(),
                awaited(count_lines(&client, &url)).unwrap_err(),
            ] {
                let error = error.to_string();
                assert!(error.starts_with("fetching pages: "), "{error}");
                assert!(error.contains(word), "{error}");
            }
        }
    }
}
