//! `waymark diagnose`: the diagnosis on the command line, without a database and without a network.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::cli::output::CliFailure;
use crate::config::colour_wanted;
use crate::diagnosis::evidence::HttpEvidence;
use crate::diagnosis::{Engine, Evidence, Verdict};
use crate::error::Problem;
use crate::lessons::format::Layer;

/// The exit status of each verdict; 1 and 2 are a failure and wrong usage, as everywhere.
const STATUS: [(Layer, u8); 7] = [
    (Layer::NotARefusal, 0),
    (Layer::PreClassifier, 10),
    (Layer::TrainedRefusal, 11),
    (Layer::PostClassifier, 12),
    (Layer::SystemPrompt, 13),
    (Layer::UserTier, 14),
    (Layer::Undetermined, 20),
];

pub const HELP: &str = "Exit status:
  0   not_a_refusal
  10  pre_classifier
  11  trained_refusal
  12  post_classifier
  13  system_prompt
  14  user_tier
  20  undetermined
  1   something failed    2  wrong usage
With --jsonl it is 0 when every line was judged, and 1 when some line was no evidence.

Examples:
  waymark diagnose error.json --provider \"Azure OpenAI\" --status 400
  curl -si https://... | waymark diagnose -
  waymark diagnose --text \"I can only help with questions about your invoices.\"
  waymark diagnose - --jsonl < evidence.jsonl > verdicts.jsonl";

/// What is diagnosed, and how the verdict is printed.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// What came back: a raw body, a whole HTTP response, a log, or evidence as the API takes it; - is standard input
    file: Option<PathBuf>,
    /// Who runs the model or the gateway
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// The HTTP status
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u16).range(100..=599))]
    status: Option<u16>,
    /// The text that a person saw, or a file that holds it; without a value, FILE holds it
    #[arg(long, value_name = "TEXT", num_args = 0..=1, default_missing_value = "")]
    text: Option<String>,
    /// A curriculum folder whose signals are used in place of the built-in ones, for authors
    #[arg(long, value_name = "FOLDER")]
    lessons: Option<PathBuf>,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
    /// Many at once: an evidence object per line in, a verdict per line out, in order
    #[arg(long, conflicts_with_all = ["provider", "status", "text"])]
    jsonl: bool,
}

pub fn run_diagnose(flags: &Diagnose) -> Result<u8, CliFailure> {
    let engine = engine(flags.lessons.as_deref())?;
    let input = flags.file.as_deref();
    if flags.jsonl {
        return lines(&engine, input);
    }
    let evidence = evidence(flags, input)?;
    let verdict = engine.diagnose(&evidence, None);
    let text =
        if flags.json { format!("{}\n", serde_json::to_string(&verdict)?) } else { verdict_for_people(&verdict, coloured()) };
    let mut out = std::io::stdout().lock();
    // Whoever stops reading early still gets the exit status.
    unless_closed(out.write_all(text.as_bytes()).and_then(|()| out.flush()))?;
    Ok(status(verdict.verdict))
}

fn engine(lessons: Option<&Path>) -> Result<Arc<Engine>, CliFailure> {
    let Some(folder) = lessons else { return Ok(Engine::built_in()?) };
    let files = crate::lessons::source::on_disk(folder).map_err(|finding| finding.to_string())?;
    let source = crate::diagnosis::source::parse_signals(&files);
    let source = source.map_err(|findings| findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    Ok(Arc::new(Engine::new(source)?))
}

/// A reader that went away is no failure. False where it did.
fn unless_closed(written: std::io::Result<()>) -> std::io::Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error),
    }
}

fn status(layer: Layer) -> u8 {
    STATUS.iter().find(|(one, _)| *one == layer).map_or(1, |(_, status)| *status)
}

/// The flags and the file, as evidence.
fn evidence(flags: &Diagnose, input: Option<&Path>) -> Result<Evidence, CliFailure> {
    let mut text = flags.text.clone();
    let mut input = input;
    // `--text answer.txt` and `--text -` mean the file: nobody saw just its name.
    let named = text.clone().filter(|text| input.is_none() && (text == "-" || Path::new(text).is_file()));
    if let Some(name) = &named {
        input = Some(Path::new(name));
        text = Some(String::new());
    }
    let content = match (input, &text) {
        (None, Some(text)) if !text.is_empty() => String::new(),
        _ => read_input(input)?,
    };
    let mut evidence = match &text {
        // The file is what a person saw.
        Some(seen) if seen.is_empty() => Evidence { visible_text: Some(content), ..Evidence::default() },
        _ => response(content)?,
    };
    if let Some(seen) = text.filter(|seen| !seen.is_empty()) {
        evidence.visible_text = Some(seen);
    }
    if flags.provider.is_some() {
        evidence.provider.clone_from(&flags.provider);
    }
    if flags.status.is_some() {
        evidence.http.get_or_insert_default().status = flags.status;
    }
    Ok(evidence)
}

/// Evidence as the API takes it, or the body of a response. An object with the members of evidence is meant as such: a wrong
/// one is an error, and never read as a body.
fn response(content: String) -> Result<Evidence, CliFailure> {
    const MEMBERS: [&str; 4] = ["visible_text", "http", "observed", "comparison"];
    let object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&content);
    if object.is_ok_and(|object| MEMBERS.iter().any(|member| object.contains_key(*member))) {
        let wrong = |problem: Problem| format!("this looks like evidence, but is none. {}", problem.detail());
        return Ok(given(&content).map_err(wrong)?);
    }
    let body = Some(content).filter(|content| !content.is_empty());
    let http = body.map(|body| HttpEvidence { body: Some(body), ..HttpEvidence::default() });
    Ok(Evidence { http, ..Evidence::default() })
}

fn open_input(input: Option<&Path>) -> Result<Box<dyn Read>, CliFailure> {
    match input.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let file = std::fs::File::open(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            Ok(Box::new(file))
        }
        None if input.is_none() && std::io::stdin().is_terminal() => Err(CliFailure::from(
            "nothing to diagnose: name a file, or - for standard input, or give --text. `waymark diagnose --help` has examples",
        )),
        None => Ok(Box::new(std::io::stdin())),
    }
}

/// What the file holds: UTF-8, where bytes that are none become replacement characters, or UTF-16 with its mark, as some
/// shells write it.
fn read_input(input: Option<&Path>) -> Result<String, CliFailure> {
    let mut bytes = Vec::new();
    let name = input.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    open_input(input)?.read_to_end(&mut bytes).map_err(|error| format!("cannot read {name}: {error}"))?;
    let units = |from: fn([u8; 2]) -> u16| -> String {
        let units = bytes.chunks_exact(2).skip(1).filter_map(|pair| pair.try_into().ok()).map(from);
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    Ok(match bytes.get(..2) {
        Some([0xff, 0xfe]) => units(u16::from_le_bytes),
        Some([0xfe, 0xff]) => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// One verdict per line of evidence, each as soon as its line is there.
fn lines(engine: &Engine, input: Option<&Path>) -> Result<u8, CliFailure> {
    let mut reader = BufReader::new(open_input(input)?);
    let mut out = std::io::stdout().lock();
    let (mut number, mut wrong) = (0_u64, 0_u64);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        number = number.saturating_add(1);
        let said = match line(&bytes) {
            Ok(evidence) => serde_json::to_string(&engine.diagnose(&evidence, None))?,
            Err(detail) => {
                wrong = wrong.saturating_add(1);
                json!({"error": {"line": number, "detail": detail}}).to_string()
            }
        };
        if !unless_closed(writeln!(out, "{said}"))? {
            return Ok(0);
        }
        bytes.clear();
    }
    if wrong > 0 {
        writeln!(std::io::stderr(), "{wrong} of {number} lines are no evidence; each has an object with `error` in its place")?;
    }
    Ok(u8::from(wrong > 0))
}

/// The evidence of one line, or why it is none.
fn line(bytes: &[u8]) -> Result<Evidence, String> {
    let text = String::from_utf8_lossy(bytes);
    if text.trim().is_empty() {
        return Err("the line is empty".to_owned());
    }
    let evidence = given(text.trim()).map_err(|problem| problem.detail().to_owned())?;
    let status = evidence.http.as_ref().and_then(|http| http.status);
    if status.is_some_and(|status| !(100..=599).contains(&status)) {
        return Err("At /http/status: must be from 100 to 599.".to_owned());
    }
    Ok(evidence)
}

/// Evidence as the API takes it.
fn given(text: &str) -> Result<Evidence, Problem> {
    crate::web::parse::parse_body(text.as_bytes())
}

fn coloured() -> bool {
    colour_wanted() && std::io::stdout().is_terminal()
}

/// The verdict for people.
fn verdict_for_people(verdict: &Verdict, colour: bool) -> String {
    let (bold, dim, plain) = if colour { ("\x1b[1m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{bold}{}{plain}  {}extent {}",
        name(&verdict.verdict),
        verdict.confidence.map(|share| format!("confidence {share:.2}, ")).unwrap_or_default(),
        name(&verdict.extent)
    );
    let _ = writeln!(out, "{}\n", verdict.summary);
    for part in &verdict.parts {
        let share = part.confidence.map(|share| format!(" {share:.2}")).unwrap_or_default();
        let quote = part.quote.as_ref().map(|quote| format!("  {quote:?}")).unwrap_or_default();
        let (label, layer, extent) = (&part.label, name(&part.layer), name(&part.extent));
        let _ = writeln!(out, "{bold}{label}{plain}  {layer}{share}, extent {extent}{dim}{quote}{plain}");
    }
    if !verdict.parts.is_empty() {
        out.push('\n');
    }
    for reason in &verdict.reasons {
        let place = reason.pointer.as_deref().filter(|pointer| !pointer.is_empty()).unwrap_or(&reason.evidence);
        let layers: Vec<String> = reason.layers.iter().map(name).collect();
        let quote = reason.quote.as_ref().map(|quote| format!("  {quote:?}")).unwrap_or_default();
        let _ = writeln!(out, "{bold}{place}{plain}{quote}");
        let _ = writeln!(out, "  {} ({:.2})  {dim}{}{plain}", layers.join(", "), reason.weight, reason.rule);
        let _ = writeln!(out, "  {}", reason.meaning);
        for source in &reason.sources {
            let url = source.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
            let _ = writeln!(out, "  {dim}{} (reviewed {}){url}{plain}", source.title, source.reviewed_on);
        }
    }
    out.push('\n');
    let ranked: Vec<String> =
        verdict.layers.iter().map(|ranked| format!("{} {:.2}", name(&ranked.layer), ranked.confidence)).collect();
    let mut row = |name: &str, text: &str| {
        let _ = writeln!(out, "{bold}{name:<14}{plain}  {}", text.trim());
    };
    row("Layers", &ranked.join(", "));
    if let Some(owner) = &verdict.owner {
        row("Who can act", &name(owner));
    }
    row("Next step", &verdict.next_step);
    row("Do not", &verdict.do_not);
    row("Would change", &verdict.would_change);
    verdict.notes.iter().for_each(|note| row("Note", note));
    out
}

/// The name that a value has on the wire.
fn name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
