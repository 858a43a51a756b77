use std::collections::HashSet;

use serde_json::json;

use super::*;

fn built_in() -> AnswerSource {
    AnswerSource::BuiltIn(Box::new(BuiltInAnswers::new().unwrap()))
}

fn call(source: &AnswerSource, name: &str, arguments: &Value) -> Option<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(call_tool_by_name(source, None, name, arguments.as_object().unwrap()))
}

fn references(node: &Value, out: &mut HashSet<String>) {
    match node {
        Value::Array(list) => list.iter().for_each(|one| references(one, out)),
        Value::Object(map) => {
            out.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
            map.values().for_each(|one| references(one, out));
        }
        _ => {}
    }
}

#[test]
fn every_tool_has_schemas_that_are_whole_in_themselves() {
    let service = AnswerSource::Service(CalledService::new("http://127.0.0.1:9").unwrap());
    let tools = tool_list(&service);
    assert_eq!(tools.len(), 5);
    for tool in &tools {
        for schema in [&tool.input_schema, tool.output_schema.as_ref().unwrap()] {
            let schema = Value::Object((**schema).clone());
            assert_eq!(schema["type"], "object", "{}", tool.name);
            assert!(schema["properties"].is_object(), "{}", tool.name);
            let mut all = HashSet::new();
            references(&schema, &mut all);
            for reference in all {
                assert!(schema.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{}: {reference}", tool.name);
            }
        }
    }
    assert_eq!(tool_list(&built_in()).len(), 3, "attempts need a service");
}

#[test]
fn what_is_compiled_in_answers_without_a_service() {
    let source = built_in();
    let evidence = json!({"provider": "Azure OpenAI", "http": {"status": 400, "body": "{\"error\":{\"code\":\"content_filter\",\"param\":\"prompt\"}}"}});
    let verdict = call(&source, "diagnose", &evidence).unwrap().ok().unwrap();
    assert_eq!(verdict.structured["verdict"], "pre_classifier");
    let page = call(&source, "list_signals", &json!({"q": "content_filter", "limit": 3})).unwrap().ok().unwrap();
    assert_eq!(page.structured["items"].as_array().unwrap().len(), 3);
    let next = json!({"q": "content_filter", "limit": 3, "cursor": page.structured["next_cursor"]});
    let following = call(&source, "list_signals", &next).unwrap().ok().unwrap();
    assert!(following.structured["items"][0]["id"].as_str() > page.structured["items"][2]["id"].as_str());
    let list = call(&source, "read_lesson", &json!({})).unwrap().ok().unwrap();
    for lesson in list.structured["lessons"].as_array().unwrap() {
        let read = call(&source, "read_lesson", &json!({"lesson": lesson["slug"], "language": "de"})).unwrap().ok().unwrap();
        assert!(read.words.len() > 1000 && read.structured["lesson"]["version"].as_str().unwrap().starts_with("sha256-"));
    }
}

#[test]
fn what_cannot_be_says_why_and_what_to_do() {
    let source = built_in();
    let code = |name: &str, arguments: &Value| call(&source, name, arguments).unwrap().err().map(|fault| fault.code.clone());
    assert_eq!(code("quiz_next", &json!({"lesson": "any"})).as_deref(), Some("needs_service"));
    assert_eq!(code("read_lesson", &json!({"lesson": "none-such"})).as_deref(), Some("not_found"));
    assert_eq!(code("read_lesson", &json!({"lessons": "a"})).as_deref(), Some("invalid_body"));
    assert_eq!(code("diagnose", &json!({"http": {"status": 1}})).as_deref(), Some("invalid_body"));
    assert_eq!(code("list_signals", &json!({"limit": 0})).as_deref(), Some("invalid_parameter"));
    assert!(call(&source, "none_such", &json!({})).is_none());
}
