//! Eight answers, each waited for before the next is asked for.

fn main() -> lab::Exit {
    lab::Demo::new("one_by_one", listings::threads::one_by_one::main).run()
}
