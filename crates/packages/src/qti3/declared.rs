//! What an item declares of its answer, and what its processing makes of it: what is right, and what that is worth.

use crate::qti3::reading::At;
use crate::report::PackageEffect;
use crate::source::line;
use crate::xml::Element;

/// What is declared of the answer.
pub struct DeclaredAnswer {
    pub correct: Vec<String>,
    pub mapping: DeclaredMapping,
    pub base_type: String,
    pub cardinality: String,
    /// Whether the score comes from the mapping.
    pub mapped: bool,
    /// Answers that the processing gives points of their own, the best first.
    pub branches: Vec<ScoreBranch>,
    /// Whether a partly right order gets a share of the points, as our own packages say it.
    pub partial: bool,
}

/// Points by key.
#[derive(Default)]
pub struct DeclaredMapping {
    pub entries: Vec<MapEntry>,
    /// For keys without an entry.
    pub default: f64,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
}

pub struct MapEntry {
    pub key: String,
    pub points: f64,
    pub case_sensitive: bool,
}

/// A branch of the processing that sets the score to a number.
pub struct ScoreBranch {
    /// What the answer is compared with; none: the correct response.
    pub value: Option<String>,
    pub points: f64,
    pub case_sensitive: bool,
}

impl DeclaredMapping {
    pub fn points(&self, key: &str) -> f64 {
        self.entries.iter().find(|entry| entry.key == key).map_or(self.default, |entry| entry.points)
    }

    /// At most what the mapping gives in all.
    pub fn bounded(&self, points: f64) -> f64 {
        self.upper.map_or(points, |upper| points.min(upper))
    }

    /// Whether an answer can get less than nothing.
    pub fn punishes(&self) -> bool {
        let negative = self.default < 0.0 || self.entries.iter().any(|entry| entry.points < 0.0);
        negative && self.lower.is_none_or(|lower| lower < 0.0)
    }
}

impl DeclaredAnswer {
    pub fn is_multiple(&self) -> bool {
        self.cardinality == "multiple"
    }

    /// What the processing gives for the whole right answer, where it says a number.
    pub fn full(&self) -> Option<f64> {
        self.branches.first().map(|branch| branch.points)
    }
}

/// The most answers that an item declares or compares with: what is read of them grows with their square.
pub const MOST_ANSWERS: usize = 500;

pub const NO_KEY: &str = "does not say which answer is right";

pub fn finite_number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Reads the declaration of an interaction's answer; what scores in ways that no item here can is noted.
pub fn declared(at: &mut At<'_, '_>, interaction: &Element) -> Result<DeclaredAnswer, String> {
    let name = interaction.get("response-identifier").unwrap_or("RESPONSE");
    let element = at.declaration(name).ok_or("declares no response for its interaction")?;
    let value = |element: &Element| line(&element.whole_text());
    let correct: Vec<String> =
        element.first("qti-correct-response").map(|c| c.all("qti-value").map(value).collect()).unwrap_or_default();
    let mapping = element.first("qti-mapping").map(read_mapping).unwrap_or_default();
    let preset = element.first("qti-default-value").is_some();
    let branches = branches(at.element);
    let most = [correct.len(), mapping.entries.len(), branches.len()].into_iter().max();
    if most.is_some_and(|most| most > MOST_ANSWERS) {
        return Err(format!("declares more than {MOST_ANSWERS} answers"));
    }
    let mut out = DeclaredAnswer {
        correct,
        mapping,
        base_type: element.get("base-type").unwrap_or("identifier").to_owned(),
        cardinality: element.get("cardinality").unwrap_or("single").to_owned(),
        mapped: false,
        branches,
        partial: at
            .outcome("SCORE")
            .and_then(|score| score.get("interpretation"))
            .is_some_and(|told| told.starts_with("partial")),
    };
    out.mapped = scored_by_mapping(at, !out.mapping.entries.is_empty());
    if preset {
        at.note("default", PackageEffect::Lost, "an answer that stands there before the learner gives one");
    }
    let base = at.outcome("SCORE").and_then(|score| finite_number(&score.first("qti-default-value")?.whole_text()));
    if base.is_some_and(|base| base != 0.0) {
        at.note("default", PackageEffect::Lost, "points that are there before any answer");
    }
    if out.mapped {
        note_bounds(at, &out.mapping);
    }
    Ok(out)
}

fn read_mapping(mapping: &Element) -> DeclaredMapping {
    let bound = |name: &str| mapping.get(name).and_then(finite_number);
    let entry = |entry: &Element| {
        Some(MapEntry {
            key: line(entry.get("map-key")?),
            points: finite_number(entry.get("mapped-value")?)?,
            case_sensitive: entry.get("case-sensitive") != Some("false"),
        })
    };
    DeclaredMapping {
        entries: mapping.all("qti-map-entry").filter_map(entry).collect(),
        default: bound("default-value").unwrap_or(0.0),
        lower: bound("lower-bound"),
        upper: bound("upper-bound"),
    }
}

fn note_bounds(at: &mut At<'_, '_>, mapping: &DeclaredMapping) {
    if mapping.punishes() {
        at.note("scoring", PackageEffect::Changed, "no answer gets less than nothing here");
    }
    if mapping.lower.is_some_and(|lower| lower > 0.0) {
        at.note("scoring", PackageEffect::Lost, "points that every answer gets, even a wrong one");
    }
}

/// Branches that set the score to a number, by what they compare the answer with.
fn branches(item: &Element) -> Vec<ScoreBranch> {
    let processing = item.first("qti-response-processing").map(Element::descendants).unwrap_or_default();
    let is_branch = |e: &&Element| ["qti-response-if", "qti-response-else-if"].contains(&e.name.as_str());
    let mut out: Vec<ScoreBranch> = processing.into_iter().filter(is_branch).filter_map(branch).collect();
    out.sort_by(|a, b| b.points.total_cmp(&a.points));
    out
}

fn branch(element: &Element) -> Option<ScoreBranch> {
    let score = element.all("qti-set-outcome-value").find(|set| set.get("identifier") == Some("SCORE"))?;
    let points =
        score.first("qti-base-value").and_then(|value| finite_number(&value.whole_text())).filter(|points| *points > 0.0)?;
    let test = element.elements().find(|e| ["qti-match", "qti-string-match", "qti-equal"].contains(&e.name.as_str()));
    let value = test.and_then(|test| test.first("qti-base-value")).map(|value| line(&value.whole_text()));
    let case_sensitive = test.is_none_or(|test| test.name != "qti-string-match" || test.get("case-sensitive") != Some("false"));
    Some(ScoreBranch { value, points, case_sensitive })
}

/// Whether the score comes from the mapping; what else the processing does is noted.
fn scored_by_mapping(at: &mut At<'_, '_>, has_mapping: bool) -> bool {
    const KNOWN: &[&str] = &[
        "qti-response-processing",
        "qti-response-condition",
        "qti-response-if",
        "qti-response-else-if",
        "qti-response-else",
        "qti-is-null",
        "qti-variable",
        "qti-correct",
        "qti-match",
        "qti-map-response",
        "qti-set-outcome-value",
        "qti-base-value",
        "qti-multiple",
        "qti-string-match",
        "qti-equal",
        "qti-equal-rounded",
        "qti-and",
        "qti-gt",
        "qti-gte",
        "qti-lt",
        "qti-lte",
    ];
    let Some(processing) = at.element.first("qti-response-processing") else { return has_mapping };
    if let Some(template) = processing.get("template") {
        let name = template.rsplit('/').next().unwrap_or_default().trim_end_matches(".xml").to_owned();
        match name.as_str() {
            "map_response" => return has_mapping,
            "match_correct" => return false,
            _ => at.note(
                "response processing",
                PackageEffect::Lost,
                "a template of response processing is not known; the right answer and its points are taken",
            ),
        }
        return has_mapping;
    }
    let all = processing.descendants();
    if all.len() < 2 {
        return has_mapping;
    }
    let (mapped, odd) = (all.iter().any(|e| e.name == "qti-map-response"), all.iter().any(|e| !KNOWN.contains(&e.name.as_str())));
    if odd {
        at.note(
            "response processing",
            PackageEffect::Lost,
            "response processing of its own is not taken; the right answer and its points are",
        );
    }
    mapped && has_mapping
}
