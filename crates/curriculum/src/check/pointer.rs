//! Where in a draft a finding stands: from the marks that lead to a line of a file to a JSON pointer (RFC 6901).

use serde_json::Value;

use waymark_engine::pointer::escaped;

/// The pointer to what the marks name (`items: `, `id: fsc-001`, `key: pre`), each searched inside of what the one before
/// found; as far as they are found. A mark that stands twice in a row means the second place.
pub fn pointer(document: &Value, part: &str, marks: &[String]) -> Option<String> {
    let (mut node, mut at) = (document.get(part)?, format!("/{part}"));
    for group in marks.chunk_by(|a, b| a == b) {
        let Some((key, value)) = group.first().and_then(|mark| mark.split_once(": ")) else { break };
        let mut nth = group.len();
        let Some((found, path)) = find(node, key, value, &mut nth) else { break };
        at.push_str(&path);
        node = found;
    }
    Some(at)
}

/// The `nth` place inside of `node`, itself included, in the order of reading: the member `key` where `value` is empty, else the
/// object that has `key` with this value (for an `id` or a `part`), or that member of it.
fn find<'a>(node: &'a Value, key: &str, value: &str, nth: &mut usize) -> Option<(&'a Value, String)> {
    if let Some(member) = node.get(key).filter(|member| value.is_empty() || member.as_str() == Some(value)) {
        *nth = nth.saturating_sub(1);
        if *nth == 0 {
            let is_name = !value.is_empty() && matches!(key, "id" | "part");
            return Some(if is_name { (node, String::new()) } else { (member, format!("/{}", escaped(key))) });
        }
    }
    let mut below =
        |segment: String, child| find(child, key, value, nth).map(|(found, path)| (found, format!("/{segment}{path}")));
    match node {
        Value::Object(map) => map.iter().find_map(|(name, child)| below(escaped(name), child)),
        Value::Array(list) => list.iter().enumerate().find_map(|(i, child)| below(i.to_string(), child)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn marks_lead_to_a_place() {
        let document = json!({"quiz": {"title": {"en": "x"}, "items": [
            {"id": "a", "objective": "o", "options": [{"id": "b-c"}, {"id": "b"}]},
            {"id": "b", "options": [{"id": "b"}]}, {"id": "c", "key": "b", "a/b": {"deep": 1}}, {"id": "c"}]}});
        let at = |marks: &[&str]| {
            let marks: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).collect();
            pointer(&document, "quiz", &marks).unwrap()
        };
        assert_eq!(at(&[]), "/quiz");
        assert_eq!(at(&["title: "]), "/quiz/title");
        assert_eq!(at(&["items: ", "id: a"]), "/quiz/items/0");
        assert_eq!(at(&["items: ", "id: a", "id: b"]), "/quiz/items/0/options/1");
        assert_eq!(at(&["items: ", "id: a", "objective: o"]), "/quiz/items/0/objective");
        assert_eq!(at(&["items: ", "id: c", "id: c"]), "/quiz/items/3", "the second of that name");
        assert_eq!(at(&["items: ", "id: c", "deep: "]), "/quiz/items/2/a~1b/deep");
        assert_eq!(at(&["items: ", "id: c", "key: b"]), "/quiz/items/2/key");
        assert_eq!(at(&["items: ", "id: nowhere", "key: b"]), "/quiz/items", "as far as it is found");
        assert_eq!(pointer(&document, "lesson", &[]), None);
    }
}
