//! Writing lessons over the API: drafts, what is wrong with them, how they will look, and their publication; a tenant's own
//! courses; lessons with their keys, for authors' eyes.
//!
//! Never here: how a version is stored and served (that is `lessons`), what learners did with it.

pub mod courses;
pub mod example;
pub mod http;
pub mod inspect;
pub mod lifecycle;
pub mod publication;
pub mod rules;
pub mod store;
pub mod wire;
pub mod withdrawal;

use crate::auth::Who;
use crate::error::Problem;

/// The slug in a path of something that may be made there.
fn slug_of(text: String) -> Result<String, Problem> {
    if rules::is_slug(&text) {
        return Ok(text);
    }
    Err(Problem::parameter("slug", "must have lower-case letters, digits and hyphens, at most 100."))
}

/// A learner writes no lessons and sees no keys, whatever its token says.
pub fn author(who: Who) -> Result<Who, Problem> {
    who.is_no_learner("Authoring is").map(|()| who)
}
