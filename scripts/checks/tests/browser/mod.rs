//! A real Chromium on the built book: a small static server, chromedriver, and what tests ask of them.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// For conditions that come true within a moment, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What `course serve` allows a page to load; the hosted book needs nothing more.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; \
                      form-action 'self'";

/// Serves the files of a folder on a free port of this computer, until the tests end.
pub fn host(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that breaks off a request is no failure.
            thread::spawn(move || drop(answer(stream, &folder)));
        }
    });
    url
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/");
    let name = if path.ends_with('/') { format!("{path}index.html") } else { path.to_string() };
    let (status, body) = match fs::read(folder.join(name.trim_start_matches('/'))) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let kind = match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css",
        "js" => "text/javascript",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\
         X-Content-Type-Options: nosniff\r\nContent-Security-Policy: {POLICY}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}

/// A browser with one window and a profile of its own.
pub struct Browser {
    pub client: Client,
    driver: Driver,
    _profile: TempDir,
}

impl Browser {
    pub async fn open() -> Browser {
        let driver = Driver::start();
        let profile = tempfile::tempdir().expect("a place for the browser's profile");
        let mut flags =
            vec!["--headless".to_string(), format!("--user-data-dir={}", profile.path().display())];
        let quiet = [
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        flags.extend(quiet.map(String::from));
        if is_root(profile.path()) {
            flags.push("--no-sandbox".into()); // its sandbox refuses to run for root
        }
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object literal") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url())
            .await
            .unwrap_or_else(|why| {
                panic!("chromedriver could not start a browser: {why}\n{INSTALL}")
            });
        Browser { client, driver, _profile: profile }
    }

    /// Ends the browser; where a test fails before this, dropping it does the same.
    pub async fn close(self) {
        let Browser { client, driver, _profile } = self;
        client.close().await.expect("the browser ends");
        drop(driver);
    }

    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|why| panic!("{url}: {why}"));
    }

    /// Evaluates an expression in the page.
    pub async fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.client
            .execute(&script, vec![])
            .await
            .unwrap_or_else(|why| panic!("{expression}: {why}"))
    }

    pub async fn text(&self, expression: &str) -> String {
        match self.value(expression).await {
            Value::String(text) => text,
            other => panic!("{expression} is no text but {other}"),
        }
    }

    /// Waits until an expression is true in the page. An expression that fails is not true yet: what it
    /// asks of may still be on its way.
    pub async fn wait_until(&self, expression: &str) {
        let began = std::time::Instant::now();
        let script = format!("return !!({expression});");
        loop {
            let answer = self.client.execute(&script, vec![]).await;
            if matches!(answer, Ok(Value::Bool(true))) {
                return;
            }
            if began.elapsed() > PATIENCE {
                let here = self.client.current_url().await;
                let said = self.complaints().await;
                panic!(
                    "not within {PATIENCE:?}: {expression}\nat {here:?}, where it is {answer:?} and the console says {said:?}"
                );
            }
            tokio::task::yield_now().await;
        }
    }

    /// Awaits a promise in the page.
    pub async fn awaited(&self, promise: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; ({promise}).then(done, (why) => done(`failed: ${{why}}`));"
        );
        self.client
            .execute_async(&script, vec![])
            .await
            .unwrap_or_else(|why| panic!("{promise}: {why}"))
    }

    /// Presses keys where the focus is, one after the other; Shift, Control and Alt are held to the end.
    pub async fn types(&self, keys: &str) {
        let held = [Key::Shift, Key::Control, Key::Alt].map(char::from);
        let (mut actions, mut last) = (KeyActions::new("keyboard".into()), Vec::new());
        for value in keys.chars() {
            actions = actions.then(KeyAction::Down { value });
            if held.contains(&value) {
                last.push(KeyAction::Up { value });
            } else {
                actions = actions.then(KeyAction::Up { value });
            }
        }
        let actions = last.into_iter().fold(actions, KeyActions::then);
        self.client.perform_actions(actions).await.expect("a keyboard");
    }

    /// Turns to what Tab can reach, and types there; false where it was replaced before the keys came.
    pub async fn types_at(&self, element: &str, keys: &str) -> bool {
        let script = format!(
            "const e = {element}; e?.focus(); return e && document.activeElement === e && e.tabIndex >= 0 ? e : null;"
        );
        let Ok(Value::Object(found)) = self.client.execute(&script, vec![]).await else {
            return false;
        };
        let id = found.values().next().and_then(Value::as_str).expect("an element's reference");
        let element =
            Element::from_element_id(self.client.clone(), ElementRef::from(id.to_string()));
        match element.send_keys(keys).await {
            Ok(()) => true,
            Err(why) if why.to_string().contains("stale element reference") => false,
            Err(why) => panic!("typing {keys}: {why}"),
        }
    }

    /// A command of Chromium's own protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        let sent = self.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await;
        sent.unwrap_or_else(|why| panic!("{command}: {why}"))
    }

    /// Presses a key, wherever the focus is, also nowhere.
    pub async fn press_key(&self, key: Key) {
        self.types(&char::from(key).to_string()).await;
    }

    /// Emulates a medium (`print`, or none) and one of the reader's preferences.
    pub async fn emulate(&self, medium: &str, name: &str, value: &str) {
        let features = json!([{ "name": name, "value": value }]);
        let media = json!({ "media": medium, "features": features });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    pub async fn set_width(&self, width: u32) {
        let size =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub async fn prefer(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// What the browser logged since the last call: `browser` is the console, `performance` the network.
    async fn log(&self, kind: &str) -> Vec<Value> {
        let command = Vendor { path: "se/log", body: json!({ "type": kind }) };
        let entries =
            self.client.issue_cmd(command).await.unwrap_or_else(|why| panic!("the log: {why}"));
        entries.as_array().cloned().unwrap_or_default()
    }

    /// Errors and warnings in the console since the last call.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.log("browser").await;
        let bad = entries
            .iter()
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.map(|entry| entry["message"].to_string()).collect()
    }

    /// Addresses that pages asked for since the last call; not those of the browser's own start page.
    pub async fn requests(&self) -> Vec<String> {
        let entries = self.log("performance").await;
        let sent = entries.iter().filter_map(|entry| {
            let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &message["message"];
            let is_request = message["method"] == "Network.requestWillBeSent";
            is_request
                .then(|| message["params"]["request"]["url"].as_str().unwrap_or("").to_string())
        });
        sent.filter(|url| !url.starts_with("chrome://") && !url.starts_with("chrome-untrusted://"))
            .collect()
    }
}

/// Chromium's additions to the protocol.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

const INSTALL: &str = "The page tests need Chromium and its driver. Debian: `apt-get install chromium \
                       chromium-driver`; elsewhere install Chrome and the chromedriver of its version, \
                       and put chromedriver on the path.";

/// chromedriver, on a port that it chose.
struct Driver {
    child: Child,
    port: u16,
}

impl Driver {
    fn start() -> Driver {
        // Where GitHub's runners keep it.
        let folder = env::var_os("CHROMEWEBDRIVER").map(PathBuf::from).unwrap_or_default();
        let mut child = Command::new(folder.join("chromedriver"))
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|why| panic!("chromedriver could not be started ({why}). {INSTALL}"));
        let mut lines =
            BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("started successfully on port"));
        let line = line.unwrap_or_else(|| panic!("chromedriver ended without starting. {INSTALL}"));
        let port = line.trim_end_matches('.').rsplit(' ').next().and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| panic!("chromedriver said `{line}`, and no port"));
        // It stops when nobody reads what it prints.
        thread::spawn(move || lines.for_each(drop));
        Driver { child, port }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    /// Asks it to end, so that it ends the browser, too.
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let request =
                format!("GET /shutdown HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port);
            let _ = stream.set_read_timeout(Some(PATIENCE));
            // Answered or not, it is ended below.
            let _ = stream.write_all(request.as_bytes()).and_then(|()| stream.read(&mut [0; 64]));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether we are root: what we made belongs to user 0.
#[cfg(unix)]
fn is_root(ours: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    File::open(ours).and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(not(unix))]
fn is_root(_: &Path) -> bool {
    false
}
