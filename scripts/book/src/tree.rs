//! What the text of a chapter becomes: parts, each with what its directive asks for. Data alone.

use std::any::Any;
use std::fmt::Debug;
use std::ops::Range;
use std::rc::Rc;

use crate::claim::Claim;
use crate::expression::Expression;
use crate::litmus;
use crate::since::News;

/// A part of a chapter that will be replaced.
#[derive(Clone, Debug)]
pub struct Part {
    /// The bytes it replaces.
    pub span: Range<usize>,
    pub node: Node,
}

/// What a directive asks for, in a type of its own.
#[derive(Clone, Debug)]
pub struct Node {
    directive: &'static str,
    asked: Rc<dyn Data>,
}

trait Data: Any + Debug {}

impl<T: Any + Debug> Data for T {}

impl Node {
    /// What the directive of this name asks for.
    pub fn new(directive: &'static str, asked: impl Debug + 'static) -> Node {
        Node { directive, asked: Rc::new(asked) }
    }

    /// The name of the directive.
    pub fn directive(&self) -> &'static str {
        self.directive
    }

    /// What is asked for, if it is of this type.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        let asked: &dyn Any = &*self.asked;
        asked.downcast_ref()
    }
}

/// A measured value in a sentence.
#[derive(Clone, Debug)]
pub struct Value {
    pub experiment: String,
    pub expression: Expression,
}

#[derive(Clone, Debug)]
pub struct Figure {
    pub experiment: String,
    pub kind: FigureKind,
    pub caption: Caption,
    pub options: Options,
}

#[derive(Clone, Debug)]
pub struct Table {
    pub experiment: String,
    pub options: Options,
}

/// Litmus tests: all of a file, or the one that is named.
#[derive(Clone, Debug)]
pub struct Litmus {
    pub tests: litmus::Litmus,
    pub only: Option<String>,
}

/// The place of all solutions.
#[derive(Clone, Debug)]
pub struct Solutions;

#[derive(Clone, Debug)]
pub struct Listing {
    /// Relative to the project: `listings/threads/word_count.rs`.
    pub file: String,
    pub caption: String,
    pub code: String,
    /// The example whose demo's output stands below.
    pub output_of: Option<String>,
    /// The compiler's message, captured beside the file.
    pub error: Option<String>,
    /// The example that runs this file, or the name of the Python program that it is, if either.
    pub example: Option<String>,
    /// The whole file, where it says that it runs on the Rust Playground.
    pub playground: Option<Rc<str>>,
    /// The file and the anchor, as the directive names them.
    pub name: String,
    pub since: Option<Since>,
}

/// What is new in a listing since one that stands above it.
#[derive(Clone, Debug)]
pub struct Since {
    /// The name of that one.
    pub name: String,
    pub news: News,
}

/// A law of scalability beside a measured arm.
#[derive(Clone, Debug)]
pub struct Amdahl {
    pub experiment: String,
    pub arm: String,
    pub caption: String,
    /// The serial fraction that is shown first, in percent.
    pub serial: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FigureKind {
    Bars,
    /// One rung a row on a log scale, cheapest first, with the factor to the one before.
    Ladder,
    Speedup,
    Scaling,
    Outcomes,
    Timeline,
    /// The same bars on machines with more and more cores.
    Cores,
}

/// Options of figures and tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Options {
    /// Only these arms, in this order; all of them if empty.
    pub arms: Vec<String>,
    /// This machine, whichever is selected.
    pub machine: Option<String>,
    /// The arm that others are compared with, where it is not the experiment's base.
    pub base: Option<String>,
    /// The point of the axis whose bars are drawn; the cores of each machine if none is named.
    pub at: Option<u64>,
    /// What a table shows of each arm.
    pub columns: Vec<Column>,
    pub scale: Scale,
    pub quantity: Quantity,
    /// The law that is drawn through a speedup.
    pub law: Option<KnownLaw>,
    /// What is marked on an axis of bytes.
    pub marks: Option<Marks>,
    /// What the machine has to give, drawn behind a scaling.
    pub ceiling: Option<Ceiling>,
}

/// Where the ceiling of a scaling was measured. It is never calculated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ceiling {
    /// By the independent copies that are measured beside an axis of threads.
    Copies,
    /// By an arm that runs independent work on every core: over the axis, or at one point of it.
    Arm { name: String, at: Option<u64> },
}

/// Places on an axis that the machine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marks {
    Caches,
}

/// A law that a figure can draw for arms that state their serial fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownLaw {
    Amdahl,
}

/// What a table shows of an arm beside its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    /// The wall time and its interval.
    Time,
    /// How many times as fast as the base.
    Ratio,
    /// Cores busy: processor time over wall time, children included.
    Cores,
    /// Peak memory, children included.
    Memory,
    /// A percentile of what the arm records beside its time.
    Percentile(u8),
    /// How trials ended: a column for each ending.
    Outcomes,
}

/// What stands above a figure: a sentence, which follows the machine where it compares something.
#[derive(Clone, Debug)]
pub struct Caption {
    pub text: String,
    pub standing: Standing,
}

/// Whether a caption can be wrong somewhere.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Nobody said yet: `check` asks.
    Unmarked,
    /// Marked by hand: it compares nothing, or holds on any machine.
    Neutral,
    /// It holds where this claim does; elsewhere the claim's other text stands there.
    Claim(Box<ClaimNode>),
}

/// What bars and points of a figure stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Quantity {
    #[default]
    Time,
    /// Time of one of the many things that an arm does.
    Each,
    /// Bytes a second, where an arm says how many it goes through.
    Rate,
    /// Peak memory.
    Memory,
    /// Of what an arm records beside its time.
    Percentile(u8),
    /// How trials ended: in a figure of several machines, which is otherwise one of bars.
    Outcomes,
}

/// How a figure lays out times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scale {
    /// Linear from zero, unless the smallest value would not be seen beside the largest.
    #[default]
    Fitting,
    Linear,
    Log,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MachineProperty {
    Cores,
    Cpu,
    Label,
    Memory,
    System,
}

/// A claim with what is said where it holds and where it does not.
#[derive(Clone, Debug)]
pub struct ClaimNode {
    pub experiment: String,
    /// As it stands in the chapter.
    pub text: String,
    pub claim: Claim,
    pub holds: Body,
    pub otherwise: Option<Body>,
    /// 1-based, in the chapter.
    pub line: usize,
}

/// A question the reader answers before the measurement is shown.
#[derive(Clone, Debug)]
pub struct Predict {
    pub experiment: String,
    pub question: Body,
    pub choices: Vec<Choice>,
}

#[derive(Clone, Debug)]
pub struct Choice {
    /// When this is the answer; the first choice whose condition is met is. `None`: otherwise.
    pub condition: Option<Claim>,
    pub text: Body,
    pub because: Body,
}

/// A drawing of structure or states, in mermaid's language.
#[derive(Clone, Debug)]
pub struct Diagram {
    pub caption: String,
    pub source: String,
    /// In lines of text, where its author knows better.
    pub height: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Chooser {
    pub questions: Vec<Question>,
    pub recommendations: Vec<Recommendation>,
}

#[derive(Clone, Debug)]
pub struct Question {
    pub name: String,
    pub text: Body,
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub name: String,
    pub text: Body,
}

/// What is recommended, and for which answers.
#[derive(Clone, Debug)]
pub struct Recommendation {
    /// For each question, the numbers of the answers it is for.
    pub when: Vec<Vec<usize>>,
    pub body: Body,
    /// 1-based, in the chapter.
    pub line: usize,
    pub span: Range<usize>,
}

impl Question {
    /// The numbers of all its answers.
    pub fn any(&self) -> Vec<usize> {
        (0..self.answers.len()).collect()
    }
}

/// What `{{#needs 5, 7 after=6 +python}}` says of its chapter.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// The chapters to be read before, each with its place in this one.
    pub chapters: Vec<(u32, Range<usize>)>,
    /// Those that help, and can be left out.
    pub after: Vec<(u32, Range<usize>)>,
    /// The chapter is about Python: nothing of Python is hidden in it.
    pub python: bool,
}

impl Needs {
    /// Those to be read before, and those that help.
    pub fn all(&self) -> impl Iterator<Item = &(u32, Range<usize>)> {
        self.chapters.iter().chain(&self.after)
    }
}

/// Markdown with directives of its own.
#[derive(Clone, Debug)]
pub struct Body {
    pub text: String,
    /// Spans count from the start of `text`.
    pub parts: Vec<Part>,
}
