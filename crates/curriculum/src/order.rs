//! Which items an attempt draws, and in which order it shows them and their options.

use sha2::{Digest, Sha256};

use crate::format::{Item, QuizFile};

/// The name of [`order`], as quizzes publish it.
pub const ORDER: &str = "sha256-v1";

/// One item of an attempt, with its options (a matching item: its choices), in the order in which this attempt shows them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Drawn {
    pub item: String,
    pub options: Vec<String>,
}

/// The order and choice of items and options of an attempt: a pure function of its id and the version's digest, so that an
/// offline client draws what the server would. `sha256-v1`:
///
/// 1. Where `shuffle_items` is true, sort the items by SHA-256 of `version LF attempt LF item` (UTF-8, ids as written in
///    lower case, comparing the digests byte by byte); else keep the authored order.
/// 2. Keep the first `draw` of them.
/// 3. Where `shuffle_options` is true, sort each item's options by SHA-256 of `version LF attempt LF item LF option`.
pub fn order(quiz: &QuizFile, attempt: &str, version: &str) -> Vec<Drawn> {
    let mut items: Vec<&Item> = quiz.items.iter().collect();
    if quiz.policy.shuffle_items {
        items.sort_by_cached_key(|item| place(&[version, attempt, &item.id]));
    }
    items.truncate(quiz.policy.draw.unwrap_or(items.len()));
    let options = |item: &Item| {
        let mut options: Vec<String> = item.task.option_ids().into_iter().map(str::to_owned).collect();
        if quiz.policy.shuffle_options {
            options.sort_by_cached_key(|option| place(&[version, attempt, &item.id, option]));
        }
        options
    };
    items.into_iter().map(|item| Drawn { item: item.id.clone(), options: options(item) }).collect()
}

/// The first byte of what [`packed`] gives.
const PACKED: u8 = 1;

/// A drawn order in few bytes, for whoever has the quiz: after a first byte of 1, for each item its number among the quiz's items
/// and then the numbers of its options among the item's own, each as LEB128. None for what this quiz has not.
pub fn packed(quiz: &QuizFile, drawn: &[Drawn]) -> Option<Vec<u8>> {
    let mut out = vec![PACKED];
    for drawn in drawn {
        let number = quiz.items.iter().position(|item| item.id == drawn.item)?;
        let own = quiz.items.get(number)?.task.option_ids();
        if own.len() != drawn.options.len() {
            return None;
        }
        push(&mut out, number);
        for option in &drawn.options {
            push(&mut out, own.iter().position(|own| own == option)?);
        }
    }
    Some(out)
}

/// What [`packed`] was given; None for bytes that it did not give for this quiz.
pub fn unpacked(quiz: &QuizFile, packed: &[u8]) -> Option<Vec<Drawn>> {
    numbers(quiz, packed)?
        .into_iter()
        .map(|(item, options)| {
            let own = item.task.option_ids();
            let options = options.into_iter().map(|number| own.get(number).map(|&option| option.to_owned()));
            Some(Drawn { item: item.id.clone(), options: options.collect::<Option<_>>()? })
        })
        .collect()
}

/// The ids of the items in what [`packed`] gave.
pub fn drawn_items<'a>(quiz: &'a QuizFile, packed: &[u8]) -> Option<Vec<&'a str>> {
    Some(numbers(quiz, packed)?.into_iter().map(|(item, _)| item.id.as_str()).collect())
}

fn numbers<'a>(quiz: &'a QuizFile, packed: &[u8]) -> Option<Vec<(&'a Item, Vec<usize>)>> {
    let mut rest = packed.strip_prefix(&[PACKED])?;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let item = quiz.items.get(pull(&mut rest)?)?;
        let options = item.task.option_ids().iter().map(|_| pull(&mut rest)).collect::<Option<_>>()?;
        out.push((item, options));
    }
    Some(out)
}

fn push(out: &mut Vec<u8>, mut number: usize) {
    while let Ok(high @ 128..) = u64::try_from(number) {
        out.push(u8::try_from(high & 0x7F).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
}

fn pull(rest: &mut &[u8]) -> Option<usize> {
    let (mut number, mut shift) = (0_usize, 0_u32);
    loop {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= usize::from(byte & 0x7F).checked_shl(shift).filter(|_| shift < 28)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

fn place(parts: &[&str]) -> [u8; 32] {
    Sha256::digest(parts.join("\n")).into()
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
