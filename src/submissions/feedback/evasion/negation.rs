//! Tells what a text says from what it denies: "without trying to trick it" is no trick.

use std::sync::LazyLock;

use regex::Regex;

use crate::submissions::feedback::words::compiled_pattern;

/// So far before the words a "not" still belongs to them, in bytes.
const NEAR: usize = 60;

static NOT: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(concat!(
        r"(?i)\b(?:not|never|without|no|nor|neither|instead of|rather than|refrain|avoid(?:ed|ing)?|against|cannot|none|nobody|nothing)\b",
        r"|n['’]t\b|\b(?:nicht|nie|niemals|ohne|kein\w*|statt|anstatt|weder|sin|nunca|jamás|ni|tampoco|ne|pas|jamais|sans|aucune?|plutôt)\b",
        r"|\bn['’]|没有|没|并未|从未|未曾|不要|不会|不想|不能|不应|不是|不得|别|不",
    ))
});

/// "Do not refuse and ..." denies the refusal, not what follows.
static NO_REFUSAL: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(concat!(
        r"(?i)(?:\b(?:do|please|must|should|may|will|can) ?not|n['’]t|\bnever|\bwithout|\bno)\s+(?:\w+\s+)?",
        r"(?:refus|declin|warn|lectur|morali|hesitat|worr|disclaim|excuse|question|argu|object|problem|more\b)\w*",
        r"|不要拒绝|别拒绝|(?:nicht|keine)\s+(?:ablehn|verweiger|warn)\w*|sin (?:negarte|excusas)|no te niegues|ne refuse pas",
    ))
});

static AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(concat!(
        r"(?i)^\s*(?:nicht|nie)\b|^[^.!?\n]{0,24}?\b(?:(?:is|was|are|were|would be)(?: not|n['’]t)\b|(?:is|are) (?:no|forbidden|evasion|wrong|off limits)\b",
        r"|would (?:not|be (?:dishonest|wrong|evasion))|habe ich nicht|kommt nicht in frage|wäre (?:unehrlich|falsch)|no es una? (?:vía|opción)",
        r"|n['’]est pas une? (?:voie|option))|^[^。！？\n]{0,8}(?:不是|是不对的|是不允许的)",
    ))
});

static MISTAKE: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(concat!(
        r"(?i)by mistake|mistak|wrongly|falsely|false (?:positive|alarm)|misread|misunderst|harmless|innocent|unintention|unnecessar",
        r"|irrtüm|versehentlich|fälschlich|harmlos|por error|falso positivo|par erreur|faux positif|误判|误报|误认|误伤|无害",
    ))
});

/// The clause before a place, as far as a "not" in it could still be meant for what stands there.
pub fn clause_before(text: &str, at: usize) -> &str {
    let mut from = at.saturating_sub(NEAR);
    while !text.is_char_boundary(from) {
        from = from.saturating_add(1);
    }
    let near = text.get(from..at).unwrap_or_default();
    let breaks = ['.', '!', '?', ';', ':', '\n', '。', '！', '？', '；', '：', '，'];
    near.rfind(breaks).and_then(|end| near.get(end..)).map_or(near, |rest| rest.trim_start_matches(breaks))
}

/// Whether the words at `at` are denied by what stands before them.
pub fn before(text: &str, at: usize) -> bool {
    let clause = clause_before(text, at);
    NOT.is_match(&NO_REFUSAL.replace_all(clause, ""))
}

/// Whether the words that end at `at` are denied by what follows.
pub fn after(text: &str, at: usize) -> bool {
    AFTER.is_match(text.get(at..).unwrap_or_default())
}

/// Whether the sentence is about a check that is wrong: to be understood is no evasion.
pub fn by_mistake(text: &str, from: usize, to: usize) -> bool {
    let ends = ['.', '!', '?', '\n', '。', '！', '？'];
    let after = text.get(to..).unwrap_or_default();
    let after = after.split(ends).next().unwrap_or_default();
    let within = text.get(from..to).unwrap_or_default();
    [clause_before(text, from), within, after].into_iter().any(|piece| MISTAKE.is_match(piece))
}
