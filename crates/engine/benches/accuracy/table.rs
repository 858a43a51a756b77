//! Confusion matrix, reliability table, and what went wrong.

use std::collections::BTreeMap;

use waymark_engine::Layer;
use waymark_engine::format::Stage;
use waymark_engine::verdict::Extent;

use crate::labelled::Judged;

const LAYERS: [(Layer, &str); 7] = [
    (Layer::PreClassifier, "pre"),
    (Layer::TrainedRefusal, "trained"),
    (Layer::PostClassifier, "post"),
    (Layer::SystemPrompt, "system"),
    (Layer::UserTier, "tier"),
    (Layer::NotARefusal, "not"),
    (Layer::Undetermined, "open"),
];

pub fn layers(judged: &[Judged<'_>]) {
    println!("rows are labels, columns are verdicts");
    println!("  {:<9}{}  precision recall F1", "", LAYERS.map(|(_, name)| format!("{name:>8}")).concat());
    let count = |test: &dyn Fn(&Judged<'_>) -> bool| judged.iter().filter(|one| test(one)).count();
    for (label, name) in LAYERS {
        let row = LAYERS.map(|(verdict, _)| count(&|one| one.case.layer == label && one.verdict.verdict == verdict));
        let both = count(&|one| one.case.layer == label && one.right()) as f64;
        let (labels, verdicts) =
            (count(&|one| one.case.layer == label) as f64, count(&|one| one.verdict.verdict == label) as f64);
        let cells = row.map(|cell| format!("{cell:>8}")).concat();
        println!(
            "  {name:<9}{cells}  {:>9.2} {:>6.2} {:.2}",
            both / verdicts.max(1.0),
            both / labels.max(1.0),
            2.0 * both / (labels + verdicts).max(1.0)
        );
    }
    let share = |test: &dyn Fn(&Judged<'_>) -> bool, of: &dyn Fn(&Judged<'_>) -> bool| {
        count(&|one| of(one) && test(one)) as f64 / count(of).max(1) as f64
    };
    println!(
        "  accuracy {:.3}, acceptable {:.3} of {} (odd ids, which may be looked at: {:.3}; kept aside: {:.3})",
        share(&|one| one.right(), &|_| true),
        share(&|one| one.acceptable(), &|_| true),
        judged.len(),
        share(&|one| one.right(), &|one| one.may_be_looked_at()),
        share(&|one| one.right(), &|one| !one.may_be_looked_at())
    );
}

/// Accuracy by language and by form, where cases name them.
pub fn groups(judged: &[Judged<'_>]) {
    let by = |name: &str, of: &dyn Fn(&Judged<'_>) -> Option<String>| {
        let mut groups: BTreeMap<String, (f64, f64, f64)> = BTreeMap::new();
        for one in judged {
            if let Some(group) = of(one) {
                let sum = groups.entry(group).or_default();
                *sum = (sum.0 + 1.0, sum.1 + f64::from(u8::from(one.right())), sum.2 + f64::from(u8::from(one.acceptable())));
            }
        }
        let cells =
            groups.iter().map(|(group, (all, right, fit))| format!("{group} {:.2}/{:.2} of {all}", right / all, fit / all));
        println!("  by {name} (right/acceptable): {}", cells.collect::<Vec<_>>().join(", "));
    };
    by("language", &|one| one.case.lang.clone());
    by("form", &|one| one.case.form.clone());
}

pub fn extents(judged: &[Judged<'_>]) {
    const EXTENTS: [Extent; 3] = [Extent::None, Extent::Partial, Extent::Full];
    println!("\nextent: rows are labels (none, partial, full)");
    for label in EXTENTS {
        let row = EXTENTS.map(|said| judged.iter().filter(|one| one.case.extent == label && one.verdict.extent == said).count());
        println!("  {}", row.map(|cell| format!("{cell:>8}")).concat());
    }
}

/// How often what was said with some certainty was right, by where the certainty comes from.
pub fn reliability(judged: &[Judged<'_>]) {
    let decided = |one: &Judged<'_>| one.verdict.verdict != Layer::Undetermined;
    let worded = |one: &Judged<'_>| one.verdict.reasons.first().is_some_and(|reason| reason.stage == Stage::Wording);
    for (name, words) in [("fields and observations", false), ("words", true)] {
        let own: Vec<_> = judged.iter().filter(|one| decided(one) && worded(one) == words).collect();
        bins(name, own.iter().map(|one| (one.verdict.confidence.unwrap_or_default(), one.acceptable())).collect());
    }
}

fn bins(what: &str, said: Vec<(f64, bool)>) {
    println!("\n  verdicts by {what}\n  said        n   mean  right");
    let mut off = 0.0;
    for tenth in 0..10 {
        let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let own: Vec<_> = said.iter().filter(|one| one.0 >= from && (one.0 < to || tenth == 9)).collect();
        if !own.is_empty() {
            let mean = own.iter().map(|one| one.0).sum::<f64>() / own.len() as f64;
            let right = own.iter().filter(|one| one.1).count() as f64 / own.len() as f64;
            off += (mean - right).abs() * own.len() as f64;
            println!("  {from:.1}-{to:.1} {:>6}  {mean:.2}   {right:.2}", own.len());
        }
    }
    println!("  expected calibration error {:.3}", off / said.len().max(1) as f64);
}

pub fn wrong(judged: &[Judged<'_>]) {
    println!("\nwrong verdicts");
    for one in judged.iter().filter(|one| !one.right() && one.may_be_looked_at()) {
        let rules: Vec<_> = one.verdict.reasons.iter().map(|reason| reason.rule.as_str()).collect();
        let ranked: Vec<_> = one.verdict.layers.iter().take(3).map(|r| format!("{:?} {:.2}", r.layer, r.confidence)).collect();
        println!(
            "  {} is {:?}, said {:?} {:.2} ({}) by {rules:?}\n      {}\n      {}",
            one.case.id,
            one.case.layer,
            one.verdict.verdict,
            one.verdict.confidence.unwrap_or_default(),
            ranked.join(", "),
            one.case.why,
            serde_json::to_string(&one.case.evidence)
                .unwrap_or_default()
                .replace(":null", "")
                .chars()
                .take(420)
                .collect::<String>()
        );
    }
}
