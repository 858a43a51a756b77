//! Words that say nothing: a rationale without a reason, an option with nothing to choose. Pure.

use crate::check::words::words;

/// Words of a judgement: a rationale of these alone gives no reason.
const JUDGEMENT: &[&str] = &[
    "right",
    "wrong",
    "correct",
    "incorrect",
    "yes",
    "no",
    "true",
    "false",
    "exactly",
    "indeed",
    "good",
    "bad",
    "well",
    "done",
    "nope",
    "sorry",
    "try",
    "again",
    "this",
    "that",
    "it",
    "is",
    "was",
    "the",
    "a",
    "an",
    "not",
    "so",
    "here",
    "answer",
    "option",
    "choice",
    "key",
    "one",
    "best",
    "because",
    "very",
    "quite",
    "simply",
    "of",
    "course",
    "see",
    "lesson",
    "above",
    "and",
    "are",
    "you",
    "have",
    "your",
    "almost",
    "ok",
    "okay",
    "richtig",
    "falsch",
    "ja",
    "nein",
    "genau",
    "leider",
    "das",
    "ist",
    "die",
    "der",
    "antwort",
    "stimmt",
    "nicht",
    "weil",
    "es",
    "siehe",
    "lektion",
    "correcto",
    "correcta",
    "incorrecto",
    "incorrecta",
    "sí",
    "cierto",
    "falso",
    "esta",
    "esto",
    "es",
    "la",
    "el",
    "respuesta",
    "porque",
    "exacto",
    "tbd",
    "todo",
    "n",
    "na",
    "xxx",
    "lorem",
    "ipsum",
];
/// A reason has so many words of its own.
const REASON_WORDS: usize = 2;
/// A longer word is a sentence of a script without spaces, or a name that says enough.
const LONG_WORD: usize = 16;

/// Words of an option that offers nothing to choose.
const NOTHING: &[&str] = &[
    "other",
    "others",
    "something",
    "else",
    "anything",
    "i",
    "don't",
    "dont",
    "do",
    "know",
    "not",
    "sure",
    "unsure",
    "no",
    "idea",
    "n",
    "na",
    "a",
    "tbd",
    "todo",
    "option",
    "answer",
    "choice",
    "blank",
    "empty",
    "dummy",
    "placeholder",
    "x",
    "xx",
    "xxx",
    "foo",
    "bar",
    "baz",
    "test",
    "lorem",
    "ipsum",
    "skip",
    "pass",
    "whatever",
    "b",
    "c",
    "d",
    "it",
    "is",
    "depends",
    "maybe",
    "perhaps",
    "who",
    "knows",
    "sonstiges",
    "anderes",
    "weiß",
    "ich",
    "keine",
    "ahnung",
    "otro",
    "otra",
    "sé",
];

/// Whether a rationale gives no reason: only a judgement, or what the option says once more.
pub fn says_nothing(rationale: &str, option: &str) -> bool {
    let said = words(rationale);
    let own: Vec<&String> = said.iter().filter(|word| !JUDGEMENT.contains(&word.as_str())).collect();
    // What is written without spaces between its words is one long word here.
    let is_short = own.iter().map(|word| word.chars().count()).sum::<usize>() < LONG_WORD;
    (own.len() < REASON_WORDS && is_short) || (!option.is_empty() && said == words(option))
}

/// Whether an option offers nothing to choose: no words, or only words like "other".
pub fn is_empty_option(option: &str) -> bool {
    words(option).iter().all(|word| NOTHING.contains(&word.as_str()) || word.is_empty()) && !option.contains('`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_say_nothing() {
        for rationale in
            ["Right.", "Wrong.", "No, this is not the right answer.", "Ja, genau.", "Incorrecto.", "See the lesson.", ""]
        {
            assert!(says_nothing(rationale, "A filter"), "{rationale}");
        }
        assert!(says_nothing("A filter on the input.", "A filter on the input"));
        for rationale in [
            "`param` is \"prompt\".",
            "No output was counted.",
            "请求在到达模型之前就被输入过滤器拦截了，所以没有任何输出内容返回。",
        ] {
            assert!(!says_nothing(rationale, "A filter"), "{rationale}");
        }
        for (option, empty) in [
            ("-", true),
            ("Other", true),
            ("I don't know", true),
            ("Something else", true),
            ("`stop`", false),
            ("The plan", false),
        ] {
            assert_eq!(is_empty_option(option), empty, "{option}");
        }
    }
}
