//! Personal access tokens (`wm_pat_...`), for dashboards and scripts: long-lived, shown once, stored as a digest.

pub mod store;
