//! A test of QTI: which items it shows, in which order, how many of them, and from which share on it is passed.

use std::collections::BTreeSet;

use crate::import::names::FilesByName;
use crate::qti3::reading::read_qti;
use crate::report::{PackageEffect, PackageReport};
use crate::resources::{is_outside, resolve_href};
use crate::source::line;
use crate::xml::Element;

/// An item that a test shows.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedItem {
    pub path: String,
    /// What its points are multiplied with.
    pub weight: f64,
}

/// From where on an attempt has passed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PassMark {
    /// A share of the points, 0 to 1.
    Share(f64),
    Points(f64),
}

#[derive(Debug, Default)]
pub struct TestPlan {
    pub path: String,
    pub title: Option<String>,
    pub language: Option<String>,
    pub items: Vec<PlannedItem>,
    pub draw: Option<usize>,
    pub shuffle_items: bool,
    pub pass_mark: Option<PassMark>,
    /// Whether rationales never show.
    pub hides_feedback: bool,
}

/// Reads a test; the items that it names and the package does not have are in the report.
pub fn test_plan(test: &Element, path: &str, files: &FilesByName<'_>, report: &mut PackageReport) -> TestPlan {
    let weighted = test.descendants().into_iter().filter(|e| e.name == "qti-test-variables");
    let mut walk = TestWalk {
        files,
        report,
        path: path.to_owned(),
        items: Vec::new(),
        weights: weighted.filter_map(|e| e.get("weight-identifier")).map(str::to_owned).collect(),
        sections: Vec::new(),
        opened: BTreeSet::from([path.to_owned()]),
    };
    for part in test.all("qti-test-part") {
        walk.session(part);
        for child in part.elements() {
            walk.child(child, path);
        }
    }
    walk.beyond(test);
    let (draw, shuffle_items) = (walk.draw(), walk.shuffle());
    let items = walk.items;
    let hides = |control: &Element| control.get("show-feedback") == Some("false");
    TestPlan {
        path: path.to_owned(),
        title: test.get("title").map(line).filter(|title| !title.is_empty()),
        language: test.get("xml:lang").map(str::to_owned),
        draw: draw.filter(|draw| *draw < items.len()),
        items,
        shuffle_items,
        pass_mark: pass_mark(test),
        hides_feedback: test.descendants().into_iter().any(|e| e.name == "qti-item-session-control" && hides(e)),
    }
}

/// A section that shows items of its own.
struct Section {
    items: usize,
    draws: Option<usize>,
    shuffles: bool,
}

struct TestWalk<'a, 'b> {
    files: &'a FilesByName<'b>,
    report: &'a mut PackageReport,
    path: String,
    items: Vec<PlannedItem>,
    /// The weights that the test's outcomes use.
    weights: BTreeSet<String>,
    sections: Vec<Section>,
    /// Files that were opened, so that none is opened for ever.
    opened: BTreeSet<String>,
}

/// What of a test is not taken, wherever it stands.
const BEYOND: &[&str] = &[
    "qti-pre-condition",
    "qti-branch-rule",
    "qti-time-limits",
    "qti-template-default",
    "qti-test-feedback",
    "qti-adaptive-selection",
    "qti-rubric-block",
];

impl TestWalk<'_, '_> {
    fn lost(&mut self, what: &str, detail: impl Into<String>, path: Option<&str>) {
        let own = self.path.clone();
        self.report.add(what, PackageEffect::Lost, detail, None, Some(path.unwrap_or(&own)));
    }

    fn beyond(&mut self, element: &Element) {
        for element in element.descendants() {
            if BEYOND.contains(&element.name.as_str()) {
                self.lost("test", format!("<{}> of the test is not taken", element.name), None);
            }
        }
    }

    /// How often an item may be tried in one attempt.
    fn session(&mut self, element: &Element) {
        let most = element.first("qti-item-session-control").and_then(|control| control.get("max-attempts"));
        if most.is_some_and(|most| most.trim() != "1") {
            self.lost("attempts", "how often an item may be tried inside of one attempt: here it is answered once", None);
        }
    }

    /// Whether it is a section that could be read.
    fn child(&mut self, element: &Element, file: &str) -> bool {
        match element.name.as_str() {
            "qti-assessment-section" => {
                self.section(element, file);
                true
            }
            "qti-assessment-section-ref" => self.section_file(element, file),
            _ => false,
        }
    }

    fn section_file(&mut self, element: &Element, file: &str) -> bool {
        let path = self.resolved(element, file);
        let read = self.files.content(&path).and_then(|bytes| read_qti(bytes, &path).ok());
        match read.filter(|section| section.name == "qti-assessment-section") {
            Some(section) if self.opened.insert(path.clone()) => {
                self.beyond(&section);
                self.section(&section, &path);
                true
            }
            _ => {
                self.lost("section", "a section in a file of its own cannot be read", Some(&path));
                false
            }
        }
    }

    fn resolved(&self, element: &Element, file: &str) -> String {
        let href = element.get("href").unwrap_or_default();
        let href = format!("{}{href}", element.get("xml:base").unwrap_or_default());
        if is_outside(&href) { href } else { resolve_href(file, &href) }
    }

    fn section(&mut self, section: &Element, file: &str) {
        self.session(section);
        let before = self.items.len();
        let mut nested = false;
        for child in section.elements() {
            match child.name.as_str() {
                "qti-assessment-item-ref" => self.item(child, file),
                "qti-assessment-section" | "qti-assessment-section-ref" => nested |= self.child(child, file),
                _ => {}
            }
        }
        let items = self.items.len() - before;
        let draws = section.first("qti-selection").and_then(|selection| self.selection(selection, items, nested));
        let shuffles = section.first("qti-ordering").and_then(|ordering| ordering.get("shuffle")) == Some("true");
        if nested {
            if shuffles {
                self.lost("order", "the shuffling of whole sections", None);
            }
        } else if items > 0 {
            self.sections.push(Section { items, draws, shuffles });
        }
    }

    /// How many items a section draws, where an attempt can do that.
    fn selection(&mut self, selection: &Element, items: usize, nested: bool) -> Option<usize> {
        if selection.get("with-replacement") == Some("true") {
            self.lost("draw", "a draw that may show an item twice: each shows at most once here", None);
        }
        let select = selection.get("select").and_then(|select| select.trim().parse::<usize>().ok());
        match select {
            Some(select) if nested => {
                self.lost("draw", format!("a draw of {select} sections: all their items are taken"), None);
                None
            }
            Some(select) if select > 0 => Some(select.min(items)),
            _ => {
                self.lost("draw", "a draw of no number that could be read: all items are taken", None);
                None
            }
        }
    }

    fn item(&mut self, reference: &Element, file: &str) {
        let asked = self.resolved(reference, file);
        let Some(path) = self.files.path(&asked).map(str::to_owned) else {
            let shown: String = asked.chars().filter(|c| !c.is_control()).take(120).collect();
            return self.lost("item", "the test names a file that the package does not have", Some(&shown));
        };
        if self.items.iter().any(|planned| planned.path == path) {
            let detail = "the test shows this item more than once; here it is there once, and counts once";
            return self.lost("repeated item", detail, Some(&path));
        }
        for (name, detail) in [("fixed", "an item that keeps its place"), ("required", "an item that every draw has")] {
            if reference.get(name) == Some("true") {
                self.lost("order", detail, Some(&path));
            }
        }
        self.session(reference);
        let mut weight = 1.0;
        for declared in reference.all("qti-weight") {
            let value =
                declared.get("value").and_then(|value| value.trim().parse::<f64>().ok()).filter(|w| w.is_finite() && *w > 0.0);
            let used = declared.get("identifier").is_some_and(|name| self.weights.contains(name));
            match value {
                Some(value) if used => weight = value,
                Some(value) if (value - 1.0).abs() < 1e-9 => {}
                _ => self.lost(
                    "weight",
                    "a weight of an item that the test's score does not use, or that is no number above 0",
                    Some(&path),
                ),
            }
        }
        self.items.push(PlannedItem { path, weight });
    }

    /// One draw of all items, as many as the sections draw together.
    fn draw(&mut self) -> Option<usize> {
        let drawn = |section: &Section| section.draws.unwrap_or(section.items).min(section.items);
        let total: usize = self.sections.iter().map(drawn).sum();
        let listed: usize = self.sections.iter().map(|section| section.items).sum();
        if total >= listed {
            return None;
        }
        let total = total + self.items.len().saturating_sub(listed);
        if self.sections.len() > 1 {
            let list: Vec<String> =
                self.sections.iter().take(20).map(|section| format!("{} of {}", drawn(section), section.items)).collect();
            let detail = format!(
                "{} sections draw by themselves ({}): a quiz has one draw, here {total} of all {} items",
                self.sections.len(),
                list.join(", "),
                self.items.len()
            );
            let path = self.path.clone();
            self.report.add("draw", PackageEffect::Changed, detail, None, Some(&path));
        }
        Some(total)
    }

    fn shuffle(&mut self) -> bool {
        let (all, any) = (self.sections.iter().all(|s| s.shuffles), self.sections.iter().any(|s| s.shuffles));
        if self.sections.len() > 1 {
            let detail = match (all, any) {
                (true, _) => "sections are one list here: their items are shuffled among one another",
                (false, true) => "items that only some sections shuffle keep their order here",
                (false, false) => "sections are one list here, without their titles",
            };
            let path = self.path.clone();
            self.report.add("section", PackageEffect::Changed, detail, None, Some(&path));
        }
        all && any
    }
}

/// What the test's outcomes compare its score with.
fn pass_mark(test: &Element) -> Option<PassMark> {
    let processing = test.first("qti-outcome-processing")?.descendants();
    let number = |element: &Element| element.whole_text().trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    let compared = processing.into_iter().filter(|element| ["qti-gte", "qti-gt"].contains(&element.name.as_str()));
    let mut marks = compared.filter_map(|element| {
        let [_, against] = element.elements().collect::<Vec<_>>()[..] else { return None };
        let of_all =
            against.descendants().into_iter().any(|e| e.get("identifier").or(e.get("variable-identifier")) == Some("MAXSCORE"));
        match against.name.as_str() {
            "qti-base-value" => number(against).map(PassMark::Points),
            "qti-product" if of_all => against.first("qti-base-value").and_then(number).map(PassMark::Share),
            _ => None,
        }
    });
    let first = marks.next();
    // Several marks are grades.
    first.filter(|_| marks.next().is_none())
}
