//! The limits that a client must keep while nobody can tell it, from the places that hold them.

use crate::attempts::rules;
use crate::lessons::Version;
use crate::lessons::bundle::wire::{AttemptLimits, ClockLimits, LessonPolicy, Policies, RevealMeaning, SubmissionLimits};
use crate::lessons::renderer::quiz_policy;
use crate::records::rules::{AHEAD_MINUTES, OLDEST_DAYS};
use crate::web::{idempotency, limits};

pub fn policies<'a>(course: &str, lessons: impl Iterator<Item = &'a Version>) -> Policies {
    let reveal = [
        ("submitted", "once the attempt is submitted"),
        ("attempts_used", "once no assigned attempt is left in the placement, or one has passed"),
        ("never", "never"),
    ];
    let meaning = |(value, meaning): (&str, &str)| RevealMeaning { value: value.to_owned(), meaning: meaning.to_owned() };
    Policies {
        course: course.to_owned(),
        attempts: AttemptLimits {
            responses: rules::MOST_RESPONSES,
            lowest_seq: 0,
            highest_seq: rules::LARGEST_SEQ,
            longest_active_ms: rules::LONGEST_ACTIVE_MS,
            context_text: rules::CONTEXT_TEXT,
            metadata_entries: rules::METADATA_ENTRIES,
            metadata_bytes: rules::METADATA_BYTES,
        },
        submissions: SubmissionLimits {
            short_text: limits::SHORT,
            prose: limits::PROSE,
            pasted: limits::PASTED,
            list_entries: limits::ENTRIES,
        },
        clock: ClockLimits { oldest_days: OLDEST_DAYS, ahead_minutes: AHEAD_MINUTES },
        uuid_versions: vec![4, 7],
        idempotency_key_days: idempotency::KEPT_DAYS,
        reveal: reveal.map(meaning).into(),
        quizzes: lessons
            .map(|version| LessonPolicy { lesson: version.slug.clone(), policy: quiz_policy(&version.content.quiz.policy) })
            .collect(),
    }
}
