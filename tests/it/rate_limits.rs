//! How much one caller may ask: by exact counts under a clock that stands still, never by how fast anything is.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};

use serde_json::json;
use waymark::auth::{Principal, Scopes};
use waymark::clock::Clock;
use waymark::config::Config;
use waymark::config::proxies::TrustedProxies;
use waymark::db::types::{Id, Time};
use waymark::first_start;
use waymark::rates::cell::Quota;
use waymark::rates::settings::RateSettings;
use waymark::rates::{CallerKind, RateLimits};

use crate::document::operations;
use crate::flow::together;
use crate::harness::{Answer, Kind, Place, Stage, eventually, play};

const BEGIN: i64 = 1_795_000_000_000_000;

/// A service under a clock that stands, with no limit but what `change` says, that believes this machine's word for addresses.
pub fn limited(place: &Place, change: impl FnOnce(&mut Config)) -> Stage {
    place.serve_with(
        |config| {
            let rates = &mut config.rates;
            for quota in [&mut rates.address, &mut rates.token_endpoint, &mut rates.person, &mut rates.client] {
                *quota = Quota::OFF;
            }
            (rates.address_at_once, rates.person_at_once, rates.client_at_once) = (0, 0, 0);
            config.trusted_proxies = TrustedProxies::read("127.0.0.1").unwrap();
            change(config);
        },
        Clock::fixed(Time(BEGIN)),
    )
}

/// So many at once, and one a second.
pub fn at_most(burst: u32) -> Quota {
    Quota { per_second: 1, burst }
}

fn seconds(stage: &Stage, later: i64) {
    stage.clock.set(Time(BEGIN + later * 1_000_000));
}

async fn read(stage: &Stage, token: &str) -> Answer {
    stage.get("/v1/lessons").token(token).send().await
}

async fn from(stage: &Stage, address: &str, path: &str) -> Answer {
    stage.get(path).header("x-forwarded-for", address).send().await
}

/// One member of a list of structured fields (RFC 9651) as these fields have it: a string with parameters.
#[derive(Debug, PartialEq)]
pub struct Member {
    pub policy: String,
    pub parameters: Vec<(String, String)>,
}

impl Member {
    pub fn number(&self, name: &str) -> Option<u64> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.parse().unwrap())
    }
}

/// Reads a field strictly by the grammar of RFC 9651, sections 3.1 and 3.3, as far as strings and integers go.
fn members(field: &str) -> Vec<Member> {
    fn string(text: &str) -> (String, &str) {
        let rest = text.strip_prefix('"').unwrap_or_else(|| panic!("no string: {text}"));
        let (inner, rest) = rest.split_once('"').unwrap_or_else(|| panic!("no end: {text}"));
        assert!(inner.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'\\'), "{text}");
        (inner.to_owned(), rest)
    }
    let (mut out, mut rest) = (Vec::new(), field);
    loop {
        let (policy, mut after) = string(rest);
        let mut parameters = Vec::new();
        while let Some(more) = after.strip_prefix(';') {
            let (key, value) = more.split_once('=').unwrap_or_else(|| panic!("no value: {field}"));
            assert!(key.starts_with(|c: char| c.is_ascii_lowercase()) && key.bytes().all(|b| b.is_ascii_lowercase()), "{field}");
            let value = if value.starts_with('"') {
                let (text, rest) = string(value);
                after = rest;
                text
            } else {
                let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
                assert!((1..=15).contains(&end), "{field}");
                after = &value[end..];
                value[..end].to_owned()
            };
            parameters.push((key.to_owned(), value));
        }
        out.push(Member { policy, parameters });
        if after.is_empty() {
            return out;
        }
        rest = after.strip_prefix(", ").unwrap_or_else(|| panic!("no list: {field}"));
    }
}

/// The policy and the state that an answer tells, which belong together.
#[track_caller]
pub fn fields(answer: &Answer) -> (Member, Member) {
    let (mut policies, mut limits) = (members(answer.header("ratelimit-policy")), members(answer.header("ratelimit")));
    assert_eq!((policies.len(), limits.len()), (1, 1));
    let (policy, limit) = (policies.remove(0), limits.remove(0));
    assert_eq!(policy.policy, limit.policy);
    assert!(policy.number("q").unwrap() >= limit.number("r").unwrap(), "{policy:?} {limit:?}");
    (policy, limit)
}

/// A refusal that says how long to wait, in every place in which it does.
#[track_caller]
pub fn refusal(answer: &Answer, policy: &str) -> u64 {
    let problem = answer.problem(429, "rate_limited");
    let (said, state) = fields(answer);
    assert_eq!((&problem["params"]["policy"], said.policy.as_str()), (&json!(policy), policy));
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!(wait >= 1);
    assert_eq!(problem["params"]["retry_after"], wait);
    assert_eq!(problem["params"]["limit"], said.number("q").unwrap());
    assert!(state.number("t").is_none_or(|t| t == wait), "{state:?}");
    wait
}

both!(a_person_has_so_many_and_gets_them_back, |place: Place| {
    let stage = limited(&place, |config| config.rates.person = at_most(5));
    let (ada, bob) = (stage.clean_id(), stage.clean_id());
    let (of_ada, of_bob) = (stage.learner_token(ada, "lessons:read"), stage.staff_token(bob, "lessons:read"));
    for left in [4, 3, 2, 1, 0] {
        let answer = read(&stage, &of_ada).await.ok();
        let (policy, state) = fields(&answer);
        assert_eq!((policy.number("q"), policy.number("w")), (Some(5), Some(5)));
        assert_eq!((state.number("r"), state.number("t")), (Some(left), Some(5 - left)), "{}", answer.header("ratelimit"));
    }
    assert_eq!(refusal(&read(&stage, &of_ada).await, "person"), 1);
    // Another token of the same person is the same caller, another person is not, nor is the same id of another kind.
    let again = stage.learner_token(ada, "lessons:read diagnoses:run");
    refusal(&read(&stage, &again).await, "person");
    read(&stage, &of_bob).await.ok();
    read(&stage, &stage.staff_token(ada, "lessons:read")).await.ok();
    // A client's own token is not limited, and is told nothing.
    let answer = read(&stage, &stage.token("lessons:read")).await.ok();
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""));
    // What is refused is not counted; after the time that was told one passes, after all of it all do.
    seconds(&stage, 1);
    read(&stage, &of_ada).await.ok();
    refusal(&read(&stage, &of_ada).await, "person");
    seconds(&stage, 100);
    for _ in 0..5 {
        read(&stage, &of_ada).await.ok();
    }
    refusal(&read(&stage, &of_ada).await, "person");
    // A wrong scope, a wrong body and nothing there are requests too, and are told where they stand.
    let answer = stage.post("/v1/learners").token(&of_bob).send().await;
    answer.problem(403, "insufficient_scope");
    assert_eq!(fields(&answer).1.number("r"), Some(4));
});

/// Together, not one after the other: not one more than the limit passes.
#[test]
fn at_the_same_moment_exactly_as_many_pass() {
    play(Kind::Sqlite, |place| async move {
        let stage = limited(&place, |config| (config.rates.person, config.rates.client) = (at_most(17), at_most(23)));
        for (token, most) in [(stage.learner_token(stage.clean_id(), "lessons:read"), 17), (stage.token("lessons:read"), 23)] {
            let answers = together((0..60).map(|_| read(&stage, &token))).await;
            assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), most);
            assert!(answers.iter().all(|answer| [200, 429].contains(&answer.status)));
        }
    });
}

/// Every operation, those of tomorrow too: what the document says it costs is what is counted.
#[test]
fn every_operation_costs_what_the_document_says() {
    play(Kind::Sqlite, |place| async move {
        let stage = limited(&place, |config| config.rates.person = at_most(1_000));
        let (mut costly, mut all) = (0, 0);
        for operation in operations(&stage).await.into_iter().filter(|operation| operation.secured()) {
            let token = stage.staff_token(stage.clean_id(), &Scopes::all().to_string());
            let answer = operation.example_call(&stage).token(&token).send().await;
            let cost = operation.value["x-cost"].as_u64().unwrap_or(1);
            assert_eq!(fields(&answer).1.number("r"), Some(1_000 - cost), "{operation}: {}", answer.text());
            if cost > 1 {
                costly += 1;
                let said = operation.value["description"].as_str().unwrap();
                assert!(said.contains(&format!("counts as {cost} requests")), "{operation}");
            }
            all += 1;
        }
        assert!(costly >= 10 && all > 50, "{costly} of {all}");
        // What costs more than there is left is refused, while what costs less passes.
        let stage = limited(&place_of_its_own(), |config| config.rates.person = at_most(60));
        let token = stage.staff_token(stage.clean_id(), &Scopes::all().to_string());
        let import = || stage.post("/v1/packages/import").token(&token).body("x").send();
        for _ in 0..3 {
            assert_ne!(import().await.status, 429);
        }
        seconds(&stage, 5);
        assert_eq!(refusal(&import().await, "person"), 15);
        read(&stage, &token).await.ok();
        seconds(&stage, 21);
        assert_ne!(import().await.status, 429);
    });
}

fn place_of_its_own() -> Place {
    Place::new(Kind::Sqlite)
}

both!(without_a_good_token_an_address_counts, |place: Place| {
    let stage = limited(&place, |config| config.rates.address = at_most(6));
    let known = stage.learner_token(stage.clean_id(), "lessons:read");
    let by = |address: &'static str, token: &str| stage.get("/v1/lessons").header("x-forwarded-for", address).token(token).send();
    by("198.51.100.1", &known).await.ok();
    // No token, a bad one, a page, nothing there: each is one.
    from(&stage, "198.51.100.1", "/v1/lessons").await.problem(401, "token_missing");
    by("198.51.100.1", "garbage").await.problem(401, "token_invalid");
    by("198.51.100.1", "other garbage").await.problem(401, "token_invalid");
    from(&stage, "198.51.100.1", "/docs/errors").await.ok();
    from(&stage, "198.51.100.1", "/nowhere").await.problem(404, "not_found");
    stage.get("/openapi.json").header("x-forwarded-for", "198.51.100.1").header("authorization", "Bearer x").send().await.ok();
    for path in ["/v1/lessons", "/docs/errors", "/nowhere", "/openapi.json"] {
        assert_eq!(refusal(&from(&stage, "198.51.100.1", path).await, "address"), 1);
    }
    refusal(&by("198.51.100.1", "garbage").await, "address");
    // A token that is known to be good is let in, however often; one that nobody looked at yet waits.
    for _ in 0..20 {
        by("198.51.100.1", &known).await.ok();
    }
    let fresh = stage.learner_token(stage.clean_id(), "lessons:read");
    refusal(&by("198.51.100.1", &fresh).await, "address");
    // Those who watch over the service are answered; other addresses know nothing of it.
    for path in ["/healthz", "/readyz"] {
        from(&stage, "198.51.100.1", path).await.ok();
    }
    by("198.51.100.2", &fresh).await.ok();
    from(&stage, "198.51.100.2", "/docs/errors").await.ok();
    seconds(&stage, 1);
    by("198.51.100.1", &stage.learner_token(stage.clean_id(), "lessons:read")).await.ok();
    from(&stage, "198.51.100.1", "/docs/errors").await.ok();
    refusal(&from(&stage, "198.51.100.1", "/docs/errors").await, "address");
});

/// A client of its own: (id, secret).
fn client(stage: &Stage) -> (String, String) {
    let (tenant, scopes) = (stage.tenant, Scopes::parse("lessons:read").unwrap());
    let make = move |conn: &mut waymark::db::Conn| first_start::new_client(conn, &Clock::system(), tenant, "a test", scopes);
    let (id, secret) = stage.place.transaction(make).unwrap();
    (id.to_string(), secret)
}

async fn sign_in(stage: &Stage, address: &str, id: &str, secret: &str) -> Answer {
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    stage.post("/oauth/token").header("x-forwarded-for", address).form(&form).send().await
}

/// 429 in the form of RFC 6749, with what a program needs to wait.
#[track_caller]
fn refused_sign_in(answer: &Answer, policy: &str) -> u64 {
    let text = answer.text();
    assert_eq!((answer.status, &answer.json()["error"]), (429, &json!("temporarily_unavailable")), "{text}");
    assert!(answer.json()["error_description"].as_str().is_some_and(|said| !said.is_empty()), "{text}");
    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", "no-store"), "{text}");
    let (said, state) = fields(answer);
    assert_eq!(said.policy, policy);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert_eq!(state.number("t"), Some(wait));
    wait
}

both!(a_refused_sign_in_counts_as_ten, |place: Place| {
    let stage = limited(&place, |config| config.rates.token_endpoint = at_most(32));
    let ((id, secret), (other, its_secret)) = (client(&stage), client(&stage));
    for left in [31, 30] {
        let answer = sign_in(&stage, "198.51.100.1", &id, &secret).await.ok();
        assert_eq!(fields(&answer).1.number("r"), Some(left));
    }
    for _ in 0..3 {
        sign_in(&stage, "198.51.100.1", &id, "wrong").await.is(401);
    }
    assert_eq!(refused_sign_in(&sign_in(&stage, "198.51.100.1", &id, &secret).await, "token-endpoint"), 1);
    // Nobody else is kept out: neither the client elsewhere, whose id others may know, nor other clients.
    sign_in(&stage, "198.51.100.2", &id, &secret).await.ok();
    sign_in(&stage, "198.51.100.2", &other, &its_secret).await.ok();
    // The rest of the service has a limit of its own.
    from(&stage, "198.51.100.1", "/docs/errors").await.ok();
    seconds(&stage, 1);
    sign_in(&stage, "198.51.100.1", &id, &secret).await.ok();
    refused_sign_in(&sign_in(&stage, "198.51.100.1", &id, &secret).await, "token-endpoint");
    // A form that cannot be read is refused, and counts as much.
    seconds(&stage, 100);
    for _ in 0..4 {
        stage.post("/oauth/token").header("x-forwarded-for", "198.51.100.1").body("x").send().await.is(400);
    }
    refused_sign_in(&sign_in(&stage, "198.51.100.1", &id, &secret).await, "token-endpoint");
});

both!(a_client_gets_so_many_tokens_wherever_it_asks, |place: Place| {
    let stage = limited(&place, |config| config.rates.token_endpoint = at_most(20));
    let (id, secret) = client(&stage);
    for n in 0..40 {
        // Whoever knows the id and not the secret takes nothing from the client.
        sign_in(&stage, &format!("203.0.113.{n}"), &id, "wrong").await.is(401);
    }
    for n in 0..20 {
        sign_in(&stage, &format!("198.51.100.{n}"), &id, &secret).await.ok();
    }
    assert_eq!(refused_sign_in(&sign_in(&stage, "198.51.100.99", &id, &secret).await, "token-endpoint-client"), 1);
    let (other, its_secret) = client(&stage);
    sign_in(&stage, "198.51.100.99", &other, &its_secret).await.ok();
    seconds(&stage, 1);
    sign_in(&stage, "198.51.100.99", &id, &secret).await.ok();
});

// Requests that hang at the database: as many as may run, and then no further one of that person.
both!(so_many_of_one_person_run_at_once, |place: Place| {
    let stage = limited(&place, |config| config.rates.person_at_once = 2);
    let everything = Scopes::all().to_string();
    let (ada, bob) = (stage.staff_token(stage.clean_id(), &everything), stage.staff_token(stage.clean_id(), &everything));
    let session = place.session();
    session.batch(if place.is_postgres() { "BEGIN; LOCK TABLE learners" } else { "BEGIN IMMEDIATE" });
    // Whoever finds the other one and the one who watches inside asks again.
    let slow = |name: &'static str| {
        let (stage, ada) = (&stage, &ada);
        async move {
            loop {
                let call = stage.call("PUT", &format!("/v1/learners/by-identity?id={name}")).token(ada);
                let answer = call.json(&json!({})).send().await;
                if answer.status != 429 {
                    return answer;
                }
            }
        }
    };
    let hanging = together([slow("a"), slow("b")]);
    let watching = async {
        let refused = eventually("both run", || async {
            let answer = read(&stage, &ada).await;
            (answer.status == 429).then_some(answer)
        })
        .await;
        assert_eq!(refusal(&refused, "person-at-once"), 1);
        let policy = fields(&refused).0;
        assert_eq!(policy.parameters, [("q".to_owned(), "2".to_owned()), ("qu".to_owned(), "concurrent-requests".to_owned())]);
        read(&stage, &bob).await.ok();
        read(&stage, &stage.full_token()).await.ok();
        session.batch("ROLLBACK");
    };
    let (made, ()) = tokio::join!(hanging, watching);
    assert!(made.iter().all(|answer| answer.status < 300), "{made:?}");
    eventually("their places are free", || async { (read(&stage, &ada).await.status == 200).then_some(()) }).await;
});

// Forms that do not end hold the places of their address, and of no other.
both!(so_many_without_a_token_run_at_once, |place: Place| {
    let stage = limited(&place, |config| config.rates.address_at_once = 2);
    let begun = || {
        let mut socket = std::net::TcpStream::connect(stage.address).unwrap();
        let form = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 100";
        socket.write_all(format!("POST /oauth/token HTTP/1.1\r\nhost: x\r\n{form}\r\n\r\nx").as_bytes()).unwrap();
        socket
    };
    // More than there is room for: one may find the one who watches inside.
    let held: Vec<_> = (0..6).map(|_| begun()).collect();
    let refused = eventually("both run", || async {
        let answer = stage.get("/docs/errors").send().await;
        (answer.status == 429).then_some(answer)
    })
    .await;
    assert_eq!(refusal(&refused, "address-at-once"), 1);
    let form = [("grant_type", "client_credentials")];
    let answer = stage.post("/oauth/token").form(&form).send().await.is(429);
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
    stage.get("/healthz").send().await.ok();
    from(&stage, "198.51.100.1", "/docs/errors").await.ok();
    read(&stage, &stage.full_token()).await.ok();
    drop(held);
    eventually("their places are free", || async { (stage.get("/docs/errors").send().await.status == 200).then_some(()) }).await;
});

/// What one who has no token may make the service hold is as much from a million addresses as from one.
#[test]
fn a_million_addresses_are_forgotten_before_one_that_has_used_it_up() {
    let settings = RateSettings { address: at_most(50), token_endpoint: at_most(50), ..usual() };
    let limits = RateLimits::new(&settings);
    let now = Time(BEGIN);
    let bad: IpAddr = "203.0.113.66".parse().unwrap();
    let ask = |address: IpAddr| limits.admit_address(address, false, now).is_ok();
    assert_eq!((0..80).filter(|_| ask(bad)).count(), 50);
    for n in 0..1_000_000_u32 {
        assert!(ask(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n))), "a newcomer is let in");
    }
    assert!(!ask(bad), "it is still known");
    // Version 6 is counted by networks of 64 bits, and version 4 in version 6 is version 4.
    let v6 = |text: &str| ask(text.parse().unwrap());
    assert_eq!((0..80).filter(|n| v6(&format!("2001:db8:0:1::{n:x}"))).count(), 50);
    assert!(v6("2001:db8:0:2::1") && !v6("::ffff:203.0.113.66"));
}

fn usual() -> RateSettings {
    Config::from_parts(&Default::default(), &Default::default(), "").unwrap().rates
}

/// What is usual in a school of 2,000 phones behind one address, all in one moment, under the limits that hold unless somebody says
/// otherwise.
#[test]
fn a_school_behind_one_address_meets_no_limit() {
    let limits = RateLimits::new(&usual());
    let (now, school): (Time, IpAddr) = (Time(BEGIN), "198.51.100.1".parse().unwrap());
    let tenant = Id(uuid::Uuid::now_v7());
    for n in 0..2_000_u32 {
        // Last night's token has ended; the phone gets another one, and hands in what it has.
        assert!(limits.look_at_address(school, now).is_ok(), "{n}");
        limits.charge_address(school, false, 1, now);
        assert!(limits.admit_address(school, true, now).is_ok(), "{n}");
        assert!(limits.admit_sign_in(&(tenant, tenant), now).is_ok(), "{n}");
        let learner = (tenant, tenant, Principal::Learner(Id(uuid::Uuid::now_v7())));
        let many = (0..500).all(|_| limits.admit_caller(&learner, CallerKind::Person, 1, now).is_ok());
        assert!(many, "{n}");
    }
    // Their system speaks for all of them with one token.
    let client = (tenant, tenant, Principal::Client(tenant));
    assert!((0..100_000).all(|_| limits.admit_caller(&client, CallerKind::Client, 50, now).is_ok()));
}
