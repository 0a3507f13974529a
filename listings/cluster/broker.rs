//! A broker of one's own: `nats-server` on the loopback address, with a folder
//! that is gone afterwards.
//!
//! Runs locally only: it starts processes and opens sockets.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::thread;

/// Where a broker listens, and what it has to be told.
#[derive(Clone, Debug)]
pub struct Address {
    /// As in `127.0.0.1:4222`.
    pub host: String,
    pub token: Option<String>,
}

/// The environment variable with a broker's token: on a command line everyone
/// on the machine could read it.
pub const TOKEN: &str = "CLUSTER_TOKEN";

impl Address {
    /// This address, with the token of the environment.
    pub fn of(host: &str) -> Address {
        let token = env::var(TOKEN).ok().filter(|token| !token.is_empty());
        Address { host: host.into(), token }
    }
}

// ANCHOR: broker
/// A broker, and the process that looks after it: this program once more. That
/// one ends the broker when its input ends, however we ended.
pub struct Broker {
    keeper: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
    pub address: Address,
}

impl Broker {
    pub fn start() -> io::Result<Broker> {
        let token = format!("{:032x}", rand::random::<u128>());
        let mut command = Command::new(env::current_exe()?);
        command.arg("cluster-broker").env(TOKEN, &token);
        own_group(&mut command);
        let mut keeper =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let to = keeper.stdin.take();
        let from = keeper.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let from = BufReader::new(from);
        let address = Address { host: String::new(), token: Some(token) };
        let mut broker = Broker { keeper, to, from, address };
        broker.address.host = broker.listens()?;
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.keeper.wait(); // it ends by itself
    }
}
// ANCHOR_END: broker

impl Broker {
    /// Kills the broker, as a lack of memory would, and starts it again with
    /// the same address and folder.
    pub fn restart(&mut self) -> io::Result<()> {
        if let Some(to) = &mut self.to {
            writeln!(to, "restart")?;
        }
        self.listens().map(|_| ())
    }

    /// Waits until the broker is ready; says where it listens.
    fn listens(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.from.read_line(&mut line)?;
        match line.trim().strip_prefix("ready ") {
            Some(host) => Ok(host.into()),
            None => Err(io::Error::other("there is no broker (see above)")),
        }
    }
}

/// Ctrl-C at a terminal goes to all of a group. This process has to outlive the
/// one that it ends with.
fn own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        std::os::windows::process::CommandExt::creation_flags(
            command,
            CREATE_NEW_PROCESS_GROUP,
        );
    }
}

// ANCHOR: keep
/// What the keeper does until its input ends.
pub fn keep() -> ExitCode {
    let kept = || -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut server = Server::start(folder.path(), None)?;
        println!("ready {}", server.host);
        for line in io::stdin().lock().lines() {
            if line? == "restart" {
                let host = server.host.clone();
                drop(server); // killed
                server = Server::start(folder.path(), Some(&host))?;
                println!("ready {}", server.host);
            }
        }
        drop(server); // before its folder
        folder.close()
    };
    if let Err(error) = kept() {
        eprintln!("error: the broker: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
// ANCHOR_END: keep

/// `nats-server` itself.
struct Server {
    process: Child,
    host: String,
}

const READY: &str = "Server is ready";
const LISTENING: &str = "Listening for client connections on ";

impl Server {
    /// Starts one with its files in this folder, and waits until it is ready.
    fn start(folder: &Path, host: Option<&str>) -> io::Result<Server> {
        let program = program().ok_or_else(|| io::Error::other(INSTALL))?;
        let configuration = folder.join("nats.conf");
        let token = env::var(TOKEN).unwrap_or_default();
        let text = format!("authorization {{ token: \"{token}\" }}\n");
        fs::write(&configuration, text)?; // the folder is ours alone
        // -1 is any port that is free.
        let port = host.and_then(|host| host.rsplit_once(':'));
        let port = port.map_or("-1", |(_, port)| port);
        let mut process = Command::new(program)
            .args(["-a", "127.0.0.1", "-p", port, "-js", "-sd"])
            .arg(folder)
            .arg("-c")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = process.stderr.take();
        let mut server = Server { process, host: String::new() };
        let mut log = BufReader::new(log.ok_or(io::ErrorKind::BrokenPipe)?);
        server.host = wait_until_ready(&mut log)?;
        // It goes on writing, and would wait if its pipe were full.
        thread::spawn(move || io::copy(&mut log, &mut io::sink()));
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it can be gone already
        let _ = self.process.wait();
    }
}

fn wait_until_ready(log: &mut impl BufRead) -> io::Result<String> {
    let (mut host, mut seen) = (String::new(), String::new());
    // It says a few dozen lines; it does not get to flood us.
    for line in log.take(1 << 20).lines() {
        let line = line?;
        if let Some((_, address)) = line.split_once(LISTENING) {
            host = address.trim().into();
        }
        if line.contains(READY) {
            return Ok(host);
        }
        if line.contains("[FTL]") || line.contains("[ERR]") || seen.is_empty() {
            seen = line;
        }
    }
    Err(io::Error::other(format!("nats-server ended: {seen}")))
}

/// The environment variable that names the program, where it has another place.
const NAMED: &str = "NATS_SERVER";
/// Debian has it where only the administrator's path leads.
const PLACES: [&str; 2] = ["nats-server", "/usr/sbin/nats-server"];

/// The first of the places at which the program answers.
fn program() -> Option<OsString> {
    let places = match env::var_os(NAMED) {
        Some(named) => vec![named],
        None => PLACES.map(OsString::from).into(),
    };
    places.into_iter().find(|place| {
        let answers = Command::new(place)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        answers.is_ok_and(|status| status.success())
    })
}

/// Whether a broker can be started here.
///
/// # Errors
/// What is missing, and how to install it.
pub fn installed() -> Result<(), String> {
    program().map(|_| ()).ok_or_else(|| INSTALL.into())
}

const INSTALL: &str = "nats-server was not found; `apt-get install nats-server`, `brew install nats-server` or `winget install NATSAuthors.NATSServer` installs it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_what_the_broker_says() {
        let log = b"[1] [INF] Starting\n[1] [INF] Listening for client \
            connections on 127.0.0.1:4321\n[1] [INF] Server is ready\n";
        assert_eq!(wait_until_ready(&mut &log[..]).unwrap(), "127.0.0.1:4321");
    }

    #[test]
    fn a_broker_that_ends_early_is_quoted() {
        let log = b"[1] [INF] Starting\n[1] [FTL] address already in use\n";
        let error = wait_until_ready(&mut &log[..]).unwrap_err().to_string();
        assert!(error.contains("already in use"), "{error}");
    }
}
