//! Pairs: which choice is right for each prompt.

use std::collections::BTreeMap;

use crate::qti3::declared::{DeclaredAnswer, NO_KEY};
use crate::qti3::options::{note_key, scoring};
use crate::qti3::read_body::choice as choice_text;
use crate::qti3::reading::{At, slug, unique};
use crate::report::PackageEffect;
use crate::source::id;
use crate::xml::Element;
use waymark_curriculum::format::{AuthoredChoice, Matching, Prompt, Task};

/// Prompt and choice, and what the pair gets.
struct RightPair {
    prompt: String,
    choice: String,
    points: f64,
}

pub fn matching(at: &mut At<'_, '_>, interaction: &Element, answer: &DeclaredAnswer) -> Result<(Task, Option<f64>), String> {
    let sets: Vec<&Element> = interaction.all("qti-simple-match-set").collect();
    let [first, second] = sets.as_slice() else { return Err("does not match one set with another".to_owned()) };
    let pairs = pairs(at, answer);
    if pairs.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    let once = |set: &Element, side: fn(&RightPair) -> &String| {
        identifiers(set).iter().all(|one| pairs.iter().filter(|pair| side(pair) == one).count() == 1)
    };
    // Prompts are the side of which each has one partner.
    let (from, to, turned) = if once(first, |pair| &pair.prompt) {
        (*first, *second, false)
    } else if once(second, |pair| &pair.choice) {
        (*second, *first, true)
    } else {
        return Err("does not match each of its prompts with one choice".to_owned());
    };
    if turned {
        at.note("sides", PackageEffect::Changed, "the two sides are the other way round: each prompt has one choice here");
    }
    let partner = |identifier: &str| {
        let found = pairs.iter().find(|pair| if turned { pair.choice == identifier } else { pair.prompt == identifier })?;
        Some(if turned { &found.prompt } else { &found.choice })
    };
    // Waymark's own identifiers say which set they are of.
    let own = |mark: &str, set: &Element| identifiers(set).iter().all(|one| one.starts_with(mark));
    let ours = own("p_", first) && own("c_", second);
    let short = |identifier: &str| if ours { identifier.get(2..).unwrap_or_default().to_owned() } else { identifier.to_owned() };
    let (mut choices, mut ids) = (Vec::new(), BTreeMap::new());
    for element in to.all("qti-simple-associable-choice") {
        let identifier = element.get("identifier").unwrap_or_default();
        let new = unique(&slug(&id(&short(identifier)), "choice"), |id| ids.values().any(|taken: &String| taken == id));
        ids.insert(identifier.to_owned(), new.clone());
        choices.push(AuthoredChoice { id: new, layer: None, text: choice_text(at, element).0 });
    }
    let mut prompts: Vec<Prompt> = Vec::new();
    for element in from.all("qti-simple-associable-choice") {
        let identifier = element.get("identifier").unwrap_or_default();
        let key = partner(identifier).and_then(|partner| ids.get(partner));
        let key = key.ok_or("does not match each of its prompts with one choice")?.clone();
        let id = unique(&slug(&id(&short(identifier)), "prompt"), |id| prompts.iter().any(|prompt| prompt.id == id));
        let (text, inner) = choice_text(at, element);
        let rationale = inner.or_else(|| at.take_feedback(&short(identifier))).unwrap_or_default();
        prompts.push(Prompt { id, text, key, rationale });
    }
    let given = given(at, interaction, answer, &pairs);
    Ok((Task::Matching(Matching { scoring: scoring(answer), prompts, choices }), given))
}

fn identifiers(set: &Element) -> Vec<String> {
    set.all("qti-simple-associable-choice").filter_map(|choice| choice.get("identifier")).map(str::to_owned).collect()
}

/// The right pairs: those that get points, else those that are declared.
fn pairs(at: &mut At<'_, '_>, answer: &DeclaredAnswer) -> Vec<RightPair> {
    let pair = |key: &String| {
        let (prompt, choice) = key.split_once(' ')?;
        Some(RightPair { prompt: prompt.to_owned(), choice: choice.to_owned(), points: answer.mapping.points(key) })
    };
    let mut declared: Vec<RightPair> = answer.correct.iter().filter_map(pair).collect();
    let worth: Vec<&String> = answer.mapping.entries.iter().filter(|e| e.points > 0.0).map(|e| &e.key).collect();
    if declared.is_empty() {
        return worth.into_iter().filter_map(pair).collect();
    }
    // Of each prompt's pairs the one that gets most counts.
    let mut other = false;
    if answer.mapped {
        for right in &mut declared {
            let better = worth.iter().filter_map(|key| pair(key)).filter(|pair| pair.prompt == right.prompt);
            let best = better.max_by(|a, b| a.points.total_cmp(&b.points)).filter(|best| best.points > right.points);
            if let Some(best) = best {
                other = true;
                *right = best;
            }
        }
        let unnamed: Vec<RightPair> = worth
            .iter()
            .filter_map(|key| pair(key))
            .filter(|pair| declared.iter().all(|right| right.prompt != pair.prompt))
            .collect();
        other |= !unnamed.is_empty();
        declared.extend(unnamed);
    }
    if other {
        note_key(at);
    }
    declared
}

/// What all right pairs get together; what an item here cannot say of their points is noted.
fn given(at: &mut At<'_, '_>, interaction: &Element, answer: &DeclaredAnswer, pairs: &[RightPair]) -> Option<f64> {
    if !answer.mapped {
        if answer.branches.len() > 1 {
            at.note(
                "scoring",
                PackageEffect::Lost,
                "points for pairs that are partly right, which the processing gives one by one",
            );
        }
        return answer.full();
    }
    let mut shares: Vec<f64> = pairs.iter().map(|pair| pair.points).collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    if shares.windows(2).any(|two| matches!(two, [a, b] if (a - b).abs() > 1e-6)) {
        at.note("scoring", PackageEffect::Changed, "pairs that get different points get the same share here");
    }
    let wrong = |key: &String| pairs.iter().all(|pair| format!("{} {}", pair.prompt, pair.choice) != *key);
    if answer.mapping.default != 0.0 || answer.mapping.entries.iter().any(|e| e.points != 0.0 && wrong(&e.key)) {
        at.note("scoring", PackageEffect::Changed, "a wrong pair gets nothing here, whatever it got or cost");
    }
    let most = interaction.get("max-associations").and_then(|most| most.trim().parse::<usize>().ok()).filter(|most| *most > 0);
    let sum: f64 = shares.iter().take(most.unwrap_or(usize::MAX)).sum();
    if answer.mapping.bounded(sum) < sum - 1e-6 {
        at.note("scoring", PackageEffect::Changed, "fewer than all right pairs gave all points; here it takes all of them");
    }
    Some(answer.mapping.bounded(sum))
}
