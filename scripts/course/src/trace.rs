//! A record's timelines in the Chrome trace format, which the Perfetto viewer opens.
//!
//! An arm is a process, a lane one of its threads; times are microseconds. The format:
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>

use lab::record::{Lane, Record, State, Timeline};
use serde_json::{Value, json};

/// Where a machine's timelines of an experiment are, relative to `src/`.
pub fn path(machine: &str, experiment: &str) -> String {
    format!("machines/{machine}/{experiment}.trace.json")
}

/// The file's text, where the record has timelines.
pub fn text(record: &Record) -> Option<String> {
    if record.timelines.is_empty() {
        return None;
    }
    let runs = record.timelines.iter().enumerate();
    let events: Vec<Value> = runs.flat_map(|(index, run)| arm(record, index + 1, run)).collect();
    let trace = json!({
        "displayTimeUnit": "ms",
        "otherData": { "experiment": record.example, "machine": record.machine.label },
        "traceEvents": events,
    });
    Some(trace.to_string())
}

/// One arm: its name and its kind, then its lanes.
fn arm(record: &Record, pid: usize, run: &Timeline) -> Vec<Value> {
    let arm = record.description.arm(&run.point.arm);
    let label = arm.map_or(&run.point.arm, |arm| &arm.label);
    let name = match run.point.at {
        Some(at) => format!("{label} ({at})"),
        None => label.clone(),
    };
    let kind = arm.map_or("threads", |arm| arm.kind.word());
    let mut events = vec![
        json!({ "ph": "M", "pid": pid, "name": "process_name", "args": { "name": name, "kind": kind } }),
        json!({ "ph": "M", "pid": pid, "name": "process_sort_index", "args": { "sort_index": pid } }),
    ];
    let lanes = run.lanes.iter().enumerate();
    events.extend(lanes.flat_map(|(index, one)| lane(pid, index + 1, one)));
    events
}

fn lane(pid: usize, tid: usize, lane: &Lane) -> Vec<Value> {
    let name = match lane.name.as_str() {
        "" => format!("{} {tid}", lane.of),
        name => name.to_string(),
    };
    let mut events = vec![
        json!({ "ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": { "name": name } }),
        json!({ "ph": "M", "pid": pid, "tid": tid, "name": "thread_sort_index", "args": { "sort_index": tid } }),
    ];
    events.extend(lane.segments.iter().map(|segment| {
        let state = match segment.state {
            State::Running => "running",
            State::Waiting => "waiting",
        };
        let long = segment.end_ns.saturating_sub(segment.start_ns);
        json!({
            "ph": "X", "pid": pid, "tid": tid, "name": segment.span, "cat": state,
            "ts": microseconds(segment.start_ns), "dur": microseconds(long),
        })
    }));
    events
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use lab::record::Segment;

    use super::*;
    use crate::fixtures::{HOME, TinyBook, fetch};

    /// Two runs: one of two lanes, the second without a name, and one of the base.
    fn two_runs() -> Record {
        let mut record = TinyBook::new().record_of(HOME, 2, fetch(52.0));
        let segment = |start_ns, end_ns, state, span: &str| Segment {
            start_ns,
            end_ns,
            state,
            span: span.to_string(),
        };
        let mut threads = record.timelines[0].clone();
        threads.lanes[0].segments.push(segment(40_000_000, 41_234_567, State::Running, "running"));
        threads.lanes.push(Lane {
            name: String::new(),
            of: "thread".into(),
            segments: vec![segment(17, 39_999_999, State::Waiting, "wait for_document")],
        });
        let mut base = record.timelines[0].clone();
        base.point = lab::record::Point::new("sequential", None);
        record.timelines = vec![base, threads];
        record
    }

    fn events(record: &Record) -> Vec<Value> {
        let trace: Value = serde_json::from_str(&text(record).unwrap()).unwrap();
        trace["traceEvents"].as_array().unwrap().clone()
    }

    #[test]
    fn every_segment_is_a_complete_event_of_its_arm_and_lane_in_microseconds() {
        let record = two_runs();
        let events = events(&record);
        let mut whole = events.iter().filter(|event| event["ph"] == "X");
        for (pid, run) in (1..).zip(&record.timelines) {
            for (tid, lane) in (1..).zip(&run.lanes) {
                for segment in &lane.segments {
                    let event = whole.next().unwrap();
                    assert_eq!((&event["pid"], &event["tid"]), (&json!(pid), &json!(tid)));
                    assert_eq!(event["name"], json!(segment.span));
                    let ns = |field: &str| (event[field].as_f64().unwrap() * 1000.0).round() as u64;
                    assert_eq!(ns("ts"), segment.start_ns);
                    assert_eq!(ns("dur"), segment.end_ns - segment.start_ns);
                }
            }
        }
        assert_eq!(whole.next(), None);
    }

    #[test]
    fn arms_and_lanes_are_named_by_metadata() {
        let record = two_runs();
        let events = events(&record);
        let names = |what: &str| -> Vec<String> {
            let named = events.iter().filter(|event| event["ph"] == "M" && event["name"] == what);
            named.map(|event| event["args"]["name"].as_str().unwrap().to_string()).collect()
        };
        let lanes: usize = record.timelines.iter().map(|run| run.lanes.len()).sum();
        assert_eq!(names("process_name").len(), record.timelines.len());
        assert_eq!(names("process_name")[0], "sequential");
        assert_eq!(names("thread_name").len(), lanes);
        assert!(names("thread_name").iter().all(|name| !name.is_empty()));
    }

    #[test]
    fn a_record_without_timelines_has_no_trace() {
        assert_eq!(text(&Record { timelines: Vec::new(), ..two_runs() }), None);
    }
}
