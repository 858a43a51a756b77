//! `/openapi.json`, and the pages under `/docs`, which work offline.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Resource, Route, get, guard, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use waymark_curriculum::render::RichText;

use crate::error::{Code, Problem};
use crate::state::AppState;
use crate::web::encoded::Encoded;

/// The contract document
///
/// This document, OpenAPI 3.1.
#[utoipa::path(tag = "Operation", responses((status = 200, description = "OpenAPI 3.1.", body = Object), (status = 304, description = "Not changed.")), security(()))]
#[get("/openapi.json")]
pub async fn openapi_json(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    state.document.page.public(&request)
}

/// The pages under `/docs`, and the way to them from the top.
pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(page("/", read_route().to(|| leads_to("/docs"))))
        .service(page("/docs", read_route().to(|| leads_to("/docs/"))))
        .service(page("/docs/errors", read_route().to(errors)))
        .service(page("/docs/signals", read_route().to(crate::diagnosis::page::signals)))
        .service(page("/docs/glossary", read_route().to(crate::lessons::reference::http::glossary_page)))
        .service(page("/docs/field-guide", read_route().to(crate::lessons::reference::http::field_guide_page)))
        .service(web::resource("/docs/{file:.*}").route(read_route().to(browser)).default_service(web::to(not_of_the_browser)));
}

/// The contract document as a page to read and to try: Swagger UI, from the program itself.
async fn browser(file: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let file = browser_file(&file).ok_or_else(|| Problem::not_found("such page"))?;
    let mut answer = file.public(&request);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(BROWSER_POLICY));
    Ok(answer)
}

async fn not_of_the_browser(file: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(match browser_file(&file) {
        Some(_) => only_read(&request),
        None => Problem::not_found("such page"),
    })
}

/// Its styles stand in its elements, and it shows what the service answers to a trial.
const BROWSER_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file of the browser, kept once it was asked for.
fn browser_file(name: &str) -> Option<Arc<Encoded>> {
    static FILES: Mutex<BTreeMap<String, Arc<Encoded>>> = Mutex::new(BTreeMap::new());
    let name = if name.is_empty() { "index.html" } else { name };
    if let Some(there) = FILES.lock().get(name) {
        return Some(there.clone());
    }
    let config = utoipa_swagger_ui::Config::new(["/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(false)
        .validator_url("none");
    let file = utoipa_swagger_ui::serve(name, Arc::new(config)).ok().flatten()?;
    let bytes = if file.gzpipped { unpacked(&file.bytes)? } else { file.bytes.into_owned() };
    let bytes = if name == "index.html" { titled(&bytes) } else { bytes };
    let made = Arc::new(Encoded::of(bytes, media_type(name), ""));
    FILES.lock().insert(name.to_owned(), made.clone());
    Some(made)
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut whole).ok()?;
    Some(whole)
}

fn titled(page: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(page).replace("<title>Swagger UI</title>", "<title>The API of Waymark</title>").into_bytes()
}

/// Of the few kinds of files that the browser has.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "png" => "image/png",
        "map" | "json" => "application/json",
        _ => "application/octet-stream",
    }
}

fn read_route() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// A page is not in the contract document, so it says itself which methods it has.
fn page(path: &str, read: Route) -> Resource {
    web::resource(path)
        .route(read)
        .default_service(web::to(|request: HttpRequest| async move { Err::<HttpResponse, _>(only_read(&request)) }))
}

fn only_read(request: &HttpRequest) -> Problem {
    const ALLOW: &str = "GET, HEAD";
    let detail = format!("{} has {ALLOW}, not {}.", request.path(), request.method());
    Problem::new(Code::MethodNotAllowed, detail).with("allow", ALLOW).allowing(ALLOW.to_owned())
}

async fn leads_to(place: &'static str) -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, place)).finish()
}

/// Every code of [`Code`], where the `type` of a problem points to.
async fn errors(request: HttpRequest) -> HttpResponse {
    static PAGE: OnceLock<Encoded> = OnceLock::new();
    let mut answer = PAGE.get_or_init(|| Encoded::html(errors_page().into_string(), "en")).public(&request);
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
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
