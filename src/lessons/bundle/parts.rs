//! The parts of one course, and the manifests that list them.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};

use crate::db::types::Json;
use crate::error::Problem;
use crate::lessons::Version;
use crate::lessons::bundle::archive::BundleArchive;
use crate::lessons::bundle::fixed::Fixed;
use crate::lessons::bundle::limits::policies;
use crate::lessons::bundle::wire::{BundlePart, BundledLesson, LessonLicence, Licences, Manifest};
use crate::lessons::reference::shelf::ReferenceShelf;
use crate::lessons::rules;
use crate::lessons::source::CourseContent;
use crate::lessons::wire::Licence;
use crate::web::encoded::{Encoded, Rendered};

/// Everything of one course that a client without a network needs, but for what is the same for all courses.
pub struct Bundle {
    course: String,
    revision: i32,
    version: String,
    lessons: Vec<BundledLesson>,
    pub languages: BTreeSet<String>,
    /// In the order of the manifest: course, lessons in their order, references.
    parts: Vec<KeptPart>,
    /// By the languages they have.
    manifests: RwLock<HashMap<Chosen, Rendered<Manifest>>>,
    /// The same as one file, those that were asked for last.
    archives: Mutex<VecDeque<(Chosen, Arc<BundleArchive>)>>,
}

/// Manifests that are kept of one course.
const MOST_MANIFESTS: usize = 64;
/// Archives that are kept of one course: each holds all of it once more.
const MOST_ARCHIVES: usize = 4;

/// Languages of a course; none at all means every one.
pub type Chosen = Option<BTreeSet<String>>;

struct KeptPart {
    part: BundlePart,
    /// What it belongs to, for choosing its languages: a lesson or a reference comes in its default one where it has none of
    /// those that were asked for.
    default_language: Option<String>,
    page: Arc<Encoded>,
}

impl Bundle {
    /// `versions` are those of the course's lessons, in its order.
    pub fn new(
        versions: &[&Arc<Version>],
        content: &CourseContent,
        glossary: Option<&ReferenceShelf>,
        field_guide: Option<&ReferenceShelf>,
    ) -> Bundle {
        let course = &content.course;
        let mut parts = Vec::new();
        let mut once = |kind: &str, required_for: &[&str], page: Encoded| {
            parts.push(kept_part(kind.to_owned(), kind, required_for, None, None, Arc::new(page)));
        };
        let read = || versions.iter().map(|version| version.as_ref());
        once("policies", &["quiz", "exercise"], Encoded::json(&policies(&course.slug, read()), ""));
        once("licences", &["attribution"], Encoded::json(&licences(&course.slug, read()), ""));
        versions.iter().for_each(|version| lesson(version, &mut parts));
        for (kind, shelf) in [("glossary", glossary), ("field_guide", field_guide)] {
            for (shelf, language, forms) in shelf.into_iter().flat_map(|s| s.all().map(move |(l, f)| (s, l, f))) {
                let id = format!("{kind}/{language}");
                parts.push(kept_part(id, kind, &[], None, Some((language, &shelf.default_language)), forms.json.clone()));
            }
        }
        let lessons = versions.iter().map(|version| BundledLesson {
            slug: version.slug.clone(),
            version: version.digest.clone(),
            revision: version.content.lesson.revision,
        });
        Bundle {
            course: course.slug.clone(),
            revision: course.revision,
            version: rules::content_digest(&Json::of(content).0),
            lessons: lessons.collect(),
            languages: parts.iter().filter_map(|kept| kept.part.language.clone()).collect(),
            parts,
            manifests: RwLock::default(),
            archives: Mutex::default(),
        }
    }

    /// The manifest of the parts in these languages, and the parts, as one file. Packing takes a moment: not for a worker's thread.
    pub fn archive(&self, fixed: &Fixed, languages: &Chosen) -> Result<Arc<BundleArchive>, Problem> {
        if let Some((_, there)) = self.archives.lock().iter().find(|(of, _)| of == languages) {
            return Ok(there.clone());
        }
        let named: HashSet<String> = self.listed(fixed, languages).parts.into_iter().map(|part| part.sha256).collect();
        let all = self.parts().chain([&fixed.signals, &fixed.order_vectors]);
        let parts = all.filter(|part| named.contains(part.sha256()));
        let made = Arc::new(BundleArchive::pack(&self.manifest(fixed, languages), parts)?);
        let mut kept = self.archives.lock();
        kept.push_front((languages.clone(), made.clone()));
        kept.truncate(MOST_ARCHIVES);
        Ok(made)
    }

    pub fn parts(&self) -> impl Iterator<Item = &Arc<Encoded>> {
        self.parts.iter().map(|kept| &kept.page)
    }

    /// The manifest of the parts in these languages. What has none of them comes in its default one.
    pub fn manifest(&self, fixed: &Fixed, languages: &Chosen) -> Rendered<Manifest> {
        if let Some(there) = self.manifests.read().get(languages) {
            return there.clone();
        }
        let made = Rendered::new(&self.listed(fixed, languages), "");
        // Thirty languages have a billion sets; those that are asked for first are kept.
        let mut kept = self.manifests.write();
        if kept.len() < MOST_MANIFESTS {
            kept.insert(languages.clone(), made.clone());
        }
        made
    }

    fn listed(&self, fixed: &Fixed, languages: &Chosen) -> Manifest {
        let wanted = |language: &String| languages.as_ref().is_none_or(|chosen| chosen.contains(language));
        // Ids end in the language; what stands before is the same for the forms of one thing.
        let stem = |part: &BundlePart| part.id.rsplit_once('/').map_or(part.id.clone(), |(stem, _)| stem.to_owned());
        let served: BTreeSet<String> = self
            .parts
            .iter()
            .filter(|kept| kept.part.language.as_ref().is_some_and(wanted))
            .map(|kept| stem(&kept.part))
            .collect();
        let chosen = self.parts.iter().filter(|kept| match &kept.part.language {
            None => true,
            Some(language) if served.contains(&stem(&kept.part)) => wanted(language),
            Some(language) => kept.default_language.as_ref() == Some(language),
        });
        let mut parts: Vec<BundlePart> = chosen.map(|kept| kept.part.clone()).collect();
        for (kind, required_for, page) in
            [("signals", &["diagnosis"][..], &fixed.signals), ("order_vectors", &[], &fixed.order_vectors)]
        {
            parts.push(kept_part(kind.to_owned(), kind, required_for, None, None, page.clone()).part);
        }
        let included: BTreeSet<String> = parts.iter().filter_map(|part| part.language.clone()).collect();
        Manifest {
            course: self.course.clone(),
            revision: self.revision,
            version: self.version.clone(),
            lessons: self.lessons.clone(),
            languages: self.languages.iter().cloned().collect(),
            included_languages: included.into_iter().collect(),
            total_bytes: parts.iter().map(|part| part.bytes).sum(),
            parts,
        }
    }
}

fn lesson(version: &Version, parts: &mut Vec<KeptPart>) {
    for language in &version.languages {
        let Some(pages) = version.pages(language) else { continue };
        let mut add = |kind: &str, required_for: &str, page: &Arc<Encoded>| {
            let id = format!("lessons/{}/{kind}/{language}", version.slug);
            let languages = Some((language, version.default_language()));
            parts.push(kept_part(id, kind, &[required_for], Some(version), languages, page.clone()));
        };
        add("lesson", "reading", &pages.lesson);
        add("quiz", "quiz", &pages.quiz);
        add("exercise", "exercise", &pages.exercise);
        pages.practice_keys.iter().for_each(|page| add("practice_keys", "practice", page));
    }
}

fn kept_part(
    id: String,
    kind: &str,
    required_for: &[&str],
    version: Option<&Version>,
    languages: Option<(&String, &str)>,
    page: Arc<Encoded>,
) -> KeptPart {
    let part = BundlePart {
        id,
        kind: kind.to_owned(),
        lesson: version.map(|version| version.slug.clone()),
        version: version.map(|version| version.digest.clone()),
        language: languages.map(|(language, _)| language.clone()),
        sha256: page.sha256().to_owned(),
        bytes: page.bytes(),
        media_type: page.content_type().to_owned(),
        url: format!("/v1/bundle-parts/{}", page.sha256()),
        required_for: required_for.iter().map(|&what| what.to_owned()).collect(),
    };
    KeptPart { part, default_language: languages.map(|(_, default)| default.to_owned()), page }
}

fn licences<'a>(course: &str, lessons: impl Iterator<Item = &'a Version>) -> Licences {
    let lessons = lessons.map(|version| {
        let lesson = &version.content.lesson;
        LessonLicence {
            lesson: version.slug.clone(),
            licence: Licence { spdx: lesson.licence.spdx.clone(), attribution: lesson.licence.attribution.clone() },
            authors: lesson.authors.clone(),
            reviewed_on: lesson.reviewed_on.to_string(),
        }
    });
    Licences { course: course.to_owned(), lessons: lessons.collect() }
}
