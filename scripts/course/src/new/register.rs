//! Puts a name into its place in a text that people write, and leaves the rest as it is. Lines end with `\n`, the last
//! one too.

use std::cmp::Ordering;
use std::ops::Range;

use anyhow::{Context, Result, bail};

/// A module of a list of them: its name, and its line.
struct Module<'a> {
    name: &'a str,
    line: usize,
}

/// The file of modules with one more, where rustfmt would put it. `within` are the lines of the modules that it
/// stands among: all of them, or the inside of an inline module, where lines begin with `indent`.
pub(super) fn module(text: &str, within: Range<usize>, indent: &str, name: &str) -> Result<String> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let modules: Vec<Module> = within
        .clone()
        .filter_map(|line| Some(Module { name: declared(lines[line], indent)?, line }))
        .collect();
    if modules.iter().any(|module| module.name == name) {
        bail!("names `{name}` already");
    }
    let new = format!("{indent}pub mod {name};\n");
    let after = modules.iter().find(|module| by_version(module.name, name).is_gt());
    let place = match (after, modules.last()) {
        (Some(after), _) => with_what_stands_above(&lines, after.line),
        (None, Some(last)) => last.line + 1,
        (None, None) => {
            let said = |line: &usize| lines[*line].trim_start().starts_with("//!");
            within.clone().take_while(said).last().map_or(within.start, |line| line + 1)
        }
    };
    let set_apart = modules.is_empty() && place > within.start;
    let new = if set_apart { format!("\n{new}") } else { new };
    lines.insert(place, &new);
    Ok(lines.concat())
}

/// All lines of a text.
pub(super) fn all_lines(text: &str) -> Range<usize> {
    0..text.split_inclusive('\n').count()
}

/// The lines inside `pub mod NAME { … }` at the left edge.
pub(super) fn inside(text: &str, name: &str) -> Option<Range<usize>> {
    let lines: Vec<&str> = text.lines().collect();
    let begin = lines.iter().position(|line| *line == format!("pub mod {name} {{"))?;
    let length = lines[begin..].iter().position(|line| *line == "}")?;
    Some(begin + 1..begin + length)
}

/// The name of `pub mod name;` at this depth.
fn declared<'a>(line: &'a str, indent: &str) -> Option<&'a str> {
    let line = line.strip_prefix(indent)?;
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("mod ")?.trim_end().strip_suffix(';')
}

/// The first of the lines that belong to this one: its attributes and comments.
fn with_what_stands_above(lines: &[&str], line: usize) -> usize {
    let belongs = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("#[") || line.starts_with("//") && !line.starts_with("//!")
    };
    line - lines[..line].iter().rev().take_while(|line| belongs(line)).count()
}

/// The order in which rustfmt keeps modules: `_` before all else, and `step2` before `step10`.
fn by_version(one: &str, other: &str) -> Ordering {
    let parts = |name: &str| -> Vec<(u8, u64)> {
        let mut parts: Vec<(u8, u64)> = Vec::new();
        let mut number = false;
        for letter in name.bytes() {
            match (letter.is_ascii_digit(), number, parts.last_mut()) {
                (true, true, Some((_, value))) => {
                    *value = value.saturating_mul(10).saturating_add(u64::from(letter - b'0'));
                }
                (true, ..) => parts.push((1, u64::from(letter - b'0'))),
                (false, ..) if letter == b'_' => parts.push((0, 0)),
                (false, ..) => parts.push((2, u64::from(letter))),
            }
            number = letter.is_ascii_digit();
        }
        parts
    };
    parts(one).cmp(&parts(other)).then(one.cmp(other))
}

/// The manifest with one `[[example]]` more, in its alphabetical place.
pub(super) fn example(manifest: &str, name: &str, path: Option<&str>) -> Result<String> {
    let before = examples(manifest)?;
    if before.contains(&name.to_string()) {
        bail!("has an example named `{name}` already");
    }
    let mut lines: Vec<&str> = manifest.split_inclusive('\n').collect();
    let heads: Vec<usize> =
        (0..lines.len()).filter(|line| lines[*line].trim() == "[[example]]").collect();
    let name_of = |head: &usize| {
        lines[head + 1..]
            .iter()
            .take_while(|line| !line.starts_with('['))
            .find_map(|line| line.strip_prefix("name = \"")?.trim_end().strip_suffix('"'))
    };
    let after = heads.iter().find(|head| name_of(head).is_some_and(|other| other > name));
    let place = match (after, heads.last()) {
        (Some(after), _) => with_comments(&lines, *after),
        // Before the table that follows the last of them.
        (None, Some(last)) => {
            let length = lines[last + 1..].iter().position(|line| line.starts_with('['));
            length.map_or(lines.len(), |length| with_comments(&lines, last + 1 + length))
        }
        (None, None) => lines.len(),
    };
    let path = path.map(|path| format!("path = \"{path}\"\n")).unwrap_or_default();
    let table = format!("[[example]]\nname = \"{name}\"\n{path}");
    let table = if place == lines.len() { format!("\n{table}") } else { format!("{table}\n") };
    lines.insert(place, &table);
    let text = lines.concat();
    // What was edited as text is read as Cargo reads it.
    let mut expected = before;
    expected.push(name.into());
    expected.sort();
    let mut found = examples(&text)?;
    found.sort();
    if found != expected {
        bail!("is written in a way that this command does not understand");
    }
    Ok(text)
}

/// The line, or the first of the comments directly above it.
fn with_comments(lines: &[&str], line: usize) -> usize {
    line - lines[..line].iter().rev().take_while(|line| line.starts_with('#')).count()
}

/// The names of a manifest's examples.
pub(super) fn examples(manifest: &str) -> Result<Vec<String>> {
    let toml: toml::Table = toml::from_str(manifest).context("cannot be read")?;
    let examples = toml.get("example").and_then(toml::Value::as_array);
    let name = |example: &toml::Value| Some(example.get("name")?.as_str()?.to_string());
    Ok(examples.into_iter().flatten().filter_map(name).collect())
}

/// The contents with one chapter more, after the last one, and its number.
pub(super) fn chapter(
    summary: &str,
    link: impl FnOnce(usize) -> String,
) -> Result<(String, usize)> {
    let mut lines: Vec<&str> = summary.split_inclusive('\n').collect();
    let listed: Vec<usize> =
        (0..lines.len()).filter(|line| lines[*line].trim_start().starts_with("- [")).collect();
    let last = listed.last().context("lists no chapter, so there is none to come after")?;
    let number = listed.len() + 1;
    let new = format!("- {}\n", link(number));
    lines.insert(last + 1, &new);
    Ok((lines.concat(), number))
}

/// A list of one name a line, in order, with one more.
pub(super) fn line(list: &str, new: &str) -> String {
    let mut lines: Vec<&str> = list.lines().collect();
    let place = lines.iter().position(|line| *line >= new).unwrap_or(lines.len());
    if lines.get(place) != Some(&new) {
        lines.insert(place, new);
    }
    lines.join("\n") + "\n"
}

/// The sources of the chapters with one section more, after the last that has a number; where this chapter has one
/// already, as they are.
pub(super) fn section(sources: &str, number: &str, section: &str) -> String {
    let mut lines: Vec<&str> = sources.split_inclusive('\n').collect();
    let numbers: Vec<Option<&str>> = lines.iter().map(|line| numbered(line)).collect();
    if numbers.contains(&Some(number)) {
        return sources.into();
    }
    let last = numbers.iter().rposition(Option::is_some);
    let follows = |at: &usize| last.is_some_and(|last| *at > last) && lines[*at].starts_with('#');
    match (0..lines.len()).find(follows) {
        Some(next) => {
            lines.insert(next, section);
            lines.concat()
        }
        None => format!("{}\n\n{}\n", sources.trim_end(), section.trim_end()),
    }
}

/// "7" of `### 7 · Locks`.
fn numbered(heading: &str) -> Option<&str> {
    let (number, _) = heading.strip_prefix("### ")?.split_once(" · ")?;
    number.bytes().all(|letter| letter.is_ascii_digit()).then_some(number)
}

/// The chapter with an exercise more: below its last one, else under the heading *Exercises*, else at the end.
pub(super) fn exercise(chapter: &str, name: &str) -> String {
    let directive = format!("{{{{#exercise {name}}}}}\n");
    let mut lines: Vec<&str> = chapter.split_inclusive('\n').collect();
    let last = |what: &str| lines.iter().rposition(|line| line.starts_with(what));
    let heading = last("## Exercises");
    let place = match (last("{{#exercise "), heading) {
        (Some(line), _) => line + 1,
        // Below the paragraph that says what to write, where there is one.
        (None, Some(line)) => {
            let ends = |line: &&str| line.starts_with("*Teaching:") || line.starts_with("## ");
            let end = lines[line + 1..].iter().position(ends).map(|length| line + 1 + length);
            let end = end.unwrap_or(lines.len());
            let blank = lines[..end].iter().rev().take_while(|line| line.trim().is_empty()).count();
            end - blank
        }
        (None, None) => lines.len(),
    };
    let heading = if heading.is_none() { "\n## Exercises\n" } else { "" };
    let new = format!("{heading}\n{directive}");
    lines.insert(place, &new);
    lines.concat()
}
