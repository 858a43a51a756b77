//! Rule by rule: what each is for, and where it stops.

use super::reach::STEPS;
use super::{document, kinds::Kind, names, placeholders, text, tokens};

#[test]
fn every_line_of_the_tables_is_read() {
    let words = |table: &str, skipped: usize| -> usize {
        table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(' ').count() - skipped).sum()
    };
    assert_eq!(tokens::SHAPES.len(), words(include_str!("tokens.txt"), 3));
    assert_eq!(names::rows(), words(include_str!("names.txt"), 3));
    for kind in Kind::ALL {
        assert_eq!(Kind::named(kind.name()), Some(*kind));
        assert_eq!(placeholders(&format!("a [{}:12] b", kind.name())).count(), 1);
    }
}

#[test]
fn a_private_key_goes_whole_and_to_the_end_where_that_was_lost() {
    let key = |end: &str| format!("see -----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n{end}");
    assert_eq!(text(&key("-----END RSA PRIVATE KEY----- and more")), "see [private_key:1] and more");
    assert_eq!(text(&key("and so on, for ever")), "see [private_key:1]");
    assert_eq!(text("a -----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY----- b").find("MIIB"), Some(29));
    // The line ends are escaped: in JSON that is whole, in JSON that was cut off, in a string of code.
    let whole = r#"{"a": 1, "tls": "-----BEGIN PRIVATE KEY-----\nMIIEv\n-----END PRIVATE KEY-----\n", "b": [2]}"#;
    assert_eq!(text(whole), r#"{"a": 1, "tls": "[private_key:1]\n", "b": [2]}"#);
    let cut = r#"{"a": 1, "tls": "-----BEGIN PRIVATE KEY-----\nMIIEv\n-----END PRIVATE KEY-----\n", "b": [2"#;
    assert_eq!(text(cut), r#"{"a": 1, "tls": "[private_key:1]", "b": [2"#);
}

#[test]
fn escapes_hide_nothing() {
    assert_eq!(text(r#"{"m": "ann\u0040example.org"}"#), r#"{"m": "[email:1]"}"#);
    assert_eq!(text(r#""m": "ann\u0040example.org"#), r#""m": "[email:1]"#);
    assert_eq!(text("?to=ann%40example.org&x=1"), "?to=[email:1]&x=1");
    assert_eq!(text(r#"said {\"password\":\"hunter2\",\"x\":1}"#), r#"said {\"password\":\"[credential:1]\",\"x\":1}"#);
    assert_eq!(text(r#"{"k": "\u0073k-abc12345def"}"#), r#"{"k": "[api_key:1]"}"#);
}

#[test]
fn the_name_beside_a_value_tells() {
    for (input, expected) in [
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key = [credential:1]"),
        ("ACME_API_KEY=0a1b2c3d4e5f", "ACME_API_KEY=[api_key:1]"),
        ("password: word", "password: [credential:1]"),
        ("redis://:pw@host:6379", "redis://:[credential:1]@host:6379"),
        ("AccountKey=Zm9vYmFy;EndpointSuffix=x", "AccountKey=[credential:1];EndpointSuffix=x"),
        ("?sv=2024&sig=abcDEF123%2Fghi456jkl&se=1", "?sv=2024&sig=[credential:1]&se=1"),
        ("<password>hunter</password>", "<password>[credential:1]</password>"),
        ("- name: DB_PASSWORD\n  value: hunter\n", "- name: DB_PASSWORD\n  value: [credential:1]\n"),
        ("let secret: String = \"hunter\".into();", "let secret: String = \"[credential:1]\".into();"),
        ("the password is hunter2.", "the password is [credential:1]."),
        ("name=\"password\"\r\n\r\nhunter\r\n--x", "name=\"password\"\r\n\r\n[credential:1]\r\n--x"),
        ("/home/mirabel/run.py", "/home/[person_name:1]/run.py"),
        ("Tel. 030 1234567, 0171 2345678", "Tel. [phone:1], [phone:2]"),
        ("refund DE89370400440532013000 today", "refund [iban:1] today"),
        ("SSN: 523-12-3456", "SSN: [national_id:1]"),
    ] {
        assert_eq!(text(input), expected);
    }
}

#[test]
fn a_name_beside_nothing_tells_nothing() {
    for input in [
        "password: required",
        "password=${DB_PASSWORD}",
        "api_key = os.environ[\"KEY\"]",
        "token: expired",
        "password = get_password()",
        "the password was changed",
        "max_tokens=4096",
        "\"next_page_token\": \"CAUQAA0123456789abcdef\"",
        "DE89370400440532013001",
        "phone: none",
        "git@github.com:acme/desk.git",
        "http://127.0.0.1:8080/",
        "version 10.1.2.3",
        "https://example.org/users/index.html",
        "Bearer $TOKEN",
        "\"error\":{\"code\":\"invalid_api_key\",\"message\":\"Incorrect API key provided.\"}",
        "monkey=0123456789abcdefghijkl",
    ] {
        assert_eq!(text(input), input);
    }
}

#[test]
fn json_that_names_its_values_elsewhere() {
    let har = r#"{"headers":[{"name":"X-Api-Key","value":"short"},{"name":"Accept","value":"*/*"}],"jwk":{"kty":"EC","d":"0a1B2c3D4e5F6g7H8i9J"}}"#;
    let masked = r#"{"headers":[{"name":"X-Api-Key","value":"[api_key:1]"},{"name":"Accept","value":"*/*"}],"jwk":{"kty":"EC","d":"[private_key:1]"}}"#;
    assert_eq!(text(har), masked);
}

#[test]
fn a_key_in_several_lines_between_lines_of_json() {
    let log = "{\"a\":1}\n-----BEGIN EC PRIVATE KEY-----\nMHcCA\n-----END EC PRIVATE KEY-----\n{\"mail\":\"a@b.de\"}\n";
    assert_eq!(text(log), "{\"a\":1}\n[private_key:1]\n{\"mail\":\"[email:1]\"}\n");
}

#[test]
fn a_document_says_what_was_masked_where() {
    let mut value = serde_json::json!({"tried": ["DB_PASSWORD=hunter", "no"], "notes": {"card/no": "4111 1111 1111 1111"}});
    let list = document(&mut value);
    let said: Vec<(&str, &str)> = list.iter().map(|one| (one.pointer.as_str(), one.kind.as_str())).collect();
    assert_eq!(said, [("/notes/card~1no", "card"), ("/tried/0", "credential")]);
}

/// Four times the text is four times the steps, and no text costs more than a fixed number of steps a byte.
#[test]
fn no_text_takes_more_than_linear_steps() {
    let pieces = [
        "a@",
        "1.",
        "+1 ",
        "::",
        "4111 ",
        "Bearer ",
        "cookie: a=",
        "sk-",
        "sk-a1",
        "eyJ-",
        "eyJ.",
        "token=",
        "token: ",
        "password ",
        "password=\"",
        "password=\\\"",
        "://",
        "://a:",
        "@@",
        "-----BEGIN ",
        "-----BEGIN PRIVATE",
        "private-lines:",
        "DE89",
        "(212) ",
        "212-",
        "passport a1 ",
        "tel ",
        "tel 0",
        "name=",
        "?sig=",
        "/users/",
        "%40a.",
        "a.bc",
        "key ",
        "my my key",
        "\u{e9}key=",
        "authorization: x ",
        "MTA.",
        ":AA",
        "Q~",
        "-us1",
        "hooks.slack.com/services/",
        "secret:\n",
        "name: x\n value: ",
        "{\"a\":",
        "[email:1]",
        "{\"password\":\"",
        "key='",
        "AKIA",
        "api_key=\u{e9}",
    ];
    for piece in pieces {
        let steps = |bytes: usize| {
            STEPS.set(0);
            text(&piece.repeat(bytes / piece.len()));
            STEPS.get()
        };
        let (small, large) = (steps(8 * 1024), steps(32 * 1024));
        assert!(large < small * 5 + 50_000, "{piece:?}: {small} {large}");
        assert!(large < 32 * 1024 * 3_000, "{piece:?}: {large}");
    }
}
