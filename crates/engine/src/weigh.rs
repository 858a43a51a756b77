//! Puts what was found together: clues in the order of evidence, ranked layers out. Pure arithmetic.
//!
//! Each clue says how likely a set of layers is where nothing else is known. Clues multiply as independent evidence does,
//! except where they are not independent: what several clues of one stage say in common counts once in full, and what
//! comes later in the order of evidence counts less where an earlier stage has spoken.

use crate::format::Stage;
use crate::layer::Layer;

/// The layers among which the evidence decides.
pub const LAYERS: [Layer; 6] = [
    Layer::PreClassifier,
    Layer::TrainedRefusal,
    Layer::PostClassifier,
    Layer::SystemPrompt,
    Layer::UserTier,
    Layer::NotARefusal,
];

/// How likely each of [`LAYERS`] is, in their order.
pub type Shares = [f64; 6];

/// What one observation says: that the answer is among `layers` with this weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Clue {
    pub stage: Stage,
    pub layers: Vec<Layer>,
    pub weight: f64,
    /// Layers that are next likely: they share half of what is left.
    pub also: Vec<Layer>,
    /// How likely each of [`LAYERS`] is, where more is known than `layers` and `weight` say, and how likely that nothing decides.
    pub shares: Option<(Shares, f64)>,
}

/// Further clues of one stage that say the same are mostly the same fact seen twice.
const SAME_STAGE: f64 = 0.2;
/// However sure the words are, another layer stays this likely.
const LEAST: f64 = 0.006;
/// A stage that comes after one that has spoken.
const AFTER_FIELDS: f64 = 0.3;
const AFTER_OBSERVATIONS: f64 = 0.55;

/// Layers with their likelihood, from clues. Without clues all are alike.
pub fn layer_shares(clues: &[Clue]) -> Shares {
    let mut ordered: Vec<&Clue> = clues.iter().collect();
    ordered.sort_by(|a, b| a.stage.cmp(&b.stage).then(b.weight.total_cmp(&a.weight)));
    let mut logs = [0.0_f64; 6];
    let strongest = ordered.first().map(|clue| clue.stage);
    let mut seen: Vec<(Stage, &[Layer])> = Vec::new();
    for clue in &ordered {
        let again =
            seen.iter().any(|(stage, layers)| *stage == clue.stage && clue.layers.iter().any(|layer| layers.contains(layer)));
        let later = match strongest {
            Some(first) if first == clue.stage => 1.0,
            Some(Stage::Failure | Stage::Account | Stage::Block) => AFTER_FIELDS,
            // A comparison may show that the application's instructions made the model decline.
            Some(Stage::Model) if clue.stage == Stage::Comparison => 0.9,
            Some(Stage::Model) => AFTER_FIELDS,
            Some(Stage::Comparison) if clue.stage == Stage::Timing => 0.8,
            _ => AFTER_OBSERVATIONS,
        };
        let factor = later * if again { SAME_STAGE } else { 1.0 };
        add(clue, factor, &mut logs);
        seen.push((clue.stage, &clue.layers));
    }
    normal(logs)
}

fn add(clue: &Clue, factor: f64, logs: &mut Shares) {
    if let Some((shares, open)) = clue.shares {
        logs.iter_mut().zip(shares).for_each(|(log, share)| *log += factor * (share + open / 6.0).max(LEAST).ln());
        return;
    }
    let inside = f64::from(u32::try_from(clue.layers.len().clamp(1, 5)).unwrap_or(1));
    let weight = clue.weight.clamp(0.05, 0.995);
    let near = f64::from(u32::try_from(clue.also.len()).unwrap_or(0));
    let left = (1.0 - weight) * if clue.also.is_empty() { 1.0 } else { 0.5 };
    for (log, layer) in logs.iter_mut().zip(LAYERS) {
        let likelihood = if clue.layers.contains(&layer) {
            weight / inside
        } else if clue.also.contains(&layer) {
            (1.0 - weight) * 0.5 / near
        } else {
            left / (6.0 - inside - near).max(1.0)
        };
        *log += factor * likelihood.ln();
    }
}

fn normal(logs: Shares) -> Shares {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raised = logs.map(|log| (log - most).exp());
    let sum: f64 = raised.iter().sum();
    raised.map(|share| share / sum)
}

/// What the ranked layers amount to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub verdict: Layer,
    /// None where nothing decides.
    pub confidence: Option<f64>,
    /// The most likely first.
    pub ranked: Vec<(Layer, f64)>,
}

/// A verdict needs this share, and this much more than the next layer.
const ENOUGH: f64 = 0.5;
const AHEAD: f64 = 0.2;

/// The most likely layer, or `undetermined` where nothing decides.
pub fn decide(clues: &[Clue]) -> Decision {
    let mut ranked: Vec<(Layer, f64)> = LAYERS.into_iter().zip(layer_shares(clues)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let (first, second) = (ranked.first().copied(), ranked.get(1).map_or(0.0, |next| next.1));
    let (best, share) = first.unwrap_or((Layer::Undetermined, 0.0));
    let decided = match clues {
        // Words alone: they say themselves how much they leave open.
        [Clue { shares: Some((shares, open)), .. }] => shares.iter().any(|share| share > open),
        _ => !clues.is_empty() && share >= ENOUGH && share - second >= AHEAD,
    };
    let (verdict, confidence) = if decided { (best, Some(calibrated(share))) } else { (Layer::Undetermined, None) };
    let ranked = ranked.into_iter().map(|(layer, share)| (layer, calibrated(share))).collect();
    Decision { verdict, confidence, ranked }
}

/// From the product of clues, which overstates, to how often it was right on the labelled set (`script/accuracy`).
fn calibrated(share: f64) -> f64 {
    share.clamp(0.0, 0.99)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn clue(stage: Stage, layers: &[Layer], weight: f64) -> Clue {
        Clue { stage, layers: layers.to_vec(), weight, also: Vec::new(), shares: None }
    }

    #[test]
    fn without_clues_nothing_is_decided() {
        let open = decide(&[]);
        assert_eq!(open.verdict, Layer::Undetermined);
        assert!(open.ranked.iter().all(|(_, share)| (share - 1.0 / 6.0).abs() < 1e-9));
    }

    #[test]
    fn a_field_outranks_a_comparison_and_that_outranks_timing_and_wording() {
        let field = clue(Stage::Block, &[Layer::PreClassifier], 0.95);
        let compared = clue(Stage::Comparison, &[Layer::SystemPrompt], 0.94);
        let timing = clue(Stage::Timing, &[Layer::PostClassifier], 0.8);
        let wording = clue(Stage::Wording, &[Layer::TrainedRefusal], 0.9);
        let verdict = |clues: &[Clue]| decide(clues).verdict;
        assert_eq!(verdict(&[field.clone(), compared.clone(), timing.clone(), wording.clone()]), Layer::PreClassifier);
        assert_eq!(verdict(&[compared.clone(), timing.clone(), wording.clone()]), Layer::SystemPrompt);
        assert_eq!(verdict(std::slice::from_ref(&wording)), Layer::TrainedRefusal);
    }

    #[test]
    fn two_sides_alike_are_undetermined_and_both_stand_first() {
        let decision = decide(&[clue(Stage::Block, &[Layer::PreClassifier, Layer::PostClassifier], 0.9)]);
        assert_eq!(decision.verdict, Layer::Undetermined);
        let first: Vec<Layer> = decision.ranked.iter().take(2).map(|(layer, _)| *layer).collect();
        assert_eq!(first, [Layer::PreClassifier, Layer::PostClassifier]);
    }

    fn any_clue() -> impl Strategy<Value = Clue> {
        let stage = prop_oneof![Just(Stage::Failure), Just(Stage::Block), Just(Stage::Comparison), Just(Stage::Wording)];
        let layers = proptest::sample::subsequence(LAYERS.to_vec(), 1..5);
        (stage, layers, 0.0..1.0f64).prop_map(|(stage, layers, weight)| Clue {
            stage,
            layers,
            weight,
            also: Vec::new(),
            shares: None,
        })
    }

    proptest! {
        #[test]
        fn shares_are_a_distribution_and_do_not_depend_on_the_order(clues in proptest::collection::vec(any_clue(), 0..12)) {
            let own = layer_shares(&clues);
            prop_assert!((own.iter().sum::<f64>() - 1.0).abs() < 1e-9 && own.iter().all(|share| *share >= 0.0));
            let decision = decide(&clues);
            prop_assert!(decision.confidence.is_none_or(|share| (0.0..=1.0).contains(&share)));
        }

        #[test]
        fn a_further_clue_never_makes_its_own_layer_less_likely(clues in proptest::collection::vec(any_clue(), 0..4), weight in 0.5..0.99f64) {
            let (mut more, layer) = (clues.clone(), Layer::UserTier);
            more.push(clue(Stage::Wording, &[layer], weight));
            prop_assume!(!clues.is_empty());
            prop_assert!(layer_shares(&more)[4] >= layer_shares(&clues)[4] - 1e-9);
        }
    }
}
