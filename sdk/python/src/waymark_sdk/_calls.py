"""The course of a call, without input and output: a generator that says what to do next (get a token, send, wait) and is told
what came of it. `_client` does it, with threads or with asyncio."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from ._problems import NoAnswerError, TokenRefusedError, WaymarkError, failure, parsed
from ._retries import Retries, after_failure, repeatable, takes_key


@dataclass(frozen=True)
class GetToken:
    refused: str | None = None
    """One that the service did not take."""


@dataclass(frozen=True)
class Send:
    method: str
    url: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    content: bytes | None


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Raw:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """An answer that went well. `data` is its JSON, its text or its bytes, by its content type; None where it has none."""

    status: int
    headers: Mapping[str, str]
    data: Any
    body: bytes = field(repr=False, default=b"")


Course = Generator[GetToken | Send | Wait, Any, Answer]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    parts: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Any

    def send(self) -> Send:
        headers = {name.lower(): str(value) for name, value in self.headers.items() if value is not None}
        if takes_key(self.method, self.path):
            headers.setdefault("idempotency-key", str(uuid4()))
        url = re.sub(r"\{(\w+)\}", lambda name: quote(str(self.parts[name[1]]), safe=""), self.path)
        content = None
        if isinstance(self.body, bytes):
            headers.setdefault("content-type", "application/zip")
            content = self.body
        elif self.body is not None:
            headers.setdefault("content-type", "application/json")
            content = json.dumps(self.body, ensure_ascii=False, allow_nan=False).encode()
        return Send(self.method, url, tuple(_pairs(self.query)), headers, content)


def _pairs(query: Mapping[str, Any]) -> Generator[tuple[str, str], None, None]:
    for name, value in query.items():
        values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        for one in values:
            if one is not None:
                yield name, str(one).lower() if isinstance(one, bool) else str(one)


def course(request: Request, retries: Retries, random: Callable[[], float]) -> Course:
    """Until it succeeds or should not be made again."""
    plain = request.send()
    can_repeat = repeatable(request.method, request.path, "idempotency-key" in plain.headers)
    renewed = lost = False
    # Outside of what is tried again: whoever makes tokens has tried as often as makes sense.
    token: str | None = yield GetToken()
    tried = 0
    while True:
        tried += 1
        headers = plain.headers if token is None else {**plain.headers, "authorization": f"Bearer {token}"}
        try:
            answer: Raw = yield Send(plain.method, plain.url, plain.query, headers, plain.content)
            return judged(answer)
        except WaymarkError as error:
            # What an earlier try deleted, whose answer was lost, is gone: that is what was asked for.
            if request.method == "DELETE" and lost and getattr(error, "code", None) == "not_found":
                return Answer(204, {}, None)
            lost = lost or isinstance(error, NoAnswerError)
            step = after_failure(error, tried=tried, renewed=renewed, repeatable=can_repeat, retries=retries, random=random)
            if step is None:
                raise
            if step.new_token:
                renewed = True
                other = None if token is None else (yield GetToken(token))
                # A source that has no other token would only be refused again.
                if other is None or other == token:
                    raise
                token = other
                continue
            yield Wait(step.wait)
        if not renewed:
            token = yield GetToken()


def judged(raw: Raw) -> Answer:
    """Reads an answer that went well; fails on every other one, and on what is not the service's."""
    if raw.status in (204, 304):
        return Answer(raw.status, raw.headers, None)
    if not 200 <= raw.status < 300:
        raise failure(raw.status, raw.headers, raw.body)
    kind = raw.headers.get("content-type", "")
    # Every answer of the service has its id. The portal of a wireless network says 200 to everything, in HTML.
    if "x-request-id" not in raw.headers and "html" in kind:
        raise NoAnswerError("a page without a request id: not an answer of the service", raw.status)
    if "json" not in kind:
        return Answer(raw.status, raw.headers, raw.body.decode() if kind.startswith("text/") else raw.body, raw.body)
    try:
        return Answer(raw.status, raw.headers, json.loads(raw.body), raw.body)
    except ValueError as error:
        raise NoAnswerError("an answer that is cut off") from error


@dataclass(frozen=True)
class Credentials:
    """Client credentials (RFC 6749, section 4.4)."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    """Scopes separated by spaces; all that the client has unless given."""


def token_course(form: bytes, retries: Retries, random: Callable[[], float]) -> Course:
    """Gets a token; the answer's data has `access_token` and `expires_in`."""
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    tried = 0
    while True:
        tried += 1
        try:
            raw: Raw = yield Send("POST", "/oauth/token", (), headers, form)
            body = parsed(raw.body)
            if raw.status == 200 and isinstance(body.get("access_token"), str) and "expires_in" in body:
                return Answer(raw.status, raw.headers, body)
            unclear = failure(raw.status, raw.headers, raw.body)
            if isinstance(body.get("error"), str):
                raise TokenRefusedError(body["error"], body.get("error_description", ""), raw.status, unclear.retry_after)
            raise unclear
        except WaymarkError as error:
            step = after_failure(error, tried=tried, renewed=True, repeatable=True, retries=retries, random=random)
            if step is None:
                raise
            yield Wait(step.wait)


def usable(expires_in: float) -> float:
    """A token is not used in the last part of its life: a request may be on its way for a while. Seconds."""
    return max(0.0, expires_in - min(60.0, expires_in / 10))
