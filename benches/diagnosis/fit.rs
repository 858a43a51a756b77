//! Fits the weights of the wording model: logistic regression with the sign of each weight fixed and a quadratic pull towards
//! weights that were set by hand before any data was looked at, by projected gradient descent.

use waymark::diagnosis::wording::model::{FEATURES, NAMES, features};
use waymark::diagnosis::wording::{Lexicon, sentences};
use waymark::lessons::format::Layer;

use crate::labelled::{Answer, Case};

const PENALTY: f64 = 4.0;

/// What each feature was thought to be worth.
const PRIOR: [f64; FEATURES] = [
    2.0, 0.5, 2.5, 1.5, 1.4, 0.6, 0.6, 2.0, 0.9, 0.3, 0.3, 0.9, 0.8, 0.4, 0.2, 0.7, 1.0, 0.8, -1.4, -0.1, -0.1, -0.9, -0.4, -0.3,
    -0.8, -0.9, -1.4, -0.7, -1.0, -1.5,
];
const STEPS: usize = 30_000;

struct Example {
    features: [f64; FEATURES],
    refused: f64,
    group: usize,
}

pub fn run(lexicon: &Lexicon, answers: &[Answer], cases: &[Case]) {
    let of = |text: &str| features(&sentences::read_sentences(lexicon, text));
    let mut examples: Vec<Example> = Vec::new();
    for answer in answers {
        // The same prompt to several models is one group.
        let group = answer.id.bytes().filter(u8::is_ascii_digit).fold(0, |n, b| (n * 10 + usize::from(b - b'0')) % 9_973);
        examples.push(Example { features: of(&answer.completion), refused: f64::from(u8::from(answer.refused())), group });
    }
    for (group, case) in cases.iter().enumerate() {
        let only = case.evidence.http.is_none() && case.evidence.observed.is_none() && case.evidence.comparison.is_none();
        let Some(text) = case.evidence.visible_text.as_deref().filter(|_| only) else { continue };
        let refused = match case.layer {
            Layer::TrainedRefusal => 1.0,
            Layer::NotARefusal => 0.0,
            _ => continue,
        };
        examples.push(Example { features: of(text), refused, group });
    }
    let mut right = 0;
    for fold in 0..10 {
        let (test, train): (Vec<_>, Vec<_>) = examples.iter().partition(|example| example.group % 10 == fold);
        let weights = fitted(&train, STEPS / 10);
        right += test.iter().filter(|example| (score(&weights, example) > 0.0) == (example.refused > 0.5)).count();
    }
    println!("cross-validated accuracy {:.3} of {}", right as f64 / examples.len() as f64, examples.len());
    let all: Vec<&Example> = examples.iter().collect();
    let weights = fitted(&all, STEPS);
    println!("CONSTANT {:.2}", weights[FEATURES]);
    for (name, weight) in NAMES.iter().zip(weights) {
        println!("    {weight:.2}, // {name}");
    }
}

fn score(weights: &[f64; FEATURES + 1], example: &Example) -> f64 {
    weights[FEATURES] + example.features.iter().zip(weights).map(|(feature, weight)| feature * weight).sum::<f64>()
}

fn fitted(examples: &[&Example], steps: usize) -> [f64; FEATURES + 1] {
    let mut weights = [0.0; FEATURES + 1];
    weights[..FEATURES].copy_from_slice(&PRIOR);
    let rate = 1.0 / (0.25 * examples.len() as f64 * 8.0 + PENALTY);
    for _ in 0..steps {
        let mut gradient = [0.0; FEATURES + 1];
        for example in examples {
            let error = 1.0 / (1.0 + (-score(&weights, example)).exp()) - example.refused;
            for (slope, feature) in gradient.iter_mut().zip(example.features) {
                *slope += error * feature;
            }
            gradient[FEATURES] += error;
        }
        for (i, weight) in weights.iter_mut().enumerate() {
            let pull = if i < FEATURES { PENALTY * (*weight - PRIOR[i]) } else { 0.0 };
            *weight -= rate * (gradient[i] + pull);
            if i < FEATURES {
                *weight = if NAMES[i].starts_with('+') { weight.max(0.0) } else { weight.min(0.0) };
            }
        }
    }
    weights
}
