"""The course of a call, against a service that answers what the test tells it to; both clients take the same one."""

import asyncio
import hashlib
import inspect
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from waymark_sdk import AsyncWaymark, Bundle, Credentials, NoAnswerError, ProblemError, TokenRefusedError, Waymark

Said = Callable[[], httpx.Response]


def ok(body: Any, status: int = 200) -> Said:
    return lambda: httpx.Response(status, json=body, headers={"x-request-id": "r"})


def refusal(status: int, code: str, retry: str, **headers: str) -> Said:
    problem = {"status": status, "code": code, "retry": retry, "detail": "d", "request_id": "r", "errors": [], "params": {}}
    kind = {"content-type": "application/problem+json"}
    return lambda: httpx.Response(status, content=json.dumps(problem), headers={**kind, **headers})


def page(status: int) -> Said:
    return lambda: httpx.Response(status, html="<html>")


def cut() -> httpx.Response:
    raise httpx.ReadError("connection lost")


busy = refusal(503, "overloaded", "after_delay", **{"retry-after": "2"})
expired = refusal(401, "token_invalid", "new_token")


class Fake:
    """Gives the answers one after the other, the last one for ever; waits take no time and are written down."""

    def __init__(self, kind: type, *answers: Said, **options: Any) -> None:
        self.asked: list[httpx.Request] = []
        self.waits: list[float] = []

        def handle(request: httpx.Request) -> httpx.Response:
            self.asked.append(request)
            return answers[min(len(self.asked), len(answers)) - 1]()

        async def later(seconds: float) -> None:
            self.waits.append(seconds)

        sleep = self.waits.append if kind is Waymark else later
        self.client = kind("http://service.example/", transport=httpx.MockTransport(handle), sleep=sleep, **options)
        self.client._random = lambda: 0.0

    def do(self, call: Callable[[Any], Any]) -> Any:
        came = call(self.client)
        if inspect.isasyncgen(came):

            async def listed() -> list[Any]:
                return [one async for one in came]

            return asyncio.run(listed())
        if inspect.isgenerator(came):
            return list(came)
        return asyncio.run(came) if inspect.iscoroutine(came) else came


@pytest.fixture(params=[Waymark, AsyncWaymark])
def fake(request: pytest.FixtureRequest) -> Callable[..., Fake]:
    return lambda *answers, **options: Fake(request.param, *answers, **options)


def test_a_busy_service_is_asked_again_after_the_time_that_it_says(fake: Any) -> None:
    one = fake(busy, busy, ok({"slug": "x"}))
    assert one.do(lambda w: w.read_lesson("a b/ä", language="en")) == {"slug": "x"}
    assert one.asked[0].url.raw_path == b"/v1/lessons/a%20b%2F%C3%A4?language=en"
    assert one.waits == [2.125, 2.25]


def test_it_is_asked_five_times_in_all_and_the_last_problem_comes_out_typed(fake: Any) -> None:
    one = fake(busy)
    with pytest.raises(ProblemError) as caught:
        one.do(lambda w: w.list_lessons())
    error = caught.value
    assert (error.code, error.status, error.retry, error.request_id, error.retry_after, error.temporary) == (
        "overloaded", 503, "after_delay", "r", 2.0, True,
    )  # fmt: skip
    assert len(one.asked) == 5


@pytest.mark.parametrize("retry", ["never", "change_request", "some_day"])
def test_what_the_service_says_never_to_repeat_is_never_repeated(fake: Any, retry: str) -> None:
    one = fake(refusal(409, "illegal_state", retry))
    with pytest.raises(ProblemError):
        one.do(lambda w: w.put_attempt("i", {"lesson": "l"}))
    assert len(one.asked) == 1


@pytest.mark.parametrize("key", [None, "mine"])
def test_a_post_whose_answer_is_lost_is_repeated_under_one_key(fake: Any, key: str | None) -> None:
    one = fake(cut, cut, ok({"id": "i"}, 201))
    one.do(lambda w: w.start_attempt({"lesson": "l"}, idempotency_key=key))
    keys = {request.headers["idempotency-key"] for request in one.asked}
    assert len(one.asked) == 3 and len(keys) == 1
    assert key is None or keys == {key}


def test_a_post_that_nobody_can_repeat_is_not_repeated(fake: Any) -> None:
    one = fake(cut)
    with pytest.raises(NoAnswerError):
        one.do(lambda w: w.request("POST", "/v1/of-a-later-version", body={}))
    assert len(one.asked) == 1


def test_a_deletion_whose_answer_was_lost_and_that_finds_nothing_then_was_done(fake: Any) -> None:
    gone = refusal(404, "not_found", "never")
    assert fake(cut, gone).do(lambda w: w.delete_draft("d")) is None
    with pytest.raises(ProblemError):
        fake(gone).do(lambda w: w.delete_draft("d"))


def test_a_refused_token_is_replaced_once_and_a_source_that_has_no_other_is_not_asked_twice(fake: Any) -> None:
    given: list[str | None] = []

    def token(refused: str | None) -> str:
        given.append(refused)
        return f"t{sum(one is not None for one in given)}"

    again = fake(expired, ok({"items": []}), token=token)
    again.do(lambda w: w.list_lessons())
    assert [request.headers["authorization"] for request in again.asked] == ["Bearer t0", "Bearer t1"]
    assert given == [None, "t0"]
    never = fake(expired, token=token)
    with pytest.raises(ProblemError):
        never.do(lambda w: w.list_lessons())
    assert len(never.asked) == 2
    fixed = fake(expired, token="fixed")
    with pytest.raises(ProblemError):
        fixed.do(lambda w: w.list_lessons())
    assert len(fixed.asked) == 1


CREDENTIALS = Credentials("c", "s", "lessons:read")


class Issuer:
    """Issues tokens `t1`, `t2` ... and takes the one that is valid."""

    def __init__(self, expires_in: int = 3600) -> None:
        self.issued = 0
        self.valid = "t1"
        self.expires_in = expires_in

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            self.issued += 1
            return ok({"access_token": f"t{self.issued}", "expires_in": self.expires_in})()
        return ok({"items": []})() if request.headers["authorization"] == f"Bearer {self.valid}" else expired()


def test_client_credentials_are_asked_for_once_by_many_threads_and_replaced_when_refused() -> None:
    issuer = Issuer()
    waymark = Waymark("http://service.example", credentials=CREDENTIALS, transport=httpx.MockTransport(issuer))

    def crowd() -> None:
        threads = [threading.Thread(target=waymark.list_lessons) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    crowd()
    assert issuer.issued == 1
    issuer.valid = "t2"
    crowd()
    assert issuer.issued == 2, "twenty refusals at once are one new token"


def test_client_credentials_are_asked_for_once_by_many_tasks() -> None:
    issuer = Issuer()

    async def crowd() -> None:
        waymark = AsyncWaymark("http://service.example", credentials=CREDENTIALS, transport=httpx.MockTransport(issuer))
        await asyncio.gather(*(waymark.list_lessons() for _ in range(20)))

    asyncio.run(crowd())
    assert issuer.issued == 1


def test_a_busy_token_endpoint_is_asked_again_and_wrong_credentials_are_not(fake: Any) -> None:
    wrong = fake(ok({"error": "invalid_client", "error_description": "no"}, 401), credentials=CREDENTIALS)
    with pytest.raises(TokenRefusedError):
        wrong.do(lambda w: w.list_lessons())
    assert len(wrong.asked) == 1
    down = fake(cut, credentials=CREDENTIALS)
    with pytest.raises(NoAnswerError):
        down.do(lambda w: w.list_lessons())
    assert len(down.asked) == 5, "and its tries are not tried again by the call that needed it"
    late = fake(
        ok({"error": "temporarily_unavailable", "error_description": ""}, 503), cut,
        ok({"access_token": "t", "expires_in": 60}), ok({"items": []}), credentials=CREDENTIALS,
    )  # fmt: skip
    late.do(lambda w: w.list_lessons())
    assert len(late.asked) == 4


def test_what_stands_between_is_no_answer_of_the_service(fake: Any) -> None:
    kind = {"content-type": "application/json", "x-request-id": "r"}
    broken: Said = lambda: httpx.Response(200, content=b'{"items":[', headers=kind)  # noqa: E731
    for answer, tries in [(page(502), 5), (page(200), 1), (page(403), 1), (broken, 5)]:
        one = fake(answer)
        with pytest.raises(NoAnswerError) as caught:
            one.do(lambda w: w.list_lessons())
        assert caught.value.temporary and len(one.asked) == tries


def test_a_list_is_read_page_by_page(fake: Any) -> None:
    pages = [{"items": [1, 2], "next_cursor": "c1"}, {"items": [], "next_cursor": "c2"}, {"items": [3]}]
    one = fake(*[ok(page) for page in pages])
    assert one.do(lambda w: w.iter_attempts(lesson="l")) == [1, 2, 3]
    queries = [request.url.query.decode() for request in one.asked]
    assert queries == ["lesson=l", "lesson=l&cursor=c1", "lesson=l&cursor=c2"]


def test_the_feed_ends_where_the_log_does_or_goes_on_over_every_break(fake: Any) -> None:
    def records(number: int, more: bool) -> Said:
        return ok({"items": [number], "next_cursor": f"after-{number}", "has_more": more, "as_of": "t"})

    once = fake(records(1, True), records(2, False))
    assert [page["next_cursor"] for page in once.do(lambda w: w.feed(after="begin"))] == ["after-1", "after-2"]
    assert [request.url.query for request in once.asked] == [b"after=begin", b"after=after-1"]
    broken = fake(records(1, False), *[cut] * 12, busy, records(2, True), refusal(409, "cursor_ahead", "change_request"))
    with pytest.raises(ProblemError, match="cursor_ahead"):
        broken.do(lambda w: w.feed(every=1))
    assert max(broken.waits) <= 62 and len(broken.asked) == 16


def test_an_unchanged_copy_is_told_by_its_etag(fake: Any) -> None:
    one = fake(lambda: httpx.Response(304, headers={"x-request-id": "r"}))
    call = {"path": {"slug": "l"}, "header": {"If-None-Match": '"e"'}}
    assert one.do(lambda w: w.request("GET", "/v1/lessons/{slug}", **call)).status == 304
    assert one.asked[0].headers["if-none-match"] == '"e"'


def test_a_part_with_other_bytes_than_its_name_promises_is_fetched_again_and_then_refused(tmp_path: Path) -> None:
    whole = b'{"slug": "l"}'
    name = hashlib.sha256(whole).hexdigest()
    part = {"id": "lessons/l/lesson/en", "kind": "lesson", "lesson": "l", "language": "en", "sha256": name}
    kind = {"content-type": "application/json", "x-request-id": "r"}

    def sent(body: bytes) -> Said:
        return lambda: httpx.Response(200, content=body, headers=kind)

    spoiled = Fake(Waymark, ok({"parts": [part]}), sent(b"{}"))
    with pytest.raises(NoAnswerError, match="other bytes"):
        Bundle(spoiled.client, tmp_path, "c").sync()
    mended = Fake(Waymark, ok({"parts": [part]}), sent(b"{}"), sent(whole))
    assert Bundle(mended.client, tmp_path, "c").sync().fetched == 1
    assert mended.asked[2].headers["cache-control"] == "no-cache"
    assert Bundle(mended.client, tmp_path, "c").lesson("l")["slug"] == "l"
