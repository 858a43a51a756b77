//! What must not grow with the number of rows: every list and filter of a filled database, beside one of 10,000 records, and the
//! time to start. And what finds nothing, or little, in many rows.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use serde_json::Value;
use waymark::db::schema::records;
use waymark::db::types::Id;
use waymark::records::store::RecordFilter;
use waymark::web::page;

use crate::filled::Filled;
use crate::load::{self, Same, Sample, Script, Wire, quantile};
use crate::server::{self, Asker, Database, Server};
use crate::table::{Bar, Line, Table, middle};
use crate::{Options, Outcome};

const FULL: &[u8] = b"\"items\":[{";
const EMPTY: &[u8] = b"\"items\":[]";
const SYSTEM: &str = "https://idp.example.edu";

/// One list with one filter.
struct Query {
    what: &'static str,
    path: String,
    wanted: &'static [u8],
    /// Finds nothing, or one row of all.
    is_rare: bool,
}

/// From exec to the ready file, in milliseconds; the middle of five.
pub fn start_time(filled: &Filled, directory: &Path) -> Outcome<f64> {
    let once = |_| Ok(server::start(&filled.prepared.database, "info", directory)?.started_in.as_secs_f64() * 1000.0);
    Ok(middle((0..5).map(once).collect::<Outcome<Vec<f64>>>()?))
}

/// The cursor of the last page of the feed. A walk to there would read the whole log.
fn end_of_feed(filled: &Filled) -> Outcome<String> {
    let Database::Sqlite(path) = &filled.prepared.database else { return Err("databases are filled on SQLite".into()) };
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())?;
    let tenant: Id = records::table.filter(records::seq.eq(filled.last_record)).select(records::tenant_id).first(&mut conn)?;
    let place: Vec<u8> = [0, 0, filled.last_record - 50].iter().flat_map(|n: &i64| n.to_be_bytes()).collect();
    Ok(page::cursor(tenant, &format!("records/{:?}", RecordFilter::default()), &place))
}

/// The cursor of the last full page of a list, as a parameter; a walk over all of it. Nothing where the first page is the last.
fn end_of_list(asker: &mut Asker, path: &str) -> Outcome<String> {
    let (mut last, mut next) = (String::new(), String::new());
    loop {
        let answer = asker.read("GET", &format!("{path}?limit=100{next}"), "")?;
        match answer.get("next_cursor").and_then(Value::as_str) {
            Some(cursor) => last = std::mem::replace(&mut next, format!("&cursor={cursor}")),
            None => return Ok(last),
        }
    }
}

/// Every list and filter, as asked of one database. The lesson that is there is the only one that anybody took.
fn queries(filled: &Filled, asker: &mut Asker, other: &str) -> Outcome<Vec<Query>> {
    let (lesson, learner, identity) = (&filled.prepared.lesson, &filled.learner, &filled.identity);
    let [attempts, learners, submissions] =
        ["attempts", "learners", "submissions"].map(|list| end_of_list(asker, &format!("/v1/{list}")));
    let (attempts, learners, submissions, feed) = (attempts?, learners?, submissions?, end_of_feed(filled)?);
    let full = |what, path: String| Query { what, path: format!("/v1/{path}"), wanted: FULL, is_rare: false };
    let empty = |what, path: String| Query { what, path: format!("/v1/{path}"), wanted: EMPTY, is_rare: true };
    Ok(vec![
        full("records, first page", "records?limit=50".into()),
        full("records, last page", format!("records?limit=50&after={feed}")),
        full("records of a learner", format!("records?learner={learner}")),
        full("records of a lesson", format!("records?lesson={lesson}")),
        full("records of a kind", "records?kind=attempt.submitted".into()),
        full("records of a learner and kind", format!("records?learner={learner}&kind=attempt.submitted")),
        empty("records of a kind, none", "records?kind=review.given".into()),
        empty("records of a lesson, none", format!("records?lesson={other}")),
        full("attempts, first page", "attempts?limit=50".into()),
        full("attempts, last page", format!("attempts?limit=50{attempts}")),
        full("attempts of a learner", format!("attempts?learner={learner}")),
        full("attempts of a lesson", format!("attempts?lesson={lesson}")),
        full("attempts in a state", "attempts?state=submitted".into()),
        full("attempts of a lesson in a state", format!("attempts?lesson={lesson}&state=submitted")),
        empty("attempts in a state, none", "attempts?state=in_progress".into()),
        empty("attempts of a lesson, none", format!("attempts?lesson={other}")),
        empty("attempts of a learner in a state, none", format!("attempts?learner={learner}&state=in_progress")),
        full("submissions, first page", "submissions?limit=50".into()),
        full("submissions, last page", format!("submissions?limit=50{submissions}")),
        full("submissions of a lesson in a state", format!("submissions?lesson={lesson}&state=submitted")),
        empty("submissions in a state, none", "submissions?state=returned".into()),
        empty("submissions of a lesson, none", format!("submissions?lesson={other}")),
        full("learners, first page", "learners?limit=50".into()),
        full("learners, last page", format!("learners?limit=50{learners}")),
        full("learners of a system", format!("learners?system={SYSTEM}")),
        Query { is_rare: true, ..full("the learner of an identity", format!("learners?system={SYSTEM}&identity={identity}")) },
        empty("the learner of an identity, none", format!("learners?system={SYSTEM}&identity=nobody")),
        Query { wanted: b"", ..full("progress of a learner", format!("learners/{learner}/progress")) },
        full("kept diagnoses, first page", "diagnoses?limit=50".into()),
    ])
}

/// A server on a filled database, with what is asked of it.
struct FilledSide {
    server: Server,
    queries: Vec<Query>,
    token: String,
}

impl FilledSide {
    fn start(filled: &Filled, options: &Options, directory: &Path) -> Outcome<FilledSide> {
        let server = server::start(&filled.prepared.database, "info", directory)?.settled(options)?;
        let mut asker = Asker::open(&server, &filled.prepared.token)?;
        let other = server::text(asker.read("GET", "/v1/lessons", "")?.pointer("/items/1/slug"))?;
        let queries = queries(filled, &mut asker, &other)?;
        Ok(FilledSide { server, queries, token: filled.prepared.token.clone() })
    }

    fn measure(&self, query: &Query, options: &Options) -> Outcome<Sample> {
        let script: Box<dyn Script> = Box::new(Same::get(&query.path, &self.token, query.wanted));
        let sample = load::run(self.server.address, vec![script], brief(options), &self.server.meter);
        sample.map_err(|error| format!("{}: {error}", query.path).into())
    }
}

/// There are many queries, so each has a sixth of the time of other rows.
fn brief(options: &Options) -> load::Span {
    load::Span { warm_up: options.span.warm_up.min(Duration::from_millis(100)), measured: options.span.measured / 6 }
}

/// What finds nothing, or one row, in a filled database.
pub fn filters(filled: &Filled, options: &Options, directory: &Path) -> Outcome<(Table, Vec<Bar>)> {
    let side = FilledSide::start(filled, options, directory)?;
    let mut table = Table::new(format!("(filters) What finds little or nothing in {} records, on SQLite", filled.records));
    let mut bars = Vec::new();
    for query in side.queries.iter().filter(|query| query.is_rare) {
        let samples = (0..options.rounds).map(|_| side.measure(query, options)).collect::<Outcome<Vec<Sample>>>()?;
        let line = Line::of(1, query.what, &samples, None);
        eprintln!("{line}");
        bars.push(Bar::at_most(format!("CPU of {}, {} records, µs", query.what, filled.records), 1_000.0, Some(line.cpu())));
        table.lines.push(line);
    }
    Ok((table, bars))
}

/// One query on both databases.
struct Growth {
    what: &'static str,
    /// Time and CPU of a request in microseconds, of the small database and of the large one.
    time: [f64; 2],
    cpu: [f64; 2],
}

/// The one connection over which a query is asked of one database, and what that took.
struct Turn<'a> {
    server: &'a Server,
    wire: Wire,
    request: String,
    wanted: &'static [u8],
    micros: Vec<u32>,
    cpu: f64,
}

/// How long one side is asked before it is the other's turn: short beside whatever else the machine does.
const TURN: Duration = Duration::from_millis(50);

impl<'a> Turn<'a> {
    async fn open(side: &'a FilledSide, query: &Query) -> Outcome<Turn<'a>> {
        let wire = Wire::open(side.server.address).await?;
        let request = load::request("GET", &query.path, &side.token, "");
        Ok(Turn { server: &side.server, wire, request, wanted: query.wanted, micros: Vec::new(), cpu: 0.0 })
    }

    async fn take(&mut self) -> Outcome<()> {
        let (begun, before) = (Instant::now(), self.server.meter.read()?.server);
        while begun.elapsed() < TURN {
            let asked = Instant::now();
            load::checked(&mut self.wire, self.request.as_bytes(), self.wanted).await?;
            self.micros.push(load::micros(asked.elapsed()));
        }
        self.cpu += self.server.meter.read()?.server - before;
        Ok(())
    }

    /// Median time and CPU of a request.
    fn figures(mut self) -> Outcome<(f64, f64)> {
        self.micros.sort_unstable();
        let count = f64::from(u32::try_from(self.micros.len())?.max(1));
        Ok((quantile(&self.micros, 50), self.cpu / count))
    }
}

/// The two databases are asked in turn, many times.
fn in_turn(what: &'static str, sides: [(&FilledSide, &Query); 2], options: &Options) -> Outcome<Growth> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let length = brief(options).measured * options.rounds;
    let turns = (length.as_millis() / TURN.as_millis()).max(1);
    let [small, large] = sides;
    runtime.block_on(async {
        let mut turns_of = [Turn::open(small.0, small.1).await?, Turn::open(large.0, large.1).await?];
        for number in 0..=turns {
            for turn in &mut turns_of {
                turn.take().await.map_err(|error| format!("{what}: {error}"))?;
                // The first one warms up.
                if number == 0 {
                    (turn.micros, turn.cpu) = (Vec::new(), 0.0);
                }
            }
        }
        let [small, large] = turns_of;
        let (small, large) = (small.figures()?, large.figures()?);
        Ok(Growth { what, time: [small.0, large.0], cpu: [small.1, large.1] })
    })
}

/// How much longer each query takes in the large database.
pub struct GrowthTable {
    title: String,
    lines: Vec<Growth>,
}

/// Every list and filter on both databases in turn, over one connection.
pub fn compare_sizes(small: &Filled, large: &Filled, options: &Options, directory: &Path) -> Outcome<GrowthTable> {
    let title =
        format!("(growth) Lists and filters on SQLite, {} records beside {}, one connection", large.records, small.records);
    eprintln!("measuring {title}");
    let sides = [FilledSide::start(small, options, directory)?, FilledSide::start(large, options, directory)?];
    let [small, large] = &sides;
    let mut lines = Vec::new();
    for (of_small, of_large) in small.queries.iter().zip(&large.queries) {
        let line = in_turn(of_small.what, [(small, of_small), (large, of_large)], options)?;
        eprintln!("{line}");
        lines.push(line);
    }
    Ok(GrowthTable { title, lines })
}

/// How many times as much.
fn ratio([small, large]: [f64; 2]) -> f64 {
    large / small.max(1.0)
}

impl GrowthTable {
    /// Every query keeps the bar when the worst one does.
    pub fn bars(&self) -> Vec<Bar> {
        let worst = |name: &str, figure: fn(&Growth) -> [f64; 2]| {
            let line = self.lines.iter().max_by(|a, b| ratio(figure(a)).total_cmp(&ratio(figure(b))));
            let what = format!("the largest growth in {name} of all lists and filters ({})", line.map_or("", |line| line.what));
            Bar::at_most(what, 1.5, line.map(|line| ratio(figure(line))))
        };
        vec![worst("median time", |line| line.time), worst("CPU per request", |line| line.cpu)]
    }
}

impl fmt::Display for Growth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Growth { what, time, cpu } = self;
        write!(f, "| {what:<38} | {:>8.0} | {:>8.0} | {:>5.2} ", time[0], time[1], ratio(*time))?;
        write!(f, "| {:>9.0} | {:>9.0} | {:>5.2} |", cpu[0], cpu[1], ratio(*cpu))
    }
}

impl fmt::Display for GrowthTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n", self.title)?;
        writeln!(f, "| what                                   | small µs | large µs | ratio | small CPU | large CPU | ratio |")?;
        writeln!(f, "|----------------------------------------|---------:|---------:|------:|----------:|----------:|------:|")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
