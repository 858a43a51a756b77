//! Confusion matrix, reliability table, and what went wrong.

use waymark::diagnosis::verdict::Extent;
use waymark::lessons::format::Layer;

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
    println!("labelled set: rows are labels, columns are verdicts");
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
    let share = |open: &dyn Fn(&Judged<'_>) -> bool| count(&|one| open(one) && one.right()) as f64 / count(open).max(1) as f64;
    println!(
        "  accuracy {:.3} of {} (odd ids, which may be looked at: {:.3}; even ids, kept aside: {:.3})",
        share(&|_| true),
        judged.len(),
        share(&|one| one.may_be_looked_at()),
        share(&|one| !one.may_be_looked_at())
    );
}

pub fn extents(judged: &[Judged<'_>]) {
    const EXTENTS: [Extent; 3] = [Extent::None, Extent::Partial, Extent::Full];
    println!("\nextent: rows are labels (none, partial, full)");
    for label in EXTENTS {
        let row = EXTENTS.map(|said| judged.iter().filter(|one| one.case.extent == label && one.verdict.extent == said).count());
        println!("  {}", row.map(|cell| format!("{cell:>8}")).concat());
    }
}

/// How often what was said with some certainty was right.
pub fn reliability(what: &str, said: impl Iterator<Item = (f64, bool)>) {
    let said: Vec<(f64, bool)> = said.collect();
    println!("\n{what}\n  said        n   mean  right");
    for tenth in 0..10 {
        let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let own: Vec<_> = said.iter().filter(|one| one.0 >= from && (one.0 < to || tenth == 9)).collect();
        if !own.is_empty() {
            let mean = own.iter().map(|one| one.0).sum::<f64>() / own.len() as f64;
            let right = own.iter().filter(|one| one.1).count() as f64 / own.len() as f64;
            println!("  {from:.1}-{to:.1} {:>6}  {mean:.2}   {right:.2}", own.len());
        }
    }
    let brier = said.iter().map(|one| (one.0 - f64::from(u8::from(one.1))).powi(2)).sum::<f64>() / said.len().max(1) as f64;
    println!("  Brier score {brier:.3}");
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
            one.verdict.confidence,
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
