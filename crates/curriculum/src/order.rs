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

fn place(parts: &[&str]) -> [u8; 32] {
    Sha256::digest(parts.join("\n")).into()
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
