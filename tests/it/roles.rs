//! Roles are bundles of scopes: what they give is what the table says, wherever scopes are given, within what the giver has; scopes alone
//! are kept.

use serde_json::{Value, json};
use waymark::auth::roles::{RoleBundle, described_roles, table_of_roles};
use waymark::auth::rules::LEARNER_SCOPES;
use waymark::auth::{Scope, Scopes};

use crate::flow::{feed, new_attempt, post, put, read, whole};
use crate::harness::Stage;
use crate::submissions::complete;

fn new_of(kind: &str) -> String {
    format!("/v1/{kind}/{}", uuid::Uuid::new_v4())
}

fn names(scopes: Scopes) -> Value {
    json!(scopes.names())
}

#[test]
fn the_docs_show_the_table_of_the_code() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/tokens.md")).unwrap();
    assert!(docs.contains(&table_of_roles()), "docs/tokens.md lacks this table:\n{}", table_of_roles());
    for role in RoleBundle::ALL {
        assert!(!role.scopes().is_empty() && role.scopes().within(Scopes::most_of_tenant(false)));
        assert_eq!(RoleBundle::named(role.name()), Some(role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.name());
    }
    assert_eq!(RoleBundle::Learner.scopes(), Scopes::of(LEARNER_SCOPES));
    assert!(!RoleBundle::Author.scopes().has(Scope::AttemptsRead));
}

both!(the_document_shows_the_table_of_the_code, |stage| {
    let role = &stage.document().await["components"]["schemas"]["RoleBundle"];
    let said = role["description"].as_str().unwrap();
    assert!(said.starts_with(&described_roles()), "{said}");
    assert_eq!(role["x-extensible-enum"], json!(RoleBundle::ALL.map(RoleBundle::name)));
});

async fn client(stage: &Stage, token: &str, body: &Value) -> crate::harness::Answer {
    put(stage, token, &new_of("clients"), body).await
}

both!(a_role_gives_its_scopes_and_is_not_kept, |stage| {
    let admin = stage.full_token();
    let staff = stage.clean_id();
    for role in RoleBundle::ALL {
        let (name, scopes) = (role.name(), role.scopes());
        let path = new_of("clients");
        let made = put(&stage, &admin, &path, &json!({"name": "x", "role": name})).await.is(201).json();
        assert_eq!((&made["scopes"], made.get("role")), (&names(scopes), None), "{name}");
        // The same by its scopes is the same; a scope beside the role is one more.
        let same = put(&stage, &admin, &path, &json!({"name": "x", "scopes": scopes.names()})).await.ok().json();
        assert_eq!(same["revision"], 1);
        let more = json!({"name": "x", "role": name, "scopes": ["audit:read"]});
        let made = post(&stage, &admin, "/v1/clients", &more).await.is(201).json();
        assert_eq!(made["scopes"], names(scopes.either(Scopes::of(&[Scope::AuditRead]))), "{name}");

        let asked = json!({"name": "x", "principal": {"type": "staff", "id": staff.to_string()}, "role": name});
        let kept = put(&stage, &admin, &new_of("personal-tokens"), &asked).await;
        let rule = |of: &str| json!({"issuer": format!("https://{name}-{of}.example"), "audience": "x", "roles": [{"role": of, "bundle": name}]});
        let path = new_of("issuers");
        let for_staff = put(&stage, &admin, &path, &rule("staff")).await;
        let for_learners = put(&stage, &admin, &new_of("issuers"), &rule("learner")).await;
        if role == RoleBundle::Administrator {
            kept.problem(422, "invalid_body");
            assert_eq!(for_staff.problem(422, "invalid_body")["errors"][0]["pointer"], "/roles/0/scopes");
        } else {
            assert_eq!(kept.is(201).json()["scopes"], names(scopes), "{name}");
            let rule_kept = json!([{"claim": null, "value": null, "role": "staff", "scopes": scopes.names()}]);
            assert_eq!(for_staff.is(201).json()["roles"], rule_kept, "{name}");
            assert_eq!(put(&stage, &admin, &path, &rule("staff")).await.ok().json()["revision"], 1);
            let spelled = json!({"issuer": format!("https://{name}-staff.example"), "audience": "x", "roles": rule_kept});
            assert_eq!(put(&stage, &admin, &path, &spelled).await.ok().json()["revision"], 1);
        }
        for_learners.is(if role.scopes().within(Scopes::of(LEARNER_SCOPES)) { 201 } else { 422 });
    }
    for wrong in [
        json!({"role": "owner"}),
        json!({"role": "Learner"}),
        json!({"role": ""}),
        json!({"role": ["learner"]}),
        json!({}),
        json!({"scopes": []}),
        json!({"role": null}),
    ] {
        let with_name = crate::authoring::with(wrong, "/name", json!("x"));
        client(&stage, &admin, &with_name).await.problem(422, "invalid_body");
    }
});

both!(nobody_gives_by_a_role_what_they_do_not_have, |stage| {
    let held = [Scope::ClientsAdmin, Scope::LessonsRead, Scope::LessonsWrite];
    let token = stage.token(&Scopes::of(&held).to_string());
    for role in RoleBundle::ALL {
        let lacks = role.scopes().beyond(Scopes::of(&held));
        let refused = client(&stage, &token, &json!({"name": "x", "role": role.name()})).await.problem(403, "insufficient_scope");
        assert_eq!(refused["params"]["scope"], lacks.to_string(), "{}", role.name());
        let asked = json!({"name": "x", "principal": {"type": "client"}, "role": role.name()});
        put(&stage, &token, &new_of("personal-tokens"), &asked).await.problem(422, "invalid_body");
    }
});

both!(an_analyst_sees_no_names_and_no_texts, |stage| {
    let admin = stage.full_token();
    let secret = ["Mirabel Holmquist", "mirabel-4711", "sis.example.edu", "nurses"];
    let made = json!({"name": secret[0], "identities": [{"system": format!("https://{}", secret[2]), "id": secret[1]}]});
    let made = post(&stage, &admin, "/v1/learners", &made).await.is(201).json();
    let learner = made["id"].as_str().unwrap().to_owned();
    let ada = stage.learner_token(learner.parse().unwrap(), &Scopes::of(LEARNER_SCOPES).to_string());
    let attempt = new_attempt();
    put(&stage, &ada, &attempt, &whole(2)).await.is(201);
    let submission = new_of("submissions");
    put(&stage, &ada, &submission, &complete()).await.is(201);
    let diagnosis = new_of("diagnoses");
    put(&stage, &ada, &diagnosis, &json!({"visible_text": "For nurses: no."})).await.is(201);

    let analyst = stage.token(&RoleBundle::Analyst.scopes().to_string());
    let records = feed(&stage, &analyst, "").await;
    assert!(records.iter().any(|record| record["learner"] == learner.as_str()), "{records:?}");
    let mut seen = vec![json!(records)];
    for path in ["/v1/attempts?limit=100", attempt.as_str(), &format!("{attempt}/gradings")] {
        seen.push(read(&stage, &analyst, path).await.ok().json());
    }
    for text in seen.iter().map(Value::to_string) {
        assert!(secret.iter().all(|word| !text.contains(word)), "{text}");
    }
    for path in [
        "/v1/learners",
        &format!("/v1/learners/{learner}"),
        &format!("/v1/learners/{learner}/progress"),
        "/v1/submissions",
        &submission,
    ] {
        read(&stage, &analyst, path).await.problem(403, "insufficient_scope");
    }
    read(&stage, &analyst, &diagnosis).await.is(403);
});
