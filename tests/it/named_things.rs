//! What every operation of the document and each of its parameters names, for `other_peoples_things.rs`.

use crate::belongings::Thing::{self, *};
use crate::document::Operation;

/// The operation, each of its parameters that names something (`path:`, `query:`, or `body:` with a pointer), and, where there is
/// none, why not.
pub const TABLE: &[(&str, &[(&str, Thing)], &str)] = &[
    ("issue_token", &[], "public: names its own client, with the client's secret"),
    ("revoke_token", &[], "public: names its own client, with the client's secret; strangers_at_oauth.rs tries others' tokens"),
    (
        "introspect_token",
        &[],
        "public: names its own client, with the client's secret; strangers_at_oauth.rs tries others' tokens",
    ),
    ("read_server_metadata", &[], "public"),
    ("jwks", &[], "public"),
    ("healthz", &[], "public"),
    ("readyz", &[], "public"),
    ("openapi_json", &[], "public"),
    ("list_courses", &[], "its own tenant's"),
    ("read_course", &[("path:slug", Course)], ""),
    ("put_course", &[("path:slug", Course), ("body:/lessons", Lessons)], ""),
    ("read_glossary", &[("path:slug", Course)], ""),
    ("read_field_guide", &[("path:slug", Course)], ""),
    ("read_bundle", &[("path:slug", Course)], ""),
    ("read_bundle_archive", &[("path:slug", Course)], ""),
    ("read_bundle_part", &[("path:sha256", BundlePart)], ""),
    ("list_lessons", &[], "its own tenant's"),
    ("read_lesson", &[("path:slug", Lesson), ("query:version", Version)], ""),
    ("list_lesson_versions", &[("path:slug", Lesson)], ""),
    ("read_quiz", &[("path:slug", Lesson), ("query:version", Version)], ""),
    ("read_exercise", &[("path:slug", Lesson), ("query:version", Version)], ""),
    ("read_lesson_package", &[("path:slug", Lesson), ("query:version", Version)], ""),
    ("read_course_package", &[("path:slug", Course)], ""),
    ("import_package", &[], "reads what it is sent, and stores nothing"),
    ("read_source", &[("path:slug", Lesson), ("query:version", Version)], ""),
    ("withdraw_lesson", &[("path:slug", Lesson)], ""),
    ("list_drafts", &[("query:cursor", Cursor)], ""),
    ("read_draft", &[("path:slug", Draft)], ""),
    ("put_draft", &[("path:slug", Draft)], ""),
    ("delete_draft", &[("path:slug", Draft)], ""),
    ("validate_draft", &[("path:slug", Draft)], ""),
    ("preview_draft", &[("path:slug", Draft)], ""),
    ("publish_draft", &[("path:slug", Draft)], ""),
    ("list_learners", &[("query:cursor", Cursor), ("query:identity", IdentityId)], ""),
    ("create_learner", &[("body:/identities", Identities)], ""),
    ("put_learner_by_identity", &[("query:id", IdentityId)], ""),
    ("read_learner", &[("path:id", Learner)], ""),
    ("read_progress", &[("path:id", Learner)], ""),
    ("issue_learner_token", &[("path:id", Learner)], ""),
    ("list_identities", &[("path:id", Learner)], ""),
    ("put_identity", &[("path:id", Learner), ("body:/id", IdentityId)], ""),
    ("remove_learner_identity", &[("path:id", Learner), ("query:identity", IdentityId)], ""),
    ("deactivate_learner", &[("path:id", Learner)], ""),
    ("reactivate_learner", &[("path:id", Learner)], ""),
    (
        "put_claim",
        &[("path:id", Learner), ("path:claim", Merge), ("body:/guest", Learner), ("body:/guest_token", LearnerToken)],
        "",
    ),
    ("undo_claim", &[("path:id", Learner), ("path:claim", Merge)], ""),
    ("list_learner_merges", &[("query:cursor", Cursor)], ""),
    ("read_learner_merge", &[("path:id", Merge)], ""),
    ("put_learner_merge", &[("path:id", Merge), ("body:/into", Learner), ("body:/from", Learner)], ""),
    ("undo_learner_merge", &[("path:id", Merge)], ""),
    ("sign_out_learner", &[("path:id", Learner)], ""),
    ("sign_out_staff", &[], "staff have ids of the client's own choice"),
    ("issue_staff_token", &[], "staff have ids of the client's own choice, and nothing is kept under them"),
    ("list_cohorts", &[("query:cursor", Cursor)], ""),
    ("read_cohort", &[("path:id", Cohort)], ""),
    ("put_cohort", &[("path:id", Cohort), ("body:/external_id", CohortName)], ""),
    ("delete_cohort", &[("path:id", Cohort)], ""),
    ("list_cohort_learners", &[("path:id", Cohort), ("query:cursor", Cursor)], ""),
    ("put_cohort_learner", &[("path:id", Cohort), ("path:learner", Learner)], ""),
    ("remove_cohort_learner", &[("path:id", Cohort), ("path:learner", Learner)], ""),
    ("import_roster", &[], "names things as the caller's own systems call them, in the caller's own tenant"),
    ("put_cohort_instructor", &[("path:id", Cohort)], ""),
    ("remove_cohort_instructor", &[("path:id", Cohort)], ""),
    (
        "list_attempts",
        &[("query:cursor", Cursor), ("query:learner", Learner), ("query:cohort", Cohort), ("query:lesson", Lesson)],
        "",
    ),
    (
        "start_attempt",
        &[
            ("body:/learner/id", Learner),
            ("body:/learner/identity", Identity),
            ("body:/lesson", Lesson),
            ("body:/version", Version),
        ],
        "",
    ),
    ("read_attempt", &[("path:id", Attempt)], ""),
    (
        "put_attempt",
        &[
            ("path:id", Attempt),
            ("body:/learner/id", Learner),
            ("body:/learner/identity", Identity),
            ("body:/lesson", Lesson),
            ("body:/version", Version),
        ],
        "",
    ),
    ("put_responses", &[("path:id", Attempt)], ""),
    ("put_response", &[("path:id", Attempt)], ""),
    ("submit_attempt", &[("path:id", Attempt)], ""),
    ("list_gradings", &[("path:id", Attempt)], ""),
    ("list_regrades", &[("query:cursor", Cursor)], ""),
    ("create_regrade", &[("body:/lesson", Lesson), ("body:/from", Version), ("body:/to", Version)], ""),
    ("read_regrade", &[("path:id", Regrade)], ""),
    ("put_regrade", &[("path:id", Regrade), ("body:/lesson", Lesson), ("body:/from", Version), ("body:/to", Version)], ""),
    (
        "list_submissions",
        &[("query:cursor", Cursor), ("query:learner", Learner), ("query:cohort", Cohort), ("query:lesson", Lesson)],
        "",
    ),
    (
        "create_submission",
        &[
            ("body:/learner/id", Learner),
            ("body:/learner/identity", Identity),
            ("body:/lesson", Lesson),
            ("body:/version", Version),
        ],
        "",
    ),
    ("read_submission", &[("path:id", Submission)], ""),
    (
        "put_submission",
        &[
            ("path:id", Submission),
            ("body:/learner/id", Learner),
            ("body:/learner/identity", Identity),
            ("body:/lesson", Lesson),
            ("body:/version", Version),
        ],
        "",
    ),
    ("submit_submission", &[("path:id", Submission)], ""),
    ("list_revisions", &[("path:id", Submission), ("query:cursor", Cursor)], ""),
    ("list_reviews", &[("path:id", Submission), ("query:cursor", Cursor)], ""),
    ("create_review", &[("path:id", Submission)], ""),
    ("list_diagnoses", &[("query:cursor", Cursor), ("query:learner", Learner)], ""),
    ("run_diagnosis", &[], "what is kept is the caller's own, at an id of ours"),
    ("read_diagnosis", &[("path:id", Diagnosis)], ""),
    ("put_diagnosis", &[("path:id", Diagnosis)], ""),
    ("erase_diagnosis", &[("path:id", Diagnosis)], ""),
    ("list_signals", &[("query:cursor", Cursor)], ""),
    ("read_signal", &[("path:signal", Signal)], ""),
    ("put_signal", &[("path:signal", Signal), ("body:/instead_of", Signals)], ""),
    ("delete_signal", &[("path:signal", Signal)], ""),
    ("list_clients", &[("query:cursor", Cursor)], ""),
    ("create_client", &[], "what is made is the caller's own, at an id of ours"),
    ("read_client", &[("path:id", Client)], ""),
    ("put_client", &[("path:id", Client)], ""),
    ("rotate_client_secret", &[("path:id", Client)], ""),
    ("disable_client", &[("path:id", Client)], ""),
    ("enable_client", &[("path:id", Client)], ""),
    ("list_tenants", &[("query:cursor", Cursor)], ""),
    ("read_tenant", &[("path:id", Tenant)], ""),
    ("put_tenant", &[("path:id", Tenant)], ""),
    ("suspend_tenant", &[("path:id", Tenant)], ""),
    ("resume_tenant", &[("path:id", Tenant)], ""),
    ("read_quotas", &[("path:id", Tenant)], ""),
    ("put_tenant_quotas", &[("path:id", Tenant)], ""),
    ("list_keys", &[], "the installation's"),
    ("rotate_keys", &[], "the installation's"),
    ("list_issuers", &[], "its own tenant's"),
    ("read_issuer", &[("path:id", Issuer)], ""),
    ("put_issuer", &[("path:id", Issuer), ("body:/issuer", IssuerName)], ""),
    ("delete_issuer", &[("path:id", Issuer)], ""),
    ("list_personal_tokens", &[("query:cursor", Cursor)], ""),
    ("read_personal_token", &[("path:id", PersonalToken)], ""),
    ("put_personal_token", &[("path:id", PersonalToken)], ""),
    ("delete_personal_token", &[("path:id", PersonalToken)], ""),
    ("list_audit_entries", &[("query:cursor", Cursor), ("query:object_id", Client), ("query:principal", Actor)], ""),
    ("export_audit_entries", &[], "its own tenant's; `after` is a number of the tenant's own chain"),
    ("list_records", &[("query:after", Cursor), ("query:learner", Learner), ("query:lesson", Lesson)], ""),
];

/// Parameters and members of bodies that name nothing that is kept: of every operation, or of one.
#[rustfmt::skip]
const INERT: &[&str] = &[
    // how it is shown
    "language",
    "format",
    "limit",
    "report",
    "dry_run",
    "keep",
    // words to look for, closed lists
    "state",
    "q",
    "provider",
    "layer",
    "stage",
    "kind",
    "scopes",
    "ttl_seconds",
    "purpose",
    "between",
    "owner",
    "surface",
    // goes with an identity's id, which is tried
    "system",
    // goes with an object's id, which is tried
    "object_type",
    // times, orders and places in the tenant's own log
    "act",
    "order",
    "list_audit_entries.from",
    "list_audit_entries.to",
    "export_audit_entries.after",
    // of keys and clients
    "algorithm",
    "compromised",
    "jwks",
    "overlap_seconds",
    "secret",
    "audience",
    "subject_claim",
    "roles",
    "role",
    "expires_in_days",
    // numbers
    "put_tenant_quotas.versions",
    "put_tenant_quotas.version_bytes",
    "put_tenant_quotas.drafts",
    "put_tenant_quotas.signals",
    "put_tenant_quotas.records_per_day",
    // a staff member's id, of the client's choice, or the calling client
    "put_personal_token.principal",
    // a part of what the path names
    "put_response.item_id",
    // a staff member's id, of the client's choice
    "issue_staff_token.id",
    // a staff member's id, of whoever gives it
    "staff",
    "sign_out_staff.id",
    // written by the caller
    "due",
    "name",
    "default_language",
    "title",
    "summary",
    "put_draft.lesson",
    "quiz",
    "put_draft.exercise",
    "context",
    "started",
    "submitted_at",
    "sent_at",
    "responses",
    "submit",
    "seq",
    "response",
    "answered_at",
    "active_ms",
    "reason",
    "evidence",
    "diagnosis",
    "reframe",
    "escalation",
    "comment",
    "score",
    "criteria",
    "submission_revision",
    "model",
    "http",
    "visible_text",
    "observed",
    "comparison",
    "happened_on",
    "weight",
    "when",
    "meaning",
    "next_step",
    "would_change",
    "collect",
    "sources",
    "reviewed_on",
    "examples",
    // of the lesson that is named beside it, whose content everybody may see who sees the lesson
    "exercise",
    "case",
];

pub fn id_of(operation: &Operation) -> &str {
    operation.value["operationId"].as_str().unwrap()
}

/// What each operation names; or, of every operation, parameter and member that nobody has classified, what to do.
pub fn classified(all: &[Operation]) -> Vec<(&Operation, &'static [(&'static str, Thing)])> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for operation in all {
        let id = id_of(operation);
        let Some((_, names, reason)) = TABLE.iter().find(|(name, _, _)| *name == id) else {
            missing.push(format!(
                "{operation}: add {id:?} to TABLE with each parameter that names something which is kept (and a Thing of its kind to \
                 belongings.rs, if it is a new one), or with the reason why it names nothing"
            ));
            continue;
        };
        if names.is_empty() == reason.is_empty() {
            missing.push(format!("{operation}: TABLE says neither what {id} names nor why it names nothing, or both"));
        }
        if operation.secured() == reason.starts_with("public") {
            missing.push(format!("{operation}: public is what needs no token"));
        }
        let said = |place: &str, name: &str| {
            let exactly = format!("{place}:{name}");
            let within = format!("body:/{name}");
            let known = names
                .iter()
                .any(|(at, _)| *at == exactly || place == "body" && (*at == within || at.starts_with(&format!("{within}/"))));
            known || INERT.contains(&name) || INERT.contains(&format!("{id}.{name}").as_str())
        };
        let parameters = ["path", "query"].map(|place| (place, operation.parameters(place)));
        let mut all: Vec<(&str, String)> = Vec::new();
        for (place, parameters) in parameters {
            all.extend(parameters.iter().map(|one| (place, one["name"].as_str().unwrap().to_owned())));
        }
        all.extend(operation.properties().into_iter().map(|(name, _)| ("body", name)));
        if operation.secured() {
            for (place, name) in all.into_iter().filter(|(place, name)| !said(place, name)) {
                missing.push(format!(
                    "{operation}: its {place} has {name}: say in TABLE what it names, or in INERT that it names nothing"
                ));
            }
        }
        found.push((operation, *names));
    }
    for (id, _, _) in TABLE {
        if !all.iter().any(|operation| id_of(operation) == *id) {
            missing.push(format!("TABLE has {id}, which is no operation of the document"));
        }
    }
    assert!(missing.is_empty(), "\n  {}", missing.join("\n  "));
    found
}
