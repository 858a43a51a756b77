"""What the LMS and Waymark agree on without asking each other: the id of an attempt, and which items it shows."""

import hashlib
import json
from collections.abc import Iterable
from uuid import UUID

from waymark_client.models import Drawn, Quiz


def attempt_id(system: str, user: str, quiz: str, number: int) -> UUID:
    """The same attempt always gets the same id, so that bringing it again is the same request again.

    SHA-256 of the JSON array [system, user, quiz, number] (JSON, so that no two different arrays read the same), of
    that the first 16 bytes, with version and variant set as in a random UUID (RFC 9562, version 4).
    """
    name = json.dumps([system, user, quiz, number])
    return UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)


def draw(quiz: Quiz, attempt: UUID) -> list[Drawn]:
    """`sha256-v1`: items and options in the order in which this attempt shows them, out of the quiz's bank."""
    rule = quiz.order
    if rule.algorithm != "sha256-v1":
        raise ValueError(f"this LMS does not know the order {rule.algorithm}")

    def shuffled(ids: Iterable[str], *before: str) -> list[str]:
        return sorted(ids, key=lambda own: hashlib.sha256("\n".join([*before, own]).encode()).digest())

    place = (quiz.version, str(attempt))
    options = {item.id: [option.id for option in item.options] for item in quiz.items}
    items = shuffled(options, *place) if rule.shuffle_items else list(options)
    return [
        Drawn(item, shuffled(options[item], *place, item) if rule.shuffle_options else options[item])
        for item in items[: rule.draw]
    ]
