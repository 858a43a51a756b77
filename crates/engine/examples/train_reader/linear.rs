//! Fits the linear models.

use waymark_engine::Layer;
use waymark_engine::evasion::{EvasionModel, request_buckets};
use waymark_engine::wording::classes::{CLASSES, SentenceClass, SentenceModel};
use waymark_engine::wording::judge::{DocumentModel, VERDICTS};
use waymark_engine::wording::language::{LANGUAGES, LanguageModel, RUNS, runs};
use waymark_engine::wording::linear::{LinearModel, logistic, norm};
use waymark_engine::wording::ngrams::BUCKETS;
use waymark_engine::wording::pieces::take_apart;
use waymark_engine::wording::read_pieces;

use crate::corpus::{Document, Part, Sentence, Shuffle};

/// Rounds, rate and decay of the linear models.
pub const USUAL: (usize, f32, f32) = (14, 0.35, 2e-4);

/// For few lines.
pub const SLOW: (usize, f32, f32) = (14, 0.1, 2e-4);

/// A bucket that so few sentences show says nothing of others.
pub const RARE: u32 = 2;

/// What is learnt from: buckets, and which classes they show.
pub struct Row<'a, const N: usize> {
    pub buckets: &'a [u32],
    /// None where nobody said.
    pub labels: [Option<bool>; N],
}

/// Logistic regression for each class by AdaGrad, then whole numbers of a byte.
pub fn train<const N: usize>(all: &[Row<'_, N>], size: u32, (rounds, rate, decay): (usize, f32, f32)) -> LinearModel<N> {
    let mask = size - 1;
    let mut seen = vec![0_u32; size as usize];
    all.iter().flat_map(|one| one.buckets).for_each(|bucket| seen[(bucket & mask) as usize] += 1);
    let mut weights = vec![0.0_f32; size as usize * N];
    let mut squares = vec![1e-3_f32; size as usize * N];
    let (mut constants, mut constant_squares) = ([-2.0_f32; N], [1e-3_f32; N]);
    let mut shuffle = Shuffle(7);
    for _ in 0..rounds {
        for at in shuffle.order(all.len()) {
            let one = &all[at];
            let own = one.buckets.iter().map(|bucket| (bucket & mask) as usize).filter(|bucket| seen[*bucket] >= RARE);
            let own: Vec<usize> = own.map(|bucket| bucket * N).collect();
            let norm = norm(one.buckets.len());
            for class in 0..N {
                let Some(label) = one.labels[class] else { continue };
                let sum: f32 = own.iter().map(|from| weights[from + class]).sum::<f32>() * norm + constants[class];
                let error = logistic(sum) - f32::from(u8::from(label));
                constant_squares[class] += error * error;
                constants[class] -= 0.1 * error / constant_squares[class].sqrt();
                for from in &own {
                    let place = from + class;
                    let slope = error * norm + decay * weights[place];
                    squares[place] += slope * slope;
                    weights[place] -= rate * slope / squares[place].sqrt();
                }
            }
        }
    }
    let mut scales = [0.0; N];
    for (class, scale) in scales.iter_mut().enumerate() {
        let most = (0..size as usize).map(|bucket| weights[bucket * N + class].abs()).fold(1e-6, f32::max);
        *scale = most / 127.0;
    }
    let weights = weights.iter().enumerate().map(|(at, weight)| (weight / scales[at % N]).round() as i8).collect();
    LinearModel { constants, scales, weights }
}

pub fn train_sentences<'a>(all: impl Iterator<Item = &'a Sentence>, parts: impl Iterator<Item = &'a Part>) -> SentenceModel {
    let whole = all.map(|one| Row { buckets: &one.buckets, labels: one.labels.map(Some) });
    let known = |part: &Part| SentenceClass::ALL.map(|class| part.never.contains(&class).then_some(false));
    let parts = parts.map(|part| Row { buckets: &part.buckets, labels: known(part) });
    train(&whole.chain(parts).collect::<Vec<_>>(), BUCKETS, USUAL)
}

/// As a power of two.
pub const DOCUMENT_BUCKETS: u32 = 1 << 16;

/// What a sentence would be as a whole document.
pub fn alone(one: &Sentence) -> Option<usize> {
    let class = (0..CLASSES).filter(|class| one.labels[*class]).collect::<Vec<_>>();
    let [class] = class.as_slice() else { return None };
    let layer = match SentenceClass::ALL[*class] {
        SentenceClass::Declines => Layer::TrainedRefusal,
        SentenceClass::Scope => Layer::SystemPrompt,
        SentenceClass::Account => Layer::UserTier,
        SentenceClass::Input => Layer::PreClassifier,
        SentenceClass::Output => Layer::PostClassifier,
        SentenceClass::Neither | SentenceClass::Told => return None,
        _ => Layer::NotARefusal,
    };
    VERDICTS.iter().position(|known| *known == layer)
}

/// What whole documents show, sentence by sentence or not; a sentence alone is a short one.
pub fn train_documents<'a>(sentences: &'a [Sentence], all: impl Iterator<Item = &'a Document>) -> DocumentModel {
    let shown = |one: &Document| {
        let language = LANGUAGES.iter().position(|known| *known == one.language).unwrap();
        let own = read_pieces(&SentenceModel::default(), language, &one.text, &take_apart(&one.text)).1;
        (own, one.label)
    };
    let all: Vec<(Vec<u32>, usize)> = all.map(shown).collect();
    let short = sentences.iter().filter_map(|one| Some((&one.buckets, alone(one)?)));
    let rows = all.iter().map(|(own, label)| (own, *label)).chain(short);
    let rows = rows.map(|(own, label)| Row { buckets: own, labels: std::array::from_fn(|class| Some(class == label)) });
    train(&rows.collect::<Vec<_>>(), DOCUMENT_BUCKETS, USUAL)
}

pub fn train_evasion(all: &[(usize, String)]) -> EvasionModel {
    let read = |(kind, text): &(usize, String)| {
        let language = LanguageModel::built_in().most_likely(text, &mut Vec::new());
        let mut own = Vec::new();
        request_buckets(language, text, &mut Vec::new(), &mut own);
        (*kind, own)
    };
    let all: Vec<_> = all.iter().map(read).collect();
    let rows = all.iter().map(|(kind, own)| Row { buckets: own, labels: std::array::from_fn(|class| Some(class == *kind)) });
    train(&rows.collect::<Vec<_>>(), 1 << 16, SLOW)
}

/// A linear model of languages by perceptron with averages.
pub fn train_languages(all: &[Sentence]) -> LanguageModel {
    let places = LANGUAGES.len();
    let size = RUNS as usize * places;
    let (mut weights, mut sums) = (vec![0.0_f32; size], vec![0.0_f64; size]);
    let mut room = Vec::new();
    let mut shuffle = Shuffle(11);
    for _ in 0..4 {
        for at in shuffle.order(all.len()) {
            runs(&all[at].text, &mut room);
            let label = LANGUAGES.iter().position(|known| *known == all[at].language).unwrap();
            let score = |place: usize| room.iter().map(|run| weights[*run as usize * places + place]).sum::<f32>();
            let best = (0..places).filter(|place| *place != label).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap();
            if score(label) < score(best) + 1.0 {
                let step = 1.0 / room.len().max(1) as f32;
                for run in &room {
                    weights[*run as usize * places + label] += step;
                    weights[*run as usize * places + best] -= step;
                }
            }
        }
        sums.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum += f64::from(*weight));
    }
    let most = sums.iter().fold(1e-9_f64, |most, sum| most.max(sum.abs()));
    let weights = sums.iter().map(|sum| (sum / most * 127.0).round() as i8).collect();
    LanguageModel { scale: (most / 127.0) as f32, weights }
}
