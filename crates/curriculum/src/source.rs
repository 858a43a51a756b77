//! A folder of curriculum files, the one compiled into the binary or one on disk, as values.

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use waymark_engine::files::{Finding, FolderFiles, Severity, on_disk, read_folder_file};

use crate::format::{CourseFile, ExerciseFile, LessonFile, QuizFile};
use crate::reference::format::{AuthoredFieldGuide, AuthoredGlossary};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/lessons");

/// Everything that a published lesson version consists of; its canonical JSON is what the digest names.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LessonContent {
    pub lesson: LessonFile,
    pub quiz: QuizFile,
    pub exercise: ExerciseFile,
}

/// Everything that is published of a course beside its lessons; its canonical JSON is what the course's digest names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CourseContent {
    #[serde(flatten)]
    pub course: CourseFile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glossary: Option<AuthoredGlossary>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_guide: Option<AuthoredFieldGuide>,
}

/// A whole curriculum folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Curriculum {
    pub course: CourseFile,
    pub lessons: Vec<LessonContent>,
    pub glossary: Option<AuthoredGlossary>,
    pub field_guide: Option<AuthoredFieldGuide>,
}

impl Curriculum {
    pub fn course_content(&self) -> CourseContent {
        CourseContent { course: self.course.clone(), glossary: self.glossary.clone(), field_guide: self.field_guide.clone() }
    }
}

/// Parses a folder; the error is every file that does not have the shape of `format.rs`.
pub fn parse_curriculum(files: &FolderFiles) -> Result<Curriculum, Vec<Finding>> {
    let course: CourseFile = read_folder_file(files, "course.yaml").map_err(|finding| vec![finding])?;
    let (mut lessons, mut findings) = (Vec::new(), Vec::new());
    for slug in &course.lessons {
        let content = || -> Result<LessonContent, Finding> {
            let name = format!("{slug}/lesson.yaml");
            let lesson: LessonFile = read_folder_file(files, &name)?;
            if lesson.revision < 1 {
                return Err(Finding::shape(name, None, "has no revision, or one below 1".to_owned()));
            }
            Ok(LessonContent {
                lesson,
                quiz: read_folder_file(files, &format!("{slug}/quiz.yaml"))?,
                exercise: read_folder_file(files, &format!("{slug}/exercise.yaml"))?,
            })
        };
        match content() {
            Ok(content) => lessons.push(content),
            Err(finding) => findings.push(finding),
        }
    }
    let glossary = optional(files, "glossary.yaml", &mut findings);
    let field_guide = optional(files, "field-guide.yaml", &mut findings);
    if findings.is_empty() { Ok(Curriculum { course, lessons, glossary, field_guide }) } else { Err(findings) }
}

/// Reads a file that need not be there.
fn optional<T: DeserializeOwned>(files: &FolderFiles, name: &str, findings: &mut Vec<Finding>) -> Option<T> {
    let found = files.contains_key(name).then(|| read_folder_file(files, name))?;
    found.map_err(|finding| findings.push(finding)).ok()
}

/// The curriculum that is compiled into this program.
pub fn embedded_curriculum() -> FolderFiles {
    let mut out = FolderFiles::new();
    waymark_engine::files::gather(&EMBEDDED, "", &mut out);
    out
}
