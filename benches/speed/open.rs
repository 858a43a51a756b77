//! The open loop: requests are due at fixed times, whether or not earlier ones were answered, as those of many independent
//! callers are. Time counts from when a request was due, so what a slow server makes others wait is in the figures; a closed
//! loop asks less of a slow server and hides it ("coordinated omission").

use std::cell::{Cell, RefCell};
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::load::{self, Script, Wire, checked, quantile};
use crate::server::{self, Prepared, Server};
use crate::{Options, Outcome};

/// A request that is sent later than this after it was due is late: it waited for a connection, or for the generator.
const LATE: Duration = Duration::from_millis(1);

/// A fixed number of requests, each due at a time of its own.
struct Timetable {
    begin: Instant,
    interval: Duration,
    count: u32,
    /// As many as are due and not yet taken.
    due: Semaphore,
    over: AtomicBool,
}

impl Timetable {
    fn due_at(&self, number: u32) -> Instant {
        self.begin + self.interval * number
    }

    /// Calls the requests out as they become due. A thread of its own: the runtime's timer counts in milliseconds.
    fn keep(&self) {
        let mut called = 0;
        while called < self.count && !self.over.load(Ordering::Relaxed) {
            std::thread::sleep(self.due_at(called).saturating_duration_since(Instant::now()));
            let before = called;
            while called < self.count && self.due_at(called) <= Instant::now() {
                called += 1;
            }
            self.due.add_permits(usize::try_from(called - before).unwrap_or_default());
        }
    }
}

/// What all connections of a run share.
struct OpenRun {
    timetable: Arc<Timetable>,
    taken: Cell<u32>,
    late: Cell<u32>,
    micros: RefCell<Vec<u32>>,
    failure: RefCell<Option<String>>,
}

/// How long requests took from when they were due, in microseconds.
struct Waited {
    answered: f64,
    p50: f64,
    p99: f64,
    longest: f64,
    late: u32,
    count: u32,
}

/// Offers as many requests a second as `rate` says over as many connections as there are scripts.
fn offer(address: SocketAddr, scripts: Vec<Box<dyn Script>>, rate: f64, length: Duration) -> Outcome<Waited> {
    let count: u32 = format!("{:.0}", (rate * length.as_secs_f64()).max(1.0)).parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let mut wires = Vec::new();
        for _ in &scripts {
            wires.push(Wire::open(address).await?);
        }
        let timetable = Arc::new(Timetable {
            begin: Instant::now(),
            interval: Duration::from_secs_f64(1.0 / rate.max(1.0)),
            count,
            due: Semaphore::new(0),
            over: AtomicBool::new(false),
        });
        let run = Rc::new(OpenRun {
            timetable: timetable.clone(),
            taken: Cell::new(0),
            late: Cell::new(0),
            micros: RefCell::new(Vec::new()),
            failure: RefCell::new(None),
        });
        let keeper = std::thread::spawn({
            let timetable = timetable.clone();
            move || timetable.keep()
        });
        let callers =
            wires.into_iter().zip(scripts).map(|(wire, script)| tokio::task::spawn_local(call(wire, script, run.clone())));
        for caller in callers.collect::<Vec<_>>() {
            caller.await?;
        }
        keeper.join().map_err(|_| "the timetable's thread failed")?;
        let seconds = timetable.begin.elapsed().as_secs_f64();
        run.waited(seconds)
    })
}

/// Takes the next request that is due, until there is none.
async fn call(mut wire: Wire, mut script: Box<dyn Script>, run: Rc<OpenRun>) {
    while let Ok(permit) = run.timetable.due.acquire().await {
        permit.forget();
        let number = run.taken.replace(run.taken.get() + 1);
        let due = run.timetable.due_at(number);
        let (request, wanted) = script.next();
        if due.elapsed() > LATE {
            run.late.set(run.late.get() + 1);
        }
        if let Err(error) = checked(&mut wire, request, wanted).await {
            *run.failure.borrow_mut() = Some(format!("a request failed: {error}"));
            run.end();
        }
        run.micros.borrow_mut().push(load::micros(due.elapsed()));
        if number + 1 >= run.timetable.count {
            run.end();
        }
    }
}

impl OpenRun {
    /// No request is due any more; those under way are still answered.
    fn end(&self) {
        self.timetable.over.store(true, Ordering::Relaxed);
        self.timetable.due.close();
    }

    fn waited(&self, seconds: f64) -> Outcome<Waited> {
        if let Some(failure) = self.failure.take() {
            return Err(failure.into());
        }
        let mut micros = self.micros.take();
        micros.sort_unstable();
        let count = u32::try_from(micros.len())?;
        Ok(Waited {
            answered: f64::from(count) / seconds,
            p50: quantile(&micros, 50),
            p99: quantile(&micros, 99),
            longest: quantile(&micros, 100),
            late: self.late.get(),
            count,
        })
    }
}

/// What was offered, as parts of what the closed loop reached, and how long requests took.
pub struct OpenTable {
    title: String,
    lines: Vec<String>,
}

/// Saves of answers at three parts of the rate that the closed loop reaches over the same connections.
pub fn saves(name: &str, prepared: &Prepared, options: &Options, directory: &Path) -> Outcome<OpenTable> {
    let server: Server = server::start(&prepared.database, "info", directory)?.settled(options)?;
    let scripts = || prepared.saves(options.most(), crate::next_run());
    let closed = load::run(server.address, scripts(), options.span, &server.meter)?;
    let title = format!(
        "(open) Saving answers on {name}, due at fixed times, over {} connections; the closed loop reaches {:.0} a second",
        options.most(),
        closed.per_second
    );
    eprintln!("measuring {title}");
    let mut lines = Vec::new();
    for percent in [50.0, 80.0, 95.0] {
        let rate = closed.per_second * percent / 100.0;
        let waited = offer(server.address, scripts(), rate, options.span.measured * 2)?;
        let line = format!("| {percent:>4.0} % | {rate:>7.0} {waited}");
        eprintln!("{line}");
        lines.push(line);
    }
    Ok(OpenTable { title, lines })
}

impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Waited { answered, late, count, .. } = self;
        let [p50, p99, longest] = [self.p50, self.p99, self.longest].map(|micros| micros / 1000.0);
        write!(f, "| {answered:>8.0} | {p50:>6.2} | {p99:>7.2} | {longest:>7.2} | {late:>6} of {count:>6} |")
    }
}

impl fmt::Display for OpenTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.title)?;
        writeln!(f, "| part   | offered | answered | p50 ms |  p99 ms |  max ms | sent late        |")?;
        writeln!(f, "|-------:|--------:|---------:|-------:|--------:|--------:|-----------------:|")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
