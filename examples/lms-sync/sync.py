"""A nightly sync: brings every finished attempt of an LMS to Waymark and reads the grades back.

It runs the night twice, because real nights are interrupted and run again: the second time must change nothing.
"""

import os
import sys
from collections import Counter
from http import HTTPStatus
from typing import Any

import lms
from waymark_sdk import Credentials, Waymark

LESSON = "safety-classifiers-and-refusals"
SCOPES = "lessons:read attempts:write learners:act learners:write"


def main() -> None:
    credentials = Credentials(os.environ["LMS_CLIENT_ID"], os.environ["LMS_CLIENT_SECRET"], SCOPES)
    waymark = Waymark(os.environ["WAYMARK_URL"], credentials=credentials)
    quiz: Any = waymark.read_quiz(LESSON)
    print(f"quiz     {quiz['title']} ({quiz['order']['draw']} of {len(quiz['items'])} items)")

    first, grades = night(waymark, quiz)
    print(f"night 1  {told(first)}")
    second, again = night(waymark, quiz)
    print(f"night 2  {told(second)}, {'same results' if again == grades else 'OTHER RESULTS'}")

    print("\nuser  attempts  best  passed")
    for user in sorted({user for user, _ in grades}):
        own = [result for (of, _), result in grades.items() if of == user]
        best = max(own, key=lambda result: result["scaled"])
        print(f"{user:<4}  {len(own):>8}  {best['scaled']:4.0%}  {'yes' if best['success'] else 'no'}")
    if again != grades or second[HTTPStatus.CREATED]:
        sys.exit("the second night changed something")


Grades = dict[tuple[str, int], Any]


def night(waymark: Waymark, quiz: Any) -> tuple[Counter[HTTPStatus], Grades]:
    """Brings every finished attempt; tells the statuses, and the result of each attempt."""
    statuses: Counter[HTTPStatus] = Counter()
    grades: Grades = {}
    for finished in lms.finished_attempts(quiz):
        # `put_attempt` does the same; this one tells the status too.
        answer = waymark.request("PUT", "/v1/attempts/{id}", path={"id": finished.id}, body=whole(finished, quiz))
        result = answer.data["result"]
        if not result or not result["completion"]:
            sys.exit(f"attempt {finished.id} has no result, or not every answer: {answer.data['results']}")
        statuses[HTTPStatus(answer.status)] += 1
        grades[finished.user, finished.number] = result
    return statuses, grades


def whole(finished: lms.FinishedAttempt, quiz: Any) -> dict[str, Any]:
    """A finished attempt of the LMS as one request: who, on what, when, every answer, submitted."""
    return {
        "learner": {"identity": {"system": lms.SYSTEM, "id": finished.user}},
        "lesson": quiz["lesson"],
        "version": finished.version,
        "context": {"platform": lms.SYSTEM, "group": "course-114", "placement": "resource-link-77"},
        "started": {"at": finished.started.isoformat()},
        "submitted_at": finished.submitted.isoformat(),
        "responses": [brought(answer, seq) for seq, answer in enumerate(finished.answers, start=1)],
        "submit": True,
    }


def brought(answer: lms.Answer, seq: int) -> dict[str, Any]:
    return {
        "item": answer.item,
        "seq": seq,
        "response": answer.response,
        "answered_at": answer.at.isoformat(),
        "active_ms": round(answer.active.total_seconds() * 1000),
    }


def told(statuses: Counter[HTTPStatus]) -> str:
    counts = sorted(statuses.items())
    return ", ".join(f"{count} x {status.value} {status.phrase}" for status, count in counts)


if __name__ == "__main__":
    main()
