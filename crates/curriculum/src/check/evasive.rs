//! Whether a text teaches how to get past a check. English; pure. Naming a kind of evasion is no teaching.

use std::sync::LazyLock;

use regex::Regex;

/// What guards: the thing that would be got past.
const GUARD: &str = r"(?:filter|check|classifier|guardrail|moderation|moderator|detector|censor|scanner|blocklist|block list|word list|safety system|safeguard|policy|restriction)s?";

/// How a text is made unreadable, shown and not only named.
static TECHNIQUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)
        \b(?: swap\w* | replac\w* | substitut\w* | exchang\w* | chang\w* | turn\w* | writ\w* ) \s (?:\w+\s){0,3}? (?:letters?|vowels?|characters?|words?)
            \s (?:\w+\s){0,2}? (?:for|with|by|into|as|to) \s (?:\w+\s){0,2}? (?:digits?|numbers?|symbols?|signs?|emojis?|look-?alikes?|others?|synonyms?|code)
        | \b(?: digits? | numbers? | symbols? | zeros? | zeroes | look-?alikes? | emojis? ) \s (?: in\splace\sof | instead\sof | for ) \s (?:\w+\s){0,2}? (?: letters? | vowels? | characters? )
        | \b(?: base\s?64 | rot\s?13 | leet(?:\s?speak)? | homoglyphs? | zero-?width | invisible\s(?:characters?|letters?) | morse | pig\slatin | hexadecimal | cyrillic )\b
        | \b(?: spell\w* | misspell\w* | writ\w* ) \s (?:\w+\s){0,4}? (?: backwards | differently | wrongly | phonetically | letter\sby\sletter | with\stypos )
        | \b(?: dots? | spaces? | hyphens? | dashes | asterisks? | stars? | points? | underscores? ) \s (?: between | inside | into | within | among ) \s (?:\w+\s){0,2}? (?:letters?|words?)
        | \b(?: split\w* | cut\w* | break\w* | spread\w* | divid\w* ) \s .{0,60}? \b so \s (?:that\s)? (?:no|none|nobody|neither|the\swhole|each|it)\b
        | \b(?: claim\w* | pretend\w* | say\w* | tell\w* | state\w* ) \s (?:\w+\s){0,4}? (?: you\sare | to\sbe | that\syou\sare ) \s an? \s .{0,40}? \b(?: though | although | even\sif | whether\sor\snot ) \b",
    )
    .ok()
});

/// That the aim is to get past a guard.
static PURPOSE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?xi)
        \b(?: to\spass | can\spass | will\spass | get\w*\s(?:it\s)?(?:past|by|through|around|round) | slip\w*\s(?:it\s)?(?:past|by|through) | sneak\w* | bypass\w* | evad\w* | dodg\w* | trick\w* | fool\w*
            | outwit\w* | beat\w* | defeat\w* | circumvent\w* | escap\w* | go(?:es|ing)?\s(?:a)?round | work\w*\saround )
            \s (?:\w+\s){{0,3}}? {GUARD} \b
        | \b so \s (?:that\s)? (?:\w+\s){{0,2}}? {GUARD} \s (?:\w+\s){{0,2}}? (?: not | no\slonger | never | miss\w* | fail\w* | cannot | can't | won't | doesn't | overlook\w* )
        | {GUARD} \s (?:\w+\s){{0,1}}? (?: will | does | do | can | may ) \s? (?: not | n't ) \s (?: notice | recogni[sz]e | see | find | catch | detect | match )",
    ))
    .ok()
});

/// Words ahead of it by which a text warns, reports or declines instead of teaching.
const WARNING: &[&str] = &[
    "not", "never", "no", "nor", "nothing", "without", "don't", "instead", "stop", "whoever", "if", "he", "she", "they", "was",
    "were",
];
/// Words that call it what it is.
const NAMING: &[&str] = &[
    "evasion",
    "evasive",
    "evades",
    "forbidden",
    "dishonest",
    "breach",
    "breaches",
    "hides",
    "hiding",
    "trick",
    "encoding",
    "disguise",
    "disguises",
];

/// Why a text teaches evasion: what it says of it. None where it warns.
pub fn teaches(text: &str) -> Option<String> {
    let technique = TECHNIQUE.as_ref().and_then(|pattern| pattern.find(text));
    let purpose = PURPOSE.as_ref().and_then(|pattern| pattern.find(text));
    let found = technique.into_iter().chain(purpose).next()?;
    // What is said ahead of it turns it round, "do not swap letters", and so does its name anywhere: "this is evasion".
    let any_of = |text: &str, list: &[&str]| {
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|word| list.contains(&word.to_lowercase().as_str()))
    };
    let warns = any_of(text.get(..found.start()).unwrap_or_default(), WARNING) || any_of(text, NAMING);
    (!warns).then(|| found.as_str().to_owned())
}

/// Whether a text shows how it is done, with the aim named, whoever is said to do it.
pub fn demonstrates(text: &str) -> bool {
    let found = |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|pattern| pattern.is_match(text));
    found(&TECHNIQUE) && found(&PURPOSE) && teaches(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teaching_is_told_from_naming() {
        for text in [
            "Swap some letters for digits, and send it again",
            "Replace a few characters with look-alikes so that it passes",
            "Write the word in Base64",
            "Use numbers in place of some letters",
            "Put dots between the letters",
            "Spell the name backwards",
            "Reword it until it slips past the filter",
            "Phrase it so that the classifier does not notice",
            "Split the text into five messages so that no part looks odd",
        ] {
            assert!(teaches(text).is_some(), "{text}");
        }
        for text in [
            "Say who will read it, and send it again",
            "Do not swap letters for digits",
            "An evasion: letters swapped for digits",
            "Use plain words, and leave out what is not needed",
            "Ask whoever set up the filter",
            "The check passed the prompt",
            "The prompt passed, and the filter read the answer",
        ] {
            assert_eq!(teaches(text), None, "{text}");
        }
        assert!(demonstrates("Swap letters for digits to get past the filter"));
    }
}
