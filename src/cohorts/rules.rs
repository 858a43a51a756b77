//! What a cohort may look like, and how many there may be.

use std::collections::HashSet;

use waymark_engine::check::is_id;

use crate::cohorts::wire::CohortPut;
use crate::error::Problem;
use crate::web::limits::Wrong;

/// How many cohorts a tenant may have.
pub const MOST_COHORTS: i64 = 5_000;
/// How many learners a cohort may have.
pub const MOST_LEARNERS: i64 = 2_000;
/// How many instructors a cohort may have.
pub const MOST_INSTRUCTORS: i64 = 50;
/// How many due dates a cohort may have.
pub const MOST_DUE: usize = 200;
/// Longest name, in characters.
pub const LONGEST_COHORT_NAME: usize = 200;
/// Longest part of what another system calls something, in characters.
pub const LONGEST_EXTERNAL: usize = 255;

/// Whether a text has from 1 to so many characters, no control characters, and not only blanks.
pub fn is_plain_text(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control) && !text.trim().is_empty()
}

/// All that is wrong with what a cohort is to be.
pub fn check_cohort(asked: &CohortPut) -> Result<(), Problem> {
    let mut wrong = Wrong::default();
    if !is_plain_text(&asked.name, LONGEST_COHORT_NAME) {
        let detail = format!("must be 1 to {LONGEST_COHORT_NAME} characters, not only blanks, without control characters.");
        wrong.add("/name", detail);
    }
    for (pointer, text) in [("/system", &asked.system), ("/external_id", &asked.external_id)] {
        if text.as_deref().is_some_and(|text| !is_plain_text(text, LONGEST_EXTERNAL)) {
            let detail = format!("must be 1 to {LONGEST_EXTERNAL} characters, not only blanks, without control characters.");
            wrong.add(pointer, detail);
        }
    }
    if asked.system.is_some() != asked.external_id.is_some() {
        wrong.add("/external_id", "belongs together with `system`: give both, or neither.");
    }
    if asked.due.len() > MOST_DUE {
        wrong.add("/due", format!("must hold at most {MOST_DUE} dates."));
    }
    let mut named = HashSet::new();
    for (i, due) in asked.due.iter().take(MOST_DUE).enumerate() {
        let pointer = format!("/due/{i}/lesson");
        if !is_id(&due.lesson) {
            wrong.add(pointer, "must be a lesson's slug: lower-case letters, digits and hyphens, at most 100.");
        } else if !named.insert(&due.lesson) {
            wrong.add(pointer, "has a date before it in this list.");
        }
    }
    if wrong.0.is_empty() { Ok(()) } else { Err(Problem::bodies(wrong.0)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cohorts::wire::CohortDue;
    use crate::db::types::Time;

    fn sound() -> CohortPut {
        CohortPut { name: "7b".to_owned(), system: None, external_id: None, due: Vec::new() }
    }

    fn due(lesson: &str) -> CohortDue {
        CohortDue { lesson: lesson.to_owned(), due_at: Time(0) }
    }

    #[test]
    fn what_is_wrong_is_said_at_its_place() {
        let long = |n| "ä".repeat(n);
        let text = |text: &str| Some(text.to_owned());
        let all: Vec<(CohortPut, &[&str])> = vec![
            (sound(), &[]),
            (CohortPut { name: long(200), ..sound() }, &[]),
            (CohortPut { name: long(201), ..sound() }, &["/name"]),
            (CohortPut { name: String::new(), ..sound() }, &["/name"]),
            (CohortPut { name: " ".to_owned(), ..sound() }, &["/name"]),
            (CohortPut { name: "a\nb".to_owned(), ..sound() }, &["/name"]),
            (CohortPut { system: text("sis"), external_id: text("1"), ..sound() }, &[]),
            (CohortPut { system: text("sis"), ..sound() }, &["/external_id"]),
            (CohortPut { external_id: text("1"), ..sound() }, &["/external_id"]),
            (CohortPut { system: Some(long(256)), external_id: text(""), ..sound() }, &["/system", "/external_id"]),
            (CohortPut { due: vec![due("a"), due("b")], ..sound() }, &[]),
            (CohortPut { due: vec![due("a"), due("A"), due("a")], ..sound() }, &["/due/1/lesson", "/due/2/lesson"]),
            (CohortPut { due: (0..200).map(|i| due(&format!("l-{i}"))).collect(), ..sound() }, &[]),
            (CohortPut { due: (0..201).map(|i| due(&format!("l-{i}"))).collect(), ..sound() }, &["/due"]),
        ];
        for (asked, wanted) in all {
            let found: Vec<String> = check_cohort(&asked)
                .err()
                .map_or_else(Vec::new, |problem| problem.errors().iter().filter_map(|error| error.pointer.clone()).collect());
            assert_eq!(found, wanted, "{asked:?}");
        }
    }
}
