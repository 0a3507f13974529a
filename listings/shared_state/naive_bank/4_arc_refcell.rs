use std::cell::RefCell;
use std::sync::Arc;
use std::thread;

struct Account {
    balance: i64,
}

fn main() {
    // ANCHOR: step
    let account = Arc::new(RefCell::new(Account { balance: 500 }));
    let for_deposit = Arc::clone(&account);
    let deposit = thread::spawn(move || for_deposit.borrow_mut().balance += 500);
    account.borrow_mut().balance -= 100;
    deposit.join().expect("a deposit does not panic");
    // ANCHOR_END: step
    println!("{}", account.borrow().balance);
}
