//! Attempts as programs before stored them: with everything spelled out. They are told, gone on with, submitted and graded again
//! like those of today.

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::db::Conn;
use waymark::db::packed::Packed;
use waymark::db::schema::attempts;
use waymark::db::types::{Id, Json};
use waymark::each;

use crate::attempts::{id_of, save, submit};
use crate::flow::{answers, items, new_attempt, pupil, put, read, right, started, whole, wrong};
use crate::harness::{Place, Stage, slug};

/// The attempt's rows as they were before: the order, first answers and moments in full, graded items beside the score, and a
/// grading in a row of its own.
fn as_before(place: &Place, told: &Value) {
    let told = told.clone();
    place.db(move |conn| {
        let id: Id = told["id"].as_str().unwrap().parse().unwrap();
        let uuid = if conn.is_postgres() { format!("'{id}'") } else { format!("X'{}'", id.to_string().replace('-', "")) };
        let run = |conn: &mut Conn, text: &str| conn.batch(&text.replace("THIS", &uuid));
        let text = |value: &Value| format!("'{}'", value.to_string().replace('\'', "''"));
        let set = |column: &str, value: &Value| format!("UPDATE attempts SET {column} = {} WHERE id = THIS", text(value));
        let stored: (Option<Json>, Option<Packed>) = each!(conn, c => attempts::table
            .filter(attempts::id.eq(id)).select((attempts::result, attempts::items)).first(c))?;
        if let (Some(Json(mut result)), Some(items)) = stored {
            let items: Value = serde_json::from_str(&items.json().unwrap()).unwrap();
            result["items"] = items["items"].clone();
            run(conn, &set("result", &result))?;
            run(conn, &format!(
                "INSERT INTO gradings (tenant_id, attempt_id, number, grader_version, version, raw_milli, max_milli, result, graded_at) \
                 SELECT tenant_id, id, 1, grader_version, version, raw_milli, {}, {}, updated_at FROM attempts WHERE id = THIS",
                told["result"]["max"].as_f64().unwrap() * 1000.0, text(&result)
            ))?;
        }
        run(conn, &set("item_order", &told["order"]))?;
        run(conn, &set("started", &told["started"]))?;
        run(conn, "UPDATE attempts SET drawn = NULL, items = NULL, grader_version = NULL WHERE id = THIS")?;
        run(conn, "UPDATE responses SET first_response = response WHERE first_response = 'null' AND attempt_id = THIS")?;
        for answer in told["responses"].as_array().unwrap() {
            let item = answer["item"].as_str().unwrap();
            let answered = text(&answer["answered"]);
            run(conn, &format!("UPDATE responses SET answered = {answered} WHERE attempt_id = THIS AND item = '{item}'"))?;
        }
        Ok(())
    });
}

/// Everything that the service tells of an attempt.
async fn all_of(stage: &Stage, token: &str, path: &str) -> [Value; 3] {
    let listed = read(stage, token, "/v1/attempts").await.ok().json();
    let listed = listed["items"].as_array().unwrap().iter().find(|one| one["id"] == id_of(path)).unwrap().clone();
    let gradings = read(stage, token, &format!("{path}/gradings")).await.ok().json();
    [read(stage, token, path).await.ok().json(), listed, gradings]
}

both!(an_attempt_from_before_is_told_as_before, |stage| {
    let (ada, token) = (pupil(&stage, "ada").await, stage.full_token());
    let done = new_attempt();
    put(&stage, &ada.token, &done, &whole(9)).await.is(201);
    let open = started(&stage, &ada.token).await;
    save(&stage, &ada.token, &open, answers(5)).await;
    for path in [&done, &open] {
        let today = all_of(&stage, &token, path).await;
        as_before(&stage.place, &today[0]);
        assert_eq!(all_of(&stage, &token, path).await, today);
    }
    // The open one goes on: an answer changes, and the first one stays known.
    let first = read(&stage, &ada.token, &open).await.ok().json()["responses"][0].clone();
    let item = first["item"].as_str().unwrap();
    let other = items().into_iter().find(|one| one.id == item).unwrap();
    save(&stage, &ada.token, &open, vec![right(&other, 7)]).await;
    save(&stage, &ada.token, &open, vec![wrong(&other, 8)]).await;
    let submitted = submit(&stage, &ada.token, &open).await.ok().json();
    let shown = submitted["items"].as_array().unwrap().iter().find(|one| one["item"] == item).unwrap();
    assert_eq!((&shown["first_response"], &shown["active_ms"]), (&first["response"], &shown["active_ms"]));
    assert_eq!(all_of(&stage, &token, &open).await[2]["items"].as_array().unwrap().len(), 1);

    // Both are graded again; the grading of before stays the first.
    let version = submitted["version"].clone();
    let before = [all_of(&stage, &token, &done).await[2].clone(), all_of(&stage, &token, &open).await[2].clone()];
    let regrade = json!({"lesson": slug(), "from": version, "to": version, "reason": "To have one."});
    stage.post("/v1/regrades").token(&token).json(&regrade).send().await.is(201);
    for (path, before) in [&done, &open].into_iter().zip(before) {
        let after = all_of(&stage, &token, path).await[2].clone();
        assert_eq!((after["items"].as_array().unwrap().len(), &after["items"][0]), (2, &before["items"][0]));
    }
});

both!(
    /// Whatever is answered how often, what was answered first is told.
    the_first_answer_stays_known, |stage| {
    let ada = pupil(&stage, "ada").await;
    let path = started(&stage, &ada.token).await;
    let item = &items()[0];
    for answer in [wrong(item, 1), wrong(item, 2), right(item, 3), wrong(item, 4)] {
        save(&stage, &ada.token, &path, vec![answer]).await;
    }
    let done = submit(&stage, &ada.token, &path).await.ok().json();
    let shown = done["items"].as_array().unwrap().iter().find(|one| one["item"] == item.id.as_str()).unwrap();
    let chosen = wrong(item, 1)["response"].clone();
    assert_eq!((&shown["first_response"], &shown["response"]), (&chosen, &chosen));
    assert_eq!(shown["changes"], 2);
});
