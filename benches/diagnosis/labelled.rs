//! The labelled set, and answers labelled by people.

use std::path::Path;

use serde::Deserialize;
use waymark::diagnosis::verdict::Extent;
use waymark::diagnosis::wording;
use waymark::diagnosis::{Engine, Evidence, Verdict};
use waymark::lessons::format::Layer;

use crate::table;

#[derive(Debug, Deserialize)]
pub struct Case {
    pub id: String,
    pub layer: Layer,
    pub extent: Extent,
    pub evidence: Evidence,
    pub why: String,
}

#[derive(Debug, Deserialize)]
pub struct Answer {
    pub id: String,
    pub model: String,
    pub completion: String,
    pub label: String,
}

impl Answer {
    /// Whether people call it a refusal, whole or in part.
    pub fn refused(&self) -> bool {
        self.label != "full_compliance"
    }
}

pub struct Judged<'a> {
    pub case: &'a Case,
    pub verdict: Verdict,
}

impl Judged<'_> {
    /// Half of the set may be looked at to mend rules; the other half only counts.
    pub fn may_be_looked_at(&self) -> bool {
        self.case.id.bytes().last().is_some_and(|digit| digit % 2 == 1)
    }

    pub fn right(&self) -> bool {
        self.case.layer == self.verdict.verdict
    }
}

fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Vec<T> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parse = |(i, line): (usize, &str)| {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), i + 1))
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(parse).collect()
}

pub fn read(path: &Path) -> Vec<Case> {
    lines(path)
}

pub fn answers(path: &Path) -> Vec<Answer> {
    lines(path)
}

pub fn judge<'a>(engine: &Engine, cases: &'a [Case]) -> Vec<Judged<'a>> {
    cases.iter().map(|case| Judged { case, verdict: engine.diagnose(&case.evidence, None) }).collect()
}

/// "Full or partial refusal" against "full compliance", from the visible text alone.
pub fn report_answers(engine: &Engine, answers: &[Answer], show: bool) {
    let said: Vec<(&Answer, bool, f64)> = answers
        .iter()
        .map(|answer| {
            let evidence = Evidence { visible_text: Some(answer.completion.clone()), ..Evidence::default() };
            let refused = engine.diagnose(&evidence, None).extent != Extent::None;
            (answer, refused, wording::read_wording(&engine.lexicon, &answer.completion).refusal)
        })
        .collect();
    println!("\nanswers labelled by people: full or partial refusal");
    let mut models: Vec<&str> = answers.iter().map(|answer| answer.model.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    for model in models.iter().map(|model| Some(*model)).chain([None]) {
        let own: Vec<_> = said.iter().filter(|one| model.is_none_or(|model| one.0.model == model)).collect();
        let count = |test: &dyn Fn(&(&Answer, bool, f64)) -> bool| own.iter().filter(|one| test(one)).count() as f64;
        let right = count(&|one| one.0.refused() == one.1);
        let both = count(&|one| one.0.refused() && one.1);
        let f1 = 2.0 * both / (count(&|one| one.0.refused()) + count(&|one| one.1)).max(1.0);
        println!("  {:<16} n {:>5}  accuracy {:.3}  F1 {:.3}", model.unwrap_or("all"), own.len(), right / own.len() as f64, f1);
    }
    table::reliability(
        "certainty of the wording model on these answers",
        said.iter().map(|one| (one.2.max(1.0 - one.2), (one.2 >= 0.5) == one.0.refused())),
    );
    if show {
        for (answer, refused, p) in said.iter().filter(|one| one.0.refused() != one.1) {
            let text: String = answer.completion.chars().take(150).collect();
            println!("  {} {} said {refused} {p:.2} {text:?}", answer.id, answer.label);
        }
    }
}
