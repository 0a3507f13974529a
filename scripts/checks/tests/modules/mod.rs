//! Which modules of a package import which, read from their text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The modules that each module names. Parent and child may know each other, and are left out.
pub type Imports = BTreeMap<String, BTreeSet<String>>;

/// Of these sources, by the path of the module: `figures::scale`. The root of the package is none of them.
pub fn imports(sources: &[(PathBuf, String)], folder: &Path) -> Imports {
    let texts: BTreeMap<String, &String> = sources
        .iter()
        .map(|(path, text)| (name(path.strip_prefix(folder).unwrap()), text))
        .filter(|(name, _)| name != "lib" && name != "main")
        .collect();
    let imported = |(name, text): (&String, &&String)| {
        let named = paths(text).into_iter().filter_map(|path| {
            let mut place = absolute(name, &path)?;
            // The longest beginning that is a module; what follows is an item in it.
            while !place.is_empty() && !texts.contains_key(&place.join("::")) {
                place.pop();
            }
            Some(place.join("::"))
        });
        let named = named.filter(|other| !other.is_empty() && !related(name, other));
        (name.clone(), named.collect())
    };
    texts.iter().map(imported).collect()
}

fn name(path: &Path) -> String {
    let parts: Vec<_> =
        path.with_extension("").iter().map(|part| part.to_string_lossy().into()).collect();
    let parts: &[String] = &parts;
    match parts {
        [folder @ .., last] if last == "mod" => folder.join("::"),
        all => all.join("::"),
    }
}

fn related(one: &str, other: &str) -> bool {
    let inside = |inner: &str, outer: &str| {
        inner == outer || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"))
    };
    inside(one, other) || inside(other, one)
}

/// From the root of the package, of a path in this module.
fn absolute(module: &str, path: &[String]) -> Option<Vec<String>> {
    let mut place: Vec<String> = module.split("::").map(str::to_string).collect();
    let mut rest = path;
    if rest.first()? == "crate" {
        place.clear();
        rest = &rest[1..];
    }
    while rest.first().is_some_and(|part| part == "super") {
        place.pop()?;
        rest = &rest[1..];
    }
    place.extend(rest.iter().cloned());
    Some(place)
}

/// Every path of the text that begins with `crate` or `super`, those of a group one by one.
fn paths(text: &str) -> Vec<Vec<String>> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for begin in ["crate::", "super::"] {
        for (at, _) in code.match_indices(begin) {
            let before = code[..at].chars().next_back();
            if !before
                .is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
            {
                tree(&code[at..], &mut Vec::new(), &mut found);
            }
        }
    }
    found
}

/// Reads `a::b`, or `a::{b, c::d}`, and says how long it is.
fn tree(text: &str, before: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let depth = before.len();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        if text[at..].starts_with('{') {
            at += 1;
            while !text[at..].trim_start().starts_with('}') && at < text.len() {
                at += tree(&text[at..], before, found).max(1);
                at += text[at..]
                    .find([',', '}'])
                    .map_or(0, |n| n + usize::from(text[at + n..].starts_with(',')));
            }
            at += text[at..].find('}').map_or(0, |n| n + 1);
            break;
        }
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = text[at..].find(|letter| !is_letter(letter)).unwrap_or(text.len() - at);
        before.push(text[at..at + length].to_string());
        at += length;
        if !text[at..].starts_with("::") {
            found.push(before.clone());
            break;
        }
        at += 2;
    }
    before.truncate(depth);
    at
}

/// The groups of modules each of which leads to all others of its group.
pub fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        imports.keys().map(|from| (from, reach(imports, from))).collect();
    let mut circles = BTreeSet::new();
    for (from, all) in &reached {
        let back = all.iter().filter(|to| reached[**to].contains(from));
        let circle: Vec<String> = back.map(|name| (*name).clone()).collect();
        if circle.len() > 1 {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

fn reach<'a>(imports: &'a Imports, from: &String) -> BTreeSet<&'a String> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for next in &imports[name] {
            if found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}
