//! A piece of work that computes, and one that waits as long.

fn main() -> lab::Exit {
    lab::Demo::new("alike", listings::workloads::alike::main).run()
}
