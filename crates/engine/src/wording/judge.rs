//! Judges a whole text from what its sentences do: which layer refused, if any. A small network over a hundred numbers, fitted to
//! the documents of `training/documents`.

use std::sync::LazyLock;

use crate::layer::Layer;
use crate::verdict::Extent;
use crate::wording::classes::{CLASSES, ClassShares, SentenceClass};
use crate::wording::linear::LinearModel;
use crate::wording::phrased::{Manner, Phrased};
use crate::wording::pieces::{Pieces, Setting, TextPiece};

/// The verdicts between which it judges, in this order.
pub const VERDICTS: [Layer; 7] = [
    Layer::PreClassifier,
    Layer::TrainedRefusal,
    Layer::PostClassifier,
    Layer::SystemPrompt,
    Layer::UserTier,
    Layer::NotARefusal,
    Layer::Undetermined,
];

/// How likely each of [`VERDICTS`] is.
pub type VerdictShares = [f32; 7];

/// A sentence and what it does.
#[derive(Debug, Clone, Copy)]
pub struct ReadPiece {
    pub piece: TextPiece,
    pub shares: ClassShares,
}

impl ReadPiece {
    pub fn does(&self, class: SentenceClass) -> f32 {
        self.shares.get(class.index()).copied().unwrap_or_default()
    }
}

/// Whose words the sentences of a text are.
#[derive(Debug, Default)]
pub struct Voices<'a> {
    /// The text is a person's account of what happened.
    pub told: bool,
    /// The answer or the notice itself; in an account what is quoted of it.
    pub speaking: Vec<&'a ReadPiece>,
    /// The person, in an account.
    pub person: Vec<&'a ReadPiece>,
    /// What an answer quotes.
    pub quoted: Vec<&'a ReadPiece>,
}

/// From this share on a sentence is a person's.
const TOLD: f32 = 0.65;

/// Tells apart who speaks.
pub fn voices(read: &[ReadPiece]) -> Voices<'_> {
    let plain = |one: &&ReadPiece| one.piece.setting == Setting::Plain;
    let told = read.iter().filter(plain).take(12).any(|one| one.does(SentenceClass::Told) >= TOLD);
    let mut out = Voices { told, ..Voices::default() };
    for one in read {
        match one.piece.setting {
            Setting::Code => {}
            Setting::Plain if told => out.person.push(one),
            Setting::Quoted if !told => out.quoted.push(one),
            Setting::Plain | Setting::Quoted | Setting::AfterColon => out.speaking.push(one),
        }
    }
    out
}

/// So many sentences stand at the beginning.
const EARLY: usize = 4;

pub const NUMBERS: usize = 124;

/// What the judge looks at; `overall` is what the words say without regard to sentences ([`document_model`]).
pub fn numbers(pieces: &Pieces, voices: &Voices<'_>, phrased: &Phrased, overall: &VerdictShares) -> [f32; NUMBERS] {
    use SentenceClass::{About, Account, Declines, Failure, Input, Means, Output, Scope, Work};
    let mut out = Vec::with_capacity(NUMBERS);
    // What is said at first weighs otherwise than one of many sentences later on.
    let (early, late) = voices.speaking.split_at(voices.speaking.len().min(EARLY));
    let (most, mean) = (most(early), mean(&voices.speaking));
    let person = self::most(&voices.person);
    let first = nth(&voices.speaking, 0);
    let last = voices.speaking.last().map_or([0.0; CLASSES], |one| one.shares);
    out.extend(most);
    out.extend(mean);
    out.extend(person);
    out.extend(self::mean(&voices.person));
    out.extend(self::most(&voices.quoted));
    out.extend(first);
    out.extend(self::most(late));
    out.extend(last);
    let at = |table: &ClassShares, class: SentenceClass| table.get(class.index()).copied().unwrap_or_default();
    let yes = |fact: bool| if fact { 1.0 } else { 0.0 };
    let whole = pieces.words.max(1);
    let part = |count: usize, of: usize| {
        let float = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
        float(count) / float(of.max(1))
    };
    out.extend([
        yes(voices.told),
        yes(voices.told && voices.speaking.is_empty()),
        part(whole.min(400), 400).sqrt(),
        yes(whole < 25),
        yes(pieces.entries >= 3),
        yes(pieces.code > 0),
        at(&most, Declines) * (1.0 - at(&mean, Work)),
        at(&first, Declines) * (1.0 - at(&mean, Work)),
        at(&most, Declines) * at(&most, Means),
        at(&most, Declines) * at(&most, Scope),
        at(&most, Declines) * at(&most, About),
        at(&most, Input) * at(&most, Output),
        at(&most, Input) * at(&most, About),
        at(&most, Output) * at(&most, About),
        at(&most, Failure) * at(&most, Work),
        at(&person, Scope) * at(&most, Declines).max(at(&most, Scope)),
        at(&person, Account) * at(&most, Declines).max(at(&most, Account)),
        at(&person, Output) * at(&most, Output).max(at(&most, Declines)),
        at(&person, Input) * at(&most, Input).max(at(&most, Declines)),
        // Nothing speaks.
        1.0 - SentenceClass::ALL.iter().map(|class| at(&most, *class)).fold(0.0, f32::max),
        1.0 - [Declines, Scope, Account, Input, Output].iter().map(|class| at(&most, *class)).fold(0.0, f32::max),
    ]);
    #[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a share needs no more digits")]
    let refusal = phrased.refusal as f32;
    out.extend([
        refusal,
        (refusal - 0.5).max(0.0),
        yes(phrased.manner == Manner::Declines),
        yes(phrased.manner == Manner::Scope),
        yes(phrased.manner == Manner::Capability),
        yes(phrased.extent == Extent::Partial),
        yes(phrased.bare),
        yes(phrased.terse),
    ]);
    out.extend(overall);
    let mut table = [0.0; NUMBERS];
    table.iter_mut().zip(out).for_each(|(place, number)| *place = number);
    table
}

fn nth(read: &[&ReadPiece], at: usize) -> ClassShares {
    read.get(at).map_or([0.0; CLASSES], |one| one.shares)
}

fn most(read: &[&ReadPiece]) -> ClassShares {
    let mut out = [0.0_f32; CLASSES];
    for one in read {
        out.iter_mut().zip(one.shares).for_each(|(most, share)| *most = most.max(share));
    }
    out
}

fn mean(read: &[&ReadPiece]) -> ClassShares {
    let mut out = [0.0_f32; CLASSES];
    let count = f32::from(u16::try_from(read.len().max(1)).unwrap_or(u16::MAX));
    for one in read {
        out.iter_mut().zip(one.shares).for_each(|(mean, share)| *mean += share / count);
    }
    out
}

/// So many numbers in between.
pub const HIDDEN: usize = 32;

/// The judge: a small network of one hidden layer.
#[derive(Debug, Clone)]
pub struct JudgeNetwork {
    /// What is taken from each number, and what it is divided by.
    pub means: [f32; NUMBERS],
    pub scales: [f32; NUMBERS],
    /// For each hidden number the weights of the numbers, a constant behind them.
    pub inner: Vec<[f32; NUMBERS + 1]>,
    /// For each verdict the weights of the hidden numbers, a constant behind them.
    pub outer: [[f32; HIDDEN + 1]; 7],
    /// Divides what the network says before it becomes a share, so that shares mean what they say.
    pub temperature: f32,
}

/// Several judges, each fitted to other documents: their mean errs less than any of them.
#[derive(Debug, Clone)]
pub struct Judges(pub Vec<JudgeNetwork>);

static BUILT_IN: LazyLock<Judges> = LazyLock::new(|| Judges::read(include_bytes!("../../compiled/judge.bin")));

impl Judges {
    /// The one that is compiled into this program.
    pub fn built_in() -> &'static Judges {
        &BUILT_IN
    }

    pub fn read(bytes: &[u8]) -> Judges {
        Judges(bytes.chunks(JudgeNetwork::BYTES).filter_map(JudgeNetwork::read).collect())
    }

    pub fn written(&self) -> Vec<u8> {
        self.0.iter().flat_map(JudgeNetwork::written).collect()
    }

    pub fn judge(&self, numbers: &[f32; NUMBERS]) -> VerdictShares {
        let mut out = [0.0; 7];
        let count = f32::from(u16::try_from(self.0.len().max(1)).unwrap_or(u16::MAX));
        for judge in &self.0 {
            out.iter_mut().zip(judge.judge(numbers)).for_each(|(mean, share)| *mean += share / count);
        }
        out
    }
}

/// Which verdict the words of a text show, whatever sentence they stand in.
pub type DocumentModel = LinearModel<7>;

static DOCUMENTS: LazyLock<DocumentModel> = LazyLock::new(|| DocumentModel::read(include_bytes!("../../compiled/documents.bin")));

/// The one that is compiled into this program.
pub fn document_model() -> &'static DocumentModel {
    &DOCUMENTS
}

impl Default for JudgeNetwork {
    /// A judge that knows nothing.
    fn default() -> JudgeNetwork {
        JudgeNetwork {
            means: [0.0; NUMBERS],
            scales: [1.0; NUMBERS],
            inner: vec![[0.0; NUMBERS + 1]; HIDDEN],
            outer: [[0.0; HIDDEN + 1]; 7],
            temperature: 1.0,
        }
    }
}

impl JudgeNetwork {
    /// How many bytes one is written in.
    const BYTES: usize = (1 + 2 * NUMBERS + HIDDEN * (NUMBERS + 1) + 7 * (HIDDEN + 1)) * 4;

    pub fn read(bytes: &[u8]) -> Option<JudgeNetwork> {
        if bytes.len() != JudgeNetwork::BYTES {
            return None;
        }
        let mut floats = bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap_or_default()));
        let mut next = || floats.next().unwrap_or_default();
        Some(JudgeNetwork {
            temperature: next(),
            means: std::array::from_fn(|_| next()),
            scales: std::array::from_fn(|_| next()),
            inner: (0..HIDDEN).map(|_| std::array::from_fn(|_| next())).collect(),
            outer: std::array::from_fn(|_| std::array::from_fn(|_| next())),
        })
    }

    pub fn written(&self) -> Vec<u8> {
        let numbers = std::iter::once(&self.temperature).chain(&self.means).chain(&self.scales);
        let weights = self.inner.iter().flatten().chain(self.outer.iter().flatten());
        numbers.chain(weights).flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The numbers, brought to one scale.
    pub fn scaled(&self, numbers: &[f32; NUMBERS]) -> [f32; NUMBERS] {
        let mut out = *numbers;
        for ((number, mean), scale) in out.iter_mut().zip(self.means).zip(self.scales) {
            *number = (*number - mean) / scale;
        }
        out
    }

    /// The hidden numbers: nothing below nought.
    pub fn hidden(&self, scaled: &[f32; NUMBERS]) -> [f32; HIDDEN] {
        let mut out = [0.0; HIDDEN];
        out.iter_mut().zip(&self.inner).for_each(|(out, weights)| *out = weighed(scaled, weights).max(0.0));
        out
    }

    pub fn of_hidden(&self, hidden: &[f32; HIDDEN]) -> VerdictShares {
        let sums = self.outer.map(|weights| weighed(hidden, &weights) / self.temperature);
        let top = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let raised = sums.map(|sum| (sum - top).exp());
        let all: f32 = raised.iter().sum();
        raised.map(|share| share / all)
    }

    pub fn judge(&self, numbers: &[f32; NUMBERS]) -> VerdictShares {
        self.of_hidden(&self.hidden(&self.scaled(numbers)))
    }
}

/// The sum of weighed numbers and the constant behind the weights.
fn weighed(numbers: &[f32], weights: &[f32]) -> f32 {
    let constant = weights.last().copied().unwrap_or_default();
    numbers.iter().zip(weights).fold(constant, |sum, (number, weight)| number.mul_add(*weight, sum))
}
