"""`sha256-v1`: which items an attempt shows, and in which order, follows from its id. So a client with no network draws what the
service would."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID


def draw(quiz: Mapping[str, Any], attempt: UUID | str) -> list[dict[str, Any]]:
    """The items that an attempt of this id draws from the quiz, with their `options`, in the order in which it shows them."""
    rule = quiz["order"]
    if rule["algorithm"] != "sha256-v1":
        raise ValueError(f"this program does not know the drawing rule {rule['algorithm']}")
    place = (quiz["version"], str(attempt).lower())

    def shuffled(ids: Iterable[str], *before: str) -> list[str]:
        return sorted(ids, key=lambda own: hashlib.sha256("\n".join([*before, own]).encode()).digest())

    options = {item["id"]: [option["id"] for option in item["options"]] for item in quiz["items"]}
    items = shuffled(options, *place) if rule["shuffle_items"] else list(options)
    return [
        {"item": item, "options": shuffled(options[item], *place, item) if rule["shuffle_options"] else options[item]}
        for item in items[: rule.get("draw")]
    ]
