//! The threads on which feedback is worked out. They are few and stay, because each keeps what its searches grew to.

use std::sync::LazyLock;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::error::Problem;

/// As many as there are cores, and no more: what waits longer costs nothing while it waits.
static JUDGES: LazyLock<std::io::Result<Runtime>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(8);
    Builder::new_current_thread()
        .thread_name("judge")
        .max_blocking_threads(cores)
        .thread_keep_alive(Duration::from_secs(24 * 3600))
        .build()
});

/// Runs long work beside the threads that serve.
pub async fn on_judges<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let judges = JUDGES.as_ref().map_err(Problem::internal)?;
    judges.spawn_blocking(work).await.map_err(Problem::internal)
}
