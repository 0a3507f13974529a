//! What a reader sees where a directive stood.

use lab::machine::Cache;
use lab::record::{CEILING, Care, Demo, Ending, Record};

use crate::fixtures::{AWAY, HOME, TinyBook, fetch, tenth_alone};
use crate::page::Page;

fn page(text: &str) -> Page {
    TinyBook::measured().page(text)
}

#[track_caller]
fn assert_shows(html: &str, words: &[&str]) {
    for word in words {
        assert!(html.contains(word), "`{word}` is not in\n{html}");
    }
}

#[test]
fn a_law_stands_beside_what_was_measured_on_each_machine() {
    let page =
        TinyBook::measured().page("{{#amdahl fetch.threads \"What more cores would give\"}}\n");
    let html = &page.content;
    assert!(html.contains("Predicted for 16 cores: 6.40 times as fast as one."), "{html}");
    assert!(html.contains("However many there are, at most 10.0 times."), "{html}");
    // 1 / (0.1 + 0.9 / 2), and what two threads gained there.
    assert!(html.contains("On this machine, with 2 cores: 1.82 predicted, 1.9"), "{html}");
    assert!(html.contains("<td class=\"n\" data-p=\"64\">8.77</td>"), "{html}");
    assert_eq!(html.matches("type=\"range\"").count(), 3);
    let away = &page.elsewhere[AWAY][&0];
    assert!(away.contains("with 1 core: 1.00 predicted"), "{away}");
    for part in ["class=\"law\"", "class=\"chosen\"", "ceiling", "k-threads"] {
        assert_eq!(html.contains(part), away.contains(part), "{part}");
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn a_law_is_drawn_through_a_speedup_and_fitted_where_there_are_points_enough() {
    const FIGURE: &str = "{{#figure fetch speedup arms=threads \"C\" law=amdahl +neutral}}\n";
    let book = TinyBook::new();
    book.record(HOME, 2, tenth_alone(2, &[1, 2, 4]));
    book.record(AWAY, 16, tenth_alone(16, &[1, 2, 4, 8, 16, 32]));
    let page = book.page(FIGURE);
    let few = &page.content;
    assert_eq!(few.matches("class=\"law thin\"").count(), 2, "wide and narrow: {few}");
    assert_shows(
        few,
        &[
            "predicted by Amdahl's law: threads 1.82",
            "No share was fitted to the points: that takes 4 numbers of threads or more for which there are cores. \
             This machine has 2 cores, and 2 such points.",
        ],
    );
    let many = &page.elsewhere[AWAY][&0];
    assert_shows(
        many,
        &["The share that fits the points best, by least squares: threads: 10.", "threads 6.40"],
    );
    assert!(!many.contains("No share was fitted"), "{many}");
    // Where no law is asked for, none is spoken of.
    let without = book.page("{{#figure fetch speedup \"C\" +neutral}}\n").content;
    assert!(!without.contains("Amdahl") && !without.contains("law thin"), "{without}");
}

#[test]
fn caches_are_marked_where_the_system_tells_them_and_a_rate_has_its_unit() {
    const FIGURE: &str =
        "{{#figure fetch scaling arms=threads of=rate marks=caches \"C\" +neutral}}\n";
    let mut measured = fetch(52.0);
    measured.description.per = Some(("byte".into(), 1e9));
    let axis = measured.description.axis.as_mut().unwrap();
    axis.name = "bytes".into();
    let last = *axis.at.last().unwrap();
    let book = TinyBook::new();
    book.record(AWAY, 1, measured.clone());
    let mut record = book.record_of(HOME, 2, measured);
    let cache = |level, bytes, shared_by| Cache { level, bytes, shared_by };
    record.machine.caches = vec![cache(1, last - 1, Some(1)), cache(3, 32 << 20, Some(2))];
    record.machine.virtualization = Some("KVM".into());
    book.write_record(&record);
    let page = book.page(&format!("{FIGURE}\n{{{{#value fetch: rate(sequential)}}}}\n"));
    assert_shows(
        &page.content,
        &[
            ">L1</text>",
            "Dashed lines: the caches of one core, as the system tells them, which has it from the hypervisor: \
             level 1, ",
            "; level 3, 32 MiB, shared by 2 logical cores.",
            "bytes a second",
            "GB/s",
        ],
    );
    assert!(!page.content.contains(">L3</text>"), "it lies beyond the axis");
    let untold = &page.elsewhere[AWAY][&0];
    assert_shows(untold, &["Caches: not exposed."]);
    assert!(!untold.contains(">L1</text>"), "{untold}");
}

#[test]
fn a_ceiling_of_times_is_what_copies_or_an_arm_took_and_says_where_none_was_measured() {
    let book = TinyBook::new();
    book.record(HOME, 2, fetch(52.0));
    let mut without = fetch(52.0);
    for round in &mut without.rounds {
        round.samples.retain(|sample| sample.arm != CEILING && sample.arm != "threads");
    }
    without.description.arms[1].unavailable = Some("no threads".into());
    if let Some(axis) = &mut without.description.axis {
        axis.ceiling = false;
    }
    book.record(AWAY, 1, without);
    let figure = |of: &str| {
        book.page(&format!("{{{{#figure fetch scaling \"C\" ceiling={of} +neutral}}}}\n"))
    };

    let copies = figure("copies");
    // Two copies took 105 ms: at that rate, one of them would take 53.
    assert_shows(
        &copies.content,
        &[
            "; the ceiling: 100 ms at 1 threads, 50.1 ms at 4 threads.",
            "At the ceiling: the time of as many independent copies of the work, divided by their number",
            "class=\"ceiling ln\"",
        ],
    );
    let arm = figure("threads@2");
    assert_shows(
        &arm.content,
        &[
            "; the ceiling: 52.2 ms at 1 threads, 52.2 ms at 4 threads.",
            "Ceiling, from the same rounds: threads (threads: 2).",
        ],
    );
    let over_the_axis = figure("threads").content;
    assert_shows(&over_the_axis, &["; the ceiling is threads.", ">threads, at the ceiling</text>"]);
    for page in [&copies, &arm] {
        let away = &page.elsewhere[AWAY][&0];
        assert_shows(away, &["Ceiling: not measured here."]);
        assert!(!away.contains("class=\"ceiling"), "{away}");
    }
    let none = book.page("{{#figure fetch scaling \"C\" +neutral}}\n").content;
    assert!(!none.to_lowercase().contains("ceiling: "), "{none}");
}

#[test]
fn a_value_stands_with_its_unit_and_where_it_comes_from() {
    let page = page("It takes {{#time fetch.sequential}}.\n");
    assert_shows(
        &page.content,
        &[
            "It takes <span data-m=\"0\"><data class=\"measured\" value=\"0.1002\" tabindex=\"0\"",
            "data-from=\"median of 15 rounds, 100 ",
            " · The home-2c · 22 Nov 2026 · rustc 1.95\"",
            ">100 ms</data></span>.",
        ],
    );
}

#[test]
fn values_are_said_in_the_unit_of_what_they_measure() {
    let shown = |directive: &str| {
        let content = page(directive).content;
        let end = content.find("</data>").unwrap_or_else(|| panic!("{directive}: {content}"));
        content[..end].rsplit('>').next().unwrap().to_string()
    };
    assert_eq!(shown("{{#ratio fetch.sequential / threads@2}}"), "1.92 times");
    assert_eq!(shown("{{#value fetch: memory(sequential)}}"), "3.15 MB");
    assert_eq!(shown("{{#value fetch: cpu(sequential)}}"), "1.50 cores");
    assert_eq!(shown("{{#value fetch: share(\"1000\", polite)}}"), "1.00 %");
    assert_eq!(shown("{{#value fetch: outcome(\"900\")}}").replace('\u{202f}', " "), "1 485");
}

#[test]
fn a_machines_properties_follow_the_machine() {
    let page = page("{{#machine cores}} cores\n");
    assert_shows(&page.content, &["<span class=\"measured-machine\">2</span></span> cores"]);
    assert_shows(&page.elsewhere[AWAY][&0], &[">1</span>"]);
    assert!(!page.elsewhere.contains_key(HOME));
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
fn a_claim_that_an_earlier_listing_was_measured_for_says_so_and_disagrees_with_nobody() {
    let book = TinyBook::measured();
    let changed = "//! Fetches.\n\npub fn main() {\n    println!(\"done\");\n}\npub fn sequential() { loop {} }\n";
    book.write("listings/ideas/fetch.rs", changed);
    let page = book.page(&format!("{CLAIM}\n{{{{#claims}}}}\n"));
    let stale = "at least 1.5 asked for · stale: the listing has changed since";
    assert_eq!(page.content.matches(stale).count(), 2, "the box, and the list: {}", page.content);
    assert_shows(&page.content, &["none refutes what another confirms"]);
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
fn a_division_of_nothing_by_nothing_is_no_number() {
    let page = page("{{#value fetch: outcome(\"1\") / outcome(\"2\")}}\n");
    assert!(!page.content.contains("NaN"), "{}", page.content);
    assert_shows(&page.content, &["class=\"unmeasured\""]);
}

#[test]
fn a_listing_stands_with_its_number_its_file_and_its_output() {
    let page = page(
        "{{#listing ideas/fetch.rs:all \"Says `done`\" +output}}\n\n{{#listing ideas/naive.rs \"Does not compile\" +error}}\n",
    );
    assert_shows(
        &page.content,
        &[
            "<span class=\"number\">Listing 1-1</span> Says <code>done</code>",
            "<span class=\"file\">listings/ideas/fetch.rs</span>",
            "<p class=\"command\"><code>cargo run --release --example fetch</code></p>",
            "<span class=\"number\">Listing 1-2</span>",
            "The compiler answers:",
            "error[E0425]",
        ],
    );
    assert!(!page.content.contains("ANCHOR"), "{}", page.content);
}

#[test]
fn new_lines_of_a_listing_are_marked_and_its_caption_says_since_which() {
    let page = page(
        "{{#listing ideas/two_ways.rs:before \"One way\"}}\n\n{{#listing ideas/two_ways.rs:after since=before \"Another\"}}\n",
    );
    assert_shows(
        &page.content,
        &[
            "<span class=\"number\">Listing 1-2</span> Another <span class=\"since\">new since Listing 1-1</span>",
            "&#10;<ins>    <span class=\"fn\">more</span>(<span class=\"st\">&quot;&lt;1&gt;&quot;</span>);&#10;</ins>    <span",
        ],
    );
    assert_eq!(page.content.matches("<ins>").count(), 1, "{}", page.content);
}

#[test]
fn what_a_program_printed_is_text_and_is_not_expanded_again() {
    let page = page("{{#output fetch}}\n");
    assert_shows(&page.content, &["done&#10;&#10;{{#title Stolen}} &lt;b&gt;"]);
}

#[test]
fn a_demo_that_never_ran_says_how_to_run_it() {
    let page = page("{{#output greet}}\n");
    assert_shows(
        &page.content,
        &["This demo was not run yet", "cargo run --release --example greet"],
    );
}

#[test]
fn a_demo_that_only_writes_to_stderr_shows_that() {
    let book = TinyBook::measured();
    let mut record = book.record_of(HOME, 2, fetch(52.0));
    let demo = record.demo.take().unwrap();
    record.demo =
        Some(Demo { stdout: String::new(), stderr: "thread 'main' panicked\n".into(), ..demo });
    record.description.ending = Ending::Panic;
    book.write_record(&record);
    let page = book.page("{{#output fetch}}\n");
    assert_shows(&page.content, &["What fetch writes to stderr", "thread 'main' panicked"]);
    assert!(!page.content.contains("Output of fetch"), "{}", page.content);
}

const CLAIM: &str = "{{#claim fetch: sequential / threads@2 >= 1.5}}Threads *pay*, see [there](ch02.md), \
    after {{#time fetch.threads@2}}.{{#otherwise}}Threads gain nothing here.{{/claim}}\n";

#[test]
fn a_claim_shows_its_verdict_and_the_sentence_that_is_true() {
    let page = page(CLAIM);
    assert_shows(
        &page.content,
        &[
            "<div class=\"claim holds\">",
            "✓ holds on this machine",
            "<span class=\"measured-ratio\">1.92 times (1.92 to 1.93), at least 1.5 asked for</span>",
            "Threads <em>pay</em>",
            "<a href=\"ch02.html\">",
            ">52.2 ms</data>",
        ],
    );
    assert!(!page.content.contains("gain nothing"), "{}", page.content);
    let away = &page.elsewhere[AWAY][&0];
    assert_shows(
        away,
        &["<div class=\"claim fails\">", "✗ does not hold on this machine", "gain nothing here"],
    );
    assert!(!away.contains("<em>pay</em>"), "{away}");
}

#[test]
fn a_claim_that_is_not_resolved_or_not_applicable_says_so() {
    let page = page(
        "{{#claim fetch: sequential > 100.2 ms}}Slow.{{/claim}}\n\n\
         {{#claim fetch: sequential > 1 ms when cores >= 4}}Slow.{{/claim}}\n\n\
         {{#claim greet: sequential > 1 ms}}Slow.{{/claim}}\n",
    );
    assert_shows(
        &page.content,
        &[
            "claim unresolved",
            "? not resolved on this machine",
            "claim inapplicable",
            "– not applicable: it speaks of at least 4 cores",
            "not applicable: greet was not measured here",
        ],
    );
}

#[test]
fn the_ledger_holds_every_claim_on_every_machine() {
    let page = page(&format!("{CLAIM}\n{{{{#claims}}}}\n\n{{{{#machines}}}}\n"));
    assert_shows(
        &page.content,
        &[
            "<h2 id=\"where-machines-disagree\">",
            "<a href=\"ch01-ideas.html\">Ideas</a>: <code>fetch",
            "<code>fetch: sequential / threads@2 &gt;= 1.5</code>",
            "<p class=\"line holds\"><b>✓ holds</b> The home-2c: 1.92 times (1.92 to 1.93), at least 1.5 asked for</p>",
            "<p class=\"line fails\"><b>✗ does not hold</b> The away-1c: ",
            // And among all claims, that of the machine that is chosen.
            "<p class=\"line holds\"><b>✓ holds</b> 1.92 times",
            "<p class=\"test\">all machines: 1 ✓ · 1 ✗</p>",
            "## The home-2c",
            "The pages open with its numbers.",
            "<th scope=\"row\">Governor</th><td>not exposed</td>",
        ],
    );
}

#[test]
fn a_table_has_every_arm_its_interval_and_the_ceiling() {
    let page = page("{{#table fetch}}\n");
    assert_shows(
        &page.content,
        &[
            "<th scope=\"col\">Times as fast as sequential</th>",
            "<th scope=\"row\">threads (2)</th><td class=\"n\">52.2 ms (52.1 to 52.2)</td>",
            "1.92 (1.92 to 1.93), faster",
            "against itself",
            "ceiling (2)",
            "<th scope=\"col\">900</th>",
            "counted over all rounds",
            // It makes many trials, and the base does the work once.
            "<td class=\"n\">other work</td>",
        ],
    );
    let cells = |row: &str| row.matches("<th ").count() + row.matches("<td").count();
    let rows: Vec<&str> =
        page.content.split("<tr").filter(|row| row.contains("ceiling (")).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| cells(row) == 5), "as many cells as the head: {rows:?}");
    let columns = "{{#table fetch arms=threads,polite columns=cores,memory,p50,p99}}\n";
    let columns = TinyBook::measured().page(columns).content;
    assert_shows(
        &columns,
        &[
            "<th scope=\"col\">Cores busy</th><th scope=\"col\">Peak memory</th><th scope=\"col\">p50</th>",
            "not exposed",
            "not recorded",
            "<td class=\"n\">99.0 ms</td>",
        ],
    );
    assert!(!columns.contains("Times as fast") && !columns.contains("sequential"), "{columns}");
    let chosen = TinyBook::measured().page("{{#table fetch arms=polite}}\n").content;
    assert!(!chosen.contains("threads (2)") && !chosen.contains("ceiling (2)"), "{chosen}");
    assert!(!chosen.contains("not available there"), "{chosen}");
    // The one makes many trials and the other none: there is nothing to compare.
    let apart = TinyBook::measured().page("{{#table fetch arms=sequential,polite}}\n").content;
    assert!(!apart.contains("Times as fast") && !apart.contains("other work"), "{apart}");
    let asked = TinyBook::measured().page("{{#table fetch arms=python_threads}}\n").content;
    assert!(asked.contains("not available there: python3 was not found"), "{asked}");
}

#[test]
fn where_the_work_differs_nothing_is_said_of_how_many_times_as_fast() {
    let book = TinyBook::measured();
    let mut measurement = fetch(52.0);
    measurement.description.different_work = true;
    book.record(HOME, 2, measurement);
    let table = book.page("{{#table fetch}}\n").content;
    assert_shows(
        &table,
        &["<th scope=\"row\">threads (2)</th><td class=\"n\">52.2 ms (52.1 to 52.2)</td>"],
    );
    for word in ["Times as fast", "faster", "against itself", "ceiling ("] {
        assert!(!table.contains(word), "`{word}` is in\n{table}");
    }
}

#[test]
fn the_base_of_a_comparison_is_always_in_the_table_and_can_be_another_arm() {
    let alone = page("{{#table fetch arms=threads}}\n").content;
    let base = alone.find("<th scope=\"row\">sequential</th>").expect("the base has a row");
    assert!(base < alone.find("threads (1)").unwrap(), "{alone}");
    let itself = page("{{#table fetch arms=sequential base=threads}}\n").content;
    assert_shows(&itself, &["Times as fast as threads"]);
    // An arm over the axis has no point where the other has none: there is nothing to compare.
    assert!(!itself.contains("faster"), "{itself}");
}

#[test]
fn a_caption_that_compares_follows_the_machine_and_stands_on_the_page_of_claims() {
    let page = page(
        "{{#figure fetch bars \"Two threads pay\" if=\"sequential / threads@2 >= 1.5\" else=\"One or two threads\"}}\n\n\
         {{#claims}}\n",
    );
    assert_shows(
        &page.content,
        &[
            "<figcaption>Two threads pay</figcaption>",
            "caption of a figure: <code>fetch: sequential",
        ],
    );
    let away = &page.elsewhere[AWAY][&0];
    assert_shows(away, &["<figcaption>One or two threads</figcaption>"]);
}

#[test]
fn the_same_bars_stand_for_one_core_and_for_all_of_them() {
    let book = TinyBook::measured();
    book.record("home-2c-held-to-1", 1, fetch(101.0));
    let page = book.page(
        "{{#figure fetch cores arms=sequential,threads at=2 \"One core, and two\" +neutral}}\n",
    );
    let html = &page.content;
    let (one, two) = (html.find("<strong>1 core</strong>"), html.find("<strong>2 cores</strong>"));
    assert!(one.is_some() && one < two, "{html}");
    assert_eq!(html.matches("class=\"wide\"").count(), 2);
    assert_eq!(
        html.matches(">threads</text>").count(),
        4,
        "one bar on each, wide and narrow: {html}"
    );
    assert!(!html.contains("threads · "), "{html}");
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

#[test]
fn a_figure_of_memory_says_so_and_has_bytes_on_its_axis() {
    let page = page("{{#figure fetch scaling of=memory \"Memory\"}}\n");
    assert_shows(&page.content, &["Peak memory · Time to fetch", "3.15 MB at 4 threads"]);
    assert!(
        !TinyBook::measured().page("{{#figure fetch scaling \"T\"}}\n").content.contains("MB at")
    );
}

#[test]
fn every_kind_of_figure_is_drawn_wide_and_narrow_with_caption_and_provenance() {
    for kind in ["bars", "speedup", "scaling", "outcomes", "timeline"] {
        let page = page(&format!("{{{{#figure fetch {kind} \"Two `threads`\"}}}}\n"));
        assert_shows(
            &page.content,
            &[
                "<figure class=\"plot\"",
                "<figcaption>Two <code>threads</code></figcaption>",
                "<div class=\"wide\"><svg",
                "<div class=\"narrow\"><svg",
                "aria-label=",
                "The home-2c",
            ],
        );
        let figure = page.content.trim().rsplit("\n\n").next().unwrap();
        assert!(figure.starts_with("<div data-m"), "a blank line ends HTML in Markdown: {figure}");
    }
}

#[test]
fn a_figure_counts_the_rounds_set_aside() {
    let book = TinyBook::new();
    let mut of = fetch(52.0);
    of.rounds[2].set_aside = Some("stolen time 9 %".into());
    book.record(HOME, 2, of);
    let page = book.page("{{#figure fetch bars \"C\"}}\n\n{{#machines}}\n");
    assert_shows(&page.content, &["15 rounds, 1 set aside", "round 3: stolen time 9 %"]);
}

#[test]
fn a_record_with_a_demo_and_no_measurement_leaves_figures_open() {
    let book = TinyBook::new();
    let record =
        Record { measurement: None, timelines: Vec::new(), ..book.record_of(HOME, 2, fetch(52.0)) };
    book.write_record(&record);
    let page = book.page("{{#figure fetch bars \"C\"}}\n\n{{#figure fetch timeline \"C\"}}\n\n{{#time fetch.sequential}}\n");
    assert_eq!(page.content.matches("Not measured on this machine").count(), 2, "{}", page.content);
    assert_shows(&page.content, &["not measured on this machine</span>"]);
}
