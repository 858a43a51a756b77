//! `/openapi.json`, and the pages under `/docs`, which work offline.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Resource, Route, get, guard, web};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use waymark_curriculum::render::RichText;

use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::web::conditional;

/// The contract document
///
/// This document, OpenAPI 3.1.
#[utoipa::path(tag = "Operation", responses((status = 200, description = "OpenAPI 3.1.", body = Object), (status = 304, description = "Not changed.")), security(()))]
#[get("/openapi.json")]
pub async fn openapi_json(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    let etag = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    let mut answer = if conditional::matches(&request, etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, "no-cache"));
    answer.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if conditional::matches(&request, etag) {
        answer.finish()
    } else {
        answer.content_type("application/json").body(state.document.json.clone())
    }
}

/// The pages under `/docs`, and the way to them from the top.
pub fn pages(config: &mut web::ServiceConfig) {
    let browser = utoipa_swagger_ui::Config::new(["/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(false)
        .validator_url("none");
    config
        .service(page("/", read_route().to(|| leads_to("/docs"))))
        .service(page("/docs", read_route().to(|| leads_to("/docs/"))))
        .service(page("/docs/errors", read_route().to(errors)))
        .service(page("/docs/signals", read_route().to(crate::diagnosis::page::signals)))
        .service(page("/docs/glossary", read_route().to(crate::lessons::reference::http::glossary_page)))
        .service(page("/docs/field-guide", read_route().to(crate::lessons::reference::http::field_guide_page)))
        .service(utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}").config(browser));
}

fn read_route() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A page is not in the contract document, so it says itself which methods it has.
fn page(path: &str, read: Route) -> Resource {
    web::resource(path).route(read).default_service(web::to(|request: HttpRequest| async move {
        const ALLOW: &str = "GET, HEAD";
        let detail = format!("{} has {ALLOW}, not {}.", request.path(), request.method());
        Err::<HttpResponse, _>(Problem::new(Code::MethodNotAllowed, detail).with("allow", ALLOW).allowing(ALLOW.to_owned()))
    }))
}

async fn leads_to(place: &'static str) -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, place)).finish()
}

/// Every code of [`Code`], where the `type` of a problem points to.
async fn errors() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(errors_page().into_string())
}

fn errors_page() -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Errors of Waymark" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Errors" }
                    p {
                        "Every failure is " code { "application/problem+json" } " (RFC 9457) with one of these codes. Decide by "
                        code { "code" } " and " code { "retry" } ", show " code { "detail" } ", and quote " code { "request_id" }
                        " when you report one."
                    }
                    @for code in Code::ALL { (section(*code)) }
                }
            }
        }
    }
}

/// What a code means is Markdown, like the descriptions in the contract document.
fn section(code: Code) -> Markup {
    let retry = serde_json::to_value(code.retry()).unwrap_or_default();
    html! {
        section id=(code.name()) {
            h2 { code { (code.name()) } " " span { (code.status()) } }
            p { strong { (code.title()) "." } }
            (PreEscaped(RichText::of(code.meaning()).html))
            p { "retry: " code { (retry.as_str().unwrap_or_default()) } }
        }
    }
}

const STYLE: &str = include_str!("errors.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_and_no_markdown_is_left() {
        let page = errors_page().into_string();
        assert_eq!(page.matches("<section id=").count(), Code::ALL.len());
        for code in Code::ALL {
            let own = section(*code).into_string();
            assert!(page.contains(&own) && own.contains(code.title()), "{own}");
            let ticks = code.meaning().matches('`').count();
            assert_eq!(own.matches("<code>").count(), ticks / 2 + 2, "{own}");
        }
        assert!(!page.contains('`') && !page.contains("**") && !page.contains("&#96;") && !page.contains("]("), "{page}");
        assert!(page.contains("<code>Authorization: Bearer &lt;token&gt;</code>"), "{page}");
    }
}
