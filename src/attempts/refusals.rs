//! What follows where answers of a call are refused that asked to submit the attempt. Pure.

use crate::attempts::sent::SaveResult;
use crate::attempts::wire::NotSubmitted;
use crate::db::types::Id;
use crate::error::{Code, FieldError, Problem};

/// Why the attempt stays open; none where no answer was refused.
pub fn not_submitted(results: &[SaveResult]) -> Option<NotSubmitted> {
    let refused: Vec<usize> =
        results.iter().enumerate().filter(|(_, result)| result.is_refused()).map(|(index, _)| index).collect();
    let detail = format!(
        "{} of the {} answers of this call are refused, so the attempt is not submitted: it is open, and the other answers are \
         saved. Mend the refused ones as `results` says and send the call again, or send \"submit\": \"despite_refusals\" to \
         submit without them.",
        refused.len(),
        results.len()
    );
    (!refused.is_empty()).then(|| NotSubmitted { code: "answers_refused".to_owned(), detail, refused })
}

/// Answers that do not fit the newest version, where no version was named: they may have been made on an older one.
pub fn version_wanted(results: &[SaveResult], newest: &str) -> Option<Problem> {
    let misfit = |result: &SaveResult| result.misfit;
    if !results.iter().any(misfit) {
        return None;
    }
    let detail = format!(
        "name the version that the learner saw: answers of this call do not fit the newest one, {newest}. Nothing was stored; send the \
         call again with `version`."
    );
    let version = FieldError { pointer: Some("/version".to_owned()), parameter: None, detail };
    Some(Problem::bodies([vec![version], places(results, misfit)].concat()).with("newest", newest))
}

/// A whole attempt can be neither submitted as it is nor kept open beside another open one.
pub fn cannot_stay_open(results: &[SaveResult], open: Id) -> Problem {
    let detail = format!(
        "Answers of this call are refused, so the attempt is not submitted, and it cannot stay open beside the attempt {open}. Nothing \
         was stored. Mend the answers that `errors` names and send the call again, or send \"submit\": \"despite_refusals\" to submit \
         without them."
    );
    let problem = Problem::new(Code::AttemptOpen, detail).with("attempt", open.to_string());
    problem.about(places(results, SaveResult::is_refused))
}

/// The refused answers as parts of the body.
fn places(results: &[SaveResult], which: impl Fn(&SaveResult) -> bool) -> Vec<FieldError> {
    let place = |(index, result): (usize, &SaveResult)| {
        let problem = result.problem.as_ref()?;
        let pointer = format!("/responses/{index}{}", problem.pointer.as_deref().unwrap_or_default());
        Some(FieldError { pointer: Some(pointer), parameter: None, detail: problem.detail.clone() })
    };
    results.iter().enumerate().filter(|(_, result)| which(result)).filter_map(place).collect()
}
