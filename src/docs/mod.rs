//! The contract document (OpenAPI 3.1), made from the very routes that serve, and the pages under `/docs`.

#![allow(
    clippy::indexing_slicing,
    reason = "serde_json's index by name gives null where there is nothing; a test makes the whole document"
)]

mod authored;
mod examples;
mod headers;
mod operations;
pub mod pages;
mod unions;
mod vocabularies;

use actix_web::App;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::auth::Scope;
use crate::docs::operations::{operations_mut, say_too};
use crate::error::{Code, Problem, ProblemBody};
use crate::routes::routes;
use crate::state::ContractDocument;
use crate::web::encoded::Encoded;
use crate::web::meter::NEVER_COUNTED;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Waymark",
        description = "A learning-records API for one curriculum: how to tell which layer of an AI stack refused a request, and how to go on legitimately.\n\nLessons, quiz attempts and exercise submissions behind tokens; every change leaves a record in a feed that never skips and never repeats.\n\nRequests are closed: unknown fields are refused by name. Responses are open: fields and values may be added, so ignore what you do not know.\n\nPages for people: [field guide](/docs/field-guide), [glossary](/docs/glossary), [signals](/docs/signals), [errors](/docs/errors).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "Waymark contributors", url = "https://github.com/waymark")
    ),
    servers((url = "/", description = "This installation")),
    components(schemas(
        ProblemBody,
        crate::records::http::Record,
    )),
    tags(
        (name = "Lessons", description = "The curriculum: courses, lessons, quizzes, exercises."),
        (name = "Authoring", description = "Lessons that a tenant writes: drafts, what is wrong with them, publication; own courses."),
        (name = "Packages", description = "Quizzes and courses for other learning systems: QTI 3.0, 2.1 and 1.2, Common Cartridge 1.3."),
        (name = "Attempts", description = "Quiz attempts: one repeatable call for a whole offline attempt, or step by step."),
        (name = "Submissions", description = "Exercise submissions: evidence, diagnosis, reframe, escalation; feedback and review."),
        (name = "Diagnosis", description = "Which layer of a stack refused, and why; the signals by which that is told, and a tenant's own."),
        (name = "Learners", description = "Learners, their identities and their progress."),
        (name = "Cohorts", description = "Groups of learners with instructors and due dates."),
        (name = "Records", description = "The log of everything that happened, in order."),
        (name = "Audit", description = "Who did what to what, when, from where: entries that are never changed, in a chain of hashes."),
        (name = "Tokens", description = "Access tokens for clients and for people."),
        (name = "Administration", description = "A tenant's clients, issuers and personal tokens; and, from the tenant that runs the installation, tenants and signing keys."),
        (name = "Operation", description = "Health and the document itself."),
    )
)]
struct Base;

/// The document as JSON text, as `waymark openapi` prints it and `openapi/waymark.json` holds it.
pub fn contract_text() -> String {
    contract_as_text(&value())
}

fn contract_as_text(api: &Value) -> String {
    let mut text = serde_json::to_string_pretty(api).unwrap_or_default();
    text.push('\n');
    text
}

/// The schemas of the contract document, by name.
pub fn contract_schemas() -> Map<String, Value> {
    value().pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn value() -> Value {
    let (_, api) = App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes).split_for_parts();
    let mut api = serde_json::to_value(api).unwrap_or_default();
    api["info"]["version"] = json!(env!("CARGO_PKG_VERSION"));
    unions::name_variants(&mut api);
    authored::flatten_unions(&mut api);
    authored::name_texts(&mut api);
    unions::name_tags(&mut api);
    unions::leave_untyped(&mut api, "BundlePartContent");
    open_objects(&mut api);
    add_security(&mut api);
    add_acting(&mut api);
    add_costs(&mut api);
    add_common_answers(&mut api);
    headers::declare_headers(&mut api);
    add_patterns(&mut api);
    vocabularies::open_lists(&mut api);
    examples::add_examples(&mut api);
    api
}

/// Says by pattern what a name of a format only hints at, so that a client can tell before it asks.
fn add_patterns(node: &mut Value) {
    const UUID: &str = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[47][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$";
    match node {
        Value::Array(list) => list.iter_mut().for_each(add_patterns),
        Value::Object(map) => {
            if map.get("format").and_then(Value::as_str) == Some("uuid") {
                map.insert("pattern".to_owned(), json!(UUID));
            }
            let header = match map.get("name").and_then(Value::as_str).filter(|_| map.contains_key("in")) {
                Some("Idempotency-Key") => {
                    Some(json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}))
                }
                Some("If-Match") => Some(json!({"type": "string", "pattern": r#"^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$"#})),
                _ => None,
            };
            map.extend(header.map(|schema| ("schema".to_owned(), schema)));
            map.values_mut().for_each(add_patterns);
        }
        _ => {}
    }
}

/// What the server needs of the document.
pub fn contract_document() -> ContractDocument {
    let value = value();
    let paths = value["paths"].as_object().into_iter().flatten().map(|(path, item)| {
        let names = item
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, _)| Method::from_bytes(name.to_uppercase().as_bytes()).ok());
        let mut methods: Vec<Method> = names.collect();
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        methods.sort_by_key(ToString::to_string);
        (ResourceDef::new(path.as_str()), methods)
    });
    let mut paths: Vec<_> = paths.collect();
    // Literal paths before patterns: /v1/learners/by-identity before /v1/learners/{id}.
    paths.sort_by_key(|(path, _)| path.pattern().is_some_and(|p| p.contains('{')));
    ContractDocument { paths, page: Encoded::text(contract_as_text(&value), "application/json", "") }
}

/// Says of every object without named properties that it may hold any, by a pattern that every name has. Without that, a strict
/// generator makes a type of which nothing can be read; from `additionalProperties: true` Kotlin's makes code that does not compile.
fn open_objects(schema: &mut Value) {
    match schema {
        Value::Array(list) => list.iter_mut().for_each(open_objects),
        Value::Object(map) => {
            map.iter_mut().filter(|(name, _)| *name != "example").for_each(|(_, inner)| open_objects(inner));
            let bare = !map.contains_key("properties") && map.get("additionalProperties").is_none_or(|any| *any == true);
            if bare && map.get("type").is_some_and(|kind| kind == "object") {
                map.shift_remove("additionalProperties");
                map.insert("patternProperties".to_owned(), json!({"": {}}));
            }
        }
        _ => {}
    }
}

fn add_security(api: &mut Value) {
    let scopes: Map<String, Value> = Scope::ALL.iter().map(|scope| (scope.name().to_owned(), json!(scope.meaning()))).collect();
    api["components"]["securitySchemes"] = json!({"token": {
        "type": "oauth2",
        "description": "`Authorization: Bearer <token>`. Clients get tokens at `/oauth/token`; they make tokens for people at `/v1/learners/{id}/token` and `/v1/staff/{id}/token`.",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": scopes}},
    }, "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The same token, where you have one already: the first start prints one, and `waymark token` makes one.",
    }});
    // "No security" is an empty list; utoipa's `[{}]` reads "optional" to generators, which then demand a token.
    for operation in operations_mut(api) {
        if operation["security"] == json!([{}]) {
            operation["security"] = json!([]);
        } else if let Some(ways) = operation["security"].as_array_mut()
            && ways.iter().any(|way| way.get("token").is_some())
        {
            ways.push(json!({"bearer": []}));
        }
    }
}

/// Says of every operation that changes what belongs to a learner who may.
fn add_acting(api: &mut Value) {
    const WHO: &str =
        "A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.";
    for operation in operations_mut(api) {
        if operation["x-acts-for-learner"] == json!(true) {
            say_too(operation, WHO);
        }
    }
}

/// Says of every operation that costs more than one request how many it counts as.
fn add_costs(api: &mut Value) {
    for operation in operations_mut(api) {
        if let Some(cost) = operation.get("x-cost").and_then(Value::as_u64) {
            say_too(operation, &format!("It counts as {cost} requests where those of a caller are limited."));
        }
    }
}

/// The answers that every operation of a kind can give, so that no handler repeats them.
fn add_common_answers(api: &mut Value) {
    let mut used: Vec<u16> = Vec::new();
    for (path, item) in api["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let mut statuses = common_statuses(path, operation);
            let responses = operation["responses"].as_object_mut();
            for (status, response) in responses.into_iter().flatten() {
                let Ok(number) = status.parse::<u16>() else { continue };
                if number >= 400 && response.get("content").is_none() {
                    let mut description = response["description"].clone();
                    *response = problem_response(number);
                    if number == 429 {
                        let said = description.as_str().unwrap_or_default();
                        description = json!(format!("{said} `{}`: {}.", Code::RateLimited.name(), Code::RateLimited.title()));
                    }
                    response["description"] = description;
                    statuses.retain(|s| *s != number);
                }
            }
            let responses = &mut operation["responses"];
            for status in statuses {
                if responses.get(status.to_string()).is_none() {
                    responses[status.to_string()] = json!({"$ref": format!("#/components/responses/Problem{status}")});
                    used.push(status);
                }
            }
            sort(responses);
        }
    }
    for status in used {
        api["components"]["responses"][format!("Problem{status}")] = problem_response(status);
    }
}

fn common_statuses(path: &str, operation: &Value) -> Vec<u16> {
    let secured = operation["security"].as_array().is_some_and(|list| list.iter().any(|one| one.get("token").is_some()));
    let json_body = operation.pointer("/requestBody/content/application~1json").is_some();
    let mut statuses = vec![400];
    // Whoever watches over the service is answered however much others ask.
    if !NEVER_COUNTED.contains(&path) {
        statuses.push(429);
    }
    if secured {
        statuses.extend([401, 403]);
        if !["/v1/lessons", "/v1/courses", "/v1/bundle-parts"].iter().any(|memory| path.starts_with(memory)) {
            statuses.push(503);
        }
    }
    if json_body {
        statuses.extend([413, 415, 422]);
    }
    statuses
}

fn sort(responses: &mut Value) {
    if let Some(map) = responses.as_object_mut() {
        let sorted: std::collections::BTreeMap<String, Value> = std::mem::take(map).into_iter().collect();
        map.extend(sorted);
    }
}

fn problem_response(status: u16) -> Value {
    let codes: Vec<Code> = Code::ALL.iter().copied().filter(|code| code.status() == status).collect();
    let description = codes.iter().map(|code| format!("`{}`: {}.", code.name(), code.title())).collect::<Vec<_>>().join(" ");
    let example = codes.first().map(|code| Problem::new(*code, code.title()).wire("0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10"));
    let mut response = json!({
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    });
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    match status {
        401 | 403 => response["headers"] = json!({"WWW-Authenticate": text("RFC 6750, section 3.")}),
        429 => {
            response["headers"] = json!({
                "Retry-After": text("Seconds to wait."),
                "RateLimit-Policy": text("The limit that was reached, where it counts requests (draft-ietf-httpapi-ratelimit-headers)."),
                "RateLimit": text("What is left of it, and until when."),
            });
        }
        409 | 503 => response["headers"] = json!({"Retry-After": text("Seconds to wait, where waiting helps.")}),
        _ => {}
    }
    response
}
