//! Why a tool gave no result, in words for an agent: what is wrong, and what may be done.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Code, FieldError, Problem};

/// A tool without a result.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ToolFault(Box<FaultParts>);

/// What an agent is told of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultParts {
    /// The problem's code in the API; or `service_unreachable`, `unexpected_answer` or `needs_service`.
    pub code: String,
    pub detail: String,
    /// The HTTP status, where a service answered.
    pub status: Option<u16>,
    pub errors: Vec<FieldError>,
    pub params: Map<String, Value>,
    /// What to do next.
    pub next: String,
    /// To be quoted to whoever runs the service.
    pub request_id: Option<String>,
}

impl std::ops::Deref for ToolFault {
    type Target = FaultParts;

    fn deref(&self) -> &FaultParts {
        &self.0
    }
}

impl ToolFault {
    /// One that is no problem of the API.
    pub fn new(code: &str, detail: impl Into<String>, next: impl Into<String>) -> ToolFault {
        ToolFault(Box::new(FaultParts {
            code: code.to_owned(),
            detail: detail.into(),
            status: None,
            errors: Vec::new(),
            params: Map::new(),
            next: next.into(),
            request_id: None,
        }))
    }

    /// What the service answered with an error status.
    pub fn from_answer(status: u16, answer: &Value) -> ToolFault {
        let text = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        let Some(code) = text("code") else {
            let detail = format!("The service answered with the status {status}, and not as Waymark does.");
            let next = "Check the URL that this server was given: something else may be there, or stand in between.";
            let mut fault = ToolFault::new("unexpected_answer", detail, next);
            fault.0.status = Some(status);
            return fault;
        };
        let errors = answer.get("errors").cloned().unwrap_or_default();
        let params = answer.get("params").and_then(Value::as_object).cloned().unwrap_or_default();
        ToolFault(Box::new(FaultParts {
            next: next_step(&code, &params),
            detail: text("detail").unwrap_or_default(),
            status: Some(status),
            errors: serde_json::from_value(errors).unwrap_or_default(),
            request_id: text("request_id"),
            code,
            params,
        }))
    }

    /// For an agent that reads words.
    pub fn in_plain_words(&self) -> String {
        let mut out = format!("{}: {}", self.code, self.detail);
        // Of one alone the detail tells.
        let errors = if self.errors.len() > 1 { self.errors.as_slice() } else { &[] };
        for error in errors {
            let place = error.pointer.as_ref().or(error.parameter.as_ref()).filter(|place| !place.is_empty());
            let _ = write!(out, "\n- {}: {}", place.map_or("the arguments", String::as_str), error.detail);
        }
        let _ = write!(out, "\nWhat to do: {}", self.next);
        out
    }
}

impl From<Problem> for ToolFault {
    fn from(problem: Problem) -> ToolFault {
        let (code, params) = (problem.code().name(), problem.params());
        let mut fault = ToolFault::new(code, problem.detail(), next_step(code, params));
        fault.0.errors = problem.errors().to_vec();
        fault.0.params = params.clone();
        fault
    }
}

/// What an agent may do about a problem of the API. It speaks for somebody, so it asks that person for what it may not do.
fn next_step(code: &str, params: &Map<String, Value>) -> String {
    let scope = params.get("scope").and_then(Value::as_str).unwrap_or("that it names");
    match code {
        "token_missing" => "Ask whoever set this server up for a token: it is given by --token, --token-file or WAYMARK_TOKEN, and over HTTP as the header `Authorization: Bearer ...` of each request.".to_owned(),
        "token_invalid" => "The token is no longer valid, or is another service's. Ask whoever set this server up for a new one.".to_owned(),
        "insufficient_scope" => format!("This token may not do that. Ask whoever gave it for one with the scope {scope}; do not look for another way around it."),
        "invalid_body" | "invalid_parameter" | "malformed_json" => {
            "Mend the arguments that are named, as the tool's input schema says, and call it again.".to_owned()
        }
        "not_found" => "Check the name or the id. read_lesson without arguments lists the lessons; an attempt is found only with the token of whose it is.".to_owned(),
        "attempt_open" => "Go on with the attempt that is open: call quiz_next with its id (`params.attempt`) as `attempt`.".to_owned(),
        _ => Code::ALL.iter().find(|one| one.name() == code).map_or_else(
            || "Read what it says; repeating the same call will hardly help.".to_owned(),
            |code| code.meaning().to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_of_the_api_keeps_its_code_and_says_what_to_do() {
        let answer = json!({"code": "insufficient_scope", "detail": "The token lacks diagnoses:run.", "errors": [],
            "params": {"scope": "diagnoses:run"}, "request_id": "r-1"});
        let fault = ToolFault::from_answer(403, &answer);
        assert_eq!((fault.code.as_str(), fault.status), ("insufficient_scope", Some(403)));
        assert!(fault.next.contains("with the scope diagnoses:run"), "{}", fault.next);
        assert_eq!(fault.request_id.as_deref(), Some("r-1"));
        assert!(fault.in_plain_words().starts_with("insufficient_scope: The token lacks"));
    }

    #[test]
    fn every_code_has_a_next_step_and_a_stranger_is_told_apart() {
        for code in Code::ALL {
            assert!(next_step(code.name(), &Map::new()).len() > 20, "{}", code.name());
        }
        assert_eq!(ToolFault::from_answer(502, &json!("<html>")).code, "unexpected_answer");
        assert!(next_step("of_a_later_version", &Map::new()).len() > 20);
    }

    #[test]
    fn wrong_arguments_are_named_by_their_place() {
        let problem = Problem::body("/http/status", "must be from 100 to 599.");
        let fault = ToolFault::from(problem);
        assert_eq!(fault.code, "invalid_body");
        assert!(fault.in_plain_words().starts_with("invalid_body: At /http/status: must be from 100 to 599.\nWhat to do: Mend"));
        let mut wrong = crate::web::limits::Wrong::default();
        wrong.add("/a", "is long.");
        wrong.add("/b", "is none.");
        let words = ToolFault::from(Problem::bodies(wrong.0)).in_plain_words();
        assert!(words.contains("\n- /a: is long.\n- /b: is none.\n"), "{words}");
    }
}
