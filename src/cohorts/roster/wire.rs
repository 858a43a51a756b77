//! What an import of a roster says.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RefusedRosterRow)]
pub struct RefusedRow {
    /// The file of the zip file; `list.csv` for a simple list.
    pub file: String,
    /// The line where the row begins, from 1.
    #[schema(minimum = 1)]
    pub line: u64,
    /// The column; null where it is about the whole row.
    pub field: Option<String>,
    pub reason: String,
}

/// How many things an import changed. The same file again changes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RosterCounts)]
pub struct ImportCounts {
    pub cohorts_made: usize,
    pub cohorts_changed: usize,
    pub cohorts_deleted: usize,
    pub learners_added: usize,
    pub learners_removed: usize,
    pub instructors_added: usize,
    pub instructors_removed: usize,
}

impl ImportCounts {
    pub fn and(self, other: ImportCounts) -> ImportCounts {
        ImportCounts {
            cohorts_made: self.cohorts_made.saturating_add(other.cohorts_made),
            cohorts_changed: self.cohorts_changed.saturating_add(other.cohorts_changed),
            cohorts_deleted: self.cohorts_deleted.saturating_add(other.cohorts_deleted),
            learners_added: self.learners_added.saturating_add(other.learners_added),
            learners_removed: self.learners_removed.saturating_add(other.learners_removed),
            instructors_added: self.instructors_added.saturating_add(other.instructors_added),
            instructors_removed: self.instructors_removed.saturating_add(other.instructors_removed),
        }
    }
}

/// What became of a roster.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "counts": {"cohorts_made": 1, "cohorts_changed": 0, "cohorts_deleted": 0, "learners_added": 24, "learners_removed": 0,
        "instructors_added": 1, "instructors_removed": 0},
    "refused": [{"file": "enrollments.csv", "line": 7, "field": "role", "reason": "\"proctor\" is neither student nor teacher."}],
    "refused_rows": 1}))]
pub struct RosterImport {
    pub counts: ImportCounts,
    /// The first 1,000 rows that were not taken.
    pub refused: Vec<RefusedRow>,
    /// How many rows were not taken.
    pub refused_rows: usize,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RosterQuery {
    /// The system whose roster it is, as learners' identities name it; cohorts and, in OneRoster, people are known by it.
    #[param(min_length = 1, max_length = 255, example = "https://sis.example.edu")]
    pub system: String,
}
