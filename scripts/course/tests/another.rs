//! Another book: its listings in folders of its own, and mdBook's own theme. `tests/another` is all of it.

use std::fs;
use std::path::Path;

use mdbook_driver::MDBook;
use preprocessor::Course;
use scraper::{ElementRef, Html, Selector};
use tempfile::TempDir;
use walkdir::WalkDir;

const BOOK: &str = "scripts/course/tests/another";
/// The page that tells how such a book is made.
const PAGE: &str = "src/your-own-book.md";

fn house() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("scripts/course")
}

/// The book, rendered by mdBook with the preprocessor. No program of it is compiled or run.
struct Rendered {
    folder: TempDir,
    page: Html,
}

impl Rendered {
    fn new() -> Rendered {
        let folder = tempfile::tempdir().unwrap();
        let from = house().join(BOOK);
        for entry in WalkDir::new(&from).into_iter().map(Result::unwrap) {
            let to = folder.path().join(entry.path().strip_prefix(&from).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(to).unwrap();
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
        // What its listings use is the standard library, of which Cargo locks nothing.
        fs::write(folder.path().join("Cargo.lock"), "version = 4\n").unwrap();
        let mut book = MDBook::load(folder.path()).unwrap();
        // In the place of the program that mdBook would start.
        book.with_preprocessor(Course { warn: |what| panic!("{what}"), ..Course::default() });
        book.build().unwrap();
        let page = fs::read_to_string(folder.path().join("book/coffee.html")).unwrap();
        Rendered { folder, page: Html::parse_document(&page) }
    }

    fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        self.page.select(&Selector::parse(selector).unwrap()).collect()
    }

    /// The text of the one element that the selector finds.
    fn text(&self, selector: &str) -> String {
        let found = self.all(selector);
        assert_eq!(found.len(), 1, "{selector}");
        found[0].text().collect()
    }
}

#[test]
fn its_listings_are_shown_with_what_they_printed() {
    let book = Rendered::new();
    let files: Vec<String> =
        book.all("main .listing .file").iter().map(|file| file.text().collect()).collect();
    assert_eq!(files, ["rust/src/cups.rs", "rust/src/cups.rs"]);
    let captions = book.all("main .listing figcaption");
    let captions: Vec<String> = captions.iter().map(|caption| caption.text().collect()).collect();
    assert!(captions[0].ends_with("One cup after the other"), "{captions:?}");
    assert!(book.text("main .listing:has(.out) code.language-rust").contains("thread::sleep("));
    assert_eq!(book.text("main .out .command"), "cargo run --release --example cups");
    assert_eq!(book.text("main .out pre").trim(), "cup 1, cup 2, cup 3, cup 4");
}

#[test]
fn its_numbers_say_where_they_come_from() {
    let book = Rendered::new();
    assert_eq!(book.text("main .given"), "20 ms");
    let value = book.text("main p > span > .measured");
    assert!(value.ends_with(" ms"), "{value}");
    let from = book.all("main p > span > .measured")[0].attr("data-from").unwrap();
    assert!(
        from.starts_with("median of 15 rounds") && from.contains("AMD EPYC, 2 cores"),
        "{from}"
    );
    assert_eq!(book.all("main .stale").len(), 0, "the record is of these listings");
}

#[test]
fn its_figure_is_drawn_and_its_claim_is_judged() {
    let book = Rendered::new();
    assert_eq!(book.text("main .plot figcaption"), "Four machines brew together");
    assert!(book.text("main .plot .wide svg").contains("one by one"));
    assert_eq!(book.all("main .unmeasured").len(), 0);
    let claim = book.text("main .claim.holds");
    assert!(claim.contains("Four cups that brew by themselves"), "{claim}");
    assert!(book.text("main .claim .verdict").contains("times"));
}

#[test]
fn its_figures_have_their_style_from_the_preprocessor() {
    let book = Rendered::new();
    let links = book.all("link[rel=stylesheet]");
    let mut addresses = links.iter().filter_map(|link| link.attr("href"));
    let address = addresses.find(|address| address.starts_with("figures")).expect("a link to it");
    let style = fs::read_to_string(book.folder.path().join("book").join(address)).unwrap();
    let marks = book.all("main svg [class]");
    assert!(!marks.is_empty());
    for class in marks.iter().flat_map(|mark| mark.value().classes()) {
        let name = format!(".{class}");
        let mut after = style.split(&name).skip(1);
        let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-');
        assert!(after.any(is_end), "nothing draws `{class}`");
    }
}

#[test]
fn nothing_of_this_book_is_in_its_pages() {
    let book = Rendered::new();
    let page: String = book.all("main")[0].html();
    for ours in ["listings/", "examples/", "measurements/", "measuring.html"] {
        assert!(!page.contains(ours), "{ours} in {page}");
    }
    assert!(!book.folder.path().join("theme").exists());
}

#[test]
#[ignore = "the page comes next"]
fn the_page_about_it_shows_the_files_themselves() {
    let page = fs::read_to_string(house().join(PAGE)).unwrap();
    let mut shown = Vec::new();
    for rest in page.split("{{#include ../").skip(1) {
        let path = rest.split('}').next().unwrap();
        assert!(house().join(path).is_file(), "{PAGE} shows {path}, which is not there");
        shown.push(path.strip_prefix(BOOK).expect("a file of the other book"));
    }
    let needed = [
        "/book.toml",
        "/rust/Cargo.toml",
        "/rust/src/cups.rs",
        "/rust/examples/cups.rs",
        "/src/coffee.md",
    ];
    assert!(needed.iter().all(|file| shown.contains(file)), "{shown:?}");
    assert!(page.contains("ten lines"), "their number is checked here");
    let settings = fs::read_to_string(house().join(BOOK).join("book.toml")).unwrap();
    let added = settings.split_once("[preprocessor.course]").unwrap().1;
    assert_eq!(1 + added.lines().filter(|line| !line.is_empty()).count(), 10);
}
