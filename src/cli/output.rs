//! What every command does with its result: print it, or say in words why there is none.

use std::io::Write;

use crate::error::Problem;

pub type CliFailure = Box<dyn std::error::Error>;

/// A failure in words for whoever gave the command.
pub fn in_words(error: &(dyn std::error::Error + 'static)) -> String {
    match error.downcast_ref::<Problem>() {
        Some(problem) => problem.cause().unwrap_or_else(|| problem.detail()).to_owned(),
        None => error.to_string(),
    }
}

/// Writes a result to standard output; the number is the exit code.
pub fn print(text: &str) -> Result<u8, CliFailure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(0)
}
