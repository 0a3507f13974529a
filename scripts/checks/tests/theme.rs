//! The scripts and the style of `theme/`, read without a browser: what they and the Rust side call each other,
//! what nothing uses any more, and what eslint and TypeScript find.

mod built;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use book::markup::{self, address, attribute, event, scripted, shell};
use built::{built_book, files};
use lab::skipped;
use regex::Regex;

/// Where eslint and TypeScript are installed, and what the scripts are handed has its types.
const TOOLS: &str = "scripts/checks/lighthouse";
/// The one place for what both sides of a page call each other.
const MARKUP: &str = "markup.rs";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/checks")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The names and the texts of the theme's files with this ending.
fn theme(ending: &str) -> Vec<(String, String)> {
    let folder = root().join("theme");
    let mut found: Vec<(String, String)> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), read(&path)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "theme/ holds no .{ending}");
    found
}

fn shell_page() -> String {
    read(&root().join("theme/index.hbs"))
}

/// The Rust that writes pages and answers them, as (path, text), without tests and the page on which their drawings
/// are looked at.
fn rust() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let packages = ["scripts/book/src", "scripts/preprocessor/src", "scripts/course/src"];
    let mut folders: Vec<PathBuf> = packages.map(|folder| root().join(folder)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs")
                && !["tests.rs", "gallery.rs", MARKUP].contains(&name.as_str())
            {
                let text = read(&path);
                let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
                found.push((path, text[..end].to_string()));
            }
        }
    }
    found
}

/// What the expression's groups match, in all these texts.
fn all(expression: &str, texts: &[(String, String)]) -> BTreeSet<String> {
    let expression = Regex::new(expression).unwrap();
    let mut found = BTreeSet::new();
    for (_, text) in texts {
        for captures in expression.captures_iter(text) {
            found.extend(captures.iter().skip(1).flatten().map(|group| group.as_str().to_string()));
        }
    }
    found
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| word.to_string()).collect()
}

fn assert_none(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

/// Every attribute that a script or the style reads, as it stands in a page. Scripts write through `dataset`, too.
fn attributes_of_the_theme() -> BTreeSet<String> {
    let scripts = theme("js");
    let mut names = all(r"dataset\.([a-zA-Z]+)", &scripts);
    names.extend(all(r"'([a-zA-Z]+)' in [a-z]+\.dataset", &scripts));
    let unpacked = all(r"\{ ([a-zA-Z, :]+) \} = [a-z]+\.dataset", &scripts);
    let unpacked = unpacked.iter().flat_map(|names| names.split(','));
    names.extend(unpacked.map(|name| name.split(':').next().unwrap_or(name).trim().to_string()));
    let hyphens = Regex::new("[A-Z]").unwrap();
    let as_written = |name: &String| {
        let name = hyphens
            .replace_all(name, |letter: &regex::Captures| format!("-{}", letter[0].to_lowercase()));
        format!("data-{name}")
    };
    let mut found: BTreeSet<String> = names.iter().map(as_written).collect();
    let selectors = r"(?:\[|attr\()(data-[a-z-]+)";
    found.extend(all(selectors, &scripts));
    found.extend(all(selectors, &theme("css")));
    found
}

#[test]
fn an_attribute_has_one_name_in_rust_in_scripts_and_in_the_style() {
    let ours = [attribute::ALL, shell::ALL, scripted::ALL].concat();
    let known: BTreeSet<String> = ours.iter().map(|(_, text)| text.to_string()).collect();
    assert_eq!(known.len(), ours.len(), "{MARKUP} names an attribute twice");
    let read = attributes_of_the_theme();
    let mut wrong: Vec<String> = read
        .difference(&known)
        .map(|name| format!("theme/ reads {name}, which {MARKUP} does not name: add it there, or use the name that is there"))
        .collect();
    wrong.extend(known.difference(&read).map(|name| {
        format!("{MARKUP} names {name}, which nothing in theme/ reads: rename it there as well, or take it out")
    }));

    let written = Regex::new(r#"\b(data-[a-z]+)=|\.data\("([a-z]+)""#).unwrap();
    let mut by_rust = BTreeSet::new();
    for (path, text) in rust() {
        let literals = written.captures_iter(&text).map(|captures| match captures.get(1) {
            Some(whole) => whole.as_str().to_string(),
            None => format!("data-{}", &captures[2]),
        });
        let constants =
            attribute::ALL.iter().filter(|(name, _)| text.contains(&format!("attribute::{name}")));
        let constants = constants.map(|(_, text)| text.to_string());
        for name in literals.chain(constants) {
            if !attribute::ALL.iter().any(|(_, text)| *text == name) {
                wrong.push(format!(
                    "{} writes {name}, which {MARKUP} does not name: add it there, or take it out of the page",
                    path.display()
                ));
            }
            by_rust.insert(name);
        }
    }
    wrong.extend(attribute::ALL.iter().filter(|(_, text)| !by_rust.contains(*text)).map(|(_, text)| {
        format!("{MARKUP} names {text}, which no renderer writes: rename it there and in theme/, or take it out")
    }));
    let page = shell_page();
    wrong.extend(shell::ALL.iter().filter(|(_, text)| !page.contains(&format!("{text}=\""))).map(
        |(_, text)| {
            format!("{MARKUP} names {text} of the shell, which theme/index.hbs does not write")
        },
    ));
    assert_none("names of attributes", &wrong);
}

/// The keys and functions of an interface in the types of what scripts are handed.
fn interface(types: &str, name: &str) -> BTreeSet<String> {
    let begin = format!("\ninterface {name} {{\n");
    let (_, rest) =
        types.split_once(&begin).unwrap_or_else(|| panic!("no interface {name} in {TOOLS}"));
    let (body, _) = rest.split_once("\n}").expect("its end");
    let key = Regex::new(r"(?m)^  ([A-Za-z_]+)\??[:(<]").unwrap();
    key.captures_iter(body).map(|captures| captures[1].to_string()).collect()
}

#[test]
fn a_key_has_one_name_in_rust_and_in_scripts() {
    let types = read(&root().join(TOOLS).join("theme.d.ts"));
    let scripts = theme("js");
    let rust = rust();
    let mut wrong = Vec::new();
    for (name, keys) in [
        ("Message", markup::MESSAGE),
        ("Complaint", markup::COMPLAINT),
        ("Refused", markup::REFUSED),
        ("Score", markup::SCORE),
        ("Next", markup::NEXT),
        ("Index", markup::INDEX),
        ("Machine", markup::MACHINE),
        ("Trace", markup::TRACE),
        ("Span", markup::SPAN),
        ("Args", markup::ARGS),
    ] {
        let typed = interface(&types, name);
        let keys = set(keys);
        wrong.extend(typed.symmetric_difference(&keys).map(|key| {
            format!("`{key}` of {name} stands in one of {MARKUP} and {TOOLS}/theme.d.ts: both name what scripts read")
        }));
    }
    let keys = [
        markup::ASKED,
        markup::MESSAGE,
        markup::COMPLAINT,
        markup::REFUSED,
        markup::SCORE,
        markup::NEXT,
        markup::INDEX,
        markup::MACHINE,
        markup::TRACE,
        markup::SPAN,
        markup::ARGS,
    ];
    for key in set(&keys.concat()) {
        let word = Regex::new(&format!(r"\b{key}\b")).unwrap();
        if !scripts.iter().any(|(_, text)| word.is_match(text)) {
            wrong.push(format!("{MARKUP} names the key `{key}`, which no script reads or sends: take it out, or rename it"));
        }
        // A literal, or a field that serde reads.
        let rust_word = Regex::new(&format!(r#""{key}"|\bpub {key}:"#)).unwrap();
        if !rust.iter().any(|(_, text)| rust_word.is_match(text)) {
            wrong.push(format!("{MARKUP} names the key `{key}`, which nothing in Rust writes or takes: rename it there and in theme/"));
        }
    }
    let read = all(r"\bmessage\.([a-z_]+)", &scripts);
    wrong.extend(read.difference(&set(markup::MESSAGE)).map(|key| {
        format!("theme/ reads `message.{key}`, which {MARKUP} does not name: add it there, or use the name that is there")
    }));
    assert_none("keys of messages and files", &wrong);
}

#[test]
fn addresses_and_events_have_one_name() {
    let scripts = theme("js");
    let rust = rust();
    let mut wrong = Vec::new();
    let mut asked = all(r"\bask\('([a-z]+)'", &scripts);
    asked.extend(all(r"\$\{SERVER\}([a-z]+)", &scripts));
    // The page's shell has its own: whether the book was built again.
    let shell = [("index.hbs".to_string(), shell_page())];
    asked.extend(all(r#"live_reload_endpoint "/__course/([a-z]+)""#, &shell));
    let known: BTreeSet<String> = address::ALL.iter().map(|(_, text)| text.to_string()).collect();
    wrong.extend(asked.symmetric_difference(&known).map(|name| {
        format!("`{name}` stands in one of {MARKUP} and theme/: both name what `course serve` is asked for")
    }));
    for name in &known {
        let literal = format!("\"{}{name}\"", address::SERVER);
        if !rust.iter().any(|(_, text)| text.contains(&literal)) {
            wrong.push(format!("{MARKUP} names {literal}, which is no route of the server: rename it there and in theme/"));
        }
    }
    let begins: Vec<&String> = scripts
        .iter()
        .filter(|(_, text)| text.contains(address::SERVER))
        .map(|(name, _)| name)
        .collect();
    if begins != ["course.js"] {
        wrong.push(format!(
            "{} stands in {begins:?}: course.js says it to the others as `SERVER`",
            address::SERVER
        ));
    }
    if !shell_page().contains(&format!(
        "live_reload_endpoint \"{}{}\"",
        address::SERVER,
        address::BUILD
    )) {
        wrong.push("theme/index.hbs does not tell pages of `course serve` from others".into());
    }

    let told = all(r"new (?:Custom)?Event\('([a-z]+)'", &scripts);
    let heard = all(r"addEventListener\('([a-z]+)'", &scripts);
    for (_, name) in event::ALL {
        if !told.contains(*name) || !heard.contains(*name) {
            wrong.push(format!(
                "{MARKUP} names the event `{name}`, which scripts tell each other no more"
            ));
        }
    }
    let ours: BTreeSet<String> = event::ALL.iter().map(|(_, text)| text.to_string()).collect();
    // The browser's own: a script says that a reader chose.
    wrong.extend(told.difference(&ours).filter(|name| *name != "change").map(|name| {
        format!("theme/ tells of the event `{name}`, which {MARKUP} does not name: add it there")
    }));
    assert_none("addresses and events", &wrong);
}

/// eslint finds a name that its own file does not use; this, one that is there for others.
#[test]
fn what_a_script_offers_to_others_is_used_by_one() {
    let types = read(&root().join(TOOLS).join("theme.d.ts"));
    let scripts = theme("js");
    for (object, interface_name) in [("course", "Course"), ("course.steps", "Steps")] {
        let object = object.replace('.', r"\.");
        let lists = all(&format!(r"const \{{([^}}]*)\}} = window\.{object};"), &scripts);
        let names = lists.iter().flat_map(|list| list.split(','));
        let mut used: BTreeSet<String> =
            names.map(|name| name.split(':').next().unwrap_or(name).trim().to_string()).collect();
        used.extend(all(&format!(r"window\.{object}\.([a-z]+)(?:\(|\?\.|;)"), &scripts));
        let offered = interface(&types, interface_name);
        let dead: Vec<String> = offered.difference(&used).cloned().collect();
        assert_none(
            "theme.d.ts describes what no script uses; take it out there and where it is made",
            &dead,
        );
    }
}

/// Every script that `book.toml` names is there, every script that is there is named, and each is fetched by the
/// shell or for the elements that it names itself.
#[test]
fn a_script_is_named_once_and_fetched_once() {
    let book: String = read(&root().join("book.toml"));
    let named = all(r#""theme/([a-z]+\.js)""#, &[(String::new(), book)]);
    let page = shell_page();
    let by_the_shell =
        all(r#"src="\{\{ resource "theme/([a-z]+\.js)""#, &[(String::new(), page.clone())]);
    let scripts = theme("js");
    let there: BTreeSet<String> = scripts.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(
        named, there,
        "book.toml (left) names the scripts that theme/ holds (right), and no others"
    );
    for (name, text) in &scripts {
        let waits = text.contains("\n// Fetched for: ");
        assert!(
            waits != by_the_shell.contains(name),
            "theme/{name} is fetched by theme/index.hbs, or says `// Fetched for: SELECTOR` in a line of its own; one of both"
        );
        // Another script's name in a script is a second list to keep.
        let others =
            there.iter().filter(|other| *other != name && text.contains(&format!("theme/{other}")));
        assert_eq!(others.count(), 0, "theme/{name} names another script");
    }
    let first = page.find("theme/course.js").expect("the shell fetches it");
    let begin = page.find("<script").expect("the shell has scripts");
    assert_eq!(page[begin..].find("theme/course.js").map(|at| at + begin), Some(first));
    assert!(
        page[begin..first].matches("<script").count() == 1,
        "course.js comes first: the others build on it"
    );
}

/// What the style says of a class that no page, no script and no drawing has is dead.
#[test]
fn the_style_names_no_class_that_nothing_has() {
    let comment = Regex::new(r"(?s)/\*.*?\*/").unwrap();
    let rules = Regex::new(r"(?s)([^{}]+)\{").unwrap();
    let class = Regex::new(r"\.([a-zA-Z][\w-]*)").unwrap();
    let mut named = BTreeSet::new();
    for (_, text) in theme("css") {
        let text = comment.replace_all(&text, "");
        for selector in rules.captures_iter(&text) {
            if !selector[1].trim_start().starts_with('@') {
                named.extend(class.captures_iter(&selector[1]).map(|found| found[1].to_string()));
            }
        }
    }
    assert!(named.len() > 100, "{named:?}");
    // Most classes stand in a page, or in what a page shows of another machine; some in what a renderer writes where
    // a record is stale or missing; a diagram is drawn with the class of a kind; the others come with a script.
    let mut there = BTreeSet::new();
    let attribute = Regex::new(r#"class=\\?"([^"\\]*)"#).unwrap();
    // As `html!` writes them: `p.note.stale {`, `.card data-m=(number) {`, `data.measured.stale[stale]`.
    let element =
        Regex::new(r"(?m)(?:^\s*|[{};] )[a-z0-9]*((?:\.[a-z][a-z-]*)+)(?:\[| |$)").unwrap();
    let book = built_book();
    let pages =
        files(&book).into_iter().filter(|name| name.ends_with(".html") || name.ends_with(".json"));
    let pages = pages.map(|name| read(&book.join(name)));
    let rust: Vec<String> = rust().into_iter().map(|(_, text)| text).collect();
    for text in &rust {
        for found in element.captures_iter(text) {
            there.extend(found[1].split('.').map(str::to_string));
        }
    }
    for text in pages.chain(rust) {
        for found in attribute.captures_iter(&text) {
            there.extend(found[1].split_whitespace().map(str::to_string));
        }
    }
    let scripts: Vec<String> = theme("js").into_iter().map(|(_, text)| text).collect();
    let dead: Vec<String> = named
        .into_iter()
        .filter(|name| !there.contains(name) && !there.contains(&format!("k-{name}")))
        .filter(|name| {
            let word = Regex::new(&format!(r"(?:^|[^\w-]){name}(?:$|[^\w-])")).unwrap();
            !scripts.iter().any(|text| word.is_match(text))
        })
        .collect();
    assert_none("theme/course.css has rules for classes that nothing has; take them out", &dead);
}

/// What these tools say, or why they cannot be asked.
fn asked(script: &str) -> Result<(bool, String), String> {
    let folder = root().join(TOOLS);
    if !folder.join("node_modules/eslint").exists()
        || !folder.join("node_modules/typescript").exists()
    {
        return Err(format!("eslint and TypeScript are not installed: `npm install` in {TOOLS}"));
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm).args(["run", "--silent", script]).current_dir(&folder).output();
    let output = output.map_err(|why| format!("npm could not be started: {why}"))?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

#[test]
fn eslint_finds_nothing_in_the_scripts() {
    match asked("lint") {
        Ok((clean, said)) => assert!(clean, "{said}"),
        Err(why) => skipped("eslint_finds_nothing_in_the_scripts", &why),
    }
}

#[test]
fn what_the_scripts_do_with_each_other_and_with_messages_has_the_types_that_they_are_given() {
    let test =
        "what_the_scripts_do_with_each_other_and_with_messages_has_the_types_that_they_are_given";
    match asked("types") {
        Ok((clean, said)) => assert!(clean, "{said}"),
        Err(why) => skipped(test, &why),
    }
}
