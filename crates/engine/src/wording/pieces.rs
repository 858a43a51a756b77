//! Takes a text apart: sentences, and whose words they are. In a person's account the message stands between quotation marks,
//! behind a colon, or indented.

/// How many sentences are read of a long text: so many from its beginning, and so many from its end.
const FROM_BEGINNING: usize = 120;
const FROM_END: usize = 30;

/// A quotation of fewer letters is a name or a word, and part of the sentence around it.
const SHORTEST_QUOTATION: usize = 10;

/// The longest quotation, in bytes; what stays open longer was no quotation mark.
const LONGEST_QUOTATION: usize = 6_000;

/// How a sentence stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Plain,
    Quoted,
    /// Behind a colon in the same line.
    AfterColon,
    Code,
}

/// One sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPiece {
    /// Where it stands, in bytes.
    pub from: usize,
    pub to: usize,
    pub setting: Setting,
}

/// A text, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    pub all: Vec<TextPiece>,
    /// Lines that begin like entries of a list.
    pub entries: usize,
    pub words: usize,
    /// Bytes between quotation marks.
    pub quoted: usize,
    pub code: usize,
}

/// Marks that open a quotation, with those that close it.
const MARKS: &[(char, &[char])] = &[
    ('"', &['"']),
    ('\u{201c}', &['\u{201d}', '"']),
    ('\u{201e}', &['\u{201c}', '\u{201d}', '"']),
    ('\u{201d}', &['\u{201d}']),
    ('\u{ab}', &['\u{bb}']),
    ('\u{bb}', &['\u{ab}']),
    ('\u{2039}', &['\u{203a}']),
    ('\u{2018}', &['\u{2019}']),
    ('\u{201a}', &['\u{2018}', '\u{2019}']),
    ('\u{300c}', &['\u{300d}']),
    ('\u{300e}', &['\u{300f}']),
    ('\'', &['\'']),
];

/// Takes `text` apart, in one pass.
pub fn take_apart(text: &str) -> Pieces {
    let quotations = quotations(text);
    let quoted: usize = quotations.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
    // A text that is quoted as a whole is the message itself.
    let whole = quoted.saturating_mul(5) > text.trim().len().saturating_mul(4);
    let quotations = if whole { Vec::new() } else { quotations };
    let mut out = Pieces { quoted: if whole { 0 } else { quoted }, words: count_words(text), ..Pieces::default() };
    let mut next = quotations.iter().peekable();
    let (mut at, mut fenced, mut indented) = (0_usize, false, false);
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at.saturating_add(line.len()));
        at = end;
        let plain = line.trim();
        if plain.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            out.code = out.code.saturating_add(line.len());
            out.all.push(TextPiece { from: start, to: end, setting: Setting::Code });
            continue;
        }
        out.entries = out.entries.saturating_add(usize::from(is_list_entry(plain)));
        indented = plain.starts_with('>')
            || (line.starts_with("    ") || line.starts_with('\t')) && !plain.is_empty() && (indented || out.all.len() < 40);
        let usual = if indented { Setting::Quoted } else { Setting::Plain };
        let mut from = start;
        while let Some((open, close)) = next.peek().copied().copied().filter(|(open, _)| *open < end) {
            sentences(text, from, open, usual, &mut out.all);
            sentences(text, open, close.min(end), Setting::Quoted, &mut out.all);
            from = close.min(end);
            if close > end {
                break;
            }
            next.next();
        }
        // A quotation that goes on in the next line.
        let inside = next.peek().is_some_and(|(open, close)| *open < from && *close > from);
        sentences(text, from, end, if inside { Setting::Quoted } else { usual }, &mut out.all);
    }
    if out.all.len() > FROM_BEGINNING.saturating_add(FROM_END) {
        let last = out.all.split_off(out.all.len().saturating_sub(FROM_END));
        out.all.truncate(FROM_BEGINNING);
        out.all.extend(last);
    }
    out
}

/// What stands between quotation marks.
fn quotations(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut open: Option<(usize, &[char])> = None;
    let mut before = ' ';
    let mut letters = 0_usize;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at.saturating_add(c.len_utf8());
        let after = chars.peek().map_or(' ', |(_, c)| *c);
        match open {
            Some((from, close)) if close.contains(&c) && !(is_apostrophe(c) && after.is_alphanumeric()) => {
                if letters >= SHORTEST_QUOTATION || letters >= 4 && wide(text.get(from..at).unwrap_or_default()) {
                    out.push((from, end));
                }
                open = None;
            }
            Some((from, _)) if at.saturating_sub(from) > LONGEST_QUOTATION || c == '\n' && after == '\n' => open = None,
            Some(_) => letters = letters.saturating_add(usize::from(c.is_alphanumeric())),
            None => {
                let mark = MARKS.iter().find(|(mark, _)| *mark == c);
                // An apostrophe stands within or behind a word.
                if let Some((_, close)) = mark.filter(|_| !before.is_alphanumeric() || !is_apostrophe(c)) {
                    open = Some((at, close));
                    letters = 0;
                }
            }
        }
        before = c;
    }
    out
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Whether a text is in a script that needs few characters for a sentence.
fn wide(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'))
}

/// Splits what stands from `from` to `to` into sentences: behind an end mark, and behind a colon where both sides say something.
fn sentences(text: &str, from: usize, to: usize, setting: Setting, out: &mut Vec<TextPiece>) {
    let Some(part) = text.get(from..to) else { return };
    let (mut begin, mut letters, mut ended, mut colon) = (0_usize, 0_usize, false, false);
    let mut push = |begin: usize, end: usize, colon: bool| {
        let Some(own) = part.get(begin..end) else { return };
        let (lead, tail) = (own.len().saturating_sub(own.trim_start().len()), own.trim_end().len());
        if own.chars().any(char::is_alphanumeric) && lead < tail {
            let setting = if colon && setting == Setting::Plain { Setting::AfterColon } else { setting };
            let at = from.saturating_add(begin);
            out.push(TextPiece { from: at.saturating_add(lead), to: at.saturating_add(tail), setting });
        }
    };
    for (at, c) in part.char_indices() {
        let blank = c.is_whitespace();
        if letters > 1 && ended && blank {
            push(begin, at, colon);
            (begin, letters, colon) = (at, 0, false);
        } else if letters > 1 && matches!(c, '。' | '！' | '？' | '\u{ff0e}' | '\u{964}' | '\u{61f}' | '\u{6d4}') {
            let end = at.saturating_add(c.len_utf8());
            push(begin, end, colon);
            (begin, letters, colon) = (end, 0, false);
        } else if letters > 7
            && (c == '\u{ff1a}'
                || c == ':' && part.get(at.saturating_add(1)..).is_some_and(|rest| rest.starts_with([' ', '\u{a0}'])))
        {
            let rest = part.get(at.saturating_add(c.len_utf8())..).unwrap_or_default();
            if rest.chars().filter(|c| c.is_alphanumeric()).take(8).count() > 7 {
                let end = at.saturating_add(c.len_utf8());
                push(begin, end, colon);
                (begin, letters, colon) = (end, 0, true);
            }
        }
        ended = matches!(c, '.' | '!' | '?' | '\u{2026}') || ended && matches!(c, '"' | '\'' | ')' | '*' | '\u{201d}' | '\u{bb}');
        letters = letters.saturating_add(usize::from(c.is_alphanumeric()));
    }
    push(begin, part.len(), colon);
}

/// Words, and characters of scripts that set none apart, two for one word.
pub fn count_words(text: &str) -> usize {
    let ideographs = text.chars().filter(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')).count();
    text.split_whitespace().count().saturating_add(ideographs / 2)
}

fn is_list_entry(line: &str) -> bool {
    let digits = line.len().saturating_sub(line.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let numbered = (1..=2).contains(&digits) && line.get(digits..).is_some_and(|rest| rest.starts_with(['.', ')', '、']));
    numbered || ["- ", "* ", "\u{2022}", "| "].iter().any(|mark| line.starts_with(mark))
}
