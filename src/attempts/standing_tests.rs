use super::*;
use crate::lessons::format::{AuthoredCounts, Reveal};

fn one(counted_in: &str, purpose: &str, state: &str) -> Earlier {
    Earlier {
        id: crate::db::types::Id::NIL,
        placement: "as named".to_owned(),
        counted_in: counted_in.to_owned(),
        purpose: purpose.to_owned(),
        state: state.to_owned(),
        version: "v".to_owned(),
        scaled_e4: Some(4000),
        passed: Some(false),
        key_seen_before: false,
    }
}

fn done(counted_in: &str) -> Earlier {
    one(counted_in, "assigned", "submitted")
}

fn policy(key: AuthoredWhen, allowed: Option<u32>) -> Policy {
    Policy {
        attempts_allowed: allowed,
        counts: AuthoredCounts::Highest,
        pass_mark: 0.8,
        reveal: Reveal { verdict: key, rationale: key, key },
        draw: None,
        shuffle_items: false,
        shuffle_options: false,
        practice_keys: false,
    }
}

#[test]
fn a_placement_counts_by_itself_only_once_somebody_who_acts_has_named_it() {
    let nothing = Standing::default();
    assert_eq!(
        (nothing.counted_in("room", false), nothing.counted_in("room", true), nothing.counted_in("", false)),
        ("", "room", "")
    );
    let begun = Standing(vec![done("room"), done("")]);
    assert_eq!((begun.counted_in("room", false), begun.counted_in("hall", false)), ("room", ""));
    assert_eq!((begun.used("room"), begun.used("")), (1, 1));
    assert_eq!(Standing(vec![one("", "practice", "submitted"), one("", "preview", "submitted")]).used(""), 0);
}

#[test]
fn all_are_used_up_when_they_are_in_every_place() {
    let never = |_: &Earlier| false;
    for (tries, allowed, expected) in [
        (vec![], Some(1), false),
        (vec![done("")], Some(1), true),
        (vec![done("")], Some(2), false),
        (vec![done("")], None, false),
        (vec![done(""), one("", "assigned", "in_progress")], Some(2), false),
        (vec![done(""), one("", "practice", "submitted")], Some(2), false),
        (vec![done(""), one("room", "assigned", "in_progress")], Some(1), false),
        (vec![done(""), done("room")], Some(1), true),
    ] {
        assert_eq!(Standing(tries.clone()).done(allowed, never), expected, "{tries:?} {allowed:?}");
    }
    assert!(Standing(vec![done("")]).done(None, |_| true), "one that passed ends the waiting");
    assert!(!Standing(vec![done(""), one("room", "assigned", "in_progress")]).done(None, |_| true));
}

#[test]
fn a_pass_by_a_lower_mark_is_none_here() {
    let easy = Earlier { passed: Some(true), scaled_e4: Some(5000), ..done("") };
    assert!(easy.passes(0.5, 0.5) && easy.passes(0.8, 0.5) && !easy.passes(0.4, 0.8) && easy.passes(0.4, 0.5));
    assert!(!done("").passes(0.1, 0.1));
}

#[test]
fn a_key_was_seen_if_an_attempt_s_own_version_showed_it() {
    for (key, allowed, tries, seen) in [
        (AuthoredWhen::Submitted, None, vec![done("")], true),
        (AuthoredWhen::Submitted, None, vec![one("", "practice", "submitted")], false),
        (AuthoredWhen::Submitted, None, vec![one("", "assigned", "in_progress")], false),
        (AuthoredWhen::AttemptsUsed, Some(2), vec![done("")], false),
        (AuthoredWhen::AttemptsUsed, Some(2), vec![done(""), done("")], true),
        (AuthoredWhen::AttemptsUsed, Some(1), vec![done("room"), one("", "assigned", "in_progress")], false),
        (AuthoredWhen::AttemptsUsed, Some(1), vec![done("room"), done("")], true),
        (AuthoredWhen::Never, Some(1), vec![Earlier { key_seen_before: true, ..one("", "assigned", "in_progress") }], true),
        (AuthoredWhen::Never, Some(1), vec![done("")], false),
    ] {
        let policy = policy(key, allowed);
        assert_eq!(Standing(tries.clone()).key_seen(|_| Some(&policy)), seen, "{key:?} {allowed:?} {tries:?}");
    }
    let gives = Policy { practice_keys: true, ..policy(AuthoredWhen::AttemptsUsed, None) };
    assert!(Standing(vec![one("", "practice", "submitted")]).key_seen(|_| Some(&gives)));
    assert!(Standing(vec![done("")]).key_seen(|_| None), "of a version that is not known here, the worst is assumed");
}

#[test]
fn neither_version_s_number_of_attempts_is_exceeded() {
    let with = |allowed| policy(AuthoredWhen::Never, allowed);
    for (own, newest, expected) in [
        (None, None, None),
        (Some(3), None, Some(3)),
        (None, Some(2), Some(2)),
        (Some(5), Some(2), Some(2)),
        (Some(1), Some(2), Some(1)),
    ] {
        assert_eq!(allowed(&with(own), &with(newest)), expected);
    }
}
