//! What words say: the answer, a person's account of it, and the two sides of a comparison, all by one reader.

use super::Case;
use crate::format::Stage;
use crate::layer::Layer;
use crate::reading::EvidenceField;
use crate::telling::{cut_quotation, reported_refusal};
use crate::verdict::ReadAs;
use crate::weigh::{LAYERS, Shares};
use crate::wording::classes::SentenceClass;
use crate::wording::judge::{VERDICTS, VerdictShares};
use crate::wording::{self, Wording};

/// So many sentences of an account are shown.
const MOST_TOLD: usize = 4;

/// What one side of a comparison shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Answers,
    Stopped(Layer),
    Open,
}

impl Side {
    fn new(read: &Wording, text: &str) -> Side {
        let few = text.split_whitespace().count() < 4 && text.chars().count() < 16;
        match read.verdict {
            Layer::NotARefusal | Layer::Undetermined if reported_refusal(text) => Side::Stopped(Layer::TrainedRefusal),
            Layer::NotARefusal | Layer::Undetermined if read.act == SentenceClass::Failure => Side::Open,
            Layer::NotARefusal => Side::Answers,
            // Open words that do not refuse are an answer, unless they are too few.
            Layer::Undetermined if read.rather_refuses() || few => Side::Open,
            Layer::Undetermined => Side::Answers,
            layer => Side::Stopped(layer),
        }
    }
}

/// What the words say, as shares of the layers, and how likely that they leave it open.
fn spread(shares: &VerdictShares) -> (Shares, f64) {
    let of = |layer: Layer| {
        let at = VERDICTS.iter().position(|verdict| *verdict == layer);
        f64::from(at.and_then(|at| shares.get(at)).copied().unwrap_or_default())
    };
    (LAYERS.map(of), of(Layer::Undetermined))
}

impl Case<'_, '_> {
    /// The two sides of a comparison, each read for itself.
    pub(super) fn compared(&mut self) {
        let Some(comparison) = &self.evidence.comparison else { return };
        let full = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let without = full(&comparison.without);
        let (Some(with), Some(without)) = (full(&comparison.with), without) else { return };
        let [first, second] = [&with, &without].map(|text| Side::new(&wording::read_wording(&self.engine.lexicon, text), text));
        let id = match (first, second) {
            // An error, a word or two: nothing to compare with.
            (Side::Open, _) | (_, Side::Open) => return,
            (Side::Answers, Side::Answers) => "answered-in-both",
            (Side::Answers, _) => "answered-with-system-prompt",
            (_, Side::Answers) => "answered-without-system-prompt",
            (Side::Stopped(Layer::UserTier), Side::Stopped(Layer::UserTier)) => "account-in-both",
            (Side::Stopped(Layer::PreClassifier), Side::Stopped(Layer::PreClassifier)) => "input-stopped-in-both",
            (Side::Stopped(Layer::PostClassifier), Side::Stopped(Layer::PostClassifier)) => "output-stopped-in-both",
            (Side::Stopped(_), Side::Stopped(Layer::TrainedRefusal)) => "declined-without-system-prompt",
            (Side::Stopped(_), Side::Stopped(_)) => "refused-without-system-prompt",
        };
        self.rule(id, "/comparison", Some(cut_quotation(&with)), None);
    }

    /// What the answer itself says.
    pub(super) fn worded(&mut self) {
        let visible = self.evidence.visible_text.as_deref().filter(|text| !text.trim().is_empty());
        let answer = Some(self.reading.answer.as_str()).filter(|text| !text.trim().is_empty());
        let body = self.evidence.http.as_ref().and_then(|http| http.body.as_deref());
        let plain = body.filter(|text| self.reading.read_as == ReadAs::Text && !self.is_log(text));
        let error = self.reading.status.is_some_and(|status| status >= 400);
        let (field, text) = match (answer, visible, plain) {
            (Some(answer), ..) => (EvidenceField::Body, answer),
            (None, Some(visible), _) => (EvidenceField::VisibleText, visible),
            (None, None, Some(plain)) if !error => (EvidenceField::Body, plain),
            _ => return,
        };
        let mut read = wording::read_wording(&self.engine.lexicon, text);
        if answer.is_some() {
            read.spoken_by_model();
        }
        let place = field.pointer();
        // A short notice that something failed is no answer that helps.
        let notice = (answer.is_none() || error) && self.is_notice(text);
        if matches!(read.verdict, Layer::SystemPrompt) || read.act == SentenceClass::Means {
            // The text of a refusal field may say that it is none of the model's own.
            self.spoken.retain(|spoken| spoken.clue.stage != Stage::Model);
        }
        let id = match (read.verdict, read.act) {
            _ if read.unread.is_some() => "wording-language",
            (Layer::TrainedRefusal, _) => "wording-declines",
            (Layer::SystemPrompt, _) => "wording-scope",
            (Layer::UserTier, _) => "wording-account",
            (Layer::PreClassifier, _) => "wording-input",
            (Layer::PostClassifier, _) => "wording-output",
            (Layer::NotARefusal, SentenceClass::Means) => "wording-capability",
            (Layer::NotARefusal, SentenceClass::Failure) => "wording-failure",
            (Layer::NotARefusal, SentenceClass::About) => "wording-about",
            (Layer::NotARefusal, _) if notice => "",
            (Layer::NotARefusal, _) => "wording-helps",
            (Layer::Undetermined, _) => "wording-open",
        };
        let quote = read.quote.and_then(|(from, to)| text.get(from..to)).map(|quote| cut_quotation(quote.trim()));
        let shares = spread(&read.shares);
        let most = shares.0.iter().copied().fold(0.0, f64::max);
        let quoted = |from: usize, to: usize| text.get(from..to).map(|quote| cut_quotation(quote.trim()));
        let told: Vec<_> = read.told.iter().take(MOST_TOLD).map(|(act, from, to)| (*act, quoted(*from, *to))).collect();
        let before = self.spoken.len();
        self.rule(id, place, quote, Some(most));
        if let Some(spoken) = self.spoken.get_mut(before) {
            spoken.clue.shares = Some(shares);
        }
        self.told(told, place);
        self.wording = Some((field, read));
    }

    /// What a person says that happened, as reasons beside the one that the words give. The judge has weighed them in it, so they
    /// are shown and weigh no more.
    fn told(&mut self, told: Vec<(SentenceClass, Option<String>)>, place: &str) {
        for (act, quote) in told {
            let id = match act {
                SentenceClass::Output => "told-partial",
                SentenceClass::Input => "told-nothing-before",
                SentenceClass::Account => "told-account",
                SentenceClass::Scope => "told-comparison",
                SentenceClass::Failure => "told-failure",
                _ => "told-refusal",
            };
            let before = self.spoken.len();
            self.rule(id, place, quote, None);
            if let Some(spoken) = self.spoken.get_mut(before) {
                spoken.shown_only = true;
            }
        }
    }
}
