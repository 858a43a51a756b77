"""Stands in for the learning management system: what its own database would tell about last night.

Thirty people, each with one or two finished attempts. Everything here follows from the user's number and the quiz, so
that asking twice gives the same rows, as a database would. Answers are kept as the LMS's quiz page made them: as the
JSON of the API, each of its item's kind.
"""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from waymark_sdk import draw

Json = dict[str, Any]

SYSTEM = "https://moodle.example.edu"
USERS = range(101, 131)

# What most people answer, right or wrong. An item that is not listed is answered at random.
USUAL: dict[str, Any] = {
    "fsc-001": "system", "fsc-002": "pre", "fsc-003": "pre", "fsc-004": "message", "fsc-005": "topic-out",
    "fsc-006": "trained", "fsc-007": "verify", "fsc-008": "budget", "fsc-009": "region", "fsc-010": "quota",
    "fsc-011": "paste", "fsc-012": "invoices", "fsc-013": "log", "fsc-014": "id", "fsc-015": "person",
    "fsc-016": "/choices/0/message/refusal", "fsc-017": "/candidates/0/safetyRatings/0/probability",
    "fsc-018": ["body", "clock", "tries", "shown"], "fsc-020": "insufficient_quota", "fsc-021": 7,
    "fsc-019": {"trace": "guard-out", "denied": "account", "pair": "agency", "throttle": "account", "prose": "labs"},
    "fsc-022": {"key": True, "org": True, "request": False, "date": False, "prompt": False, "code": False},
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    item: str
    response: Json
    at: datetime
    active: timedelta


@dataclass(frozen=True)
class FinishedAttempt:
    id: UUID
    version: str
    """Of the quiz that the page showed: later there may be a newer one, which draws other items."""
    user: str
    number: int
    started: datetime
    submitted: datetime
    answers: list[Answer]


def attempt_id(system: str, user: str, quiz: str, number: int) -> UUID:
    """The same attempt always gets the same id, so that bringing it again is the same request again.

    SHA-256 of the JSON array [system, user, quiz, number] (JSON, so that no two different arrays read the same), of
    that the first 16 bytes, with version and variant set as in a random UUID (RFC 9562, version 4).
    """
    name = json.dumps([system, user, quiz, number])
    return UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)


def finished_attempts(quiz: Json) -> Iterator[FinishedAttempt]:
    """Last night's attempts on a quiz."""
    evening = datetime.combine(datetime.now(UTC).date() - timedelta(days=1), time(18), UTC)
    for user in USERS:
        for number in range(1, 3 if user % 3 == 0 else 2):
            yield _attempt(quiz, str(user), number, evening + timedelta(minutes=user, hours=2 * number - 2))


def _attempt(quiz: Json, user: str, number: int, started: datetime) -> FinishedAttempt:
    own_id = attempt_id(SYSTEM, user, quiz["iri"], number)
    dice = random.Random(f"{user}/{number}")
    care = 0.35 + 0.5 * dice.random() + 0.1 * number
    bank = {item["id"]: item for item in quiz["items"]}
    now = started
    answers = []
    for drawn in draw(quiz, own_id):
        active = timedelta(seconds=dice.randint(8, 90))
        now += active
        answers.append(Answer(drawn["item"], _response(bank[drawn["item"]], drawn, dice, care), now, active))
    return FinishedAttempt(own_id, quiz["version"], user, number, started, now + timedelta(seconds=5), answers)


def _response(item: Json, drawn: Json, dice: random.Random, care: float) -> Json:
    """What a learner did on the page of this kind of item."""
    usual, options = USUAL.get(item["id"], {}), drawn["options"]

    def pick(likely: Any, possible: list[Any]) -> Any:
        return likely if likely in possible and dice.random() < care else dice.choice(possible)

    match item["kind"]:
        case "single_choice":
            given = {"option": pick(usual, options)}
        case "multiple_response":
            given = {"options": [option for option in options if pick(usual.get(option), [True, False])]}
        case "ordering":
            orders = [dice.sample(options, len(options)) for _ in range(3)]
            if set(usual) == set(options):
                orders.append(usual)
            given = {"options": pick(usual, orders)}
        case "matching":
            prompts = [prompt["id"] for prompt in item["prompts"]]
            given = {"pairs": [{"prompt": prompt, "choice": pick(usual.get(prompt), options)} for prompt in prompts]}
        case "short_text":
            given = {"text": pick(usual, item["evidence"][0]["content"].split())}
        case "numeric":
            given = {"value": pick(usual, list(range(1, 11)))}
        case "point_at_field":
            given = {"pointer": pick(usual, list(_pointers(json.loads(item["evidence"][item["shown"]]["content"]))))}
        case unknown:
            raise ValueError(f"this LMS has no page for items of the kind {unknown}")
    return {"kind": item["kind"], **given}


def _pointers(body: Any, at: str = "") -> Iterator[str]:
    """JSON pointers (RFC 6901) to all fields of a body, which the page shows as places to click."""
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in members:
        pointer = f"{at}/{str(name).replace('~', '~0').replace('/', '~1')}"
        yield pointer
        yield from _pointers(value, pointer)
