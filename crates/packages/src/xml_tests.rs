//! XML within its bounds: what is read, what is written, what is refused.

use super::xml::*;

fn refused(text: &str) -> String {
    read_xml(text.as_bytes(), "a.xml").unwrap_err().to_string()
}

#[test]
fn what_is_written_reads_back() {
    let odd = "a < b && c > \"d\" 'e' ]]> &amp; \r\n\t\u{202e}שלום 🦀 \u{85}";
    let tree = Element::new("a").with("b", odd).text(odd).child(Element::new("c").with("xml:lang", "en")).text("z");
    assert_eq!(read_xml(&write_xml(&tree).unwrap(), "a.xml").unwrap(), tree);
    let spoilt = Element::new("a").with("b", "\u{1}").text("\u{0}x\u{ffff}");
    let back = read_xml(&write_xml(&spoilt).unwrap(), "a.xml").unwrap();
    assert_eq!((back.get("b"), back.whole_text().as_str()), (Some("\u{fffd}"), "\u{fffd}x\u{fffd}"));
}

#[test]
fn nothing_is_declared_expanded_or_fetched() {
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>"#;
    assert!(refused(laughs).contains("DOCTYPE"));
    assert!(refused(r#"<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>"#).contains("DOCTYPE"));
    assert!(refused("<a>&nbsp;</a>").contains("&nbsp;"));
    assert!(refused("<a b='&xxe;'/>").contains("attribute value"));
    assert!(refused("<a>&#0;</a>").contains("character reference"));
    assert!(refused("<a>&#1;</a>").contains("U+0001"));
    assert!(refused("<a b='&#8;'/>").contains("U+0008"));
}

#[test]
fn what_is_no_xml_is_refused_with_its_file() {
    for text in
        ["", "x", "<a>", "<a></b>", "<a/><b/>", "<a b=1/>", "<a b='1' b='2'/>", "<a/>x", "<a>]]", "</a>", "<a", "<a b='<'>x"]
    {
        let told = read_xml(text.as_bytes(), "a.xml");
        if let Err(told) = &told {
            assert!(told.to_string().starts_with("a.xml"), "{told}");
        }
        assert!(told.is_err() || text == "<a b='<'>x", "{text}");
    }
    assert!(refused("<?xml version='1.0' encoding='ISO-8859-1'?><a/>").contains("UTF-8"));
    for broken in [&b"\xff\xfe<\0a\0/\0>"[..], b"\xff\xfe<\0\0\xd8/\0>\0", b"\xfe\xff<\0a\0/\0>\0", b"\xff\xfe\0\0<\0\0\0"] {
        assert!(read_xml(broken, "a.xml").is_err(), "{broken:?}");
    }
    assert!(refused(&format!("{}{}", "<a>".repeat(70), "</a>".repeat(70))).contains("deeper"));
    assert!(refused(&format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS))).contains("more than"));
}

/// XML 1.0, 4.3.3: every reader takes UTF-8 and UTF-16.
#[test]
fn utf_16_is_read_in_both_orders() {
    for head in ["", "<?xml version='1.0' encoding='UTF-16'?>", "<?xml version='1.0'?>"] {
        let text = format!("{head}<a b='ä'>🦀 שלום</a>");
        for mark in ["\u{feff}", ""] {
            let units: Vec<u16> = format!("{mark}{text}").encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            for bytes in [little, big] {
                let tree = read_xml(&bytes, "a.xml").unwrap();
                assert!(tree.get("b") == Some("ä") && tree.whole_text() == "🦀 שלום", "{head}");
            }
        }
    }
    let told: Vec<u8> = "\u{feff}<?xml version='1.0' encoding='UTF-8'?><a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read_xml(&told, "a.xml").unwrap_err().to_string().contains("in the encoding UTF-8"));
}

#[test]
fn prefixes_comments_and_sections_are_seen_through() {
    let text = "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><q:a xmlns:q='u' q:b='1' xml:lang='en'>1<![CDATA[<2>]]>&lt;<q:c/></q:a>\n";
    let tree = read_xml(text.as_bytes(), "a.xml").unwrap();
    assert_eq!((tree.name.as_str(), tree.get("b"), tree.get("xml:lang")), ("a", Some("1"), Some("en")));
    assert_eq!(tree.whole_text(), "1<2><");
    assert_eq!(tree.elements().next().unwrap().name, "c");
}
