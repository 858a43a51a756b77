//! A file of QTI 1.2 as a quiz: of a cartridge, of Canvas, or of any other program.

use crate::import::parts::QuizPart;
use crate::qti3::declared::finite_number;
use crate::qti3::reading::{ItemReading, MOST_ITEMS};
use crate::qti12::asked::metadata_field;
use crate::qti12::read_item::read_older_item;
use crate::qti12::read_own::OwnItems;
use crate::report::PackageEffect;
use crate::source::line;
use crate::xml::{self, Element};

/// Reads a file; an item that is not taken is in the report.
pub fn read_older(path: &str, reading: &mut ItemReading<'_>) -> Vec<QuizPart> {
    let root = match xml::read_xml(reading.files.content(path).unwrap_or_default(), path) {
        Ok(root) if root.name == "questestinterop" => root,
        Ok(other) => {
            reading.lost("quiz", &format!("is a <{}>, not a quiz", other.name.chars().take(40).collect::<String>()), path);
            return Vec::new();
        }
        Err(refused) => {
            reading.lost("quiz", &refused.why, path);
            reading.refused.get_or_insert(refused);
            return Vec::new();
        }
    };
    let own = OwnItems::of(reading.files);
    let mut out = Vec::new();
    // Items can stand alone, in a section, in a bank, or in a quiz.
    let loose: Vec<&Element> = root.all("item").chain(root.all("section")).collect();
    for quiz in root.all("assessment").chain(root.all("objectbank")) {
        out.push(part(quiz, &quiz.elements().collect::<Vec<_>>(), path, &own, reading));
    }
    if !loose.is_empty() {
        out.push(part(&root, &loose, path, &own, reading));
    }
    out
}

/// A quiz while its sections are walked.
struct SectionWalk<'a, 'b, 'c> {
    path: &'a str,
    own: &'a OwnItems,
    reading: &'a mut ItemReading<'b>,
    part: QuizPart,
    /// Items and draws of sections that show items themselves, with whether they shuffle.
    sections: Vec<(usize, usize, bool)>,
    title: &'c str,
}

fn part(quiz: &Element, children: &[&Element], path: &str, own: &OwnItems, reading: &mut ItemReading<'_>) -> QuizPart {
    let title = quiz.get("title").map(line).filter(|title| !title.is_empty());
    let title = title.or_else(|| metadata_field(quiz, &["bank_title", "qmd_title"]));
    let mut walk = SectionWalk { path, own, reading, part: QuizPart::default(), sections: Vec::new(), title: quiz.name.as_str() };
    walk.part.title = title;
    walk.part.attempts = metadata_field(quiz, &["cc_maxattempts"]).map(|most| most.parse().ok().filter(|most| *most > 0));
    for name in ["qmd_timelimit", "cc_timelimit"] {
        if metadata_field(quiz, &[name]).is_some_and(|limit| limit != "0") {
            walk.lost("test", "a limit of time is not taken");
        }
    }
    walk.notes(quiz);
    walk.section(children, None);
    walk.ended()
}

impl SectionWalk<'_, '_, '_> {
    fn lost(&mut self, what: &str, detail: &str) {
        self.reading.lost(what, detail, self.path);
    }

    /// What a quiz or a section says to its readers.
    fn notes(&mut self, element: &Element) {
        for name in ["rubric", "presentation_material", "objectives", "assessfeedback", "sectionfeedback", "outcomes_processing"]
        {
            if element.first(name).is_some() {
                self.lost("test", &format!("<{name}> of a quiz or a section is not taken"));
            }
        }
    }

    /// `points`: what each item of a group of Canvas gets.
    fn section(&mut self, children: &[&Element], points: Option<f64>) {
        let items: Vec<&Element> = children.iter().copied().filter(|child| child.name == "item").collect();
        let before = self.part.items.len();
        for group in self.own.grouped(&items) {
            if self.reading.ids.len() >= MOST_ITEMS {
                self.lost("item", &format!("a package is read to its item {MOST_ITEMS}; the rest is not taken"));
                break;
            }
            let read = match group.as_slice() {
                [one] => match self.own.ordering(one, self.path, self.reading) {
                    Some(order) => Some(order),
                    None => read_older_item(one, self.path, points, self.reading),
                },
                several => self.own.matching(several, self.path, self.reading),
            };
            self.part.items.extend(read);
        }
        for name in ["itemref", "sectionref"] {
            if children.iter().any(|child| child.name == name) {
                self.lost("section", &format!("a <{name}> leads to a part in another file, which is not taken from here"));
            }
        }
        let own = self.part.items.len() - before;
        let selection = children.iter().find(|child| child.name == "selection_ordering");
        let drawn = selection.and_then(|selection| self.selection(selection, own));
        let shuffles = selection
            .and_then(|selection| selection.first("order"))
            .is_some_and(|order| order.get("order_type").is_some_and(|kind| kind.eq_ignore_ascii_case("random")));
        if own > 0 {
            self.sections.push((own, drawn.unwrap_or(own), shuffles));
        }
        for child in children.iter().filter(|child| child.name == "section") {
            self.notes(child);
            let told = child.first("selection_ordering").map(Element::descendants).unwrap_or_default();
            let group = told.into_iter().find(|e| e.name == "points_per_item").and_then(|e| finite_number(&e.whole_text()));
            self.section(&child.elements().collect::<Vec<_>>(), group);
        }
    }

    fn selection(&mut self, selection: &Element, items: usize) -> Option<usize> {
        let all = selection.descendants();
        if let Some(bank) = all.iter().find(|e| e.name == "sourcebank_ref").filter(|_| items == 0) {
            let bank = line(&bank.whole_text()).chars().take(60).collect::<String>();
            self.lost("draw", &format!("a draw from the bank {bank}, which is a quiz of its own where the package has it"));
            return None;
        }
        let number = all.iter().find(|e| e.name == "selection_number").map(|e| e.whole_text())?;
        match number.trim().parse::<usize>() {
            Ok(number) if number > 0 => Some(number.min(items)),
            _ => {
                self.lost("draw", "a draw of no number that could be read: all items are taken");
                None
            }
        }
    }

    fn ended(mut self) -> QuizPart {
        let items = self.part.items.len();
        let drawn: usize = self.sections.iter().map(|(_, drawn, _)| drawn).sum();
        if drawn < items && drawn > 0 {
            self.part.draw = Some(drawn);
            if self.sections.len() > 1 {
                let list: Vec<String> =
                    self.sections.iter().take(20).map(|(all, drawn, _)| format!("{drawn} of {all}")).collect();
                let detail = format!(
                    "sections draw by themselves ({}): a quiz has one draw, here {drawn} of all {items} items",
                    list.join(", ")
                );
                self.reading.report.add("draw", PackageEffect::Changed, detail, None, Some(self.path));
            }
        }
        let (all, any) =
            (self.sections.iter().all(|(.., shuffles)| *shuffles), self.sections.iter().any(|(.., shuffles)| *shuffles));
        self.part.shuffle_items = all && any;
        if any && !all {
            self.lost("order", "items that only some sections shuffle keep their order here");
        }
        if self.sections.len() > 1 && self.title == "assessment" {
            let detail = "sections are one list here, without their titles";
            self.reading.report.add("section", PackageEffect::Changed, detail, None, Some(self.path));
        }
        self.part
    }
}
