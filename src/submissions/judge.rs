//! Feedback, worked out ahead of the transaction that stores it: it can take longer than other writers should wait.

use std::sync::Arc;

use crate::diagnosis::catalogue::SignalCatalogue;
use crate::diagnosis::{Engine, Evidence};
use crate::lessons::Version;
use crate::submissions::feedback::{self, Feedback};
use crate::submissions::wire::SubmissionContent;

/// What gives feedback: the engine, the tenant's own signals, and what it said ahead.
#[derive(Clone)]
pub struct Judge {
    engine: Arc<Engine>,
    own: Option<Arc<SignalCatalogue>>,
    ahead: Option<Arc<Ahead>>,
}

struct Ahead {
    version: String,
    content: SubmissionContent,
    feedback: Feedback,
}

impl Judge {
    pub fn new(engine: Arc<Engine>, own: Option<Arc<SignalCatalogue>>) -> Judge {
        Judge { engine, own, ahead: None }
    }

    /// Works the feedback on this content out now, for a transaction that comes later.
    pub fn ahead(&mut self, content: &SubmissionContent, version: &Version) {
        let feedback = self.judge(content, version);
        let ahead = Ahead { version: version.digest.clone(), content: content.clone(), feedback };
        self.ahead = Some(Arc::new(ahead));
    }

    /// Feedback on content that has all that must be there.
    pub fn feedback(&self, content: &SubmissionContent, version: &Version) -> Feedback {
        let same = |ahead: &&Arc<Ahead>| ahead.version == version.digest && ahead.content == *content;
        self.ahead.as_ref().filter(same).map_or_else(|| self.judge(content, version), |ahead| ahead.feedback.clone())
    }

    fn judge(&self, content: &SubmissionContent, version: &Version) -> Feedback {
        let exercise = &version.content.exercise;
        let sample = exercise.cases.iter().find(|sample| Some(&sample.id) == content.case.as_ref());
        let sample: Option<Evidence> = sample.and_then(|sample| serde_json::from_value(sample.evidence.clone()).ok());
        let own = content.evidence.clone().unwrap_or_default();
        let basis = feedback::evidence::basis(&own, sample.as_ref());
        let verdict = self.engine.diagnose(basis, self.own.as_deref());
        feedback::feedback(content, basis, &verdict, &exercise.rubric)
    }
}
