//! What the operating system counts for this process: processor time, context switches, peak memory.

/// Counters since the process started, its waited-for children included. `None`: not exposed here.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time in user mode.
    pub user_ns: Option<u64>,
    /// Processor time in the kernel.
    pub system_ns: Option<u64>,
    /// How often a thread gave up its core to wait.
    pub voluntary_switches: Option<u64>,
    /// How often a thread was taken from its core.
    pub involuntary_switches: Option<u64>,
}

impl Usage {
    /// What was used between `earlier` and `self`.
    pub fn since(self, earlier: Usage) -> Usage {
        let difference = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?));
        Usage {
            user_ns: difference(self.user_ns, earlier.user_ns),
            system_ns: difference(self.system_ns, earlier.system_ns),
            voluntary_switches: difference(self.voluntary_switches, earlier.voluntary_switches),
            involuntary_switches: difference(
                self.involuntary_switches,
                earlier.involuntary_switches,
            ),
        }
    }
}

/// The counters of this process and of the children it has waited for.
pub fn now() -> Usage {
    system::now()
}

/// Processor time in user mode of this process and of the children it has waited for, theirs
/// included, in nanoseconds. `None` where children are not counted.
pub fn user_ns_with_children() -> Option<u64> {
    system::user_ns_with_children()
}

/// The high-water mark of this process's own resident memory, in bytes.
pub fn peak_bytes() -> Option<u64> {
    system::peak_bytes()
}

#[cfg(unix)]
mod system {
    use super::Usage;

    fn rusage(who: libc::c_int) -> Option<libc::rusage> {
        let mut usage = std::mem::MaybeUninit::zeroed();
        // SAFETY: `usage` is valid for writes of one `rusage`, and the call writes all of it or fails.
        let done = unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
        // SAFETY: zeroed memory is a valid `rusage`, whatever the call wrote.
        (done == 0).then(|| unsafe { usage.assume_init() })
    }

    fn nanoseconds(time: libc::timeval) -> u64 {
        // The fields are signed and of different width from system to system; never negative here.
        time.tv_sec as u64 * 1_000_000_000 + time.tv_usec as u64 * 1_000
    }

    pub(super) fn now() -> Usage {
        let (Some(own), Some(children)) =
            (rusage(libc::RUSAGE_SELF), rusage(libc::RUSAGE_CHILDREN))
        else {
            return Usage::default();
        };
        Usage {
            user_ns: Some(nanoseconds(own.ru_utime) + nanoseconds(children.ru_utime)),
            system_ns: Some(nanoseconds(own.ru_stime) + nanoseconds(children.ru_stime)),
            voluntary_switches: Some((own.ru_nvcsw + children.ru_nvcsw) as u64),
            involuntary_switches: Some((own.ru_nivcsw + children.ru_nivcsw) as u64),
        }
    }

    pub(super) fn user_ns_with_children() -> Option<u64> {
        now().user_ns
    }

    /// Not `ru_maxrss`: on Linux a child's starts at what its parent had, exec or not.
    #[cfg(target_os = "linux")]
    pub(super) fn peak_bytes() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn peak_bytes() -> Option<u64> {
        let peak = rusage(libc::RUSAGE_SELF)?.ru_maxrss as u64;
        // macOS counts bytes, the BSDs kibibytes.
        Some(if cfg!(target_os = "macos") { peak } else { peak * 1024 })
    }
}

#[cfg(windows)]
mod system {
    use super::Usage;
    use windows_sys::Win32::Foundation::FILETIME;
    use windows_sys::Win32::System::ProcessStatus::{
        GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS,
    };
    use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessTimes};

    fn nanoseconds(time: FILETIME) -> u64 {
        ((u64::from(time.dwHighDateTime) << 32) | u64::from(time.dwLowDateTime)) * 100
    }

    /// Windows counts no context switches for a process, and no time for its children.
    pub(super) fn now() -> Usage {
        let zero = FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
        let (mut created, mut ended, mut kernel, mut user) = (zero, zero, zero, zero);
        // SAFETY: the four pointers are to live `FILETIME`s of this frame.
        let done = unsafe {
            GetProcessTimes(GetCurrentProcess(), &mut created, &mut ended, &mut kernel, &mut user)
        };
        if done == 0 {
            return Usage::default();
        }
        Usage {
            user_ns: Some(nanoseconds(user)),
            system_ns: Some(nanoseconds(kernel)),
            ..Usage::default()
        }
    }

    pub(super) fn user_ns_with_children() -> Option<u64> {
        None
    }

    pub(super) fn peak_bytes() -> Option<u64> {
        let size = std::mem::size_of::<PROCESS_MEMORY_COUNTERS>() as u32;
        // SAFETY: an all-zero `PROCESS_MEMORY_COUNTERS` is valid: it holds integers only.
        let mut counters: PROCESS_MEMORY_COUNTERS = unsafe { std::mem::zeroed() };
        // SAFETY: `counters` is valid for writes of `size` bytes.
        let done = unsafe { GetProcessMemoryInfo(GetCurrentProcess(), &mut counters, size) };
        (done != 0).then_some(counters.PeakWorkingSetSize as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alone::alone;
    use std::hint::black_box;
    use std::time::{Duration, Instant};

    /// For what takes a moment, on a machine that is busy with other tests.
    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn computing_uses_processor_time() {
        const ENOUGH: Duration = Duration::from_millis(20);
        /// A tick of the coarsest clock that counts it, and more.
        const TICK: Duration = Duration::from_millis(50);
        let test = "computing_uses_processor_time";
        alone(module_path!(), test, || {
            let (before, began) = (now(), Instant::now());
            if before.user_ns.is_none() {
                return crate::skipped(test, "this system does not expose processor time");
            }
            let used = || Duration::from_nanos(now().since(before).user_ns.unwrap());
            let mut x = 1_u64;
            while used() < ENOUGH && began.elapsed() < PATIENCE {
                for _ in 0..10_000 {
                    x = black_box(x.wrapping_mul(31));
                }
            }
            let used = used();
            let passed = began.elapsed();
            assert!(used >= ENOUGH, "{used:?} in {passed:?}");
            assert!(used <= passed + TICK, "one thread used {used:?} in {passed:?}");
        });
    }

    #[test]
    fn touching_memory_raises_the_peak_by_as_much() {
        const BLOCK: u64 = 64 << 20;
        /// What else comes and goes meanwhile.
        const OTHER: u64 = 8 << 20;
        let test = "touching_memory_raises_the_peak_by_as_much";
        alone(module_path!(), test, || {
            let Some(before) = peak_bytes() else {
                return crate::skipped(test, "this system does not expose a process's peak memory");
            };
            drop(black_box(vec![1_u8; BLOCK as usize]));
            let grown = peak_bytes().unwrap() - before;
            assert!((BLOCK - OTHER..=BLOCK + OTHER).contains(&grown), "by {grown} bytes");
        });
    }
}
