//! What in a stem or an option helps nobody: a question that turns on a small word, an article that fits one option, all or none of the
//! above. Pure; by language where it says so.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::words::{own_words, sentences, words};

/// Words that turn a question round, as they are written in a sentence; in capitals or bold they are marked.
const NEGATIVE: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "not",
            "except",
            "excepting",
            "excluding",
            "untrue",
            "false",
            "incorrect",
            "incorrectly",
            "inaccurate",
            "mistaken",
            "wrong",
            "wrongly",
            "least",
            "unlikely",
            "unlikeliest",
            "cannot",
            "neither",
            "never",
            "isn't",
            "aren't",
            "doesn't",
            "don't",
            "wasn't",
            "can't",
            "won't",
            "isn’t",
            "aren’t",
            "doesn’t",
            "don’t",
            "wasn’t",
            "can’t",
            "won’t",
        ],
    ),
    (
        "de",
        &[
            "nicht",
            "außer",
            "ausgenommen",
            "falsch",
            "falsche",
            "unwahr",
            "unzutreffend",
            "kein",
            "keine",
            "keiner",
            "keines",
            "keinen",
            "keinem",
        ],
    ),
    ("es", &["excepto", "salvo", "falso", "falsa", "falsas", "incorrecto", "incorrecta", "ninguno", "ninguna", "nunca"]),
];

/// Words with which a question begins, so that it is one without its sign too.
const ASKING: &[&str] = &[
    "which", "what", "who", "whom", "whose", "where", "when", "why", "how", "name", "pick", "choose", "select", "find", "mark",
    "give", "say", "welche", "welcher", "welches", "was", "wer", "wo", "wann", "wie", "nenne", "wähle", "qué", "cuál", "cuáles",
    "quién", "dónde", "cómo", "elige", "indica",
];

/// Articles that an option has to fit, at the end of a stem.
const ARTICLES: &[(&str, &[&str])] = &[
    ("en", &["a", "an"]),
    ("de", &["ein", "eine", "einen", "einem", "einer", "der", "die", "das", "den", "dem"]),
    ("es", &["un", "una", "el", "la", "los", "las"]),
];

/// "All of the above" in any words: every one of them holds, or none does.
static ALL_OR_NONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        \b(?: all | none | each | every | any | both | neither ) (?:\sone)? \s (?: of \s )? (?: the \s | these \s | those \s )?
            (?: other \s )? (?: two \s | three \s | four \s | five \s )?
            (?: above | below | others | statements? | options? | choices | claims? | sentences | alternatives? | possibilities )\b
        | \b(?: all | none | each | every | any | both | neither ) (?:\sone)? \s of \s (?: the \s | these \s | those \s ) (?: two \s | three \s | four \s )? answers\b
        | \b every \s answer \s (?: is | holds | fits )\b
        | ^\W*(?: all | none | each | every\sone | any | both | neither ) \s of \s (?: them | these | those )\b
        | ^\s*(?: all | each | both | none | every\sone ) (?: \s (?:the\s)? (?: two | three | four | five ) )? \s* [.!]? \s*$
        | ^\s*(?: all | each ) \s (?: two | three | four | five )\b
        | \bthe \s (?: others? | rest | other \s (?:two|three|four) | first \s (?:two|three) | last \s (?:two|three) | previous \s (?:two|three) ) \s
            (?: are | is | hold | holds | fit | fits | apply ) \b
        | \bmore\sthan\sone\s(?:of\s)?(?:the\s|these\s)?(?:above|options|answers|statements)\b
        | \b(?: options?|answers? ) \s [a-d1-4] \s? (?: , \s? [a-d1-4] \s? )* (?: and | & | , ) \s? [a-d1-4] \b
        | \b(?: alle | keine[rs]? | jede[rs]? | beide ) \s (?: der \s | dieser \s )? (?: \w+ \s )? (?: genannten | aussagen? | antworten? | möglichkeit(?:en)? | optionen )\b
        | \b(?: alles | nichts ) \s davon \b
        | \b(?: todas? | todos? | ninguna | ninguno | cada \s una | ambas ) \s (?: de \s )? (?: las \s | los \s | estas \s | estos \s )? (?: \w+ \s )? (?: anteriores | afirmaciones | respuestas | opciones )\b
        | \b(?: todo | nada \s de ) \s lo \s anterior \b",
    )
    .ok()
});

fn of_language<'a>(lists: &[(&str, &'a [&'a str])], language: &str) -> &'a [&'a str] {
    let tag = language.split('-').next().unwrap_or_default();
    lists.iter().find(|(of, _)| of.eq_ignore_ascii_case(tag)).map_or(&[], |(_, list)| list)
}

/// The unmarked word on which a question of the stem turns. What a story tells is no question.
pub fn negative(stem: &str, language: &str) -> Option<String> {
    let turning = of_language(NEGATIVE, language);
    // A marked word is no longer there to be found: what is bold is every second piece between `**`.
    let unmarked: String = stem.split("**").step_by(2).collect();
    let told = own_words(&unmarked);
    let asks = |sentence: &&str| {
        let first = words(sentence).into_iter().next().unwrap_or_default();
        sentence.ends_with('?') || sentence.ends_with(':') || ASKING.contains(&first.as_str())
    };
    sentences(&told).into_iter().filter(asks).find_map(|question| {
        let parts = question.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’'));
        let mut before = "";
        parts.filter(|part| !part.is_empty()).find_map(|word| {
            // "At least four" asks for a number.
            let turns = turning.contains(&word) && !(word == "least" && before == "at");
            before = word;
            turns.then(|| word.to_owned())
        })
    })
}

/// The article at the end of a stem that some option does not follow.
pub fn article(stem: &str, options: &[&str], language: &str) -> Option<String> {
    let last = stem.trim_end_matches(|c: char| !c.is_alphanumeric()).rsplit(|c: char| !c.is_alphanumeric()).next()?.to_owned();
    if !of_language(ARTICLES, language).contains(&last.as_str()) {
        return None;
    }
    let follows = |option: &&str| {
        let vowel =
            option.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase().starts_with(['a', 'e', 'i', 'o', 'u']);
        match last.as_str() {
            "an" => vowel,
            "a" => !vowel,
            // In other languages the gender decides, which no spelling shows: an option should bring its own article.
            _ => false,
        }
    };
    (!options.iter().all(follows)).then_some(last)
}

/// Whether an option says "all or none of the above" in whatever words.
pub fn is_all_or_none(option: &str) -> bool {
    ALL_OR_NONE.as_ref().is_some_and(|pattern| pattern.is_match(&own_words(option)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_turns_on_a_word() {
        for (stem, language) in [
            ("Which statement is untrue", "en"),
            ("Which of these does not hold?", "en"),
            ("Which reading isn't borne out?", "en"),
            ("A call failed. What is least likely?", "en"),
            ("Welche Aussage ist falsch?", "de"),
            ("¿Cuál es la excepción, salvo una?", "es"),
        ] {
            assert!(negative(stem, language).is_some(), "{stem}");
        }
        for (stem, language) in [
            ("Which statement is **untrue**?", "en"),
            ("Which is NOT borne out?", "en"),
            ("The call was not answered. Which field decides?", "en"),
            ("Which line says \"do not\"?", "en"),
            ("Was ist nicht gemeint?", "en"),
        ] {
            assert_eq!(negative(stem, language), None, "{stem}");
        }
    }

    #[test]
    fn an_article_that_fits_some() {
        assert!(article("It was stopped by an", &["input filter", "plan"], "en").is_some());
        assert!(article("It was stopped by a ...", &["input filter", "plan"], "en").is_some());
        assert!(article("Gestoppt hat es der", &["Filter", "Anbieter"], "de").is_some());
        assert_eq!(article("It was stopped by an", &["input filter", "output filter"], "en"), None);
        assert_eq!(article("It was stopped by", &["an input filter", "a plan"], "en"), None);
        assert_eq!(article("Who may change plan A?", &["an owner", "a user"], "en"), None);
    }

    #[test]
    fn all_or_none_in_other_words() {
        for option in [
            "Each of these three statements holds",
            "All of them",
            "All three",
            "Both of these options",
            "None of the others fits",
            "The other three are right",
            "Every answer is right",
            "Options A and C",
            "Alle drei Aussagen stimmen",
            "Todas las anteriores",
        ] {
            assert!(is_all_or_none(option), "{option}");
        }
        for option in [
            "Each call was answered",
            "All twenty calls failed",
            "Both sides were checked",
            "None was sent",
            "The other account is refused",
        ] {
            assert!(!is_all_or_none(option), "{option}");
        }
    }
}
