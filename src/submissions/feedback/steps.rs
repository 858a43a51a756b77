//! The usual first step of each layer, and the words by which one recognises that somebody took it. Data, and generous: a
//! sentence that means the step should never fail for its wording.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::Verdict;
use crate::lessons::format::Layer;
use crate::submissions::feedback::agreement::{Agreement, Agrees};
use crate::submissions::feedback::words::{bare, is_recognisable, present, telling};
use crate::submissions::wire::{Reframe, SubmissionContent};

/// Words that speak for the layer's first step: beginnings of words, in English, German, Spanish, French and Chinese.
fn words(layer: Layer) -> &'static str {
    match layer {
        Layer::PreClassifier => {
            r"reword; rephras; neutral; plain(er)? word; technical term; shorter; smaller; without the; left out;
              remov; which (part|word|sentence); context; history; new conversation; fresh (chat|conversation);
              umformulier; neu formulier; neutral; kürzer; weggelassen; reformul; neutr; más corto; quit[eé];
              plus court; retir; 改写; 换(个|一种)?说法; 中性; 缩短; 删去; 去掉; 上下文"
        }
        Layer::TrainedRefusal => {
            r"context; because; for my; for our; for a ; i am; i'm; we are; i teach; i work; purpose; role; explain;
              weil; ich bin; wir sind; zweck; für mein; für unser; kontext; porque; soy; somos; para mi; para nuestr;
              contexto; parce que; je suis; nous sommes; pour m(a|on|es); contexte; 我是; 我们是; 用于; 为了; 因为; 目的; 背景"
        }
        Layer::PostClassifier => {
            r"another form; other form; different form; as a (list|table|summary|checklist|outline); list; table;
              outline; summar; overview; bullet; shorter; brief; less detail; fewer; in general; general terms;
              paraphras; without (details|quot|figures|names); only the; smaller; one (part|section) at a time;
              in stages; übersicht; zusammenfass; kürzer; liste; tabelle; stichpunkt; weniger detail; ohne details;
              resumen; resumid; lista; tabla; más corto; menos detalle; esquema; résum; liste; tableau; plus court;
              moins de détail; 概述; 总结; 摘要; 列表; 表格; 简短; 更短; 要点; 少一些细节; 大纲"
        }
        Layer::SystemPrompt => {
            r"owner; operator; deploy; administrator; admin\b; platform team; it team; it department; help ?desk;
              whoever (runs|configured|set); who runs; maintainer; product team; developer; system prompt; scope;
              configur; colleague; support; betreiber; administration; verantwortlich; zuständig; it-abteilung;
              propietari; responsable; administrador; encargad; équipe; gestionnaire; administrateur; 管理员; 负责人; 运营; 部署;
              系统提示; 开发团队; 维护"
        }
        Layer::UserTier => {
            r"access; verif; quota; billing; plan\b; upgrad; appl(y|ied|ication); limit; region; organi[sz]ation;
              permission; licen[cs]e; subscri; account; admin; enabl; credit; payment; tier; zugang; freischalt;
              verifizier; kontingent; tarif; antrag; beantrag; berechtig; konto; acceso; verific; cuota; cuenta;
              solicit; permiso; facturaci; accès; vérif; compte; forfait; demande; abonnement; facturation; 权限; 验证; 认证;
              配额; 额度; 账户; 账号; 申请; 套餐; 付费; 开通"
        }
        Layer::NotARefusal => {
            r"wait; later; retr(y|ied); try again; back ?off; shorten; shorter; fewer; split; smaller; trim; reset;
              new conversation; fresh; restart; fix; correct; parameter; max_?tokens; token limit; limit; timeout;
              time-out; status page; rate; pause; context (window|length); update; endpoint; spelling; wart; später;
              erneut; kürz; neu start; neue unterhaltung; korrigier; berichtig; esper; más tarde; reint; acort;
              reinici; corrig; attend; plus tard; réessay; raccourc; réinitialis; corrig; 等; 稍后; 重试; 缩短; 重置; 新对话; 修正;
              改正; 参数; 超时; 分段"
        }
        Layer::Undetermined => {
            r"compar; raw; direct api; log; request id; body; stream; without the system prompt; another account;
              same prompt; test; check whether; would (decide|settle|separate|show|tell); decid; observ; collect; ask;
              find out; repeat; status; vergleich; rohe; prüf; protokoll; entscheid; beobacht; wiederhol; comparar;
              registro; comprob; decidir; observa; compare; vérifi; journal; décid; observ; 比较; 对比; 原始; 日志; 测试; 确认; 观察;
              收集; 重复; 直接调用"
        }
    }
}

static WORDS: LazyLock<Vec<(Layer, Regex)>> =
    LazyLock::new(|| Layer::ALL.into_iter().map(|layer| (layer, telling(words(layer)))).collect());

static TELLS: LazyLock<Regex> =
    LazyLock::new(|| telling(r"ask; told; wrote; talk; report; frag; schreib; pregunt; escrib; demand; écri; 联系; 询问; 告诉"));

/// Whether a text speaks of the layer's first step.
pub fn speaks_of(layer: Layer, text: &str) -> bool {
    WORDS.iter().any(|(of, words)| *of == layer && words.is_match(text))
}

/// The step itself, in a sentence for people.
pub fn usual(layer: Layer) -> &'static str {
    match layer {
        Layer::PreClassifier => {
            "say the same in plain, neutral words and ask for less at once, or find out which part of the context the filter means"
        }
        Layer::TrainedRefusal => "give the model honest context: who asks, what for, for whom, within which bounds",
        Layer::PostClassifier => "ask for another form of the answer: shorter, in general terms, an outline or a table",
        Layer::SystemPrompt => "ask whoever owns the deployment; the rule is theirs to change",
        Layer::UserTier => "check the account: access, verification, plan, region, quota",
        Layer::NotARefusal => "mend the cause: wait, shorten, correct the call, or begin a new conversation",
        Layer::Undetermined => "make the one observation that decides between the layers",
    }
}

/// Whether rewording is a step at all for this layer. Where it is none, the "rewritten" part describes the step taken instead.
pub fn words_help(layer: Layer) -> bool {
    matches!(layer, Layer::PreClassifier | Layer::TrainedRefusal | Layer::PostClassifier | Layer::Undetermined)
}

/// Whoever took a step says so in so many characters of a text.
const ENOUGH: usize = 2_000;

/// Everything in which a learner says what they did or will do. What was tried before is no step where it only tells of
/// accounts and colleagues.
fn learner_steps(content: &SubmissionContent, layer: Layer) -> String {
    let (reframe, escalation) = (content.reframe.clone().unwrap_or_default(), content.escalation.clone().unwrap_or_default());
    let tried = content.evidence.as_ref().and_then(|evidence| evidence.observed.clone()).unwrap_or_default().tried;
    let tried = if matches!(layer, Layer::SystemPrompt | Layer::UserTier) { Vec::new() } else { tried };
    let said = [reframe.rewritten, reframe.outcome, escalation.channel, escalation.message, escalation.why_not];
    let all = said.into_iter().flatten().chain(tried).map(|text| text.chars().take(ENOUGH).collect());
    all.collect::<Vec<String>>().join("\n")
}

/// Whether somebody took this layer's first step.
fn step_is_taken(layer: Layer, content: &SubmissionContent) -> bool {
    let reframe = content.reframe.clone().unwrap_or_default();
    let escalated = content.escalation.as_ref().and_then(|escalation| escalation.needed) == Some(true);
    let by_form = match layer {
        Layer::PreClassifier => reworded(&reframe),
        Layer::TrainedRefusal => [&reframe.role, &reframe.purpose, &reframe.audience]
            .into_iter()
            .flatten()
            .any(|part| is_recognisable(part, reframe.rewritten.as_deref().unwrap_or_default())),
        Layer::PostClassifier => reworded(&reframe) && length(&reframe.rewritten) < length(&reframe.original),
        Layer::SystemPrompt | Layer::UserTier | Layer::NotARefusal | Layer::Undetermined => false,
    };
    let text = learner_steps(content, layer);
    let by_word = speaks_of(layer, &text);
    match layer {
        // Words about an owner are not enough where nobody is told.
        Layer::SystemPrompt => by_word && (escalated || TELLS.is_match(&text)),
        _ => by_form || by_word,
    }
}

fn length(text: &Option<String>) -> usize {
    text.as_deref().unwrap_or_default().trim().chars().count()
}

fn reworded(reframe: &Reframe) -> bool {
    let of = |text: &Option<String>| bare(text.as_deref().unwrap_or_default());
    present(reframe.rewritten.as_ref()) && of(&reframe.original) != of(&reframe.rewritten)
}

/// Whether the first step was chosen, and what to say about that. What the evidence says counts; where that is open, the
/// learner's own diagnosis.
pub fn chosen(content: &SubmissionContent, verdict: &Verdict, agreement: &Agreement) -> (bool, String) {
    let theirs = content.diagnosis.as_ref().and_then(|diagnosis| diagnosis.layer).unwrap_or(Layer::Undetermined);
    let layer = if verdict.verdict == Layer::Undetermined { theirs } else { verdict.verdict };
    let arguable = agreement.agrees == Agrees::Open && theirs != layer;
    if step_is_taken(layer, content) || arguable && step_is_taken(theirs, content) {
        return (true, format!("The step fits `{}`: {}.", layer.name(), usual(layer)));
    }
    let reframe = content.reframe.clone().unwrap_or_default();
    let kindly = match layer {
        Layer::UserTier if reworded(&reframe) => "Rewording was worth a thought, but words do not change an account's limits. ",
        Layer::SystemPrompt if reworded(&reframe) => "Rewording does not move a rule that belongs to the deployment. ",
        Layer::NotARefusal if reworded(&reframe) => "Nobody refused here, so other words are not what is missing. ",
        _ => "",
    };
    (false, format!("{kindly}The usual first step for `{}`: {}.", layer.name(), usual(layer)))
}
