//! What is learnt from: the files of `training/`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use waymark_engine::Layer;
use waymark_engine::evasion::KINDS;
use waymark_engine::wording::classes::{CLASSES, SentenceClass};
use waymark_engine::wording::concepts::of_language;
use waymark_engine::wording::judge::VERDICTS;
use waymark_engine::wording::language::LANGUAGES;
use waymark_engine::wording::lowered;
use waymark_engine::wording::ngrams::buckets;
use waymark_engine::wording::pieces::{Setting, take_apart};

pub const FOLDS: usize = 5;

pub struct Sentence {
    pub language: String,
    pub line: usize,
    pub text: String,
    pub labels: [bool; CLASSES],
    pub buckets: Vec<u32>,
}

#[derive(Deserialize)]
pub struct Line {
    pub label: Layer,
    pub form: String,
    pub text: String,
}

pub struct Document {
    pub language: String,
    pub line: usize,
    pub label: usize,
    pub form: String,
    pub text: String,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

pub fn files(folder: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String, PathBuf)> = std::fs::read_dir(root().join("training").join(folder))
        .expect("training data")
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_stem().unwrap().to_string_lossy().chars().take(2).collect(), std::fs::read_to_string(&path).unwrap(), path)
        })
        .collect();
    out.sort_by(|a, b| a.2.cmp(&b.2));
    out.into_iter().map(|(language, text, _)| (language, text)).collect()
}

pub fn sentences() -> Vec<Sentence> {
    let mut out = Vec::new();
    for (language, text) in files("sentences") {
        for (line, row) in text.lines().enumerate() {
            let (letters, text) = row.split_once('\t').unwrap_or_else(|| panic!("{language}:{line}: no tab"));
            let labels = SentenceClass::ALL.map(|class| letters.split('+').any(|one| one.starts_with(class.letter())));
            let mut own = Vec::new();
            let mut found = Vec::new();
            let place = LANGUAGES.iter().position(|known| *known == language).unwrap();
            of_language(place).inspect(|words| words.find(&lowered(text), &mut found));
            buckets(text, &found, &mut own);
            out.push(Sentence { language: language.clone(), line, text: text.to_owned(), labels, buckets: own });
        }
    }
    out
}

pub fn documents() -> Vec<Document> {
    let mut out = Vec::new();
    for (language, text) in files("documents") {
        for (line, row) in text.lines().enumerate() {
            let read: Line = serde_json::from_str(row).unwrap_or_else(|why| panic!("{language}:{line}: {why}"));
            let label = VERDICTS.iter().position(|layer| *layer == read.label).unwrap();
            out.push(Document { language: language.clone(), line, label, form: read.form, text: read.text });
        }
    }
    out
}

/// Longer documents out of the short ones: people paste long answers too, and write few.
pub fn lengthened(documents: &[Document]) -> Vec<Document> {
    let helps = |one: &&Document| one.form == "answer" && VERDICTS[one.label] == Layer::NotARefusal && one.text.len() > 120;
    let mut out = Vec::new();
    let mut shuffle = Shuffle(41);
    for language in LANGUAGES {
        for fold in 0..FOLDS {
            let own: Vec<&Document> =
                documents.iter().filter(helps).filter(|one| one.language == language && one.line % FOLDS == fold).collect();
            for count in 0..own.len().min(14) {
                let mut texts: Vec<String> = (0..2 + count % 4).map(|_| own[shuffle.next(own.len())].text.clone()).collect();
                if count % 2 == 0 {
                    texts = texts.iter().enumerate().map(|(at, text)| format!("{}. {text}", at + 1)).collect();
                }
                let text = texts.join("\n\n");
                out.push(Document {
                    language: language.to_owned(),
                    line: fold,
                    label: own[0].label,
                    form: "answer".to_owned(),
                    text,
                });
            }
        }
    }
    out
}

/// The sentences of an answer whose whole is labelled: what none of them does is known.
pub struct Part {
    pub line: usize,
    pub buckets: Vec<u32>,
    pub never: &'static [SentenceClass],
}

pub fn parts(documents: &[Document]) -> Vec<Part> {
    use SentenceClass::{Account, Declines, Input, Output, Scope};
    let mut out = Vec::new();
    for one in documents.iter().filter(|one| one.form == "answer") {
        let never: &[SentenceClass] = match VERDICTS[one.label] {
            Layer::NotARefusal => &[Declines, Scope, Account, Input, Output],
            Layer::TrainedRefusal | Layer::SystemPrompt => &[Account, Input, Output],
            _ => continue,
        };
        let place = LANGUAGES.iter().position(|known| *known == one.language).unwrap();
        for piece in take_apart(&one.text).all.iter().filter(|piece| piece.setting == Setting::Plain) {
            let sentence = &one.text[piece.from..piece.to];
            let (mut found, mut own) = (Vec::new(), Vec::new());
            of_language(place).inspect(|words| words.find(&lowered(sentence), &mut found));
            buckets(sentence, &found, &mut own);
            out.push(Part { line: one.line, buckets: own, never });
        }
    }
    out
}

/// Requests by kind: those of `training/evasion`, or of another file of that form.
pub fn requests(text: &str) -> Vec<(usize, String)> {
    let one = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let kind = parts.next().unwrap();
        let text = parts.nth(1).unwrap().replace("\\n", "\n");
        (KINDS.iter().position(|known| *known == kind).unwrap_or_else(|| panic!("{line}")), text)
    };
    text.lines().map(one).collect()
}

/// Numbers in an order that looks like none, the same each time.
pub struct Shuffle(pub u64);

impl Shuffle {
    pub fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    pub fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for at in (1..count).rev() {
            order.swap(at, self.next(at + 1));
        }
        order
    }
}
