//! What stands in `lessons/signals`, all that the engine is made from. What reads it is in `yaml`.

use serde::{Deserialize, Serialize};

use crate::files::FolderFiles;
use crate::format::{Owner, SignalsFile, Stage};
use crate::layer::Layer;
use crate::records::RecordWords;
use crate::vendor_grammar::SentencesFile;
use crate::wording::lexicon::WordingFile;
#[cfg(feature = "yaml")]
pub use crate::yaml::parse_signals;

/// Where the files stand below the curriculum.
pub const FOLDER: &str = "signals/";

/// Everything the engine is made from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EngineSource {
    pub guide: Guide,
    pub wording: Vec<WordingFile>,
    pub sentences: SentencesFile,
    pub signals: Vec<SignalsFile>,
}

/// `lessons/signals/layers.yaml`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    pub layers: Vec<LayerGuide>,
    pub rules: Vec<EngineRule>,
    pub collect: Vec<Collect>,
    /// Words by which a short notice of an interface is told from an answer.
    pub notice: Vec<String>,
    /// Words by which what a program wrote is told from an answer.
    pub log: Vec<String>,
    /// Names and values of records that any program may write.
    pub records: RecordWords,
    /// Signals that are only how a gateway files what it was told: its status, its class name, its advice to try again.
    pub messengers: Vec<String>,
    /// General signals that know a sentence as one that leaves the side open.
    pub left_open: Vec<String>,
}

/// What holds for a layer whatever signal spoke for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerGuide {
    pub layer: Layer,
    /// In the middle of a sentence: "a filter on the input".
    pub title: String,
    pub owner: Owner,
    pub next_step: String,
    pub do_not: String,
    pub would_change: String,
}

/// A rule of the engine itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineRule {
    pub id: String,
    pub stage: Stage,
    pub layers: Vec<Layer>,
    pub weight: f64,
    /// Layers that are next likely.
    #[serde(default)]
    pub also: Vec<Layer>,
    pub meaning: String,
}

/// The one observation that separates two layers; for no layers in particular, where `between` is empty.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collect {
    pub between: Vec<Layer>,
    pub observation: String,
}

impl Guide {
    /// What holds for a layer; a check holds that every layer has its entry.
    pub fn layer(&self, layer: Layer) -> &LayerGuide {
        static NONE: LayerGuide = LayerGuide {
            layer: Layer::Undetermined,
            title: String::new(),
            owner: Owner::Person,
            next_step: String::new(),
            do_not: String::new(),
            would_change: String::new(),
        };
        self.layers.iter().find(|guide| guide.layer == layer).unwrap_or(&NONE)
    }

    pub fn rule(&self, id: &str) -> Option<&EngineRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// What separates the two most likely layers.
    pub fn collect(&self, ranked: &[(Layer, f64)]) -> &str {
        let pair: Vec<Layer> = ranked.iter().take(2).map(|(layer, _)| *layer).collect();
        let close = matches!(ranked, [first, second, third, ..] if first.1 > 0.2 && second.1 > third.1 + 0.02);
        let fits = |one: &&Collect| close && one.between.len() == 2 && one.between.iter().all(|layer| pair.contains(layer));
        let found = self.collect.iter().find(fits).or_else(|| self.collect.iter().find(|one| one.between.is_empty()));
        found.map_or("", |one| one.observation.as_str())
    }
}

/// Whether a curriculum folder brings signals of its own.
pub fn is_there(files: &FolderFiles) -> bool {
    files.keys().any(|name| name.starts_with(FOLDER))
}
