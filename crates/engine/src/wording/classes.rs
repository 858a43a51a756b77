//! What a sentence does, as people labelled the sentences of `training/sentences`, and the classifier's weights.

use std::sync::LazyLock;

use crate::wording::linear::LinearModel;

macro_rules! classes {
    ($($variant:ident $letter:literal $meaning:literal)*) => {
        /// What a sentence does; it may do several of these.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum SentenceClass { $(#[doc = $meaning] $variant),* }

        impl SentenceClass {
            pub const ALL: [SentenceClass; CLASSES] = [$(SentenceClass::$variant),*];
            /// As the training files write it.
            pub const fn letter(self) -> char { match self { $(SentenceClass::$variant => $letter),* } }
            pub const fn meaning(self) -> &'static str { match self { $(SentenceClass::$variant => $meaning),* } }
        }
    };
}

pub const CLASSES: usize = 11;

classes! {
    Declines 'D' "declines, by the speaker's own judgement or rules"
    Scope 'S' "names what an application is for"
    Means 'L' "names a limit of means or knowledge"
    Account 'A' "names the account, plan, region or organisation"
    Input 'I' "says that the input was stopped"
    Output 'O' "says that the output was stopped"
    Failure 'F' "reports a technical failure or a limit of load"
    Work 'H' "does the work, or is plain content"
    About 'T' "talks about a refusal, an error or a filter"
    Neither 'N' "greets, asks, offers or thanks"
    Told 'P' "tells what happened to the person who writes"
}

impl SentenceClass {
    #[allow(clippy::as_conversions, reason = "an enum of eleven variants")]
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// How likely each of [`SentenceClass::ALL`] is, in their order.
pub type ClassShares = [f32; CLASSES];

pub type SentenceModel = LinearModel<CLASSES>;

static BUILT_IN: LazyLock<SentenceModel> = LazyLock::new(|| SentenceModel::read(include_bytes!("../../compiled/sentences.bin")));

/// The one that is compiled into this program.
pub fn sentence_model() -> &'static SentenceModel {
    &BUILT_IN
}
