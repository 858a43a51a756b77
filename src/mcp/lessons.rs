//! Lessons as the API gives them, as Markdown: for a reader that takes text and no blocks. A block that is not known is shown by its
//! text.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use waymark_packages::markdown::fenced;

use crate::mcp::fault::ToolFault;
use crate::mcp::wire::{AgentLesson, AgentLessonLine, AgentSource};

/// Of a text in three forms, the one that is read here.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct MarkdownText {
    pub markdown: String,
}

#[derive(Deserialize)]
struct LessonAnswer {
    slug: String,
    title: String,
    summary: MarkdownText,
    language: String,
    languages: Vec<String>,
    version: String,
    revision: i32,
    reading_minutes: usize,
    licence: LicenceAnswer,
    objectives: Vec<ObjectiveAnswer>,
    blocks: Vec<Value>,
    sources: Vec<AgentSource>,
}

#[derive(Deserialize)]
struct LicenceAnswer {
    spdx: String,
    attribution: String,
}

#[derive(Deserialize)]
struct ObjectiveAnswer {
    text: MarkdownText,
}

#[derive(Deserialize)]
struct LessonsAnswer {
    items: Vec<LessonLineAnswer>,
}

#[derive(Deserialize)]
struct LessonLineAnswer {
    slug: String,
    title: String,
    summary: MarkdownText,
    language: String,
    languages: Vec<String>,
    reading_minutes: usize,
}

/// Reads an answer of the API as far as it is needed.
pub fn read_answer<T: serde::de::DeserializeOwned>(answer: Value) -> Result<T, ToolFault> {
    serde_json::from_value(answer).map_err(|why| {
        let next = "Check the URL that this server was given, and that both are of about the same version.";
        ToolFault::new("unexpected_answer", format!("The service's answer cannot be read: {why}."), next)
    })
}

/// A lesson as text.
pub fn lesson_as_text(answer: Value) -> Result<AgentLesson, ToolFault> {
    let lesson: LessonAnswer = read_answer(answer)?;
    let mut out = format!("# {}\n\n{}\n", lesson.title, lesson.summary.markdown.trim());
    if !lesson.objectives.is_empty() {
        out.push_str("\nAfter it you can:\n\n");
        lesson.objectives.iter().for_each(|one| item(&mut out, "-", &one.text.markdown));
    }
    for block in &lesson.blocks {
        out.push('\n');
        block_as_markdown(&mut out, block);
    }
    if !lesson.sources.is_empty() {
        out.push_str("\n## Sources\n\n");
        for source in &lesson.sources {
            let url = source.url.as_ref().map(|url| format!(" <{url}>")).unwrap_or_default();
            let _ = writeln!(out, "- {}{url} (reviewed {})", source.title, source.reviewed_on);
        }
    }
    Ok(AgentLesson {
        slug: lesson.slug,
        title: lesson.title,
        language: lesson.language,
        languages: lesson.languages,
        version: lesson.version,
        revision: lesson.revision,
        reading_minutes: lesson.reading_minutes,
        markdown: out,
        sources: lesson.sources,
        licence: format!("{}, {}", lesson.licence.spdx, lesson.licence.attribution),
    })
}

/// The lessons that there are.
pub fn lesson_lines(answer: Value) -> Result<Vec<AgentLessonLine>, ToolFault> {
    let list: LessonsAnswer = read_answer(answer)?;
    let line = |one: LessonLineAnswer| AgentLessonLine {
        slug: one.slug,
        title: one.title,
        summary: one.summary.markdown,
        language: one.language,
        languages: one.languages,
        reading_minutes: one.reading_minutes,
    };
    Ok(list.items.into_iter().map(line).collect())
}

fn block_as_markdown(out: &mut String, block: &Value) {
    let rich = |name: &str| markdown(block.get(name));
    match block.get("type").and_then(Value::as_str).unwrap_or_default() {
        "heading" => {
            let level = block.get("level").and_then(Value::as_u64).and_then(|level| usize::try_from(level).ok()).unwrap_or(2);
            let _ = writeln!(out, "{} {}", "#".repeat(level.clamp(1, 6)), rich("text"));
        }
        "table" => table(out, block),
        "callout" => {
            let text = format!("**{}**\n\n{}", rich("title"), rich("text"));
            text.lines().for_each(|line| out.push_str(&format!("> {line}\n").replace("> \n", ">\n")));
        }
        "evidence" => {
            let content = block.get("content").and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(out, "{}\n\n{}", rich("description"), fenced(content.trim_end_matches('\n')));
        }
        "steps" => {
            let _ = writeln!(out, "**{}**\n", rich("title"));
            for (at, step) in texts(block.get("steps")).iter().enumerate() {
                item(out, &format!("{}.", at.saturating_add(1)), step);
            }
        }
        "image" => {
            let _ = writeln!(out, "(Image: {})", rich("alt"));
        }
        _ => {
            let _ = writeln!(out, "{}", rich("text"));
        }
    }
}

fn table(out: &mut String, block: &Value) {
    let _ = writeln!(out, "{}\n", markdown(block.get("caption")));
    let columns = texts(block.get("columns"));
    row(out, &columns);
    row(out, &columns.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
    let rows = block.get("rows").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    rows.iter().for_each(|cells| row(out, &texts(Some(cells))));
}

fn row(out: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
    let _ = writeln!(out, "| {} |", cells.join(" | "));
}

/// A list item, its further lines indented below the first.
fn item(out: &mut String, mark: &str, text: &str) {
    let below = format!("\n{}", " ".repeat(mark.len().saturating_add(1)));
    let _ = writeln!(out, "{mark} {}", text.trim().replace('\n', &below));
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|text| markdown(Some(text))).collect()
}

fn markdown(text: Option<&Value>) -> String {
    let text = text.and_then(|text| text.get("markdown").or(Some(text))).and_then(Value::as_str);
    text.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(block: &Value) -> String {
        let mut out = String::new();
        block_as_markdown(&mut out, block);
        out
    }

    #[test]
    fn blocks_read_as_markdown() {
        let rich = |text: &str| json!({"markdown": text, "html": "", "text": ""});
        assert_eq!(shown(&json!({"type": "heading", "level": 3, "text": rich("Where")})), "### Where\n");
        assert_eq!(
            shown(&json!({"type": "steps", "title": rich("Do"), "steps": [rich("one\ntwo"), rich("three")]})),
            "**Do**\n\n1. one\n   two\n2. three\n"
        );
        let table = json!({"type": "table", "caption": rich("C"), "columns": [rich("a"), rich("b|c")], "rows": [[rich("1"), rich("2\n3")]]});
        assert_eq!(shown(&table), "C\n\n| a | b\\|c |\n| --- | --- |\n| 1 | 2 3 |\n");
        assert_eq!(shown(&json!({"type": "callout", "title": rich("T"), "text": rich("x")})), "> **T**\n>\n> x\n");
        assert_eq!(shown(&json!({"type": "of_a_later_version", "text": rich("still there")})), "still there\n");
    }

    #[test]
    fn evidence_cannot_leave_its_fence() {
        assert_eq!(fenced("a\n```\nb\n"), "````\na\n```\nb\n````");
        assert_eq!(fenced(""), "```\n\n```");
    }
}
