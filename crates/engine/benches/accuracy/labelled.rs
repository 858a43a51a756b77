//! Labelled cases, and answers labelled by people.

use std::path::Path;

use serde::Deserialize;
use waymark_engine::verdict::Extent;
use waymark_engine::{Engine, Evidence, Layer, Verdict};

#[derive(Debug, Deserialize)]
pub struct Case {
    pub id: String,
    pub layer: Layer,
    /// The layer, and others that people who know the field would accept.
    #[serde(default)]
    pub acceptable: Vec<Layer>,
    pub extent: Extent,
    #[serde(default)]
    pub lang: Option<String>,
    #[serde(default)]
    pub form: Option<String>,
    pub evidence: Evidence,
    #[serde(default)]
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
    /// Half of the labelled set may be looked at to mend rules; the other half, and the blind set, only count.
    pub fn may_be_looked_at(&self) -> bool {
        self.case.form.is_none() && self.case.id.bytes().last().is_some_and(|digit| digit % 2 == 1)
    }

    pub fn right(&self) -> bool {
        self.case.layer == self.verdict.verdict
    }

    pub fn acceptable(&self) -> bool {
        self.right() || self.case.acceptable.contains(&self.verdict.verdict)
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
    let said: Vec<(&Answer, bool)> = answers
        .iter()
        .map(|answer| {
            let evidence = Evidence { visible_text: Some(answer.completion.clone()), ..Evidence::default() };
            (answer, engine.diagnose(&evidence, None).extent != Extent::None)
        })
        .collect();
    println!("\nanswers labelled by people: full or partial refusal");
    let mut models: Vec<&str> = answers.iter().map(|answer| answer.model.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    for model in models.iter().map(|model| Some(*model)).chain([None]) {
        let own: Vec<_> = said.iter().filter(|one| model.is_none_or(|model| one.0.model == model)).collect();
        let count = |test: &dyn Fn(&(&Answer, bool)) -> bool| own.iter().filter(|one| test(one)).count() as f64;
        let right = count(&|one| one.0.refused() == one.1);
        let both = count(&|one| one.0.refused() && one.1);
        let f1 = 2.0 * both / (count(&|one| one.0.refused()) + count(&|one| one.1)).max(1.0);
        println!("  {:<16} n {:>5}  accuracy {:.3}  F1 {:.3}", model.unwrap_or("all"), own.len(), right / own.len() as f64, f1);
    }
    if show {
        for (answer, refused) in said.iter().filter(|one| one.0.refused() != one.1) {
            let text: String = answer.completion.chars().take(300).collect();
            println!("  {} {} said {refused} {text:?}", answer.id, answer.label);
        }
    }
}
