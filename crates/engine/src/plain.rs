//! What serde says of a value that does not fit, in words of JSON: no type of ours, no name of Rust's.

/// `invalid type: string "1", expected i64` as `must be a whole number, not a text`. What serde says otherwise stays.
pub fn json_words(message: &str) -> String {
    // What the standard library says of a text that is to be a number: a parameter in a URL.
    for (start, words) in [
        ("invalid digit", "must be a whole number"),
        ("cannot parse integer", "must be a whole number"),
        ("number too large", "must be a whole number, and a smaller one"),
        ("number too small", "must be a whole number, and a larger one"),
    ] {
        if message.starts_with(start) {
            return words.to_owned();
        }
    }
    let Some(rest) =
        ["invalid type: ", "invalid value: ", "invalid length "].iter().find_map(|start| message.strip_prefix(start))
    else {
        return unknown(message);
    };
    let Some((found, expected)) = rest.rsplit_once(", expected ") else { return message.to_owned() };
    let is_length = message.starts_with("invalid length ");
    let found = if is_length { format!("a list of {found}") } else { thing(found) };
    format!("must be {}, not {found}", wanted(expected))
}

/// A value that is none of a list. The list is told, and of the value only what is short.
fn unknown(message: &str) -> String {
    let parts = message.strip_prefix("unknown variant `").and_then(|rest| rest.rsplit_once("`, expected "));
    let Some((value, known)) = parts else { return message.to_owned() };
    let known = known.strip_prefix("one of ").unwrap_or(known);
    match value.chars().count() {
        0..=MOST_TOLD => format!("must be one of {known}, not `{value}`"),
        _ => format!("must be one of {known}"),
    }
}

/// Characters of a value that are repeated to its sender.
const MOST_TOLD: usize = 60;

/// What was found, as serde's `Unexpected` writes it.
fn thing(found: &str) -> String {
    let told = |name: &str| found.strip_prefix(name).map(|rest| rest.trim_matches('`').to_owned());
    if let Some(value) = told("boolean ") {
        return value;
    }
    if let Some(number) = told("integer ").or_else(|| told("floating point ")) {
        return format!("the number {number}");
    }
    let plain = match found.split(' ').next().unwrap_or_default() {
        "string" | "character" | "byte" => "a text",
        "null" | "unit" | "Option" => "null",
        "sequence" | "tuple" => "an array",
        "map" | "struct" | "newtype" | "enum" => "an object",
        _ => "this",
    };
    plain.to_owned()
}

/// What was expected, as serde's derived code writes it.
fn wanted(expected: &str) -> String {
    let whole = |least: &str, most: &str| format!("a whole number from {least} to {most}");
    let plain = match expected {
        "i8" => return whole("-128", "127"),
        "i16" => return whole("-32768", "32767"),
        "i32" => return whole("-2147483648", "2147483647"),
        "u8" => return whole("0", "255"),
        "u16" => return whole("0", "65535"),
        "u32" => return whole("0", "4294967295"),
        "i64" | "i128" | "isize" => "a whole number",
        "u64" | "u128" | "usize" => "a whole number from 0",
        "f32" | "f64" => "a number",
        "a string" | "a borrowed string" | "string" | "str" | "a character" | "variant identifier" | "field identifier" => {
            "a text"
        }
        "a boolean" | "bool" => "true or false",
        "a sequence" | "sequence" | "a list" => "an array",
        "a map" | "map" => "an object",
        "option" => "a value or null",
        "unit" => "null",
        other => match other.split(' ').next().unwrap_or_default() {
            "struct" | "internally" | "adjacently" | "untagged" => "an object",
            "enum" => "a text",
            "tuple" | "array" => "an array",
            _ => other,
        },
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_serde_become_words_of_json() {
        for (said, plain) in [
            ("invalid type: string \"1\", expected i64", "must be a whole number, not a text"),
            ("invalid type: string \"a, expected b\", expected u8", "must be a whole number from 0 to 255, not a text"),
            ("invalid type: floating point `1.5`, expected u64", "must be a whole number from 0, not the number 1.5"),
            ("invalid value: integer `-1`, expected u16", "must be a whole number from 0 to 65535, not the number -1"),
            ("invalid type: null, expected internally tagged enum Response", "must be an object, not null"),
            ("invalid type: null, expected struct LearnerChange", "must be an object, not null"),
            ("invalid type: sequence, expected struct AttemptPut", "must be an object, not an array"),
            ("invalid type: map, expected a string", "must be a text, not an object"),
            ("invalid type: boolean `true`, expected f64", "must be a number, not true"),
            ("invalid type: integer `7`, expected a sequence", "must be an array, not the number 7"),
            ("unknown variant `essay`, expected one of `a`, `b`", "must be one of `a`, `b`, not `essay`"),
            ("unknown variant `x`, expected `a` or `b`", "must be one of `a` or `b`, not `x`"),
            ("unknown field `x`, expected `a`", "unknown field `x`, expected `a`"),
            ("missing field `seq`", "missing field `seq`"),
            ("invalid digit found in string", "must be a whole number"),
            ("cannot parse integer from empty string", "must be a whole number"),
            ("number too large to fit in target type", "must be a whole number, and a smaller one"),
        ] {
            assert_eq!(json_words(said), plain);
        }
        assert!(json_words(&format!("unknown variant `{}`, expected `a`", "x".repeat(100_000))).len() < 100);
    }
}
