//! Lists of values: which of them are closed, and why. Every other one may grow, so the document gives the values of today
//! beside `type: string` (`x-extensible-enum`), and a client made from it takes a value that it does not know as the text that
//! it is. What a request may hold is checked by the service all the same.

use serde_json::{Map, Value, json};
use waymark_engine::pointer::escaped;

use crate::auth::Scope;
use crate::auth::roles::described_roles;
use crate::error::Code;

/// Where a list is closed, and why: JSON pointers into the document, where a segment may begin with `*` for anything.
const CLOSED: &[(&str, &str)] = &[
    ("/paths/*/*/parameters/*/schema", "the caller chooses; who knows the shorter list loses nothing when it grows"),
    ("/components/schemas/DespiteRefusals", "the caller chooses; the other choices are `true` and `false`"),
    ("/components/schemas/PersonalTokenOwnerKind", "the caller chooses"),
    ("/components/schemas/*Type", ONE),
    ("/components/schemas/*Kind", ONE),
];

const ONE: &str = "the one value by which a variant of a union is told; a new variant is a new schema";

const GROWS: &str = "More values may be added: take one that you do not know as it is.";

/// Opens every list that is not closed.
pub fn open_lists(api: &mut Value) {
    name_codes(api);
    open(api, "");
}

/// What is text in the code, and a list all the same.
fn name_codes(api: &mut Value) {
    if let Some(code) = api.pointer_mut("/components/schemas/Problem/properties/code") {
        code["enum"] = Code::ALL.iter().map(|code| code.name()).collect();
    }
    if let Some(role) = api.pointer_mut("/components/schemas/RoleBundle") {
        role["description"] = described_roles().into();
    }
    name_scopes(api);
}

fn name_scopes(node: &mut Value) {
    match node {
        Value::Array(list) => list.iter_mut().for_each(name_scopes),
        Value::Object(map) => {
            if let Some(items) = map.get_mut("scopes").and_then(|scopes| scopes.get_mut("items")) {
                items["enum"] = Scope::ALL.iter().map(|scope| scope.name()).collect();
            }
            map.values_mut().for_each(name_scopes);
        }
        _ => {}
    }
}

fn open(node: &mut Value, at: &str) {
    match node {
        Value::Array(list) => list.iter_mut().enumerate().for_each(|(i, inner)| open(inner, &format!("{at}/{i}"))),
        Value::Object(map) => {
            if map.get("enum").is_some_and(Value::is_array) && !is_closed(at) {
                open_one(map);
            }
            for (name, inner) in map.iter_mut().filter(|(name, _)| *name != "example") {
                open(inner, &format!("{at}/{}", escaped(name)));
            }
        }
        _ => {}
    }
}

fn open_one(list: &mut Map<String, Value>) {
    let values = list.shift_remove("enum").unwrap_or_default();
    let said = list.get("description").and_then(Value::as_str).unwrap_or_default();
    let said = format!("{said}\n\n{GROWS}");
    list.insert("description".to_owned(), json!(said.trim_start()));
    list.insert("x-extensible-enum".to_owned(), values);
}

fn is_closed(at: &str) -> bool {
    let fits = |pattern: &str| {
        let (pattern, at) = (pattern.split('/'), at.split('/'));
        let same = |(wanted, is): (&str, &str)| wanted.strip_prefix('*').map_or(wanted == is, |end| is.ends_with(end));
        pattern.clone().count() == at.clone().count() && pattern.zip(at).all(same)
    };
    CLOSED.iter().any(|(place, _)| fits(place))
}
