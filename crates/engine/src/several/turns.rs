//! The turns of a conversation that somebody pasted: `User:` and `Assistant:` in several languages, and messages with roles.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::facts::hashed;
use super::scan::{PlacedMember, bare_string, is_filled, placed_members};

/// The longest name of a speaker, in bytes.
const LONGEST_LABEL: usize = 40;

/// Names under which the person stands.
const PERSON: &str = " user | human | me | you | customer | prompt | person | visitor | guest | nutzer | nutzerin | benutzer | ich | mensch \
    | kunde | kundin | usuario | usuaria | yo | cliente | utilisateur | utilisatrice | moi | vous | usu\u{e1}rio | usu\u{e1}ria | eu | utente | io \
    | gebruiker | ik | u\u{17c}ytkownik | ja | kullan\u{131}c\u{131} | ben | anv\u{e4}ndare | jag | \u{43f}\u{43e}\u{43b}\u{44c}\u{437}\u{43e}\u{432}\u{430}\u{442}\u{435}\u{43b}\u{44c} | \u{44f} \
    | \u{7528}\u{6237} | \u{6211} | \u{7528}\u{6236} | \u{30e6}\u{30fc}\u{30b6}\u{30fc} | \u{79c1} | \u{c0ac}\u{c6a9}\u{c790} | \u{b098} | \u{627}\u{644}\u{645}\u{633}\u{62a}\u{62e}\u{62f}\u{645} | \u{623}\u{646}\u{627} \
    | you said | du hast gesagt | has dicho | vous avez dit | \u{909}\u{92a}\u{92f}\u{94b}\u{917}\u{915}\u{930}\u{94d}\u{924}\u{93e} | pengguna | ng\u{1b0}\u{1edd}i d\u{f9}ng ";

/// Names under which the model stands.
const MODEL: &str = " assistant | ai | bot | chatbot | model | agent | chatgpt | gpt | claude | gemini | copilot | llama | mistral | le chat \
    | deepseek | qwen | kimi | grok | response | completion | assistent | assistentin | ki | asistente | ia | assistente | assistant ia \
    | asystent | asistan | yapay zeka | \u{430}\u{441}\u{441}\u{438}\u{441}\u{442}\u{435}\u{43d}\u{442} | \u{431}\u{43e}\u{442} | \u{438}\u{438} | \u{52a9}\u{624b} | ai\u{52a9}\u{624b} | \u{6a21}\u{578b} | \u{673a}\u{5668}\u{4eba} \
    | \u{30a2}\u{30b7}\u{30b9}\u{30bf}\u{30f3}\u{30c8} | \u{c5b4}\u{c2dc}\u{c2a4}\u{d134}\u{d2b8} | \u{645}\u{633}\u{627}\u{639}\u{62f} | \u{627}\u{644}\u{645}\u{633}\u{627}\u{639}\u{62f} | chatgpt said | claude responded | \u{938}\u{939}\u{93e}\u{92f}\u{915} \
    | asisten | tr\u{1ee3} l\u{fd} ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speaker {
    Person,
    Model,
    /// Somebody with a name of their own.
    Named(u64),
}

static PERSONS: LazyLock<HashSet<&str>> = LazyLock::new(|| PERSON.split('|').map(str::trim).collect());
static MODELS: LazyLock<HashSet<&str>> = LazyLock::new(|| MODEL.split('|').map(str::trim).collect());

/// Who speaks on this line, and where the words begin.
fn speaker(line: &str) -> Option<(Speaker, usize)> {
    let trimmed = line.trim_start_matches([' ', '\t', '>', '*', '_', '#', '-', '[', '\u{2022}']);
    let mut at = line.len().saturating_sub(trimmed.len());
    let mut rest = trimmed;
    // The time of a message.
    if let Some(end) = rest.find([']', ' ']).filter(|end| {
        *end > 3 && rest.get(..*end).is_some_and(|time| time.chars().all(|c| c.is_ascii_digit() || ":.-/".contains(c)))
    }) {
        let after = rest.get(end..).unwrap_or_default().trim_start_matches([']', ' ', '-', '*', '[']);
        at = line.len().saturating_sub(after.len());
        rest = after;
    }
    let limit =
        rest.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8())).take_while(|end| *end <= LONGEST_LABEL).last()?;
    let head = rest.get(..limit)?;
    let colon = head.find([':', '\u{ff1a}']);
    let (label, end) = match colon {
        Some(colon) => {
            let sign = head.get(colon..)?.chars().next()?.len_utf8();
            (head.get(..colon)?, colon.saturating_add(sign))
        }
        // `### Assistant`, `[assistant] ...`.
        None if line.trim_start().starts_with('#') => (rest.trim_end(), rest.len()),
        None if line.trim_start().starts_with('[') => {
            let close = head.find(']')?;
            (head.get(..close)?, close.saturating_add(1))
        }
        None => return None,
    };
    let name = label.trim_matches([' ', '*', '_', ']', '[', '\u{1f464}', '\u{1f916}']).to_lowercase();
    // `ChatGPT 4o`, `Claude (Sonnet)`.
    let first = name.split([' ', '(', '-']).next().unwrap_or_default();
    let proper = !name.is_empty() && name.chars().count() <= 24 && !name.contains(['{', '"', '/', '=', ',', '.']);
    let who = if PERSONS.contains(name.as_str()) {
        Speaker::Person
    } else if MODELS.contains(name.as_str())
        || (MODELS.contains(first) && name.contains(|c: char| c.is_ascii_digit() || c == '('))
    {
        Speaker::Model
    } else if proper && colon.is_some() && !name.contains(' ') && !name.chars().all(|c| c.is_ascii_digit()) {
        Speaker::Named(hashed(&name))
    } else {
        return None;
    };
    let words = rest.get(end..).unwrap_or_default().trim_start_matches(['*', '_', ' ']);
    Some((who, at.max(line.len().saturating_sub(words.len()))))
}

/// The answers of a written conversation, where at least two are there; the words alone, without the names.
pub fn spoken_answers(text: &str) -> Vec<(usize, usize)> {
    let mut turns: Vec<(Speaker, usize, usize)> = Vec::new();
    let (mut at, mut before) = (0_usize, 0_usize);
    for line in text.split_inclusive('\n') {
        let end = at.saturating_add(line.len());
        let bare = line.trim_end();
        match speaker(bare) {
            // A conversation begins with one of the usual names.
            Some((who, words)) if !(turns.is_empty() && matches!(who, Speaker::Named(_))) => {
                turns.push((who, at.saturating_add(words), end));
            }
            _ if bare.is_empty() => {}
            _ => match turns.last_mut() {
                Some(last) => last.2 = end,
                // A line or two before the first turn: a title, a date.
                None => before = before.saturating_add(if bare.chars().count() > 40 || bare.ends_with(':') { 3 } else { 1 }),
            },
        }
        if before > 2 {
            return Vec::new();
        }
        at = end;
    }
    let model = own_name(&turns);
    let mut answers: Vec<(usize, usize)> = Vec::new();
    let (mut asked, mut follows) = (false, false);
    for (who, from, to) in turns {
        let speaks = who == Speaker::Model || model == Some(who);
        match who {
            Speaker::Person => (asked, follows) = (true, false),
            _ if speaks && follows => {
                if let Some(last) = answers.last_mut() {
                    last.1 = to;
                }
            }
            _ if speaks => {
                answers.push((from, to));
                follows = true;
            }
            // A line of the answer that only looks like a name.
            Speaker::Named(_) | Speaker::Model if follows => {
                if let Some(last) = answers.last_mut() {
                    last.1 = to;
                }
            }
            Speaker::Named(_) | Speaker::Model => {}
        }
    }
    answers.retain(|(from, to)| text.get(*from..*to).is_some_and(|words| !words.trim().is_empty()));
    if asked && answers.len() > 1 { answers } else { Vec::new() }
}

/// The name under which a model answers, where no usual one stands: each time behind the person, and more than once.
fn own_name(turns: &[(Speaker, usize, usize)]) -> Option<Speaker> {
    if turns.iter().any(|(who, ..)| *who == Speaker::Model) {
        return None;
    }
    let mut behind =
        turns.iter().zip(turns.iter().skip(1)).filter(|(first, _)| first.0 == Speaker::Person).map(|(_, next)| next.0);
    let first = behind.next().filter(|who| matches!(who, Speaker::Named(_)))?;
    (behind.next() == Some(first) && behind.all(|who| who == first)).then_some(first)
}

/// The answers among messages with roles, as stretches of the list that holds them; at least two, or none.
pub fn assistant_messages(messages: &[PlacedMember<'_>]) -> Vec<(usize, usize)> {
    let mut answers: Vec<(usize, usize)> = Vec::new();
    let (mut asked, mut follows) = (false, false);
    for message in messages {
        let members = if message.value.starts_with('{') { placed_members(message.value) } else { Vec::new() };
        let word = |name: &str| members.iter().find(|one| one.name == name).map(|one| one.value);
        let role =
            ["role", "from", "author", "sender"].iter().find_map(|name| word(name)).and_then(bare_string).unwrap_or_default();
        let end = message.from.saturating_add(message.value.len());
        match role {
            "user" | "human" => (asked, follows) = (true, false),
            "assistant" | "model" | "ai" | "bot" | "gpt" => {
                let says = ["content", "parts", "text", "value", "refusal"].iter().any(|name| word(name).is_some_and(is_filled));
                match answers.last_mut().filter(|_| follows) {
                    Some(last) => last.1 = end,
                    None if says => {
                        answers.push((message.from, end));
                        follows = true;
                    }
                    None => {}
                }
            }
            "system" | "developer" | "tool" | "function" => {}
            _ => return Vec::new(),
        }
    }
    if asked && answers.len() > 1 { answers } else { Vec::new() }
}

/// A message as a list of one, under the names that an API gives.
pub fn message_alone(own: &str) -> String {
    let members = placed_members(own);
    let usual = members.iter().any(|one| ["content", "parts", "refusal", "tool_calls"].contains(&one.name));
    match members.iter().find(|one| !usual && ["value", "text"].contains(&one.name)) {
        Some(words) => format!("{{\"messages\":[{{\"role\":\"assistant\",\"content\":{}}}]}}", words.value),
        None => format!("{{\"messages\":[{own}]}}"),
    }
}
