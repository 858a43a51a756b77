//! Starting, bringing and resuming, each inside one transaction: read, ask the rules, write, append the records.

use std::sync::Arc;

use serde_json::json;

use crate::attempts::closing::{ClosedAttempt, close, grade_and_close, key_seen, object};
use crate::attempts::order;
use crate::attempts::refusals;
use crate::attempts::rules;
use crate::attempts::save::{self, Save, place};
use crate::attempts::sent::{SaveResult, Sent, Submit};
use crate::attempts::standing;
use crate::attempts::store::{self, AttemptRow};
use crate::attempts::view::{self, SeenAttempt, SeenItems};
use crate::attempts::wire::{Attempt, AttemptPut, Context, NotSubmitted, Purpose};
use crate::auth::{Principal, Who};
use crate::db::json_text::JsonText;
use crate::db::types::{Id, Json};
use crate::db::{Command, Conn, Stored};
use crate::error::{Code, Problem};
use crate::learners;
use crate::lessons::{Catalogue, Version};
use crate::records::{self, Occurred, RecordDraft};
use crate::web::allowance::ATTEMPTS;

/// What a call to start, bring or submit an attempt left behind.
pub struct AttemptOutcome {
    pub seen: SeenAttempt,
    pub created: bool,
    pub results: Option<Vec<SaveResult>>,
    /// Why it is open although the call asked to submit it.
    pub not_submitted: Option<NotSubmitted>,
}

impl AttemptOutcome {
    /// The attempt as the caller may see it; outside of the transaction, where it can be.
    pub fn attempt(self, catalogue: &Catalogue) -> Stored<Attempt> {
        let AttemptOutcome { seen, results, not_submitted, created: _ } = self;
        Ok(Attempt { results, not_submitted, ..seen.attempt(catalogue)? })
    }

    /// The same without its order, answers and items.
    pub fn summary(self) -> Attempt {
        let AttemptOutcome { seen, results, not_submitted, created: _ } = self;
        Attempt { results, not_submitted, ..seen.summary() }
    }
}

/// A call that starts an attempt, or brings a whole one.
#[derive(Clone)]
pub struct AttemptCall {
    pub who: Who,
    pub catalogue: Arc<Catalogue>,
    /// Keys the digests of typed answers.
    pub digest_key: Vec<u8>,
    pub id: Id,
    /// Whether an open attempt may be taken up instead (POST), or the id is meant as it stands (PUT).
    pub resume: bool,
    /// Its `responses` are read already: they are `answers`.
    pub body: AttemptPut,
    pub answers: Vec<Sent>,
}

/// Starts, resumes or brings an attempt. Repeating it changes nothing.
pub fn bring_attempt(conn: &mut Conn, call: &AttemptCall) -> Stored<AttemptOutcome> {
    let learner = learners::acting_for(conn, &call.who, call.body.learner.as_ref())?;
    check_context(&call.body.context)?;
    check_purpose(&call.who, call.body.purpose)?;
    if call.answers.len() > rules::MOST_RESPONSES {
        return Err(Problem::body("/responses", "holds more than 200 answers."));
    }
    let version = call.catalogue.wanted(&call.body.lesson, call.body.version.as_deref())?;
    match store::find(conn, call.who.tenant, call.id)? {
        Some(row) => again(conn, call, known_attempt(call, row, learner, &version)?, &version),
        None => match start(conn, call, learner, &version)? {
            (row, true) => bring_new(conn, call, row, &version),
            (row, false) => again(conn, call, row, &version),
        },
    }
}

/// A new attempt: all that there is to know of it is in the call.
fn bring_new(conn: &mut Conn, call: &AttemptCall, row: AttemptRow, version: &Version) -> Stored<AttemptOutcome> {
    let (results, answers) = match call.answers.is_empty() {
        true => (None, Vec::new()),
        false => save::first(conn, &save_of(call, row.id), &row).map(|(results, answers)| (Some(results), answers))?,
    };
    let refused = results.as_deref().and_then(refusals::not_submitted);
    let (row, items, not_submitted) = match (call.body.submit, refused) {
        (Submit::No, _) => (row, SeenItems::Stored(None), None),
        (Submit::Yes, Some(refused)) => {
            let row = stay_open(conn, call, row, version, results.as_deref().unwrap_or_default())?;
            (row, SeenItems::Stored(None), Some(refused))
        }
        (Submit::Yes | Submit::DespiteRefusals, _) => {
            let key_seen = row.key_seen_before;
            let ClosedAttempt { row, items } = close(conn, &call.who, version, row, &answers, key_seen, submitted(call))?;
            (row, items, None)
        }
    };
    let shown = view::shown_of_attempt(conn, &call.who, &call.catalogue, version, &row)?;
    Ok(AttemptOutcome { seen: SeenAttempt { row, items, answers, shown }, created: true, results, not_submitted })
}

/// An attempt that was there already.
fn again(conn: &mut Conn, call: &AttemptCall, row: AttemptRow, version: &Version) -> Stored<AttemptOutcome> {
    let results = save(conn, call, &row)?;
    let refused = results.as_deref().and_then(refusals::not_submitted);
    let is_open = row.state() != rules::AttemptState::Submitted;
    let (row, not_submitted) = match (call.body.submit, refused) {
        (Submit::No, _) => (row, None),
        (Submit::Yes, Some(refused)) if is_open => {
            (stay_open(conn, call, row, version, results.as_deref().unwrap_or_default())?, Some(refused))
        }
        (Submit::Yes | Submit::DespiteRefusals, _) => {
            (grade_and_close(conn, &call.who, &call.catalogue, row.id, submitted(call))?, None)
        }
    };
    let seen = SeenAttempt::of(conn, &call.who, &call.catalogue, row)?;
    Ok(AttemptOutcome { seen, created: false, results, not_submitted })
}

/// An attempt with refused answers waits for them to be mended, on the version that the learner saw.
fn stay_open(
    conn: &mut Conn,
    call: &AttemptCall,
    row: AttemptRow,
    newest: &Version,
    results: &[SaveResult],
) -> Stored<AttemptRow> {
    if row.state() != rules::AttemptState::Arriving {
        return Ok(row);
    }
    let is_named = call.body.version.is_some() || call.catalogue.versions_of(&newest.slug).len() < 2;
    if let Some(problem) = refusals::version_wanted(results, &newest.digest).filter(|_| !is_named) {
        return Err(problem);
    }
    let tenant = call.who.tenant;
    if call.body.purpose != Purpose::Preview
        && let Some(open) = store::open_attempt(conn, tenant, row.learner_id, &row.lesson, &row.placement)?
    {
        return Err(refusals::cannot_stay_open(results, open.id));
    }
    store::keep_open(conn, tenant, row.id)?;
    Ok(AttemptRow { state: rules::AttemptState::InProgress.name().to_owned(), ..row })
}

fn check_context(context: &Context) -> Result<(), Problem> {
    for (name, value) in [("platform", &context.platform), ("group", &context.group), ("placement", &context.placement)] {
        if value.as_ref().is_some_and(|text| text.chars().count() > rules::CONTEXT_TEXT || text.chars().any(char::is_control)) {
            return Err(Problem::body(format!("/context/{name}"), "must be at most 255 characters without control characters."));
        }
    }
    let size = serde_json::to_string(&context.metadata).map_or(0, |text| text.len());
    if context.metadata.len() > rules::METADATA_ENTRIES || size > rules::METADATA_BYTES {
        return Err(Problem::body("/context/metadata", "must have at most 20 entries and 4096 bytes."));
    }
    Ok(())
}

fn check_purpose(who: &Who, purpose: Purpose) -> Result<(), Problem> {
    match (purpose, who.principal) {
        (Purpose::Preview, Principal::Learner(_)) => {
            Err(Problem::new(Code::Forbidden, "Only staff preview a quiz; a learner's purpose is assigned or practice."))
        }
        _ => Ok(()),
    }
}

fn id_unavailable() -> Problem {
    Problem::new(Code::IdUnavailable, "Something else already has this id. Choose a new one.")
}

/// An attempt that is there already: the same one again, or somebody else's id.
fn known_attempt(call: &AttemptCall, row: AttemptRow, learner: Id, version: &Version) -> Stored<AttemptRow> {
    if row.learner_id != learner {
        return Err(id_unavailable());
    }
    if row.lesson != version.slug || (call.body.version.is_some() && row.version != version.digest) {
        let detail = format!("The attempt was made on the lesson {} in version {}, and stays there.", row.lesson, row.version);
        return Err(Problem::new(Code::IllegalState, detail).with("state", row.state.clone()));
    }
    Ok(row)
}

fn start(conn: &mut Conn, call: &AttemptCall, learner: Id, version: &Arc<Version>) -> Stored<(AttemptRow, bool)> {
    let (who, body) = (&call.who, &call.body);
    learners::lock_writable(conn, who.tenant, learner)?;
    // The same call at the same moment held the lock until its attempt was there: then this one is its repetition.
    if let Some(row) = store::find(conn, who.tenant, call.id)? {
        return Ok((known_attempt(call, row, learner, version)?, false));
    }
    let placement = body.context.placement.clone().unwrap_or_default();
    let whole = body.submit != Submit::No;
    let standing = store::standing(conn, who.tenant, learner, &version.slug, None)?;
    if !whole
        && body.purpose != Purpose::Preview
        && let Some(beside) = standing.open_in(&placement)
        && let Some(open) = the_open_one(conn, who.tenant, (learner, &version.slug, &placement), beside)?
    {
        if call.resume {
            return Ok((open, false));
        }
        let detail = format!("The attempt {} is open in this placement. Go on with it or submit it.", open.id);
        return Err(Problem::new(Code::AttemptOpen, detail).with("attempt", open.id.to_string()));
    }
    let counted_in = standing.counted_in(&placement, who.own_learner().is_none()).to_owned();
    let allowed = standing::allowed(&version.content.quiz.policy, call.catalogue.newest_policy(version));
    let used = || standing.used(&counted_in);
    let begun = records::rules::occurred(body.started.as_ref().map(|started| started.at), body.sent_at, who.now);
    call.catalogue.check_open(version, begun.at)?;
    let over =
        body.purpose == Purpose::Assigned && allowed.is_some_and(|allowed| usize::try_from(allowed).is_ok_and(|n| used() >= n));
    if over && !whole {
        return Err(Problem::new(Code::AttemptsUsed, "Every allowed attempt of this placement was used.")
            .with("attempts_allowed", allowed)
            .with("counted_in", counted_in));
    }
    let row = AttemptRow {
        attempt_number: standing.next_number(&placement),
        key_seen_before: key_seen(&call.catalogue, &version.slug, &standing),
        over_limit: over,
        counted_in,
        placement,
        ..new_row(call, learner, version)
    };
    if !store::insert(conn, &row)? {
        // Taken between our look and now, for another learner: ours are counted one after the other.
        return Err(id_unavailable());
    }
    ATTEMPTS.spend(conn, (who.tenant, learner), 0, who.now)?;
    records::check_day(conn, who)?;
    records::append(conn, who, vec![started(&row, version)])?;
    Ok((row, true))
}

/// The attempt that has the place of the open one. Since a merge there may be several that are open; where none has the place, one of
/// them takes it.
fn the_open_one(
    conn: &mut Conn,
    tenant: Id,
    (learner, lesson, placement): (Id, &str, &str),
    one: Id,
) -> Stored<Option<AttemptRow>> {
    match store::open_attempt(conn, tenant, learner, lesson, placement)? {
        Some(open) => Ok(Some(open)),
        None => store::take_place(conn, tenant, one),
    }
}

/// The row of a new attempt, all but what follows from earlier ones.
fn new_row(call: &AttemptCall, learner: Id, version: &Version) -> AttemptRow {
    let (who, body) = (&call.who, &call.body);
    let occurred = records::rules::occurred(body.started.as_ref().map(|started| started.at), body.sent_at, who.now);
    let asked = body.language.as_deref();
    let quiz = &version.content.quiz;
    let order = order::order(quiz, &call.id.to_string(), &version.digest);
    let drawn = order::packed(quiz, &order);
    AttemptRow {
        tenant_id: who.tenant,
        id: call.id,
        learner_id: learner,
        client_id: who.client,
        lesson: version.slug.clone(),
        version: version.digest.clone(),
        language: crate::lessons::rules::negotiate(asked, &version.languages, version.default_language()),
        purpose: body.purpose.name().to_owned(),
        placement: String::new(),
        counted_in: String::new(),
        context: Json::of(&body.context),
        state: if body.submit != Submit::No { rules::AttemptState::Arriving } else { rules::AttemptState::InProgress }
            .name()
            .to_owned(),
        attempt_number: 1,
        key_seen_before: false,
        over_limit: false,
        item_order: if drawn.is_some() { store::same() } else { JsonText::of(&order) },
        drawn,
        started: occurred.stored(),
        started_at: occurred.at,
        submitted_at: None,
        result: None,
        grader_version: None,
        raw_milli: None,
        scaled_e4: None,
        passed: None,
        revision: 1,
        created_at: who.now,
        updated_at: who.now,
    }
}

fn started(row: &AttemptRow, version: &Version) -> RecordDraft {
    RecordDraft {
        kind: "attempt.started",
        learner: Some(row.learner_id),
        object: object(row, version),
        place: Some(place(row, version)),
        context: row.context.clone(),
        occurred: Occurred::of_stored(&row.started).unwrap_or_else(|_| records::now(row.started_at)),
        body: json!({"attempt_number": row.attempt_number, "purpose": row.purpose, "key_seen_before": row.key_seen_before, "over_limit": row.over_limit}),
    }
}

fn save(conn: &mut Conn, call: &AttemptCall, row: &AttemptRow) -> Stored<Option<Vec<SaveResult>>> {
    if call.answers.is_empty() {
        return Ok(None);
    }
    let mut results = Save::run(conn, &[save_of(call, row.id)])?;
    results.pop().transpose()
}

fn save_of(call: &AttemptCall, attempt: Id) -> Save {
    Save {
        who: call.who.clone(),
        attempt,
        answers: call.answers.clone(),
        sent_at: call.body.sent_at,
        catalogue: call.catalogue.clone(),
        digest_key: call.digest_key.clone(),
    }
}

/// When the learner pressed submit.
fn submitted(call: &AttemptCall) -> Occurred {
    records::rules::occurred(call.body.submitted_at, call.body.sent_at, call.who.now)
}
