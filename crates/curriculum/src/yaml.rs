//! Writing curriculum files as people edit them: block scalars for what has several lines or is long, quotes where a plain
//! text would be read as something else.

use serde::Serialize;

/// A value as YAML, which reads back as the same value.
pub fn to_yaml<T: Serialize>(value: &T) -> Result<String, String> {
    let options = serde_saphyr::ser_options! { compact_list_indent: false, folded_wrap_chars: 110 };
    serde_saphyr::to_string_with_options(value, options).map_err(|why| why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{CourseFile, Text};
    use crate::source;
    use proptest::prelude::*;
    use serde::de::DeserializeOwned;

    fn back<T: Serialize + DeserializeOwned>(value: &T) -> T {
        let text = to_yaml(value).unwrap();
        serde_saphyr::from_str(&text).unwrap_or_else(|why| panic!("{why}\n{text}"))
    }

    #[test]
    fn texts_that_look_like_something_else_stay_texts() {
        for odd in [
            "",
            " ",
            "no",
            "yes",
            "null",
            "~",
            "1.0",
            "1e3",
            "0x1f",
            "0o17",
            "1_000",
            "2026-11-23",
            "12:30:45",
            ".inf",
            "true",
            "- a",
            "a: b",
            "a:b",
            "# c",
            "a #b",
            "`code`",
            "*star",
            "&amp",
            "!tag",
            "|",
            ">",
            "%",
            "@at",
            "\"quoted\"",
            "'single'",
            " leading",
            "trailing ",
            "two\nlines",
            "ends\n",
            "ends\n\n",
            "\n",
            "\n\nstarts",
            "  two\n  spaces\n",
            "tab\there",
            "\ttab",
            "emoji \u{1f600}",
            "line\u{2028}separator",
            "\u{85}",
            "\u{feff}bom",
            "\u{7f}",
            "\r",
            "a\r\nb",
            "---",
            "...",
            "a\n---\nb",
            "{a: b}",
            "[a]",
            "a, b",
            "?",
            "? a",
            ":",
            "a:",
            "<<",
            "=",
            " a\nb",
            "a \nb",
            "a\n b",
            "trailing space \n",
            "\u{200b}",
            "a\u{0}b",
            "\u{1b}[31m",
        ] {
            let text: Text = [("en".to_owned(), odd.to_owned())].into();
            assert_eq!(back(&text), text, "{odd:?}:\n{}", to_yaml(&text).unwrap());
            let long: Text = [("en".to_owned(), format!("{odd}{}", " word".repeat(60)))].into();
            assert_eq!(back(&long), long, "{odd:?} and words:\n{}", to_yaml(&long).unwrap());
            let long: Text = [("en".to_owned(), format!("{}{odd}", "word ".repeat(60)))].into();
            assert_eq!(back(&long), long, "words and {odd:?}:\n{}", to_yaml(&long).unwrap());
        }
    }

    #[test]
    fn the_built_in_lessons_read_back_as_they_were() {
        let curriculum = source::parse_curriculum(&source::embedded_curriculum()).unwrap();
        for content in &curriculum.lessons {
            let same = |a: serde_json::Value, b: serde_json::Value| assert_eq!(a, b);
            same(serde_json::to_value(&content.lesson).unwrap(), serde_json::to_value(back(&content.lesson)).unwrap());
            same(serde_json::to_value(&content.quiz).unwrap(), serde_json::to_value(back(&content.quiz)).unwrap());
            same(serde_json::to_value(&content.exercise).unwrap(), serde_json::to_value(back(&content.exercise)).unwrap());
        }
        let course: CourseFile = back(&curriculum.course);
        assert_eq!(course.lessons, curriculum.course.lessons);
    }

    proptest! {
        #[test]
        fn any_text_reads_back(text in "[ \\t\\n\\ra-c0-9:#'\"|>&*!%@`{}\\[\\],.?~\u{e9}\u{1f600}\u{2028}-]{0,60}", more in any::<String>()) {
            for odd in [text, more] {
                let text: Text = [("en".to_owned(), odd.clone()), ("no".to_owned(), format!("{}{odd}", "word ".repeat(30)))].into();
                prop_assert_eq!(back(&text), text);
            }
        }
    }
}
