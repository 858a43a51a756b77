//! PostgreSQL behind PgBouncer in transaction mode: every transaction may meet another session.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use diesel::prelude::*;
use diesel::sql_types::Text;
use secrecy::SecretString;
use serde_json::json;
use waymark::clock::Clock;
use waymark::config::Database;
use waymark::db::Conn;
use waymark::db::types::Id;
use waymark::db::url::Pooler;
use waymark::each;

use crate::flow::{feed, pupil, put, together, whole};
use crate::harness::{Kind, Place, Stage, eventually, play};

/// A PgBouncer of this test's own, on a free port of the loopback address; it ends with it.
struct Bouncer {
    child: Child,
    port: u16,
    _directory: tempfile::TempDir,
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> PathBuf {
    let places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
    places.iter().map(PathBuf::from).find(|path| path.exists()).expect("PgBouncer: run `script/debian-install pgbouncer`")
}

impl Bouncer {
    async fn start() -> Bouncer {
        let server = std::env::var("WAYMARK_TEST_PGPORT").expect("run script/with-postgres");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = tempfile::tempdir().unwrap();
        let settings = directory.path().join("pgbouncer.ini");
        // Few sessions for many clients, so that they are handed about.
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={server} user=waymark\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\nunix_socket_dir =\n"
        );
        std::fs::write(&settings, text).unwrap();
        let mut command = Command::new(program());
        // It refuses to run as root.
        if let Ok(owner) = std::env::var("WAYMARK_TEST_PGUSER") {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
            if owner != std::env::var("USER").unwrap_or_default() {
                command.args(["-u", &owner]);
            }
        }
        let child = command.arg(&settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let bouncer = Bouncer { child, port, _directory: directory };
        eventually("PgBouncer listens", || async { TcpStream::connect(("127.0.0.1", port)).ok() }).await;
        bouncer
    }

    fn serve(&self, place: &Place, pooler: Pooler) -> Stage {
        let (_, name) = place.url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let url = format!("postgres://waymark@127.0.0.1:{}/{name}", self.port);
        let change = |config: &mut waymark::config::Config| {
            config.database = Database::Postgres(SecretString::from(url));
            config.database_pooler = pooler;
        };
        place.serve_with(change, Clock::system())
    }
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn setting(conn: &mut Conn, name: &str) -> String {
    let query = format!("SELECT current_setting('{name}') AS word");
    let row: QueryResult<Word> = each!(conn, c => diesel::sql_query(query).get_result(c));
    row.unwrap().word
}

/// Two services that share three sessions with each other: migration, reads, writes and hot commands, many at a time.
#[test]
fn a_service_lives_behind_a_pooler() {
    play(Kind::Postgres, |place| async move {
        let bouncer = Bouncer::start().await;
        let stages = [bouncer.serve(&place, Pooler::Transaction), bouncer.serve(&place, Pooler::Transaction)];
        let learners = together((0..8).map(|n| {
            let stage = &stages[n % 2];
            async move { pupil(stage, &format!("pupil-{n}")).await }
        }))
        .await;
        let work = learners.iter().enumerate().map(|(n, learner)| {
            let stage = &stages[(n + 1) % 2];
            async move {
                for _ in 0..4 {
                    let path = format!("/v1/attempts/{}", uuid::Uuid::new_v4());
                    let body = json!({"lesson": crate::harness::slug(), "purpose": "practice", "responses": whole(3)["responses"], "submit": true});
                    put(stage, &learner.token, &path, &body).await.is(201);
                    put(stage, &learner.token, &path, &body).await.ok();
                    for read in [path.as_str(), "/v1/attempts", "/v1/records?limit=5", &format!("/v1/learners/{}/progress", learner.id)] {
                        stage.get(read).token(&learner.token).send().await.ok();
                    }
                    stage.get("/readyz").send().await.ok();
                }
            }
        });
        together(work).await;
        let submitted = feed(&stages[0], &stages[0].token("records:read"), "kind=attempt.submitted").await;
        assert_eq!(submitted.len(), 32);
        // Time-outs come with each transaction and stay behind in no session.
        let names = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
        let within = move |conn: &mut Conn| Ok(names.map(|name| setting(conn, name)));
        assert_eq!(stages[0].state.db.write(within).await.unwrap(), ["10s", "5s", "30s"]);
        assert_eq!(stages[1].state.db.read(within).await.unwrap(), ["10s", "5s", "30s"]);
        // So do the bounds of a tenant: sessions go from hand to hand, and no piece of work meets those of another.
        let mut bounds = Vec::new();
        for n in 0..60_u128 {
            let (db, tenant) = (stages[usize::from(n % 2 == 0)].state.db.clone(), Id(uuid::Uuid::from_u128(n % 5)));
            bounds.push(async move {
                let seen = |conn: &mut Conn| Ok(setting(conn, "waymark.tenants"));
                let (read, wrote) = (db.of(tenant).read(seen).await.unwrap(), db.of(tenant).write(seen).await.unwrap());
                assert_eq!((read, wrote, db.read(seen).await.unwrap()), (tenant.to_string(), tenant.to_string(), String::new()));
            });
        }
        together(bounds).await;
        let [first, second] = stages;
        first.stop();
        second.stop();
        // A start that finds everything in place.
        let again = bouncer.serve(&place, Pooler::Transaction);
        assert!(again.published.is_empty() && again.secret.is_none());
    });
}
