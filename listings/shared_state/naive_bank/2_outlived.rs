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
    let teller = thread::spawn(|| {
        account.change(500);
        account.change(-100);
        println!("{}", account.balance);
    });
    teller.join().expect("a teller does not panic");
    // ANCHOR_END: step
}
