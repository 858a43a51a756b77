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

use std::path::{Path, PathBuf};

use serde::Deserialize;
use waymark_engine::Engine;
use waymark_engine::Layer;
use waymark_engine::evasion::{EvasionModel, KINDS, read_request, shown};
use waymark_engine::wording::classes::{CLASSES, SentenceClass, SentenceModel};
use waymark_engine::wording::concepts::of_language;
use waymark_engine::wording::judge::{Court, DocumentModel, HIDDEN, Judge, NUMBERS, VERDICTS, numbers, voices};
use waymark_engine::wording::language::{LANGUAGES, LanguageModel, RUNS, runs};
use waymark_engine::wording::linear::{LinearModel, logistic, norm};
use waymark_engine::wording::ngrams::{BUCKETS, buckets};
use waymark_engine::wording::phrased::read_phrases;
use waymark_engine::wording::pieces::{Setting, take_apart};
use waymark_engine::wording::{lowered, read_pieces};

/// Rounds, rate and decay of the linear models.
const USUAL: (usize, f32, f32) = (14, 0.35, 2e-4);
/// For few lines.
const SLOW: (usize, f32, f32) = (14, 0.1, 2e-4);
/// A bucket that so few sentences show says nothing of others.
const RARE: u32 = 2;
const FOLDS: usize = 5;

struct Sentence {
    language: String,
    line: usize,
    text: String,
    labels: [bool; CLASSES],
    buckets: Vec<u32>,
}

#[derive(Deserialize)]
struct Line {
    label: Layer,
    form: String,
    text: String,
}

struct Document {
    language: String,
    line: usize,
    label: usize,
    form: String,
    text: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn files(folder: &str) -> Vec<(String, String)> {
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

fn sentences() -> Vec<Sentence> {
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

fn documents() -> Vec<Document> {
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

/// Numbers in an order that looks like none, the same each time.
struct Shuffle(u64);

impl Shuffle {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for at in (1..count).rev() {
            order.swap(at, self.next(at + 1));
        }
        order
    }
}

/// What is learnt from: buckets, and which classes they show.
struct Row<'a, const N: usize> {
    buckets: &'a [u32],
    /// None where nobody said.
    labels: [Option<bool>; N],
}

/// Logistic regression for each class by AdaGrad, then whole numbers of a byte.
fn train<const N: usize>(all: &[Row<'_, N>], size: u32, (rounds, rate, decay): (usize, f32, f32)) -> LinearModel<N> {
    let mask = size - 1;
    let mut seen = vec![0_u32; size as usize];
    all.iter().flat_map(|one| one.buckets).for_each(|bucket| seen[(bucket & mask) as usize] += 1);
    let mut weights = vec![0.0_f32; size as usize * N];
    let mut squares = vec![1e-3_f32; size as usize * N];
    let (mut constants, mut constant_squares) = ([-2.0_f32; N], [1e-3_f32; N]);
    let mut shuffle = Shuffle(7);
    for _ in 0..rounds {
        for at in shuffle.order(all.len()) {
            let one = &all[at];
            let own = one.buckets.iter().map(|bucket| (bucket & mask) as usize).filter(|bucket| seen[*bucket] >= RARE);
            let own: Vec<usize> = own.map(|bucket| bucket * N).collect();
            let norm = norm(one.buckets.len());
            for class in 0..N {
                let Some(label) = one.labels[class] else { continue };
                let sum: f32 = own.iter().map(|from| weights[from + class]).sum::<f32>() * norm + constants[class];
                let error = logistic(sum) - f32::from(u8::from(label));
                constant_squares[class] += error * error;
                constants[class] -= 0.1 * error / constant_squares[class].sqrt();
                for from in &own {
                    let place = from + class;
                    let slope = error * norm + decay * weights[place];
                    squares[place] += slope * slope;
                    weights[place] -= rate * slope / squares[place].sqrt();
                }
            }
        }
    }
    let mut scales = [0.0; N];
    for (class, scale) in scales.iter_mut().enumerate() {
        let most = (0..size as usize).map(|bucket| weights[bucket * N + class].abs()).fold(1e-6, f32::max);
        *scale = most / 127.0;
    }
    let weights = weights.iter().enumerate().map(|(at, weight)| (weight / scales[at % N]).round() as i8).collect();
    LinearModel { constants, scales, weights }
}

/// Requests by kind: those of `training/evasion`, or of another file of that form.
fn requests(text: &str) -> Vec<(usize, String)> {
    let one = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let kind = parts.next().unwrap();
        let text = parts.nth(1).unwrap().replace("\\n", "\n");
        (KINDS.iter().position(|known| *known == kind).unwrap_or_else(|| panic!("{line}")), text)
    };
    text.lines().map(one).collect()
}

fn train_evasion(all: &[(usize, String)]) -> EvasionModel {
    let read = |(kind, text): &(usize, String)| {
        let language = LanguageModel::built_in().most_likely(text, &mut Vec::new());
        let mut own = Vec::new();
        shown(language, text, &mut Vec::new(), &mut own);
        (*kind, own)
    };
    let all: Vec<_> = all.iter().map(read).collect();
    let rows = all.iter().map(|(kind, own)| Row { buckets: own, labels: std::array::from_fn(|class| Some(class == *kind)) });
    train(&rows.collect::<Vec<_>>(), 1 << 16, SLOW)
}

/// Of evasions and of honest requests: how many are said to be evasive, from some share on.
fn report_evasion(what: &str, model: &EvasionModel, all: &[(usize, String)]) {
    let read = |(kind, text): &(usize, String)| {
        let read = read_request(model, text);
        (KINDS[*kind] != "honest", read.evasive, read.kind == KINDS[*kind])
    };
    let said: Vec<(bool, f32, bool)> = all.iter().map(read).collect();
    for least in [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.9] {
        let share = |evasive: bool| {
            let own: Vec<_> = said.iter().filter(|one| one.0 == evasive).collect();
            own.iter().filter(|one| one.1 >= least).count() as f64 / own.len().max(1) as f64
        };
        println!("  {what} from {least}: found {:.3}, honest ones flagged {:.3}", share(true), share(false));
    }
    let kinds: Vec<_> = said.iter().filter(|one| one.0).collect();
    println!("  kind right {:.2}", kinds.iter().filter(|one| one.2).count() as f64 / kinds.len() as f64);
}

/// The sentences of an answer whose whole is labelled: what none of them does is known.
struct Part {
    line: usize,
    buckets: Vec<u32>,
    never: &'static [SentenceClass],
}

fn parts(documents: &[Document]) -> Vec<Part> {
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

fn train_sentences<'a>(all: impl Iterator<Item = &'a Sentence>, parts: impl Iterator<Item = &'a Part>) -> SentenceModel {
    let whole = all.map(|one| Row { buckets: &one.buckets, labels: one.labels.map(Some) });
    let known = |part: &Part| SentenceClass::ALL.map(|class| part.never.contains(&class).then_some(false));
    let parts = parts.map(|part| Row { buckets: &part.buckets, labels: known(part) });
    train(&whole.chain(parts).collect::<Vec<_>>(), BUCKETS, USUAL)
}

/// Longer documents out of the short ones: people paste long answers too, and write few.
fn lengthened(documents: &[Document]) -> Vec<Document> {
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

/// A linear model of languages by perceptron with averages.
fn train_languages(all: &[Sentence]) -> LanguageModel {
    let places = LANGUAGES.len();
    let size = RUNS as usize * places;
    let (mut weights, mut sums) = (vec![0.0_f32; size], vec![0.0_f64; size]);
    let mut room = Vec::new();
    let mut shuffle = Shuffle(11);
    for _ in 0..4 {
        for at in shuffle.order(all.len()) {
            runs(&all[at].text, &mut room);
            let label = LANGUAGES.iter().position(|known| *known == all[at].language).unwrap();
            let score = |place: usize| room.iter().map(|run| weights[*run as usize * places + place]).sum::<f32>();
            let best = (0..places).filter(|place| *place != label).max_by(|a, b| score(*a).total_cmp(&score(*b))).unwrap();
            if score(label) < score(best) + 1.0 {
                let step = 1.0 / room.len().max(1) as f32;
                for run in &room {
                    weights[*run as usize * places + label] += step;
                    weights[*run as usize * places + best] -= step;
                }
            }
        }
        sums.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum += f64::from(*weight));
    }
    let most = sums.iter().fold(1e-9_f64, |most, sum| most.max(sum.abs()));
    let weights = sums.iter().map(|sum| (sum / most * 127.0).round() as i8).collect();
    LanguageModel { scale: (most / 127.0) as f32, weights }
}

fn numbers_of(model: &SentenceModel, whole: &DocumentModel, text: &str) -> [f32; NUMBERS] {
    let pieces = take_apart(text);
    let language = LanguageModel::built_in().most_likely(text, &mut Vec::new());
    let (read, shown) = read_pieces(model, language, text, &pieces);
    numbers(&pieces, &voices(&read), &read_phrases(&Engine::built_in().unwrap().lexicon, text), &whole.shares(&shown))
}

/// As a power of two.
const DOCUMENT_BUCKETS: u32 = 1 << 16;

/// What a sentence would be as a whole document.
fn alone(one: &Sentence) -> Option<usize> {
    let class = (0..CLASSES).filter(|class| one.labels[*class]).collect::<Vec<_>>();
    let [class] = class.as_slice() else { return None };
    let layer = match SentenceClass::ALL[*class] {
        SentenceClass::Declines => Layer::TrainedRefusal,
        SentenceClass::Scope => Layer::SystemPrompt,
        SentenceClass::Account => Layer::UserTier,
        SentenceClass::Input => Layer::PreClassifier,
        SentenceClass::Output => Layer::PostClassifier,
        SentenceClass::Neither | SentenceClass::Told => return None,
        _ => Layer::NotARefusal,
    };
    VERDICTS.iter().position(|known| *known == layer)
}

/// What whole documents show, sentence by sentence or not; a sentence alone is a short one.
fn train_documents<'a>(sentences: &'a [Sentence], all: impl Iterator<Item = &'a Document>) -> DocumentModel {
    let shown = |one: &Document| {
        let language = LANGUAGES.iter().position(|known| *known == one.language).unwrap();
        let own = read_pieces(&SentenceModel::default(), language, &one.text, &take_apart(&one.text)).1;
        (own, one.label)
    };
    let all: Vec<(Vec<u32>, usize)> = all.map(shown).collect();
    let short = sentences.iter().filter_map(|one| Some((&one.buckets, alone(one)?)));
    let rows = all.iter().map(|(own, label)| (own, *label)).chain(short);
    let rows = rows.map(|(own, label)| Row { buckets: own, labels: std::array::from_fn(|class| Some(class == label)) });
    train(&rows.collect::<Vec<_>>(), DOCUMENT_BUCKETS, USUAL)
}

const JUDGE_ROUNDS: usize = 160;
const JUDGE_DECAY: f32 = 1.5e-3;

/// Fits the judge by Adam in small batches, with decay.
fn train_judge(all: &[([f32; NUMBERS], usize)]) -> Judge {
    let mut judge = Judge::default();
    for at in 0..NUMBERS {
        let mean = all.iter().map(|row| row.0[at]).sum::<f32>() / all.len() as f32;
        let spread = all.iter().map(|row| (row.0[at] - mean).powi(2)).sum::<f32>() / all.len() as f32;
        judge.means[at] = mean;
        judge.scales[at] = spread.sqrt().max(0.05);
    }
    let mut shuffle = Shuffle(23);
    let mut random = |spread: f32| (shuffle.next(20_001) as f32 / 10_000.0 - 1.0) * spread;
    judge.inner.iter_mut().flatten().for_each(|weight| *weight = random(0.12));
    judge.outer.iter_mut().flatten().for_each(|weight| *weight = random(0.2));
    let rows: Vec<_> = all.iter().map(|(numbers, label)| (judge.scaled(numbers), *label)).collect();
    let size = HIDDEN * (NUMBERS + 1) + 7 * (HIDDEN + 1);
    let (mut first, mut second) = (vec![0.0_f32; size], vec![0.0_f32; size]);
    let mut step = 0;
    let mut shuffle = Shuffle(29);
    for round in 0..JUDGE_ROUNDS {
        let rate = 2e-3 * (1.0 - round as f32 / JUDGE_ROUNDS as f32).max(0.05);
        for batch in shuffle.order(rows.len()).chunks(32) {
            let mut slopes = vec![0.0_f32; size];
            for at in batch {
                let (numbers, label) = &rows[*at];
                let hidden = judge.hidden(numbers);
                let shares = judge.of_hidden(&hidden);
                let mut back = [0.0_f32; HIDDEN];
                for (verdict, share) in shares.iter().enumerate() {
                    let error = (share - f32::from(u8::from(verdict == *label))) / batch.len() as f32;
                    let from = HIDDEN * (NUMBERS + 1) + verdict * (HIDDEN + 1);
                    for (place, number) in hidden.iter().enumerate() {
                        slopes[from + place] += error * number;
                        back[place] += error * judge.outer[verdict][place];
                    }
                    slopes[from + HIDDEN] += error;
                }
                for (place, error) in back.iter().enumerate().filter(|(place, _)| hidden[*place] > 0.0) {
                    let from = place * (NUMBERS + 1);
                    numbers.iter().enumerate().for_each(|(number, value)| slopes[from + number] += error * value);
                    slopes[from + NUMBERS] += error;
                }
            }
            step += 1;
            let (bias_first, bias_second) = (1.0 - 0.9_f32.powi(step), 1.0 - 0.999_f32.powi(step));
            let weights = judge.inner.iter_mut().flatten().chain(judge.outer.iter_mut().flatten());
            for (((weight, slope), first), second) in weights.zip(slopes).zip(&mut first).zip(&mut second) {
                let slope = slope + JUDGE_DECAY * *weight;
                *first = 0.9 * *first + 0.1 * slope;
                *second = 0.999 * *second + 0.001 * slope * slope;
                *weight -= rate * (*first / bias_first) / ((*second / bias_second).sqrt() + 1e-8);
            }
        }
    }
    judge
}

/// The temperature at which what was said of rows never seen is the most likely.
fn temperature(said: &[([f32; NUMBERS], usize, usize)], judges: &[Judge]) -> f32 {
    let loss = |temperature: f32| {
        let one = |(numbers, label, fold): &([f32; NUMBERS], usize, usize)| {
            let judge = Judge { temperature, ..judges[*fold].clone() };
            -f64::from(judge.judge(numbers)[*label].max(1e-6).ln())
        };
        said.iter().map(one).sum::<f64>()
    };
    (8..40).map(|tenth| tenth as f32 / 10.0).min_by(|a, b| loss(*a).total_cmp(&loss(*b))).unwrap()
}

fn report(what: &str, said: &[(String, usize, usize)], names: &[&str]) {
    println!("\n{what}: rows are labels, columns what was said");
    println!("  {:<10}{}", "", names.iter().map(|name| format!("{name:>6}")).collect::<String>());
    for (label, name) in names.iter().enumerate() {
        let row = (0..names.len()).map(|other| said.iter().filter(|one| one.1 == label && one.2 == other).count());
        let cells: String = row.map(|count| format!("{count:>6}")).collect();
        let right = said.iter().filter(|one| one.1 == label && one.2 == label).count() as f64;
        let (labels, saids) =
            (said.iter().filter(|one| one.1 == label).count() as f64, said.iter().filter(|one| one.2 == label).count() as f64);
        println!("  {name:<10}{cells}   F1 {:.3}", 2.0 * right / (labels + saids).max(1.0));
    }
    let mut languages: Vec<&str> = said.iter().map(|one| one.0.as_str()).collect();
    languages.sort_unstable();
    languages.dedup();
    let share = |language: Option<&str>| {
        let own: Vec<_> = said.iter().filter(|one| language.is_none_or(|language| one.0 == language)).collect();
        own.iter().filter(|one| one.1 == one.2).count() as f64 / own.len() as f64
    };
    let by: Vec<String> = languages.iter().map(|language| format!("{language} {:.2}", share(Some(language)))).collect();
    println!("  accuracy {:.3}; {}", share(None), by.join(", "));
}

fn top(shares: &[f32]) -> usize {
    (0..shares.len()).max_by(|a, b| shares[*a].total_cmp(&shares[*b])).unwrap()
}

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
    let evasion = requests(&files("evasion").iter().map(|(_, text)| text.as_str()).collect::<String>());
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
                .map(|own| train_documents(&sentences, documents.iter().filter(|one| one.line % FOLDS != fold && one.line % FOLDS != own)))
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
    let judges: Vec<Judge> = (0..FOLDS)
        .map(|fold| {
            let seen = rows.iter().zip(&documents).filter(|(_, one)| one.line % FOLDS != fold);
            train_judge(&seen.map(|(row, _)| *row).collect::<Vec<_>>())
        })
        .collect();
    let unseen: Vec<_> = rows.iter().zip(&documents).map(|(row, one)| (row.0, row.1, one.line % FOLDS)).collect();
    let right = unseen.iter().filter(|one| top(&judges[one.2].judge(&one.0)) == one.1).count();
    let temperature = temperature(&unseen, &judges);
    println!("judge: {right} of {} documents it had not seen, temperature {temperature}", unseen.len());
    let court = Court(judges.into_iter().map(|judge| Judge { temperature, ..judge }).collect());
    let whole = train_documents(&sentences, documents.iter());
    for (name, bytes) in [("sentences.bin", model.written()), ("documents.bin", whole.written()), ("judge.bin", court.written())] {
        std::fs::write(root().join("compiled").join(name), bytes).unwrap();
    }
}
