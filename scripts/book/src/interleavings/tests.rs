//! The language of steps, by its endings and by what it refuses.

use super::*;

const BANK: &str = "# A bank.\nbalance = 500\n\nthread deposit\n  read = balance\n  computed = read + 500\n  \
                    balance = computed\n\nthread withdraw\n  read = balance\n  computed = read - 100\n  \
                    balance = computed\n\nending balance\nright 900\n";

fn counts(endings: &Endings) -> Vec<(String, u128)> {
    let by_value = endings.by_value.iter();
    by_value.map(|(ending, (count, _))| (ending.to_string(), *count)).collect()
}

#[test]
fn the_bank_has_twenty_orders_and_three_endings() {
    let endings = parse(BANK).unwrap().endings();
    assert_eq!(endings.orders(), 20);
    assert_eq!(counts(&endings), [("400".into(), 9), ("900".into(), 2), ("1000".into(), 9)]);
    assert_eq!(endings.by_value[&Ending::Value(900)].1, [0, 0, 0, 1, 1, 1]);
}

#[test]
fn one_step_instead_of_three_leaves_one_ending() {
    let atomic = "balance = 500\nthread deposit\nbalance = balance + 500\nthread withdraw\n\
                  balance = balance - 100\nending balance\nright 900\n";
    let endings = parse(atomic).unwrap().endings();
    assert_eq!(counts(&endings), [("900".into(), 2)]);
    assert_eq!(endings.orders(), 2);
}

#[test]
fn what_is_wrong_is_said_at_its_line() {
    for (from, to, title) in [
        ("read + 500", "read 500", "`+` or `-` is missing before `500`"),
        ("read - 100", "reed - 100", "thread withdraw reads `reed` before it is set"),
        ("ending balance", "ending money", "`money` is no shared variable"),
        ("thread withdraw", "threat withdraw", "this line has no meaning"),
        ("right 900", "", "how are the orders judged?"),
    ] {
        let wrong = parse(&BANK.replacen(from, to, 1)).unwrap_err();
        assert_eq!(wrong.title, title);
    }
}

/// Two locks, taken in two orders.
const EMBRACE: &str = "a = 500\nmutex first\nmutex second\n\nthread pays\n  lock first\n  lock second\n  \
                       a = a - 100\n  unlock second\n  unlock first\n\nthread pays back\n  lock second\n  lock first\n  \
                       a = a + 100\n  unlock first\n  unlock second\n\nending a\nright 500\n";

#[test]
fn two_locks_in_two_orders_get_stuck_and_in_one_order_do_not() {
    let endings = parse(EMBRACE).unwrap().endings();
    assert_eq!(counts(&endings), [("500".into(), 4), ("stuck".into(), 2)]);
    assert_eq!(endings.by_value[&Ending::Stuck].1, [0, 1]);
    let one_order = EMBRACE.replace("lock second\n  lock first", "lock first\n  lock second");
    assert_eq!(counts(&parse(&one_order).unwrap().endings()), [("500".into(), 3)]);
}

#[test]
fn a_lock_around_the_steps_leaves_the_right_ending() {
    let locked = BANK
        .replace("balance = 500\n", "balance = 500\nmutex purse\n")
        .replace("read = balance", "lock purse\n  read = balance")
        .replace("balance = computed", "balance = computed\n  unlock purse");
    assert_eq!(counts(&parse(&locked).unwrap().endings()), [("900".into(), 2)]);
}

#[test]
fn what_is_wrong_with_a_lock_is_said_at_its_line() {
    for (from, to, title, at) in [
        (
            "unlock second\n  unlock first\n\nthread",
            "unlock second\n\nthread",
            "thread pays ends and still has `first`",
            "lock first",
        ),
        (
            "lock first\n  lock second\n  a = a -",
            "lock first\n  lock first\n  a = a -",
            "pays has `first` already, and would wait for itself",
            "lock first",
        ),
        (
            "lock first\n  lock second\n  a = a -",
            "lock first\n  a = a -",
            "pays does not have `second` here",
            "unlock second",
        ),
        ("lock second\n  a = a -", "lock third\n  a = a -", "there is no lock `third`", "third"),
    ] {
        let text = EMBRACE.replacen(from, to, 1);
        let wrong = parse(&text).unwrap_err();
        assert_eq!((wrong.title.as_str(), text[wrong.span].trim()), (title, at));
    }
}

#[test]
fn orders_are_counted_by_their_states_and_too_many_of_those_are_refused() {
    // 28 choose 14 orders, in 225 states.
    let steps = "balance = balance + 1\n".repeat(14);
    let text = format!("balance = 0\nthread a\n{steps}thread b\n{steps}ending balance\nright 28\n");
    assert_eq!(counts(&parse(&text).unwrap().endings()), [("28".into(), 40_116_600)]);
    let steps = "balance = balance + 1\n".repeat(40);
    let text = format!(
        "balance = 0\nthread a\n{steps}thread b\n{steps}thread c\n{steps}ending balance\nright 120\n"
    );
    assert_eq!(parse(&text).unwrap_err().title, "there are more than 20000 states");
}

/// How a program ends: `1, 2, stuck`.
fn ends(text: &str) -> String {
    let program = parse(text).unwrap_or_else(|wrong| {
        panic!("{} at `{}`: {}\n{text}", wrong.title, &text[wrong.span.clone()], wrong.label)
    });
    let endings = program.endings();
    endings.by_value.keys().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Lines separated by `;`, with an ending.
fn program(lines: &str) -> String {
    lines.replace("; ", "\n") + "\nending x\nright 1\n"
}

#[test]
fn a_block_is_done_where_its_condition_holds() {
    for (start, ending) in [("0", "2"), ("1", "11")] {
        let text = format!(
            "x = {start}\nthread a\n  y = 0\n  if x == 1\n    x = x + 8\n    if y == 0\n      x = x + 1\n  x = x + 1\n\
             thread b\n  z = 0\nending x\nright 1\n"
        );
        assert_eq!(ends(&text), if start == "0" { "1" } else { ending });
    }
}

#[test]
fn a_loop_goes_round_as_often_as_its_condition_holds() {
    let text = "x = 0\nthread a\n  n = 3\n  while n > 0\n    if n != 2\n      x = x + n\n    n = n - 1\n  x = x * 1\n\
                thread b\n  z = 0\nending x\nright 4\n";
    let wrong = parse(text).unwrap_err();
    assert_eq!(wrong.title, "`+` or `-` is missing before `*`");
    assert_eq!(ends(&text.replace("  x = x * 1\n", "")), "4");
    assert_eq!(ends(&text.replace("  x = x * 1\n", "  x = x + 10\n")), "14");
}

const SLEEPER: &str = "x = 0\nready = 0\nmutex m\ncondvar c\n\
    thread sleeper\n  lock m\n  while ready == 0\n    wait c m\n  unlock m\n  x = 1\n\
    thread waker\n  lock m\n  ready = 1\n  notify c\n  unlock m\nending x\nright 1\n";

#[test]
fn a_notification_is_lost_on_who_does_not_sleep_yet() {
    assert_eq!(ends(SLEEPER), "1");
    // Looks without the lock: between the look and the sleep, the notification is lost.
    let hurried = SLEEPER.replace(
        "  lock m\n  while ready == 0\n    wait c m\n  unlock m\n",
        "  if ready == 0\n    lock m\n    wait c m\n    unlock m\n",
    );
    assert_eq!(ends(&hurried), "1, stuck");
}

/// Two sleep at most, and one notifies.
fn sleepers(notify: &str) -> String {
    format!(
        "x = 0\nmutex m\ncondvar c\n\
         thread a\n  lock m\n  wait c m\n  x = x + 1\n  unlock m\n\
         thread b\n  lock m\n  wait c m\n  x = x + 1\n  unlock m\n\
         thread waker\n  {notify}\nending x\nright 2\n"
    )
}

#[test]
fn a_notification_wakes_one_sleeper_and_one_to_all_wakes_all_that_sleep() {
    // Both have to sleep before it, or the rest is stuck; so there is always an order that is.
    assert_eq!(ends(&sleepers("notify all c")), "2, stuck");
    assert_eq!(ends(&sleepers("notify c")), "stuck");
    assert_eq!(ends(&sleepers("notify c\n  notify c")), "2, stuck");
    // Whoever goes on first takes it, and either can.
    let who = sleepers("notify c\n  notify c").replacen("x = x + 1", "x = x + x + 1", 1);
    assert_eq!(ends(&who), "2, 3, stuck");
}

#[test]
fn who_sleeps_after_a_notification_does_not_hear_it() {
    // a sleeps, is notified, wakes and sleeps again: the notification is used up.
    let again = "x = 0\nmutex m\ncondvar c\n\
                 thread a\n  lock m\n  wait c m\n  wait c m\n  x = 1\n  unlock m\n\
                 thread b\n  notify c\n  notify c\nending x\nright 1\n";
    assert_eq!(ends(again), "1, stuck");
    // Twice notified before it wakes is once.
    let stuck = parse(again).unwrap().endings().by_value[&Ending::Stuck].1.clone();
    assert_eq!(Endings::switches(&stuck), 1);
}

#[test]
fn a_permit_is_waited_for_and_given_back() {
    let text = program(
        "x = 0; semaphore s = 1; thread a;   acquire s;   x = x + 1;   release s; thread b;   acquire s;   x = x + 1",
    );
    assert_eq!(ends(&text), "2, stuck");
    assert_eq!(ends(&text.replace("s = 1", "s = 2")), "2");
    assert_eq!(ends(&text.replace("s = 1", "s = 0")), "stuck");
}

#[test]
fn a_channel_has_room_for_so_many_messages_and_ends_with_its_senders() {
    let text = program(
        "x = 0; channel jobs = 1 from a b; thread a;   send jobs 1;   send jobs 2; thread b;   close jobs;   while job = receive jobs;     x = x + job;   x = x + 10",
    );
    assert_eq!(ends(&text), "13");
    // b has a sender still, and waits for itself.
    assert_eq!(ends(&text.replace("  close jobs\n", "")), "stuck");
    // Without room, the sender waits.
    let full = text.replace("  close jobs\n  while", "  x = 5\n  while");
    assert_eq!(ends(&full), "stuck");
    let one = program(
        "x = 0; channel c from a; thread a;   send c 7; thread b;   y = receive c;   x = y;   z = receive c",
    );
    assert_eq!(ends(&one), "stuck");
    assert_eq!(ends(&one.replace("\n  z = receive c", "")), "7");
}

#[test]
fn a_token_is_kept_until_it_is_taken_and_there_is_one() {
    let text = program("x = 0; thread a;   park;   x = 1; thread b;   unpark a;   unpark a");
    assert_eq!(ends(&text), "1");
    assert_eq!(ends(&text.replace("  park\n", "  park\n  park\n")), "1, stuck");
    assert_eq!(ends(&text.replace("unpark a", "y = 0")), "stuck");
}

#[test]
fn until_and_exchange_are_steps_where_they_can_be() {
    let text = program(
        "x = 0; locked = 0; thread a;   exchange locked 0 1;   x = x + 1;   locked = 0; thread b;   until x == 1;   exchange locked 0 1;   x = x + 1;   locked = 0",
    );
    assert_eq!(ends(&text), "2");
    assert_eq!(ends(&text.replace("x == 1", "x >= 2")), "stuck");
    assert_eq!(
        counts(&parse(&text.replace("x == 1", "x <= 1")).unwrap().endings()),
        [("2".into(), 5)]
    );
}

const TASKS: &str = "x = 0\ntask a\n  y = x\n  await\n  x = y + 1\ntask b\n  y = x\n  x = y + 1\nending x\nright 2\n";

#[test]
fn tasks_change_turns_where_they_await_and_where_they_wait() {
    // a's look, b as a whole, a's write; or b before or after a.
    assert_eq!(counts(&parse(TASKS).unwrap().endings()), [("1".into(), 1), ("2".into(), 2)]);
    assert_eq!(ends(&TASKS.replace("  await\n", "")), "2");
    let locked =
        TASKS.replace("x = 0\n", "x = 0\nmutex m\n").replace("  y = x\n", "  lock m\n  y = x\n");
    let locked = locked.replace("x = y + 1\n", "x = y + 1\n  unlock m\n");
    assert_eq!(ends(&locked), "2");
}

#[test]
fn a_canceled_task_is_dropped_where_it_waits_with_all_that_it_has() {
    let text = "x = 0\nmutex m\nchannel c from a\n\
                task a\n  lock m\n  x = x + 1\n  await\n  x = x + 1\n  unlock m\n\
                task b\n  cancel a\n  lock m\n  x = x + 10\n  unlock m\n  while y = receive c\n    x = 100\n\
                ending x\nright 12\n";
    assert_eq!(ends(text), "10, 11, 12");
    assert_eq!(ends(&text.replace("  cancel a\n", "  y = 0\n")), "12");
}

#[test]
fn a_last_await_takes_one_more_turn() {
    let text = "x = 0\nchannel c from a\ntask a\n  await\ntask b\n  y = 0\n  while y = receive c\n    y = 1\n  x = 1\n\
                ending x\nright 1\n";
    assert_eq!(counts(&parse(text).unwrap().endings()), [("1".into(), 3)]);
}

#[test]
fn goals_get_their_fewest_switches() {
    let goals =
        "goal 400 \"Lose the 500\"\ngoal 900 \"Keep # all\"\ngoal never stuck \"Show it\"\n";
    let program = parse(&format!("{BANK}{goals}")).unwrap();
    let [lose, keep, never] = program.goals.as_slice() else { panic!("three goals") };
    assert_eq!((lose.switches, lose.order.as_slice()), (2, [1, 1, 0, 0, 0, 1].as_slice()));
    assert_eq!((keep.switches, keep.text.as_str()), (1, "Keep # all"));
    assert!(never.never && never.order.is_empty());
}

#[test]
fn a_goal_is_refused_where_it_cannot_be_reached_and_where_it_should_not_be() {
    for (goal, title, label) in [
        ("goal 700 \"x\"", "no order ends in 700", "there are: 400, 900, 1000"),
        ("goal stuck \"x\"", "no order gets stuck", "there are: 400, 900, 1000"),
        (
            "goal never 900 \"x\"",
            "an order ends in 900",
            "deposit: `read = balance`, `computed = read + 500`, `balance = computed`; \
             withdraw: `read = balance`, `computed = read - 100`, `balance = computed`",
        ),
    ] {
        let text = format!("{BANK}{goal}\n");
        let wrong = parse(&text).unwrap_err();
        assert_eq!(
            (wrong.title.as_str(), &text[wrong.span], wrong.label.as_str()),
            (title, goal, label)
        );
    }
    let text = format!("{EMBRACE}goal never stuck \"x\"\n");
    let wrong = parse(&text).unwrap_err();
    assert_eq!(wrong.title, "an order gets stuck");
    assert_eq!(wrong.label, "pays: `lock first`; pays back: `lock second`");
}

/// A program with all kinds of names, in which each mistake is made.
const ALL: &str = "x = 0\nmutex m\ncondvar c\nsemaphore s = 1\nchannel ch = 2 from one two\n\
    thread one\n  lock m\n  y = x\n  if y == 5\n    wait c m\n  unlock m\n  send ch y\n\
    thread two\n  notify c\n  acquire s\n  release s\n  z = receive ch\nending x\nright 0\n";

/// Each mistake: what is replaced by what, and the title, the label and the place of the answer.
const MISTAKES: &[(&str, &str, &str, &str, &str)] = &[
    ("lock m\n  y", "lock n\n  y", "there is no lock `n`", "did you mean `m`?", "n"),
    ("mutex m\n", "", "there is no lock `m`", "`mutex NAME` before the threads makes one", "m"),
    ("wait c m", "wait d m", "there is no condition `d`", "did you mean `c`?", "d"),
    ("wait c m", "wait c", "this line has no meaning", "like `wait CONDITION LOCK`", "wait c"),
    ("acquire s", "acquire", "which semaphore?", "did you mean `s`?", ""),
    ("acquire s", "acquire slots", "there is no semaphore `slots`", "there are: s", "slots"),
    ("send ch y", "send chh y", "there is no channel `chh`", "did you mean `ch`?", "chh"),
    ("notify c\n", "send ch 1\n  notify c\n", "", "", ""),
    ("from one two", "from one", "", "", ""),
    (
        "from one two",
        "from two",
        "one has no sender of `ch`",
        "`channel ch from one` gives it one",
        "ch",
    ),
    ("from one two", "from one tow", "there is no thread `tow`", "did you mean `two`?", "tow"),
    (
        " from one two",
        "",
        "who has a sender?",
        "like `channel jobs = 2 from worker main`",
        "channel ch = 2",
    ),
    (
        "ch = 2",
        "ch = 0",
        "room for how many messages?",
        "like `channel jobs = 2 from worker main`",
        "channel ch = 0 from one two",
    ),
    ("s = 1", "s", "how many permits?", "like `semaphore permits = 2`", "semaphore s"),
    ("condvar c", "condvar m", "there is a `m` already", "this needs another name", "m"),
    ("condvar c", "condvar", "a name is missing here", "letters, digits and `_`", ""),
    (
        "condvar c",
        "convar c",
        "this line has no meaning",
        "before the threads: `name = …`, `mutex NAME`, `condvar NAME`, `semaphore NAME = 2`, `channel NAME = 2 from THREAD`",
        "convar c",
    ),
    ("mutex m", "lock m", "a step before the first thread", "`thread NAME` begins one", "lock m"),
    ("  notify c\n", "", "nothing notifies `c`", "whoever sleeps here sleeps for ever", "wait c m"),
    ("  lock m\n", "", "one does not have `m` here", "lock it before", "unlock m"),
    (
        "  lock m\n  y = x\n  if y == 5",
        "  y = x\n  if y == 0",
        "one does not have `m` here",
        "lock it before",
        "wait c m",
    ),
    (
        "  unlock m\n",
        "",
        "thread one ends and still has `m`",
        "`unlock` is missing after this",
        "lock m",
    ),
    ("  acquire s\n", "  unlock m\n", "two does not have `m` here", "lock it before", "unlock m"),
    (
        "  y = x\n",
        "  lock m\n  y = x\n",
        "one has `m` already, and would wait for itself",
        "unlock it before",
        "lock m",
    ),
    (
        "send ch y",
        "close ch\n  send ch y",
        "one has no sender of `ch` here",
        "it gave it up before",
        "send ch y",
    ),
    (
        "acquire s",
        "mutex k",
        "`mutex` after the first thread",
        "it stands before the threads",
        "mutex k",
    ),
    (
        "acquire s",
        "await",
        "a thread cannot `await`",
        "`task NAME` instead of `thread NAME`",
        "await",
    ),
    (
        "acquire s",
        "cancel one",
        "a thread cannot `cancel`",
        "`task NAME` instead of `thread NAME`",
        "cancel one",
    ),
    ("acquire s", "unpark tow", "there is no thread `tow`", "did you mean `two`?", "tow"),
    (
        "acquire s",
        "exchange x 0",
        "from which value to which?",
        "like `exchange locked 0 1`",
        "exchange x 0",
    ),
    ("acquire s", "exchange w 0 1", "`w` is no shared variable", "did you mean `x`?", "w"),
    ("acquire s", "acquier s", "this line has no meaning", "did you mean `acquire`?", "acquier s"),
    (
        "acquire s",
        "until x",
        "what is compared with what?",
        "like `count == 0`; or `!=`, `<`, `>`, `<=`, `>=`",
        "until x",
    ),
    ("acquire s", "z = w", "thread two reads `w` before it is set", "did you mean `x`?", "w"),
    ("acquire s", "z = x +", "this line is not finished", "a value is missing", "z = x +"),
    ("acquire s", "z = 4x", "`4x` is neither a name nor a number", "like `read + 500`", "4x"),
    ("acquire s", "4z = x", "`4z` is no name", "letters, digits and `_`", "4z"),
    (
        "acquire s",
        "if x == 1",
        "this block has no steps",
        "a block is indented by two more spaces: 4 here",
        "release s",
    ),
    (
        "z = receive ch",
        "if x == 1",
        "this block has no steps",
        "they follow, indented by two more spaces",
        "if x == 1",
    ),
    (
        "  acquire s",
        "   acquire s",
        "to which block does this line belong?",
        "2 spaces are before the line it follows",
        "acquire s",
    ),
    ("  acquire s", "\tacquire s", "a tab at the beginning", "indent by spaces", "acquire s"),
    (
        "acquire s",
        "while x == 0\n    q = 1",
        "two can go round this loop for ever",
        "`until` asks again and again without a step for each look",
        "while x == 0",
    ),
    (
        "  acquire s",
        "  if x == 1\n    q = 1\n  q = q + 1",
        "in some order `q` was not set before this",
        "set it first, outside of the block",
        "q = q + 1",
    ),
    (
        "  notify c\n  acquire s\n  release s\n  z = receive ch\n",
        "",
        "two has no steps",
        "its steps follow, indented",
        "thread two",
    ),
    (
        "thread two",
        "thread one",
        "there are two threads `one`",
        "this one needs another name",
        "thread one",
    ),
    (
        "thread two",
        "task two",
        "threads and tasks in one program",
        "the first one is a thread",
        "task two",
    ),
    (
        "ending",
        "thread three\n  q = 0\nthread four\n  q = 0\nending",
        "more than three threads",
        "two or three can be walked",
        "thread four",
    ),
    (
        "ending x\n",
        "",
        "how are the orders judged?",
        "`ending NAME` and `right NUMBER` are missing",
        "right 0",
    ),
    ("ending x", "ending y", "`y` is no shared variable", "did you mean `x`?", "y"),
    ("right 0", "right now", "`now` is no number", "a whole number", "right now"),
    (
        "right 0",
        "right 0\ngoal 0",
        "what is the reader asked to do?",
        "like `goal 400 \"Lose the 500\"`, `goal stuck \"…\"`, `goal never stuck \"…\"`",
        "goal 0",
    ),
    (
        "right 0",
        "right 0\ngoal zero \"x\"",
        "which ending is the goal?",
        "like `goal 400 \"Lose the 500\"`, `goal stuck \"…\"`, `goal never stuck \"…\"`",
        "goal zero \"x\"",
    ),
    ("x = 0\n", "x = y\n", "a shared variable begins with a number", "like `balance = 500`", "y"),
    (
        "  acquire s",
        "  x = 9007199254740\n",
        "`9007199254740` is neither a name nor a number",
        "like `read + 500`",
        "9007199254740",
    ),
    (
        "  acquire s",
        "  n = 60\n  q = 1\n  while n > 0\n    q = q + q\n    n = n - 1",
        "a value grows too large here",
        "at most 2 to the power of 53",
        "q = q + q",
    ),
];

#[test]
fn every_mistake_is_answered_with_its_place_and_what_to_do() {
    assert_eq!(ends(ALL), "0");
    let mut other = Vec::new();
    for &(from, to, title, label, at) in MISTAKES {
        assert!(ALL.contains(from), "{from}");
        let text = ALL.replacen(from, to, 1);
        let found = match parse(&text) {
            Ok(_) => Default::default(),
            Err(wrong) => (wrong.title, wrong.label, text[wrong.span].to_string()),
        };
        if found != (title.into(), label.into(), at.into()) {
            other.push(format!("{from} → {to}: {found:?}"));
        }
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
}

#[test]
fn a_mistake_of_a_task_is_answered_with_its_place() {
    let tasks = [
        ("x = y + 1\ntask", "cancel a\ntask", "a task cannot cancel itself", "cancel a"),
        (
            "  await\n",
            "  while x == 0\n    y = 0\n  await\n",
            "task a never gives its turn back in this loop",
            "while x == 0",
        ),
    ];
    for (from, to, title, at) in tasks {
        let text = TASKS.replacen(from, to, 1);
        let wrong = parse(&text).unwrap_err();
        assert_eq!((wrong.title.as_str(), &text[wrong.span]), (title, at));
    }
}
