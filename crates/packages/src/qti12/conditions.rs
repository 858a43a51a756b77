//! The response conditions of QTI 1.2: what an answer gets, and which feedback it shows. Tried out, not guessed: whoever asks
//! gives an answer and sees what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::qti3::declared::finite_number;
use crate::source::line;
use crate::xml::Element;

/// An answer: the values of each response by its identifier.
pub type TriedAnswer<'a> = BTreeMap<&'a str, Vec<&'a str>>;

pub struct Conditions {
    list: Vec<ResponseCondition>,
    start: f64,
}

struct ResponseCondition {
    test: Test,
    sets: Vec<(String, f64)>,
    feedback: Vec<String>,
    goes_on: bool,
}

enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Compared {
        response: String,
        how: Compared,
        value: String,
    },
    Always,
    /// Something that is not known: never so.
    Never,
}

/// How a value is compared.
#[derive(Clone, Copy, PartialEq)]
pub enum Compared {
    Equal { case_sensitive: bool },
    Part,
    AtLeast,
    Above,
    AtMost,
    Below,
}

/// A comparison that stands in a condition, not below a `not`.
pub struct NamedAnswer<'a> {
    pub response: &'a str,
    pub how: Compared,
    pub value: &'a str,
    /// Whether its condition gives points.
    pub pays: bool,
}

/// The identifiers of responses that differ from others.
#[derive(Default)]
pub struct ResponseKinds {
    /// Those with one value, so that several comparisons of one are alternatives.
    pub single: BTreeSet<String>,
    /// Those that are typed, so that capitals may not count.
    pub typed: BTreeSet<String>,
}

/// Reads the processing of an item.
pub fn response_conditions(item: &Element, kinds: &ResponseKinds) -> Conditions {
    let processing: Vec<&Element> = item.all("resprocessing").collect();
    let declared = processing.iter().flat_map(|one| one.descendants()).find(|e| e.name == "decvar");
    let start = declared.and_then(|e| finite_number(e.get("defaultval")?)).unwrap_or(0.0);
    let all: Vec<&Element> = processing.iter().flat_map(|one| one.descendants()).filter(|e| e.name == "respcondition").collect();
    let is_score = |set: &Element| set.get("varname").is_none_or(|name| name.eq_ignore_ascii_case("SCORE"));
    let named = all.iter().flat_map(|condition| condition.all("setvar")).any(is_score);
    let condition = |element: &&Element| ResponseCondition {
        test: element.first("conditionvar").map_or(Test::Never, |test| Test::All(tests(test, kinds))),
        sets: element
            .all("setvar")
            .filter(|set| !named || is_score(set))
            .filter_map(|set| Some((set.get("action").unwrap_or("Set").to_lowercase(), finite_number(&set.whole_text())?)))
            .collect(),
        feedback: element.all("displayfeedback").filter_map(|shown| shown.get("linkrefid")).map(str::to_owned).collect(),
        goes_on: element.get("continue").is_some_and(|goes_on| goes_on.eq_ignore_ascii_case("yes")),
    };
    Conditions { list: all.iter().map(condition).collect(), start }
}

fn tests(parent: &Element, kinds: &ResponseKinds) -> Vec<Test> {
    let (mut out, mut either): (Vec<Test>, BTreeMap<String, Vec<Test>>) = (Vec::new(), BTreeMap::new());
    for element in parent.elements() {
        match test(element, kinds) {
            Test::Compared { response, how: how @ (Compared::Equal { .. } | Compared::Part), value }
                if kinds.single.contains(&response) && parent.name != "or" =>
            {
                either.entry(response.clone()).or_default().push(Test::Compared { response, how, value });
            }
            other => out.push(other),
        }
    }
    // One text cannot be several at once, so comparisons in a row mean that one of them is enough.
    out.extend(either.into_values().map(Test::Any));
    out
}

fn test(element: &Element, kinds: &ResponseKinds) -> Test {
    let response = || element.get("respident").unwrap_or_default().to_owned();
    let compared = |how| Test::Compared { response: response(), how, value: line(&element.whole_text()) };
    match element.name.as_str() {
        "varequal" => {
            let counts = element.get("case").is_some_and(|case| case.eq_ignore_ascii_case("yes"));
            compared(Compared::Equal { case_sensitive: counts || !kinds.typed.contains(&response()) })
        }
        "varsubstring" | "varsubset" => compared(Compared::Part),
        "vargte" => compared(Compared::AtLeast),
        "vargt" => compared(Compared::Above),
        "varlte" => compared(Compared::AtMost),
        "varlt" => compared(Compared::Below),
        "and" => Test::All(tests(element, kinds)),
        "or" => Test::Any(tests(element, kinds)),
        "not" => Test::Not(Box::new(Test::All(tests(element, kinds)))),
        "other" => Test::Always,
        _ => Test::Never,
    }
}

impl Conditions {
    /// What an answer gets, and the feedback that it shows.
    pub fn outcome(&self, given: &TriedAnswer<'_>) -> (f64, Vec<&str>) {
        let (mut score, mut shown) = (self.start, Vec::new());
        for condition in self.list.iter().filter(|condition| condition.test.holds(given)) {
            for (action, value) in &condition.sets {
                score = match action.as_str() {
                    "add" => score + value,
                    "subtract" => score - value,
                    "multiply" => score * value,
                    "divide" if *value != 0.0 => score / value,
                    "divide" => score,
                    _ => *value,
                };
            }
            shown.extend(condition.feedback.iter().map(String::as_str));
            if !condition.goes_on {
                break;
            }
        }
        (score, shown)
    }

    pub fn candidates(&self) -> Vec<NamedAnswer<'_>> {
        let mut out = Vec::new();
        for condition in &self.list {
            let pays = condition.sets.iter().any(|(action, value)| *value > 0.0 && ["set", "add"].contains(&action.as_str()));
            condition.test.collect(pays, &mut out);
        }
        out
    }

    pub fn gives_points(&self) -> bool {
        self.list.iter().any(|condition| condition.sets.iter().any(|(_, value)| *value > 0.0))
    }
}

impl Test {
    fn holds(&self, given: &TriedAnswer<'_>) -> bool {
        match self {
            Test::All(all) => all.iter().all(|test| test.holds(given)),
            Test::Any(any) => any.iter().any(|test| test.holds(given)),
            Test::Not(test) => !test.holds(given),
            Test::Always => true,
            Test::Never => false,
            Test::Compared { response, how, value } => {
                given.get(response.as_str()).is_some_and(|values| values.iter().any(|one| how.holds(one, value)))
            }
        }
    }

    fn collect<'a>(&'a self, pays: bool, out: &mut Vec<NamedAnswer<'a>>) {
        match self {
            Test::All(all) | Test::Any(all) => all.iter().for_each(|test| test.collect(pays, out)),
            Test::Compared { response, how, value } => out.push(NamedAnswer { response, how: *how, value, pays }),
            Test::Not(_) | Test::Always | Test::Never => {}
        }
    }
}

impl Compared {
    fn holds(self, given: &str, value: &str) -> bool {
        let numbers = |holds: fn(f64, f64) -> bool| matches!((finite_number(given), finite_number(value)), (Some(a), Some(b)) if holds(a, b));
        match self {
            Compared::Equal { case_sensitive: true } => given == value,
            Compared::Equal { case_sensitive: false } => given == value || given.to_lowercase() == value.to_lowercase(),
            Compared::Part => given.to_lowercase().contains(&value.to_lowercase()),
            Compared::AtLeast => numbers(|a, b| a >= b),
            Compared::Above => numbers(|a, b| a > b),
            Compared::AtMost => numbers(|a, b| a <= b),
            Compared::Below => numbers(|a, b| a < b),
        }
    }
}
