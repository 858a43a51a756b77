//! Headers, which follow from what an operation is: what is read with an ETag can be asked for with `If-None-Match`, what is
//! new has a URL, what has pages has a link to the next one. The tests hold what the service sends to what stands here.

use serde_json::{Value, json};

use crate::docs::operations::operations_mut;

/// What is asked for the revision it is to come from, and gives something else: a version, which has a digest.
const GIVES_ANOTHER: &[&str] = &["publish_draft"];

/// Operations whose answers have an ETag though they neither read nor are asked for one: it is the revision to go on from.
const REVISED: &[&str] =
    &["create_client", "create_learner", "create_submission", "submit_submission", "deactivate_learner", "reactivate_learner"];

/// New things that are read in the list of something else, and have no URL of their own.
const LISTED: &[&str] = &["create_review", "rotate_keys"];

/// What is done at once has its URL too, beside what goes on.
const DONE_AT_ONCE: &[&str] = &["create_regrade", "put_regrade"];

pub fn declare_headers(api: &mut Value) {
    let schemas = api["components"]["schemas"].clone();
    for operation in operations_mut(api) {
        let asks = |name: &str| operation["parameters"].as_array().is_some_and(|list| list.iter().any(|one| one["name"] == name));
        let reads = operation["responses"].get("304").is_some();
        let is_one_of = |names: &[&str]| names.iter().any(|name| operation["operationId"] == *name);
        let revised = asks("If-Match") && !is_one_of(GIVES_ANOTHER) || is_one_of(REVISED);
        let (listed, at_once) = (is_one_of(LISTED), is_one_of(DONE_AT_ONCE));
        if reads && !asks("If-None-Match") {
            add_parameter(operation);
        }
        for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
            let is_new = matches!(status.as_str(), "201" | "202");
            let good = matches!(status.as_str(), "200" | "201" | "206");
            let body = answer.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str).unwrap_or_default();
            let paged = body.rsplit('/').next().is_some_and(|name| schemas[name]["properties"].get("next_cursor").is_some());
            let headers = [
                (reads && (good || status == "304") || revised && good, "ETag", ETAG),
                (!listed && (is_new || at_once && status == "200"), "Location", LOCATION),
                (status == "200" && paged, "Link", LINK),
                (matches!(status.as_str(), "429" | "503") && body.ends_with("/OauthErrorBody"), "Retry-After", RETRY_AFTER),
            ];
            for (_, name, what) in headers.into_iter().filter(|(sent, ..)| *sent) {
                answer["headers"][name] = json!({"description": what, "schema": {"type": "string"}});
            }
        }
    }
}

const ETAG: &str =
    "Names what was answered, in this encoding: for `If-None-Match`, and where the thing can be changed for `If-Match`.";
const LOCATION: &str = "The URL of what the answer shows.";
const RETRY_AFTER: &str = "Seconds to wait.";
const LINK: &str = "The next page, as `rel=\"next\"` (RFC 8288); absent on the last one.";

fn add_parameter(operation: &mut Value) {
    let parameter = json!({
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag of what the caller has: 304 while it is still what would be sent.",
        "required": false,
        "schema": {"type": "string"},
    });
    match operation["parameters"].as_array_mut() {
        Some(list) => list.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
}
