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
    thread::scope(|scope| {
        scope.spawn(|| account.change(500));
        scope.spawn(|| account.change(-100));
    });
    // ANCHOR_END: step
    println!("{}", account.balance);
}
