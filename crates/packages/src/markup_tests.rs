use proptest::prelude::*;

use super::markdown::markdown;
use super::xhtml::{Dropped, blocks};
use super::xml::{Element, XmlNode};

fn there(markdown: &str) -> Vec<XmlNode> {
    blocks(markdown, &mut Dropped::default())
}

fn xml(markdown: &str) -> String {
    let bytes = crate::xml::write_xml(&Element::new("x").children(there(markdown))).unwrap();
    String::from_utf8(bytes).unwrap().lines().skip(1).collect::<Vec<_>>().join("\n")
}

fn back(nodes: &[XmlNode]) -> String {
    markdown(nodes, &mut |_| {})
}

#[test]
fn markdown_becomes_xhtml() {
    assert_eq!(
        xml("A *b* **c** `d<e`\n\n- x\n- y"),
        "<x><p>A <em>b</em> <strong>c</strong> <code>d&lt;e</code></p><ul><li>x</li><li>y</li></ul></x>"
    );
    assert_eq!(xml("```json\n{\"a\": 1}\n```"), "<x><pre><code>{&quot;a&quot;: 1}\n</code></pre></x>");
    assert_eq!(
        xml("a  \nb [c](https://x.example/?a=1&b=2)"),
        "<x><p>a<br/>b <a href=\"https://x.example/?a=1&amp;b=2\">c</a></p></x>"
    );
}

#[test]
fn what_has_no_place_leaves_its_text() {
    let mut dropped = Dropped::default();
    let nodes = blocks("![alt *text*](x.png) H<sub>2</sub>O [here](other-lesson#b) <b onclick=x>", &mut dropped);
    assert_eq!(Element::new("x").children(nodes).whole_text(), "alt text H2O here ");
    assert_eq!(dropped, Dropped { images: true, html: true, links: true });
    assert_eq!(xml("[a](javascript:alert)"), "<x><p>a</p></x>");
    assert_eq!(xml("<div>\nplain &amp; simple\n</div>"), "<x><p>\nplain &amp; simple\n</p></x>");
}

#[test]
fn xhtml_becomes_markdown_that_says_the_same() {
    for text in [
        "plain",
        "1\\. no list, \\- nor \\# heading",
        "a *b* **c** ***d*** `e` `` f`g ``",
        "- a\n- b\n\n  c\n- d",
        "1. a\n2. b\n   - c",
        "> quoted\n>\n> twice",
        "```\n  code\n\n`` ` ``\n```",
        "# head\n\ntext\\\nmore",
        "[a *b*](https://x.example/a_b)",
        "2 \\* 3 \\_x\\_ \\<b> \\&amp; \\[x\\]",
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f980}",
    ] {
        let nodes = there(text);
        assert_eq!(there(&back(&nodes)), nodes, "{text} -> {}", back(&nodes));
    }
    let mut unknown = Vec::new();
    let foreign = [XmlNode::from(Element::new("table").child(Element::new("tr").child(Element::new("td").text("cell"))))];
    assert_eq!(markdown(&foreign, &mut |name| unknown.push(name.to_owned())), "cell");
    assert_eq!(unknown, ["table", "tr", "td"]);
}

/// White space at the ends of lines and blocks means nothing in either form.
fn settled(nodes: &[XmlNode]) -> String {
    let text = nodes.iter().map(|node| match node {
        XmlNode::Text(text) => text.split_whitespace().map(|w| format!("{w} ")).collect(),
        XmlNode::Element(e) => format!("<{}>{}</>", e.name, settled(&e.children)),
    });
    text.collect()
}

proptest! {
    #[test]
    fn any_text_survives_the_way_there_and_back(text in "[ -~\u{e4}\u{5e9}\u{1f980}\n]{0,80}") {
        let paragraph = vec![XmlNode::from(Element::new("p").text(text.clone()))];
        let read = there(&back(&paragraph));
        let words = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        let whole = Element::new("x").children(read).whole_text();
        prop_assert_eq!(words(&whole), words(&text));
    }

    #[test]
    fn any_markdown_is_well_formed_and_settles(text in "[a-c *_`#>\\-\\[\\]()!<&1.\n\\\\]{0,60}") {
        let nodes = there(&text);
        let bytes = crate::xml::write_xml(&Element::new("x").children(nodes)).unwrap();
        let tree = crate::xml::read_xml(&bytes, "x").unwrap();
        let once = there(&back(&tree.children));
        prop_assert_eq!(settled(&there(&back(&once))), settled(&once));
    }
}
