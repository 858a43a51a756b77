//! The glossary and the field guide as pages for people: no script, no other host, and fit to be printed.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::lessons::reference::renderer::term_of;
use crate::lessons::reference::wire::{FieldGuide, Glossary, GuideRow};
use crate::lessons::reference::words::Words;

const STYLE: &str = include_str!("page.css");

/// Nothing runs, and nothing is loaded but the page's own style.
pub fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
}

/// `default_language` needs no parameter in links.
pub fn glossary(glossary: &Glossary, default_language: &str, lesson_title: &dyn Fn(&str) -> String) -> String {
    let words = Words::of(&glossary.language);
    let mut body = String::from("<dl class=\"terms\">");
    for term in &glossary.terms {
        let id = safe(&term.id);
        let _ = write!(
            body,
            "<div id=\"{id}\"><dt><a href=\"#{id}\">{}</a></dt><dd>{}",
            inline(&term.term.html),
            term.definition.html
        );
        let name = |id: &str| glossary.terms.iter().find(|term| term.id == id).map_or("", |term| inline(&term.term.html));
        let see = term.see.iter().map(|one| format!("<a href=\"#{}\">{}</a>", safe(&one.id), name(&one.id)));
        let see: Vec<String> = see.collect();
        if !see.is_empty() {
            let _ = write!(body, "<p class=\"more\">{}: {}</p>", words.see, see.join(", "));
        }
        let lessons: Vec<String> = term.lessons.iter().map(|slug| safe(&lesson_title(slug))).collect();
        if !lessons.is_empty() {
            let _ = write!(body, "<p class=\"more screen\">{}: {}</p>", words.lessons, lessons.join("; "));
        }
        body.push_str("</dd></div>");
    }
    body.push_str("</dl>");
    let head =
        Head { title: words.glossary, about: words.about_glossary, other: ("field-guide", words.guide), class: "glossary" };
    page(&head, words, &glossary.language, &glossary.dir, &glossary.languages, default_language, &body)
}

pub fn guide(guide: &FieldGuide, default_language: &str) -> String {
    let words = Words::of(&guide.language);
    let more = if guide.language == default_language { String::new() } else { format!("?language={}", safe(&guide.language)) };
    let mut body = String::new();
    for group in &guide.groups {
        let _ = write!(
            body,
            "<section aria-labelledby=\"group-{0}\"><h2 id=\"group-{0}\">{1}</h2>",
            safe(&group.id),
            safe(&group.title)
        );
        rows(&mut body, guide.rows.iter().filter(|row| row.group.as_ref() == Some(&group.id)), words, &more);
        body.push_str("</section>");
    }
    let known = |row: &&GuideRow| guide.groups.iter().any(|group| row.group.as_ref() == Some(&group.id));
    rows(&mut body, guide.rows.iter().filter(|row| !known(row)), words, &more);
    let head = Head { title: words.guide, about: words.about_guide, other: ("glossary", words.glossary), class: "guide" };
    page(&head, words, &guide.language, &guide.dir, &guide.languages, default_language, &body)
}

fn rows<'a>(out: &mut String, rows: impl Iterator<Item = &'a GuideRow>, words: &Words, more: &str) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    out.push_str("<ul class=\"rows\">");
    for row in rows {
        let _ = write!(
            out,
            "<li id=\"{id}\"><div class=\"sign\"><h3>{sign}</h3><p class=\"where\">{place}</p></div>\
             <p class=\"who\"><span class=\"label\">{layer}: </span><a class=\"layer\" href=\"glossary{more}#{term}\">{name}</a> \
             <span class=\"owner\"><span class=\"label\">{owned}: </span>{owner}</span></p>\
             <p class=\"step\"><span class=\"label\">{next}: </span>{step}</p></li>",
            id = safe(&row.id),
            sign = inline(&row.sign.html),
            place = inline(&row.r#where.html),
            layer = words.layer,
            term = term_of(row.layer),
            name = safe(&row.layer_name),
            owned = words.owner,
            owner = safe(&row.owner_name),
            next = words.step,
            step = inline(&row.step.html),
        );
    }
    out.push_str("</ul>");
}

struct Head {
    title: &'static str,
    about: &'static str,
    /// The page beside this one: its relative address and its title.
    other: (&'static str, &'static str),
    class: &'static str,
}

fn page(
    head: &Head,
    words: &Words,
    language: &str,
    dir: &str,
    languages: &[String],
    default_language: &str,
    body: &str,
) -> String {
    let more = |language: &str| {
        if language == default_language { String::new() } else { format!("?language={}", safe(language)) }
    };
    let mut nav = format!("<li><a href=\"{}{}\">{}</a></li>", head.other.0, more(language), head.other.1);
    for other in languages.iter().filter(|other| *other != language) {
        let other = safe(other);
        let _ = write!(nav, "<li><a href=\"?language={other}\" hreflang=\"{other}\" lang=\"{other}\">{other}</a></li>");
    }
    // Where the few words of the page are not there in the language of the texts, they say so themselves.
    let own = language.split('-').next().is_some_and(|primary| primary == words.language);
    let lang = if own { String::new() } else { format!(" lang=\"{}\"", words.language) };
    format!(
        "<!doctype html><html lang=\"{language}\" dir=\"{dir}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} · Waymark</title>\
         <style>{STYLE}</style></head><body class=\"{class}\"><a class=\"skip\" href=\"#content\"{lang}>{skip}</a>\
         <header{lang}><h1>{title}</h1><p>{about}</p><nav aria-label=\"{title}\"><ul>{nav}</ul></nav></header>\
         <main id=\"content\" tabindex=\"-1\">{body}</main></body></html>",
        language = safe(language),
        title = head.title,
        class = head.class,
        skip = words.skip,
        about = head.about,
    )
}

/// One paragraph without its element, for places that are one themselves.
fn inline(html: &str) -> &str {
    let html = html.trim();
    let inner = html.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    inner.filter(|inner| !inner.contains("<p>")).unwrap_or(html)
}

/// Text as HTML.
fn safe(text: &str) -> String {
    ammonia::clean_text(text).replace("&#32;", " ")
}
