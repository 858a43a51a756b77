//! Could somebody act on the escalation? The right channel, the call found and repeated, what was expected, nothing secret.

use std::sync::LazyLock;

use regex::Regex;

use crate::diagnosis::format::Owner;
use crate::diagnosis::{Evidence, Verdict};
use crate::lessons::format::{AuthoredPart, Layer};
use crate::masking::{Kind, placeholders};
use crate::submissions::feedback::checks::Checks;
use crate::submissions::feedback::words::{bare, compiled_pattern, full, is_recognisable, sentence, telling};
use crate::submissions::wire::{Escalation, SubmissionContent};

static PROVIDER: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"support; help (cent|page); feedback; thumb; report; form\b; programme; program\b; trust; safety team; appeal;
          account manager; vendor; provider; ticket; usersafety; content filter; modified; developer forum; openai;
          anthropic; claude; google; vertex; gemini; azure; microsoft; aws; amazon; bedrock; mistral; cohere; meta\b;
          xai; deepseek; alibaba; qwen; dashscope; github; copilot; cloudflare; openrouter; hugging ?face; perplexity;
          anbieter; formular; kundendienst; meldung; proveedor; soporte; formulario; fournisseur; assistance;
          formulaire; 客服; 支持; 工单; 反馈; 申诉; 官方; 供应商; 表单",
    )
});

static DEPLOYER: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"owner; operator; deploy; admin; platform; it[ -](team|department|support|desk|help|service); help ?desk;
          service ?desk; product (team|owner|manager); maintainer; developer; engineering; team\b; colleague; internal;
          whoever runs; app (team|support); department; betreiber; abteilung; zuständig; verantwortlich; intern;
          propietari; administrador; equipo; departamento; responsable; équipe; administrateur; service informatique;
          管理员; 负责人; 运营; 平台; 开发; 团队; 部门; 维护",
    )
});

static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"billing; sales; account; admin; owner; organi[sz]ation; verif; access; quota; limit; purchas; contract;
          abrechnung; vertrieb; konto; zugang; facturaci; cuenta; ventas; acceso; facturation; compte; accès; 账户; 账号;
          计费; 销售; 配额; 权限; 验证; 采购",
    )
});

static ENGINEERING: LazyLock<Regex> =
    LazyLock::new(|| telling(r"status; issue; bug; forum; developer; engineering; it[ -]; team\b; 状态; 技术"));

static REQUEST_ID: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"[\w-]*request[ _-]?id; correlation[ _-]?id; trace[ _-]?id; cf-ray; id of the (request|call);
          anfrage-?(id|nummer); kennung; id de (la )?(solicitud|petición|requête|demande);
          identifi(cador|ant) de (la )?(solicitud|petición|requête|demande); 请求(的)?\s?(id|编号|标识); no (request )?id",
    )
});

static WHEN: LazyLock<Regex> = LazyLock::new(|| {
    compiled_pattern(concat!(
        r"(?i)[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}|\b[0-9]{1,2}:[0-9]{2}\b|\butc\b",
        r"|\b[0-9]{1,2}(?:st|nd|rd|th|\.)? (?:de )?(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|ago|ao|sep|oct|okt|nov|dec|dez|dic|déc|ene|fév|abr|avr|juin|juil)",
        r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? [0-9]{1,2}\b|[0-9]{1,2}月[0-9]{1,2}",
        r"|\b(?:yesterday|today|this (?:morning|afternoon|week)|since (?:mon|tues|wednes|thurs|fri|satur|sun)day|gestern|heute|ayer|hoy|hier|aujourd)|昨天|今天",
    ))
});

static MODEL: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"gpt; claude; gemini; gemma; llama; mistral; mixtral; qwen; deepseek; command[ -]r; nova\b; titan; grok; phi-;
          o[134](-|\b); sonnet; opus; haiku; davinci; dall; whisper; imagen; modell?[: ]; modelo; modèle; copilot;
          chatgpt; 模型; 通义; 文心",
    )
});

static REPRODUCTION: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"reproduc; repeat; steps?\b; shortest; minimal (prompt|request|example); same (prompt|request|text|call);
          every time; each time; always; [0-9]+ (out )?of [0-9]+; [0-9]+/[0-9]+; [0-9]+ (times|tries|attempts|calls);
          (one|two|three|four|five|six|seven|eight|nine|ten) (times|tries|attempts); twice; consistently; prompt:;
          request:; curl; to see it; wiederhol; jedes ?mal; immer; schritte; mal\b; versuche; reprodu[cz]; cada vez;
          siempre; veces; intentos; pasos; chaque fois; toujours; fois\b; essais; étapes; 重现; 复现; 每次; 步骤; [0-9]+\s?次;
          总是",
    )
});

static EXPECTED: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"expect; should (have|be|answer|pass|return); would have; instead; supposed to; wanted; needed; meant to;
          harmless; false positive; legitimate; erwart; sollte; stattdessen; harmlos; esper; debería; en lugar; attend;
          devrait; au lieu; 预期; 期望; 应该; 本应; 而不是; 误判; 误报",
    )
});

static OBSERVED: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"got\b; receiv; return; observed; came back; answered with; error; refus; block; reject; declin; filter; fail;
          stopped; status [0-9]; [45][0-9]{2}\b; fehler; abgelehnt; verweiger; blockiert; recib; rechaz; bloque;
          devolv; reçu; erreur; refus; bloqu; 返回; 收到; 错误; 拒绝; 拦截; 过滤; 失败",
    )
});

static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    telling(
        r"please; could you; can you; would you; we ask; i ask; i['’]?d like; i would like; we would like;
          we['’]d like; request (that|a|to); let (us|me) know; kindly; what i ask; allow; bitte; könnt; wir bitten;
          por favor; podr[ií]a; pedimos; solicit; merci de; pourri; pouvez; s['’]il vous; nous demandons; 请; 希望; 麻烦;
          能否; \?; ？",
    )
});

pub fn check_escalation(content: &SubmissionContent, evidence: &Evidence, verdict: &Verdict, checks: &mut Checks) {
    let escalation = content.escalation.clone().unwrap_or_default();
    if escalation.needed != Some(true) {
        let why = sentence(escalation.why_not.as_ref());
        let no = "Say in a whole sentence why nobody needs to act.";
        return checks.add(AuthoredPart::Escalation, "why_not", why, "The reason is there.", no);
    }
    let theirs = content.diagnosis.as_ref().and_then(|diagnosis| diagnosis.layer).unwrap_or(Layer::Undetermined);
    let layer = if verdict.verdict == Layer::Undetermined { theirs } else { verdict.verdict };
    channel(&escalation, evidence, layer, verdict.owner, checks);
    message(&escalation, evidence, checks);
    secrets(&escalation, checks);
}

/// Whether the channel reaches whoever can change something, and who that is.
fn channel(escalation: &Escalation, evidence: &Evidence, layer: Layer, owner: Option<Owner>, checks: &mut Checks) {
    let channel = escalation.channel.as_deref().unwrap_or_default();
    let names_provider =
        evidence.provider.as_ref().is_some_and(|provider| is_recognisable(provider, channel)) || PROVIDER.is_match(channel);
    let (fits, who) = match layer {
        Layer::SystemPrompt => {
            (DEPLOYER.is_match(channel), "the owner of the deployment: whoever runs or configured the application")
        }
        Layer::UserTier => (
            ACCOUNT.is_match(channel) || names_provider,
            "whoever holds the account, or the provider's way to access, verification, billing or quota",
        ),
        Layer::NotARefusal => (
            names_provider || ENGINEERING.is_match(channel) || DEPLOYER.is_match(channel),
            "whoever can mend the fault: the provider's support, or the team that makes the call",
        ),
        Layer::PreClassifier | Layer::TrainedRefusal | Layer::PostClassifier | Layer::Undetermined => (
            // A filter may also be the deployment's own, or be set in its configuration.
            names_provider || DEPLOYER.is_match(channel),
            "the provider (official support, a feedback form, a programme), or the deployment's owner where the filter is theirs",
        ),
    };
    let fits = fits || owner == Some(Owner::Deployer) && DEPLOYER.is_match(channel);
    let message = if fits {
        format!("The channel can reach {who}.")
    } else {
        format!("Name the channel, and whom it reaches. For `{}` that is {who}.", layer.name())
    };
    checks.say(AuthoredPart::Escalation, "channel", fits, message);
    checks.at("/escalation/channel", None);
}

fn message(escalation: &Escalation, evidence: &Evidence, checks: &mut Checks) {
    let text = escalation.message.as_deref().unwrap_or_default();
    let mut add = |id, passed, yes, no| {
        checks.add(AuthoredPart::Escalation, id, passed, yes, no);
        checks.at("/escalation/message", None);
    };
    add(
        "message",
        full(escalation.message.as_ref()),
        "The message says enough to act on.",
        "Let the message say what happened, how to repeat it, what it was for, and what you ask for.",
    );
    let masked_id = placeholders(text).any(|one| one.kind == Kind::RequestId);
    add(
        "request_id",
        masked_id || REQUEST_ID.is_match(text),
        "The request id is there, masked or promised through private support.",
        "Give the request id (it is masked here), or say that you will give it through private support: it is how they find the call.",
    );
    add("when", WHEN.is_match(text), "The time is there.", "Add day and time, with the time zone (best in UTC).");
    let bare_text = bare(text);
    let named = evidence.model.as_deref().map(bare).is_some_and(|model| !model.is_empty() && bare_text.contains(&model));
    add("model", named || MODEL.is_match(text), "The model is named.", "Name the model, exactly as the call did.");
    add(
        "reproduction",
        REPRODUCTION.is_match(text),
        "It says how to repeat it.",
        "Say how to repeat it: the shortest prompt that still fails, the steps, and in how many tries of how many.",
    );
    add(
        "expected_observed",
        EXPECTED.is_match(text) && OBSERVED.is_match(text),
        "What was expected stands against what came.",
        "Set what you expected against what came back, for example: expected an answer, got status 400.",
    );
    add("asks_for", ASKS.is_match(text), "It says what is asked for.", "Say what you ask them to do.");
}

/// Masking has taken secrets out already; a placeholder of another kind than a request id shows that one was pasted.
fn secrets(escalation: &Escalation, checks: &mut Checks) {
    let texts = [("channel", &escalation.channel), ("message", &escalation.message)];
    let pasted = texts.into_iter().find_map(|(name, text)| {
        let text = text.as_deref().unwrap_or_default();
        // The address of a support desk is a channel, and no secret.
        let fine = |kind| kind == Kind::RequestId || (name == "channel" && matches!(kind, Kind::Email | Kind::Phone));
        let one = placeholders(text).find(|one| !fine(one.kind))?;
        Some((name, text.get(one.start..one.end).map(str::to_owned), one.kind))
    });
    let Some((name, quote, kind)) = pasted else {
        let yes = "No secret and no personal data was pasted.";
        return checks.say(AuthoredPart::Escalation, "no_secrets", true, yes);
    };
    let message = match kind.is_personal() {
        true => {
            "The message held personal data (it is masked here). Leave it out before you send it: the vendor finds the call by its request id."
        }
        false => {
            "The message held a secret (it is masked here). Take it out before you send it, and if it went out already, revoke it: no vendor needs it."
        }
    };
    checks.say(AuthoredPart::Escalation, "no_secrets", false, message);
    checks.at(format!("/escalation/{name}"), quote);
}
