//! Which edition of the book this is, from book.toml, as mdBook reads it, and from Git.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use book::edition::{Commit, Edition, newest};
use mdbook_preprocessor::config::Config;

/// Names the commit where there is no Git to ask: its id, a space, and its time.
pub const COMMIT: &str = "COURSE_COMMIT";

/// The edition of the project in this folder, with the settings of `[output.html]`.
pub fn edition(root: &Path, config: &Config, warn: fn(&str)) -> Edition {
    let html = config.html_config().unwrap_or_default();
    let address = html.site_url.filter(|url| is_whole(url));
    let repository = html.git_repository_url.filter(|url| is_whole(url));
    Edition {
        address: address.map(|url| format!("{}/", url.trim_end_matches('/'))),
        repository: repository.map(|url| url.trim_end_matches('/').to_string()),
        commit: commit(root, warn),
        local: None,
    }
}

/// `site-url` may also be a path on a host that is not said.
fn is_whole(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

/// The commit that is checked out in this folder, or else the one that `COURSE_COMMIT` names.
fn commit(root: &Path, warn: fn(&str)) -> Option<Commit> {
    checked_out(root).or_else(|| told(warn))
}

fn checked_out(root: &Path) -> Option<Commit> {
    // A folder that lies in the repository of something else is not of its commit.
    git(root, &["rev-parse", "--verify", "--quiet", "HEAD:./book.toml"])?;
    let said = git(root, &["log", "-1", "--no-show-signature", "--format=%H %cI"])?;
    let changes = git(root, &["status", "--porcelain", "--untracked-files=no", "--", "."])?;
    Some(Commit { changed: !changes.is_empty(), ..Commit::parse(&said)? })
}

fn told(warn: fn(&str)) -> Option<Commit> {
    let told = env::var(COMMIT).ok().filter(|told| !told.is_empty())?;
    let commit = Commit::parse(&told);
    if commit.is_none() {
        warn(&format!(
            "{COMMIT} is `{told}`, so that the pages name no commit; write its id and its time, \
             as `git log -1 --format='%H %cI'` does"
        ));
    }
    commit
}

/// When each file under this folder was last committed, `2026-11-25`, by its path from the root. Empty
/// where the history is not known or was cut off, because then every file looks new.
pub fn last_changes(root: &Path, folder: &Path) -> BTreeMap<String, String> {
    let is_whole = git(root, &["rev-parse", "--is-shallow-repository"])
        .is_some_and(|shallow| shallow.trim() == "false");
    let folder = folder.to_string_lossy();
    let log = is_whole.then(|| {
        let listed = ["log", "--no-show-signature", "--relative", "--name-only", "--format=//%cs"];
        git(root, &[&["-c", "core.quotePath=false"], &listed[..], &["--", &*folder]].concat())
    });
    log.flatten().map(|log| newest(&log)).unwrap_or_default()
}

/// What Git prints, or `None` where there is no Git, no repository or no answer. It writes nothing.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("--no-optional-locks").args(arguments).current_dir(root);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_can_be_opened_from_anywhere() {
        let edition_of = |toml: &str| {
            let config: Config = toml.parse().unwrap();
            edition(tempfile::tempdir().unwrap().path(), &config, |_| {})
        };
        let whole = edition_of(
            "[output.html]\nsite-url = \"https://example.org/course\"\n\
             git-repository-url = \"https://example.org/us/course/\"\n",
        );
        assert_eq!(whole.address.as_deref(), Some("https://example.org/course/"));
        assert_eq!(whole.repository.as_deref(), Some("https://example.org/us/course"));
        assert_eq!(edition_of("[output.html]\nsite-url = \"/course/\"\n").address, None);
        assert_eq!(edition_of("").address, None);
    }
}
