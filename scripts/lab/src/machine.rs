//! The machine that records are made on: hardware, operating system and limits.
//!
//! What the system hides is `None`, shown as *not exposed*; it is never guessed.

use serde::{Deserialize, Serialize};

#[cfg(feature = "measuring")]
mod here;

#[cfg(feature = "measuring")]
pub use here::{ProcessorTime, hold_to, load_average};

/// Provenance that is the same for every record of one folder of `measurements/`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The folder's name, made from the rest unless it was given: `intel-xeon-2c`.
    pub name: String,
    /// For people: "Intel Xeon, 2 cores, Linux".
    pub label: String,
    /// The processor's brand: "AMD EPYC 7B13".
    pub cpu: Option<String>,
    /// As Rust names it: "x86_64".
    pub architecture: String,
    /// Cores this process may use: affinity and quota taken into account.
    pub cores: u64,
    /// How many cores the system shows.
    pub logical_cores: u64,
    /// How many of them are cores of their own, and not the second thread of one.
    pub physical_cores: Option<u64>,
    /// The logical cores this process may run on, where that is fewer than all.
    pub affinity: Option<Vec<u64>>,
    /// Processor time per wall time that a control group grants, in cores.
    pub quota_cores: Option<f64>,
    /// All of it.
    pub memory_bytes: Option<u64>,
    /// "Debian GNU/Linux 12".
    pub system: Option<String>,
    /// The kernel's version.
    pub kernel: Option<String>,
    /// What decides the cores' frequency: "performance".
    pub governor: Option<String>,
    /// "mains" or "battery".
    pub power: Option<String>,
    /// "KVM", "none".
    pub virtualization: Option<String>,
    /// Of the first core, the smallest first, as the system tells them; under a hypervisor that is what the
    /// hypervisor says. Not asked for in records made before this was noted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caches: Vec<Cache>,
}

/// A cache that holds data.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// 1 is the nearest to the core.
    pub level: u64,
    /// Its size.
    pub bytes: u64,
    /// How many logical cores share it, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_by: Option<u64>,
}

impl Machine {
    /// Whether records of the two may stand in one folder: the same hardware, system and limits.
    pub fn same_hardware(&self, other: &Machine) -> bool {
        self.cpu == other.cpu
            && self.architecture == other.architecture
            && self.cores == other.cores
            && self.logical_cores == other.logical_cores
            && self.affinity == other.affinity
            && self.system_family() == other.system_family()
    }

    fn system_family(&self) -> Option<&str> {
        self.system.as_deref()?.split(' ').next()
    }
}
