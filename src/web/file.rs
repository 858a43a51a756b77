//! Request bodies that are a file of one media type.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::web::json::{check_headers, collect};

/// The bytes of a zip file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct ZipBytes(#[allow(dead_code, reason = "only its schema is used")] String);

/// A zip file, in bytes as it came.
pub struct ZipFile(pub Bytes);

/// What a zip file is called: by its own name (the first), by browsers on Windows, by programs that name no kind of file, and as a
/// cartridge.
const ZIP_TYPES: &[&str] = &[
    "application/zip",
    "application/x-zip-compressed",
    "application/x-zip",
    "application/octet-stream",
    "application/vnd.ims.imsccv1p1",
    "application/vnd.ims.imsccv1p2",
    "application/vnd.ims.imsccv1p3",
];

/// The largest zip file that is taken, whatever the limit of other bodies: a package with pictures is larger than any JSON.
pub const LARGEST_ZIP: usize = 8 << 20;

impl FromRequest for ZipFile {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_headers(request, ZIP_TYPES);
        let file = collect(request, payload.take(), LARGEST_ZIP);
        Box::pin(async move {
            checked?;
            Ok(ZipFile(file.await?))
        })
    }
}

/// A CSV file, or several in a zip file.
pub struct RosterFile {
    pub bytes: Bytes,
    pub is_zip: bool,
}

impl FromRequest for RosterFile {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        const CSV: &str = "text/csv";
        let is_csv = check_headers(request, &[CSV]).is_ok();
        let unnamed = check_headers(request, &[PLAIN_BYTES]).is_ok();
        let checked = if is_csv { Ok(()) } else { check_headers(request, ZIP_TYPES) };
        let file = collect(request, payload.take(), LARGEST_ZIP);
        Box::pin(async move {
            checked?;
            let bytes = file.await?;
            // A type that says nothing of the bytes leaves them to be looked at: a zip file begins so (APPNOTE.TXT, section 4.3.7).
            let is_zip = if unnamed { bytes.starts_with(b"PK") } else { !is_csv };
            Ok(RosterFile { bytes, is_zip })
        })
    }
}

/// The type that says nothing of the bytes, for clients that know files and no zip.
const PLAIN_BYTES: &str = "application/octet-stream";

/// The media type under which a file goes out: its own, unless `Accept` begins with the one that says nothing.
pub fn sent_as(request: &HttpRequest, own: &'static str) -> &'static str {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.trim_start().starts_with(PLAIN_BYTES)) { PLAIN_BYTES } else { own }
}
