//! What an example is made of, and the two keys that say whether it changed.
//!
//! The *timing key* hashes code without comments, docs, tests and formatting, the locked versions of the
//! crates it names, the release profile and the data it includes. The *output key* hashes bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use syn::visit_mut::{self, VisitMut};

use crate::project::{Project, Settings};
use crate::python;

/// The two keys of one example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Of what timings depend on, in hexadecimal digits.
    pub timing: String,
    /// Of what a demo's output depends on, in hexadecimal digits.
    pub output: String,
}

/// The files of one example: its own, the listings it uses, and what they include.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Rust files, parsed; by path relative to the project.
    code: BTreeMap<PathBuf, syn::File>,
    /// Every file's bytes, with line ends as on Unix.
    bytes: BTreeMap<PathBuf, Vec<u8>>,
    /// First segments of paths: the crates the code names are among them.
    names: BTreeSet<String>,
    /// The folder of the listings.
    listings: PathBuf,
}

impl Sources {
    /// Reads an example and, file by file, what it leads to.
    ///
    /// # Errors
    /// A file that is missing, not UTF-8 or not Rust; the message names it.
    pub fn of_example(project: &Project, example: &str) -> Result<Sources> {
        let Project { root, settings, .. } = project;
        let listings = PathBuf::from(&settings.listings);
        let mut sources = Sources { listings, ..Sources::default() };
        if python::is_program(example) {
            sources.add_program(root, PathBuf::from(python::file_of(settings, example)))?;
        } else {
            let file = Path::new(&settings.examples).join(format!("{example}.rs"));
            sources.add_code(project, file)?;
        }
        Ok(sources)
    }

    /// A Python program, and the modules beside it that it imports.
    fn add_program(&mut self, root: &Path, path: PathBuf) -> Result<()> {
        if self.bytes.contains_key(&path) {
            return Ok(());
        }
        let text = self.add_bytes(root, &path)?;
        let text =
            String::from_utf8(text).with_context(|| format!("{}: not UTF-8", path.display()))?;
        for name in python::imports(&text) {
            let beside = path.with_file_name(format!("{name}.py"));
            if root.join(&beside).is_file() {
                self.add_program(root, beside)?;
            }
        }
        Ok(())
    }

    /// The listing that the example runs: the file of its own name, else the first it uses.
    pub fn listing(&self, example: &str) -> Option<&Path> {
        let listings = || {
            self.code
                .keys()
                .filter(|path| path.starts_with(&self.listings) && !path.ends_with("mod.rs"))
        };
        listings()
            .find(|path| path.file_stem().is_some_and(|stem| stem == example))
            .or_else(|| listings().next())
            .map(PathBuf::as_path)
    }

    /// Every file, relative to the project.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.bytes.keys().map(PathBuf::as_path)
    }

    fn add_code(&mut self, project: &Project, path: PathBuf) -> Result<()> {
        let Project { root, settings, .. } = project;
        if self.bytes.contains_key(&path) {
            return Ok(());
        }
        let text = self.add_bytes(root, &path)?;
        let text =
            String::from_utf8(text).with_context(|| format!("{}: not UTF-8", path.display()))?;
        let mut file = syn::parse_file(without_tests(&text)).with_context(|| {
            format!("{}: this is not Rust that parses; `cargo check` says more", path.display())
        })?;
        Stripper.visit_file_mut(&mut file);
        let mut seen = Mentions::default();
        seen.visit_file_mut(&mut file);
        self.code.insert(path.clone(), file);
        for segments in seen.paths {
            self.names.insert(segments[0].clone());
            if (segments[0] == "crate" || segments[0] == settings.crate_name())
                && let Some(file) = module_file(root, settings, &segments[1..])
            {
                self.add_code(project, file)?;
            }
        }
        for text in seen.literals {
            self.add_data(root, &path, &text)?;
        }
        Ok(())
    }

    /// A literal that names a file beside the code (`include_str!`) or in the project (a script).
    fn add_data(&mut self, root: &Path, beside: &Path, text: &str) -> Result<()> {
        let looks_like_a_file = text.len() < 200
            && text.rsplit('/').next().is_some_and(|last| last.contains('.'))
            && !text.contains(char::is_whitespace);
        if !looks_like_a_file {
            return Ok(());
        }
        let folder = beside.parent().unwrap_or(Path::new(""));
        for path in [normal(&folder.join(text)), normal(Path::new(text))].into_iter().flatten() {
            if !self.bytes.contains_key(&path) && root.join(&path).is_file() {
                self.add_bytes(root, &path)?;
                return Ok(());
            }
        }
        Ok(())
    }

    fn add_bytes(&mut self, root: &Path, path: &Path) -> Result<Vec<u8>> {
        let bytes = fs::read(root.join(path)).with_context(|| path.display().to_string())?;
        let mut unix = bytes;
        unix.retain(|byte| *byte != b'\r');
        self.bytes.insert(path.to_path_buf(), unix.clone());
        Ok(unix)
    }

    /// Both keys. `manifest` is the text of the root Cargo.toml.
    pub fn keys(&self, locked: &Locked, manifest: &str) -> Keys {
        let mut timing = Sha256::new();
        let mut output = Sha256::new();
        for (path, bytes) in &self.bytes {
            let name = path.display().to_string().replace('\\', "/");
            let normal = self.code.get(path).map(|file| prettyplease::unparse(file).into_bytes());
            for (hash, content) in
                [(&mut output, bytes), (&mut timing, normal.as_ref().unwrap_or(bytes))]
            {
                hash.update(name.as_bytes());
                hash.update((content.len() as u64).to_le_bytes());
                hash.update(content);
            }
        }
        for (name, version) in &locked.0 {
            if self.names.contains(&name.replace('-', "_")) {
                timing.update(format!("{name} {version}\n"));
            }
        }
        timing.update(release_profile(manifest));
        Keys { timing: short_hex(timing), output: short_hex(output) }
    }
}

/// 128 bits are enough to tell versions of a listing apart.
pub fn short_hex(hash: Sha256) -> String {
    hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a text, shortened as keys are.
pub fn hash_of(text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(text.replace('\r', ""));
    short_hex(hash)
}

/// Name and version of each package in Cargo.lock that came from elsewhere, in its order. The workspace's own have no
/// source there: their code is in the key itself, and a release of theirs makes nothing stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked(Vec<(String, String)>);

impl Locked {
    /// # Errors
    /// For a text that is no lock file.
    pub fn parse(lock: &str) -> Result<Locked> {
        #[derive(Deserialize)]
        struct LockFile {
            #[serde(default)]
            package: Vec<Package>,
        }
        #[derive(Deserialize)]
        struct Package {
            name: String,
            version: String,
            source: Option<String>,
        }
        let lock: LockFile = toml::from_str(lock).context("Cargo.lock")?;
        let elsewhere = lock.package.into_iter().filter(|package| package.source.is_some());
        Ok(Locked(elsewhere.map(|package| (package.name, package.version)).collect()))
    }
}

/// The release profile as Cargo.toml sets it.
fn release_profile(manifest: &str) -> String {
    let parsed: Option<toml::Table> = toml::from_str(manifest).ok();
    let release = parsed.as_ref().and_then(|toml| toml.get("profile")?.get("release"));
    release.map(ToString::to_string).unwrap_or_default()
}

/// The file of `listings::threads::word_count::…`: the longest prefix that is a file.
fn module_file(root: &Path, settings: &Settings, segments: &[String]) -> Option<PathBuf> {
    (1..=segments.len()).rev().find_map(|length| {
        let path: PathBuf =
            Path::new(&settings.listings).join(segments[..length].iter().collect::<PathBuf>());
        [path.with_extension("rs"), path.join("mod.rs")]
            .into_iter()
            .find(|file| root.join(file).is_file())
            // A folder's mod.rs only names its files, unless the path ends there.
            .filter(|file| {
                !file.ends_with("mod.rs") || length == segments.len() || is_code(root, file)
            })
    })
}

/// Whether a mod.rs holds more than `mod` lines.
fn is_code(root: &Path, file: &Path) -> bool {
    let text = fs::read_to_string(root.join(file)).unwrap_or_default();
    syn::parse_file(&text).is_ok_and(|file| {
        file.items.iter().any(|item| !matches!(item, syn::Item::Mod(m) if m.content.is_none()))
    })
}

/// The path without `.` and `..`; `None` if it leads out of the project.
fn normal(path: &Path) -> Option<PathBuf> {
    use std::path::Component;
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !clean.pop() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(clean)
}

/// The text without the tests at its end, which are no part of any key and often half of it.
fn without_tests(text: &str) -> &str {
    let Some(start) = text.find("\n#[cfg(test)]\nmod tests {\n") else { return text };
    let tests = &text[start..];
    match tests.find("\n}\n") {
        Some(end) if tests[end + 3..].trim().is_empty() => &text[..=start],
        _ => text,
    }
}

/// Removes docs and tests. Comments and formatting never reach the parsed form.
struct Stripper;

impl VisitMut for Stripper {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    }

    fn visit_file_mut(&mut self, file: &mut syn::File) {
        file.attrs.retain(|attribute| !attribute.path().is_ident("doc"));
        file.items.retain(|item| !is_test(item));
        visit_mut::visit_file_mut(self, file);
    }

    fn visit_item_mod_mut(&mut self, module: &mut syn::ItemMod) {
        if let Some((_, items)) = &mut module.content {
            items.retain(|item| !is_test(item));
        }
        visit_mut::visit_item_mod_mut(self, module);
    }
}

fn is_test(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let is_cfg_test = || {
            attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|name| name == "test")
        };
        attribute.path().is_ident("test") || is_cfg_test()
    })
}

/// Paths and string literals, wherever they stand: in code, in `use`, in macros.
#[derive(Default)]
struct Mentions {
    paths: BTreeSet<Vec<String>>,
    literals: BTreeSet<String>,
}

impl VisitMut for Mentions {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_item_use_mut(&mut self, item: &mut syn::ItemUse) {
        self.use_tree(&item.tree, &mut Vec::new());
    }

    fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
        self.literals.insert(literal.value());
    }

    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        self.tokens(call.tokens.clone());
        visit_mut::visit_macro_mut(self, call);
    }
}

impl Mentions {
    fn use_tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.use_tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, before);
                }
            }
            syn::UseTree::Name(syn::UseName { ident })
            | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                let mut path = before.clone();
                if ident != "self" {
                    path.push(ident.to_string());
                }
                self.paths.insert(path);
            }
            syn::UseTree::Glob(_) => {
                self.paths.insert(before.clone());
            }
        }
    }

    /// Inside a macro there is no syntax tree: every name and every string counts.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    self.paths.insert(vec![name.to_string()]);
                }
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.literals.insert(text.value());
                    }
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new() -> Tree {
            let tree = Tree(tempfile::tempdir().unwrap());
            tree.write("book.toml", "");
            tree.write(
                "examples/sum.rs",
                "use listings::ideas::sum as listing;\nfn main() { listing::main() }\n",
            );
            tree.write("listings/ideas/mod.rs", "pub mod sum;\n");
            tree.write("listings/ideas/sum.rs", LISTING);
            tree.write("listings/ideas/words.txt", "one two\n");
            tree
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn project(&self) -> Project {
            Project::at(self.0.path()).unwrap()
        }

        fn keys(&self) -> Keys {
            self.keys_with(LOCK, "")
        }

        fn keys_with(&self, lock: &str, manifest: &str) -> Keys {
            let locked = Locked::parse(lock).unwrap();
            Sources::of_example(&self.project(), "sum").unwrap().keys(&locked, manifest)
        }
    }

    const LISTING: &str = "use rayon::join;\nconst WORDS: &str = include_str!(\"words.txt\");\n\
        pub fn main() { join(|| print!(\"{WORDS}\"), || ()); }\n";
    const LOCK: &str = "[[package]]\nname = \"rayon\"\nversion = \"1.0.0\"\nsource = \"a registry\"\n\n\
        [[package]]\nname = \"serde\"\nversion = \"2.0.0\"\nsource = \"a registry\"\n\n\
        [[package]]\nname = \"listings\"\nversion = \"0.1.0\"\n";

    #[test]
    fn comments_docs_tests_and_formatting_leave_the_timing_key_alone() {
        let tree = Tree::new();
        let before = tree.keys();
        let changed = format!(
            "//! Sums.\n// ANCHOR: x\n{}\n#[cfg(test)]\nmod tests {{ #[test] fn t() {{}} }}\n",
            LISTING.replace("pub fn", "/// Shows it.\npub   fn")
        );
        tree.write("listings/ideas/sum.rs", &changed);
        let after = tree.keys();
        assert_eq!(before.timing, after.timing);
        assert_ne!(before.output, after.output);
    }

    #[test]
    fn tests_are_cut_off_only_where_they_are_the_end() {
        let code = "fn a() {}\n";
        let tests = "\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n";
        assert_eq!(without_tests(&format!("{code}{tests}")), format!("{code}\n"));
        let more = format!("{code}{tests}fn b() {{}}\n");
        assert_eq!(without_tests(&more), more);
        assert_eq!(without_tests(code), code);
    }

    #[test]
    fn code_included_data_crate_versions_and_profile_change_the_timing_key() {
        let tree = Tree::new();
        let before = tree.keys();
        tree.write("listings/ideas/words.txt", "one two three\n");
        assert_ne!(before, tree.keys());
        tree.write("listings/ideas/words.txt", "one two\n");
        assert_eq!(before, tree.keys());
        tree.write("listings/ideas/sum.rs", &LISTING.replace("|| ()", "|| print!(\"!\")"));
        assert_ne!(before.timing, tree.keys().timing);
        tree.write("listings/ideas/sum.rs", LISTING);
        let newer = LOCK.replace("1.0.0", "1.0.1");
        assert_ne!(before.timing, tree.keys_with(&newer, "").timing);
        assert_eq!(before.output, tree.keys_with(&newer, "").output);
        let unrelated = LOCK.replace("2.0.0", "2.0.1");
        assert_eq!(before, tree.keys_with(&unrelated, ""));
        let release_of_ours = LOCK.replace("0.1.0", "0.2.0");
        assert_eq!(before, tree.keys_with(&release_of_ours, ""));
        let tuned = "[profile.release]\nlto = true\n";
        assert_ne!(before.timing, tree.keys_with(LOCK, tuned).timing);
    }

    #[test]
    fn a_python_program_is_its_file_and_the_modules_beside_it() {
        let tree = Tree::new();
        tree.write("listings/ideas/first.py", "import json\nimport words\nprint(words.all())\n");
        tree.write("listings/ideas/words.py", "def all():\n    return 1\n");
        let sources = || Sources::of_example(&tree.project(), "ideas.first.py").unwrap();
        let files: Vec<_> = sources().files().map(Path::to_path_buf).collect();
        assert_eq!(
            files,
            ["listings/ideas/first.py", "listings/ideas/words.py"].map(PathBuf::from)
        );
        let before = sources().keys(&Locked::parse("").unwrap(), "");
        tree.write("listings/ideas/words.py", "def all():\n    return 2\n");
        assert_ne!(before.output, sources().keys(&Locked::parse("").unwrap(), "").output);
    }

    #[test]
    fn line_ends_of_windows_change_nothing() {
        let tree = Tree::new();
        let before = tree.keys();
        tree.write("listings/ideas/sum.rs", &LISTING.replace('\n', "\r\n"));
        assert_eq!(before, tree.keys());
    }

    #[test]
    fn the_listing_of_an_example_is_the_file_of_its_name() {
        let tree = Tree::new();
        let sources = Sources::of_example(&tree.project(), "sum").unwrap();
        assert_eq!(sources.listing("sum"), Some(Path::new("listings/ideas/sum.rs")));
        assert!(sources.bytes.contains_key(Path::new("listings/ideas/words.txt")));
    }

    #[test]
    fn a_book_of_another_layout_has_the_same_files_in_its_own_folders() {
        let tree = Tree::new();
        tree.write(
            "book.toml",
            "[preprocessor.course]\nlistings = \"rust/src\"\npackage = \"small-book\"\n\
             examples = \"rust/examples\"\n",
        );
        tree.write("rust/examples/sum.rs", "use small_book::sum;\nfn main() { sum::main() }\n");
        tree.write("rust/src/sum.rs", "use crate::words;\npub fn main() { words::all() }\n");
        tree.write("rust/src/words.rs", "pub fn all() {}\n");
        let sources = Sources::of_example(&tree.project(), "sum").unwrap();
        let files: Vec<_> = sources.files().collect();
        let expected = ["rust/examples/sum.rs", "rust/src/sum.rs", "rust/src/words.rs"];
        assert_eq!(files, expected.map(Path::new));
        assert_eq!(sources.listing("sum"), Some(Path::new("rust/src/sum.rs")));
    }
}
