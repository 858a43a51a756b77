//! The kinds of evasion: what each reads as, why it is no route, and what is one. Data.

/// A kind of evasion. The texts speak to the learner.
#[derive(Debug)]
pub struct EvasionKind {
    pub id: &'static str,
    pub named: &'static str,
    pub why_not: &'static str,
    pub instead: &'static str,
    /// Kinds beside which this one says nothing more in the same field.
    pub said_by: &'static [&'static str],
    /// Whether a sentence about a check that is wrong is spared.
    pub spares_mistakes: bool,
}

const PLAIN: EvasionKind = EvasionKind { id: "", named: "", why_not: "", instead: "", said_by: &[], spares_mistakes: false };

pub const ALL: &[EvasionKind] = &[
    EvasionKind {
        id: "asks_for_evasion",
        named: "This asks for help with getting round a check.",
        why_not: "This service does not help with that: it gives no wording, and improves none, that is meant to go unnoticed.",
        instead: "It does help you to find the layer, to state a true purpose plainly, to choose the layer's own first step, and to \
                  write to whoever can change the setting.",
        spares_mistakes: true,
        ..PLAIN
    },
    EvasionKind {
        id: "override",
        named: "This reads like an order to set instructions or rules aside.",
        why_not: "Rules of the provider and the deployment are not the asker's to lift, and trying is what checks look for: an honest \
                  request gets refused because of it.",
        instead: "leave the order out and state what you need and why; ask the owner of the rule where it is too wide.",
        ..PLAIN
    },
    EvasionKind {
        id: "persona",
        named: "This reads like a persona that is meant to have no limits.",
        why_not: "A role in a play changes nothing about what is asked, and it makes an honest purpose look like a pretext.",
        instead: "speak as yourself, with your true role, and ask for the part that you need.",
        ..PLAIN
    },
    EvasionKind {
        id: "false_authority",
        named: "This reads like authority used as a lever.",
        why_not: "A model or filter cannot check a claim of authority, so none opens it; where one is untrue it is a deceit.",
        instead: "say what you do and what for. Where you do hold an approval, use the vendor's own programme, which can check it.",
        ..PLAIN
    },
    EvasionKind {
        id: "pretence",
        named: "This reads like a role or purpose that is not true.",
        why_not: "A reframe counts only where every word of it is true: an answer got by a false role is got by deceit.",
        instead: "write the role and purpose that you really have, even where they sound less important.",
        ..PLAIN
    },
    EvasionKind {
        id: "fiction_lever",
        named: "This reads like a story used as a reason to drop the rules.",
        why_not: "Fiction is a fine purpose, but what an answer tells is the same inside a story; as a lever it is a pretext.",
        instead: "if you write fiction, say so and ask for what the scene needs: mood, motives, consequences.",
        ..PLAIN
    },
    EvasionKind {
        id: "splitting",
        named: "This reads like splitting a request to hide what it is for.",
        why_not: "The aim stays the same in pieces, and hiding it is what makes it evasion. Splitting long work openly is fine.",
        instead: "say the whole aim at the beginning, and split only what is too long.",
        spares_mistakes: true,
        ..PLAIN
    },
    EvasionKind {
        id: "translation",
        named: "This reads like a detour through another language to pass a check.",
        why_not: "The detour hides the request from the check instead of explaining it. Asking in your own language is fine.",
        instead: "ask in the language you need the answer in, and report a check that misreads it.",
        spares_mistakes: true,
        ..PLAIN
    },
    EvasionKind {
        id: "region_or_key",
        named: "This reads like a change of place, account or key to get round a limit.",
        why_not: "Limits on regions and accounts are contracts, often law. Going round them puts the account at risk and solves nothing.",
        instead: "apply for access or a higher limit, use a provider that serves your region, or ask the holder of the account.",
        ..PLAIN
    },
    EvasionKind {
        id: "encoding",
        named: "This reads like a request written in code.",
        why_not: "Encoded text hides the request from the check and from people. Whoever has an honest purpose can write it plainly.",
        instead: "write the request in plain words, and quote encoded data only where it is itself the subject.",
        ..PLAIN
    },
    EvasionKind {
        id: "look_alikes",
        named: "This has letters that only look like the right ones.",
        why_not: "Look-alike letters and spelling tricks have one use in a request: that a check should not read what a person reads.",
        instead: "write the words in one alphabet, plainly spelt. If they came with a copied text, type them anew.",
        ..PLAIN
    },
    EvasionKind {
        id: "hidden_characters",
        named: "This has signs inside words that cannot be seen.",
        why_not: "Invisible signs make a check read another text than a person. Nothing honest needs them inside a word.",
        instead: "take them out. If they came with a copied text, type the word anew.",
        ..PLAIN
    },
    EvasionKind {
        id: "hidden_from_check",
        named: "This reads like wording meant to go unnoticed by a check.",
        why_not: "A check that was tricked has not agreed to anything. Precise, neutral words are fine; hidden aims are not.",
        instead: "say openly what you need; if the check still misreads it, report the false alarm to whoever owns the check.",
        said_by: &["asks_for_evasion", "override", "splitting", "translation", "region_or_key", "encoding"],
        spares_mistakes: true,
    },
    EvasionKind {
        id: "pressure",
        named: "This reads like pressure: a threat, a plea or a bribe.",
        why_not: "A check does not weigh urgency or feelings, and pressure makes an honest need look like a trick.",
        instead: "say plainly what depends on it and until when, and ask a person where it is truly urgent.",
        ..PLAIN
    },
    EvasionKind {
        id: "suppression",
        named: "This reads like an order not to refuse or not to warn.",
        why_not: "Forbidding a no changes nothing about the request; it only shows that a no was expected.",
        instead: "leave the order out. Where warnings are in the way, say for whom the text is and what they know already.",
        ..PLAIN
    },
    EvasionKind {
        id: "payload",
        named: "This reads like a request hidden inside of other text.",
        why_not: "What stands in a quotation or a file is material; a request that hides there is meant not to be seen.",
        instead: "ask for it in your own words, in front, and mark the material as material.",
        ..PLAIN
    },
];

pub fn named(id: &str) -> Option<&'static EvasionKind> {
    ALL.iter().find(|kind| kind.id == id)
}

/// The kind by the name that the engine's classifier gives it.
pub fn of_engine(name: &str) -> Option<&'static EvasionKind> {
    let id = match name {
        "role" => "false_authority",
        "split" => "splitting",
        "fiction" => "fiction_lever",
        "hopping" => "region_or_key",
        "suppress" => "suppression",
        same => same,
    };
    named(id)
}
