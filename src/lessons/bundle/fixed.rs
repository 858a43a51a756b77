//! The parts that belong to the program and not to a course: the signals, and the test vectors of the drawing rule. They are
//! made when somebody first asks for them, and are the same in every process of this build.

use std::sync::{Arc, OnceLock};

use crate::diagnosis::signals::rules;
use crate::diagnosis::signals::wire::Entry;
use crate::diagnosis::source::Guide;
use crate::lessons::bundle::wire::{LayerAdvice, SignalsPart};
use crate::web::encoded::Encoded;

const ORDER_VECTORS: &str = include_str!("../../../openapi/order-vectors.json");

pub struct Fixed {
    pub signals: Arc<Encoded>,
    pub order_vectors: Arc<Encoded>,
}

static FIXED: OnceLock<Fixed> = OnceLock::new();

impl Fixed {
    pub fn of(built_in: &[Entry], guide: &Guide) -> &'static Fixed {
        FIXED.get_or_init(|| Fixed {
            signals: Arc::new(Encoded::json(&signals(built_in, guide), "")),
            order_vectors: Arc::new(Encoded::text(ORDER_VECTORS.to_owned(), "application/json", "")),
        })
    }

    pub fn part(&self, sha256: &str) -> Option<&Arc<Encoded>> {
        [&self.signals, &self.order_vectors].into_iter().find(|part| part.sha256() == sha256)
    }
}

fn signals(built_in: &[Entry], guide: &Guide) -> SignalsPart {
    let advice = guide.layers.iter().map(|one| LayerAdvice {
        layer: one.layer,
        title: one.title.clone(),
        owner: one.owner,
        next_step: one.next_step.clone(),
        do_not: one.do_not.clone(),
        would_change: one.would_change.clone(),
    });
    SignalsPart { signals: built_in.iter().map(rules::with_examples).collect(), layers: advice.collect() }
}
