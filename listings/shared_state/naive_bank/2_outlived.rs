use std::thread;

struct Account {
    balance: i64,
}

impl Account {
    fn change(&mut self, amount: i64) {
        self.balance += amount;
    }
}

fn main() {
    // ANCHOR: step
    let mut account = Account { balance: 500 };
    let deposit = thread::spawn(|| account.change(500));
    deposit.join().expect("a deposit does not panic");
    account.change(-100);
    // ANCHOR_END: step
    println!("{}", account.balance);
}
