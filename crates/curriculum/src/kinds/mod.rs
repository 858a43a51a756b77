//! The kinds of items: whether an answer fits its item, what it is worth, what would have been right. Pure.

mod fits;
mod number;
#[cfg(test)]
mod tests;
mod text;
mod unicode;

pub use fits::fits;
pub use fits::leads_somewhere;
pub use number::{Decimal, rounded_number};
pub use text::{LONGEST, normalised, tidied};
pub use unicode::{MEANINGLESS, UNSPACED, holds, is_unseen};

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::format::{
    Item, Layer, Matching, MultipleResponse, Numeric, Ordering, PointAtField, Scoring, ShortText, SingleChoice, Task,
};
use crate::responses::{
    MatchedPair, MatchingResponse, MultipleResponseResponse, NumericResponse, OrderingResponse, PointAtFieldResponse, Response,
    ShortTextResponse, SingleChoiceResponse,
};

/// Which part of an item's points an answer gets: `got` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub got: i64,
    pub of: i64,
}

impl Share {
    pub const ALL: Share = Share { got: 1, of: 1 };
    pub const NONE: Share = Share { got: 0, of: 1 };

    fn all_if(right: bool) -> Share {
        if right { Share::ALL } else { Share::NONE }
    }

    fn by(scoring: Scoring, got: i64, of: i64) -> Share {
        match scoring {
            Scoring::Partial => Share { got: got.clamp(0, of), of: of.max(1) },
            Scoring::AllOrNothing => Share::all_if(got == of),
        }
    }

    /// That share of `milli` thousandths, rounded half up.
    pub fn of_milli(self, milli: i64) -> i64 {
        milli.saturating_mul(self.got).saturating_mul(2).saturating_add(self.of) / self.of.saturating_mul(2).max(1)
    }

    /// The share as a fraction, where the thousandths alone would not tell it exactly.
    pub fn between_thousandths(self, milli: i64) -> Option<[i64; 2]> {
        let exact = milli.checked_mul(self.got).is_some_and(|got| got % self.of.max(1) == 0);
        (!exact).then_some([self.got, self.of])
    }

    pub fn verdict(self) -> &'static str {
        match self.got {
            got if got >= self.of => "correct",
            got if got > 0 => "partially_correct",
            _ => "incorrect",
        }
    }
}

/// What an answer shows about one prompt of a matching item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptPart {
    pub prompt: String,
    pub right: bool,
    pub expected_layer: Option<Layer>,
    pub chosen_layer: Option<Layer>,
}

/// What an answer is worth, and which layers it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoredAnswer {
    pub share: Share,
    pub expected_layer: Option<Layer>,
    pub chosen_layer: Option<Layer>,
    pub parts: Vec<PromptPart>,
}

/// Scores an answer; without one nothing is got. An answer of another kind, which `fits` refuses, gets nothing either.
/// `shown`: the options in the order in which the attempt showed them.
pub fn score(item: &Item, response: Option<&Response>, shown: &[String]) -> ScoredAnswer {
    let plain = |share, expected_layer, chosen_layer| ScoredAnswer { share, expected_layer, chosen_layer, parts: Vec::new() };
    match (&item.task, response) {
        (Task::SingleChoice(task), given) => {
            let chosen = given.and_then(|given| match given {
                Response::SingleChoice(choice) => Some(choice.option.as_str()),
                _ => None,
            });
            plain(
                Share::all_if(chosen == Some(task.key.as_str())),
                layer_of(task, &task.key),
                chosen.and_then(|id| layer_of(task, id)),
            )
        }
        (Task::Matching(task), given) => matching(task, given),
        (Task::PointAtField(task), Some(Response::PointAtField(given))) => {
            let share = Share::all_if(task.key.iter().any(|key| same_pointer(key, &given.pointer)));
            let misread = task.mistakes.iter().find(|misread| same_pointer(&misread.pointer, &given.pointer));
            let chosen = if share == Share::ALL { task.layer } else { misread.and_then(|misread| misread.layer) };
            plain(share, task.layer, chosen)
        }
        (Task::PointAtField(task), _) => plain(Share::NONE, task.layer, None),
        (Task::MultipleResponse(task), Some(Response::MultipleResponse(given))) => plain(multiple(task, given), None, None),
        (Task::Ordering(task), Some(Response::Ordering(given))) => plain(ordering(task, given, shown), None, None),
        (Task::ShortText(task), Some(Response::ShortText(given))) => plain(short_text(task, &given.text), None, None),
        (Task::Numeric(task), Some(Response::Numeric(given))) => plain(Share::all_if(within(task, given.value)), None, None),
        _ => plain(Share::NONE, None, None),
    }
}

fn layer_of(task: &SingleChoice, id: &str) -> Option<Layer> {
    task.options.iter().find(|option| option.id == id).and_then(|option| option.layer)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// Right options less wrong ones, of all right ones: picking everything gains nothing.
fn multiple(task: &MultipleResponse, given: &MultipleResponseResponse) -> Share {
    let right = given.options.iter().filter(|option| task.key.contains(option)).count();
    let wrong = given.options.len().saturating_sub(right);
    let net = count(right).saturating_sub(count(wrong));
    Share::by(task.scoring, net, count(task.key.len()))
}

/// Pairs in the right order less pairs in the wrong one, of all pairs (the numerator of Kendall's tau, 1938), at least nothing. The
/// order in which the options were shown is no answer unless it is the key: whoever hands that in may not have touched them.
fn ordering(task: &Ordering, given: &OrderingResponse, shown: &[String]) -> Share {
    if given.options == shown && given.options != task.key {
        return Share::NONE;
    }
    let place: HashMap<&str, usize> = task.key.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
    let places: Vec<usize> = given.options.iter().filter_map(|id| place.get(id.as_str()).copied()).collect();
    let (mut right, mut all) = (0_i64, 0_i64);
    for (i, one) in places.iter().enumerate() {
        for later in places.iter().skip(i.saturating_add(1)) {
            all = all.saturating_add(1);
            right = right.saturating_add(if one < later { 1 } else { -1 });
        }
    }
    if places.len() == task.key.len() { Share::by(task.scoring, right, all) } else { Share::NONE }
}

/// Prompts with the right choice, of all prompts.
fn matching(task: &Matching, given: Option<&Response>) -> ScoredAnswer {
    let pairs: &[MatchedPair] = match given {
        Some(Response::Matching(given)) => &given.pairs,
        _ => &[],
    };
    let layer = |id: &str| task.choices.iter().find(|choice| choice.id == id).and_then(|choice| choice.layer);
    let part = |prompt: &crate::format::Prompt| {
        let chosen = pairs.iter().find(|pair| pair.prompt == prompt.id).map(|pair| pair.choice.as_str());
        PromptPart {
            prompt: prompt.id.clone(),
            right: chosen == Some(prompt.key.as_str()),
            expected_layer: layer(&prompt.key),
            chosen_layer: chosen.and_then(layer),
        }
    };
    let parts: Vec<PromptPart> = task.prompts.iter().map(part).collect();
    let right = parts.iter().filter(|part| part.right).count();
    ScoredAnswer {
        share: Share::by(task.scoring, count(right), count(parts.len())),
        expected_layer: None,
        chosen_layer: None,
        parts,
    }
}

/// The accepted form that is worth most.
fn short_text(task: &ShortText, text: &str) -> Share {
    let given = normalised(text, task.case_sensitive);
    let shares = task
        .accepted
        .iter()
        .filter(|accepted| normalised(&accepted.form, task.case_sensitive) == given)
        .map(|accepted| crate::points::milli(accepted.share.unwrap_or(1.0)));
    shares.max().map_or(Share::NONE, |got| Share { got: got.clamp(0, 1000), of: 1000 })
}

/// Whether a number is within the tolerance of the key, both ends included; exact in decimals.
pub fn within(task: &Numeric, value: f64) -> bool {
    let decimals = [task.key, task.tolerance, value].map(Decimal::of);
    match decimals {
        [Some(key), Some(tolerance), Some(value)] => key.distance(value) <= tolerance.0,
        _ => false,
    }
}

/// Two pointers to the same member; `~0` and `~1` are read (RFC 6901, section 4).
pub fn same_pointer(one: &str, other: &str) -> bool {
    let tokens = |pointer: &str| pointer.split('/').map(|t| t.replace("~1", "/").replace("~0", "~")).collect::<Vec<_>>();
    tokens(one) == tokens(other)
}

/// The right answer; where several are right, the first.
pub fn right(task: &Task) -> Response {
    match task {
        Task::SingleChoice(task) => Response::SingleChoice(SingleChoiceResponse { option: task.key.clone() }),
        Task::MultipleResponse(task) => Response::MultipleResponse(MultipleResponseResponse { options: task.key.clone() }),
        Task::Ordering(task) => Response::Ordering(OrderingResponse { options: task.key.clone() }),
        Task::Matching(task) => Response::Matching(MatchingResponse {
            pairs: task.prompts.iter().map(|p| MatchedPair { prompt: p.id.clone(), choice: p.key.clone() }).collect(),
        }),
        Task::ShortText(task) => Response::ShortText(ShortTextResponse {
            text: task.accepted.first().map(|accepted| accepted.form.clone()).unwrap_or_default(),
        }),
        Task::Numeric(task) => Response::Numeric(NumericResponse { value: task.key }),
        Task::PointAtField(PointAtField { key, .. }) => {
            Response::PointAtField(PointAtFieldResponse { pointer: key.first().cloned().unwrap_or_default() })
        }
    }
}

/// The answer as the record of its saving holds it: of a typed text a keyed digest, which tells equal texts and nothing else.
/// Whether it is right is not known to anybody yet.
pub fn recorded(response: &Response, key: &[u8]) -> Value {
    match response {
        Response::ShortText(given) => json!({"kind": "short_text", "digest": text::typed_text_digest(&given.text, key)}),
        other => json!(other),
    }
}

/// The answer as results hold it: coded. Of a typed text only the authored form that it came to, if any.
pub fn coded_response(task: &Task, response: &Response) -> Value {
    match (task, response) {
        (Task::ShortText(task), Response::ShortText(given)) => {
            let text = normalised(&given.text, task.case_sensitive);
            let forms = task.accepted.iter().map(|a| &a.form).chain(task.mistakes.iter().map(|m| &m.form));
            let form = forms.into_iter().find(|form| normalised(form, task.case_sensitive) == text);
            json!({"kind": "short_text", "form": form})
        }
        (_, Response::ShortText(_)) => json!({"kind": "short_text", "form": null}),
        (_, other) => json!(other),
    }
}
