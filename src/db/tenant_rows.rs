//! Whose rows a piece of work may touch: on PostgreSQL the second lock behind the filters of the queries.
//!
//! The policies of the migration `row_security` let a transaction see and write the rows of the tenants in the setting
//! `waymark.tenants` alone, and everything where that is empty (PostgreSQL documentation, "Row Security Policies").
//! A query that forgot its tenant finds nothing of others then. SQLite has no such thing.

use crate::db::types::Id;

/// Whose rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantRows {
    /// Of everybody: what the service does for itself, and what the platform's administrator asks.
    Installation,
    Of(Id),
    Among(Vec<Id>),
}

impl TenantRows {
    /// Those that any of several pieces of work may touch, for their common transaction.
    pub fn together(all: impl IntoIterator<Item = TenantRows>) -> TenantRows {
        let mut tenants = Vec::new();
        for rows in all {
            match rows {
                TenantRows::Installation => return TenantRows::Installation,
                TenantRows::Of(tenant) => tenants.push(tenant),
                TenantRows::Among(some) => tenants.extend(some),
            }
        }
        tenants.sort_unstable();
        tenants.dedup();
        match tenants.as_slice() {
            [one] => TenantRows::Of(*one),
            _ => TenantRows::Among(tenants),
        }
    }

    /// The statement that says so to a session; `SET LOCAL` ends with the transaction.
    pub fn statement(&self, set: &str) -> String {
        match self {
            TenantRows::Installation => format!("{set} waymark.tenants = ''"),
            TenantRows::Of(tenant) => format!("{set} waymark.tenants = '{tenant}'"),
            TenantRows::Among(tenants) => {
                let list = tenants.iter().map(Id::to_string).collect::<Vec<_>>().join(",");
                format!("{set} waymark.tenants = '{{{list}}}'")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::TenantRows::{self, Among, Installation, Of};
    use crate::db::types::Id;

    fn id(n: u128) -> Id {
        Id(Uuid::from_u128(n))
    }

    #[test]
    fn what_several_may_touch() {
        assert_eq!(
            TenantRows::together([Of(id(2)), Of(id(1)), Of(id(2)), Among(vec![id(3), id(1)])]),
            Among(vec![id(1), id(2), id(3)])
        );
        assert_eq!(TenantRows::together([Of(id(2)), Installation]), Installation);
        assert_eq!(TenantRows::together([Of(id(2)), Of(id(2))]), Of(id(2)));
        // Nobody's work sees nothing.
        assert_eq!(TenantRows::together([]).statement("SET LOCAL"), "SET LOCAL waymark.tenants = '{}'");
    }

    #[test]
    fn what_a_session_is_told() {
        assert_eq!(Installation.statement("SET"), "SET waymark.tenants = ''");
        assert_eq!(Of(id(1)).statement("SET"), "SET waymark.tenants = '00000000-0000-0000-0000-000000000001'");
        let two = Among(vec![id(1), id(2)]).statement("SET");
        assert!(two.ends_with("'{00000000-0000-0000-0000-000000000001,00000000-0000-0000-0000-000000000002}'"), "{two}");
    }
}
