//! Timelines: who ran and who waited, from the `tracing` spans that a listing enters.
//!
//! A span whose name begins with `wait` is waiting, any other entered span is running. Each thread that
//! enters spans is a lane. A span named `task` around a future is a lane of its own: running while the
//! future is polled, waiting between polls.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::record::{Lane, Segment, State};

/// Watches spans from its creation until `lanes` is called.
#[derive(Clone)]
pub struct Recorder {
    start: Instant,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    spans: HashMap<u64, Span>,
    lanes: Vec<OpenLane>,
    of_thread: HashMap<thread::ThreadId, usize>,
    /// When the timed region began; what came before is not drawn.
    begin_ns: u64,
}

struct Span {
    text: String,
    waits: bool,
    /// Of a `task` span, or of a span inside one: the lane of that task.
    task: Option<usize>,
    is_task: bool,
}

/// A lane that grows: the spans entered now, innermost last, and since when.
struct OpenLane {
    lane: Lane,
    entered: Vec<u64>,
    /// A task that is open but not being polled waits in the span that was innermost.
    suspended_in: Option<u64>,
    since_ns: u64,
    open: bool,
}

impl Recorder {
    /// A recorder, and the subscriber to install for the run.
    pub fn new() -> (Recorder, Dispatch) {
        let recorder = Recorder { start: Instant::now(), seen: Arc::default() };
        (recorder.clone(), Dispatch::new(Registry::default().with(recorder)))
    }

    /// The timed region begins now: times count from here.
    pub fn begin(&self) {
        let now = self.now();
        self.seen().begin_ns = now;
    }

    /// The lanes seen so far, in order of their first segment; empty ones left out.
    pub fn lanes(&self) -> Vec<Lane> {
        let mut seen = self.seen();
        let now = self.now();
        let spans = std::mem::take(&mut seen.spans);
        for lane in &mut seen.lanes {
            lane.close_segment(now, &spans);
        }
        let begin = seen.begin_ns;
        let mut lanes: Vec<Lane> = std::mem::take(&mut seen.lanes)
            .into_iter()
            .map(|open| open.lane.from(begin))
            .filter(|lane| !lane.segments.is_empty())
            .collect();
        lanes.sort_by_key(|lane| lane.segments[0].start_ns);
        let unnamed = lanes.iter_mut().filter(|lane| lane.name.is_empty());
        for (number, lane) in (1..).zip(unnamed) {
            lane.name = format!("{} {number}", lane.of);
        }
        lanes
    }

    fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// The lane with its times counted from `begin`, what was earlier cut off.
    fn from(mut self, begin: u64) -> Lane {
        self.segments.retain(|segment| segment.end_ns > begin);
        for segment in &mut self.segments {
            segment.start_ns = segment.start_ns.saturating_sub(begin);
            segment.end_ns -= begin;
        }
        self
    }
}

impl OpenLane {
    fn new(name: String, of: &str) -> OpenLane {
        OpenLane {
            lane: Lane { name, of: of.into(), segments: Vec::new() },
            entered: Vec::new(),
            suspended_in: None,
            since_ns: 0,
            open: false,
        }
    }

    /// Ends the segment that was going on, if one was.
    fn close_segment(&mut self, now: u64, spans: &HashMap<u64, Span>) {
        let (id, state) = match (self.entered.last(), self.suspended_in) {
            (Some(id), _) => (*id, State::Running),
            (None, Some(id)) if self.open => (id, State::Waiting),
            _ => return,
        };
        let since = std::mem::replace(&mut self.since_ns, now);
        let Some(span) = spans.get(&id).filter(|_| now > since) else { return };
        let state = if span.waits { State::Waiting } else { state };
        let segment = Segment { start_ns: since, end_ns: now, state, span: span.text.clone() };
        match self.lane.segments.last_mut() {
            // Two polls of one wait are one wait: what is between them is bookkeeping.
            Some(last)
                if last.state == state && last.span == segment.span && last.end_ns == since =>
            {
                last.end_ns = now;
            }
            _ => self.lane.segments.push(segment),
        }
    }
}

impl Seen {
    /// The lane in which this thread's spans are drawn.
    fn thread_lane(&mut self) -> usize {
        let lanes = &mut self.lanes;
        *self.of_thread.entry(thread::current().id()).or_insert_with(|| {
            let name = thread::current().name().unwrap_or_default().to_string();
            lanes.push(OpenLane::new(name, "thread"));
            lanes.len() - 1
        })
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let name = attributes.metadata().name();
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let parent =
            context.span(id).and_then(|span| span.parent()).map(|span| span.id().into_u64());
        let now = self.now();
        let mut seen = self.seen();
        if let (Some(from), Some(until)) = (fields.from_ago, fields.until_ago) {
            let lane = seen.thread_lane();
            seen.lanes[lane].lane.segments.push(Segment {
                start_ns: now.saturating_sub(from),
                end_ns: now.saturating_sub(until),
                state: State::Running,
                span: format!("{name}{}", fields.text),
            });
            return;
        }
        let is_task = name == "task";
        let task = if is_task {
            let mut lane = OpenLane::new(fields.name.unwrap_or_default(), "task");
            lane.suspended_in = Some(id.into_u64());
            lane.since_ns = now;
            lane.open = true;
            seen.lanes.push(lane);
            Some(seen.lanes.len() - 1)
        } else {
            parent.and_then(|parent| seen.spans.get(&parent)).and_then(|span| span.task)
        };
        let span = Span {
            text: format!("{name}{}", fields.text),
            waits: name.starts_with("wait"),
            task,
            is_task,
        };
        seen.spans.insert(id.into_u64(), span);
    }

    fn on_enter(&self, id: &Id, _: Context<'_, S>) {
        let now = self.now();
        let mut seen = self.seen();
        let Some(task) = seen.spans.get(&id.into_u64()).map(|span| span.task) else { return };
        let lane = task.unwrap_or_else(|| seen.thread_lane());
        let Seen { spans, lanes, .. } = &mut *seen;
        lanes[lane].close_segment(now, spans);
        lanes[lane].entered.push(id.into_u64());
        lanes[lane].since_ns = now;
    }

    fn on_exit(&self, id: &Id, _: Context<'_, S>) {
        let now = self.now();
        let mut seen = self.seen();
        let Some(task) = seen.spans.get(&id.into_u64()).map(|span| span.task) else { return };
        let lane = task.unwrap_or_else(|| seen.thread_lane());
        let Seen { spans, lanes, .. } = &mut *seen;
        lanes[lane].close_segment(now, spans);
        let entered = &mut lanes[lane].entered;
        if let Some(at) = entered.iter().rposition(|entered| *entered == id.into_u64()) {
            entered.remove(at);
        }
        // A future left pending is waiting in the innermost span it was in: the first to be left.
        if lanes[lane].open {
            let is_task = spans.get(&id.into_u64()).is_some_and(|span| span.is_task);
            if !is_task {
                lanes[lane].suspended_in = Some(id.into_u64());
            }
        }
        lanes[lane].since_ns = now;
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        let now = self.now();
        let mut seen = self.seen();
        let Seen { spans, lanes, .. } = &mut *seen;
        let Some(span) = spans.get(&id.into_u64()) else { return };
        let Some(lane) = span.task.map(|lane| &mut lanes[lane]) else { return };
        lane.close_segment(now, spans);
        if span.is_task {
            lane.open = false;
            lane.suspended_in = None;
        } else if lane.suspended_in == Some(id.into_u64()) {
            // The step is over; until the next one the task waits in no step in particular.
            lane.suspended_in = spans
                .iter()
                .find(|(_, other)| other.is_task && other.task == span.task)
                .map(|(id, _)| *id);
        }
    }
}

/// Fields as text: ` title=The Ferry`; the field `name` apart, since it names the lane, and those that say when.
#[derive(Default)]
struct Fields {
    text: String,
    name: Option<String>,
    from_ago: Option<u64>,
    until_ago: Option<u64>,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "from_ago" => self.from_ago = Some(value),
            "until_ago" => self.until_ago = Some(value),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "name" {
            self.name = Some(value.to_string());
        } else {
            let _ = write!(self.text, " {}={value}", field.name());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::mpsc;
    use std::task::{Context as Polling, Poll, Waker};
    use tracing::{Instrument, info_span};

    fn states(lane: &Lane) -> Vec<(State, &str)> {
        lane.segments.iter().map(|s| (s.state, s.span.as_str())).collect()
    }

    #[test]
    fn a_thread_runs_and_waits_in_turn() {
        let (recorder, dispatch) = Recorder::new();
        tracing::dispatcher::with_default(&dispatch, || {
            let _count = info_span!("count", title = "A").entered();
            std::hint::black_box(vec![0; 1 << 16]);
            let _wait = info_span!("wait").entered();
        });
        let lanes = recorder.lanes();
        assert_eq!(lanes.len(), 1);
        assert_eq!(
            states(&lanes[0])[..2],
            [(State::Running, "count title=A"), (State::Waiting, "wait")]
        );
    }

    #[test]
    fn what_is_found_out_afterward_is_drawn_where_it_was() {
        let (recorder, dispatch) = Recorder::new();
        tracing::dispatcher::with_default(&dispatch, || {
            std::thread::sleep(std::time::Duration::from_millis(3));
            info_span!("ran", from_ago = 2_000_000_u64, until_ago = 1_500_000_u64);
            info_span!("ran", from_ago = 1_000_000_u64, until_ago = 0_u64);
        });
        let lanes = recorder.lanes();
        assert_eq!(states(&lanes[0]), [(State::Running, "ran"), (State::Running, "ran")]);
        let lengths = lanes[0].segments.iter().map(|ran| ran.end_ns - ran.start_ns);
        assert_eq!(lengths.collect::<Vec<_>>(), [500_000, 1_000_000]);
    }

    #[test]
    fn two_threads_are_two_lanes_that_do_not_overlap_themselves() {
        let (recorder, dispatch) = Recorder::new();
        let (first, second) = (mpsc::channel::<()>(), mpsc::channel::<()>());
        std::thread::scope(|scope| {
            for (wake, wait) in [(first.0, second.1), (second.0, first.1)] {
                let dispatch = dispatch.clone();
                scope.spawn(move || {
                    tracing::dispatcher::with_default(&dispatch, || {
                        let _work = info_span!("work").entered();
                        let _ = wake.send(());
                        let _waiting = info_span!("wait").entered();
                        let _ = wait.recv();
                    });
                });
            }
        });
        let lanes = recorder.lanes();
        assert_eq!(lanes.len(), 2);
        for lane in &lanes {
            assert!(lane.segments.windows(2).all(|pair| pair[0].end_ns <= pair[1].start_ns));
        }
    }

    /// Pending once, then ready.
    struct Once(bool);

    impl Future for Once {
        type Output = ();
        fn poll(mut self: std::pin::Pin<&mut Self>, _: &mut Polling<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
        }
    }

    #[test]
    fn a_task_waits_between_its_polls_in_a_lane_of_its_own() {
        let (recorder, dispatch) = Recorder::new();
        tracing::dispatcher::with_default(&dispatch, || {
            let future = async {
                Once(false).instrument(info_span!("wait for the document")).await;
                let _count = info_span!("count").entered();
                std::hint::black_box(vec![0; 1 << 16]);
            };
            let mut task = pin!(future.instrument(info_span!("task", name = "The Ferry")));
            let mut polling = Polling::from_waker(Waker::noop());
            assert!(task.as_mut().poll(&mut polling).is_pending());
            std::hint::black_box(vec![0; 1 << 16]);
            assert!(task.as_mut().poll(&mut polling).is_ready());
        });
        let lanes = recorder.lanes();
        assert_eq!(lanes.len(), 1, "{lanes:?}");
        assert_eq!((lanes[0].name.as_str(), lanes[0].of.as_str()), ("The Ferry", "task"));
        let states = states(&lanes[0]);
        assert!(states.contains(&(State::Waiting, "wait for the document")), "{states:?}");
        assert!(states.contains(&(State::Running, "count")), "{states:?}");
    }
}
