//! The names of courses, lessons and their parts in statements about them.

use crate::db::types::Id;

/// Names under the installation's `iri_base`; stable when the service moves.
#[derive(Debug, Clone)]
pub struct Iris(pub String);

impl Iris {
    /// The names of what this owner published: a tenant's lessons are no other tenant's, though their slugs be the same.
    pub fn of(&self, owner: Id) -> Iris {
        if owner == Id::NIL { self.clone() } else { Iris(format!("{}/tenants/{owner}", self.0)) }
    }
    pub fn course(&self, slug: &str) -> String {
        format!("{}/courses/{slug}", self.0)
    }
    pub fn lesson(&self, slug: &str) -> String {
        format!("{}/lessons/{slug}", self.0)
    }
    pub fn quiz(&self, slug: &str) -> String {
        format!("{}/lessons/{slug}/quiz", self.0)
    }
    pub fn item(&self, slug: &str, item: &str) -> String {
        format!("{}/lessons/{slug}/items/{item}", self.0)
    }
    pub fn exercise(&self, id: &str) -> String {
        format!("{}/exercises/{id}", self.0)
    }
}
