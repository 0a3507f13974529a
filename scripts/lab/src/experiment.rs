//! What an experiment is: arms that do the same work, declared in an example's `main`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::process::{Command, ExitCode, Termination};
use std::thread;
use std::time::Duration;

use crate::foreign::{Script, Versions};
use crate::record::{Arm, Axis, Description, Ending, Kind, Limit, Point};

type Main = Box<dyn Fn() -> ExitCode>;
type Input<T> = Box<dyn Fn(&[String]) -> Result<T, String> + Sync>;
/// What a sample keeps of an arm's answer.
type Kept<A, K> = Option<Box<dyn Fn(&A) -> K>>;
/// Whether something is possible here; if not, the reason.
type Condition = fn() -> Result<(), String>;
type OverAxis<T, A> = Box<dyn Fn(&T, usize) -> A + Sync>;
/// Work for which everything is ready.
type Waiting<A> = Box<dyn FnOnce() -> A>;

/// One example: a demo, and arms that are compared.
///
/// `T` is the input, made outside the timed region; `A` is the answer of an arm.
pub struct Experiment<T = (), A = ()> {
    pub(crate) description: Description,
    pub(crate) demo: Option<Main>,
    pub(crate) roles: Vec<(String, Main)>,
    pub(crate) input: Input<T>,
    pub(crate) work: Vec<Work<T, A>>,
    pub(crate) answer: Kept<A, String>,
    pub(crate) outcomes: Kept<A, BTreeMap<String, u64>>,
    pub(crate) latencies: Kept<A, Vec<Duration>>,
    /// What arms need of the system, by their names.
    pub(crate) conditions: Vec<(String, Condition)>,
    /// Lines of `--help` about the listing's own options.
    pub(crate) options: Vec<(String, String)>,
}

/// The code of one arm, in the order of `description.arms`.
pub(crate) enum Work<T, A> {
    /// At one point.
    Once(Box<dyn Fn(&T) -> A + Sync>),
    /// Over the axis.
    At(OverAxis<T, A>),
    /// Over the axis: what is made ready is not timed.
    Ready(OverAxis<T, Waiting<A>>),
    /// In another language, over the axis or not.
    Foreign(Script, ForeignArguments<T>),
}

pub(crate) type ForeignArguments<T> = Box<dyn Fn(&mut Command, &T, Option<usize>)>;

impl<A> Experiment<(), A> {
    /// An experiment of this name, and what it compares: "Time to hash eight documents".
    pub fn new(name: &str, title: &str) -> Experiment<(), A> {
        Experiment {
            description: Description {
                name: name.into(),
                title: title.into(),
                ..Description::default()
            },
            demo: None,
            roles: Vec::new(),
            input: Box::new(|_| Ok(())),
            work: Vec::new(),
            answer: None,
            outcomes: None,
            latencies: None,
            conditions: Vec::new(),
            options: Vec::new(),
        }
    }

    /// Makes what the arms work on, from the listing's own options. It is not timed.
    ///
    /// Comes before the first arm.
    pub fn input<U, E: Display>(
        self,
        input: impl Fn(&[String]) -> Result<U, E> + Sync + 'static,
    ) -> Experiment<U, A> {
        assert!(self.work.is_empty(), "`.input` comes before the first arm");
        Experiment {
            description: self.description,
            demo: self.demo,
            roles: self.roles,
            input: Box::new(move |options| input(options).map_err(|error| error.to_string())),
            work: Vec::new(),
            answer: self.answer,
            outcomes: self.outcomes,
            latencies: self.latencies,
            conditions: self.conditions,
            options: self.options,
        }
    }
}

impl<T, A> Experiment<T, A> {
    /// The listing's `main`: what the example runs when it is given none of the lab's commands.
    pub fn demo<R: Termination>(mut self, main: impl Fn() -> R + 'static) -> Self {
        self.demo = Some(Box::new(move || main().report()));
        self
    }

    /// How the demo ends when all is well, where that is not by itself and with success.
    pub fn ends(mut self, ending: Ending) -> Self {
        self.description.ending = ending;
        self
    }

    /// A setting that a reader needs to repeat the work. It is part of the timing key.
    pub fn setting(mut self, name: &str, value: impl Display) -> Self {
        self.description.settings.push((name.into(), value.to_string()));
        self
    }

    /// A line of `--help` about one of the listing's own options.
    pub fn option(mut self, usage: &str, help: &str) -> Self {
        self.options.push((usage.into(), help.into()));
        self
    }

    /// An option of the demo that a page offers, with the choices it offers.
    pub fn parameter<S: Display>(
        mut self,
        name: &str,
        choices: impl IntoIterator<Item = S>,
    ) -> Self {
        let choices = choices.into_iter().map(|choice| choice.to_string()).collect();
        self.description.parameters.push((name.into(), choices));
        self
    }

    /// What this program runs when its first argument is `name`: for listings that start it again.
    pub fn role<R: Termination>(mut self, name: &str, main: impl Fn() -> R + 'static) -> Self {
        self.roles.push((name.into(), Box::new(move || main().report())));
        self
    }

    /// Varies the number of threads: powers of two up to twice the cores (at least up to 4), and
    /// the cores themselves. The ceiling is measured at the same points.
    pub fn threads_axis(self) -> Self {
        let mut axis = self.axis("threads", thread_points(cores()), true);
        if let Some(threads) = &mut axis.description.axis {
            threads.ceiling = true;
        }
        axis
    }

    /// Varies something else, at these points.
    pub fn axis(mut self, name: &str, at: impl IntoIterator<Item = u64>, log: bool) -> Self {
        let at = at.into_iter().collect();
        self.description.axis =
            Some(Axis { name: name.into(), at, log, ceiling: false, varies_work: false });
        self
    }

    /// The axis varies the work itself: arms compare at one point of it, and never across.
    pub fn work_varies(mut self) -> Self {
        let axis = self.description.axis.as_mut().expect("an axis was declared before");
        axis.varies_work = true;
        self
    }

    /// The work differs between the arms, or along the axis. Times are shown, and claims can compare those
    /// that belong together; nothing is said of how many times as fast as the base an arm is.
    pub fn different_work(mut self) -> Self {
        self.description.different_work = true;
        self
    }

    /// The work falls into `n` indivisible pieces: p threads gain at most n/⌈n/p⌉.
    pub fn pieces(mut self, n: u64) -> Self {
        self.description.pieces = Some(n);
        self
    }

    /// No way of doing the work takes less than the arm `chain`, whose steps need each other, and none
    /// less than the arm `computing`, shared out over all cores as well as this machine can: the ceiling is
    /// measured with copies of it, one for each core.
    pub fn limit(mut self, chain: &str, computing: &str) -> Self {
        for arm in [chain, computing] {
            assert!(self.description.arm(arm).is_some(), "`{arm}` is not an arm declared before");
        }
        let (chain, computing) = (chain.into(), computing.into());
        self.description.limit = Some(Limit { chain, computing, cores: cores() });
        self
    }

    /// The arm that the others are compared with. It runs twice in each round (A/A).
    pub fn base(mut self, name: &str, work: impl Fn(&T) -> A + Sync + 'static) -> Self {
        self.description.base = Some(name.into());
        self.arm(name, work)
    }

    /// One way of doing the work, at one point.
    pub fn arm(mut self, name: &str, work: impl Fn(&T) -> A + Sync + 'static) -> Self {
        self.add(name, false);
        self.work.push(Work::Once(Box::new(work)));
        self
    }

    /// One way of doing the work, at each point of the axis.
    pub fn arm_over(mut self, name: &str, work: impl Fn(&T, usize) -> A + Sync + 'static) -> Self {
        self.add(name, true);
        self.work.push(Work::At(Box::new(work)));
        self
    }

    /// One way of doing the work, at each point of the axis. What `ready` does is not timed: threads that have
    /// started and wait for a sign, buffers that have been touched. What it returns is the work.
    pub fn arm_over_ready<W>(
        mut self,
        name: &str,
        ready: impl Fn(&T, usize) -> W + Sync + 'static,
    ) -> Self
    where
        W: FnOnce() -> A + 'static,
    {
        self.add(name, true);
        self.work.push(Work::Ready(Box::new(move |input, at| Box::new(ready(input, at)))));
        self
    }

    /// A script that does the same work; `arguments` adds what it needs to know.
    pub fn foreign(
        self,
        name: &str,
        script: Script,
        arguments: impl Fn(&mut Command, &T) + 'static,
    ) -> Self {
        self.add_foreign(
            name,
            script,
            false,
            Box::new(move |command, input, _| {
                arguments(command, input);
            }),
        )
    }

    /// A script, at each point of the axis.
    pub fn foreign_over(
        self,
        name: &str,
        script: Script,
        arguments: impl Fn(&mut Command, &T, usize) + 'static,
    ) -> Self {
        self.add_foreign(
            name,
            script,
            true,
            Box::new(move |command, input, at| {
                arguments(command, input, at.unwrap_or(1));
            }),
        )
    }

    fn add_foreign(
        mut self,
        name: &str,
        script: Script,
        over: bool,
        arguments: ForeignArguments<T>,
    ) -> Self {
        self.add(name, over);
        if !self.description.files.contains(&script.file) {
            self.description.files.push(script.file.clone());
        }
        self.work.push(Work::Foreign(script, arguments));
        self
    }

    fn add(&mut self, name: &str, over: bool) {
        assert!(self.description.arm(name).is_none(), "the arm `{name}` is declared twice");
        let at = match &self.description.axis {
            Some(axis) if over => axis.at.clone(),
            None if over => {
                panic!("the arm `{name}` goes over an axis, and none was declared before it")
            }
            _ => Vec::new(),
        };
        self.description.arms.push(Arm {
            name: name.into(),
            label: name.replace('_', " "),
            kind: kind_of(name),
            at,
            unavailable: None,
            per: None,
            superlinear: None,
            serial: None,
        });
    }

    /// Looks for the scripts' interpreters, once for each. It takes a tenth of a second, so that only
    /// those who ask what can run here pay for it: not every process of every arm.
    pub(crate) fn look_for_interpreters(&mut self) {
        for (name, possible) in &self.conditions {
            let arm = self.description.arms.iter_mut().find(|arm| arm.name == *name);
            if let (Some(arm), Err(why)) = (arm, possible()) {
                arm.unavailable = Some(why);
            }
        }
        let mut found: Vec<(&Script, Result<Versions, String>)> = Vec::new();
        for (arm, work) in self.description.arms.iter_mut().zip(&self.work) {
            let Work::Foreign(script, _) = work else { continue };
            let known = found.iter().position(|(other, _)| other.needs_the_same(script));
            let index = known.unwrap_or_else(|| {
                found.push((script, script.versions()));
                found.len() - 1
            });
            match &found[index].1 {
                Ok(versions) => {
                    for version in versions {
                        if !self.description.interpreters.contains(version) {
                            self.description.interpreters.push(version.clone());
                        }
                    }
                }
                Err(why) => arm.unavailable = Some(why.clone()),
            }
        }
    }

    /// The arm just added ends at this point of the axis: it has no use beyond, or no end.
    pub fn up_to(mut self, last: u64) -> Self {
        self.last_arm().at.retain(|at| *at <= last);
        self
    }

    /// The arm just added is measured at these points of the axis alone.
    pub fn only_at(mut self, points: &[u64]) -> Self {
        self.last_arm().at.retain(|at| points.contains(at));
        self
    }

    /// Names the arm just added for figures: "pool of 4".
    pub fn label(mut self, label: &str) -> Self {
        self.last_arm().label = label.into();
        self
    }

    /// The arm just added needs what not every system offers: where it is missing, the arm is not available, and
    /// the reason is shown. Only those who ask what can run here pay for the answer.
    pub fn only_if(mut self, possible: fn() -> Result<(), String>) -> Self {
        let arm = self.last_arm().name.clone();
        self.conditions.push((arm, possible));
        self
    }

    /// Says what the arm just added is made of, where its name does not.
    pub fn kind(mut self, kind: Kind) -> Self {
        self.last_arm().kind = kind;
        self
    }

    /// The arm just added does so many of something, `each` of which a sentence speaks of: additions, messages.
    /// Before the first arm, it is said of all of them. An arm over an axis does as many at each point.
    pub fn per(mut self, what: &str, count: f64) -> Self {
        assert!(count > 0.0, "`.per(\"{what}\", …)` counts what an arm does: more than none");
        let per = Some((what.into(), count));
        match self.description.arms.last_mut() {
            Some(arm) => arm.per = per,
            None => self.description.per = per,
        }
        self
    }

    /// Why the arm just added can gain more than the cores, or the ceiling, seem to allow: "each piece fits
    /// the cache". Before the first arm, it is said of all of them. Without a reason, such a gain is taken for a
    /// mistake of the measurement.
    pub fn superlinear(mut self, why: &str) -> Self {
        let why = Some(why.into());
        match self.description.arms.last_mut() {
            Some(arm) => arm.superlinear = why,
            None => self.description.superlinear = why,
        }
        self
    }

    /// The arm just added is made so that this share of its work, from 0 to 1, runs alone on any number of
    /// threads: what a law of scalability predicts of it can be drawn.
    pub fn serial(mut self, share: f64) -> Self {
        assert!((0.0..=1.0).contains(&share), "`.serial({share})` is a share, from 0 to 1");
        self.last_arm().serial = Some(share);
        self
    }

    fn last_arm(&mut self) -> &mut Arm {
        self.description.arms.last_mut().expect("an arm was added before")
    }

    /// Records a timeline of this arm too, in a run of its own.
    pub fn timeline(mut self, arm: &str, at: Option<u64>) -> Self {
        assert!(self.description.arm(arm).is_some(), "`{arm}` is not an arm declared before");
        self.description.timelines.push(Point::new(arm, at));
        self
    }

    /// All arms must return the same answer; this says it as text, for scripts too.
    pub fn agree(mut self, text: impl Fn(&A) -> String + 'static) -> Self {
        self.answer = Some(Box::new(text));
        self
    }

    /// How many trials of a sample ended in which word.
    pub fn outcomes(mut self, count: impl Fn(&A) -> BTreeMap<String, u64> + 'static) -> Self {
        self.outcomes = Some(Box::new(count));
        self
    }

    /// A distribution that a sample holds beside its time.
    pub fn latencies(mut self, all: impl Fn(&A) -> Vec<Duration> + 'static) -> Self {
        self.latencies = Some(Box::new(all));
        self
    }
}

/// An example that has a demo and nothing to measure.
pub struct Demo {
    experiment: Experiment<(), ()>,
}

impl Demo {
    /// A demo of this name: the listing's `main`.
    pub fn new<R: Termination>(name: &str, main: impl Fn() -> R + 'static) -> Demo {
        Demo { experiment: Experiment::new(name, "").demo(main) }
    }

    /// How the demo ends when all is well.
    pub fn ends(self, ending: Ending) -> Demo {
        Demo { experiment: self.experiment.ends(ending) }
    }

    /// What this program runs when its first argument is `name`: for listings that start it again.
    pub fn role<R: Termination>(self, name: &str, main: impl Fn() -> R + 'static) -> Demo {
        Demo { experiment: self.experiment.role(name, main) }
    }

    /// An option of the demo that a page offers, with the choices it offers.
    pub fn parameter<S: Display>(self, name: &str, choices: impl IntoIterator<Item = S>) -> Demo {
        Demo { experiment: self.experiment.parameter(name, choices) }
    }

    /// Does what the command line says.
    pub fn run(self) -> ExitCode {
        self.experiment.run()
    }
}

/// The cores that this process may use.
fn cores() -> u64 {
    thread::available_parallelism().map_or(1, |n| n.get() as u64)
}

/// The points of a threads axis on a machine with this many cores.
fn thread_points(cores: u64) -> Vec<u64> {
    let last = (2 * cores).max(4);
    let mut points: Vec<u64> =
        std::iter::successors(Some(1), |p| Some(p * 2)).take_while(|p| *p <= last).collect();
    points.push(cores);
    points.sort_unstable();
    points.dedup();
    points
}

/// The kind whose word begins the arm's name.
fn kind_of(name: &str) -> Kind {
    let kinds = [Kind::Threads, Kind::Tasks, Kind::Processes, Kind::Rayon, Kind::Python];
    let begins = |kind: &Kind| name.starts_with(kind.word());
    kinds.into_iter().find(begins).unwrap_or(Kind::Sequential)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threads_axis_reaches_past_the_cores_and_includes_them() {
        assert_eq!(thread_points(1), [1, 2, 4]);
        assert_eq!(thread_points(2), [1, 2, 4]);
        assert_eq!(thread_points(6), [1, 2, 4, 6, 8]);
        assert_eq!(thread_points(64), [1, 2, 4, 8, 16, 32, 64, 128]);
    }

    #[test]
    fn an_arm_can_end_before_its_axis() {
        let many = Experiment::new("many", "")
            .axis("waiting", [10, 100, 1_000], true)
            .arm_over("threads", |(), n| n)
            .up_to(100)
            .arm_over("tasks", |(), n| n);
        let at = |arm: &str| many.description.arm(arm).unwrap().at.clone();
        assert_eq!((at("threads"), at("tasks")), (vec![10, 100], vec![10, 100, 1_000]));
    }

    #[test]
    fn an_arm_can_be_measured_at_some_points_of_its_axis_alone() {
        let some = Experiment::new("some", "")
            .axis("load", [10, 50, 80, 120], false)
            .arm_over("threads", |(), n| n)
            .only_at(&[50, 120]);
        assert_eq!(some.description.arm("threads").unwrap().at, [50, 120]);
    }

    #[test]
    fn an_arm_that_needs_what_the_system_lacks_is_not_available() {
        let mut held = Experiment::new("held", "")
            .arm("free", |()| ())
            .only_if(|| Ok(()))
            .arm("held", |()| ())
            .only_if(|| Err("this system holds nothing".into()));
        held.look_for_interpreters();
        let why = |arm: &str| held.description.arm(arm).unwrap().unavailable.clone();
        assert_eq!((why("free"), why("held")), (None, Some("this system holds nothing".into())));
    }

    #[test]
    fn an_arm_takes_its_kind_from_its_name() {
        assert_eq!(kind_of("threads"), Kind::Threads);
        assert_eq!(kind_of("python_threads"), Kind::Python);
        assert_eq!(kind_of("count_only"), Kind::Sequential);
    }
}
