//! All figures with made-up data, on one page: `cargo test -p book gallery -- --ignored`, then open
//! `target/figures.html`.

use super::*;
use lab::record::{EndedBy, How, Lane, Point, Segment, Signal, State};
use lab::statistics::estimate;
use maud::{DOCTYPE, PreEscaped, html};

/// Samples around a value, the same at every run.
pub(super) fn samples(median: f64, spread: f64, rounds: usize) -> Vec<f64> {
    (0..rounds)
        .map(|round| {
            let wave = ((round as f64 * 7.3 + median).sin() + (round as f64 * 3.1).cos()) / 2.0;
            median * (1.0 + spread * wave + if round == 4 { spread * 2.0 } else { 0.0 })
        })
        .collect()
}

pub(super) fn point(at: Option<u64>, median: f64, spread: f64) -> SeriesPoint {
    let samples = samples(median, spread, 15);
    SeriesPoint { at, estimate: estimate(&samples).expect("there are samples"), samples }
}

pub(super) fn series(label: &str, kind: Kind, points: Vec<SeriesPoint>) -> Series {
    Series { label: label.into(), kind, absent: None, points }
}

pub(super) fn word_count() -> Vec<Series> {
    let one = |label: &str, kind, ms: f64| series(label, kind, vec![point(None, ms * 1e6, 0.02)]);
    let mut all = vec![
        one("sequential", Kind::Sequential, 341.0),
        one("threads", Kind::Threads, 44.0),
        one("pool of 4", Kind::Threads, 86.0),
        one("as completed", Kind::Threads, 44.6),
        one("tasks, one thread", Kind::Tasks, 43.1),
        one("Python threads", Kind::Python, 52.0),
    ];
    all.push(Series {
        label: "free-threaded Python".into(),
        kind: Kind::Python,
        absent: Some("not available here".into()),
        points: vec![],
    });
    all
}

pub(super) fn cost_ladder() -> Vec<Series> {
    let one = |label: &str, kind, ns: f64| series(label, kind, vec![point(None, ns, 0.05)]);
    vec![
        one("function call", Kind::Sequential, 1.2),
        one("future polled", Kind::Tasks, 3.4),
        one("task spawned", Kind::Tasks, 310.0),
        one("thread spawned", Kind::Threads, 14_200.0),
        one("process spawned", Kind::Processes, 812_000.0),
    ]
}

pub(super) fn hash_books(cores: u64, places: &[u64], names: &[(&str, Kind)]) -> Speedup {
    let reach = |p: u64, share: f64| (p.min(cores) as f64 * share).max(0.97);
    Speedup {
        base: "sequential".into(),
        series: names
            .iter()
            .enumerate()
            .map(|(i, (label, kind))| {
                let share = 0.97 - i as f64 * 0.012;
                let points =
                    places.iter().map(|p| point(Some(*p), reach(*p, share), 0.015)).collect();
                series(label, *kind, points)
            })
            .collect(),
        ceiling: places
            .iter()
            .map(|p| {
                (*p, estimate(&samples(reach(*p, 0.985), 0.01, 15)).expect("there are samples"))
            })
            .collect(),
        limit: Some(
            places
                .iter()
                .map(|p| (*p, reach(*p, 0.985).min(8.0 / 8u64.div_ceil(*p) as f64)))
                .collect(),
        ),
        physical: Some(if cores > 2 { cores / 2 } else { cores }),
        logical: if cores == 1 { 2 } else { cores },
        allowed: cores,
        laws: Vec::new(),
    }
}

pub(super) const HASHERS: [(&str, Kind); 4] = [
    ("threads", Kind::Threads),
    ("rayon", Kind::Rayon),
    ("processes", Kind::Processes),
    ("Python threads", Kind::Python),
];

pub(super) fn many_waiting() -> (Vec<Series>, Axis) {
    let places = [10, 100, 1_000, 10_000];
    let grown = |label: &str, kind, first: f64, power: f64, places: &[u64]| {
        let points =
            places.iter().map(|p| point(Some(*p), first * (*p as f64).powf(power), 0.04)).collect();
        series(label, kind, points)
    };
    let series = vec![
        grown("threads", Kind::Threads, 41e6, 0.28, &places),
        grown("tasks", Kind::Tasks, 40e6, 0.05, &[10, 100, 1_000, 10_000, 100_000]),
    ];
    (
        series,
        Axis {
            name: "waiting at once".into(),
            at: places.into(),
            log: true,
            ceiling: false,
            varies_work: false,
        },
    )
}

pub(super) fn bank_race() -> Outcomes {
    let counts = |all: &[(&str, u64)]| all.iter().map(|(e, n)| (e.to_string(), *n)).collect();
    Outcomes {
        arms: vec![
            Observed {
                label: "plain spawn".into(),
                kind: Kind::Threads,
                counts: counts(&[("900", 30_000)]),
            },
            Observed {
                label: "spinning start".into(),
                kind: Kind::Threads,
                counts: counts(&[("900", 29_431), ("400", 568), ("1000", 1)]),
            },
            Observed {
                label: "tasks that yield".into(),
                kind: Kind::Tasks,
                counts: counts(&[("900", 2), ("400", 14_998), ("1000", 15_000)]),
            },
        ],
        possible: Some(Possible {
            checker: "shuttle".into(),
            endings: counts(&[("900", 412), ("400", 2_211), ("1000", 2_377)]),
        }),
    }
}

pub(super) fn arm(label: &str, kind: Kind) -> Arm {
    Arm {
        name: label.replace(' ', "_"),
        label: label.into(),
        kind,
        at: vec![],
        unavailable: None,
        per: None,
        superlinear: None,
        serial: None,
    }
}

fn lane(name: &str, kind: &str, segments: Vec<Segment>) -> Lane {
    Lane { name: name.into(), kind: kind.into(), segments }
}

pub(super) fn word_count_runs() -> Vec<(Arm, Timeline)> {
    let tales = [
        "The Ferry",
        "The Clock",
        "Salt",
        "The Lamp",
        "Two Wells",
        "The Bridge",
        "Frost",
        "The Mill",
    ];
    let ms = |ms: f64| (ms * 1e6) as u64;
    let segment = |start: f64, end: f64, state, span: String| Segment {
        start_ns: ms(start),
        end_ns: ms(end),
        state,
        span,
        ended_by: None,
    };
    let wait = |tale: &str| format!("wait for=document title={tale}");
    let run = |label: &str, kind, wall: f64, lanes: Vec<Lane>| {
        let timeline = Timeline {
            point: Point::new(label, None),
            wall_ns: ms(wall),
            timing_key: String::new(),
            lanes,
        };
        (arm(label, kind), timeline)
    };
    let mut one = Vec::new();
    for (i, tale) in tales.iter().enumerate() {
        let start = i as f64 * 42.5;
        one.push(segment(start, start + 40.0, State::Waiting, wait(tale)));
        one.push(segment(
            start + 40.0,
            start + 42.5,
            State::Running,
            format!("count title={tale}"),
        ));
    }
    let own = tales.iter().enumerate().map(|(i, tale)| {
        let (start, count) = (i as f64 * 0.3, 40.0 + (i / 2) as f64 * 1.1);
        let segments = vec![
            segment(start, count + 0.4, State::Waiting, wait(tale)),
            segment(count + 0.4, count + 2.0, State::Running, format!("count title={tale}")),
        ];
        lane(&format!("reader {}", i + 1), "thread", segments)
    });
    let mut tasks = vec![segment(0.0, 40.0, State::Waiting, "wait".into())];
    for (i, tale) in tales.iter().enumerate() {
        let start = 40.0 + i as f64 * 0.5;
        tasks.push(segment(start, start + 0.45, State::Running, format!("count title={tale}")));
    }
    vec![
        run("sequential", Kind::Sequential, 341.0, vec![lane("main", "thread", one)]),
        run("threads", Kind::Threads, 46.0, own.collect()),
        run("tasks, one thread", Kind::Tasks, 44.2, vec![lane("runtime", "thread", tasks)]),
    ]
}

/// Three threads and their hand-overs: a lock, messages in a queue, the clock, and a wait whose end was not seen.
pub(super) fn handed_over() -> (Arm, Timeline) {
    let ms = |ms: u64| ms * 1_000_000;
    let segment = |start: u64, end: u64, state, span: &str, ended_by| Segment {
        start_ns: ms(start),
        end_ns: ms(end),
        state,
        span: span.into(),
        ended_by,
    };
    let signal = |lane, at: u64, how, what: &str| {
        Some(EndedBy::Signal(Signal { lane, at_ns: ms(at), how, what: what.into() }))
    };
    let (run, wait) = (State::Running, State::Waiting);
    let lane = |name: &str, segments| lane(name, "thread", segments);
    let lanes = vec![
        lane(
            "writer",
            vec![
                segment(0, 20, run, "write page=1", None),
                segment(20, 40, wait, "wait for the lock", signal(1, 39, How::Woken, "the lock")),
                segment(40, 60, run, "write page=2", None),
            ],
        ),
        lane(
            "reader",
            vec![
                segment(0, 20, wait, "wait for page", signal(0, 20, How::Sent, "page")),
                segment(20, 40, run, "read", None),
                segment(50, 51, wait, "wait for page", signal(0, 44, How::Sent, "page")),
                segment(51, 80, run, "read", None),
            ],
        ),
        lane(
            "sleeper",
            vec![
                segment(0, 30, wait, "wait", Some(EndedBy::Outside("the clock".into()))),
                segment(30, 45, wait, "wait for the lock", Some(EndedBy::Unseen)),
                segment(45, 70, wait, "wait for the lock", signal(0, 60, How::Woken, "the lock")),
                segment(70, 75, run, "work", None),
            ],
        ),
    ];
    let run = Timeline {
        point: Point::new("handed", None),
        wall_ns: ms(80),
        timing_key: String::new(),
        lanes,
    };
    (arm("threads", Kind::Threads), run)
}

/// Every kind of figure, under what is shown of it.
pub(super) fn gallery() -> Vec<(&'static str, Drawing)> {
    let (waiting, axis) = many_waiting();
    let handed = handed_over();
    let runs = word_count_runs();
    let runs: Vec<(&Arm, &Timeline)> = runs.iter().map(|(arm, run)| (arm, run)).collect();
    let many: Vec<u64> = vec![1, 2, 4, 8, 16, 32, 64, 128];
    let six: Vec<(&str, Kind)> =
        [&HASHERS[..], &[("rayon, two at a time", Kind::Rayon), ("pool", Kind::Threads)]].concat();
    let mut lawful = hash_books(16, &[1, 2, 4, 8, 16, 32], &HASHERS[..1]);
    lawful.laws = vec![Alone { stated: Some(0.02), fitted: None }];
    vec![
        ("bars", bars(&word_count(), Unit::Nanoseconds, Scaling::Fitting)),
        ("bars on a log scale", bars(&cost_ladder(), Unit::Nanoseconds, Scaling::Fitting)),
        ("ladder", ladder(&cost_ladder(), Unit::Nanoseconds)),
        ("speedup, 2 cores", speedup(&hash_books(2, &[1, 2, 4], &HASHERS))),
        ("speedup, 1 of 2 cores", speedup(&hash_books(1, &[1, 2, 4], &HASHERS[..3]))),
        ("speedup, 8 cores", speedup(&hash_books(8, &[1, 2, 4, 8, 16], &HASHERS))),
        ("speedup, 64 cores", speedup(&hash_books(64, &many, &six))),
        ("speedup, a law, 16 cores", speedup(&lawful)),
        ("scaling", scaling(&waiting, &axis, Unit::Nanoseconds, Scaling::Fitting)),
        ("scaling, a ceiling", {
            let point = |at| (at, Estimate { low: 38e6, median: 39e6, high: 40e6 });
            let ceiling = Ceiling { points: vec![point(10), point(100_000)], own: None };
            let beside = Beside { ceiling, ..Beside::default() };
            scaling_beside(&waiting, &axis, &beside, Unit::Nanoseconds, Scaling::Fitting)
        }),
        ("outcomes", outcomes(&bank_race())),
        ("timeline", timeline(&runs)),
        ("timeline with arrows", timeline(&[(&handed.0, &handed.1)])),
        ("nothing", bars(&[], Unit::Nanoseconds, Scaling::Linear)),
    ]
}

/// Each figure in both themes and widths.
fn page(drawings: &[(&str, Drawing)]) -> String {
    let side_by_side = "display: flex; gap: 3rem; align-items: flex-start";
    let page = html! {
        (DOCTYPE)
        meta charset="utf-8";
        title { "Figures" }
        link rel="stylesheet" href="../theme/course.css";
        body {
            @for theme in ["light", "dark"] {
                div data-theme=(theme) style={
                    "color-scheme: " (theme)
                    "; background: var(--bg); color: var(--fg); padding: 2rem"
                } {
                    @for (name, Drawing { wide, narrow, label }) in drawings {
                        h2 { (name) }
                        p.sub { (label) }
                        figure.plot style=(side_by_side) {
                            // A drawing escapes its own texts.
                            div style="width: 696px" { (PreEscaped(wide)) }
                            div style="width: 328px" { (PreEscaped(narrow)) }
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

#[test]
#[ignore = "checks nothing: it writes target/figures.html, to be looked at"]
fn the_gallery_is_written() {
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target");
    std::fs::create_dir_all(target).expect("target can be made");
    std::fs::write(format!("{target}/figures.html"), page(&gallery()))
        .expect("target can be written to");
}
