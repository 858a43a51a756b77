//! Reads the words of an answer, or of a person's account of one, in any wording: sentence by sentence a small classifier says
//! what each does (`classes`), and a judge says what that amounts to (`judge`). Both were fitted to `training/`; the same text
//! gets the same reading everywhere.
//!
//! Never here: fields of a response, or which layer it was in the end.

pub mod classes;
pub mod concepts;
pub mod judge;
pub mod language;
pub mod lexicon;
pub mod linear;
pub mod model;
pub mod ngrams;
pub mod phrased;
pub mod pieces;
pub mod sentences;

use crate::layer::Layer;
use crate::verdict::Extent;
use classes::{SentenceClass, SentenceModel, sentence_model};
use judge::{Judges, ReadPiece, VERDICTS, VerdictShares};
use language::LanguageModel;

pub use lexicon::{Act, Lexicon};

/// How a text reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Wording {
    /// How likely each of [`VERDICTS`] is, by the words alone.
    pub shares: VerdictShares,
    /// Which of them is the most likely.
    pub verdict: Layer,
    /// What the sentence does that shows it best.
    pub act: SentenceClass,
    /// That sentence: from and to, in bytes of the text.
    pub quote: Option<(usize, usize)>,
    /// How much was refused, where something was.
    pub extent: Extent,
    /// The text is a person's account, and these of its sentences say what happened.
    pub told: Vec<(SentenceClass, usize, usize)>,
    /// The text addresses whoever classifies it.
    pub addressed: bool,
    /// The language of the text, in English, where it is none that is read here; then nothing is said of it.
    pub unread: Option<&'static str>,
    /// It is hardly text: nothing is said of it either.
    pub noise: bool,
}

impl Wording {
    /// Where the words are known to be the model's own, they are hardly a notice of a filter or of an account.
    pub fn spoken_by_model(&mut self) {
        let notice = |layer: &Layer| matches!(layer, Layer::PreClassifier | Layer::PostClassifier | Layer::UserTier);
        for (_, share) in VERDICTS.iter().zip(self.shares.iter_mut()).filter(|(layer, _)| notice(layer)) {
            *share *= NOTICE_OF_MODEL;
        }
        let all: f32 = self.shares.iter().sum();
        self.shares.iter_mut().for_each(|share| *share /= all.max(f32::MIN_POSITIVE));
        self.verdict = most_likely(&self.shares);
    }

    /// Whether some layer refused, more likely than not.
    pub fn rather_refuses(&self) -> bool {
        share_of(&self.shares, refuses) >= 0.5
    }
}

fn refuses(layer: Layer) -> bool {
    !matches!(layer, Layer::NotARefusal | Layer::Undetermined)
}

fn most_likely(shares: &VerdictShares) -> Layer {
    let best = VERDICTS.iter().zip(shares).max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or(Layer::Undetermined, |(layer, _)| *layer)
}

/// How likely it is one of those for which `test` holds.
fn share_of(shares: &VerdictShares, test: impl Fn(Layer) -> bool) -> f32 {
    VERDICTS.iter().zip(shares).filter(|(layer, _)| test(**layer)).map(|(_, share)| share).sum()
}

/// Gateways put their notices into the place of an answer, now and then.
const NOTICE_OF_MODEL: f32 = 0.1;

/// From this share on a sentence does something.
const DOES: f32 = 0.5;

/// So many bytes are read of a long text: from its beginning, and from its end.
const HEAD: usize = 24 * 1024;
const TAIL: usize = 8 * 1024;

/// Reads one text; of a long one its beginning and its end, where answers and notices say what they are.
pub fn read_wording(lexicon: &Lexicon, text: &str) -> Wording {
    if text.len() <= HEAD + TAIL {
        return read_whole(lexicon, text);
    }
    let edge = |at: usize| (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let (head, tail) = (edge(HEAD), edge(text.len() - TAIL));
    let short = [text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default()].join("\n");
    let mut read = read_whole(lexicon, &short);
    // Where it stands in the whole text.
    let whole = |at: usize| if at > head { at.saturating_add(tail).saturating_sub(head).saturating_sub(1) } else { at };
    read.quote = read.quote.map(|(from, to)| (whole(from), whole(to)));
    read.told.iter_mut().for_each(|(_, from, to)| (*from, *to) = (whole(*from), whole(*to)));
    read
}

fn read_whole(lexicon: &Lexicon, text: &str) -> Wording {
    let pieces = pieces::take_apart(text);
    let plain = ngrams::without_names(beginning(text, SHOWS_LANGUAGE));
    let language = LanguageModel::built_in().most_likely(&plain, &mut Vec::new());
    let unread = language::unread(&plain);
    let (read, shown) = read_pieces(sentence_model(), language, text, &pieces);
    let voices = judge::voices(&read);
    let phrased = phrased::read_phrases(lexicon, text);
    let whole = judge::document_model().shares(&shown);
    let numbers = judge::numbers(&pieces, &voices, &phrased, &whole);
    let mut shares = Judges::built_in().judge(&numbers);
    if !voices.told && pieces.words >= LONG && language::is_english_place(language) {
        weigh_phrases(&mut shares, &phrased);
    }
    let noise = is_noise(text);
    if noise || unread.is_some() {
        shares = OPEN;
    }
    let verdict = most_likely(&shares);
    let (act, quote) = shown_best(verdict, &voices);
    let told = voices.person.iter().flat_map(|one| told_of(one)).collect();
    Wording {
        shares,
        verdict,
        act,
        quote,
        extent: extent(verdict, &voices, &phrased, &pieces),
        told,
        addressed: phrased.addressed,
        unread,
        noise,
    }
}

/// Fewer than three letters, or much that is none: what was broken on its way.
fn is_noise(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).take(40).count();
    let broken =
        text.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER || c.is_control() && !c.is_whitespace()).take(40).count();
    letters < 3 && !text.chars().any(ngrams::is_wide) || broken.saturating_mul(4) > letters
}

/// What is said of words that are not read: any of the layers, and rather nothing.
const OPEN: VerdictShares = [0.06, 0.06, 0.06, 0.06, 0.06, 0.06, 0.64];

/// From so many words on an answer has room for phrases that decline, or help, in so many words.
const LONG: usize = 25;

/// How much the phrases count beside the judge, where they say anything; only in English, whose phrases were fitted to answers that
/// people labelled.
const PHRASES: f32 = 0.6;

/// From this share on a text is a model's own, refused or not.
const SPOKEN: f32 = 0.7;

/// Moves what is said between refused and not refused towards what the phrases say. They know few languages, and those well.
fn weigh_phrases(shares: &mut VerdictShares, phrased: &phrased::Phrased) {
    let refused = share_of(shares, refuses);
    let not = share_of(shares, |layer| layer == Layer::NotARefusal);
    let all = refused + not;
    // They know a model's own words, and no notices.
    let spoken = share_of(shares, |layer| matches!(layer, Layer::TrainedRefusal | Layer::NotARefusal | Layer::Undetermined));
    if spoken < SPOKEN || phrased.silent || refused <= 0.0 || not <= 0.0 {
        return;
    }
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a share needs no more digits")]
    let said = (phrased.refusal as f32).clamp(0.02, 0.98);
    let odds = (1.0 - PHRASES) * (refused / not).ln() + PHRASES * 2.0 * (said / (1.0 - said)).ln();
    let after = all * linear::logistic(odds);
    for (layer, share) in VERDICTS.iter().zip(shares.iter_mut()) {
        match layer {
            Layer::Undetermined => {}
            Layer::NotARefusal => *share *= (all - after) / not,
            _ => *share *= after / refused,
        }
    }
}

/// So many sentences count for what a text shows as a whole.
const SHOWING: usize = 24;

/// What each sentence of a text does, and the buckets of all of them; `language` is its place in [`language::LANGUAGES`].
pub fn read_pieces(model: &SentenceModel, language: usize, text: &str, pieces: &pieces::Pieces) -> (Vec<ReadPiece>, Vec<u32>) {
    let (mut room, mut found, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    let words = concepts::of_language(language);
    let one = |(at, piece): (usize, &pieces::TextPiece)| {
        let sentence = text.get(piece.from..piece.to).unwrap_or_default();
        words.inspect(|words| words.find(&lowered(sentence), &mut found));
        ngrams::buckets(sentence, &found, &mut room);
        if at < SHOWING {
            shown.extend_from_slice(&room);
        }
        ReadPiece { piece: *piece, shares: model.shares(&room) }
    };
    let read = pieces.all.iter().enumerate().map(one).collect();
    shown.sort_unstable();
    shown.dedup();
    (read, shown)
}

/// So many bytes of a text show its language, and so many of a sentence its concepts.
const SHOWS_LANGUAGE: usize = 4 * 1024;
const LOWERED: usize = 1_200;

/// At most so many bytes of a text, whole characters.
pub fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=text.len().min(most)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// In small letters, with the apostrophe of typewriters.
pub fn lowered(sentence: &str) -> String {
    let named = ngrams::without_names(beginning(sentence, LOWERED));
    let seen = named.chars().filter(|c| !ngrams::is_hidden(*c)).flat_map(char::to_lowercase);
    seen.map(|c| if matches!(c, '\u{2019}' | '\u{2bc}') { '\'' } else { c }).collect()
}

/// The sentence that shows a verdict best, and what it does.
fn shown_best(verdict: Layer, voices: &judge::Voices<'_>) -> (SentenceClass, Option<(usize, usize)>) {
    use SentenceClass::{About, Account, Declines, Failure, Input, Means, Neither, Output, Scope, Work};
    let acts: &[SentenceClass] = match verdict {
        Layer::TrainedRefusal => &[Declines],
        Layer::SystemPrompt => &[Scope],
        Layer::UserTier => &[Account],
        Layer::PreClassifier => &[Input],
        Layer::PostClassifier => &[Output],
        Layer::NotARefusal => &[Work, Means, Failure, About, Neither],
        Layer::Undetermined => &[Failure, Input, Output, Declines],
    };
    let spoken = if voices.speaking.is_empty() { &voices.person } else { &voices.speaking };
    let all = spoken.iter().flat_map(|one| acts.iter().map(move |act| (*act, one)));
    let best = all.max_by(|a, b| a.1.does(a.0).total_cmp(&b.1.does(b.0)));
    best.map_or((Work, None), |(act, one)| (act, Some((one.piece.from, one.piece.to))))
}

/// What a sentence of an account says that happened.
fn told_of(one: &ReadPiece) -> Option<(SentenceClass, usize, usize)> {
    use SentenceClass::{Account, Declines, Failure, Input, Output, Scope, Told};
    let acts = [Output, Input, Account, Scope, Failure, Declines];
    let best = acts.into_iter().max_by(|a, b| one.does(*a).total_cmp(&one.does(*b)))?;
    (one.does(Told) >= DOES && one.does(best) >= DOES).then_some((best, one.piece.from, one.piece.to))
}

/// A refusal with a good part of help beside it is a partial one.
fn extent(verdict: Layer, voices: &judge::Voices<'_>, phrased: &phrased::Phrased, pieces: &pieces::Pieces) -> Extent {
    if matches!(verdict, Layer::NotARefusal | Layer::Undetermined) {
        return Extent::None;
    }
    let helping = voices.speaking.iter().filter(|one| one.does(SentenceClass::Work) >= DOES).count();
    let much = helping.saturating_mul(5) >= voices.speaking.len().saturating_mul(2) && helping > 1 || pieces.code > 0;
    if pieces.words > 25 && (much || phrased.extent == Extent::Partial) { Extent::Partial } else { Extent::Full }
}
