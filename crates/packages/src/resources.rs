//! The manifest of a package that is read: its resources, their files, what depends on what.

use std::collections::{BTreeMap, BTreeSet};

use crate::RefusedPackage;
use crate::source::line;
use crate::xml::{self, Element};
use crate::zip::PackageFiles;

const MANIFEST: &str = "imsmanifest.xml";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageResource {
    pub identifier: String,
    pub kind: String,
    /// Its first file, as a path in the package.
    pub href: Option<String>,
    pub files: Vec<String>,
    pub dependencies: Vec<String>,
    /// The id of the objective in its metadata.
    pub objective: Option<String>,
}

pub fn read_manifest(files: &PackageFiles) -> Result<Element, RefusedPackage> {
    let bytes = files.get(MANIFEST).ok_or_else(|| {
        let deeper = files.keys().find(|path| path.ends_with(&format!("/{MANIFEST}")));
        let hint = deeper.map_or_else(String::new, |path| format!("; it has {path}: pack that folder's content itself"));
        RefusedPackage::new(format!("has no {MANIFEST} at its top{hint}"))
    })?;
    let root = xml::read_xml(bytes, MANIFEST)?;
    match root.name.as_str() {
        "manifest" => Ok(root),
        other => Err(RefusedPackage::of(MANIFEST, format!("is a <{other}>, where a <manifest> was expected"))),
    }
}

/// The resources in their order. Every file that they name must be there, and no dependency may lead in a circle.
pub fn resources(manifest: &Element, files: &PackageFiles) -> Result<Vec<PackageResource>, RefusedPackage> {
    let refused = |why: String| RefusedPackage::of(MANIFEST, why);
    let list = manifest.first("resources").ok_or_else(|| refused("has no <resources>".to_owned()))?;
    let (mut out, mut seen) = (Vec::new(), BTreeSet::new());
    for element in list.all("resource") {
        let resource = resource(element);
        if !seen.insert(resource.identifier.clone()) {
            return Err(refused(format!("has two resources with the identifier {:?}", resource.identifier)));
        }
        if let Some(path) = resource.files.iter().chain(&resource.href).find(|path| !files.contains_key(*path)) {
            return Err(refused(format!("names the file {path:?}, which the package does not have")));
        }
        out.push(resource);
    }
    circle(&out).map_or(Ok(out), |circle| Err(refused(format!("has resources that depend on one another in a circle: {circle}"))))
}

fn resource(element: &Element) -> PackageResource {
    let paths = |href: &str| resolve_href(MANIFEST, href);
    let objective = element.descendants().into_iter().find(|taxon| taxon.name == "taxon").and_then(|taxon| taxon.first("id"));
    PackageResource {
        identifier: element.get("identifier").unwrap_or_default().to_owned(),
        kind: element.get("type").unwrap_or_default().to_owned(),
        href: element.get("href").map(paths),
        files: element.all("file").filter_map(|file| file.get("href")).map(paths).collect(),
        dependencies: element.all("dependency").filter_map(|one| one.get("identifierref")).map(str::to_owned).collect(),
        objective: objective.map(|id| line(&id.whole_text())).filter(|id| !id.is_empty()),
    }
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
            let dependency = resource.dependencies.get(*next).map(String::as_str);
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
    let href = href.split(['?', '#']).next().unwrap_or_default();
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
    unescaped(&parts.join("/"))
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
