//! `waymark lessons`: a curriculum from a folder into the database, and out of it.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use console::style;

use crate::cli::admin::{tenant_id, with_database};
use crate::cli::output::{CliFailure, print};
use crate::cli::serve::with_progress;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::types::Id;
use crate::db::{Conn, Stored, migrate};
use crate::diagnosis;
use crate::error::Problem;
use crate::lessons::exchange::difference::DifferenceLine;
use crate::lessons::exchange::{KeptCurriculum, Plan, PlannedChange, folder, read_published};
use crate::lessons::source::{self, Curriculum, Finding, FolderFiles};
use crate::lessons::{check, publish};

#[derive(Debug, Subcommand)]
pub enum LessonsCommand {
    /// Publish a folder of curriculum files, all of it or nothing
    #[command(after_long_help = IMPORT)]
    Import(LessonsImport),
    /// Write a published course as curriculum files
    #[command(after_long_help = EXPORT)]
    Export(LessonsExport),
}

const IMPORT: &str = "\
The folder is held to every rule of `waymark check`; one error refuses it all. A lesson or course that differs from what is
published needs a higher revision in its file. Importing the same folder again changes nothing. A running service shows what
was imported within 5 seconds. A folder without course.yaml holds lessons of the published course, as `export --lesson` writes
them. Signals in the folder are checked, but not imported: they are part of the program.

Exit codes: 0 done, or nothing to do; 1 refused or failed. With --dry-run, as diff has it: 0 nothing would change, 1 something
would, 2 refused or failed.";

const EXPORT: &str = "\
The files are written beside the folder first and put in place when all are there. Exporting and importing again changes
nothing. Comments of the files that were once imported are not kept.";

#[derive(Debug, Args)]
pub struct LessonsImport {
    /// The folder with course.yaml
    folder: PathBuf,
    /// Only tell what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Publish for this tenant alone; absent means for all tenants
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

#[derive(Debug, Args)]
pub struct LessonsExport {
    /// The folder to write; new or empty, unless --force is given
    folder: PathBuf,
    /// Export what this tenant alone has; absent means what all tenants read
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// Which course, where there are several
    #[arg(long, value_name = "SLUG")]
    course: Option<String>,
    /// Only the folder of this lesson, without course.yaml; may be repeated
    #[arg(long, value_name = "SLUG")]
    lesson: Vec<String>,
    /// Replace files of the same names in a folder that is not empty; its other files stay
    #[arg(long)]
    force: bool,
}

pub fn run_lessons(config: &Config, command: &LessonsCommand) -> Result<u8, CliFailure> {
    match command {
        LessonsCommand::Import(flags) if flags.dry_run => dry_run(config, flags).or_else(|why| {
            writeln!(std::io::stderr(), "waymark: {}", crate::cli::output::in_words(&*why))?;
            Ok(2)
        }),
        LessonsCommand::Import(flags) => import(config, flags),
        LessonsCommand::Export(flags) => export(config, flags),
    }
}

fn import(config: &Config, flags: &LessonsImport) -> Result<u8, CliFailure> {
    let files = source::on_disk(&flags.folder).map_err(|finding| finding.to_string())?;
    let before = read_kept(config, flags.tenant.as_deref())?;
    let curriculum = with_progress("checking the folder", || checked(files, &before))?;
    let plan = with_progress(&format!("publishing {} lessons", curriculum.lessons.len()), || {
        with_database(config, |conn, _| {
            let tenant = whose(conn, flags.tenant.as_deref())?;
            let plan = Plan::of(&read_published(conn, tenant)?, &curriculum);
            let refusals: Vec<String> = plan.refusals().collect();
            if !refusals.is_empty() {
                return Err(Problem::internal(refused(&refusals)));
            }
            publish::publish_curriculum(conn, tenant, &curriculum, Clock::system().now())?;
            Ok(plan)
        })
    })?;
    print(&plan_summary(&plan, false, "imported"))
}

fn dry_run(config: &Config, flags: &LessonsImport) -> Result<u8, CliFailure> {
    let files = source::on_disk(&flags.folder).map_err(|finding| finding.to_string())?;
    let kept = read_kept(config, flags.tenant.as_deref())?;
    let curriculum = with_progress("checking the folder", || checked(files, &kept))?;
    let plan = Plan::of(&kept, &curriculum);
    print(&plan_summary(&plan, true, "would change"))?;
    let refusals: Vec<String> = plan.refusals().collect();
    if refusals.is_empty() { Ok(u8::from(plan.changes() > 0)) } else { Err(refused(&refusals).into()) }
}

fn refused(refusals: &[String]) -> String {
    format!("nothing was imported\n{}", refusals.join("\n"))
}

fn export(config: &Config, flags: &LessonsExport) -> Result<u8, CliFailure> {
    let kept = read_kept(config, flags.tenant.as_deref())?;
    let curriculum = kept.curriculum(flags.course.as_deref())?;
    let missing = flags.lesson.iter().find(|slug| !curriculum.course.lessons.contains(slug));
    if let Some(slug) = missing {
        let there = curriculum.course.lessons.join(", ");
        return Err(format!("the course {} has no lesson {slug}; it has {there}", curriculum.course.slug).into());
    }
    let files = folder::files(&curriculum, &flags.lesson)?;
    with_progress("writing", || folder::write_folder(&flags.folder, &files, flags.force))?;
    print(&format!("wrote {} files to {}\n", files.len(), flags.folder.display()))
}

/// What is published, read without changing anything.
fn read_kept(config: &Config, tenant: Option<&str>) -> Result<KeptCurriculum, CliFailure> {
    Ok(migrate::run_on_existing(config, false, |conn, outcome| match outcome {
        migrate::MigrationOutcome::Pending(n) => {
            Err(Problem::internal(format!("{n} migrations are missing; run `waymark migrate` first")))
        }
        _ => {
            conn.batch("BEGIN")?;
            let kept = whose(conn, tenant).and_then(|tenant| read_published(conn, tenant));
            conn.batch("ROLLBACK")?;
            kept
        }
    })?)
}

fn whose(conn: &mut Conn, tenant: Option<&str>) -> Stored<Id> {
    tenant.map_or(Ok(Id::NIL), |name| tenant_id(conn, name))
}

/// The curriculum of a folder that has no error.
fn checked(files: FolderFiles, kept: &KeptCurriculum) -> Result<Curriculum, CliFailure> {
    // Lessons without a course are laid over the course as it is published.
    let (files, own): (FolderFiles, Option<FolderFiles>) = if files.contains_key("course.yaml") {
        (files, None)
    } else {
        let why = |why| format!("there is no course.yaml, and {why}");
        let mut all = folder::files(&kept.curriculum(None).map_err(why)?, &[])?;
        all.extend(files.clone());
        (all, Some(files))
    };
    let (curriculum, mut findings) = match source::parse_curriculum(&files) {
        Ok(curriculum) => {
            let mut findings = check::check_curriculum(&files, &curriculum);
            if diagnosis::source::is_there(&files) {
                findings.extend(
                    diagnosis::source::parse_signals(&files)
                        .map_or_else(|shape| shape, |one| diagnosis::check::check_signals(&one)),
                );
            }
            (Some(curriculum), findings)
        }
        Err(findings) => (None, findings),
    };
    findings.retain(|finding| finding.is_error() && own.as_ref().is_none_or(|own| own.contains_key(&finding.file)));
    match curriculum {
        Some(curriculum) if findings.is_empty() => Ok(curriculum),
        _ => Err(errors(&findings).into()),
    }
}

fn errors(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    format!("nothing was imported: {} errors\n{}", findings.len(), lines.join("\n"))
}

/// What was done, or would be; `whole` with every difference.
fn plan_summary(plan: &Plan, whole: bool, done: &str) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        let (name, revision) = (format!("{} {}", step.what, step.slug), step.revision);
        let line = match (&step.change, step.old_revision) {
            (PlannedChange::Unchanged, _) if !whole => continue,
            (PlannedChange::Unchanged, _) => format!("{name}: unchanged, revision {revision}"),
            (PlannedChange::New, _) => style(format!("{name}: new, revision {revision}")).green().to_string(),
            (PlannedChange::Changed, old) => {
                style(format!("{name}: changed, revision {} -> {revision}", old.unwrap_or_default())).bold().to_string()
            }
            (PlannedChange::Refused(_), old) => {
                style(format!("{name}: refused, revision {} -> {revision}", old.unwrap_or_default())).red().to_string()
            }
        };
        out.push_str(&format!("{line}\n"));
        for line in step.lines.iter().filter(|_| whole) {
            let line = match line {
                DifferenceLine::Place(text) => format!("  {text}"),
                DifferenceLine::Removed(text) => format!("    {}", style(format!("- {text}")).red()),
                DifferenceLine::Added(text) => format!("    {}", style(format!("+ {text}")).green()),
                DifferenceLine::Same(text) => format!("      {text}"),
            };
            out.push_str(&format!("{}\n", line.trim_end()));
        }
    }
    let changes = plan.changes();
    match changes {
        0 if whole => out.push_str("nothing would change\n"),
        0 => out.push_str("nothing changed\n"),
        _ => out.push_str(&format!("{done}: {changes}, unchanged: {}\n", plan.steps.len() - changes)),
    }
    out
}
