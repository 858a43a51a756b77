//! Access that ends while 64 connections use it: what was answered before the change began was let in, and what was asked after the
//! change was answered is refused, without one exception. In between both are right. `script/races` sets the number of rounds.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::json;
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;

use crate::flow::together;
use crate::harness::{Answer, Place, Stage};
use crate::learners::second_tenant;
use crate::races::rounds;

const CONNECTIONS: usize = 64;
/// Every connection asks so often after it was told that the change is made.
const AFTERWARDS: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Phase {
    Before,
    Changing,
    Changed,
}

fn serve(place: &Place) -> Stage {
    let change = |config: &mut waymark::config::Config| (config.rates.client_at_once, config.rates.address_at_once) = (0, 0);
    place.serve_with(change, Clock::system())
}

async fn look(stage: &Stage, token: &str) -> Answer {
    stage.get("/v1/lessons").token(token).send().await
}

/// Makes `change` while everybody asks with `token`, which is good until then and answered with `afterwards` from then on.
async fn raced(stage: &Stage, token: &str, afterwards: u16, change: impl Future<Output = ()>) {
    let (phase, answered) = (Rc::new(Cell::new(Phase::Before)), Rc::new(Cell::new(0_usize)));
    let asking = |_| {
        let (phase, answered) = (phase.clone(), answered.clone());
        async move {
            let mut left = AFTERWARDS;
            while left > 0 {
                let begun = phase.get();
                let answer = look(stage, token).await;
                answered.set(answered.get() + 1);
                match (begun, phase.get()) {
                    (_, Phase::Before) => drop(answer.is(200)),
                    (Phase::Changed, _) => {
                        left -= 1;
                        answer.is(afterwards);
                    }
                    _ => assert!([200, afterwards].contains(&answer.status), "{answer:?}"),
                }
            }
        }
    };
    let changing = async {
        while answered.get() < CONNECTIONS {
            tokio::task::yield_now().await;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        phase.set(Phase::Changing);
        change.await;
        phase.set(Phase::Changed);
    };
    let everybody = together((0..CONNECTIONS).map(asking));
    tokio::join!(everybody, changing);
}

both!(a_client_is_disabled, |place: Place| {
    let stage = serve(&place);
    let admin = stage.full_token();
    let id = uuid::Uuid::new_v4();
    let path = format!("/v1/clients/{id}");
    let asked = json!({"name": "dashboard", "scopes": ["lessons:read"]});
    stage.call("PUT", &path).token(&admin).json(&asked).send().await.is(201);
    let client = waymark::db::types::Id(id);
    let token = stage.issue(stage.tenant, client, Principal::Client(client), "lessons:read");
    for _ in 0..rounds() {
        raced(&stage, &token, 401, async {
            stage.post(&format!("{path}/disable")).token(&admin).send().await.ok();
        })
        .await;
        stage.post(&format!("{path}/enable")).token(&admin).send().await.ok();
        look(&stage, &token).await.ok();
    }
});

both!(a_tenant_is_suspended, |place: Place| {
    let stage = serve(&place);
    let admin = stage.full_token();
    let (tenant, client) = second_tenant(&stage);
    let token = stage.issue(tenant, client, Principal::Client(client), &Scopes::all().to_string());
    for _ in 0..rounds() {
        raced(&stage, &token, 401, async {
            stage.post(&format!("/v1/tenants/{tenant}/suspend")).token(&admin).send().await.ok();
        })
        .await;
        stage.post(&format!("/v1/tenants/{tenant}/resume")).token(&admin).send().await.ok();
        look(&stage, &token).await.ok();
    }
});

both!(a_token_is_taken_back, |place: Place| {
    let stage = serve(&place);
    let secret = stage.secret.clone().unwrap();
    for _ in 0..rounds() {
        let token = stage.token("lessons:read");
        raced(&stage, &token, 401, async {
            let form = format!("token={token}&client_id={}&client_secret={secret}", stage.administrator);
            let call = stage.post("/oauth/revoke").header("content-type", "application/x-www-form-urlencoded");
            call.body(form).send().await.ok();
        })
        .await;
    }
});

both!(a_key_goes_at_once, |place: Place| {
    let stage = serve(&place);
    for _ in 0..rounds() {
        let (token, admin) = (stage.token("lessons:read"), stage.full_token());
        raced(&stage, &token, 401, async {
            stage.post("/v1/keys").token(&admin).json(&json!({"algorithm": "EdDSA", "compromised": true})).send().await.is(201);
        })
        .await;
    }
});

// The usual turn of keys: nobody who uses an older one notices. There are at most ten keys at a time.
both!(a_key_goes_in_its_turn, |place: Place| {
    let stage = serve(&place);
    let (token, admin) = (stage.token("lessons:read"), stage.full_token());
    for _ in 0..rounds().min(8) {
        raced(&stage, &token, 200, async {
            stage.post("/v1/keys").token(&admin).json(&json!({"algorithm": "EdDSA"})).send().await.is(201);
        })
        .await;
    }
});
