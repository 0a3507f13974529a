//! A server on this machine that lets everybody wait, as if it were far away:
//! the same program, in a process of its own.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::extract;
use axum::http::StatusCode;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::runtime;

use crate::command_line::{arguments_of_role, exit_code};
use crate::corpus::{self, Document};
use crate::threads::word_count::options::{Options, USAGE};

/// The child process that serves the documents. It ends when its standard input
/// does.
pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    /// # Errors
    /// Where the process cannot be started, or ends before it has a port.
    pub fn start(options: &Options) -> io::Result<Server> {
        let mut program = Command::new(env::current_exe()?);
        program.arg("serve-library");
        program.args([
            "--latency",
            &format!("{}s", options.latency.as_secs_f64()),
        ]);
        if let Some(folder) = &options.corpus {
            program.arg("--corpus").arg(folder);
        }
        let mut process =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        match line.trim().parse() {
            Ok(port) => Ok(Server { process, port }),
            Err(_) => Err(io::Error::other(format!(
                "the library's process ended early: {}",
                process.wait()?
            ))),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait(); // it ends by itself; there is nothing to do about an error
    }
}

/// What the child process does: prints its port, then answers every request
/// after the latency.
pub fn serve() -> ExitCode {
    exit_code(USAGE, || {
        let options = Options::parse(&arguments_of_role())?;
        let documents = corpus::read(options.corpus.as_deref())?;
        let server = serve_until_told(documents, options.latency);
        let one_thread =
            runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(one_thread.block_on(server)?)
    })
}

/// Until the standard input ends.
async fn serve_until_told(
    documents: Vec<Document>,
    latency: Duration,
) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(io::stdout(), "{}", listener.local_addr()?.port())?;
    let (mut input, mut nowhere) = (tokio::io::stdin(), tokio::io::sink());
    tokio::select! {
        served = answer_requests(listener, documents, latency) => served,
        _ = tokio::io::copy(&mut input, &mut nowhere) => Ok(()),
    }
}

/// Answers every request for a document, after the latency.
///
/// # Errors
/// Where the system accepts no connections.
pub async fn answer_requests(
    listener: TcpListener,
    documents: Vec<Document>,
    latency: Duration,
) -> io::Result<()> {
    let documents = Arc::new(documents);
    let answer = move |extract::Path(number): extract::Path<usize>| {
        let documents = Arc::clone(&documents);
        async move {
            tokio::time::sleep(latency).await;
            let document =
                documents.get(number).ok_or(StatusCode::NOT_FOUND)?;
            Ok::<_, StatusCode>(document.text.clone())
        }
    };
    let at_once = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true); // without it an answer is only slower
    });
    axum::serve(at_once, axum::Router::new().route("/{number}", get(answer)))
        .await
}
