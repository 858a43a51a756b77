//! `waymark lessons import` and `export`: a curriculum out of the database and back, on either database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use waymark::db::types::{Id, Json};
use waymark::lessons::exchange::{self, Plan, folder};
use waymark::lessons::reference::format::{AuthoredGlossary, Term};
use waymark::lessons::source::Curriculum;
use waymark::lessons::{publish, rules, source};

use crate::cli::{bad, err, good, out, run};
use crate::harness::{Place, eventually, slug};
use waymark::config::Lessons;

/// The curriculum of the binary that is run here.
fn curriculum() -> Curriculum {
    source::parse_curriculum(&source::embedded_curriculum()).unwrap()
}

/// A directory to work in, beside a database.
struct Desk {
    directory: tempfile::TempDir,
    url: String,
}

impl Desk {
    fn at(place: &Place) -> Desk {
        Desk { directory: tempfile::tempdir().unwrap(), url: place.url() }
    }

    /// With the built-in lessons published.
    fn make_database(&self) {
        good(&run(self.directory.path(), &["migrate", "--database-url", &self.url]));
    }

    fn lessons(&self, arguments: &[&str]) -> Output {
        run(self.directory.path(), &[&["lessons"], arguments, &["--database-url", &self.url]].concat())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Replaces `from`, which stands there once, in a file.
    #[track_caller]
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.file(name)).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {name}");
        std::fs::write(self.file(name), text.replace(from, to)).unwrap();
    }

    fn raise(&self, name: &str, revision: i32) {
        self.edit(name, &format!("\nrevision: {revision}\n"), &format!("\nrevision: {}\n", revision + 1));
    }
}

/// The digests of everything that is published, by its name.
fn digests(place: &Place) -> BTreeMap<String, Vec<String>> {
    place.db(|conn| {
        let kept = exchange::read_published(conn, Id::NIL)?;
        let lessons = kept.lessons.into_iter().map(|(slug, all)| (slug, all.into_iter().map(|one| one.digest).collect()));
        let courses =
            kept.courses.into_iter().map(|one| (one.course.slug.clone(), vec![rules::content_digest(&Json::of(&one).0)]));
        Ok(lessons.chain(courses).collect())
    })
}

/// The names of a folder's files, those of its folders included.
fn names(folder: &Path) -> Vec<String> {
    let mut out: Vec<String> = source::on_disk(folder).unwrap().into_keys().collect();
    out.sort();
    out
}

both!(what_is_exported_and_imported_is_the_same, |place: Place| {
    let desk = Desk::at(&place);
    desk.make_database();
    let before = digests(&place);
    assert_eq!(before.len(), curriculum().lessons.len() + 1);
    good(&desk.lessons(&["export", "out"]));
    assert_eq!(names(&desk.file("out")).len(), 3 * curriculum().lessons.len() + 3);
    let read = source::parse_curriculum(&source::on_disk(&desk.file("out")).unwrap()).unwrap();
    for content in &read.lessons {
        assert_eq!(rules::content_digest(&Json::of(content).0), before[&content.lesson.slug][0], "{}", content.lesson.slug);
    }
    assert_eq!(rules::content_digest(&Json::of(&read.course_content()).0), before[&read.course.slug][0]);
    assert_eq!(good(&desk.lessons(&["import", "out"])), "nothing changed\n");
    let told = good(&desk.lessons(&["import", "out", "--dry-run"]));
    assert!(told.ends_with("nothing would change\n") && told.matches(": unchanged, revision ").count() == 11, "{told}");
    assert_eq!(digests(&place), before);
    // The files that the project keeps are the same content, in another hand.
    assert_eq!(good(&desk.lessons(&["import", crate::harness::root().join("lessons").to_str().unwrap()])), "nothing changed\n");
});

/// A text block of several paragraphs in the lesson that is edited here: its id, and its last line.
fn long_text() -> (String, String) {
    let blocks = curriculum().lessons.remove(0).lesson.blocks;
    let found = blocks.into_iter().find_map(|block| match block {
        waymark::lessons::format::AuthoredBlock::Text { id, text } if text["en"].contains('\n') => Some((id, text["en"].clone())),
        _ => None,
    });
    let (id, text) = found.unwrap();
    (id, text.lines().last().unwrap().to_owned())
}

/// The revision of the lesson that is edited here.
fn revision() -> i32 {
    curriculum().lessons[0].lesson.revision
}

both!(a_changed_lesson_is_shown_and_published, |place: Place| {
    let stage = place.serve_with(|config| config.lessons = Lessons::BuiltIn, waymark::clock::Clock::system());
    let desk = Desk::at(&place);
    let before = digests(&place);
    good(&desk.lessons(&["export", "out"]));
    let (quiz, lesson) = (format!("out/{}/quiz.yaml", slug()), format!("out/{}/lesson.yaml", slug()));
    desk.edit(&quiz, "  pass_mark: 0.8\n", "  pass_mark: 0.75\n");
    let text = &curriculum().lessons[0].lesson.title["en"];
    desk.edit(&lesson, &format!("  en: {text}\n"), "  en: \"Three: words, changed\"\n");
    // A sentence more at the end of a text of several lines.
    let (block, last) = long_text();
    desk.edit(&lesson, &format!("{last}\n"), &format!("{last} One more sentence.\n"));
    // Its revision was not raised.
    let why = bad(&desk.lessons(&["import", "out"]), 1);
    assert!(why.contains(&format!("the lesson {}", slug())) && why.contains(&format!("raise it to {}", revision() + 1)), "{why}");
    let refused = desk.lessons(&["import", "out", "--dry-run"]);
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
    assert!(out(&refused).contains("pass_mark: 0.8 -> 0.75") && err(&refused).contains("raise it to"), "{}", out(&refused));
    assert_eq!(digests(&place), before);
    // Raised: first only shown.
    desk.raise(&lesson, revision());
    let shown = desk.lessons(&["import", "out", "--dry-run"]);
    assert_eq!(shown.status.code(), Some(1), "{}", err(&shown));
    let told = out(&shown);
    for line in [
        &format!("lesson {}: changed, revision {} -> {}", slug(), revision(), revision() + 1),
        "  quiz / policy / pass_mark: 0.8 -> 0.75",
        &format!("  lesson / title / en: \"{text}\" -> \"Three: words, changed\""),
        &format!("  lesson / block {block} / text / en: text changed\n"),
        "    + One more sentence.",
        "would change: 1, unchanged: 10",
    ] {
        assert!(told.contains(line), "{line}\nis not in\n{told}");
    }
    assert!(!told.contains('\u{1b}'), "no colours where nobody looks");
    assert_eq!(digests(&place), before, "nothing changed by being looked at");
    // Then imported, while the service runs.
    let told = good(&desk.lessons(&["import", "out"]));
    assert!(told.ends_with("imported: 1, unchanged: 10\n"), "{told}");
    assert_eq!(good(&desk.lessons(&["import", "out"])), "nothing changed\n");
    let token = stage.token("lessons:read");
    eventually("the service shows it", || async {
        let answer = stage.get(&format!("/v1/lessons/{}?language=en", slug())).token(&token).send().await.ok();
        (answer.json()["title"] == "Three: words, changed").then_some(())
    })
    .await;
    assert_eq!(digests(&place)[&slug()].len(), 2, "the older version stays");
    // What the project's folder holds is older now, and says so.
    let older = bad(&desk.lessons(&["import", crate::harness::root().join("lessons").to_str().unwrap()]), 1);
    assert!(older.contains(&format!("this is what revision {} was", revision())), "{older}");
});

both!(one_error_refuses_it_all, |place: Place| {
    let desk = Desk::at(&place);
    desk.make_database();
    let before = digests(&place);
    good(&desk.lessons(&["export", "out"]));
    // A sound change of the first lesson, and a fault in the last.
    desk.edit(&format!("out/{}/quiz.yaml", slug()), "  pass_mark: 0.8\n", "  pass_mark: 0.75\n");
    desk.raise(&format!("out/{}/lesson.yaml", slug()), revision());
    let last = curriculum().course.lessons.last().unwrap().clone();
    desk.edit(&format!("out/{last}/quiz.yaml"), "  pass_mark: 0.8\n", "  pass_mark: 8\n");
    let why = bad(&desk.lessons(&["import", "out"]), 1);
    assert!(why.contains(&format!("{last}/quiz.yaml")) && why.contains("[policy]") && why.contains("1 errors"), "{why}");
    // A file without its shape is named with its line.
    desk.edit(&format!("out/{last}/quiz.yaml"), "  pass_mark: 8\n", "  passmark: 0.8\n");
    let why = bad(&desk.lessons(&["import", "out"]), 1);
    assert!(why.contains(&format!("{last}/quiz.yaml:")) && why.contains("passmark") && why.contains("[shape]"), "{why}");
    assert_eq!(desk.lessons(&["import", "out", "--dry-run"]).status.code(), Some(2));
    assert_eq!(digests(&place), before);
});

both!(one_lesson_goes_out_and_back, |place: Place| {
    let desk = Desk::at(&place);
    desk.make_database();
    good(&desk.lessons(&["export", "one", "--lesson", &slug()]));
    let expected: Vec<String> = ["exercise", "lesson", "quiz"].iter().map(|name| format!("{}/{name}.yaml", slug())).collect();
    assert_eq!(names(&desk.file("one")), expected);
    assert_eq!(good(&desk.lessons(&["import", "one"])), "nothing changed\n");
    desk.edit(&format!("one/{}/quiz.yaml", slug()), "  pass_mark: 0.8\n", "  pass_mark: 0.75\n");
    desk.raise(&format!("one/{}/lesson.yaml", slug()), revision());
    let told = good(&desk.lessons(&["import", "one"]));
    assert!(told.contains(&format!("lesson {}: changed", slug())) && told.ends_with("imported: 1, unchanged: 10\n"), "{told}");
    let why = bad(&desk.lessons(&["export", "two", "--lesson", "no-such-lesson"]), 1);
    assert!(why.contains("no-such-lesson") && why.contains(&slug()), "{why}");
});

both!(a_tenant_has_its_own, |place: Place| {
    let desk = Desk::at(&place);
    desk.make_database();
    let before = digests(&place);
    good(&run(desk.directory.path(), &["tenant", "create", "acme", "--database-url", &desk.url]));
    good(&desk.lessons(&["export", "out"]));
    desk.edit(&format!("out/{}/quiz.yaml", slug()), "  pass_mark: 0.8\n", "  pass_mark: 0.75\n");
    // In a tenant of its own it is new, so no revision has to be raised.
    let told = good(&desk.lessons(&["import", "out", "--tenant", "acme"]));
    assert!(told.ends_with("imported: 11, unchanged: 0\n"), "{told}");
    assert_eq!(good(&desk.lessons(&["import", "out", "--tenant", "acme"])), "nothing changed\n");
    assert_eq!(digests(&place), before, "what all tenants read is as it was");
    good(&desk.lessons(&["export", "again", "--tenant", "acme"]));
    let read = |name: &str| source::on_disk(&desk.file(name)).unwrap();
    assert_eq!(read("out"), read("again"), "export gives the same files each time, but for the one edit");
    let why = bad(&desk.lessons(&["import", "out", "--tenant", "nobody"]), 1);
    assert!(why.contains("nobody"), "{why}");
});

both!(an_export_leaves_nothing_half_done, |place: Place| {
    let desk = Desk::at(&place);
    desk.make_database();
    std::fs::create_dir(desk.file("out")).unwrap();
    good(&desk.lessons(&["export", "out"]));
    std::fs::write(desk.file("out/notes.txt"), "mine").unwrap();
    std::fs::write(desk.file("out/course.yaml"), "spoilt").unwrap();
    let why = bad(&desk.lessons(&["export", "out"]), 1);
    assert!(why.contains("--force"), "{why}");
    assert_eq!(std::fs::read_to_string(desk.file("out/course.yaml")).unwrap(), "spoilt");
    good(&desk.lessons(&["export", "out", "--force"]));
    assert_eq!(std::fs::read_to_string(desk.file("out/notes.txt")).unwrap(), "mine");
    assert_eq!(good(&desk.lessons(&["import", "out"])), "nothing changed\n");
    // A place that cannot be written: nothing is left there.
    std::fs::write(desk.file("file"), "a file").unwrap();
    for target in ["file", "file/below"] {
        let why = bad(&desk.lessons(&["export", target, "--force"]), 1);
        assert!(why.contains("file"), "{why}");
    }
    let left: Vec<String> = std::fs::read_dir(desk.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(std::fs::read_to_string(desk.file("file")).unwrap(), "a file");
});

#[test]
fn on_a_database_without_that_course_everything_is_new() {
    let directory = tempfile::tempdir().unwrap();
    let folder = crate::harness::root().join("lessons");
    let dry = ["lessons", "import", folder.to_str().unwrap(), "--dry-run", "--tenant", "new"];
    good(&run(directory.path(), &["migrate"]));
    good(&run(directory.path(), &["tenant", "create", "new"]));
    let told = run(directory.path(), &dry);
    assert_eq!(told.status.code(), Some(1), "{}", err(&told));
    assert!(out(&told).ends_with("would change: 11, unchanged: 0\n"), "{}", out(&told));
    let why = bad(&run(directory.path(), &["lessons", "export", "out", "--tenant", "new"]), 1);
    assert!(why.contains("no course is published"), "{why}");
    let help = good(&run(directory.path(), &["lessons", "import", "--help"]));
    assert!(help.contains("0 nothing would change, 1 something"), "{help}");
}

/// Texts that YAML would read as something else, in a course of their own.
fn odd() -> Curriculum {
    const ODD: &[&str] = &[
        "no",
        "1.0",
        "2026-11-23",
        "12:30",
        "null",
        "~",
        "a: b",
        "- a",
        "# a",
        "a #b",
        "'",
        "\"",
        "`a`",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "|",
        ">",
        "  leading",
        "trailing  ",
        "two\nlines",
        "ends in a line feed\n",
        "ends in two\n\n",
        "\n",
        "\nstarts",
        "  indented\nthen not",
        "tab\tin it",
        "\ttab first",
        "carriage\r\nreturn",
        "emoji \u{1f9ed}",
        "e\u{301}",
        "\u{2028}",
        "\u{feff}",
        "\u{7f}",
        "---",
        "...",
        "{a}",
        "[a]",
        "a,b",
        "? a",
        "<<",
        "=",
        "0x1f",
        "1_000",
        "+1",
        ".5",
        ".nan",
        "yes",
    ];
    let mut curriculum = crate::harness::curriculum();
    let words = "some words ".repeat(20);
    let texts = ODD.iter().flat_map(|odd| [(*odd).to_owned(), format!("{words}{odd}"), format!("{odd}{words}")]);
    let term = |(i, text): (usize, String)| Term {
        id: format!("odd-{i}"),
        term: [("en".to_owned(), text.clone())].into(),
        definition: [("en".to_owned(), text)].into(),
        see: Vec::new(),
        lessons: Vec::new(),
    };
    curriculum.glossary = Some(AuthoredGlossary { terms: texts.enumerate().map(term).collect() });
    curriculum.course.slug = "odd".to_owned();
    curriculum
}

both!(odd_texts_come_back_as_they_were, |place: Place| {
    place.serve().stop();
    let now = waymark::clock::Clock::system().now();
    place.transaction(move |conn| publish::publish_curriculum(conn, Id::NIL, &odd(), now)).unwrap();
    let changes = place.db(|conn| {
        let kept = exchange::read_published(conn, Id::NIL)?;
        let files = folder::files(&kept.curriculum(Some("odd")).unwrap(), &[]).unwrap();
        Ok(Plan::of(&kept, &source::parse_curriculum(&files).unwrap()).changes())
    });
    assert_eq!(changes, 0);
});
