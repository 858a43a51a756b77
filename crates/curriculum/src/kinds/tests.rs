//! Every kind of item: what fits it, what an answer is worth, and what of it is recorded.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::responses::ShortTextResponse;

fn item(task: Value) -> Item {
    let mut item = json!({"id": "it-1", "revision": 1, "objective": "obj", "points": 1.0, "stem": {"en": "Which?"},
        "evidence": [{"media_type": "application/json", "description": {"en": "A body."},
                      "content": r#"{"error": {"code": "content_filter", "a/b": 1}, "choices": [{"finish_reason": "stop"}]}"#}]});
    let (Value::Object(common), Value::Object(task)) = (&mut item, task) else { panic!("maps") };
    common.extend(task);
    serde_json::from_value(item).unwrap()
}

fn options(n: usize) -> Value {
    (0..n).map(|i| json!({"id": format!("o{i}"), "text": {"en": "x"}, "rationale": {"en": "y"}})).collect()
}

fn ids(which: &[usize]) -> Vec<String> {
    which.iter().map(|i| format!("o{i}")).collect()
}

fn multiple(scoring: &str) -> Item {
    item(json!({"kind": "multiple_response", "key": ["o0", "o2", "o3"], "scoring": scoring, "options": options(5)}))
}

fn ordering_item(n: usize, scoring: &str) -> Item {
    item(json!({"kind": "ordering", "key": ids(&(0..n).collect::<Vec<_>>()), "scoring": scoring, "options": options(n)}))
}

fn matching_item() -> Item {
    let prompt = |id: &str, key: &str| json!({"id": id, "text": {"en": id}, "key": key, "rationale": {"en": "because"}});
    item(json!({"kind": "matching", "scoring": "partial",
        "prompts": [prompt("p1", "pre"), prompt("p2", "tier"), prompt("p3", "pre")],
        "choices": [{"id": "pre", "layer": "pre_classifier", "text": {"en": "pre"}}, {"id": "tier", "layer": "user_tier", "text": {"en": "tier"}},
                    {"id": "none", "text": {"en": "none"}}]}))
}

fn text_item(case_sensitive: bool) -> Item {
    item(json!({"kind": "short_text", "case_sensitive": case_sensitive, "rationale": {"en": "r"},
        "accepted": [{"form": "content_filter"}, {"form": "content filter", "share": 0.5}],
        "mistakes": [{"form": "stop", "rationale": {"en": "no"}}]}))
}

fn number_item(key: f64, tolerance: f64) -> Item {
    item(json!({"kind": "numeric", "key": key, "tolerance": tolerance, "rationale": {"en": "r"}}))
}

fn point_item() -> Item {
    item(
        json!({"kind": "point_at_field", "shown": 0, "key": ["/error/code"], "layer": "pre_classifier", "rationale": {"en": "r"},
        "mistakes": [{"pointer": "/choices/0/finish_reason", "layer": "post_classifier", "rationale": {"en": "no"}}]}),
    )
}

fn every_kind() -> Vec<Item> {
    let single = item(json!({"kind": "single_choice", "key": "o1", "options": options(4)}));
    vec![
        single,
        multiple("partial"),
        multiple("all_or_nothing"),
        ordering_item(4, "partial"),
        ordering_item(4, "all_or_nothing"),
        matching_item(),
        text_item(false),
        number_item(0.7, 0.1),
        point_item(),
    ]
}

fn answer(value: Value) -> Response {
    serde_json::from_value(value).unwrap()
}

fn of_points(item: &Item, response: Value) -> i64 {
    let response = answer(response);
    assert_eq!(fits(item, &response), Ok(()));
    score(item, Some(&response), &[]).share.of_milli(1000)
}

#[test]
fn the_right_answer_fits_and_gets_everything_and_none_gets_nothing() {
    for item in every_kind() {
        let right = right(&item.task);
        assert_eq!(fits(&item, &right), Ok(()), "{}", item.task.name());
        let scored = score(&item, Some(&right), &[]);
        assert_eq!((scored.share.of_milli(1500), scored.share.verdict()), (1500, "correct"), "{}", item.task.name());
        assert_eq!(score(&item, None, &[]).share.of_milli(1500), 0);
        assert_eq!(right.kind(), item.task.name());
    }
}

#[test]
fn an_answer_of_another_kind_does_not_fit_and_gets_nothing() {
    let items = every_kind();
    for item in &items {
        for other in items.iter().filter(|other| other.task.name() != item.task.name()) {
            let response = right(&other.task);
            assert_eq!(fits(item, &response).unwrap_err().0, "/response/kind");
            assert_eq!(score(item, Some(&response), &[]).share.of_milli(1000), 0);
        }
    }
}

#[test]
fn choosing_everything_gains_little() {
    let chosen = |options: &[usize]| json!({"kind": "multiple_response", "options": ids(options)});
    let (partial, strict) = (multiple("partial"), multiple("all_or_nothing"));
    for (options, share) in
        [(&[0, 2, 3][..], 1000), (&[0, 2], 667), (&[0, 1, 2], 333), (&[0, 1, 2, 3, 4], 333), (&[1, 4], 0), (&[], 0)]
    {
        assert_eq!(of_points(&partial, chosen(options)), share, "{options:?}");
        assert_eq!(of_points(&strict, chosen(options)), if share == 1000 { 1000 } else { 0 });
    }
    assert_eq!(score(&partial, Some(&answer(chosen(&[0, 2]))), &[]).share.verdict(), "partially_correct");
}

#[test]
fn an_order_is_worth_its_pairs() {
    let order = |options: &[usize]| json!({"kind": "ordering", "options": ids(options)});
    let item = ordering_item(4, "partial");
    for (options, share) in [([0, 1, 2, 3], 1000), ([1, 0, 2, 3], 667), ([1, 0, 3, 2], 333), ([3, 2, 1, 0], 0)] {
        assert_eq!(of_points(&item, order(&options)), share, "{options:?}");
    }
    assert_eq!(of_points(&ordering_item(4, "all_or_nothing"), order(&[1, 0, 2, 3])), 0);
}

#[test]
fn the_shown_order_is_worth_nothing_unless_it_is_the_key() {
    let item = ordering_item(4, "partial");
    let order = |options: &[usize]| answer(json!({"kind": "ordering", "options": ids(options)}));
    let milli = |given: &[usize], shown: &[usize]| score(&item, Some(&order(given)), &ids(shown)).share.of_milli(1000);
    assert_eq!(milli(&[1, 0, 2, 3], &[1, 0, 2, 3]), 0);
    assert_eq!(milli(&[1, 0, 2, 3], &[0, 1, 3, 2]), 667);
    assert_eq!(milli(&[0, 1, 2, 3], &[0, 1, 2, 3]), 1000);
}

/// Accepted form and answer that are the same to people, and some that are not.
#[test]
fn what_people_read_as_the_same_is_the_same() {
    for (form, given) in [
        ("429", "٤٢٩"),
        ("429", "۴۲۹"),
        ("429", "४२९"),
        ("429", "４２９"),
        ("429", "𝟒𝟐𝟗"),
        ("1.5", "1,5"),
        ("1.5", "١٫٥"),
        ("0.125", "0,125"),
        ("-2.75", "\u{2212}2,75"),
        ("don't", "don’t"),
        ("don't", "don´t"),
        ("don't", "donʼt"),
        ("don't", "don`t"),
        ("don't", "don＇t"),
        ("5\"", "5″"),
        ("pre-filter", "pre‐filter"),
        ("pre-filter", "pre–filter"),
        ("pre-filter", "pre﹣filter"),
        ("straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("ﬁlter", "FILTER"),
        ("café", "cafe\u{301}"),
        ("Ⅳ", "iv"),
    ] {
        assert_eq!(normalised(form, false), normalised(given, false), "{form:?} {given:?}");
    }
    for (form, other) in
        [("1500", "1,500"), ("1.500", "1,500"), ("1.5", "1,5,0"), ("a.b", "a,b"), ("429", "492"), ("resume", "résumé")]
    {
        assert_ne!(normalised(form, false), normalised(other, false), "{form:?} {other:?}");
    }
    assert_ne!(normalised("Filter", true), normalised("filter", true));
    assert_eq!(normalised("Ｆilter\u{200b}", true), normalised("Filter", true));
}

#[test]
fn a_match_is_scored_prompt_by_prompt_with_its_layers() {
    let item = matching_item();
    let given =
        answer(json!({"kind": "matching", "pairs": [{"prompt": "p1", "choice": "tier"}, {"prompt": "p2", "choice": "tier"}]}));
    let scored = score(&item, Some(&given), &[]);
    assert_eq!(scored.share, Share { got: 1, of: 3 });
    let parts: Vec<_> = scored.parts.iter().map(|p| (p.right, p.expected_layer, p.chosen_layer)).collect();
    let (pre, tier) = (Some(Layer::PreClassifier), Some(Layer::UserTier));
    assert_eq!(parts, [(false, pre, tier), (true, tier, tier), (false, pre, None)]);
}

#[test]
fn short_texts_are_compared_after_normalisation() {
    let text = |text: &str| json!({"kind": "short_text", "text": text});
    for (given, share) in [
        ("content_filter", 1000),
        ("  \"Content_Filter\". ", 1000),
        ("`content_filter`", 1000),
        ("“content_filter”", 1000),
        ("ｃontent_filter", 1000),
        ("content   filter", 500),
        ("contentfilter", 0),
        ("stop", 0),
        ("content_filter\u{202c}", 1000),
        ("\u{feff}content\u{200b}_filter\u{fe0f}", 1000),
        ("content\u{ad}_filter\u{200e}\u{200f}\u{2060}", 1000),
        ("\tcontent_filter\r\n", 1000),
        ("‹content_filter›", 1000),
        ("「content_filter」。", 1000),
        ("two\nlines", 0),
    ] {
        assert_eq!(of_points(&text_item(false), text(given)), share, "{given:?}");
    }
    assert_eq!(of_points(&text_item(true), text("Content_filter")), 0);
    for bad in ["", "   ", "\u{200b}\u{202c}", "\t\n", &"x".repeat(201)] {
        assert_eq!(fits(&text_item(false), &answer(text(bad))).unwrap_err().0, "/response/text");
    }
}

#[test]
fn numbers_are_compared_in_decimals() {
    let number = |value: f64| json!({"kind": "numeric", "value": value});
    // In binary fractions 0.8 - 0.7 is more than 0.1.
    for (value, share) in [(0.8, 1000), (0.6, 1000), (0.7, 1000), (0.800000001, 0), (0.599, 0), (-0.7, 0)] {
        assert_eq!(of_points(&number_item(0.7, 0.1), number(value)), share, "{value}");
    }
    assert_eq!(of_points(&number_item(-1.0, 2.0), number(1.0)), 1000);
    // Rounded to nine places, as it is kept.
    assert_eq!(of_points(&number_item(0.3, 0.0), number(rounded_number(0.1 + 0.2).unwrap())), 1000);
    for bad in [1e16, -2e15, 1e300] {
        assert_eq!(fits(&number_item(1.0, 0.0), &answer(number(bad))).unwrap_err().0, "/response/value");
    }
}

#[test]
fn a_pointer_must_lead_somewhere_and_names_a_layer() {
    let point = |pointer: &str| json!({"kind": "point_at_field", "pointer": pointer});
    let item = point_item();
    assert_eq!(of_points(&item, point("/error/code")), 1000);
    assert_eq!(of_points(&item, point("/error/a~1b")), 0);
    let scored = score(&item, Some(&answer(point("/choices/0/finish_reason"))), &[]);
    assert_eq!((scored.expected_layer, scored.chosen_layer), (Some(Layer::PreClassifier), Some(Layer::PostClassifier)));
    for bad in ["error/code", "/error/none", "#/error/code", "", "$.error.code"] {
        assert_eq!(fits(&item, &answer(point(bad))).unwrap_err().0, "/response/pointer", "{bad}");
    }
}

#[test]
fn what_does_not_fit_is_named_with_its_place() {
    for (item, response, pointer) in [
        (multiple("partial"), json!({"kind": "multiple_response", "options": ["o0", "o9"]}), "/response/options/1"),
        (multiple("partial"), json!({"kind": "multiple_response", "options": ["o0", "o0"]}), "/response/options/1"),
        (ordering_item(4, "partial"), json!({"kind": "ordering", "options": ["o0", "o1"]}), "/response/options"),
        (matching_item(), json!({"kind": "matching", "pairs": [{"prompt": "p9", "choice": "pre"}]}), "/response/pairs/0/prompt"),
        (matching_item(), json!({"kind": "matching", "pairs": [{"prompt": "p1", "choice": "x"}]}), "/response/pairs/0/choice"),
        (
            matching_item(),
            json!({"kind": "matching", "pairs": [{"prompt": "p1", "choice": "pre"}, {"prompt": "p1", "choice": "tier"}]}),
            "/response/pairs/1/prompt",
        ),
    ] {
        assert_eq!(fits(&item, &answer(response)).unwrap_err().0, pointer);
    }
}

#[test]
fn results_and_records_hold_no_typed_text() {
    let item = text_item(false);
    let typed = |text: &str| Response::ShortText(ShortTextResponse { text: text.to_owned() });
    assert_eq!(coded_response(&item.task, &typed("\"Stop\"")), json!({"kind": "short_text", "form": "stop"}));
    assert_eq!(coded_response(&item.task, &typed("my secret")), json!({"kind": "short_text", "form": null}));
    let recorded = recorded(&typed("my secret"), b"key");
    assert!(!recorded.to_string().contains("secret") && recorded["digest"].as_str().unwrap().starts_with("hmac-sha256-"));
    assert_eq!(super::recorded(&right(&number_item(2.5, 0.0).task), b"key"), json!({"kind": "numeric", "value": 2.5}));
}

#[test]
fn an_item_reads_and_writes_flat_and_closed() {
    for item in every_kind() {
        let value = serde_json::to_value(&item).unwrap();
        assert_eq!(value["kind"], item.task.name());
        assert_eq!(serde_json::from_value::<Item>(value.clone()).unwrap(), item);
        let mut more = value;
        more["extra"] = json!(1);
        assert!(serde_json::from_value::<Item>(more).unwrap_err().to_string().contains("extra"), "{}", item.task.name());
    }
}

proptest! {
    /// Points stay within 0 and the item's, whatever is chosen, and only the right choice gets all of them.
    #[test]
    fn choices_get_a_share(key in proptest::collection::btree_set(0_usize..6, 1..6), chosen in proptest::collection::btree_set(0_usize..6, 0..6), milli in 1_i64..10_000) {
        let (key_ids, chosen_ids) = (ids(&key.iter().copied().collect::<Vec<_>>()), ids(&chosen.iter().copied().collect::<Vec<_>>()));
        let item = item(json!({"kind": "multiple_response", "key": key_ids, "scoring": "partial", "options": options(6)}));
        let share = score(&item, Some(&answer(json!({"kind": "multiple_response", "options": chosen_ids}))), &[]).share;
        let got = share.of_milli(milli);
        prop_assert!((0..=milli).contains(&got));
        prop_assert_eq!(share == Share { got: share.of, of: share.of }, key == chosen);
        prop_assert_eq!(share.verdict() == "correct", key == chosen);
    }

    /// An order and its reverse never both gain; putting one neighbouring pair right never loses.
    #[test]
    fn orders_get_a_share(order in Just((0_usize..6).collect::<Vec<_>>()).prop_shuffle(), at in 0_usize..5) {
        let item = ordering_item(6, "partial");
        let points = |order: &[usize]| of_points(&item, json!({"kind": "ordering", "options": ids(order)}));
        let reverse: Vec<usize> = order.iter().rev().copied().collect();
        prop_assert!(points(&order) == 0 || points(&reverse) == 0);
        let mut better = order.clone();
        if better[at] > better[at + 1] {
            better.swap(at, at + 1);
        }
        prop_assert!(points(&better) >= points(&order));
        prop_assert_eq!(points(&order) == 1000, order.windows(2).all(|pair| pair[0] < pair[1]));
    }

    /// The order in which pairs are sent does not count.
    #[test]
    fn matches_do_not_depend_on_their_order(choices in proptest::collection::vec(0_usize..3, 3), order in Just(vec![0_usize, 1, 2]).prop_shuffle()) {
        let item = matching_item();
        let pair = |i: usize| json!({"prompt": format!("p{}", i + 1), "choice": (["pre", "tier", "none"][choices[i]])});
        let points = |order: &[usize]| of_points(&item, json!({"kind": "matching", "pairs": order.iter().map(|i| pair(*i)).collect::<Vec<_>>()}));
        prop_assert_eq!(points(&order), points(&[0, 1, 2]));
    }

    /// A number counts exactly where its decimals are within the tolerance.
    #[test]
    fn tolerance_is_exact(key in -1_000_000_i64..1_000_000, tolerance in 0_i64..1000, off in -2000_i64..2000) {
        let thousandths = |n: i64| format!("{}{}.{:03}", if n < 0 { "-" } else { "" }, n.abs() / 1000, n.abs() % 1000).parse::<f64>().unwrap();
        let item = number_item(thousandths(key), thousandths(tolerance));
        let points = of_points(&item, json!({"kind": "numeric", "value": thousandths(key + off)}));
        prop_assert_eq!(points == 1000, off.abs() <= tolerance);
    }

    /// Normalising twice changes nothing, and no text makes anything panic.
    #[test]
    fn normalising_is_idempotent(text in any::<String>(), case in any::<bool>()) {
        let once = normalised(&text, case);
        prop_assert_eq!(normalised(&once, case), once.clone());
        let response = Response::ShortText(ShortTextResponse { text });
        let _ = (fits(&text_item(case), &response), score(&text_item(case), Some(&response), &[]));
    }

    #[test]
    fn any_pointer_is_told_from_another(text in "\\PC{0,30}") {
        let response = answer(json!({"kind": "point_at_field", "pointer": text}));
        let item = point_item();
        if fits(&item, &response).is_ok() {
            prop_assert!(text.starts_with('/'));
        }
        let _ = score(&item, Some(&response), &[]);
    }
}
