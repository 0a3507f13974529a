//! The manifests of packages with exercises: the crates that they name, in the versions of the listings.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use book::project::Project;

use super::Exercise;

/// The manifest of a package with these exercises: the crates they name, as the listings use them.
pub(super) fn manifest(project: &Project, name: &str, exercises: &[&Exercise]) -> Result<String> {
    let root = toml_of(project, &project.root.join("Cargo.toml"))?;
    let named: BTreeSet<String> = exercises.iter().flat_map(|exercise| exercise.crates()).collect();
    let shared = table(root.get("workspace").and_then(|all| all.get("dependencies")));
    let mut dependencies = BTreeMap::new();
    for package in packages_of_listings(project)? {
        for (name, asked) in table(package.get("dependencies")) {
            if named.contains(&name.replace('-', "_")) {
                dependencies.insert(name.clone(), resolved(&asked, shared.get(&name)));
            }
        }
    }
    let dependencies: String =
        dependencies.iter().map(|(name, asked)| format!("{name} = {asked}\n")).collect();
    Ok(format!(
        "# Written by `cargo course exercise`.\n\
         [package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{dependencies}\n\
         # A starter leaves to you what will be used.\n\
         [lints.rust]\nunused_imports = \"allow\"\nunused_variables = \"allow\"\nunused_mut = \"allow\"\n\
         dead_code = \"allow\"\n"
    ))
}

/// The manifests of the packages that listings are in: the one around their folder, and those in its `packages/`.
fn packages_of_listings(project: &Project) -> Result<Vec<toml::Table>> {
    let listings = project.root.join(&project.settings.listings);
    let around = listings.ancestors().map(|folder| folder.join("Cargo.toml"));
    let own = around.take_while(|file| file.starts_with(&project.root)).find(|file| file.is_file());
    let own = own.map(|file| toml_of(project, &file)).transpose()?;
    let mut packages: Vec<toml::Table> = own.into_iter().collect();
    let folder = listings.join("packages");
    for entry in fs::read_dir(&folder).into_iter().flatten() {
        let manifest = entry.with_context(|| project.shown(&folder))?.path().join("Cargo.toml");
        if manifest.is_file() {
            packages.push(toml_of(project, &manifest)?);
        }
    }
    Ok(packages)
}

fn toml_of(project: &Project, path: &Path) -> Result<toml::Table> {
    let text = fs::read_to_string(path).with_context(|| project.shown(path))?;
    toml::from_str(&text).with_context(|| project.shown(path))
}

fn table(table: Option<&toml::Value>) -> toml::Table {
    table.and_then(toml::Value::as_table).cloned().unwrap_or_default()
}

/// A dependency with what the workspace says of it written out.
fn resolved(asked: &toml::Value, shared: Option<&toml::Value>) -> toml::Value {
    let Some(asked) = asked.as_table().filter(|asked| asked.contains_key("workspace")) else {
        return asked.clone();
    };
    let mut whole = match shared {
        Some(toml::Value::Table(table)) => table.clone(),
        Some(version) => toml::Table::from_iter([("version".to_string(), version.clone())]),
        None => toml::Table::new(),
    };
    let array = |table: &toml::Table| {
        table.get("features").and_then(toml::Value::as_array).cloned().unwrap_or_default()
    };
    let mut features = array(&whole);
    features.extend(array(asked));
    if !features.is_empty() {
        whole.insert("features".into(), toml::Value::Array(features));
    }
    toml::Value::Table(whole)
}

#[cfg(test)]
mod tests {
    use book::fixtures::TinyBook;

    use super::*;

    #[test]
    fn the_crates_of_a_listing_are_those_of_the_package_around_its_folder() {
        let book = TinyBook::new();
        let packages = || {
            let packages = packages_of_listings(&book.project()).unwrap();
            packages.iter().map(|of| of["package"]["name"].to_string()).collect::<Vec<_>>()
        };
        let named = |name: &str| format!("[package]\nname = \"{name}\"\n");
        book.write("Cargo.toml", &named("listings"));
        book.write("listings/packages/tokio/Cargo.toml", &named("with-tokio"));
        assert_eq!(packages(), ["\"listings\"", "\"with-tokio\""]);
        book.write("book.toml", "[preprocessor.course]\nlistings = \"rust/src\"\n");
        book.write("rust/Cargo.toml", &named("cafe"));
        assert_eq!(packages(), ["\"cafe\""]);
    }
}
