"""Walks the journey of a learner through the generated Python client, as journey.ts does. `script/examples` runs it."""

import json
import os
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

from waymark_client import AuthenticatedClient
from waymark_client.api.attempts import put_response, put_responses, read_attempt, start_attempt, submit_attempt
from waymark_client.api.lessons import list_lessons, read_exercise, read_lesson, read_quiz
from waymark_client.api.records import list_records
from waymark_client.models import (
    Attempt,
    AttemptPut,
    Drawn,
    Exercise,
    IdentityRef,
    LearnerRef,
    Lesson,
    LessonList,
    MatchedPair,
    MatchingResponse,
    MatchingResponseKind,
    MultipleResponseResponse,
    MultipleResponseResponseKind,
    NumericResponse,
    NumericResponseKind,
    OneResponsePut,
    OrderingResponse,
    OrderingResponseKind,
    PointAtFieldResponse,
    PointAtFieldResponseKind,
    Problem,
    Quiz,
    QuizItem,
    RecordPage,
    ResponsePut,
    ResponsesPut,
    SaveResult,
    SaveResults,
    ShortTextResponse,
    ShortTextResponseKind,
    SingleChoiceResponse,
    SingleChoiceResponseKind,
)
from waymark_client.types import Response

Body = TypeVar("Body")
Wanted = TypeVar("Wanted")
Answer = (
    SingleChoiceResponse
    | MultipleResponseResponse
    | OrderingResponse
    | MatchingResponse
    | ShortTextResponse
    | NumericResponse
    | PointAtFieldResponse
)


def done(answer: Response[Body], wanted: type[Wanted]) -> Wanted:
    assert isinstance(answer.parsed, wanted), answer
    return answer.parsed


def some_answer(item: QuizItem, drawn: Drawn) -> Answer:
    """An answer of the item's kind; a real front end asks the learner."""
    options = drawn.options
    match item.kind:
        case "single_choice":
            return choice(options[0])
        case "multiple_response":
            return MultipleResponseResponse(kind=MultipleResponseResponseKind.MULTIPLE_RESPONSE, options=options[:2])
        case "ordering":
            return OrderingResponse(kind=OrderingResponseKind.ORDERING, options=options)
        case "matching":
            pairs = [MatchedPair(prompt=prompt.id, choice=options[0]) for prompt in item.prompts or []]
            return MatchingResponse(kind=MatchingResponseKind.MATCHING, pairs=pairs)
        case "short_text":
            return ShortTextResponse(kind=ShortTextResponseKind.SHORT_TEXT, text="content_filter")
        case "numeric":
            return NumericResponse(kind=NumericResponseKind.NUMERIC, value=4)
        case "point_at_field":
            name = next(iter(json.loads(item.evidence[item.shown or 0].content)))
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")  # RFC 6901
            return PointAtFieldResponse(kind=PointAtFieldResponseKind.POINT_AT_FIELD, pointer=pointer)
    raise ValueError(f"this program does not know items of the kind {item.kind}")


def choice(option: str) -> SingleChoiceResponse:
    return SingleChoiceResponse(kind=SingleChoiceResponseKind.SINGLE_CHOICE, option=option)


def main() -> None:
    client = AuthenticatedClient(
        os.environ["WAYMARK_URL"], token=os.environ["WAYMARK_TOKEN"], raise_on_unexpected_status=True
    )
    slug = done(list_lessons.sync_detailed(client=client), LessonList).items[0].slug
    lesson = done(read_lesson.sync_detailed(slug, client=client), Lesson)
    quiz = done(read_quiz.sync_detailed(slug, client=client), Quiz)
    exercise = done(read_exercise.sync_detailed(slug, client=client), Exercise)
    print(f"read      {len(lesson.blocks)} blocks, {len(quiz.items)} items, {len(exercise.steps)} steps")

    learner = LearnerRef(identity=IdentityRef(system="https://school.example", id=str(uuid4())))
    body = AttemptPut(lesson=slug, learner=learner, purpose="practice")
    key = str(uuid4())
    attempt = done(start_attempt.sync_detailed(client=client, body=body, idempotency_key=key), Attempt)
    again = start_attempt.sync_detailed(client=client, body=body, idempotency_key=key)
    assert done(again, Attempt).id == attempt.id
    print(f"start     {attempt.state}, repeated: {again.headers['idempotent-replayed']}")

    bank = {item.id: item for item in quiz.items}
    answers = {drawn.item: some_answer(bank[drawn.item], drawn) for drawn in attempt.order or []}
    (first, answer), *others = answers.items()
    one = OneResponsePut(seq=1, response=answer)
    results = [done(put_response.sync_detailed(attempt.id, first, client=client, body=one), SaveResult)]
    rest = ResponsesPut([ResponsePut(item=item, seq=1, response=response) for item, response in others])
    results += done(put_responses.sync_detailed(attempt.id, client=client, body=rest), SaveResults).results
    print(f"answer    {sum(result.status == 'saved' for result in results)} saved")

    wrong = OneResponsePut(seq=2, response=choice("no such option"))
    refused = put_response.sync_detailed(attempt.id, first, client=client, body=wrong)
    problem = done(refused, Problem)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    print(f"refused   {problem.status} {problem.code}, {problem.retry}")

    graded = done(submit_attempt.sync_detailed(attempt.id, client=client), Attempt)
    read = done(read_attempt.sync_detailed(attempt.id, client=client), Attempt)
    assert read == graded
    rationales = sum(len(item.rationales or []) for item in read.items or [])
    assert read.result
    print(f"submit    {read.result.max_:g} points to be had, {rationales} rationales")

    page = done(list_records.sync_detailed(client=client, learner=attempt.learner), RecordPage)
    about = [record.kind for record in page.items if record.object_.id == str(attempt.id)]
    print(f"records   {len(page.items)}, of the attempt: {', '.join(about)}")


if __name__ == "__main__":
    main()
