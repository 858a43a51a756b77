//! What a quiz says of its attempts, where the package says it, and what a good quiz of ours has and an imported one lacks.

use std::collections::BTreeMap;

use crate::import::order::PassMark;
use crate::import::parts::QuizPart;
use crate::qti3::package::Carried;
use crate::report::{PackageEffect, PackageReport};
use waymark_curriculum::format::{AuthoredCounts, AuthoredObjective, AuthoredWhen, Policy, QuizFile, Reveal, Text};

/// The share of the points that passes where a package names none.
const USUAL_MARK: f64 = 0.8;

/// The quiz: with the policy that was carried along where its test was not changed (`same`), else as the package says it.
pub fn quiz(
    same: Option<&Carried>,
    carried: Option<&Carried>,
    part: QuizPart,
    language: &str,
    shuffles: &BTreeMap<String, bool>,
    report: &mut PackageReport,
) -> QuizFile {
    if let Some(carried) = same {
        return QuizFile { title: carried.quiz.title.clone(), policy: carried.quiz.policy.clone(), items: part.items };
    }
    let title = Text::from([(language.to_owned(), part.title.clone().unwrap_or_else(|| "Quiz".to_owned()))]);
    let (draw, shuffle_items) = (part.draw.filter(|draw| *draw < part.items.len()), part.shuffle_items);
    if let Some(carried) = carried {
        let pass_mark = pass_mark(&part).unwrap_or(carried.quiz.policy.pass_mark);
        let policy = Policy { draw, shuffle_items, pass_mark, ..carried.quiz.policy.clone() };
        return QuizFile { title, policy, items: part.items };
    }
    let pass_mark = pass_mark(&part).unwrap_or_else(|| {
        let detail = format!("the package says no share of the points from which an attempt has passed: {USUAL_MARK} is set");
        report.whole("pass mark", PackageEffect::Changed, detail);
        USUAL_MARK
    });
    report.whole(
        "policy",
        PackageEffect::Changed,
        "which attempt counts and when results show are set to the usual: the best one, on submission",
    );
    let rationale = if part.hides_feedback { AuthoredWhen::Never } else { AuthoredWhen::Submitted };
    let policy = Policy {
        attempts_allowed: part.attempts.flatten(),
        counts: AuthoredCounts::Highest,
        pass_mark,
        reveal: Reveal { verdict: AuthoredWhen::Submitted, rationale, key: AuthoredWhen::Submitted },
        draw,
        shuffle_items,
        shuffle_options: shuffle_options(shuffles, report),
        practice_keys: false,
    };
    QuizFile { title, policy, items: part.items }
}

fn pass_mark(part: &QuizPart) -> Option<f64> {
    let total: f64 = part.items.iter().map(|item| item.points).sum();
    let mark = match part.pass_mark? {
        PassMark::Share(share) => share,
        PassMark::Points(points) if total > 0.0 => points / total,
        PassMark::Points(_) => return None,
    };
    (0.0..=1.0).contains(&mark).then_some(mark)
}

/// A quiz shuffles the options of all its items or of none. Where items differ none is shuffled: an order can carry meaning.
fn shuffle_options(shuffles: &BTreeMap<String, bool>, report: &mut PackageReport) -> bool {
    let any = shuffles.values().any(|shuffle| *shuffle);
    let all = shuffles.values().all(|shuffle| *shuffle);
    if any && !all {
        for (item, _) in shuffles.iter().filter(|(_, shuffle)| **shuffle) {
            report.item(
                item,
                "order",
                PackageEffect::Changed,
                "the options of these are not shuffled, because those of other items are not",
            );
        }
    }
    shuffles.is_empty() || all
}

/// What a good quiz of ours has and this one lacks.
pub fn missing_parts(quiz: &QuizFile, objectives: &[AuthoredObjective], report: &mut PackageReport) {
    let known: BTreeMap<&str, ()> = objectives.iter().map(|objective| (objective.id.as_str(), ())).collect();
    for item in &quiz.items {
        if item.evidence.is_empty() {
            report.item(&item.id, "evidence", PackageEffect::Missing, "an item shows evidence; these have none");
        }
        if item.objective.is_empty() || (!known.is_empty() && !known.contains_key(item.objective.as_str())) {
            report.item(&item.id, "objective", PackageEffect::Missing, "an item tests an objective of its lesson; name one");
        }
        if item.stem.is_empty() {
            report.item(&item.id, "stem", PackageEffect::Missing, "an item asks something; these have no text");
        }
        if item.task.rationales().iter().any(|(_, text)| text.is_empty()) {
            report.item(&item.id, "rationale", PackageEffect::Missing, "each answer has a rationale; here some have none");
        }
    }
}
