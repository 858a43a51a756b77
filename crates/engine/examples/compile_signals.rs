//! Writes the built-in signals as they lie in the program. `script/update` runs it.

use std::path::Path;

fn main() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, text) in waymark_engine::compiled::compile_signals(&root.join("signals"))?.files {
        let file = root.join("compiled").join(name);
        std::fs::write(&file, text).map_err(|why| format!("{}: {why}", file.display()))?;
    }
    Ok(())
}
