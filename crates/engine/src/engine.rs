//! The engine: evidence in, verdict out. It reads nothing else, keeps nothing, and gives the same answer every time.

mod pasted;
mod structured;
mod worded;

use std::sync::{Arc, LazyLock};

use crate::catalogue::SignalCatalogue;
use crate::compiled;
use crate::evidence::{Evidence, OutputSeen, Trial};
use crate::format::{Owner, Stage};
use crate::gateway;
use crate::layer::Layer;
use crate::matching::{self, Fired, Hit};
use crate::reading::{EvidenceField, EvidenceReading};
use crate::records::RecordRules;
use crate::source::{self, EngineRule, Guide};
use crate::telling::{around, cut_quotation, has_any, ranked, rounded_share, verdict_summary};
use crate::vendor_grammar::SentenceGrammar;
use crate::verdict::{Extent, Reason, SourceRef, Verdict};
use crate::weigh::{self, Clue, Decision};
use crate::wording::{Lexicon, Wording};

/// Ready to diagnose; shared by all threads.
pub struct Engine {
    pub guide: Guide,
    pub lexicon: Lexicon,
    pub catalogue: SignalCatalogue,
    records: RecordRules,
    sentences: SentenceGrammar,
}

static BUILT_IN: LazyLock<Result<Arc<Engine>, String>> = LazyLock::new(|| {
    let mut source = compiled::embedded_signals()?;
    let catalogue = SignalCatalogue::of_checked(std::mem::take(&mut source.signals))?;
    Engine::with(source, catalogue).map(Arc::new)
});

/// What is said of an answer that was not read.
const UNREAD: &str = "The words were not read: they are too few, or no text.";

/// Files whose signals belong to no provider.
const GENERAL: [&str; 2] = ["any", "generic"];

/// From so many tries on a comparison is a fair one.
const FAIR_TRIES: u32 = 3;

impl Engine {
    pub fn new(source: source::EngineSource) -> Result<Engine, String> {
        let catalogue = SignalCatalogue::new(&source.signals)?;
        Engine::with(source, catalogue)
    }

    fn with(source: source::EngineSource, catalogue: SignalCatalogue) -> Result<Engine, String> {
        Ok(Engine {
            catalogue,
            lexicon: Lexicon::new(&source.wording)?,
            records: RecordRules::new(&source.guide.records),
            sentences: SentenceGrammar::new(&source.sentences)?,
            guide: source.guide,
        })
    }

    /// The engine with the signals that are compiled into this program. A test holds that they are sound.
    pub fn built_in() -> Result<Arc<Engine>, String> {
        BUILT_IN.clone()
    }

    /// What evidence of one answer shows.
    fn diagnose_answer(&self, evidence: &Evidence, own: Option<&SignalCatalogue>) -> Verdict {
        let mut case = Case::new(self, evidence);
        for catalogue in [Some(&self.catalogue), own].into_iter().flatten() {
            case.signals(catalogue);
        }
        case.structured();
        case.messenger = gateway::drop_messengers(&mut case.spoken, &self.guide.messengers);
        case.drop_general();
        case.observed();
        case.compared();
        case.worded();
        case.verdict()
    }
}

/// One signal or rule that speaks, with what it says.
pub(crate) struct Spoken<'e> {
    pub(crate) clue: Clue,
    pub(crate) reason: Reason,
    fired: Option<Fired<'e>>,
    /// It is a part of what another says, and weighs nothing by itself.
    shown_only: bool,
}

/// One piece of evidence on its way to a verdict.
struct Case<'e, 'a> {
    engine: &'e Engine,
    evidence: &'a Evidence,
    reading: EvidenceReading<'a>,
    wording: Option<(EvidenceField, Wording)>,
    spoken: Vec<Spoken<'e>>,
    /// There is an answer whose words mean nothing here.
    /// What is said of a gateway that only carried the statement.
    messenger: Option<String>,
}

impl<'e, 'a> Case<'e, 'a> {
    fn new(engine: &'e Engine, evidence: &'a Evidence) -> Case<'e, 'a> {
        Case {
            engine,
            evidence,
            reading: EvidenceReading::new(evidence, &engine.catalogue.names),
            wording: None,
            spoken: Vec::new(),
            messenger: None,
        }
    }

    fn signals<'c: 'e>(&mut self, catalogue: &'c SignalCatalogue) {
        let provider = self.evidence.provider.as_deref().and_then(|text| catalogue.provider(text));
        if !std::ptr::eq(catalogue, &raw const self.engine.catalogue) {
            self.reading.name(&catalogue.names);
        }
        for fired in matching::fired(catalogue, &self.reading, provider) {
            let signal = &fired.known.signal;
            let layers = if signal.layer == Layer::Undetermined { signal.between.clone() } else { vec![signal.layer] };
            let (place, pointer, quote) = self.shown(&fired.hit);
            let reason = Reason {
                rule: signal.id.clone(),
                stage: signal.stage,
                layers: layers.clone(),
                weight: signal.weight,
                evidence: place,
                pointer,
                quote,
                meaning: signal.meaning.clone(),
                sources: fired
                    .known
                    .sources
                    .iter()
                    .map(|s| SourceRef { title: s.title.clone(), url: s.url.clone(), reviewed_on: s.reviewed_on })
                    .collect(),
            };
            let clue = Clue { stage: signal.stage, layers, weight: signal.weight, also: Vec::new(), shares: None };
            self.spoken.push(Spoken { clue, reason, fired: Some(fired), shown_only: false });
        }
    }

    /// What a provider's own signal says outranks what holds for any of them, and what only a status says.
    fn drop_general(&mut self) {
        let general = |spoken: &Spoken<'_>| {
            spoken
                .fired
                .as_ref()
                .is_some_and(|fired| GENERAL.contains(&fired.known.provider.as_str()) || matches!(fired.hit, Hit::Status(_)))
        };
        if self.spoken.iter().any(|spoken| spoken.clue.stage < Stage::Comparison && !general(spoken)) {
            self.spoken.retain(|spoken| !general(spoken));
        }
    }

    /// Where a hit stands in the evidence, and what stands there.
    fn shown(&self, hit: &Hit) -> (String, Option<String>, Option<String>) {
        match hit {
            Hit::Value(at) => {
                let field = self.reading.fields.get(*at).copied().unwrap_or(EvidenceField::Body);
                let quote = self.reading.nodes.get(*at).and_then(|node| node.value.written());
                (field.pointer().to_owned(), Some(self.reading.pointer(*at)), quote.map(|text| cut_quotation(&text)))
            }
            Hit::Text(piece, from, to) => {
                let Some(piece) = self.reading.pieces.get(*piece) else { return ("/http/body".to_owned(), None, None) };
                let pointer = piece.node.map(|at| self.reading.pointer(at));
                (piece.field.pointer().to_owned(), pointer, Some(cut_quotation(around(&piece.text, *from, *to))))
            }
            Hit::Status(status) => ("/http/status".to_owned(), None, Some(status.to_string())),
            Hit::Header(at) => {
                let header = self.reading.headers.get(*at);
                (format!("/http/headers/{at}"), None, header.map(|h| cut_quotation(&format!("{}: {}", h.name, h.value))))
            }
            Hit::Output => ("/http/body".to_owned(), None, None),
            Hit::Provider => ("/provider".to_owned(), None, self.evidence.provider.as_deref().map(cut_quotation)),
        }
    }

    fn rule(&mut self, id: &str, place: &str, quote: Option<String>, weight: Option<f64>) {
        let Some(rule) = self.engine.guide.rule(id) else { return };
        let EngineRule { stage, layers, meaning, .. } = rule;
        let weight = weight.unwrap_or(rule.weight);
        let reason = Reason {
            rule: id.to_owned(),
            stage: *stage,
            layers: layers.clone(),
            weight: rounded_share(weight),
            evidence: place.to_owned(),
            pointer: None,
            quote,
            meaning: meaning.clone(),
            sources: Vec::new(),
        };
        let clue = Clue { stage: *stage, layers: layers.clone(), weight, also: rule.also.clone(), shares: None };
        self.spoken.push(Spoken { clue, reason, fired: None, shown_only: false });
    }

    /// What the person saw and tried around the response.
    fn observed(&mut self) {
        let Some(seen) = &self.evidence.observed else { return };
        let raw = seen.raw_api.as_ref();
        let often = raw.and_then(|raw| raw.tries).is_some_and(|tries| tries >= FAIR_TRIES);
        match raw.and_then(|raw| raw.result) {
            Some(Trial::Answered) if often => self.rule("raw-api-answered-often", "/observed/raw_api", None, None),
            Some(Trial::Answered) => self.rule("raw-api-answered", "/observed/raw_api", None, None),
            Some(Trial::Refused) => self.rule("raw-api-refused", "/observed/raw_api", None, None),
            _ => {}
        }
        match seen.other_accounts {
            Some(Trial::Answered) => self.rule("others-answered", "/observed/other_accounts", None, None),
            Some(Trial::Refused) => self.rule("others-refused", "/observed/other_accounts", None, None),
            _ => {}
        }
        match (seen.output, seen.explained) {
            (Some(OutputSeen::None), _) => self.rule("nothing-before", "/observed/output", None, None),
            (Some(OutputSeen::Partial), _) => self.rule("partial-before", "/observed/output", None, None),
            (Some(OutputSeen::Whole), Some(true)) => self.rule("whole-with-reason", "/observed/explained", None, None),
            _ => {}
        }
    }

    /// Plain text that a program wrote: markup, a trace, a log line.
    fn is_log(&self, text: &str) -> bool {
        let start = text.get(..text.len().min(2_000)).unwrap_or(text);
        self.reading.logged || text.trim_start().starts_with('<') || has_any(start, &self.engine.guide.log)
    }

    /// A notice of an interface: short, and not what a model answers; or seen next to an error.
    fn is_notice(&self, text: &str) -> bool {
        let short = text.split_whitespace().count() < 25;
        let spoken = self.spoken.iter().any(|spoken| spoken.clue.stage <= Stage::Block);
        let error = self.reading.status.is_some_and(|status| status >= 400);
        short && (error || spoken || has_any(text, &self.engine.guide.notice))
    }

    fn verdict(self) -> Verdict {
        let clues: Vec<Clue> = self.spoken.iter().filter(|spoken| !spoken.shown_only).map(|spoken| spoken.clue.clone()).collect();
        let decision = weigh::decide(&clues);
        let extent = self.extent(&decision);
        let mut spoken = self.spoken;
        // What decides stands first: clues for the verdict, then in the order of evidence.
        let top = decision.ranked.first().map(|(layer, _)| *layer);
        let speaks_for = |clue: &Clue| top.is_some_and(|layer| clue.layers.contains(&layer));
        spoken.sort_by(|a, b| {
            let by_side = speaks_for(&b.clue).cmp(&speaks_for(&a.clue));
            by_side.then(a.clue.stage.cmp(&b.clue.stage)).then(b.clue.weight.total_cmp(&a.clue.weight))
        });
        let deciding = spoken.first().and_then(|first| first.fired.as_ref()).map(|fired| &fired.known.signal);
        let guide = &self.engine.guide;
        let layer = guide.layer(decision.verdict);
        let special = |own: fn(&crate::format::Signal) -> Option<&String>, usual: &str| {
            deciding.and_then(own).cloned().unwrap_or_else(|| usual.to_owned())
        };
        let open = decision.verdict == Layer::Undetermined;
        let owner: Option<Owner> = match decision.verdict {
            Layer::NotARefusal | Layer::Undetermined => None,
            _ => deciding.and_then(|signal| signal.owner).or(Some(layer.owner)),
        };
        let collect = open.then(|| special(|signal| signal.collect.as_ref(), guide.collect(&decision.ranked)));
        let mut notes = Vec::new();
        if self.reading.cut {
            notes.push("The text is longer than what is read (1 MiB); the rest was left out, of a log its beginning.".to_owned());
        }
        notes.extend(self.messenger);
        if self.wording.as_ref().is_some_and(|(_, wording)| wording.noise) {
            notes.push(UNREAD.to_owned());
        }
        if let Some(language) = self.wording.as_ref().and_then(|(_, wording)| wording.unread) {
            notes.push(format!("The words are in {language}, a language that is not read here."));
        }
        if self.wording.as_ref().is_some_and(|(_, wording)| wording.addressed) {
            notes.push("The text addresses whoever classifies it. That has no effect: only what it shows counts.".to_owned());
        }
        Verdict {
            verdict: decision.verdict,
            confidence: decision.confidence.map(rounded_share),
            extent,
            summary: verdict_summary(guide, &decision, extent, spoken.first().map(|first| &first.reason), collect.as_deref()),
            layers: ranked(&decision),
            owner,
            next_step: match &collect {
                Some(collect) => collect.clone(),
                None => special(|signal| signal.next_step.as_ref(), &layer.next_step),
            },
            do_not: layer.do_not.clone(),
            would_change: special(|signal| signal.would_change.as_ref(), &layer.would_change),
            collect,
            read_as: self.reading.read_as,
            reasons: spoken.into_iter().map(|spoken| spoken.reason).collect(),
            notes,
            parts: Vec::new(),
        }
    }

    /// How much was refused: a cut-off answer is a partial refusal, one that helps in part too.
    fn extent(&self, decision: &Decision) -> Extent {
        let worded = self.wording.as_ref().map(|(_, wording)| wording);
        if decision.verdict == Layer::NotARefusal {
            return Extent::None;
        }
        let silent = !self.spoken.iter().any(|spoken| spoken.clue.layers.iter().any(|layer| *layer != Layer::NotARefusal));
        if decision.verdict == Layer::Undetermined && silent {
            return Extent::None;
        }
        let seen = self.evidence.observed.as_ref().and_then(|seen| seen.output);
        let helped = worded.is_some_and(|wording| wording.verdict == Layer::NotARefusal);
        match (decision.verdict, worded.map(|wording| wording.extent)) {
            _ if seen == Some(OutputSeen::Partial) => Extent::Partial,
            (Layer::PostClassifier, _) if helped => Extent::Partial,
            (_, Some(Extent::Partial)) => Extent::Partial,
            // Nothing but words, and those rather help.
            (Layer::Undetermined, Some(_))
                if self.spoken.iter().all(|s| s.clue.stage == Stage::Wording && s.fired.is_none())
                    && !worded.is_some_and(Wording::rather_refuses) =>
            {
                Extent::None
            }
            _ => Extent::Full,
        }
    }
}
