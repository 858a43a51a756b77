//! What is served of each course: itself with its lessons, its glossary, its field guide.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::lessons::bundle::Bundle;
use crate::lessons::reference::shelf::ReferenceShelf;
use crate::lessons::source::CourseContent;
use crate::lessons::wire;
use crate::web::encoded::Rendered;

/// One course, ready to be served.
pub struct CoursePages {
    pub default_language: String,
    pub languages: BTreeSet<String>,
    /// By language.
    pub pages: HashMap<String, Rendered<wire::Course>>,
    pub glossary: Option<ReferenceShelf>,
    pub field_guide: Option<ReferenceShelf>,
    pub bundle: Bundle,
    /// As it was published, for packages.
    pub content: Arc<CourseContent>,
}

impl CoursePages {
    pub fn page(&self, language: &str) -> Option<&Rendered<wire::Course>> {
        self.pages.get(language).or_else(|| self.pages.get(&self.default_language))
    }
}
