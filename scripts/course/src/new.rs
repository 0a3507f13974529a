//! `cargo course new`: makes the files of a chapter, a listing, an experiment, an exercise or an explorer, and
//! registers them.
//!
//! The folders and manifests are this book's own and not what book.toml says: the templates are for its packages, its
//! list of published addresses and its tests, and another book has none of them.
//!
//! All is decided before the first file is written: where a name is taken, or there is no place to register it,
//! nothing is made. No file is ever overwritten.

mod names;
mod register;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use book::diagnostic::nearest;
use book::directive;
use book::project::Project;

use crate::command_line::{Kind, New, Place};
use crate::message::status;
use book::exercise;

const CHAPTER: &str = include_str!("new/made/chapter.md");
const SECTION: &str = include_str!("new/made/sources.md");
const FOLDER: &str = include_str!("new/made/folder.rs.txt");
const EXERCISES: &str = include_str!("new/made/exercises.rs.txt");
const LISTING: &str = include_str!("new/made/listing.rs.txt");
const DEMO: &str = include_str!("new/made/demo.rs.txt");
const COMPARED: &str = include_str!("new/made/compared.rs.txt");
const EXPERIMENT: &str = include_str!("new/made/experiment.rs.txt");
const EXERCISE: &str = include_str!("new/made/exercise.rs.txt");
const STEPS: &str = include_str!("new/made/explorer.steps");
const ENDINGS: &str = include_str!("new/made/endings.json");

/// The package of the listings that need the standard library alone.
const MANIFEST: &str = "Cargo.toml";
const MODULES: &str = "listings/lib.rs";
const SUMMARY: &str = "src/SUMMARY.md";
/// What the chapters take from others, a section a chapter.
const SOURCES: &str = "src/further-reading.md";
/// Every address that a reader may have.
const PUBLISHED: &str = "scripts/checks/published.txt";

/// Makes what the command line names, and says what was made and what comes next.
pub(crate) fn new(project: &Project, options: &New) -> Result<()> {
    refuse_another_book(project)?;
    let plan = match &options.what {
        Kind::Chapter(chapter) => new_chapter(project, &chapter.name, &chapter.title)?,
        Kind::Listing(Place { place, package }) => {
            new_listing(project, place, package.as_deref(), false)?
        }
        Kind::Experiment(Place { place, package }) => {
            new_listing(project, place, package.as_deref(), true)?
        }
        Kind::Exercise(exercise) => new_exercise(project, &exercise.place)?,
        Kind::Explorer(explorer) => new_explorer(project, &explorer.place)?,
    };
    plan.carry_out()
}

/// Whether the folders are those that the templates are made for.
fn refuse_another_book(project: &Project) -> Result<()> {
    if !project.settings.are_as_usual() || project.mdbook.chapters != Path::new("src") {
        bail!(
            "`cargo course new` knows the folders of *Concurrency, Measured*, and this book has others: make the \
             files by hand. The page *Use it for your own book* shows a listing and its example"
        );
    }
    Ok(())
}

/// What will be written.
struct Plan<'a> {
    project: &'a Project,
    /// Files that are not there yet.
    made: Vec<(String, String)>,
    /// Files that are there, with what they say then.
    changed: Vec<(String, String)>,
    /// What the author does next, a line each.
    next: Vec<String>,
}

impl<'a> Plan<'a> {
    fn new(project: &'a Project) -> Plan<'a> {
        Plan { project, made: Vec::new(), changed: Vec::new(), next: Vec::new() }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.project.root.join(file)
    }

    fn has(&self, file: &str) -> bool {
        self.path(file).exists()
    }

    /// A new file from what is made of this kind, with these words in their places.
    fn make(&mut self, file: String, template: &str, words: &[(&str, &str)]) -> Result<()> {
        if self.has(&file) {
            bail!(
                "{file} is there already, and nothing is written over it: edit it, or choose another name"
            );
        }
        self.made.push((file, with_words(template, words)));
        Ok(())
    }

    /// What a file will say: what it says now, or what was changed in it before.
    fn text(&self, file: &str) -> Result<String> {
        if let Some((_, text)) = self.changed.iter().find(|(name, _)| name == file) {
            return Ok(text.clone());
        }
        let mut text = fs::read_to_string(self.path(file))
            .with_context(|| format!("{file}: run this in a copy of the whole project"))?
            .replace('\r', "");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    fn change(&mut self, file: &str, edit: impl FnOnce(&str) -> Result<String>) -> Result<()> {
        let text = edit(&self.text(file)?).map_err(|why| anyhow::anyhow!("{file} {why:#}"))?;
        self.changed.retain(|(name, _)| name != file);
        self.changed.push((file.into(), text));
        Ok(())
    }

    /// Writes all of it. Where a file cannot be written, all is again as it was before.
    fn carry_out(self) -> Result<()> {
        let mut undo = Undo::default();
        if let Err(why) = self.write(&mut undo) {
            undo.all();
            return Err(why.context("nothing was made"));
        }
        for (file, _) in &self.made {
            status("Made", file);
        }
        for (file, _) in &self.changed {
            status("Changed", file);
        }
        for line in &self.next {
            status("Next", line);
        }
        Ok(())
    }

    fn write(&self, undo: &mut Undo) -> Result<()> {
        for (file, text) in &self.made {
            let path = self.path(file);
            let folders = path.ancestors().skip(1).take_while(|folder| !folder.exists());
            undo.folders.extend(folders.map(Path::to_path_buf));
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).with_context(|| self.project.shown(folder))?;
            }
            // Fails where the file is there by now.
            let mut new = File::create_new(&path).with_context(|| file.clone())?;
            undo.made.push(path);
            new.write_all(text.as_bytes()).with_context(|| file.clone())?;
        }
        for (file, text) in &self.changed {
            let path = self.path(file);
            let before = fs::read(&path).with_context(|| file.clone())?;
            // As its lines ended before.
            let windows = before.windows(2).any(|two| two == b"\r\n");
            let text = if windows { text.replace('\n', "\r\n") } else { text.clone() };
            undo.changed.push((path.clone(), before));
            fs::write(&path, text).with_context(|| file.clone())?;
        }
        Ok(())
    }
}

/// The template with these words in their places.
fn with_words(template: &str, words: &[(&str, &str)]) -> String {
    let text = template.replace('\r', "");
    words.iter().fold(text, |text, (word, instead)| text.replace(&format!("@{word}@"), instead))
}

/// What was done so far.
#[derive(Default)]
struct Undo {
    /// The innermost first.
    folders: Vec<PathBuf>,
    made: Vec<PathBuf>,
    /// Each file with what it held.
    changed: Vec<(PathBuf, Vec<u8>)>,
}

impl Undo {
    /// As far as it can be: the reason for it is what the author has to hear.
    fn all(self) {
        for (path, before) in self.changed {
            fs::write(path, before).ok();
        }
        for path in self.made {
            fs::remove_file(path).ok();
        }
        for folder in self.folders {
            fs::remove_dir(folder).ok();
        }
    }
}

fn new_chapter<'a>(project: &'a Project, name: &str, title: &str) -> Result<Plan<'a>> {
    names::check(name)?;
    names::check_title(title)?;
    let mut plan = Plan::new(project);
    let listing = format!("first_{name}");
    names::check(&listing).context("the chapter's first listing")?;
    let folder = format!("listings/{name}");
    if plan.has(&folder) {
        bail!(
            "{folder} is there already: `cargo course new listing {name}/…` adds to it; for another chapter choose \
             another name"
        );
    }
    let (page, number) = next_page(&mut plan, name, title)?;
    let file = format!("src/{page}.md");
    // Until the author says which: no chapter stands alone, and the one before leads on to this one.
    let needed = (number - 1).to_string();
    let number = number.to_string();
    let words = [
        ("title", title),
        ("folder", name),
        ("listing", &listing),
        ("number", &number),
        ("needed", &needed),
    ];
    plan.make(file.clone(), CHAPTER, &words)?;
    plan.make(format!("{folder}/mod.rs"), FOLDER, &words)?;
    plan.change(MODULES, |text| register::module(text, register::all_lines(text), "", name))?;
    add_example(&mut plan, name, &listing, false)?;
    plan.change(MANIFEST, |text| register::example(text, &listing, None))?;
    list_elsewhere(&mut plan, &page, &number, &with_words(SECTION, &words))?;
    plan.next = vec![
        format!("`cargo run --release --example {listing}` runs the chapter's first listing"),
        format!("write {file} and {folder}/{listing}.rs; both say where"),
        "`cargo course build` compiles, runs and renders them, then `cargo course check`".into(),
    ];
    Ok(plan)
}

/// Puts a chapter at the end of the contents: its page, and its number.
fn next_page(plan: &mut Plan, name: &str, title: &str) -> Result<(String, usize)> {
    let page = |number: usize| format!("ch{number:02}-{}", name.replace('_', "-"));
    let mut number = 0;
    plan.change(SUMMARY, |summary| {
        if summary.contains(&format!("- [{title}](")) {
            bail!("has a chapter *{title}* already; choose another title");
        }
        let link = |number| format!("[{title}]({}.md)", page(number));
        let (text, found) = register::chapter(summary, link)?;
        number = found;
        Ok(text)
    })?;
    let begins = format!("ch{number:02}-");
    let same = files_of(&plan.path("src")).into_iter().find(|file| file.starts_with(&begins));
    if let Some(same) = same {
        bail!(
            "src/{same} has the next number, and {SUMMARY} does not list it: list it there, or rename it"
        );
    }
    Ok((page(number), number))
}

/// Where the pages at the end of the book and the tests look for a chapter: a section for its sources, and a line for
/// its address.
fn list_elsewhere(plan: &mut Plan, page: &str, number: &str, section: &str) -> Result<()> {
    if plan.has(SOURCES) {
        plan.change(SOURCES, |sources| Ok(register::section(sources, number, section)))?;
    }
    if plan.has(PUBLISHED) {
        plan.change(PUBLISHED, |list| Ok(register::line(list, &format!("{page}.html"))))?;
    }
    Ok(())
}

/// The files of a listing and its example, without their places in lists.
fn add_example(plan: &mut Plan, folder: &str, name: &str, measured: bool) -> Result<()> {
    let (listing, example) = if measured { (COMPARED, EXPERIMENT) } else { (LISTING, DEMO) };
    let words = [("folder", folder), ("name", name)];
    plan.make(format!("listings/{folder}/{name}.rs"), listing, &words)?;
    plan.make(format!("examples/{name}.rs"), example, &words)
}

fn new_listing<'a>(
    project: &'a Project,
    place: &str,
    package: Option<&str>,
    measured: bool,
) -> Result<Plan<'a>> {
    let (folder, name) = names::place(place)?;
    if folder == name {
        bail!(
            "`{name}` is the name of its folder, and Clippy refuses a module inside of one of its name; choose \
             another, like `first_{name}`"
        );
    }
    let mut plan = Plan::new(project);
    check_folder(&plan, folder)?;
    for manifest in manifests(&plan) {
        let examples =
            register::examples(&plan.text(&manifest)?).with_context(|| manifest.clone())?;
        if examples.iter().any(|known| known == name) {
            bail!(
                "{manifest} has an example named `{name}`, and each has a name of its own; choose another"
            );
        }
    }
    add_example(&mut plan, folder, name, measured)?;
    let home = home(&plan, folder, package)?;
    add_module(&mut plan, &home, folder, name)?;
    let path = home.as_ref().map(|_| format!("../../../examples/{name}.rs"));
    plan.change(&manifest(home.as_deref()), |text| register::example(text, name, path.as_deref()))?;
    let shown = chapter_of(&plan, folder).unwrap_or_else(|| "its chapter".into());
    let (directives, then) = if measured {
        (
            format!(
                "`{{{{#listing {folder}/{name}.rs:threads \"…\"}}}}` and `{{{{#figure {name} bars \"…\" +neutral}}}}`"
            ),
            format!("`cargo course measure {name}`, then `cargo course build`"),
        )
    } else {
        (
            format!("`{{{{#listing {folder}/{name}.rs:all \"…\" +output}}}}`"),
            "`cargo course build` compiles, runs and renders it".into(),
        )
    };
    plan.next = vec![
        format!("`cargo run --release --example {name}` runs it"),
        format!("write listings/{folder}/{name}.rs and examples/{name}.rs; both say where"),
        format!("show it in {shown}: {directives}"),
        then,
    ];
    Ok(plan)
}

fn new_exercise<'a>(project: &'a Project, place: &str) -> Result<Plan<'a>> {
    let (folder, name) = names::place(place)?;
    let mut plan = Plan::new(project);
    check_folder(&plan, folder)?;
    if let Some((_, path)) = exercise::files(project).iter().find(|(known, _)| known == name) {
        bail!(
            "{} is an exercise of that name, and each has a name of its own; choose another",
            project.shown(path)
        );
    }
    let Some(chapter) = chapter_of(&plan, folder) else {
        bail!(
            "no chapter shows anything of listings/{folder}, so no page could hold the exercise; show one of its \
             listings in a chapter first, or `cargo course new chapter NAME --title \"…\"`"
        );
    };
    let exercises = format!("listings/{folder}/exercises");
    let file = format!("{exercises}/{name}.rs");
    plan.make(file.clone(), EXERCISE, &[("words", &names::title(name))])?;
    let modules = format!("{exercises}/mod.rs");
    if plan.has(&modules) {
        plan.change(&modules, |text| register::module(text, register::all_lines(text), "", name))?;
    } else {
        let home = home(&plan, folder, None)?;
        plan.make(modules, EXERCISES, &[("name", name)])?;
        add_module(&mut plan, &home, folder, "exercises")?;
    }
    plan.change(&chapter, |text| Ok(register::exercise(text, name)))?;
    plan.next = vec![
        format!("write {file}; it says where"),
        format!("`cargo course exercise {name}` shows it as a student meets it"),
        "`cargo course test exercises` tries the starter, the solution and the wrong answers"
            .into(),
    ];
    Ok(plan)
}

/// A file of steps is found by its ending, beside the listing and with what a checker finds of that. Nothing lists it.
fn new_explorer<'a>(project: &'a Project, place: &str) -> Result<Plan<'a>> {
    let (folder, name) = names::place(place)?;
    let mut plan = Plan::new(project);
    check_folder(&plan, folder)?;
    let steps = format!("listings/{folder}/{name}.steps");
    let endings = format!("listings/{folder}/{name}.endings.json");
    plan.make(steps.clone(), STEPS, &[])?;
    // What a test wrote of a listing stays: it is what the new steps are held against.
    let checked = plan.has(&endings);
    if !checked {
        plan.make(endings.clone(), ENDINGS, &[])?;
    }
    let shown = chapter_of(&plan, folder).unwrap_or_else(|| "its chapter".into());
    let mut write =
        format!("write {steps}; it says where, and the page *Directives* has all steps");
    if !checked {
        write += &format!(
            "; then {endings}: what a checker finds of the listing, or why none can run it"
        );
    }
    plan.next = vec![
        write,
        format!("show it in {shown}: `{{{{#interleavings {folder}/{name}.steps \"…\"}}}}`"),
        "`cargo test -p checks --test steps` holds the steps against what the checker found".into(),
        "`cargo course build --recorded` renders it".into(),
    ];
    Ok(plan)
}

/// Whether there is such a folder of listings.
fn check_folder(plan: &Plan, folder: &str) -> Result<()> {
    if plan.path(&format!("listings/{folder}")).is_dir() {
        return Ok(());
    }
    let mut folders = files_of(&plan.path("listings"));
    folders.retain(|name| plan.path(&format!("listings/{name}")).is_dir() && name != "packages");
    let near = nearest(folder, folders.iter().map(String::as_str));
    let near = near.map(|near| format!("did you mean `{near}`? Else ")).unwrap_or_default();
    bail!(
        "there is no folder listings/{folder}: {near}`cargo course new chapter {folder} --title \"…\"` makes it, with a \
         new chapter"
    )
}

/// The names in a folder, in order; none where there is no such folder.
fn files_of(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The names of `listings/packages/`.
fn packages(plan: &Plan) -> Vec<String> {
    let mut names = files_of(&plan.path("listings/packages"));
    names.retain(|name| plan.has(&manifest(Some(name))));
    names
}

fn manifest(package: Option<&str>) -> String {
    package.map_or(MANIFEST.into(), |package| format!("listings/packages/{package}/Cargo.toml"))
}

fn manifests(plan: &Plan) -> Vec<String> {
    let packages = packages(plan);
    let all = std::iter::once(None).chain(packages.iter().map(|name| Some(name.as_str())));
    all.map(manifest).collect()
}

fn library(package: &str) -> String {
    format!("listings/packages/{package}/lib.rs")
}

/// The package that compiles a folder's next listing: one of `listings/packages`, or none of them, where the
/// standard library is enough.
fn home(plan: &Plan, folder: &str, package: Option<&str>) -> Result<Option<String>> {
    let packages = packages(plan);
    if let Some(package) = package {
        if !packages.iter().any(|known| known == package) {
            bail!(
                "no package listings/packages/{package}: {}",
                book::diagnostic::suggestion(
                    package,
                    &packages.iter().map(String::as_str).collect::<Vec<_>>()
                )
            );
        }
        return Ok(Some(package.into()));
    }
    if plan.has(&format!("listings/{folder}/mod.rs")) {
        return Ok(None);
    }
    let compiles = |package: &&String| {
        let text = plan.text(&library(package)).unwrap_or_default();
        register::inside(&text, folder).is_some()
    };
    let homes: Vec<&String> = packages.iter().filter(compiles).collect();
    match homes[..] {
        [home] => Ok(Some(home.clone())),
        [] => bail!(
            "nothing of listings/{folder} is compiled yet: say which package does it, `--package NAME`, one of {}",
            packages.join(", ")
        ),
        _ => {
            let named: Vec<String> =
                homes.iter().map(|name| format!("`--package {name}`")).collect();
            bail!(
                "more than one package compiles listings of listings/{folder}: say which, by what it needs: {}",
                named.join(" or ")
            )
        }
    }
}

/// Names a module of a folder where its package looks.
fn add_module(plan: &mut Plan, home: &Option<String>, folder: &str, name: &str) -> Result<()> {
    let own = format!("listings/{folder}/mod.rs");
    let Some(package) = home else {
        return plan
            .change(&own, |text| register::module(text, register::all_lines(text), "", name));
    };
    // What the chapter's module says of itself.
    let said = plan.text(&own).ok().and_then(|text| Some(text.lines().next()?.to_string()));
    let said = said.filter(|line| line.starts_with("//! "));
    plan.change(&library(package), |text| match register::inside(text, folder) {
        Some(lines) => register::module(text, lines, "    ", name),
        None => {
            let said = said.map(|line| format!("    {line}\n\n")).unwrap_or_default();
            Ok(format!(
                "{text}\n#[path = \"../../{folder}\"]\npub mod {folder} {{\n{said}    pub mod {name};\n}}\n"
            ))
        }
    })
}

/// The page that speaks of a folder's listings: the one with its exercises, else with most of its listings. What
/// stands between two fences shows how a directive is written, and asks for nothing.
fn chapter_of(plan: &Plan, folder: &str) -> Option<String> {
    let exercises = files_of(&plan.path(&format!("listings/{folder}/exercises")));
    let counts = |text: &str| {
        let marks = directive::find(text).unwrap_or_default();
        let of = |name: &str, is_own: &dyn Fn(&str) -> bool| {
            let named = marks.iter().filter(|mark| mark.name == name);
            named.filter(|mark| is_own(&text[mark.arguments.clone()])).count()
        };
        let exercises = of("exercise", &|name| exercises.contains(&format!("{name}.rs")));
        (exercises, of("listing", &|place| place.starts_with(&format!("{folder}/"))))
    };
    let pages = files_of(&plan.path("src")).into_iter().filter(|file| file.ends_with(".md"));
    pages
        .filter_map(|page| {
            let file = format!("src/{page}");
            let counts = counts(&plan.text(&file).ok()?);
            (counts > (0, 0)).then_some((counts, file))
        })
        // Of two with as many the first.
        .rev()
        .max_by_key(|(counts, _)| *counts)
        .map(|(_, file)| file)
}

#[cfg(test)]
mod tests;
