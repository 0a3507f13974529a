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
        (
            "lock second\n  a = a -",
            "lock third\n  a = a -",
            "there is no lock `third`",
            "lock third",
        ),
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
