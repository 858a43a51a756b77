//! Choices and orders: which options are right.

use std::collections::{BTreeMap, BTreeSet};

use crate::qti3::declared::{DeclaredAnswer, NO_KEY};
use crate::qti3::options::{UNEQUAL, note_key, options, scoring};
use crate::qti3::reading::At;
use crate::report::PackageEffect;
use crate::xml::Element;
use waymark_curriculum::format::{MultipleResponse, OptionFile, Ordering, SingleChoice, Task};

type Ids = BTreeMap<String, String>;

/// The ids of identifiers that are options.
fn known(all: &[String], ids: &Ids) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for id in all.iter().filter_map(|identifier| ids.get(identifier)) {
        if !out.contains(id) {
            out.push(id.clone());
        }
    }
    out
}

/// Each option's id with its points by the mapping, in the order of the options.
fn worths(answer: &DeclaredAnswer, options: &[OptionFile], ids: &Ids) -> Vec<(String, f64)> {
    let identifier = |id: &String| ids.iter().find(|(_, own)| *own == id).map(|(identifier, _)| identifier.as_str());
    options.iter().filter_map(|option| Some((option.id.clone(), answer.mapping.points(identifier(&option.id)?)))).collect()
}

/// What the processing compares the answer with, where no correct response is declared: the best, and those of the same points.
fn compared(answer: &DeclaredAnswer, ids: &Ids) -> Vec<String> {
    let best = answer.full().unwrap_or_default();
    let values = answer.branches.iter().filter(|branch| branch.points >= best).filter_map(|branch| branch.value.clone());
    known(&values.collect::<Vec<_>>(), ids)
}

/// What is right without a mapping that scores: as declared, as compared, else what a mapping that does not score names.
fn declared_keys(answer: &DeclaredAnswer, ids: &Ids, by_mapping: &[String]) -> Vec<String> {
    let declared = known(&answer.correct, ids);
    if !declared.is_empty() {
        return declared;
    }
    let compared = compared(answer, ids);
    if compared.is_empty() { by_mapping.to_vec() } else { compared }
}

/// The options that get points, the best first.
fn paid(worths: &[(String, f64)]) -> Vec<String> {
    let mut paid: Vec<&(String, f64)> = worths.iter().filter(|(_, points)| *points > 0.0).collect();
    paid.sort_by(|a, b| b.1.total_cmp(&a.1));
    paid.into_iter().map(|(id, _)| id.clone()).collect()
}

pub fn single(at: &mut At<'_, '_>, interaction: &Element, answer: &DeclaredAnswer) -> Result<(Task, Option<f64>), String> {
    let (options, ids) = options(at, interaction);
    let worths = worths(answer, &options, &ids);
    let paid = if answer.mapping.entries.is_empty() { Vec::new() } else { paid(&worths) };
    let declared = declared_keys(answer, &ids, &paid);
    let worth = |id: &String| worths.iter().find(|(own, _)| own == id).map_or(0.0, |(_, points)| *points);
    let best = paid.first().map_or(0.0, worth);
    let key = match (answer.mapped, declared.first()) {
        // Of several that get the most, the one that is said to be right.
        (true, Some(said)) if !paid.is_empty() && worth(said) < best => {
            note_key(at);
            paid.first()
        }
        (_, said) => said.or(paid.first()),
    };
    let key = key.cloned().ok_or(NO_KEY)?;
    let others = if answer.mapped { paid.len() > 1 } else { answer.branches.len() > 1 };
    if others {
        at.note(
            "scoring",
            PackageEffect::Lost,
            "only one option of a single choice can be right here; what others get is not taken",
        );
    }
    let given = if answer.mapped { Some(answer.mapping.bounded(best)) } else { answer.full() };
    Ok((Task::SingleChoice(SingleChoice { key, options }), given))
}

pub fn multiple(at: &mut At<'_, '_>, interaction: &Element, answer: &DeclaredAnswer) -> Result<(Task, Option<f64>), String> {
    let (options, ids) = options(at, interaction);
    let worths = worths(answer, &options, &ids);
    let paid = if answer.mapping.entries.is_empty() { Vec::new() } else { paid(&worths) };
    let declared = declared_keys(answer, &ids, &paid);
    let set = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<String>>();
    let mut key = declared;
    if answer.mapped && !paid.is_empty() && set(&paid) != set(&key) {
        note_key(at);
        key = options.iter().map(|option| option.id.clone()).filter(|id| paid.contains(id)).collect();
    }
    if key.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    let mut given = answer.full();
    if answer.mapped {
        let most = interaction.get("max-choices").and_then(|most| most.trim().parse::<usize>().ok()).filter(|most| *most > 0);
        let mut shares: Vec<f64> = worths.iter().map(|(_, points)| *points).filter(|points| *points > 0.0).collect();
        shares.sort_by(|a, b| b.total_cmp(a));
        let sum: f64 = shares.iter().sum();
        let reached = shares.iter().take(most.unwrap_or(usize::MAX)).sum::<f64>();
        given = Some(answer.mapping.bounded(reached));
        let share = shares.first().copied().unwrap_or_default();
        let even = |(id, points): &(String, f64)| (points - if key.contains(id) { share } else { -share }).abs() < 1e-6;
        if !worths.iter().all(even) || answer.mapping.entries.len() < options.len() {
            at.note("scoring", PackageEffect::Changed, UNEQUAL);
        }
        if answer.mapping.bounded(sum) < sum - 1e-6 {
            at.note("scoring", PackageEffect::Changed, "fewer than all right options gave all points; here it takes all of them");
        }
    } else if answer.branches.len() > 1 {
        at.note(
            "scoring",
            PackageEffect::Lost,
            "points for answers that are partly right, which the processing gives one by one",
        );
    }
    Ok((Task::MultipleResponse(MultipleResponse { key, scoring: scoring(answer), options }), given))
}

pub fn ordering(at: &mut At<'_, '_>, interaction: &Element, answer: &DeclaredAnswer) -> Result<(Task, Option<f64>), String> {
    let (options, ids) = options(at, interaction);
    let key: Vec<String> = answer.correct.iter().filter_map(|identifier| ids.get(identifier).cloned()).collect();
    let distinct: BTreeSet<&String> = key.iter().collect();
    if key.len() != options.len() || distinct.len() != key.len() {
        return Err("orders some of its choices only, or does not say which order is right".to_owned());
    }
    let mut given = answer.full();
    if answer.mapped {
        given = Some(answer.mapping.bounded(worths(answer, &options, &ids).iter().map(|(_, points)| points.max(0.0)).sum()));
        let detail = "the mapping gives points to options wherever they stand; here each pair that is in order counts";
        at.note("scoring", PackageEffect::Changed, detail);
    } else if answer.branches.len() > 1 {
        at.note("scoring", PackageEffect::Lost, "points for orders that are partly right, which the processing gives one by one");
    }
    Ok((Task::Ordering(Ordering { key, scoring: scoring(answer), options }), given))
}
