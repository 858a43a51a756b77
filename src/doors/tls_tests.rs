use super::*;

struct Made {
    certificate: String,
    key: String,
}

fn make(names: &[&str]) -> Made {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    Made { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}

fn files(folder: &Path) -> PairFiles {
    PairFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") }
}

fn write(files: &PairFiles, certificate: &str, key: &str) {
    std::fs::write(&files.certificate, certificate).unwrap();
    std::fs::write(&files.key, key).unwrap();
}

fn shown_leaf(door: &TlsDoor) -> Vec<u8> {
    door.current.read().chain[0].to_vec()
}

#[test]
fn what_cannot_be_a_pair_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    assert!(TlsDoor::open(&files).unwrap_err().starts_with("tls_certificate "), "no file is there");
    let (one, other) = (make(&["localhost"]), make(&["localhost"]));
    let cut = &one.certificate[..one.certificate.len() / 2];
    for (certificate, key, expected) in [
        ("", one.key.as_str(), "holds no certificate in PEM"),
        ("hello", &one.key, "holds no certificate in PEM"),
        (cut, &one.key, "PEM"),
        (&one.key, &one.certificate, "holds no certificate in PEM"),
        (&one.certificate, "", "tls_key"),
        (&one.certificate, "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n", "password"),
        (&one.certificate, &other.key, "do not belong together"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &one.key, "cannot be used"),
    ] {
        write(&files, certificate, key);
        let why = TlsDoor::open(&files).unwrap_err();
        assert!(why.contains(expected), "{expected}: {why}");
        assert!(!why.contains("BEGIN"), "{why}");
    }
    write(&files, &(one.certificate.clone() + &other.certificate), &one.key);
    assert!(TlsDoor::open(&files).is_ok(), "a chain");
}

#[test]
fn a_new_pair_is_taken_and_a_broken_one_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let (first, second) = (make(&["first.example"]), make(&["second.example", "192.0.2.1"]));
    write(&files, &first.certificate, &first.key);
    let door = TlsDoor::open(&files).unwrap();
    assert_eq!(door.look(), PairLook::Unchanged);
    assert!(door.names("first.example") && !door.names("second.example") && !door.names("192.0.2.1"));

    // One file after the other, with a look between them, is no failure.
    let before = shown_leaf(&door);
    std::fs::write(&files.certificate, &second.certificate).unwrap();
    assert_eq!(door.look(), PairLook::Unchanged);
    assert_eq!(shown_leaf(&door), before);
    std::fs::write(&files.key, &second.key).unwrap();
    assert_eq!(door.look(), PairLook::Renewed);
    assert!(door.names("second.example") && door.names("192.0.2.1") && !door.names("first.example"));
    assert_eq!(door.look(), PairLook::Unchanged);

    let before = shown_leaf(&door);
    for broken in ["", "hello", first.certificate.as_str()] {
        std::fs::write(&files.certificate, broken).unwrap();
        assert_eq!(door.look(), PairLook::Unchanged, "it may be half written");
        assert!(matches!(door.look(), PairLook::Broken(_)), "{broken}");
        assert_eq!((door.look(), door.look()), (PairLook::Unchanged, PairLook::Unchanged), "said once");
        assert_eq!(shown_leaf(&door), before);
    }
    std::fs::remove_file(&files.certificate).unwrap();
    assert_eq!(door.look(), PairLook::Unchanged);
    assert!(matches!(door.look(), PairLook::Broken(_)));
    assert_eq!(shown_leaf(&door), before);
    // The one before again is no change; the first one is.
    std::fs::write(&files.certificate, &second.certificate).unwrap();
    assert_eq!(door.look(), PairLook::Unchanged);
    write(&files, &first.certificate, &first.key);
    assert_eq!(door.look(), PairLook::Renewed);
    assert!(door.names("first.example"));
}

#[test]
fn names_and_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let files = files(folder.path());
    let made = make(&["*.learn.example", "learn.example", "::1"]);
    write(&files, &made.certificate, &made.key);
    let leaf = files.chain().unwrap().remove(0);
    for (host, good) in [
        ("learn.example", true),
        ("LEARN.example", true),
        ("a.learn.example", true),
        ("a.b.learn.example", false),
        ("example", false),
        ("[::1]", true),
        ("::1", true),
        ("::2", false),
        ("127.0.0.1", false),
        ("", false),
        ("no name", false),
    ] {
        assert_eq!(certificate_names(&leaf, host), good, "{host}");
    }
}
