//! How far a learner has come: from rows of attempts and submissions to what `GET /v1/learners/{id}/progress` shows. Pure.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::types::{Id, Time};
use crate::learners::rules::{self, Candidate};
use crate::lessons::format::AuthoredCounts;
use crate::lessons::rules::{in_language, negotiate};
use crate::lessons::{Catalogue, Version};

/// One attempt, as far as progress looks at it.
#[derive(Debug, Clone, PartialEq, Eq, diesel::Queryable)]
pub struct Try {
    pub lesson: String,
    pub attempt: Id,
    pub version: String,
    pub assigned: bool,
    pub over_limit: bool,
    pub submitted_at: Option<Time>,
    pub scaled_e4: Option<i32>,
    pub passed: Option<bool>,
}

/// What a learner has done.
#[derive(Debug, Clone, Default)]
pub struct LearnerWork {
    /// In the order in which they were made.
    pub tries: Vec<Try>,
    /// (lesson, state), in the order in which they were made.
    pub submissions: Vec<(String, String)>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LearnerProgress)]
pub struct Progress {
    #[schema(value_type = String, format = "uuid")]
    pub learner: Id,
    pub courses: Vec<CourseProgress>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CourseProgress {
    /// The slug of the course.
    pub course: String,
    pub title: String,
    /// Every lesson of the course, in its order.
    pub lessons: Vec<LessonProgress>,
    /// Lessons that are passed, as far as this token may see it.
    #[schema(minimum = 0)]
    pub completed_lessons: usize,
    #[schema(minimum = 0)]
    pub total_lessons: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonProgress {
    /// The slug of the lesson.
    pub lesson: String,
    pub title: String,
    pub attempts: AttemptCounts,
    /// The attempt that counts under the newest version's policy; null while none does. Only assigned attempts count that
    /// are submitted and within the attempts that the policy allows.
    pub counting: Option<CountingAttempt>,
    /// Whether the attempt that counts has passed; null where the policy withholds that.
    pub passed: Option<bool>,
    pub exercise: ExerciseProgress,
}

/// All attempts but previews.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptCounts {
    #[schema(minimum = 0)]
    pub started: usize,
    #[schema(minimum = 0)]
    pub submitted: usize,
    /// The id of the open attempt, of several (in different placements) the one made last.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub open: Option<Id>,
}

#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct CountingAttempt {
    /// Its id; null where naming it would tell which withheld score is the highest.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub attempt: Option<Id>,
    /// The share of the points, from 0 to 1, with at most four decimals.
    #[schema(minimum = 0, maximum = 1)]
    pub scaled: Option<f64>,
    pub passed: Option<bool>,
    #[schema(value_type = Option<String>, format = "date-time")]
    pub submitted_at: Option<Time>,
    /// Why fields are null: `policy` when the lesson's policy does not show results at submission. Read the attempt itself
    /// for what it shows meanwhile.
    pub withheld: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExerciseProgress {
    #[schema(minimum = 0)]
    pub submissions: usize,
    /// The state of the latest submission: `draft`, `submitted`, `returned` or `reviewed`; null while there is none.
    pub state: Option<String>,
}

/// Progress through every course. `own` says that the learner itself looks, from whom results may be withheld.
pub fn progress_of(catalogue: &Catalogue, learner: Id, done: &LearnerWork, language: Option<&str>, own: bool) -> Progress {
    let courses = catalogue.courses().map(|course| {
        let versions = course.lessons.iter().filter_map(|slug| catalogue.listed(slug));
        let lessons: Vec<LessonProgress> = versions
            .map(|version| of_lesson(version, done, language, |digest| !own || verdicts_are_shown(catalogue, digest)))
            .collect();
        let languages = course.title.keys().cloned().collect();
        let language = negotiate(language, &languages, &course.default_language);
        CourseProgress {
            course: course.slug.clone(),
            title: in_language(&course.title, &language, &course.default_language).to_owned(),
            completed_lessons: lessons.iter().filter(|lesson| lesson.passed == Some(true)).count(),
            total_lessons: lessons.len(),
            lessons,
        }
    });
    Progress { learner, courses: courses.collect() }
}

fn verdicts_are_shown(catalogue: &Catalogue, digest: &str) -> bool {
    catalogue.shown_on_submission(digest, true).0
}

fn of_lesson(version: &Version, done: &LearnerWork, language: Option<&str>, shown: impl Fn(&str) -> bool) -> LessonProgress {
    let tries: Vec<&Try> = done.tries.iter().filter(|attempt| attempt.lesson == version.slug).collect();
    let states = || done.submissions.iter().filter(|(lesson, _)| *lesson == version.slug).map(|(_, state)| state);
    let language = negotiate(language, &version.languages, version.default_language());
    let counting = counting(version.content.quiz.policy.counts, &tries, shown);
    LessonProgress {
        lesson: version.slug.clone(),
        title: in_language(&version.content.lesson.title, &language, version.default_language()).to_owned(),
        attempts: counts(&tries),
        passed: counting.as_ref().map_or(Some(false), |counting| counting.passed),
        counting,
        exercise: ExerciseProgress { submissions: states().count(), state: states().next_back().cloned() },
    }
}

fn counts(tries: &[&Try]) -> AttemptCounts {
    AttemptCounts {
        started: tries.len(),
        submitted: tries.iter().filter(|attempt| attempt.submitted_at.is_some()).count(),
        open: tries.iter().rev().find(|attempt| attempt.submitted_at.is_none()).map(|attempt| attempt.attempt),
    }
}

fn candidate(attempt: &Try) -> Option<Candidate<'_>> {
    let submitted_at = attempt.submitted_at.filter(|_| attempt.assigned && !attempt.over_limit)?;
    let Try { scaled_e4, passed, version, attempt, .. } = attempt;
    Some(Candidate { attempt: *attempt, version, submitted_at, scaled_e4: *scaled_e4, passed: *passed })
}

fn counting(counts: AuthoredCounts, tries: &[&Try], shown: impl Fn(&str) -> bool) -> Option<CountingAttempt> {
    let candidates: Vec<Candidate<'_>> = tries.iter().filter_map(|attempt| candidate(attempt)).collect();
    let chosen = rules::counting(counts, &candidates)?;
    let withheld = rules::withheld(counts, &candidates, shown);
    let named = !withheld || counts != AuthoredCounts::Highest;
    Some(CountingAttempt {
        attempt: named.then_some(chosen.attempt),
        scaled: chosen.scaled_e4.filter(|_| !withheld).map(|score| f64::from(score) / 10_000.0),
        passed: chosen.passed.filter(|_| !withheld),
        submitted_at: named.then_some(chosen.submitted_at),
        withheld: withheld.then(|| "policy".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(n: u128, score: Option<i32>) -> Try {
        Try {
            lesson: "l".to_owned(),
            attempt: Id(uuid::Uuid::from_u128(n)),
            version: "v".to_owned(),
            assigned: true,
            over_limit: false,
            submitted_at: score.map(|_| Time(i64::try_from(n).unwrap())),
            scaled_e4: score,
            passed: score.map(|score| score >= 8000),
        }
    }

    #[test]
    fn practice_and_attempts_over_the_limit_are_counted_but_never_count() {
        let practice = Try { assigned: false, ..attempt(1, Some(9000)) };
        let over = Try { over_limit: true, ..attempt(2, Some(9500)) };
        let (low, open) = (attempt(3, Some(6667)), attempt(4, None));
        let tries = [&practice, &over, &low, &open];
        assert_eq!(counts(&tries), AttemptCounts { started: 4, submitted: 3, open: Some(open.attempt) });
        let chosen = counting(AuthoredCounts::Highest, &tries, |_| true).unwrap();
        assert_eq!((chosen.attempt, chosen.scaled, chosen.passed), (Some(low.attempt), Some(0.6667), Some(false)));
        assert_eq!(counting(AuthoredCounts::Highest, &[&practice, &over, &open], |_| true), None);
    }

    #[test]
    fn what_the_policy_withholds_does_not_show() {
        let (a, b) = (attempt(1, Some(9000)), attempt(2, Some(1000)));
        let highest = counting(AuthoredCounts::Highest, &[&a, &b], |_| false).unwrap();
        let withheld = Some("policy".to_owned());
        let nothing = CountingAttempt { attempt: None, scaled: None, passed: None, submitted_at: None, withheld };
        assert_eq!(highest, nothing);
        let latest = counting(AuthoredCounts::Latest, &[&a, &b], |_| false).unwrap();
        assert_eq!(latest, CountingAttempt { attempt: Some(b.attempt), submitted_at: Some(Time(2)), ..nothing });
    }
}
