//! Opens the student's file in the editor that is set, where that has a window of its own.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::message::{status, warning};

/// Editors that need the terminal, in which the report is.
const IN_A_TERMINAL: [&str; 21] = [
    "amp", "dte", "ed", "ex", "hx", "helix", "jed", "joe", "kak", "mcedit", "mg", "micro", "nano",
    "ne", "nvi", "nvim", "pico", "vi", "view", "vim", "zile",
];
/// Those that have a window unless they are asked for the terminal, or there is no place for windows.
const EITHER: [&str; 2] = ["emacs", "emacsclient"];

/// An editor that is set, and by which variable.
#[derive(Debug, PartialEq)]
struct Editor {
    variable: &'static str,
    program: String,
    arguments: Vec<String>,
}

/// Opens the file, or says in a sentence why it was not opened. `shown` is how messages name it.
pub(super) fn open(file: &Path, shown: &str) {
    let Some(editor) = Editor::set(|name| env::var(name).ok()) else {
        status(
            "Open",
            format!("{shown} in your editor; with $VISUAL or $EDITOR set, it opens here"),
        );
        return;
    };
    let windows = !cfg!(all(unix, not(target_os = "macos")))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some());
    if editor.needs_the_terminal(windows) {
        status(
            "Open",
            format!(
                "{shown} in another terminal: `{}` would need this one, where the report is",
                editor.program
            ),
        );
        return;
    }
    match editor.start(file) {
        Ok(()) => status("Opened", format!("it with `{}` (${})", editor.program, editor.variable)),
        Err(why) => {
            let Editor { variable, program, .. } = &editor;
            let why = match why.kind() {
                io::ErrorKind::NotFound => "there is no such program".to_string(),
                _ => why.to_string(),
            };
            warning(format!(
                "`{program}` (${variable}) was not started: {why}; open {shown} yourself"
            ));
        }
    }
}

impl Editor {
    /// `$VISUAL`, else `$EDITOR`: a program, or a program and its options.
    fn set(value: impl Fn(&str) -> Option<String>) -> Option<Editor> {
        ["VISUAL", "EDITOR"].into_iter().find_map(|variable| {
            let text = value(variable)?;
            // A path can have spaces in it; then there are no options.
            let whole = Path::new(&text).is_file().then(|| text.clone());
            let mut words = text.split_whitespace().map(str::to_string);
            let program = whole.clone().or_else(|| words.next())?;
            let arguments = if whole.is_some() { Vec::new() } else { words.collect() };
            Some(Editor { variable, program, arguments })
        })
    }

    fn needs_the_terminal(&self, windows: bool) -> bool {
        let name = Path::new(&self.program).file_stem().unwrap_or_default().to_string_lossy();
        let asked = ["-nw", "--no-window-system", "-t", "-tty", "--tty"];
        let asked = self.arguments.iter().any(|argument| asked.contains(&argument.as_str()));
        IN_A_TERMINAL.contains(&&*name) || (EITHER.contains(&&*name) && (asked || !windows))
    }

    /// Starts it apart from this terminal, with the student's work in its window: Ctrl-C here does not end
    /// it there.
    fn start(&self, file: &Path) -> io::Result<()> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        // SAFETY: between fork and exec only a system call is made, which is allowed there; it takes no
        // pointers and concerns the new process alone.
        unsafe {
            std::os::unix::process::CommandExt::pre_exec(&mut command, || {
                // A session of its own has no terminal. It fails only for who leads a group already.
                libc::setsid();
                Ok(())
            });
        }
        let mut child = command.spawn()?;
        let program = self.program.clone();
        // Ends with the editor, or with this command.
        thread::spawn(move || {
            if let Ok(ended) = child.wait()
                && !ended.success()
            {
                warning(format!("`{program}` ended with {ended}"));
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(visual: &str, editor: &str) -> Option<Editor> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_string());
        Editor::set(|name| given(if name == "VISUAL" { visual } else { editor }))
    }

    #[test]
    fn visual_comes_before_editor_and_options_are_kept() {
        let editor = set("code --wait", "vi").unwrap();
        assert_eq!((editor.variable, &*editor.program), ("VISUAL", "code"));
        assert_eq!(editor.arguments, ["--wait"]);
        assert_eq!(set("", "vi").unwrap().variable, "EDITOR");
        assert_eq!(set(" ", "vi").unwrap().variable, "EDITOR", "a blank one is none");
        assert_eq!(set("", ""), None);
    }

    #[test]
    fn a_path_with_spaces_is_one_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my editor");
        std::fs::write(&path, "").unwrap();
        let editor = set(path.to_str().unwrap(), "").unwrap();
        assert_eq!((Path::new(&editor.program), editor.arguments.len()), (&*path, 0));
    }

    #[test]
    fn an_editor_of_the_terminal_is_known() {
        let needs = |text: &str, windows| set(text, "").unwrap().needs_the_terminal(windows);
        for text in ["vim", "/usr/bin/nano -w", "hx", "emacs -nw", "emacsclient -t"] {
            assert!(needs(text, true), "{text}");
        }
        assert!(needs("emacs", false));
        for text in ["code -w", "emacs", "gvim", "subl", "kate"] {
            assert!(!needs(text, true), "{text}");
        }
    }
}
