// An account that one thread changes twice.
//
// Runs on the Playground.

// ANCHOR: all
struct Account {
    balance: i64,
}

impl Account {
    fn change(&mut self, amount: i64) {
        self.balance += amount;
    }
}

pub fn main() {
    let mut account = Account { balance: 500 };
    account.change(500);
    account.change(-100);
    println!("{}", account.balance);
}
// ANCHOR_END: all
