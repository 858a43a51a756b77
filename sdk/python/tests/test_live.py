"""Against the running service, over a network that breaks."""

import asyncio
import os
import random
import shutil
import time
from pathlib import Path
from uuid import uuid4

import pytest
from service import COURSE, LESSON, URL, BadNetwork, client_token, learner_token, new_client

from waymark_sdk import (
    AsyncWaymark,
    Bundle,
    Credentials,
    PartMissingError,
    ProblemError,
    Retries,
    TokenRefusedError,
    Waymark,
    WaymarkError,
    draw,
    models,
)

pytestmark = pytest.mark.skipif(not URL, reason="needs WAYMARK_URL; script/sdk sets it")
IMPATIENT = Retries(tries=4, first=0.005, longest=0.04)
SEED = int(os.environ.get("WAYMARK_TEST_SEED", time.time_ns() % 1_000_000))
print(f"WAYMARK_TEST_SEED={SEED}")


def whole(quiz: models.ReadQuizAnswer, attempt: str) -> models.PutAttemptBody:
    kinds = {item["id"]: item["kind"] for item in quiz["items"]}
    chosen = [one for one in draw(quiz, attempt) if kinds[one["item"]] == "single_choice"]
    return {
        "lesson": quiz["lesson"],
        "version": quiz["version"],
        "responses": [
            {"item": one["item"], "seq": 1, "response": {"kind": "single_choice", "option": one["options"][0]}} for one in chosen
        ],
        "submit": True,
    }


def test_writes_over_a_network_that_cuts_arrive_once() -> None:
    token = learner_token(f"python-{SEED}")
    with BadNetwork(random.Random(SEED)) as network:
        waymark = Waymark(network.url, token=token, retries=Retries(tries=30, first=0.005, longest=0.04))
        quiz = waymark.read_quiz(LESSON)
        network.cutting = 0.15
        ids = [str(uuid4()) for _ in range(6)]
        for own in ids:
            assert waymark.put_attempt(own, whole(quiz, own))["state"] == "submitted"
        network.cutting = 0.3
        opened = [waymark.start_attempt({"lesson": LESSON, "purpose": "practice"})["id"] for _ in range(4)]
        assert len(set(opened)) == 1 and network.cuts > 0
    there = [attempt["id"] for attempt in Waymark(URL, token=token).iter_attempts(limit=2)]
    assert there == [*ids, opened[0]], "each once, in the order in which they were made"
    order = Waymark(URL, token=token).read_attempt(ids[0]).get("order")
    assert order == draw(quiz, ids[0]), "the service drew what was drawn here"


def test_a_bundle_survives_being_cut_off_and_fetches_only_what_changed(tmp_path: Path) -> None:
    token = learner_token(f"python-bundle-{SEED}")
    with BadNetwork(random.Random(SEED)) as network:
        waymark = Waymark(network.url, token=token, retries=IMPATIENT, timeout=3)

        def bundle(*languages: str) -> Bundle:
            return Bundle(waymark, tmp_path, COURSE, languages)

        def battery(fetched: int, of: int) -> None:
            if fetched == 9 < of:
                raise KeyboardInterrupt

        with pytest.raises(PartMissingError):
            bundle("en").lesson(LESSON)
        with pytest.raises(KeyboardInterrupt):
            bundle("en").sync(battery)
        assert bundle("en").manifest() is None, "half a bundle is none"
        network.cutting = 0.1
        synced = None
        while synced is None:
            try:
                synced = bundle("en").sync()
            except WaymarkError as error:
                assert error.temporary
        network.cutting = 0
        assert synced.changed and synced.had >= 9
        again = bundle("en").sync()
        assert (again.changed, again.fetched, again.had) == (False, 0, synced.fetched + synced.had)

        network.down = True
        assert bundle("en").lesson(LESSON, "en-GB")["language"] == "en"
        assert bundle("en").exercise(LESSON)["steps"]
        with pytest.raises(WaymarkError):
            bundle("en").sync()
        assert bundle("en").quiz(LESSON)["lesson"] == LESSON, "and the old one stays"
        network.down = False

        files = sorted(file.name for file in (tmp_path / "parts").iterdir())
        (tmp_path / "parts" / files[0]).unlink()
        assert bundle("en").sync().fetched == 1
        more = bundle("en", "de").sync()
        assert more.changed and more.fetched and more.had
        assert bundle("en", "de").lesson(LESSON, "de-AT")["language"] == "de"
        assert bundle("en").sync().changed
        assert sorted(file.name for file in (tmp_path / "parts").iterdir()) == files, "what is not named is dropped"
        shutil.rmtree(tmp_path / "parts")


def test_the_feed_goes_on_over_breaks_with_nothing_twice() -> None:
    token = client_token("lessons:read attempts:read attempts:write learners:act learners:write records:read")
    direct = Waymark(URL, token=token)
    learner = ""
    for number in range(10):
        body: models.PutAttemptBody = {
            "lesson": LESSON,
            "purpose": "practice",
            "context": {"placement": str(number)},
            "learner": {"identity": {"system": "https://feed.example", "id": f"python-{SEED}"}},
        }
        learner = direct.put_attempt(str(uuid4()), body)["learner"]
    all_ids = [record["id"] for page in direct.feed(learner=learner) for record in page["items"]]
    with BadNetwork(random.Random(SEED)) as network:
        network.cutting = 0.3
        waymark = Waymark(network.url, token=token, retries=IMPATIENT, sleep=lambda _: time.sleep(0.002))
        ids: list[str] = []
        for page in waymark.feed(learner=learner, limit=2, every=0.01):
            ids += [record["id"] for record in page["items"]]
            if len(ids) >= len(all_ids):
                break
        assert ids == all_ids and network.cuts > 0


def test_client_credentials_work_and_wrong_ones_say_so() -> None:
    client_id, secret = new_client("lessons:read")
    waymark = Waymark(URL, credentials=Credentials(client_id, secret))
    assert waymark.list_lessons()["items"]
    with pytest.raises(ProblemError, match="insufficient_scope"):
        waymark.list_records()
    with pytest.raises(TokenRefusedError):
        Waymark(URL, credentials=Credentials(client_id, "x")).list_lessons()


def test_the_client_for_asyncio_reads_what_the_other_one_reads() -> None:
    token = learner_token(f"python-{SEED}")

    async def read() -> tuple[models.ReadQuizAnswer, list[str]]:
        async with AsyncWaymark(URL, token=token) as waymark:
            quiz = await waymark.read_quiz(LESSON)
            return quiz, [attempt["id"] async for attempt in waymark.iter_attempts(limit=2)]

    with Waymark(URL, token=token) as waymark:
        listed = [attempt["id"] for attempt in waymark.iter_attempts()]
        assert asyncio.run(read()) == (waymark.read_quiz(LESSON), listed)
