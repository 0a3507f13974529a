use std::fs;
use std::path::Path;

use book::context::Context as Known;
use book::records::Records;
use book::source::Sources;
use clap::Parser;

use super::*;
use crate::command_line::{Command, CommandLine};
use book::{chapter, exercise, interleavings};

const CARGO: &str = "\
[package]
name = \"listings\"

[[example]]
name = \"alike\"

# The threads of one pool.
[[example]]
name = \"told\"
test = true

# Lints for all.
[lints]
workspace = true
";

const SOURCES_OF_POOLS: &str = "\
# Further reading

### How this book measures

- Somewhere.

### 1 · Pools

- Elsewhere.

## Worth an evening
";

/// A project with one chapter, `pools`, of the standard library and of a package.
struct Small {
    folder: tempfile::TempDir,
}

impl Small {
    fn new() -> Small {
        let small = Small { folder: tempfile::tempdir().unwrap() };
        small.write("book.toml", "[preprocessor.course]\nmachine = \"tiny\"\n");
        small.write("Cargo.toml", CARGO);
        small.write("Cargo.lock", "");
        small.write(
            "src/SUMMARY.md",
            "# Summary\n\n[Welcome](welcome.md)\n\n- [Pools](ch01-pools.md)\n\n---\n\n[Claims](claims.md)\n",
        );
        small.write(
            "src/ch01-pools.md",
            "# Pools\n\n{{#listing pools/told.rs \"Told\"}}\n\n## Exercises\n\n{{#exercise share}}\n\n\
             *Teaching: 60 minutes.*\n",
        );
        small.write("src/claims.md", "# Claims\n");
        small.write("src/further-reading.md", SOURCES_OF_POOLS);
        small.write("scripts/checks/published.txt", "ch01-pools.html\nclaims.html\n");
        small.write("listings/lib.rs", "//! All.\n\npub mod pools;\n");
        small.write(
            "listings/pools/mod.rs",
            "//! Chapter 1, *Pools*.\n\npub mod exercises;\npub mod told;\n",
        );
        small.write("listings/pools/told.rs", "pub fn main() {}\n");
        small.write("listings/pools/exercises/mod.rs", "//! The exercises.\n\npub mod share;\n");
        small.write("listings/pools/exercises/share.rs", &EXERCISE.replace("@words@", "Share"));
        small.write("examples/told.rs", "fn main() {}\n");
        small.write("listings/tasks/later.rs", "pub fn main() {}\n");
        small.write(
            "listings/packages/tokio/Cargo.toml",
            "[[example]]\nname = \"later\"\npath = \"../../../examples/later.rs\"\n",
        );
        small.write(
            "listings/packages/tokio/lib.rs",
            "//! What needs tokio.\n\n#[path = \"../../tasks\"]\npub mod tasks {\n    pub mod later;\n}\n",
        );
        small
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
    }

    fn project(&self) -> Project {
        Project::at(self.root()).unwrap()
    }

    /// `cargo course new` with these words.
    fn run(&self, words: &[&str]) -> Result<()> {
        let words = ["course", "new"].iter().chain(words);
        let Command::New(options) = CommandLine::try_parse_from(words).unwrap().command else {
            panic!("another command");
        };
        new(&self.project(), &options)
    }

    #[track_caller]
    fn make(&self, words: &[&str]) {
        self.run(words).unwrap_or_else(|why| panic!("{words:?}: {why:#}"));
    }

    /// It says all of this, and nothing has changed.
    #[track_caller]
    fn refuses(&self, words: &[&str], said: &[&str]) {
        let before = self.everything();
        let why = format!("{:#}", self.run(words).expect_err("it is refused"));
        for part in said {
            assert!(why.contains(part), "`{part}` is not in: {why}");
        }
        assert_eq!(self.everything(), before, "{words:?}");
    }

    /// Every file with its text.
    fn everything(&self) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.root().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for name in files_of(&folder) {
                match folder.join(name) {
                    path if path.is_dir() => folders.push(path),
                    path => found.push((path.clone(), fs::read_to_string(path).unwrap())),
                }
            }
        }
        found.sort();
        found
    }
}

const NEW_CHAPTER: [&str; 4] = ["chapter", "who_waits", "--title", "Who waits for whom"];

#[test]
fn a_new_chapter_is_in_the_contents_the_crate_and_the_list_of_addresses() {
    let small = Small::new();
    small.make(&NEW_CHAPTER);
    let summary = small.read("src/SUMMARY.md");
    let line = "- [Pools](ch01-pools.md)\n- [Who waits for whom](ch02-who-waits.md)\n\n---\n";
    assert!(summary.contains(line), "{summary}");
    let published = small.read("scripts/checks/published.txt");
    assert_eq!(published, "ch01-pools.html\nch02-who-waits.html\nclaims.html\n");
    let sources = small.read("src/further-reading.md");
    let section = "- Elsewhere.\n\n### 2 · Who waits for whom\n\n- Say here where";
    assert!(sources.contains(section), "{sources}");
    assert!(sources.ends_with("a link to each.\n\n## Worth an evening\n"), "{sources}");
    assert_eq!(small.read("listings/lib.rs"), "//! All.\n\npub mod pools;\npub mod who_waits;\n");
    let modules = small.read("listings/who_waits/mod.rs");
    assert_eq!(modules, "//! Chapter 2, *Who waits for whom*.\n\npub mod first_who_waits;\n");
    let manifest = small.read("Cargo.toml");
    let place = "name = \"alike\"\n\n[[example]]\nname = \"first_who_waits\"\n\n# The threads of one pool.\n";
    assert!(manifest.contains(place), "{manifest}");
}

#[test]
fn every_directive_of_a_new_chapter_means_something() {
    let small = Small::new();
    small.make(&NEW_CHAPTER);
    small.make(&["exercise", "who_waits/wait_for_me"]);
    let text = small.read("src/ch02-who-waits.md");
    assert!(text.starts_with("# Who waits for whom\n\n*"), "{text}");
    let exercises = text
        .split_once("## Exercises\n")
        .unwrap()
        .1
        .split_once("*Teaching: 60 minutes.*")
        .unwrap()
        .0;
    assert!(exercises.ends_with(".\n\n{{#exercise wait_for_me}}\n\n"), "{exercises}");
    let (project, records) = (small.project(), Records::read(&small.root().join("none")).unwrap());
    let context = Known::new(&project, &records).unwrap();
    let source =
        book::diagnostic::Source { file: "src/ch02-who-waits.md".into(), text: text.into() };
    let parts = chapter::parse(&source, &context).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(parts.len(), 3, "needs, a listing and an exercise");
}

#[test]
fn a_new_exercise_reads_and_knows_its_three_wrong_answers() {
    let small = Small::new();
    small.make(&["exercise", "pools/borrow_one"]);
    let path = small.root().join("listings/pools/exercises/borrow_one.rs");
    let read = exercise::read(&small.project(), "borrow_one", &path).unwrap();
    assert_eq!(read.title, "Borrow one");
    assert!(read.hint.is_some());
    let caught: Vec<&str> = read.wrong.iter().map(|answer| answer.caught_by.as_str()).collect();
    assert_eq!(caught, ["the_order_stays", "each_is_doubled", "nothing_gives_nothing"]);
    let modules = small.read("listings/pools/exercises/mod.rs");
    assert_eq!(modules, "//! The exercises.\n\npub mod borrow_one;\npub mod share;\n");
    let chapter = small.read("src/ch01-pools.md");
    assert!(
        chapter.contains("{{#exercise share}}\n\n{{#exercise borrow_one}}\n\n*Teaching"),
        "{chapter}"
    );
}

/// The guide for authors writes a chapter of its own between fences: it is no page of that chapter.
#[test]
fn a_page_that_only_explains_directives_holds_no_exercise() {
    let small = Small::new();
    let shown = "{{#listing who_waits/a.rs \"A\"}}\n\n{{#listing who_waits/b.rs \"B\"}}\n";
    let guide = format!("# Writing\n\n```markdown\n{shown}\n{{{{#exercise own}}}}\n```\n");
    small.write("src/writing.md", &guide);
    small.make(&NEW_CHAPTER);
    small.make(&["exercise", "who_waits/wait_for_me"]);
    assert_eq!(small.read("src/writing.md"), guide);
    assert!(small.read("src/ch02-who-waits.md").contains("{{#exercise wait_for_me}}"));
}

#[test]
fn a_new_explorer_can_be_walked_and_its_chapter_shows_it() {
    let small = Small::new();
    small.make(&["explorer", "pools/told"]);
    let text = small.read("listings/pools/told.steps");
    let program = interleavings::parse(&text).unwrap_or_else(|wrong| panic!("{}", wrong.title));
    let endings: Vec<String> = program.endings().by_value.keys().map(ToString::to_string).collect();
    assert_eq!(endings, ["1", "2"], "one that is meant, and one to be found");
    let checked = small.read("listings/pools/told.endings.json");
    let said = interleavings::held_against(&checked).unwrap();
    assert!(said.starts_with("No checker can be held beside these steps. Say here"), "{said}");
    assert!(said.ends_with('.'), "a sentence: {said}");
    let (project, records) = (small.project(), Records::read(&small.root().join("none")).unwrap());
    let context = Known::new(&project, &records).unwrap();
    let text = "# Pools\n\n{{#interleavings pools/told.steps \"Who adds last?\"}}\n";
    let source = book::diagnostic::Source { file: "src/ch01-pools.md".into(), text: text.into() };
    let parts = chapter::parse(&source, &context).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(parts.len(), 1);
}

#[test]
fn what_a_checker_found_stays_beside_new_steps() {
    let small = Small::new();
    let found = "{ \"checker\": \"shuttle\", \"endings\": { \"2\": 1 } }\n";
    small.write("listings/pools/told.endings.json", found);
    small.make(&["explorer", "pools/told"]);
    assert_eq!(small.read("listings/pools/told.endings.json"), found);
    small.refuses(&["explorer", "pools/told"], &["listings/pools/told.steps is there already"]);
}

#[test]
fn a_listing_is_registered_by_the_package_that_has_what_its_folder_needs() {
    let small = Small::new();
    small.make(&["listing", "tasks/after_that"]);
    let library = small.read("listings/packages/tokio/lib.rs");
    assert!(library.contains("{\n    pub mod after_that;\n    pub mod later;\n}\n"), "{library}");
    let manifest = small.read("listings/packages/tokio/Cargo.toml");
    let begin = "[[example]]\nname = \"after_that\"\npath = \"../../../examples/after_that.rs\"\n\n[[example]]\n";
    assert!(manifest.starts_with(begin), "{manifest}");
    assert_eq!(small.read("Cargo.toml"), CARGO);
    // A folder that the package does not have yet.
    small.make(&["experiment", "pools/with_tasks", "--package", "tokio"]);
    let library = small.read("listings/packages/tokio/lib.rs");
    let block = "\n#[path = \"../../pools\"]\npub mod pools {\n    //! Chapter 1, *Pools*.\n\n    pub mod with_tasks;\n}\n";
    assert!(library.ends_with(block), "{library}");
    let manifest = small.read("listings/packages/tokio/Cargo.toml");
    assert!(
        manifest.ends_with("\nname = \"with_tasks\"\npath = \"../../../examples/with_tasks.rs\"\n")
    );
}

#[test]
fn an_experiment_leads_from_its_example_to_its_listing() {
    let small = Small::new();
    small.make(&["experiment", "pools/zones"]);
    let sources = Sources::of_example(&Project::at(small.root()).unwrap(), "zones").unwrap();
    assert_eq!(sources.listing("zones"), Some(Path::new("listings/pools/zones.rs")));
    let manifest = small.read("Cargo.toml");
    let place = "test = true\n\n[[example]]\nname = \"zones\"\n\n# Lints for all.\n[lints]\n";
    assert!(manifest.contains(place), "{manifest}");
}

#[test]
fn nothing_is_written_over() {
    let small = Small::new();
    small.refuses(&["listing", "pools/told"], &["Cargo.toml", "named `told`", "choose another"]);
    small.write("listings/pools/mine.rs", "// Mine.\n");
    small.refuses(&["listing", "pools/mine"], &["listings/pools/mine.rs is there already"]);
    small.write("examples/yours.rs", "// Yours.\n");
    small.refuses(&["experiment", "pools/yours"], &["examples/yours.rs is there already"]);
    small
        .refuses(&["exercise", "tasks/share"], &["exercises/share.rs is an exercise of that name"]);
    small.refuses(&["listing", "tasks/later"], &["named `later`"]);
    small.refuses(&["experiment", "pools/pools"], &["the name of its folder", "`first_pools`"]);
    let same = ["chapter", "more_pools", "--title", "Pools"];
    small.refuses(&same, &["src/SUMMARY.md has a chapter *Pools* already"]);
    let again = ["chapter", "pools", "--title", "Pools"];
    small.refuses(&again, &["`cargo course new listing pools/…`"]);
    small.write("src/ch02-kept.md", "# Kept\n");
    small.refuses(&NEW_CHAPTER, &["src/ch02-kept.md", "list it there"]);
}

#[test]
fn what_cannot_be_written_to_its_end_leaves_nothing_behind() {
    let small = Small::new();
    // `examples` is no folder, so the last of the new files cannot be written.
    fs::remove_dir_all(small.root().join("examples")).unwrap();
    small.write("examples", "");
    small.refuses(&NEW_CHAPTER, &["nothing was made", "examples"]);
    assert!(!small.root().join("listings/who_waits").exists());
}

#[test]
fn names_that_cannot_be_are_refused_with_one_that_can() {
    let small = Small::new();
    for (name, said) in [
        ("match", "keyword"),
        ("gen", "keyword"),
        ("WhoWaits", "like `who_waits`"),
        ("who-waits", "like `who_waits`"),
        ("who__waits", "like `who_waits`"),
        ("2_threads", "like `threads`"),
        ("é", "like `who_waits`"),
        ("std", "crate"),
        ("main", "meaning of its own"),
        ("who_waits_for_whom_and_how_long_for", "30 at most"),
    ] {
        for kind in ["listing", "experiment", "exercise", "explorer"] {
            small.refuses(&[kind, &format!("pools/{name}")], &[&format!("`{name}`"), said]);
        }
        small.refuses(&["chapter", name, "--title", "A title"], &[&format!("`{name}`"), said]);
    }
    small.refuses(&["listing", "told"], &["like `threads/told`"]);
    small.refuses(&["listing", "../pools/x"], &["more than one `/`"]);
    small.refuses(&["listing", "../x"], &["cannot be the name of a module"]);
    small.refuses(&["chapter", "a", "--title", "[A](b)"], &["plain words"]);
    small.refuses(&["chapter", "a", "--title", " "], &["a title has words"]);
}

#[test]
fn a_folder_that_is_missing_or_has_no_page_is_refused_with_what_to_do() {
    let small = Small::new();
    let command = "`cargo course new chapter pool --title \"…\"`";
    small.refuses(&["listing", "pool/x"], &["did you mean `pools`?", command]);
    small.refuses(&["exercise", "tasks/x"], &["no chapter shows anything of listings/tasks"]);
    small.refuses(&["listing", "pools/x", "--package", "tokyo"], &["did you mean `tokio`?"]);
    small.write("listings/loose/a.py", "");
    small.refuses(&["listing", "loose/x"], &["`--package NAME`", "tokio"]);
    small.write("listings/packages/rayon/Cargo.toml", "");
    small
        .write("listings/packages/rayon/lib.rs", "#[path = \"../../tasks\"]\npub mod tasks {\n}\n");
    small.refuses(&["listing", "tasks/x"], &["`--package rayon` or `--package tokio`"]);
}

#[test]
fn modules_stand_in_the_order_of_rustfmt_with_what_is_said_of_them() {
    let text =
        "//! Doc.\n\npub mod step2;\n// Of the last.\n#[allow(unused)] // why\npub mod two;\n";
    let with = |name: &str| register::module(text, register::all_lines(text), "", name).unwrap();
    assert_eq!(with("step10"), text.replace("// Of", "pub mod step10;\n// Of"));
    assert_eq!(with("step_1"), text.replace("pub mod step2", "pub mod step_1;\npub mod step2"));
    assert_eq!(with("two_more"), format!("{text}pub mod two_more;\n"));
    assert!(register::module(text, register::all_lines(text), "", "two").is_err());
    let empty = "//! Doc.\n";
    assert_eq!(register::module(empty, 0..1, "", "one").unwrap(), "//! Doc.\n\npub mod one;\n");
}

#[test]
fn a_section_of_sources_comes_after_the_last_chapter_and_only_once() {
    let section = "### 2 · Two\n\n- There.\n\n";
    let with = |text: &str| register::section(text, "2", section);
    assert_eq!(with("# Sources\n"), "# Sources\n\n### 2 · Two\n\n- There.\n");
    let one = "# Sources\n\n### 1 · One\n\n- Here.\n";
    assert_eq!(with(one), format!("{one}\n### 2 · Two\n\n- There.\n"));
    assert_eq!(with(&with(one)), with(one));
    let twelve = "### 12 · Twelve\n\n### Others\n";
    assert_eq!(with(twelve), format!("### 12 · Twelve\n\n{section}### Others\n"));
}

#[test]
fn line_ends_stay_as_they_were() {
    let small = Small::new();
    small.write("Cargo.toml", &CARGO.replace('\n', "\r\n"));
    small.make(&["listing", "pools/before"]);
    let manifest = small.read("Cargo.toml");
    assert_eq!(manifest.matches('\n').count(), manifest.matches("\r\n").count());
    assert!(manifest.contains("name = \"before\"\r\n"), "{manifest}");
}

/// With the longest names there are: what is made is a package whose tests pass, and is formatted.
#[test]
fn what_is_made_compiles_passes_its_tests_and_is_formatted() {
    let small = Small::new();
    let long = "a_name_as_long_as_any_can_be_x";
    assert_eq!(long.len(), 30);
    small.make(&["listing", &format!("pools/{long}")]);
    small.make(&["experiment", "pools/ways"]);
    small.make(&["exercise", "pools/borrow_one"]);
    small.make(&NEW_CHAPTER);
    // The examples with a lab that only has the names: the real one is not compiled here.
    let manifest = small
        .read("Cargo.toml")
        .replace(
            "name = \"listings\"\n",
            "name = \"listings\"\nedition = \"2024\"\nautoexamples = false\n\n[lib]\npath = \"listings/lib.rs\"\n\n\
             [workspace]\n\n[dev-dependencies]\nlab = { path = \"lab\" }\n",
        )
        .replace("[[example]]\nname = \"alike\"\n\n", "")
        .replace("[lints]\nworkspace = true\n", "");
    small.write("Cargo.toml", &manifest);
    small.write("lab/Cargo.toml", "[package]\nname = \"lab\"\nedition = \"2024\"\n");
    small.write("lab/src/lib.rs", LAB);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for folder in ["listings", "examples"] {
        let file = format!("{folder}/rustfmt.toml");
        fs::copy(root.join(&file), small.root().join(file)).unwrap();
    }
    let cargo = |arguments: &[&str]| {
        let mut command = crate::examples::cargo();
        command.args(arguments).current_dir(small.root());
        command.env("CARGO_TARGET_DIR", small.root().join("target"));
        command.env("RUSTFLAGS", "-D warnings");
        let said = command.output().unwrap();
        let text = String::from_utf8_lossy(&said.stderr) + String::from_utf8_lossy(&said.stdout);
        assert!(said.status.success(), "{arguments:?}: {text}");
    };
    cargo(&["test", "--offline", "--quiet", "--lib", "--examples"]);
    for name in [long, "ways", "first_who_waits"] {
        cargo(&["run", "--offline", "--quiet", "--example", name]);
    }
    cargo(&["fmt", "--check"]);
    each_wrong_answer_is_caught(&small);
}

/// Each wrong answer, and the starter, in the place of the solution.
#[track_caller]
fn each_wrong_answer_is_caught(small: &Small) {
    let text = small.read("listings/pools/exercises/borrow_one.rs");
    let answers = [
        ("starter", "each_is_doubled"),
        ("wrong_last_one_first", "the_order_stays"),
        ("wrong_without_the_last", "each_is_doubled"),
        ("wrong_never_without_numbers", "nothing_gives_nothing"),
    ];
    let mut modules = small.read("listings/pools/exercises/mod.rs");
    for (answer, _) in answers {
        let with = text.replace("use super::solution::*", &format!("use super::{answer}::*"));
        small.write(&format!("listings/pools/exercises/with_{answer}.rs"), &with);
        modules += &format!("pub mod with_{answer};\n");
    }
    small.write("listings/pools/exercises/mod.rs", &modules);
    let mut command = crate::examples::cargo();
    command.args(["test", "--offline", "--lib"]).current_dir(small.root());
    command.env("CARGO_TARGET_DIR", small.root().join("target")).env("RUSTFLAGS", "-D warnings");
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for (answer, test) in answers {
        let failed = format!("::with_{answer}::tests::{test} ... FAILED");
        assert!(said.contains(&failed), "{failed} is not in: {said}");
    }
}

const LAB: &str = "\
pub type Exit = ();

pub struct Demo(Box<dyn Fn()>);

impl Demo {
    pub fn new(_name: &str, main: impl Fn() + 'static) -> Demo {
        Demo(Box::new(main))
    }
    pub fn run(self) {
        (self.0)()
    }
}

pub struct Experiment<A>(Vec<Box<dyn Fn(&()) -> A>>, Vec<String>);

impl<A> Experiment<A> {
    pub fn new(_name: &str, _title: &str) -> Self {
        Experiment(Vec::new(), Vec::new())
    }
    pub fn demo(self, main: impl Fn() + 'static) -> Self {
        main();
        self
    }
    pub fn setting(self, _name: &str, _value: &str) -> Self {
        self
    }
    pub fn base(self, name: &str, work: impl Fn(&()) -> A + Sync + 'static) -> Self {
        self.arm(name, work)
    }
    pub fn arm(mut self, _name: &str, work: impl Fn(&()) -> A + Sync + 'static) -> Self {
        self.0.push(Box::new(work));
        self
    }
    pub fn label(self, _label: &str) -> Self {
        self
    }
    pub fn agree(mut self, text: impl Fn(&A) -> String + 'static) -> Self {
        self.1 = self.0.iter().map(|work| text(&work(&()))).collect();
        self
    }
    pub fn run(self) {
        assert_eq!(self.1[0], self.1[1]);
    }
}
";

#[test]
fn a_book_with_folders_of_its_own_is_told_to_make_its_files_by_hand() {
    let small = Small::new();
    small.write("book.toml", "[preprocessor.course]\nlistings = \"rust/src\"\n");
    small.refuses(&["listing", "pools/pot"], &["this book has others", "Use it for your own book"]);
}
