//! Unions in the one form that every generator of the tests can read: `oneOf` with a discriminator and its mapping, variants
//! that are flat objects, and a schema of its own for each value of the tag. docs/decisions/unions.md says what else was tried.

use serde_json::{Map, Value, json};

/// Gives every variant of a tagged union a name of its own and a discriminator, which generated clients need: a variant that
/// holds a named struct becomes that struct with the tag among its properties.
pub fn name_variants(api: &mut Value) {
    let Some(schemas) = api.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    let mut named = Map::new();
    let all = schemas.clone();
    for (name, schema) in schemas.iter_mut() {
        let Some(variants) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else { continue };
        let Some(tag) = common_tag(variants) else { continue };
        let mut mapping = Map::new();
        for variant in variants.iter_mut() {
            let Some(value) = tag_value(variant, &tag) else { continue };
            let (own, flat) =
                flattened(variant, &tag, &all).unwrap_or_else(|| (format!("{name}{}", pascal(&value)), variant.clone()));
            let reference = format!("#/components/schemas/{own}");
            mapping.insert(value, json!(reference));
            named.insert(own, flat);
            *variant = json!({"$ref": reference});
        }
        schema["discriminator"] = json!({"propertyName": tag, "mapping": mapping});
    }
    schemas.extend(named);
}

/// `allOf [named struct, {tag}]` as one object, under the struct's name.
fn flattened(variant: &Value, tag: &str, schemas: &Map<String, Value>) -> Option<(String, Value)> {
    let parts = variant.get("allOf")?.as_array()?;
    let name = parts.iter().find_map(|part| part.get("$ref")?.as_str()?.rsplit('/').next())?;
    let tag_schema = parts.iter().find_map(|part| part.pointer(&format!("/properties/{tag}")))?;
    let mut flat = schemas.get(name)?.clone();
    flat["properties"][tag] = tag_schema.clone();
    match flat.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.insert(0, json!(tag)),
        None => flat["required"] = json!([tag]),
    }
    Some((name.to_owned(), flat))
}

fn common_tag(variants: &[Value]) -> Option<String> {
    ["type", "kind"].into_iter().find(|tag| variants.iter().all(|variant| tag_value(variant, tag).is_some())).map(str::to_owned)
}

/// The only value that the property `tag` has in this variant.
fn tag_value(variant: &Value, tag: &str) -> Option<String> {
    let own = variant.pointer(&format!("/properties/{tag}/enum/0"));
    let in_parts =
        || variant.get("allOf")?.as_array()?.iter().find_map(|part| part.pointer(&format!("/properties/{tag}/enum/0")));
    own.or_else(in_parts).and_then(Value::as_str).map(str::to_owned)
}

pub fn pascal(name: &str) -> String {
    name.split('_')
        .filter_map(|word| Some(word.chars().next()?.to_uppercase().chain(word.chars().skip(1)).collect::<String>()))
        .collect()
}

/// Of all unions the property that tells the variants apart, and (value, name of the variant).
fn tagged(schemas: &Map<String, Value>) -> Vec<(String, Vec<(String, String)>)> {
    let variants = |schema: &Value| {
        let (_, discriminator) = (schema.get("oneOf")?, schema.get("discriminator")?);
        let name = |reference: &Value| Some(reference.as_str()?.rsplit('/').next()?.to_owned());
        let mapping = discriminator.get("mapping")?.as_object()?.iter();
        let mapping = mapping.filter_map(|(value, reference)| Some((value.clone(), name(reference)?))).collect();
        Some((discriminator.get("propertyName")?.as_str()?.to_owned(), mapping))
    };
    schemas.values().filter_map(variants).collect()
}

/// The one value of a variant's tag as a schema of its own: a list inside of a property is called after the property, and `Type`
/// is a word of Swift's.
pub fn name_tags(api: &mut Value) {
    let Some(schemas) = api.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else { return };
    for (tag, variants) in tagged(schemas) {
        for (value, variant) in variants {
            let name = format!("{variant}{}", pascal(&tag));
            let property = schemas.get_mut(&variant).and_then(|variant| variant.pointer_mut(&format!("/properties/{tag}")));
            if let Some(property) = property {
                *property = json!({"$ref": format!("#/components/schemas/{name}")});
                schemas.insert(name, json!({"type": "string", "enum": [value]}));
            }
        }
    }
}

/// A union without a tag is any JSON: generators take the first variant that fits, and everything fits the first. What it may be
/// is told by a word beside it.
pub fn leave_untyped(api: &mut Value, name: &str) {
    let union = api.pointer_mut(&format!("/components/schemas/{name}")).and_then(Value::as_object_mut);
    if let Some(union) = union
        && let Some(variants) = union.remove("oneOf")
    {
        union.insert("x-one-of".to_owned(), variants);
    }
}
