//! The manifest of a package that is read: its resources, their files, what depends on what.

use std::collections::{BTreeMap, BTreeSet};

use crate::RefusedPackage;
use crate::import::names::FilesByName;
use crate::import::other_forms;
use crate::report::{PackageEffect, PackageReport};
use crate::source::line;
use crate::xml::{self, Element};
use crate::zip::PackageFiles;

pub const MANIFEST: &str = "imsmanifest.xml";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageResource {
    pub identifier: String,
    pub kind: String,
    /// Its first file, as a path in the package.
    pub href: Option<String>,
    /// Those of its files that the package has.
    pub files: Vec<String>,
    pub dependencies: Vec<String>,
    /// The id of the objective in its metadata.
    pub objective: Option<String>,
}

impl PackageResource {
    /// The file that it is about: a cartridge's quizzes have no href.
    pub fn main(&self) -> Option<&str> {
        self.href.as_deref().or(self.files.first().map(String::as_str))
    }
}

pub fn read_manifest(files: &PackageFiles) -> Result<Element, RefusedPackage> {
    let bytes = files.get(MANIFEST).ok_or_else(|| other_forms::without_manifest(files))?;
    let root = xml::read_xml(bytes, MANIFEST)?;
    match root.name.as_str() {
        "manifest" => Ok(root),
        other => Err(RefusedPackage::of(MANIFEST, format!("is a <{other}>, where a <manifest> was expected"))),
    }
}

/// The resources of a manifest in their order, and the first file that it names and the package does not have. That costs the
/// file, which the report names; no dependency may lead in a circle.
pub fn resources(
    manifest: &Element,
    files: &FilesByName<'_>,
    report: &mut PackageReport,
) -> Result<(Vec<PackageResource>, Option<RefusedPackage>), RefusedPackage> {
    let refused = |why: String| RefusedPackage::of(MANIFEST, why);
    let list = manifest.first("resources").ok_or_else(|| refused("has no <resources>".to_owned()))?;
    let [of_manifest, of_list] = [manifest, list].map(|element| element.get("xml:base").unwrap_or_default());
    let (mut out, mut seen, mut missing) = (Vec::new(), BTreeSet::new(), None);
    for element in list.all("resource") {
        let bases = [of_manifest, of_list, element.get("xml:base").unwrap_or_default()];
        let mut own = ResourceReading { bases, files, report: &mut *report };
        let (resource, gone) = own.resource(element);
        missing =
            missing.or_else(|| gone.map(|path| refused(format!("names the file {path:?}, which the package does not have"))));
        if !seen.insert(resource.identifier.clone()) {
            return Err(refused(format!("has two resources with the identifier {:?}", resource.identifier)));
        }
        out.push(resource);
    }
    match circle(&out) {
        None => Ok((out, missing)),
        Some(circle) => Err(refused(format!("has resources that depend on one another in a circle: {circle}"))),
    }
}

struct ResourceReading<'a, 'b> {
    /// `xml:base` of the manifest, of its resources, of the resource.
    bases: [&'a str; 3],
    files: &'a FilesByName<'b>,
    report: &'a mut PackageReport,
}

impl ResourceReading<'_, '_> {
    /// The resource, and its first file that is not there.
    fn resource(&mut self, element: &Element) -> (PackageResource, Option<String>) {
        let objective = element.descendants().into_iter().find(|taxon| taxon.name == "taxon").and_then(|taxon| taxon.first("id"));
        let (mut files, mut gone) = (Vec::new(), None);
        let mut href = None;
        let named = element.get("href").into_iter().chain(element.all("file").filter_map(|file| file.get("href")));
        for (n, reference) in named.enumerate() {
            let is_href = n == 0 && element.get("href").is_some();
            match self.path(reference) {
                Ok(path) => {
                    if is_href {
                        href = Some(path.clone());
                    }
                    if !files.contains(&path) {
                        files.push(path);
                    }
                }
                Err(Some(path)) => gone = gone.or(Some(path)),
                Err(None) => {}
            }
        }
        let resource = PackageResource {
            identifier: element.get("identifier").unwrap_or_default().to_owned(),
            kind: element.get("type").unwrap_or_default().to_owned(),
            href,
            files,
            dependencies: element.all("dependency").filter_map(|one| one.get("identifierref")).map(str::to_owned).collect(),
            objective: objective.map(|id| line(&id.whole_text())).filter(|id| !id.is_empty()),
        };
        (resource, gone)
    }

    /// The path that a reference leads to; where there is no such file, what was looked for, unless it lies outside.
    fn path(&mut self, reference: &str) -> Result<String, Option<String>> {
        let [manifest, list, own] = self.bases;
        // A base names a folder with its slash (RFC 3986, 5.2.3); many leave the slash out.
        let strict = based(&based(&based("", manifest), list), own);
        let folder = |base: &str| if base.is_empty() || base.ends_with('/') { base.to_owned() } else { format!("{base}/") };
        let lenient = based(&based(&based("", &folder(manifest)), &folder(list)), &folder(own));
        let whole = based(&strict, reference);
        if is_outside(&whole) {
            let said = reference.chars().filter(|c| !c.is_control()).take(120).collect::<String>();
            self.report.add("link", PackageEffect::Lost, "what lies outside of the package is not fetched", None, Some(&said));
            return Err(None);
        }
        let lenient = based(&lenient, reference);
        // A name may hold a `%20` of its own.
        let asked = [resolve_href(MANIFEST, &whole), resolve_href(MANIFEST, &lenient), joined(MANIFEST, &whole)];
        if let Some(path) = asked.iter().find_map(|path| self.files.path(path)) {
            return Ok(path.to_owned());
        }
        let [path, ..] = asked;
        let said = path.chars().filter(|c| !c.is_control()).take(120).collect::<String>();
        self.report.add(
            "file",
            PackageEffect::Lost,
            "the manifest names a file that the package does not have",
            None,
            Some(&said),
        );
        Err(Some(path))
    }
}

/// A reference on its base, both of them as they are written (RFC 3986, section 5.2.3).
fn based(base: &str, reference: &str) -> String {
    if is_outside(reference) || reference.starts_with('/') {
        return reference.to_owned();
    }
    format!("{}{reference}", base.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/")))
}

/// Whether a reference has a scheme or a host: a URL, which IMS Content Packaging allows as an href. `c:` is a drive.
pub fn is_outside(reference: &str) -> bool {
    let scheme = |name: &str| name.len() > 1 && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    reference.starts_with("//") || reference.split_once(':').is_some_and(|(name, _)| scheme(name))
}

/// The first circle of dependencies, told as a path.
fn circle(all: &[PackageResource]) -> Option<String> {
    let by_id: BTreeMap<&str, &PackageResource> = all.iter().map(|resource| (resource.identifier.as_str(), resource)).collect();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    for start in all {
        // Without recursion: each entry is a resource and which of its dependencies comes next.
        let mut trail: Vec<(&PackageResource, usize)> = vec![(start, 0)];
        let mut open: BTreeSet<&str> = BTreeSet::from([start.identifier.as_str()]);
        while let Some((resource, next)) = trail.last_mut() {
            // Settings name what they belong to and tests name their items, which name them: programs write that, and it is no harm.
            let whole = ["associatedcontent/", "imsqti_test_"].iter().any(|kind| resource.kind.starts_with(kind));
            let dependency = resource.dependencies.get(*next).filter(|_| !whole).map(String::as_str);
            *next += 1;
            match dependency {
                None => {
                    open.remove(resource.identifier.as_str());
                    settled.insert(resource.identifier.as_str());
                    trail.pop();
                }
                Some(id) if open.contains(id) => {
                    let names = trail.iter().map(|(open, _)| open.identifier.as_str()).skip_while(|name| *name != id);
                    return Some(names.chain([id]).take(20).collect::<Vec<_>>().join(" -> "));
                }
                Some(id) if settled.contains(id) => {}
                Some(id) => {
                    if let Some(resource) = by_id.get(id) {
                        open.insert(resource.identifier.as_str());
                        trail.push((resource, 0));
                    }
                }
            }
        }
    }
    None
}

/// The path that a relative reference in a file leads to. One that leads out of the package leads to no file.
pub fn resolve_href(file: &str, href: &str) -> String {
    unescaped(&joined(file, href))
}

fn joined(file: &str, href: &str) -> String {
    let href = href.split(['?', '#']).next().unwrap_or_default().replace('\\', "/");
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.pop().is_none() => return format!("outside of the package: {href}"),
            ".." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `%20` and the like (RFC 3986, section 2.1).
fn unescaped(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = if *first == b'%' { after.get(..2).and_then(|two| hex::decode(two).ok()) } else { None };
        match code.as_deref() {
            Some([byte]) => {
                bytes.push(*byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// The title in the manifest's metadata.
pub fn title(manifest: &Element) -> Option<String> {
    let general = manifest.first("metadata")?.descendants().into_iter().find(|e| e.name == "general")?;
    general.first("title").map(|title| line(&title.whole_text())).filter(|title| !title.is_empty())
}

/// The language in the manifest's metadata.
pub fn language(manifest: &Element) -> Option<String> {
    let general = manifest.first("metadata")?.descendants().into_iter().find(|e| e.name == "general")?;
    general.first("language").map(|language| line(&language.whole_text())).filter(|language| !language.is_empty())
}
