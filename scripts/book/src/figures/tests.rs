//! What a reader would notice if it were wrong.

use super::backend::text_width;
use super::gallery::*;
use super::*;
use lab::record::{EndedBy, How, Lane, Point, Segment, Signal, State};

/// Every element of one name: its attributes and its text.
fn elements<'a>(svg: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let open = format!("<{name} ");
    svg.match_indices(&open)
        .map(|(start, _)| {
            let rest = &svg[start + open.len()..];
            let end = rest.find('>').expect("a tag ends");
            let inner = &rest[end + 1..];
            (rest[..end].trim_end_matches('/'), &inner[..inner.find('<').unwrap_or(0)])
        })
        .collect()
}

fn attribute<'a>(attributes: &'a str, name: &str) -> &'a str {
    let marker = format!("{name}=\"");
    let Some(start) = attributes.find(&marker) else { return "" };
    let rest = &attributes[start + marker.len()..];
    &rest[..rest.find('"').expect("an attribute ends")]
}

/// Path data of all shapes with a class.
fn paths<'a>(svg: &'a str, class: &str) -> Vec<&'a str> {
    let with = |attributes: &&str| attribute(attributes, "class").split(' ').any(|c| c == class);
    elements(svg, "path")
        .into_iter()
        .map(|(a, _)| a)
        .filter(with)
        .map(|a| attribute(a, "d"))
        .collect()
}

/// Left end and width of each rectangle in path data.
fn rectangles(data: &str) -> Vec<(f64, f64)> {
    let mut pen = 0.0;
    data.split('z')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let numbers = numbers(piece);
            pen = if piece.starts_with('M') { numbers[0] } else { pen + numbers[0] };
            (pen, numbers[2])
        })
        .collect()
}

fn numbers(data: &str) -> Vec<f64> {
    let mut spaced = String::new();
    for character in data.chars() {
        match character {
            '-' => spaced.push_str(" -"),
            c if c.is_ascii_digit() || c == '.' => spaced.push(c),
            _ => spaced.push(' '),
        }
    }
    spaced.split_whitespace().map(|number| number.parse().expect("a number")).collect()
}

fn every_drawing() -> Vec<Drawing> {
    let (waiting, axis) = many_waiting();
    let runs = word_count_runs();
    let runs: Vec<(&Arm, &Timeline)> = runs.iter().map(|(arm, run)| (arm, run)).collect();
    let mut all = vec![
        bars(&word_count(), Unit::Nanoseconds, Scaling::Fitting),
        bars(&cost_ladder(), Unit::Nanoseconds, Scaling::Fitting),
        bars(&word_count(), Unit::Bytes, Scaling::Linear),
        ladder(&cost_ladder(), Unit::Nanoseconds),
        ladder(&word_count(), Unit::Nanoseconds),
        scaling(&waiting, &axis, Unit::Nanoseconds, Scaling::Fitting),
        scaling(&waiting, &axis, Unit::Bytes, Scaling::Log),
        outcomes(&bank_race()),
        timeline(&runs),
    ];
    for (cores, places) in
        [(1, &[1, 2, 4][..]), (2, &[1, 2, 4]), (8, &[1, 2, 4, 8, 16]), (64, &[1, 4, 16, 64, 128])]
    {
        all.push(speedup(&hash_books(cores, places, &HASHERS)));
    }
    all
}

#[test]
fn every_figure_of_the_gallery_is_drawn_wide_and_narrow_with_its_finding() {
    let gallery = gallery();
    for kind in ["bars", "ladder", "speedup", "scaling", "outcomes", "timeline"] {
        assert!(gallery.iter().any(|(name, _)| name.starts_with(kind)), "no {kind}");
    }
    for (name, drawing) in gallery {
        assert!(!drawing.label.trim().is_empty(), "{name} says nothing");
        for (svg, width) in [(&drawing.wide, "720"), (&drawing.narrow, "340")] {
            let view = elements(svg, "svg")[0].0;
            let view = attribute(view, "viewBox").split(' ').nth(2);
            assert_eq!(view, Some(width), "{name}: {svg}");
            assert!(svg.ends_with("</svg>"), "{name} is cut short");
            let drawn = elements(svg, "path");
            assert!(name == "nothing" || !drawn.is_empty(), "{name}: {width} is empty");
            for (attributes, _) in drawn {
                let data = attribute(attributes, "d");
                assert!(data.starts_with('M') && !data.contains("NaN"), "{name}: path `{data}`");
            }
        }
    }
}

#[test]
fn bars_start_at_zero_and_are_as_long_as_their_values() {
    let drawing = bars(&word_count(), Unit::Nanoseconds, Scaling::Fitting);
    for svg in [&drawing.wide, &drawing.narrow] {
        let mut lengths = Vec::new();
        let mut starts = Vec::new();
        for data in paths(svg, "bar") {
            for (start, width) in rectangles(data) {
                starts.push(start);
                lengths.push(width);
            }
        }
        assert_eq!(lengths.len(), 6);
        assert!(starts.iter().all(|start| *start == starts[0]), "{starts:?}");
        let axis = paths(svg, "ax")[0];
        assert_eq!(numbers(axis)[0], starts[0], "the bars stand on the axis");
        let medians: Vec<f64> =
            word_count().iter().flat_map(|s| s.points.first().map(|p| p.estimate.median)).collect();
        for (length, median) in lengths.iter().zip(&medians) {
            let expected = lengths[0] * median / medians[0];
            assert!((length - expected).abs() < 0.3, "{length} for {expected}");
        }
    }
}

#[test]
fn every_sample_is_drawn() {
    let dots =
        |svg: &str| paths(svg, "pt").iter().map(|data| data.matches("h0").count()).sum::<usize>();
    let (waiting, axis) = many_waiting();
    let cases = [
        (bars(&word_count(), Unit::Nanoseconds, Scaling::Fitting), 6 * 15),
        (bars(&cost_ladder(), Unit::Nanoseconds, Scaling::Fitting), 5 * 15),
        (ladder(&cost_ladder(), Unit::Nanoseconds), 5 * 15),
        (speedup(&hash_books(2, &[1, 2, 4], &HASHERS)), 4 * 3 * 15),
        (scaling(&waiting, &axis, Unit::Nanoseconds, Scaling::Fitting), 9 * 15),
    ];
    for (drawing, samples) in cases {
        assert_eq!(dots(&drawing.wide), samples);
        assert_eq!(dots(&drawing.narrow), samples);
    }
}

#[test]
fn a_log_scale_has_no_bars_and_says_that_it_is_one() {
    let drawing = bars(&cost_ladder(), Unit::Nanoseconds, Scaling::Fitting);
    assert!(paths(&drawing.wide, "bar").is_empty());
    assert!(drawing.wide.contains("log scale"));
    let drawing = bars(&word_count(), Unit::Nanoseconds, Scaling::Log);
    assert!(paths(&drawing.narrow, "bar").is_empty() && drawing.narrow.contains("log scale"));
}

#[test]
fn a_ladder_is_climbed_from_the_cheapest_with_the_factor_at_each_rung() {
    let mut rungs = cost_ladder();
    rungs.reverse();
    let absent = Series {
        label: "switch of threads".into(),
        kind: Kind::Threads,
        absent: Some("not available here".into()),
        points: vec![],
    };
    rungs.insert(2, absent);
    let drawing = ladder(&rungs, Unit::Nanoseconds);
    for svg in [&drawing.wide, &drawing.narrow] {
        let texts: Vec<&str> = elements(svg, "text").iter().map(|(_, text)| *text).collect();
        let place = |text: &str| {
            texts.iter().position(|t| *t == text).unwrap_or_else(|| panic!("no {text}"))
        };
        let order = ["function call", "future polled", "task spawned", "thread spawned"].map(place);
        assert!(order.is_sorted(), "{texts:?}");
        assert!(place("process spawned") < place("switch of threads"), "{texts:?}");
        let factors: Vec<&str> =
            texts.iter().filter(|text| text.starts_with('×') && text.len() < 8).copied().collect();
        assert_eq!(factors.len(), 4, "{factors:?}");
        for factor in factors {
            let digits = factor.chars().filter(char::is_ascii_digit).collect::<String>();
            let significant = digits.trim_matches('0');
            assert!((1..=2).contains(&significant.len()), "{factor}");
        }
        assert!(paths(svg, "bar").is_empty() && svg.contains("log scale"));
    }
    let said = &drawing.label;
    assert!(said.starts_with("From the cheapest up: function call 1.2"), "{said}");
    assert!(said.ends_with("switch of threads not available here."), "{said}");
}

#[test]
fn no_text_leaves_the_drawing_or_covers_another() {
    for drawing in every_drawing() {
        for svg in [&drawing.wide, &drawing.narrow] {
            let view = numbers(attribute(svg, "viewBox"));
            let mut boxes: Vec<(f64, f64, f64, String)> = Vec::new();
            for (attributes, text) in elements(svg, "text") {
                let class = attribute(attributes, "class");
                let role = if class.contains('b') { Role::Bold } else { Role::Text };
                // The widths are those of the widest fonts: a little more than these.
                let width = text_width(text, role) * 0.97;
                let (x, y) = (
                    numbers(attribute(attributes, "x"))[0],
                    numbers(attribute(attributes, "y"))[0],
                );
                let left = match class.split(' ').next_back() {
                    Some("e") => x - width,
                    Some("m") => x - width / 2.0,
                    _ => x,
                };
                assert!(
                    left >= -1.0 && left + width <= view[2] + 1.0,
                    "`{text}` from {left} to {}",
                    left + width
                );
                assert!(y >= 9.0 && y <= view[3] - 2.0, "`{text}` at {y} of {}", view[3]);
                for (from, to, at, other) in &boxes {
                    let apart =
                        (y - at).abs() >= 11.0 || left >= to - 1.0 || left + width <= from + 1.0;
                    assert!(apart, "`{text}` covers `{other}` in {svg}");
                }
                boxes.push((left, left + width, y, text.into()));
            }
        }
    }
}

#[test]
fn labels_that_want_one_place_are_spread_inside_the_plane() {
    let places = plane::spread(&[100.0, 100.0, 101.0, 99.0, 240.0], 16.0, (20.0, 250.0));
    let mut sorted = places.clone();
    sorted.sort_by(f64::total_cmp);
    assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 16.0), "{places:?}");
    let low = plane::spread(&[250.0, 250.0, 250.0], 16.0, (20.0, 250.0));
    assert!(low.iter().all(|y| (20.0..=250.0).contains(y)), "{low:?}");
}

#[test]
fn drawings_hold_classes_and_no_colors_ids_or_line_breaks() {
    for drawing in every_drawing() {
        for svg in [&drawing.wide, &drawing.narrow] {
            for forbidden in [" id=", " style=", " fill=", " stroke=", "#", "\n", "NaN", "inf"] {
                assert!(!svg.contains(forbidden), "{forbidden} in {svg}");
            }
            assert!(svg.contains("role=\"img\"") && !attribute(svg, "aria-label").is_empty());
            for name in ["text", "title", "svg"] {
                let opened = svg.matches(&format!("<{name}")).count();
                assert_eq!(opened, svg.matches(&format!("</{name}>")).count());
            }
        }
    }
}

#[test]
fn names_are_escaped() {
    let mut all = word_count();
    all[0].label = "Vec<&str> \"b\"\nc".into();
    let drawing = bars(&all, Unit::Nanoseconds, Scaling::Linear);
    for svg in [drawing.wide, drawing.narrow] {
        assert!(svg.contains("Vec&lt;&amp;str&gt; &quot;b&quot; c"), "{svg}");
        assert!(!svg.contains("<&") && !svg.contains('\n'));
    }
}

#[test]
fn a_limit_is_a_line_with_its_name_and_is_said_in_words() {
    let with = bars_to(&word_count(), Some(45e6), Unit::Nanoseconds, Scaling::Linear);
    let without = bars(&word_count(), Unit::Nanoseconds, Scaling::Linear);
    for (svg, bare) in [(&with.wide, &without.wide), (&with.narrow, &without.narrow)] {
        assert!(svg.contains("class=\"limit") && svg.contains("limit 45"), "{svg}");
        assert!(!bare.contains("limit"), "{bare}");
    }
    assert!(with.label.contains("; the limit is 45"), "{}", with.label);
}

#[test]
fn a_ceiling_lies_behind_a_scaling_with_its_name_and_is_said_in_words() {
    let (waiting, axis) = many_waiting();
    let drawn = |points: &[(u64, f64)], own, unit| {
        let estimate = |value: &f64| Estimate { low: value * 0.9, median: *value, high: *value };
        let points = points.iter().map(|(at, value)| (*at, estimate(value))).collect();
        let beside = Beside { ceiling: Ceiling { points, own }, ..Beside::default() };
        scaling_beside(&waiting, &axis, &beside, unit, Scaling::Log)
    };
    let level = drawn(&[(10, 2e7), (10_000, 2e7)], None, Unit::Nanoseconds);
    for svg in [&level.wide, &level.narrow] {
        assert!(svg.contains(">at the ceiling</text>"), "{svg}");
        let drawn = |class: &str| {
            let all = elements(svg, "path").into_iter().map(|(attributes, _)| attributes);
            let mut found = all.filter(|attributes| attribute(attributes, "class") == class);
            attribute(found.next().unwrap_or_else(|| panic!("no {class}: {svg}")), "d")
        };
        let line = drawn("ceiling ln");
        let across = line.contains('h') && !line.contains(['l', 'v']);
        assert!(across, "one level, from the first point to the last: {line}");
        // All that was measured took longer: the scale reaches down to the ceiling.
        let lowest = |class: &str| {
            let each = paths(svg, class).into_iter().map(|path| numbers(path)[1]);
            each.fold(0.0, f64::max)
        };
        assert!(numbers(line)[1] > lowest("mk"), "{svg}");
        let band = drawn("ceiling");
        assert!(band.contains('h') && band.contains('v') && band.ends_with('z'), "{band}");
    }
    let said =
        "; the ceiling: 20.0 ms at 10 waiting at once, 20.0 ms at 10\u{202f}000 waiting at once.";
    assert!(level.label.ends_with(said), "{}", level.label);
    let own = drawn(&[(10, 4e7), (10_000, 6e7)], Some(1), Unit::Rate);
    assert!(own.wide.contains(">tasks, ceiling</text>"), "{}", own.wide);
    assert!(!own.wide.contains(">ceiling</text>"), "named once: {}", own.wide);
    assert!(own.label.ends_with("; the ceiling is tasks."), "{}", own.label);
    let without = drawn(&[], None, Unit::Nanoseconds);
    assert!(!without.wide.contains("ceiling") && !without.label.contains("ceiling"));
}

#[test]
fn an_arm_without_points_says_why() {
    let drawing = bars(&word_count(), Unit::Nanoseconds, Scaling::Linear);
    for text in [&drawing.wide, &drawing.narrow, &drawing.label] {
        assert!(
            text.contains("free-threaded Python") && text.contains("not available here"),
            "{text}"
        );
    }
}

#[test]
fn no_samples_one_sample_and_zeros_are_drawn_without_nonsense() {
    let flat = |value: f64, samples: Vec<f64>| SeriesPoint {
        at: Some(1),
        samples,
        estimate: Estimate { low: value, median: value, high: value },
    };
    let cases = [
        vec![],
        vec![series("none", Kind::Threads, vec![])],
        vec![series("one", Kind::Threads, vec![flat(5e6, vec![5e6])])],
        vec![series("zero", Kind::Threads, vec![flat(0.0, vec![0.0, 0.0])])],
        vec![
            series("bare", Kind::Threads, vec![flat(5e6, vec![])]),
            series("odd", Kind::Tasks, vec![flat(f64::NAN, vec![f64::INFINITY])]),
        ],
    ];
    let axis =
        Axis { name: "threads".into(), at: vec![1], log: true, ceiling: true, varies_work: false };
    for case in cases {
        let speed = Speedup {
            base: "sequential".into(),
            series: case.clone(),
            ceiling: vec![],
            limit: None,
            physical: None,
            logical: 1,
            allowed: 1,
            laws: vec![],
        };
        let mut drawings = vec![speedup(&speed)];
        for scale in [Scaling::Linear, Scaling::Log, Scaling::Fitting] {
            drawings.push(bars(&case, Unit::Nanoseconds, scale));
            drawings.push(scaling(&case, &axis, Unit::Bytes, scale));
        }
        for drawing in drawings {
            for svg in [&drawing.wide, &drawing.narrow] {
                assert!(
                    !svg.contains("NaN") && !svg.contains("inf") && svg.contains("<text"),
                    "{svg}"
                );
            }
        }
    }
    let nobody = Outcomes { arms: vec![], possible: None };
    assert_eq!(outcomes(&nobody).label, "Nothing was measured.");
    assert_eq!(timeline(&[]).label, "Nothing was measured.");
}

#[test]
fn an_ending_never_seen_has_its_row() {
    let mut race = bank_race();
    for arm in &mut race.arms {
        arm.counts.remove("1000");
    }
    let drawing = outcomes(&race);
    assert!(
        drawing.wide.contains(">1000<") && drawing.wide.contains(">0 of 15\u{202f}000<"),
        "{}",
        drawing.wide
    );
    assert!(drawing.label.contains("1000 never"));
    assert_eq!(paths(&drawing.wide, "none").len(), 4, "three arms at 1000 and one at 400");
}

#[test]
fn a_count_of_one_stands_apart_from_zero_and_carries_its_number() {
    let drawing = outcomes(&bank_race());
    for svg in [&drawing.wide, &drawing.narrow] {
        for count in ["1 of 30\u{202f}000", "0 of 30\u{202f}000", "29\u{202f}431 of 30\u{202f}000"]
        {
            assert!(svg.contains(&format!(">{count}<")), "{count} in {svg}");
        }
    }
}

#[test]
fn timelines_share_one_scale_and_name_their_spans() {
    let lane = |ms: u64| Lane {
        name: "main".into(),
        kind: "thread".into(),
        segments: vec![Segment {
            start_ns: 0,
            end_ns: ms * 1_000_000,
            state: State::Running,
            span: "work".into(),
            ended_by: None,
        }],
    };
    let run = |ms: u64| Timeline {
        point: Point::new("x", None),
        wall_ns: ms * 1_000_000,
        timing_key: String::new(),
        lanes: vec![lane(ms)],
    };
    let (slow, quick) = (run(400), run(100));
    let (one, other) = (arm("slow", Kind::Sequential), arm("quick", Kind::Threads));
    let drawing = timeline(&[(&one, &slow), (&other, &quick)]);
    let widths: Vec<f64> = paths(&drawing.wide, "run")
        .iter()
        .skip(1)
        .flat_map(|data| rectangles(data))
        .map(|(_, width)| width)
        .collect();
    assert_eq!(widths.len(), 2);
    assert!((widths[0] - 4.0 * widths[1]).abs() < 0.5, "{widths:?}");
    assert!(drawing.wide.contains("<title>work: running 400 ms</title>"), "{}", drawing.wide);
}

#[test]
fn an_arrow_leads_from_what_ended_a_wait_to_its_end_and_others_are_said_in_words() {
    let (arm, run) = handed_over();
    let drawing = timeline(&[(&arm, &run)]);
    for svg in [&drawing.wide, &drawing.narrow] {
        // Four waits of the six, and the one of the key.
        assert_eq!(paths(svg, "head").iter().map(|d| d.matches('z').count()).sum::<usize>(), 5);
        let [left, right, end]: [f64; 3] =
            numbers(attribute(svg, "data-time")).try_into().expect("left, right, end");
        let x = |ms: f64| left + ms * 1e6 / end * (right - left);
        let heads: Vec<f64> = paths(svg, "head").iter().map(|d| numbers(d)[0]).collect();
        assert!((heads[1] - x(40.0)).abs() < 0.2, "after the key's: {heads:?}");
        let behind = svg.find("class=\"arrows\"").unwrap() < svg.find("class=\"spans\"").unwrap();
        assert!(behind, "no arrow covers a segment");
        assert!(svg.contains(">what ended a wait<"));
    }
    for said in [
        "wait for the lock: waiting 20.0 ms, ended by reader (the lock)",
        "wait for page: waiting 1.00 ms, sent by writer, before the wait (page)",
        "wait: waiting 30.0 ms, ended by the clock",
        "wait for the lock: waiting 15.0 ms, ended without a signal from another lane",
    ] {
        assert!(drawing.wide.contains(&format!("<title>{said}</title>")), "{}", drawing.wide);
    }
    assert!(drawing.label.contains(", 4 waits ended by another lane"), "{}", drawing.label);
}

/// Two lanes that hand something back and forth so many times.
fn back_and_forth(times: u64) -> Timeline {
    let lane = |own: usize| Lane {
        name: format!("player {own}"),
        kind: "thread".into(),
        segments: (0..times)
            .filter(|turn| turn % 2 == own as u64)
            .map(|turn| Segment {
                start_ns: turn * 1_000,
                end_ns: turn * 1_000 + 900,
                state: State::Waiting,
                span: "wait for the ball".into(),
                ended_by: Some(EndedBy::Signal(Signal {
                    lane: 1 - own,
                    at_ns: turn * 1_000 + 800,
                    how: How::Woken,
                    what: "the ball".into(),
                })),
            })
            .collect(),
    };
    Timeline {
        point: Point::new("x", None),
        wall_ns: times * 1_000,
        timing_key: String::new(),
        lanes: vec![lane(0), lane(1)],
    }
}

#[test]
fn arrows_that_would_cover_each_other_are_one_and_too_many_are_none_with_words() {
    let arrows = |times: u64| {
        let drawing = timeline(&[(&arm("players", Kind::Threads), &back_and_forth(times))]);
        let drawn =
            |svg: &str| paths(svg, "head").iter().map(|d| d.matches('z').count()).sum::<usize>();
        (drawn(&drawing.wide), drawn(&drawing.narrow), drawing)
    };
    let (wide, narrow, _) = arrows(60);
    assert_eq!((wide, narrow), (61, 61), "and the key's");
    let (wide, narrow, drawing) = arrows(400);
    assert_eq!((wide, drawing.wide.contains("400 arrows: too many at once")), (0, true));
    assert!(narrow == 0 && drawing.narrow.contains("arrows: too many"), "{}", drawing.narrow);
    // So many that most lie on each other: what is left is counted.
    let (_, _, drawing) = arrows(20_000);
    assert!(drawing.wide.len() < 40_000 && drawing.narrow.len() < 40_000);
}

#[test]
fn a_crowded_timeline_stays_small() {
    let lanes = (0..100).map(|lane| Lane {
        name: format!("task {lane}"),
        kind: "task".into(),
        segments: (0..200)
            .map(|i| Segment {
                start_ns: i * 1000 + lane,
                end_ns: i * 1000 + 400 + lane,
                state: if i % 2 == 0 { State::Running } else { State::Waiting },
                span: format!("step {i}"),
                ended_by: None,
            })
            .collect(),
    });
    let run = Timeline {
        point: Point::new("x", None),
        wall_ns: 200_000,
        timing_key: String::new(),
        lanes: lanes.collect(),
    };
    let drawing = timeline(&[(&arm("crowd", Kind::Tasks), &run)]);
    assert!(drawing.wide.len() < 40_000, "{} bytes", drawing.wide.len());
}

#[test]
fn drawings_are_compact() {
    let size = |drawing: &Drawing| drawing.wide.len().max(drawing.narrow.len());
    assert!(size(&bars(&word_count(), Unit::Nanoseconds, Scaling::Fitting)) < 6_000);
    assert!(size(&outcomes(&bank_race())) < 6_000);
    let runs = word_count_runs();
    let runs: Vec<(&Arm, &Timeline)> = runs.iter().map(|(arm, run)| (arm, run)).collect();
    assert!(size(&timeline(&runs)) < 15_000);
}
