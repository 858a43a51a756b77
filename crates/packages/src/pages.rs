//! Lessons and exercises as web pages that need nothing else: readable on a phone, and with a screen reader.

use base64::Engine;

use crate::RefusedPackage;
use crate::source::line;
use crate::xhtml::{self, Dropped};
use crate::xml::{self, Element, XmlNode};
use waymark_curriculum::format::{AuthoredBlock, AuthoredPart, ExerciseFile, LessonFile, Text, Tone};
use waymark_curriculum::rules;

const STYLE: &str = "body{font:1rem/1.55 system-ui,sans-serif;margin:0 auto;max-width:44rem;padding:1rem;color:#1a1a1a;background:#fff}\
pre{overflow-x:auto;padding:.75rem;background:#f3f3f3;font-size:.875rem;white-space:pre-wrap;overflow-wrap:anywhere}\
figure{margin:1rem 0}figcaption,caption{color:#444;text-align:start}img{max-width:100%;height:auto}\
.wide{overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.4rem;text-align:start;vertical-align:top}\
aside{border-inline-start:.3rem solid #0a58ca;margin:1rem 0;padding:.1rem .8rem}aside.warning{border-color:#b02a37}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#111}pre{background:#222}figcaption,caption{color:#bbb}a{color:#8ab4ff}}";

/// A page on its way: its language, where its links lead, and what is lost.
pub struct PackagePage<'a> {
    pub language: &'a str,
    pub default_language: &'a str,
    /// Where a link inside of the course leads.
    pub links: xhtml::Links<'a>,
    pub dropped: Dropped,
    /// Images that the page shows, by their file names.
    pub images: Vec<(String, Vec<u8>)>,
}

impl<'a> PackagePage<'a> {
    pub fn new(language: &'a str, default_language: &'a str, links: xhtml::Links<'a>) -> PackagePage<'a> {
        PackagePage { language, default_language, links, dropped: Dropped::default(), images: Vec::new() }
    }

    pub fn raw<'t>(&self, text: &'t Text) -> &'t str {
        rules::in_language(text, self.language, self.default_language)
    }

    /// A text on one line.
    pub fn line(&self, text: &Text) -> String {
        line(&waymark_curriculum::render::RichText::of(self.raw(text)).text)
    }

    pub fn rich(&mut self, text: &Text) -> Vec<XmlNode> {
        let markdown = rules::in_language(text, self.language, self.default_language).to_owned();
        xhtml::linked(&markdown, &mut self.dropped, self.links)
    }

    /// Without the paragraph around it, where it is one.
    pub fn short(&mut self, text: &Text) -> Vec<XmlNode> {
        let mut nodes = self.rich(text);
        match nodes.as_mut_slice() {
            [XmlNode::Element(only)] if only.name == "p" => std::mem::take(&mut only.children),
            _ => nodes,
        }
    }

    /// The whole file.
    pub fn html(&self, title: &str, content: Vec<XmlNode>) -> Result<Vec<u8>, RefusedPackage> {
        let head = Element::new("head")
            .child(Element::new("meta").with("charset", "utf-8"))
            .child(Element::new("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1"))
            .child(Element::new("title").text(title));
        let main = Element::new("main").child(Element::new("h1").text(title)).children(content);
        let page = Element::new("html")
            .with("lang", self.language)
            .with("dir", rules::direction(self.language))
            .child(head)
            .child(Element::new("body").child(main));
        // The style is ours and is not to be escaped.
        let html = xml::html(&[page.into()])?.replace("</head>", &format!("<style>{STYLE}</style></head>"));
        Ok(format!("<!doctype html>\n{html}\n").into_bytes())
    }

    pub fn lesson(&mut self, lesson: &LessonFile) -> Result<Vec<u8>, RefusedPackage> {
        let mut content = self.rich(&lesson.summary);
        let objectives: Vec<Element> =
            lesson.objectives.iter().map(|o| Element::new("li").children(self.short(&o.text))).collect();
        content.push(Element::new("ul").children(objectives).into());
        for block in &lesson.blocks {
            content.extend(self.block(block));
        }
        let sources = lesson.sources.iter().map(|source| {
            let title = match &source.url {
                Some(url) if url.starts_with("http") => Element::new("a").with("href", url.as_str()).text(source.title.as_str()),
                _ => Element::new("cite").text(source.title.as_str()),
            };
            Element::new("li").child(title).text(format!(" ({})", source.reviewed_on))
        });
        let licence = format!("{}: {}. {}", lesson.licence.spdx, lesson.licence.attribution, lesson.reviewed_on);
        let footer = Element::new("footer")
            .child(Element::new("hr"))
            .child(Element::new("ul").children(sources))
            .child(Element::new("p").child(Element::new("small").text(licence)));
        content.push(footer.into());
        let title = self.line(&lesson.title);
        self.html(&title, content)
    }

    fn block(&mut self, block: &AuthoredBlock) -> Vec<XmlNode> {
        match block {
            AuthoredBlock::Heading { id, level, text } => {
                let name = format!("h{}", (*level).clamp(2, 6));
                vec![Element::new(name).with("id", id.as_str()).children(self.short(text)).into()]
            }
            AuthoredBlock::Text { id, text } => {
                vec![Element::new("div").with("id", id.as_str()).children(self.rich(text)).into()]
            }
            AuthoredBlock::Table { id, caption, columns, rows } => vec![self.table(id, caption, columns, rows).into()],
            AuthoredBlock::Callout { id, tone, title, text } => {
                let tone = match tone {
                    Tone::Insight => "insight",
                    Tone::Note => "note",
                    Tone::Warning => "warning",
                };
                let title = Element::new("p").child(Element::new("strong").children(self.short(title)));
                let aside = Element::new("aside").with("id", id.as_str()).with("class", tone).child(title);
                vec![aside.children(self.rich(text)).into()]
            }
            AuthoredBlock::Evidence { id, description, content, .. } => {
                vec![self.evidence(description, content).with("id", id.as_str()).into()]
            }
            AuthoredBlock::Steps { id, title, steps } => {
                let steps: Vec<Element> = steps.iter().map(|step| Element::new("li").children(self.short(step))).collect();
                let title = Element::new("p").child(Element::new("strong").children(self.short(title)));
                let list = Element::new("ol").children(steps);
                vec![Element::new("section").with("id", id.as_str()).child(title).child(list).into()]
            }
            AuthoredBlock::Image { id, media_type, data_base64, alt } => self.image(id, media_type, data_base64, alt),
        }
    }

    fn table(&mut self, id: &str, caption: &Text, columns: &[Text], rows: &[Vec<Text>]) -> Element {
        let heads: Vec<Element> =
            columns.iter().map(|c| Element::new("th").with("scope", "col").children(self.short(c))).collect();
        let rows: Vec<Element> = rows
            .iter()
            .map(|row| {
                let cells: Vec<Element> = row.iter().map(|cell| Element::new("td").children(self.short(cell))).collect();
                Element::new("tr").children(cells)
            })
            .collect();
        let table = Element::new("table")
            .child(Element::new("caption").children(self.short(caption)))
            .child(Element::new("thead").child(Element::new("tr").children(heads)))
            .child(Element::new("tbody").children(rows));
        Element::new("div").with("id", id).with("class", "wide").child(table)
    }

    fn evidence(&mut self, description: &Text, content: &str) -> Element {
        let caption = Element::new("figcaption").children(self.short(description));
        Element::new("figure").child(caption).child(Element::new("pre").with("tabindex", "0").text(content))
    }

    fn image(&mut self, id: &str, media_type: &str, data: &str, alt: &Text) -> Vec<XmlNode> {
        let ending = match media_type {
            "image/png" => "png",
            "image/jpeg" => "jpg",
            "image/gif" => "gif",
            "image/webp" => "webp",
            "image/svg+xml" => "svg",
            _ => "bin",
        };
        let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(data) else {
            self.dropped.images = true;
            return self.rich(alt);
        };
        let name = format!("{id}.{ending}");
        self.images.push((name.clone(), bytes));
        let image = Element::new("img").with("src", name).with("alt", self.line(alt));
        vec![Element::new("figure").with("id", id).child(image).into()]
    }

    pub fn exercise(&mut self, exercise: &ExerciseFile) -> Result<Vec<u8>, RefusedPackage> {
        let mut content = self.rich(&exercise.introduction);
        for step in &exercise.steps {
            content.push(Element::new("h2").text(self.line(&step.title)).into());
            content.extend(self.rich(&step.text));
        }
        for case in &exercise.cases {
            content.push(Element::new("h2").with("id", case.id.as_str()).text(self.line(&case.title)).into());
            content.extend(self.rich(&case.story));
            let evidence = serde_json::to_string_pretty(&case.evidence).unwrap_or_default();
            content.push(Element::new("pre").with("tabindex", "0").text(evidence).into());
        }
        let rows: Vec<Element> = exercise
            .rubric
            .iter()
            .map(|criterion| {
                Element::new("tr")
                    .child(Element::new("td").text(part(criterion.part)))
                    .child(Element::new("td").children(self.short(&criterion.text)))
                    .child(Element::new("td").text(crate::source::plain_number(criterion.points)))
            })
            .collect();
        let table = Element::new("table").child(Element::new("tbody").children(rows));
        content.push(Element::new("hr").into());
        content.push(Element::new("div").with("class", "wide").child(table).into());
        let title = self.line(&exercise.title);
        self.html(&title, content)
    }
}

fn part(part: AuthoredPart) -> &'static str {
    match part {
        AuthoredPart::Evidence => "evidence",
        AuthoredPart::Diagnosis => "diagnosis",
        AuthoredPart::Reframe => "reframe",
        AuthoredPart::Escalation => "escalation",
    }
}
