//! A bundle as one file: the manifest and every part in a zip file, whose equal content gives equal bytes.

use std::sync::Arc;

use actix_web::web::Bytes;
use sha2::{Digest, Sha256};
use waymark_packages::zip::{PackageFiles, write_zip};

use crate::error::Problem;
use crate::web::encoded::Encoded;

/// Where the manifest stands in the file.
pub const MANIFEST: &str = "manifest.json";

/// The file, and its strong ETag.
pub struct BundleArchive {
    pub bytes: Bytes,
    pub etag: String,
}

impl BundleArchive {
    /// Packs a manifest and the parts that it names.
    pub fn pack<'a>(manifest: &Encoded, parts: impl Iterator<Item = &'a Arc<Encoded>>) -> Result<BundleArchive, Problem> {
        let mut files: PackageFiles = parts.map(|part| (place_of(part.sha256()), part.body().to_vec())).collect();
        files.insert(MANIFEST.to_owned(), manifest.body().to_vec());
        let bytes = write_zip(&files).map_err(Problem::internal)?;
        let digest = hex::encode(Sha256::digest(&bytes));
        Ok(BundleArchive { etag: format!("\"{}\"", digest.split_at(32).0), bytes: bytes.into() })
    }
}

/// Where a part stands in the file.
pub fn place_of(sha256: &str) -> String {
    format!("parts/{sha256}.json")
}
