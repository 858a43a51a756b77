//! Fits the reader of words to `training/` and writes its weights to `compiled/`. The same files give the same bytes.
//!
//! `cargo run --release -p waymark-engine --example train_reader [-- --folds]`; with `--folds` it writes nothing, and prints how
//! well four fifths of the lines foretell the last fifth.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a program that cannot go on stops, and says where"
)]

mod corpus;
mod judge;
mod linear;
mod report;

use corpus::{FOLDS, documents, files, lengthened, parts, requests, root, sentences};
use judge::{numbers_of, temperature, train_judge};
use linear::{train_documents, train_evasion, train_languages, train_sentences};
use report::{report, report_evasion, top};
use waymark_engine::evasion::KINDS;
use waymark_engine::wording::classes::{CLASSES, SentenceClass};
use waymark_engine::wording::judge::{JudgeNetwork, Judges, NUMBERS, VERDICTS};
use waymark_engine::wording::language::LANGUAGES;

fn main() {
    let (sentences, mut documents) = (sentences(), documents());
    let parts = parts(&documents);
    documents.extend(lengthened(&documents));
    println!("{} sentences, {} documents", sentences.len(), documents.len());
    let languages = train_languages(&sentences);
    let mut room = Vec::new();
    let known = sentences.iter().filter(|one| LANGUAGES[languages.most_likely(&one.text, &mut room)] == one.language).count();
    println!("languages: {known} of {} sentences told", sentences.len());
    std::fs::write(root().join("compiled/languages.bin"), languages.written()).unwrap();
    let mut evasion = requests(&files("evasion").iter().map(|(_, text)| text.as_str()).collect::<String>());
    // The patterns of the exercise were written against these; a classifier beside them has to leave them alone too.
    let honest = std::fs::read_to_string(root().join("../../tests/fixtures/feedback/honest_requests.txt")).unwrap();
    let honest = honest.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    evasion.extend(honest.map(|line| (KINDS.len() - 1, line.to_owned())));
    let model = train_evasion(&evasion);
    std::fs::write(root().join("compiled/evasion.bin"), model.written()).unwrap();
    let blind = std::fs::read_to_string(root().join("../../tests/diagnosis/evasion-blind.tsv")).unwrap();
    report_evasion("blind", &model, &requests(&blind));
    if std::env::args().any(|argument| argument == "--evasion") {
        return;
    }
    if std::env::args().any(|argument| argument == "--folds") {
        let (mut said, mut judged, mut shown, mut coarse) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for fold in 0..FOLDS {
            let model = train_sentences(
                sentences.iter().filter(|one| one.line % FOLDS != fold),
                parts.iter().filter(|one| one.line % FOLDS != fold),
            );
            for one in sentences.iter().filter(|one| one.line % FOLDS == fold) {
                let shares = model.shares(&one.buckets);
                let label = (0..CLASSES).find(|class| one.labels[*class]).unwrap();
                let best = top(&shares);
                let six = |class: usize| if class >= 6 || class == 2 { 6 } else { class };
                if label != 10 {
                    coarse.push((one.language.clone(), six(label), six(best)));
                }
                said.push((one.language.clone(), if one.labels[best] { best } else { label }, best));
                if one.language == "en" && !one.labels[best] {
                    shown.push(format!(
                        "{} not {}: {}",
                        SentenceClass::ALL[label].letter(),
                        SentenceClass::ALL[best].letter(),
                        one.text
                    ));
                }
            }
            // A document that the whole was fitted to looks surer than one that is new.
            let whole: Vec<_> = (0..FOLDS)
                .map(|own| {
                    train_documents(
                        &sentences,
                        documents.iter().filter(|one| one.line % FOLDS != fold && one.line % FOLDS != own),
                    )
                })
                .collect();
            let rows: Vec<_> =
                documents.iter().map(|one| (numbers_of(&model, &whole[one.line % FOLDS], &one.text), one.label)).collect();
            let of = |test: &dyn Fn(usize) -> bool| -> Vec<_> {
                rows.iter().zip(&documents).filter(|(_, one)| test(one.line)).map(|(row, _)| *row).collect()
            };
            let judge = train_judge(&of(&|line| line % FOLDS != fold));
            for (row, one) in rows.iter().zip(&documents).filter(|(_, one)| one.line % FOLDS == fold) {
                let said = top(&judge.judge(&row.0));
                if one.language == "en" && said != one.label {
                    shown.push(format!("{:?} not {:?}: {}", VERDICTS[one.label], VERDICTS[said], one.text.replace('\n', " / ")));
                }
                judged.push((one.language.clone(), one.label, said));
            }
        }
        let letters: Vec<String> = SentenceClass::ALL.iter().map(|class| class.letter().to_string()).collect();
        report("sentences", &said, &letters.iter().map(String::as_str).collect::<Vec<_>>());
        report("sentences, coarse", &coarse, &["D", "S", "-", "A", "I", "O", "not"]);
        report("documents", &judged, &["pre", "train", "post", "system", "tier", "not", "open"]);
        if std::env::args().any(|argument| argument == "--wrong") {
            shown.iter().for_each(|line| println!("{line}"));
        }
        return;
    }
    // The judge learns from what sentences look like to a classifier that has not seen them.
    let mut rows = vec![([0.0; NUMBERS], 0); documents.len()];
    for fold in 0..FOLDS {
        let model = train_sentences(sentences.iter(), parts.iter().filter(|one| one.line % FOLDS != fold));
        let whole = train_documents(&sentences, documents.iter().filter(|one| one.line % FOLDS != fold));
        for (row, one) in rows.iter_mut().zip(&documents).filter(|(_, one)| one.line % FOLDS == fold) {
            *row = (numbers_of(&model, &whole, &one.text), one.label);
        }
    }
    let model = train_sentences(sentences.iter(), parts.iter());
    // Shares are set to how often they were right on documents that the judge had not seen.
    let judges: Vec<JudgeNetwork> = (0..FOLDS)
        .map(|fold| {
            let seen = rows.iter().zip(&documents).filter(|(_, one)| one.line % FOLDS != fold);
            train_judge(&seen.map(|(row, _)| *row).collect::<Vec<_>>())
        })
        .collect();
    let unseen: Vec<_> = rows.iter().zip(&documents).map(|(row, one)| (row.0, row.1, one.line % FOLDS)).collect();
    let right = unseen.iter().filter(|one| top(&judges[one.2].judge(&one.0)) == one.1).count();
    let temperature = temperature(&unseen, &judges);
    println!("judge: {right} of {} documents it had not seen, temperature {temperature}", unseen.len());
    let judges = Judges(judges.into_iter().map(|judge| JudgeNetwork { temperature, ..judge }).collect());
    let whole = train_documents(&sentences, documents.iter());
    for (name, bytes) in [("sentences.bin", model.written()), ("documents.bin", whole.written()), ("judge.bin", judges.written())]
    {
        std::fs::write(root().join("compiled").join(name), bytes).unwrap();
    }
}
