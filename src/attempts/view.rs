//! An attempt as a given pair of eyes may see it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::attempts::grading::StoredGrading;
use crate::attempts::kinds;
use crate::attempts::rules::{self, Progressed, ShownParts};
use crate::attempts::store::{self, AnswerRow, AttemptRow};
use crate::attempts::wire::{Attempt, GradedItem, ItemView, PartResult, Rationale, ResultView, SavedResponse};
use crate::auth::Who;
use crate::db::packed::Packed;
use crate::db::types::Json;
use crate::db::unreadable::Unreadable;
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::lessons::format::{AuthoredWhen, Item, Reveal};
use crate::lessons::render::RichText;
use crate::lessons::rules::{in_language, item_of};
use crate::lessons::{Catalogue, Version};
use crate::records::{self, Occurred};

/// Of what a submission stored, the part that lists show too.
#[derive(Deserialize)]
struct StoredSummary {
    result: ResultView,
}

/// What a whole attempt is told from. It is read inside of a transaction and told outside of it: on SQLite there is one writer,
/// and it renders nothing.
pub struct SeenAttempt {
    pub row: AttemptRow,
    pub items: SeenItems,
    pub answers: Vec<AnswerRow>,
    pub shown: ShownParts,
}

/// The graded items of an attempt.
pub enum SeenItems {
    Graded(Vec<GradedItem>),
    /// As they are stored; older ones stand in the `result` of the row.
    Stored(Option<Packed>),
}

impl SeenItems {
    /// None where there is no grading, or it cannot be read; that is named by the summary.
    fn read(self, row: &AttemptRow) -> Option<Vec<GradedItem>> {
        match (self, &row.result) {
            (_, None) => None,
            (SeenItems::Graded(items), _) => Some(items),
            (SeenItems::Stored(items), Some(result)) => {
                StoredGrading::of_parts(result, items.as_ref()).ok().map(|grading| grading.items)
            }
        }
    }
}

impl SeenAttempt {
    /// The attempt as it stands in the database.
    pub fn of(conn: &mut Conn, who: &Who, catalogue: &Catalogue, row: AttemptRow) -> Stored<SeenAttempt> {
        let shown = shown_of_attempt(conn, who, catalogue, catalogue.pinned(&row.version)?, &row)?;
        let answers = store::answers(conn, row.tenant_id, row.id)?;
        let items = match &row.result {
            Some(_) => store::graded_items(conn, row.tenant_id, row.id)?,
            None => None,
        };
        Ok(SeenAttempt { row, items: SeenItems::Stored(items), answers, shown })
    }

    /// The attempt as lists show it.
    pub fn summary(self) -> Attempt {
        attempt_summary(self.row, self.shown)
    }

    /// The whole attempt.
    pub fn attempt(self, catalogue: &Catalogue) -> Stored<Attempt> {
        let SeenAttempt { row, items, answers, shown } = self;
        let version = catalogue.pinned(&row.version)?;
        let order = row.order(&version.content.quiz)?;
        let items = match items.read(&row) {
            None => None,
            Some(stored) => {
                let view = |graded: GradedItem| {
                    // What was typed stands in the answer alone, never in a result.
                    let answer = answers.iter().find(|answer| !answer.late && answer.item == graded.item);
                    let by = graded.version.as_deref().map_or(Ok(version), |digest| catalogue.pinned(digest))?;
                    item_view(by, &row.language, graded, answer, shown)
                };
                Some(stored.into_iter().map(view).collect::<Stored<_>>()?)
            }
        };
        let mut attempt = attempt_summary(row, shown);
        attempt.order = Some(order);
        attempt.responses = Some(answers.into_iter().map(saved).collect::<Stored<_>>()?);
        attempt.items = items;
        Ok(attempt)
    }
}

/// The attempt in a list.
pub fn brief(who: &Who, catalogue: &Catalogue, row: AttemptRow) -> Attempt {
    // Whether attempts are used up is not counted for every row of a list; there such a result stays withheld.
    let shown = catalogue.by_digest(&row.version).map_or(ShownParts::NOTHING, |version| {
        let by = Progressed {
            practice: is_practice(&row),
            practice_keys: catalogue.practice_shows_keys(version),
            ..Progressed::default()
        };
        rules::shown_by_policy(&catalogue.reveal(version), row.state(), who.own_learner().is_some(), by)
    });
    attempt_summary(row, shown)
}

/// What this pair of eyes may see of an attempt.
pub fn shown_of_attempt(
    conn: &mut Conn,
    who: &Who,
    catalogue: &Catalogue,
    version: &Version,
    row: &AttemptRow,
) -> Stored<ShownParts> {
    let (reveal, learner) = (catalogue.reveal(version), who.own_learner().is_some());
    let mut by =
        Progressed { practice: is_practice(row), practice_keys: catalogue.practice_shows_keys(version), ..Progressed::default() };
    let Reveal { verdict, rationale, key } = reveal;
    if learner && (by.practice || [verdict, rationale, key].contains(&AuthoredWhen::AttemptsUsed)) {
        let standing = store::standing(conn, row.tenant_id, row.learner_id, &row.lesson, None)?;
        let newest = catalogue.newest_policy(version);
        let own = |digest: &str| catalogue.by_digest(digest).map_or(1.0, |version| version.content.quiz.policy.pass_mark);
        by.submitted = standing.has_submitted_an_assigned_one();
        by.done = standing.done(newest.attempts_allowed, |one| one.passes(own(&one.version), newest.pass_mark));
    }
    Ok(rules::shown_by_policy(&reveal, row.state(), learner, by))
}

fn is_practice(row: &AttemptRow) -> bool {
    row.purpose != "assigned"
}

fn attempt_summary(row: AttemptRow, shown: ShownParts) -> Attempt {
    let mut unreadable = Unreadable::of(&row.id);
    let withheld = match (&row.result, shown) {
        (None, _) => Some("not_submitted"),
        (Some(_), ShownParts::EVERYTHING) => None,
        (Some(_), _) => Some("policy"),
    };
    let result = match &row.result {
        Some(stored) if shown.verdict => unreadable.text::<StoredSummary>("result", stored).map(|stored| stored.result),
        _ => None,
    };
    let context = unreadable.object("context", row.context);
    let started = unreadable.known("started", Occurred::of_stored(&row.started));
    Attempt {
        id: row.id,
        learner: row.learner_id,
        lesson: row.lesson,
        version: row.version,
        language: row.language,
        purpose: row.purpose,
        context,
        counted_in: row.counted_in,
        state: row.state,
        attempt_number: row.attempt_number,
        key_seen_before: row.key_seen_before,
        over_limit: row.over_limit,
        started: Json::of(&started.unwrap_or_else(|| records::now(row.started_at))).0,
        submitted_at: row.submitted_at,
        created_at: row.created_at,
        result,
        withheld: withheld.map(str::to_owned),
        order: None,
        responses: None,
        items: None,
        results: None,
        not_submitted: None,
        unreadable: unreadable.parts,
    }
}

fn saved(answer: AnswerRow) -> Stored<SavedResponse> {
    Ok(SavedResponse {
        response: answer.response.read().map_err(Problem::internal)?,
        item: answer.item,
        seq: answer.seq,
        changes: answer.changes,
        active_ms: answer.active_ms,
        answered: Occurred::of_stored(&answer.answered).map_or(Value::Null, |occurred| Json::of(&occurred).0),
        late: answer.late,
    })
}

fn item_view(
    version: &Version,
    language: &str,
    graded: GradedItem,
    answer: Option<&AnswerRow>,
    shown: ShownParts,
) -> Stored<ItemView> {
    let source = item_of(&version.content, &graded.item);
    let rationales = source.filter(|_| shown.rationale).map(|item| remembered(version, item, language)).transpose()?;
    let parts = graded.parts.into_iter().map(|part| PartResult {
        verdict: part.verdict.filter(|_| shown.verdict),
        expected_layer: part.expected_layer.filter(|_| shown.key),
        chosen_layer: part.chosen_layer.filter(|_| shown.verdict),
        prompt: part.prompt,
    });
    let parts: Vec<PartResult> = parts.collect();
    Ok(ItemView {
        revision: graded.revision,
        objectives: graded.objectives,
        position: graded.position,
        response: answer.map(|answer| answer.response.read()).transpose().map_err(Problem::internal)?,
        first_response: answer.map(|answer| answer.first().read()).transpose().map_err(Problem::internal)?,
        changes: graded.changes,
        active_ms: graded.active_ms,
        max_points: graded.max_points,
        verdict: shown.verdict.then_some(graded.verdict),
        points: shown.verdict.then_some(graded.points),
        chosen_layer: graded.chosen_layer.filter(|_| shown.verdict),
        expected_layer: graded.expected_layer.filter(|_| shown.key),
        parts: (!parts.is_empty()).then_some(parts),
        graded_by: version.digest.clone(),
        right: source.filter(|_| shown.key).map(|item| kinds::right(&item.task)),
        rationales,
        item: graded.item,
    })
}

/// The rationales of an item as JSON. A published version never changes, so they are rendered once in each of its languages.
fn remembered(version: &Version, item: &Item, language: &str) -> Stored<Arc<RawValue>> {
    let (language, default) = (version.language_or_default(language), version.default_language());
    let made = || serde_json::value::to_raw_value(&rationales(item, language, default)).map(Arc::from);
    version.remembered(language, &item.id, made).map_err(Problem::internal)
}

/// Every rationale of an item, in `language` where it has that.
pub fn rationales(item: &Item, language: &str, default: &str) -> Vec<Rationale> {
    let rich = |text| RichText::of(in_language(text, language, default));
    item.task.rationales().into_iter().map(|(about, text)| Rationale::of(about, rich(text))).collect()
}
