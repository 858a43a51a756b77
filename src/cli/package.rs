//! `waymark package`: quizzes and courses as packages for other learning systems, and back.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use crate::cli::output::{CliFailure, print};
use crate::config::{Config, Lessons};
use crate::lessons::rules::languages;
use crate::lessons::source::{self, Curriculum, FolderFiles, LessonContent};
use crate::packages::cartridge::CartridgeCourse;
use crate::packages::export::{self, Package, PackageFormat};
use crate::packages::import::{self, Imported};
use crate::packages::source::QuizSource;
use crate::packages::{PackageReport, RefusedPackage};

pub const HELP: &str =
    "Exit codes: 0 everything is in the package, or carried along for Waymark to read back; 1 refused; 2 wrong usage;
3 done, but something is lost or still missing (the report on standard error names it).

Examples:
  waymark package export --format qti3 --lesson not-a-refusal quiz.zip
  waymark package export --format cc13 course.imscc
  waymark package export --format cc11 course-for-moodle.imscc
  waymark package import quiz.zip --out drafts/not-a-refusal";

/// The exit code where something is lost or missing.
const INCOMPLETE: u8 = 3;

#[derive(Debug, Subcommand)]
pub enum PackageCommand {
    /// Write a quiz (qti3, qti21, qti12) or the course (cc13, cc11) into a package, with its keys
    #[command(after_help = HELP)]
    Export(PackageExport),
    /// Read a quiz from a package in QTI 3.0, 2.0 to 2.2 or 1.2, or from a Common Cartridge
    #[command(after_help = HELP)]
    Import(PackageImport),
}

/// The names of the formats, each with what it is.
fn formats() -> impl TypedValueParser<Value = PackageFormat> {
    let values = PackageFormat::ALL.map(|format| PossibleValue::new(format.name()).help(format.meaning()));
    // The parser lets nothing but these names through.
    PossibleValuesParser::new(values)
        .map(|name| PackageFormat::ALL.into_iter().find(|format| format.name() == name).unwrap_or(PackageFormat::Qti3))
}

#[derive(Debug, Args)]
pub struct PackageExport {
    #[arg(long, value_parser = formats())]
    format: PackageFormat,
    /// Slug or alias of the lesson; for qti3, qti21 and qti12
    #[arg(long, value_name = "SLUG")]
    lesson: Option<String>,
    /// Language of the texts; the default is the lesson's or the course's
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// A folder with course.yaml; absent means the one of WAYMARK_LESSONS, else the built-in curriculum. What a service
    /// has published comes from its API: GET /v1/lessons/{slug}/package
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
    /// Print the report as JSON on standard output
    #[arg(long)]
    json: bool,
    /// The file to write
    #[arg(value_name = "OUT")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub struct PackageImport {
    /// The zip file
    file: PathBuf,
    /// Folder for quiz.yaml, made where it is missing; `-` or absent: standard output
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Print quiz and report as JSON on standard output
    #[arg(long)]
    json: bool,
}

pub fn run_package(command: &PackageCommand, config: impl FnOnce() -> Result<Config, CliFailure>) -> Result<u8, CliFailure> {
    match command {
        PackageCommand::Export(flags) => {
            let shelf = shelf(&files(flags.from.as_deref(), config)?)?;
            out(flags, &shelf)
        }
        PackageCommand::Import(flags) => into(flags),
    }
}

fn shelf(files: &FolderFiles) -> Result<Curriculum, CliFailure> {
    Ok(source::parse_curriculum(files).map_err(|findings| {
        let all: Vec<String> = findings.iter().map(ToString::to_string).collect();
        all.join("\n")
    })?)
}

/// The folder that is named, else the one that this installation publishes, else the built-in one.
fn files(from: Option<&Path>, config: impl FnOnce() -> Result<Config, CliFailure>) -> Result<FolderFiles, CliFailure> {
    let folder = match from {
        Some(folder) => folder.to_path_buf(),
        None => match config()?.lessons {
            Lessons::BuiltIn | Lessons::Given(_) => return Ok(source::embedded_curriculum()),
            Lessons::Folder(folder) => folder,
        },
    };
    Ok(source::on_disk(&folder).map_err(|finding| finding.to_string())?)
}

fn out(flags: &PackageExport, shelf: &Curriculum) -> Result<u8, CliFailure> {
    let package = if flags.format.is_of_a_course() { course(flags, shelf)? } else { quiz(flags, shelf)? };
    std::fs::write(&flags.out, &package.bytes).map_err(|e| format!("{} cannot be written: {e}", flags.out.display()))?;
    if flags.json {
        print(&format!("{}\n", serde_json::to_string_pretty(&package.report)?))?;
    }
    let what = format!("wrote {} ({} bytes)", flags.out.display(), package.bytes.len());
    print_report(&what, &package.report)
}

fn course(flags: &PackageExport, shelf: &Curriculum) -> Result<Package, CliFailure> {
    if flags.lesson.is_some() {
        return Err(format!("{} packs the whole course; leave out --lesson", flags.format.name()).into());
    }
    let there = shelf.lessons.iter().flat_map(languages).collect::<std::collections::BTreeSet<String>>();
    let language = language(flags, &there, &shelf.course.default_language)?;
    let lessons = shelf.lessons.iter().collect();
    let (glossary, field_guide) = (shelf.glossary.as_ref(), shelf.field_guide.as_ref());
    let course = CartridgeCourse { course: &shelf.course, lessons, glossary, field_guide, language: &language };
    Ok(export::export_course(&course, flags.format)?)
}

fn quiz(flags: &PackageExport, shelf: &Curriculum) -> Result<Package, CliFailure> {
    let slugs = || shelf.lessons.iter().map(|content| content.lesson.slug.as_str()).collect::<Vec<_>>().join(", ");
    let named = |content: &&LessonContent| {
        let lesson = &content.lesson;
        flags.lesson.as_ref().is_some_and(|name| &lesson.slug == name || lesson.aliases.contains(name))
    };
    let found = shelf.lessons.iter().find(named);
    let content = found.ok_or_else(|| format!("name a lesson with --lesson; there are: {}", slugs()))?;
    let language = language(flags, &languages(content), &content.lesson.default_language)?;
    let source = QuizSource { lesson: &content.lesson, quiz: &content.quiz, version: None, language: &language };
    Ok(export::export_quiz(&source, flags.format)?)
}

/// The language asked for must be there: a package in another one would surprise.
fn language(flags: &PackageExport, there: &std::collections::BTreeSet<String>, default: &str) -> Result<String, CliFailure> {
    match &flags.language {
        None => Ok(default.to_owned()),
        Some(tag) if there.contains(tag) => Ok(tag.clone()),
        Some(tag) => {
            let all = there.iter().cloned().collect::<Vec<_>>().join(", ");
            Err(format!("there is no text in {tag:?}; there are: {all}").into())
        }
    }
}

/// The report on standard error, and what it means for the exit code.
fn print_report(what: &str, report: &PackageReport) -> Result<u8, CliFailure> {
    let mut log = std::io::stderr();
    for note in &report.notes {
        writeln!(log, "{note}")?;
    }
    writeln!(log, "{what}: {}", report.summary())?;
    Ok(if report.is_complete() { 0 } else { INCOMPLETE })
}

fn into(flags: &PackageImport) -> Result<u8, CliFailure> {
    let name = flags.file.display();
    let bytes = read_bounded(&flags.file).map_err(|e| format!("{name} cannot be read: {e}"))?;
    let imported: Imported = import::read_package(&bytes).map_err(|refused: RefusedPackage| format!("{name}: {refused}"))?;
    let yaml = serde_saphyr::to_string(&imported.quiz).map_err(|e| format!("the quiz cannot be written as YAML: {e}"))?;
    let folder = flags.out.as_deref().filter(|folder| *folder != Path::new("-"));
    if let Some(folder) = folder {
        let path = folder.join("quiz.yaml");
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, &yaml))
            .map_err(|e| format!("{}: {e}", path.display()))?;
    }
    match (flags.json, folder) {
        (true, _) => print(&format!("{}\n", serde_json::to_string_pretty(&imported)?))?,
        (false, None) => print(&yaml)?,
        (false, Some(_)) => 0,
    };
    print_report(&format!("read {name} ({} items)", imported.quiz.items.len()), &imported.report)
}

/// A file that is larger than any package is not read into memory.
fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    let most = crate::packages::zip::LARGEST_TOTAL;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}
