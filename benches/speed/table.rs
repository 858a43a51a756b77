//! Medians, tables, bars.

use std::fmt;

use crate::load::Sample;

/// The middle one of some figures.
pub fn median(samples: &[Sample], figure: impl Fn(&Sample) -> f64) -> f64 {
    middle(samples.iter().map(figure).collect())
}

pub fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

/// One server at one number of connections.
pub struct Line {
    pub connections: usize,
    pub name: &'static str,
    pub middle: Sample,
    /// The p99 divided by the p50.
    pub spread: f64,
    /// Requests a second, divided by those of the server that it is compared with.
    pub ratio: Option<f64>,
}

impl Line {
    pub fn of(connections: usize, name: &'static str, samples: &[Sample], ratio: Option<f64>) -> Line {
        let of = |figure: fn(&Sample) -> f64| median(samples, figure);
        let middle = Sample {
            per_second: of(|s| s.per_second),
            p50: of(|s| s.p50),
            p99: of(|s| s.p99),
            server_cpu: of(|s| s.server_cpu),
            database_cpu: of(|s| s.database_cpu),
            peak_mib: of(|s| s.peak_mib),
        };
        Line { connections, name, middle, spread: median(samples, |s| s.p99 / s.p50.max(1.0)), ratio }
    }

    /// CPU of the whole path.
    pub fn cpu(&self) -> f64 {
        self.middle.server_cpu + self.middle.database_cpu
    }
}

/// The width of a name, unless a formatter says another.
const NAME: usize = 20;

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = &self.middle;
        let (connections, name, rate, spread) = (self.connections, self.name, s.per_second, self.spread);
        let (p50, p99) = (s.p50 / 1000.0, s.p99 / 1000.0);
        let ratio = self.ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"));
        let width = f.width().unwrap_or(NAME);
        write!(f, "| {connections:>3} | {name:<width$} | {rate:>6.0} | {p50:>6.2} | {p99:>7.2} | {spread:>5.1} ")?;
        write!(f, "| {:>6.0} | {:>5.0} | {:>5.0} | {ratio:>5} |", s.server_cpu, s.database_cpu, s.peak_mib)
    }
}

/// One comparison.
pub struct Table {
    pub title: String,
    pub lines: Vec<Line>,
    /// What else is to be said below it.
    pub notes: Vec<String>,
}

impl Table {
    pub fn new(title: String) -> Table {
        eprintln!("measuring {title}");
        Table { title, lines: Vec::new(), notes: Vec::new() }
    }

    pub fn line(&self, name: &str, connections: usize) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name && line.connections == connections)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.title)?;
        let width = self.lines.iter().map(|line| line.name.len()).fold(NAME, usize::max);
        writeln!(f, "| con | {:<width$} |  req/s | p50 ms |  p99 ms |  /p50 | CPU µs | of db |   MiB | ratio |", "server")?;
        writeln!(f, "|----:|-{:-<width$}-|-------:|-------:|--------:|------:|-------:|------:|------:|------:|", "")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line:width$}"))?;
        self.notes.iter().try_for_each(|note| writeln!(f, "\n{note}"))
    }
}

/// A goal, and what was measured.
pub struct Bar {
    what: String,
    goal: String,
    measured: Option<f64>,
    verdict: &'static str,
}

impl Bar {
    pub fn at_least(what: impl Into<String>, goal: f64, measured: Option<f64>) -> Bar {
        Bar { what: what.into(), goal: format!("at least {goal}"), measured, verdict: verdict(measured, |m| m >= goal) }
    }

    pub fn at_most(what: impl Into<String>, goal: f64, measured: Option<f64>) -> Bar {
        Bar { what: what.into(), goal: format!("at most {goal}"), measured, verdict: verdict(measured, |m| m <= goal) }
    }

    /// What is only told.
    pub fn no_goal(what: impl Into<String>, measured: f64) -> Bar {
        Bar { what: what.into(), goal: String::new(), measured: Some(measured), verdict: "" }
    }
}

fn verdict(measured: Option<f64>, is_met: impl Fn(f64) -> bool) -> &'static str {
    measured.map_or("", |measured| if is_met(measured) { "met" } else { "MISSED" })
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let measured = self.measured.map_or("not measured".to_owned(), |measured| format!("{measured:.2}"));
        write!(f, "| {} | {} | {measured} | {} |", self.what, self.goal, self.verdict)
    }
}
