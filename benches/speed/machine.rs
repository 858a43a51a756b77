//! What the operating system says of a process: CPU time and memory (proc(5)).

use std::fs;

use crate::Outcome;

/// proc(5) counts CPU time in ticks; Linux shows a hundred of them a second to programs, on every machine.
const TICK_MICROS: f64 = 10_000.0;

/// Reads the CPU time of a server and of the database behind it.
pub struct Meter {
    server: u32,
    /// The first process of a PostgreSQL cluster; all others are its children.
    postmaster: Option<u32>,
}

/// CPU time so far, user and system, in microseconds.
pub struct Reading {
    pub server: f64,
    pub database: f64,
}

impl Meter {
    pub fn new(server: u32, postmaster: Option<u32>) -> Meter {
        Meter { server, postmaster }
    }

    pub fn read(&self) -> Outcome<Reading> {
        let database = match self.postmaster {
            None => 0.0,
            Some(postmaster) => cluster(postmaster)?,
        };
        Ok(Reading { server: ticks(self.server)?.1, database })
    }

    /// Makes the kernel count the peak of memory from here on; where it refuses, the peak is the process's whole life's.
    pub fn forget_peak(&self) {
        let _ = fs::write(format!("/proc/{}/clear_refs", self.server), "5");
    }

    pub fn peak_mib(&self) -> Outcome<f64> {
        memory_mib(self.server, "VmHWM:")
    }
}

/// `VmHWM:` or `VmRSS:` of a process.
pub fn memory_mib(pid: u32, name: &str) -> Outcome<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no memory in /proc/PID/status")?;
    let kib: u32 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(f64::from(kib) / 1024.0)
}

/// The postmaster, what its ended children used (it waits for each, so their time is in its own account of children), and
/// all its living children.
fn cluster(postmaster: u32) -> Outcome<f64> {
    let mut sum = ticks(postmaster)?.1;
    for entry in fs::read_dir("/proc")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end between the listing and the look; then the postmaster's account has it.
        if let Ok((parent, used)) = ticks(pid)
            && parent == postmaster
        {
            sum += used;
        }
    }
    Ok(sum)
}

/// The parent of a process, and what it used together with its ended children.
fn ticks(pid: u32) -> Outcome<(u32, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name of the program stands in brackets and may hold anything; the fields after it are numbers.
    let (_, fields) = text.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u32>().ok()).ok_or("a short /proc/PID/stat");
    let used = [11, 12, 13, 14].into_iter().map(|at| number(at).map(f64::from)).sum::<Result<f64, _>>()?;
    Ok((number(1)?, used * TICK_MICROS))
}
