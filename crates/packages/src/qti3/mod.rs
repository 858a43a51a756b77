//! QTI 3.0 (1EdTech Question and Test Interoperability, final release of May 2022): content packages out and in.

pub mod declared;
pub mod item;
pub mod options;
pub mod package;
pub mod points;
pub mod processing;
pub mod read_body;
mod read_choice;
pub mod read_item;
mod read_match;
mod read_task;
pub mod read_typed;
pub mod reading;
pub mod test;

/// The namespace of items and tests.
pub const NAMESPACE: &str = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0";
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub const LOCATION: &str =
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0 https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd";

pub use package::{CARRIED, write_qti3};
