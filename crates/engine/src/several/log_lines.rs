//! What a line of a log says of a call: that it began, how it ended, which one it was.

use std::sync::LazyLock;

use regex::Regex;

use super::facts::{UnitFacts, UnitKind, hashed, troubled_end};

/// So much of a line is looked at.
const MOST_OF_A_LINE: usize = 4_000;

#[allow(clippy::expect_used, reason = "a constant pattern, which a test compiles")]
fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// How an entry of a log begins: a time, a level, a mark in brackets, a named value, an access, the number of a call.
static ENTRY: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r#"(?-u)^[ \t]*(?:[\[(]?\d{4}[-/]\d\d[-/]\d\d[T _,]|[\[(]?\d{1,2}:\d\d:\d\d|[\[(]?\d{1,2}[-/ ][A-Z][a-z]{2}[-/ ]\d{4}|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d|\d{10,13}\b|[\[(]?(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL|NOTICE)\b|\[[\w.:/#-]{1,40}\]|[A-Za-z_][\w.]{0,40}=[!-~]|\d{1,3}(?:\.\d{1,3}){3} |"?(?:GET|POST) |HTTP Request:)"#,
    )
});

/// The number of a try, in several languages.
static TRY: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i)^[ \t*#>(\[-]{0,6}(?:(?:attempt|try|retry|call|request|response|answer|run|versuch|anfrage|antwort|intento|petici(?:o|\u{f3})n|respuesta|tentative|essai|requ(?:e|\u{ea})te|r(?:e|\u{e9})ponse|tentativa|resposta|prova|richiesta|risposta|poging|\u{43f}\u{43e}\u{43f}\u{44b}\u{442}\u{43a}\u{430}|\u{43e}\u{442}\u{432}\u{435}\u{442}|pr\u{f3}ba|deneme|\u{8bf7}\u{6c42}|\u{56de}\u{7b54}|\u{5c1d}\u{8bd5}|\u{8a66}\u{884c}) ?(?:#|no\.? ?|n[\u{ba}\u{b0}] ?)?[0-9]{1,4}(?-u:\b)|\u{7b2c} ?[0-9]{1,4} ?(?:\u{6b21}|\u{56de})|[0-9]{1,3}(?:st|nd|rd|th|\.|\u{ba}|\u{aa}|\u{e8}me) (?:attempt|try|call|request|answer|response|versuch|intento|essai|tentative|tentativa)(?-u:\b))",
    )
});

/// A status with its name, or behind an arrow or the line of an access.
static STATUS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r#"(?i-u)(?:\b(?P<name>(?:http[_ ]?)?status(?:[ _-]?code)?|error code|http(?:/[0-9.]+)?|code|statut|estado|codigo)["']?[ \t]*[:=(]?[ \t]*["']?|(?:->|=>|" )[ \t]*(?:http )?)(?P<code>[1-5][0-9]{2})\b"#,
    )
});
/// A status without a name, as it stands behind the number of a try.
static BARE: LazyLock<Regex> = LazyLock::new(|| constant(r"(?-u)[ \t:(\[](?P<code>[1-5][0-9]{2})\b"));
static REASON: LazyLock<Regex> = LazyLock::new(|| {
    constant(r#"(?i-u)\b(?:finish|stop|end|done|block)[_ -]?reason["'`]?[ \t]*[:=][ \t]*["'`\[]*(?P<why>[a-z_][\w.-]*)"#)
});
static ID: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r#"(?i-u)\b(?:x-)?(?:request|req|trace|correlation|call|job|rid)[_-]?(?:id)?["']?[ \t]*[=:][ \t]*["'\[]?(?P<id>[\w.:-]*\d[\w.-]*)"#,
    )
});
static BEGINS: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"(?i-u)\b(?:(?:sending|starting|new|incoming|received|begin) (?:a )?(?:chat |api |http )?(?:request|call|prompt|completion)|request (?:start(?:ed)?|sent|received|begin)|call (?:start(?:ed)?)|calling (?:the )?(?:model|api|llm)|prompt received)\b|(?:>>>|-->) ",
    )
});
static VERB: LazyLock<Regex> = LazyLock::new(|| constant(r"(?-u)\b(?:POST|GET) (?:https?:/)?/[!-~]"));

/// Whether an entry of a log begins on this line, or the heading of a try.
pub fn begins_entry(line: &str) -> bool {
    let line = start_of(line);
    ENTRY.is_match(line) || TRY.is_match(line)
}

/// A line that names what comes next: `Second try:`.
pub fn is_heading(line: &str) -> bool {
    let line = line.trim().trim_end_matches(['*', '_', ' ']);
    let short = line.chars().count() <= 80 && !line.is_empty();
    let marked =
        line.ends_with([':', '\u{ff1a}']) || line.starts_with("# ") || line.starts_with("## ") || line.starts_with("###");
    let rule = line.len() >= 3 && (line.chars().all(|c| "-=*_~".contains(c)));
    (short && marked && !line.contains(['{', '"', '=', '(']) && !line.contains("xception"))
        || rule
        || (short && TRY.is_match(line) && !BARE.is_match(line))
}

fn start_of(line: &str) -> &str {
    if line.len() <= MOST_OF_A_LINE {
        return line;
    }
    let end = (0..=MOST_OF_A_LINE).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    line.get(..end).unwrap_or_default()
}

/// The words of a line without its numbers: those of one statement in a program are alike.
fn template(line: &str) -> u64 {
    let words = line.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 3);
    hashed(&words.take(20).collect::<Vec<_>>().join(" "))
}

/// What a line says outside of its documents.
pub fn line_facts(line: &str) -> UnitFacts {
    let line = start_of(line);
    let mut facts = UnitFacts::default();
    if line.trim().is_empty() {
        return facts;
    }
    facts.id = ID.captures(line).and_then(|found| found.name("id")).map(|id| hashed(id.as_str()));
    let mut code = STATUS.captures(line).and_then(|found| {
        let name = found.name("name").map_or("arrow", |name| name.as_str()).to_lowercase();
        Some((name.split('/').next().unwrap_or_default().to_owned(), found.name("code")?.as_str()))
    });
    if code.is_none()
        && let Some(head) = TRY.find(line)
    {
        let rest = line.get(head.end()..).unwrap_or_default();
        code = BARE.captures(rest).and_then(|found| Some(("try".to_owned(), found.name("code")?.as_str())));
    }
    if let Some((name, code)) = code {
        facts.forms.push(hashed(&name));
        facts.status = Some(hashed(code));
        facts.shape = template(line);
        facts.trouble = code.starts_with(['4', '5']);
    }
    let why = REASON.captures(line).and_then(|found| found.name("why")).map_or("", |why| why.as_str());
    if !["", "null", "None", "none", "nil"].contains(&why) {
        facts.forms.push(hashed("reason"));
        facts.trouble |= troubled_end(why);
    }
    facts.kind = if !facts.forms.is_empty() {
        UnitKind::Whole
    } else if BEGINS.is_match(line) || VERB.is_match(line) {
        UnitKind::Request
    } else {
        UnitKind::Neutral
    };
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_told_from_prose() {
        for line in [
            "2026-03-11T08:14:55Z WARN gateway status=400",
            "[2026-06-02 13:20:55] node=x",
            "08:14:55 INFO a",
            "INFO:     10.2.0.9:51022 - \"POST /analyze HTTP/1.1\" 200 OK",
            "[warn] dropping",
            "status=200 finish_reason=stop",
            "Attempt 1: 429 Too Many Requests",
            "Versuch 2 -> 400",
            "10.0.0.1 - - [10/Oct/2026:13:55:36 +0000] \"POST /v1/chat HTTP/1.1\" 429 12",
            "Nov  3 10:11:12 host app: x",
        ] {
            assert!(begins_entry(line), "{line}");
        }
        for line in [
            "| HTTP 200 | the model |",
            "So in the log row 7 is a refusal: status 400.",
            "at Object.run (a.js:1:2)",
            "Error: no",
            "    raise self",
        ] {
            assert!(!begins_entry(line), "{line}");
        }
    }

    #[test]
    fn lines_say_that_a_call_began_and_how_it_ended() {
        let kinds = |line: &str| (line_facts(line).kind, line_facts(line).trouble);
        assert_eq!(kinds("INFO sending request model=x"), (UnitKind::Request, false));
        assert_eq!(kinds("INFO POST https://api.example.org/v1/chat"), (UnitKind::Request, false));
        assert_eq!(kinds("INFO HTTP Request: POST https://a.example/v1 \"HTTP/1.1 429 Too Many\""), (UnitKind::Whole, true));
        assert_eq!(kinds("status=200 finish_reason=content_filter"), (UnitKind::Whole, true));
        assert_eq!(kinds("Attempt 3: 200 OK"), (UnitKind::Whole, false));
        assert_eq!(kinds("finish_reason: null"), (UnitKind::Neutral, false));
        assert_eq!(kinds("INFO retrying in 200 ms"), (UnitKind::Neutral, false));
        assert!(line_facts("req=17 status=200").id.is_some_and(|id| id == hashed("17")));
    }
}
