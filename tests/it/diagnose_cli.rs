//! `waymark diagnose` as scripts use it: forms of input, one exit status per verdict, many lines at once.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::harness::root;

/// Runs the binary with this on standard input, in a directory where no database is, and checks that none was made.
fn diagnose(arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_waymark"));
    command.arg("diagnose").args(arguments).current_dir(directory.path()).env_clear().env("HOME", directory.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that does not read its input ends before all of it is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_ref());
    let output = child.wait_with_output().unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing is written");
    output
}

fn verdict(arguments: &[&str], input: impl AsRef<[u8]>) -> (Value, i32) {
    let output = diagnose(&[arguments, &["--json"]].concat(), input);
    let text = String::from_utf8(output.stdout).unwrap();
    let verdict =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)));
    (verdict, output.status.code().unwrap())
}

const PROMPT: &str =
    r#"{"error": {"code": "content_filter", "param": "prompt", "innererror": {"code": "ResponsibleAIPolicyViolation"}}}"#;

#[test]
fn each_verdict_has_its_exit_status() {
    let seen = |text: &str| verdict(&["--text", text], "").1;
    assert_eq!(verdict(&["-", "--provider", "Azure OpenAI", "--status", "400"], PROMPT).1, 10);
    assert_eq!(seen("I'm sorry, but I can't help with that."), 11);
    assert_eq!(verdict(&["-"], r#"{"choices":[{"finish_reason":"content_filter","message":{"content":null}}]}"#).1, 12);
    assert_eq!(seen("I can only help with questions about your Norvik invoices."), 13);
    assert_eq!(verdict(&["-"], r#"{"error":{"code":"unsupported_country_region_territory","type":"request_forbidden"}}"#).1, 14);
    assert_eq!(seen("Sure! Here are the steps:\n1. Open it.\n2. Read it.\n3. Close it."), 0);
    assert_eq!(verdict(&["-"], "{}").1, 20);
}

#[test]
fn the_verdict_has_the_promised_members() {
    let (verdict, _) = verdict(&["-"], PROMPT);
    assert_eq!((&verdict["verdict"], &verdict["extent"]), (&json!("pre_classifier"), &json!("full")));
    let layers = verdict["layers"].as_array().unwrap();
    assert_eq!(layers[0]["layer"], "pre_classifier");
    assert!(layers.windows(2).all(|pair| pair[0]["confidence"].as_f64() >= pair[1]["confidence"].as_f64()));
    assert!(verdict["reasons"][0]["pointer"].as_str().unwrap().starts_with("/error/"));
}

#[test]
fn several_answers_get_a_line_each_and_the_same_json() {
    let sure =
        r#"{"choices":[{"finish_reason":"stop","message":{"content":"Sure! Here are the steps:\n1. Open it.\n2. Read it."}}]}"#;
    let text = format!("{sure}\n{PROMPT}\n{sure}\n");
    let (verdict, status) = verdict(&["-"], &text);
    let layers: Vec<_> = verdict["parts"].as_array().unwrap().iter().map(|part| part["layer"].as_str().unwrap()).collect();
    assert_eq!((layers, status), (vec!["not_a_refusal", "pre_classifier", "not_a_refusal"], 10));
    let part = &verdict["parts"][1];
    let place = |name: &str| usize::try_from(part[name].as_u64().unwrap()).unwrap();
    assert_eq!((&text[place("from")..place("to")], &part["evidence"]), (PROMPT, &json!("/http/body")));
    let told = String::from_utf8(diagnose(&["-"], &text).stdout).unwrap();
    assert!(told.contains("\nanswer 2 (line 2)  pre_classifier 0."), "{told}");
    let one = String::from_utf8(diagnose(&["-", "--json"], PROMPT).stdout).unwrap();
    assert!(!one.contains("parts"), "{one}");
}

#[test]
fn text_comes_as_a_value_from_a_file_or_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer.txt");
    std::fs::write(&file, "I'm sorry, but I can't help with that.").unwrap();
    let file = file.to_str().unwrap();
    for arguments in [&["--text", "I'm sorry, but I can't help with that."][..], &["--text", file], &[file, "--text"]] {
        assert_eq!(verdict(arguments, "").0["verdict"], "trained_refusal", "{arguments:?}");
    }
    for arguments in [&["--text", "-"][..], &["-", "--text"]] {
        assert_eq!(verdict(arguments, "I'm sorry, but I can't help with that.").0["verdict"], "trained_refusal", "{arguments:?}");
    }
}

#[test]
fn evidence_as_the_api_takes_it_is_known_by_its_shape() {
    let evidence = json!({"visible_text": "I'm sorry, but I can't help with that.", "observed": {"raw_api": {"result": "answered", "tries": 5}}});
    assert_eq!(verdict(&["-"], evidence.to_string()).0["verdict"], "system_prompt");
}

#[test]
fn many_at_once_come_out_in_order_and_a_bad_line_harms_no_other() {
    let lines = [
        json!({"http": {"status": 400, "body": PROMPT}}).to_string(),
        "{\"visible_txt\": 1}".to_owned(),
        String::new(),
        "no json".to_owned(),
        json!({"visible_text": "I can only answer questions about Norvik invoices."}).to_string(),
    ];
    let output = diagnose(&["-", "--jsonl"], lines.join("\n"));
    let text = String::from_utf8(output.stdout).unwrap();
    let out: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(out.len(), 5, "a line out for every line in: {text}");
    assert_eq!((&out[0]["verdict"], &out[4]["verdict"]), (&json!("pre_classifier"), &json!("system_prompt")));
    assert_eq!([1, 2, 3].map(|i| out[i]["error"]["line"].clone()), [json!(2), json!(3), json!(4)]);
    assert!(out[1]["error"]["detail"].as_str().unwrap().contains("visible_txt"), "{text}");
    assert_eq!(output.status.code(), Some(1));
    let good = diagnose(&["-", "--jsonl"], &lines[0]);
    assert_eq!(good.status.code(), Some(0));
}

#[test]
fn bytes_that_are_no_text_are_read_all_the_same() {
    let (verdict, status) = verdict(&["-"], [b"\xfe\xfd".as_slice(), PROMPT.as_bytes(), b"\xc3("].concat());
    assert_eq!((&verdict["verdict"], status), (&json!("pre_classifier"), 10));
}

#[test]
fn utf_16_is_read_and_what_is_no_text_is_not_judged() {
    let utf16 =
        |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| [mark.to_vec(), PROMPT.encode_utf16().flat_map(bytes).collect()].concat();
    assert_eq!(verdict(&["-"], utf16([0xff, 0xfe], u16::to_le_bytes)).1, 10);
    assert_eq!(verdict(&["-"], utf16([0xfe, 0xff], u16::to_be_bytes)).1, 10);
    let no_text = verdict(&["--text", "\u{fffd}\u{fffd}#k\u{fffd}"], "");
    assert_eq!(no_text.1, 20, "{}", no_text.0);
    assert!(no_text.0["notes"][0].as_str().unwrap().contains("not read"), "{}", no_text.0);
    assert_eq!(verdict(&["--text", "asdkj qwe"], "").1, 20);
}

/// A sentence or two tell a language from its neighbours.
const SWEDISH: &str = "Jag är ledsen, men jag kan tyvärr inte hjälpa dig med det här eftersom det strider mot våra riktlinjer.";

#[test]
fn words_of_other_languages_are_read_or_the_language_is_named() {
    for text in ["申し訳ありませんが、お手伝いできません。", "Üzgünüm, bu konuda yardımcı olamam."] {
        let (verdict, status) = verdict(&["--text", text], "");
        assert_eq!((&verdict["verdict"], status), (&json!("trained_refusal"), 11), "{verdict}");
    }
    let (verdict, status) = verdict(&["--text", SWEDISH], "");
    assert_eq!(status, 20, "{verdict}");
    assert!(verdict["notes"][0].as_str().unwrap().contains("Swedish"), "{verdict}");
}

#[test]
fn evidence_with_a_slip_is_an_error_and_no_body() {
    let output = diagnose(&["-"], r#"{"visible_text": "no", "htp": {}}"#);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("htp"));
}

#[test]
fn wrong_usage_says_what_to_do() {
    for (arguments, expected) in [
        (&["nowhere.json"][..], (1, "nowhere.json")),
        (&["-", "--status", "99"], (2, "99")),
        (&["-", "--jsonl", "--text", "x"], (2, "--jsonl")),
        (&["-", "--lessons", "nowhere"], (1, "nowhere")),
    ] {
        let output = diagnose(arguments, "");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(expected.0), "{arguments:?}: {message}");
        assert!(message.contains(expected.1), "{arguments:?}: {message}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn an_author_tries_signals_of_a_folder() {
    let lessons = root().join("lessons");
    let folder = lessons.to_str().unwrap();
    let built_in = verdict(&["-"], PROMPT).0;
    assert_eq!(verdict(&["-", "--lessons", folder], PROMPT).0, built_in);
}
