//! What lies in the program is what the files say.

use std::path::Path;

use waymark_engine::catalogue::SignalCatalogue;
use waymark_engine::compiled::{built_in_examples, compile_signals, embedded_signals};

#[test]
fn the_compiled_signals_are_those_of_the_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, text) in compile_signals(&root.join("signals")).unwrap().files {
        let checked_in = std::fs::read_to_string(root.join("compiled").join(name)).unwrap();
        assert!(checked_in == text, "crates/engine/compiled/{name} is out of date: run script/update");
    }
}

#[test]
fn what_is_compiled_reads_back_as_it_was() {
    let files = waymark_engine::files::on_disk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("signals")).unwrap();
    let files = files.into_iter().map(|(name, text)| (format!("signals/{name}"), text)).collect();
    let (read, mut compiled) = (waymark_engine::source::parse_signals(&files).unwrap(), embedded_signals().unwrap());
    for signal in compiled.signals.iter_mut().flat_map(|file| &mut file.signals) {
        signal.examples = built_in_examples(&signal.id).unwrap();
        assert!(!signal.examples.positive.is_empty() && !signal.examples.negative.is_empty(), "{}", signal.id);
    }
    // What lies in the program is not checked again when it is read.
    SignalCatalogue::new(&read.signals).unwrap();
    assert_eq!(format!("{:?}", compiled.guide), format!("{:?}", read.guide));
    assert_eq!(format!("{:?}", compiled.wording), format!("{:?}", read.wording));
    for (compiled, read) in compiled.signals.iter().zip(&read.signals) {
        assert_eq!(compiled.signals, read.signals, "{}", read.provider);
    }
    assert_eq!(format!("{:?}", compiled.signals), format!("{:?}", read.signals));
}
