"""When a call is made again. Pure: the clock and the dice are the caller's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ._generated.operations import KEYED_POSTS
from ._problems import NoAnswerError, ProblemError, WaymarkError

# POST that takes no `Idempotency-Key`, because the contract says that the same call again changes nothing more.
_REPEATABLE_POSTS = frozenset(
    [
        "/v1/attempts/{id}/submit",
        "/v1/submissions/{id}/submit",
        "/v1/lessons/{slug}/withdraw",
        "/v1/drafts/{slug}/validate",
        "/v1/packages/import",
        "/v1/learners/{id}/token",
        "/v1/staff/{id}/token",
        "/oauth/token",
    ]
)


@dataclass(frozen=True)
class Retries:
    tries: int = 5
    """In all."""
    first: float = 0.25
    """Seconds before the second try; they double from there."""
    longest: float = 30.0
    """No wait is longer. Where the service asks for a longer one the call fails, and says so in `retry_after`."""


@dataclass(frozen=True)
class Step:
    wait: float
    new_token: bool = False


def takes_key(method: str, path: str) -> bool:
    return method == "POST" and path in KEYED_POSTS


def repeatable(method: str, path: str, has_key: bool) -> bool:
    """Whether a call may be made again when nobody knows whether it was done."""
    return method != "POST" or path in _REPEATABLE_POSTS or (has_key and path in KEYED_POSTS)


def after_failure(
    error: WaymarkError, *, tried: int, renewed: bool, repeatable: bool, retries: Retries, random: Callable[[], float]
) -> Step | None:
    """What to do after a failed try, the `tried`th: nothing, or the same again, after a wait, with a new token (once)."""
    # Nothing was done without a valid token, so this holds for every call.
    if isinstance(error, ProblemError) and error.retry == "new_token":
        return None if renewed else Step(0, new_token=True)
    if not error.temporary or not repeatable or tried >= retries.tries:
        return None
    if isinstance(error, NoAnswerError) and error.barred:
        return None
    asked = error.retry_after or 0
    if asked > retries.longest:
        return None
    return Step(asked + backoff(tried, retries.first, retries.longest, random))


def backoff(tried: int, first: float, longest: float, random: Callable[[], float]) -> float:
    """Between half of the wait and all of it, so that many clients that failed together do not come again together."""
    return float(min(longest, first * 2 ** min(tried - 1, 30)) * (0.5 + random() / 2))
