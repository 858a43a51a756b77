//! Rosters of other systems: OneRoster files and simple lists become cohorts.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waymark::issuers::staff_id_of;
use waymark::packages::zip::write_zip;

use crate::flow::{pupil, put, read, together};
use crate::harness::{Answer, Stage};
use crate::learners::second_tenant;

const SYSTEM: &str = "https://sis.example.edu";
const MANIFEST: &str = "propertyName,value\r\nmanifest.version,1.0\r\noneroster.version,1.2\r\nfile.users,bulk\r\n";
const USERS: &str = "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName\r\n\
    u-1,active,,true,ada,Ada,\"Lovelace, née Byron\"\r\nu-2,,,true,ben,Ben,\r\nt-1,active,,true,teach,Grace,Hopper\r\n";
const CLASSES: &str = "sourcedId,status,dateLastModified,title\r\nc-1,active,,\"7b \"\"blue\"\"\"\r\nc-2,active,,8a\r\n";
const ENROLLMENTS: &str = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary\r\n\
    e-1,active,,c-1,s,u-1,student,\r\ne-2,active,,c-1,s,u-2,student,\r\ne-3,active,,c-1,s,t-1,teacher,true\r\ne-4,,,c-2,s,u-2,student,\r\n";

fn files() -> BTreeMap<String, Vec<u8>> {
    let all = [("manifest.csv", MANIFEST), ("users.csv", USERS), ("classes.csv", CLASSES), ("enrollments.csv", ENROLLMENTS)];
    all.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect()
}

async fn send(stage: &Stage, token: &str, media: &str, body: Vec<u8>) -> Answer {
    let call = stage.post(&format!("/v1/cohorts/import?system={SYSTEM}")).token(token);
    call.header("content-type", media).body(body).send().await
}

async fn import(stage: &Stage, files: &BTreeMap<String, Vec<u8>>) -> Value {
    send(stage, &stage.full_token(), "application/zip", write_zip(files).unwrap()).await.ok().json()
}

async fn list(stage: &Stage, rows: &str) -> Value {
    let text = format!("cohort,learner_system,learner_id,role,status\n{rows}");
    send(stage, &stage.full_token(), "text/csv", text.into_bytes()).await.ok().json()
}

fn counts(answer: &Value) -> Vec<i64> {
    let names = [
        "cohorts_made",
        "cohorts_changed",
        "cohorts_deleted",
        "learners_added",
        "learners_removed",
        "instructors_added",
        "instructors_removed",
    ];
    names.iter().map(|name| answer["counts"][name].as_i64().unwrap()).collect()
}

/// The learners' names and the number of instructors of each cohort, by its external id.
async fn standing(stage: &Stage) -> BTreeMap<String, (String, Vec<String>, usize)> {
    let token = stage.full_token();
    let mut all = BTreeMap::new();
    let page = read(stage, &token, "/v1/cohorts?limit=200").await.ok().json();
    for cohort in page["items"].as_array().unwrap() {
        let path = format!("/v1/cohorts/{}/learners?limit=200", cohort["id"].as_str().unwrap());
        let learners = read(stage, &token, &path).await.ok().json();
        let names = learners["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap_or("-").to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        let name = cohort["name"].as_str().unwrap().to_owned();
        all.insert(
            cohort["external_id"].as_str().unwrap().to_owned(),
            (name, names, cohort["instructors"].as_array().unwrap().len()),
        );
    }
    all
}

both!(a_roster_makes_cohorts_learners_and_instructors, |stage| {
    let first = import(&stage, &files()).await;
    assert_eq!((counts(&first), &first["refused"], &first["refused_rows"]), (vec![2, 0, 0, 3, 0, 1, 0], &json!([]), &json!(0)));
    let text = |text: &str| text.to_owned();
    let wanted = BTreeMap::from([
        (text("c-1"), (text("7b \"blue\""), vec![text("Ada Lovelace, née Byron"), text("Ben")], 1)),
        (text("c-2"), (text("8a"), vec![text("Ben")], 0)),
    ]);
    assert_eq!(standing(&stage).await, wanted);
    // The same again, with a byte order mark and plain line ends too, changes nothing.
    let other_form = files().into_iter().map(|(name, bytes)| {
        let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        (name, format!("\u{feff}{text}").into_bytes())
    });
    for again in [files(), other_form.collect()] {
        assert_eq!(counts(&import(&stage, &again).await), [0; 7]);
        assert_eq!(standing(&stage).await, wanted);
    }
    // The learner is the one that others know by this identity; the teacher is who signs in by the issuer of this name.
    let learner = read(&stage, &stage.full_token(), &format!("/v1/learners?system={SYSTEM}&identity=u-1")).await.ok().json();
    let ada = learner["items"][0]["id"].as_str().unwrap();
    let teacher = stage.staff_token(staff_id_of(stage.tenant, SYSTEM, "t-1"), "learners:read");
    read(&stage, &teacher, &format!("/v1/learners/{ada}")).await.ok();
    assert_eq!(read(&stage, &teacher, "/v1/learners").await.ok().json()["items"].as_array().unwrap().len(), 2);
    // Names follow.
    let mut renamed = files();
    renamed.insert(text("classes.csv"), CLASSES.replace("8a", "8b").into_bytes());
    assert_eq!(counts(&import(&stage, &renamed).await), [0, 1, 0, 0, 0, 0, 0]);
    assert_eq!(standing(&stage).await["c-2"].0, "8b");
    // Another tenant's roster of the same names is its own.
    let (tenant, client) = second_tenant(&stage);
    let foreign =
        stage.issue(tenant, client, waymark::auth::Principal::Client(client), &waymark::auth::Scopes::all().to_string());
    let theirs = send(&stage, &foreign, "application/zip", write_zip(&files()).unwrap()).await.ok().json();
    assert_eq!(counts(&theirs), [2, 0, 0, 3, 0, 1, 0]);
});

both!(what_cannot_be_taken_is_named_and_the_rest_is_taken, |stage| {
    let mut broken = files();
    let users = format!("{USERS},active,,true,nobody,No,Body\r\nu-9,maybe,,true,x,X,Y\r\nu-10,active\r\n");
    let classes = format!("{CLASSES}c-3,active,,\r\n");
    let enrollments = format!(
        "{ENROLLMENTS}e-5,active,,c-1,s,u-1,proctor,\r\ne-6,active,,c-9,s,u-1,student,\r\ne-7,active,,c-1,s,u-9,student,\r\n\
         e-8,active,,c-3,s,u-1,student,\r\ne-9,active,,c-2,s,u-1,student,\r\n"
    );
    for (name, text) in [("users.csv", users), ("classes.csv", classes), ("enrollments.csv", enrollments)] {
        broken.insert(name.to_owned(), text.into_bytes());
    }
    let answer = import(&stage, &broken).await;
    let refused: Vec<Value> =
        answer["refused"].as_array().unwrap().iter().map(|row| json!([row["file"], row["line"], row["field"]])).collect();
    let wanted = [
        json!(["users.csv", 5, "sourcedId"]),
        json!(["users.csv", 6, "status"]),
        json!(["users.csv", 7, null]),
        json!(["classes.csv", 4, "title"]),
        json!(["enrollments.csv", 6, "role"]),
        json!(["enrollments.csv", 8, "userSourcedId"]),
        json!(["enrollments.csv", 7, "classSourcedId"]),
        json!(["enrollments.csv", 9, "classSourcedId"]),
    ];
    assert_eq!((refused.as_slice(), &answer["refused_rows"]), (wanted.as_slice(), &json!(8)), "{answer}");
    assert!(answer["refused"].as_array().unwrap().iter().all(|row| row["reason"].as_str().unwrap().len() > 10));
    assert_eq!(counts(&answer), [2, 0, 0, 4, 0, 1, 0]);
    // A learner who is deactivated is refused by name, and stays as it is.
    let gone = pupil(&stage, "gone").await;
    let own = read(&stage, &stage.full_token(), &format!("/v1/learners/{}", gone.id)).await.ok().json();
    let system = own["identities"][0]["system"].as_str().unwrap();
    stage.post(&format!("/v1/learners/{}/deactivate", gone.id)).token(&stage.full_token()).send().await.ok();
    let answer = list(&stage, &format!("7b,{system},gone,student,\n7b,{system},there,student,\n")).await;
    assert_eq!((&answer["refused"][0]["line"], &answer["refused"][0]["field"]), (&json!(2), &json!("learner_id")));
    assert_eq!((counts(&answer), &answer["refused_rows"]), (vec![1, 0, 0, 1, 0, 0, 0], &json!(1)));
});

both!(what_is_to_be_deleted_is_taken_out, |stage| {
    import(&stage, &files()).await;
    let with = |name: &str, from: &str, old: &str, new: &str| {
        let mut files = files();
        files.insert(name.to_owned(), from.replace(old, new).into_bytes());
        files
    };
    let gone = with("enrollments.csv", ENROLLMENTS, "e-2,active", "e-2,tobedeleted");
    for wanted in [[0, 0, 0, 0, 1, 0, 0], [0; 7]] {
        assert_eq!(counts(&import(&stage, &gone).await), wanted);
    }
    // One row takes out, another one puts in, in whichever order they stand.
    let both = format!("{ENROLLMENTS}e-9,tobedeleted,,c-1,s,u-1,student,\r\n");
    let both = with("enrollments.csv", &both, "-", "-");
    import(&stage, &both).await;
    assert_eq!(standing(&stage).await["c-1"].1.len(), 2);
    // A user who is gone is in no cohort, and rows that say otherwise are refused.
    let answer = import(&stage, &with("users.csv", USERS, "u-2,,", "u-2,tobedeleted,")).await;
    assert_eq!((counts(&answer)[4], &answer["refused_rows"]), (2, &json!(2)), "{answer}");
    let answer = import(&stage, &with("users.csv", USERS, "t-1,active", "t-1,tobedeleted")).await;
    assert_eq!(counts(&answer)[6], 1, "{answer}");
    let answer = import(&stage, &with("classes.csv", CLASSES, "c-2,active", "c-2,tobedeleted")).await;
    assert_eq!((counts(&answer)[2], standing(&stage).await.keys().cloned().collect::<Vec<_>>()), (1, vec!["c-1".to_owned()]));
    // Learners stay, whatever became of their classes.
    assert_eq!(
        read(&stage, &stage.full_token(), &format!("/v1/learners?system={SYSTEM}")).await.ok().json()["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let rows = format!("c-1,{SYSTEM},u-1,student,tobedeleted\nnone,{SYSTEM},u-1,student,tobedeleted\n");
    let answer = list(&stage, &rows).await;
    assert_eq!(counts(&answer)[4], 1, "{answer}");
});

both!(a_file_that_is_no_roster_is_refused_as_a_whole, |stage| {
    let token = stage.full_token();
    let without = |name: &str, text: Option<&str>| {
        let mut files = files();
        files.remove(name);
        if let Some(text) = text {
            files.insert(name.to_owned(), text.as_bytes().to_vec());
        }
        write_zip(&files).unwrap()
    };
    for (media, body) in [
        ("application/zip", b"PK no zip".to_vec()),
        ("application/zip", Vec::new()),
        ("application/zip", without("enrollments.csv", None)),
        ("application/zip", without("manifest.csv", None)),
        ("application/zip", without("manifest.csv", Some("propertyName,value\noneroster.version,2.0\n"))),
        ("application/zip", without("users.csv", Some("id,status\n"))),
        ("application/zip", without("classes.csv", Some(""))),
        ("text/csv", b"".to_vec()),
        ("text/csv", b"a,b\n1,2\n".to_vec()),
        ("text/csv; charset=utf-8", b"cohort,learner_system,learner_id\n".to_vec()),
        ("text/csv", b"\xff\xfe,learner_system,learner_id,role\n".to_vec()),
    ] {
        let answer = send(&stage, &token, media, body.clone()).await;
        answer.problem(422, "package_refused");
    }
    send(&stage, &token, "application/json", b"{}".to_vec()).await.problem(415, "unsupported_media_type");
    send(&stage, &token, "text/csv", vec![b'x'; (8 << 20) + 1]).await.problem(413, "body_too_large");
    let call = stage.post("/v1/cohorts/import").token(&token).header("content-type", "text/csv").body("x");
    call.send().await.problem(400, "invalid_parameter");
    let refused = send(&stage, &stage.token("cohorts:write"), "text/csv", b"x".to_vec()).await;
    assert_eq!(refused.problem(403, "insufficient_scope")["params"]["scope"], "learners:write");
    let staff = stage.staff_token(stage.clean_id(), "cohorts:write learners:write");
    assert_eq!(
        send(&stage, &staff, "text/csv", b"x".to_vec()).await.problem(403, "insufficient_scope")["params"]["scope"],
        "learners:all"
    );
    stage.get("/v1/cohorts/import").token(&token).send().await.problem(405, "method_not_allowed");
    assert_eq!(standing(&stage).await.len(), 0);
});

both!(a_file_of_no_named_kind_is_looked_at, |stage| {
    let token = stage.full_token();
    let packed = send(&stage, &token, "application/octet-stream", write_zip(&files()).unwrap()).await.ok().json();
    assert_eq!(counts(&packed), [2, 0, 0, 3, 0, 1, 0]);
    let rows = format!("cohort,learner_system,learner_id,role\nc-9,{SYSTEM},u-9,student\n");
    let plain = send(&stage, &token, "application/octet-stream", rows.into_bytes()).await.ok().json();
    assert_eq!(counts(&plain), [1, 0, 0, 1, 0, 0, 0]);
    send(&stage, &token, "application/json", b"{}".to_vec()).await.problem(415, "unsupported_media_type");
});

both!(rosters_at_the_same_moment_leave_what_one_leaves, |stage| {
    let token = stage.full_token();
    let packed = write_zip(&files()).unwrap();
    let all = together((0..4).map(|_| send(&stage, &token, "application/zip", packed.clone()))).await;
    let mut sum = vec![0; 7];
    for answer in &all {
        assert_eq!(answer.status, 200, "{}", answer.text());
        sum.iter_mut().zip(counts(&answer.json())).for_each(|(sum, one)| *sum += one);
    }
    assert_eq!(sum, [2, 0, 0, 3, 0, 1, 0]);
    let standing = standing(&stage).await;
    assert_eq!((standing["c-1"].1.len(), standing["c-1"].2, standing["c-2"].1.len()), (2, 1, 1));
    // More rows than one transaction takes.
    let rows: String = (0..250).map(|n| format!("big,{SYSTEM},many-{n},student,\n")).collect();
    assert_eq!(counts(&list(&stage, &rows).await), [1, 0, 0, 250, 0, 0, 0]);
    assert_eq!(counts(&list(&stage, &rows).await), [0; 7]);
    put(&stage, &token, &crate::cohorts::new_cohort(), &json!({"name": "by hand"})).await.is(201);
});
