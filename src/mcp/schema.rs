//! The JSON Schemas of tools: of the contract document's own types, and of the types of `wire`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

const REFERENCE: &str = "#/components/schemas/";

/// Every schema that a tool may refer to, by name.
pub struct ToolSchemas {
    known: Map<String, Value>,
}

impl ToolSchemas {
    /// With those of the contract document.
    pub fn new(contract: Map<String, Value>) -> ToolSchemas {
        ToolSchemas { known: contract }
    }

    /// The schema of a type of ours, whole in itself.
    pub fn of_type<T: ToSchema>(&mut self) -> Arc<Map<String, Value>> {
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        for (name, schema) in parts {
            if !self.known.contains_key(&name) {
                self.known.insert(name, serde_json::to_value(schema).unwrap_or_default());
            }
        }
        self.whole_in_itself(serde_json::to_value(T::schema()).unwrap_or_default())
    }

    /// The schema of this name in the contract document, whole in itself.
    pub fn of_contract(&self, name: &str) -> Arc<Map<String, Value>> {
        self.whole_in_itself(self.known.get(name).cloned().unwrap_or_default())
    }

    /// With what it refers to under `$defs`.
    fn whole_in_itself(&self, mut root: Value) -> Arc<Map<String, Value>> {
        let mut wanted = Vec::new();
        take_apart(&mut root, Names::Keywords, &mut wanted);
        let mut definitions = Map::new();
        while let Some(name) = wanted.pop() {
            if definitions.contains_key(&name) {
                continue;
            }
            let mut part = self.known.get(&name).cloned().unwrap_or_else(|| json!({}));
            take_apart(&mut part, Names::Keywords, &mut wanted);
            definitions.insert(name, part);
        }
        let mut root = match root {
            Value::Object(root) => root,
            _ => Map::new(),
        };
        root.entry("type").or_insert_with(|| json!("object"));
        if !definitions.is_empty() {
            definitions.sort_keys();
            root.insert("$defs".to_owned(), Value::Object(definitions));
        }
        Arc::new(root)
    }
}

/// What the members of an object in a schema are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Keywords,
    /// Names that somebody chose: of properties.
    Chosen,
}

/// Points references to `$defs`, notes them, and leaves out what only documents need.
fn take_apart(node: &mut Value, names: Names, wanted: &mut Vec<String>) {
    match node {
        Value::Array(list) => list.iter_mut().for_each(|one| take_apart(one, Names::Keywords, wanted)),
        Value::Object(map) if names == Names::Chosen => {
            map.values_mut().for_each(|one| take_apart(one, Names::Keywords, wanted));
        }
        Value::Object(map) => {
            map.retain(|name, _| !matches!(name.as_str(), "example" | "examples" | "discriminator") && !name.starts_with("x-"));
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(REFERENCE).map(str::to_owned)
            {
                *reference = format!("#/$defs/{name}");
                wanted.push(name);
            }
            for (name, inner) in map.iter_mut() {
                match name.as_str() {
                    "properties" | "patternProperties" => take_apart(inner, Names::Chosen, wanted),
                    "default" | "const" | "enum" => {}
                    _ => take_apart(inner, Names::Keywords, wanted),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_brings_along_what_it_refers_to() {
        let contract = json!({
            "A": {"type": "object", "example": {"b": 1}, "properties": {"example": {"$ref": "#/components/schemas/B"}}},
            "B": {"oneOf": [{"$ref": "#/components/schemas/C"}, {"type": "null"}], "discriminator": {"propertyName": "kind"}},
            "C": {"type": "string", "x-extensible-enum": ["one"], "default": {"$ref": "#/components/schemas/D"}},
            "D": {"type": "object"},
        });
        let Value::Object(contract) = contract else { unreachable!() };
        let schema = Value::Object((*ToolSchemas::new(contract).of_contract("A")).clone());
        assert_eq!(
            schema,
            json!({"type": "object", "properties": {"example": {"$ref": "#/$defs/B"}}, "$defs": {
                "B": {"oneOf": [{"$ref": "#/$defs/C"}, {"type": "null"}]},
                "C": {"type": "string", "default": {"$ref": "#/components/schemas/D"}}}})
        );
    }
}
