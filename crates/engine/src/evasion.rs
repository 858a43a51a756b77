//! Whether a rewritten request reads like a way round a check, and of which kind: a small classifier fitted to
//! `training/evasion`. It tells evasion from honest wording; it words none itself.

use std::sync::LazyLock;

use crate::wording::linear::LinearModel;
use crate::wording::ngrams::buckets;
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
pub struct EvasionReading {
    /// How likely it is an evasion, from 0 to 1.
    pub evasive: f32,
    /// Of which of [`KINDS`] it would be.
    pub kind: &'static str,
}

/// Reads one request.
pub fn read_evasion(text: &str) -> EvasionReading {
    let mut room = Vec::new();
    shown(text, &mut room);
    let shares = evasion_model().shares(&room);
    let honest = shares.last().copied().unwrap_or(1.0);
    let best = KINDS.iter().zip(shares).take(KINDS.len().saturating_sub(1)).max_by(|a, b| a.1.total_cmp(&b.1));
    EvasionReading { evasive: 1.0 - honest, kind: best.map_or("role", |(kind, _)| *kind) }
}

/// What a request shows to the classifier.
pub fn shown(text: &str, room: &mut Vec<u32>) {
    let mut found = Vec::new();
    let language = LanguageModel::built_in().most_likely(text, room);
    concepts::of_language(language).inspect(|words| words.find(&lowered(text), &mut found));
    buckets(text, &found, room);
}
