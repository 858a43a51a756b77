//! What a right answer gets: as its scoring gives it, else as it is declared.

use crate::qti3::declared::{DeclaredAnswer, finite_number};
use crate::qti3::reading::At;
use crate::report::PackageEffect;
use crate::source::plain_number;

const LEAST: f64 = 0.001;
const MOST: f64 = 1e6;

/// Points as items have them, noted where these are others.
pub fn tidy_points(at: &mut At<'_, '_>, points: f64) -> f64 {
    let kept = (points.clamp(LEAST, MOST) * 1000.0).round() / 1000.0;
    if (kept - points).abs() > 1e-9 {
        let detail = format!(
            "points are {LEAST} to 1000000 with at most three decimals: {} became {}",
            plain_number(points),
            plain_number(kept)
        );
        at.note("points", PackageEffect::Changed, &detail);
    }
    kept
}

/// `given`: what the scoring gives for the whole right answer, where it says so. What is declared beside it is only a word.
pub fn item_points(at: &mut At<'_, '_>, answer: &DeclaredAnswer, given: Option<f64>) -> f64 {
    let most = at.outcome("MAXSCORE").and_then(|declared| finite_number(&declared.first("qti-default-value")?.whole_text()));
    let normal = || at.outcome("SCORE").and_then(|declared| finite_number(declared.get("normal-maximum")?));
    let said = most.or_else(normal);
    let template = at.element.first("qti-response-processing").and_then(|processing| processing.get("template"));
    let by_template = !answer.mapped && template.is_some();
    match (given.filter(|given| *given > 0.0), said) {
        (Some(given), Some(said)) if (given - said).abs() < 1e-6 => said,
        (Some(given), Some(said)) => {
            let detail = format!(
                "the item says that {} points can be got and its scoring gives {}: that is taken",
                plain_number(said),
                plain_number(given)
            );
            at.note("points", PackageEffect::Changed, &detail);
            given
        }
        (Some(given), None) => given,
        (None, Some(said)) if said > 0.0 => {
            if by_template && (said - 1.0).abs() > 1e-9 {
                let detail = format!("the template gives 1 point and the item says {}: that is taken", plain_number(said));
                at.note("points", PackageEffect::Changed, &detail);
            }
            said
        }
        (None, Some(_)) => {
            at.note("points", PackageEffect::Changed, "an item that gives no points gives one here");
            1.0
        }
        (None, None) => 1.0,
    }
}
