//! A place in a text that is to be masked.

use super::kinds::Kind;

/// What is masked, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    pub rank: Rank,
}

/// Where two overlap, the one that stands first here is kept: what names itself a secret before what only looks like one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Block,
    Assigned,
    Userinfo,
    Token,
    Address,
    Identity,
    Phone,
    Ip,
    Name,
}

/// Looks closer at a place where a literal of a rule stands: where it begins, and where it ends.
pub type Near = fn(&str, usize, usize) -> Option<Found>;
