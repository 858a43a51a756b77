//! What stands beside the lessons of a course: glossary and field guide as their authors write them, and the words around them.

pub mod format;
pub mod words;
