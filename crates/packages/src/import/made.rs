//! Packages and items of QTI 3 that tests make.

use crate::{Imported, PackageEffect};

pub const MAP: &str =
    "<qti-response-processing template=\"https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/map_response.xml\"/>";
pub const MATCH: &str =
    "<qti-response-processing template=\"https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/match_correct.xml\"/>";

/// Files of a package, each of them a resource.
pub fn package(files: &[(&str, &str, &str)]) -> crate::zip::PackageFiles {
    let resource = |(path, kind, _): &(&str, &str, &str)| {
        format!("<resource identifier=\"r-{path}\" type=\"{kind}\" href=\"{path}\"><file href=\"{path}\"/></resource>")
    };
    let resources: String = files.iter().map(resource).collect();
    let manifest = format!(
        "<manifest identifier=\"m\"><metadata><schema>QTI Package</schema><schemaversion>3.0.0</schemaversion></metadata><organizations/><resources>{resources}</resources></manifest>"
    );
    let all = files.iter().map(|(path, _, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    all.chain([("imsmanifest.xml".to_owned(), manifest.into_bytes())]).collect()
}

pub fn item(id: &str, declared: &str, body: &str, processing: &str) -> String {
    format!(
        "<qti-assessment-item identifier=\"{id}\" title=\"t\" xml:lang=\"en\">{declared}<qti-outcome-declaration identifier=\"SCORE\" cardinality=\"single\" base-type=\"float\"/><qti-item-body>{body}</qti-item-body>{processing}</qti-assessment-item>"
    )
}

pub fn declared(cardinality: &str, base_type: &str, correct: &[&str], mapping: &str) -> String {
    let values: String = correct.iter().map(|value| format!("<qti-value>{value}</qti-value>")).collect();
    let correct =
        if correct.is_empty() { String::new() } else { format!("<qti-correct-response>{values}</qti-correct-response>") };
    format!(
        "<qti-response-declaration identifier=\"RESPONSE\" cardinality=\"{cardinality}\" base-type=\"{base_type}\">{correct}{mapping}</qti-response-declaration>"
    )
}

pub fn mapping(attributes: &str, entries: &[(&str, &str)]) -> String {
    let entries: String =
        entries.iter().map(|(key, value)| format!("<qti-map-entry map-key=\"{key}\" mapped-value=\"{value}\"/>")).collect();
    format!("<qti-mapping {attributes}>{entries}</qti-mapping>")
}

pub fn choice(attributes: &str, options: &[&str]) -> String {
    let options: String =
        options.iter().map(|id| format!("<qti-simple-choice identifier=\"{id}\">opt {id}</qti-simple-choice>")).collect();
    format!(
        "<qti-choice-interaction response-identifier=\"RESPONSE\" {attributes}><qti-prompt>Which?</qti-prompt>{options}</qti-choice-interaction>"
    )
}

/// The notes about scoring, which every import has none of unless something changed.
pub fn scoring_notes(read: &Imported) -> Vec<String> {
    const USUAL: [&str; 6] = ["evidence", "objective", "rationale", "stem", "pass mark", "policy"];
    let usual = |note: &crate::Note| {
        USUAL.contains(&note.what.as_str()) || (note.what == "comparison" && note.effect == PackageEffect::Changed)
    };
    read.report.notes.iter().filter(|note| !usual(note)).map(|note| note.what.clone()).collect()
}
