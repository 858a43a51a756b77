//! What an interaction asks, and what is right.

use crate::qti3::declared::declared;
use crate::qti3::reading::{At, MOST_OPTIONS};
use crate::qti3::{points, read_choice, read_match, read_typed};
use crate::report::PackageEffect;
use crate::xml::Element;
use waymark_curriculum::format::{Task, Text};

/// The task, and its points.
pub fn task(at: &mut At<'_, '_>, interaction: &Element, unit: Option<Text>) -> Result<(Task, f64), String> {
    const OPTIONS: [&str; 3] = ["qti-simple-choice", "qti-inline-choice", "qti-simple-associable-choice"];
    if interaction.descendants().into_iter().filter(|e| OPTIONS.contains(&e.name.as_str())).count() > MOST_OPTIONS {
        return Err(format!("has more than {MOST_OPTIONS} options"));
    }
    let answer = declared(at, interaction)?;
    let answer = &answer;
    let (task, given) = match interaction.name.as_str() {
        "qti-choice-interaction" | "qti-inline-choice-interaction" if answer.is_multiple() => {
            read_choice::multiple(at, interaction, answer)?
        }
        "qti-choice-interaction" | "qti-inline-choice-interaction" => read_choice::single(at, interaction, answer)?,
        "qti-order-interaction" => read_choice::ordering(at, interaction, answer)?,
        "qti-match-interaction" => read_match::matching(at, interaction, answer)?,
        _ if ["float", "integer"].contains(&answer.base_type.as_str()) => read_typed::numeric(at, answer, unit)?,
        _ => {
            let given = read_typed::best_text(answer);
            let points = points::item_points(at, answer, given);
            return Ok((read_typed::short_text(at, answer, points)?, points));
        }
    };
    limits(at, interaction);
    let points = points::item_points(at, answer, given);
    Ok((task, points))
}

/// What a player would hold a learner to and a quiz here does not.
fn limits(at: &mut At<'_, '_>, interaction: &Element) {
    let count = |name: &str| interaction.get(name).and_then(|number| number.trim().parse::<usize>().ok());
    let options = interaction.descendants().into_iter().filter(|e| e.get("identifier").is_some()).count();
    let several = interaction.name == "qti-choice-interaction" && interaction.get("response-identifier").is_some();
    let multiple =
        at.declaration(interaction.get("response-identifier").unwrap_or("RESPONSE")).and_then(|d| d.get("cardinality"));
    if let Some(most) = count("max-choices").filter(|most| several && multiple == Some("multiple") && (1..options).contains(most))
    {
        at.note("choices", PackageEffect::Lost, &format!("that at most {most} options may be chosen: here it is any number"));
    }
    let pairs = count("max-associations").filter(|most| *most > 0);
    let prompts = interaction.first("qti-simple-match-set").map_or(0, |set| set.elements().count());
    if let Some(most) = pairs.filter(|most| *most < prompts) {
        at.note("choices", PackageEffect::Lost, &format!("that at most {most} pairs may be made: here each prompt has one"));
    }
    let enforced = ["min-choices", "min-associations"].into_iter().find_map(count).filter(|least| *least > 1);
    if let Some(least) = enforced {
        at.note("choices", PackageEffect::Lost, &format!("that at least {least} must be chosen: here fewer can be handed in"));
    }
    let shuffled = interaction.get("shuffle") == Some("true");
    if ["qti-choice-interaction", "qti-order-interaction", "qti-match-interaction"].contains(&interaction.name.as_str()) {
        let id = at.id.clone();
        at.reading.shuffles.insert(id, shuffled);
    }
    if shuffled && interaction.descendants().into_iter().any(|e| e.get("fixed") == Some("true")) {
        at.note("order", PackageEffect::Lost, "options that keep their place while the others are shuffled");
    }
}
