//! A curriculum as files, written so that a failure leaves nothing half done.

use std::path::{Path, PathBuf};

use crate::lessons::source::{Curriculum, FolderFiles};
use crate::lessons::yaml::to_yaml;

/// The files of a course; with `only`, the folders of these lessons and nothing else.
pub fn files(curriculum: &Curriculum, only: &[String]) -> Result<FolderFiles, String> {
    let mut files = FolderFiles::new();
    for content in &curriculum.lessons {
        let slug = &content.lesson.slug;
        if !only.is_empty() && !only.contains(slug) {
            continue;
        }
        let fits = !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Err(format!("the lesson {slug:?} has a name that is no name of a folder"));
        }
        files.insert(format!("{slug}/lesson.yaml"), to_yaml(&content.lesson)?);
        files.insert(format!("{slug}/quiz.yaml"), to_yaml(&content.quiz)?);
        files.insert(format!("{slug}/exercise.yaml"), to_yaml(&content.exercise)?);
    }
    if only.is_empty() {
        files.insert("course.yaml".to_owned(), to_yaml(&curriculum.course)?);
        for (name, text) in [
            ("glossary.yaml", curriculum.glossary.as_ref().map(to_yaml)),
            ("field-guide.yaml", curriculum.field_guide.as_ref().map(to_yaml)),
        ] {
            if let Some(text) = text.transpose()? {
                files.insert(name.to_owned(), text);
            }
        }
    }
    Ok(files)
}

/// Writes into a new folder beside the target, then puts that in its place. With `force` a folder that is not empty keeps its
/// other files; without, it is refused.
pub fn write_folder(target: &Path, files: &FolderFiles, force: bool) -> Result<(), String> {
    let failed = |path: &Path, what: &str, why: std::io::Error| format!("{} {what}: {why}", path.display());
    let filled = match std::fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_some(),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => false,
        Err(why) => return Err(failed(target, "cannot be read", why)),
    };
    if filled && !force {
        return Err(format!("{} is not empty; with --force its files of the same names are replaced", target.display()));
    }
    let fresh = sibling_folder(target, "new")?;
    let made = (|| {
        std::fs::create_dir_all(&fresh).map_err(|why| failed(&fresh, "cannot be made", why))?;
        if filled {
            copy(target, &fresh)?;
        }
        for (name, text) in files {
            let path = fresh.join(name);
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(|why| failed(folder, "cannot be made", why))?;
            }
            std::fs::write(&path, text).map_err(|why| failed(&path, "cannot be written", why))?;
        }
        take_place(&fresh, target)
    })();
    if made.is_err() {
        let _ = std::fs::remove_dir_all(&fresh);
    }
    made
}

/// The old folder, if any, steps aside and comes back where the new one cannot take its place.
fn take_place(fresh: &Path, target: &Path) -> Result<(), String> {
    let failed = |why: std::io::Error| format!("{} cannot be put in place: {why}", target.display());
    let aside = sibling_folder(target, "old")?;
    let there = target.exists();
    if there {
        std::fs::rename(target, &aside).map_err(failed)?;
    }
    if let Err(why) = std::fs::rename(fresh, target) {
        if there {
            let _ = std::fs::rename(&aside, target);
        }
        return Err(failed(why));
    }
    if there {
        std::fs::remove_dir_all(&aside).map_err(|why| format!("{} is left over: {why}", aside.display()))?;
    }
    Ok(())
}

/// A name beside the target that nothing has, on the same file system.
fn sibling_folder(target: &Path, what: &str) -> Result<PathBuf, String> {
    let name = target.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| format!("{} is no name of a folder to write", target.display()))?;
    let free = |n: u32| target.with_file_name(format!(".{name}.{what}-{n}"));
    (0..1000).map(free).find(|path| !path.exists()).ok_or_else(|| format!("too much is left over beside {}", target.display()))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |why: std::io::Error| format!("{} cannot be copied: {why}", from.display());
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).map_err(failed)?;
        }
    }
    Ok(())
}
