//! Whether an answer fits its item; the text says what is wrong and what would do.

use std::collections::HashSet;

use serde_json::Value;

use crate::format::{Item, Matching, PointAtField, Task};
use crate::kinds::number::{LARGEST, rounded_number};
use crate::kinds::text::{LONGEST, is_blank};
use crate::responses::{MatchingResponse, Response};

/// What is wrong with an answer: a JSON pointer into the answer, and a text.
pub type Misfit = (String, String);

pub fn fits(item: &Item, response: &Response) -> Result<(), Misfit> {
    let id = &item.id;
    match (&item.task, response) {
        (Task::SingleChoice(_), Response::SingleChoice(given)) => known_option(item, "/response/option", &given.option),
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
        (Task::Numeric(_), Response::Numeric(given)) => match rounded_number(given.value) {
            Some(_) => Ok(()),
            None => Err(misfit("/response/value", format!("must be from -{LARGEST:e} to {LARGEST:e}."))),
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

fn known_option(item: &Item, pointer: &str, option: &str) -> Result<(), Misfit> {
    let there = item.task.option_ids();
    if there.contains(&option) {
        return Ok(());
    }
    Err(misfit(pointer, format!("the item {} has no option {option:?}; it has {}.", item.id, there.join(", "))))
}

fn chosen(item: &Item, options: &[String]) -> Result<(), Misfit> {
    let mut seen = HashSet::new();
    for (i, option) in options.iter().enumerate() {
        known_option(item, &format!("/response/options/{i}"), option)?;
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
    let length = text.chars().count();
    if is_blank(text) || length > LONGEST {
        let text = format!(
            "has {length} characters; it must have 1 to {LONGEST}, and one that can be seen. Leave the answer out where nothing was typed."
        );
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
