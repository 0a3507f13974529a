//! Timelines: who ran and who waited, from the `tracing` spans that a listing enters.
//!
//! A span whose name begins with `wait` is waiting, any other entered span is running. Each thread that
//! enters spans is a lane. A span named `task` around a future is a lane of its own: running while the
//! future is polled, waiting between polls.
//!
//! What ended a wait, the listing says. A wait's span has the field `until`, which names what is waited for, or
//! `ended_by`, which names what no lane does: "the clock". A lane that ends waits emits an event with one field,
//! before it does so:
//!
//! | event | ends |
//! |---|---|
//! | `trace!(wakes = "the lock")` | one wait that goes on at that moment: lost where there is none |
//! | `trace!(wakes_all = "the start")` | every wait that goes on at that moment |
//! | `trace!(sends = "a page")` | one wait, now or later: what was sent first is taken first |
//!
//! An event with the field `name` names the lane of its thread.
//!
//! A wait that ends was woken by the latest `wakes` in it that woke no other. No lane ends its own wait.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use crate::record::{EndedBy, How, Lane, Segment, Signal, State};

/// Watches spans from its creation until `lanes` is called.
#[derive(Clone)]
pub(crate) struct Recorder {
    start: Instant,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    spans: HashMap<u64, Span>,
    lanes: Vec<OpenLane>,
    of_thread: HashMap<thread::ThreadId, usize>,
    signals: Vec<Sign>,
    waits: Vec<Wait>,
    /// When the timed region began; what came before is not drawn.
    begin_ns: u64,
}

struct Span {
    text: String,
    waits: bool,
    /// Of a `task` span, or of a span inside one: the lane of that task.
    task: Option<usize>,
    is_task: bool,
    end: Option<End>,
    /// The lane in which it is drawn, and its segments there.
    lane: Option<usize>,
    pieces: Vec<usize>,
    /// When it was entered first, and left last.
    time: Option<(u64, u64)>,
}

/// What ends a wait, as its span says.
#[derive(Clone)]
enum End {
    /// A signal.
    Until(String),
    /// What no lane does.
    By(String),
}

/// A wait that has ended.
struct Wait {
    lane: usize,
    /// Its segments.
    pieces: Vec<usize>,
    until: String,
    began_ns: u64,
    ended_ns: u64,
}

/// A lane says that it ends a wait.
struct Sign {
    lane: usize,
    at_ns: u64,
    what: String,
    reach: Reach,
    used: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Reach {
    One,
    All,
    Kept,
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
    pub(crate) fn new() -> (Recorder, Dispatch) {
        let recorder = Recorder { start: Instant::now(), seen: Arc::default() };
        (recorder.clone(), Dispatch::new(Registry::default().with(recorder)))
    }

    /// The timed region begins now: times count from here.
    pub(crate) fn begin(&self) {
        let now = self.now();
        self.seen().begin_ns = now;
    }

    /// The lanes seen so far, in order of their first segment; empty ones left out.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        let mut seen = self.seen();
        let now = self.now();
        let mut spans = std::mem::take(&mut seen.spans);
        for lane in &mut seen.lanes {
            lane.close_segment(now, &mut spans);
        }
        let begin = seen.begin_ns;
        let ended = paired(&mut seen);
        let lanes: Vec<Lane> =
            std::mem::take(&mut seen.lanes).into_iter().map(|open| open.lane).collect();
        let mut lanes = shown(lanes, ended, begin);
        let unnamed = lanes.iter_mut().filter(|lane| lane.name.is_empty());
        for (number, lane) in (1..).zip(unnamed) {
            lane.name = format!("{} {number}", lane.kind);
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
            if let Some(EndedBy::Signal(signal)) = &mut segment.ended_by {
                signal.at_ns = signal.at_ns.saturating_sub(begin);
            }
        }
        self
    }
}

/// Which signal ended which wait: that of the first wait to end is sought first.
fn paired(seen: &mut Seen) -> Vec<(Wait, EndedBy)> {
    let mut waits = std::mem::take(&mut seen.waits);
    let mut signs = std::mem::take(&mut seen.signals);
    waits.sort_by_key(|wait| wait.ended_ns);
    signs.sort_by_key(|sign| sign.at_ns);
    let ended_by = |wait: Wait| {
        let ended_by = wait.ended_by(&mut signs);
        (wait, ended_by)
    };
    waits.into_iter().map(ended_by).collect()
}

impl Wait {
    /// The piece that was ended: a task that waits is polled in between, and once more when its wait is over.
    fn last_piece(&self, ended_by: &EndedBy, segments: &[Segment]) -> Option<usize> {
        let long = |piece: &usize| segments[*piece].end_ns - segments[*piece].start_ns;
        match ended_by {
            EndedBy::Signal(signal) => {
                self.pieces.iter().copied().find(|piece| segments[*piece].end_ns >= signal.at_ns)
            }
            _ => self.pieces.iter().copied().max_by_key(long),
        }
    }

    /// What ended it, of signals in order of time.
    fn ended_by(&self, signs: &mut [Sign]) -> EndedBy {
        let free =
            |sign: &Sign| !sign.used && sign.at_ns <= self.ended_ns && sign.what == self.until;
        let kept = signs.iter().position(|sign| free(sign) && sign.reach == Reach::Kept);
        let woke = |sign: &Sign| sign.at_ns >= self.began_ns && sign.lane != self.lane;
        let found = kept.or_else(|| signs.iter().rposition(|sign| free(sign) && woke(sign)));
        let Some(sign) = found.map(|at| &mut signs[at]) else { return EndedBy::Unseen };
        sign.used = sign.reach != Reach::All;
        if sign.lane == self.lane {
            return EndedBy::Outside("what it had sent itself".into());
        }
        let how = if sign.reach == Reach::Kept { How::Sent } else { How::Woken };
        EndedBy::Signal(Signal { lane: sign.lane, at_ns: sign.at_ns, how, what: sign.what.clone() })
    }
}

/// The lanes that are drawn, with what ended their waits: in order of their first segment. A lane without
/// one is there only if it ended a wait.
fn shown(mut lanes: Vec<Lane>, ended: Vec<(Wait, EndedBy)>, begin: u64) -> Vec<Lane> {
    let mut first_signal: HashMap<usize, u64> = HashMap::new();
    for (wait, ended_by) in ended {
        if let EndedBy::Signal(signal) = &ended_by
            && wait.ended_ns > begin
        {
            let first = first_signal.entry(signal.lane).or_insert(signal.at_ns);
            *first = signal.at_ns.min(*first);
        }
        let segments = &mut lanes[wait.lane].segments;
        if let Some(piece) = wait.last_piece(&ended_by, segments) {
            segments[piece].ended_by = Some(ended_by);
        }
    }
    let mut lanes: Vec<(usize, Lane)> =
        lanes.into_iter().map(|lane| lane.from(begin)).enumerate().collect();
    lanes.retain(|(index, lane)| !lane.segments.is_empty() || first_signal.contains_key(index));
    lanes.sort_by_key(|(index, lane)| match lane.segments.first() {
        Some(first) => first.start_ns,
        None => first_signal[index].saturating_sub(begin),
    });
    let now_at: HashMap<usize, usize> =
        lanes.iter().enumerate().map(|(now, (before, _))| (*before, now)).collect();
    let mut lanes: Vec<Lane> = lanes.into_iter().map(|(_, lane)| lane).collect();
    for segment in lanes.iter_mut().flat_map(|lane| &mut lane.segments) {
        if let Some(EndedBy::Signal(signal)) = &mut segment.ended_by {
            signal.lane = now_at[&signal.lane];
        }
    }
    lanes
}

impl OpenLane {
    fn new(name: String, kind: &str) -> OpenLane {
        OpenLane {
            lane: Lane { name, kind: kind.into(), segments: Vec::new() },
            entered: Vec::new(),
            suspended_in: None,
            since_ns: 0,
            open: false,
        }
    }

    /// Ends the segment that was going on, if one was.
    fn close_segment(&mut self, now: u64, spans: &mut HashMap<u64, Span>) {
        let (id, state) = match (self.entered.last(), self.suspended_in) {
            (Some(id), _) => (*id, State::Running),
            (None, Some(id)) if self.open => (id, State::Waiting),
            _ => return,
        };
        let since = std::mem::replace(&mut self.since_ns, now);
        let Some(span) = spans.get_mut(&id).filter(|_| now > since) else { return };
        let state = if span.waits { State::Waiting } else { state };
        let ended_by = match (&span.end, state) {
            (Some(End::By(outside)), State::Waiting) => Some(EndedBy::Outside(outside.clone())),
            _ => None,
        };
        let segments = &mut self.lane.segments;
        let piece = segments.len();
        match segments.last_mut() {
            // Two polls of one wait are one wait: what is between them is bookkeeping.
            Some(last)
                if last.state == state
                    && last.end_ns == since
                    && span.pieces.last() == Some(&(piece - 1)) =>
            {
                last.end_ns = now;
            }
            _ => {
                let span_text = span.text.clone();
                segments.push(Segment {
                    start_ns: since,
                    end_ns: now,
                    state,
                    span: span_text,
                    ended_by,
                });
                span.pieces.push(piece);
            }
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
        let waits = name.starts_with("wait");
        let text = format!("{name}{}", fields.text);
        if let (Some(from), Some(until)) = (fields.from_ago, fields.until_ago) {
            let lane = seen.thread_lane();
            let (start_ns, end_ns) = (now.saturating_sub(from), now.saturating_sub(until));
            let state = if waits { State::Waiting } else { State::Running };
            let piece = seen.lanes[lane].lane.segments.len();
            let ended_by = match fields.end {
                Some(End::By(outside)) if waits => Some(EndedBy::Outside(outside)),
                Some(End::Until(until)) if waits => {
                    seen.waits.push(Wait {
                        lane,
                        pieces: vec![piece],
                        until,
                        began_ns: start_ns,
                        ended_ns: end_ns,
                    });
                    None
                }
                _ => None,
            };
            let segment = Segment { start_ns, end_ns, state, span: text, ended_by };
            seen.lanes[lane].lane.segments.push(segment);
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
            text,
            waits,
            task,
            is_task,
            end: fields.end,
            lane: None,
            pieces: Vec::new(),
            time: None,
        };
        seen.spans.insert(id.into_u64(), span);
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let now = self.now();
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(name) = fields.name {
            let mut seen = self.seen();
            let lane = seen.thread_lane();
            seen.lanes[lane].lane.name = name;
            return;
        }
        let Some((reach, what)) = fields.signal else { return };
        let inside = context.event_span(event).map(|span| span.id().into_u64());
        let mut seen = self.seen();
        let task = inside.and_then(|inside| seen.spans.get(&inside)).and_then(|span| span.task);
        let lane = task.unwrap_or_else(|| seen.thread_lane());
        let at_ns = now.saturating_sub(fields.ago.unwrap_or(0));
        seen.signals.push(Sign { lane, at_ns, what, reach, used: false });
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
        if let Some(span) = spans.get_mut(&id.into_u64()) {
            span.lane = Some(lane);
            span.time.get_or_insert((now, now));
        }
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
        if let Some((_, left)) = spans.get_mut(&id.into_u64()).and_then(|span| span.time.as_mut()) {
            *left = now;
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
        let Seen { spans, lanes, waits, .. } = &mut *seen;
        let Some(span) = spans.get(&id.into_u64()) else { return };
        waits.extend(span.ended());
        let Some(lane) = span.task.map(|lane| &mut lanes[lane]) else { return };
        lane.close_segment(now, spans);
        let Some(span) = spans.get(&id.into_u64()) else { return };
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

impl Span {
    /// The wait that is over when this span closes, if it was one that a signal ends.
    fn ended(&self) -> Option<Wait> {
        let (Some(End::Until(until)), true) = (&self.end, self.waits) else { return None };
        let (began_ns, ended_ns) = self.time?;
        let pieces = self.pieces.clone();
        Some(Wait { lane: self.lane?, pieces, until: until.clone(), began_ns, ended_ns })
    }
}

/// Fields as text: ` title=The Ferry`; apart from them `name`, since it names the lane, and those that say
/// when, or what ends a wait.
#[derive(Default)]
struct Fields {
    text: String,
    name: Option<String>,
    from_ago: Option<u64>,
    until_ago: Option<u64>,
    /// Of an event: when it was.
    ago: Option<u64>,
    end: Option<End>,
    signal: Option<(Reach, String)>,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "from_ago" => self.from_ago = Some(value),
            "until_ago" => self.until_ago = Some(value),
            "ago" => self.ago = Some(value),
            _ => self.record_debug(field, &value),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let text = value.to_string();
        match field.name() {
            "name" => self.name = Some(text),
            "until" => self.end = Some(End::Until(text)),
            "ended_by" => self.end = Some(End::By(text)),
            "wakes" => self.signal = Some((Reach::One, text)),
            "wakes_all" => self.signal = Some((Reach::All, text)),
            "sends" => self.signal = Some((Reach::Kept, text)),
            name => {
                let _ = write!(self.text, " {name}={value}");
            }
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
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::sync::{Barrier, mpsc};
    use std::task::{Context as Polling, Poll, Waker};
    use std::time::Duration;
    use tracing::{Instrument, info_span, trace};

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
        assert_eq!((lanes[0].name.as_str(), lanes[0].kind.as_str()), ("The Ferry", "task"));
        let states = states(&lanes[0]);
        assert!(states.contains(&(State::Waiting, "wait for the document")), "{states:?}");
        assert!(states.contains(&(State::Running, "count")), "{states:?}");
    }

    /// The lanes of a run.
    fn recorded(run: impl FnOnce(&Dispatch)) -> Vec<Lane> {
        let (recorder, dispatch) = Recorder::new();
        run(&dispatch);
        let lanes = recorder.lanes();
        assert_arrows_are_possible(&lanes);
        lanes
    }

    /// One thread, from its beginning to its end.
    fn as_thread<T: Send>(name: &str, dispatch: &Dispatch, work: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let run = || tracing::dispatcher::with_default(dispatch, work);
            let thread = std::thread::Builder::new().name(name.into()).spawn_scoped(scope, run);
            thread.unwrap().join().unwrap()
        })
    }

    /// From another lane, and never backward in time.
    fn assert_arrows_are_possible(lanes: &[Lane]) {
        for (index, lane) in lanes.iter().enumerate() {
            for segment in &lane.segments {
                let Some(ended_by) = &segment.ended_by else { continue };
                assert_eq!(segment.state, State::Waiting, "only a wait is ended: {segment:?}");
                if let EndedBy::Signal(signal) = ended_by {
                    assert_ne!(signal.lane, index, "{segment:?}");
                    assert!(signal.lane < lanes.len(), "{segment:?}");
                    assert!(signal.at_ns <= segment.end_ns, "{segment:?}");
                    let early = signal.at_ns < segment.start_ns;
                    assert!(signal.how == How::Sent || !early, "{segment:?}");
                }
            }
        }
    }

    /// What ended each wait of a lane: "writer: the lock", "the clock", "unseen".
    fn ends(lanes: &[Lane], name: &str) -> Vec<String> {
        let lane = lanes.iter().find(|lane| lane.name == name).unwrap();
        let waits = lane.segments.iter().filter(|segment| segment.state == State::Waiting);
        waits
            .filter_map(|wait| match wait.ended_by.as_ref()? {
                EndedBy::Signal(signal) => {
                    Some(format!("{}: {}", lanes[signal.lane].name, signal.what))
                }
                EndedBy::Outside(outside) => Some(outside.clone()),
                EndedBy::Unseen => Some("unseen".into()),
            })
            .collect()
    }

    type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

    /// Threads that do this at the same time.
    fn threads<'a>(dispatch: &Dispatch, all: Vec<(&str, Work<'a>)>) {
        std::thread::scope(|scope| {
            for (name, work) in all {
                let run = || tracing::dispatcher::with_default(dispatch, work);
                std::thread::Builder::new().name(name.into()).spawn_scoped(scope, run).unwrap();
            }
        });
    }

    #[test]
    fn a_lock_is_handed_over_by_who_let_it_go_last() {
        let lock = Mutex::new(());
        let (held, wants) = (Barrier::new(2), AtomicBool::new(false));
        let lanes = recorded(|dispatch| {
            let holds = || {
                let guard = lock.lock().unwrap();
                held.wait();
                while !wants.load(SeqCst) {
                    std::hint::spin_loop();
                }
                let _holding = info_span!("hold").entered();
                trace!(wakes = "the lock");
                drop(guard);
            };
            let waits = || {
                held.wait();
                let waiting = info_span!("wait for the lock", until = "the lock").entered();
                wants.store(true, SeqCst);
                let _guard = lock.lock().unwrap();
                drop(waiting);
                trace!(wakes = "the lock"); // for no one
            };
            threads(dispatch, vec![("holder", Box::new(holds)), ("other", Box::new(waits))]);
        });
        assert_eq!(ends(&lanes, "other"), ["holder: the lock"]);
        let other = lanes.iter().find(|lane| lane.name == "other").unwrap();
        assert_eq!(
            other.segments[0].span, "wait for the lock",
            "the field is not a part of the name"
        );
    }

    /// `signals` happens in another lane, then the wait ends.
    fn a_wait_and(
        waiting: tracing::span::EnteredSpan,
        signals: impl FnOnce() + Send,
        dispatch: &Dispatch,
    ) {
        as_thread("other", dispatch, signals);
        drop(waiting);
    }

    #[test]
    fn a_notification_ends_one_wait_and_a_signal_to_all_ends_all() {
        for (all, expected) in [(false, ["other: bread", "unseen"]), (true, ["other: bread"; 2])] {
            let notified = Barrier::new(3);
            let asleep = Barrier::new(3);
            let lanes = recorded(|dispatch| {
                let sleeps = || {
                    let _waiting = info_span!("wait", until = "bread").entered();
                    asleep.wait();
                    notified.wait();
                };
                let tells = || {
                    asleep.wait();
                    if all {
                        trace!(wakes_all = "bread");
                    } else {
                        trace!(wakes = "bread");
                    }
                    notified.wait();
                };
                threads(
                    dispatch,
                    vec![
                        ("a", Box::new(sleeps)),
                        ("b", Box::new(sleeps)),
                        ("other", Box::new(tells)),
                    ],
                );
            });
            let mut ends = [ends(&lanes, "a"), ends(&lanes, "b")].concat();
            ends.sort();
            assert_eq!(ends, expected);
        }
    }

    #[test]
    fn a_signal_that_comes_before_the_wait_is_lost_and_so_is_its_own() {
        let lanes = recorded(|dispatch| {
            as_thread("other", dispatch, || trace!(wakes = "bread"));
            as_thread("sleeper", dispatch, || {
                let waiting = info_span!("wait", until = "bread").entered();
                trace!(wakes = "bread");
                a_wait_and(waiting, || trace!(wakes = "cake"), dispatch);
            });
        });
        assert_eq!(ends(&lanes, "sleeper"), ["unseen"]);
        assert_eq!(lanes.len(), 1, "who ends no wait, and is in no span, has no lane: {lanes:?}");
    }

    #[test]
    fn of_two_signals_the_later_one_ended_the_wait() {
        let lanes = recorded(|dispatch| {
            as_thread("sleeper", dispatch, || {
                let waiting = info_span!("wait", until = "bread").entered();
                as_thread("early", dispatch, || trace!(wakes = "bread"));
                a_wait_and(waiting, || trace!(wakes = "bread"), dispatch);
            });
        });
        assert_eq!(ends(&lanes, "sleeper"), ["other: bread"]);
    }

    #[test]
    fn messages_are_taken_in_the_order_in_which_they_were_sent_whoever_sends() {
        let lanes = recorded(|dispatch| {
            as_thread("one", dispatch, || trace!(sends = "page"));
            as_thread("two", dispatch, || trace!(sends = "page"));
            as_thread("one again", dispatch, || trace!(sends = "page"));
            as_thread("reader", dispatch, || {
                for _ in 0..4 {
                    let _waiting = info_span!("wait for page", until = "page").entered();
                }
            });
        });
        assert_eq!(
            ends(&lanes, "reader"),
            ["one: page", "two: page", "one again: page", "unseen"],
            "they were there before it waited"
        );
    }

    #[test]
    fn a_thread_without_a_name_says_what_its_lane_is_called() {
        let lanes = recorded(|dispatch| {
            tracing::dispatcher::with_default(dispatch, || {
                trace!(name = "scan");
                drop(info_span!("wait", ended_by = "the clock").entered());
            });
        });
        assert_eq!(ends(&lanes, "scan"), ["the clock"]);
    }

    #[test]
    fn what_no_lane_does_is_named_and_what_nothing_is_said_of_is_not() {
        let lanes = recorded(|dispatch| {
            as_thread("sleeper", dispatch, || {
                drop(info_span!("wait", ended_by = "the clock").entered());
                drop(info_span!("wait").entered());
            });
        });
        assert_eq!(ends(&lanes, "sleeper"), ["the clock"]);
        assert_eq!(lanes[0].segments[1].ended_by, None);
    }

    #[test]
    fn a_task_is_woken_by_another_task_and_its_polls_in_vain_are_one_wait() {
        let (recorder, dispatch) = Recorder::new();
        tracing::dispatcher::with_default(&dispatch, || {
            let mut polling = Polling::from_waker(Waker::noop());
            let waits = async {
                Once(false).instrument(info_span!("wait for tea", until = "tea")).await;
            };
            let mut guest = pin!(waits.instrument(info_span!("task", name = "guest")));
            let brews = async { trace!(wakes = "tea") };
            let mut kettle = pin!(brews.instrument(info_span!("task", name = "kettle")));
            assert!(guest.as_mut().poll(&mut polling).is_pending());
            assert!(kettle.as_mut().poll(&mut polling).is_ready());
            assert!(guest.as_mut().poll(&mut polling).is_ready());
        });
        let lanes = recorder.lanes();
        assert_arrows_are_possible(&lanes);
        assert_eq!(ends(&lanes, "guest"), ["kettle: tea"]);
    }

    #[test]
    fn a_core_that_is_found_out_afterward_to_have_passed_has_its_arrow() {
        // So far apart that a pause of this thread between two of these lines changes no order.
        const UNIT: Duration = Duration::from_millis(20);
        let lanes = recorded(|dispatch| {
            std::thread::sleep(9 * UNIT);
            let now = Instant::now();
            // Of this many units before now, whenever it is told.
            let ago = |units: u32| (units * UNIT + now.elapsed()).as_nanos() as u64;
            as_thread("first", dispatch, || {
                info_span!("ran", from_ago = ago(9), until_ago = ago(6));
                trace!(wakes = "core", ago = ago(6));
                info_span!("wait", from_ago = ago(6), until_ago = ago(2), until = "core");
                info_span!("ran", from_ago = ago(2), until_ago = ago(1));
            });
            as_thread("second", dispatch, || {
                info_span!("ran", from_ago = ago(5), until_ago = ago(3));
                trace!(wakes = "core", ago = ago(3));
            });
        });
        assert_eq!(ends(&lanes, "first"), ["second: core"]);
        let states = states(&lanes[0]);
        assert_eq!(states[1], (State::Waiting, "wait"));
    }

    #[test]
    fn a_lane_that_only_signals_is_there_and_times_count_from_the_timed_region() {
        let (recorder, dispatch) = Recorder::new();
        std::thread::sleep(std::time::Duration::from_millis(2));
        recorder.begin();
        as_thread("sleeper", &dispatch, || {
            let waiting = info_span!("wait", until = "bread").entered();
            a_wait_and(waiting, || trace!(wakes = "bread"), &dispatch);
        });
        let lanes = recorder.lanes();
        assert_arrows_are_possible(&lanes);
        assert_eq!(ends(&lanes, "sleeper"), ["other: bread"]);
        let other = lanes.iter().find(|lane| lane.name == "other").unwrap();
        assert!(other.segments.is_empty());
    }

    #[test]
    fn whatever_happens_no_arrow_goes_backward_or_home_and_no_signal_is_used_twice() {
        let mut drawn = fastrand::Rng::with_seed(7);
        for _ in 0..300 {
            let names = ["a lock", "a page"];
            let sign = |drawn: &mut fastrand::Rng| Sign {
                lane: drawn.usize(..3),
                at_ns: drawn.u64(..100),
                what: names[drawn.usize(..2)].into(),
                reach: drawn.choice([Reach::One, Reach::All, Reach::Kept]).unwrap(),
                used: false,
            };
            let wait = |drawn: &mut fastrand::Rng| {
                let began_ns = drawn.u64(..100);
                Wait {
                    lane: drawn.usize(..3),
                    pieces: Vec::new(),
                    until: names[drawn.usize(..2)].into(),
                    began_ns,
                    ended_ns: began_ns + drawn.u64(1..30),
                }
            };
            let mut seen = Seen {
                signals: (0..20).map(|_| sign(&mut drawn)).collect(),
                waits: (0..20).map(|_| wait(&mut drawn)).collect(),
                ..Seen::default()
            };
            // Each a moment of its own, so that a signal is known by when it was.
            for (index, sign) in seen.signals.iter_mut().enumerate() {
                sign.at_ns = sign.at_ns * 20 + index as u64;
            }
            for wait in &mut seen.waits {
                (wait.began_ns, wait.ended_ns) = (wait.began_ns * 20, wait.ended_ns * 20);
            }
            let to_all: Vec<u64> =
                seen.signals.iter().filter(|s| s.reach == Reach::All).map(|s| s.at_ns).collect();
            let mut used = std::collections::HashSet::new();
            let mut taken: HashMap<String, u64> = HashMap::new();
            for (wait, ended_by) in paired(&mut seen) {
                let EndedBy::Signal(signal) = ended_by else { continue };
                assert_ne!(signal.lane, wait.lane);
                assert_eq!(signal.what, wait.until);
                assert!(signal.at_ns <= wait.ended_ns);
                assert!(used.insert(signal.at_ns) || to_all.contains(&signal.at_ns));
                match signal.how {
                    How::Woken => assert!(signal.at_ns >= wait.began_ns),
                    How::Sent => {
                        let before = taken.insert(signal.what, signal.at_ns);
                        assert!(
                            before.is_none_or(|before| before < signal.at_ns),
                            "first in, first out"
                        );
                    }
                }
            }
            assert!(!used.is_empty());
        }
    }
}
