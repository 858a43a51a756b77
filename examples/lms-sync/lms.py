"""Stands in for the learning management system: what its own database would tell about last night.

Thirty people, each with one or two finished attempts. Everything here follows from the user's number, so that asking
twice gives the same rows, as a database would.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

SYSTEM = "https://moodle.example.edu"
USERS = range(101, 131)

# What most people choose, right or wrong. An item that is not listed is answered at random.
USUAL = {
    "fsc-001": "trained", "fsc-002": "pre", "fsc-003": "pre", "fsc-004": "content", "fsc-005": "block",
    "fsc-006": "system", "fsc-007": "context", "fsc-008": "budget", "fsc-009": "region", "fsc-010": "trained",
    "fsc-011": "paste", "fsc-012": "train", "fsc-013": "reset", "fsc-014": "id", "fsc-015": "person",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    item: str
    option: str
    at: datetime
    active: timedelta


@dataclass(frozen=True)
class FinishedAttempt:
    user: str
    number: int
    started: datetime
    submitted: datetime
    answers: list[Answer]


def finished_attempts(options: dict[str, list[str]]) -> Iterator[FinishedAttempt]:
    """Last night's attempts on a quiz with these items and options."""
    evening = datetime.combine(datetime.now(UTC).date() - timedelta(days=1), time(18), UTC)
    for user in USERS:
        for number in range(1, 3 if user % 3 == 0 else 2):
            yield _attempt(user, number, evening + timedelta(minutes=user, hours=2 * number - 2), options)


def _attempt(user: int, number: int, started: datetime, options: dict[str, list[str]]) -> FinishedAttempt:
    dice = random.Random(f"{user}/{number}")
    care = 0.35 + 0.5 * dice.random() + 0.1 * number
    now = started
    answers = []
    for item, choices in options.items():
        active = timedelta(seconds=dice.randint(8, 90))
        now += active
        usual = USUAL.get(item)
        option = usual if usual in choices and dice.random() < care else dice.choice(choices)
        answers.append(Answer(item, option, now, active))
    return FinishedAttempt(str(user), number, started, now + timedelta(seconds=5), answers)
