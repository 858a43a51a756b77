//! Every query that stores send is explained on both databases, and none of them reads or sorts more the more there is.
//!
//! What is sent is collected while a service is used: every operation of the document, and every list with each of its
//! filters. Then the database says how it would go about each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex, Once};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use diesel::sql_types::Text;
use regex::Regex;
use serde_json::{Value, json};
use tokio_postgres::SimpleQueryMessage;
use waymark::auth::{Scope, Scopes};
use waymark::db::{Conn, Stored};
use waymark::each;

use crate::authoring::{OWN, draft};
use crate::document::operations;
use crate::flow::{begin, new_attempt, post, pupil, put, read, right, started, whole};
use crate::harness::{Place, Stage, slug};

/// Tables that do not grow with use: a row for each thing that somebody configured or wrote by hand, read whole at start.
const SMALL: &[&str] = &[
    "settings",
    "generations",
    "signing_keys",
    "tenants",
    "tenant_quotas",
    "clients",
    "issuers",
    "courses",
    "lesson_versions",
    "slugs",
    "drafts",
    "signals",
    "log_epoch",
    "__diesel_schema_migrations",
];

/// Columns that say where in an order a row stands: a condition on them that the index does not take is the tie-breaker of a
/// page, and what is not settled yet.
const ORDER: &[&str] = &["created_at", "at", "id", "epoch", "xid", "seq", "revision", "number"];

/// Columns of which one value has few rows, however much there is: what one learner did, what belongs to one thing.
const NARROW: &[&str] = &[
    "id",
    "learner_id",
    "attempt_id",
    "submission_id",
    "object_id",
    "external_id",
    "scope",
    "digest",
    "seq",
    "regrade_id",
    "into_id",
    "merge_id",
    "merged_into",
    "owner_id",
    "principal_id",
    "cohort_id",
    "staff_id",
];

/// (part of a statement, what it is excused, why).
const EXCUSED: &[(&str, &str, &str)] = &[
    ("DELETE FROM idempotency_keys WHERE (idempotency_keys.created_at <", "tenant", "what is a week old, along an index by age"),
    ("learners.tokens_until", "tenant", "whose tokens of the last day must be watched, along an index of those alone"),
    ("learners.tokens_until", "reads", "the same"),
    ("count(*) FROM attempts WHERE", "reads", "the total of a regrade, once, by an index of the version"),
    ("attempts.version =", "reads", "a regrade's batch: bounded, and it goes on where the last one ended"),
    ("UPDATE audit_heads", "tenant", "each tenant has one row"),
    ("UPDATE records SET packed", "reads", "one record, by its key"),
    ("FROM responses WHERE", "sorts", "the answers of one attempt: as many as its items"),
    (
        "CROSS JOIN",
        "sorts",
        "the first rows of each learner of a group, which begin with the learner: as many as a page for each",
    ),
    ("FOR NO KEY UPDATE", "sorts", "the attempts of one group of writers, locked in one order for all"),
    ("FROM personal_tokens WHERE (((", "reads", "those of one tenant that are in force: at most 1,000"),
    ("xid >= pg_snapshot_xmin", "sorts", "what is written and not settled yet: the transactions of this moment"),
    ("recorded_at FROM records WHERE xid >= pg_snapshot_xmin", "reads", "the same, of every tenant: the policy is the filter"),
    (
        "AS envelope, id, kind, schema_version, learner_id, recorded_at FROM records",
        "reads",
        "the feed looks at a bounded number of records a page and goes on behind them",
    ),
];

static SENT: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        // A service's own threads have this name; what tests ask by themselves does not count.
        let of_a_service = std::thread::current().name().is_some_and(|name| name.starts_with("db-"));
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && of_a_service
        {
            let text = query.to_string();
            let sql = text.split(" -- binds:").next().unwrap_or_default().to_owned();
            SENT.lock().unwrap().insert(sql);
        }
    }
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_default_instrumentation(|| Some(Box::new(Listener))).unwrap());
}

/// The statements that one of the two databases was sent, without those that only insert or steer.
fn sent(postgres: bool) -> Vec<String> {
    let plain = |sql: &String| ["SELECT", "UPDATE", "DELETE"].iter().any(|word| sql.trim_start().starts_with(word));
    let mine = |sql: &String| if postgres { sql.contains("$1") } else { sql.contains('?') };
    // What tests and the catalogue of migrations ask.
    let ours = |sql: &String| {
        !["information_schema", "pg_", "__diesel", "sqlite_master"].iter().any(|word| sql.contains(word))
            || sql.contains("pg_snapshot_xmin")
    };
    SENT.lock().unwrap().iter().filter(|sql| plain(sql) && mine(sql) && ours(sql)).cloned().collect()
}

/// The same statement in one spelling for both databases.
fn plainly(sql: &str) -> String {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\d+").unwrap());
    PLACE.replace_all(&sql.replace(['`', '"'], ""), "?").into_owned()
}

struct Finding {
    sql: String,
    what: String,
}

fn excused(sql: &str, kind: &str) -> bool {
    let sql = plainly(sql);
    EXCUSED.iter().any(|(part, excuse, _)| sql.contains(part) && *excuse == kind)
}

/// One access to a table, as a plan tells it.
struct Access<'a> {
    table: &'a str,
    /// Columns that the index was entered by with an equality.
    entered: BTreeSet<String>,
    /// Columns that are looked at row by row.
    looked_at: BTreeSet<String>,
    whole: bool,
}

impl Access<'_> {
    fn judge(&self, sql: &str, findings: &mut Vec<Finding>) {
        if SMALL.contains(&self.table) {
            return;
        }
        let mut find = |what: String| findings.push(Finding { sql: plainly(sql), what });
        if self.whole {
            return find(format!("scans {}", self.table));
        }
        let narrow = self.entered.iter().any(|column| NARROW.contains(&column.as_str()));
        let beside: Vec<&String> =
            self.looked_at.iter().filter(|column| !ORDER.contains(&column.as_str()) && !self.entered.contains(*column)).collect();
        if !narrow && !beside.is_empty() && !excused(sql, "reads") {
            find(format!("reads {} by {:?} and looks at {beside:?} row by row", self.table, self.entered));
        }
        let bounded = sql.contains("LIMIT") || sql.contains("count(*)");
        if !narrow && !bounded && !excused(sql, "tenant") && !excused(sql, "reads") {
            find(format!("reads all of {} by {:?}", self.table, self.entered));
        }
    }
}

fn columns_in(condition: &str) -> BTreeSet<String> {
    static COLUMN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b([a-z_]+)\)*(?:::[a-z ]+)? (?:=|<>|>=|<=|>|<|IS)").unwrap());
    COLUMN.captures_iter(condition).map(|found| found[1].to_owned()).collect()
}

fn equal_in(condition: &str) -> BTreeSet<String> {
    static EQUAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b([a-z_]+)\)*(?:::[a-z ]+)? ?=").unwrap());
    EQUAL.captures_iter(condition).map(|found| found[1].to_owned()).collect()
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn explain_sqlite(conn: &mut Conn, sql: &str, findings: &mut Vec<Finding>) -> Stored<()> {
    static STEP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(SCAN|SEARCH) (\w+)(?:.*\((.*)\))?").unwrap());
    static COLUMN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:`(\w+)`\.)?`?(\w+)`? (?:=|!=|>|<|>=|<=|IN|IS) ").unwrap());
    let steps: Vec<Step> = each!(conn, c => diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(c))?;
    let condition = sql.split_once("WHERE").map_or("", |(_, rest)| rest);
    for Step { detail } in steps {
        if detail.starts_with("USE TEMP B-TREE") && !excused(sql, "sorts") && !on_small(sql) {
            findings.push(Finding { sql: plainly(sql), what: format!("sorts ({detail})") });
        }
        let Some(step) = STEP.captures(&detail) else { continue };
        let table = step.get(2).map_or("", |found| found.as_str());
        if table == "CONSTANT" {
            continue;
        }
        let looked_at = COLUMN.captures_iter(condition).filter(|found| found.get(1).is_none_or(|of| of.as_str() == table));
        Access {
            table,
            whole: &step[1] == "SCAN",
            entered: equal_in(step.get(3).map_or("", |found| found.as_str())),
            looked_at: looked_at
                .map(|found| found[2].to_owned())
                .filter(|column| column != "tenant_id" && column != "1")
                .collect(),
        }
        .judge(sql, findings);
    }
    Ok(())
}

fn on_small(sql: &str) -> bool {
    let sql = plainly(sql);
    SMALL.iter().any(|table| sql.contains(&format!("FROM {table} ")) || sql.ends_with(&format!("FROM {table}")))
}

fn walk_postgres(plan: &Value, sql: &str, findings: &mut Vec<Finding>) {
    let node = plan["Node Type"].as_str().unwrap_or_default();
    let text = |name: &str| plan[name].as_str().unwrap_or_default();
    if node.ends_with("Sort") && !excused(sql, "sorts") && !on_small(sql) {
        findings.push(Finding { sql: plainly(sql), what: format!("sorts ({})", plan["Sort Key"]) });
    }
    if let Some(table) = plan["Relation Name"].as_str()
        && node != "ModifyTable"
    {
        Access {
            table,
            whole: node == "Seq Scan" || (text("Index Cond").is_empty() && text("Recheck Cond").is_empty()),
            entered: equal_in(&format!("{} {}", text("Index Cond"), text("Recheck Cond"))),
            looked_at: columns_in(text("Filter")),
        }
        .judge(sql, findings);
    }
    for below in plan["Plans"].as_array().into_iter().flatten() {
        walk_postgres(below, sql, findings);
    }
}

/// Rows in every table that grows, so that PostgreSQL has something to plan for: of one tenant, all different.
const FILL: &str = r"DO $$
DECLARE t record; names text; exprs text;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
           AND table_name NOT LIKE '\_\_diesel%' AND table_name NOT IN ('log_epoch', 'tenants', 'settings', 'generations', 'signing_keys') LOOP
    SELECT string_agg(quote_ident(column_name), ', '), string_agg(CASE
        WHEN column_name = 'tenant_id' THEN quote_literal('00000000-0000-4000-8000-000000000001') || '::uuid'
        WHEN column_name = 'state' THEN quote_literal('t') -- of a few
        WHEN data_type = 'uuid' THEN 'gen_random_uuid()'
        WHEN data_type = 'text' THEN quote_literal('t') || ' || i'
        WHEN data_type = 'boolean' THEN 'i % 2 = 0'
        WHEN data_type = 'jsonb' THEN quote_literal('{}') || '::jsonb'
        WHEN data_type = 'bytea' THEN 'decode(md5(i::text), ' || quote_literal('hex') || ')'
        WHEN data_type LIKE 'timestamp%' THEN 'now() - i * interval ' || quote_literal('1 s')
        ELSE 'i' END, ', ')
      INTO names, exprs FROM information_schema.columns c
     WHERE c.table_schema = 'public' AND c.table_name = t.table_name AND column_default IS NULL AND is_identity = 'NO'
       AND is_generated = 'NEVER';
    EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, 4000) i ON CONFLICT DO NOTHING', t.table_name, names, exprs);
  END LOOP;
END $$";

async fn explain_postgres(place: &Place, statements: &[String]) -> Vec<Finding> {
    place.of_superuser().transaction(|conn| conn.batch(FILL)).unwrap();
    // As the service itself, so that the policies of the tables are in the plans.
    let (client, connection) = tokio_postgres::connect(&place.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("ANALYZE; SET waymark.tenants = '00000000-0000-4000-8000-000000000001'; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").await.unwrap();
    let mut findings = Vec::new();
    for sql in statements {
        // A few thousand rows are few to a planner: it may sort what it could read in order. One good way is enough.
        let mut found = explained(&client, sql, "on").await;
        if !found.is_empty() {
            let in_order = explained(&client, sql, "off").await;
            found = if in_order.is_empty() { in_order } else { found };
        }
        findings.append(&mut found);
    }
    findings
}

async fn explained(client: &tokio_postgres::Client, sql: &str, sorts: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    client.batch_execute(&format!("SET enable_sort = {sorts}; SET enable_bitmapscan = {sorts}")).await.unwrap();
    let most = (1..200).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
    client.batch_execute(&format!("PREPARE asked AS {sql}")).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
    let nothing = vec!["NULL"; most].join(", ");
    let arguments = if most == 0 { String::new() } else { format!("({nothing})") };
    let rows = client.simple_query(&format!("EXPLAIN (FORMAT JSON) EXECUTE asked{arguments}")).await.unwrap();
    let text = rows.iter().find_map(|row| match row {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    let plan: Value = serde_json::from_str(&text.expect("a plan")).unwrap();
    walk_postgres(&plan[0]["Plan"], sql, &mut findings);
    client.batch_execute("DEALLOCATE asked").await.unwrap();
    findings
}

/// Uses all of the service once.
async fn use_it(stage: &Stage) {
    let token = stage.full_token();
    let ada = pupil(stage, "ada").await;
    // Journeys that reach what single calls do not.
    let open = started(stage, &ada.token).await;
    put(stage, &ada.token, &format!("{open}/responses"), &json!({"responses": [right(&crate::flow::items()[0], 1)]})).await.ok();
    put(
        stage,
        &ada.token,
        &format!("{open}/responses/{}", crate::flow::items()[1].id),
        &json!({"seq": 1, "response": right(&crate::flow::items()[1], 1)["response"]}),
    )
    .await
    .ok();
    post(stage, &ada.token, &format!("{open}/submit"), &begin()).await;
    put(stage, &ada.token, &new_attempt(), &whole(3)).await;
    let version = read(stage, &token, &open).await.ok().json()["version"].clone();
    let regrade = json!({"lesson": slug(), "from": version, "to": version, "reason": "a look"});
    put(stage, &token, &format!("/v1/regrades/{}", uuid::Uuid::new_v4()), &regrade).await.is(201);
    put(stage, &token, &format!("{OWN}/draft"), &draft()).await;
    let submission = format!("/v1/submissions/{}", uuid::Uuid::new_v4());
    for submit in [false, true, true] {
        let body = json!({"lesson": slug(), "case": "case-ward-quiz", "submit": submit, "diagnosis": {"layer": "pre_classifier", "because": "it says so"}});
        put(stage, &ada.token, &submission, &body).await;
    }
    let staff = stage.staff_token(stage.clean_id(), "reviews:write submissions:read learners:all");
    post(
        stage,
        &staff,
        &format!("{submission}/reviews"),
        &json!({"submission_revision": 2, "state": "returned", "comment": "more"}),
    )
    .await;
    for token in [&stage.staff_token(stage.clean_id(), "attempts:read learners:all"), &ada.token] {
        read(stage, token, &open).await.ok();
    }
    let diagnosis = format!("/v1/diagnoses/{}", uuid::Uuid::new_v4());
    put(stage, &ada.token, &diagnosis, &json!({"http": {"status": 400, "body": "{\"error\": {\"code\": \"content_filter\"}}"}}))
        .await;
    // An instructor, whose lists are those of some learners.
    let person = stage.clean_id();
    let group = crate::cohorts::cohort(stage, &[&ada], &[person.to_string()]).await;
    let instructor = stage.staff_token(person, &Scopes::all().without(Scope::LearnersAll).to_string());
    for path in [&open, &submission, &group, &format!("/v1/learners/{}", ada.id)] {
        read(stage, &instructor, path).await.ok();
    }
    let group_id = group.rsplit('/').next().unwrap().to_owned();
    // Every operation, with an idempotency key where it takes one; every list with each of its filters, and its next page.
    let known: BTreeMap<&str, String> = BTreeMap::from([
        ("learner", ada.id.to_string()),
        ("lesson", slug()),
        ("cohort", group_id),
        ("identity", "ada".to_owned()),
        ("system", "somewhere".to_owned()),
        ("kind", "review.given,attempt.started".to_owned()),
        ("limit", "1".to_owned()),
        ("act", "token.issued".to_owned()),
        ("object_type", "learner".to_owned()),
        ("object_id", ada.id.to_string()),
        ("principal", stage.administrator.to_string()),
        ("from", "2026-01-01T00:00:00Z".to_owned()),
        ("to", "2126-01-01T00:00:00Z".to_owned()),
    ]);
    let ids = [&open, &submission, &diagnosis, &group];
    for operation in operations(stage).await {
        let call = operation.example_call(stage).token(&token).header("idempotency-key", "plans");
        call.send().await;
        if operation.method != "GET" {
            continue;
        }
        let mut urls = vec![operation.url_with(|_| None)];
        for known in ids {
            let (collection, id) = known.rsplit_once('/').unwrap();
            if operation.path.starts_with(&format!("{collection}/{{")) {
                urls.push(operation.url_with(|_| Some(id.to_owned())));
            }
        }
        let parameters = operation.parameters("query");
        let choices: Vec<(String, String)> = parameters
            .iter()
            .filter_map(|parameter| {
                let name = parameter["name"].as_str().unwrap();
                let listed =
                    operation.resolve(&parameter["schema"]).pointer("/enum/0").and_then(Value::as_str).map(str::to_owned);
                let state = (name == "state").then(|| "submitted".to_owned());
                known.get(name).cloned().or(listed).or(state).map(|value| (name.to_owned(), value))
            })
            .collect();
        for url in urls {
            let sign = if url.contains('?') { '&' } else { '?' };
            for chosen in 0..1_usize << choices.len() {
                let some = choices.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
                let query = some.map(|(_, (name, value))| format!("{name}={value}")).collect::<Vec<_>>().join("&");
                for token in [&token, &instructor] {
                    let answer = stage.get(&format!("{url}{sign}{query}")).token(token).send().await;
                    let next = answer.header("link").split(['<', '>']).nth(1).map(str::to_owned);
                    if let Some(next) = next {
                        stage.get(&next).token(token).send().await.ok();
                    }
                }
            }
        }
    }
}

both!(
    /// See the head of this file.
    no_query_grows, |place: Place| {
    listen();
    let stage = place.serve();
    use_it(&stage).await;
    let statements = sent(place.is_postgres());
    assert!(statements.len() > 60, "only {} statements were seen", statements.len());
    for table in ["records", "attempts", "responses", "gradings", "regrades", "submissions", "reviews", "diagnoses", "learners", "identities", "idempotency_keys", "audit_entries"] {
        assert!(statements.iter().any(|sql| plainly(sql).contains(&format!("FROM {table} "))), "nothing was read from {table}");
    }
    let findings = if place.is_postgres() {
        explain_postgres(&place, &statements).await
    } else {
        place.db(move |conn| {
            let mut findings = Vec::new();
            for sql in &statements {
                explain_sqlite(conn, sql, &mut findings)?;
            }
            Ok(findings)
        })
    };
    let told: BTreeSet<String> = findings.into_iter().map(|finding| format!("{}\n    {}", finding.what, finding.sql)).collect();
    assert!(told.is_empty(), "{} queries that grow:\n  {}", told.len(), told.into_iter().collect::<Vec<_>>().join("\n  "));
});
