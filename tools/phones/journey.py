"""Walks the journey of a learner through openapi-generator's Python client, as tools/journey.py does through another one.
`script/clients-all` runs it."""

import importlib
import json
import os
import pkgutil
from uuid import uuid4

import openapi_client
from openapi_client import models as m
from openapi_client.api import AttemptsApi, LessonsApi, RecordsApi, SubmissionsApi


def plain(block: m.Block) -> str:
    match block.actual_instance:
        case m.HeadingBlock() | m.TextBlock() | m.CalloutBlock() as one:
            return one.text.text
        case m.TableBlock() as one:
            return " ".join(cell.text for row in one.rows for cell in row)
        case m.EvidenceBlock() as one:
            return one.content
        case m.StepsBlock() as one:
            return " ".join(step.text for step in one.steps)
        case m.ImageBlock() as one:
            return one.alt.text
    raise ValueError(block)


def some_answer(item: m.QuizItem, options: list[str]) -> m.ItemResponse:
    """An answer of the item's kind; a real front end asks the learner."""
    kind = item.kind
    match kind:
        case "single_choice":
            answer = m.SingleChoiceResponse(kind=kind, option=options[0])
        case "multiple_response":
            answer = m.MultipleResponseResponse(kind=kind, options=options[:2])
        case "ordering":
            answer = m.OrderingResponse(kind=kind, options=options)
        case "matching":
            pairs = [m.MatchedPair(prompt=prompt.id, choice=options[0]) for prompt in item.prompts or []]
            answer = m.MatchingResponse(kind=kind, pairs=pairs)
        case "short_text":
            answer = m.ShortTextResponse(kind=kind, text="content_filter")
        case "numeric":
            answer = m.NumericResponse(kind=kind, value=4.0)
        case "point_at_field":
            name = next(iter(json.loads(item.evidence[item.shown or 0].content)))
            pointer = "/" + name.replace("~", "~0").replace("/", "~1")  # RFC 6901
            answer = m.PointAtFieldResponse(kind=kind, pointer=pointer)
        case _:
            raise ValueError(f"this program does not know items of the kind {kind}")
    return m.ItemResponse(answer)


def main() -> None:
    for module in pkgutil.walk_packages(openapi_client.__path__, "openapi_client."):
        importlib.import_module(module.name)
    configuration = openapi_client.Configuration(
        host=os.environ["WAYMARK_URL"], access_token=os.environ["WAYMARK_TOKEN"]
    )
    client = openapi_client.ApiClient(configuration)
    lessons, attempts = LessonsApi(client), AttemptsApi(client)

    slug = lessons.list_lessons().items[0].slug
    lesson, quiz, exercise = lessons.read_lesson(slug), lessons.read_quiz(slug), lessons.read_exercise(slug)
    length = len(" ".join(map(plain, lesson.blocks)))
    print(f"read      {length} characters, {len(quiz.items)} items, {len(exercise.steps)} steps")

    answers = {item.id: some_answer(item, [option.id for option in item.options]) for item in quiz.items}
    for answer in answers.values():
        assert m.ItemResponse.from_json(answer.to_json()) == answer, answer
    print(f"kinds     {len({item.kind for item in quiz.items})}")

    learner = m.LearnerRef(identity=m.IdentityRef(system="https://school.example", id=str(uuid4())))
    start = m.AttemptPut(lesson=slug, learner=learner, purpose="practice", submit=m.Submit(False))
    attempt = attempts.start_attempt(start)
    print(f"start     {attempt.state}")

    first, *others = [m.ResponsePut(item=one.item, seq=1, response=answers[one.item]) for one in attempt.order or []]
    results = [attempts.put_response(attempt.id, first.item, m.OneResponsePut(seq=1, response=first.response))]
    results += attempts.put_responses(attempt.id, m.ResponsesPut(responses=others)).results
    print(f"answer    {sum(one.status == 'saved' for one in results)} saved")

    wrong = m.ItemResponse(m.SingleChoiceResponse(kind="single_choice", option="no such option"))
    try:
        attempts.put_response(attempt.id, first.item, m.OneResponsePut(seq=2, response=wrong))
    except openapi_client.ApiException as refused:
        problem = m.Problem.from_json(refused.body)
        print(f"refused   {problem.status} {problem.code}, {problem.retry}")

    graded = attempts.submit_attempt(attempt.id)
    assert attempts.read_attempt(attempt.id) == graded
    assert all(view.response == answers[view.item] for view in graded.items)
    print(f"submit    {graded.result.max:g} points to be had")

    evidence = m.Evidence(provider="openai", http=m.HttpEvidence(status=400, body="{}"))
    draft = m.SubmissionPut(
        lesson=slug, learner=learner, evidence=evidence, diagnosis=m.Diagnosis(layer="pre_classifier")
    )
    submission = SubmissionsApi(client).create_submission(draft)
    print(f"hand in   {submission.state}, revision {submission.revision}, {submission.diagnosis.layer}")

    page = RecordsApi(client).list_records(learner=attempt.learner)
    about = [one.kind for one in page.items if one.object.id == str(attempt.id)]
    by = sum(isinstance(one.actor.principal.actual_instance, m.PrincipalClient) for one in page.items)
    print(f"records   {len(page.items)}, by a client: {by}, of the attempt: {', '.join(about)}")


if __name__ == "__main__":
    main()
