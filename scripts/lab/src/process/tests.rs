use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::*;

/// Of what would run for a minute and has to be over long before.
const SOON: Duration = Duration::from_secs(30);

#[test]
fn a_program_that_is_not_there_is_named_in_the_words_of_the_system() {
    let command = Command::new("no/such/program");
    let cut = finish(command, SOON, &AtomicBool::new(false)).unwrap_err();
    assert!(matches!(&cut, Cut::Io(error) if error.kind() == ErrorKind::NotFound), "{cut:?}");
    assert!(cut.to_string().starts_with("no/such/program: "), "{cut}");
}

/// By a shell that every Unix has.
#[cfg(unix)]
mod programs {
    use std::time::Instant;

    use super::*;

    struct Nowhere;

    impl Sink for Nowhere {
        fn take(&mut self, _bytes: &[u8]) -> bool {
            true
        }
    }

    fn limits(most: Option<Census>) -> Limits {
        Limits { time: Duration::from_secs(60), most, linger: Duration::ZERO, grace: GRACE }
    }

    pub(super) fn shell(line: &str, reach: Reach, most: Option<Census>) -> Tree {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]).stdin(Stdio::null());
        Tree::start(command, reach, limits(most), Nowhere, Nowhere).unwrap()
    }

    pub(super) fn watched(tree: Tree) -> Outcome {
        let began = Instant::now();
        let outcome = tree.watch(&AtomicBool::new(false)).unwrap();
        assert!(began.elapsed() < SOON, "{outcome:?}");
        outcome
    }

    pub(super) fn code(ending: Ending) -> Option<i32> {
        let Ending::Ended(status) = ending else { panic!("{ending:?}") };
        status.code()
    }

    #[test]
    fn two_groups_at_once_end_each_with_their_own_status() {
        let (first, second) =
            (shell("exit 3", Reach::Group, None), shell("exit 4", Reach::Group, None));
        assert_eq!(code(watched(second).ending), Some(4));
        assert_eq!(code(watched(first).ending), Some(3));
    }

    #[test]
    fn a_tree_is_stopped_from_another_thread() {
        let tree = shell("sleep 60", Reach::Group, None);
        let stopper = tree.stopper();
        thread::scope(|scope| {
            scope.spawn(|| stopper.stop());
            assert_eq!(watched(tree).ending, Ending::Stopped);
        });
    }
}

/// These collect every child of their process, which must not be another test's.
#[cfg(target_os = "linux")]
mod alone {
    use super::programs::{code, shell, watched};
    use super::*;
    use crate::alone::alone;

    /// Whether anybody is still there below this process.
    fn deserted() -> bool {
        end_orphans() == 0
    }

    #[test]
    fn who_left_the_group_is_ended_with_the_program_and_counted() {
        alone(module_path!(), "who_left_the_group_is_ended_with_the_program_and_counted", || {
            // With job control, what runs in the background has a group of its own.
            let line = "set -m; sleep 60 <&- >&- 2>&- & exit 5";
            let outcome = watched(shell(line, Reach::Descendants, None));
            assert_eq!((code(outcome.ending), outcome.left), (Some(5), 1));
            assert!(deserted());
        });
    }

    #[test]
    fn who_ends_within_the_grace_was_not_left_behind() {
        alone(module_path!(), "who_ends_within_the_grace_was_not_left_behind", || {
            let outcome = watched(shell("sleep 0.01 & exit 0", Reach::Descendants, None));
            assert_eq!((code(outcome.ending), outcome.left), (Some(0), 0));
        });
    }

    #[test]
    fn more_processes_or_more_memory_than_allowed_end_all_of_them() {
        let test = "more_processes_or_more_memory_than_allowed_end_all_of_them";
        alone(module_path!(), test, || {
            if let Some(unenforced) = unenforced() {
                return crate::skipped(test, unenforced);
            }
            let line = "sleep 60 & sleep 60 & wait";
            let most = |processes, memory| Some(Census { processes, memory });
            let crowd = watched(shell(line, Reach::Descendants, most(2, u64::MAX)));
            assert_eq!(crowd.ending, Ending::TooManyProcesses);
            let large = watched(shell(line, Reach::Descendants, most(3, 1)));
            assert_eq!(large.ending, Ending::TooMuchMemory);
            assert!(deserted());
            // A group is counted without those that run beside it.
            let mut other = Command::new("sleep").arg("60").spawn().unwrap();
            let apart = watched(shell("sleep 0.1; exit 0", Reach::Group, most(2, u64::MAX)));
            other.kill().unwrap();
            other.wait().unwrap();
            assert_eq!(code(apart.ending), Some(0));
        });
    }
}
