//! The built-in signals as they lie in the program: read from their files ahead, because reading a megabyte of YAML takes longer
//! than everything else that a start does. `script/update` writes them anew, and a test fails while that would change one.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::value::RawValue;

use crate::format::Examples;
use crate::source::EngineSource;
#[cfg(feature = "yaml")]
pub use crate::yaml::{CompiledSignals, compile_signals};

const SIGNALS: &str = include_str!("../compiled/signals.json");
const EXAMPLES: &str = include_str!("../compiled/examples.json");

/// The signals that are compiled into this program, without their examples: matching needs none, and they are most of the text.
pub fn embedded_signals() -> Result<EngineSource, String> {
    serde_json::from_str(SIGNALS).map_err(|why| why.to_string())
}

/// The examples of a built-in signal, read when they are asked for.
pub fn built_in_examples(signal: &str) -> Option<Examples> {
    type Unread = HashMap<&'static str, &'static RawValue>;
    static UNREAD: LazyLock<Unread> = LazyLock::new(|| serde_json::from_str(EXAMPLES).unwrap_or_default());
    UNREAD.get(signal).and_then(|text| serde_json::from_str(text.get()).ok())
}
