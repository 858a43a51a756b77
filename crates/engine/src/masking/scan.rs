//! Finds what is to be masked in a text that holds no placeholder.
//!
//! One pass of one automaton finds the places at which something could begin: a vendor's prefix, a stem of a name that is given to
//! secrets, a word for a telephone, an `@`. One loop over the bytes finds digits and colons. Only there a rule looks closer, and no
//! further than a fixed number of bytes, so a text costs what its length is, whatever stands in it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::found::{Found, Near};
use super::reach::count_steps;
use super::{addresses, assigned, blocks, identities, names, numbers, telephones, tokens};

/// What looks closer where the automaton stops. Each gets the place at which its literal begins, and the one at which it ends.
#[derive(Clone, Copy)]
enum Look {
    Token(&'static tokens::Shape),
    Middle(tokens::Middle),
    Name,
    Near(Near),
    Phone,
}

struct Triggers {
    automaton: AhoCorasick,
    looks: Vec<Look>,
}

static TRIGGERS: LazyLock<Triggers> = LazyLock::new(|| {
    let near = |rules: &'static [(&'static str, Near)]| rules.iter().map(|(literal, look)| (*literal, Look::Near(*look)));
    let mut all: Vec<(&'static str, Look)> = tokens::SHAPES.iter().map(|shape| (shape.start, Look::Token(shape))).collect();
    all.extend(tokens::MIDDLES.iter().map(|(literal, look)| (*literal, Look::Middle(*look))));
    all.extend(names::STEMS.iter().map(|stem| (*stem, Look::Name)));
    all.extend(
        near(assigned::LITERALS).chain(near(blocks::LITERALS)).chain(near(addresses::LITERALS)).chain(near(identities::WORDS)),
    );
    all.extend(telephones::WORDS.iter().map(|word| (*word, Look::Phone)));
    let (literals, looks): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let automaton = AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(literals);
    #[allow(clippy::expect_used, reason = "constant literals, far fewer than an automaton holds")]
    Triggers { automaton: automaton.expect("constant literals"), looks }
});

/// What is to be masked, from the left, nothing overlapping.
pub fn find_secrets(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    count_steps(text.len());
    if text.len() < 3 {
        return found;
    }
    let mut past = 0;
    let mut name_past = 0;
    let triggers = &*TRIGGERS;
    for hit in triggers.automaton.find_overlapping_iter(text) {
        // What begins inside of something found belongs to it.
        if hit.start() < past {
            continue;
        }
        let one = match triggers.looks.get(hit.pattern().as_usize()) {
            Some(Look::Token(shape)) => shape.at(text, hit.start()),
            Some(Look::Middle(look)) => look(text, hit.start()),
            Some(Look::Near(look)) => look(text, hit.start(), hit.end()),
            Some(Look::Name) if hit.start() >= name_past => {
                let name = names::name_around(text, hit.start());
                name_past = name.end.max(hit.end());
                assigned::assigned_value(text, &name)
            }
            Some(Look::Phone) => {
                telephones::numbers_after(text, hit.start(), hit.end(), &mut found);
                None
            }
            _ => None,
        };
        if let Some(one) = one.filter(|one| one.start < one.end) {
            past = past.max(one.end);
            found.push(one);
        }
    }
    numbers::find_numbers(text, &mut found);
    settled(found)
}

/// Keeps the better of what overlaps.
fn settled(mut found: Vec<Found>) -> Vec<Found> {
    if found.len() < 2 {
        return found;
    }
    found.sort_by_key(|one| (one.rank, one.start));
    let mut kept = std::collections::BTreeMap::<usize, Found>::new();
    for one in found {
        let left = kept.range(..one.end).next_back();
        if left.is_none_or(|(_, other)| other.end <= one.start) {
            kept.insert(one.start, one);
        }
    }
    kept.into_values().collect()
}
