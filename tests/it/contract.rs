//! The contract document in the form that generators of clients take: unions, lists, names, free objects (docs/decisions/unions.md);
//! and the headers of every answer that any test gets.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use reqwest::Method;
use serde_json::Value;
use waymark::auth::Scope;
use waymark::error::Code;
use waymark_engine::pointer::escaped;

use crate::harness::{Answer, Stage};

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::from_str(&waymark::docs::contract_text()).unwrap())
}

fn schemas() -> impl Iterator<Item = (&'static String, &'static Value)> {
    document()["components"]["schemas"].as_object().unwrap().iter()
}

/// Every object of the document but examples, and where it stands.
fn nodes() -> Vec<(String, &'static Value)> {
    fn walk(at: &str, node: &'static Value, out: &mut Vec<(String, &'static Value)>) {
        match node {
            Value::Object(map) => {
                out.push((at.to_owned(), node));
                for (name, inner) in map.iter().filter(|(name, _)| !name.starts_with("example")) {
                    walk(&format!("{at}/{}", escaped(name)), inner, out);
                }
            }
            Value::Array(list) => list.iter().enumerate().for_each(|(i, inner)| walk(&format!("{at}/{i}"), inner, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk("", document(), &mut out);
    out
}

fn name_of(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/components/schemas/")
}

/// The unions with a tag: the tag, and (value, variant) of each.
fn unions() -> Vec<(&'static str, &'static str, Vec<(&'static str, &'static str)>)> {
    let one = |(name, schema): (&'static String, &'static Value)| {
        let mapping = schema.pointer("/discriminator/mapping")?.as_object()?;
        let variants = mapping.iter().map(|(value, reference)| (value.as_str(), name_of(reference).unwrap())).collect();
        Some((name.as_str(), schema["discriminator"]["propertyName"].as_str()?, variants))
    };
    schemas().filter_map(one).collect()
}

/// Lists that are closed though they are no tag of a variant, and why.
const CLOSED: &[(&str, &str)] = &[
    ("/paths/~1v1~1audit/get/parameters/*/schema", "the caller chooses an order"),
    ("/paths/~1v1~1courses~1{slug}~1glossary/get/parameters/*/schema", "the caller chooses a format"),
    ("/paths/~1v1~1courses~1{slug}~1field-guide/get/parameters/*/schema", "the caller chooses a format"),
    ("/paths/~1v1~1courses~1{slug}~1package/get/parameters/*/schema", "the caller chooses a format"),
    ("/paths/~1v1~1lessons~1{slug}~1package/get/parameters/*/schema", "the caller chooses a format"),
    ("/paths/~1v1~1learners/get/parameters/*/schema", "the caller chooses a state"),
    ("/components/schemas/PersonalTokenOwnerKind", "the caller chooses whom a token is for"),
    ("/components/schemas/DespiteRefusals", "the caller chooses it, `true` or `false`"),
];

#[test]
fn every_closed_list_has_its_reason() {
    let place = |at: &str| {
        let segments = at.split('/').map(|segment| if segment.parse::<usize>().is_ok() { "*" } else { segment });
        segments.collect::<Vec<_>>().join("/")
    };
    let tags: BTreeSet<(String, &str)> = unions()
        .into_iter()
        .flat_map(|(_, tag, variants)| {
            let property = move |variant: &str| format!("/components/schemas/{variant}/properties/{tag}/$ref");
            let schema = move |variant: &str| name_of(document().pointer(&property(variant)).unwrap()).unwrap();
            variants.into_iter().map(move |(value, variant)| (format!("/components/schemas/{}", schema(variant)), value))
        })
        .collect();
    let mut reasons: BTreeSet<&str> = CLOSED.iter().map(|(at, _)| *at).collect();
    let (mut closed, mut open) = (Vec::new(), 0);
    for (at, node) in nodes() {
        if let Some(list) = node.get("enum").and_then(Value::as_array) {
            let is_tag = list.len() == 1 && tags.contains(&(at.clone(), list[0].as_str().unwrap()));
            let known = CLOSED.iter().find(|(there, _)| *there == place(&at));
            if let Some((there, _)) = known {
                reasons.remove(there);
            }
            closed.extend((!is_tag && known.is_none()).then_some(at));
        } else if node.get("x-extensible-enum").is_some_and(Value::is_array) {
            open += 1;
            assert_eq!(node["type"], "string", "{at}");
            assert!(node["description"].as_str().unwrap().contains("More values may be added"), "{at}");
        }
    }
    assert!(closed.is_empty(), "lists that would refuse a value of tomorrow: {closed:#?}");
    assert!(reasons.is_empty(), "reasons for lists that are not there: {reasons:?}");
    assert!(open >= 20, "only {open} lists are open");
    let codes = &document()["components"]["schemas"]["Problem"]["properties"]["code"]["x-extensible-enum"];
    assert_eq!(*codes, Code::ALL.iter().map(|code| code.name()).collect::<Value>());
    let scopes = &document()["components"]["schemas"]["PersonToken"]["properties"]["scopes"]["items"]["x-extensible-enum"];
    assert_eq!(*scopes, Scope::ALL.iter().map(|scope| scope.name()).collect::<Value>());
}

/// Several shapes in one place are told apart by a tag, each shape is flat, and its tag is a schema of its own.
#[test]
fn unions_have_the_one_form() {
    assert_eq!(unions().len(), 6, "{:?}", unions());
    for (union, tag, variants) in unions() {
        let listed = document()["components"]["schemas"][union]["oneOf"].as_array().unwrap();
        let listed: BTreeSet<&str> = listed.iter().map(|one| name_of(&one["$ref"]).unwrap()).collect();
        assert_eq!(listed, variants.iter().map(|(_, variant)| *variant).collect(), "{union}");
        for (value, variant) in variants {
            let schema = &document()["components"]["schemas"][variant];
            assert_eq!(schema["type"], "object", "{variant} is flat");
            assert!(schema["required"].as_array().unwrap().contains(&tag.into()), "{variant} has its tag");
            let of_tag = name_of(&schema["properties"][tag]["$ref"]).unwrap();
            assert_eq!(document()["components"]["schemas"][of_tag]["enum"], serde_json::json!([value]), "{variant}");
        }
    }
    let mut wrong = Vec::new();
    for (at, node) in nodes() {
        let shapes = node.get("oneOf").and_then(Value::as_array);
        let several = shapes.is_some_and(|all| all.iter().filter(|shape| shape["type"] != "null").count() > 1);
        let told = node.get("discriminator").is_some() || at == "/components/schemas/Submit";
        let mut say = |holds: bool, what: &str| wrong.extend(holds.then(|| format!("{at} {what}")));
        say(several && !told, "is a union without a tag");
        say(node.get("anyOf").is_some_and(Value::is_array), "is anyOf, of which generators take the first or all");
        say(node.get("additionalProperties").is_some_and(|any| *any == true), "is a free object that Kotlin does not compile");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Names that languages, their libraries and generated code use themselves, as they are without regard to case.
const OWNED: &str = "actor any api apiclient apiresponse array bool boolean byte callable character check class client clock comparable \
    context data date datetime decimal default dictionary double draft duration element entry enum error event examples exception file \
    float function future header headers id identifiable identity int integer iterable iterator json key list long map matcher matches \
    message method model module name never null number object option optional package pair pattern promise property protocol query \
    range record request response result self sequence serializable set short source state stream string symbol system task test text \
    thread time timer type unit unknown url uuid value void when progress";

#[test]
fn no_schema_has_a_name_of_a_language() {
    let owned: BTreeSet<&str> = OWNED.split_whitespace().collect();
    let taken: Vec<_> = schemas().map(|(name, _)| name).filter(|name| owned.contains(name.to_lowercase().as_str())).collect();
    assert!(taken.is_empty(), "{taken:?}");
}

/// What an answer says in its headers stands in the document, and what the document promises is there. Held for every answer
/// that any test gets.
pub fn hold_headers(stage: &Stage, method: &Method, answer: &Answer) {
    let path = answer.asked.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    let Some((template, _)) = stage.state.document.paths.iter().find(|(template, _)| template.is_match(path)) else { return };
    let method = if method == Method::HEAD { "get".to_owned() } else { method.as_str().to_lowercase() };
    let operation = &document()["paths"][template.pattern().unwrap_or_default()][method];
    let documented = &operation["responses"][answer.status.to_string()];
    if documented.is_null() {
        return;
    }
    let documented = match documented["$ref"].as_str() {
        Some(reference) => document().pointer(reference.trim_start_matches('#')).unwrap(),
        None => documented,
    };
    for name in ["ETag", "Location", "Link", "Retry-After"] {
        let (sent, said) = (answer.headers.contains_key(name), documented["headers"].get(name).is_some());
        assert!(!sent || said, "{}: {} with {name}, which the document does not name", answer.asked, answer.status);
        // `Link` is absent on the last page, `Retry-After` where waiting does not help, a package's report has no ETag,
        // and a 200 has a URL where a dry run was new.
        let always = name == "Location" && answer.status != 200 || name == "ETag" && !answer.asked.contains("report=true");
        assert!(sent || !said || !always, "{}: {} without the {name} that the document names", answer.asked, answer.status);
    }
    let asks = |name: &str| operation["parameters"].as_array().is_some_and(|list| list.iter().any(|one| one["name"] == name));
    assert!(answer.status != 304 || asks("If-None-Match"), "{}: 304, and the document has no If-None-Match", answer.asked);
}

/// Operations of which no answer is shown, and why.
const NOT_SHOWN: &[(&str, &str)] = &[("openapi_json", "the document itself"), ("read_bundle_archive", "a zip file")];

#[test]
fn every_operation_shows_an_answer_and_a_request() {
    let (mut missing, mut shown) = (Vec::new(), 0);
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            let good = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            let contents: Vec<&Value> =
                good.filter_map(|(_, answer)| answer["content"].as_object()).flat_map(|all| all.values()).collect();
            let has = contents.iter().any(|content| content.get("example").is_some());
            shown += usize::from(has);
            if !contents.is_empty() && !has && !NOT_SHOWN.iter().any(|(known, _)| *known == name) {
                missing.push(format!("{method} {path}: no answer"));
            }
            for (media, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let schema = content["schema"]["$ref"]
                    .as_str()
                    .map(|at| &document()["components"]["schemas"][name_of(&at.into()).unwrap()]);
                let example = content.get("example").or_else(|| schema?.get("example"));
                if example.is_none() && (media.contains("json") || media.contains("form")) {
                    missing.push(format!("{method} {path}: no request as {media}"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(shown > 50, "only {shown} operations show an answer");
}
