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
        Rendered::with(|_| {})
    }

    /// The same, with what the author adds.
    fn with(add: impl FnOnce(&Path)) -> Rendered {
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
        add(folder.path());
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
fn its_contents_number_a_chapter_once() {
    let book = Rendered::new();
    assert_eq!(book.text("main h1"), "1. Coffee for four");
    let contents = fs::read_to_string(book.folder.path().join("book/toc.html")).unwrap();
    let contents = Html::parse_document(&contents);
    let link = contents.select(&Selector::parse("a[href='coffee.html']").unwrap()).next().unwrap();
    assert_eq!(link.text().collect::<String>().trim(), "1. Coffee for four");
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
fn a_theme_of_its_own_keeps_every_file() {
    let files = [
        ("theme/index.hbs", "<title>Mine</title>{{> head}}<main>{{{ content }}}</main>"),
        ("theme/head.hbs", "<meta name=\"author\" content=\"me\">"),
        ("theme/header.hbs", "<p>Mine</p>"),
        ("src/sitemap.xml", "<urlset></urlset>"),
    ];
    let book = Rendered::with(|root| {
        fs::create_dir(root.join("theme")).unwrap();
        for (file, text) in files {
            fs::write(root.join(file), text).unwrap();
        }
        let settings = fs::read_to_string(root.join("book.toml")).unwrap();
        let published = settings + "site-url = \"https://example.org/coffee/\"\n";
        fs::write(root.join("book.toml"), published).unwrap();
    });
    assert_eq!(book.text("title"), "Mine");
    for (file, text) in files {
        assert_eq!(fs::read_to_string(book.folder.path().join(file)).unwrap(), text, "{file}");
    }
}

#[test]
fn its_command_is_the_one_of_this_project() {
    let book = house().join(BOOK);
    let alias = fs::read_to_string(book.join(".cargo/config.toml")).unwrap();
    let mut words = alias.split_whitespace().skip_while(|word| *word != "--manifest-path");
    let manifest = book.join(words.nth(1).expect("the manifest that it names"));
    let ours = house().join("Cargo.toml");
    assert_eq!(manifest.canonicalize().unwrap(), ours.canonicalize().unwrap());
}

#[test]
fn the_page_about_it_shows_these_files() {
    let page = fs::read_to_string(house().join(PAGE)).unwrap().replace('\r', "");
    let read = |file: &str| fs::read_to_string(house().join(BOOK).join(file)).unwrap();
    let files = [
        ("toml", "book.toml"),
        ("toml", "Cargo.toml"),
        ("toml", "rust/Cargo.toml"),
        ("rust", "rust/src/cups.rs"),
        ("rust", "rust/examples/cups.rs"),
        ("text", "src/coffee.md"),
        ("toml", ".cargo/config.toml"),
    ];
    for (language, file) in files {
        let text = read(file).replace('\r', "");
        let shown = page.contains(&format!("```{language}\n{text}```\n"));
        assert!(shown, "{PAGE} does not show {BOOK}/{file} as it is:\n{text}");
    }
    let of_commands = page.matches("\n```console\n").count();
    assert_eq!(
        page.matches("\n```").count(),
        2 * (files.len() + of_commands),
        "a block of another file"
    );
    assert!(page.contains("## Ten lines"), "their number is counted here");
    let settings = read("book.toml");
    let added = settings.split_once("[preprocessor.course]").unwrap().1;
    assert_eq!(1 + added.lines().filter(|line| !line.is_empty()).count(), 10);
}
