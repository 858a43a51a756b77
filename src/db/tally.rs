//! What a transaction has done, counted once it is committed: what was undone never happened.

use std::cell::RefCell;

thread_local! {
    /// The kinds of records that the transaction of this database thread has appended so far.
    static APPENDED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// A record of this kind is appended.
pub fn note_kind(kind: &'static str) {
    APPENDED.with_borrow_mut(|kinds| kinds.push(kind));
}

/// How much is noted, for [`undo_since`].
pub fn mark() -> usize {
    APPENDED.with_borrow(Vec::len)
}

/// What was noted since a mark is undone.
pub fn undo_since(mark: usize) {
    APPENDED.with_borrow_mut(|kinds| kinds.truncate(mark));
}

/// The transaction is committed.
pub fn committed() {
    APPENDED.with_borrow_mut(|kinds| {
        for kind in kinds.drain(..) {
            metrics::counter!("waymark_records_total", "kind" => kind).increment(1);
        }
    });
}
