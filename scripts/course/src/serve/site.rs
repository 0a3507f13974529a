//! A finished build, held in memory: what is not in it cannot be asked for.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use anyhow::{Context, Result};
use axum::body::Bytes;
use axum::http::StatusCode;
use maud::{DOCTYPE, html};
use regex::Regex;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

/// Pages and what belongs to them, by path without the leading slash.
pub(super) struct Site {
    /// The same for the same pages, so that a build that changed nothing reloads nothing.
    pub id: String,
    /// Whether its pages are of our shell, whose scripts are all files of the build.
    pub is_of_our_shell: bool,
    files: HashMap<String, File>,
    /// What answers a path that is not there.
    missing: (StatusCode, File),
}

/// One file, ready to send.
#[derive(Clone)]
pub(super) struct File {
    pub body: Bytes,
    pub content_type: &'static str,
    pub tag: String,
    /// Named after its content, so that it never changes.
    pub immutable: bool,
}

impl File {
    fn new(path: &str, body: Vec<u8>) -> File {
        let tag = format!("\"{}\"", hex(&Sha256::digest(&body)[..12]));
        let content_type = content_type(path);
        File { body: body.into(), content_type, tag, immutable: is_hashed(path) }
    }
}

impl Site {
    /// Reads what was rendered into a folder, with our shell or another.
    pub(super) fn read(folder: &Path, is_of_our_shell: bool) -> Result<Site> {
        let files = read_files(folder)?;
        let page = files.get("404.html").cloned();
        let missing =
            page.unwrap_or_else(|| File::new("404.txt", b"There is no such page.".to_vec()));
        let mut names: Vec<_> = files.iter().collect();
        names.sort_by_key(|(name, _)| name.as_str());
        let mut content = Sha256::new();
        for (name, file) in names {
            content.update(name);
            content.update(&file.tag);
        }
        let id = hex(&content.finalize()[..12]);
        let missing = (StatusCode::NOT_FOUND, missing);
        Ok(Site { id, is_of_our_shell, files, missing })
    }

    /// In the place of a book that could not be built: why. It asks again by itself.
    pub(super) fn problem(why: &str) -> Site {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                meta charset="utf-8";
                meta http-equiv="refresh" content="1";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                title { "The book has a problem" }
                h1 { "The book has a problem" }
                p { "This page makes place for the book as soon as it is mended." }
                pre style="white-space: pre-wrap" { (why) }
            }
        };
        let page = File::new("problem.html", page.into_string().into_bytes());
        let missing = (StatusCode::SERVICE_UNAVAILABLE, page);
        Site { id: "problem".into(), is_of_our_shell: true, files: HashMap::new(), missing }
    }

    /// What answers this path of a URL, as it stands on the request line.
    pub(super) fn file(&self, path: &str) -> (StatusCode, &File) {
        let decoded = percent_encoding::percent_decode_str(path).decode_utf8();
        let name = decoded.ok().and_then(|path| {
            let name = path.strip_prefix('/')?;
            Some(if name.is_empty() || name.ends_with('/') {
                format!("{name}index.html")
            } else {
                name.to_string()
            })
        });
        match name.and_then(|name| self.files.get(&name)) {
            Some(file) => (StatusCode::OK, file),
            None => (self.missing.0, &self.missing.1),
        }
    }
}

/// The files in and below a folder, by their paths in it.
fn read_files(folder: &Path) -> Result<HashMap<String, File>> {
    let mut files = HashMap::new();
    // A link is what it leads to, as it is for a browser.
    for entry in WalkDir::new(folder).follow_links(true) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let path = entry.path();
            let body = fs::read(path).with_context(|| path.display().to_string())?;
            let name = path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
            files.insert(name.clone(), File::new(&name, body));
        }
    }
    Ok(files)
}

/// mdBook puts eight digits of the content's hash into the names of scripts, styles and fonts.
fn is_hashed(path: &str) -> bool {
    static HASHED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"-[0-9a-f]{8}\.([a-z]+\.)?(js|css|svg|png|woff2)$").expect("a pattern of ours")
    });
    HASHED.is_match(path)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "txt" | "md" | "rs" | "py" | "toml" | "tsv" | "csv" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[&str]) -> Site {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        Site::read(folder.path(), true).unwrap()
    }

    #[test]
    fn a_folder_is_its_index_and_a_name_may_be_encoded() {
        let site = site(&["index.html", "part/index.html", "für alle.html"]);
        for (path, body) in [
            ("/", "index.html"),
            ("/part/", "part/index.html"),
            ("/f%C3%BCr%20alle.html", "für alle.html"),
        ] {
            let (status, file) = site.file(path);
            assert_eq!((status, &file.body[..]), (StatusCode::OK, body.as_bytes()), "{path}");
        }
    }

    #[test]
    fn what_is_not_in_the_build_is_not_there() {
        let site = site(&["index.html", "404.html"]);
        for path in
            ["/book.toml", "//index.html", "/./index.html", "/%2e%2e/index.html", "/%ff", "*", ""]
        {
            let (status, file) = site.file(path);
            assert_eq!(
                (status, &file.body[..]),
                (StatusCode::NOT_FOUND, &b"404.html"[..]),
                "{path}"
            );
        }
    }

    #[test]
    fn the_same_pages_are_the_same_build() {
        assert_eq!(site(&["a.html", "b.html"]).id, site(&["b.html", "a.html"]).id);
        assert_ne!(site(&["a.html", "b.html"]).id, site(&["a.html"]).id);
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("theme/page-0a1b2c3d.js"));
        assert!(is_hashed("elasticlunr-ef4e11c1.min.js"));
        assert!(!is_hashed("theme/page.js"));
        assert!(!is_hashed("machines/intel-00c0ffee.json"));
    }

    #[test]
    fn a_problem_is_shown_as_text() {
        let site = Site::problem("no <b>arm</b>");
        let (status, file) = site.file("/");
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(String::from_utf8_lossy(&file.body).contains("no &lt;b&gt;arm"));
    }
}
