//! Common Cartridge 1.3 or 1.1 of a whole course: each lesson and exercise as a web page, each quiz in QTI 1.2. The versions differ in
//! names alone here; Moodle imports 1.0 and 1.1 only.

use crate::extras;
use crate::pages::PackagePage;
use crate::qti3::XSI;
use crate::qti3::package::{REPORT, pretty};
use crate::qti12;
use crate::report::{PackageEffect, PackageReport};
use crate::source::{QuizSource, identifier, line};
use crate::xml::Element;
use crate::zip::PackageFiles;
use crate::{RefusedPackage, xml};
use waymark_curriculum::format::CourseFile;
use waymark_curriculum::reference::format::{AuthoredFieldGuide, AuthoredGlossary};
use waymark_curriculum::reference::words::Words;
use waymark_curriculum::source::LessonContent;

/// The names in which one version of cartridges has what all have.
pub struct CartridgeNames {
    version: &'static str,
    namespace: &'static str,
    lom_of_resources: &'static str,
    lom_of_manifest: &'static str,
    location: &'static str,
    quiz: &'static str,
    /// Where the schema of quizzes is.
    pub quiz_location: &'static str,
}

pub const CARTRIDGE_1_3: CartridgeNames = CartridgeNames {
    version: "1.3.0",
    namespace: "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1",
    lom_of_resources: "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/resource",
    lom_of_manifest: "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest",
    location: "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1 http://www.imsglobal.org/profile/cc/ccv1p3/ccv1p3_imscp_v1p2_v1p0.xsd http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest http://www.imsglobal.org/profile/cc/ccv1p3/LOM/ccv1p3_lommanifest_v1p0.xsd http://ltsc.ieee.org/xsd/imsccv1p3/LOM/resource http://www.imsglobal.org/profile/cc/ccv1p3/LOM/ccv1p3_lomresource_v1p0.xsd",
    quiz: "imsqti_xmlv1p2/imscc_xmlv1p3/assessment",
    quiz_location: "http://www.imsglobal.org/xsd/ims_qtiasiv1p2 http://www.imsglobal.org/profile/cc/ccv1p3/ccv1p3_qtiasiv1p2p1_v1p0.xsd",
};

pub const CARTRIDGE_1_1: CartridgeNames = CartridgeNames {
    version: "1.1.0",
    namespace: "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1",
    lom_of_resources: "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/resource",
    lom_of_manifest: "http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest",
    location: "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1 http://www.imsglobal.org/profile/cc/ccv1p1/ccv1p1_imscp_v1p2_v1p0.xsd http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest http://www.imsglobal.org/profile/cc/ccv1p1/LOM/ccv1p1_lommanifest_v1p0.xsd http://ltsc.ieee.org/xsd/imsccv1p1/LOM/resource http://www.imsglobal.org/profile/cc/ccv1p1/LOM/ccv1p1_lomresource_v1p0.xsd",
    quiz: "imsqti_xmlv1p2/imscc_xmlv1p1/assessment",
    quiz_location: "http://www.imsglobal.org/xsd/ims_qtiasiv1p2 http://www.imsglobal.org/profile/cc/ccv1p1/ccv1p1_qtiasiv1p2p1_v1p0.xsd",
};

const PAGE: &str = "webcontent";

/// What goes into a cartridge.
pub struct CartridgeCourse<'a> {
    pub course: &'a CourseFile,
    /// In the order in which they are taught.
    pub lessons: Vec<&'a LessonContent>,
    pub glossary: Option<&'a AuthoredGlossary>,
    pub field_guide: Option<&'a AuthoredFieldGuide>,
    pub language: &'a str,
}

/// The package while it grows.
struct Cartridge<'a, 'b> {
    names: &'static CartridgeNames,
    course: &'b CartridgeCourse<'a>,
    files: PackageFiles,
    resources: Vec<Element>,
    items: Vec<Element>,
    report: PackageReport,
}

pub fn write_cartridge(
    course: &CartridgeCourse<'_>,
    names: &'static CartridgeNames,
) -> Result<(PackageFiles, PackageReport), RefusedPackage> {
    let mut cartridge = Cartridge {
        names,
        course,
        files: PackageFiles::new(),
        resources: Vec::new(),
        items: Vec::new(),
        report: PackageReport::default(),
    };
    for content in &course.lessons {
        cartridge.lesson(content)?;
    }
    cartridge.extras()?;
    let detail =
        "the applied exercise is a page to read: its steps, sample cases and criteria are there, but nothing is handed in";
    cartridge.report.whole("exercise", PackageEffect::Changed, detail);
    cartridge.finish()
}

fn item(id: &str, title: &str, reference: Option<&str>) -> Element {
    let out = Element::new("item").with("identifier", format!("item-{id}"));
    let out = match reference {
        Some(reference) => out.with("identifierref", reference),
        None => out,
    };
    out.child(Element::new("title").text(title))
}

impl Cartridge<'_, '_> {
    /// A file, its resource, and the entry that shows it.
    fn add(&mut self, id: &str, kind: &str, path: &str, bytes: Vec<u8>, beside: Vec<(String, Vec<u8>)>) {
        let mut resource = Element::new("resource").with("identifier", id).with("type", kind);
        if kind == PAGE {
            resource = resource.with("href", path);
        }
        resource = resource.child(Element::new("file").with("href", path));
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (name, bytes) in beside {
            let path = format!("{folder}/{name}");
            resource = resource.child(Element::new("file").with("href", path.as_str()));
            self.files.insert(path, bytes);
        }
        self.files.insert(path.to_owned(), bytes);
        self.resources.push(resource);
    }

    fn lesson(&mut self, content: &LessonContent) -> Result<(), RefusedPackage> {
        let (lesson, course, slug) = (&content.lesson, self.course, content.lesson.slug.as_str());
        let links = |link: &str| link_to(course, link);
        let mut page = PackagePage::new(course.language, &lesson.default_language, &links);
        let (title, code) = (page.line(&lesson.title), identifier(slug));
        let own = page.lesson(lesson)?;
        let images = std::mem::take(&mut page.images);
        let exercise = page.exercise(&content.exercise)?;
        let source = QuizSource { lesson, quiz: &content.quiz, version: None, language: course.language };
        let quiz = xml::write_xml(&qti12::assessment(&source, self.names.quiz_location, &mut self.report)?)?;
        let (quiz_title, exercise_title) = (page.line(&content.quiz.title), page.line(&content.exercise.title));
        if page.dropped.images || page.dropped.html || page.dropped.links {
            self.report.whole(
                "text",
                PackageEffect::Changed,
                "an image, a link or HTML written into a text is replaced by its text",
            );
        }
        let parts = [
            ("lesson", PAGE, format!("lessons/{slug}/index.html"), own, images, title.clone()),
            ("quiz", self.names.quiz, format!("quizzes/{slug}/assessment.xml"), quiz, Vec::new(), quiz_title),
            ("exercise", PAGE, format!("lessons/{slug}/exercise.html"), exercise, Vec::new(), exercise_title),
        ];
        let mut folder = item(&code, &title, None);
        for (what, kind, path, bytes, beside, title) in parts {
            let id = format!("{what}-{code}");
            self.add(&id, kind, &path, bytes, beside);
            folder = folder.child(item(&id, &title, Some(&id)));
        }
        self.items.push(folder);
        Ok(())
    }

    fn extras(&mut self) -> Result<(), RefusedPackage> {
        let course = self.course;
        let links = |link: &str| link_to(course, link).map(|link| link.replacen("../", "lessons/", 1));
        let mut page = PackagePage::new(course.language, &course.course.default_language, &links);
        let words = Words::of(course.language);
        if let Some(glossary) = course.glossary {
            let bytes = extras::glossary_file(glossary, &mut page, words.glossary)?;
            self.add("glossary", PAGE, "glossary.html", bytes, Vec::new());
            self.items.push(item("glossary", words.glossary, Some("glossary")));
        }
        if let Some(guide) = course.field_guide {
            let bytes = extras::field_guide(guide, &mut page, words.guide)?;
            self.add("field-guide", PAGE, "field-guide.html", bytes, Vec::new());
            self.items.push(item("field-guide", words.guide, Some("field-guide")));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(PackageFiles, PackageReport), RefusedPackage> {
        let report = pretty(&self.report)?;
        self.add("report", PAGE, REPORT, report, Vec::new());
        let course = self.course.course;
        let root = Element::new("item").with("identifier", "root").children(self.items);
        let organization =
            Element::new("organization").with("identifier", "organization").with("structure", "rooted-hierarchy").child(root);
        let manifest = Element::new("manifest")
            .with("xmlns", self.names.namespace)
            .with("xmlns:lom", self.names.lom_of_resources)
            .with("xmlns:lomimscc", self.names.lom_of_manifest)
            .with("xmlns:xsi", XSI)
            .with("xsi:schemaLocation", self.names.location)
            .with("identifier", format!("course-{}", identifier(&course.slug)))
            .child(metadata(self.course, self.names.version))
            .child(Element::new("organizations").child(organization))
            .child(Element::new("resources").children(self.resources));
        self.files.insert("imsmanifest.xml".to_owned(), xml::write_xml(&manifest)?);
        Ok((self.files, self.report))
    }
}

fn metadata(course: &CartridgeCourse<'_>, version: &str) -> Element {
    let (file, language) = (course.course, course.language);
    let page = PackagePage::new(language, &file.default_language, &|_| None);
    let lom = |name: &str| Element::new(format!("lomimscc:{name}"));
    let text = |name: &str, text: &str| lom(name).child(lom("string").with("language", language).text(text));
    let licences: std::collections::BTreeSet<String> = course
        .lessons
        .iter()
        .map(|content| format!("{} ({})", content.lesson.licence.spdx, content.lesson.licence.attribution))
        .collect();
    let licence = line(&licences.into_iter().collect::<Vec<_>>().join(", "));
    let general = lom("general")
        .child(text("title", &page.line(&file.title)))
        .child(lom("language").text(language))
        .child(text("description", &page.line(&file.summary)));
    let rights = lom("rights")
        .child(lom("copyrightAndOtherRestrictions").child(lom("value").text("yes")))
        .child(text("description", &licence));
    Element::new("metadata")
        .child(Element::new("schema").text("IMS Common Cartridge"))
        .child(Element::new("schemaversion").text(version))
        .child(lom("lom").child(general).child(rights))
}

/// `slug`, `slug#block` or `#block`, from the page of a lesson.
fn link_to(course: &CartridgeCourse<'_>, link: &str) -> Option<String> {
    let (name, block) = link.split_once('#').map_or((link, None), |(name, block)| (name, Some(block)));
    let block = block.map_or_else(String::new, |block| format!("#{block}"));
    if name.is_empty() {
        return Some(block).filter(|block| !block.is_empty());
    }
    let lessons = course.lessons.iter().map(|content| &content.lesson);
    let named = |lesson: &&waymark_curriculum::format::LessonFile| {
        lesson.slug == name || lesson.aliases.iter().any(|alias| alias == name)
    };
    let lesson = { lessons }.find(named)?;
    Some(format!("../{}/index.html{block}", lesson.slug))
}
