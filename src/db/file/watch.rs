//! While a server runs: is the file still the one that was opened; how far was the feed shown; is what was erased gone from
//! the write-ahead log. At the end everything goes into the one main file.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::db::connect::Opener;
use crate::db::file::{DatabaseFile, FileIdentity, beside};
use crate::db::schema::settings;
use crate::db::{Conn, Stored};
use crate::each;
use crate::error::{DatabaseFault, Problem};

/// The setting that holds the generation inside of the database.
pub const GENERATION: &str = "file_generation";
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The write-ahead log and its index must stay the same files too: what is committed into a deleted log is nowhere.
const FILES: [&str; 3] = ["", "-wal", "-shm"];

pub struct Watch {
    file: DatabaseFile,
    identities: [Option<FileIdentity>; 3],
    /// A connection that nobody uses: while it is open, log and index stay what they are, and at the end it is the last one.
    anchor: Mutex<Option<Conn>>,
    noted: Mutex<File>,
    shown: AtomicI64,
    erased: AtomicBool,
    gone: AtomicBool,
    end: Mutex<Option<(flume::Sender<()>, JoinHandle<()>)>>,
}

impl Watch {
    pub fn start(file: DatabaseFile, opener: &Opener) -> Result<Arc<Watch>, Problem> {
        let mut anchor = opener.open()?;
        turn_generation(&mut anchor, &file)?;
        // Checkpoints that it makes must not hold up the writer for long.
        anchor.batch("PRAGMA busy_timeout = 200")?;
        let lock = file.with(beside::LOCK);
        let noted =
            beside::open_lock_file(&lock).map_err(|e| Problem::internal(format!("cannot open {}: {e}", lock.display())))?;
        let shown = beside::read_noted(&file).map_or(0, |noted| noted.shown);
        let watch = Arc::new(Watch {
            identities: FILES.map(|ending| FileIdentity::at(&file.with(ending))),
            file,
            anchor: Mutex::new(Some(anchor)),
            noted: Mutex::new(noted),
            shown: AtomicI64::new(shown),
            erased: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            end: Mutex::new(None),
        });
        let (stop, stopped) = flume::bounded(1);
        let looking = watch.clone();
        let thread = std::thread::Builder::new().name("db-watch".to_owned()).spawn(move || {
            while let Err(flume::RecvTimeoutError::Timeout) = stopped.recv_timeout(LOOK_EVERY) {
                looking.look();
            }
        });
        *watch.end.lock() = thread.ok().map(|thread| (stop, thread));
        Ok(watch)
    }

    /// Whether database, log and index are still the files that were opened. Three `stat`s: cheap enough for every use of a
    /// connection, and after every commit before it is answered.
    pub fn check(&self) -> Result<(), Problem> {
        for (ending, identity) in FILES.iter().zip(&self.identities) {
            if identity.is_some() && FileIdentity::at(&self.file.with(ending)) != *identity {
                return Err(Problem::unavailable(
                    DatabaseFault::Lost,
                    format!("{} was deleted or replaced while the service runs", self.file.with(ending).display()),
                ));
            }
        }
        Ok(())
    }

    /// A reader of the feed is about to be told the place `seq`. After a restore no other fact may get it.
    pub fn show(&self, seq: i64) {
        if self.shown.fetch_max(seq, Ordering::SeqCst) >= seq {
            return;
        }
        let mut noted = self.noted.lock();
        if let Err(error) = beside::write_shown(&mut noted, self.shown.load(Ordering::SeqCst)) {
            tracing::warn!(%error, "cannot note beside the database how far the feed was read");
        }
    }

    /// Something was erased: it is to leave the write-ahead log too, soon.
    pub fn erased(&self) {
        self.erased.store(true, Ordering::SeqCst);
    }

    fn look(&self) {
        match self.check() {
            Ok(()) if self.gone.swap(false, Ordering::SeqCst) => tracing::info!("the database file is back"),
            Ok(()) => {}
            Err(problem) => {
                if !self.gone.swap(true, Ordering::SeqCst) {
                    let cause = problem.cause().unwrap_or_default();
                    tracing::error!(
                        "{cause}: nothing is read or written any more. Move it back, or stop the service and `waymark restore` a backup. \
                         Until the service ends the deleted file can still be copied from /proc/{}/fd",
                        std::process::id()
                    );
                    // Where only the log lost its name, what it holds is brought home through the descriptors still open.
                    self.erased();
                }
            }
        }
        if self.erased.swap(false, Ordering::SeqCst) && !self.checkpoint() {
            self.erased();
        }
        let _ = self.noted.lock().sync_data();
    }

    /// Moves all of the log into the main file and cuts the log to nothing. `false` where a reader stands in the way.
    fn checkpoint(&self) -> bool {
        #[derive(QueryableByName)]
        struct Busy {
            #[diesel(sql_type = BigInt)]
            busy: i64,
        }
        let mut anchor = self.anchor.lock();
        let Some(Conn::Sqlite(conn)) = anchor.as_mut() else { return true };
        let done: QueryResult<Busy> = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn);
        match done {
            Ok(row) => row.busy == 0,
            Err(error) => {
                tracing::warn!(%error, "cannot move the write-ahead log into the database");
                false
            }
        }
    }

    /// After all other connections were closed: brings everything into the main file, and closes the last connection.
    pub fn close(&self) {
        if let Some((stop, thread)) = self.end.lock().take() {
            drop(stop);
            let _ = thread.join();
        }
        let Some(mut anchor) = self.anchor.lock().take() else { return };
        let whole = self.check().is_ok();
        let _ = anchor.batch("PRAGMA busy_timeout = 5000");
        if whole && let Err(problem) = turn_generation(&mut anchor, &self.file) {
            tracing::warn!(%problem, "cannot note the end of this run in the database");
        }
        *self.anchor.lock() = Some(anchor);
        if !self.checkpoint() {
            tracing::warn!(
                "somebody else reads the database: what was written last stays in {} until the next start, keep both files together",
                self.file.with("-wal").display()
            );
        }
        let _ = self.noted.lock().sync_data();
        *self.anchor.lock() = None;
    }
}

/// A new generation, in the database and beside it. A copy that was made before is then known as one.
fn turn_generation(conn: &mut Conn, file: &DatabaseFile) -> Stored<()> {
    let Some(noted) = beside::read_noted(file) else { return Ok(()) };
    let generation = Clock::system().id().to_string();
    set_generation(conn, &generation)?;
    beside::write_noted(file, &beside::Noted { generation, ..noted })
        .map_err(|e| Problem::internal(format!("cannot write {}: {e}", file.with(beside::LOCK).display())))
}

pub fn set_generation(conn: &mut Conn, generation: &str) -> Stored<()> {
    each!(conn, c => diesel::insert_into(settings::table)
        .values((settings::name.eq(GENERATION), settings::value.eq(generation)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(generation))
        .execute(c))?;
    Ok(())
}

pub fn file_generation(conn: &mut Conn) -> Stored<Option<String>> {
    let row = each!(conn, c => settings::table.filter(settings::name.eq(GENERATION)).select(settings::value).first(c).optional());
    Ok(row?)
}
