//! Saving answers: the hot write. A set-oriented command, so that many learners' answers share two selects, one upsert, one
//! insert of records and one commit; each command gets results of its own.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::attempts::kinds;
use crate::attempts::order;
use crate::attempts::rules::{self, AttemptEffect, AttemptStep, Merge};
use crate::attempts::sent::{Brought, SaveResult, Sent};
use crate::attempts::store::{self, AnswerRow, AttemptRow};
use crate::attempts::wire::Response;
use crate::auth::Who;
use crate::db::tenant_rows::TenantRows;
use crate::db::types::{Id, Json};
use crate::db::{Command, Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners;
use crate::lessons::rules::item_of;
use crate::lessons::{Catalogue, Version};
use crate::records::store::NewRecord;
use crate::records::{self, ClientTime, Object, Occurred, RecordDraft, RecordPlace};

/// Saves some answers of one attempt.
pub struct Save {
    pub who: Who,
    pub attempt: Id,
    pub answers: Vec<Sent>,
    pub sent_at: Option<ClientTime>,
    pub catalogue: Arc<Catalogue>,
    /// Keys the digests of typed answers.
    pub digest_key: Vec<u8>,
}

impl Command for Save {
    type Answer = Vec<SaveResult>;

    fn rows(&self) -> TenantRows {
        TenantRows::Of(self.who.tenant)
    }

    fn run(conn: &mut Conn, group: &[Save]) -> Stored<Vec<Stored<Vec<SaveResult>>>> {
        let keys = set(group.iter().map(|save| (save.who.tenant, save.attempt)));
        let places = set(group.iter().flat_map(|save| {
            let (tenant, attempt) = (save.who.tenant, save.attempt);
            let items = save.answers.iter().filter_map(|sent| match sent {
                Sent::Read(answer) => Some(answer.item.as_str()),
                Sent::Faulty(_) => None,
            });
            items.map(move |item| (tenant, attempt, item))
        }));
        let rows = store::lock(conn, &keys)?;
        let attempts: HashMap<(Id, Id), AttemptRow> = rows.into_iter().map(|row| ((row.tenant_id, row.id), row)).collect();
        let stored = store::answers_at(conn, &places)?;
        let deactivated = learners::deactivated_of(conn, &set(attempts.values().map(|row| (row.tenant_id, row.learner_id))))?;
        let mut board = Board::new(stored);
        let mut results = Vec::with_capacity(group.len());
        for save in group {
            let row = match attempts.get(&(save.who.tenant, save.attempt)) {
                Some(row) if learners::sees_now(conn, &save.who, row.learner_id)? => Some(row),
                _ => None,
            };
            results.push(match row {
                Some(row) if deactivated.contains(&(row.tenant_id, row.learner_id)) => Err(learners::is_deactivated()),
                row => board.decide(save, row),
            });
        }
        let (answers, records) = board.changed();
        store::put_answers(conn, &answers)?;
        records::insert_records(conn, &records)?;
        Ok(results)
    }
}

/// The first answers of an attempt that this transaction made: nothing is there to compare them with. They come back with their
/// results.
pub fn first(conn: &mut Conn, save: &Save, row: &AttemptRow) -> Stored<(Vec<SaveResult>, Vec<AnswerRow>)> {
    let mut board = Board::new(Vec::new());
    let results = board.decide(save, Some(row))?;
    let (answers, records) = board.changed();
    store::put_answers(conn, &answers)?;
    records::insert_records(conn, &records)?;
    Ok((results, answers))
}

fn set<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<BTreeSet<T>>().into_iter().collect()
}

/// Tenant, attempt, item, late.
type Place4 = (Id, Id, String, bool);

/// The answers in force while a group is decided: what is stored, and on top what this group changed.
struct Board {
    answers: HashMap<Place4, (AnswerRow, bool)>,
    records: Vec<NewRecord>,
}

impl Board {
    fn new(stored: Vec<AnswerRow>) -> Board {
        let place = |a: &AnswerRow| (a.tenant_id, a.attempt_id, a.item.clone(), a.late);
        Board { answers: stored.into_iter().map(|answer| (place(&answer), (answer, false))).collect(), records: Vec::new() }
    }

    fn changed(self) -> (Vec<AnswerRow>, Vec<NewRecord>) {
        let mut rows: Vec<AnswerRow> =
            self.answers.into_values().filter(|(_, changed)| *changed).map(|(answer, _)| answer).collect();
        // One order for everyone, so that no two processes wait for each other.
        rows.sort_by(|a, b| (a.tenant_id, a.attempt_id, &a.item).cmp(&(b.tenant_id, b.attempt_id, &b.item)));
        (rows, self.records)
    }

    fn decide(&mut self, save: &Save, attempt: Option<&AttemptRow>) -> Stored<Vec<SaveResult>> {
        let row = attempt.ok_or_else(|| Problem::not_found("attempt of this id"))?;
        let version = save.catalogue.pinned(&row.version)?;
        let drawn = version.content.quiz.policy.draw.is_some().then(|| drawn_items(row, version));
        let one = |sent: &Sent| match sent {
            Sent::Read(answer) => self.one(save, row, (version, drawn.as_deref()), answer),
            Sent::Faulty(result) => result.clone(),
        };
        Ok(save.answers.iter().map(one).collect())
    }

    fn one(
        &mut self,
        save: &Save,
        row: &AttemptRow,
        (version, drawn): (&Version, Option<&[Cow<'_, str>]>),
        answer: &Brought,
    ) -> SaveResult {
        if let Err((problem, misfit)) = acceptable(version, drawn, answer) {
            return SaveResult { misfit, ..SaveResult::refused(Some(answer.item.clone()), Some(answer.seq), &problem) };
        }
        let late = row.state().effect(AttemptStep::Answer) == AttemptEffect::KeepLate;
        let place = |late| (row.tenant_id, row.id, answer.item.clone(), late);
        if late && self.merge(&place(false), answer) != Merge::Take {
            // What was in force at submission, sent again: the first time it was answered with "saved".
            return self.result(answer, &place(false));
        }
        let place = place(late);
        if self.merge(&place, answer) == Merge::Take {
            let occurred = records::rules::occurred(answer.answered_at, save.sent_at, save.who.now);
            let new = self.taken(save, row, answer, late, &occurred);
            let coded = kinds::recorded(&answer.response, &save.digest_key);
            self.records.push(records::row(&save.who, draft(row, version, &new, coded, occurred)));
            self.answers.insert(place, (new, true));
            return saved(answer, if late { "late" } else { "saved" }, Some(answer.seq));
        }
        self.result(answer, &place)
    }

    fn merge(&self, place: &Place4, answer: &Brought) -> Merge {
        let Some((stored, _)) = self.answers.get(place) else { return Merge::Take };
        // Only for an equal `seq` does it matter what is stored; else it need not be read.
        if stored.seq < answer.seq {
            return Merge::Take;
        }
        match stored.response.read::<Response>() {
            Ok(response) => rules::merge(Some((stored.seq, &response)), answer.seq, &answer.response),
            Err(_) => Merge::Take,
        }
    }

    fn taken(&self, save: &Save, row: &AttemptRow, answer: &Brought, late: bool, occurred: &Occurred) -> AnswerRow {
        let before = self.answers.get(&(row.tenant_id, row.id, answer.item.clone(), late)).map(|(stored, _)| stored);
        let response = Json::of(&answer.response);
        AnswerRow {
            tenant_id: row.tenant_id,
            attempt_id: row.id,
            item: answer.item.clone(),
            late,
            seq: answer.seq,
            first_response: before.map_or_else(store::same, |stored| stored.first_before(&response)),
            changes: before.map_or(0, |stored| stored.changes.saturating_add(i32::from(stored.response != response))),
            active_ms: answer.active_ms.or_else(|| before.and_then(|stored| stored.active_ms)),
            response,
            answered: occurred.stored(),
            saved_at: save.who.now,
        }
    }

    fn result(&self, answer: &Brought, place: &Place4) -> SaveResult {
        let in_force = self.answers.get(place).map(|(stored, _)| stored);
        let same = in_force.is_some_and(|stored| stored.seq == answer.seq && stored.response == Json::of(&answer.response));
        let status = match (same, place.3) {
            (true, true) => "late",
            (true, false) => "saved",
            (false, _) => "superseded",
        };
        saved(answer, status, in_force.map(|stored| stored.seq))
    }
}

fn saved(answer: &Brought, status: &str, seq_in_force: Option<i64>) -> SaveResult {
    SaveResult {
        item: Some(answer.item.clone()),
        seq: Some(answer.seq),
        status: status.to_owned(),
        seq_in_force,
        problem: None,
        adjusted: answer.adjusted.clone(),
        misfit: false,
    }
}

/// The items that were drawn for an attempt; their options do not matter here. An order that cannot be read has none.
fn drawn_items<'a>(row: &'a AttemptRow, version: &'a Version) -> Vec<Cow<'a, str>> {
    #[derive(Deserialize)]
    struct Shown<'a> {
        #[serde(borrow)]
        item: Cow<'a, str>,
    }
    match &row.drawn {
        Some(drawn) => {
            order::drawn_items(&version.content.quiz, drawn).unwrap_or_default().into_iter().map(Cow::Borrowed).collect()
        }
        None => row.item_order.read::<Vec<Shown>>().unwrap_or_default().into_iter().map(|shown| shown.item).collect(),
    }
}

/// Whether an answer can be saved; pointers are into the answer itself. Beside the problem: whether it is that the attempt's
/// version has no such item or option.
fn acceptable(version: &Version, drawn: Option<&[Cow<'_, str>]>, answer: &Brought) -> Result<(), (Problem, bool)> {
    let drawn = drawn.is_none_or(|drawn| drawn.iter().any(|drawn| *drawn == answer.item));
    let Some(item) = item_of(&version.content, &answer.item).filter(|_| drawn) else {
        return Err((Problem::new(Code::NotFound, format!("This attempt has no item {:?}.", answer.item)), true));
    };
    if !(0..=rules::LARGEST_SEQ).contains(&answer.seq) {
        return Err((Problem::body("/seq", format!("must be from 0 to {}.", rules::LARGEST_SEQ)), false));
    }
    kinds::fits(item, &answer.response).map_err(|(pointer, text)| {
        // What is typed does not depend on the version.
        let typed = ["/response/text", "/response/value"].contains(&pointer.as_str());
        (Problem::body(pointer, text), !typed)
    })
}

/// Where in the curriculum an attempt stands.
pub fn place(row: &AttemptRow, version: &Version) -> RecordPlace {
    RecordPlace {
        course: version.course.clone(),
        lesson: row.lesson.clone(),
        lesson_iri: version.iris.lesson(&row.lesson),
        version: row.version.clone(),
        language: row.language.clone(),
    }
}

fn draft(row: &AttemptRow, version: &Version, answer: &AnswerRow, response: Value, occurred: Occurred) -> RecordDraft {
    let revision = item_of(&version.content, &answer.item).map_or(0, |item| item.revision);
    RecordDraft {
        kind: "response.saved",
        learner: Some(row.learner_id),
        object: Object {
            r#type: "response".to_owned(),
            id: format!("{}/{}", row.id, answer.item),
            iri: Some(version.iris.item(&row.lesson, &answer.item)),
        },
        place: Some(place(row, version)),
        context: row.context.clone(),
        occurred,
        body: json!({
            "attempt": row.id, "item": answer.item, "revision": revision, "seq": answer.seq, "response": response,
            "changes": answer.changes, "active_ms": answer.active_ms, "late": answer.late, "purpose": row.purpose,
        }),
    }
}
