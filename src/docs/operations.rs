//! The operations of the document, for what is said of each.

use serde_json::{Value, json};

/// Every operation of the document.
pub fn operations_mut(api: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = api["paths"].as_object_mut().into_iter().flatten();
    items.flat_map(|(_, item)| item.as_object_mut()).flatten().map(|(_, operation)| operation)
}

/// Says something more at the end of an operation's description.
pub fn say_too(operation: &mut Value, more: &str) {
    let said = operation["description"].as_str().unwrap_or_default();
    operation["description"] = json!(format!("{said}\n\n{more}"));
}
