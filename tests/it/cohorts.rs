//! Cohorts: groups of learners, who is in them, who reaches whom by them.

use serde_json::{Value, json};

use crate::flow::{Pupil, post, pupil, put, read, together};
use crate::harness::{Answer, Stage};
use crate::learners::second_tenant;

pub fn new_cohort() -> String {
    format!("/v1/cohorts/{}", uuid::Uuid::new_v4())
}

/// Makes a cohort with these learners and instructors; gives its path.
pub async fn cohort(stage: &Stage, learners: &[&Pupil], instructors: &[String]) -> String {
    let (token, path) = (stage.full_token(), new_cohort());
    put(stage, &token, &path, &json!({"name": "7b"})).await.is(201);
    for learner in learners {
        put(stage, &token, &format!("{path}/learners/{}", learner.id), &Value::Null).await.is(204);
    }
    for person in instructors {
        put(stage, &token, &format!("{path}/instructors/{person}"), &Value::Null).await.is(204);
    }
    path
}

async fn delete(stage: &Stage, token: &str, path: &str) -> Answer {
    stage.call("DELETE", path).token(token).send().await
}

async fn members(stage: &Stage, path: &str) -> Vec<String> {
    let page = read(stage, &stage.full_token(), &format!("{path}/learners?limit=200")).await.ok().json();
    page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

both!(a_cohort_is_made_read_changed_and_deleted, |stage| {
    let token = stage.full_token();
    let path = new_cohort();
    let due = json!([{"lesson": "one", "due_at": "2026-12-18T22:59:59Z"}]);
    let body = json!({"name": "7b", "system": "sis", "external_id": "c-7b", "due": due});
    let made = put(&stage, &token, &path, &body).await.is(201);
    assert_eq!((made.header("location"), made.header("etag")), (path.as_str(), "\"1\""));
    let shown = made.json();
    assert_eq!((&shown["name"], &shown["due"][0]["due_at"]), (&json!("7b"), &json!("2026-12-18T22:59:59.000000Z")));
    // The same again, as often as one likes.
    assert_eq!(put(&stage, &token, &path, &body).await.is(200).json(), shown);
    assert_eq!(read(&stage, &token, &path).await.ok().json(), shown);
    stage.get(&path).token(&token).header("if-none-match", "\"1\"").send().await.is(304);
    let change = |tag: Option<&'static str>, body: Value| {
        let call = stage.call("PUT", &path).token(&token).json(&body);
        let call = if let Some(tag) = tag { call.header("if-match", tag) } else { call };
        async move { call.send().await }
    };
    let other = json!({"name": "7c"});
    change(None, other.clone()).await.problem(428, "precondition_required");
    change(Some("\"7\""), other.clone()).await.problem(412, "precondition_failed");
    let changed = change(Some("\"1\""), other.clone()).await.is(200).json();
    assert_eq!(
        (&changed["name"], &changed["system"], &changed["due"], &changed["revision"]),
        (&json!("7c"), &Value::Null, &json!([]), &json!(2))
    );
    let absent = stage.call("PUT", &new_cohort()).token(&token).header("if-match", "*").json(&other).send().await;
    absent.problem(412, "precondition_failed");
    // What another system calls it is one cohort's.
    let (first, second) = (new_cohort(), new_cohort());
    put(&stage, &token, &first, &body).await.is(201);
    let taken = put(&stage, &token, &second, &body).await;
    assert_eq!(taken.problem(409, "id_unavailable")["params"]["pointer"], "/external_id");
    change(Some("*"), body.clone()).await.problem(409, "id_unavailable");
    delete(&stage, &token, &first).await.is(204);
    delete(&stage, &token, &first).await.problem(404, "not_found");
    put(&stage, &token, &second, &body).await.is(201);
    let listed = read(&stage, &token, "/v1/cohorts?limit=1").await.ok();
    let next = listed.json()["next_cursor"].as_str().unwrap().to_owned();
    let rest = read(&stage, &token, &format!("/v1/cohorts?limit=1&cursor={next}")).await.ok().json();
    let seen: std::collections::BTreeSet<String> =
        [&listed.json(), &rest].iter().map(|page| page["items"][0]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((seen.len(), &rest["next_cursor"]), (2, &Value::Null));
});

both!(what_is_wrong_with_a_cohort_is_said_at_its_place, |stage| {
    let token = stage.full_token();
    for (body, pointer) in [
        (json!({"name": ""}), "/name"),
        (json!({"name": "x".repeat(201)}), "/name"),
        (json!({"name": "a\u{7}"}), "/name"),
        (json!({"name": 7}), "/name"),
        (json!({}), ""),
        (json!({"name": "7b", "colour": "red"}), "/colour"),
        (json!({"name": "7b", "system": "sis"}), "/external_id"),
        (json!({"name": "7b", "external_id": "1"}), "/external_id"),
        (json!({"name": "7b", "system": "", "external_id": "1"}), "/system"),
        (json!({"name": "7b", "due": [{"lesson": "One", "due_at": "2026-12-18T22:59:59Z"}]}), "/due/0/lesson"),
        (json!({"name": "7b", "due": [{"lesson": "one", "due_at": "Friday"}]}), "/due/0/due_at"),
        (json!({"name": "7b", "due": [{"lesson": "one"}]}), "/due/0"),
        (json!({"name": "7b", "due": vec![json!({"lesson": "one", "due_at": "2026-12-18T22:59:59Z"}); 2]}), "/due/1/lesson"),
    ] {
        let answer = put(&stage, &token, &new_cohort(), &body).await;
        let problem = answer.problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    for path in ["/v1/cohorts/x", "/v1/cohorts/x/learners", "/v1/cohorts?limit=0", "/v1/cohorts?cursor=AAAA"] {
        assert_eq!(read(&stage, &token, path).await.status, 400, "{path}");
    }
    let group = cohort(&stage, &[], &[]).await;
    for path in ["learners/x", "instructors/x"] {
        put(&stage, &token, &format!("{group}/{path}"), &Value::Null).await.problem(400, "invalid_parameter");
        delete(&stage, &token, &format!("{group}/{path}")).await.problem(400, "invalid_parameter");
    }
});

both!(learners_and_instructors_come_and_go, |stage| {
    let token = stage.full_token();
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let group = cohort(&stage, &[&ada, &ada, &ben], &[]).await;
    let mut both = vec![ada.id.to_string(), ben.id.to_string()];
    both.sort();
    assert_eq!(members(&stage, &group).await, both);
    let page = read(&stage, &token, &format!("{group}/learners?limit=1")).await.ok().json();
    let next = page["next_cursor"].as_str().unwrap();
    let rest = read(&stage, &token, &format!("{group}/learners?limit=1&cursor={next}")).await.ok().json();
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&json!(both[1]), &Value::Null));
    // A cursor belongs to its cohort.
    let other = cohort(&stage, &[], &[]).await;
    read(&stage, &token, &format!("{other}/learners?cursor={next}")).await.problem(400, "invalid_cursor");
    for _ in 0..2 {
        delete(&stage, &token, &format!("{group}/learners/{}", ada.id)).await.is(204);
    }
    assert_eq!(members(&stage, &group).await, [ben.id.to_string()]);
    let nobody = uuid::Uuid::new_v4();
    put(&stage, &token, &format!("{group}/learners/{nobody}"), &Value::Null).await.problem(404, "not_found");
    put(&stage, &token, &format!("{}/learners/{}", new_cohort(), ben.id), &Value::Null).await.problem(404, "not_found");
    post(&stage, &token, &format!("/v1/learners/{}/deactivate", ada.id), &Value::Null).await.ok();
    put(&stage, &token, &format!("{group}/learners/{}", ada.id), &Value::Null).await.problem(409, "illegal_state");
    // Instructors are shown with the cohort, so its revision rises with each change of them, and with no repetition.
    let person = stage.clean_id().to_string();
    for _ in 0..2 {
        put(&stage, &token, &format!("{group}/instructors/{person}"), &Value::Null).await.is(204);
        let shown = read(&stage, &token, &group).await.ok().json();
        assert_eq!((&shown["instructors"], &shown["revision"]), (&json!([person]), &json!(2)));
    }
    for _ in 0..2 {
        delete(&stage, &token, &format!("{group}/instructors/{person}")).await.is(204);
        let shown = read(&stage, &token, &group).await.ok().json();
        assert_eq!((&shown["instructors"], &shown["revision"]), (&json!([]), &json!(3)));
    }
    // Deleting the group leaves the learner.
    delete(&stage, &token, &group).await.is(204);
    read(&stage, &token, &format!("/v1/learners/{}", ben.id)).await.ok();
    let acts: Vec<Value> = read(&stage, &token, "/v1/audit?limit=200").await.ok().json()["items"].as_array().unwrap().clone();
    let count = |act: &str| acts.iter().filter(|entry| entry["act"] == act).count();
    let noted = ["created", "learner_added", "learner_removed", "instructor_added", "instructor_removed", "deleted"];
    assert_eq!(noted.map(|act| count(&format!("cohort.{act}"))), [2, 2, 1, 1, 1, 1]);
});

both!(a_cohort_is_full_at_its_bound, |stage| {
    let token = stage.full_token();
    let group = cohort(&stage, &[], &[]).await;
    for _ in 0..50 {
        put(&stage, &token, &format!("{group}/instructors/{}", uuid::Uuid::new_v4()), &Value::Null).await.is(204);
    }
    let one_more = format!("{group}/instructors/{}", uuid::Uuid::new_v4());
    assert_eq!(put(&stage, &token, &one_more, &Value::Null).await.problem(409, "illegal_state")["params"]["limit"], 50);
});

both!(calls_at_the_same_moment_leave_what_one_leaves, |stage| {
    let token = stage.full_token();
    let ada = pupil(&stage, "ada").await;
    for round in 0..6 {
        let path = new_cohort();
        let body = json!({"name": "7b", "system": "sis", "external_id": format!("c-{round}")});
        let made = together((0..6).map(|_| put(&stage, &token, &path, &body))).await;
        let statuses: Vec<u16> = made.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
        assert!(made.iter().all(|answer| [200, 201].contains(&answer.status) && answer.json() == made[0].json()), "{statuses:?}");
        // Of two names for one class, one is taken.
        let others = [new_cohort(), new_cohort()];
        let named = json!({"name": "8", "system": "sis", "external_id": format!("d-{round}")});
        let mut made: Vec<u16> = together(others.iter().map(|path| put(&stage, &token, path, &named)))
            .await
            .iter()
            .map(|answer| answer.status)
            .collect();
        made.sort_unstable();
        assert_eq!(made, [201, 409]);
        let member = format!("{path}/learners/{}", ada.id);
        let added = together((0..6).map(|_| put(&stage, &token, &member, &Value::Null))).await;
        assert!(added.iter().all(|answer| answer.status == 204));
        assert_eq!(members(&stage, &path).await, [ada.id.to_string()]);
        // One changes the name, one deletes: whoever comes second finds what the first left.
        let change = stage.call("PUT", &path).token(&token).header("if-match", "*").json(&json!({"name": "9"}));
        let (changed, gone) = tokio::join!(change.send(), delete(&stage, &token, &path));
        assert!([200, 412].contains(&changed.status) && gone.status == 204, "{} {}", changed.status, gone.status);
    }
});

both!(a_merge_moves_memberships_and_its_end_moves_them_back, |stage| {
    let token = stage.full_token();
    let (ada, guest) = (pupil(&stage, "ada").await, pupil(&stage, "guest").await);
    let (hers, shared, left, gone) = (
        cohort(&stage, &[&guest], &[]).await,
        cohort(&stage, &[&ada, &guest], &[]).await,
        cohort(&stage, &[&guest], &[]).await,
        cohort(&stage, &[&guest], &[]).await,
    );
    let merge = format!("/v1/learner-merges/{}", uuid::Uuid::new_v4());
    put(&stage, &token, &merge, &json!({"into": ada.id, "from": guest.id})).await.is(201);
    for group in [&hers, &shared, &left, &gone] {
        assert_eq!(members(&stage, group).await, [ada.id.to_string()]);
    }
    // Who names the merged learner means the one that it is now.
    put(&stage, &token, &format!("{hers}/learners/{}", guest.id), &Value::Null).await.is(204);
    assert_eq!(members(&stage, &hers).await, [ada.id.to_string()]);
    delete(&stage, &token, &format!("{left}/learners/{}", guest.id)).await.is(204);
    delete(&stage, &token, &gone).await.is(204);
    post(&stage, &token, &format!("{merge}/undo"), &Value::Null).await.ok();
    let mut both = vec![ada.id.to_string(), guest.id.to_string()];
    both.sort();
    let found = (members(&stage, &hers).await, members(&stage, &shared).await, members(&stage, &left).await);
    assert_eq!(found, (vec![guest.id.to_string()], both, Vec::new()));
});

both!(cohorts_are_no_learner_s_and_no_other_tenant_s, |stage| {
    let ada = pupil(&stage, "ada").await;
    let group = cohort(&stage, &[&ada], &[]).await;
    let all = waymark::auth::Scopes::all().to_string();
    let (tenant, client) = second_tenant(&stage);
    let foreign = stage.issue(tenant, client, waymark::auth::Principal::Client(client), &all);
    let own = stage.learner_token(ada.id, &all);
    let member = format!("{group}/learners/{}", ada.id);
    for path in [&group, &format!("{group}/learners")] {
        read(&stage, &foreign, path).await.problem(404, "not_found");
        read(&stage, &own, path).await.problem(403, "forbidden");
    }
    for (token, status, code) in [(&foreign, 404, "not_found"), (&own, 403, "forbidden")] {
        put(&stage, token, &member, &Value::Null).await.problem(status, code);
        delete(&stage, token, &member).await.problem(status, code);
        delete(&stage, token, &group).await.problem(status, code);
    }
    assert_eq!(read(&stage, &foreign, "/v1/cohorts").await.ok().json()["items"], json!([]));
    // The id is free in another tenant.
    put(&stage, &foreign, &group, &json!({"name": "theirs"})).await.is(201);
    assert_eq!(members(&stage, &group).await, [ada.id.to_string()]);
});

both!(staff_see_the_cohorts_that_they_instruct, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    let person = stage.clean_id();
    let (mine, other) = (cohort(&stage, &[&ada], &[person.to_string()]).await, cohort(&stage, &[&ben], &[]).await);
    let bounded = stage.staff_token(person, "cohorts:read cohorts:write");
    let listed = read(&stage, &bounded, "/v1/cohorts").await.ok().json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert!(mine.ends_with(listed["items"][0]["id"].as_str().unwrap()));
    read(&stage, &bounded, &format!("{mine}/learners")).await.ok();
    for path in [&other, &format!("{other}/learners")] {
        read(&stage, &bounded, path).await.problem(404, "not_found");
    }
    // Whoever could put learners into a cohort of their own could reach everybody.
    for path in [format!("{mine}/learners/{}", ben.id), format!("{other}/instructors/{person}")] {
        let refused = put(&stage, &bounded, &path, &Value::Null).await;
        assert_eq!(refused.problem(403, "insufficient_scope")["params"]["scope"], "learners:all");
    }
    put(&stage, &bounded, &new_cohort(), &json!({"name": "mine"})).await.problem(403, "insufficient_scope");
    delete(&stage, &bounded, &mine).await.problem(403, "insufficient_scope");
    let all = stage.staff_token(person, "cohorts:read learners:all");
    assert_eq!(read(&stage, &all, "/v1/cohorts").await.ok().json()["items"].as_array().unwrap().len(), 2);
});

/// All pages of a list: (id, learner) of each.
async fn walked(stage: &Stage, token: &str, path: &str, limit: usize) -> Vec<(String, String)> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let page = read(stage, token, &format!("{path}{sign}limit={limit}{cursor}")).await.ok().json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        all.extend(page["items"].as_array().unwrap().iter().map(|one| (text(&one["id"]), text(&one["learner"]))));
        match page["next_cursor"].as_str() {
            None => return all,
            Some(next) => cursor = format!("&cursor={next}"),
        }
    }
}

both!(what_a_cohort_did_is_listed_in_order, |stage| {
    let token = stage.full_token();
    let (ada, ben, carl) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await, pupil(&stage, "carl").await);
    for round in 0..3 {
        for one in [&ada, &carl, &ben] {
            put(&stage, &one.token, &crate::flow::new_attempt(), &crate::flow::whole(round)).await.is(201);
            let path = format!("/v1/submissions/{}", uuid::Uuid::new_v4());
            put(&stage, &one.token, &path, &crate::submissions::complete()).await.is(201);
        }
    }
    put(&stage, &ben.token, &crate::flow::new_attempt(), &crate::flow::begin()).await.is(201);
    let person = stage.clean_id();
    let first = cohort(&stage, &[&ada, &ben], &[person.to_string()]).await;
    let second = cohort(&stage, &[&ben, &carl], &[person.to_string()]).await;
    let empty = cohort(&stage, &[], &[]).await;
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let instructor = stage.staff_token(person, "attempts:read submissions:read");
    let all = waymark::auth::Scopes::all().to_string();
    let (tenant, client) = second_tenant(&stage);
    let foreign = stage.issue(tenant, client, waymark::auth::Principal::Client(client), &all);
    for list in ["attempts", "submissions"] {
        for filter in [
            "",
            "&state=submitted",
            "&state=in_progress",
            "&state=draft",
            &format!("&lesson={}", crate::harness::slug()),
            "&lesson=another",
        ] {
            if list == "attempts" && filter.contains("draft") || list == "submissions" && filter.contains("in_progress") {
                continue;
            }
            let whole = walked(&stage, &token, &format!("/v1/{list}?{}", filter.trim_start_matches('&')), 100).await;
            for (group, learners) in [(&first, vec![&ada, &ben]), (&second, vec![&ben, &carl]), (&empty, vec![])] {
                let wanted: Vec<_> =
                    whole.iter().filter(|(_, of)| learners.iter().any(|one| one.id.to_string() == *of)).cloned().collect();
                for limit in [1, 2, 100] {
                    let path = format!("/v1/{list}?cohort={}{filter}", id(group));
                    assert_eq!(walked(&stage, &token, &path, limit).await, wanted, "{path} by {limit}");
                }
            }
            // Whoever instructs both sees each thing once.
            for limit in [2, 100] {
                let path = format!("/v1/{list}?{}", filter.trim_start_matches('&'));
                assert_eq!(walked(&stage, &instructor, &path, limit).await, whole, "{path} by {limit}");
            }
        }
        let nobodys = stage.staff_token(stage.clean_id(), "attempts:read submissions:read");
        let of_first = format!("/v1/{list}?cohort={}", id(&first));
        for other in [&foreign, &nobodys, &ada.token] {
            read(&stage, other, &of_first).await.problem(404, "not_found");
        }
        read(&stage, &token, &format!("/v1/{list}?cohort={}", uuid::Uuid::new_v4())).await.problem(404, "not_found");
        read(&stage, &token, &format!("/v1/{list}?cohort=x")).await.problem(400, "invalid_parameter");
        read(&stage, &token, &format!("{of_first}&learner={}", ada.id)).await.problem(400, "invalid_parameter");
        // A cursor belongs to its cohort.
        let cursor =
            read(&stage, &token, &format!("{of_first}&limit=1")).await.ok().json()["next_cursor"].as_str().unwrap().to_owned();
        let elsewhere = format!("/v1/{list}?cohort={}&cursor={cursor}", id(&second));
        read(&stage, &token, &elsewhere).await.problem(400, "invalid_cursor");
    }
});

both!(the_feed_of_an_instructor_follows_their_learners, |stage| {
    let (ada, ben, guest) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await, pupil(&stage, "guest").await);
    for one in [&ada, &ben, &guest] {
        put(&stage, &one.token, &crate::flow::new_attempt(), &crate::flow::begin()).await.is(201);
    }
    let person = stage.clean_id();
    cohort(&stage, &[&ada], &[person.to_string()]).await;
    let instructor = stage.staff_token(person, "records:read");
    let of = async |token: &str| -> std::collections::BTreeSet<String> {
        let all = crate::flow::feed(&stage, token, "kind=attempt.started").await;
        all.iter().map(|record| record["learner"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(&instructor).await, [ada.id.to_string()].into());
    assert_eq!(of(&stage.token("records:read")).await.len(), 3);
    // The guest's work was Ada's.
    let both = json!({"into": ada.id, "from": guest.id});
    put(&stage, &stage.full_token(), &format!("/v1/learner-merges/{}", uuid::Uuid::new_v4()), &both).await.is(201);
    assert_eq!(of(&instructor).await, [ada.id.to_string(), guest.id.to_string()].into());
});
