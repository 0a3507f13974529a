//! What is asked of a figure, and what a reader sees.

use lab::machine::Cache;
use lab::record::{CEILING, Record};

use crate::directives::tests::{assert_wrong, page};
use crate::fixtures::{AWAY, HOME, TinyBook, assert_shows, fetch, tenth_alone};

#[test]
fn a_figure_of_what_no_sample_holds_is_answered_with_the_nearest_quantity() {
    assert_wrong(
        "{{#figure fetch bars of=memry \"C\"}}",
        "of=memry",
        "no quantity of a figure named `memry`",
        "did you mean `memory`?",
    );
}

#[test]
fn a_caption_is_neutral_or_has_both_halves_of_a_condition() {
    assert_wrong(
        "{{#figure fetch bars \"C\" if=\"sequential > 1 ms\"}}",
        "sequential > 1 ms",
        "half of a condition",
        "`if=` and `else=`",
    );
    assert_wrong(
        "{{#figure fetch bars \"C\" +neutral if=\"sequential > 1 ms\" else=\"D\"}}",
        "+neutral",
        "a neutral caption has no condition",
        "leave out",
    );
    assert_wrong(
        "{{#figure fetch bars \"C\" if=\"sequentil > 1 ms\" else=\"D\"}}",
        "sequentil > 1 ms",
        "`fetch` has no arm named `sequentil`",
        "did you mean `sequential`?",
    );
}

#[test]
fn an_unknown_kind_of_figure_is_answered_with_the_nearest_one() {
    assert_wrong(
        "{{#figure fetch bar \"C\"}}",
        "bar",
        "no kind of figure named `bar`",
        "did you mean `bars`?",
    );
}

#[test]
fn a_law_is_drawn_through_a_speedup_of_an_arm_that_states_what_runs_alone() {
    let law =
        |kind: &str, law: &str| format!("{{{{#figure fetch {kind} \"C\" law={law} +neutral}}}}");
    let title = "no law named `amdal`";
    assert_wrong(&law("speedup", "amdal"), "law=amdal", title, "did you mean `amdahl`?");
    let title = "a law is drawn through a speedup";
    assert_wrong(&law("bars", "amdahl"), "law=amdahl", title, "`speedup`");
    let title = "no arm of this figure says what of it runs alone";
    assert_wrong(&law("speedup", "amdahl"), "law=amdahl", title, ".serial(0.1)");
}

#[test]
fn caches_are_marked_on_an_axis_of_bytes_and_rates_are_of_bytes() {
    let figure =
        |kind: &str, option: &str| format!("{{{{#figure fetch {kind} \"C\" {option} +neutral}}}}");
    let title = "no mark named `cache`";
    assert_wrong(&figure("scaling", "marks=cache"), "marks=cache", title, "`caches`?");
    let title = "caches are marked on an axis of bytes";
    assert_wrong(&figure("bars", "marks=caches"), "marks=caches", title, "`scaling`");
    assert_wrong(&figure("scaling", "marks=caches"), "marks=caches", title, "has none");
    let title = "does not say how many bytes it goes through";
    assert_wrong(&figure("scaling", "of=rate"), "of=rate", title, ".per(\"byte\", BYTES)");
    let value = "{{#value fetch: rate(sequential)}}";
    assert_wrong(value, "rate(sequential)", "how many bytes `sequential` goes through", ".per(");
}

#[test]
fn a_ceiling_is_asked_for_where_the_record_can_say_it() {
    let figure = |kind: &str, options: &str| {
        format!("{{{{#figure fetch {kind} \"C\" {options} +neutral}}}}")
    };
    let wrong = |kind: &str, options: &str, title: &str, label: &str| {
        let asked = options.split(' ').find(|option| option.starts_with("ceiling")).unwrap();
        assert_wrong(&figure(kind, options), asked, title, label);
    };
    wrong("speedup", "ceiling=copies", "asked for in a scaling", "without being asked");
    wrong("scaling", "ceiling=copies of=memory", "one of times and rates", "leave out");
    wrong("scaling", "ceiling=copies of=each", "their time alone", "leave out `of=`");
    wrong("scaling", "ceiling=thread@2", "no arm named `thread`", "`threads`?");
    wrong("scaling", "ceiling=polite", "`polite` was not measured over the axis", "that was");
    wrong("scaling", "ceiling=threads@3", "`threads` was not measured at 3", "1");
    wrong("scaling", "ceiling=threads@two", "`two` is no point", "a whole number");
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
    let figure = |ceiling: &str| {
        book.page(&format!("{{{{#figure fetch scaling \"C\" ceiling={ceiling} +neutral}}}}\n"))
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
    let mut measurement = fetch(52.0);
    measurement.rounds[2].set_aside = Some("stolen time 9 %".into());
    book.record(HOME, 2, measurement);
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
