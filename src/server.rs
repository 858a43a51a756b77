//! From a configuration to a running service: first start, middleware order, refreshing, graceful shutdown.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use metrics_exporter_prometheus::PrometheusHandle;
use utoipa_actix_web::AppExt;

use crate::audit::sign_ins::note_waiting_failures;
use crate::auth::{Auth, Gates, personal, renewal as access, store as auth_store};
use crate::authorization;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::db::file::{DatabaseFile, lock};
use crate::db::{Conn, Db, Stored, daily_use, migrate};
use crate::diagnosis::Engine;
use crate::diagnosis::signals::store as signal_store;
use crate::docs;
use crate::doors::answer::in_turn;
use crate::doors::entrance::{self, Workers};
use crate::doors::tls::{TlsDoor, keep_pair_fresh};
use crate::doors::{Doors, Limits};
use crate::error::Problem;
use crate::first_start::{self, Starter};
use crate::issuers::keys::IssuerKeys;
use crate::lessons::iris::Iris;
use crate::lessons::memory::Catalogues;
use crate::lessons::renewal;
use crate::lessons::store as lesson_store;
use crate::measures;
use crate::outbound::GuardedClient;
use crate::records;
use crate::routes::{fallback, routes};
use crate::state::AppState;
use crate::web::cors::{AllowedOrigins, share_with_origins};
use crate::web::meter::meter;
use crate::web::outer::outer;
use crate::web::{Settings, idempotency};

/// How often a process looks whether another one published or disabled something. The promise is 5 seconds.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// After how many rounds of `keep_house` it is written down which personal tokens were used.
const USES_ROUNDS: u32 = 30;

/// After how many rounds of `keep_house` the size of the database is looked up.
const SIZE_ROUNDS: u32 = 30;

/// After how many rounds of `keep_house` what has had its time is forgotten: an hour.
const FORGET_ROUNDS: u32 = 1800;

/// A service that is bound but not yet waiting for its end.
pub struct Service {
    pub server: Server,
    pub address: SocketAddr,
    pub doors: Arc<Doors>,
    /// The certificate of the API's listener, where that speaks TLS.
    pub tls: Option<Arc<TlsDoor>>,
    /// Where metrics and health are, if there is such a listener.
    pub within: Option<(SocketAddr, Server)>,
    pub state: Data<AppState>,
    pub first: first_start::StartOutcome,
}

impl Service {
    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.tls.is_some() { "https" } else { "http" }, self.address)
    }
}

/// Migrates, publishes the curriculum, opens the database and binds. Call it on a thread that is in no async runtime's
/// worker (a blocking one is fine).
pub fn prepare(config: Config, clock: Clock) -> Result<(Data<AppState>, first_start::StartOutcome), Problem> {
    // What needs no database is made beside the work on it.
    let beside = std::thread::spawn(|| (Engine::built_in(), docs::contract_document()));
    let first = migrate::run_migrations(&config, config.migrate, |conn, outcome| {
        if let migrate::MigrationOutcome::Pending(n) = outcome {
            return Err(Problem::internal(format!("{n} migrations are missing; run `waymark migrate` (WAYMARK_MIGRATE is off)")));
        }
        first_start::start_first(conn, &config, &clock, Starter::Service)
    })?;
    let db = Db::start(&config)?;
    let auth = Arc::new(Auth::new(&config.public_url, &first.digest_key).with_default_quotas(config.quotas));
    auth.refresh(Gates::of(first.access.clone(), config.key_secret.as_ref())?);
    auth.revoke(first.revoked.clone(), clock.now());
    let catalogues = Catalogues::new(Iris(first.iri_base.clone()));
    catalogues.take(std::mem::take(&mut *first.curriculum.lock()));
    let (engine, document) = beside.join().map_err(|_| Problem::internal("the signals or the document cannot be made"))?;
    let engine = engine.map_err(|why| Problem::internal(format!("the built-in signals: {why}")))?;
    let outbound = GuardedClient::new(&config.outbound_allow).map_err(Problem::internal)?;
    let keys = IssuerKeys::new(outbound);
    let state = AppState::new(config, db, clock, auth, first.digest_key.clone(), catalogues, engine, document, keys);
    let (generation, signals) = std::mem::take(&mut *first.signals.lock());
    state.signals.take_all(generation, signals);
    Ok((Data::new(state), first))
}

/// A SQLite database has one server; it is this one until the process ends.
pub fn hold_lock(config: &Config) -> Result<(), Problem> {
    match &config.database {
        Database::Sqlite(path) => lock::for_server(&DatabaseFile::of(path)?, config.sqlite_lost_may_be_replaced),
        Database::Postgres(_) => Ok(()),
    }
}

/// Binds and starts the workers.
pub fn bind(state: Data<AppState>, first: first_start::StartOutcome) -> std::io::Result<Service> {
    std::thread::spawn(crate::submissions::feedback::evasion::read_patterns);
    let config = &state.config;
    let tls = config.tls.as_ref().map(TlsDoor::open).transpose().map_err(std::io::Error::other)?.map(Arc::new);
    let listener = listening(config.listen)?;
    let address = listener.local_addr()?;
    let doors = Doors::new("api", config.connections.clone().within_descriptors(config.descriptors_beside()));
    let workers = Workers { count: config.workers, shutdown_seconds: 30, signals: true };
    let shared = state.clone();
    // What the floors below the state look for, without knowing it.
    let (clock, auth) = (Data::new(state.clock.clone()), Data::from(state.auth.clone()));
    let db = Data::new(state.db.clone());
    let (rates, proxies) = (Data::from(state.rates.clone()), Data::new(config.trusted_proxies.clone()));
    let origins = Data::new(AllowedOrigins::of(&config.cors_origins));
    let settings = Data::new(Settings {
        max_body_bytes: config.max_body_bytes,
        measured: config.metrics_listen.is_some(),
        over_tls: config.answers_over_tls(),
    });
    let server = entrance::serve(listener, doors.clone(), tls.clone(), workers, move || {
        let app = App::new().app_data(shared.clone()).app_data(clock.clone());
        let app = app.app_data(auth.clone()).app_data(settings.clone()).app_data(db.clone());
        let app = app.app_data(origins.clone()).app_data(rates.clone()).app_data(proxies.clone());
        let (app, _) = app.into_utoipa_app().configure(routes).split_for_parts();
        app.configure(docs::pages::pages)
            .default_service(web::to(fallback))
            .wrap(from_fn(meter))
            .wrap(from_fn(share_with_origins))
            .wrap(from_fn(outer))
    })?;
    let within = config.metrics_listen.map(|listen| within(listening(listen)?, &state)).transpose()?;
    let most = u32::try_from(doors.limits.connections).unwrap_or(u32::MAX);
    metrics::gauge!("waymark_connections_limit", "listener" => "api").set(f64::from(most));
    Ok(Service { server, address, doors, tls, within, state, first })
}

/// The listener for operators, with its own doors: it answers while the other is full.
fn within(listener: TcpListener, state: &Data<AppState>) -> std::io::Result<(SocketAddr, Server)> {
    const MOST: usize = 64;
    let limits = Limits { connections: MOST, per_address: MOST, ..state.config.connections.clone() };
    let (address, doors) = (listener.local_addr()?, Doors::new("metrics", limits));
    let workers = Workers { count: 1, shutdown_seconds: 1, signals: false };
    let (state, metrics) = (state.clone(), crate::telemetry::metrics());
    measures::describe();
    metrics_process::Collector::default().describe();
    let server = entrance::serve(listener, doors, None, workers, move || {
        let metrics = metrics.clone();
        App::new()
            .wrap(from_fn(in_turn))
            .app_data(state.clone())
            .service(crate::health::healthz)
            .service(crate::health::readyz)
            .route("/metrics", web::get().to(metrics_page))
            .app_data(Data::new(metrics.clone()))
    })?;
    Ok((address, server))
}

async fn metrics_page(state: Data<AppState>, handle: Data<Option<PrometheusHandle>>) -> Option<String> {
    measures::look(&state);
    handle.as_ref().as_ref().map(PrometheusHandle::render)
}

/// With room for those who connect while the workers are busy.
fn listening(address: SocketAddr) -> std::io::Result<TcpListener> {
    use socket2::{Domain, Protocol, Socket, Type};
    const WAITING: i32 = 1024;
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(WAITING)?;
    Ok(socket.into())
}

/// Looks, until the process ends, whether another process changed what this one holds copies of.
pub async fn keep_fresh(state: Data<AppState>, mut seen: Vec<(String, i64)>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match look(&state, &seen).await {
            Ok(now) => seen = now,
            Err(problem) => tracing::warn!(%problem, "cannot look for changes"),
        }
    }
}

/// What is to be done now and then, beside the looks, which must not wait for it.
async fn keep_house(state: Data<AppState>) {
    let mut rounds: u32 = 0;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        rounds = rounds.wrapping_add(1);
        if rounds.is_multiple_of(USES_ROUNDS) {
            note_uses(&state).await;
        }
        note_waiting_failures(&state, false).await;
        if state.config.metrics_listen.is_some()
            && rounds % SIZE_ROUNDS == 1
            && let Err(problem) = measures::look_at_size(&state).await
        {
            tracing::warn!(%problem, "cannot look up the size of the database");
        }
        if rounds.is_multiple_of(FORGET_ROUNDS) {
            let now = state.clock.now();
            let forget = move |conn: &mut Conn| {
                auth_store::forget_expired(conn, now)?;
                authorization::store::forget_ended(conn, now.plus_seconds(-3600))?;
                personal::store::forget_old_tokens(conn, now)?;
                idempotency::forget_old_keys(conn, now)?;
                daily_use::forget_old_days(conn, now)
            };
            match state.db.write(forget).await {
                Ok(_) => state.db.erased(),
                Err(problem) => tracing::warn!(%problem, "cannot forget old sign-ins, tokens, idempotency keys and daily uses"),
            }
        }
    }
}

/// Writes down which personal tokens were used.
async fn note_uses(state: &Data<AppState>) {
    let uses = state.auth.take_uses();
    if !uses.is_empty()
        && let Err(problem) = state.db.write(move |conn| personal::store::note_uses(conn, &uses)).await
    {
        tracing::warn!(%problem, "cannot write down when personal tokens were used");
    }
}

async fn look(state: &Data<AppState>, seen: &[(String, i64)]) -> Stored<Vec<(String, i64)>> {
    let (now, unheard) = (state.clock.now(), state.auth.heard().age());
    let (generations, lag) =
        state.db.probe(move |conn| Ok((auth_store::generations(conn)?, crate::db::epochs::lag_seconds(conn, now)?))).await?;
    metrics::gauge!("waymark_feed_lag_seconds").set(f64::from(i32::try_from(lag).unwrap_or(i32::MAX)));
    if generations != seen {
        let changed = |topic: &str| generations.iter().any(|one| one.0 == topic && !seen.contains(one));
        if changed("clients") || changed("keys") {
            access::renew_gates(&state.auth, &state.db, state.config.key_secret.as_ref()).await?;
        }
        if changed("revocations") {
            access::renew_revocations(&state.auth, &state.db, now, unheard).await?;
        }
        if changed(lesson_store::TOPIC) {
            renewal::renew(state).await?;
        }
        if changed(signal_store::TOPIC) {
            let read = |conn: &mut Conn| Ok((signal_store::signal_generation(conn)?, signal_store::of_all_tenants(conn)?));
            let (generation, rows) = state.db.read(read).await?;
            let there = state.clone();
            web::block(move || there.signals.take_all(generation, rows)).await.map_err(Problem::internal)?;
        }
    }
    // Only now: who could not read what has changed has not heard it.
    state.auth.heard().now();
    Ok(generations)
}

/// Packs what programs before wrote, between the other writers; at most some thousand records a second.
async fn pack_records(state: Data<AppState>) {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut batches: u64 = 0;
    loop {
        match state.db.write(records::packing::store::pack_some).await {
            Ok(true) => batches += 1,
            Ok(false) if batches == 0 => return,
            Ok(false) => return tracing::info!("the records of earlier versions are packed"),
            Err(problem) => {
                tracing::warn!(%problem, "cannot pack records of earlier versions; trying again");
                tokio::time::sleep(LOOK_EVERY * 30).await;
            }
        }
        if batches == 1 {
            tracing::info!("packing the records of earlier versions; requests are answered meanwhile");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Serves until SIGTERM or SIGINT, then finishes what is in flight.
pub async fn run_until_stopped(service: Service) -> std::io::Result<()> {
    let refresher = actix_web::rt::spawn(keep_fresh(service.state.clone(), service.first.generations.clone()));
    let keeper = actix_web::rt::spawn(keep_house(service.state.clone()));
    let packer = actix_web::rt::spawn(pack_records(service.state.clone()));
    let certificates = service.tls.map(|door| actix_web::rt::spawn(keep_pair_fresh(door, LOOK_EVERY)));
    let metrics = service.within.map(|(_, server)| (server.handle(), actix_web::rt::spawn(server)));
    let result = service.server.await;
    refresher.abort();
    keeper.abort();
    packer.abort();
    if let Some(certificates) = certificates {
        certificates.abort();
    }
    note_uses(&service.state).await;
    note_waiting_failures(&service.state, true).await;
    let db = service.state.db.clone();
    let _ = web::block(move || db.close()).await;
    if let Some((handle, _)) = metrics {
        handle.stop(false).await;
    }
    tracing::info!("stopped: everything that was answered is stored");
    result
}
