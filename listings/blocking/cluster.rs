//! A PostgreSQL server of our own: in a temporary folder, on this machine
//! alone, and only for as long as this program lives.
//!
//! A child process keeps it. That child ends the server and removes the folder
//! as soon as its standard input ends, and a pipe's end comes however the
//! program ended: by itself, by an error, by a panic, by Ctrl-C, or killed.
//! (Where the child itself is killed, the folder stays; the server ends on
//! Linux, and goes on elsewhere.)
//!
//! Runs locally only: it starts processes.

use std::env;
use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::iter;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// The superuser of the server, which asks for no password.
pub const USER: &str = "course";
/// Connections that the server takes.
pub const CONNECTIONS: usize = 40;
/// The first version whose `initdb` knows `--wal-segsize`.
const OLDEST: u32 = 11;
/// How long the server has to start, and to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the server listens: a folder with its socket, or 127.0.0.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub host: String,
    pub port: u16,
}

// ANCHOR: cluster
/// The server, kept by a child process.
pub struct Cluster {
    keeper: Child,
    pub address: Address,
}

impl Cluster {
    /// Starts this program once more, which starts the server.
    pub fn start() -> Result<Cluster, Error> {
        let mut program = Command::new(env::current_exe()?);
        program.arg("keep-database");
        // Away from the keys of this terminal: Ctrl-C is for the parent.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut program, 0);
        #[cfg(windows)] // CREATE_NEW_PROCESS_GROUP
        std::os::windows::process::CommandExt::creation_flags(
            &mut program,
            0x200,
        );
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = program.stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        if let Some(output) = keeper.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if let Some(("ready", at)) = line.trim_end().split_once('\t') {
            return Ok(Cluster { address: Address::parse(at)?, keeper });
        }
        let ended = keeper.wait()?;
        Err(match line.trim_end().split_once('\t') {
            Some(("missing", why)) => Error::Missing(why.into()),
            Some((_, why)) => Error::Server(why.into()),
            None => Error::Server(format!("its keeper ended early: {ended}")),
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take()); // the word to end
        let _ = self.keeper.wait(); // it ends by itself
    }
}

/// What the child does: starts the server, says where it is, and ends it when
/// standard input ends.
pub fn keep() -> ExitCode {
    let server = match Server::start(&Settings::default()) {
        Ok(server) => server,
        Err(error) => {
            let (word, why) = match error {
                Error::Missing(what) => ("missing", what),
                Error::Server(why) => ("error", why),
                Error::Io(error) => ("error", error.to_string()),
            };
            let why = why.replace(['\n', '\t'], " ");
            let _ = writeln!(io::stdout(), "{word}\t{why}"); // or nobody reads
            return ExitCode::FAILURE;
        }
    };
    // A parent that is gone already reads nothing, and its pipe has ended.
    let _ = writeln!(io::stdout(), "ready\t{}", server.address);
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    drop(server);
    ExitCode::SUCCESS
}
// ANCHOR_END: cluster

/// What a server is started with.
pub struct Settings {
    /// How many connections it takes.
    pub connections: usize,
    /// A port of 127.0.0.1. Without one: a socket in the server's own folder,
    /// or on Windows a port that is free.
    pub port: Option<u16>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { connections: CONNECTIONS, port: None }
    }
}

/// A running server and the folder that it has for itself. Dropped, it ends,
/// and the folder goes.
pub struct Server {
    postgres: Child,
    pub address: Address,
    /// Removed last.
    folder: Folder,
}

impl Server {
    pub fn start(settings: &Settings) -> Result<Server, Error> {
        Server::of(&Programs::find()?, settings)
    }

    fn of(programs: &Programs, settings: &Settings) -> Result<Server, Error> {
        let account = Account::for_servers()?;
        let folder = Folder::make(account.as_ref())?;
        let data = folder.path.join("data");
        programs.fill(&data, &folder, account.as_ref())?;
        let mut postgres = programs.command("postgres", account.as_ref());
        postgres.arg("-D").arg(&data).arg("-F"); // nothing has to survive
        let mut set = |name: &str, value: &str| {
            postgres.arg("-c").arg(format!("{name}={value}"));
        };
        set("max_connections", &settings.connections.to_string());
        set("superuser_reserved_connections", "0");
        set("autovacuum", "off");
        set("max_wal_senders", "0");
        let port = match settings.port {
            None if cfg!(unix) => None,
            None => Some(free_port()?),
            port => port,
        };
        let address = match port {
            Some(port) => Address { host: "127.0.0.1".into(), port },
            None => Address { host: folder.shown(), port: 5432 },
        };
        let here_alone = if port.is_some() { "127.0.0.1" } else { "" };
        set("listen_addresses", here_alone);
        set("port", &address.port.to_string());
        if cfg!(unix) {
            set("unix_socket_directories", &folder.shown());
        }
        let log = folder.path.join("log");
        postgres.stdin(Stdio::null()).stdout(Stdio::null());
        postgres.stderr(fs::File::create(&log)?);
        let postgres = postgres.spawn()?;
        let mut server = Server { postgres, address, folder };
        server.wait_until_ready(&data, &log)?;
        Ok(server)
    }

    /// The server writes `ready` into a file of its own once it takes
    /// connections.
    fn wait_until_ready(
        &mut self,
        data: &Path,
        log: &Path,
    ) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            let file = data.join("postmaster.pid");
            let said = fs::read_to_string(file).unwrap_or_default();
            if said.lines().any(|line| line.trim() == "ready") {
                return Ok(());
            }
            let end = self.postgres.try_wait()?;
            if end.is_some() || began.elapsed() > PATIENCE {
                let said = fs::read_to_string(log).unwrap_or_default();
                let last = said.lines().rev().find(|l| l.contains("FATAL"));
                let why = last.unwrap_or(said.trim()).to_string();
                return Err(Error::Server(format!("it did not start: {why}")));
            }
            thread::sleep(Duration::from_millis(5)); // it tells nobody
        }
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        let _ = self.postgres.kill(); // it has ended already
        let _ = self.postgres.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ask_to_end();
        let began = Instant::now();
        while matches!(self.postgres.try_wait(), Ok(None)) {
            if began.elapsed() > PATIENCE {
                self.kill();
            }
            thread::sleep(Duration::from_millis(2)); // a child sends no message
        }
    }
}

#[cfg(unix)]
impl Server {
    /// `SIGQUIT`: end without asking those who are connected.
    fn ask_to_end(&self) {
        use rustix::process::{Pid, Signal, kill_process};
        if let Some(pid) = Pid::from_raw(self.postgres.id() as i32) {
            let _ = kill_process(pid, Signal::QUIT); // it has ended already
        }
    }
}

#[cfg(not(unix))]
impl Server {
    fn ask_to_end(&self) {
        let Ok(programs) = Programs::find() else { return };
        let mut stop = programs.command("pg_ctl", None);
        stop.args(["stop", "-m", "immediate", "-D"]);
        stop.arg(self.folder.path.join("data"));
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// A port that nobody listens at now. Somebody can take it before the server
/// does; then the server says so.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// A folder with a name that nobody else has. It is removed when it is dropped.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn make(account: Option<&Account>) -> io::Result<Folder> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Relaxed);
        let name = format!("course-database-{}-{number}", process::id());
        let path = env::temp_dir().join(name);
        let mut folder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&path)?; // an error if it is there
        let folder = Folder { path };
        give(&folder.path, account)?;
        Ok(folder)
    }

    fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A process of a server that was killed can still be writing.
        for _ in 0..50 {
            let removed = fs::remove_dir_all(&self.path);
            if removed.is_ok() || !self.path.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The account that a server runs as where we are root, which it refuses to be.
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    #[cfg(unix)]
    fn for_servers() -> Result<Option<Account>, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let find = |wanted: &str| {
            accounts.lines().find_map(|line| {
                let mut fields = line.split(':');
                let named = fields.next()? == wanted;
                let user = fields.nth(1)?.parse().ok()?;
                let group = fields.next()?.parse().ok()?;
                named.then_some(Account { user, group })
            })
        };
        let found = find("postgres").or_else(|| find("nobody"));
        let none = "PostgreSQL does not run as root, and there is neither a \
                    user `postgres` nor a user `nobody`";
        found.map(Some).ok_or_else(|| Error::Server(none.into()))
    }

    #[cfg(not(unix))]
    fn for_servers() -> Result<Option<Account>, Error> {
        Ok(None)
    }
}

/// Makes the account the owner.
#[cfg(unix)]
fn give(path: &Path, account: Option<&Account>) -> io::Result<()> {
    let Some(Account { user, group }) = account else { return Ok(()) };
    std::os::unix::fs::chown(path, Some(*user), Some(*group))
}

#[cfg(not(unix))]
fn give(_: &Path, _: Option<&Account>) -> io::Result<()> {
    Ok(())
}

// ANCHOR: programs
/// The folder with PostgreSQL's programs.
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Looks along `PATH`, asks `pg_config`, then looks in the usual places.
    /// Takes the first that runs and is new enough.
    pub fn find() -> Result<Programs, Error> {
        let path = env::var_os("PATH").unwrap_or_default();
        let places = env::split_paths(&path).filter_map(at_home);
        let places = places.chain(iter::once_with(told).flatten());
        let places = places.chain(iter::once_with(usual_places).flatten());
        let mut refused = None;
        for folder in places {
            let has = |name: &str| {
                let file = format!("{name}{}", env::consts::EXE_SUFFIX);
                folder.join(file).is_file()
            };
            if has("postgres") && has("initdb") {
                let found = Programs { folder };
                match found.fit() {
                    Ok(()) => return Ok(found),
                    Err(why) => refused = refused.or(Some(why)),
                }
            }
        }
        Err(Error::Missing(refused.unwrap_or_else(missing)))
    }
    // ANCHOR_END: programs

    /// Whether they run, and are new enough for what we ask of `initdb`; else
    /// a sentence.
    fn fit(&self) -> Result<(), String> {
        let place = self.folder.display();
        let asked = Command::new(self.path("initdb")).arg("--version").output();
        let said = asked.map_err(|why| format!("{place}: initdb: {why}"))?;
        let version = String::from_utf8_lossy(&said.stdout);
        let number = version.split_whitespace().find_map(|word| {
            let digits = word.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse::<u32>().ok() // 17 of `17.2`, `17beta1` and `17`
        });
        match number {
            Some(number) if number >= OLDEST => Ok(()),
            Some(_) => Err(format!(
                "{} in {place} is too old: {OLDEST} or later is needed",
                version.trim()
            )),
            None => {
                let why = String::from_utf8_lossy(&said.stderr);
                Err(format!("{place}: initdb does not run: {}", why.trim()))
            }
        }
    }

    /// The path of one of them.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    fn command(&self, name: &str, account: Option<&Account>) -> Command {
        let mut command = Command::new(self.path(name));
        command.current_dir(env::temp_dir()).env_remove("PGOPTIONS");
        run_as(&mut command, account);
        command
    }

    /// Makes the files of an empty server. That takes a second, so they are
    /// kept beside this program, and copied the next time.
    fn fill(
        &self,
        data: &Path,
        folder: &Folder,
        account: Option<&Account>,
    ) -> Result<(), Error> {
        let kept = self.kept()?;
        if kept.is_dir() {
            if copy_all(&kept, data, account).is_ok() {
                return Ok(());
            }
            let _ = fs::remove_dir_all(data); // somebody else's: made anew
        }
        let mut initdb = self.command("initdb", account);
        initdb.arg("-D").arg(data).args(["-U", USER, "--auth=trust"]);
        initdb.args(["--no-sync", "--no-locale", "--encoding=UTF8"]);
        let made = initdb.args(["--wal-segsize=1"]).output()?;
        if !made.status.success() {
            let said = String::from_utf8_lossy(&made.stderr);
            return Err(Error::Server(format!("initdb: {}", said.trim())));
        }
        // Under another name until they are whole. Where they cannot be kept,
        // they are made anew the next time.
        let name = folder.path.file_name().unwrap_or_default();
        let unfinished = kept.with_file_name(name);
        let whole = copy_all(data, &unfinished, None)
            .and_then(|()| fs::rename(&unfinished, &kept));
        if whole.is_err() {
            let _ = fs::remove_dir_all(&unfinished);
        }
        Ok(())
    }

    /// Where the files of this version are kept: what Cargo cleans, it cleans.
    fn kept(&self) -> Result<PathBuf, Error> {
        let mut ask = Command::new(self.path("initdb"));
        let version = ask.arg("--version").output()?.stdout;
        let version = String::from_utf8_lossy(&version);
        let name: String =
            version.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let beside = env::current_exe()?.with_file_name("databases");
        fs::create_dir_all(&beside)?;
        Ok(beside.join(name))
    }
}

/// Whether PostgreSQL is installed; else the command that installs it here.
pub fn available() -> Result<(), String> {
    let found = Programs::find().map_err(|error| error.to_string());
    found.map(drop)
}

/// The folder that the program itself is in, if there is only a link to it in
/// this one: what belongs to it, such as `pgbench`, lies beside it.
fn at_home(folder: PathBuf) -> Option<PathBuf> {
    let program = folder.join(format!("postgres{}", env::consts::EXE_SUFFIX));
    if cfg!(windows) {
        return program.is_file().then_some(folder);
    }
    let program = program.canonicalize().ok()?;
    Some(program.parent()?.to_path_buf())
}

/// What `pg_config` says.
fn told() -> Option<PathBuf> {
    let asked = Command::new("pg_config").arg("--bindir").output().ok()?;
    let said = String::from_utf8_lossy(&asked.stdout);
    asked.status.success().then(|| PathBuf::from(said.trim()))
}

fn usual_places() -> Vec<PathBuf> {
    let below = |folder: &str, bin: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> =
            entries.map(|entry| entry.path().join(bin)).collect();
        found.sort();
        found.reverse(); // the newest first
        found
    };
    let mut places = below("/usr/lib/postgresql", "bin"); // Debian
    places.extend(["/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    for homebrew in ["/opt/homebrew/opt", "/usr/local/opt"] {
        let all = below(homebrew, "bin").into_iter();
        places.extend(
            all.filter(|path| {
                path.to_string_lossy().contains("/opt/postgresql")
            }),
        );
    }
    places.extend(below("C:\\Program Files\\PostgreSQL", "bin"));
    places
}

/// The command that installs it here.
fn missing() -> String {
    let install = if cfg!(windows) {
        "winget install PostgreSQL.PostgreSQL.17"
    } else if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else if Path::new("/etc/debian_version").exists() {
        "apt-get install postgresql"
    } else {
        return "PostgreSQL was not found; install it from your system's \
                packages"
            .into();
    };
    format!("PostgreSQL was not found; `{install}` installs it")
}

/// Runs the command as another user, and on Linux ends it with its parent.
#[cfg(unix)]
fn run_as(command: &mut Command, account: Option<&Account>) {
    use std::os::unix::process::CommandExt;
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    #[cfg(target_os = "linux")]
    // SAFETY: between fork and exec the closure makes one system call, and
    // touches no memory of the parent.
    unsafe {
        command.pre_exec(|| {
            let quit = Some(rustix::process::Signal::QUIT);
            Ok(rustix::process::set_parent_process_death_signal(quit)?)
        });
    }
}

#[cfg(not(unix))]
fn run_as(_: &mut Command, _: Option<&Account>) {}

/// Copies a folder with all that is in it; the account owns the copy, and
/// nobody else may look into it.
fn copy_all(
    from: &Path,
    to: &Path,
    account: Option<&Account>,
) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(to)?;
    give(to, account)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &copy, account)?;
        } else {
            fs::copy(entry.path(), &copy)?;
            give(&copy, account)?;
        }
    }
    Ok(())
}

impl Address {
    fn parse(text: &str) -> Result<Address, Error> {
        let parts = text.rsplit_once(':');
        let address = parts.and_then(|(host, port)| {
            let port = port.parse().ok()?;
            Some(Address { host: host.into(), port })
        });
        let wrong = || Error::Server(format!("`{text}` is no address"));
        address.ok_or_else(wrong)
    }

    /// For programs that are told by options, as pgbench is.
    pub fn options(&self) -> [String; 6] {
        let port = self.port.to_string();
        ["-h", &self.host, "-p", &port, "-U", USER].map(String::from)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Why there is no server.
#[derive(Debug)]
pub enum Error {
    /// PostgreSQL is not installed; what installs it.
    Missing(String),
    /// It is installed, and does not run.
    Server(String),
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Missing(what) => f.write_str(what),
            Error::Server(why) => write!(f, "the PostgreSQL server: {why}"),
            Error::Io(error) => write!(f, "the PostgreSQL server: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}
