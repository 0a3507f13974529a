//! What a listing's file defines, by name, and what it takes from other listings.

use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Item, UseTree};

use crate::excerpt;

/// A function, a type, a constant, a trait or a macro, outside of every other item.
#[derive(Clone, Debug, PartialEq)]
pub struct Defined {
    /// As the file names it.
    pub name: String,
    /// From 0, with its comments and attributes.
    pub lines: Range<usize>,
}

/// A name that a `use` takes from another file of the project.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// As this file names it.
    pub name: String,
    /// Where it may be defined, relative to the project: the first that exists.
    pub files: Vec<PathBuf>,
    /// Its name there.
    pub there: String,
}

/// What stands in a file outside of its tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Items {
    /// In the order of the file.
    pub defined: Vec<Defined>,
    /// In the order of the file.
    pub taken: Vec<Taken>,
}

impl Items {
    /// Of the text of `file`, a path relative to the project; nothing, if it is no Rust that parses.
    pub fn parse(file: &Path, text: &str) -> Items {
        let mut items = Items::default();
        let Ok(parsed) = syn::parse_file(text) else { return items };
        for item in &parsed.items {
            let Some((name, attributes)) = named(item) else {
                if let Item::Use(item) = item {
                    items.take(file, &item.tree, &mut Vec::new());
                }
                continue;
            };
            let is_test = attributes.iter().any(|attribute| attribute.path().is_ident("cfg"));
            if !is_test {
                let first = attributes.iter().map(|attribute| line(attribute.span())).min();
                let span = item.span();
                let begin = first.unwrap_or(usize::MAX).min(line(span));
                items
                    .defined
                    .push(Defined { name: name.to_string(), lines: begin..span.end().line });
            }
        }
        items
    }

    /// The text of an item, as it stands there, without the comments that mark excerpts.
    pub fn text(&self, name: &str, text: &str) -> Option<String> {
        let item = self.defined.iter().find(|item| item.name == name)?;
        let lines: Vec<&str> = text.lines().collect();
        Some(excerpt::without_marks(lines.get(item.lines.clone())?))
    }

    fn take(&mut self, file: &Path, tree: &UseTree, before: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.take(file, &path.tree, before);
                before.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.take(file, tree, before);
                }
            }
            UseTree::Name(name) => self.take_name(file, &name.ident, &name.ident, before),
            UseTree::Rename(name) => self.take_name(file, &name.ident, &name.rename, before),
            UseTree::Glob(_) => {}
        }
    }

    fn take_name(&mut self, file: &Path, there: &Ident, name: &Ident, modules: &[String]) {
        let files = files(file, modules);
        if !files.is_empty() && there != "self" {
            self.taken.push(Taken { name: name.to_string(), files, there: there.to_string() });
        }
    }
}

/// The files that a path of modules can mean, as seen from `file`.
fn files(file: &Path, modules: &[String]) -> Vec<PathBuf> {
    let Some((first, rest)) = modules.split_first() else { return Vec::new() };
    let beside = file.parent().unwrap_or(Path::new(""));
    let is_folder = file.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs");
    let own = if is_folder { beside.to_path_buf() } else { file.with_extension("") };
    let (folders, rest) = match first.as_str() {
        // Its root is one of the folders above: most often that of all listings.
        "crate" => {
            let mut above: Vec<PathBuf> = beside.ancestors().map(Path::to_path_buf).collect();
            above.retain(|folder| !folder.as_os_str().is_empty());
            above.reverse();
            (above, rest)
        }
        "super" if is_folder => (vec![beside.parent().unwrap_or(beside).to_path_buf()], rest),
        "super" => (vec![beside.to_path_buf()], rest),
        "self" => (vec![own], rest),
        _ => (vec![own], modules),
    };
    let candidates = |folder: PathBuf| {
        let place = rest.iter().fold(folder, |place, module| place.join(module));
        [place.with_extension("rs"), place.join("mod.rs")]
    };
    folders.into_iter().flat_map(candidates).collect()
}

/// From 0.
fn line(span: Span) -> usize {
    span.start().line.saturating_sub(1)
}

fn named(item: &Item) -> Option<(&Ident, &[Attribute])> {
    Some(match item {
        Item::Const(item) => (&item.ident, &item.attrs[..]),
        Item::Enum(item) => (&item.ident, &item.attrs[..]),
        Item::Fn(item) => (&item.sig.ident, &item.attrs[..]),
        Item::Macro(item) => (item.ident.as_ref()?, &item.attrs[..]),
        Item::Static(item) => (&item.ident, &item.attrs[..]),
        Item::Struct(item) => (&item.ident, &item.attrs[..]),
        Item::Trait(item) => (&item.ident, &item.attrs[..]),
        Item::Type(item) => (&item.ident, &item.attrs[..]),
        Item::Union(item) => (&item.ident, &item.attrs[..]),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "use std::thread;\nuse super::oven::{Oven, bake as heat};\nuse crate::corpus;\n\n\
                        // ANCHOR: bread\n/// Bread.\n#[derive(Clone)]\npub struct Bread {\n    // ANCHOR: crust\n    \
                        crust: u8,\n    // ANCHOR_END: crust\n}\n// ANCHOR_END: bread\n\nconst HOT: u8 = 7;\n\n\
                        #[cfg(test)]\nfn cold() {}\n";

    #[test]
    fn an_item_has_its_comments_and_no_marks() {
        let items = Items::parse(Path::new("listings/kitchen/bread.rs"), TEXT);
        let bread = items.text("Bread", TEXT).unwrap();
        assert_eq!(bread, "/// Bread.\n#[derive(Clone)]\npub struct Bread {\n    crust: u8,\n}");
        assert_eq!(items.text("HOT", TEXT).unwrap(), "const HOT: u8 = 7;");
        assert_eq!(items.text("cold", TEXT), None);
    }

    #[test]
    fn what_is_taken_has_the_files_it_can_come_from() {
        let items = Items::parse(Path::new("listings/kitchen/bread.rs"), TEXT);
        let taken =
            |name: &str| items.taken.iter().find(|taken| taken.name == name).cloned().unwrap();
        assert_eq!(taken("heat").there, "bake");
        assert_eq!(taken("Oven").files[0], Path::new("listings/kitchen/oven.rs"));
        let folder = Items::parse(Path::new("listings/kitchen/mod.rs"), "use self::oven::Oven;");
        assert_eq!(folder.taken[0].files[0], Path::new("listings/kitchen/oven.rs"));
        let inner = "use super::Bread;";
        let inner = Items::parse(Path::new("listings/kitchen/bread/slice.rs"), inner);
        assert!(inner.taken[0].files.contains(&PathBuf::from("listings/kitchen/bread.rs")));
    }
}
