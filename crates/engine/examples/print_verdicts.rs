//! Prints the verdict on each line of evidence of standard input, as one line of JSON. With it other builds of the engine are
//! held against the native one (`script/wasm test`).

use std::io::{BufRead, BufWriter, Write};

use waymark_engine::{Engine, Evidence};

fn main() -> Result<(), String> {
    let engine = Engine::built_in()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|why| why.to_string())?;
        let evidence: Evidence = serde_json::from_str(&line).map_err(|why| why.to_string())?;
        let verdict = serde_json::to_string(&engine.diagnose(&evidence, None)).map_err(|why| why.to_string())?;
        writeln!(out, "{verdict}").map_err(|why| why.to_string())?;
    }
    out.flush().map_err(|why| why.to_string())
}
