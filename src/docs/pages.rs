//! `/openapi.json`, and the pages under `/docs`, which work offline.

use std::fmt::Write;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get, web};

use crate::error::Code;
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

/// The pages under `/docs`.
pub fn pages(config: &mut web::ServiceConfig) {
    let browser = utoipa_swagger_ui::Config::new(["/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(false)
        .validator_url("none");
    config
        .route("/docs", web::get().to(|| async { HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish() }))
        .route("/docs/errors", web::get().to(errors))
        .route("/docs/signals", web::get().to(crate::diagnosis::page::signals))
        .route("/docs/glossary", web::get().to(crate::lessons::reference::http::glossary_page))
        .route("/docs/field-guide", web::get().to(crate::lessons::reference::http::field_guide_page))
        .service(utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}").config(browser));
}

/// Every code of [`Code`], where the `type` of a problem points to.
async fn errors() -> HttpResponse {
    let mut rows = String::new();
    for code in Code::ALL {
        let retry = serde_json::to_value(code.retry()).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        let _ = write!(
            rows,
            "<section id=\"{0}\"><h2><code>{0}</code> <span>{1}</span></h2><p><strong>{2}.</strong> {3}</p><p>retry: <code>{4}</code></p></section>",
            code.name(),
            code.status(),
            ammonia::clean_text(code.title()),
            ticked(&ammonia::clean_text(code.meaning())),
            retry,
        );
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Errors of Waymark</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}}\
         h2{{font-size:1.1rem;margin:2rem 0 .3rem}}h2 span{{font-weight:400;color:#555}}p{{margin:.3rem 0}}code{{background:#f2f2f2;padding:.1em .3em}}\
         :target{{outline:3px solid #0a58ca;outline-offset:.5rem}}\
         @media(prefers-color-scheme:dark){{body{{color:#eee;background:#111}}code{{background:#222}}h2 span{{color:#aaa}}}}</style>\
         <main><h1>Errors</h1><p>Every failure is <code>application/problem+json</code> (RFC 9457) with one of these codes. \
         Decide by <code>code</code> and <code>retry</code>, show <code>detail</code>, and quote <code>request_id</code> when you report one.</p>{rows}</main></html>"
    );
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}

/// `code` in backticks as HTML; the text is escaped already.
fn ticked(text: &str) -> String {
    let text = text.replace("&#96;", "`").replace("&#32;", " ");
    text.split('`')
        .enumerate()
        .map(|(i, part)| if i % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() })
        .collect()
}
