//! Chapter 8. What spins is not here: in a checker that tries every order, the other thread can be kept
//! waiting for ever.

pub mod told {
    use crate::shim as std;
    include!("../../../listings/waiting/told.rs");
}

pub mod lost_wakeup {
    use crate::{shim as std, tracing};
    include!("../../../listings/waiting/lost_wakeup.rs");
}

pub mod bounded_buffer {
    use crate::{shim as std, tracing};
    include!("../../../listings/waiting/bounded_buffer.rs");
}

pub mod if_instead {
    use crate::{shim as std, tracing};
    include!("../../../listings/waiting/if_instead.rs");
}

pub mod one_notify_too_few {
    use crate::{shim as std, tracing};
    include!("../../../listings/waiting/one_notify_too_few.rs");
}

pub mod semaphore {
    use crate::shim as std;
    include!("../../../listings/waiting/semaphore.rs");
}

pub mod event {
    use crate::shim as std;
    include!("../../../listings/waiting/event.rs");
}

pub mod park {
    use crate::shim as std;
    include!("../../../listings/waiting/park.rs");
}

pub mod phases {
    use crate::shim as std;
    include!("../../../listings/waiting/phases.rs");
}

pub mod handoff {
    use self::shim as std;
    include!("../../../listings/waiting/handoff.rs");

    /// With `OnceLock`, which shuttle does not have; it holds what nobody waits for.
    mod shim {
        pub use crate::shim::{hint, thread, time};

        pub mod sync {
            pub use crate::shim::sync::*;
            pub use std::sync::OnceLock;
        }
    }
}
