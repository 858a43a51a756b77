//! Who says it: a gateway wraps what a provider said into its own status, class name and advice to try again. What stands inside about
//! content, account or region is the statement; the wrapper is the messenger.

use crate::engine::Spoken;
use crate::format::Stage;
use crate::layer::Layer;
use crate::telling::cut_quotation;

/// From this weight on a statement about content or account outranks what carries it.
const STATEMENT: f64 = 0.8;
/// How much of a messenger's words a note shows, in characters.
const SHOWN: usize = 60;

fn is_messenger(spoken: &Spoken<'_>, messengers: &[String]) -> bool {
    messengers.contains(&spoken.reason.rule)
}

fn is_statement(spoken: &Spoken<'_>) -> bool {
    matches!(spoken.clue.stage, Stage::Block | Stage::Account)
        && spoken.clue.weight >= STATEMENT
        && !spoken.clue.layers.contains(&Layer::NotARefusal)
}

/// Whether something other than a messenger has said already which layer it was.
pub(crate) fn is_settled(spoken: &[Spoken<'_>], messengers: &[String]) -> bool {
    spoken.iter().any(|one| {
        one.clue.stage < Stage::Comparison
            && one.clue.layers.len() == 1
            && one.clue.weight >= 0.65
            && !is_messenger(one, messengers)
    })
}

/// Takes out what only carries a statement, and says so.
pub(crate) fn drop_messengers(spoken: &mut Vec<Spoken<'_>>, messengers: &[String]) -> Option<String> {
    if !spoken.iter().any(|one| is_statement(one) && !is_messenger(one, messengers)) {
        return None;
    }
    let carried = spoken.iter().position(|one| is_messenger(one, messengers))?;
    let quote = spoken.get(carried).and_then(|one| one.reason.quote.clone()).unwrap_or_default();
    spoken.retain(|one| !is_messenger(one, messengers));
    let short: String = quote.chars().take(SHOWN).collect();
    let shown = if short.len() < quote.len() { format!("{}\u{2026}", short.trim_end()) } else { cut_quotation(&short) };
    Some(format!(
        "\u{201c}{shown}\u{201d} is how the messenger, a gateway or client, files what it was told; its status, class name and advice to try again do not count against what stands inside."
    ))
}

/// What knows the side outranks what leaves it open among the same layers.
pub(crate) fn decide_open(spoken: &mut [Spoken<'_>], layers: &[Layer], weight: f64) {
    for one in spoken.iter_mut() {
        let open = one.clue.stage < Stage::Comparison && one.clue.layers.len() > layers.len();
        if open && layers.iter().all(|layer| one.clue.layers.contains(layer)) {
            one.clue.weight = one.clue.weight.min(weight - 0.01);
        }
    }
}
