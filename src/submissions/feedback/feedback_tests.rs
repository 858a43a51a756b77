//! The feedback as a whole.
