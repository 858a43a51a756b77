#![doc = include_str!("../README.md")]

use std::cell::RefCell;
use std::ffi::{c_char, c_int, c_void};
use std::rc::Rc;
use std::sync::Once;

use libsqlite3_sys as ffi;

/// How many steps of SQLite's machine pass between two questions: some 50 microseconds.
const STEPS: c_int = 4000;

type GoOn = Rc<dyn Fn() -> bool>;

thread_local! {
    static WANTED: RefCell<Option<GoOn>> = const { RefCell::new(None) };
}

/// Gives every connection that this process opens from now on a progress handler, and none a mutex: a connection must not be used
/// by two threads at once, which Rust sees to. Cheap to repeat.
#[allow(unsafe_code, reason = "SQLite's interface is C")]
pub fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Mutexes of connections and the count of all memory (behind one mutex of the process) cost a tenth of a write. Where a
        // connection was open before, both are refused and stay as they were, which does no harm.
        // SAFETY: this option takes no argument.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MULTITHREAD) };
        // SAFETY: this option takes an integer.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0 as c_int) };
        // SAFETY: `on_open` has the type that SQLite calls it with, and is a function, so that it outlives every connection.
        unsafe { ffi::sqlite3_auto_extension(Some(on_open)) };
    });
}

/// Runs `work`; queries that it makes on this thread are interrupted once `wanted` says no.
pub fn while_wanted<T>(wanted: impl Fn() -> bool + 'static, work: impl FnOnce() -> T) -> T {
    /// Puts back what was there, also when `work` panics.
    struct Restore(Option<GoOn>);
    impl Drop for Restore {
        fn drop(&mut self) {
            WANTED.set(self.0.take());
        }
    }
    let _restore = Restore(WANTED.replace(Some(Rc::new(wanted))));
    work()
}

fn stop_now() -> bool {
    // Nothing here may panic: C is above it on the stack. A thread that is ending, or asks from within, wants to go on.
    let wanted = WANTED.try_with(|wanted| wanted.try_borrow().ok().and_then(|wanted| wanted.clone()));
    wanted.ok().flatten().is_some_and(|wanted| !wanted())
}

#[allow(unsafe_code, reason = "SQLite's interface is C")]
unsafe extern "C" fn on_open(db: *mut ffi::sqlite3, _: *mut *mut c_char, _: *const ffi::sqlite3_api_routines) -> c_int {
    // SAFETY: SQLite hands in the connection that it is opening; the handler takes no data and is a function.
    unsafe { ffi::sqlite3_progress_handler(db, STEPS, Some(on_progress), std::ptr::null_mut()) };
    // A plan that looks at bound values is made anew whenever they change, which for `LIMIT ?` is at each call: 41 % of the
    // instructions of a save. Plans that are the same for all values are made once.
    // SAFETY: the option takes the connection that is being opened, an integer and a pointer that may be null.
    unsafe { ffi::sqlite3_db_config(db, ffi::SQLITE_DBCONFIG_ENABLE_QPSG, 1, std::ptr::null_mut::<c_int>()) }
}

extern "C" fn on_progress(_: *mut c_void) -> c_int {
    c_int::from(stop_now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_says_nothing_goes_on() {
        assert!(!stop_now());
        while_wanted(|| false, || assert!(stop_now()));
        while_wanted(|| true, || while_wanted(|| false, || assert!(stop_now())));
        assert!(!stop_now(), "what was there is back");
    }
}
