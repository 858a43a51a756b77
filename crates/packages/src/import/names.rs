//! The names of a package's files: a folder that was zipped whole is the package, and what operating systems add is left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::resources::MANIFEST;
use crate::zip::PackageFiles;

/// The files of a package with its manifest at the top, where it has one.
pub struct Unpacked<'a> {
    pub files: Cow<'a, PackageFiles>,
    /// The folder that is the package, with its slash; empty where it is none.
    pub folder: String,
    /// Files beside that folder.
    pub outside: Vec<String>,
}

/// What Finder, Explorer and others add by themselves.
fn is_junk(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.starts_with("__MACOSX/") || name.starts_with("._") || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&name)
}

fn is_manifest(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.eq_ignore_ascii_case(MANIFEST))
}

/// The package that these files are. Where several folders could be it, none is: the manifest is then missing at the top.
pub fn package_at_top(files: &PackageFiles) -> Unpacked<'_> {
    let depth = |path: &str| path.matches('/').count();
    let manifests: Vec<&String> = files.keys().filter(|path| is_manifest(path) && !is_junk(path)).collect();
    let least = manifests.iter().map(|path| depth(path)).min();
    let top: Vec<&&String> = manifests.iter().filter(|path| Some(depth(path)) == least).collect();
    let folder = match top.as_slice() {
        [only] => only.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/")),
        _ => String::new(),
    };
    if folder.is_empty() && files.contains_key(MANIFEST) && !files.keys().any(|path| is_junk(path) || !is_nfc(path)) {
        return Unpacked { files: Cow::Borrowed(files), folder, outside: Vec::new() };
    }
    let (mut inside, mut outside) = (PackageFiles::new(), Vec::new());
    for (path, content) in files.iter().filter(|(path, _)| !is_junk(path)) {
        match path.strip_prefix(&folder) {
            Some(own) if is_manifest(own) && !own.contains('/') => inside.insert(MANIFEST.to_owned(), content.clone()),
            Some(own) => inside.insert(own.nfc().collect(), content.clone()),
            None => {
                outside.push(path.clone());
                None
            }
        };
    }
    Unpacked { files: Cow::Owned(inside), folder, outside }
}

/// The files of a package, found as systems find them that do not tell a from A: a package never has two names that differ in
/// capitals alone.
pub struct FilesByName<'a> {
    files: &'a PackageFiles,
    folded: BTreeMap<String, &'a str>,
}

impl<'a> FilesByName<'a> {
    pub fn new(files: &'a PackageFiles) -> FilesByName<'a> {
        FilesByName { files, folded: files.keys().map(|path| (path.to_lowercase(), path.as_str())).collect() }
    }

    /// The path under which the package has the file that a reference names.
    pub fn path(&self, named: &str) -> Option<&'a str> {
        let named: String = named.nfc().collect();
        match self.files.get_key_value(&named) {
            Some((path, _)) => Some(path),
            None => self.folded.get(&named.to_lowercase()).copied(),
        }
    }

    pub fn content(&self, named: &str) -> Option<&'a [u8]> {
        self.files.get(self.path(named)?).map(Vec::as_slice)
    }
}
