//! What one test of a package says, and several of them as one quiz.

use crate::import::order::PassMark;
use crate::report::{PackageEffect, PackageReport};
use waymark_curriculum::format::Item;

/// One test, or one quiz of a cartridge.
#[derive(Debug, Default)]
pub struct QuizPart {
    pub title: Option<String>,
    pub items: Vec<Item>,
    pub draw: Option<usize>,
    pub shuffle_items: bool,
    pub pass_mark: Option<PassMark>,
    pub hides_feedback: bool,
    /// How many attempts are allowed, where it says so; none inside: any number.
    pub attempts: Option<Option<u32>>,
}

/// Several tests, or the quizzes of a course, as one quiz.
pub fn joined_parts(mut parts: Vec<QuizPart>, title: Option<String>, report: &mut PackageReport) -> QuizPart {
    parts.retain(|part| !part.items.is_empty());
    if parts.len() < 2 {
        let part = parts.pop().unwrap_or_default();
        return QuizPart { title: part.title.or(title), ..part };
    }
    report.whole(
        "tests",
        PackageEffect::Changed,
        format!("{} tests or quizzes are one quiz here, in their order; take out what belongs elsewhere", parts.len()),
    );
    let drawn: usize = parts.iter().map(|part| part.draw.unwrap_or(part.items.len())).sum();
    let all: usize = parts.iter().map(|part| part.items.len()).sum();
    let mut out = QuizPart { title, shuffle_items: parts.iter().all(|part| part.shuffle_items), ..QuizPart::default() };
    if drawn < all {
        out.draw = Some(drawn);
        report.whole(
            "draw",
            PackageEffect::Changed,
            format!("the draws of several tests are one draw of {drawn} from all {all} items"),
        );
    }
    for part in parts {
        out.hides_feedback |= part.hides_feedback;
        out.items.extend(part.items);
    }
    out
}
