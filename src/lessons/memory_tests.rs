use super::*;
use crate::db::types::Time;
use crate::lessons::format::CourseFile;
use crate::lessons::source::{self, CourseContent, Curriculum, LessonContent};

const SHARED: &str = "safety-classifiers-and-refusals";

fn curriculum() -> Curriculum {
    source::parse_curriculum(&source::embedded_curriculum()).unwrap()
}

fn tenant(n: u128) -> Id {
    Id(uuid::Uuid::from_u128(n))
}

/// A lesson of this slug and revision, with the first lesson's content.
fn lesson(slug: &str, revision: i32) -> LessonContent {
    let mut content = curriculum().lessons.remove(0);
    content.lesson.slug = slug.to_owned();
    content.lesson.aliases = vec![format!("{slug}-alias")];
    content.lesson.revision = revision;
    content
}

fn stored(owner: Id, content: LessonContent) -> StoredVersion {
    let digest = format!("{owner}/{}/{}", content.lesson.slug, content.lesson.revision);
    StoredVersion { owner, digest, published_at: Time(0), content, size: 0 }
}

fn news(generation: i64, courses: Vec<(Id, CourseFile)>, versions: Vec<StoredVersion>) -> News {
    let course = |(owner, course): (Id, CourseFile)| {
        let digest = format!("{owner}/{}/{}", course.slug, course.revision);
        StoredCourse { owner, digest, content: CourseContent { course, glossary: None, field_guide: None } }
    };
    News { generation, courses: courses.into_iter().map(course).collect(), versions, withdrawn: Vec::new() }
}

/// The first two lessons of the program, at generation 1.
fn program() -> (Catalogues, (Id, CourseFile)) {
    let mut curriculum = curriculum();
    curriculum.lessons.truncate(2);
    curriculum.course.lessons.truncate(2);
    let catalogues = Catalogues::new(Iris("https://waymark.example".to_owned()));
    let course = (Id::NIL, curriculum.course);
    let versions = curriculum.lessons.into_iter().map(|content| stored(Id::NIL, content));
    catalogues.take(news(1, vec![course.clone()], versions.collect()));
    (catalogues, course)
}

#[test]
fn a_tenant_reads_its_own_beside_the_built_in_ones_and_nobody_else_does() {
    let (catalogues, course) = program();
    let (acme, other) = (tenant(1), tenant(2));
    let own = CourseFile { slug: "house".to_owned(), lessons: vec!["gateway".to_owned(), SHARED.to_owned()], ..course.1.clone() };
    catalogues.take(news(2, vec![course, (acme, own)], vec![stored(acme, lesson("gateway", 1))]));
    let (here, there) = (catalogues.of(acme), catalogues.of(other));
    assert_eq!(here.filtered_slug("gateway-alias").unwrap(), "gateway");
    assert!(there.lesson("gateway").is_none() && there.lesson("gateway-alias").is_none() && there.course("house").is_none());
    let version = here.lesson("gateway").unwrap();
    assert!(there.by_digest(&version.digest).is_none());
    assert_eq!(version.course.as_deref(), Some("house"));
    assert_eq!(version.iris.lesson("gateway"), format!("https://waymark.example/tenants/{acme}/lessons/gateway"));
    assert!(Arc::ptr_eq(here.lesson(SHARED).unwrap(), there.lesson(SHARED).unwrap()), "one copy for all");
    let pages = |catalogue: &Catalogue| std::ptr::from_ref(catalogue.course_pages("reading-refusals").unwrap());
    assert_eq!(pages(&here), pages(&there), "rendered once");
    assert!(here.course_pages("house").is_some() && there.course_pages("house").is_none());
    assert_eq!(here.courses().map(|one| one.slug.as_str()).collect::<Vec<_>>(), ["reading-refusals", "house"]);
    assert_eq!(here.lesson(SHARED).unwrap().course.as_deref(), Some("reading-refusals"));
}

#[test]
fn what_is_here_is_kept_as_it_is() {
    let (catalogues, course) = program();
    let acme = tenant(1);
    catalogues.take(news(2, vec![course.clone()], vec![stored(acme, lesson("gateway", 1))]));
    let before = (catalogues.of(acme), catalogues.of(Id::NIL));
    catalogues.take(news(3, vec![course.clone()], vec![stored(tenant(2), lesson("gateway", 1))]));
    let after = (catalogues.of(acme), catalogues.of(Id::NIL));
    assert!(Arc::ptr_eq(&before.0, &after.0) && Arc::ptr_eq(&before.1, &after.1), "another tenant's is no change here");
    catalogues.take(news(4, vec![course], vec![stored(acme, lesson("gateway", 2)), stored(acme, lesson("gateway", 1))]));
    let now = catalogues.of(acme);
    assert_eq!(now.versions_of("gateway").iter().map(|v| v.content.lesson.revision).collect::<Vec<_>>(), [2, 1]);
    assert!(Arc::ptr_eq(&now.versions_of("gateway")[1], after.0.lesson("gateway").unwrap()));
}

#[test]
fn what_was_read_earlier_never_replaces_what_was_read_later() {
    let (catalogues, course) = program();
    let acme = tenant(1);
    catalogues.take(news(3, vec![course.clone()], vec![stored(acme, lesson("gateway", 2))]));
    catalogues.take(news(2, vec![course], Vec::new()));
    assert_eq!(catalogues.at(acme).0, 3);
    assert!(catalogues.of(acme).lesson("gateway").is_some());
}

#[test]
fn a_tenant_s_lesson_keeps_its_name_when_a_release_brings_that_name() {
    let (catalogues, course) = program();
    let acme = tenant(1);
    catalogues.take(news(2, vec![course.clone()], vec![stored(acme, lesson("gateway", 1))]));
    catalogues.take(news(3, vec![course], vec![stored(Id::NIL, lesson("gateway", 5))]));
    let (here, there) = (catalogues.of(acme), catalogues.of(tenant(2)));
    assert_eq!((here.lesson("gateway").unwrap().owner, there.lesson("gateway").unwrap().owner), (acme, Id::NIL));
    assert_eq!(here.versions_of("gateway").len(), 1, "the versions of two lessons are not mixed");
    let other = &there.lesson("gateway").unwrap().digest;
    assert!(here.version("gateway", other).is_none() && here.by_digest(other).is_some());
}
