//! The language of claims and values: `sequential / threads@cores`, `p99(blocking)`, `0.9 * ceiling@4`.
//!
//! A name is an arm and stands for its time; `a / b` of two times says how many times as fast b is.
//! Whatever varies from round to round is evaluated round by round.

use std::fmt;
use std::ops::Range;

use lab::machine::Machine;
use lab::record::{BASE_AGAIN, Description, Measurement, Point, Sample};
use lab::statistics::{Estimate, estimate, percentile};

use crate::diagnostic::{Wrong, suggestion};
use crate::figures::Law;

/// A parsed expression and where it stands in the text it was parsed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it says.
    pub node: Node,
    /// In bytes, from the start of that text.
    pub span: Range<usize>,
}

/// What an expression can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `2.5`, without a unit.
    Number(f64),
    /// In seconds.
    Duration(f64),
    /// `threads@4`: the time of an arm, at a point of the axis where it has one.
    Arm(String, Option<At>),
    /// `ceiling@4`: how many times as much four independent copies of the base's work get done as one.
    Ceiling(At),
    /// `limit@4`: the same, where the work falls into pieces that cannot be divided.
    Limit(At),
    /// `limit` without a point: the least time that the work needs.
    Least,
    /// A function, and what stands between its parentheses.
    Call(Function, Vec<Expression>),
    /// `"900"`: an outcome's word.
    Word(String),
    /// Two amounts, and what is made of them.
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// A point of the axis: a number, or as many as the machine has cores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    /// That number.
    Number(u64),
    /// `cores`: as many as the experiment could use.
    Cores,
}

/// What is made of two amounts, round by round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operator {
    /// `+`, of one unit.
    Add,
    /// `-`, of one unit.
    Subtract,
    /// `*`
    Multiply,
    /// `/`: two times make a ratio, two counts a count.
    Divide,
}

/// What can be asked of an arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// The middle of the distribution that an arm records, or of its times if it records none.
    Median,
    /// An arm's time for one of the many things that it does, as its `.per` counts them.
    Each,
    /// `p50`, `p90`, `p99`: a percentile of that distribution, in seconds.
    Percentile(u8),
    /// Peak memory in bytes, children included.
    Memory,
    /// Cores busy: processor time over wall time.
    Cpu,
    /// Context switches, of both kinds.
    Switches,
    /// Those of the switches at which the scheduler took the core away.
    Involuntary,
    /// The share of an arm's processor time that the system took for it.
    System,
    /// How many of the many things that an arm does are done in a second.
    Rate,
    /// How many trials ended with this word.
    Outcome,
    /// The share of the trials that did, from 0 to 1.
    Share,
    /// How many trials there were.
    Trials,
    /// How many times as fast as one thread Amdahl's law makes an arm of a stated serial fraction, on as many
    /// cores as it has threads, up to the cores of the machine.
    Law,
    /// The largest of an arm's samples; the smallest is `Fastest`.
    Slowest,
    /// The smallest of an arm's samples.
    Fastest,
    /// How many rounds there were, and how many of them do not count.
    Rounds,
    /// Those of the rounds that do not count, for a reason that was seen from outside.
    SetAside,
}

impl Function {
    /// Of what it answers.
    fn unit(self) -> Unit {
        match self {
            Function::Median
            | Function::Each
            | Function::Percentile(_)
            | Function::Slowest
            | Function::Fastest => Unit::Time,
            Function::Memory => Unit::Bytes,
            Function::Rate => Unit::Rate,
            Function::Cpu | Function::System | Function::Share | Function::Law => Unit::Ratio,
            Function::Switches
            | Function::Involuntary
            | Function::Outcome
            | Function::Trials
            | Function::Rounds
            | Function::SetAside => Unit::Count,
        }
    }
}

/// Every function that there is. `src/directives.md` has a section for each.
pub(crate) const FUNCTIONS: [(&str, Function); 19] = [
    ("median", Function::Median),
    ("each", Function::Each),
    ("p50", Function::Percentile(50)),
    ("p90", Function::Percentile(90)),
    ("p99", Function::Percentile(99)),
    ("memory", Function::Memory),
    ("cpu", Function::Cpu),
    ("switches", Function::Switches),
    ("involuntary", Function::Involuntary),
    ("system", Function::System),
    ("rate", Function::Rate),
    ("outcome", Function::Outcome),
    ("share", Function::Share),
    ("trials", Function::Trials),
    ("law", Function::Law),
    ("slowest", Function::Slowest),
    ("fastest", Function::Fastest),
    ("rounds", Function::Rounds),
    ("set_aside", Function::SetAside),
];

/// What is measured in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Time,
    /// How many times.
    Ratio,
    /// Bytes of memory.
    Bytes,
    /// How many: a whole number on each machine.
    Count,
    /// Bytes a second.
    Rate,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Time => "a time",
            Unit::Ratio => "a number",
            Unit::Bytes => "an amount of memory",
            Unit::Count => "a count",
            Unit::Rate => "an amount a second",
        })
    }
}

/// The value of an expression on one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// The unit of every number of `amount`.
    pub unit: Unit,
    /// One number, or one for each round.
    pub amount: Amount,
}

/// The numbers of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    /// The same in every round, or a sum over them.
    Fixed(f64),
    /// One value per kept round.
    Rounds(Vec<f64>),
}

impl Value {
    /// Median and interval; a fixed amount is its own interval. `None` without rounds.
    pub fn estimate(&self) -> Option<Estimate> {
        match &self.amount {
            Amount::Fixed(x) => Some(Estimate { low: *x, median: *x, high: *x }),
            Amount::Rounds(values) => estimate(values),
        }
    }
}

/// Why an expression has no value on a machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Absent {
    /// The arm could not run there; with the reason given then.
    Arm(String),
    /// That point of the axis was not measured there.
    Point(String),
    /// The system of that machine does not tell it; what it is.
    NotExposed(&'static str),
    /// The record was made before the experiment recorded it.
    NotRecorded(&'static str),
}

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absent::Arm(why) => write!(f, "{why}"),
            Absent::Point(point) => write!(f, "{point} was not measured on this machine"),
            Absent::NotExposed(what) => write!(f, "{what} is not exposed on this machine"),
            Absent::NotRecorded(what) => {
                write!(f, "{what} was not recorded when this machine was measured")
            }
        }
    }
}

/// Parses a whole expression. Spans count from the start of `text`.
///
/// # Errors
/// Where the text is no expression, or something stands behind it.
pub fn parse(text: &str) -> Result<Expression, Wrong> {
    let mut parser = Parser::new(text)?;
    let expression = parser.sum()?;
    parser.end()?;
    Ok(expression)
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Number(f64),
    Name(String),
    Word(String),
    Symbol(&'static str),
}

/// Reads tokens one by one, with one of look-ahead.
pub(crate) struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    length: usize,
}

const SYMBOLS: [&str; 12] = [">=", "<=", ">", "<", "+", "-", "*", "/", "(", ")", ",", "@"];

impl Parser {
    pub(crate) fn new(text: &str) -> Result<Parser, Wrong> {
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(first) = text[at..].chars().next() {
            if first.is_whitespace() {
                at += first.len_utf8();
                continue;
            }
            let (token, length) = token(&text[at..]).ok_or_else(|| {
                let span = at..at + first.len_utf8();
                Wrong::new(span, format!("`{first}` has no meaning in a claim"), "remove it")
            })?;
            tokens.push((token, at..at + length));
            at += length;
        }
        Ok(Parser { tokens, at: 0, length: text.len() })
    }

    pub(crate) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    pub(crate) fn symbol(&mut self, symbol: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol);
        self.at += usize::from(is);
        is
    }

    pub(crate) fn name(&mut self, name: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Name(found)) if found == name);
        self.at += usize::from(is);
        is
    }

    /// A text in quotes, if one stands here.
    pub(crate) fn word(&mut self) -> Option<String> {
        let Some(Token::Word(word)) = self.peek().cloned() else { return None };
        self.at += 1;
        Some(word)
    }

    /// A number without a unit, if one stands here.
    pub(crate) fn number(&mut self) -> Option<f64> {
        let Some(Token::Number(number)) = self.peek().cloned() else { return None };
        self.at += 1;
        Some(number)
    }

    /// The token here, or the place where one is missing.
    pub(crate) fn span(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.length..self.length, |(_, span)| span.clone())
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].1.end)
    }

    pub(crate) fn wrong(&self, title: &str, label: &str) -> Wrong {
        Wrong::new(self.span(), title, label)
    }

    pub(crate) fn end(&self) -> Result<(), Wrong> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("this claim goes on after its end", "not expected here")),
        }
    }

    pub(crate) fn sum(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.product()?;
        loop {
            let operator = if self.symbol("+") {
                Operator::Add
            } else if self.symbol("-") {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Result<Expression, Wrong> {
        let mut left = self.atom()?;
        loop {
            let operator = if self.symbol("*") {
                Operator::Multiply
            } else if self.symbol("/") {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = binary(operator, left, self.atom()?);
        }
    }

    fn atom(&mut self) -> Result<Expression, Wrong> {
        let start = self.span();
        let Some(token) = self.peek().cloned() else {
            return Err(self.wrong("this expression is not finished", "a value is missing here"));
        };
        if self.symbol("(") {
            let inner = self.sum()?;
            if !self.symbol(")") {
                return Err(self.wrong("this parenthesis is not closed", "`)` is missing here"));
            }
            return Ok(inner);
        }
        self.at += 1;
        let node = match token {
            Token::Number(number) => match self.unit() {
                Some(scale) => Node::Duration(number * scale),
                None => Node::Number(number),
            },
            Token::Word(word) => Node::Word(word),
            Token::Name(name) if self.symbol("(") => self.call(&name, start.clone())?,
            Token::Name(name) => self.point(name)?,
            Token::Symbol(symbol) => {
                let title = format!("`{symbol}` needs a value before it");
                return Err(Wrong::new(start, title, "a value is missing here"));
            }
        };
        Ok(Expression { node, span: start.start..self.last_end() })
    }

    /// A unit of time right after a number.
    fn unit(&mut self) -> Option<f64> {
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0), ("min", 60.0)]
            .into_iter()
            .find(|(unit, _)| self.name(unit))
            .map(|(_, scale)| scale)
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<Node, Wrong> {
        let Some((_, function)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = FUNCTIONS.iter().map(|(name, _)| *name).collect();
            return Err(Wrong::new(
                span,
                format!("no function named `{name}`"),
                suggestion(name, &known),
            ));
        };
        let mut arguments = Vec::new();
        while !self.symbol(")") {
            if !arguments.is_empty() && !self.symbol(",") {
                return Err(self.wrong("this call is not closed", "`)` is missing here"));
            }
            arguments.push(self.sum()?);
        }
        Ok(Node::Call(*function, arguments))
    }

    fn point(&mut self, name: String) -> Result<Node, Wrong> {
        let at = if self.symbol("@") { Some(self.at_what()?) } else { None };
        match (name.as_str(), at) {
            ("ceiling", Some(at)) => Ok(Node::Ceiling(at)),
            ("limit", Some(at)) => Ok(Node::Limit(at)),
            ("limit", None) => Ok(Node::Least),
            ("ceiling", None) => {
                Err(self.wrong(&format!("`{name}` of how many threads?"), "add `@cores` or `@4`"))
            }
            (_, at) => Ok(Node::Arm(name, at)),
        }
    }

    fn at_what(&mut self) -> Result<At, Wrong> {
        let at = match self.peek() {
            Some(Token::Number(n)) if n.fract() == 0.0 && *n >= 0.0 => At::Number(*n as u64),
            Some(Token::Name(name)) if name == "cores" => At::Cores,
            _ => {
                return Err(
                    self.wrong("`@` needs a point of the axis", "a whole number, or `cores`")
                );
            }
        };
        self.at += 1;
        Ok(at)
    }
}

fn token(text: &str) -> Option<(Token, usize)> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() {
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        return Some((Token::Number(text[..end].parse().ok()?), end));
    }
    if first.is_alphabetic() || first == '_' {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        return Some((Token::Name(text[..end].to_string()), end));
    }
    if first == '"' {
        let end = text[1..].find('"')? + 1;
        return Some((Token::Word(text[1..end].to_string()), end + 1));
    }
    let symbol = SYMBOLS.iter().find(|symbol| text.starts_with(**symbol))?;
    Some((Token::Symbol(symbol), symbol.len()))
}

fn binary(operator: Operator, left: Expression, right: Expression) -> Expression {
    let span = left.span.start..right.span.end;
    Expression { node: Node::Binary(operator, Box::new(left), Box::new(right)), span }
}

impl Expression {
    /// Checks names and units against the experiment's own account: independent of any machine.
    ///
    /// # Errors
    /// Where it names an arm, a point or a word that the experiment has not, or adds amounts of different units.
    pub fn check(&self, description: &Description) -> Result<Unit, Wrong> {
        match &self.node {
            Node::Number(_) => Ok(Unit::Ratio),
            Node::Duration(_) => Ok(Unit::Time),
            Node::Word(_) => {
                Err(self.wrong("a word stands only in `outcome` and `share`", "not here"))
            }
            Node::Arm(name, at) => self.check_arm(description, name, *at).map(|()| Unit::Time),
            Node::Ceiling(_) | Node::Limit(_) => {
                if description.ceiling_at().is_empty() {
                    return Err(self.wrong(
                        &format!("`{}` has no ceiling", description.name),
                        "only an experiment with a threads axis or a limit measures one",
                    ));
                }
                Ok(Unit::Ratio)
            }
            Node::Least => match &description.limit {
                Some(_) => Ok(Unit::Time),
                None => Err(self.wrong(
                    &format!("`{}` declares no limit of its time", description.name),
                    "of the speedup on p threads it is `limit@cores` or `limit@4`",
                )),
            },
            Node::Call(function, arguments) => self.check_call(description, *function, arguments),
            Node::Binary(operator, left, right) => {
                let units = (left.check(description)?, right.check(description)?);
                unit_of(*operator, units.0, units.1).ok_or_else(|| {
                    let title = format!("{} and {} do not go together here", units.0, units.1);
                    self.wrong(&title, "units differ")
                })
            }
        }
    }

    fn wrong(&self, title: &str, label: &str) -> Wrong {
        Wrong::new(self.span.clone(), title, label)
    }

    fn check_arm(
        &self,
        description: &Description,
        name: &str,
        at: Option<At>,
    ) -> Result<(), Wrong> {
        if name == BASE_AGAIN && description.base.is_some() {
            return Ok(());
        }
        let Some(arm) = description.arm(name) else {
            let names: Vec<&str> = description.arms.iter().map(|arm| arm.name.as_str()).collect();
            let title = format!("`{}` has no arm named `{name}`", description.name);
            return Err(self.wrong(&title, &suggestion(name, &names)));
        };
        match (arm.at.is_empty(), at) {
            (false, None) => Err(self.wrong(
                &format!("`{name}` goes over an axis"),
                &format!("add a point: `{name}@cores`"),
            )),
            (true, Some(_)) => {
                Err(self.wrong(&format!("`{name}` has no axis"), &format!("write `{name}`")))
            }
            _ => Ok(()),
        }
    }

    fn check_call(
        &self,
        description: &Description,
        function: Function,
        arguments: &[Expression],
    ) -> Result<Unit, Wrong> {
        let (word, rest) = match (function, arguments) {
            (Function::Outcome | Function::Share, [first, rest @ ..]) => {
                (matches!(first.node, Node::Word(_)), rest)
            }
            (Function::Outcome | Function::Share, []) => (false, arguments),
            _ => (true, arguments),
        };
        if !word {
            return Err(self.wrong("which outcome?", "the first argument is its word: `\"900\"`"));
        }
        let optional = matches!(function, Function::Outcome | Function::Share | Function::Trials);
        let of_all = matches!(function, Function::Rounds | Function::SetAside);
        match rest {
            [] if optional || of_all => {}
            [..] if of_all => {
                let label = "leave what is in the parentheses out";
                return Err(self.wrong("this function is of the whole experiment", label));
            }
            [arm @ Expression { node: Node::Arm(name, _), .. }] => {
                arm.check(description)?;
                self.check_stated(description, function, name)?;
            }
            _ => return Err(self.wrong("this function takes one arm", "like `threads@4`")),
        }
        Ok(function.unit())
    }

    /// What the function needs to know of the arm, its example has said.
    fn check_stated(
        &self,
        description: &Description,
        function: Function,
        name: &str,
    ) -> Result<(), Wrong> {
        let stated = description.arm(name).is_some_and(|arm| arm.serial.is_some());
        if function == Function::Law && !stated {
            let title = format!("`{}` does not say what of `{name}` runs alone", description.name);
            return Err(self.wrong(&title, "the example says it: `.serial(0.1)`"));
        }
        if function == Function::Rate
            && description.per(name).is_none_or(|(what, _)| what != "byte")
        {
            let title =
                format!("`{}` does not say how many bytes `{name}` goes through", description.name);
            return Err(self.wrong(&title, "the example says it: `.per(\"byte\", BYTES)`"));
        }
        if function == Function::Each && description.per(name).is_none() {
            let title = format!("`{}` does not say what `{name}` does many of", description.name);
            return Err(self.wrong(&title, "the example says it: `.per(\"addition\", ADDITIONS)`"));
        }
        Ok(())
    }

    /// The value from one measurement. `check` has passed before.
    ///
    /// # Errors
    /// Why there is none: an arm could not run there, or something was not measured or recorded.
    pub fn evaluate(&self, measurement: &Measurement, machine: &Machine) -> Result<Value, Absent> {
        let fixed = |unit, x| Ok(Value { unit, amount: Amount::Fixed(x) });
        match &self.node {
            Node::Number(x) => fixed(Unit::Ratio, *x),
            Node::Duration(seconds) => fixed(Unit::Time, *seconds),
            Node::Word(_) => fixed(Unit::Count, 0.0),
            Node::Arm(name, at) => {
                let point = present(measurement, name, *at, machine)?;
                Ok(Value { unit: Unit::Time, amount: Amount::Rounds(measurement.seconds(&point)) })
            }
            Node::Ceiling(at) => {
                rounds(Unit::Ratio, measurement.ceiling(at.on(machine)), "ceiling", *at, machine)
            }
            Node::Limit(at) => {
                rounds(Unit::Ratio, measurement.limit(at.on(machine)), "limit", *at, machine)
            }
            Node::Least => match measurement.least_seconds() {
                values if values.is_empty() => Err(Absent::Point("limit".into())),
                values => Ok(Value { unit: Unit::Time, amount: Amount::Rounds(values) }),
            },
            Node::Call(function, arguments) => call(*function, arguments, measurement, machine),
            Node::Binary(operator, left, right) => {
                let left = left.evaluate(measurement, machine)?;
                let right = right.evaluate(measurement, machine)?;
                let unit = unit_of(*operator, left.unit, right.unit).unwrap_or(Unit::Ratio);
                Ok(Value { unit, amount: combine(*operator, &left.amount, &right.amount) })
            }
        }
    }
}

impl At {
    /// The point on this machine: a number of threads, or whatever the axis counts.
    pub fn on(self, machine: &Machine) -> u64 {
        match self {
            At::Number(n) => n,
            At::Cores => machine.cores,
        }
    }
}

fn rounds(
    unit: Unit,
    values: Vec<f64>,
    what: &str,
    at: At,
    machine: &Machine,
) -> Result<Value, Absent> {
    if values.is_empty() {
        return Err(Absent::Point(format!("{what}@{}", at.on(machine))));
    }
    Ok(Value { unit, amount: Amount::Rounds(values) })
}

/// The point, if this measurement has it.
fn present(
    measurement: &Measurement,
    name: &str,
    at: Option<At>,
    machine: &Machine,
) -> Result<Point, Absent> {
    let point = Point::new(name, at.map(|at| at.on(machine)));
    if let Some(why) = measurement.description.arm(name).and_then(|arm| arm.unavailable.clone()) {
        return Err(Absent::Arm(format!(
            "{} did not run on this machine: {why}",
            name.replace('_', " ")
        )));
    }
    match measurement.rounds.first().and_then(|round| round.sample(&point)) {
        Some(_) => Ok(point),
        None => Err(Absent::Point(point.to_string())),
    }
}

fn call(
    function: Function,
    arguments: &[Expression],
    measurement: &Measurement,
    machine: &Machine,
) -> Result<Value, Absent> {
    let arm = match arguments.last().map(|last| &last.node) {
        Some(Node::Arm(name, at)) => Some(present(measurement, name, *at, machine)?),
        _ => None,
    };
    let arm = arm.as_ref();
    let word = match arguments.first().map(|first| &first.node) {
        Some(Node::Word(word)) => word.as_str(),
        _ => "",
    };
    let per_round = |what, value: &dyn Fn(&Sample) -> Option<f64>| {
        in_each_round(measurement, arm, function.unit(), what, value)
    };
    let per = |what| per_time(measurement, arm, what);
    let fixed = |x: f64| Ok(Value { unit: function.unit(), amount: Amount::Fixed(x) });
    let count = |x: u64| fixed(x as f64);
    match function {
        Function::Slowest => extreme(measurement, arm, f64::max),
        Function::Fastest => extreme(measurement, arm, f64::min),
        Function::Rounds => count(measurement.rounds.len() as u64),
        Function::SetAside => count((measurement.rounds.len() - measurement.kept().count()) as u64),
        Function::Median => per_round("its time", &|s| {
            let latencies = percentile(&s.latencies_ns, 0.5);
            Some(latencies.unwrap_or(s.wall_ns) as f64 / 1e9)
        }),
        Function::Each => {
            let count = per("how many of them it did")?;
            per_round("its time", &|s| Some(s.wall_ns as f64 / 1e9 / count))
        }
        Function::Percentile(p) => per_round("its distribution", &|s| {
            Some(percentile(&s.latencies_ns, f64::from(p) / 100.0)? as f64 / 1e9)
        })
        .map_err(|_| Absent::NotRecorded("its distribution")),
        Function::Memory => per_round("peak memory", &|s| s.peak_bytes.map(|bytes| bytes as f64)),
        Function::Cpu => per_round("processor time", &|s| s.busy_cores()),
        Function::System => per_round("processor time", &|s| {
            let (user, system) = (s.user_ns?, s.system_ns?);
            Some(system as f64 / (user + system).max(1) as f64)
        }),
        Function::Rate => {
            let count = per("how many bytes it went through")?;
            per_round("its time", &|s| Some(count / (s.wall_ns as f64 / 1e9)))
        }
        Function::Switches => per_round("the count of context switches", &|s| {
            Some((s.voluntary_switches? + s.involuntary_switches?) as f64)
        }),
        Function::Involuntary => per_round("the count of involuntary switches", &|s| {
            Some(s.involuntary_switches? as f64)
        }),
        Function::Outcome => count(outcomes(measurement, arm, Some(word))),
        Function::Trials => count(outcomes(measurement, arm, None)),
        Function::Law => fixed(law(measurement, arm, machine)?),
        Function::Share => fixed(share(measurement, arm, word)),
    }
}

/// Of an arm, what each round that counts has of it.
fn in_each_round(
    measurement: &Measurement,
    arm: Option<&Point>,
    unit: Unit,
    what: &'static str,
    value: &dyn Fn(&Sample) -> Option<f64>,
) -> Result<Value, Absent> {
    let values = arm.map(|arm| measurement.values(arm, value)).unwrap_or_default();
    if values.is_empty() {
        return Err(Absent::NotExposed(what));
    }
    Ok(Value { unit, amount: Amount::Rounds(values) })
}

/// How many things an arm does each time, where its example says it.
fn per_time(
    measurement: &Measurement,
    arm: Option<&Point>,
    what: &'static str,
) -> Result<f64, Absent> {
    let per = arm.and_then(|arm| measurement.description.per(&arm.arm));
    per.map(|(_, count)| *count).ok_or(Absent::NotRecorded(what))
}

/// What Amdahl's law says of an arm on as many cores as it has threads, or as the machine has.
fn law(measurement: &Measurement, arm: Option<&Point>, machine: &Machine) -> Result<f64, Absent> {
    let absent = Absent::NotRecorded("what of it runs alone");
    let Some(point) = arm else { return Err(absent) };
    let serial =
        measurement.description.arm(&point.arm).and_then(|arm| arm.serial).ok_or(absent)?;
    let cores = point.at.unwrap_or(1).min(machine.cores);
    Ok(Law { serial, coordination: 0.0 }.speedup(cores as f64))
}

/// One sample of an arm, of the rounds that count.
fn extreme(
    measurement: &Measurement,
    arm: Option<&Point>,
    of_two: fn(f64, f64) -> f64,
) -> Result<Value, Absent> {
    let samples = arm.map(|arm| measurement.seconds(arm)).unwrap_or_default();
    match samples.into_iter().reduce(of_two) {
        Some(x) => Ok(Value { unit: Unit::Time, amount: Amount::Fixed(x) }),
        None => Err(Absent::Point("a round that counts".into())),
    }
}

/// How many trials ended so, over all rounds: a count is not disturbed by a slow round.
fn outcomes(measurement: &Measurement, arm: Option<&Point>, word: Option<&str>) -> u64 {
    let samples = measurement.rounds.iter().flat_map(|round| &round.samples);
    samples
        .filter(|sample| arm.is_none_or(|arm| sample.point() == *arm))
        .flat_map(|sample| &sample.outcomes)
        .filter(|(outcome, _)| word.is_none_or(|word| *outcome == word))
        .map(|(_, count)| count)
        .sum()
}

/// The part of all trials that ended so.
fn share(measurement: &Measurement, arm: Option<&Point>, word: &str) -> f64 {
    outcomes(measurement, arm, Some(word)) as f64 / outcomes(measurement, arm, None).max(1) as f64
}

fn unit_of(operator: Operator, left: Unit, right: Unit) -> Option<Unit> {
    use Unit::{Count, Ratio};
    match operator {
        // How many for each, and not how many times as many.
        Operator::Divide if (left, right) == (Count, Count) => Some(Count),
        Operator::Add | Operator::Subtract if left == right => Some(left),
        Operator::Multiply if left == Ratio => Some(right),
        Operator::Multiply if right == Ratio => Some(left),
        Operator::Divide if left == right => Some(Ratio),
        Operator::Divide if right == Ratio => Some(left),
        _ => None,
    }
}

fn combine(operator: Operator, left: &Amount, right: &Amount) -> Amount {
    let apply = |a: f64, b: f64| match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
    };
    match (left, right) {
        (Amount::Fixed(a), Amount::Fixed(b)) => Amount::Fixed(apply(*a, *b)),
        (Amount::Fixed(a), Amount::Rounds(b)) => {
            Amount::Rounds(b.iter().map(|b| apply(*a, *b)).collect())
        }
        (Amount::Rounds(a), Amount::Fixed(b)) => {
            Amount::Rounds(a.iter().map(|a| apply(*a, *b)).collect())
        }
        (Amount::Rounds(a), Amount::Rounds(b)) => {
            Amount::Rounds(a.iter().zip(b).map(|(a, b)| apply(*a, *b)).collect())
        }
    }
}

/// `lhs - rhs`, round by round where either varies.
pub(crate) fn difference(left: &Value, right: &Value) -> Amount {
    combine(Operator::Subtract, &left.amount, &right.amount)
}

/// `lhs / rhs`, round by round where either varies.
pub(crate) fn quotient(left: &Value, right: &Value) -> Amount {
    combine(Operator::Divide, &left.amount, &right.amount)
}

#[cfg(test)]
mod tests;
