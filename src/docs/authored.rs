//! What the derived schemas of authored content cannot say by themselves.

use serde_json::{Map, Value, json};

use super::unions::pascal;

/// A text per language is an alias in the code, so that its derived schema would be called by a name of Rust's library.
pub fn name_texts(api: &mut Value) {
    const DERIVED: &str = "BTreeMap";
    const NAME: &str = "LanguageMap";
    let Some(schemas) = api.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let Some(mut schema) = schemas.shift_remove(DERIVED) else { return };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), json!("Markdown per BCP 47 language tag."));
        schema.insert("example".to_owned(), json!({"en": "Who said no?"}));
    }
    schemas.insert(NAME.to_owned(), schema);
    rename(api, &format!("#/components/schemas/{DERIVED}"), &format!("#/components/schemas/{NAME}"));
}

fn rename(node: &mut Value, from: &str, to: &str) {
    match node {
        Value::Array(list) => list.iter_mut().for_each(|one| rename(one, from, to)),
        Value::Object(map) => map.values_mut().for_each(|one| rename(one, from, to)),
        Value::String(text) if text == from => to.clone_into(text),
        _ => {}
    }
}

/// A struct that flattens a tagged union is derived as both at once; where the variants are closed nothing could be both.
/// So it becomes a union of flat variants: what all have in common, and what each has of its own.
pub fn flatten_unions(api: &mut Value) {
    let Some(schemas) = api.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let all = schemas.clone();
    for (name, schema) in &all {
        let Some((union, common)) = parts(schema, &all) else { continue };
        let mut mapping = Map::new();
        for (tag, variant) in all.get(&union).and_then(|union| mapped(union, &all)).unwrap_or_default() {
            let own = format!("{name}{}", pascal(&tag));
            mapping.insert(tag, json!(format!("#/components/schemas/{own}")));
            schemas.insert(own, merged(&common, variant));
            schemas.shift_remove(&variant_name(&all, variant));
        }
        let references: Vec<Value> = mapping.values().map(|reference| json!({"$ref": reference})).collect();
        schemas.shift_remove(&union);
        let flat = json!({"oneOf": references, "discriminator": {"propertyName": "kind", "mapping": mapping}});
        schemas.insert(name.clone(), flat);
    }
}

fn named(reference: &Value) -> Option<&str> {
    reference.get("$ref")?.as_str()?.rsplit('/').next()
}

/// The name of the union and the common part of a struct that flattens a union with closed variants.
fn parts(schema: &Value, all: &Map<String, Value>) -> Option<(String, Value)> {
    let parts = schema.get("allOf")?.as_array()?;
    let union =
        parts.iter().filter_map(named).find(|name| all.get(*name).is_some_and(|one| one.get("discriminator").is_some()))?;
    let closed = |variant: &Value| variant.get("additionalProperties") == Some(&json!(false));
    let common = parts.iter().find(|part| part.get("properties").is_some())?;
    mapped(all.get(union)?, all)?.iter().any(|(_, variant)| closed(variant)).then(|| (union.to_owned(), common.clone()))
}

/// Tag -> schema of a union's variants.
fn mapped<'a>(union: &Value, all: &'a Map<String, Value>) -> Option<Vec<(String, &'a Value)>> {
    let mapping = union.pointer("/discriminator/mapping")?.as_object()?;
    let one = |(tag, reference): (&String, &Value)| Some((tag.clone(), all.get(reference.as_str()?.rsplit('/').next()?)?));
    mapping.iter().map(one).collect()
}

fn variant_name(all: &Map<String, Value>, variant: &Value) -> String {
    all.iter().find(|(_, schema)| std::ptr::eq(*schema, variant)).map(|(name, _)| name.clone()).unwrap_or_default()
}

fn merged(common: &Value, variant: &Value) -> Value {
    let mut out = variant.clone();
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let map = |value: &Value, name: &str| value.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let required: Vec<Value> = list(variant, "required").into_iter().chain(list(common, "required")).collect();
    let properties: Map<String, Value> = map(variant, "properties").into_iter().chain(map(common, "properties")).collect();
    if let Some(out) = out.as_object_mut() {
        out.insert("required".to_owned(), json!(required));
        out.insert("properties".to_owned(), json!(properties));
    }
    out
}
