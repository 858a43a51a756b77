"""What can go wrong with a call, as classes that a program can tell apart."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any


class WaymarkError(Exception):
    """`retry_after` is what the header `Retry-After` says, in seconds."""

    retry_after: float | None = None

    @property
    def temporary(self) -> bool:
        """Whether the same call may succeed later as it is."""
        return False


class ProblemError(WaymarkError):
    """The service said no, and why (`application/problem+json`)."""

    def __init__(self, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        super().__init__(f"{problem['code']}: {problem.get('detail', '')}")
        self.retry_after = retry_after
        self.problem = problem
        self.status: int = problem["status"]
        self.code: str = problem["code"]
        """Stable name of the failure; the service's page `/docs/errors` explains each."""
        self.detail: str = problem.get("detail", "")
        self.params: dict[str, Any] = problem.get("params", {})
        """Values for a message in the reader's own language."""
        self.errors: list[dict[str, Any]] = problem.get("errors", [])
        self.retry: str = problem["retry"]
        """`same_request`, `after_delay`, `new_token`, `change_request` or `never`; more may come."""
        self.request_id: str = problem.get("request_id", "")

    @property
    def temporary(self) -> bool:
        return self.retry in ("same_request", "after_delay", "new_token")


class NoAnswerError(WaymarkError):
    """No answer of the service came: no network, a connection that broke, a time-out, or something between that answered in
    its place. Whether the service did what was asked nobody knows. `status` is that of whatever stood between."""

    def __init__(self, message: str, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after

    @property
    def temporary(self) -> bool:
        return True

    @property
    def barred(self) -> bool:
        """Something between (a firewall, a portal) refused, and will do so again."""
        return self.status is not None and self.status < 500 and self.status != 429


class TokenRefusedError(WaymarkError):
    """`/oauth/token` gave no token (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.status = status
        self.retry_after = retry_after

    @property
    def temporary(self) -> bool:
        return self.error == "temporarily_unavailable" or self.status >= 500


def failure(status: int, headers: Mapping[str, str], body: bytes) -> ProblemError | NoAnswerError:
    """What an answer that did not go well comes to."""
    after = retry_after(headers)
    if "problem+json" in headers.get("content-type", ""):
        problem = parsed(body)
        if isinstance(problem.get("code"), str) and isinstance(problem.get("retry"), str):
            return ProblemError({**problem, "status": status}, after)
    return NoAnswerError(f"status {status} without a problem: not an answer of the service", status, after)


def parsed(body: bytes) -> dict[str, Any]:
    """A JSON object; empty where it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds or a date (RFC 9110, section 10.2.3), in seconds from now."""
    said = headers.get("retry-after")
    if said is None:
        return None
    if said.strip().isdecimal():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except ValueError:
        return None
