//! The document and the answers are one: what a handler documents as the body of its success is the type that it returns.
//! Read from the code of every handler, so that a new one is held to it from its first day.

use std::path::Path;

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::{GenericArgument, Ident, ItemFn, PathArguments, ReturnType, Token, Type};

use crate::harness::root;

/// Handlers that send bytes which are no one type, or were JSON before: the only ones that may answer without a type.
const BYTES: &[(&str, &str)] = &[
    ("openapi_json", "the document itself, made once as text"),
    ("read_bundle_archive", "a zip file, or a part of it"),
    ("read_bundle_part", "any part of any bundle"),
    ("export_audit_entries", "JSON lines"),
    ("read_glossary", "JSON, Markdown or a page"),
    ("read_field_guide", "JSON, Markdown or a page"),
    ("read_lesson_package", "a zip file, or its report"),
    ("read_course_package", "a zip file, or its report"),
];

/// One entry of an attribute: `name = value`, `name(entries)` or `(entries)`. What it cannot read it skips.
struct Entry {
    name: String,
    value: String,
    body: Option<Type>,
    inner: Vec<Entry>,
}

impl Parse for Entry {
    fn parse(input: ParseStream) -> syn::Result<Entry> {
        let name = if input.peek(Ident::peek_any) { Ident::parse_any(input)?.to_string() } else { String::new() };
        let mut entry = Entry { name, value: String::new(), body: None, inner: Vec::new() };
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            entry.inner = entries(&content)?;
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if entry.name == "body" {
                entry.body = Some(input.parse()?);
            }
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            let text = input.step(|cursor| {
                let (token, rest) = cursor.token_tree().ok_or_else(|| cursor.error("the end"))?;
                Ok((token.to_string(), rest))
            })?;
            entry.value.push_str(&text);
        }
        Ok(entry)
    }
}

fn entries(input: ParseStream) -> syn::Result<Vec<Entry>> {
    Ok(Punctuated::<Entry, Token![,]>::parse_terminated(input)?.into_iter().collect())
}

/// A type as it is written.
fn spelled(of: &Type) -> String {
    let Type::Path(path) = of else { return "?".to_owned() };
    let segment = |segment: &syn::PathSegment| match &segment.arguments {
        PathArguments::AngleBracketed(list) => {
            let types =
                list.args.iter().map(|arg| if let GenericArgument::Type(of) = arg { spelled(of) } else { "?".to_owned() });
            format!("{}<{}>", segment.ident, types.collect::<Vec<_>>().join(", "))
        }
        _ => segment.ident.to_string(),
    };
    path.path.segments.iter().map(segment).collect::<Vec<_>>().join("::")
}

/// The arguments of a type with this last name.
fn within(of: &Type, name: &str) -> Option<Vec<Type>> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(list) = &last.arguments else { return Some(Vec::new()) };
    let types = list.args.iter().filter_map(|arg| if let GenericArgument::Type(of) = arg { Some(of.clone()) } else { None });
    Some(types.collect())
}

/// Every handler of a file, and what is wrong with each.
#[derive(Default)]
struct Handlers {
    found: Vec<(String, Vec<String>)>,
}

impl<'a> Visit<'a> for Handlers {
    fn visit_item_fn(&mut self, function: &'a ItemFn) {
        let is_documented = |attribute: &&syn::Attribute| {
            let path = attribute.path();
            path.segments.len() == 2 && path.segments[0].ident == "utoipa" && path.segments[1].ident == "path"
        };
        if let Some(attribute) = function.attrs.iter().find(is_documented) {
            let documented = attribute.parse_args_with(entries).expect("the attribute of a handler can be read");
            self.found.push((function.sig.ident.to_string(), wrong(function, &documented)));
        }
        syn::visit::visit_item_fn(self, function);
    }
}

fn wrong(function: &ItemFn, documented: &[Entry]) -> Vec<String> {
    let name = function.sig.ident.to_string();
    let responses: Vec<&Entry> = documented.iter().filter(|one| one.name == "responses").flat_map(|one| &one.inner).collect();
    // (status, body) of each success.
    let status = |one: &Entry| one.inner.iter().find(|entry| entry.name == "status").map(|entry| entry.value.clone());
    let body = |one: &Entry| one.inner.iter().find_map(|entry| entry.body.as_ref().map(spelled));
    let good: Vec<(String, Option<String>)> = responses
        .iter()
        .map(|one| (status(one).unwrap_or_else(|| "no status".to_owned()), body(one)))
        .filter(|(status, _)| !matches!(status.as_bytes(), [b'3'..=b'5', _, _]))
        .collect();
    let ReturnType::Type(_, returned) = &function.sig.output else { return vec!["returns nothing".to_owned()] };
    let returned = match within(returned, "Result") {
        None => (**returned).clone(),
        Some(parts) => {
            let fault = parts.get(1).map_or_else(|| "nothing".to_owned(), spelled);
            if fault != "Problem" && fault != "OauthError" {
                return vec![format!("fails with {fault}, which is no answer")];
            }
            parts[0].clone()
        }
    };
    let typed =
        within(&returned, "Answered").or_else(|| within(&returned, "Rendered")).and_then(|parts| parts.first().map(spelled));
    let mut wrong = Vec::new();
    if good.is_empty() {
        wrong.push("documents no success".to_owned());
    }
    for (status, body) in good {
        match (&typed, body, status.as_str()) {
            (Some(_), _, "204") => wrong.push("documents 204, which has no body, and returns one".to_owned()),
            (Some(typed), Some(body), _) if *typed == body => {}
            (Some(typed), body, status) => wrong.push(format!("documents {body:?} for {status} and returns {typed}")),
            (None, None, "204") if spelled(&returned) == "NoContent" => {}
            (None, _, _) if spelled(&returned) == "HttpResponse" && BYTES.iter().any(|(may, _)| *may == name) => {}
            (None, body, status) => wrong.push(format!("documents {body:?} for {status} and returns {}", spelled(&returned))),
        }
    }
    wrong
}

fn handlers_in(text: &str) -> Vec<(String, Vec<String>)> {
    let mut handlers = Handlers::default();
    handlers.visit_file(&syn::parse_file(text).expect("a file of Rust"));
    handlers.found
}

fn every_handler() -> Vec<(String, Vec<String>)> {
    fn walk(dir: &Path, out: &mut Vec<(String, Vec<String>)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "rs") {
                out.extend(handlers_in(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut out = Vec::new();
    walk(&root().join("src"), &mut out);
    out
}

#[test]
fn every_handler_returns_what_it_documents() {
    let handlers = every_handler();
    let document = std::fs::read_to_string(root().join("openapi/waymark.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let operations: usize = document["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(handlers.len(), operations, "handlers that were read, and operations of the document");
    let wrong = handlers.iter().flat_map(|(name, wrong)| wrong.iter().map(move |what| format!("{name} {what}")));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "a handler whose document and answer differ:\n  {}", wrong.join("\n  "));
    for (name, _) in BYTES {
        assert!(handlers.iter().any(|(known, _)| known == name), "there is no handler {name} any more");
    }
}

/// The reading above sees what it is for.
#[test]
fn a_handler_that_returns_something_else_is_found() {
    const ONE: &str = r#"(status = 200, description = "A, b.", body = Lesson, example = json!({"a": [1, 2]}))"#;
    // (responses, return type, what is said)
    let table = [
        (ONE, "Result<Answered<Lesson>, Problem>", ""),
        (ONE, "Answered<Lesson>", ""),
        (ONE, "Result<Rendered<Lesson>, Problem>", ""),
        (ONE, "Result<Answered<Quiz>, Problem>", "returns Quiz"),
        (ONE, "Result<Answered<wire::Lesson>, Problem>", "returns wire::Lesson"),
        (ONE, "Result<Answered<Vec<Lesson>>, Problem>", "returns Vec<Lesson>"),
        (ONE, "Result<HttpResponse, Problem>", "returns HttpResponse"),
        (ONE, "HttpResponse", "returns HttpResponse"),
        (ONE, "impl Responder", "returns ?"),
        (ONE, "Result<NoContent, Problem>", "returns NoContent"),
        (ONE, "Result<Answered<Lesson>, actix_web::Error>", "fails with actix_web::Error"),
        (
            r#"(status = 200, description = "x"), (status = 404, body = Other)"#,
            "Result<Answered<Lesson>, Problem>",
            "None for 200",
        ),
        (r#"(status = 200, body = Lesson), (status = 201, body = Quiz)"#, "Result<Answered<Lesson>, Problem>", "for 201"),
        (r#"(status = 200, content((Lesson = "application/json")))"#, "Result<Answered<Lesson>, Problem>", "None for 200"),
        (r#"(status = 204, description = "Gone.")"#, "Result<NoContent, Problem>", ""),
        (r#"(status = 204, description = "Gone.")"#, "Result<Answered<Lesson>, Problem>", "204"),
        (r#"(status = 204, body = Lesson)"#, "Result<NoContent, Problem>", "for 204"),
        (r#"(status = 404, description = "None.")"#, "Result<Answered<Lesson>, Problem>", "no success"),
        (r#"(status = "2XX", body = Quiz)"#, "Result<Answered<Lesson>, Problem>", "returns Lesson"),
    ];
    for (responses, returned, said) in table {
        let text = format!(
            "mod deep {{ #[utoipa::path(tag = \"T\", params((\"id\" = Option<Vec<String>>, Path), Query), responses({responses}), \
             security((\"token\" = [\"a\"])))] #[get(\"/x\")] pub async fn read(a: B) -> {returned} {{ todo!() }} }}"
        );
        let found = handlers_in(&text);
        assert_eq!(found.len(), 1, "{text}");
        let wrong = found[0].1.join("; ");
        assert!(if said.is_empty() { wrong.is_empty() } else { wrong.contains(said) }, "{responses} -> {returned}: {wrong}");
    }
    let bytes = "#[utoipa::path(responses((status = 200, body = Object)))] fn openapi_json() -> HttpResponse { todo!() }";
    assert_eq!(handlers_in(bytes)[0].1, Vec::<String>::new());
    assert!(handlers_in("fn helper() -> HttpResponse { todo!() }").is_empty());
}
