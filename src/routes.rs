//! Every URL of the service in one list, used by the server, by the contract document and by the tests; and what answers where
//! no route does.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::{
    administration, attempts, audit, auth, authoring, authorization, cohorts, diagnosis, docs, health, issuers, learners,
    lessons, packages, personal_tokens, records, submissions,
};

/// Every URL of the service.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(authorization::http::issue_token)
        .service(authorization::http::revoke_token)
        .service(authorization::http::introspect_token)
        .service(authorization::http::read_server_metadata)
        .service(auth::http::jwks)
        .service(health::healthz)
        .service(health::readyz)
        .service(docs::pages::openapi_json)
        .service(v1());
}

fn v1() -> scope::Scope<
    impl actix_web::dev::ServiceFactory<
        actix_web::dev::ServiceRequest,
        Config = (),
        Response = actix_web::dev::ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    scope::scope("/v1")
        .service(lessons::http::list_courses)
        .service(lessons::reference::http::read_course)
        .service(lessons::reference::http::read_glossary)
        .service(lessons::reference::http::read_field_guide)
        .service(lessons::bundle::http::read_bundle)
        .service(lessons::bundle::http::read_bundle_archive)
        .service(lessons::bundle::http::read_bundle_part)
        .service(lessons::http::list_lessons)
        .service(lessons::http::read_lesson)
        .service(lessons::http::list_lesson_versions)
        .service(lessons::http::read_quiz)
        .service(lessons::http::read_exercise)
        .service(packages::http::read_lesson_package)
        .service(packages::http::read_course_package)
        .service(packages::http::import_package)
        .service(authoring::publication::read_source)
        .service(authoring::withdrawal::withdraw_lesson)
        .service(authoring::courses::put_course)
        .service(authoring::http::list_drafts)
        .service(authoring::http::read_draft)
        .service(authoring::http::put_draft)
        .service(authoring::http::delete_draft)
        .service(authoring::publication::validate_draft)
        .service(authoring::publication::preview_draft)
        .service(authoring::publication::publish_draft)
        .service(issuers::http::list_issuers)
        .service(issuers::http::read_issuer)
        .service(issuers::http::put_issuer)
        .service(issuers::http::delete_issuer)
        .service(personal_tokens::http::list_personal_tokens)
        .service(personal_tokens::http::read_personal_token)
        .service(personal_tokens::http::put_personal_token)
        .service(personal_tokens::http::delete_personal_token)
        .service(learners::http::list_learners)
        .service(learners::http::create_learner)
        .service(learners::http::put_learner_by_identity)
        .service(learners::http::read_learner)
        .service(learners::http::read_progress)
        .service(learners::http::issue_learner_token)
        .service(learners::identities::list_identities)
        .service(learners::identities::put_identity)
        .service(learners::identities::remove_learner_identity)
        .service(learners::life::deactivate_learner)
        .service(learners::life::reactivate_learner)
        .service(learners::merging::claims::put_claim)
        .service(learners::merging::claims::undo_claim)
        .service(learners::merging::http::list_learner_merges)
        .service(learners::merging::http::read_learner_merge)
        .service(learners::merging::http::put_learner_merge)
        .service(learners::merging::http::undo_learner_merge)
        .service(authorization::sign_out::sign_out_learner)
        .service(authorization::sign_out::sign_out_staff)
        .service(auth::http::issue_staff_token)
        .service(cohorts::http::list_cohorts)
        .service(cohorts::http::read_cohort)
        .service(cohorts::http::put_cohort)
        .service(cohorts::http::delete_cohort)
        .service(cohorts::roster::http::import_roster)
        .service(cohorts::members::list_cohort_learners)
        .service(cohorts::members::put_cohort_learner)
        .service(cohorts::members::remove_cohort_learner)
        .service(cohorts::members::put_cohort_instructor)
        .service(cohorts::members::remove_cohort_instructor)
        .service(attempts::http::list_attempts)
        .service(attempts::http::start_attempt)
        .service(attempts::http::read_attempt)
        .service(attempts::http::put_attempt)
        .service(attempts::http::put_responses)
        .service(attempts::http::put_response)
        .service(attempts::http::submit_attempt)
        .service(attempts::regrades::gradings::list_gradings)
        .service(attempts::regrades::http::list_regrades)
        .service(attempts::regrades::http::create_regrade)
        .service(attempts::regrades::http::read_regrade)
        .service(attempts::regrades::http::put_regrade)
        .service(submissions::http::list_submissions)
        .service(submissions::http::create_submission)
        .service(submissions::http::read_submission)
        .service(submissions::http::put_submission)
        .service(submissions::http::submit_submission)
        .service(submissions::http::list_revisions)
        .service(submissions::reviews::http::list_reviews)
        .service(submissions::reviews::http::create_review)
        .service(diagnosis::http::list_diagnoses)
        .service(diagnosis::http::run_diagnosis)
        .service(diagnosis::http::read_diagnosis)
        .service(diagnosis::http::put_diagnosis)
        .service(diagnosis::http::erase_diagnosis)
        .service(diagnosis::signals::http::list_signals)
        .service(diagnosis::signals::http::read_signal)
        .service(diagnosis::signals::http::put_signal)
        .service(diagnosis::signals::http::delete_signal)
        .service(records::http::list_records)
        .service(administration::clients::http::list_clients)
        .service(administration::clients::http::create_client)
        .service(administration::clients::http::read_client)
        .service(administration::clients::http::put_client)
        .service(administration::clients::http::rotate_client_secret)
        .service(administration::clients::http::turn_client_off)
        .service(administration::clients::http::turn_client_on)
        .service(administration::tenants::list_tenants)
        .service(administration::tenants::read_tenant)
        .service(administration::tenants::put_tenant)
        .service(administration::tenants::suspend_tenant)
        .service(administration::tenants::resume_tenant)
        .service(administration::quotas::read_quotas)
        .service(administration::quotas::put_tenant_quotas)
        .service(administration::signing::list_keys)
        .service(administration::signing::rotate_keys)
        .service(audit::http::list_audit_entries)
        .service(audit::http::export_audit_entries)
}

/// What no route took: 405 with `Allow` where the path exists, else 404.
pub async fn fallback(state: Data<AppState>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let methods = state.document.paths.iter().find(|(path, _)| path.is_match(request.path())).map(|(_, methods)| methods);
    match methods {
        None => Err(Problem::new(
            Code::NotFound,
            format!("There is nothing at {}. The paths are in /openapi.json and /docs.", request.path()),
        )),
        Some(methods) => {
            let allow = crate::web::outer::allow_header(methods);
            let detail = format!("{} has {allow}, not {}.", request.path(), request.method());
            Err(Problem::new(Code::MethodNotAllowed, detail).with("allow", allow.clone()).allowing(allow))
        }
    }
}
