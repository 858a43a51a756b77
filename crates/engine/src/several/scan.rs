//! Where the values of JSON and of what looks like it begin and end, by counting brackets: nothing is kept but places.
//!
//! Every call walks over its text once. Python, JavaScript and object reprs have the same brackets and quotation marks.

/// How many members of one value are looked at.
pub const MOST_MEMBERS: usize = 5_000;

/// A member of an object, or an element of a list, whose name is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedMember<'a> {
    pub name: &'a str,
    /// The name stands in quotation marks, as in data; code has names without.
    pub quoted: bool,
    pub value: &'a str,
    /// Where the value begins in the text that was given.
    pub from: usize,
}

/// The place behind the string that begins here.
fn quoted_end(bytes: &[u8], from: usize) -> Option<usize> {
    let quote = *bytes.get(from)?;
    let mut at = from.saturating_add(1);
    loop {
        let rest = bytes.get(at..)?;
        let next = rest.iter().position(|byte| *byte == quote || *byte == b'\\')?;
        at = at.saturating_add(next);
        match bytes.get(at) {
            Some(b'\\') => at = at.saturating_add(2),
            _ => return Some(at.saturating_add(1)),
        }
    }
}

/// The place behind the bracket that closes the one at `from`; None where nothing closes it.
pub fn closed_at(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut open) = (from, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' | b'(' => open = open.saturating_add(1),
            b'}' | b']' | b')' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return Some(at.saturating_add(1));
                }
            }
            b'"' | b'\'' => {
                at = quoted_end(bytes, at)?;
                continue;
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    None
}

/// The members of the value whose opening bracket is the first in `text`; of one that is cut off those that are there.
pub fn placed_members(text: &str) -> Vec<PlacedMember<'_>> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let Some(mut at) = text.find(['{', '[', '(']).map(|at| at.saturating_add(1)) else { return out };
    while out.len() < MOST_MEMBERS {
        let skipped = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| !b" \t\r\n,;".contains(byte)));
        let Some(start) = skipped.map(|skip| at.saturating_add(skip)) else { break };
        let (end, divider) = member_end(bytes, start);
        let (name, from) = match divider {
            Some(divider) => (text.get(start..divider).unwrap_or_default(), divider.saturating_add(1)),
            None => ("", start),
        };
        let value = text.get(from..end).unwrap_or_default();
        let lead = value.len().saturating_sub(value.trim_start().len());
        let name = name.trim();
        let quoted = name.starts_with(['"', '\'']);
        let name = name.trim_matches(['"', '\'']);
        if !value.trim().is_empty() || !name.is_empty() {
            out.push(PlacedMember { name, quoted, value: value.trim(), from: from.saturating_add(lead) });
        }
        match bytes.get(end) {
            Some(b',' | b';') => at = end.saturating_add(1),
            _ => break,
        }
    }
    out
}

/// Where the member that begins at `from` ends, and where the sign stands that divides its name from its value.
fn member_end(bytes: &[u8], from: usize) -> (usize, Option<usize>) {
    let (mut at, mut open, mut divider) = (from, 0_usize, None);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' | b'(' => open = open.saturating_add(1),
            b'}' | b']' | b')' if open == 0 => return (at, divider),
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            b',' | b';' if open == 0 => return (at, divider),
            b':' | b'=' if open == 0 && divider.is_none() => divider = Some(at),
            b'"' | b'\'' => {
                let Some(end) = quoted_end(bytes, at) else { return (bytes.len(), divider) };
                at = end;
                continue;
            }
            _ => {}
        }
        at = at.saturating_add(1);
    }
    (bytes.len(), divider)
}

/// The text of a string, as it is written between its quotation marks; None where the value is none.
pub fn bare_string(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inside = value.strip_prefix(quote)?;
    Some(inside.strip_suffix(quote).unwrap_or(inside))
}

/// Whether a value says anything: not null, false, nor empty.
pub fn is_filled(value: &str) -> bool {
    let empty = ["", "null", "None", "undefined", "nil", "false", "False", "\"\"", "''", "0", "\"null\""];
    let hollow = |open: char, close: char| {
        value.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).is_some_and(|inside| inside.trim().is_empty())
    };
    !empty.contains(&value) && !hollow('{', '}') && !hollow('[', ']')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> Vec<(&str, &str)> {
        placed_members(text).into_iter().map(|member| (member.name, member.value)).collect()
    }

    #[test]
    fn members_have_their_names_and_places_in_every_notation() {
        assert_eq!(names(r#"{"a": {"b": [1, "}"]}, "c":"x,y"}"#), [("a", r#"{"b": [1, "}"]}"#), ("c", "\"x,y\"")]);
        assert_eq!(names("{'a': None, b: 2,}"), [("a", "None"), ("b", "2")]);
        assert_eq!(names("Choice(finish_reason='stop', index=0)"), [("finish_reason", "'stop'"), ("index", "0")]);
        assert_eq!(names("[1, {\"a\":2} ]"), [("", "1"), ("", "{\"a\":2}")]);
        assert_eq!(names("{\"a\": \"cut of"), [("a", "\"cut of")]);
        assert!(names("{}").is_empty() && names("no bracket").is_empty());
        let text = "[ \"\u{e4}\" , {\"a\": 1}]";
        for member in placed_members(text) {
            assert!(text[member.from..].starts_with(member.value));
        }
    }

    #[test]
    fn brackets_in_strings_close_nothing() {
        assert_eq!(closed_at(r#"{"a":"}\"}"} rest"#, 0), Some(12));
        assert_eq!(closed_at("{\"a\": [1, 2", 0), None);
    }

    proptest! {
        #[test]
        fn any_text_is_walked_over(text in "[{}\\[\\]()\"'\\\\,:=a\u{e4} \n]{0,80}") {
            for member in placed_members(&text) {
                prop_assert!(text.get(member.from..).is_some_and(|rest| rest.starts_with(member.value)), "{text:?} {member:?}");
            }
            if let Some(end) = closed_at(&text, 0) {
                prop_assert!(text.is_char_boundary(end));
            }
        }
    }
}
