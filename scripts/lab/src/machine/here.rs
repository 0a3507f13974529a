//! Asking the system about the machine this runs on.

use std::fs;
use std::io;
#[cfg(any(test, not(target_os = "macos")))]
use std::path::Path;
use std::thread;

use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

use super::{Cache, Machine};

/// What can be asked again and again while measuring.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProcessorTime {
    /// All time of all cores, idle included, in clock ticks.
    pub total: u64,
    /// Of all time, what was not idle.
    pub busy: u64,
    /// Of the busy time, what programs computed themselves.
    pub user: u64,
    /// Taken by the hypervisor.
    pub stolen: u64,
}

impl Machine {
    /// This machine, under a name made from its processor and the cores this process may use.
    pub fn here() -> Machine {
        let known = System::new_with_specifics(
            RefreshKind::nothing()
                .with_cpu(CpuRefreshKind::nothing())
                .with_memory(MemoryRefreshKind::nothing().with_ram()),
        );
        let cpu = known
            .cpus()
            .first()
            .map(|cpu| cpu.brand().trim().to_string())
            .filter(|brand| !brand.is_empty());
        let cores = thread::available_parallelism().map_or(1, |n| n.get() as u64);
        let logical_cores = (known.cpus().len() as u64).max(cores);
        let affinity = affinity().filter(|allowed| (allowed.len() as u64) < logical_cores);
        let mut machine = Machine {
            name: String::new(),
            label: String::new(),
            cpu,
            architecture: std::env::consts::ARCH.to_string(),
            cores,
            logical_cores,
            physical_cores: System::physical_core_count().map(|n| n as u64),
            affinity,
            quota_cores: quota_cores(),
            memory_bytes: Some(known.total_memory()).filter(|bytes| *bytes > 0),
            system: System::long_os_version().map(|text| text.trim().to_string()),
            kernel: System::kernel_version(),
            governor: governor(),
            power: power(),
            virtualization: virtualization(),
            caches: caches(),
        };
        let short = machine.short_cpu();
        let held = machine.cores < machine.logical_cores;
        machine.name = folder_name(&short, machine.logical_cores, held.then_some(machine.cores));
        machine.label = label(&short, machine.logical_cores, held.then_some(machine.cores));
        machine
    }

    /// "Intel Xeon" from "Intel(R) Xeon(R) Platinum 8488C CPU @ 2.40GHz".
    fn short_cpu(&self) -> String {
        let Some(brand) = &self.cpu else {
            return self.architecture.clone();
        };
        let plain = brand.replace("(R)", "").replace("(TM)", "").replace("(tm)", "");
        let plain = plain.split(" @").next().unwrap_or("").to_string();
        let words: Vec<&str> = plain
            .split_whitespace()
            .filter(|word| {
                !matches!(*word, "CPU" | "Processor")
                    && !word.ends_with("-Core")
                    && !word.ends_with("-Cores")
            })
            .collect();
        words.join(" ")
    }
}

fn cores_in_words(cores: u64) -> String {
    if cores == 1 { "1 core".into() } else { format!("{cores} cores") }
}

fn label(cpu: &str, logical: u64, held_to: Option<u64>) -> String {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    };
    match held_to {
        Some(cores) => format!("{cpu}, held to {} of {logical}, {system}", cores_in_words(cores)),
        None => format!("{cpu}, {}, {system}", cores_in_words(logical)),
    }
}

fn folder_name(cpu: &str, logical: u64, held_to: Option<u64>) -> String {
    let mut name = String::new();
    for letter in cpu.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            name.push(letter);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    // One computer can start several systems; most records come from Linux, which goes unsaid.
    let system = match std::env::consts::OS {
        "linux" | "macos" => String::new(),
        other => format!("{other}-"),
    };
    let name = format!("{system}{}", name.trim_matches('-'));
    match held_to {
        Some(cores) => format!("{name}-{logical}c-held-to-{cores}"),
        None => format!("{name}-{logical}c"),
    }
}

/// The first line of a file of one line, where it is there and says something.
fn line_of(path: impl AsRef<std::path::Path>) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_string())
}

fn governor() -> Option<String> {
    line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
}

fn power() -> Option<String> {
    let mut seen = None;
    for entry in fs::read_dir("/sys/class/power_supply").ok()?.flatten() {
        match line_of(entry.path().join("type")).as_deref() {
            Some("Mains") => {
                let online = line_of(entry.path().join("online"))?;
                return Some(if online == "1" { "mains" } else { "battery" }.to_string());
            }
            Some("Battery") => {
                let charging = line_of(entry.path().join("status"));
                let on =
                    if charging.as_deref() == Some("Discharging") { "battery" } else { "mains" };
                seen = Some(on.to_string());
            }
            _ => {}
        }
    }
    seen
}

/// Which hypervisor this runs under: the processor says so itself where it is an x86.
#[cfg(target_arch = "x86_64")]
fn virtualization() -> Option<String> {
    use std::arch::x86_64::__cpuid;
    const HYPERVISOR_BIT: u32 = 1 << 31;
    const HYPERVISOR_LEAF: u32 = 0x4000_0000;
    if __cpuid(1).ecx & HYPERVISOR_BIT == 0 {
        return Some("none".to_string());
    }
    let leaf = __cpuid(HYPERVISOR_LEAF);
    let vendor: Vec<u8> =
        [leaf.ebx, leaf.ecx, leaf.edx].iter().flat_map(|part| part.to_le_bytes()).collect();
    let vendor = String::from_utf8_lossy(&vendor).trim_matches(['\0', ' ']).to_string();
    Some(match vendor.as_str() {
        "KVMKVMKVM" => "KVM".to_string(),
        "Microsoft Hv" => "Hyper-V".to_string(),
        "VMwareVMware" => "VMware".to_string(),
        "XenVMMXenVMM" => "Xen".to_string(),
        "TCGTCGTCGTCG" => "QEMU".to_string(),
        _ => format!("virtual machine ({vendor})"),
    })
}

/// Elsewhere Linux names the maker of the machine, and that of a virtual one is known.
#[cfg(not(target_arch = "x86_64"))]
fn virtualization() -> Option<String> {
    match line_of("/sys/class/dmi/id/sys_vendor").as_deref() {
        Some("QEMU") => Some("KVM".to_string()),
        _ => None,
    }
}

/// Those of the first core.
#[cfg(not(target_os = "macos"))]
fn caches() -> Vec<Cache> {
    caches_in(Path::new("/sys/devices/system/cpu/cpu0/cache"))
}

/// Each folder is a cache, with a file for each thing that there is to tell.
#[cfg(any(test, not(target_os = "macos")))]
fn caches_in(folder: &Path) -> Vec<Cache> {
    let cache_of = |folder: &Path| {
        let holds_data = matches!(line_of(folder.join("type"))?.as_str(), "Data" | "Unified");
        let size = line_of(folder.join("size"))?;
        let kibibytes: u64 = size.strip_suffix('K')?.parse().ok()?;
        holds_data.then_some(Cache {
            level: line_of(folder.join("level"))?.parse().ok()?,
            bytes: kibibytes * 1024,
            shared_by: line_of(folder.join("shared_cpu_list")).and_then(|list| how_many(&list)),
        })
    };
    let folders = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<Cache> = folders.filter_map(|entry| cache_of(&entry.path())).collect();
    found.sort_by_key(|cache| (cache.level, cache.bytes));
    found
}

/// "0-3,8" are five.
#[cfg(any(test, not(target_os = "macos")))]
fn how_many(list: &str) -> Option<u64> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
        (last + 1).checked_sub(first)
    };
    list.split(',').map(range).sum()
}

/// Those of the fastest cores, `hw.perflevel0`, or of all where they are alike; who shares them, it does not
/// tell.
#[cfg(target_os = "macos")]
fn caches() -> Vec<Cache> {
    let number = |name: String| -> Option<u64> {
        let output = std::process::Command::new("sysctl").args(["-n", &name]).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_string();
        text.parse().ok().filter(|bytes| *bytes > 0)
    };
    let cache = |(level, name): (u64, &str)| {
        let bytes =
            number(format!("hw.perflevel0.{name}")).or_else(|| number(format!("hw.{name}")))?;
        Some(Cache { level, bytes, shared_by: None })
    };
    let all = [(1, "l1dcachesize"), (2, "l2cachesize"), (3, "l3cachesize")];
    all.into_iter().filter_map(cache).collect()
}

/// The control group's grant (cgroup v2, then v1), in cores; `None` where there is no limit.
fn quota_cores() -> Option<f64> {
    let pair = |quota: &str, period: &str| {
        let quota: f64 = quota.parse().ok().filter(|quota| *quota > 0.0)?;
        Some(quota / period.parse::<f64>().ok()?)
    };
    let group = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = group.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
    let v2 = line_of(format!("/sys/fs/cgroup{}/cpu.max", path.trim_end_matches('/')));
    if let Some((quota, period)) = v2.as_deref().and_then(|line| line.split_once(' ')) {
        return pair(quota, period);
    }
    let quota = line_of("/sys/fs/cgroup/cpu/cpu.cfs_quota_us")?;
    pair(&quota, &line_of("/sys/fs/cgroup/cpu/cpu.cfs_period_us")?)
}

/// The logical cores this process may run on.
#[cfg(target_os = "linux")]
fn affinity() -> Option<Vec<u64>> {
    // SAFETY: an all-zero `cpu_set_t` is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is valid for writes of its own size.
    let done = unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) };
    if done != 0 {
        return None;
    }
    let allowed = |core: &usize| {
        // SAFETY: `core` is below the set's capacity.
        unsafe { libc::CPU_ISSET(*core, &set) }
    };
    Some((0..libc::CPU_SETSIZE as usize).filter(allowed).map(|core| core as u64).collect())
}

#[cfg(not(target_os = "linux"))]
fn affinity() -> Option<Vec<u64>> {
    None
}

/// Holds this process, and every one it starts from now on, to these logical cores.
///
/// # Errors
/// Where the system has no such call, or refuses these cores.
#[cfg(target_os = "linux")]
pub fn hold_to(cores: &[u64]) -> io::Result<()> {
    // SAFETY: an all-zero `cpu_set_t` is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    for &core in cores {
        if core >= libc::CPU_SETSIZE as u64 {
            return Err(io::Error::other(format!("there is no core {core}")));
        }
        // SAFETY: `core` was checked to be below the set's capacity.
        unsafe { libc::CPU_SET(core as usize, &mut set) };
    }
    // SAFETY: `set` is a live set of the size given.
    match unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Holds this process, and every one it starts from now on, to these logical cores of its group.
///
/// # Errors
/// Where a core is not in the group, or the system refuses these cores.
#[cfg(windows)]
pub fn hold_to(cores: &[u64]) -> io::Result<()> {
    use windows_sys::Win32::System::Threading::{GetCurrentProcess, SetProcessAffinityMask};
    let mask = cores.iter().try_fold(0_usize, |mask, &core| {
        let bit = 1_usize.checked_shl(core as u32).filter(|_| core < usize::BITS as u64);
        bit.map(|bit| mask | bit)
            .ok_or_else(|| io::Error::other(format!("there is no core {core} in this group")))
    })?;
    // SAFETY: the pseudo handle of the current process is always valid.
    match unsafe { SetProcessAffinityMask(GetCurrentProcess(), mask) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Holds this process to some cores, which this system cannot.
///
/// # Errors
/// Always.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn hold_to(_cores: &[u64]) -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system has no call that holds a process to some cores",
    ))
}

impl ProcessorTime {
    /// The system's counters since it booted, where they are exposed.
    pub fn now() -> Option<ProcessorTime> {
        let text = fs::read_to_string("/proc/stat").ok()?;
        let line = text.lines().next()?.strip_prefix("cpu ")?;
        // user nice system idle iowait irq softirq steal; guest time is part of user's (proc(5)).
        let ticks: Vec<u64> =
            line.split_whitespace().map_while(|n| n.parse().ok()).take(8).collect();
        let [user, nice, system, idle, iowait, irq, softirq, stolen] = ticks[..] else {
            return None;
        };
        let busy = user + nice + system + irq + softirq;
        Some(ProcessorTime {
            total: busy + idle + iowait + stolen,
            busy,
            user: user + nice,
            stolen,
        })
    }

    /// What passed between `earlier` and `self`.
    pub fn since(self, earlier: ProcessorTime) -> ProcessorTime {
        ProcessorTime {
            total: self.total.saturating_sub(earlier.total),
            busy: self.busy.saturating_sub(earlier.busy),
            user: self.user.saturating_sub(earlier.user),
            stolen: self.stolen.saturating_sub(earlier.stolen),
        }
    }
}

/// The run queue's average length over one minute, where the system counts it.
pub fn load_average() -> Option<f64> {
    Some(System::load_average().one).filter(|_| !cfg!(windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_cpu(brand: &str) -> Machine {
        Machine { cpu: Some(brand.into()), ..Machine::default() }
    }

    #[test]
    fn a_machine_is_named_after_its_processor_and_cores() {
        let short = with_cpu("Intel(R) Xeon(R) Platinum 8488C CPU @ 2.40GHz").short_cpu();
        assert_eq!(short, "Intel Xeon Platinum 8488C");
        assert_eq!(folder_name(&short, 8, None), "intel-xeon-platinum-8488c-8c");
        assert_eq!(with_cpu("AMD EPYC 7B13 64-Core Processor").short_cpu(), "AMD EPYC 7B13");
        assert_eq!(folder_name("Apple M3", 8, Some(1)), "apple-m3-8c-held-to-1");
    }

    #[test]
    fn this_machine_has_a_core_and_a_name() {
        let here = Machine::here();
        assert!(here.cores >= 1 && here.cores <= here.logical_cores);
        assert!(here.name.ends_with('c') || here.name.contains("-held-to-"), "{}", here.name);
        assert!(here.same_hardware(&here.clone()));
    }

    #[test]
    fn caches_that_hold_data_are_found_the_smallest_first() {
        let folder = tempfile::tempdir().unwrap();
        let lines = [
            ("index3", ["3", "Unified", "32768K", "0-3,8"]),
            ("index0", ["1", "Data", "48K", "0"]),
            ("index1", ["1", "Instruction", "32K", "0"]),
            ("index2", ["2", "Unified", "as it likes", "0"]),
        ];
        for (name, values) in lines {
            fs::create_dir(folder.path().join(name)).unwrap();
            for (file, value) in ["level", "type", "size", "shared_cpu_list"].iter().zip(values) {
                fs::write(folder.path().join(name).join(file), format!("{value}\n")).unwrap();
            }
        }
        let cache = |level, bytes, shared_by| Cache { level, bytes, shared_by: Some(shared_by) };
        let found = caches_in(folder.path());
        assert_eq!(found, [cache(1, 48 << 10, 1), cache(3, 32 << 20, 5)]);
        assert_eq!(caches_in(&folder.path().join("nowhere")), []);
    }

    #[test]
    fn caches_make_no_other_machine_and_older_records_know_none() {
        let here = Machine::here();
        let other = Machine { caches: Vec::new(), ..here.clone() };
        assert!(here.same_hardware(&other));
        let text = serde_json::to_string(&other).unwrap();
        assert!(!text.contains("caches"), "{text}");
        assert_eq!(serde_json::from_str::<Machine>(&text).unwrap(), other);
    }
}
