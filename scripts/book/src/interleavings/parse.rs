//! Reads a steps file, line by line; spans in errors count from its start.

use std::ops::Range;

use super::program::{
    Action, Channel, Compare, Ending, Endings, Goal, Kind, Program, Semaphore, Step, Term, Test,
    Thread, Variable,
};
use super::{goals, walk};
use crate::diagnostic::{Wrong, nearest, suggestion};

/// # Errors
/// Where a line has no meaning, a name is unknown, a thread does what it may not, an order never ends, there
/// are too many states, or a goal is not as it should be.
pub fn parse(text: &str) -> Result<Program, Wrong> {
    let mut reader = Reader::new(text)?;
    for line in lines(text) {
        reader.line(line)?;
    }
    reader.finish()
}

/// A line without its comment.
#[derive(Clone, Copy)]
struct Line<'a> {
    indent: &'a str,
    content: &'a str,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines().filter_map(|line| {
        let mut quoted = false;
        let comment = line.char_indices().find(|(_, letter)| {
            quoted ^= *letter == '"';
            *letter == '#' && !quoted
        });
        let line = line[..comment.map_or(line.len(), |(at, _)| at)].trim_end();
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        (!content.is_empty()).then_some(Line { indent, content })
    })
}

/// A block that lines still belong to.
struct Block {
    /// The `if` or `while`.
    step: usize,
    /// How far its lines are indented, once the first was read.
    indent: usize,
}

struct Reader<'a> {
    text: &'a str,
    program: Program,
    /// Every thread's name, read ahead.
    names: Vec<&'a str>,
    /// Of the thread that is read: how far its steps are indented, its open blocks, and each step's block.
    indent: usize,
    blocks: Vec<Block>,
    parents: Vec<Option<usize>>,
    ending: Option<usize>,
    right: Option<i64>,
    /// Every `wait`: its condition and where it stands.
    waits: Vec<(usize, Range<usize>)>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Result<Reader<'a>, Wrong> {
        let mut names: Vec<&str> = Vec::new();
        let mut kinds = Vec::new();
        for line in lines(text) {
            let Some((word @ ("thread" | "task"), name)) = line.content.split_once(' ') else {
                continue;
            };
            let name = name.trim();
            if name.starts_with('=') {
                continue;
            }
            let span = span(text, line.content);
            if names.contains(&name) {
                let title = format!("there are two threads `{name}`");
                return Err(Wrong::new(span, title, "this one needs another name"));
            }
            names.push(name);
            kinds.push(word);
            if kinds[0] != word {
                let title = "threads and tasks in one program";
                return Err(Wrong::new(span, title, format!("the first one is a {}", kinds[0])));
            }
            if names.len() > 3 {
                return Err(Wrong::new(
                    span,
                    "more than three threads",
                    "two or three can be walked",
                ));
            }
        }
        let program = Program {
            kind: if kinds.first() == Some(&"task") { Kind::Tasks } else { Kind::Threads },
            variables: Vec::new(),
            locks: Vec::new(),
            conditions: Vec::new(),
            semaphores: Vec::new(),
            channels: Vec::new(),
            threads: Vec::new(),
            ending: 0,
            right: 0,
            goals: Vec::new(),
            endings: Endings::default(),
        };
        Ok(Reader {
            text,
            program,
            names,
            indent: 0,
            blocks: Vec::new(),
            parents: Vec::new(),
            ending: None,
            right: None,
            waits: Vec::new(),
        })
    }

    fn wrong<T>(
        &self,
        at: &str,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Result<T, Wrong> {
        Err(Wrong::new(span(self.text, at), title, label))
    }

    fn line(&mut self, line: Line<'a>) -> Result<(), Wrong> {
        let content = line.content;
        let (word, rest) = content
            .split_once(' ')
            .map_or((content, &content[content.len()..]), |(word, rest)| (word, rest.trim()));
        let is_assignment = assignment(content).is_some();
        match word {
            "thread" | "task" if !is_assignment => return self.thread(content, rest),
            "ending" if !is_assignment => {
                self.ending = Some(self.shared(rest)?);
                return Ok(());
            }
            "right" if !is_assignment => match rest.parse() {
                Ok(number) => {
                    self.right = Some(number);
                    return Ok(());
                }
                Err(_) => {
                    return self.wrong(content, format!("`{rest}` is no number"), "a whole number");
                }
            },
            "goal" if !is_assignment => return self.goal(content, rest),
            _ => {}
        }
        if self.program.threads.is_empty() {
            self.declaration(content, word, rest)
        } else {
            let (action, otherwise) = self.step(content, word, rest)?;
            self.indentation(line)?;
            self.push(content, action, otherwise);
            Ok(())
        }
    }

    fn thread(&mut self, content: &'a str, name: &'a str) -> Result<(), Wrong> {
        if name.is_empty() {
            return self.wrong(
                content,
                format!("a {content} without a name"),
                "like `thread deposit`",
            );
        }
        self.end_of_thread()?;
        let span = span(self.text, content);
        self.program.threads.push(Thread { name: name.into(), steps: Vec::new(), span });
        Ok(())
    }

    /// What all threads see.
    fn declaration(&mut self, content: &'a str, word: &str, rest: &'a str) -> Result<(), Wrong> {
        if let Some((name, value)) = assignment(content) {
            return self.shared_variable(content, name, value);
        }
        match word {
            "mutex" => {
                self.new_name(rest)?;
                self.program.locks.push(rest.into());
            }
            "condvar" => {
                self.new_name(rest)?;
                self.program.conditions.push(rest.into());
            }
            "semaphore" => return self.new_semaphore(content, rest),
            "channel" => return self.channel(content, rest),
            "lock" | "unlock" | "wait" | "notify" | "acquire" | "release" | "send" | "close"
            | "park" | "unpark" | "until" | "exchange" | "if" | "while" | "await" | "cancel" => {
                return self.wrong(
                    content,
                    "a step before the first thread",
                    "`thread NAME` begins one",
                );
            }
            _ => {
                let label = "before the threads: `name = …`, `mutex NAME`, `condvar NAME`, `semaphore NAME = 2`, \
                             `channel NAME = 2 from THREAD`";
                return self.wrong(content, "this line has no meaning", label);
            }
        }
        Ok(())
    }

    /// `balance = 500`
    fn shared_variable(
        &mut self,
        content: &'a str,
        name: &'a str,
        value: &'a str,
    ) -> Result<(), Wrong> {
        self.new_name(name)?;
        let first = match self.terms(value)?.as_slice() {
            [Term { sign, variable: None, number }] => Some(sign * number),
            _ => {
                let title = "a shared variable begins with a number";
                return self.wrong(content, title, "like `balance = 500`");
            }
        };
        self.program.variables.push(Variable { name: name.into(), thread: None, first });
        Ok(())
    }

    /// `permits = 2`
    fn new_semaphore(&mut self, content: &str, rest: &str) -> Result<(), Wrong> {
        let (name, permits) = rest.split_once('=').unwrap_or((rest, ""));
        let name = name.trim();
        let Ok(permits) = permits.trim().parse::<u32>() else {
            return self.wrong(content, "how many permits?", "like `semaphore permits = 2`");
        };
        self.new_name(name)?;
        self.program.semaphores.push(Semaphore { name: name.into(), permits: permits.into() });
        Ok(())
    }

    /// `jobs = 2 from worker main`
    fn channel(&mut self, content: &'a str, rest: &'a str) -> Result<(), Wrong> {
        let example = "like `channel jobs = 2 from worker main`";
        let Some((head, from)) = rest.split_once(" from ") else {
            return self.wrong(content, "who has a sender?", example);
        };
        let (name, room) = match head.split_once('=') {
            Some((name, room)) => match room.trim().parse() {
                Ok(0) | Err(_) => {
                    return self.wrong(content, "room for how many messages?", example);
                }
                Ok(room) => (name.trim(), Some(room)),
            },
            None => (head.trim(), None),
        };
        self.new_name(name)?;
        let mut senders = Vec::new();
        let mut rest = from.trim();
        while !rest.is_empty() {
            // A thread's name may have several words: the longest that fits.
            let fits = |name: &&str| {
                rest.strip_prefix(*name).is_some_and(|r| r.is_empty() || r.starts_with(' '))
            };
            let Some(name) = self.names.iter().copied().filter(fits).max_by_key(|name| name.len())
            else {
                let word = rest.split(' ').next().unwrap_or(rest);
                return self.wrong(
                    word,
                    format!("there is no thread `{word}`"),
                    suggestion(word, &self.names),
                );
            };
            senders.extend(self.names.iter().position(|known| *known == name));
            rest = rest[name.len()..].trim_start();
        }
        self.program.channels.push(Channel { name: name.into(), room, senders });
        Ok(())
    }

    /// `stuck "Block both"`, `never 400 "…"`
    fn goal(&mut self, content: &'a str, rest: &'a str) -> Result<(), Wrong> {
        let example =
            "like `goal 400 \"Lose the 500\"`, `goal stuck \"…\"`, `goal never stuck \"…\"`";
        let (never, rest) = match rest.strip_prefix("never ") {
            Some(rest) => (true, rest.trim_start()),
            None => (false, rest),
        };
        let (ending, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let ending = match (ending, ending.parse()) {
            ("stuck", _) => Ending::Stuck,
            (_, Ok(value)) => Ending::Value(value),
            _ => return self.wrong(content, "which ending is the goal?", example),
        };
        let text = text.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let Some(text) = text.filter(|text| !text.trim().is_empty() && !text.contains('"')) else {
            return self.wrong(content, "what is the reader asked to do?", example);
        };
        let span = span(self.text, content);
        let text = text.to_string();
        self.program.goals.push(Goal { never, ending, text, switches: 0, order: Vec::new(), span });
        Ok(())
    }

    /// The action, and whether it opens a block.
    fn step(
        &mut self,
        content: &'a str,
        word: &str,
        rest: &'a str,
    ) -> Result<(Action, bool), Wrong> {
        let plain = |action: Action| Ok((action, false));
        if let Some((name, value)) = assignment(content) {
            return plain(self.assigned(name, value)?);
        }
        let mut words = rest.split_whitespace();
        match (word, (words.next(), words.next(), words.next())) {
            ("lock", _) => plain(Action::Lock { lock: self.lock(rest)? }),
            ("unlock", _) => plain(Action::Unlock { lock: self.lock(rest)? }),
            ("wait", (Some(condition), Some(lock), None)) => {
                let condition = self.condition(condition)?;
                self.waits.push((condition, span(self.text, content)));
                plain(Action::Wait { condition, lock: self.lock(lock)? })
            }
            ("notify", (Some("all"), Some(name), None)) => {
                plain(Action::Notify { condition: self.condition(name)?, all: true })
            }
            ("notify", _) => plain(Action::Notify { condition: self.condition(rest)?, all: false }),
            ("acquire", _) => plain(Action::Acquire { semaphore: self.semaphore(rest)? }),
            ("release", _) => plain(Action::Release { semaphore: self.semaphore(rest)? }),
            ("send", (Some(name), Some(_), _)) => {
                let channel = self.sender_of(name)?;
                plain(Action::Send { channel, terms: self.terms(rest[name.len()..].trim())? })
            }
            ("close", _) => plain(Action::Close { channel: self.sender_of(rest)? }),
            ("park", (None, ..)) => plain(Action::Park),
            ("unpark", _) => plain(Action::Unpark { thread: self.other(rest)? }),
            ("until", _) => plain(Action::Until { test: self.test(content, rest)? }),
            ("exchange", (Some(name), ..)) => self.exchange(content, name, rest),
            ("if", _) => Ok((Action::Look { test: self.test(content, rest)? }, true)),
            ("while", _) => Ok((self.repeated(content, rest)?, true)),
            ("await", (None, ..)) => {
                self.only_tasks(content)?;
                plain(Action::Await)
            }
            ("cancel", _) => plain(self.cancel(content, rest)?),
            ("mutex" | "condvar" | "semaphore" | "channel", _) => self.wrong(
                content,
                format!("`{word}` after the first thread"),
                "it stands before the threads",
            ),
            _ => self.no_step(content, word),
        }
    }

    /// `read = balance + 500`, `job = receive jobs`
    fn assigned(&mut self, name: &'a str, value: &'a str) -> Result<Action, Wrong> {
        if !is_name(name) {
            return self.no_name(name);
        }
        match received(value) {
            Some(channel) => self.receive(name, channel),
            None => {
                let terms = self.terms(value)?;
                Ok(Action::Set { target: self.target(name)?, terms })
            }
        }
    }

    fn receive(&mut self, name: &'a str, channel: &'a str) -> Result<Action, Wrong> {
        let channel = self.channel_to_receive(channel)?;
        Ok(Action::Receive { channel, target: self.target(name)? })
    }

    /// `count == 0`, `job = receive jobs`
    fn repeated(&mut self, content: &'a str, rest: &'a str) -> Result<Action, Wrong> {
        match assignment(rest).and_then(|(name, value)| Some((name, received(value)?))) {
            Some((name, channel)) => self.receive(name, channel),
            None => Ok(Action::Look { test: self.test(content, rest)? }),
        }
    }

    fn cancel(&self, content: &str, rest: &str) -> Result<Action, Wrong> {
        self.only_tasks(content)?;
        let thread = self.other(rest)?;
        if thread + 1 == self.program.threads.len() {
            let label = "it would have to be waiting";
            return self.wrong(content, "a task cannot cancel itself", label);
        }
        Ok(Action::Cancel { thread })
    }

    /// A known word without what it needs, a word that is nearly known, or neither.
    fn no_step<T>(&self, content: &str, word: &str) -> Result<T, Wrong> {
        let steps = [
            "lock", "unlock", "wait", "notify", "acquire", "release", "send", "receive", "close",
            "park", "unpark", "until", "exchange", "if", "while", "await", "cancel", "ending",
            "right", "goal", "thread", "task",
        ];
        let label = if steps.contains(&word) {
            forms(word).to_string()
        } else if let Some(near) = nearest(word, steps) {
            format!("did you mean `{near}`?")
        } else {
            "a step is `name = …`, or begins with a word like `lock`, `send`, `while`".into()
        };
        self.wrong(content, "this line has no meaning", label)
    }

    /// `exchange locked 0 1`
    fn exchange(
        &mut self,
        content: &'a str,
        name: &'a str,
        rest: &'a str,
    ) -> Result<(Action, bool), Wrong> {
        let target = self.shared(name)?;
        let words: Vec<&str> = rest[name.len()..].split_whitespace().collect();
        let one = |terms: Vec<Term>| match terms.as_slice() {
            [one] => Some(one.clone()),
            _ => None,
        };
        let [from, to] = words[..] else {
            return self.wrong(content, "from which value to which?", forms("exchange"));
        };
        match (one(self.terms(from)?), one(self.terms(to)?)) {
            (Some(from), Some(to)) => Ok((Action::Exchange { target, from, to }, false)),
            _ => self.wrong(content, "from which value to which?", forms("exchange")),
        }
    }

    fn only_tasks(&self, content: &str) -> Result<(), Wrong> {
        match self.program.kind {
            Kind::Tasks => Ok(()),
            Kind::Threads => {
                let word = content.split(' ').next().unwrap_or(content);
                self.wrong(
                    content,
                    format!("a thread cannot `{word}`"),
                    "`task NAME` instead of `thread NAME`",
                )
            }
        }
    }

    fn push(&mut self, content: &str, action: Action, opens: bool) {
        let step = Step {
            text: content.into(),
            depth: self.blocks.len(),
            action,
            next: 0,
            otherwise: opens.then_some(0),
            span: span(self.text, content),
        };
        self.parents.push(self.blocks.last().map(|block| block.step));
        let thread = self.program.threads.last_mut().expect("steps are read after a thread began");
        thread.steps.push(step);
        if opens {
            // Its lines follow; the first says how far they are indented.
            let indent = self.blocks.last().map_or(self.indent, |block| block.indent) + 2;
            self.blocks.push(Block { step: thread.steps.len() - 1, indent });
        }
    }

    /// Closes the blocks that this line does not belong to.
    fn indentation(&mut self, line: Line<'a>) -> Result<(), Wrong> {
        if line.indent.contains('\t') {
            return self.wrong(line.content, "a tab at the beginning", "indent by spaces");
        }
        let indent = line.indent.len();
        let steps = self.program.threads.last().map_or(0, |thread| thread.steps.len());
        if steps == 0 {
            self.indent = indent;
        }
        if let Some(block) = self.blocks.last()
            && block.step + 1 == steps
            && indent != block.indent
        {
            let label = format!("a block is indented by two more spaces: {} here", block.indent);
            return self.wrong(line.content, "this block has no steps", label);
        }
        while self.blocks.last().is_some_and(|block| indent < block.indent) {
            self.blocks.pop();
        }
        let here = self.blocks.last().map_or(self.indent, |block| block.indent);
        if indent == here {
            Ok(())
        } else {
            let label = format!("{here} spaces are before the line it follows");
            self.wrong(line.content, "to which block does this line belong?", label)
        }
    }

    /// Every step gets to know what comes after it.
    fn end_of_thread(&mut self) -> Result<(), Wrong> {
        let Some(thread) = self.program.threads.last_mut() else { return Ok(()) };
        if thread.steps.is_empty() {
            let title = format!("{} has no steps", thread.name);
            return Err(Wrong::new(thread.span.clone(), title, "its steps follow, indented"));
        }
        if let Some(block) = self.blocks.last()
            && block.step + 1 == thread.steps.len()
        {
            let span = thread.steps[block.step].span.clone();
            return Err(Wrong::new(
                span,
                "this block has no steps",
                "they follow, indented by two more spaces",
            ));
        }
        let loops: Vec<bool> =
            thread.steps.iter().map(|step| step.text.starts_with("while")).collect();
        let parents = std::mem::take(&mut self.parents);
        let end = thread.steps.len();
        // What comes after a step of this block, where the next line is this one.
        let after = |line: usize, mut block: Option<usize>| loop {
            match block {
                _ if line < end && parents[line] == block => return line,
                Some(step) if loops[step] => return step,
                Some(step) => block = parents[step],
                None => return end,
            }
        };
        for (number, step) in thread.steps.iter_mut().enumerate() {
            if step.otherwise.is_some() {
                let inside = |line: &usize| {
                    let mut block = parents[*line];
                    while block.is_some_and(|block| block > number) {
                        block = parents[block.expect("it is there")];
                    }
                    block == Some(number)
                };
                let behind = (number + 1..end).find(|line| !inside(line)).unwrap_or(end);
                step.next = number + 1;
                step.otherwise = Some(after(behind, parents[number]));
            } else {
                step.next = after(number + 1, parents[number]);
            }
        }
        self.blocks.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Program, Wrong> {
        self.end_of_thread()?;
        let last = lines(self.text).last().map_or("", |line| line.content);
        if self.program.threads.len() < 2 {
            return self.wrong(
                last,
                "two or three threads can be walked",
                "`thread NAME` begins one",
            );
        }
        let (Some(ending), Some(right)) = (self.ending, self.right) else {
            let label = "`ending NAME` and `right NUMBER` are missing";
            return self.wrong(last, "how are the orders judged?", label);
        };
        let steps = || self.program.threads.iter().flat_map(|thread| &thread.steps);
        for (condition, span) in &self.waits {
            let notifies = |step: &Step| matches!(step.action, Action::Notify { condition: notified, .. } if notified == *condition);
            if !steps().any(notifies) {
                let title = format!("nothing notifies `{}`", self.program.conditions[*condition]);
                return Err(Wrong::new(span.clone(), title, "whoever sleeps here sleeps for ever"));
            }
        }
        let mut program = self.program;
        (program.ending, program.right) = (ending, right);
        program.endings = walk::endings(&program)?;
        let mut goals = std::mem::take(&mut program.goals);
        goals::solve(&program, &mut goals, &program.endings)?;
        program.goals = goals;
        Ok(program)
    }

    // Names.

    fn new_name(&self, name: &str) -> Result<(), Wrong> {
        let program = &self.program;
        if !is_name(name) {
            return self.no_name(name);
        }
        let variables = program.variables.iter().map(|variable| &variable.name);
        let semaphores = program.semaphores.iter().map(|semaphore| &semaphore.name);
        let channels = program.channels.iter().map(|channel| &channel.name);
        let mut all = variables
            .chain(semaphores)
            .chain(channels)
            .chain(&program.locks)
            .chain(&program.conditions);
        if all.any(|known| known == name) {
            self.wrong(name, format!("there is a `{name}` already"), "this needs another name")
        } else {
            Ok(())
        }
    }

    fn no_name<T>(&self, name: &str) -> Result<T, Wrong> {
        match name {
            "" => self.wrong(name, "a name is missing here", "letters, digits and `_`"),
            _ => self.wrong(name, format!("`{name}` is no name"), "letters, digits and `_`"),
        }
    }

    fn named(&self, what: &str, made: &str, name: &str, names: &[&str]) -> Result<usize, Wrong> {
        names.iter().position(|known| *known == name).ok_or_else(|| {
            let label = if names.is_empty() {
                format!("`{made}` before the threads makes one")
            } else {
                suggestion(name, names)
            };
            let title = match name {
                "" => format!("which {what}?"),
                _ => format!("there is no {what} `{name}`"),
            };
            Wrong::new(span(self.text, name), title, label)
        })
    }

    fn lock(&self, name: &str) -> Result<usize, Wrong> {
        let names: Vec<&str> = self.program.locks.iter().map(String::as_str).collect();
        self.named("lock", "mutex NAME", name, &names)
    }

    fn condition(&self, name: &str) -> Result<usize, Wrong> {
        let names: Vec<&str> = self.program.conditions.iter().map(String::as_str).collect();
        self.named("condition", "condvar NAME", name, &names)
    }

    fn semaphore(&self, name: &str) -> Result<usize, Wrong> {
        let names: Vec<&str> = self.program.semaphores.iter().map(|s| s.name.as_str()).collect();
        self.named("semaphore", "semaphore NAME = 2", name, &names)
    }

    fn a_channel(&self, name: &str) -> Result<usize, Wrong> {
        let names: Vec<&str> = self.program.channels.iter().map(|c| c.name.as_str()).collect();
        self.named("channel", "channel NAME from THREAD", name, &names)
    }

    fn channel_to_receive(&self, name: &str) -> Result<usize, Wrong> {
        let channel = self.a_channel(name)?;
        if self.program.channels[channel].senders.is_empty() {
            self.wrong(
                name,
                format!("nobody has a sender of `{name}`"),
                "`channel NAME from THREAD`",
            )
        } else {
            Ok(channel)
        }
    }

    /// A channel that the thread being read has a sender of at first.
    fn sender_of(&self, name: &str) -> Result<usize, Wrong> {
        let channel = self.a_channel(name)?;
        let thread = self.program.threads.len() - 1;
        if self.program.channels[channel].senders.contains(&thread) {
            return Ok(channel);
        }
        let this = &self.program.threads[thread].name;
        let label = format!("`channel {name} from {this}` gives it one");
        self.wrong(name, format!("{this} has no sender of `{name}`"), label)
    }

    fn other(&self, name: &str) -> Result<usize, Wrong> {
        let place = self.names.iter().position(|known| *known == name);
        let title = format!("there is no {} `{name}`", self.program.one());
        place.ok_or_else(|| Wrong::new(span(self.text, name), title, suggestion(name, &self.names)))
    }

    fn shared(&self, name: &str) -> Result<usize, Wrong> {
        let shared = || self.program.variables.iter().filter(|variable| variable.thread.is_none());
        let names: Vec<&str> = shared().map(|variable| variable.name.as_str()).collect();
        names.iter().position(|known| *known == name).ok_or_else(|| {
            let title = format!("`{name}` is no shared variable");
            Wrong::new(span(self.text, name), title, suggestion(name, &names))
        })
    }

    /// A variable that the thread being read can see.
    fn seen(&self, name: &str) -> Option<usize> {
        let thread = self.program.threads.len().checked_sub(1);
        let sees = |variable: &Variable| variable.thread.is_none() || variable.thread == thread;
        self.program.variables.iter().position(|variable| variable.name == name && sees(variable))
    }

    /// A variable to set; of an unknown name it becomes this thread's own.
    fn target(&mut self, name: &str) -> Result<usize, Wrong> {
        if !is_name(name) {
            return self.no_name(name);
        }
        if let Some(known) = self.seen(name) {
            return Ok(known);
        }
        let thread = Some(self.program.threads.len() - 1);
        self.program.variables.push(Variable { name: name.into(), thread, first: None });
        Ok(self.program.variables.len() - 1)
    }

    // Values.

    /// `count == 0`
    fn test(&self, content: &str, text: &'a str) -> Result<Test, Wrong> {
        for (letters, compare) in Compare::ALL {
            if let Some((left, right)) = text.split_once(letters) {
                let (left, right) = (self.terms(left.trim())?, self.terms(right.trim())?);
                return Ok(Test { left, compare, right });
            }
        }
        self.wrong(
            content,
            "what is compared with what?",
            "like `count == 0`; or `!=`, `<`, `>`, `<=`, `>=`",
        )
    }

    /// `read + 500 - fee`
    fn terms(&self, text: &'a str) -> Result<Vec<Term>, Wrong> {
        let mut terms = Vec::new();
        let mut sign = Some(1);
        for word in words(text) {
            match (word, sign) {
                ("+", None) => sign = Some(1),
                ("-" | "−", None) => sign = Some(-1),
                ("-" | "−", Some(1)) if terms.is_empty() => sign = Some(-1),
                (_, None) => {
                    let title = format!("`+` or `-` is missing before `{word}`");
                    return self.wrong(word, title, "like `read + 500`");
                }
                (_, Some(before)) => {
                    terms.push(self.term(word, before)?);
                    sign = None;
                }
            }
        }
        if terms.is_empty() || sign.is_some() {
            self.wrong(self.line_of(text), "this line is not finished", "a value is missing")
        } else {
            Ok(terms)
        }
    }

    fn term(&self, word: &str, sign: i64) -> Result<Term, Wrong> {
        if is_name(word) {
            return match (self.seen(word), self.program.threads.last()) {
                (Some(variable), _) => Ok(Term { sign, variable: Some(variable), number: 0 }),
                (None, None) => self.wrong(
                    word,
                    "a shared variable begins with a number",
                    "like `balance = 500`",
                ),
                (None, Some(thread)) => {
                    let title = format!(
                        "{} {} reads `{word}` before it is set",
                        self.program.one(),
                        thread.name
                    );
                    let number = Some(self.program.threads.len() - 1);
                    let sees = |v: &&Variable| v.thread.is_none() || v.thread == number;
                    let names: Vec<&str> = self
                        .program
                        .variables
                        .iter()
                        .filter(sees)
                        .map(|v| v.name.as_str())
                        .collect();
                    self.wrong(word, title, suggestion(word, &names))
                }
            };
        }
        match word.parse::<u32>() {
            Ok(number) => Ok(Term { sign, variable: None, number: number.into() }),
            Err(_) => self.wrong(
                word,
                format!("`{word}` is neither a name nor a number"),
                "like `read + 500`",
            ),
        }
    }

    /// The line around a part of it, which may be empty.
    fn line_of(&self, part: &str) -> &'a str {
        let at = span(self.text, part).start;
        self.text.lines().rfind(|line| span(self.text, line).start <= at).unwrap_or_default().trim()
    }
}

/// Where a part of the text stands in it.
fn span(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize).min(text.len());
    start..(start + part.len()).min(text.len())
}

/// `name = value`, and no comparison.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    (!value.starts_with('=') && !name.contains(' ') && !name.ends_with(['!', '<', '>']))
        .then_some((name, value.trim()))
}

/// `receive jobs`
fn received(value: &str) -> Option<&str> {
    value.strip_prefix("receive ").map(str::trim)
}

/// Names, numbers and signs, each as it stands in the text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let sign = |letter: char| ['+', '-', '−'].contains(&letter);
    text.split_whitespace().flat_map(move |word| word.split_inclusive(sign)).flat_map(
        move |piece| {
            let letters = piece.strip_suffix(sign).unwrap_or(piece);
            [letters, &piece[letters.len()..]].into_iter().filter(|part| !part.is_empty())
        },
    )
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// How a step is written.
fn forms(word: &str) -> &'static str {
    match word {
        "wait" => "like `wait CONDITION LOCK`",
        "send" => "like `send jobs count + 1`",
        "receive" => "like `job = receive jobs`, `while job = receive jobs`",
        "exchange" => "like `exchange locked 0 1`",
        "park" | "await" => "it stands alone on its line",
        _ => "`name = …`, or a word like `lock` and what it needs",
    }
}
