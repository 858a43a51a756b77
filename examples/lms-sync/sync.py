"""A nightly sync: brings every finished attempt of an LMS to Waymark and reads the grades back.

It runs the night twice, because real nights are interrupted and run again: the second time must change nothing.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import lms
from waymark_client import AuthenticatedClient, Client
from waymark_client.api.attempts import put_attempt
from waymark_client.api.lessons import read_quiz
from waymark_client.api.tokens import issue_token
from waymark_client.models import (
    Attempt,
    AttemptPut,
    IdentityRef,
    LearnerRef,
    PlacementContext,
    Problem,
    Quiz,
    ResponsePut,
    ResultView,
    Started,
    TokenAnswer,
    TokenForm,
)
from waymark_client.types import Response

LESSON = "safety-classifiers-and-refusals"
SCOPES = "lessons:read attempts:write learners:act learners:write"

Answer = TypeVar("Answer")
Wanted = TypeVar("Wanted")


def main() -> None:
    url = os.environ["WAYMARK_URL"]
    client = AuthenticatedClient(url, token=access_token(url), raise_on_unexpected_status=True)
    quiz = done(patiently(lambda: read_quiz.sync_detailed(LESSON, client=client)), Quiz)
    print(f"quiz     {quiz.title} ({quiz.order.draw} of {len(quiz.items)} items)")

    first, grades = night(client, quiz)
    print(f"night 1  {told(first)}")
    second, again = night(client, quiz)
    print(f"night 2  {told(second)}, {'same results' if again == grades else 'OTHER RESULTS'}")

    print("\nuser  attempts  best  passed")
    for user in sorted({user for user, _ in grades}):
        own = [result for (of, _), result in grades.items() if of == user]
        best = max(own, key=lambda result: result.scaled)
        print(f"{user:<4}  {len(own):>8}  {best.scaled:4.0%}  {'yes' if best.success else 'no'}")
    if again != grades or second[HTTPStatus.CREATED]:
        sys.exit("the second night changed something")


Grades = dict[tuple[str, int], ResultView]


def night(client: AuthenticatedClient, quiz: Quiz) -> tuple[Counter[HTTPStatus], Grades]:
    """Brings every finished attempt; tells the statuses, and the result of each attempt."""
    statuses: Counter[HTTPStatus] = Counter()
    grades: Grades = {}
    for finished in lms.finished_attempts(quiz):
        answer = bring(client, finished, quiz)
        attempt = done(answer, Attempt)
        if not isinstance(attempt.result, ResultView) or not attempt.result.completion:
            sys.exit(f"attempt {attempt.id} has no result, or not every answer: {attempt.results}")
        statuses[answer.status_code] += 1
        grades[finished.user, finished.number] = attempt.result
    return statuses, grades


def bring(client: AuthenticatedClient, finished: lms.FinishedAttempt, quiz: Quiz) -> Response[Attempt | Problem]:
    body = whole(finished, quiz)
    return patiently(lambda: put_attempt.sync_detailed(finished.id, client=client, body=body))


def whole(finished: lms.FinishedAttempt, quiz: Quiz) -> AttemptPut:
    """A finished attempt of the LMS as one request: who, on what, when, every answer, submitted."""
    return AttemptPut(
        learner=LearnerRef(identity=IdentityRef(system=lms.SYSTEM, id=finished.user)),
        lesson=quiz.lesson,
        version=finished.version,
        context=PlacementContext(platform=lms.SYSTEM, group="course-114", placement="resource-link-77"),
        started=Started(at=finished.started),
        submitted_at=finished.submitted,
        responses=[brought(answer, seq) for seq, answer in enumerate(finished.answers, start=1)],
        submit=True,
    )


def brought(answer: lms.Answer, seq: int) -> ResponsePut:
    """The client reads the answer's JSON as the class of its kind; a kind that it does not know is an error."""
    return ResponsePut.from_dict(
        {
            "item": answer.item,
            "seq": seq,
            "response": answer.response,
            "answered_at": answer.at.isoformat(),
            "active_ms": round(answer.active.total_seconds() * 1000),
        }
    )


def access_token(url: str) -> str:
    """Client credentials (RFC 6749, section 4.4)."""
    form = TokenForm(
        grant_type="client_credentials",
        client_id=os.environ["LMS_CLIENT_ID"],
        client_secret=os.environ["LMS_CLIENT_SECRET"],
        scope=SCOPES,
    )
    return done(patiently(lambda: issue_token.sync_detailed(client=Client(url), body=form)), TokenAnswer).access_token


def patiently(call: Callable[[], Response[Answer]]) -> Response[Answer]:
    """Repeats a call that came at a bad moment (503), as Retry-After says, for up to ten tries."""
    for _ in range(9):
        answer = call()
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            return answer
        time.sleep(int(answer.headers.get("Retry-After", "1")))
    return call()


def done(answer: Response[Answer], wanted: type[Wanted]) -> Wanted:
    """What was asked for; anything else ends the night with what the service said about it."""
    if isinstance(answer.parsed, wanted):
        return answer.parsed
    problem = answer.parsed
    detail = f"{problem.code}: {problem.detail}" if isinstance(problem, Problem) else repr(problem)
    sys.exit(f"{answer.status_code.value} {detail}")


def told(statuses: Counter[HTTPStatus]) -> str:
    counts = sorted(statuses.items())
    return ", ".join(f"{count} x {status.value} {status.phrase}" for status, count in counts)


if __name__ == "__main__":
    main()
