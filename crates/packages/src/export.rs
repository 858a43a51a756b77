//! The forms of packages that can be made, and what each is called.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::cartridge::{self, Course};
use crate::source::Source;
use crate::{Refused, Report, qti3, qti12, qti21, zip};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A quiz in QTI 3.0; the only form that can be read back
    Qti3,
    /// A quiz in QTI 2.1
    Qti21,
    /// A quiz in QTI 1.2, in the profile of Common Cartridge
    Qti12,
    /// A whole course as Common Cartridge 1.3
    Cc13,
}

impl Format {
    pub const ALL: [Format; 4] = [Format::Qti3, Format::Qti21, Format::Qti12, Format::Cc13];

    /// What it is, in half a line.
    pub fn meaning(self) -> &'static str {
        match self {
            Format::Qti3 => "A quiz in QTI 3.0; the only form that can be read back",
            Format::Qti21 => "A quiz in QTI 2.1",
            Format::Qti12 => "A quiz in QTI 1.2, in the profile of Common Cartridge",
            Format::Cc13 => "A whole course as Common Cartridge 1.3",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Format::Qti3 => "qti3",
            Format::Qti21 => "qti21",
            Format::Qti12 => "qti12",
            Format::Cc13 => "cc13",
        }
    }

    pub fn is_of_a_course(self) -> bool {
        self == Format::Cc13
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Format::Cc13 => "application/vnd.ims.imsccv1p3",
            _ => "application/zip",
        }
    }

    fn ending(self) -> &'static str {
        if self == Format::Cc13 { "imscc" } else { "zip" }
    }
}

/// A package, ready to be sent.
pub struct Package {
    pub format: Format,
    pub bytes: Vec<u8>,
    pub file_name: String,
    pub report: Report,
}

fn file_name(slug: &str, language: &str, format: Format) -> String {
    let safe = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
    format!("{}-{}-{}.{}", safe(slug), safe(language), format.name(), format.ending())
}

/// A lesson's quiz as a package.
pub fn quiz(source: &Source<'_>, format: Format) -> Result<Package, Refused> {
    let (files, report) = match format {
        Format::Qti3 => qti3::write(source)?,
        Format::Qti21 => qti21::write(source)?,
        Format::Qti12 => qti12::write(source)?,
        Format::Cc13 => return Err(Refused::new("of this format holds a course, not one quiz")),
    };
    let file_name = file_name(&source.lesson.slug, source.language, format);
    Ok(Package { format, bytes: zip::write(&files)?, file_name, report })
}

/// A course as a package.
pub fn course(course: &Course<'_>) -> Result<Package, Refused> {
    let (files, report) = cartridge::write(course)?;
    let file_name = file_name(&course.course.slug, course.language, Format::Cc13);
    Ok(Package { format: Format::Cc13, bytes: zip::write(&files)?, file_name, report })
}
