//! Merges of learners with any history; merges that many make at once, or that come while the learners work; processes that have not
//! heard of one.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use waymark::db::types::{Id, Time};

use crate::flow::{Pupil, begin, feed, items, new_attempt, post, pupil, put, read, right, started, together, told, whole};
use crate::harness::{Answer, Kind, Stage, eventually, play};
use crate::learner_merges::{everything, honest, ids, merge, new_merge, placed, undo};
use crate::submissions::complete;

/// One thing that somebody does: whether it is Ada, where, what, when it began.
type Deed = (bool, u8, u8, i64);

async fn does(stage: &Stage, who: &Pupil, (_, placement, deed, minutes): Deed) {
    let begun = Time(stage.clock.now().0 - minutes * 60_000_000).utc().to_rfc3339();
    let placement = ["", "p", "q"][usize::from(placement)];
    let answer = match deed {
        0 => put(stage, &who.token, &new_attempt(), &placed(whole(3), placement, &begun)).await,
        1 => put(stage, &who.token, &new_attempt(), &placed(begin(), placement, &begun)).await,
        2 => {
            let mut body = placed(begin(), placement, &begun);
            body["purpose"] = json!("practice");
            body["responses"] = json!([right(&items()[0], 1)]);
            body["submit"] = json!(true);
            put(stage, &who.token, &new_attempt(), &body).await
        }
        3 => put(stage, &who.token, &format!("/v1/submissions/{}", uuid::Uuid::new_v4()), &complete()).await,
        _ => {
            let kept = format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
            put(stage, &who.token, &kept, &json!({"visible_text": "I cannot help with that."})).await
        }
    };
    assert!([201, 409].contains(&answer.status), "{}", answer.text());
}

#[test]
fn whatever_was_done_a_merge_and_its_undoing_leave_no_trace() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let deeds = proptest::collection::vec((any::<bool>(), 0_u8..3, 0_u8..5, 1_i64..500), 0..12);
        let mut runner = TestRunner::deterministic();
        for round in 0..16 {
            let deeds: Vec<Deed> = deeds.new_tree(&mut runner).unwrap().current();
            let (ada, ben) = (pupil(&stage, &format!("ada-{round}")).await, pupil(&stage, &format!("ben-{round}")).await);
            for deed in &deeds {
                does(&stage, if deed.0 { &ada } else { &ben }, *deed).await;
            }
            let before = [everything(&stage, ada.id).await, everything(&stage, ben.id).await];
            let many = (ids(&stage, &ada.token, "attempts").await.len(), ids(&stage, &ben.token, "attempts").await.len());
            let path = new_merge();
            merge(&stage, &path, ada.id, ben.id).await.is(201);
            honest(&stage, ada.id).await;
            assert_eq!(ids(&stage, &ada.token, "attempts").await.len(), many.0 + many.1, "{deeds:?}");
            undo(&stage, &path).await.ok();
            assert_eq!([everything(&stage, ada.id).await, everything(&stage, ben.id).await], before, "{deeds:?}");
            // The other way round, with work in between that stays.
            let path = new_merge();
            merge(&stage, &path, ben.id, ada.id).await.is(201);
            for deed in &deeds {
                does(&stage, &ada, *deed).await;
            }
            honest(&stage, ben.id).await;
            undo(&stage, &path).await.ok();
            assert_eq!(everything(&stage, ada.id).await, before[0], "{deeds:?}");
            honest(&stage, ben.id).await;
        }
    });
}

/// Every process hears of it, on PostgreSQL where there may be several; until then nothing that is written is lost.
#[test]
fn other_processes_follow_a_merge_within_seconds() {
    play(Kind::Postgres, |place| async move {
        let (here, there) = (place.serve(), place.serve());
        let (ada, ben) = (pupil(&here, "ada").await, pupil(&here, "ben").await);
        let open = started(&there, &ben.token).await;
        let path = new_merge();
        merge(&here, &path, ada.id, ben.id).await.is(201);
        // At once, at a process that may not have heard: his open attempt goes on, new work arrives at her.
        let saved = json!({"responses": [right(&items()[0], 1)]});
        put(&there, &ben.token, &format!("{open}/responses"), &saved).await.ok();
        read(&there, &ben.token, &open).await.ok();
        assert_eq!(put(&there, &ben.token, &new_attempt(), &whole(1)).await.is(201).json()["learner"], json!(ada.id));
        post(&there, &ben.token, &format!("{open}/submit"), &begin()).await.ok();
        let learner = |id: Id| {
            let (there, token) = (&there, &ben.token);
            async move {
                let list = read(there, token, "/v1/learners").await.ok().json();
                (list["items"][0]["id"] == json!(id)).then_some(())
            }
        };
        eventually("the token is hers", || learner(ada.id)).await;
        undo(&here, &path).await.ok();
        eventually("the token is his", || learner(ben.id)).await;
        assert_eq!(ids(&there, &ben.token, "attempts").await.len(), 1);
    });
}

both!(merges_at_once_end_with_one, |stage| {
    let (ada, ben) = (pupil(&stage, "ada").await, pupil(&stage, "ben").await);
    for who in [&ada, &ben] {
        put(&stage, &who.token, &new_attempt(), &whole(3)).await.is(201);
    }
    // The same call, other calls of the same pair, and the pair the other way round.
    let same = new_merge();
    let mut calls = vec![(same.clone(), ada.id, ben.id); 4];
    calls.extend((0..4).map(|_| (new_merge(), ada.id, ben.id)));
    calls.extend((0..4).map(|_| (new_merge(), ben.id, ada.id)));
    let all = together(calls.iter().map(|(path, into, from)| merge(&stage, path, *into, *from))).await;
    let count = |status| all.iter().filter(|answer| answer.status == status).count();
    assert_eq!(count(201), 1, "{all:?}");
    // Whoever repeats the winner's call finds it; all others are told.
    let winner = all.iter().position(|answer| answer.status == 201).unwrap();
    let repeated = calls.iter().filter(|(path, _, _)| *path == calls[winner].0).count() - 1;
    assert_eq!((count(200), count(409)), (repeated, calls.len() - 1 - repeated), "{all:?}");
    assert_eq!(told(&stage, "learner.merged").await.len(), 2);
    // And undone at once: once.
    let path = &calls[winner].0;
    let undone = together((0..6).map(|_| undo(&stage, path))).await;
    assert!(undone.iter().all(|answer| answer.status == 200), "{undone:?}");
    assert_eq!(told(&stage, "learner.unmerged").await.len(), 2);
    for who in [&ada, &ben] {
        assert_eq!(ids(&stage, &who.token, "attempts").await.len(), 1);
    }
});

both!(a_merge_while_its_learners_work_loses_nothing, |stage| {
    for round in 0..6 {
        let (ada, ben) = (pupil(&stage, &format!("ada-{round}")).await, pupil(&stage, &format!("ben-{round}")).await);
        let open = started(&stage, &ben.token).await;
        let whole_ones: Vec<String> = (0..4).map(|_| new_attempt()).collect();
        let works: Vec<String> = (0..3).map(|_| format!("/v1/submissions/{}", uuid::Uuid::new_v4())).collect();
        let path = new_merge();
        let (saved, nothing) = (json!({"responses": [right(&items()[0], 1)]}), begin());
        let (responses, submit) = (format!("{open}/responses"), format!("{open}/submit"));
        let mut calls: Vec<std::pin::Pin<Box<dyn Future<Output = Answer>>>> = Vec::new();
        for (n, one) in whole_ones.iter().enumerate() {
            let (stage, who) = (&stage, if n % 2 == 0 { &ada } else { &ben });
            calls.push(Box::pin(async move { put(stage, &who.token, one, &whole(2)).await }));
        }
        for work in &works {
            let (stage, ben) = (&stage, &ben);
            calls.push(Box::pin(async move { put(stage, &ben.token, work, &complete()).await }));
        }
        calls.insert(round, Box::pin(merge(&stage, &path, ada.id, ben.id)));
        calls.push(Box::pin(put(&stage, &ben.token, &responses, &saved)));
        calls.push(Box::pin(post(&stage, &ben.token, &submit, &nothing)));
        let all = together(calls).await;
        assert!(all.iter().all(|answer| [200, 201].contains(&answer.status)), "{all:?}");
        let mut hers = ids(&stage, &ada.token, "attempts").await;
        hers.sort();
        let mut made: Vec<String> =
            whole_ones.iter().chain([&open]).map(|path| path.rsplit('/').next().unwrap().to_owned()).collect();
        made.sort();
        assert_eq!(hers, made);
        assert_eq!(ids(&stage, &ada.token, "submissions").await.len(), works.len());
        honest(&stage, ada.id).await;
        let submitted = read(&stage, &ada.token, &open).await.ok().json();
        assert_eq!((&submitted["state"], &submitted["learner"]), (&json!("submitted"), &json!(ada.id)));
        let records = feed(&stage, &stage.full_token(), &format!("learner={}&kind=attempt.submitted", ada.id)).await;
        assert_eq!(records.len(), made.len());
    }
});
