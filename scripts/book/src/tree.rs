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
    /// What stands there instead.
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
    /// The experiment it is measured by.
    pub experiment: String,
    /// What is shown of it, in the unit that it has.
    pub expression: Expression,
}

/// A drawing of what an experiment measured.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The experiment that is drawn.
    pub experiment: String,
    /// What is drawn of it.
    pub kind: FigureKind,
    /// What stands above it.
    pub caption: Caption,
    /// Which arms, on which machine, on which scale.
    pub options: Options,
}

/// The arms of an experiment, a row each.
#[derive(Clone, Debug)]
pub struct Table {
    /// The experiment whose arms are its rows.
    pub experiment: String,
    /// Which arms, and what is shown of each.
    pub options: Options,
}

/// Litmus tests: all of a file, or the one that is named.
#[derive(Clone, Debug)]
pub struct Litmus {
    /// The whole file.
    pub tests: litmus::Litmus,
    /// The name of the one that is shown; `None`: all of them.
    pub only: Option<String>,
}

/// The place of all solutions.
#[derive(Clone, Debug)]
pub struct Solutions;

/// An excerpt of a file of code, with what belongs below it.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Relative to the project: `listings/threads/word_count.rs`.
    pub file: String,
    /// What stands above it.
    pub caption: String,
    /// What is shown: without marks, tests at the end and common indentation.
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
    /// `None` where nothing is marked.
    pub since: Option<Since>,
}

/// What is new in a listing since one that stands above it.
#[derive(Clone, Debug)]
pub struct Since {
    /// The name of that one.
    pub name: String,
    /// Lines of the listing that are new.
    pub news: News,
}

/// A law of scalability beside a measured arm.
#[derive(Clone, Debug)]
pub struct Amdahl {
    /// The experiment with the threads axis.
    pub experiment: String,
    /// The arm whose speedup is drawn.
    pub arm: String,
    /// What stands above it.
    pub caption: String,
    /// The serial fraction that is shown first, in percent.
    pub serial: f64,
}

/// What a figure draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FigureKind {
    /// A bar for each arm, at one point of the axis.
    Bars,
    /// One rung a row on a log scale, cheapest first, with the factor to the one before.
    Ladder,
    /// How many times as fast as the base, over a threads axis.
    Speedup,
    /// The quantity itself over the axis.
    Scaling,
    /// How trials ended, arm by arm.
    Outcomes,
    /// What each thread or task did when, in one run.
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
    /// How the axis of the quantity is laid out.
    pub scale: Scale,
    /// What is drawn of each arm.
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
    Arm {
        /// As the experiment declares it.
        name: String,
        /// The one point; `None`: each point of the series has its own.
        at: Option<u64>,
    },
}

/// Places on an axis that the machine knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marks {
    /// The sizes of the caches.
    Caches,
}

/// A law that a figure can draw for arms that state their serial fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KnownLaw {
    /// Amdahl's.
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
    /// The sentence; what stands between backticks in it is code.
    pub text: String,
    /// Whether it compares something that could be otherwise.
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
    /// Wall time.
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
    /// From zero.
    Linear,
    /// By factors, without bars.
    Log,
}

/// What a sentence can say of the machine that the numbers are from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MachineProperty {
    /// The cores that experiments could use.
    Cores,
    /// The model of the processor.
    Cpu,
    /// What the machine is called on the pages.
    Label,
    /// Its memory.
    Memory,
    /// The operating system and its version.
    System,
}

/// A claim with what is said where it holds and where it does not.
#[derive(Clone, Debug)]
pub struct ClaimNode {
    /// The experiment whose record is looked at.
    pub experiment: String,
    /// As it stands in the chapter.
    pub text: String,
    /// The same, parsed.
    pub claim: Claim,
    /// What is said where it holds.
    pub holds: Body,
    /// What is said where it does not; `None`: it has to hold on the page's own machine.
    pub otherwise: Option<Body>,
    /// 1-based, in the chapter.
    pub line: usize,
}

/// A question the reader answers before the measurement is shown.
#[derive(Clone, Debug)]
pub struct Predict {
    /// The experiment that decides.
    pub experiment: String,
    /// What is asked.
    pub question: Body,
    /// In the order of the page.
    pub choices: Vec<Choice>,
}

/// One of the answers that a reader can choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// When this is the answer; the first choice whose condition is met is. `None`: otherwise.
    pub condition: Option<Claim>,
    /// The answer.
    pub text: Body,
    /// What is said when it is chosen.
    pub because: Body,
}

/// A drawing of structure or states, in mermaid's language.
#[derive(Clone, Debug)]
pub struct Diagram {
    /// What stands above it.
    pub caption: String,
    /// In that language, as the chapter has it.
    pub source: String,
    /// In lines of text, where its author knows better.
    pub height: Option<u32>,
}

/// Questions whose answers lead to one recommendation.
#[derive(Clone, Debug)]
pub struct Chooser {
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
    /// In the order of the chapter; each combination of answers has one.
    pub recommendations: Vec<Recommendation>,
}

/// One question of a chooser.
#[derive(Clone, Debug)]
pub struct Question {
    /// As conditions name it.
    pub name: String,
    /// What is asked.
    pub text: Body,
    /// Those to choose from.
    pub answers: Vec<Answer>,
}

/// One answer to a question.
#[derive(Clone, Debug)]
pub struct Answer {
    /// As conditions name it.
    pub name: String,
    /// What the reader sees.
    pub text: Body,
}

/// What is recommended, and for which answers.
#[derive(Clone, Debug)]
pub struct Recommendation {
    /// For each question, the numbers of the answers it is for.
    pub when: Vec<Vec<usize>>,
    /// What is recommended.
    pub body: Body,
    /// 1-based, in the chapter.
    pub line: usize,
    /// The bytes of its mark, in the chapter.
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
    /// As the chapter has it.
    pub text: String,
    /// Spans count from the start of `text`.
    pub parts: Vec<Part>,
}
