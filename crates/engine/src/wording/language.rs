//! In which language a text is, of those that are read here: a linear model over runs of letters, fitted to `training/sentences`.
//! Whether it is in one of them at all says `whatlang`, which knows seventy.

use std::sync::LazyLock;

use whatlang::{Lang, Script};

use crate::wording::beginning;

/// BCP 47, in the order of the weights.
pub const LANGUAGES: [&str; 18] =
    ["ar", "de", "en", "es", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "tr", "uk", "vi", "zh"];

pub fn is_english_place(place: usize) -> bool {
    LANGUAGES.get(place) == Some(&"en")
}

/// The same languages, as `whatlang` names them. What it takes for Catalan, Malay and the like is read with its neighbour.
const READ: &[Lang] = &[
    Lang::Ara,
    Lang::Deu,
    Lang::Eng,
    Lang::Spa,
    Lang::Fra,
    Lang::Hin,
    Lang::Ind,
    Lang::Ita,
    Lang::Jpn,
    Lang::Kor,
    Lang::Nld,
    Lang::Pol,
    Lang::Por,
    Lang::Rus,
    Lang::Tur,
    Lang::Ukr,
    Lang::Vie,
    Lang::Cmn,
];

/// So many letters show a language whose script is that of others too.
const ENOUGH: usize = 40;

/// How sure it must be then.
const SURE: f64 = 0.97;

/// The language of a text, in English, where it is none of [`LANGUAGES`].
pub fn unread(text: &str) -> Option<&'static str> {
    let start = beginning(text, 600);
    let seen = whatlang::detect(start)?;
    let own = matches!(seen.script(), Script::Latin | Script::Cyrillic | Script::Arabic | Script::Devanagari);
    let letters = start.chars().filter(|c| c.is_alphabetic()).count();
    // Code and names in another script stand in many texts.
    let foreign = start.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).count();
    let mixed = seen.script() == Script::Latin && foreign.saturating_mul(3) > letters;
    let told = !own || letters >= ENOUGH && !mixed && seen.confidence() >= SURE;
    (!READ.contains(&seen.lang()) && told).then(|| seen.lang().eng_name())
}

pub const RUNS: u32 = 1 << 12;

/// So many letters tell a language.
const LETTERS: usize = 400;

/// Runs of one to three letters, as buckets.
pub fn runs(text: &str, out: &mut Vec<u32>) {
    out.clear();
    let (mut last, mut before, mut own);
    (before, own) = ('<', '<');
    for c in
        text.chars().flat_map(char::to_lowercase).map(|c| if c.is_alphabetic() || c == '\u{94d}' { c } else { ' ' }).take(LETTERS)
    {
        if c == ' ' && own == ' ' {
            continue;
        }
        (last, before, own) = (before, own, c);
        for (length, run) in [(1_u32, [own, ' ', ' ']), (2, [before, own, ' ']), (3, [last, before, own])] {
            let seed = 0x811c_9dc5_u32.wrapping_add(length);
            let hash = run.iter().fold(seed, |hash, c| (hash ^ u32::from(*c)).wrapping_mul(0x0100_0193));
            out.push((hash ^ (hash >> 15)) & (RUNS - 1));
        }
    }
    out.sort_unstable();
    out.dedup();
}

pub struct LanguageModel {
    pub scale: f32,
    /// By bucket, then by language.
    pub weights: Vec<i8>,
}

static BUILT_IN: LazyLock<LanguageModel> = LazyLock::new(|| LanguageModel::read(include_bytes!("../../compiled/languages.bin")));

impl LanguageModel {
    pub fn built_in() -> &'static LanguageModel {
        &BUILT_IN
    }

    pub fn read(bytes: &[u8]) -> LanguageModel {
        let (head, weights) = bytes.split_at_checked(4).unwrap_or_default();
        LanguageModel {
            scale: f32::from_le_bytes(head.try_into().unwrap_or_default()),
            weights: weights.iter().map(|byte| i8::from_le_bytes([*byte])).collect(),
        }
    }

    pub fn written(&self) -> Vec<u8> {
        self.scale.to_le_bytes().into_iter().chain(self.weights.iter().flat_map(|weight| weight.to_le_bytes())).collect()
    }

    /// The most likely language, by its place in [`LANGUAGES`].
    pub fn most_likely(&self, text: &str, room: &mut Vec<u32>) -> usize {
        runs(text, room);
        let mut sums = [0_i32; LANGUAGES.len()];
        for run in room.iter() {
            let from = usize::try_from(*run).unwrap_or(0).saturating_mul(sums.len());
            let own = self.weights.get(from..from.saturating_add(sums.len())).unwrap_or_default();
            sums.iter_mut().zip(own).for_each(|(sum, weight)| *sum = sum.saturating_add(i32::from(*weight)));
        }
        sums.iter().enumerate().max_by_key(|(at, sum)| (**sum, usize::MAX - at)).map_or(2, |(at, _)| at)
    }
}
