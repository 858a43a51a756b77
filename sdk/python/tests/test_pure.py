"""What needs no network: the drawing rule, and when a call is made again."""

import json
from pathlib import Path
from typing import Any

import pytest

from waymark_sdk import NoAnswerError, ProblemError, TokenRefusedError, draw
from waymark_sdk._retries import Retries, Step, after_failure, backoff, repeatable

VECTORS = json.loads((Path(__file__).parents[3] / "openapi/order-vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS)
def test_the_drawing_rule_agrees_with_every_published_vector(vector: dict[str, Any]) -> None:
    items = [{**item, "options": [{"id": option} for option in item["options"]]} for item in vector["items"]]
    rule = {"algorithm": vector["algorithm"], "draw": vector["draw"], "shuffle_items": True, "shuffle_options": True}
    quiz = {"version": vector["version"], "items": items, "order": rule}
    assert draw(quiz, vector["attempt"]) == vector["order"]
    assert draw(quiz, vector["attempt"].upper()) == vector["order"]


def test_a_quiz_that_is_not_shuffled_keeps_its_order_and_an_unknown_rule_is_refused() -> None:
    items = [{"id": one, "options": [{"id": "y"}, {"id": "x"}]} for one in "ba"]
    rule = {"algorithm": "sha256-v1", "draw": 1, "shuffle_items": False, "shuffle_options": False}
    assert draw({"version": "v", "items": items, "order": rule}, "a") == [{"item": "b", "options": ["y", "x"]}]
    with pytest.raises(ValueError, match="sha512-v9"):
        draw({"version": "v", "items": items, "order": {**rule, "algorithm": "sha512-v9"}}, "a")


def said(retry: str, after: float | None = None) -> ProblemError:
    return ProblemError({"status": 503, "code": "x", "retry": retry}, after)


@pytest.mark.parametrize(
    ("error", "changed", "wanted"),
    [
        (said("same_request"), {}, Step(0.125)),
        (said("after_delay"), {}, Step(0.125)),
        (said("after_delay", 7), {}, Step(7.125)),
        (said("after_delay", 86_400), {}, None),
        (said("change_request"), {}, None),
        (said("never"), {}, None),
        (said("a word of a later version"), {}, None),
        (said("new_token"), {}, Step(0, new_token=True)),
        (said("new_token"), {"renewed": True}, None),
        (said("new_token"), {"repeatable": False}, Step(0, new_token=True)),
        (NoAnswerError("cut"), {}, Step(0.125)),
        (NoAnswerError("cut"), {"repeatable": False}, None),
        (said("after_delay", 1), {"repeatable": False}, None),
        (NoAnswerError("a proxy", 502), {}, Step(0.125)),
        (NoAnswerError("a firewall", 403), {}, None),
        (said("same_request"), {"tried": 5}, None),
        (TokenRefusedError("invalid_client", "", 401), {}, None),
        (TokenRefusedError("temporarily_unavailable", "", 503), {}, Step(0.125)),
    ],
)
def test_a_failed_call_is_made_again_as_the_service_says(error: Any, changed: dict[str, Any], wanted: Any) -> None:
    call = {"tried": 1, "renewed": False, "repeatable": True, **changed}
    assert after_failure(error, **call, retries=Retries(), random=lambda: 0.0) == wanted


def test_waits_double_are_spread_and_bounded() -> None:
    assert [backoff(tried, 0.1, 1, lambda: 1.0) for tried in (1, 2, 3, 4, 5, 500)] == [0.1, 0.2, 0.4, 0.8, 1, 1]
    assert backoff(3, 0.1, 1, lambda: 0.0) == 0.2


def test_only_what_the_contract_makes_repeatable_is_repeated() -> None:
    assert repeatable("PUT", "/v1/attempts/{id}", has_key=False)
    assert repeatable("POST", "/v1/attempts", has_key=True)
    assert repeatable("POST", "/v1/attempts/{id}/submit", has_key=False)
    assert not repeatable("POST", "/v1/attempts", has_key=False)
    assert not repeatable("POST", "/v1/of-a-later-version", has_key=True)
