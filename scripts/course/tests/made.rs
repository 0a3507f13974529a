//! What `cargo course new` makes, in a copy of this book: unwritten as it is, the book is complete with it.

mod tiny;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tiny::{Ran, built, ran};
use walkdir::WalkDir;

/// Each kind once, in an order in which a stranger makes them.
const MADE: [&[&str]; 5] = [
    &["chapter", "on_the_phone", "--title", "On the phone"],
    &["listing", "on_the_phone/side_by_side"],
    &["experiment", "on_the_phone/two_ways"],
    &["exercise", "on_the_phone/answer_all"],
    &["explorer", "on_the_phone/side_by_side"],
];
/// The examples among them.
const EXAMPLES: [&str; 3] = ["first_on_the_phone", "side_by_side", "two_ways"];

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/course")
}

/// The book with what was made, and a Cargo that knows the programs of it.
struct Copy {
    folder: TempDir,
}

impl Copy {
    fn with_all_that_is_made() -> Copy {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let copy = Copy { folder };
        for folder in ["src", "listings", "examples", "theme", "measurements"] {
            copy.takes(folder);
        }
        let files = ["book.toml", "Cargo.toml", "Cargo.lock", "scripts/checks/published.txt"];
        files.into_iter().for_each(|file| copy.takes(file));
        for words in MADE {
            copy.course(&[&["new"], words].concat()).assert_succeeded();
        }
        copy
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|why| panic!("{file}: {why}"))
    }

    /// The pages of the chapters, in order.
    fn chapters(&self) -> Vec<String> {
        let pages = fs::read_dir(self.path("book")).unwrap().map(|page| page.unwrap().file_name());
        let pages = pages.map(|page| page.to_string_lossy().into_owned());
        let is_chapter = |page: &String| page.starts_with("ch") && page.ends_with(".html");
        let mut chapters: Vec<String> = pages.filter(is_chapter).collect();
        chapters.sort();
        chapters
    }

    /// A file or a folder of the house.
    fn takes(&self, name: &str) {
        for entry in WalkDir::new(house().join(name)).into_iter().map(Result::unwrap) {
            let target = self.path(&entry.path().strip_prefix(house()).unwrap().to_string_lossy());
            if entry.file_type().is_file() {
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }

    fn course(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(arguments).current_dir(self.folder.path());
        ran(command.env("CARGO", self.program("cargo")))
    }

    fn program(&self, name: &str) -> PathBuf {
        self.path("bin").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// Compiles the new examples with the lab itself, and none of the others.
    fn compile(&self) {
        let lib = "#[path = \"../listings/on_the_phone/mod.rs\"]\npub mod on_the_phone;\n";
        let example =
            |name| format!("[[example]]\nname = '{name}'\npath = '../examples/{name}.rs'\n\n");
        let manifest = format!(
            "[package]\nname = 'listings'\nversion = '0.1.0'\nedition = '2024'\nautoexamples = false\n\n\
             [lib]\npath = 'lib.rs'\n\n[dev-dependencies]\nlab = {{ path = '{}' }}\n\n{}[workspace]\n",
            house().join("scripts/lab").display(),
            EXAMPLES.map(example).concat(),
        );
        fs::create_dir(self.path("package")).unwrap();
        fs::write(self.path("package/lib.rs"), lib).unwrap();
        fs::write(self.path("package/Cargo.toml"), manifest).unwrap();
        // In the versions that the book is built with.
        fs::copy(self.path("Cargo.lock"), self.path("package/Cargo.lock")).unwrap();
        // Kept between runs, so that the lab is compiled once.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("made");
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.args(["build", "--offline", "--quiet", "--examples"]);
        cargo.env("CARGO_TARGET_DIR", &target).current_dir(self.path("package"));
        ran(&mut cargo).assert_succeeded();
        fs::create_dir(self.path("bin")).unwrap();
        fs::copy(built("examples", "stand_in"), self.program("cargo")).unwrap();
        for name in EXAMPLES {
            let compiled =
                target.join("debug/examples").join(self.program(name).file_name().unwrap());
            fs::copy(compiled, self.program(name)).unwrap();
        }
    }
}

#[test]
fn a_book_with_all_that_is_made_is_complete_once_its_demos_have_run() {
    let copy = Copy::with_all_that_is_made();
    // A demo has run nowhere yet, and the check says what runs it.
    copy.course(&["check"]).assert_failed(&["`cargo course measure first_on_the_phone`"]);
    copy.compile();
    copy.course(&["measure", "first_on_the_phone", "side_by_side", "--quick"]).assert_succeeded();
    copy.course(&["check"]).assert_succeeded().assert_said(&["Unshown two_ways: no record on"]);

    copy.course(&["build", "--recorded"]).assert_succeeded();
    let chapters = copy.chapters();
    let [.., before, made] = &chapters[..] else { panic!("{chapters:?}") };
    let number = chapters.len();
    assert_eq!(*made, format!("ch{number:02}-on-the-phone.html"));
    let page = copy.read(&format!("book/{made}"));
    for part in [&format!("{number}. On the phone"), "letters: [4, 3, 7]", "Answer all"] {
        assert!(page.contains(part), "the page has no `{part}`");
    }
    let leads_on = copy.read(&format!("book/{before}")).contains(&format!("<a href=\"{made}\">"));
    assert!(leads_on, "the chapter before it leads on");
    let sources = copy.read("book/further-reading.html");
    assert!(
        sources.contains(&format!("{number} · On the phone")),
        "it has a place for its sources"
    );
    let published = copy.read("scripts/checks/published.txt");
    assert!(published.lines().any(|page| page == made), "its address is kept");
}
