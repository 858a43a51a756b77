//! The phrases by which evasions are recognised, in English, German, Spanish, French and Chinese. Data.
//!
//! A space stands for any white space. Names in braces stand for the pieces below. The group `core` is the part that a "not"
//! before it would deny, where that is not the whole. The phrases are the commonplace ones that every lesson names; none of
//! them does anything.

/// In which texts a pattern is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// The rewritten request, role, purpose, audience, scope.
    Asked,
    Role,
    /// Outcome, message, what was tried.
    Told,
    Both,
    /// Also the reasons.
    Anywhere,
}

#[derive(Debug)]
pub struct Pattern {
    pub kind: &'static str,
    pub place: Where,
    pub text: &'static str,
}

const fn p(kind: &'static str, place: Where, text: &'static str) -> Pattern {
    Pattern { kind, place, text }
}

/// What the names in braces stand for.
#[rustfmt::skip]
const PIECES: &[(&str, &str)] = &[
    ("{you_must}", r"(?:you (?:must|may|have to|are (?:allowed|permitted|obliged|free)|can(?:not|['’]t) refuse|can ignore|need not)|{rules} (?:do|does) ?(?:not|n['’]t) apply)"),
    // Words of the same sentence, and of this one and the next.
    ("{gap}", r"[^.!?;\n。！？；]{0,60}?"),
    ("{some}", r"[^.!?;\n。！？；]{0,25}?"),
    ("{gaps}", r"[^\n]{0,90}?"),
    ("{zh}", r"[^。！？\n]{0,14}?"),
    ("{filter}", r"(?:(?:(?:safety|content|moderation|security|input|output|prompt|ai|automatic|automated|word|usage|policy) )*(?:filter(?:s|ing)?|classifiers?|moderation|moderators?|guardrails?|safeguards?|detectors?|detection|censorship|censors?|safety systems?)|(?:(?:safety|content|moderation|security|input|output|prompt|ai|automatic|automated|word|usage|policy) )+check(?:s|er)?|the checks?)"),
    ("{model}", r"(?:model|ai|assistant|chatbot|bot|system|gpt|claude|gemini)"),
    ("{limits}", r"(?:restrictions?|filters?|guidelines|censorship|safeguards?|guardrails?|safety (?:rules|limits|filters)|content polic(?:y|ies)|ethic(?:s|al (?:rules|limits|guidelines))|moral(?:s|ity| rules| limits))"),
    ("{rules}", r"(?:instructions?|rules?|guidelines?|restrictions?|limits|limitations?|polic(?:y|ies)|programming|guardrails?|safeguards?|filters?|safety (?:training|rules?|checks?|measures?)|ethics|censorship|principles|directives?|directions?|commands?|prompts?)"),
    ("{notice}", r"(?:notic|detect|see\b|sees\b|catch|recogni[sz]|spot|reali[sz]|pick(?:s)? (?:it|this|that|them) up|find(?:s)? out|reads?\b|understand)"),
    ("{round}", r"(?:get(?:ting|s)? (?:a)?round|get(?:ting|s)? past|bypass(?:ing|ed|es)?|circumvent(?:ing|ed|s)?|evad(?:e|es|ed|ing)|dodg(?:e|es|ed|ing)|escap(?:e|es|ed|ing))"),
    ("{trick}", r"(?:get(?:ting|s)? (?:a)?round|(?:get(?:ting|s)?|slip(?:ping)?|sneak(?:ing)?) (?:it |this |them |anything )?past|bypass(?:es|ing|ed)?|circumvent(?:s|ing|ed)?|evad(?:es?|ing|ed)|trick(?:s|ing|ed)?|fool(?:s|ing|ed)?|outsmart(?:s|ing|ed)?|defeat(?:s|ing|ed)?|dodg(?:es?|ing|ed)|deceiv(?:es?|ing|ed)|outwits?)"),
    ("{vendor}", r"(?:openai|anthropic|google|deepmind|microsoft|azure|meta|mistral|amazon|xai|deepseek|alibaba|cohere|your (?:developers?|creators?|makers?|owners?|company|provider|operators?|administrators?|vendor))"),
    ("{other}", r"(?:another|second|new|different|other|someone else['’]s|friend['’]s|colleague['’]s|several|multiple|many|fresh|borrowed|stolen|leaked)"),
    ("{not}", r"(?:not|n['’]t|never|no longer|cannot|fails?)"),
    ("{authority}", r"(?:police|government|fbi|cia|nsa|court|judge|army|military|ministry|authorities|president|state|law enforcement|management|university|ethics committee|legal(?: team| department)?|boss|manager|company|lawyer)"),
    ("{lift}", r"(?:turn off|switch off|disable|deactivate|drop|lift|ignore|suspend|lower|remove|you (?:must|may|can|have to)|so answer|answer (?:me|everything))"),
    ("{fiction}", r"(?:(?:only|just|merely|purely|all|completely|entirely)(?: for)?(?: an?)? ?(?:story|fiction|fictional|novel|game|role-?play|hypothetical|movie|film|joke|thought experiment)|(?:this|it|that|all) is (?:an? |all )?(?:fiction|fictional|hypothetical|story|novel|game|role-?play)|for (?:an?|my|the) (?:novel|story|film|movie|game)(?: only)?)"),
    ("{code}", r"(?:base-?64|rot-?13|hex(?:adecimal)?|leet(?: ?speak)?|1337|morse(?: code)?|caesar cipher|pig latin|binary code|backwards|zero-width|invisible (?:letters|characters|signs)|look-?alike letters)"),
];

/// The regular expression that a pattern stands for.
pub fn pattern_regex(text: &str) -> String {
    format!("(?i){}", spelt_out(text))
}

/// The same, but for the flag that upper and lower case do not count.
pub fn spelt_out(text: &str) -> String {
    // Pieces hold pieces, but only of those further down.
    let text = PIECES.iter().fold(text.to_owned(), |text, (name, piece)| text.replace(name, piece));
    text.replace(" ?", r"\s*").replace(' ', r"\s+")
}

/// Every pattern, and whether it is one for Chinese. Texts without a letter of the other kind need not be searched.
pub fn all() -> impl Iterator<Item = (&'static Pattern, bool)> {
    let latin = [ENGLISH, GERMAN, SPANISH, FRENCH].into_iter().flatten().map(|pattern| (pattern, false));
    latin.chain(CHINESE.iter().map(|pattern| (pattern, true)))
}

#[rustfmt::skip]
const ENGLISH: &[Pattern] = &[
    p("asks_for_evasion", Where::Anywhere, r"\bhow {some}\b(?:i|we|one|to) {some}(?:word|phrase|write|formulate|rephrase|put|ask|say|hide|disguise|encode)\b{gap}(?:{filter}|\bit\b|\b{model}){some}(?:not|n['’]t|never|cannot|without|fails?)\b{some}{notice}"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:help|show|teach|tell|give|suggest|recommend) (?:me|us)\b{some}(?P<core>\b{trick}) (?:the |your |its |this |that |any |all |their |a )*(?:{filter}|{model}\b|{rules}|bans?\b|refusals?)"),
    p("asks_for_evasion", Where::Anywhere, r"\bhow (?:do|can|could|should|would|might) (?:i|we|one|you) {some}(?P<core>\b{trick}) (?:the |your |its |this |that |any |all |their |a )*(?:{filter}|{model}\b|{rules}|bans?\b|refusals?)"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:which|what) (?:words?|wording|phrases?|phrasing|synonyms?|prompts?)\b{gap}(?:{trick} (?:the |your |its |this )*{filter}|{not}\b{some}(?:{notice}|flagged|blocked))"),
    p("asks_for_evasion", Where::Both, r"\b(?:rewrite|reword|rephrase|improve|change|make|edit|adapt|tweak) (?:this|my|the|it|our)\b{some}(?:(?P<core>{trick}) (?:the |your |its |this )*(?:{filter}|{rules})|undetect\w*|unnoticed|\b{filter} (?:lets? (?:it|this|me) through|(?:does|do|will|can)? ?{not}\b{some}(?:{notice}|flag|block)))"),
    p("asks_for_evasion", Where::Asked, r"\b(?:make|get|convince|persuade) (?:the|your) {filter} (?:to )?(?:accept|allow|pass|let|approve|ignore)"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:give|write|show|send|make|find|need|want) (?:me |us )?(?:an?|the|some|another|this) (?:\w+ )?jailbreaks?\b"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:improve|polish|strengthen|perfect) (?:my|this|the|our) (?:\w+ )?(?:jailbreak|evasion|bypass)"),
    p("override", Where::Both, r"\b(?:ignor(?:e|es|ed|ing)|disregard(?:s|ed|ing)?|forget|override|overrule|bypass|drop|skip|set aside|put aside|break|stop following|do not follow|don['’]t follow|no longer follow|(?:need not|no need to) follow) (?:(?:all|any|of|the|these|those|every|each) )*(?:your|previous|prior|above|earlier|preceding|foregoing|original|initial|safety)(?: (?:own|previous|prior|above|earlier|preceding|original|initial|content|safety|usual|normal|built-in|system|moral|ethical))* {rules}"),
    p("override", Where::Both, r"\b(?:ignor(?:e|es|ed|ing)|disregard(?:s|ed|ing)?|override|forget) (?:all |any )?(?:of )?(?:the |your )?(?:system prompt|instructions (?:above|before)|rules (?:above|before|you were given)|instructions you were given)"),
    p("override", Where::Asked, r"\b(?:your|these|those|the usual|the normal|openai['’]s|all) (?:usual |normal |safety |content |own |ethical )*{rules} (?:do|does|did) ?(?:not|n['’]t) apply\b"),
    p("override", Where::Asked, r"\b(?:answer|act|respond|reply|write|speak|continue|behave) as (?:if|though) (?:you|there) (?:had|have|were|was) {some}\b(?:no|without|free of)\b {some}(?:rules|{limits})"),
    p("override", Where::Both, r"\b(?:ignore|disregard|forget) (?:everything|anything|all) (?:above|before|you were told|you have been told)\b{some}{rules}"),
    p("override", Where::Asked, r"\byou (?:no longer |do not |don['’]t |need not )(?:have to |need to )?(?:follow|obey|respect|keep to|stick to|apply) (?:your|any|all|those|these|the usual|the safety)(?: \w+)? {rules}"),
    p("override", Where::Asked, r"\bas (?:if|though) (?:the |your |all )?(?:\w+ )?{rules} (?:did|do) ?(?:not|n['’]t) (?:exist|apply|matter)"),
    p("override", Where::Asked, r"\b(?:turn off|switch off|disable|deactivate|remove|lift|suspend) (?:all )?(?:your|its) (?:\w+ )?{limits}"),
    p("override", Where::Asked, r"\b(?:all |your )+(?:\w+ )?{rules} (?:are|have been|were) (?:now |hereby )?(?:lifted|removed|suspended|disabled|void)\b|\bthere are (?:now )?no {rules} for you\b"),
    p("override", Where::Asked, r"\b(?:answer|respond|reply|speak|talk)\b{some}\bwithout (?:any|your|all|the) (?:\w+ )?{limits}"),
    p("override", Where::Asked, r"\b(?:skip|drop|ignore|forget)\b{some}\byour (?:safety|content|ethical) {rules}"),
    p("override", Where::Told, r"\b(?:ignore|disregard|forget|override|overrule|bypass|drop|skip|set aside|stop following) (?:all |any )?(?:of )?its (?:own |previous |safety |content |usual )*{rules}"),
    p("override", Where::Told, r"\b(?:used|tried|pasted|copied|sent) (?:an?|the|this|some|another|several) (?:\w+ )?jailbreaks?\b"),
    p("persona", Where::Both, r"\b(?:pretend|imagine|act(?:ing)?|behave|role-?play(?:ing)?|simulate|you are|you['’]re|become|playing?|talk|speak)\b{gap}(?:with no|without|free (?:of|from)|has no|have no|had no|having no|not bound by|unbound by|that ignore[sd]?|who ignore[sd]?)(?: (?:any|all|your|its|the|usual|such|or|and|more|safety|moral|ethical|rules|limits))* {limits}\b"),
    p("persona", Where::Both, r"\b(?:pretend|imagine|act(?:ing)?|behave|simulate|role-?play(?:ing)?|you are|you['’]re)\b{some}\b(?:ai|{model}|chatbot|llm)\b{some}(?:with no|without|free of|has no|have no|not bound by|ignores)(?: (?:any|all|your|its|the))* (?:rules|limits|limitations)\b"),
    p("persona", Where::Both, r"\bdo anything now\b|\b(?-i:DAN)[ -]mode\b|\b(?:you are|act as|become|as|be)(?: now)? (?-i:DAN)\b"),
    p("persona", Where::Both, r"\b(?:you are|you['’]re|answer|respond|reply|act|enter|switch (?:to|into)|go into|stay)(?: now)?(?: as(?: if)?)?(?: in| into| to)?(?: an?| the| your)? (?:jailbreak|jailbroken|unrestricted|uncensored|unfiltered|god)[ -]mode\b"),
    p("persona", Where::Both, r"\b(?:you are|you['’]re|answer|respond|reply|act)(?: now)?(?: as if)?(?: in| with)(?: an?| the| your)? (?:developer|debug|admin|sudo|root)[ -]mode\b"),
    p("persona", Where::Both, r"\b(?:act|answer|respond|behave|speak|talk) (?:like|as) (?:an? )?(?:\w+ )?(?:uncensored|unrestricted|unfiltered|jailbroken|unaligned)\b"),
    p("persona", Where::Asked, r"\b(?:enable|activate|enter|switch on|turn on) (?:the )?(?:developer|jailbreak|god|dan|unrestricted|admin)[ -]mode(?: now)?(?:,| and| then) {some}(?:answer|respond|reply|comply|ignore)\b"),
    p("persona", Where::Asked, r"\byou are (?:now |hereby )?(?:an? )?(?:unrestricted|uncensored|unfiltered|jailbroken)\b|\byou (?:now |hereby )?(?:have|are under) no {limits}"),
    p("false_authority", Where::Asked, r"\b(?:i am|i['’]m|i was|i have been|i['’]ve been|we are|we['’]re|we have been|this (?:request|prompt|question|test|chat|conversation|session)(?: is| was| has been))(?: \w+){0,2} (?:authori[sz]ed|approved|permitted|cleared|allowed|certified|licensed|sanctioned|sent|instructed) by (?:the )?{vendor}\b"),
    p("false_authority", Where::Asked, r"\b(?:as|being|i am|i['’]m|this is|speaking as) (?:an?|the|your)(?: \w+)? ?(?:administrator|admin|developer|creator|owner|operator|supervisor|boss|superuser|engineer|employee|officer|agent|doctor|president|ceo|judge)\b{some}\b(?:order|command|instruct|demand|direct|compel) (?:that )?you\b"),
    p("false_authority", Where::Asked, r"\bi (?:hereby |now )?(?:order|command|authori[sz]e|direct) you (?:to )?(?:answer|ignore|comply|obey|respond|drop|lift|bypass|break|forget|disregard|tell)\b"),
    p("false_authority", Where::Asked, r"\b(?:approved|authori[sz]ed|cleared|ordered|permitted|sanctioned|requested|allowed) by (?:the |our |my )?(?:\w+ )?{authority}\b{some}\b(?:so|therefore|thus|hence|which means|meaning)\b{some}{you_must}"),
    p("false_authority", Where::Asked, r"\b(?:the|my|our) (?:\w+ )?{authority} (?:has |have )?(?:approved|authori[sz]ed|cleared|ordered|permitted|sanctioned|requested|allowed)\b{some}\b(?:so|therefore|thus|hence|which means|meaning)\b{some}{you_must}"),
    p("false_authority", Where::Asked, r"\b(?:my|our|the) (?:\w+ )?{authority} (?:says?|said|told me|confirmed|confirms)\b{gap}\b(?:so|therefore|thus|hence)\b{some}{you_must}"),
    p("false_authority", Where::Asked, r"\b(?:i am|i['’]m|i work|we are|we work|as) (?:an? |at |for |from |the )*{vendor}\b{gap}\b{lift}\b"),
    p("false_authority", Where::Asked, r"\b(?:i am|i['’]m|we are) (?:an? |the )?(?:employee|engineer|developer|researcher|member|staff)\w* (?:of|at|from) {vendor}\b{gap}\b{lift}\b"),
    p("false_authority", Where::Asked, r"\byou (?:must|have to|are obliged to|are required to) (?:obey|comply|answer me)\b{some}\b(?:because|since|as) (?:i am|i['’]m|we are)\b"),
    p("false_authority", Where::Told, r"\b(?:told|claimed|said|wrote|pretended)\b{some}\b(?:i was|i am|i['’]m|we were|we are|to be)(?: \w+){0,2} (?:authori[sz]ed|approved|cleared|sent|an? (?:employee|developer|engineer|administrator)) (?:by|of|at|from) (?:the )?{vendor}\b"),
    p("pretence", Where::Both, r"\bi (?:\w+ )?(?:pretended|falsely claimed|lied|posed|faked)\b{some}\b(?:to be|that i (?:was|am)|i (?:was|am)|as an?|being|a role)\b"),
    p("pretence", Where::Told, r"^\W*(?:pretended|falsely claimed|lied|posed|passed myself off|claimed)\b (?:that i (?:was|am)|i (?:was|am)|to be|as)\b"),
    p("pretence", Where::Both, r"\b(?:said|wrote|told it|told the {model}|stated|claimed|put) {gap}\b(?:i am|i['’]m|i was)\b{some}\b(?:although|though|but|while) (?:i['’]m|i am|i was) (?:not|no)\b|\b(?:said|wrote|claimed|stated)\b{gap}(?:although|though|but) (?:it|that) (?:is|was) ?(?:not|n['’]t) true"),
    p("pretence", Where::Both, r"\b(?:told|said|wrote|stated|claimed)\b{gap}\b(?:i am|i['’]m|i was)\b{some}\((?:but )?(?:i am|i['’]m|that is|which is) not\b"),
    p("pretence", Where::Asked, r"\b(?:pretend|imagine|assume|suppose) (?:that )?(?:i am|i['’]m) (?:your|the) (?:\w+ )?(?:developer|creator|admin\w*|owner|operator|maker)"),
    p("pretence", Where::Role, r"^\W*(?:pretend(?:ing|ed)?|fake|made-up|invented|imaginary|supposed|alleged)\b|\b(?:not really|not true|fake|made[- ]up|i am not actually)\b"),
    p("fiction_lever", Where::Asked, r"\b{fiction}\b{gaps}\b(?:ignore|break|drop|forget|skip|lift|suspend|set aside|disregard) (?:all |any )?(?:of )?(?:your|the safety|the usual|the normal|those safety) (?:\w+ )?{rules}"),
    p("fiction_lever", Where::Asked, r"\b{fiction}\b{gaps}\byou (?:may|can|should|must|are free to|are allowed to) (?:\w+ )?(?:ignore|break|drop|forget|skip|set aside|disregard) (?:(?:all|any|the|your) )*{rules}"),
    p("fiction_lever", Where::Asked, r"\b{fiction}\b{gaps}(?:{rules} (?:do|does) ?(?:not|n['’]t)(?: apply| count| matter)|no (?:safety )?(?:rules|{limits}) apply|(?:no need|need not|(?:do|does) ?(?:not|n['’]t) (?:need|have)) (?:to )?(?:follow|obey|apply)|you (?:may|can|are allowed to|are free to) (?:say|tell|answer) (?:me )?(?:anything|everything))"),
    p("fiction_lever", Where::Asked, r"\b(?:hypothetically|in (?:a|this) (?:fictional|hypothetical|imaginary) (?:world|story|scenario)|in this (?:story|game))\b{gaps}(?:no|without) (?:any )?{limits}"),
    p("splitting", Where::Asked, r"\bin (?:\w+ )?(?:pieces|parts|chunks|bits|fragments)\b{gaps}\b(?:the|your|any) {filter}\b{some}{not}\b{some}{notice}"),
    p("splitting", Where::Both, r"\b(?:pieces|parts|chunks|bits|fragments|piece by piece|bit by bit|split(?:ting)?|spread|one (?:word|letter|piece|part) at a time|(?:across|over|in) (?:several|many|separate|different) (?:messages|chats|conversations))\b{gap}(?:unnoticed|undetected|\b(?:{filter}|{model}|it)\b{some}{not}\b{some}{notice}|\b(?:nobody|no one|nothing)\b{some}{notice}|\b(?:hid|disguis|conceal)\w* (?:the|my|our|its|what) ?(?:real |true |actual |whole )?(?:aim|purpose|intent|intention|goal|meaning|it is))"),
    p("translation", Where::Both, r"\btranslat\w*\b{gaps}\b(?:so|because|since|avoid|past|escape|without)\b{some}(?:the|a|any|your|its|that) {filter}\b"),
    p("translation", Where::Both, r"\b(?:in|into|use|using|through) (?:a |an |another |some |any |rare )*(?:\w+ )?language\b{some}{filter}{some}(?:not|n['’]t|never|less|weak|poor|miss|badly)"),
    p("region_or_key", Where::Both, r"\b(?:vpn|proxy|tor)\b{some}\b(?:{round}|unlock|appear|pretend|look(?:ed)? (?:like|as)|seem(?:ed)?|hide (?:my|our)|(?:set|switched) to|located in)\b"),
    p("region_or_key", Where::Both, r"\b(?:vpn|proxy|tor)\b{some}\b(?:from|in|via|with|to) (?:a |an |the )?(?:supported|allowed|another|other|different|foreign) (?:country|region|location|place|address)"),
    p("region_or_key", Where::Both, r"\b{other} (?:\w+ )?(?:api )?(?:keys?|accounts?|tokens?|logins?)\b{some}\b(?:when|after|because|since|each time|every time|whenever|once|as soon as)\b{some}\b(?:limits?|quotas?|bans?|banned|blocks?|blocked|suspended|locked|used up|exhausted|cut off)\b"),
    p("region_or_key", Where::Both, r"\b{round}\b{some}\b(?:region|country|geo\w*|location|age|quota|rate|account|usage|access|verification|ban|limit|block)\w*\b{some}\b(?:with|using|through|via|by|over)\b {some}\b(?:vpn|proxy|{other} (?:\w+ )?(?:api )?(?:keys?|accounts?|regions?|countr(?:y|ies)|cards?))\b"),
    p("region_or_key", Where::Both, r"\b(?:another|other|different|supported|foreign) (?:region|country|location)\b{some}\b{round}\b"),
    p("region_or_key", Where::Both, r"\b{other} (?:\w+ )?(?:api )?(?:keys?|accounts?|tokens?|logins?|cards?|phone numbers?)\b{gap}\b{round}\b"),
    p("region_or_key", Where::Both, r"\b(?:rotat|switch|cycl|hop)\w* (?:between |through |to |among )?(?:\w+ ){0,2}?(?:api )?(?:keys|accounts|regions)\b{some}\b(?:to|so|when|whenever|until)\b{some}\b(?:limits?|quotas?|bans?|blocks?|checks?)\b"),
    p("encoding", Where::Asked, r"\b(?:answer|reply|respond|speak)\b{some}\b(?:in|as|with|using) (?:the )?{code}"),
    p("encoding", Where::Asked, r"\b(?:spell|write|give|say|put) (?:me )?(?:the|your|each|every) (?:answer|words?|letters?|reply|response)\b{some}{code}"),
    p("encoding", Where::Told, r"^\W*(?:asked|wrote it|tried it|repeated it|said it)\b{some}\b(?:in|as|with) {code}"),
    p("encoding", Where::Both, r"\b(?:encoded|wrote|sent|put|typed|spelled|spelt|hid)\b{some}\b(?:the|my|our) (?:\w+ )?(?:prompt|request|question|words?|sentence)\b{some}\b(?:in|as|with|using|behind) {code}"),
    p("look_alikes", Where::Both, r"\b(?:replac|swap|us|writ|spell)\w*\b{some}\b(?:(?:cyrillic|greek|look-?alike)(?: look-?alike)? (?:letters|characters)|look-?alikes|homoglyphs)\b{gap}(?:{filter}|{notice})"),
    p("hidden_from_check", Where::Both, r"\b(?:so|so that|such that|to make sure|make sure|ensure|ensuring|in order that|hoping|until|in (?:a|such a) way)\b{gap}\b{filter}{some}{not}\b{some}{notice}"),
    p("hidden_from_check", Where::Asked, r"\b(?:so|so that|such that|in (?:a|such a) way)\b{gap}\b{filter}{some}(?:{not}\b{some}(?:flag|block|stop|reject|trigger|react|object)|lets? (?:it|this|me|them) (?:through|pass))"),
    p("hidden_from_check", Where::Asked, r"\bwithout (?:trigger|alert|tripp|setting off)\w* (?:the|your|any|its) {filter}|\b(?:undetect\w+|unnoticed) (?:by|for|to) (?:the|your|any) {filter}"),
    p("hidden_from_check", Where::Both, r"\b(?:so|so that|such that|hoping)\b (?:that )?the {model} {some}(?:not|n['’]t|never)\b {some}(?:reali[sz]e|notice|recogni[sz]e|detect) (?:what|the (?:real|true|actual)|my (?:real|true|actual)|that i)"),
    p("hidden_from_check", Where::Both, r"\bavoid(?:ing|ed)? (?:detection|being (?:detected|noticed|caught)) (?:by|in|from) (?:the|your|any) {filter}"),
    p("hidden_from_check", Where::Asked, r"\b(?:prompt|text|wording|message|question|trick)s? (?:that|which|to) (?:\w+ )?(?:jailbreaks?|{trick} (?:the |your |its |any )*(?:{filter}|{model}|{rules}))\b"),
    p("hidden_from_check", Where::Both, r"\b{trick} (?:the|your|its|this|that|any|all|openai['’]s|azure['’]s|their) {filter}"),
];

#[rustfmt::skip]
const GERMAN: &[Pattern] = &[
    p("asks_for_evasion", Where::Anywhere, r"\bwie {some}\b(?:formulier|schreib|drück|verpack|frag|sag)\w*{gap}\b(?:filter|klassifikator|moderation|prüfung|modell|er|es|sie)\w*\b{some}\b(?:nicht|nichts)\b{some}(?:merk|bemerk|erkenn|entdeck|sieht)"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:hilf|zeig|sag|verrate?|wie) (?:mir|uns|ich|kann|man)\b{some}(?:filter|sperre|prüfung|moderation)\w* (?:zu )?(?:umgeh|auszutricks|austricks|überlist)"),
    p("override", Where::Both, r"\b(?:ignorier\w*|vergiss|missachte\w*|umgeh\w*|übergeh\w*) (?:(?:alle|all|die|diese|sämtliche) )*(?:(?:deine|bisherig\w*|vorherig\w*|vorig\w*|obig\w*|früher\w*) )+\w*(?:anweisung|regel|richtlinie|vorgabe|instruktion|beschränkung|einschränkung|filter)"),
    p("persona", Where::Both, r"\b(?:tue? so,? als|stell dir vor,? du|du bist (?:jetzt|nun|ab jetzt|ab sofort)|spiele? |verhalte dich)\b{gap}\b(?:ohne|keine|frei von)\b {some}(?:einschränkung|beschränkung|filter|zensur|richtlinien)"),
    p("persona", Where::Both, r"\b(?:du bist|antworte|wechsle) (?:jetzt |nun )?(?:im|in den) (?:entwickler|jailbreak|gott|admin)-?modus"),
    p("override", Where::Both, r"\bals (?:hättest du|gäbe es|gälten) (?:\w+ )?keine (?:\w+ )?(?:regeln|grenzen|einschränkung|beschränkung|filter|richtlinien)"),
    p("false_authority", Where::Asked, r"\b(?:ich bin|wir sind|ich arbeite|wir arbeiten)\b {some}(?:bei|von|für) (?:openai|anthropic|google|microsoft)\b{gap}\b(?:schalt|ignorier|heb|deaktivier|musst|darfst|sollst)"),
    p("false_authority", Where::Asked, r"\b(?:ich bin|ich wurde|wir sind|wir wurden|diese anfrage (?:ist|wurde))\b {some}(?:von|durch) (?:openai|anthropic|google|microsoft|deine[nm] \w+) (?:\w+ ){0,2}(?:autorisiert|genehmigt|freigegeben|erlaubt|bevollmächtigt|berechtigt)"),
    p("false_authority", Where::Asked, r"\bals (?:dein |ihr |der |die )?(?:administrator|admin|entwickler|chef|betreiber)\w*,? {some}\b(?:befehle|ordne|weise) "),
    p("fiction_lever", Where::Asked, r"\b(?:nur|bloß|lediglich) (?:eine?) (?:geschichte|fiktion|spiel|roman|rollenspiel|märchen)\b{gaps}(?:ignorier|vergiss|regeln (?:nicht|gelten nicht)|gelten (?:deine|die|keine) ?\w* ?(?:regeln|richtlinien))"),
    p("splitting", Where::Both, r"(?:stück für stück|\bin (?:\w+ ){0,2}(?:teilen|stücken|häppchen|nachrichten)|aufgeteilt|aufteilen)\b{gap}\b(?:damit|sodass|so dass)\b{some}(?:(?:filter|modell|\bes\b|prüfung){some}(?:nicht|nichts)|niemand){some}(?:merk|bemerk|erkenn|entdeck)"),
    p("translation", Where::Both, r"\bübersetz\w*{gaps}\b(?:zurück|danach|dann|zuerst)\b{gaps}\b\w*(?:filter|klassifikator|moderation)"),
    p("region_or_key", Where::Both, r"\b(?:vpn|proxy|(?:andere[nrms]?|zweite[nrms]?|neue[nrms]?|fremde[nrms]?) (?:api-?)?\w*(?:konto|account|schlüssel|key|zugang))\b{gap}\b(?:umgehen|umgangen|umgeht)"),
    p("hidden_from_check", Where::Both, r"\b(?:damit|sodass|so,? dass)\b{gap}\w*(?:filter|klassifikator|moderation|prüfung|zensur|erkennung)\w*{some}\b(?:nicht|nichts|kaum)\b{some}(?:merk|bemerk|erkenn|entdeck|sieht|mitbekomm)"),
    p("hidden_from_check", Where::Both, r"\b(?:den|die|das|deinen|ihren|diesen) \w*(?:filter|klassifikator|prüfung|moderation)\w* (?:zu )?(?:umgehen|auszutricksen|austricksen|überlisten|hintergehen|täuschen)"),
    p("hidden_from_check", Where::Both, r"\b(?:umgehe?|überliste|täusche|hintergehe) (?:den|die|das|deinen|deine|diesen) \w*(?:filter|klassifikator|prüfung|moderation)"),
];

#[rustfmt::skip]
const SPANISH: &[Pattern] = &[
    p("asks_for_evasion", Where::Anywhere, r"\bcómo {some}\b(?:escrib|formul|redact|deci|digo|pregunt)\w*{gap}\b(?:para que|sin que)\b {some}(?:filtro|clasificador|modelo|sistema|moderación){some}\b(?:note|detecte|vea|reconozca|se dé cuenta|perciba)"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:ayúda(?:me|nos)|dime|enséñame|muéstrame|cómo puedo|cómo) {some}(?P<core>\b(?:burlar|evadir|esquivar|saltar(?:me|se)?|engañar|eludir)) (?:el|los|la|las|tu|tus|al) \w*(?:filtro|clasificador|moderación|censura|control|restric)"),
    p("override", Where::Both, r"\b(?:ignora|ignore|olvida|olvide|omite|desobedece|sáltate|no sigas) (?:todas |todos |las |los )*(?:tus (?:propi[ao]s )?(?:instrucciones|reglas|normas|directrices|restricciones|filtros|políticas)|(?:instrucciones|reglas|normas|indicaciones|directrices) (?:anteriores|previas|de arriba|de seguridad))"),
    p("persona", Where::Both, r"\b(?:finge|haz como|actúa como|imagina que eres|simula|ahora eres|eres ahora|hazte pasar)\b{gap}\b(?:sin|no tienes?|libre de) (?:\w+ ){0,2}?(?:restricciones|filtros|límites|censura|reglas|normas éticas|ética)"),
    p("false_authority", Where::Asked, r"\b(?:estoy|estamos|he sido|hemos sido|fui|esta (?:petición|solicitud) (?:está|fue|ha sido)) (?:autorizad|aprobad|permitid)[oa]s? por (?:openai|anthropic|google|microsoft|tus \w+)"),
    p("false_authority", Where::Asked, r"\bcomo (?:tu )?(?:administrador|desarrollador|jefe|creador)\w*,? {some}\bte (?:ordeno|mando|exijo|autorizo)"),
    p("false_authority", Where::Asked, r"\b(?:soy|trabajo|somos)\b {some}(?:de|en|para) (?:openai|anthropic|google|microsoft)\b{gap}\b(?:desactiva|ignora|quita|debes|puedes)"),
    p("override", Where::Both, r"\bcomo si no (?:tuvieras|hubiera) (?:\w+ ){0,2}?(?:reglas|normas|restricciones|límites|filtros)"),
    p("persona", Where::Both, r"\b(?:estás en|entra en|activa el|responde en) modo (?:desarrollador|dios|sin restricciones)"),
    p("fiction_lever", Where::Asked, r"\b(?:solo|sólo|solamente) (?:es )?(?:una?|un) (?:historia|ficción|cuento|novela|juego)\b{gaps}(?:ignora|olvida|puedes (?:ignorar|saltarte|olvidar)|(?:no se aplican|no valen) (?:tus|las) (?:reglas|normas)|(?:tus|las) (?:reglas|normas) no (?:se aplican|valen))"),
    p("splitting", Where::Both, r"\b(?:en (?:\w+ ){0,2}(?:partes|trozos|pedazos|mensajes)|poco a poco|dividid\w*|dividir)\b{gap}\b(?:para que|de modo que|sin que)\b{some}(?:filtro|modelo|nadie|sistema|moderación){some}(?:note|detecte|vea|reconozca|se dé cuenta)"),
    p("translation", Where::Both, r"\btraduc\w*{gaps}\b(?:luego|después|de vuelta|vuelve)\b{gaps}\b(?:filtro|clasificador|moderación)"),
    p("region_or_key", Where::Both, r"\b(?:vpn|proxy|otra cuenta|otra clave|otra región|otro país)\b{gap}\b(?:saltar|evadir|burlar|esquivar|eludir)"),
    p("hidden_from_check", Where::Both, r"\b(?:para que|de modo que|de forma que|así)\b {gap}(?:filtro|clasificador|moderación|censura)\w*{some}\bno\b{some}(?:note|detecte|vea|reconozca|se dé cuenta|perciba)"),
    p("hidden_from_check", Where::Both, r"\b(?:burlar?|evad(?:e|ir)|evitar?|esquivar?|engañar?|eludir?|sortear?) (?:el|los|la|las|tu|tus|al) (?:filtros?|clasificador|moderación|censura)"),
];

#[rustfmt::skip]
const FRENCH: &[Pattern] = &[
    p("asks_for_evasion", Where::Anywhere, r"\bcomment {some}\b(?:formuler|écrire|rédiger|dire|demander|tourner)\b{gap}\b(?:pour que|sans que|afin que)\b {some}(?:filtre|classifieur|modération|modèle|système){some}(?:remarque|détecte|voie|reconnaisse|s['’]aperçoive|repère)"),
    p("asks_for_evasion", Where::Anywhere, r"\b(?:aide[sz]?[- ]moi|aide[sz]?[- ]nous|dis[- ]moi|montre[- ]moi|comment) {some}(?P<core>\b(?:contourner|tromper|déjouer|berner|duper)) (?:le|les|la|ton|tes|votre|vos|ce) (?:\w+ )?(?:filtres?|classifieur|modération|censure|restrictions?|règles)"),
    p("override", Where::Both, r"\b(?:ignore[rz]?|oublie[rz]?|ne tiens pas compte de|passe outre) (?:toutes |tous |les )*(?:(?:tes|vos) (?:\w+ )?(?:instructions|règles|consignes|directives|restrictions|limites|filtres)|(?:instructions|règles|consignes|directives) (?:précédentes|antérieures|ci-dessus|de sécurité))"),
    p("persona", Where::Both, r"\b(?:fais semblant|imagine que tu|fais comme si|joue le rôle|agis comme|tu es (?:désormais|maintenant)|comporte-toi)\b{gap}\b(?:sans|aucune?|libre de)\b (?:\w+ ){0,2}?(?:restrictions?|filtres?|censure|limites|règles)"),
    p("false_authority", Where::Asked, r"\b(?:je suis|nous sommes|j['’]ai été|nous avons été|cette demande (?:est|a été)) (?:autorisé|approuvé|mandaté)e?s? par (?:openai|anthropic|google|microsoft|tes \w+|vos \w+)"),
    p("false_authority", Where::Asked, r"\ben tant qu(?:['’]|e )(?:ton |votre )?(?:administrat|développeu|créateu|chef)\w*,? {some}\bje (?:t['’]|te |vous )(?:ordonne|autorise|commande)"),
    p("false_authority", Where::Asked, r"\b(?:je suis|je travaille|nous sommes)\b {some}(?:chez|de|d['’]|pour) ?(?:openai|anthropic|google|microsoft)\b{gap}\b(?:désactive|ignore|enlève|tu dois|tu peux)"),
    p("override", Where::Both, r"\bcomme si tu n['’]avais (?:aucune?|pas de|plus de) (?:règles?|restrictions?|limites?|filtres?)"),
    p("persona", Where::Both, r"\b(?:tu es en|passe en|active le|réponds en) mode (?:développeur|dieu|sans restrictions?)"),
    p("fiction_lever", Where::Asked, r"(?:\bce n['’]est qu['’]|\bc['’]est (?:juste|seulement) )une? (?:histoire|fiction|jeu|roman|conte)\b{gaps}(?:ignore|oublie|tu peux (?:ignorer|oublier)|règles ne s['’]appliquent)"),
    p("splitting", Where::Both, r"\b(?:en (?:\w+ ){0,2}(?:morceaux|parties|messages)|petit à petit|découp\w*)\b{gap}\b(?:pour que|afin que|sans que)\b{some}(?:filtre|modèle|personne|système|modération){some}(?:remarque|détecte|voie|reconnaisse|s['’]aperçoive|repère)"),
    p("translation", Where::Both, r"\btradui\w*{gaps}\b(?:puis|ensuite|après)\b{gaps}\b(?:filtre|classifieur|modération)"),
    p("region_or_key", Where::Both, r"\b(?:vpn|proxy|autre compte|autre clé|autre région|autre pays)\b{gap}\b(?:contourner|échapper|déjouer)"),
    p("hidden_from_check", Where::Both, r"\b(?:pour que|afin que|de sorte que|de (?:façon|manière) (?:à ce )?que)\b {gap}(?:filtre|classifieur|modération|censure)\w* {some}(?:\bne |n['’]){some}(?:remarque|détecte|voie|reconnaisse|aperçoive|repère)"),
    p("hidden_from_check", Where::Both, r"\b(?:contourner|tromper|déjouer|berner|duper) (?:le|les|la|ton|votre|ce) (?:filtres?|classifieur|modération|censure)"),
];

#[rustfmt::skip]
const CHINESE: &[Pattern] = &[
    p("asks_for_evasion", Where::Anywhere, r"(?:怎么|如何|怎样){zh}(?:写|说|表述|措辞|改写|提问|问){zh}(?:过滤|审查|检测|审核|分类器)[^。！？\n]{0,6}(?:不|没|无法)[^。！？\n]{0,4}(?:发现|察觉|识别|注意|检测)"),
    p("asks_for_evasion", Where::Anywhere, r"(?:怎么|如何|怎样|帮我|教我|告诉我){zh}(?P<core>绕过|骗过|躲过|突破|规避)[^。！？\n]{0,8}(?:过滤|审查|检测|审核|限制|分类器)"),
    p("override", Where::Both, r"(?:忽略|无视|忘记|忘掉|不要遵守|不必遵守|不要理会|不用理会|不用管|别管|违反|抛开)(?:掉)?(?:你|所有|全部|之前|以上|上面|先前|前面|一切)(?:你|所有|全部|之前|以上|上面|先前|前面|一切|任何|的)*(?:指令|指示|规则|限制|提示词|设定|准则|政策)"),
    p("persona", Where::Both, r"(?:假装|扮演|想象|模拟|你现在是)[^。！？\n]{0,20}(?:没有|不受|无)(?:任何|一切)?(?:限制|约束|审查|过滤|道德)"),
    p("false_authority", Where::Asked, r"(?:获得|得到|经|经过|被)(?:了)?\s?(?:OpenAI|Anthropic|谷歌|微软|你的开发者|你的创造者)\s?(?:的)?(?:正式|官方)?(?:授权|批准|许可|同意)"),
    p("false_authority", Where::Asked, r"作为(?:你的)?(?:管理员|开发者|创造者|主人)[^。！？\n]{0,8}(?:命令|授权)你|作为(?:你的)?(?:管理员|开发者|创造者|主人)[^。！？\n]{0,8}要求你(?:回答|忽略|无视|服从|解除)"),
    p("false_authority", Where::Asked, r"我(?:是|在)(?:OpenAI|Anthropic|谷歌|微软)(?:的)?(?:员工|工程师|开发者|工作)[^。！？\n]{0,12}(?:关闭|忽略|必须|可以|解除)"),
    p("persona", Where::Both, r"(?:^|[。！？\n，])(?:请|现在)?(?:你)?(?:已)?(?:进入|开启|启用|切换到|处于)(?:开发者|越狱|上帝|无限制|DAN)模式"),
    p("fiction_lever", Where::Asked, r"(?:只是|仅仅是|不过是)(?:一个|个|一部)?(?:故事|小说|虚构|游戏|假设)[^！？\n]{0,30}(?:忽略|无视|不用遵守|不必遵守|不受|打破)[^。！？\n]{0,6}(?:规则|限制|约束|准则|政策)"),
    p("splitting", Where::Both, r"(?:分成|拆成|拆开|分开|一段一段|分几次)[^。！？\n]{0,24}(?:过滤|审查|检测|审核|模型|分类器)[^。！？\n]{0,8}(?:不|没|无法)[^。！？\n]{0,4}(?:发现|察觉|识别|注意|检测)"),
    p("translation", Where::Both, r"翻译[^\n]{0,20}(?:再|然后|之后)[^\n]{0,20}(?:过滤|审查|审核|分类器)"),
    p("region_or_key", Where::Both, r"(?:翻墙|VPN|代理|换(?:个|一个)?(?:账号|账户|地区|国家|密钥)|别人的(?:账号|密钥)|另一个(?:账号|密钥))[^。！？\n]{0,20}(?:绕过|规避|躲过|避开|突破)"),
    p("hidden_from_check", Where::Both, r"(?:这样|以免|免得|好让|让|使|避免)[^。！？\n]{0,12}(?:过滤|审查|检测|审核|分类器)[^。！？\n]{0,8}(?:不会|不能|无法|看不|不|没)[^。！？\n]{0,3}(?:发现|察觉|识别|注意|认出|看出)"),
    p("hidden_from_check", Where::Both, r"(?:谐音|拼音|拆字|同音|火星文|错别字)[^。！？\n]{0,16}(?:避免|躲|不被|以免|绕)[^。！？\n]{0,6}(?:检测|审查|过滤|发现|识别|屏蔽)"),
    p("hidden_from_check", Where::Both, r"(?:绕过|骗过|躲过|逃避)(?:你的|其|该|这个|内容|安全|系统|的|敏感词)*(?:过滤|审查|审核|检测|分类器)"),
];
