#![doc = include_str!("../README.md")]

#[cfg(test)]
mod canvas_tests;
pub mod cartridge;
pub mod export;
pub mod extras;
#[cfg(test)]
mod foreign_tests;
#[cfg(test)]
mod hostile_tests;
pub mod html;
pub mod import;
pub mod manifest;
pub mod markdown;
#[cfg(test)]
mod markup_tests;
pub mod pages;
pub mod qti12;
pub mod qti21;
#[cfg(test)]
mod qti2_tests;
pub mod qti3;
pub mod report;
pub mod resources;
#[cfg(test)]
mod return_tests;
#[cfg(test)]
mod round_trip_tests;
pub mod source;
pub mod xhtml;
pub mod xml;
#[cfg(test)]
mod xml_tests;
pub mod zip;

pub use import::{Imported, read_files, read_package};
pub use report::{Note, PackageEffect, PackageReport};

/// Why a package, or a file of it, is refused: the file where it is about one, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedPackage {
    pub file: Option<String>,
    pub why: String,
}

impl RefusedPackage {
    pub fn new(why: impl Into<String>) -> RefusedPackage {
        RefusedPackage { file: None, why: why.into() }
    }

    pub fn of(file: &str, why: impl Into<String>) -> RefusedPackage {
        // A name of a hostile package goes no further than it has to.
        let file = file.chars().filter(|c| !c.is_control()).take(120).collect();
        RefusedPackage { file: Some(file), why: why.into() }
    }
}

impl std::fmt::Display for RefusedPackage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file} {}", self.why),
            None => write!(f, "the package {}", self.why),
        }
    }
}

impl std::error::Error for RefusedPackage {}
