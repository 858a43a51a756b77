//! The forms of packages that can be made, and what each is called.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::cartridge::{self, CartridgeCourse, CartridgeNames};
use crate::source::QuizSource;
use crate::{PackageReport, RefusedPackage, qti3, qti12, qti21, zip};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PackageFormat {
    /// A quiz in QTI 3.0; the form that comes back whole
    Qti3,
    /// A quiz in QTI 2.1
    Qti21,
    /// A quiz in QTI 1.2, in the profile of Common Cartridge
    Qti12,
    /// A whole course as Common Cartridge 1.3
    Cc13,
    /// A whole course as Common Cartridge 1.1, which Moodle imports
    Cc11,
}

impl PackageFormat {
    pub const ALL: [PackageFormat; 5] =
        [PackageFormat::Qti3, PackageFormat::Qti21, PackageFormat::Qti12, PackageFormat::Cc13, PackageFormat::Cc11];

    /// What it is, in half a line.
    pub fn meaning(self) -> &'static str {
        match self {
            PackageFormat::Qti3 => "A quiz in QTI 3.0; the form that comes back whole",
            PackageFormat::Qti21 => "A quiz in QTI 2.1",
            PackageFormat::Qti12 => "A quiz in QTI 1.2, in the profile of Common Cartridge",
            PackageFormat::Cc13 => "A whole course as Common Cartridge 1.3",
            PackageFormat::Cc11 => "A whole course as Common Cartridge 1.1, which Moodle imports",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            PackageFormat::Qti3 => "qti3",
            PackageFormat::Qti21 => "qti21",
            PackageFormat::Qti12 => "qti12",
            PackageFormat::Cc13 => "cc13",
            PackageFormat::Cc11 => "cc11",
        }
    }

    pub fn is_of_a_course(self) -> bool {
        self.cartridge().is_some()
    }

    fn cartridge(self) -> Option<&'static CartridgeNames> {
        match self {
            PackageFormat::Cc13 => Some(&cartridge::CARTRIDGE_1_3),
            PackageFormat::Cc11 => Some(&cartridge::CARTRIDGE_1_1),
            PackageFormat::Qti3 | PackageFormat::Qti21 | PackageFormat::Qti12 => None,
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            PackageFormat::Cc13 => "application/vnd.ims.imsccv1p3",
            PackageFormat::Cc11 => "application/vnd.ims.imsccv1p1",
            _ => "application/zip",
        }
    }

    fn ending(self) -> &'static str {
        if self.is_of_a_course() { "imscc" } else { "zip" }
    }
}

/// A package, ready to be sent.
pub struct Package {
    pub format: PackageFormat,
    pub bytes: Vec<u8>,
    pub file_name: String,
    pub report: PackageReport,
}

fn file_name(slug: &str, language: &str, format: PackageFormat) -> String {
    let safe = |text: &str| text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect::<String>();
    format!("{}-{}-{}.{}", safe(slug), safe(language), format.name(), format.ending())
}

/// A lesson's quiz as a package.
pub fn export_quiz(source: &QuizSource<'_>, format: PackageFormat) -> Result<Package, RefusedPackage> {
    let (files, report) = match format {
        PackageFormat::Qti3 => qti3::write_qti3(source)?,
        PackageFormat::Qti21 => qti21::write_qti21(source)?,
        PackageFormat::Qti12 => qti12::write_qti12(source)?,
        PackageFormat::Cc13 | PackageFormat::Cc11 => {
            return Err(RefusedPackage::new("of this format holds a course, not one quiz"));
        }
    };
    let file_name = file_name(&source.lesson.slug, source.language, format);
    Ok(Package { format, bytes: zip::write_zip(&files)?, file_name, report })
}

/// A course as a package.
pub fn export_course(course: &CartridgeCourse<'_>, format: PackageFormat) -> Result<Package, RefusedPackage> {
    let names = format.cartridge().ok_or_else(|| RefusedPackage::new("of this format holds one quiz, not a course"))?;
    let (files, report) = cartridge::write_cartridge(course, names)?;
    let file_name = file_name(&course.course.slug, course.language, format);
    Ok(Package { format, bytes: zip::write_zip(&files)?, file_name, report })
}
