//! A record's timelines in the Chrome trace format, which the Perfetto viewer opens.
//!
//! An arm is a process, a lane one of its threads; times are microseconds. What ended a wait is an argument of
//! its event, `ended_by`; where it was another lane, `from` has that lane and the moment, and a flow leads from
//! there to the wait. The format:
//! <https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU>

use lab::record::{EndedBy, Lane, Record, Segment, State, Timeline};
use serde_json::{Value, json};

use crate::figures::ended_by;
use crate::project::Settings;

/// Where a machine's timelines of an experiment are, relative to `src/`.
pub fn path(settings: &Settings, machine: &str, experiment: &str) -> String {
    format!("{}/{machine}/{experiment}.trace.json", settings.machines)
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
    events.extend(lanes.flat_map(|(index, one)| lane(pid, index + 1, one, &run.lanes)));
    events.extend(flows(pid, run));
    events
}

fn lane(pid: usize, tid: usize, lane: &Lane, all: &[Lane]) -> Vec<Value> {
    let name = match lane.name.as_str() {
        "" => format!("{} {tid}", lane.kind),
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
        let mut event = json!({
            "ph": "X", "pid": pid, "tid": tid, "name": segment.span, "cat": state,
            "ts": microseconds(segment.start_ns), "dur": microseconds(long),
        });
        if let Some(ended) = ended_by(all, segment) {
            event["args"] = json!({ "ended_by": ended });
        }
        if let Some(EndedBy::Signal(signal)) = &segment.ended_by {
            event["args"]["from"] =
                json!({ "tid": signal.lane + 1, "ts": microseconds(signal.at_ns) });
        }
        event
    }));
    events
}

/// An arrow for each wait that another lane ended. It ends in the wait, a nanosecond before the wait does.
fn flows(pid: usize, run: &Timeline) -> Vec<Value> {
    let waits =
        run.lanes.iter().enumerate().flat_map(|(lane, all)| {
            all.segments.iter().map(move |segment: &Segment| (lane, segment))
        });
    let signaled = waits.filter_map(|(lane, wait)| match &wait.ended_by {
        Some(EndedBy::Signal(signal)) => Some((lane, wait, signal)),
        _ => None,
    });
    let both = signaled.enumerate().flat_map(|(number, (lane, wait, signal))| {
        let id = format!("{pid}.{}", number + 1);
        let end = wait.end_ns.saturating_sub(1).max(wait.start_ns);
        [
            json!({
                "ph": "s", "pid": pid, "tid": signal.lane + 1, "ts": microseconds(signal.at_ns),
                "name": signal.what, "cat": "arrow", "id": id,
            }),
            json!({
                "ph": "f", "bp": "e", "pid": pid, "tid": lane + 1, "ts": microseconds(end),
                "name": signal.what, "cat": "arrow", "id": id,
            }),
        ]
    });
    both.collect()
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use lab::record::{How, Segment, Signal};

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
            ended_by: None,
        };
        let mut threads = record.timelines[0].clone();
        threads.lanes[0].segments.push(segment(40_000_000, 41_234_567, State::Running, "running"));
        threads.lanes.push(Lane {
            name: String::new(),
            kind: "thread".into(),
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
    fn what_ended_a_wait_is_an_argument_and_a_flow_from_the_lane_that_did() {
        let mut record = two_runs();
        let wait = |record: &mut Record, ended_by| {
            record.timelines[1].lanes[1].segments[0].ended_by = Some(ended_by);
        };
        wait(&mut record, EndedBy::Outside("the clock".into()));
        let with_clock = events(&record);
        let arguments = |events: &[Value]| -> Vec<Value> {
            let named = events.iter().filter(|e| e["ph"] == "X" && !e["args"].is_null());
            named.map(|event| event["args"].clone()).collect()
        };
        assert_eq!(arguments(&with_clock), [json!({ "ended_by": "ended by the clock" })]);
        assert!(!with_clock.iter().any(|event| event["ph"] == "s"), "no lane did it");

        let signal =
            Signal { lane: 0, at_ns: 39_999_000, how: How::Woken, what: "the lock".into() };
        wait(&mut record, EndedBy::Signal(signal));
        let events = events(&record);
        let name = &record.timelines[1].lanes[0].name;
        assert_eq!(
            arguments(&events),
            [json!({
                "ended_by": format!("ended by {name} (the lock)"),
                "from": { "tid": 1, "ts": 39_999.0 },
            })]
        );
        let flow = |ph: &str| events.iter().find(|event| event["ph"] == ph).unwrap();
        let (start, finish) = (flow("s"), flow("f"));
        assert_eq!(start["id"], finish["id"]);
        assert_eq!((&start["pid"], &start["tid"]), (&json!(2), &json!(1)));
        assert_eq!((&finish["tid"], &finish["bp"]), (&json!(2), &json!("e")));
        assert!(start["ts"].as_f64() <= finish["ts"].as_f64());
        assert_eq!(finish["ts"], json!(39_999.998));
    }

    #[test]
    fn a_record_without_timelines_has_no_trace() {
        assert_eq!(text(&Record { timelines: Vec::new(), ..two_runs() }), None);
    }
}
