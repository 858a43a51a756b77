//! Fits the judge of whole texts.

use waymark_engine::Engine;
use waymark_engine::wording::classes::SentenceModel;
use waymark_engine::wording::judge::{DocumentModel, HIDDEN, JudgeNetwork, NUMBERS, numbers, voices};
use waymark_engine::wording::language::LanguageModel;
use waymark_engine::wording::ngrams::without_names;
use waymark_engine::wording::phrased::read_phrases;
use waymark_engine::wording::pieces::take_apart;
use waymark_engine::wording::read_pieces;

use crate::corpus::Shuffle;

pub const JUDGE_ROUNDS: usize = 160;

pub const JUDGE_DECAY: f32 = 1.5e-3;

pub fn numbers_of(model: &SentenceModel, whole: &DocumentModel, text: &str) -> [f32; NUMBERS] {
    let pieces = take_apart(text);
    let language = LanguageModel::built_in().most_likely(&without_names(text), &mut Vec::new());
    let (read, shown) = read_pieces(model, language, text, &pieces);
    numbers(&pieces, &voices(&read), &read_phrases(&Engine::built_in().unwrap().lexicon, text), &whole.shares(&shown))
}

/// Fits the judge by Adam in small batches, with decay.
pub fn train_judge(all: &[([f32; NUMBERS], usize)]) -> JudgeNetwork {
    let mut judge = JudgeNetwork::default();
    for at in 0..NUMBERS {
        let mean = all.iter().map(|row| row.0[at]).sum::<f32>() / all.len() as f32;
        let spread = all.iter().map(|row| (row.0[at] - mean).powi(2)).sum::<f32>() / all.len() as f32;
        judge.means[at] = mean;
        judge.scales[at] = spread.sqrt().max(0.05);
    }
    let mut shuffle = Shuffle(23);
    let mut random = |spread: f32| (shuffle.next(20_001) as f32 / 10_000.0 - 1.0) * spread;
    judge.inner.iter_mut().flatten().for_each(|weight| *weight = random(0.12));
    judge.outer.iter_mut().flatten().for_each(|weight| *weight = random(0.2));
    let rows: Vec<_> = all.iter().map(|(numbers, label)| (judge.scaled(numbers), *label)).collect();
    let size = HIDDEN * (NUMBERS + 1) + 7 * (HIDDEN + 1);
    let (mut first, mut second) = (vec![0.0_f32; size], vec![0.0_f32; size]);
    let mut step = 0;
    let mut shuffle = Shuffle(29);
    for round in 0..JUDGE_ROUNDS {
        let rate = 2e-3 * (1.0 - round as f32 / JUDGE_ROUNDS as f32).max(0.05);
        for batch in shuffle.order(rows.len()).chunks(32) {
            let mut slopes = vec![0.0_f32; size];
            for at in batch {
                let (numbers, label) = &rows[*at];
                let hidden = judge.hidden(numbers);
                let shares = judge.of_hidden(&hidden);
                let mut back = [0.0_f32; HIDDEN];
                for (verdict, share) in shares.iter().enumerate() {
                    let error = (share - f32::from(u8::from(verdict == *label))) / batch.len() as f32;
                    let from = HIDDEN * (NUMBERS + 1) + verdict * (HIDDEN + 1);
                    for (place, number) in hidden.iter().enumerate() {
                        slopes[from + place] += error * number;
                        back[place] += error * judge.outer[verdict][place];
                    }
                    slopes[from + HIDDEN] += error;
                }
                for (place, error) in back.iter().enumerate().filter(|(place, _)| hidden[*place] > 0.0) {
                    let from = place * (NUMBERS + 1);
                    numbers.iter().enumerate().for_each(|(number, value)| slopes[from + number] += error * value);
                    slopes[from + NUMBERS] += error;
                }
            }
            step += 1;
            let (bias_first, bias_second) = (1.0 - 0.9_f32.powi(step), 1.0 - 0.999_f32.powi(step));
            let weights = judge.inner.iter_mut().flatten().chain(judge.outer.iter_mut().flatten());
            for (((weight, slope), first), second) in weights.zip(slopes).zip(&mut first).zip(&mut second) {
                let slope = slope + JUDGE_DECAY * *weight;
                *first = 0.9 * *first + 0.1 * slope;
                *second = 0.999 * *second + 0.001 * slope * slope;
                *weight -= rate * (*first / bias_first) / ((*second / bias_second).sqrt() + 1e-8);
            }
        }
    }
    judge
}

/// The temperature at which what was said of rows never seen is the most likely.
pub fn temperature(said: &[([f32; NUMBERS], usize, usize)], judges: &[JudgeNetwork]) -> f32 {
    let loss = |temperature: f32| {
        let one = |(numbers, label, fold): &([f32; NUMBERS], usize, usize)| {
            let judge = JudgeNetwork { temperature, ..judges[*fold].clone() };
            -f64::from(judge.judge(numbers)[*label].max(1e-6).ln())
        };
        said.iter().map(one).sum::<f64>()
    };
    (8..40).map(|tenth| tenth as f32 / 10.0).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap()
}
