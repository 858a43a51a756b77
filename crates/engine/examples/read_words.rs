//! Prints how each line of standard input is read: what its sentences do, and what the judge makes of them.
//!
//! `cargo run --release -p waymark-engine --example read_words < texts`

#![allow(clippy::unwrap_used, reason = "a program that cannot go on stops, and says where")]

use waymark_engine::Engine;
use waymark_engine::wording::classes::{SentenceClass, sentence_model};
use waymark_engine::wording::judge::VERDICTS;
use waymark_engine::wording::language::{LANGUAGES, LanguageModel};
use waymark_engine::wording::pieces::take_apart;
use waymark_engine::wording::{read_pieces, read_wording};

fn main() {
    let engine = Engine::built_in().unwrap();
    for text in std::io::stdin().lines().map(|line| line.unwrap().replace("\\n", "\n")) {
        let language = LanguageModel::built_in().most_likely(&text, &mut Vec::new());
        let read = read_wording(&engine.lexicon, &text);
        println!(
            "{:?} ({}) {:.2?}",
            read.verdict,
            LANGUAGES.get(language).unwrap(),
            VERDICTS.iter().zip(read.shares).collect::<Vec<_>>()
        );
        for one in read_pieces(sentence_model(), language, &text, &take_apart(&text)).0 {
            let does = SentenceClass::ALL.into_iter().filter(|class| one.does(*class) >= 0.1);
            let does: Vec<String> = does.map(|class| format!("{class:?} {:.2}", one.does(class))).collect();
            println!("  {:?} {}: {}", one.piece.setting, does.join(", "), text.get(one.piece.from..one.piece.to).unwrap());
        }
    }
}
