//! A code counts as a code: where prose explains what one means, nothing came back that has it.

/// What stands after a code that is explained, in lower case.
const EXPLAINS: [&str; 30] = [
    "means",
    "mean ",
    "stands for",
    "refers to",
    "indicates",
    "signals that",
    "tells you",
    "is returned",
    "is raised when",
    "is thrown when",
    "is set when",
    "occurs when",
    "happens when",
    "appears when",
    "is an error",
    "is a ",
    "is the ",
    "says that",
    "bedeutet",
    "heißt",
    "steht für",
    "significa",
    "indica ",
    "signifie",
    "indique ",
    "表示",
    "是指",
    "意味",
    "означает",
    "は、",
];

/// How far behind the code its explanation may begin, in bytes.
const REACH: usize = 28;

/// Whether the code that stands from `from` to `to` is explained there, and is no part of a response.
pub fn is_explained(text: &str, from: usize, to: usize) -> bool {
    // Beside a sign of assignment it is a value, whatever follows.
    let before = text.get(..from).unwrap_or_default().trim_end_matches(['"', '\'', '`', ' ']);
    if before.ends_with(['=', ':', '{', '[']) {
        return false;
    }
    let after = text.get(to..).unwrap_or_default().trim_start_matches(['"', '\'', '`', ' ', ')', '\u{201d}', '*']);
    let end = (0..=after.len().min(REACH)).rev().find(|at| after.is_char_boundary(*at)).unwrap_or(0);
    let near = after.get(..end).unwrap_or_default().to_lowercase();
    // The explanation belongs to the same sentence, and to this word.
    let near = near.split(['.', ',', ';', '\n', ':', '=']).next().unwrap_or_default();
    let second = near.split_once(' ').map_or("", |(_, rest)| rest);
    EXPLAINS.iter().any(|word| near.starts_with(word) || second.starts_with(word))
}

/// Whether a code with capital letters inside stands there as a word without any: `contentFilter` and a Dutch word are two things.
pub fn is_plain_word(code: &str, text: &str) -> bool {
    code.chars().skip(1).any(char::is_uppercase)
        && code.chars().any(char::is_lowercase)
        && !text.chars().any(|c| c.is_uppercase() || c == '_' || c == '.')
}

#[cfg(test)]
mod tests {
    use super::{is_explained, is_plain_word};

    fn explained(text: &str, code: &str) -> bool {
        let from = text.find(code).unwrap();
        is_explained(text, from, from + code.len())
    }

    #[test]
    fn a_code_that_is_explained_is_none_that_came_back() {
        assert!(explained("An AccessDeniedException means that a role lacks a right.", "AccessDeniedException"));
        assert!(explained("`content_filter` is returned when text was taken away.", "content_filter"));
        assert!(explained("The error rate_limit_exceeded indicates that you called too often", "rate_limit_exceeded"));
        assert!(explained("Der Code content_filter bedeutet, dass etwas fehlt.", "content_filter"));
        assert!(explained("content_filter 表示内容被过滤", "content_filter"));
    }

    #[test]
    fn a_word_in_small_letters_is_no_code_with_capitals() {
        assert!(is_plain_word("contentFilter", "contentfilter"));
        assert!(!is_plain_word("contentFilter", "contentFilter"));
        assert!(!is_plain_word("content_filter", "content_filter"));
        assert!(!is_plain_word("GUARDRAIL", "guardrail"));
    }

    #[test]
    fn a_code_in_a_message_stays_one() {
        for text in [
            "An error occurred (AccessDeniedException) when calling the InvokeModel operation: no access",
            "openai error: code=AccessDeniedException is returned by the upstream",
            "failed with AccessDeniedException. This means you must ask your administrator.",
            "AccessDeniedException",
        ] {
            assert!(!explained(text, "AccessDeniedException"), "{text}");
        }
    }
}
