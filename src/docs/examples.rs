//! An example of every answer, as a fresh server gave it (`script/contract-examples` asks it and writes them down).

use serde_json::{Map, Value};

use crate::docs::operations::operations_mut;

/// By operation, then by status and media type: `"200 application/json"`.
const ANSWERS: &str = include_str!("../../openapi/examples.json");

pub fn add_examples(api: &mut Value) {
    let answers: Map<String, Value> = serde_json::from_str(ANSWERS).unwrap_or_default();
    for operation in operations_mut(api) {
        let shown = operation["operationId"].as_str().and_then(|name| answers.get(name)?.as_object());
        for (place, example) in shown.into_iter().flatten() {
            let Some((status, media)) = place.split_once(' ') else { continue };
            if let Some(content) = operation["responses"][status]["content"].get_mut(media) {
                content["example"] = example.clone();
            }
        }
    }
}
