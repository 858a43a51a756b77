//! Every URL of the service in one list, used by the server, by the contract document and by the tests; and what answers where
//! no route does.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::{attempts, audit, auth, authoring, diagnosis, docs, health, learners, lessons, packages, records, submissions};

/// Every URL of the service.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(auth::http::issue_token)
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
        .service(learners::http::list_learners)
        .service(learners::http::create_learner)
        .service(learners::http::put_learner_by_identity)
        .service(learners::http::read_learner)
        .service(learners::http::read_progress)
        .service(learners::http::issue_learner_token)
        .service(auth::http::issue_staff_token)
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
