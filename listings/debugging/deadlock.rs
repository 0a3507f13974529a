//! Chapter 7's philosophers in one program, with everything a debugger asks for:
//! `rustc --edition 2024 -g` compiles it alone.

mod tracing {
    /// Nothing listens here.
    macro_rules! info {
        ($($told:tt)*) => { let _ = format_args!($($told)*); };
    }

    pub(crate) use info;
}

#[allow(dead_code)]
mod stuck_philosophers {
    use crate::tracing;
    include!("../locks/stuck_philosophers.rs");
}

fn main() {
    stuck_philosophers::main();
}
