//! Two threads send changes to the one that has the account.

fn main() -> lab::Exit {
    lab::Demo::new("mailbox", listings::messages::mailbox::main).run()
}
