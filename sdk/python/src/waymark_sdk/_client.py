"""The two clients: for threads, and for asyncio."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from inspect import isawaitable
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import httpx

from ._calls import Answer, Course, Credentials, GetToken, Raw, Request, Send, Wait, course, token_course, usable
from ._generated.models import ListRecordsAnswer
from ._generated.operations import AsyncOperations, Operations
from ._problems import NoAnswerError, WaymarkError
from ._retries import Retries, backoff

TokenSource = Callable[[str | None], str]
"""Gives a token; its argument is one that the service did not take, if there was one."""
AsyncTokenSource = Callable[[str | None], "str | Awaitable[str]"]


class _Base:
    def __init__(self, url: str, token: Any, credentials: Credentials | None, retries: Retries, timeout: float) -> None:
        if token is not None and credentials is not None:
            raise TypeError("give a token or credentials, not both")
        self.url = url.rstrip("/")
        self._token = token
        self._credentials = credentials
        self._retries = retries
        self._timeout = timeout
        self._kept: tuple[str, float] | None = None
        self._random = random.random
        self._now = time.monotonic

    def _valid(self, refused: str | None) -> str | None:
        if self._kept and self._kept[0] != refused and self._kept[1] > self._now():
            return self._kept[0]
        return None

    def _asking(self) -> Course:
        assert self._credentials
        own = self._credentials
        form = {"grant_type": "client_credentials", "client_id": own.client_id, "client_secret": own.client_secret}
        if own.scope is not None:
            form["scope"] = own.scope
        return token_course(urlencode(form).encode(), self._retries, self._random)

    def _keep(self, answer: Answer) -> str:
        token: str = answer.data["access_token"]
        self._kept = (token, self._now() + usable(answer.data["expires_in"]))
        return token

    def _course(self, method: str, url: str, /, **parts: Any) -> Course:
        made = Request(
            method,
            url,
            parts.get("path") or {},
            parts.get("query") or {},
            parts.get("header") or {},
            parts.get("body"),
        )
        return course(made, self._retries, self._random)


def _no_answer(error: httpx.HTTPError) -> NoAnswerError:
    return NoAnswerError(f"no answer: {error!r}")


class Waymark(Operations, _Base):
    """A client. Has a method for each operation of the contract, and may be used by several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        token: str | TokenSource | None = None,
        credentials: Credentials | None = None,
        retries: Retries = Retries(),  # noqa: B008 (it cannot be changed)
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`timeout`: seconds for one try, between two pieces of it. Give `token` or `credentials`."""
        _Base.__init__(self, url, token, credentials, retries, timeout)
        self._http = httpx.Client(base_url=self.url, timeout=timeout, transport=transport)
        self._lock = threading.Lock()
        self._sleep = sleep

    def __enter__(self) -> Waymark:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """Any call, with status and headers: for `If-None-Match` (304 has no data), say. `url` is as in the contract."""
        return self._run(self._course(method, url, path=path, query=query, header=header, body=body))

    def feed(
        self,
        *,
        after: str | None = None,
        kind: str | None = None,
        learner: str | None = None,
        lesson: str | None = None,
        limit: int | None = None,
        every: float | None = None,
    ) -> Iterator[ListRecordsAnswer]:
        """The records, page by page as they are asked for. Keep `next_cursor` together with what you made of the records, in
        one step, and go on with `after`. With `every` it goes on for ever: asks again so many seconds after the end of
        the log was reached, and after any break; else it ends where the log does."""
        failed = 0
        while True:
            try:
                page = self.list_records(after=after, kind=kind, learner=learner, lesson=lesson, limit=limit)
            except WaymarkError as error:
                if every is None or not error.temporary:
                    raise
                failed += 1
                self._sleep((error.retry_after or 0) + backoff(failed, 1, 60, self._random))
                continue
            failed = 0
            after = page["next_cursor"]
            yield page
            if page["has_more"]:
                continue
            if every is None:
                return
            self._sleep(every * (0.75 + self._random() / 2))

    def _call(self, method: str, url: str, **parts: Any) -> Any:
        return self._run(self._course(method, url, **parts)).data

    def _items(self, method: str, url: str, **parts: Any) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = self._call(method, url, **{**parts, "query": {**parts.get("query", {}), "cursor": cursor}})
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def _run(self, steps: Course) -> Answer:
        try:
            step = next(steps)
            while True:
                try:
                    came = self._do(step)
                except WaymarkError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(came)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    def _do(self, step: GetToken | Send | Wait) -> Any:
        if isinstance(step, Wait):
            return self._sleep(step.seconds)
        if isinstance(step, GetToken):
            return self._own_token(step.refused)
        try:
            answer = self._http.request(step.method, step.url, params=step.query, headers=step.headers, content=step.content)
        except httpx.HTTPError as error:
            raise _no_answer(error) from error
        return Raw(answer.status_code, answer.headers, answer.content)

    def _own_token(self, refused: str | None) -> str | None:
        if self._credentials is None:
            given: str | None = self._token(refused) if callable(self._token) else self._token
            return given
        # One asks, the others wait for what it gets.
        with self._lock:
            return self._valid(refused) or self._keep(self._run(self._asking()))


class AsyncWaymark(AsyncOperations, _Base):
    """A client for asyncio, with the same methods to be awaited."""

    def __init__(
        self,
        url: str,
        *,
        token: str | AsyncTokenSource | None = None,
        credentials: Credentials | None = None,
        retries: Retries = Retries(),  # noqa: B008 (it cannot be changed)
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """See `Waymark`."""
        _Base.__init__(self, url, token, credentials, retries, timeout)
        self._http = httpx.AsyncClient(base_url=self.url, timeout=timeout, transport=transport)
        self._lock = asyncio.Lock()
        self._sleep = sleep

    async def __aenter__(self) -> AsyncWaymark:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """See `Waymark.request`."""
        return await self._run(self._course(method, url, path=path, query=query, header=header, body=body))

    async def feed(
        self,
        *,
        after: str | None = None,
        kind: str | None = None,
        learner: str | None = None,
        lesson: str | None = None,
        limit: int | None = None,
        every: float | None = None,
    ) -> AsyncIterator[ListRecordsAnswer]:
        """See `Waymark.feed`."""
        failed = 0
        while True:
            try:
                page = await self.list_records(after=after, kind=kind, learner=learner, lesson=lesson, limit=limit)
            except WaymarkError as error:
                if every is None or not error.temporary:
                    raise
                failed += 1
                await self._sleep((error.retry_after or 0) + backoff(failed, 1, 60, self._random))
                continue
            failed = 0
            after = page["next_cursor"]
            yield page
            if page["has_more"]:
                continue
            if every is None:
                return
            await self._sleep(every * (0.75 + self._random() / 2))

    async def _call(self, method: str, url: str, **parts: Any) -> Any:
        return (await self._run(self._course(method, url, **parts))).data

    async def _items(self, method: str, url: str, **parts: Any) -> AsyncIterator[Any]:
        cursor: str | None = None
        while True:
            page = await self._call(method, url, **{**parts, "query": {**parts.get("query", {}), "cursor": cursor}})
            for item in page["items"]:
                yield item
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    async def _run(self, steps: Course) -> Answer:
        try:
            step = next(steps)
            while True:
                try:
                    came = await self._do(step)
                except WaymarkError as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(came)
        except StopIteration as end:
            answer: Answer = end.value
            return answer

    async def _do(self, step: GetToken | Send | Wait) -> Any:
        if isinstance(step, Wait):
            return await self._sleep(step.seconds)
        if isinstance(step, GetToken):
            return await self._own_token(step.refused)
        try:
            answer = await self._http.request(
                step.method, step.url, params=step.query, headers=step.headers, content=step.content
            )
        except httpx.HTTPError as error:
            raise _no_answer(error) from error
        return Raw(answer.status_code, answer.headers, answer.content)

    async def _own_token(self, refused: str | None) -> str | None:
        if self._credentials is None:
            given: Any = self._token(refused) if callable(self._token) else self._token
            token: str | None = await given if isawaitable(given) else given
            return token
        async with self._lock:
            return self._valid(refused) or self._keep(await self._run(self._asking()))
