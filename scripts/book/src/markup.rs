//! The names that both sides of a page know: the renderers and the server in Rust, the scripts and the style of
//! `theme/`. No compiler sees both sides, so `scripts/checks/tests/theme.rs` holds them together: whoever renames
//! one of these in one place is told of the other.
//!
//! An attribute is read in a script as a property of `dataset`: `data-m` is `dataset.m`.

/// Constants, and a list of their names and texts.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*
        /// The name and the text of each.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $text)),*];
    };
}

/// Lists of the keys that JSON objects have.
macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident: $($key:ident)*;)*) => {
        $($(#[$doc])* pub const $name: &[&str] = &[$(stringify!($key)),*];)*
    };
}

/// Attributes that Rust writes into a page, for a script or the style.
pub mod attribute {
    names! {
        /// Of a part of a page that is another on another machine: its number, a key of the files in `machines/`.
        PLACE = "data-m";
        /// Of the line that says whose numbers these are: the page, as its file at each machine is called.
        PAGE = "data-page";
        /// Of a figure: the experiment whose record it shows. Of a prediction: the one that it asks about.
        EXPERIMENT = "data-experiment";
        /// Of a listing: the example that runs it.
        EXAMPLE = "data-example";
        /// Of a listing: what its example can be asked for, as JSON: `[["latency", ["0ms", "40ms"]], …]`.
        PARAMETERS = "data-parameters";
        /// Of the selector of one parameter: its name.
        NAME = "data-name";
        /// Of a listing or an exercise: the address of the file that the Playground is given.
        PLAYGROUND = "data-playground";
        /// Of a measured value: where it is from, in words.
        FROM = "data-from";
        /// Of a prediction's answer and of its reasons: the choice that they are about.
        CHOICE = "data-choice";
        /// Of a recommendation: the answers with which it is the one, as JSON: `{"many": ["few"], …}`.
        WHEN = "data-when";
        /// Of an explorer: its program, as JSON in which quotation marks and backquotes have changed places.
        PROGRAM = "data-program";
        /// Of a timeline: the runs that it shows, as `pid`s of the trace.
        RUNS = "data-runs";
        /// Of a timeline's drawing: where the axis begins and ends, and the last moment in nanoseconds.
        TIME = "data-time";
        /// Of a timeline's drawing: the middle and half of the height of each lane.
        LANES = "data-lanes";
        /// Of a timeline's drawing: of more arrows than this none is drawn.
        ARROWS = "data-arrows";
        /// Of the law of scalability: the machine's `cores`, and what was `measured` by their number, as JSON.
        LAW = "data-law";
        /// Of the law's drawing: the edges of its plane, and what they stand for.
        PLANE = "data-plane";
        /// Of a control of the law: what follows its number.
        UNIT = "data-unit";
        /// Of a cell in the law's table: its number of cores.
        CORES = "data-p";
        /// Of a diagram: the address of the script that draws it.
        SCRIPT = "data-script";
        /// Of a diagram's room: what the drawing shows, in words.
        LABEL = "data-label";
    }
}

/// Attributes that the page's shell, `theme/index.hbs`, writes for a script.
pub mod shell {
    names! {
        /// Of the script that waits for a new build: where it asks.
        ENDPOINT = "data-endpoint";
        /// Of the search: the address of mdBook's engine.
        ENGINE = "data-engine";
        /// Of the search: the address of mdBook's index.
        INDEX = "data-index";
        /// Of the search: the way from this page to the first one.
        ROOT = "data-root";
    }
}

/// Attributes that a script writes, for another one, for the style or for a test.
pub mod scripted {
    names! {
        /// Of the page: the colors that the reader chose.
        THEME = "data-theme";
        /// Of the page: whether what is said of Python is hidden.
        PYTHON = "data-python";
        /// Of the page: that the notes for instructors are shown.
        INSTRUCTOR = "data-instructor";
        /// Of the page: that an experiment is being measured, so that a new build is no reason to reload.
        MEASURING = "data-measuring";
        /// Of the page: the build whose numbers a measurement put into it, so that this build is none either.
        BUILT = "data-built";
        /// Of the law's figure: that its controls are heard already.
        LIVE = "data-live";
        /// Of a diagram: that it is drawn already, or soon.
        BEGUN = "data-begun";
        /// Of an explorer: how many orders end in what, as the script counted.
        ENDINGS = "data-endings";
        /// Of an explorer's button: the thread that goes on.
        THREAD = "data-thread";
    }
}

/// What `course serve` answers itself. [`SERVER`](address::SERVER) begins each of these addresses.
pub mod address {
    /// In front of what follows.
    pub const SERVER: &str = "/__course/";
    names! {
        /// The number of the last build.
        BUILD = "build";
        /// Runs an example.
        RUN = "run";
        /// Measures an experiment.
        MEASURE = "measure";
        /// Watches an exercise.
        EXERCISE = "exercise";
    }
}

keys! {
    /// The keys of what a page asks: of a run, a measurement, and an exercise to be watched.
    ASKED: example parameters experiment exercise;
    /// The keys of an answer's lines, each a JSON object that has some of them: of all answers, of a run's, of a
    /// measurement's and of an exercise's.
    MESSAGE:
        waiting started ended how
        out err
        round of point seconds_left machine rendering built not_built
        watching compiling tests test passed said refused gone trouble score;
    /// The keys of what a test says, in `said`.
    COMPLAINT: line message;
    /// The keys of what the compiler refuses: how many `more` errors there are, too.
    REFUSED: line message more;
    /// The keys of a `score`.
    SCORE: passed tests hint next;
    /// The keys of the exercise that comes `next`.
    NEXT: name label page;
    /// The keys of `machines/index.json`; another file there has the numbers of its [`attribute::PLACE`]s.
    INDEX: default local machines;
    /// The keys of each machine in it.
    MACHINE: name label line cores;
    /// The keys of a timeline's file that a page reads; it is a trace in Chrome's format, and holds more.
    TRACE: traceEvents;
    /// The keys of its events that a page reads.
    SPAN: ph pid tid name cat ts dur args;
    /// The keys of an event's `args` that a page reads.
    ARGS: name kind ended_by from;
}

/// The events of the document that a script tells the others of.
pub mod event {
    names! {
        /// The page shows another machine's numbers.
        MACHINE = "machine";
    }
}
