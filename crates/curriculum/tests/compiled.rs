//! What lies in the program is what the files say.

use std::path::Path;

use waymark_curriculum::compiled::{Editions, built_in_curriculum, compile_curriculum};
use waymark_curriculum::source::{embedded_curriculum, parse_curriculum};

#[test]
fn the_compiled_curriculum_is_that_of_the_files() {
    for (name, text) in compile_curriculum().unwrap() {
        let checked_in = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("compiled").join(name)).unwrap();
        assert!(checked_in == text, "crates/curriculum/compiled/{name} is out of date: run script/update");
    }
}

#[test]
fn what_is_compiled_reads_back_as_it_was() {
    let (compiled, read) = (built_in_curriculum().unwrap(), parse_curriculum(&embedded_curriculum()).unwrap());
    assert_eq!(format!("{compiled:?}"), format!("{read:?}"));
    assert_eq!(Editions::of_curriculum(&compiled).unwrap(), Editions::built_in().unwrap());
}
