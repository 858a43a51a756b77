//! The built-in curriculum as it lies in the program: read from its files ahead, because every start asks for it. `script/update`
//! writes it anew, and a test fails while that would change it.

use serde::{Deserialize, Serialize};

use crate::rules::content_digest;
use crate::source::{self, Curriculum};

const LESSONS: &str = include_str!("../compiled/lessons.json");
const EDITIONS: &str = include_str!("../compiled/editions.json");

/// What is published under a slug: enough to tell whether a database has it already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    pub slug: String,
    pub revision: i32,
    /// Of the content, as `rules::content_digest` makes it.
    pub digest: String,
}

/// The editions of a curriculum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Editions {
    pub course: Edition,
    pub lessons: Vec<Edition>,
}

impl Editions {
    /// Of the curriculum that is compiled into this program, without reading it.
    pub fn built_in() -> Result<Editions, String> {
        serde_json::from_str(EDITIONS).map_err(|why| why.to_string())
    }

    pub fn of_curriculum(curriculum: &Curriculum) -> serde_json::Result<Editions> {
        let lessons = curriculum.lessons.iter().map(|content| {
            let digest = content_digest(&serde_json::to_value(content)?);
            Ok(Edition { slug: content.lesson.slug.clone(), revision: content.lesson.revision, digest })
        });
        let (slug, revision) = (curriculum.course.slug.clone(), curriculum.course.revision);
        let digest = content_digest(&serde_json::to_value(curriculum.course_content())?);
        Ok(Editions { course: Edition { slug, revision, digest }, lessons: lessons.collect::<serde_json::Result<_>>()? })
    }
}

/// The curriculum that is compiled into this program.
pub fn built_in_curriculum() -> Result<Curriculum, String> {
    serde_json::from_str(LESSONS).map_err(|why| why.to_string())
}

/// What is compiled in, by the name of its file, as the files of the folder say it now. A lesson is a line.
pub fn compile_curriculum() -> Result<[(&'static str, String); 2], String> {
    let in_words = |all: Vec<source::Finding>| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let curriculum = source::parse_curriculum(&source::embedded_curriculum()).map_err(in_words)?;
    let (lessons, editions) = lessons_in_lines(&curriculum).map_err(|why| why.to_string())?;
    Ok([("lessons.json", lessons), ("editions.json", editions)])
}

fn lessons_in_lines(curriculum: &Curriculum) -> serde_json::Result<(String, String)> {
    let lessons = curriculum.lessons.iter().map(serde_json::to_string).collect::<serde_json::Result<Vec<_>>>()?;
    let text = format!(
        "{{\"course\":{},\n\"lessons\":[\n{}\n],\n\"glossary\":{},\n\"field_guide\":{}}}\n",
        serde_json::to_string(&curriculum.course)?,
        lessons.join(",\n"),
        serde_json::to_string(&curriculum.glossary)?,
        serde_json::to_string(&curriculum.field_guide)?
    );
    Ok((text, format!("{}\n", serde_json::to_string_pretty(&Editions::of_curriculum(curriculum)?)?)))
}
