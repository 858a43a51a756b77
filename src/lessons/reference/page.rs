//! The glossary and the field guide as pages for people: no script, no other host, and fit to be printed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
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
pub fn glossary_html(glossary: &Glossary, default_language: &str, lesson_title: &dyn Fn(&str) -> String) -> String {
    let words = Words::of(&glossary.language);
    let name = |id: &str| glossary.terms.iter().find(|term| term.id == id).map_or("", |term| inline(&term.term.html));
    let body = html! {
        dl.terms {
            @for term in &glossary.terms {
                div id=(term.id) {
                    dt { a href={ "#" (term.id) } { (PreEscaped(inline(&term.term.html))) } }
                    dd {
                        (PreEscaped(&term.definition.html))
                        @if !term.see.is_empty() {
                            p.more {
                                (words.see) ": "
                                @for (at, one) in term.see.iter().enumerate() {
                                    @if at > 0 { ", " }
                                    a href={ "#" (one.id) } { (PreEscaped(name(&one.id))) }
                                }
                            }
                        }
                        @if !term.lessons.is_empty() {
                            p class="more screen" {
                                (words.lessons) ": "
                                @for (at, slug) in term.lessons.iter().enumerate() {
                                    @if at > 0 { "; " }
                                    (lesson_title(slug))
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    let head =
        Head { title: words.glossary, about: words.about_glossary, other: ("field-guide", words.guide), class: "glossary" };
    page(&head, words, &glossary.language, &glossary.dir, &glossary.languages, default_language, &body)
}

pub fn guide_html(guide: &FieldGuide, default_language: &str) -> String {
    let words = Words::of(&guide.language);
    let more = more(&guide.language, default_language);
    let known = |row: &&GuideRow| guide.groups.iter().any(|group| row.group.as_ref() == Some(&group.id));
    let body = html! {
        @for group in &guide.groups {
            section aria-labelledby={ "group-" (group.id) } {
                h2 id={ "group-" (group.id) } { (group.title) }
                (rows(guide.rows.iter().filter(|row| row.group.as_ref() == Some(&group.id)), words, &more))
            }
        }
        (rows(guide.rows.iter().filter(|row| !known(row)), words, &more))
    };
    let head = Head { title: words.guide, about: words.about_guide, other: ("glossary", words.glossary), class: "guide" };
    page(&head, words, &guide.language, &guide.dir, &guide.languages, default_language, &body)
}

fn rows<'a>(rows: impl Iterator<Item = &'a GuideRow>, words: &Words, more: &str) -> Markup {
    let rows: Vec<&GuideRow> = rows.collect();
    html! {
        @if !rows.is_empty() {
            ul.rows { @for one in rows { (row(one, words, more)) } }
        }
    }
}

fn row(row: &GuideRow, words: &Words, more: &str) -> Markup {
    html! {
        li id=(row.id) {
            div.sign {
                h3 { (PreEscaped(inline(&row.sign.html))) }
                p class="where" { (PreEscaped(inline(&row.r#where.html))) }
            }
            p.who {
                span.label { (words.layer) ": " }
                a.layer href={ "glossary" (more) "#" (term_of(row.layer)) } { (row.layer_name) } " "
                span.owner { span.label { (words.owner) ": " } (row.owner_name) }
            }
            p.step { span.label { (words.step) ": " } (PreEscaped(inline(&row.step.html))) }
        }
    }
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
    body: &Markup,
) -> String {
    // Where the few words of the page are not there in the language of the texts, they say so themselves.
    let own = language.split('-').next().is_some_and(|primary| primary == words.language);
    let lang = (!own).then_some(words.language);
    let page = html! {
        (DOCTYPE)
        html lang=(language) dir=(dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (head.title) " · Waymark" }
                style { (PreEscaped(STYLE)) }
            }
            body class=(head.class) {
                a.skip href="#content" lang=[lang] { (words.skip) }
                header lang=[lang] {
                    h1 { (head.title) }
                    p { (head.about) }
                    nav aria-label=(head.title) {
                        ul {
                            li { a href={ (head.other.0) (more(language, default_language)) } { (head.other.1) } }
                            @for other in languages.iter().filter(|other| *other != language) {
                                li { a href={ "?language=" (other) } hreflang=(other) lang=(other) { (other) } }
                            }
                        }
                    }
                }
                main #content tabindex="-1" { (body) }
            }
        }
    };
    page.into_string()
}

/// What a link needs so that it leads to the same language.
fn more(language: &str, default_language: &str) -> String {
    if language == default_language { String::new() } else { format!("?language={language}") }
}

/// One paragraph without its element, for places that are one themselves.
fn inline(html: &str) -> &str {
    let html = html.trim();
    let inner = html.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    inner.filter(|inner| !inner.contains("<p>")).unwrap_or(html)
}
