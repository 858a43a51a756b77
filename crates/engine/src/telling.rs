//! How a verdict is put into words: the summary, the ranked layers, quotations.

use crate::layer::Layer;
use crate::source::Guide;
use crate::verdict::{Extent, Ranked, Reason};
use crate::weigh::Decision;

/// The longest quotation of a reason, in characters.
const LONGEST_QUOTE: usize = 160;

pub fn ranked(decision: &Decision) -> Vec<Ranked> {
    let own = decision.ranked.iter().map(|(layer, share)| Ranked { layer: *layer, confidence: rounded_share(*share) });
    own.filter(|ranked| ranked.confidence >= 0.01).collect()
}

pub fn rounded_share(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

/// The answer in a few sentences.
pub fn verdict_summary(
    guide: &Guide,
    decision: &Decision,
    extent: Extent,
    first: Option<&Reason>,
    collect: Option<&str>,
) -> String {
    let title = |layer: Layer| guide.layer(layer).title.clone();
    let said = match decision.verdict {
        Layer::Undetermined => {
            let mut best = decision.ranked.iter().map(|(layer, _)| title(*layer));
            match (first, best.next(), best.next()) {
                (Some(_), Some(a), Some(b)) => format!("Not decided yet: {a} and {b} are both possible."),
                _ => "The evidence is too little to tell.".to_owned(),
            }
        }
        Layer::NotARefusal if decision.confidence.is_none_or(|share| share < 0.85) => {
            "This is most likely no refusal.".to_owned()
        }
        Layer::NotARefusal => "This is no refusal.".to_owned(),
        layer if extent == Extent::Partial => format!("A part was refused, most likely by {}.", title(layer)),
        layer => format!("Most likely {} refused.", title(layer)),
    };
    let because = first.map(|reason| match (&reason.pointer, &reason.quote) {
        (Some(pointer), Some(quote)) if !pointer.is_empty() => {
            format!(" `{pointer}` is \u{201c}{quote}\u{201d}. {}", reason.meaning)
        }
        (_, Some(quote)) => format!(" \u{201c}{quote}\u{201d} {}", reason.meaning),
        _ => format!(" {}", reason.meaning),
    });
    let collect = collect.map(|collect| format!(" {collect}"));
    format!("{said}{}{}", because.unwrap_or_default(), collect.unwrap_or_default())
}

/// How people report the outcome of a try in a comparison, in place of pasting it.
pub fn reported_refusal(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["declined", "refused", "refuses", "blocked", "abgelehnt", "verweigert", "rechaz", "refus\u{e9}", "\u{62d2}\u{7edd}"];
    has_any(text.get(..text.len().min(400)).unwrap_or(text), &WORDS)
}

/// Whether any of the words, which are in lower case, stands in the text.
pub fn has_any(text: &str, words: &[impl AsRef<str>]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word.as_ref()))
}

/// The text around a match, as much of it as a quotation holds.
pub fn around(text: &str, from: usize, to: usize) -> &str {
    if text.chars().count() <= LONGEST_QUOTE {
        return text.trim();
    }
    text.get(from..to).unwrap_or(text)
}

pub fn cut_quotation(text: &str) -> String {
    let mut out: String = text.chars().take(LONGEST_QUOTE).collect();
    if out.len() < text.len() {
        out.push('\u{2026}');
    }
    out
}
