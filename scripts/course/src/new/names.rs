//! What a new file can be called.

use anyhow::{Result, bail};

/// No name is longer: it stands in figures, in commands, and in a line of code that is not broken.
const LONGEST: usize = 30;

/// What a folder of listings has beside its listings, and what Cargo calls a program of its own.
const TAKEN: [&str; 5] = ["exercises", "packages", "lib", "main", "mod"];

/// Crates that listings and examples speak of by these names.
const CRATES: [&str; 7] = ["std", "core", "alloc", "lab", "listings", "standard", "tracing"];

/// `pools/who_waits` as folder and name.
pub(super) fn place(text: &str) -> Result<(&str, &str)> {
    match text.split('/').collect::<Vec<_>>()[..] {
        [folder, name] => {
            check(folder)?;
            check(name)?;
            Ok((folder, name))
        }
        [_] => bail!(
            "in which folder of listings/? Write FOLDER/NAME, like `threads/{text}`; the folder is the chapter's"
        ),
        _ => bail!("`{text}` has more than one `/`; write FOLDER/NAME, like `threads/who_waits`"),
    }
}

/// Whether it can be the name of a module, a file and an example.
pub(super) fn check(name: &str) -> Result<()> {
    let meant = snake_case(name);
    if meant != name || name.is_empty() {
        let like = match &*meant {
            "" => "like `who_waits`".to_string(),
            meant => format!("like `{meant}`"),
        };
        bail!(
            "`{name}` cannot be the name of a module: write small letters, digits and single `_`, with a letter \
             first, {like}"
        );
    }
    // `gen` is a keyword since the edition of 2024.
    if name == "gen" || syn::parse_str::<syn::Ident>(name).is_err() {
        bail!("`{name}` is a keyword of Rust, and no module can have that name; choose another");
    }
    if CRATES.contains(&name) {
        bail!(
            "`{name}` is the name of a crate, and `use {name}::…` would no longer be clear; choose another"
        );
    }
    if TAKEN.contains(&name) {
        bail!("`{name}` has a meaning of its own in this project; choose another name");
    }
    if name.len() > LONGEST {
        bail!(
            "`{name}` has {} letters, and a name has {LONGEST} at most; choose a shorter one",
            name.len()
        );
    }
    Ok(())
}

/// What is nearest to this: `WhoWaits` and `who-waits` as `who_waits`.
fn snake_case(text: &str) -> String {
    let mut out = String::new();
    let mut after_small = false;
    for letter in text.chars() {
        if letter.is_ascii_uppercase() && after_small {
            out.push('_');
        }
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        } else if !out.ends_with('_') {
            out.push('_');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
    }
    out.trim_end_matches('_')
        .trim_start_matches(|letter: char| letter == '_' || letter.is_ascii_digit())
        .into()
}

/// What a title must not have, since the contents and the headings would read it as something else.
pub(super) fn check_title(title: &str) -> Result<()> {
    let strange = |letter: &char| letter.is_control() || "[]{}<>*`\\".contains(*letter);
    if title.trim() != title || title.is_empty() {
        bail!("a title has words, and no space around them: `--title \"Who waits for whom\"`");
    }
    if let Some(letter) = title.chars().find(strange) {
        bail!(
            "the title has {letter:?} in it, which Markdown would read as a mark; write it in plain words"
        );
    }
    Ok(())
}

/// `who_waits` as a title: *Who waits*.
pub(super) fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let (first, rest) = words.split_at(1);
    first.to_uppercase() + rest
}
