//! Whether a rewritten request reads like a way round a check, and of which kind: a small classifier fitted to
//! `training/evasion`. It tells evasion from honest wording; it words none itself.

use std::sync::LazyLock;

use crate::wording::linear::LinearModel;
use crate::wording::ngrams::buckets;
use crate::wording::pieces::take_apart;
use crate::wording::{concepts, language::LanguageModel, lowered};

/// The kinds, in the order of the weights; the last is none.
pub const KINDS: [&str; 12] = [
    "role",
    "override",
    "persona",
    "encoding",
    "split",
    "translation",
    "fiction",
    "hopping",
    "pressure",
    "suppress",
    "payload",
    "honest",
];

pub type EvasionModel = LinearModel<12>;

static BUILT_IN: LazyLock<EvasionModel> = LazyLock::new(|| EvasionModel::read(include_bytes!("../compiled/evasion.bin")));

/// The one that is compiled into this program.
pub fn evasion_model() -> &'static EvasionModel {
    &BUILT_IN
}

/// How a request reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvasionReading<'a> {
    /// How likely it is an evasion, from 0 to 1.
    pub evasive: f32,
    /// Of which of [`KINDS`] it would be.
    pub kind: &'static str,
    /// The sentence that reads so most.
    pub sentence: &'a str,
}

/// So many sentences of a request are looked at one by one.
const SENTENCES: usize = 60;

/// Reads one request.
pub fn read_evasion(text: &str) -> EvasionReading<'_> {
    read_request(evasion_model(), text)
}

/// Reads one request by a model: what it shows as a whole, and its most evasive sentence, count the same.
pub fn read_request<'a>(model: &EvasionModel, text: &'a str) -> EvasionReading<'a> {
    let language = LanguageModel::built_in().most_likely(text, &mut Vec::new());
    let (mut room, mut found) = (Vec::new(), Vec::new());
    let mut shares = |part: &str| {
        request_buckets(language, part, &mut found, &mut room);
        model.shares(&room)
    };
    let honest = |shares: &[f32; 12]| shares.last().copied().unwrap_or(1.0);
    let whole = shares(text);
    let pieces = take_apart(text).all;
    let parts = pieces.iter().take(SENTENCES).filter_map(|piece| text.get(piece.from..piece.to));
    let each = parts.map(|part| (part, shares(part)));
    let (sentence, worst) = each.min_by(|a, b| honest(&a.1).total_cmp(&honest(&b.1))).unwrap_or((text, whole));
    let both: Vec<f32> = whole.iter().zip(worst).map(|(whole, worst)| f32::midpoint(*whole, worst)).collect();
    let best = KINDS.iter().zip(&both).take(KINDS.len().saturating_sub(1)).max_by(|a, b| a.1.total_cmp(b.1));
    let kind = best.map_or("role", |(kind, _)| *kind);
    EvasionReading { evasive: 1.0 - both.last().copied().unwrap_or(1.0), kind, sentence }
}

/// What a request, or a part of it, shows to the classifier.
pub fn request_buckets(language: usize, text: &str, found: &mut Vec<u8>, room: &mut Vec<u32>) {
    found.clear();
    concepts::of_language(language).inspect(|words| words.find(&lowered(text), found));
    buckets(text, found, room);
}
