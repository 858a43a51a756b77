//! Writes the built-in curriculum as it lies in the program. `script/update` runs it.

use std::path::Path;

fn main() -> Result<(), String> {
    for (name, text) in waymark_curriculum::compiled::compile_curriculum()? {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("compiled").join(name);
        std::fs::write(&file, text).map_err(|why| format!("{}: {why}", file.display()))?;
    }
    Ok(())
}
