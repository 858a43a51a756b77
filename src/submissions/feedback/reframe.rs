//! Is the reframe honest and fitting? Stated openly, used, no more than needed, nothing pretended, no way round a check.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Verdict;
use crate::lessons::format::{AuthoredPart, Layer};
use crate::submissions::feedback::agreement::Agreement;
use crate::submissions::feedback::checks::{Checks, NO_EVASION};
use crate::submissions::feedback::evasion::{Evasion, negation};
use crate::submissions::feedback::steps;
use crate::submissions::feedback::words::{bare, full, is_recognisable, present, quote, telling};
use crate::submissions::wire::{Reframe, SubmissionContent};

/// Words that ask for more than is needed, where the original did not have them.
static TOO_MUCH: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"everything (there is|you know|about); in (full|complete|every|all possible|as much) detail;
          every (single )?detail; with all (the )?details; no restrictions?;
          without (any )?(restrictions?|limits|omissions); leave nothing out; nothing left out;
          don['’]t leave (anything|out); uncensored; unfiltered; exhaustive(ly)?; no matter what;
          complete (and )?unabridged; as (detailed|explicit) as possible; alles,? was du weißt;
          in allen (einzelheiten|details); in jedem detail; ohne (jede )?einschränkung; lass nichts (weg|aus);
          unzensiert; todo lo que sabes; con todo (lujo de )?detalles?;
          sin (ninguna )?(restricci[oó]n|restricciones|l[ií]mites); sin omitir nada; sin censura; tout ce que tu sais;
          dans (tous les|les moindres) détails; sans (aucune )?(restrictions?|limites?); sans rien omettre;
          sans censure; 毫无保留; 不要遗漏; 所有细节; 全部细节; 没有任何限制; 不受限制; 无删减",
    )
});

/// Context makes a request longer; so much longer only more demands do.
const TIMES_LONGER: usize = 6;
const ALLOWED: usize = 600;

/// Kinds of findings in which somebody pretends to be or to have what they are or have not.
const PRETENCES: [&str; 3] = ["pretence", "false_authority", "persona"];

pub fn check_reframe(
    content: &SubmissionContent,
    verdict: &Verdict,
    agreement: &Agreement,
    evasions: &[Evasion],
    checks: &mut Checks,
) {
    let reframe = content.reframe.clone().unwrap_or_default();
    let layer = content.diagnosis.as_ref().and_then(|diagnosis| diagnosis.layer).unwrap_or(Layer::Undetermined);
    check_written(&reframe, checks);
    context_used(&reframe, layer, checks);
    minimal(&reframe, checks);
    checks.add(
        AuthoredPart::Reframe,
        "outcome",
        present(reframe.outcome.as_ref()),
        "The outcome is recorded.",
        "Record what came of it: answered, partly answered, refused, or not tried.",
    );
    let (passed, message) = steps::chosen(content, verdict, agreement);
    checks.say(AuthoredPart::Reframe, "first_step", passed, message);
    honest(evasions, checks);
}

fn check_written(reframe: &Reframe, checks: &mut Checks) {
    let mut add = |id, passed, yes, no| checks.add(AuthoredPart::Reframe, id, passed, yes, no);
    let of = |text: &Option<String>| bare(text.as_deref().unwrap_or_default());
    let differs = present(reframe.original.as_ref()) && of(&reframe.original) != of(&reframe.rewritten);
    add(
        "original",
        differs,
        "The two versions stand side by side.",
        "Put the original request beside a rewritten one that differs.",
    );
    add(
        "rewritten",
        full(reframe.rewritten.as_ref()),
        "The rewritten version says enough.",
        "Let the rewritten version say who asks, what for, and what exactly is wanted.",
    );
    let stated = [&reframe.role, &reframe.purpose, &reframe.audience, &reframe.scope];
    add(
        "context",
        stated.iter().all(|text| present(text.as_ref())),
        "Role, purpose, audience and scope are stated.",
        "State all four: role, purpose, audience and scope.",
    );
}

/// Context that stands only in its own field does not reach the model.
fn context_used(reframe: &Reframe, layer: Layer, checks: &mut Checks) {
    if !steps::words_help(layer) {
        let yes = "Words are not the step here, so the rewritten part need not repeat the context.";
        return checks.say(AuthoredPart::Reframe, "context_used", true, yes);
    }
    let rewritten = reframe.rewritten.as_deref().unwrap_or_default();
    let used = [&reframe.role, &reframe.purpose].into_iter().flatten().any(|part| is_recognisable(part, rewritten));
    let stated = [("audience", &reframe.audience), ("scope", &reframe.scope)];
    let idle = stated
        .into_iter()
        .filter(|(_, part)| part.as_ref().is_some_and(|part| !part.trim().is_empty() && !is_recognisable(part, rewritten)));
    let idle: Vec<&str> = idle.map(|(name, _)| name).collect();
    let message = match (used, idle.as_slice()) {
        (false, _) => "Say who asks or what for inside the rewritten text as well: the model reads only that.".to_owned(),
        (true, []) => "What you state is there in the rewritten text.".to_owned(),
        (true, idle) => format!("Role or purpose is there in the rewritten text. It could also say the {}.", idle.join(" and ")),
    };
    checks.say(AuthoredPart::Reframe, "context_used", used, message);
    checks.at("/reframe/rewritten", None);
}

fn minimal(reframe: &Reframe, checks: &mut Checks) {
    let (original, rewritten) =
        (reframe.original.as_deref().unwrap_or_default(), reframe.rewritten.as_deref().unwrap_or_default());
    let more = TOO_MUCH.find_iter(rewritten).find(|found| {
        !original.to_lowercase().contains(&found.as_str().to_lowercase()) && !negation::before(rewritten, found.start())
    });
    let (before, after) = (original.chars().count(), rewritten.chars().count());
    let longer = before > 0 && after > before.saturating_mul(TIMES_LONGER).saturating_add(ALLOWED);
    match more {
        Some(found) => {
            let no = "The rewritten version asks for more than the original. Ask for what you need, and say where it may stop.";
            checks.say(AuthoredPart::Reframe, "minimal", false, no);
            checks.at("/reframe/rewritten", Some(quote(found.as_str())));
        }
        None => checks.add(
            AuthoredPart::Reframe,
            "minimal",
            !longer,
            "It asks for no more than the original.",
            "The rewritten version is many times as long as the original. Keep the context, and ask for one thing.",
        ),
    }
}

fn honest(evasions: &[Evasion], checks: &mut Checks) {
    let pretended = evasions.iter().find(|evasion| PRETENCES.contains(&evasion.kind.as_str()));
    let no = "This reads as if somebody pretended to be, or to be allowed, what they are not. Write your true role and purpose.";
    checks.add(AuthoredPart::Reframe, "no_pretence", pretended.is_none(), "Nothing reads as pretended.", no);
    if let Some(evasion) = pretended {
        checks.at(evasion.pointer.clone(), Some(evasion.quote.clone()));
    }
    let message = match evasions.first() {
        None => "Nothing reads like a way round a check.".to_owned(),
        Some(first) => format!("{} {} Instead: {}", first.named, first.why_not, first.instead),
    };
    checks.say(AuthoredPart::Reframe, NO_EVASION, evasions.is_empty(), message);
    if let Some(first) = evasions.first() {
        checks.at(first.pointer.clone(), Some(first.quote.clone()));
    }
}
