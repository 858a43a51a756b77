"""Made by sdk/generate.py from the contract document; change that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired


class AcceptedForm(TypedDict):
    form: str
    """Compared with the answer after both are normalised, as the answer's `text` says."""
    share: float
    """Share of the points."""


class Adjusted(TypedDict):
    """A part of an answer that had one obvious meaning, and was kept as that."""
    field: str
    """JSON pointer into the answer."""
    sent: str
    """What was sent, in words."""
    stored: Any
    """What is kept."""


Agrees: TypeAlias = "str"


AnswerPart = TypedDict(
    "AnswerPart",
    {
        "label": "str",
        "evidence": "str",
        "from": "int",
        "to": "int",
        "layer": "Layer",
        "confidence": "NotRequired[float | None]",
        "extent": "Extent",
        "rule": "NotRequired[str | None]",
        "quote": "NotRequired[str | None]",
    },
)


class Attempt(TypedDict):
    """An attempt."""
    id: ResourceId
    learner: ResourceId
    lesson: str
    version: str
    """The digest of the version that it is pinned to."""
    language: str
    purpose: str
    """`assigned`, `practice` or `preview`."""
    counted_in: str
    """The placement whose allowed attempts it counts with: its own where a client or staff named that one for this learner and
    lesson, else the empty text, which all other placements share.
    """
    context: NotRequired[PlacementContext | None]
    state: str
    """`in_progress` or `submitted`; more may come."""
    attempt_number: int
    """From 1, per learner, lesson and placement."""
    key_seen_before: bool
    """Whether the learner could have seen the key of this lesson before the attempt began, or, once it is submitted, before
    it was submitted: by another attempt, practice and older versions included, or by the offline bundle.
    """
    over_limit: bool
    """Made offline beyond the attempts allowed: kept, but it does not count."""
    started: Occurred
    submitted_at: NotRequired[str | None]
    created_at: str
    result: NotRequired[ResultView | None]
    withheld: NotRequired[str | None]
    """Why `result`, verdicts, rationales or keys are null: `not_submitted` or `policy`."""
    order: NotRequired[list[Drawn] | None]
    """Items and options in the order in which this attempt shows them."""
    responses: NotRequired[list[SavedResponse] | None]
    """The answers in force and the late ones."""
    items: NotRequired[list[ItemView] | None]
    """Item by item, after submission."""
    results: NotRequired[list[SaveResult] | None]
    """What became of the answers that this request brought."""
    unreadable: NotRequired[list[str]]
    """Parts that are stored and cannot be read, because the database is damaged; they are null here. Left out where all is well."""
    not_submitted: NotRequired[NotSubmitted | None]


class AttemptCounts(TypedDict):
    """All attempts but previews."""
    started: int
    submitted: int
    open: NotRequired[str | None]
    """The id of the open attempt, of several (in different placements) the one made last."""


class AttemptLimits(TypedDict):
    responses: int
    """Answers in one request."""
    lowest_seq: int
    """`seq` of an answer, both ends included."""
    highest_seq: int
    longest_active_ms: int
    """What is above counts as this, in milliseconds; what is below 0 counts as 0."""
    context_text: int
    """Characters of `platform`, `group` and `placement`."""
    metadata_entries: int
    metadata_bytes: int
    """Of `metadata` as JSON."""


class AttemptPage(TypedDict):
    items: list[Attempt]
    """The oldest first; without `order`, `responses` and `items`."""
    next_cursor: NotRequired[str | None]


class AttemptPut(TypedDict):
    """Starts an attempt, or brings a whole one that was made offline."""
    learner: NotRequired[LearnerRef | None]
    lesson: str
    """Slug or alias."""
    version: NotRequired[str | None]
    """The digest of the version that the learner saw; absent means the newest."""
    language: NotRequired[str | None]
    """BCP 47; absent means the lesson's default."""
    purpose: NotRequired[Purpose]
    context: NotRequired[PlacementContext]
    started: NotRequired[Started | None]
    submitted_at: NotRequired[ClientTime | None]
    sent_at: NotRequired[ClientTime | None]
    responses: NotRequired[list[ResponsePut]]
    submit: NotRequired[Submit]


class AuditActor(TypedDict):
    """Who did it. Both are null where nobody was signed in."""
    client: NotRequired[str | None]
    principal: NotRequired[AuditPrincipal | None]


class AuditEntry(TypedDict):
    """One entry of the audit log. New acts and new members may be added."""
    tenant: str
    number: int
    """1, 2, 3 ... within the tenant, without a gap."""
    id: str
    at: str
    act: str
    """A thing and what was done to it; `docs/audit.md` lists all."""
    actor: AuditActor
    object: AuditObject
    address: NotRequired[str | None]
    """The address from which the request came, as the service saw it."""
    request_id: NotRequired[str | None]
    details: dict[str, Any]
    """Depends on `act`. Never a secret."""
    previous_sha256: str
    """The hash of the entry before, in hexadecimal; 64 zeros in the first."""
    sha256: str
    """The hash of this entry, in hexadecimal. It is made of all members above."""


class AuditObject(TypedDict):
    """What it was done to."""
    type: str
    id: str


class AuditPage(TypedDict):
    """A page of the audit log."""
    items: list[AuditEntry]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class AuditPrincipal(TypedDict):
    """Whom somebody acted as."""
    type: str
    """`client`, `staff`, `learner`, `command_line` (somebody on the machine) or `service` (by itself, as at its first start)."""
    id: NotRequired[str | None]


class AuthorItem(TypedDict):
    item: str
    right: ItemResponse
    layers: dict[str, str]
    """Option or choice -> the layer that it stands for."""
    rationales: list[Rationale]


class AuthorSide(TypedDict):
    """What no learner sees before an attempt is submitted."""
    items: list[AuthorItem]


AuthoredBlock: TypeAlias = "AuthoredBlockHeading | AuthoredBlockText | AuthoredBlockTable | AuthoredBlockCallout | AuthoredBlockEvidence | AuthoredBlockSteps | AuthoredBlockImage"


class AuthoredChoice(TypedDict):
    id: str
    layer: NotRequired[Layer | None]
    text: LanguageMap


AuthoredCounts: TypeAlias = "str"


class AuthoredCriterion(TypedDict):
    id: str
    part: AuthoredPart
    points: float
    text: LanguageMap
    checks: NotRequired[list[str]]
    """Checks of the part by which the service scores it at once: it gives the share of them that passed. Absent or empty:
    only people score it.
    """


class AuthoredEvidence(TypedDict):
    media_type: str
    """For example `application/json` or `text/plain`."""
    description: LanguageMap
    content: str


class AuthoredExercise(TypedDict):
    """`lessons/<slug>/exercise.yaml`"""
    id: str
    revision: int
    title: LanguageMap
    introduction: LanguageMap
    steps: list[AuthoredExerciseStep]
    """Exactly the four parts of a submission, in their order."""
    rubric: list[AuthoredCriterion]
    cases: list[AuthoredSampleCase]
    """For a learner who has no refusal of their own; the ids are what a submission's `case` names."""


class AuthoredExerciseStep(TypedDict):
    part: AuthoredPart
    title: LanguageMap
    text: LanguageMap


class AuthoredForm(TypedDict):
    form: str
    share: NotRequired[float | None]
    """Share of the points, above 0 and at most 1; absent means all."""


AuthoredItem: TypeAlias = "AuthoredItemSingleChoice | AuthoredItemMultipleResponse | AuthoredItemOrdering | AuthoredItemMatching | AuthoredItemShortText | AuthoredItemNumeric | AuthoredItemPointAtField"


class AuthoredLesson(TypedDict):
    """`lessons/<slug>/lesson.yaml`"""
    slug: str
    aliases: NotRequired[list[str]]
    """Other names under which the lesson answers for ever; never reused."""
    revision: NotRequired[int]
    """Raised with each publication: in files by the author (the same revision with other content is an error), over the API
    by the service, which ignores what a draft says here.
    """
    default_language: str
    title: LanguageMap
    summary: LanguageMap
    licence: AuthoredLicence
    authors: list[str]
    reviewed_on: str
    objectives: list[AuthoredObjective]
    blocks: list[AuthoredBlock]
    sources: list[AuthoredSource]


class AuthoredLicence(TypedDict):
    spdx: str
    """SPDX identifier, for example `CC-BY-4.0`."""
    attribution: str


class AuthoredMisread(TypedDict):
    """A field that people take for the deciding one."""
    pointer: str
    layer: NotRequired[Layer | None]
    rationale: LanguageMap


class AuthoredMistake(TypedDict):
    form: str
    rationale: LanguageMap


class AuthoredObjective(TypedDict):
    id: str
    text: LanguageMap


class AuthoredOption(TypedDict):
    id: str
    layer: NotRequired[Layer | None]
    text: LanguageMap
    rationale: LanguageMap


AuthoredPart: TypeAlias = "str"


class AuthoredPolicy(TypedDict):
    """What the version itself promises about its attempts."""
    attempts_allowed: NotRequired[int | None]
    """How many `assigned` attempts a learner may start in one placement; absent means no limit."""
    counts: AuthoredCounts
    pass_mark: float
    """Share of the points (0 to 1) from which an attempt has passed."""
    reveal: AuthoredReveal
    draw: NotRequired[int | None]
    """How many items of the bank an attempt draws; absent means all."""
    shuffle_items: bool
    shuffle_options: bool
    practice_keys: NotRequired[bool]
    """Whether the offline bundle may give its keys to learners, so that practice has feedback without a network. Absent means
    no, and is left out, so that content from before has the digest that it had.
    """


class AuthoredPrompt(TypedDict):
    id: str
    text: LanguageMap
    key: str
    """The id of the right choice."""
    rationale: LanguageMap


class AuthoredQuiz(TypedDict):
    """`lessons/<slug>/quiz.yaml`"""
    title: LanguageMap
    policy: AuthoredPolicy
    items: list[AuthoredItem]


class AuthoredReveal(TypedDict):
    verdict: AuthoredWhen
    rationale: AuthoredWhen
    key: AuthoredWhen


class AuthoredSampleCase(TypedDict):
    id: str
    title: LanguageMap
    story: LanguageMap
    evidence: Evidence


AuthoredScoring: TypeAlias = "str"


class AuthoredSlip(TypedDict):
    """A wrong number to be expected, for example one of another field."""
    value: float
    rationale: LanguageMap


class AuthoredSource(TypedDict):
    id: str
    title: str
    url: NotRequired[str | None]
    reviewed_on: str


AuthoredTone: TypeAlias = "str"


AuthoredWhen: TypeAlias = "str"


class AutomaticPoints(TypedDict):
    points: float
    reason: str


Block: TypeAlias = "HeadingBlock | TextBlock | TableBlock | CalloutBlock | EvidenceBlock | StepsBlock | ImageBlock"


class BundleManifest(TypedDict):
    """What a client needs of a course without a network. The parts never change: another content has another name."""
    course: str
    """The slug of the course."""
    revision: int
    """The course's own revision."""
    version: str
    """The digest of the course's own content: its list of lessons, its glossary, its field guide."""
    lessons: list[BundledLesson]
    """The lesson versions that it was made from, in the order of the course."""
    languages: list[str]
    """Every language that some part of the course has."""
    included_languages: list[str]
    """The languages of the parts listed here. A lesson without any that was asked for comes in its default one."""
    parts: list[BundlePart]
    total_bytes: int
    """The sum of `bytes`."""


class BundlePart(TypedDict):
    """One file of a bundle."""
    id: str
    """What it is, the same whatever its content: drop a part whose id the manifest no longer has."""
    kind: str
    """Which schema it has: `lesson` (Lesson), `quiz` (Quiz, without key), `exercise` (Exercise), `practice_keys`
    (PracticeKeys), `glossary` (Glossary), `field_guide` (FieldGuide), `signals` (SignalsPart), `order_vectors`, `policies`
    (Policies), `licences` (Licences). More may come; leave out what you do not know.
    """
    lesson: NotRequired[str | None]
    """The slug, where it is about one lesson."""
    version: NotRequired[str | None]
    """The lesson version's digest, where it is about one lesson."""
    language: NotRequired[str | None]
    """Where it is in one language."""
    sha256: str
    """SHA-256 of the bytes in no encoding, hexadecimal: what names the content."""
    bytes: int
    """Length in no encoding."""
    media_type: str
    url: str
    """Where it is, relative to this service."""
    required_for: list[str]
    """What a client cannot do offline without it: `reading`, `quiz`, `exercise`, `practice`, `diagnosis`, `attribution`; empty
    for what only helps. More may come.
    """


BundlePartContent: TypeAlias = "Any"


class BundledLesson(TypedDict):
    slug: str
    version: str
    revision: int


class CalloutBlock(TypedDict):
    id: str
    tone: str
    """`insight`, `note` or `warning`; more may come."""
    title: RichText
    text: RichText
    type: CalloutBlockType


class CitedSource(TypedDict):
    id: str
    title: str
    url: NotRequired[str | None]
    reviewed_on: str


class ClaimPut(TypedDict):
    """Whose work is handed over: exactly one of the two."""
    guest: NotRequired[str | None]
    """The guest's id; not with a learner's token."""
    guest_token: NotRequired[str | None]
    """The guest's own access token, which must be good."""


class ClientCredentials(TypedDict):
    """The credentials of a client."""
    client_id: str
    client_secret: str


class ClientKey(TypedDict):
    """A public key (RFC 7517): Ed25519, P-256, or RSA with 2048 to 8192 bits."""
    kty: str
    """`OKP`, `EC` or `RSA`."""
    kid: str
    """By which the client's signatures name the key; another one for each key."""
    alg: NotRequired[str | None]
    """`EdDSA`, `ES256` or `RS256`, which follows from the kind of key."""
    use: NotRequired[str | None]
    """`sig`"""
    key_ops: NotRequired[list[str] | None]
    """`["verify"]`"""
    ext: NotRequired[bool | None]
    crv: NotRequired[str | None]
    """`Ed25519` or `P-256`."""
    x: NotRequired[str | None]
    y: NotRequired[str | None]
    n: NotRequired[str | None]
    e: NotRequired[str | None]


class ClientKeySet(TypedDict):
    """Public keys of a client."""
    keys: list[ClientKey]


class ClientPage(TypedDict):
    """A page of clients."""
    items: list[RegisteredClient]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class ClientPut(TypedDict):
    """What a client is to be."""
    name: str
    """A name for people."""
    scopes: NotRequired[list[str]]
    """What it may ask tokens for; each must be one that the asking token has. At least one, or a `role`."""
    role: NotRequired[RoleBundle | None]
    jwks: NotRequired[ClientKeySet | None]
    secret: NotRequired[bool | None]
    """Whether it has a secret. Unless given, a new client gets one, and one that is there keeps what it has. False without
    `jwks` is an app on people's devices, which can keep no secret (RFC 6749, section 2.1): it gets tokens only for what proves the
    person, a token of a registered issuer or a refresh token.
    """


ClientTime: TypeAlias = "str"


class ClockLimits(TypedDict):
    """A reported time outside of this, after correction by `sent_at`, is moved to its edge (`clamped`); the claim is kept, and the
    time from start to submission is not known then.
    """
    oldest_days: int
    ahead_minutes: int


ClockTrust: TypeAlias = "str"


class Cohort(TypedDict):
    """A group of learners."""
    id: str
    name: str
    system: NotRequired[str | None]
    external_id: NotRequired[str | None]
    due: list[CohortDue]
    instructors: list[str]
    """The ids of the staff who instruct it, at most 50."""
    revision: int
    """Raised by each change of the cohort and of its instructors; the ETag."""
    created_at: str
    updated_at: str


class CohortDue(TypedDict):
    """Until when a lesson is to be done."""
    lesson: str
    """The lesson's slug. It need not be there yet."""
    due_at: str


class CohortLearner(TypedDict):
    """A learner of a cohort."""
    id: str
    """The learner's id."""
    name: NotRequired[str | None]
    added_at: str
    """Since when it is in this cohort."""


class CohortLearnerPage(TypedDict):
    """A page of a cohort's learners."""
    items: list[CohortLearner]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class CohortPage(TypedDict):
    """A page of cohorts."""
    items: list[Cohort]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class CohortPut(TypedDict):
    """What a cohort is to be. Who is in it is said by calls of their own."""
    name: str
    """A name for people."""
    system: NotRequired[str | None]
    """Which other system has it too; together with `external_id`."""
    external_id: NotRequired[str | None]
    """What that system calls it, such as the `sourcedId` of a class in OneRoster. No two cohorts have the same in one system."""
    due: NotRequired[list[CohortDue]]
    """At most one date for each lesson."""


Comparison = TypedDict(
    "Comparison",
    {
        "with": "NotRequired[str | None]",
        "without": "NotRequired[str | None]",
    },
)


class CountingAttempt(TypedDict):
    attempt: NotRequired[str | None]
    """Its id; null where naming it would tell which withheld score is the highest."""
    scaled: NotRequired[float | None]
    """The share of the points, from 0 to 1, with at most four decimals."""
    passed: NotRequired[bool | None]
    submitted_at: NotRequired[str | None]
    withheld: NotRequired[str | None]
    """Why fields are null: `policy` when the lesson's policy does not show results at submission. Read the attempt itself
    for what it shows meanwhile.
    """


class Course(TypedDict):
    slug: str
    iri: str
    own: bool
    """True for one of this tenant's own; the others are part of the program, and the same for everybody."""
    revision: int
    """Raised with every change of the list of lessons, the glossary or the field guide; the ETag of a tenant's own course."""
    title: str
    summary: RichText
    language: str
    """The language of title and summary; each lesson has its own."""
    languages: list[str]
    glossary: bool
    """Whether it has one, to be read at `/v1/courses/{slug}/glossary`."""
    field_guide: bool
    """Whether it has one, to be read at `/v1/courses/{slug}/field-guide`."""
    lessons: list[LessonSummary]
    """In the order in which they build on each other."""


class CourseList(TypedDict):
    items: list[Course]
    next_cursor: NotRequired[str | None]
    """Always null for now: the whole list is one page."""


class CourseProgress(TypedDict):
    course: str
    """The slug of the course."""
    title: str
    lessons: list[LessonProgress]
    """Every lesson of the course, in its order."""
    completed_lessons: int
    """Lessons that are passed, as far as this token may see it."""
    total_lessons: int


class CoursePut(TypedDict):
    """A course of a tenant's own."""
    default_language: str
    """BCP 47; `title` and `summary` have it."""
    title: dict[str, str]
    """Per language tag."""
    summary: dict[str, str]
    """Markdown per language tag."""
    lessons: list[str]
    """Slugs of own or built-in lessons, in the order in which they build on each other, each once."""


class Criterion(TypedDict):
    id: str
    part: str
    points: float
    text: RichText
    checks: list[str]
    """The checks in a submission's `feedback` by which the service scores it at once. Empty: only people score it."""


class CriterionFeedback(TypedDict):
    """What the service gives for one criterion of the rubric."""
    id: str
    points: float
    """Rounded to three decimals; sums are made of the exact share."""
    max: float
    """What the rubric gives at most."""
    reason: str
    """Why it is so many."""
    checks: list[str]
    """Ids of the checks that were counted, of the criterion's part; those that did not apply are left out."""


class CriterionPoints(TypedDict):
    id: str
    """The criterion's id."""
    points: float
    """At most what the rubric gives, at most three decimals."""
    comment: NotRequired[str | None]


class CriterionScore(TypedDict):
    """One criterion of the rubric, as this submission has it."""
    criterion: str
    max: float
    """What the rubric gives at most."""
    automatic: NotRequired[AutomaticPoints | None]
    reviewed: NotRequired[ReviewedPoints | None]
    counts: NotRequired[float | None]
    """The points that count: the reviewed ones, else the automatic ones, else null."""


DespiteRefusals: TypeAlias = "Literal['despite_refusals']"


class Diagnosis(TypedDict):
    """Which layer refused, and why that is the answer."""
    layer: NotRequired[Layer | None]
    alternatives: NotRequired[list[Layer]]
    """Layers that would fit second best."""
    confidence: NotRequired[float | None]
    """From 0 to 1."""
    because: NotRequired[str | None]
    deciding_pointers: NotRequired[list[str]]
    """JSON pointers (RFC 6901) to what decides, into the body of the evidence or into the evidence itself."""


class DiagnosisFeedback(TypedDict):
    """The learner's diagnosis beside the service's own reading of the evidence."""
    verdict: Layer
    confidence: NotRequired[float | None]
    """How sure it is, from 0 to 1; null where it leaves the layer open."""
    agrees: Agrees
    parts_at: NotRequired[PartsAt | None]
    next_step: str
    """The next legitimate step by the service's reading."""


class DiagnosisResult(TypedDict):
    """A verdict, and the id under which it is kept."""
    verdict: Layer
    confidence: NotRequired[float | None]
    """How often a verdict given with this certainty is right, from 0 to 1; null where the verdict is `undetermined`: `layers` says
    what stays possible, and how likely each is.
    """
    extent: Extent
    summary: str
    """The answer in a few sentences, for people."""
    layers: list[Ranked]
    """Every layer that is possible, the most likely first."""
    reasons: list[Reason]
    """What speaks for the verdict and against it; what decides stands first."""
    owner: NotRequired[Owner | None]
    next_step: str
    """The next legitimate step."""
    do_not: str
    """What not to do."""
    would_change: str
    """The observation that would overturn the verdict."""
    collect: NotRequired[str | None]
    """The one observation that would decide, where the verdict is `undetermined`."""
    read_as: ReadAs
    notes: list[str]
    """What limits the reading, for people: a body cut off, text that addresses the classifier."""
    parts: NotRequired[list[AnswerPart]]
    """Where the response or the text holds several answers (a log, a conversation, a batch): one verdict for each, in their order, at
    most 50. Left out where there is one. The rest of this object is then about all of them: the verdict is that of the answers
    that refused, whatever the others say, and `undetermined` where they were refused by different layers.
    """
    id: NotRequired[ResourceId | None]


class DiagnosisVerdict(TypedDict):
    """Which layer refused, with reasons."""
    verdict: Layer
    confidence: NotRequired[float | None]
    """How often a verdict given with this certainty is right, from 0 to 1; null where the verdict is `undetermined`: `layers` says
    what stays possible, and how likely each is.
    """
    extent: Extent
    summary: str
    """The answer in a few sentences, for people."""
    layers: list[Ranked]
    """Every layer that is possible, the most likely first."""
    reasons: list[Reason]
    """What speaks for the verdict and against it; what decides stands first."""
    owner: NotRequired[Owner | None]
    next_step: str
    """The next legitimate step."""
    do_not: str
    """What not to do."""
    would_change: str
    """The observation that would overturn the verdict."""
    collect: NotRequired[str | None]
    """The one observation that would decide, where the verdict is `undetermined`."""
    read_as: ReadAs
    notes: list[str]
    """What limits the reading, for people: a body cut off, text that addresses the classifier."""
    parts: NotRequired[list[AnswerPart]]
    """Where the response or the text holds several answers (a log, a conversation, a batch): one verdict for each, in their order, at
    most 50. Left out where there is one. The rest of this object is then about all of them: the verdict is that of the answers
    that refused, whatever the others say, and `undetermined` where they were refused by different layers.
    """


class DraftFinding(TypedDict):
    rule: str
    """The stable name of the rule: one of `waymark check`, or `item-revision`, `name-taken`; more may come."""
    severity: str
    """`error` keeps the draft from being published; `advice` is for the author to weigh."""
    pointer: str
    """JSON pointer (RFC 6901) into the draft, as near as it can be told."""
    message: str


class DraftPage(TypedDict):
    items: list[DraftSummary]
    """In the order of their slugs, without their content."""
    next_cursor: NotRequired[str | None]


class DraftPreview(TypedDict):
    """A draft as learners would see it, and beside it what only its author sees."""
    revision: int
    """Of the draft that is shown."""
    lesson: Lesson
    quiz: Quiz
    exercise: Exercise
    author: AuthorSide


class DraftReport(TypedDict):
    """What is wrong with a draft, and what guessing by form would get in its quiz."""
    revision: int
    """Of the draft that was looked at."""
    publishable: bool
    """Whether it can be published: it has no error."""
    errors: int
    advice: int
    findings: list[DraftFinding]
    """Errors first."""
    guessing: list[GuessingEstimate]
    """For each language of the lesson."""


class DraftSummary(TypedDict):
    """A draft in a list."""
    slug: str
    title: str
    """In the lesson's default language."""
    revision: int
    """Counts every change of the draft; it is its ETag."""
    digest: str
    """The SHA-256 of its content."""
    published: NotRequired[PublishedAs | None]
    created_at: str
    updated_at: str


class Drawn(TypedDict):
    """One item of an attempt, with its options (a matching item: its choices), in the order in which this attempt shows them."""
    item: str
    options: list[str]


class Escalation(TypedDict):
    """Whether somebody should act, and what they are told."""
    needed: NotRequired[bool | None]
    why_not: NotRequired[str | None]
    channel: NotRequired[str | None]
    message: NotRequired[str | None]
    state: NotRequired[EscalationState | None]


EscalationState: TypeAlias = "str"


class Evasion(TypedDict):
    """Something that reads like a way round a check."""
    kind: str
    """`override`, `persona`, `false_authority`, `pretence`, `fiction_lever`, `hidden_from_check`, `splitting`, `translation`,
    `region_or_key`, `encoding`, `look_alikes`, `hidden_characters`, `pressure`, `suppression`, `payload` or `asks_for_evasion`; more
    may come.
    """
    pointer: str
    """JSON pointer (RFC 6901) into the submission."""
    quote: str
    """The words that are meant, cut short; signs that cannot be seen are written as `<U+200B>`."""
    named: str
    """What it reads as, for people."""
    why_not: str
    """Why it is no route."""
    instead: str
    """What is a route."""


class Evidence(TypedDict):
    """What came back, as far as the learner could observe it. Leave out what is not known. Secrets and personal data are
    masked before anything is stored.
    """
    provider: NotRequired[str | None]
    model: NotRequired[str | None]
    surface: NotRequired[str | None]
    """Where it happened: an API, a chat application, a plug-in."""
    http: NotRequired[HttpEvidence | None]
    visible_text: NotRequired[str | None]
    """Exactly what a person saw."""
    observed: NotRequired[Observed | None]
    comparison: NotRequired[Comparison | None]
    happened_on: NotRequired[str | None]
    language: NotRequired[str | None]
    """BCP 47: the language of the conversation."""


class EvidenceBlock(TypedDict):
    id: str
    media_type: str
    description: RichText
    content: str
    """Word for word; never rendered as Markdown."""
    type: EvidenceBlockType


class Exercise(TypedDict):
    """The applied exercise in one language."""
    id: str
    iri: str
    lesson: str
    version: str
    revision: int
    language: str
    dir: str
    title: str
    introduction: RichText
    steps: list[ExerciseStep]
    rubric: list[Criterion]
    cases: list[SampleCase]


class ExerciseProgress(TypedDict):
    submissions: int
    state: NotRequired[str | None]
    """The state of the latest submission: `draft`, `submitted`, `returned` or `reviewed`; null while there is none."""


class ExerciseStep(TypedDict):
    part: str
    """`evidence`, `diagnosis`, `reframe` or `escalation`."""
    title: str
    text: RichText


Extent: TypeAlias = "str"


class Feedback(TypedDict):
    """What the service says at once about a submission."""
    complete: bool
    """Whether every check passed."""
    checks: list[FeedbackCheck]
    criteria: list[CriterionFeedback]
    """The criteria of the rubric that the service scores, in the rubric's order. The others are scored by people only."""
    score: float
    """The exact sum of what `criteria` give, rounded once to three decimals."""
    max_score: float
    """The sum of `max` of `criteria`: what the service can give, which may be less than the whole rubric."""
    diagnosis: DiagnosisFeedback | None
    evasions: list[Evasion]
    """What reads like an attempt to get round a check, at most one of a kind in each field; empty where nothing does."""


class FeedbackCheck(TypedDict):
    """One thing that the service looked at."""
    part: str
    """`evidence`, `diagnosis`, `reframe` or `escalation`."""
    id: str
    """Stable name of the check, unique in its part; more may come. A check that does not apply is left out."""
    passed: bool
    message: str
    """What is there, or what would help."""
    pointer: str | None
    """JSON pointer (RFC 6901) into the submission, where one place is meant."""
    quote: str | None
    """The words that are meant, cut short."""


class FieldError(TypedDict):
    """One thing that is wrong, and where."""
    pointer: NotRequired[str | None]
    """JSON pointer (RFC 6901) into the body."""
    parameter: NotRequired[str | None]
    """The name of the path segment, query parameter or header."""
    detail: str
    """What is expected there."""


class FieldGuide(TypedDict):
    """The signs of a course and what they mean, in one language."""
    course: str
    """The slug of the course."""
    language: str
    """BCP 47; the language of every text here."""
    languages: list[str]
    dir: str
    """`ltr` or `rtl`."""
    groups: list[GuideGroup]
    """The questions under which the rows stand, in the order in which to ask them."""
    rows: list[GuideRow]
    """In the order in which to read evidence."""


ForeignRole: TypeAlias = "str"


class Glossary(TypedDict):
    """The terms of a course in one language."""
    course: str
    """The slug of the course."""
    language: str
    """BCP 47; the language of every text here."""
    languages: list[str]
    dir: str
    """`ltr` or `rtl`."""
    terms: list[GlossaryTerm]
    """In alphabetical order of the terms in this language."""


class GlossaryTerm(TypedDict):
    id: str
    """The same in every language."""
    term: RichText
    definition: RichText
    see: list[TermRef]
    """Related terms."""
    lessons: list[str]
    """Slugs of the lessons that use it."""


class Grading(TypedDict):
    """One grading of an attempt. What the policy withholds is null."""
    number: int
    """From 1; the highest is in force."""
    version: str
    """The digest of the version whose items graded."""
    grader_version: int
    """Raised when the same answers and keys could get other points."""
    graded_at: str
    raw: NotRequired[float | None]
    """Points, at most three decimals."""
    max: NotRequired[float | None]
    scaled: NotRequired[float | None]
    """raw / max, four decimals, on the side of the pass mark on which the exact score lies."""
    success: NotRequired[bool | None]
    """Whether the pass mark was reached."""
    kept_items: list[str]
    """Items that kept the grading before this one."""
    regrade: NotRequired[RegradeRef | None]
    withheld: NotRequired[str | None]
    """Why fields are null: `policy`."""
    unreadable: NotRequired[list[str]]
    """`result` where that is stored and cannot be read, because the database is damaged: `scaled` and `success` are null. Left out
    where all is well.
    """


class GradingList(TypedDict):
    items: list[Grading]
    """The oldest first; empty before submission."""
    next_cursor: NotRequired[str | None]
    """Always null: the whole list is one page."""


class GuessingEstimate(TypedDict):
    """What guessing by form is expected to yield, as a share of the single choices."""
    language: str
    items: int
    """Single choices with a key."""
    best: str
    """The rule of thumb that yields most."""
    expected: float
    by: dict[str, float]
    """Each rule of thumb with what it yields."""
    blind: float
    """What blind guessing yields."""


class GuideGroup(TypedDict):
    id: str
    title: str


class GuideRow(TypedDict):
    id: str
    group: NotRequired[str | None]
    """The id of its group; null where the guide has none."""
    sign: RichText
    where: RichText
    layer: Layer
    layer_name: str
    """What people call the layer, in this language."""
    owner: Owner
    owner_name: str
    """What people call the owner, in this language."""
    step: RichText
    signals: list[str]
    """Ids of the signals, or rules of the engine, by which a diagnosis sees it."""


class HeadingBlock(TypedDict):
    id: str
    level: int
    text: RichText
    type: HeadingBlockType


class Health(TypedDict):
    status: str
    """`ok`"""


class HttpEvidence(TypedDict):
    """The response as it came over the wire."""
    status: NotRequired[int | None]
    headers: NotRequired[list[HttpHeader]]
    body: NotRequired[str | None]
    """The raw text of the body; JSON stays JSON after masking."""


class HttpHeader(TypedDict):
    name: str
    value: str


class IdentityRef(TypedDict):
    """Under which name another system knows a learner."""
    system: NotRequired[str | None]
    """An issuer or home page, such as an LTI issuer; absent means the calling client itself."""
    id: str


class ImageBlock(TypedDict):
    id: str
    media_type: str
    data_base64: str
    alt: RichText
    type: ImageBlockType


class ImportedPackage(TypedDict):
    """What a package held. `waymark check` says what is still to do before it is a good quiz."""
    lesson: NotRequired[str | None]
    """The slug of the lesson, where the package is one of Waymark's in QTI 3."""
    language: str
    """BCP 47: the language of the package's texts."""
    objectives: list[AuthoredObjective]
    """The objectives that items name, where the package has them."""
    quiz: dict[str, Any]
    """In the form of a quiz.yaml."""
    report: PackageReport


class Introspection(TypedDict):
    """What a token is (RFC 7662, section 2.2). Of one that is not active nothing else is told."""
    active: bool
    scope: NotRequired[str | None]
    """Scopes separated by spaces."""
    client_id: NotRequired[str | None]
    token_type: NotRequired[str | None]
    """`Bearer`"""
    exp: NotRequired[int | None]
    """Seconds since 1970."""
    iat: NotRequired[int | None]
    """Seconds since 1970."""
    sub: NotRequired[str | None]
    aud: NotRequired[str | None]
    iss: NotRequired[str | None]
    jti: NotRequired[str | None]
    tenant: NotRequired[str | None]
    principal_type: NotRequired[str | None]
    """`learner`, `staff` or `client`: what `sub` is."""


class Issuer(TypedDict):
    """An identity provider whose tokens this tenant takes."""
    id: str
    issuer: str
    audience: str
    subject_claim: str
    roles: list[RoleRule]
    revision: int
    """Raised by each change; the ETag."""
    created_at: str
    updated_at: str


class IssuerList(TypedDict):
    """All issuers of the tenant: at most 50."""
    items: list[Issuer]


class IssuerPut(TypedDict):
    issuer: str
    """Exactly as the tokens name it in `iss`. Its keys are found at `/.well-known/openid-configuration` under it."""
    audience: str
    """What the tokens have in `aud`: the id that the app has at the issuer."""
    subject_claim: NotRequired[str]
    """The claim that says who it is; `sub` unless given. It must never be given to somebody else."""
    roles: list[RoleRule]
    """The first rule that fits a token says what its owner is here; where none fits, the token is refused."""


class ItemCount(TypedDict):
    """In how many attempts."""
    item: str
    attempts: int


class ItemEvidence(TypedDict):
    media_type: str
    description: RichText
    content: str
    """Word for word."""


ItemResponse: TypeAlias = "SingleChoiceResponse | MultipleResponseResponse | OrderingResponse | MatchingResponse | ShortTextResponse | NumericResponse | PointAtFieldResponse"


class ItemView(TypedDict):
    """One item of a graded attempt. What the policy withholds is null."""
    item: str
    revision: int
    objectives: list[str]
    position: int
    """Where the attempt showed the item, from 1."""
    response: NotRequired[ItemResponse | None]
    first_response: NotRequired[ItemResponse | None]
    changes: int
    active_ms: NotRequired[int | None]
    """Null where it is not known."""
    max_points: float
    verdict: NotRequired[str | None]
    """`correct`, `partially_correct`, `incorrect` or `unanswered`; more may come."""
    points: NotRequired[float | None]
    chosen_layer: NotRequired[str | None]
    """The layer of the chosen option, where it stands for one."""
    expected_layer: NotRequired[str | None]
    """The layer of the right option, where it stands for one."""
    parts: NotRequired[list[PartResult] | None]
    """Prompt by prompt, for a matching item; null for other kinds."""
    graded_by: str
    """The digest of the version whose item graded it: the attempt's own, or another one after a regrade. Right answer and
    rationales are that version's.
    """
    right: NotRequired[ItemResponse | None]
    rationales: NotRequired[list[Rationale] | None]
    """Why answers are right or wrong."""


class Jwk(TypedDict):
    """A public key (RFC 7517): Ed25519 (RFC 8037), P-256 or RSA (RFC 7518, section 6). It may have further members."""
    kty: str
    alg: str
    use: str
    kid: str
    crv: NotRequired[str | None]
    """Of `OKP` and `EC`."""
    x: NotRequired[str | None]
    """Of `OKP` and `EC`."""
    y: NotRequired[str | None]
    """Of `EC`."""
    n: NotRequired[str | None]
    """Of `RSA`."""
    e: NotRequired[str | None]
    """Of `RSA`."""


class Jwks(TypedDict):
    """A JSON Web Key Set (RFC 7517)."""
    keys: list[Jwk]


class KeptDiagnosis(TypedDict):
    """A diagnosis that somebody asked to keep."""
    id: ResourceId
    learner: NotRequired[ResourceId | None]
    evidence: NotRequired[Evidence | None]
    masked: list[Masked]
    """Where placeholders stand for what was masked, by pointers into this object."""
    verdict: NotRequired[DiagnosisVerdict | None]
    created_at: str
    unreadable: NotRequired[list[str]]
    """Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    well.
    """


class KeptDiagnosisPage(TypedDict):
    items: list[KeptDiagnosis]
    """The oldest first."""
    next_cursor: NotRequired[str | None]


KeyAlgorithm: TypeAlias = "str"


class KeyRotation(TypedDict):
    """How the next key is to sign."""
    algorithm: KeyAlgorithm
    compromised: NotRequired[bool]
    """A key became known to others: the new one signs at once, and every token of the keys before is refused from now on, the one of
    this call included.
    """


class KeyShown(TypedDict):
    """A signing key without its private part."""
    kid: str
    """The thumbprint of its public part (RFC 7638)."""
    algorithm: KeyAlgorithm
    state: KeyState
    created_at: str
    signs_from: str
    """From when it signs."""
    verifies_until: NotRequired[str | None]
    """When the last token that it signed has expired; null while no other key is to follow it."""


KeyState: TypeAlias = "str"


Layer: TypeAlias = "str"


class LayerAdvice(TypedDict):
    layer: Layer
    title: str
    """In the middle of a sentence, in English."""
    owner: Owner
    next_step: str
    do_not: str
    would_change: str


class Learner(TypedDict):
    id: str
    name: NotRequired[str | None]
    identities: NotRequired[list[LearnerIdentity] | None]
    """Null for a token without `learners:read`."""
    state: LearnerState
    merged_into: NotRequired[str | None]
    """The learner whose its things are, where it was merged into another one."""
    revision: int
    """Raised by each change; the ETag."""
    created_at: str
    updated_at: str


class LearnerChange(TypedDict):
    name: NotRequired[str | None]
    """A name to show. Absent leaves it as it is; null removes it."""


class LearnerIdentities(TypedDict):
    """All identities of a learner."""
    identities: list[LearnerIdentity]
    """In the order of their names."""


class LearnerIdentity(TypedDict):
    """Under which name a system knows a learner."""
    system: str
    id: str


LearnerMerge = TypedDict(
    "LearnerMerge",
    {
        "id": "str",
        "into": "str",
        "from": "str",
        "state": "str",
        "claim": "bool",
        "counts": "MergeCounts",
        "created_at": "str",
        "undo_until": "str",
        "undone_at": "NotRequired[str | None]",
    },
)


class LearnerMergePage(TypedDict):
    """A page of merges."""
    items: list[LearnerMerge]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


LearnerMergePut = TypedDict(
    "LearnerMergePut",
    {
        "into": "str",
        "from": "str",
    },
)


class LearnerPage(TypedDict):
    """A page of learners."""
    items: list[Learner]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class LearnerProgress(TypedDict):
    learner: str
    courses: list[CourseProgress]


class LearnerRef(TypedDict):
    """Who a call is about: by our id, or by an identity that the client knows. Exactly one of the two."""
    id: NotRequired[str | None]
    identity: NotRequired[IdentityRef | None]


LearnerState: TypeAlias = "str"


class LearningRecord(TypedDict):
    """One immutable fact. New kinds and new fields may be added."""
    id: str
    """Fit to be the id of a statement made from this record."""
    position: str
    """Its place in the log; later records compare greater part by part (numbers between dots)."""
    kind: str
    """`attempt.regraded`, `attempt.started`, `attempt.submitted`, `course.saved`, `diagnosis.erased`, `diagnosis.kept`,
    `draft.deleted`, `draft.saved`, `feedback.given`, `learner.changed`, `learner.created`, `learner.deactivated`,
    `learner.identity_added`, `learner.identity_removed`, `learner.merged`, `learner.reactivated`, `learner.unmerged`,
    `lesson.published`, `lesson.withdrawn`, `regrade.done`, `regrade.started`, `response.saved`, `review.given`, `signal.deleted`, `signal.saved`,
    `submission.saved`, `submission.submitted`; more may come.
    """
    schema_version: int
    tenant: str
    actor: NotRequired[RecordActor | None]
    learner: NotRequired[str | None]
    object: RecordObject
    course: NotRequired[str | None]
    lesson: NotRequired[LessonPlace | None]
    language: NotRequired[str | None]
    context: dict[str, Any]
    """The context that the attempt or submission was made in, as the client gave it."""
    occurred: Occurred
    recorded_at: str
    request_id: str
    body: dict[str, Any]
    """Depends on `kind`."""
    unreadable: NotRequired[list[str]]
    """`envelope` in a record that is stored and cannot be read, because the database is damaged: it has its place, its id, `kind`,
    `learner`, the object's id and `recorded_at`, and nothing else. Left out where all is well.
    """


class Lesson(TypedDict):
    """A lesson version in one language."""
    slug: str
    aliases: list[str]
    iri: str
    course: NotRequired[str | None]
    """The slug of its course."""
    version: str
    """The digest that names this version: the SHA-256 of its canonical content."""
    revision: int
    published_at: str
    language: str
    """BCP 47."""
    languages: list[str]
    dir: str
    """`ltr` or `rtl`."""
    title: str
    summary: RichText
    reading_minutes: int
    licence: Licence
    authors: list[str]
    reviewed_on: str
    objectives: list[Objective]
    blocks: list[Block]
    sources: list[CitedSource]


class LessonContent(TypedDict):
    """Everything that a published lesson version consists of; its canonical JSON is what the digest names."""
    lesson: AuthoredLesson
    quiz: AuthoredQuiz
    exercise: AuthoredExercise


class LessonDraft(TypedDict):
    """A draft with its content, key included."""
    slug: str
    title: str
    """In the lesson's default language."""
    revision: int
    """Counts every change of the draft; it is its ETag."""
    digest: str
    """The SHA-256 of its content."""
    published: NotRequired[PublishedAs | None]
    created_at: str
    updated_at: str
    lesson: AuthoredLesson
    quiz: AuthoredQuiz
    exercise: AuthoredExercise


class LessonLicence(TypedDict):
    lesson: str
    licence: Licence
    authors: list[str]
    reviewed_on: str


class LessonList(TypedDict):
    items: list[LessonSummary]
    next_cursor: NotRequired[str | None]
    """Always null for now: the whole list is one page."""


class LessonPlace(TypedDict):
    slug: str
    iri: str
    version: str
    """The version's digest."""


class LessonPolicy(TypedDict):
    lesson: str
    policy: QuizPolicy


class LessonProgress(TypedDict):
    lesson: str
    """The slug of the lesson."""
    title: str
    attempts: AttemptCounts
    counting: NotRequired[CountingAttempt | None]
    passed: NotRequired[bool | None]
    """Whether the attempt that counts has passed; null where the policy withholds that."""
    exercise: ExerciseProgress


class LessonSource(TypedDict):
    """A published version with its key, in the shape of a draft."""
    slug: str
    version: str
    revision: int
    own: bool
    """True for one of this tenant's own; the others are part of the program."""
    published_at: str
    lesson: AuthoredLesson
    quiz: AuthoredQuiz
    exercise: AuthoredExercise


class LessonSummary(TypedDict):
    slug: str
    aliases: list[str]
    """Other slugs that answer for this lesson."""
    iri: str
    title: str
    summary: RichText
    language: str
    languages: list[str]
    version: str
    """The digest that names the newest version."""
    revision: int
    reading_minutes: int


class Licence(TypedDict):
    spdx: str
    """SPDX identifier."""
    attribution: str


class Licences(TypedDict):
    """What to show wherever the material is shown."""
    course: str
    lessons: list[LessonLicence]


class Masked(TypedDict):
    """Something was masked here."""
    pointer: str
    """JSON pointer (RFC 6901) to the string."""
    kind: str
    """`private_key`, `api_key`, `bearer_token`, `credential`, `cookie`, `request_id`, `email`, `phone`, `ip`, `card`, `iban`,
    `national_id`, `person_name`; more may come.
    """


class MatchedPair(TypedDict):
    """A prompt and what the learner matched it to."""
    prompt: str
    choice: str
    """The id of the option."""


class MatchingKey(TypedDict):
    pairs: list[MatchedPair]
    kind: MatchingKeyKind


class MatchingResponse(TypedDict):
    pairs: list[MatchedPair]
    """At most one for each prompt, in any order; prompts may be left open."""
    kind: MatchingResponseKind


class MergeCounts(TypedDict):
    """How many things a merge moved."""
    identities: int
    attempts: int
    submissions: int
    diagnoses: int


class MultipleResponseKey(TypedDict):
    options: list[str]
    """All of them and no other."""
    kind: MultipleResponseKeyKind


class MultipleResponseResponse(TypedDict):
    options: list[str]
    """The ids of all chosen options, each once, in any order; may be empty."""
    kind: MultipleResponseResponseKind


class NewLearner(TypedDict):
    name: NotRequired[str | None]
    """A name to show. Records never hold it."""
    identities: list[IdentityRef]


class NewPersonalToken(TypedDict):
    name: str
    """For people: what it is used for."""
    principal: PersonalTokenOwner
    scopes: NotRequired[list[str]]
    """Each one that the asking token has; never `tokens:issue`, `clients:admin` or `tenants:admin`. At least one, or a `role`."""
    role: NotRequired[RoleBundle | None]
    expires_in_days: NotRequired[int | None]
    """90 unless given."""


class NotSubmitted(TypedDict):
    """Why an attempt was not submitted, and what to do."""
    code: str
    """`answers_refused`: answers of the same call are not saved; more may come."""
    detail: str
    refused: list[int]
    """Which of `results` are refused, from 0."""


class NumericKey(TypedDict):
    value: float
    tolerance: float
    """How far an answer, rounded to nine digits behind the point, may be from it, both ends included."""
    kind: NumericKeyKind


class NumericResponse(TypedDict):
    value: float
    """A JSON number, so with a point; at most 10^15 either side of zero. Rounded to nine digits behind the point, then compared
    in decimals, exactly.
    """
    kind: NumericResponseKind


class OauthErrorBody(TypedDict):
    error: str
    """One of the codes of RFC 6749, section 5.2, or `temporarily_unavailable`."""
    error_description: str


class Objective(TypedDict):
    id: str
    text: RichText


class Observed(TypedDict):
    """What the learner noticed and tried."""
    output: NotRequired[OutputSeen | None]
    explained: NotRequired[bool | None]
    """Whether a reason was given."""
    raw_api: NotRequired[RawApi | None]
    other_accounts: NotRequired[Trial | None]
    tried: NotRequired[list[str]]
    """What else was tried."""


class Occurred(TypedDict):
    """When something happened; a wrong clock never rejects work."""
    at: str
    """The moment in UTC, as far as it is known."""
    offset_min: int
    """The client's offset from UTC in minutes."""
    reported: NotRequired[str | None]
    """What the client claimed, where that is another moment than `at`."""
    clock: ClockTrust


class OneResponsePut(TypedDict):
    """One answer, to the item in the URL."""
    seq: int
    response: ItemResponse
    answered_at: NotRequired[ClientTime | None]
    active_ms: NotRequired[int | None]
    """As in a list of answers."""
    sent_at: NotRequired[ClientTime | None]


class OneTokenForm(TypedDict):
    """A token that is to be taken back or looked at; the client proves who it is as at `/oauth/token`."""
    token: str
    token_type_hint: NotRequired[str | None]
    """Ignored: there is one kind."""
    client_id: NotRequired[str | None]
    client_secret: NotRequired[str | None]
    client_assertion_type: NotRequired[str | None]
    client_assertion: NotRequired[str | None]


class OrderRule(TypedDict):
    """How an attempt's order follows from its id, so that an offline client draws what the server would."""
    algorithm: str
    """`sha256-v1`, in three steps. 1. Where `shuffle_items` is true, sort the items by the SHA-256 digest (bytes compared) of
    version, attempt id and item id joined by line feeds (UTF-8, the attempt id in lower case); else keep the order. 2. Keep
    the first `draw`. 3. Where `shuffle_options` is true, sort each item's options likewise, with the option id as a fourth
    line. Test vectors: `openapi/order-vectors.json`.
    """
    draw: int
    """How many items an attempt draws."""
    shuffle_items: bool
    shuffle_options: bool


class OrderingKey(TypedDict):
    options: list[str]
    """In the right order. Another order that is the one shown gets nothing."""
    kind: OrderingKeyKind


class OrderingResponse(TypedDict):
    options: list[str]
    """The ids of all options, in the learner's order. The order in which the attempt showed them is worth nothing, unless it is
    the right one: nobody can tell it from an order that nobody touched.
    """
    kind: OrderingResponseKind


class Organisation(TypedDict):
    """An organisation. Nothing crosses between tenants."""
    id: str
    name: str
    runs_installation: bool
    """Whether its administrators manage the installation: tenants and signing keys."""
    suspended_at: NotRequired[str | None]
    """Since when nobody of it is let in; null while it is not suspended."""
    created_at: str
    administrator: NotRequired[ClientCredentials | None]


OutputIn: TypeAlias = "str"


OutputSeen: TypeAlias = "str"


class OwnCourse(TypedDict):
    """A tenant's own course as its author sees it."""
    slug: str
    iri: str
    revision: int
    """Counts every change; it is its ETag."""
    default_language: str
    title: dict[str, str]
    summary: dict[str, str]
    lessons: list[str]


Owner: TypeAlias = "str"


PackageEffect: TypeAlias = "str"


class PackageNote(TypedDict):
    """One thing, and where."""
    what: str
    """A short name, for example `layers`, `rationale` or `interaction`; more may come."""
    effect: PackageEffect
    detail: str
    items: list[str]
    """The items concerned, in their order; empty: the whole."""
    files: list[str]
    """The files of the package concerned, where it is about files."""


class PackageReport(TypedDict):
    notes: list[PackageNote]


class PartResult(TypedDict):
    """One prompt of a graded matching item. What the policy withholds is null."""
    prompt: str
    verdict: NotRequired[str | None]
    """`correct` or `incorrect`; a prompt that was left open is incorrect."""
    expected_layer: NotRequired[str | None]
    """The layer of the right choice, where it stands for one."""
    chosen_layer: NotRequired[str | None]
    """The layer of the learner's choice, where it stands for one."""


class PartsAt(TypedDict):
    """Where the service's reading and the learner's part: what decides here, and what the learner pointed to."""
    explanation: str
    """The whole of it in a few sentences, for people."""
    rule: NotRequired[str | None]
    """The rule that decides in the service's reading: the id of a signal; null where nothing decides."""
    evidence: NotRequired[str | None]
    """JSON pointer (RFC 6901) into the evidence to where the rule found it."""
    pointer: NotRequired[str | None]
    """JSON pointer into the body, where it was read as JSON."""
    quote: NotRequired[str | None]
    """What stands there, cut short."""
    meaning: NotRequired[str | None]
    """What that means."""
    pointed_to: list[str]
    """The learner's `deciding_pointers`."""


class PersonToken(TypedDict):
    """What a token for a person is to hold."""
    scopes: list[str]
    """Scopes for the token; each must be one that the asking token has."""
    ttl_seconds: NotRequired[int | None]
    """Life in seconds, 60 to 86400; 3600 unless given."""


class PersonalToken(TypedDict):
    """A personal token without its secret."""
    id: str
    name: str
    principal: Principal
    scopes: list[str]
    created_at: str
    expires_at: str
    last_used_at: NotRequired[str | None]
    """Within a minute or two; null while it was never used."""
    revoked_at: NotRequired[str | None]
    """When it was taken back."""
    token: NotRequired[str | None]
    """The token itself: only in the answer that made it, never again."""


class PersonalTokenOwner(TypedDict):
    """For whom a token is."""
    type: PersonalTokenOwnerKind
    id: NotRequired[str | None]
    """Of a member of staff; the calling client needs none."""


PersonalTokenOwnerKind: TypeAlias = "Literal['staff', 'client']"


class PersonalTokenPage(TypedDict):
    """A page of personal tokens."""
    items: list[PersonalToken]
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class PlacementContext(TypedDict):
    """Where an attempt or submission was made; immutable, and part of each of its records."""
    registration: NotRequired[str | None]
    """The registration of a launch, as cmi5 and xAPI use it."""
    platform: NotRequired[str | None]
    group: NotRequired[str | None]
    placement: NotRequired[str | None]
    """Where the quiz was placed; a learner has at most one open attempt per lesson and placement. Each placement that a client
    or staff named for this learner and lesson (with `learners:act`) has attempts of its own; all others are counted together.
    """
    metadata: NotRequired[dict[str, Any]]
    """Up to 20 entries of the client's own, at most 4096 bytes as JSON. No personal data."""


class PointAtFieldKey(TypedDict):
    pointers: list[str]
    """Any of them is right (RFC 6901)."""
    kind: PointAtFieldKeyKind


class PointAtFieldResponse(TypedDict):
    pointer: str
    """A JSON Pointer (RFC 6901) into the body that the item shows; it must lead to something."""
    kind: PointAtFieldResponseKind


class Policies(TypedDict):
    """What the service will hold a client to when it is online again."""
    course: str
    attempts: AttemptLimits
    submissions: SubmissionLimits
    clock: ClockLimits
    uuid_versions: list[int]
    """Versions of UUID (RFC 9562) that ids of a client's choice may have."""
    idempotency_key_days: int
    """How long an `Idempotency-Key` is remembered."""
    reveal: list[RevealMeaning]
    """When verdict, rationale and key of a quiz show: the values of `reveal`, with their meaning in English."""
    quizzes: list[LessonPolicy]
    """Of the newest version of each lesson."""


class PracticeItem(TypedDict):
    item: str
    revision: int
    key: PracticeKey
    rationales: list[Rationale]
    """Why each answer is right or wrong."""


PracticeKey: TypeAlias = "SingleChoiceKey | MultipleResponseKey | OrderingKey | MatchingKey | ShortTextKey | NumericKey | PointAtFieldKey"


class PracticeKeys(TypedDict):
    """The keys of a quiz whose author gives them to learners, for feedback on practice without a network."""
    lesson: str
    version: str
    language: str
    """The language of the rationales."""
    items: list[PracticeItem]
    """Every item of the bank."""


Principal: TypeAlias = "PrincipalLearner | PrincipalStaff | PrincipalClient"


class Problem(TypedDict):
    """`application/problem+json` (RFC 9457) with this service's extension members."""
    type: str
    """Resolves to the page that explains the code."""
    title: str
    status: int
    """The HTTP status, repeated."""
    detail: str
    """What went wrong this time, and what to do."""
    code: str
    """Stable name of the failure; new ones may be added.

    More values may be added: take one that you do not know as it is.
    """
    errors: list[FieldError]
    params: dict[str, Any]
    """Values for a message in the reader's own language."""
    retry: Retry
    request_id: str
    """Quote it when reporting; the log has it too."""


class Publication(TypedDict):
    """What publishing gave."""
    slug: str
    version: str
    """The digest that names the version."""
    revision: int
    previous_version: NotRequired[str | None]
    """The version that was the newest before; null for the first one."""
    unchanged: bool
    """True where the newest version says the same already: nothing was published."""


class PublishedAs(TypedDict):
    """The version that a draft was published as last."""
    version: str
    """The digest that names the newest version of this lesson."""
    revision: int
    unchanged: bool
    """Whether the draft says the same."""


Purpose: TypeAlias = "str"


class Quiz(TypedDict):
    """A quiz in one language, without its key."""
    lesson: str
    iri: str
    version: str
    language: str
    dir: str
    title: str
    policy: QuizPolicy
    items: list[QuizItem]
    """In the authored order; what an attempt draws follows from its id, see `order`."""
    order: OrderRule


class QuizItem(TypedDict):
    id: str
    iri: str
    revision: int
    kind: str
    """`single_choice`, `multiple_response`, `ordering`, `matching`, `short_text`, `numeric` or `point_at_field`; more may
    come. An answer's `kind` is the same.
    """
    objective: str
    points: float
    stem: RichText
    evidence: list[ItemEvidence]
    options: list[QuizOption]
    """What the learner chooses from, puts into order or matches prompts to; empty for the other kinds."""
    prompts: NotRequired[list[QuizOption] | None]
    """A matching item's prompts, each to be matched to one option; an option may fit several prompts or none."""
    scoring: NotRequired[str | None]
    """What a partly right answer is worth, where an answer can be partly right: `all_or_nothing` (nothing) or `partial`. Partial
    points are that share of the item's points, at least 0, rounded to thousandths: `multiple_response` (right - wrong) / all
    right ones; `ordering` (pairs in the right order - pairs in the wrong one) / all pairs; `matching` right prompts / all.
    """
    unit: NotRequired[str | None]
    """The unit of a number, where it has one."""
    shown: NotRequired[int | None]
    """Of a `point_at_field` item: the index in `evidence` of the JSON body into which the pointer leads."""


class QuizOption(TypedDict):
    id: str
    text: RichText


class QuizPolicy(TypedDict):
    attempts_allowed: NotRequired[int | None]
    """Assigned attempts allowed per placement; null means no limit."""
    counts: str
    """`highest`, `latest` or `first`."""
    pass_mark: float
    """Share of the points from which an attempt has passed."""
    reveal: RevealPolicy
    practice_keys: bool
    """Whether the offline bundle gives the keys to learners, for practice. Attempts then say `key_seen_before`."""


class QuotaReport(TypedDict):
    """How much a tenant may have, and has."""
    versions: TenantQuota
    version_bytes: TenantQuota
    drafts: TenantQuota
    signals: TenantQuota
    records_per_day: TenantQuota


class QuotasPut(TypedDict):
    """What is to be set for a tenant: a limit, 0 for none, null (or nothing) for the installation's default."""
    versions: NotRequired[int | None]
    """Published versions of lessons of its own."""
    version_bytes: NotRequired[int | None]
    """Bytes of JSON of those versions together. Every process of the service holds them in memory."""
    drafts: NotRequired[int | None]
    """Drafts of lessons."""
    signals: NotRequired[int | None]
    """Signals of its own."""
    records_per_day: NotRequired[int | None]
    """Records of a day (UTC), behind which nothing new begins until the next one."""


class Ranked(TypedDict):
    """A layer and how likely it is."""
    layer: Layer
    confidence: float


class Rationale(TypedDict):
    """Why something is right or wrong. With `option` and `answer` null it is about the item as a whole."""
    option: NotRequired[str | None]
    """The id of the option or prompt that it is about."""
    answer: NotRequired[str | None]
    """A wrong answer that people give, as text: a short text, a number, a JSON pointer."""
    text: RichText


class RawApi(TypedDict):
    result: NotRequired[Trial | None]
    tries: NotRequired[int | None]


ReadAs: TypeAlias = "str"


class Reason(TypedDict):
    """One thing in the evidence that says something about the layer."""
    rule: str
    """The rule that fired: the id of a signal (see `/v1/signals`), or one of the engine's own."""
    stage: Stage
    layers: list[Layer]
    """The layers it speaks for; several where it cannot tell between them."""
    weight: float
    """How likely it makes them where nothing else is known."""
    evidence: str
    """JSON pointer (RFC 6901) into the evidence: `/http/body`, `/visible_text`, `/observed/raw_api`."""
    pointer: NotRequired[str | None]
    """JSON pointer into the body, where it was read as JSON; in a stream the index of the event comes first, and JSON inside
    a string goes on where the string stands.
    """
    quote: NotRequired[str | None]
    """What stands there, cut short."""
    meaning: str
    """What it means."""
    sources: list[SourceRef]


class RecordActor(TypedDict):
    """Who did it."""
    client: str
    principal: Principal


class RecordObject(TypedDict):
    """What a record is about."""
    type: str
    """`lesson`, `attempt`, `response`, `submission`, `review`, `learner`, `diagnosis`, `signal`, `draft`, `course`, `regrade`; more may come."""
    id: str
    iri: NotRequired[str | None]
    """Where the object has a place in the curriculum."""


class RecordPage(TypedDict):
    """A page of the feed."""
    items: list[LearningRecord]
    next_cursor: str
    """Resume here; always present, also on the last page."""
    has_more: bool
    """Whether there was, or may have been, more than this page when it was made. With a filter a page may hold few records or
    none and there is more all the same: go on.
    """
    as_of: str
    """When this page was made."""


class Reframe(TypedDict):
    """An honest second version of the request."""
    original: NotRequired[str | None]
    rewritten: NotRequired[str | None]
    role: NotRequired[str | None]
    purpose: NotRequired[str | None]
    audience: NotRequired[str | None]
    scope: NotRequired[str | None]
    outcome: NotRequired[str | None]
    """What came of it, where it was tried."""


class RefusedRosterRow(TypedDict):
    """A row that was not taken."""
    file: str
    """The file of the zip file; `list.csv` for a simple list."""
    line: int
    """The line where the row begins, from 1."""
    field: NotRequired[str | None]
    """The column; null where it is about the whole row."""
    reason: str


class RegisteredClient(TypedDict):
    """An application with credentials."""
    id: str
    """Its `client_id` at `/oauth/token`."""
    name: str
    scopes: list[str]
    """What it may ask tokens for."""
    jwks: NotRequired[ClientKeySet | None]
    secret_state: SecretState
    client_secret: NotRequired[str | None]
    """Its secret, with `secret_state` `given_now` alone."""
    previous_secret_until: NotRequired[str | None]
    """Until when the secret before the present one is good too, or was; null where there is none."""
    disabled_at: NotRequired[str | None]
    """Since when it is disabled; null while it is not."""
    revision: int
    """Raised by each change; the ETag."""
    created_at: str


Regrade = TypedDict(
    "Regrade",
    {
        "id": "str",
        "lesson": "str",
        "from": "str",
        "to": "str",
        "reason": "str",
        "state": "str",
        "dry_run": "bool",
        "total": "int",
        "regraded": "int",
        "changed": "int",
        "raised": "int",
        "lowered": "int",
        "now_passed": "int",
        "no_longer_passed": "int",
        "mean_change": "float",
        "changed_items": "list[ItemCount]",
        "kept_items": "list[ItemCount]",
        "created_at": "str",
        "done_at": "NotRequired[str | None]",
        "unreadable": "NotRequired[list[str]]",
    },
)


class RegradePage(TypedDict):
    items: list[Regrade]
    """The oldest first."""
    next_cursor: NotRequired[str | None]


RegradePut = TypedDict(
    "RegradePut",
    {
        "lesson": "str",
        "from": "str",
        "to": "str",
        "reason": "str",
    },
)


class RegradeRef(TypedDict):
    id: ResourceId
    reason: NotRequired[str | None]
    """Why; null for a learner while the policy withholds keys, because it may tell one."""


ResourceId: TypeAlias = "str"


class ResponsePut(TypedDict):
    """One answer on its way in. One that is not of this shape is refused by itself; the others of the call are saved."""
    item: str
    seq: int
    """Counts up with every change on the client, from 0 to 2^53 - 1; an older one never overwrites a newer one."""
    response: ItemResponse
    answered_at: NotRequired[ClientTime | None]
    active_ms: NotRequired[int | None]
    """How long the learner worked on the item so far, in milliseconds. What is below 0 or above 604,800,000 (7 days) is set to
    that bound, a fraction is rounded, and the result says so. Absent means that it is not known.
    """


class ResponsesPut(TypedDict):
    """Several answers."""
    sent_at: NotRequired[ClientTime | None]
    responses: list[ResponsePut]


class ResultView(TypedDict):
    """The outcome of one grading (the result of an xAPI statement has the same parts)."""
    grading: int
    """From 1; a later grading never overwrites an earlier one."""
    raw: float
    """The exact sum of the points, rounded once to three decimals: it may differ from the sum of rounded points by a thousandth."""
    min: float
    max: float
    scaled: float
    """The exact raw / max in four decimals, rounded to the side of the pass mark on which it lies: it is at least the pass mark if
    and only if `success` is true.
    """
    success: bool
    """Whether the pass mark was reached, compared exactly."""
    completion: bool
    """Whether every item was answered."""
    active_ms: NotRequired[int | None]
    """Sum of the times worked on the items that were answered, in milliseconds; null where one of them is not known."""
    elapsed_ms: NotRequired[int | None]
    """From start to submission, in milliseconds; null where a client's clock told a time that cannot be (`clamped`), so that
    nobody knows.
    """


Retry: TypeAlias = "str"


class RevealMeaning(TypedDict):
    value: str
    meaning: str


class RevealPolicy(TypedDict):
    """When something shows: `submitted`, `attempts_used` or `never`."""
    verdict: str
    rationale: str
    key: str


class Review(TypedDict):
    """What a person said about one revision of a submission."""
    id: ResourceId
    submission: ResourceId
    submission_revision: int
    """The revision that the reviewer saw."""
    reviewer: NotRequired[Principal | None]
    state: str
    """`reviewed` or `returned`; more may come."""
    comment: str
    score: NotRequired[float | None]
    criteria: list[CriterionPoints]
    created_at: str
    unreadable: NotRequired[list[str]]
    """Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    well.
    """


class ReviewPage(TypedDict):
    items: list[Review]
    """The oldest first."""
    next_cursor: NotRequired[str | None]


class ReviewPost(TypedDict):
    """A review of the present revision."""
    state: Verdict
    comment: str
    score: NotRequired[float | None]
    """Points, at most three decimals; null where none are given."""
    criteria: NotRequired[list[CriterionPoints]]
    """Points by criterion of the exercise's rubric."""
    submission_revision: int
    """The revision that the reviewer read; it must be the present one."""


class ReviewedPoints(TypedDict):
    points: float
    comment: NotRequired[str | None]
    review: ResourceId


class Revision(TypedDict):
    """What a submission was at one of its revisions."""
    revision: int
    state: str
    """`draft`, `submitted`, `returned` or `reviewed`; more may come."""
    saved_at: str
    case: NotRequired[str | None]
    evidence: NotRequired[Evidence | None]
    diagnosis: NotRequired[Diagnosis | None]
    reframe: NotRequired[Reframe | None]
    escalation: NotRequired[Escalation | None]
    masked: list[Masked]
    unreadable: NotRequired[list[str]]
    """Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    well.
    """


class RevisionPage(TypedDict):
    items: list[Revision]
    """The oldest first."""
    next_cursor: NotRequired[str | None]


Revoked: TypeAlias = "dict[str, Any]"


class RichText(TypedDict):
    """One text in three forms: a native screen wants Markdown, a web page HTML, a screen reader plain text."""
    markdown: str
    """CommonMark."""
    html: str
    """Sanitised; no scripts, no styles, links with `rel="noopener noreferrer"`."""
    text: str


RoleBundle: TypeAlias = "str"


class RoleRule(TypedDict):
    """Who is what, by a claim of the token. The first rule that fits counts."""
    claim: NotRequired[str | None]
    """A claim of the token, such as `roles`; without one the rule fits everybody."""
    value: NotRequired[str | None]
    """What the claim must be, or hold where it is a list or names separated by spaces."""
    role: ForeignRole
    scopes: NotRequired[list[str]]
    """At most these scopes; the client's own bound them further. At least one, or a `bundle`."""
    bundle: NotRequired[RoleBundle | None]


class RosterCounts(TypedDict):
    """How many things an import changed. The same file again changes nothing."""
    cohorts_made: int
    cohorts_changed: int
    cohorts_deleted: int
    learners_added: int
    learners_removed: int
    instructors_added: int
    instructors_removed: int


class RosterImport(TypedDict):
    """What became of a roster."""
    counts: RosterCounts
    refused: list[RefusedRosterRow]
    """The first 1,000 rows that were not taken."""
    refused_rows: int
    """How many rows were not taken."""


class SampleCase(TypedDict):
    """For a learner who has no refusal of their own."""
    id: str
    title: str
    story: RichText
    evidence: dict[str, Any]
    """In the shape of a submission's `evidence`."""


class SaveProblem(TypedDict):
    code: str
    """One of the codes of the errors page."""
    pointer: NotRequired[str | None]
    """JSON pointer into the answer, where a part of it is the reason."""
    detail: str


class SaveResult(TypedDict):
    """What became of an answer."""
    item: NotRequired[str | None]
    """Null where the answer does not say it in a way that can be read."""
    seq: NotRequired[int | None]
    """Null where the answer does not say it in a way that can be read."""
    status: str
    """`saved`: it is in force. `superseded`: a newer one is. `late`: the attempt was submitted before, so it is kept but never
    scored. `refused`: see `problem`. More may come.
    """
    seq_in_force: NotRequired[int | None]
    """The sequence number in force now."""
    problem: NotRequired[SaveProblem | None]
    adjusted: NotRequired[list[Adjusted]]
    """What is kept otherwise than it was sent; absent where nothing is."""


class SaveResults(TypedDict):
    results: list[SaveResult]
    """One for each answer, in the order they were sent."""


class SavedResponse(TypedDict):
    item: str
    seq: int
    response: ItemResponse
    changes: int
    """How often the answer was changed."""
    active_ms: NotRequired[int | None]
    """Null where the client never told it."""
    answered: Occurred
    late: bool
    """Came after submission, so it is not scored."""


class SecretRotation(TypedDict):
    """How a client's secret is to change."""
    overlap_seconds: NotRequired[int | None]
    """How long the present secret stays good beside the new one, in seconds; 86400 unless given, 0 to end it at once."""


SecretState: TypeAlias = "str"


class ServerMetadata(TypedDict):
    """Metadata of the authorisation server (RFC 8414, section 2)."""
    issuer: str
    token_endpoint: str
    jwks_uri: str
    revocation_endpoint: str
    introspection_endpoint: str
    service_documentation: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    """None: there is no authorisation endpoint; people sign in elsewhere."""
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_signing_alg_values_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_signing_alg_values_supported: list[str]


class ShortTextKey(TypedDict):
    case_sensitive: bool
    accepted: list[AcceptedForm]
    kind: ShortTextKeyKind


class ShortTextResponse(TypedDict):
    text: str
    """1 to 200 characters. Line ends, tabs and control characters are taken out. For comparison it is normalised: compatibility
    forms and case by Unicode's NFKC_Casefold (where the item says that case counts, NFKC), nothing invisible, decimal digits
    of any script as 0 to 9, dashes, quotation marks and apostrophes as `-`, `"` and `'`, white space as single spaces, without
    quotation marks or a full stop around it; a text that is a number may have a decimal comma. No record holds it.
    """
    kind: ShortTextResponseKind


class Signal(TypedDict):
    """A signal that ties something observable to a layer: one of the built-in ones, or one of this tenant's own."""
    id: str
    own: bool
    """True for one of this tenant's own; the others are part of the program, and the same for everybody."""
    revision: NotRequired[int | None]
    """Counts every change of a tenant's own signal; null for a built-in one."""
    provider: str
    """Which provider's responses it is about; `any` for what several of them share."""
    layer: Layer
    between: list[Layer]
    """For `undetermined`: the layers that it lies between."""
    stage: Stage
    weight: float
    """How likely the layer (or one of those in `between`) is the answer where nothing else is known."""
    when: SignalCondition
    instead_of: list[str]
    """Ids of more general signals that say nothing more where this one fires."""
    meaning: str
    """What it means."""
    owner: NotRequired[Owner | None]
    next_step: NotRequired[str | None]
    """The next legitimate step; null where it is the layer's usual one."""
    would_change: NotRequired[str | None]
    """What would change the verdict; null where it is what usually would."""
    collect: NotRequired[str | None]
    """For `undetermined`: the one observation that would decide."""
    sources: list[SourceRef]
    """Where it is documented or was reported."""
    unconfirmed: NotRequired[Unconfirmed | None]
    reviewed_on: str
    """When somebody last held it against its sources."""
    examples: NotRequired[SignalExamples | None]
    updated_at: NotRequired[str | None]
    """When a tenant's own signal was last changed; null for a built-in one."""


class SignalCondition(TypedDict):
    """All of `all`, at least one of `any` (where there are some), none of `none`."""
    all: NotRequired[list[SignalMatcher]]
    any: NotRequired[list[SignalMatcher]]
    none: NotRequired[list[SignalMatcher]]


class SignalExamples(TypedDict):
    """Evidence on which a signal fires, and similar evidence on which it does not. The tests run both."""
    positive: list[Evidence]
    negative: list[Evidence]


class SignalMatcher(TypedDict):
    """One thing that can be observed. Exactly one of `pointer`, `code`, `phrase`, `status`, `header`, `output` and `provider`."""
    pointer: NotRequired[str | None]
    """A JSON pointer (RFC 6901) whose segments may also be `*` (any one name or index). It is held against the end of each
    path, so `/error/code` is also found below `/response`; case, `_` and `-` of names do not count.
    """
    value: NotRequired[Any]
    """With `pointer` or `header`: the value is just this, upper and lower case alike."""
    pattern: NotRequired[str | None]
    """With `pointer` or `header`: the value has a match of this regular expression (linear time, upper and lower case alike)."""
    filled: NotRequired[bool | None]
    """With `pointer`: it is there and not empty (true), or it is there and null, "", [] or {} (false)."""
    code: NotRequired[str | None]
    """The value of any member, whatever its name, or a whole word of text that is not JSON; for identifiers such as
    `content_filter`.
    """
    phrase: NotRequired[str | None]
    """Words of a message, as they stand; upper and lower case and white space do not count, and `*` is anything up to 80
    characters. Looked for in error messages, logs and what a person saw, not in what a model answered.
    """
    status: NotRequired[list[int] | None]
    """The HTTP status is one of these."""
    header: NotRequired[str | None]
    """A header of this name, alone or with `value` or `pattern`."""
    output: NotRequired[OutputIn | None]
    provider: NotRequired[str | None]
    """The provider that the evidence names, by the name of its file."""


class SignalPage(TypedDict):
    items: list[Signal]
    """In the order of their ids."""
    unreadable: NotRequired[list[UnreadableSignal]]
    """This tenant's own signals that are stored and cannot be read, because the database is damaged: on every page. Left out where
    all is well.
    """
    next_cursor: NotRequired[str | None]


class SignalPut(TypedDict):
    """A signal of a tenant's own. It is held to the rules of the built-in ones: it must fire on its positive examples, and on
    none of its negative ones.
    """
    provider: str
    """Which provider's responses it is about, in lower case, such as the name of a gateway; `any` for no one in particular."""
    layer: Layer
    between: NotRequired[list[Layer]]
    """For `undetermined`: the layers that it lies between."""
    stage: Stage
    weight: float
    """How likely the layer (or one of those in `between`) is the answer where nothing else is known."""
    when: SignalCondition
    instead_of: NotRequired[list[str]]
    """Ids of the tenant's own, more general signals that say nothing more where this one fires."""
    meaning: str
    """What it means, in one or two sentences."""
    owner: NotRequired[Owner | None]
    next_step: NotRequired[str | None]
    """The next legitimate step, where it is more special than the layer's."""
    would_change: NotRequired[str | None]
    """What would change the verdict, where it is more special than the layer's."""
    collect: NotRequired[str | None]
    """For `undetermined`: the one observation that would decide."""
    sources: list[SignalSource]
    reviewed_on: str
    """When somebody last held it against its sources."""
    examples: SignalExamples


class SignalSource(TypedDict):
    """Where a tenant's own signal is documented."""
    title: str
    url: NotRequired[str | None]
    """Begins with `https://` or `http://`."""
    reviewed_on: str


class SignalsPart(TypedDict):
    """The built-in signals with the examples on which each must and must not fire, which are test vectors for a diagnosis
    without a network.
    """
    signals: list[Signal]
    """In the order of their ids."""
    layers: list[LayerAdvice]
    """What holds for a layer where a signal says nothing of its own."""


class SigningKeys(TypedDict):
    """The keys that sign access tokens."""
    items: list[KeyShown]
    """The newest first. There are ten at most."""


class SingleChoiceKey(TypedDict):
    option: str
    kind: SingleChoiceKeyKind


class SingleChoiceResponse(TypedDict):
    option: str
    """The id of the chosen option; never its position."""
    kind: SingleChoiceResponseKind


class SourceRef(TypedDict):
    """Where a rule is documented or was reported."""
    title: str
    url: NotRequired[str | None]
    reviewed_on: str


Stage: TypeAlias = "str"


class Started(TypedDict):
    at: ClientTime


class StepsBlock(TypedDict):
    id: str
    title: RichText
    steps: list[RichText]
    type: StepsBlockType


class Submission(TypedDict):
    """One learner's work on an exercise. Parts that are not there yet are null."""
    id: ResourceId
    learner: ResourceId
    lesson: str
    version: str
    """The digest of the version that it is pinned to."""
    exercise: str
    language: str
    context: NotRequired[PlacementContext | None]
    state: str
    """`draft`, `submitted`, `returned` or `reviewed`; more may come."""
    revision: int
    """Counts every change of content and state; the ETag."""
    case: NotRequired[str | None]
    evidence: NotRequired[Evidence | None]
    diagnosis: NotRequired[Diagnosis | None]
    reframe: NotRequired[Reframe | None]
    escalation: NotRequired[Escalation | None]
    masked: list[Masked]
    """Where placeholders stand for what was masked."""
    feedback: NotRequired[Feedback | None]
    scores: NotRequired[list[CriterionScore] | None]
    """The points of each criterion of the rubric, in its order: what the service gave, what people gave, and which counts. Null
    before the first submission, and in lists, where reading one submission gives them.
    """
    total: NotRequired[float | None]
    """The sum of what counts in `scores`, at most three decimals; a criterion that nobody scored yet adds nothing. Null where
    `scores` is.
    """
    submitted_at: NotRequired[str | None]
    created_at: str
    updated_at: str
    unreadable: NotRequired[list[str]]
    """Parts that are stored and cannot be read, because the database is damaged; they are null or empty here. Left out where all is
    well.
    """


class SubmissionLimits(TypedDict):
    """In characters, but for `list_entries`."""
    short_text: int
    """Names, channels, short answers."""
    prose: int
    """What a person writes."""
    pasted: int
    """What a person pastes."""
    list_entries: int


class SubmissionPage(TypedDict):
    items: list[Submission]
    """The oldest first."""
    next_cursor: NotRequired[str | None]


class SubmissionPut(TypedDict):
    """A submission, whole or in part: all four parts may be missing while it is a draft."""
    learner: NotRequired[LearnerRef | None]
    lesson: str
    """Slug or alias."""
    version: NotRequired[str | None]
    """The digest of the version that the learner saw; absent means the newest."""
    language: NotRequired[str | None]
    """BCP 47; absent means the lesson's default."""
    exercise: NotRequired[str | None]
    """The id of the version's exercise; absent means that one."""
    case: NotRequired[str | None]
    """The sample case that the work is about, for a learner without a refusal of their own."""
    context: NotRequired[PlacementContext | None]
    evidence: NotRequired[Evidence | None]
    diagnosis: NotRequired[Diagnosis | None]
    reframe: NotRequired[Reframe | None]
    escalation: NotRequired[Escalation | None]
    started: NotRequired[Started | None]
    sent_at: NotRequired[ClientTime | None]
    submit: NotRequired[bool]
    """Submit after saving."""


Submit: TypeAlias = "bool | DespiteRefusals"


class TableBlock(TypedDict):
    id: str
    caption: RichText
    columns: list[RichText]
    rows: list[list[RichText]]
    """Each row has as many cells as there are columns."""
    type: TableBlockType


class TenantPage(TypedDict):
    """A page of tenants."""
    items: list[Organisation]
    """In the order of their names."""
    next_cursor: NotRequired[str | None]
    """Send it as `cursor` for the next page; null on the last one."""


class TenantPut(TypedDict):
    """What a tenant is to be."""
    name: str
    """Lower-case letters, digits and hyphens; no other tenant has it."""


class TenantQuota(TypedDict):
    """One quota of a tenant, and what the tenant has of it."""
    set: NotRequired[int | None]
    """What was set for this tenant; null where the installation's default holds, 0 where there is to be no limit."""
    limit: NotRequired[int | None]
    """The limit in force; null where there is none."""
    used: NotRequired[int | None]
    """How much the tenant has of it now. Null for records while there is no limit: they are counted from when there is one."""


class TermRef(TypedDict):
    id: str
    term: str
    """In plain text."""


class TextBlock(TypedDict):
    id: str
    text: RichText
    type: TextBlockType


class TokenAnswer(TypedDict):
    access_token: str
    """A JWT in the shape of RFC 9068; treat it as opaque."""
    token_type: str
    """`Bearer`"""
    expires_in: int
    """Seconds until it expires."""
    scope: str
    """The scopes that were granted, separated by spaces."""
    issued_token_type: NotRequired[str | None]
    """What was issued in exchange (RFC 8693, section 2.2.1): an access token."""
    refresh_token: NotRequired[str | None]
    """What the next access token is asked for with, once; only for people who signed in at an issuer."""


class TokenForm(TypedDict):
    """The form of a token request; which members are needed depends on `grant_type`. Unknown parameters are ignored (RFC 6749, section
    3.2). The client proves who it is in one way: HTTP Basic, `client_secret`, or `client_assertion`.
    """
    grant_type: NotRequired[str | None]
    """`client_credentials`, `urn:ietf:params:oauth:grant-type:token-exchange` or `refresh_token`"""
    client_id: NotRequired[str | None]
    """With a secret in the form."""
    client_secret: NotRequired[str | None]
    client_assertion_type: NotRequired[str | None]
    """`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`"""
    client_assertion: NotRequired[str | None]
    """A JWT that the client signed (RFC 7523): `iss` and `sub` are the client's id, `aud` is the issuer or the URL of this operation,
    `exp` at most 5 minutes ahead, `jti` used once.
    """
    scope: NotRequired[str | None]
    """Scopes separated by spaces; absent means all that there may be."""
    subject_token: NotRequired[str | None]
    """Exchange: whom the token is to be for, as `subject_token_type` says."""
    subject_token_type: NotRequired[str | None]
    """`urn:waymark:token-type:learner` (a learner's id), `urn:waymark:token-type:learner-identity` (JSON with `system` and `id`),
    `urn:waymark:token-type:staff` (a UUID of the client's choice), `urn:ietf:params:oauth:token-type:id_token` or
    `urn:ietf:params:oauth:token-type:jwt` (a token of an identity provider that the tenant registered; no `tokens:issue` is needed), or `urn:ietf:params:oauth:token-type:access_token` (a token that
    this client has, to get one with fewer scopes).
    """
    requested_token_type: NotRequired[str | None]
    """`urn:ietf:params:oauth:token-type:access_token`, or absent."""
    refresh_token: NotRequired[str | None]
    """With `refresh_token`: the one that was given last."""


Trial: TypeAlias = "str"


class Unconfirmed(TypedDict):
    """That nothing of the provider's own, neither documentation nor code, names a signal."""
    on: str
    """When somebody last looked."""
    why: str
    """What is missing, and what it rests on instead."""


class UnreadableSignal(TypedDict):
    """What is known of a signal that cannot be read."""
    id: str
    revision: int
    updated_at: str


Verdict: TypeAlias = "str"


class VersionList(TypedDict):
    items: list[VersionSummary]
    """The newest first; every version that was ever published."""
    next_cursor: NotRequired[str | None]
    """Always null for now: the whole list is one page."""


class VersionSummary(TypedDict):
    version: str
    revision: int
    languages: list[str]
    published_at: str


class Withdrawal(TypedDict):
    """A lesson that was withdrawn."""
    slug: str
    version: str
    """The newest version, with which all before it are withdrawn."""
    revision: int
    withdrawn_at: str


ZipBytes: TypeAlias = "str"


class AuthoredBlockHeading(TypedDict):
    id: str
    level: int
    text: LanguageMap
    type: AuthoredBlockHeadingType


class AuthoredBlockText(TypedDict):
    id: str
    text: LanguageMap
    type: AuthoredBlockTextType


class AuthoredBlockTable(TypedDict):
    id: str
    caption: LanguageMap
    columns: list[LanguageMap]
    rows: list[list[LanguageMap]]
    type: AuthoredBlockTableType


class AuthoredBlockCallout(TypedDict):
    id: str
    tone: AuthoredTone
    title: LanguageMap
    text: LanguageMap
    type: AuthoredBlockCalloutType


class AuthoredBlockEvidence(TypedDict):
    id: str
    media_type: str
    description: LanguageMap
    content: str
    type: AuthoredBlockEvidenceType


class AuthoredBlockSteps(TypedDict):
    id: str
    title: LanguageMap
    steps: list[LanguageMap]
    type: AuthoredBlockStepsType


class AuthoredBlockImage(TypedDict):
    id: str
    media_type: str
    data_base64: str
    alt: LanguageMap
    type: AuthoredBlockImageType


class PrincipalLearner(TypedDict):
    id: ResourceId
    type: PrincipalLearnerType


class PrincipalStaff(TypedDict):
    id: ResourceId
    type: PrincipalStaffType


class PrincipalClient(TypedDict):
    id: ResourceId
    type: PrincipalClientType


class AuthoredItemSingleChoice(TypedDict):
    """One best option."""
    key: str
    """The id of the one best option."""
    options: list[AuthoredOption]
    kind: AuthoredItemSingleChoiceKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


class AuthoredItemMultipleResponse(TypedDict):
    """Every option that holds, and no other."""
    key: list[str]
    """The ids of all right options, at least one."""
    scoring: AuthoredScoring
    options: list[AuthoredOption]
    kind: AuthoredItemMultipleResponseKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


class AuthoredItemOrdering(TypedDict):
    """Options to be put into order."""
    key: list[str]
    """The ids of all options in the right order."""
    scoring: AuthoredScoring
    options: list[AuthoredOption]
    """In the order in which they show where options are not shuffled, so not in that of the key. A rationale says why the
    option stands where it does.
    """
    kind: AuthoredItemOrderingKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


class AuthoredItemMatching(TypedDict):
    """One choice for each prompt, for example a layer for each sign."""
    scoring: AuthoredScoring
    prompts: list[AuthoredPrompt]
    choices: list[AuthoredChoice]
    """What prompts are matched to; a choice may fit several prompts or none."""
    kind: AuthoredItemMatchingKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


class AuthoredItemShortText(TypedDict):
    """A word or a short phrase, compared after normalisation (see `attempts/grading`)."""
    case_sensitive: NotRequired[bool]
    """Whether `A` and `a` are different answers."""
    accepted: list[AuthoredForm]
    """The first is shown as the right answer."""
    rationale: LanguageMap
    mistakes: NotRequired[list[AuthoredMistake]]
    """Wrong answers to be expected, each with its reason."""
    kind: AuthoredItemShortTextKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


class AuthoredItemNumeric(TypedDict):
    """A number."""
    key: float
    tolerance: float
    """How far an answer may be from the key, in the same unit; 0 for an exact count."""
    unit: NotRequired[LanguageMap | None]
    rationale: LanguageMap
    mistakes: NotRequired[list[AuthoredSlip]]
    kind: AuthoredItemNumericKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


class AuthoredItemPointAtField(TypedDict):
    """The field of a shown JSON body that decides the case, as a JSON Pointer (RFC 6901)."""
    shown: int
    """Which of the item's evidence, from 0; its content must be JSON."""
    key: list[str]
    """Every pointer that is right; the first is shown as the right answer."""
    layer: NotRequired[Layer | None]
    rationale: LanguageMap
    mistakes: NotRequired[list[AuthoredMisread]]
    kind: AuthoredItemPointAtFieldKind
    id: str
    """Stable across revisions, for example `fsc-001`."""
    revision: int
    """Raised when the meaning or the key changes."""
    objective: str
    points: float
    """Points for a right answer, at most three decimals."""
    stem: LanguageMap
    evidence: list[AuthoredEvidence]
    """What the question is about, shown word for word; at least one."""


LanguageMap: TypeAlias = "dict[str, str]"


AuthoredBlockHeadingType: TypeAlias = "Literal['heading']"


AuthoredBlockTextType: TypeAlias = "Literal['text']"


AuthoredBlockTableType: TypeAlias = "Literal['table']"


AuthoredBlockCalloutType: TypeAlias = "Literal['callout']"


AuthoredBlockEvidenceType: TypeAlias = "Literal['evidence']"


AuthoredBlockStepsType: TypeAlias = "Literal['steps']"


AuthoredBlockImageType: TypeAlias = "Literal['image']"


AuthoredItemSingleChoiceKind: TypeAlias = "Literal['single_choice']"


AuthoredItemMultipleResponseKind: TypeAlias = "Literal['multiple_response']"


AuthoredItemOrderingKind: TypeAlias = "Literal['ordering']"


AuthoredItemMatchingKind: TypeAlias = "Literal['matching']"


AuthoredItemShortTextKind: TypeAlias = "Literal['short_text']"


AuthoredItemNumericKind: TypeAlias = "Literal['numeric']"


AuthoredItemPointAtFieldKind: TypeAlias = "Literal['point_at_field']"


HeadingBlockType: TypeAlias = "Literal['heading']"


TextBlockType: TypeAlias = "Literal['text']"


TableBlockType: TypeAlias = "Literal['table']"


CalloutBlockType: TypeAlias = "Literal['callout']"


EvidenceBlockType: TypeAlias = "Literal['evidence']"


StepsBlockType: TypeAlias = "Literal['steps']"


ImageBlockType: TypeAlias = "Literal['image']"


SingleChoiceResponseKind: TypeAlias = "Literal['single_choice']"


MultipleResponseResponseKind: TypeAlias = "Literal['multiple_response']"


OrderingResponseKind: TypeAlias = "Literal['ordering']"


MatchingResponseKind: TypeAlias = "Literal['matching']"


ShortTextResponseKind: TypeAlias = "Literal['short_text']"


NumericResponseKind: TypeAlias = "Literal['numeric']"


PointAtFieldResponseKind: TypeAlias = "Literal['point_at_field']"


SingleChoiceKeyKind: TypeAlias = "Literal['single_choice']"


MultipleResponseKeyKind: TypeAlias = "Literal['multiple_response']"


OrderingKeyKind: TypeAlias = "Literal['ordering']"


MatchingKeyKind: TypeAlias = "Literal['matching']"


ShortTextKeyKind: TypeAlias = "Literal['short_text']"


NumericKeyKind: TypeAlias = "Literal['numeric']"


PointAtFieldKeyKind: TypeAlias = "Literal['point_at_field']"


PrincipalLearnerType: TypeAlias = "Literal['learner']"


PrincipalStaffType: TypeAlias = "Literal['staff']"


PrincipalClientType: TypeAlias = "Literal['client']"


# What operations take and give, under names that stay when a schema gets another one.

RevokeTokenAnswer: TypeAlias = "Revoked"
RevokeTokenBody: TypeAlias = "bytes"
IntrospectTokenAnswer: TypeAlias = "Introspection"
IntrospectTokenBody: TypeAlias = "bytes"
ReadServerMetadataAnswer: TypeAlias = "ServerMetadata"
JwksAnswer: TypeAlias = "Jwks"
HealthzAnswer: TypeAlias = "Health"
ReadyzAnswer: TypeAlias = "Health"
OpenapiJsonAnswer: TypeAlias = "dict[str, Any]"
ListCoursesAnswer: TypeAlias = "CourseList"
ReadCourseAnswer: TypeAlias = "Course"
PutCourseAnswer: TypeAlias = "OwnCourse"
PutCourseBody: TypeAlias = "CoursePut"
ReadGlossaryAnswer: TypeAlias = "Glossary | str"
ReadFieldGuideAnswer: TypeAlias = "FieldGuide | str"
ReadBundleAnswer: TypeAlias = "BundleManifest"
ReadBundleArchiveAnswer: TypeAlias = "bytes"
ReadBundlePartAnswer: TypeAlias = "BundlePartContent"
ListLessonsAnswer: TypeAlias = "LessonList"
ReadLessonAnswer: TypeAlias = "Lesson"
ListLessonVersionsAnswer: TypeAlias = "VersionList"
ReadQuizAnswer: TypeAlias = "Quiz"
ReadExerciseAnswer: TypeAlias = "Exercise"
ReadLessonPackageAnswer: TypeAlias = "bytes | PackageReport"
ReadCoursePackageAnswer: TypeAlias = "bytes | PackageReport"
ImportPackageAnswer: TypeAlias = "ImportedPackage"
ImportPackageBody: TypeAlias = "bytes"
ReadSourceAnswer: TypeAlias = "LessonSource"
WithdrawLessonAnswer: TypeAlias = "Withdrawal"
ListDraftsAnswer: TypeAlias = "DraftPage"
ReadDraftAnswer: TypeAlias = "LessonDraft"
PutDraftAnswer: TypeAlias = "LessonDraft"
PutDraftBody: TypeAlias = "LessonContent"
DeleteDraftAnswer: TypeAlias = "None"
ValidateDraftAnswer: TypeAlias = "DraftReport"
PreviewDraftAnswer: TypeAlias = "DraftPreview"
PublishDraftAnswer: TypeAlias = "Publication"
ListIssuersAnswer: TypeAlias = "IssuerList"
ReadIssuerAnswer: TypeAlias = "Issuer"
PutIssuerAnswer: TypeAlias = "Issuer"
PutIssuerBody: TypeAlias = "IssuerPut"
DeleteIssuerAnswer: TypeAlias = "None"
ListPersonalTokensAnswer: TypeAlias = "PersonalTokenPage"
ReadPersonalTokenAnswer: TypeAlias = "PersonalToken"
PutPersonalTokenAnswer: TypeAlias = "PersonalToken"
PutPersonalTokenBody: TypeAlias = "NewPersonalToken"
DeletePersonalTokenAnswer: TypeAlias = "None"
ListLearnersAnswer: TypeAlias = "LearnerPage"
CreateLearnerAnswer: TypeAlias = "Learner"
CreateLearnerBody: TypeAlias = "NewLearner"
PutLearnerByIdentityAnswer: TypeAlias = "Learner"
PutLearnerByIdentityBody: TypeAlias = "LearnerChange"
ReadLearnerAnswer: TypeAlias = "Learner"
ReadProgressAnswer: TypeAlias = "LearnerProgress"
IssueLearnerTokenAnswer: TypeAlias = "TokenAnswer"
IssueLearnerTokenBody: TypeAlias = "PersonToken"
ListIdentitiesAnswer: TypeAlias = "LearnerIdentities"
PutIdentityAnswer: TypeAlias = "LearnerIdentity"
PutIdentityBody: TypeAlias = "IdentityRef"
RemoveLearnerIdentityAnswer: TypeAlias = "None"
DeactivateLearnerAnswer: TypeAlias = "Learner"
ReactivateLearnerAnswer: TypeAlias = "Learner"
PutClaimAnswer: TypeAlias = "LearnerMerge"
PutClaimBody: TypeAlias = "ClaimPut"
UndoClaimAnswer: TypeAlias = "LearnerMerge"
ListLearnerMergesAnswer: TypeAlias = "LearnerMergePage"
ReadLearnerMergeAnswer: TypeAlias = "LearnerMerge"
PutLearnerMergeAnswer: TypeAlias = "LearnerMerge"
PutLearnerMergeBody: TypeAlias = "LearnerMergePut"
UndoLearnerMergeAnswer: TypeAlias = "LearnerMerge"
SignOutLearnerAnswer: TypeAlias = "None"
SignOutStaffAnswer: TypeAlias = "None"
IssueStaffTokenAnswer: TypeAlias = "TokenAnswer"
IssueStaffTokenBody: TypeAlias = "PersonToken"
ListCohortsAnswer: TypeAlias = "CohortPage"
ReadCohortAnswer: TypeAlias = "Cohort"
PutCohortAnswer: TypeAlias = "Cohort"
PutCohortBody: TypeAlias = "CohortPut"
DeleteCohortAnswer: TypeAlias = "None"
ImportRosterAnswer: TypeAlias = "RosterImport"
ImportRosterBody: TypeAlias = "bytes"
ListCohortLearnersAnswer: TypeAlias = "CohortLearnerPage"
PutCohortLearnerAnswer: TypeAlias = "None"
RemoveCohortLearnerAnswer: TypeAlias = "None"
PutCohortInstructorAnswer: TypeAlias = "None"
RemoveCohortInstructorAnswer: TypeAlias = "None"
ListAttemptsAnswer: TypeAlias = "AttemptPage"
StartAttemptAnswer: TypeAlias = "Attempt"
StartAttemptBody: TypeAlias = "AttemptPut"
ReadAttemptAnswer: TypeAlias = "Attempt"
PutAttemptAnswer: TypeAlias = "Attempt"
PutAttemptBody: TypeAlias = "AttemptPut"
PutResponsesAnswer: TypeAlias = "SaveResults"
PutResponsesBody: TypeAlias = "ResponsesPut"
PutResponseAnswer: TypeAlias = "SaveResult"
PutResponseBody: TypeAlias = "OneResponsePut"
SubmitAttemptAnswer: TypeAlias = "Attempt"
ListGradingsAnswer: TypeAlias = "GradingList"
ListRegradesAnswer: TypeAlias = "RegradePage"
CreateRegradeAnswer: TypeAlias = "Regrade"
CreateRegradeBody: TypeAlias = "RegradePut"
ReadRegradeAnswer: TypeAlias = "Regrade"
PutRegradeAnswer: TypeAlias = "Regrade"
PutRegradeBody: TypeAlias = "RegradePut"
ListSubmissionsAnswer: TypeAlias = "SubmissionPage"
CreateSubmissionAnswer: TypeAlias = "Submission"
CreateSubmissionBody: TypeAlias = "SubmissionPut"
ReadSubmissionAnswer: TypeAlias = "Submission"
PutSubmissionAnswer: TypeAlias = "Submission"
PutSubmissionBody: TypeAlias = "SubmissionPut"
SubmitSubmissionAnswer: TypeAlias = "Submission"
ListRevisionsAnswer: TypeAlias = "RevisionPage"
ListReviewsAnswer: TypeAlias = "ReviewPage"
CreateReviewAnswer: TypeAlias = "Review"
CreateReviewBody: TypeAlias = "ReviewPost"
ListDiagnosesAnswer: TypeAlias = "KeptDiagnosisPage"
RunDiagnosisAnswer: TypeAlias = "DiagnosisResult"
RunDiagnosisBody: TypeAlias = "Evidence"
ReadDiagnosisAnswer: TypeAlias = "KeptDiagnosis"
PutDiagnosisAnswer: TypeAlias = "KeptDiagnosis"
PutDiagnosisBody: TypeAlias = "Evidence"
EraseDiagnosisAnswer: TypeAlias = "None"
ListSignalsAnswer: TypeAlias = "SignalPage"
ReadSignalAnswer: TypeAlias = "Signal"
PutSignalAnswer: TypeAlias = "Signal"
PutSignalBody: TypeAlias = "SignalPut"
DeleteSignalAnswer: TypeAlias = "None"
ListRecordsAnswer: TypeAlias = "RecordPage"
ListClientsAnswer: TypeAlias = "ClientPage"
CreateClientAnswer: TypeAlias = "RegisteredClient"
CreateClientBody: TypeAlias = "ClientPut"
ReadClientAnswer: TypeAlias = "RegisteredClient"
PutClientAnswer: TypeAlias = "RegisteredClient"
PutClientBody: TypeAlias = "ClientPut"
RotateClientSecretAnswer: TypeAlias = "RegisteredClient"
RotateClientSecretBody: TypeAlias = "SecretRotation"
DisableClientAnswer: TypeAlias = "RegisteredClient"
EnableClientAnswer: TypeAlias = "RegisteredClient"
ListTenantsAnswer: TypeAlias = "TenantPage"
ReadTenantAnswer: TypeAlias = "Organisation"
PutTenantAnswer: TypeAlias = "Organisation"
PutTenantBody: TypeAlias = "TenantPut"
SuspendTenantAnswer: TypeAlias = "Organisation"
ResumeTenantAnswer: TypeAlias = "Organisation"
ReadQuotasAnswer: TypeAlias = "QuotaReport"
PutTenantQuotasAnswer: TypeAlias = "QuotaReport"
PutTenantQuotasBody: TypeAlias = "QuotasPut"
ListKeysAnswer: TypeAlias = "SigningKeys"
RotateKeysAnswer: TypeAlias = "KeyShown"
RotateKeysBody: TypeAlias = "KeyRotation"
ListAuditEntriesAnswer: TypeAlias = "AuditPage"
ExportAuditEntriesAnswer: TypeAlias = "str"
