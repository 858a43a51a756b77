//! Zip files: read into memory within bounds, written so that equal content gives equal bytes. Nothing touches the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Write};

use unicode_normalization::UnicodeNormalization;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::RefusedPackage;

/// Files by their path in the package.
pub type PackageFiles = BTreeMap<String, Vec<u8>>;

/// The most entries of a package, folders included.
pub const MOST_ENTRIES: usize = 2_000;
/// The largest file of a package, in bytes, unpacked.
pub const LARGEST_FILE: u64 = 8 << 20;
/// All files of a package together, in bytes, unpacked.
pub const LARGEST_TOTAL: u64 = 64 << 20;
/// How many times its packed size a file may have, once it is larger than `RATIO_FROM`. Deflate's own limit is 1032; quizzes
/// in XML stay below 30.
pub const LARGEST_RATIO: u64 = 200;
const RATIO_FROM: u64 = 1 << 20;
const LONGEST_NAME: usize = 255;

/// The files of a zip file, or why it is refused.
pub fn read_zip(bytes: &[u8]) -> Result<PackageFiles, RefusedPackage> {
    let count = entries(bytes)?;
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|e| RefusedPackage::new(format!("is no readable zip file: {e}")))?;
    if archive.len() != count {
        let found = archive.len();
        return Err(RefusedPackage::new(format!("says that it has {count} entries and has {found} with different names")));
    }
    let (mut files, mut seen, mut total) = (PackageFiles::new(), BTreeSet::new(), 0_u64);
    for index in 0..count {
        let Some((name, content)) = entry(&mut archive, index, LARGEST_TOTAL.saturating_sub(total))? else { continue };
        // Systems that do not tell a from A would write one file over the other.
        if !seen.insert(name.to_lowercase()) {
            return Err(RefusedPackage::of(&name, "stands twice in the package, but for capitals"));
        }
        total = total.saturating_add(u64::try_from(content.len()).unwrap_or(u64::MAX));
        files.insert(name, content);
    }
    if let Some(inner) = files.keys().find(|name| files.keys().any(|other| other.starts_with(&format!("{name}/")))) {
        return Err(RefusedPackage::of(inner, "is a file and a folder at once"));
    }
    Ok(files)
}

/// The number of entries as the end of the zip file states it (APPNOTE 6.3.10, section 4.3.16), before anything is made of
/// them. The reader keeps one of several entries of a name, so a number that differs from its own tells of repeated names.
fn entries(bytes: &[u8]) -> Result<usize, RefusedPackage> {
    const SIGNATURE: &[u8] = b"PK\x05\x06";
    const LENGTH: usize = 22;
    let number = |record: &[u8], at: usize| {
        record.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(usize::MAX, |two| usize::from(u16::from_le_bytes(two)))
    };
    let from = bytes.len().saturating_sub(LENGTH + usize::from(u16::MAX));
    let tail = bytes.get(from..).unwrap_or_default();
    let record = tail.windows(LENGTH).enumerate().rev().find_map(|(at, record)| {
        let ends_here = at + LENGTH + number(record, 20) == tail.len();
        (record.starts_with(SIGNATURE) && ends_here).then_some(record)
    });
    let record = record.ok_or_else(|| RefusedPackage::new("is no zip file, or one that was cut off"))?;
    match number(record, 10) {
        0 => Err(RefusedPackage::new("is a zip file without files")),
        count if count > MOST_ENTRIES => {
            Err(RefusedPackage::new(format!("has {count} entries or more; at most {MOST_ENTRIES} are read")))
        }
        count => Ok(count),
    }
}

/// One entry's name and content; `None` for a folder.
fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize, left: u64) -> Result<Option<(String, Vec<u8>)>, RefusedPackage> {
    let what = format!("entry {}", index + 1);
    let unreadable = |e: &dyn std::fmt::Display| RefusedPackage::of(&what, format!("cannot be read: {e}"));
    let name;
    {
        let raw = archive.by_index_raw(index).map_err(|e| unreadable(&e))?;
        name = match std::str::from_utf8(raw.name_raw()) {
            Ok(name) => path_of(name),
            // Older programs write code page 437 (APPNOTE 6.3.10, appendix D), which the crate reads.
            Err(_) => path_of(&raw.name().map_err(|e| unreadable(&e))?),
        };
        if name.is_empty() && raw.is_dir() {
            return Ok(None);
        }
        safe(&name).map_err(|why| RefusedPackage::of(&name, why))?;
        if raw.encrypted() {
            return Err(RefusedPackage::of(&name, "is encrypted"));
        }
        // The upper bits of a Unix mode say what kind of thing it is: 0o10 is a file, 0o04 a folder, 0 says nothing.
        let kind = raw.unix_mode().map_or(0, |mode| mode >> 12);
        if raw.is_symlink() || ![0, 0o10, 0o04].contains(&kind) {
            return Err(RefusedPackage::of(&name, "is a link or a device; only files and folders are read"));
        }
        if raw.is_dir() || name.ends_with('/') {
            return Ok(None);
        }
        if !matches!(raw.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(RefusedPackage::of(&name, "is compressed in a way other than deflate"));
        }
    }
    let file = archive.by_index(index).map_err(|e| unreadable(&e))?;
    let packed = file.compressed_size();
    let most = LARGEST_FILE.min(left).min(packed.saturating_mul(LARGEST_RATIO).max(RATIO_FROM));
    let mut content = Vec::new();
    // What an entry says of its own size is not believed.
    let read = file.take(most.saturating_add(1)).read_to_end(&mut content);
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > most {
        return Err(RefusedPackage::of(&name, too_large(most, left)));
    }
    read.map_err(|e| RefusedPackage::of(&name, format!("cannot be unpacked: {e}")))?;
    Ok(Some((name, content)))
}

fn too_large(most: u64, left: u64) -> String {
    if most == LARGEST_FILE {
        format!("is larger than {} MiB unpacked", LARGEST_FILE >> 20)
    } else if most == left {
        format!("takes the package over {} MiB unpacked", LARGEST_TOTAL >> 20)
    } else {
        format!("grows to over {LARGEST_RATIO} times its packed size; a package may not")
    }
}

/// The path that a name means: programs on Windows write backslashes, others begin with `./`, and macOS takes letters and their
/// accents apart, where hrefs have them in one.
fn path_of(name: &str) -> String {
    let path = name.replace('\\', "/");
    let mut inner = path.as_str();
    while let Some(rest) = inner.strip_prefix("./") {
        inner = rest;
    }
    inner.nfc().collect()
}

/// Whether a name stays inside of the package, on every system; the error says why not.
fn safe(name: &str) -> Result<(), String> {
    let path = name.strip_suffix('/').unwrap_or(name);
    let wrong = if name.contains('\u{fffd}') {
        "has a name that is not UTF-8"
    } else if path.is_empty() || path.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        "has a name that leads out of the package, or nowhere"
    } else if path.contains(':') || path.chars().any(char::is_control) {
        "has a name with a colon or a control character"
    } else if path.len() > LONGEST_NAME {
        "has a name that is too long"
    } else {
        return Ok(());
    };
    Err(wrong.to_owned())
}

/// The zip file of these files: the manifest first, the others sorted, all with the same time.
pub fn write_zip(files: &PackageFiles) -> Result<Vec<u8>, RefusedPackage> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let failed = |e: &dyn std::fmt::Display| RefusedPackage::new(format!("cannot be packed: {e}"));
    let (manifest, others): (Vec<_>, Vec<_>) = files.iter().partition(|(name, _)| *name == "imsmanifest.xml");
    for (name, content) in manifest.into_iter().chain(others) {
        writer.start_file(name.as_str(), options).map_err(|e| failed(&e))?;
        writer.write_all(content).map_err(|e| failed(&e))?;
    }
    Ok(writer.finish().map_err(|e| failed(&e))?.into_inner())
}
