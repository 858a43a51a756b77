//! Whether an answer fits its item; the text says what is wrong and what would do.

use std::collections::HashSet;

use serde_json::Value;

use crate::format::{Item, Matching, PointAtField, Task};
use crate::kinds::number::{Decimal, LARGEST, PLACES};
use crate::responses::{MatchingResponse, Response};

/// The longest short text, in characters.
pub const LONGEST_TEXT: usize = 200;

/// What is wrong with an answer: a JSON pointer into the answer, and a text.
pub type Misfit = (String, String);

pub fn fits(item: &Item, response: &Response) -> Result<(), Misfit> {
    let id = &item.id;
    match (&item.task, response) {
        (Task::SingleChoice(_), Response::SingleChoice(given)) => known(item, "/response/option", &given.option),
        (Task::MultipleResponse(_), Response::MultipleResponse(given)) => chosen(item, &given.options),
        (Task::Ordering(task), Response::Ordering(given)) => {
            chosen(item, &given.options)?;
            if given.options.len() == task.key.len() {
                return Ok(());
            }
            Err(misfit("/response/options", format!("must put all {} options of the item {id} into order.", task.key.len())))
        }
        (Task::Matching(task), Response::Matching(given)) => pairs(id, task, given),
        (Task::ShortText(_), Response::ShortText(given)) => short_text(&given.text),
        (Task::Numeric(_), Response::Numeric(given)) => match Decimal::of(given.value) {
            Some(_) => Ok(()),
            None => {
                let text = format!("must be from -{LARGEST:e} to {LARGEST:e} with at most {PLACES} digits behind the point.");
                Err(misfit("/response/value", text))
            }
        },
        (Task::PointAtField(task), Response::PointAtField(given)) => pointer(item, task, &given.pointer),
        (task, other) => {
            let text = format!("is {}, but the item {id} is of the kind {}; send that kind.", other.kind(), task.name());
            Err(misfit("/response/kind", text))
        }
    }
}

fn misfit(pointer: impl Into<String>, text: String) -> Misfit {
    (pointer.into(), text)
}

fn known(item: &Item, pointer: &str, option: &str) -> Result<(), Misfit> {
    let there = item.task.option_ids();
    if there.contains(&option) {
        return Ok(());
    }
    Err(misfit(pointer, format!("the item {} has no option {option:?}; it has {}.", item.id, there.join(", "))))
}

fn chosen(item: &Item, options: &[String]) -> Result<(), Misfit> {
    let mut seen = HashSet::new();
    for (i, option) in options.iter().enumerate() {
        known(item, &format!("/response/options/{i}"), option)?;
        if !seen.insert(option) {
            return Err(misfit(format!("/response/options/{i}"), format!("names the option {option} a second time.")));
        }
    }
    Ok(())
}

/// Some prompts may be left open.
fn pairs(id: &str, task: &Matching, given: &MatchingResponse) -> Result<(), Misfit> {
    let mut seen = HashSet::new();
    for (i, pair) in given.pairs.iter().enumerate() {
        let list = |ids: Vec<&str>| ids.join(", ");
        if !task.prompts.iter().any(|prompt| prompt.id == pair.prompt) {
            let there = list(task.prompts.iter().map(|prompt| prompt.id.as_str()).collect());
            let text = format!("the item {id} has no prompt {:?}; it has {there}.", pair.prompt);
            return Err(misfit(format!("/response/pairs/{i}/prompt"), text));
        }
        if !task.choices.iter().any(|choice| choice.id == pair.choice) {
            let there = list(task.choices.iter().map(|choice| choice.id.as_str()).collect());
            let text = format!("the item {id} has no choice {:?}; it has {there}.", pair.choice);
            return Err(misfit(format!("/response/pairs/{i}/choice"), text));
        }
        if !seen.insert(&pair.prompt) {
            let text = format!("matches the prompt {} a second time.", pair.prompt);
            return Err(misfit(format!("/response/pairs/{i}/prompt"), text));
        }
    }
    Ok(())
}

fn short_text(text: &str) -> Result<(), Misfit> {
    let (length, control) = (text.chars().count(), text.chars().any(char::is_control));
    if text.trim().is_empty() || length > LONGEST_TEXT || control {
        let text = format!("must have 1 to {LONGEST_TEXT} characters on one line, not only white space.");
        return Err(misfit("/response/text", text));
    }
    Ok(())
}

fn pointer(item: &Item, task: &PointAtField, pointer: &str) -> Result<(), Misfit> {
    if !pointer.starts_with('/') {
        let text =
            "must be a JSON Pointer (RFC 6901): each name or index after a slash, for example \"/choices/0/finish_reason\".";
        return Err(misfit("/response/pointer", text.to_owned()));
    }
    if leads_somewhere(item, task, pointer) {
        return Ok(());
    }
    let text = format!("leads nowhere in the body that the item {} shows.", item.id);
    Err(misfit("/response/pointer", text))
}

/// Whether a pointer leads to a member of the body that the item shows.
pub fn leads_somewhere(item: &Item, task: &PointAtField, pointer: &str) -> bool {
    let body = item.evidence.get(task.shown).and_then(|shown| serde_json::from_str::<Value>(&shown.content).ok());
    body.is_some_and(|body| body.pointer(pointer).is_some())
}
