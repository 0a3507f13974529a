//! What a page is beside what each directive makes of itself.

use lab::record::Care;

use crate::fixtures::{AWAY, HOME, TinyBook, assert_shows, fetch};
use crate::page::Page;

fn page(text: &str) -> Page {
    TinyBook::measured().page(text)
}

#[test]
fn every_place_that_depends_on_the_machine_is_numbered_and_kept_for_the_others() {
    let page = page(
        "{{#time fetch.sequential}} {{#given 40 ms}}\n\n{{#figure fetch bars \"C\"}}\n\n\
         {{#table fetch}}\n\n{{#figure fetch bars machine=away-1c \"C\"}}\n",
    );
    assert_eq!(page.content.matches("data-m=").count(), 3, "{}", page.content);
    assert_shows(
        &page.content,
        &["<span class=\"given\">40 ms</span>", "data-page=\"ch01-ideas\""],
    );
    assert_eq!(page.elsewhere[AWAY].keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
    assert_shows(&page.elsewhere[AWAY][&0], &["The away-1c"]);
    assert!(!page.content.contains("{{#"), "{}", page.content);
}

#[test]
fn a_page_without_numbers_names_no_machine() {
    assert_eq!(
        page("# Ideas\n\nNothing is measured.\n").content,
        "# 1. Ideas\n\nNothing is measured.\n"
    );
}

#[test]
fn a_changed_listing_makes_its_values_and_its_output_stale() {
    let book = TinyBook::measured();
    book.write(
        "listings/ideas/fetch.rs",
        "// ANCHOR: all\npub fn main() { println!(\"else\") }\n// ANCHOR_END: all\n",
    );
    let page = book.page(
        "{{#time fetch.sequential}}\n\n{{#output fetch}}\n\n{{#figure fetch bars \"C\"}}\n\n\
         {{#figure fetch timeline \"C\"}}\n",
    );
    assert_shows(&page.content, &["class=\"measured stale\"", "Printed by an earlier version"]);
    assert_eq!(page.content.matches("stale: the listing has changed since").count(), 3);
    book.write("listings/ideas/fetch.rs", "pub fn main() { this is no Rust");
    assert_shows(&book.page("{{#time fetch.sequential}}\n").content, &["measured stale"]);
}

#[test]
fn another_comment_leaves_the_timing_fresh() {
    let book = TinyBook::measured();
    let changed = "//! Fetches, it says.\n\npub fn main() {\n    println!(\"done\"); // done\n}\npub fn sequential() {}\n";
    book.write("listings/ideas/fetch.rs", changed);
    let page = book.page("{{#time fetch.sequential}}\n\n{{#output fetch}}\n");
    assert!(!page.content.contains("measured stale"), "{}", page.content);
    assert_shows(&page.content, &["Printed by an earlier version"]);
}

#[test]
fn a_quick_measurement_says_that_it_is() {
    let book = TinyBook::new();
    let mut quick = fetch(52.0);
    quick.care = Care::Quick;
    quick.planned = 6;
    quick.rounds.truncate(6);
    book.record(HOME, 2, quick);
    assert_shows(
        &book.page("{{#time fetch.sequential}}\n").content,
        &["median of 6 rounds", "· measured quickly"],
    );
}

#[test]
fn what_one_machine_lacks_is_said_in_its_place() {
    let book = TinyBook::new();
    book.record(AWAY, 1, fetch(101.0));
    let page = book
        .page("{{#time fetch.sequential}}\n\n{{#figure fetch bars \"C\"}}\n\n{{#table greet}}\n");
    assert_shows(
        &page.content,
        &["nothing was measured on this machine yet", "nothing was measured there yet"],
    );
    assert_shows(
        &page.elsewhere[AWAY][&2],
        &["greet was not measured on this machine", "<code>cargo course measure greet</code>"],
    );
}

#[test]
fn an_arm_that_could_not_run_is_said_and_is_never_zero() {
    let page =
        page("{{#value fetch: python_threads}}\n\n{{#table fetch}}\n\n{{#time fetch.threads@3}}\n");
    assert_shows(
        &page.content,
        &[
            "<span class=\"unmeasured\">python threads did not run on this machine: python3 was not found</span>",
            "not available there: python3 was not found",
            "threads@3 was not measured on this machine",
        ],
    );
}

#[test]
fn rounds_in_two_groups_are_two_numbers() {
    let book = TinyBook::measured();
    let mut measurement = fetch(52.0);
    for round in measurement.rounds.iter_mut().step_by(2) {
        let slow = round.samples.iter_mut().find(|s| s.arm == "threads" && s.at == Some(2));
        slow.unwrap().wall_ns *= 3;
    }
    book.record(HOME, 2, measurement);
    let page = book.page("{{#time fetch.threads@2}}\n\n{{#table fetch arms=threads}}\n");
    assert_shows(
        &page.content,
        &[
            ">52.2 or 156 ms</data>",
            "in two groups: 7 rounds near",
            "<td class=\"n\">52.2 or 156 ms</td>",
            "threads (2): in two groups: 7 rounds near 52.2 ms",
        ],
    );
}
