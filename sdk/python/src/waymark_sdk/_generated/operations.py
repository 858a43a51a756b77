"""Made by sdk/generate.py from the contract document; change that one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Literal, cast

from . import models as m

# POST operations that take an `Idempotency-Key`.
KEYED_POSTS = frozenset([
    "/v1/drafts/{slug}/publish",
    "/v1/learners",
    "/v1/attempts",
    "/v1/regrades",
    "/v1/submissions",
    "/v1/submissions/{id}/reviews",
    "/v1/diagnoses",
])


class Operations:
    def _call(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}, body: Any = None) -> Any:
        raise NotImplementedError

    def _items(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}) -> Iterator[Any]:
        raise NotImplementedError

    def jwks(self) -> m.Jwks:
        """Public keys that verify our tokens

        A JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037).
        """
        return cast("m.Jwks", self._call("GET", "/.well-known/jwks.json"))

    def healthz(self) -> m.Health:
        """Is the process alive

        Answers without looking at the database.
        """
        return cast("m.Health", self._call("GET", "/healthz"))

    def readyz(self) -> m.Health:
        """Can it serve

        503 while the database is away, and while nothing can be written to it (a full or read-only disk, a read-only server). A
        write is tried every few seconds at most, however often this is asked.
        """
        return cast("m.Health", self._call("GET", "/readyz"))

    def openapi_json(self) -> dict[str, Any]:
        """The contract document

        This document, OpenAPI 3.1.
        """
        return cast("dict[str, Any]", self._call("GET", "/openapi.json"))

    def list_courses(self, *, language: str | None = None) -> m.CourseList:
        """Lists the courses with their lessons

        Each with its lessons in the order in which they build on each other.
        """
        return cast("m.CourseList", self._call("GET", "/v1/courses", query={"language": language}))

    def read_course(self, slug: str, *, language: str | None = None) -> m.Course:
        """Read a course

        With its lessons in the order in which they build on each other, as `GET /v1/courses` lists it.
        """
        return cast("m.Course", self._call("GET", "/v1/courses/{slug}", path={"slug": slug}, query={"language": language}))

    def put_course(self, slug: str, body: m.CoursePut, *, if_match: str | None = None) -> m.OwnCourse:
        """Create a course of this tenant's own, or replace it

        It shows in `GET /v1/courses` and in progress: at once in this process, within 5 seconds in all. The same call again changes
        nothing; other content needs `If-Match` with the course's `revision`.
        """
        return cast("m.OwnCourse", self._call("PUT", "/v1/courses/{slug}", path={"slug": slug}, header={"If-Match": if_match}, body=body))

    def read_glossary(self, slug: str, *, language: str | None = None, format: Literal['json', 'markdown', 'html'] | None = None) -> m.Glossary | str:
        """Read a course's glossary

        The terms in alphabetical order, as JSON, as Markdown or as a page that can be printed. Say which with `format`, or with
        `Accept`.
        """
        return cast("m.Glossary | str", self._call("GET", "/v1/courses/{slug}/glossary", path={"slug": slug}, query={"language": language, "format": format}))

    def read_field_guide(self, slug: str, *, language: str | None = None, format: Literal['json', 'markdown', 'html'] | None = None) -> m.FieldGuide | str:
        """Read a course's field guide

        The signs of the course in the order in which to read evidence, each with its layer, who can change it and the next
        step. As JSON, as Markdown or as a page that fits on one sheet of A4. Say which with `format`, or with `Accept`.
        """
        return cast("m.FieldGuide | str", self._call("GET", "/v1/courses/{slug}/field-guide", path={"slug": slug}, query={"language": language, "format": format}))

    def read_bundle(self, slug: str, *, language: Sequence[str] | None = None) -> m.BundleManifest:
        """Read the manifest of a course's offline bundle

        Lists everything that a client without a network needs, as immutable parts, each named by its content. To be up to date:
        read the manifest (with `If-None-Match`), fetch the parts whose `sha256` you do not have, verify them, then drop what the
        manifest no longer names. Answers are still graded by the service; see `PUT /v1/attempts/{id}` for bringing them.
        """
        return cast("m.BundleManifest", self._call("GET", "/v1/courses/{slug}/bundle", path={"slug": slug}, query={"language": language}))

    def read_bundle_archive(self, slug: str, *, language: Sequence[str] | None = None) -> bytes:
        """Read a course's offline bundle as one file

        A zip file with `manifest.json` and every part that it names, as `parts/{sha256}.json`: one request where a device has nothing
        yet. A download that broke off goes on with `Range` and `If-Range` (RFC 9110, section 14). To be up to date later, read the
        manifest and fetch the parts that are new.
        """
        return cast("bytes", self._call("GET", "/v1/courses/{slug}/bundle.zip", path={"slug": slug}, query={"language": language}))

    def read_bundle_part(self, sha256: str) -> m.BundlePartContent:
        """Read a part of a bundle

        By the SHA-256 of its bytes in no encoding, from a manifest; its `kind` there says which schema it has. It never changes,
        so keep it as long as you like. A part that is gone (404) was replaced: read the manifest again.
        """
        return cast("m.BundlePartContent", self._call("GET", "/v1/bundle-parts/{sha256}", path={"sha256": sha256}))

    def list_lessons(self, *, language: str | None = None) -> m.LessonList:
        """Lists the newest version of every lesson

        Summaries only; read a lesson for its blocks.
        """
        return cast("m.LessonList", self._call("GET", "/v1/lessons", query={"language": language}))

    def read_lesson(self, slug: str, *, version: str | None = None, language: str | None = None) -> m.Lesson:
        """Read a lesson

        The newest version, or any that was ever published (`version`). An alias answers like the slug. Each encoding has its
        own ETag; send it with `If-None-Match` to get 304 while nothing has changed.
        """
        return cast("m.Lesson", self._call("GET", "/v1/lessons/{slug}", path={"slug": slug}, query={"version": version, "language": language}))

    def list_lesson_versions(self, slug: str) -> m.VersionList:
        """Lists every published version of a lesson

        Published versions never change and never go away; attempts pin the one they were made on.
        """
        return cast("m.VersionList", self._call("GET", "/v1/lessons/{slug}/versions", path={"slug": slug}))

    def read_quiz(self, slug: str, *, version: str | None = None, language: str | None = None) -> m.Quiz:
        """Read a lesson's quiz

        As learners see it: items, options and shown evidence, without key and rationales. The order an attempt uses follows
        from the attempt's id; see `order`.
        """
        return cast("m.Quiz", self._call("GET", "/v1/lessons/{slug}/quiz", path={"slug": slug}, query={"version": version, "language": language}))

    def read_exercise(self, slug: str, *, version: str | None = None, language: str | None = None) -> m.Exercise:
        """Read a lesson's applied exercise

        Its four steps, its rubric, and sample cases for a learner who has no refusal of their own.
        """
        return cast("m.Exercise", self._call("GET", "/v1/lessons/{slug}/exercise", path={"slug": slug}, query={"version": version, "language": language}))

    def read_lesson_package(self, slug: str, *, format: Literal['qti3', 'qti21', 'qti12', 'cc13', 'cc11'] | None = None, version: str | None = None, language: str | None = None, report: bool | None = None) -> bytes | m.PackageReport:
        """Read a lesson's quiz as a package

        For another learning system, key and rationales included. What the format cannot say is named in `report.json` inside of
        the package, counted in the header `Waymark-Package-Report`, and answered alone with `report=true`. A package in QTI 3
        carries along what QTI cannot say and is read back whole; see `POST /v1/packages/import`. Equal content gives equal bytes.
        """
        return cast("bytes | m.PackageReport", self._call("GET", "/v1/lessons/{slug}/package", path={"slug": slug}, query={"format": format, "version": version, "language": language, "report": report}))

    def read_course_package(self, slug: str, *, format: Literal['qti3', 'qti21', 'qti12', 'cc13', 'cc11'] | None = None, language: str | None = None, report: bool | None = None) -> bytes | m.PackageReport:
        """Read a course as a package

        A Common Cartridge 1.3 or 1.1: each lesson and exercise as a web page that needs nothing else, each quiz in QTI 1.2, with key
        and rationales. Moodle imports 1.1 and not 1.3. What it cannot say is named in `report.json` inside of the package, counted in the header
        `Waymark-Package-Report`, and answered alone with `report=true`.
        """
        return cast("bytes | m.PackageReport", self._call("GET", "/v1/courses/{slug}/package", path={"slug": slug}, query={"format": format, "language": language, "report": report}))

    def import_package(self, body: bytes) -> m.ImportedPackage:
        """Read a package as a quiz

        A zip file in QTI 3.0, 2.0 to 2.2 or 1.2, or a Common Cartridge 1.0 to 1.3, of Waymark or of another system, answered as a quiz
        in the form of a `quiz.yaml`, with a report of what was not taken, was changed, or is still missing: a broken item or a missing
        file costs itself, not the package. Several tests of a package become one quiz. Nothing is stored. `Content-Type` may also be
        one of the names that browsers give a zip file (`application/x-zip-compressed`, `application/x-zip`, `application/octet-stream`)
        or that of a cartridge. Packages are bounded: 8 MiB packed, 64 MiB unpacked,
        2000 entries, 8 MiB a file; a document type, a link or a name that leads out of the package is refused.
        """
        return cast("m.ImportedPackage", self._call("POST", "/v1/packages/import", body=body))

    def read_source(self, slug: str, *, version: str | None = None) -> m.LessonSource:
        """Read a lesson's content with its key

        A published version, own or built-in, in the shape of a draft: for authors, never for learners. The `ETag` is the version.
        """
        return cast("m.LessonSource", self._call("GET", "/v1/lessons/{slug}/source", path={"slug": slug}, query={"version": version}))

    def withdraw_lesson(self, slug: str) -> m.Withdrawal:
        """Withdraw a lesson

        The newest version of a lesson of this tenant's own. It is no longer listed, not in courses and bundles, and
        `GET /v1/lessons/{slug}` answers 410; nobody begins an attempt or a submission on it. What was begun before stays: it can be
        read (`version` names the pinned version), saved, submitted and reviewed, and attempts that were begun offline before are
        taken. Publishing the next version puts the lesson back. The same call again changes nothing.
        """
        return cast("m.Withdrawal", self._call("POST", "/v1/lessons/{slug}/withdraw", path={"slug": slug}))

    def list_drafts(self, *, cursor: str | None = None, limit: int | None = None) -> m.DraftPage:
        """Lists drafts

        This tenant's, in the order of their slugs, without their content. One that is made while you walk through the pages shows if
        its slug comes after those you have seen.
        """
        return cast("m.DraftPage", self._call("GET", "/v1/drafts", query={"cursor": cursor, "limit": limit}))

    def iter_drafts(self, *, limit: int | None = None) -> Iterator[m.DraftSummary]:
        """Everything that `list_drafts` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.DraftSummary]", self._items("GET", "/v1/drafts", query={"limit": limit}))

    def read_draft(self, slug: str) -> m.LessonDraft:
        """Read a draft

        With its content, key included, and the version it was published as last. The `ETag` is its revision.
        """
        return cast("m.LessonDraft", self._call("GET", "/v1/drafts/{slug}", path={"slug": slug}))

    def put_draft(self, slug: str, body: m.LessonContent, *, if_match: str | None = None) -> m.LessonDraft:
        """Create a draft, or replace its content

        The content is that of the files `lesson.yaml`, `quiz.yaml` and `exercise.yaml`, as JSON. Its shape must be right; what it
        says may be faulty while it is a draft. `lesson.revision` is counted by the service at publication: what is sent is ignored
        and not kept. The same call again changes nothing; other content needs `If-Match`. At most 1 MiB as JSON (and no more than a
        request body may have), 200 items, 500 blocks, 30 languages; at most 200 drafts.
        """
        return cast("m.LessonDraft", self._call("PUT", "/v1/drafts/{slug}", path={"slug": slug}, header={"If-Match": if_match}, body=body))

    def delete_draft(self, slug: str, *, if_match: str | None = None) -> None:
        """Delete a draft

        What was published from it stays.
        """
        return cast("None", self._call("DELETE", "/v1/drafts/{slug}", path={"slug": slug}, header={"If-Match": if_match}))

    def validate_draft(self, slug: str) -> m.DraftReport:
        """Say what is wrong with a draft

        By the rules of `waymark check`, beside everything that this tenant sees, each finding with a JSON pointer into the draft; and
        an estimate of what guessing by form would get. Nothing is changed.
        """
        return cast("m.DraftReport", self._call("POST", "/v1/drafts/{slug}/validate", path={"slug": slug}))

    def preview_draft(self, slug: str, *, language: str | None = None) -> m.DraftPreview:
        """See a draft as learners will

        Lesson, quiz and exercise exactly as they would be served, and beside them, for the author alone, the key and the
        rationales. A faulty draft is shown as far as it goes.
        """
        return cast("m.DraftPreview", self._call("GET", "/v1/drafts/{slug}/preview", path={"slug": slug}, query={"language": language}))

    def publish_draft(self, slug: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> m.Publication:
        """Publish a draft

        As the next revision of its lesson; published versions never change. Learners see it at once in this process, within 5 seconds
        in all. Where the newest version says the same already nothing is published (200, `unchanged`). A draft with errors is
        refused with their pointers, and so is an item whose kind, key, options or points changed under the same `revision`. The
        draft stays, for the next change.
        """
        return cast("m.Publication", self._call("POST", "/v1/drafts/{slug}/publish", path={"slug": slug}, header={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def list_learners(self, *, cursor: str | None = None, limit: int | None = None, system: str | None = None, identity: str | None = None) -> m.LearnerPage:
        """Lists learners

        In the order in which they were made. A learner's token gets a list of just itself.
        """
        return cast("m.LearnerPage", self._call("GET", "/v1/learners", query={"cursor": cursor, "limit": limit, "system": system, "identity": identity}))

    def iter_learners(self, *, limit: int | None = None, system: str | None = None, identity: str | None = None) -> Iterator[m.Learner]:
        """Everything that `list_learners` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Learner]", self._items("GET", "/v1/learners", query={"limit": limit, "system": system, "identity": identity}))

    def create_learner(self, body: m.NewLearner, *, idempotency_key: str | None = None) -> m.Learner:
        """Make a learner

        With one or more identities. Where a learner of an identity may be there already, `PUT /v1/learners/by-identity` is
        the better call. Repeat it safely with an `Idempotency-Key`.
        """
        return cast("m.Learner", self._call("POST", "/v1/learners", header={"Idempotency-Key": idempotency_key}, body=body))

    def put_learner_by_identity(self, body: m.LearnerChange, *, id: str, system: str | None = None, if_match: str | None = None) -> m.Learner:
        """Make or find the learner of an identity

        Makes the learner if there is none, else changes its name if that is another one. Repeat it as often as you like; of
        two that race, one makes the learner and the other finds it. `If-Match` is honoured.
        """
        return cast("m.Learner", self._call("PUT", "/v1/learners/by-identity", query={"system": system, "id": id}, header={"If-Match": if_match}, body=body))

    def read_learner(self, id: str) -> m.Learner:
        """Read a learner

        With its identities. The ETag is its revision. A learner's token reads itself only.
        """
        return cast("m.Learner", self._call("GET", "/v1/learners/{id}", path={"id": id}))

    def read_progress(self, id: str) -> m.LearnerProgress:
        """Read a learner's progress

        Through every lesson of every course: attempts, the attempt that counts, the exercise. Titles are in a language of
        `Accept-Language` where the lesson has it. To a learner's token a result that the lesson's policy withholds shows as
        null with `withheld: policy`.
        """
        return cast("m.LearnerProgress", self._call("GET", "/v1/learners/{id}/progress", path={"id": id}))

    def issue_learner_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a learner

        It speaks for that learner alone, in the name of the asking client; an app keeps it instead of client credentials.
        """
        return cast("m.TokenAnswer", self._call("POST", "/v1/learners/{id}/token", path={"id": id}, body=body))

    def issue_staff_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a staff member

        Staff are known by an id of the client's choice; records and reviews name it.
        """
        return cast("m.TokenAnswer", self._call("POST", "/v1/staff/{id}/token", path={"id": id}, body=body))

    def list_attempts(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> m.AttemptPage:
        """Lists attempts

        In the order in which they were made; a walk through the pages skips none, however many are made meanwhile, and shows none
        twice. A learner's token sees its own. A result that the policy shows only once attempts are used up is in the attempt itself,
        not in the list.
        """
        return cast("m.AttemptPage", self._call("GET", "/v1/attempts", query={"cursor": cursor, "limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    def iter_attempts(self, *, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> Iterator[m.Attempt]:
        """Everything that `list_attempts` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Attempt]", self._items("GET", "/v1/attempts", query={"limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    def start_attempt(self, body: m.AttemptPut, *, idempotency_key: str | None = None) -> m.Attempt:
        """Start or resume an attempt

        The service chooses the id. Where an attempt of the learner is open in this placement, it is given back (200) instead
        of a second one (201). Offline clients use PUT with an id of their own.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Attempt", self._call("POST", "/v1/attempts", header={"Idempotency-Key": idempotency_key}, body=body))

    def read_attempt(self, id: str) -> m.Attempt:
        """Read an attempt

        After submission with the result, item by item; what the version's policy withholds from a learner is null.
        """
        return cast("m.Attempt", self._call("GET", "/v1/attempts/{id}", path={"id": id}))

    def put_attempt(self, id: str, body: m.AttemptPut, *, prefer: str | None = None) -> m.Attempt:
        """Start an attempt, or bring a whole one

        Repeatable: the same call again changes nothing and gives the same answer. With `responses` and `submit` it brings a
        whole attempt that was made offline, on any version that was ever published; such an attempt is always accepted.

        Each answer gets a result of its own, and a faulty one never sinks the good ones. What has one obvious meaning is taken: a
        number with the traces of binary fractions is rounded to nine digits behind the point, line ends and control characters go out
        of a typed text, a time worked is brought within its bounds; the result's `adjusted` says so. What cannot be taken is `refused`
        with a problem. Where an answer is refused `"submit": true` does not close the attempt: it is answered open, with
        `not_submitted`, so that the same call with the answer mended submits it. `"submit": "despite_refusals"` closes it in any case.

        Offline clients name the `version` that the learner saw. Where a whole attempt names none and its answers do not fit the newest
        version, nothing is stored, and the problem (422, at `/version`) asks for it.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Attempt", self._call("PUT", "/v1/attempts/{id}", path={"id": id}, header={"Prefer": prefer}, body=body))

    def put_responses(self, id: str, body: m.ResponsesPut) -> m.SaveResults:
        """Save several answers

        One result for each, in order: `saved`, `superseded` (a newer one is there), `late` (the attempt was submitted; kept,
        never scored) or `refused` with a problem. A refused answer is not stored: mend it before the attempt is submitted, or it
        comes `late`.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.SaveResults", self._call("PUT", "/v1/attempts/{id}/responses", path={"id": id}, body=body))

    def put_response(self, id: str, item_id: str, body: m.OneResponsePut) -> m.SaveResult:
        """Save one answer

        Repeatable; an older `seq` never overwrites a newer one.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.SaveResult", self._call("PUT", "/v1/attempts/{id}/responses/{item_id}", path={"id": id, "item_id": item_id}, body=body))

    def submit_attempt(self, id: str, *, prefer: str | None = None) -> m.Attempt:
        """Submit an attempt

        Graded at once. Submitting twice gives the same result twice.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Attempt", self._call("POST", "/v1/attempts/{id}/submit", path={"id": id}, header={"Prefer": prefer}))

    def list_gradings(self, id: str) -> m.GradingList:
        """Lists the gradings of an attempt

        That of its submission and those of regrades, the oldest first; the last one is in force. What the version's policy withholds
        from a learner is null.
        """
        return cast("m.GradingList", self._call("GET", "/v1/attempts/{id}/gradings", path={"id": id}))

    def list_regrades(self, *, cursor: str | None = None, limit: int | None = None) -> m.RegradePage:
        """Lists regrades

        This tenant's, the oldest first.
        """
        return cast("m.RegradePage", self._call("GET", "/v1/regrades", query={"cursor": cursor, "limit": limit}))

    def iter_regrades(self, *, limit: int | None = None) -> Iterator[m.Regrade]:
        """Everything that `list_regrades` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Regrade]", self._items("GET", "/v1/regrades", query={"limit": limit}))

    def create_regrade(self, body: m.RegradePut, *, dry_run: bool | None = None, idempotency_key: str | None = None) -> m.Regrade:
        """Grade again, at an id of the service's choice

        As `PUT /v1/regrades/{id}`. Repeating it with the same `Idempotency-Key` gives the same regrade, as far as it is by then.
        """
        return cast("m.Regrade", self._call("POST", "/v1/regrades", query={"dry_run": dry_run}, header={"Idempotency-Key": idempotency_key}, body=body))

    def read_regrade(self, id: str) -> m.Regrade:
        """Read a regrade

        With how far it is.
        """
        return cast("m.Regrade", self._call("GET", "/v1/regrades/{id}", path={"id": id}))

    def put_regrade(self, id: str, body: m.RegradePut, *, dry_run: bool | None = None) -> m.Regrade:
        """Grade again what was submitted on a version

        By the items of another version of the lesson, usually because a key was wrong: every submitted attempt on `from`, whatever graded
        it last. Its items are graded by their namesakes in `to`, with their keys and points; an item that is not there, or that the
        answer does not fit there, keeps its grading and is named. The attempt stays on its version, whose policy says what passes.
        Every attempt gets a further grading (`GET /v1/attempts/{id}/gradings` has all) and a record, changed or not. It runs in
        small transactions; repeat the call to go on after a failure, or to take in what was submitted since (a phone that was offline):
        no attempt is graded twice by one regrade. With `dry_run=true` no attempt is graded: the regrade tells what would change (its
        `state` is `dry_run` then), goes on behind the answer like any other, and is done in earnest by the same call without `dry_run`.
        """
        return cast("m.Regrade", self._call("PUT", "/v1/regrades/{id}", path={"id": id}, query={"dry_run": dry_run}, body=body))

    def list_submissions(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> m.SubmissionPage:
        """Lists submissions

        A learner's token sees its own. `scores` and `total` are null here; reading one submission gives them.
        """
        return cast("m.SubmissionPage", self._call("GET", "/v1/submissions", query={"cursor": cursor, "limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    def iter_submissions(self, *, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> Iterator[m.Submission]:
        """Everything that `list_submissions` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Submission]", self._items("GET", "/v1/submissions", query={"limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    def create_submission(self, body: m.SubmissionPut, *, idempotency_key: str | None = None) -> m.Submission:
        """Create a submission

        The service chooses the id; offline clients use PUT with an id of their own. All four parts may be missing while it is
        a draft; `submit` submits it at once. Secrets and personal data are masked before anything is stored (`masked`).

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Submission", self._call("POST", "/v1/submissions", header={"Idempotency-Key": idempotency_key}, body=body))

    def read_submission(self, id: str) -> m.Submission:
        """Read a submission

        Its `ETag` is its revision: send it with `If-Match` when replacing the content.
        """
        return cast("m.Submission", self._call("GET", "/v1/submissions/{id}", path={"id": id}))

    def put_submission(self, id: str, body: m.SubmissionPut, *, if_match: str | None = None) -> m.Submission:
        """Create a submission at an id of the client's choice, or replace its content

        Repeatable: the same call again changes nothing. Replacing the content of a draft or returned submission needs
        `If-Match` with the ETag that was read. With `submit` one call brings a whole submission that was made offline.
        Lesson, version, language and context stay what they were at the creation.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Submission", self._call("PUT", "/v1/submissions/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    def submit_submission(self, id: str) -> m.Submission:
        """Submit a submission

        What must be there is checked, and a submission that lacks it is refused with a pointer for each part. All else comes back
        as `feedback`, at once: checks, points by criterion of the rubric, the diagnosis beside what the evidence shows, and what
        reads like a way round a safety check, which is named and never improved. Submitting what is submitted gives the same answer
        again.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Submission", self._call("POST", "/v1/submissions/{id}/submit", path={"id": id}))

    def list_revisions(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> m.RevisionPage:
        """Lists the revisions of a submission

        Every change of content or state is one.
        """
        return cast("m.RevisionPage", self._call("GET", "/v1/submissions/{id}/revisions", path={"id": id}, query={"cursor": cursor, "limit": limit}))

    def iter_revisions(self, id: str, *, limit: int | None = None) -> Iterator[m.Revision]:
        """Everything that `list_revisions` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Revision]", self._items("GET", "/v1/submissions/{id}/revisions", path={"id": id}, query={"limit": limit}))

    def list_reviews(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> m.ReviewPage:
        """Lists the reviews of a submission

        Each names the revision that its reviewer saw.
        """
        return cast("m.ReviewPage", self._call("GET", "/v1/submissions/{id}/reviews", path={"id": id}, query={"cursor": cursor, "limit": limit}))

    def iter_reviews(self, id: str, *, limit: int | None = None) -> Iterator[m.Review]:
        """Everything that `list_reviews` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Review]", self._items("GET", "/v1/submissions/{id}/reviews", path={"id": id}, query={"limit": limit}))

    def create_review(self, id: str, body: m.ReviewPost, *, idempotency_key: str | None = None) -> m.Review:
        """Review a submission

        `reviewed` ends the work, `returned` asks the learner to change it and submit again; a reviewed submission may be
        reviewed again. Not for learners' tokens. Points by criterion overrule the service's, and both stay to be read in the
        submission's `scores`; the last review that names a criterion counts. The review names the revision that was read, which must be the present one.
        """
        return cast("m.Review", self._call("POST", "/v1/submissions/{id}/reviews", path={"id": id}, header={"Idempotency-Key": idempotency_key}, body=body))

    def list_diagnoses(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None) -> m.KeptDiagnosisPage:
        """Lists diagnoses that were kept

        A learner's token sees its own. Others see those that no learner kept, and with `learners:read` or `learners:act` learners' too.
        """
        return cast("m.KeptDiagnosisPage", self._call("GET", "/v1/diagnoses", query={"cursor": cursor, "limit": limit, "learner": learner}))

    def iter_diagnoses(self, *, limit: int | None = None, learner: str | None = None) -> Iterator[m.KeptDiagnosis]:
        """Everything that `list_diagnoses` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.KeptDiagnosis]", self._items("GET", "/v1/diagnoses", query={"limit": limit, "learner": learner}))

    def run_diagnosis(self, body: m.Evidence, *, keep: bool | None = None, idempotency_key: str | None = None) -> m.DiagnosisResult:
        """Ask which layer refused

        Evidence in, verdict out, with the reasons that decided. Deterministic, without a model and without a network; the more
        of the evidence is there, the more certain. Nothing of the request is stored or logged unless `keep` is `true`; then
        evidence and verdict are kept, with secrets and personal data masked in both and in this answer.
        """
        return cast("m.DiagnosisResult", self._call("POST", "/v1/diagnoses", query={"keep": keep}, header={"Idempotency-Key": idempotency_key}, body=body))

    def read_diagnosis(self, id: str) -> m.KeptDiagnosis:
        """Read a diagnosis that was kept

        As it was concluded then: signals that were added or changed since change nothing in it. One that a learner kept is shown to that
        learner's token, and to others with `learners:read` or `learners:act`.
        """
        return cast("m.KeptDiagnosis", self._call("GET", "/v1/diagnoses/{id}", path={"id": id}))

    def put_diagnosis(self, id: str, body: m.Evidence) -> m.KeptDiagnosis:
        """Keep a diagnosis at an id of the client's choice

        Repeatable: the same evidence again changes nothing; after an erasure it is kept anew, so end a queue before you erase what
        it brought. Secrets and personal data are masked before anything is stored
        (`masked`).
        """
        return cast("m.KeptDiagnosis", self._call("PUT", "/v1/diagnoses/{id}", path={"id": id}, body=body))

    def erase_diagnosis(self, id: str) -> None:
        """Erase a diagnosis that was kept

        Evidence and verdict are gone for good. The log keeps that there was one, and what it concluded, without any text. One that a
        learner kept is erased by that learner's token, and by others with `learners:act`.
        """
        return cast("None", self._call("DELETE", "/v1/diagnoses/{id}", path={"id": id}))

    def list_signals(self, *, q: str | None = None, provider: str | None = None, layer: m.Layer | None = None, stage: m.Stage | None = None, cursor: str | None = None, limit: int | None = None) -> m.SignalPage:
        """Lists signals, or searches them

        The built-in signals and this tenant's own, in the order of their ids, without their examples. One that is made while you walk
        through the pages shows if its id comes after those you have seen.
        """
        return cast("m.SignalPage", self._call("GET", "/v1/signals", query={"q": q, "provider": provider, "layer": layer, "stage": stage, "cursor": cursor, "limit": limit}))

    def iter_signals(self, *, q: str | None = None, provider: str | None = None, layer: m.Layer | None = None, stage: m.Stage | None = None, limit: int | None = None) -> Iterator[m.Signal]:
        """Everything that `list_signals` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Signal]", self._items("GET", "/v1/signals", query={"q": q, "provider": provider, "layer": layer, "stage": stage, "limit": limit}))

    def read_signal(self, signal: str) -> m.Signal:
        """Read a signal

        With its examples. The `ETag` of a tenant's own signal is its revision: send it with `If-Match` when replacing it.
        """
        return cast("m.Signal", self._call("GET", "/v1/signals/{signal}", path={"signal": signal}))

    def put_signal(self, signal: str, body: m.SignalPut, *, if_match: str | None = None) -> m.Signal:
        """Create a signal of this tenant's own, or replace it

        It speaks in this tenant's diagnoses beside the built-in ones: at once for this process, within 5 seconds for all. The
        same call again changes nothing; other content needs `If-Match`. It is held to the rules of the built-in signals, and at
        most 200 are kept, each of at most 32 KiB with at most 5 patterns.
        """
        return cast("m.Signal", self._call("PUT", "/v1/signals/{signal}", path={"signal": signal}, header={"If-Match": if_match}, body=body))

    def delete_signal(self, signal: str, *, if_match: str | None = None) -> None:
        """Delete a signal of this tenant's own

        It speaks no more. Diagnoses that were kept stay as they are.
        """
        return cast("None", self._call("DELETE", "/v1/signals/{signal}", path={"signal": signal}, header={"If-Match": if_match}))

    def list_records(self, *, after: str | None = None, limit: int | None = None, learner: str | None = None, lesson: str | None = None, kind: str | None = None) -> m.RecordPage:
        """Follow the records

        Records come in the order of the log. Keep `next_cursor`, ask again with `after`: nothing is ever skipped and nothing
        comes twice, however many write at the same time, also where the database is put back from a backup: what comes after that
        is in a later epoch (the first number of `position`). A learner's token sees that learner's records only, without verdicts
        that the lesson's policy withholds.
        """
        return cast("m.RecordPage", self._call("GET", "/v1/records", query={"after": after, "limit": limit, "learner": learner, "lesson": lesson, "kind": kind}))


class AsyncOperations:
    async def _call(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}, body: Any = None) -> Any:
        raise NotImplementedError

    def _items(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}) -> AsyncIterator[Any]:
        raise NotImplementedError

    async def jwks(self) -> m.Jwks:
        """Public keys that verify our tokens

        A JSON Web Key Set (RFC 7517) of Ed25519 keys (RFC 8037).
        """
        return cast("m.Jwks", await self._call("GET", "/.well-known/jwks.json"))

    async def healthz(self) -> m.Health:
        """Is the process alive

        Answers without looking at the database.
        """
        return cast("m.Health", await self._call("GET", "/healthz"))

    async def readyz(self) -> m.Health:
        """Can it serve

        503 while the database is away, and while nothing can be written to it (a full or read-only disk, a read-only server). A
        write is tried every few seconds at most, however often this is asked.
        """
        return cast("m.Health", await self._call("GET", "/readyz"))

    async def openapi_json(self) -> dict[str, Any]:
        """The contract document

        This document, OpenAPI 3.1.
        """
        return cast("dict[str, Any]", await self._call("GET", "/openapi.json"))

    async def list_courses(self, *, language: str | None = None) -> m.CourseList:
        """Lists the courses with their lessons

        Each with its lessons in the order in which they build on each other.
        """
        return cast("m.CourseList", await self._call("GET", "/v1/courses", query={"language": language}))

    async def read_course(self, slug: str, *, language: str | None = None) -> m.Course:
        """Read a course

        With its lessons in the order in which they build on each other, as `GET /v1/courses` lists it.
        """
        return cast("m.Course", await self._call("GET", "/v1/courses/{slug}", path={"slug": slug}, query={"language": language}))

    async def put_course(self, slug: str, body: m.CoursePut, *, if_match: str | None = None) -> m.OwnCourse:
        """Create a course of this tenant's own, or replace it

        It shows in `GET /v1/courses` and in progress: at once in this process, within 5 seconds in all. The same call again changes
        nothing; other content needs `If-Match` with the course's `revision`.
        """
        return cast("m.OwnCourse", await self._call("PUT", "/v1/courses/{slug}", path={"slug": slug}, header={"If-Match": if_match}, body=body))

    async def read_glossary(self, slug: str, *, language: str | None = None, format: Literal['json', 'markdown', 'html'] | None = None) -> m.Glossary | str:
        """Read a course's glossary

        The terms in alphabetical order, as JSON, as Markdown or as a page that can be printed. Say which with `format`, or with
        `Accept`.
        """
        return cast("m.Glossary | str", await self._call("GET", "/v1/courses/{slug}/glossary", path={"slug": slug}, query={"language": language, "format": format}))

    async def read_field_guide(self, slug: str, *, language: str | None = None, format: Literal['json', 'markdown', 'html'] | None = None) -> m.FieldGuide | str:
        """Read a course's field guide

        The signs of the course in the order in which to read evidence, each with its layer, who can change it and the next
        step. As JSON, as Markdown or as a page that fits on one sheet of A4. Say which with `format`, or with `Accept`.
        """
        return cast("m.FieldGuide | str", await self._call("GET", "/v1/courses/{slug}/field-guide", path={"slug": slug}, query={"language": language, "format": format}))

    async def read_bundle(self, slug: str, *, language: Sequence[str] | None = None) -> m.BundleManifest:
        """Read the manifest of a course's offline bundle

        Lists everything that a client without a network needs, as immutable parts, each named by its content. To be up to date:
        read the manifest (with `If-None-Match`), fetch the parts whose `sha256` you do not have, verify them, then drop what the
        manifest no longer names. Answers are still graded by the service; see `PUT /v1/attempts/{id}` for bringing them.
        """
        return cast("m.BundleManifest", await self._call("GET", "/v1/courses/{slug}/bundle", path={"slug": slug}, query={"language": language}))

    async def read_bundle_archive(self, slug: str, *, language: Sequence[str] | None = None) -> bytes:
        """Read a course's offline bundle as one file

        A zip file with `manifest.json` and every part that it names, as `parts/{sha256}.json`: one request where a device has nothing
        yet. A download that broke off goes on with `Range` and `If-Range` (RFC 9110, section 14). To be up to date later, read the
        manifest and fetch the parts that are new.
        """
        return cast("bytes", await self._call("GET", "/v1/courses/{slug}/bundle.zip", path={"slug": slug}, query={"language": language}))

    async def read_bundle_part(self, sha256: str) -> m.BundlePartContent:
        """Read a part of a bundle

        By the SHA-256 of its bytes in no encoding, from a manifest; its `kind` there says which schema it has. It never changes,
        so keep it as long as you like. A part that is gone (404) was replaced: read the manifest again.
        """
        return cast("m.BundlePartContent", await self._call("GET", "/v1/bundle-parts/{sha256}", path={"sha256": sha256}))

    async def list_lessons(self, *, language: str | None = None) -> m.LessonList:
        """Lists the newest version of every lesson

        Summaries only; read a lesson for its blocks.
        """
        return cast("m.LessonList", await self._call("GET", "/v1/lessons", query={"language": language}))

    async def read_lesson(self, slug: str, *, version: str | None = None, language: str | None = None) -> m.Lesson:
        """Read a lesson

        The newest version, or any that was ever published (`version`). An alias answers like the slug. Each encoding has its
        own ETag; send it with `If-None-Match` to get 304 while nothing has changed.
        """
        return cast("m.Lesson", await self._call("GET", "/v1/lessons/{slug}", path={"slug": slug}, query={"version": version, "language": language}))

    async def list_lesson_versions(self, slug: str) -> m.VersionList:
        """Lists every published version of a lesson

        Published versions never change and never go away; attempts pin the one they were made on.
        """
        return cast("m.VersionList", await self._call("GET", "/v1/lessons/{slug}/versions", path={"slug": slug}))

    async def read_quiz(self, slug: str, *, version: str | None = None, language: str | None = None) -> m.Quiz:
        """Read a lesson's quiz

        As learners see it: items, options and shown evidence, without key and rationales. The order an attempt uses follows
        from the attempt's id; see `order`.
        """
        return cast("m.Quiz", await self._call("GET", "/v1/lessons/{slug}/quiz", path={"slug": slug}, query={"version": version, "language": language}))

    async def read_exercise(self, slug: str, *, version: str | None = None, language: str | None = None) -> m.Exercise:
        """Read a lesson's applied exercise

        Its four steps, its rubric, and sample cases for a learner who has no refusal of their own.
        """
        return cast("m.Exercise", await self._call("GET", "/v1/lessons/{slug}/exercise", path={"slug": slug}, query={"version": version, "language": language}))

    async def read_lesson_package(self, slug: str, *, format: Literal['qti3', 'qti21', 'qti12', 'cc13', 'cc11'] | None = None, version: str | None = None, language: str | None = None, report: bool | None = None) -> bytes | m.PackageReport:
        """Read a lesson's quiz as a package

        For another learning system, key and rationales included. What the format cannot say is named in `report.json` inside of
        the package, counted in the header `Waymark-Package-Report`, and answered alone with `report=true`. A package in QTI 3
        carries along what QTI cannot say and is read back whole; see `POST /v1/packages/import`. Equal content gives equal bytes.
        """
        return cast("bytes | m.PackageReport", await self._call("GET", "/v1/lessons/{slug}/package", path={"slug": slug}, query={"format": format, "version": version, "language": language, "report": report}))

    async def read_course_package(self, slug: str, *, format: Literal['qti3', 'qti21', 'qti12', 'cc13', 'cc11'] | None = None, language: str | None = None, report: bool | None = None) -> bytes | m.PackageReport:
        """Read a course as a package

        A Common Cartridge 1.3 or 1.1: each lesson and exercise as a web page that needs nothing else, each quiz in QTI 1.2, with key
        and rationales. Moodle imports 1.1 and not 1.3. What it cannot say is named in `report.json` inside of the package, counted in the header
        `Waymark-Package-Report`, and answered alone with `report=true`.
        """
        return cast("bytes | m.PackageReport", await self._call("GET", "/v1/courses/{slug}/package", path={"slug": slug}, query={"format": format, "language": language, "report": report}))

    async def import_package(self, body: bytes) -> m.ImportedPackage:
        """Read a package as a quiz

        A zip file in QTI 3.0, 2.0 to 2.2 or 1.2, or a Common Cartridge 1.0 to 1.3, of Waymark or of another system, answered as a quiz
        in the form of a `quiz.yaml`, with a report of what was not taken, was changed, or is still missing: a broken item or a missing
        file costs itself, not the package. Several tests of a package become one quiz. Nothing is stored. `Content-Type` may also be
        one of the names that browsers give a zip file (`application/x-zip-compressed`, `application/x-zip`, `application/octet-stream`)
        or that of a cartridge. Packages are bounded: 8 MiB packed, 64 MiB unpacked,
        2000 entries, 8 MiB a file; a document type, a link or a name that leads out of the package is refused.
        """
        return cast("m.ImportedPackage", await self._call("POST", "/v1/packages/import", body=body))

    async def read_source(self, slug: str, *, version: str | None = None) -> m.LessonSource:
        """Read a lesson's content with its key

        A published version, own or built-in, in the shape of a draft: for authors, never for learners. The `ETag` is the version.
        """
        return cast("m.LessonSource", await self._call("GET", "/v1/lessons/{slug}/source", path={"slug": slug}, query={"version": version}))

    async def withdraw_lesson(self, slug: str) -> m.Withdrawal:
        """Withdraw a lesson

        The newest version of a lesson of this tenant's own. It is no longer listed, not in courses and bundles, and
        `GET /v1/lessons/{slug}` answers 410; nobody begins an attempt or a submission on it. What was begun before stays: it can be
        read (`version` names the pinned version), saved, submitted and reviewed, and attempts that were begun offline before are
        taken. Publishing the next version puts the lesson back. The same call again changes nothing.
        """
        return cast("m.Withdrawal", await self._call("POST", "/v1/lessons/{slug}/withdraw", path={"slug": slug}))

    async def list_drafts(self, *, cursor: str | None = None, limit: int | None = None) -> m.DraftPage:
        """Lists drafts

        This tenant's, in the order of their slugs, without their content. One that is made while you walk through the pages shows if
        its slug comes after those you have seen.
        """
        return cast("m.DraftPage", await self._call("GET", "/v1/drafts", query={"cursor": cursor, "limit": limit}))

    def iter_drafts(self, *, limit: int | None = None) -> AsyncIterator[m.DraftSummary]:
        """Everything that `list_drafts` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.DraftSummary]", self._items("GET", "/v1/drafts", query={"limit": limit}))

    async def read_draft(self, slug: str) -> m.LessonDraft:
        """Read a draft

        With its content, key included, and the version it was published as last. The `ETag` is its revision.
        """
        return cast("m.LessonDraft", await self._call("GET", "/v1/drafts/{slug}", path={"slug": slug}))

    async def put_draft(self, slug: str, body: m.LessonContent, *, if_match: str | None = None) -> m.LessonDraft:
        """Create a draft, or replace its content

        The content is that of the files `lesson.yaml`, `quiz.yaml` and `exercise.yaml`, as JSON. Its shape must be right; what it
        says may be faulty while it is a draft. `lesson.revision` is counted by the service at publication: what is sent is ignored
        and not kept. The same call again changes nothing; other content needs `If-Match`. At most 1 MiB as JSON (and no more than a
        request body may have), 200 items, 500 blocks, 30 languages; at most 200 drafts.
        """
        return cast("m.LessonDraft", await self._call("PUT", "/v1/drafts/{slug}", path={"slug": slug}, header={"If-Match": if_match}, body=body))

    async def delete_draft(self, slug: str, *, if_match: str | None = None) -> None:
        """Delete a draft

        What was published from it stays.
        """
        return cast("None", await self._call("DELETE", "/v1/drafts/{slug}", path={"slug": slug}, header={"If-Match": if_match}))

    async def validate_draft(self, slug: str) -> m.DraftReport:
        """Say what is wrong with a draft

        By the rules of `waymark check`, beside everything that this tenant sees, each finding with a JSON pointer into the draft; and
        an estimate of what guessing by form would get. Nothing is changed.
        """
        return cast("m.DraftReport", await self._call("POST", "/v1/drafts/{slug}/validate", path={"slug": slug}))

    async def preview_draft(self, slug: str, *, language: str | None = None) -> m.DraftPreview:
        """See a draft as learners will

        Lesson, quiz and exercise exactly as they would be served, and beside them, for the author alone, the key and the
        rationales. A faulty draft is shown as far as it goes.
        """
        return cast("m.DraftPreview", await self._call("GET", "/v1/drafts/{slug}/preview", path={"slug": slug}, query={"language": language}))

    async def publish_draft(self, slug: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> m.Publication:
        """Publish a draft

        As the next revision of its lesson; published versions never change. Learners see it at once in this process, within 5 seconds
        in all. Where the newest version says the same already nothing is published (200, `unchanged`). A draft with errors is
        refused with their pointers, and so is an item whose kind, key, options or points changed under the same `revision`. The
        draft stays, for the next change.
        """
        return cast("m.Publication", await self._call("POST", "/v1/drafts/{slug}/publish", path={"slug": slug}, header={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    async def list_learners(self, *, cursor: str | None = None, limit: int | None = None, system: str | None = None, identity: str | None = None) -> m.LearnerPage:
        """Lists learners

        In the order in which they were made. A learner's token gets a list of just itself.
        """
        return cast("m.LearnerPage", await self._call("GET", "/v1/learners", query={"cursor": cursor, "limit": limit, "system": system, "identity": identity}))

    def iter_learners(self, *, limit: int | None = None, system: str | None = None, identity: str | None = None) -> AsyncIterator[m.Learner]:
        """Everything that `list_learners` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Learner]", self._items("GET", "/v1/learners", query={"limit": limit, "system": system, "identity": identity}))

    async def create_learner(self, body: m.NewLearner, *, idempotency_key: str | None = None) -> m.Learner:
        """Make a learner

        With one or more identities. Where a learner of an identity may be there already, `PUT /v1/learners/by-identity` is
        the better call. Repeat it safely with an `Idempotency-Key`.
        """
        return cast("m.Learner", await self._call("POST", "/v1/learners", header={"Idempotency-Key": idempotency_key}, body=body))

    async def put_learner_by_identity(self, body: m.LearnerChange, *, id: str, system: str | None = None, if_match: str | None = None) -> m.Learner:
        """Make or find the learner of an identity

        Makes the learner if there is none, else changes its name if that is another one. Repeat it as often as you like; of
        two that race, one makes the learner and the other finds it. `If-Match` is honoured.
        """
        return cast("m.Learner", await self._call("PUT", "/v1/learners/by-identity", query={"system": system, "id": id}, header={"If-Match": if_match}, body=body))

    async def read_learner(self, id: str) -> m.Learner:
        """Read a learner

        With its identities. The ETag is its revision. A learner's token reads itself only.
        """
        return cast("m.Learner", await self._call("GET", "/v1/learners/{id}", path={"id": id}))

    async def read_progress(self, id: str) -> m.LearnerProgress:
        """Read a learner's progress

        Through every lesson of every course: attempts, the attempt that counts, the exercise. Titles are in a language of
        `Accept-Language` where the lesson has it. To a learner's token a result that the lesson's policy withholds shows as
        null with `withheld: policy`.
        """
        return cast("m.LearnerProgress", await self._call("GET", "/v1/learners/{id}/progress", path={"id": id}))

    async def issue_learner_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a learner

        It speaks for that learner alone, in the name of the asking client; an app keeps it instead of client credentials.
        """
        return cast("m.TokenAnswer", await self._call("POST", "/v1/learners/{id}/token", path={"id": id}, body=body))

    async def issue_staff_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a staff member

        Staff are known by an id of the client's choice; records and reviews name it.
        """
        return cast("m.TokenAnswer", await self._call("POST", "/v1/staff/{id}/token", path={"id": id}, body=body))

    async def list_attempts(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> m.AttemptPage:
        """Lists attempts

        In the order in which they were made; a walk through the pages skips none, however many are made meanwhile, and shows none
        twice. A learner's token sees its own. A result that the policy shows only once attempts are used up is in the attempt itself,
        not in the list.
        """
        return cast("m.AttemptPage", await self._call("GET", "/v1/attempts", query={"cursor": cursor, "limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    def iter_attempts(self, *, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> AsyncIterator[m.Attempt]:
        """Everything that `list_attempts` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Attempt]", self._items("GET", "/v1/attempts", query={"limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    async def start_attempt(self, body: m.AttemptPut, *, idempotency_key: str | None = None) -> m.Attempt:
        """Start or resume an attempt

        The service chooses the id. Where an attempt of the learner is open in this placement, it is given back (200) instead
        of a second one (201). Offline clients use PUT with an id of their own.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Attempt", await self._call("POST", "/v1/attempts", header={"Idempotency-Key": idempotency_key}, body=body))

    async def read_attempt(self, id: str) -> m.Attempt:
        """Read an attempt

        After submission with the result, item by item; what the version's policy withholds from a learner is null.
        """
        return cast("m.Attempt", await self._call("GET", "/v1/attempts/{id}", path={"id": id}))

    async def put_attempt(self, id: str, body: m.AttemptPut, *, prefer: str | None = None) -> m.Attempt:
        """Start an attempt, or bring a whole one

        Repeatable: the same call again changes nothing and gives the same answer. With `responses` and `submit` it brings a
        whole attempt that was made offline, on any version that was ever published; such an attempt is always accepted.

        Each answer gets a result of its own, and a faulty one never sinks the good ones. What has one obvious meaning is taken: a
        number with the traces of binary fractions is rounded to nine digits behind the point, line ends and control characters go out
        of a typed text, a time worked is brought within its bounds; the result's `adjusted` says so. What cannot be taken is `refused`
        with a problem. Where an answer is refused `"submit": true` does not close the attempt: it is answered open, with
        `not_submitted`, so that the same call with the answer mended submits it. `"submit": "despite_refusals"` closes it in any case.

        Offline clients name the `version` that the learner saw. Where a whole attempt names none and its answers do not fit the newest
        version, nothing is stored, and the problem (422, at `/version`) asks for it.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Attempt", await self._call("PUT", "/v1/attempts/{id}", path={"id": id}, header={"Prefer": prefer}, body=body))

    async def put_responses(self, id: str, body: m.ResponsesPut) -> m.SaveResults:
        """Save several answers

        One result for each, in order: `saved`, `superseded` (a newer one is there), `late` (the attempt was submitted; kept,
        never scored) or `refused` with a problem. A refused answer is not stored: mend it before the attempt is submitted, or it
        comes `late`.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.SaveResults", await self._call("PUT", "/v1/attempts/{id}/responses", path={"id": id}, body=body))

    async def put_response(self, id: str, item_id: str, body: m.OneResponsePut) -> m.SaveResult:
        """Save one answer

        Repeatable; an older `seq` never overwrites a newer one.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.SaveResult", await self._call("PUT", "/v1/attempts/{id}/responses/{item_id}", path={"id": id, "item_id": item_id}, body=body))

    async def submit_attempt(self, id: str, *, prefer: str | None = None) -> m.Attempt:
        """Submit an attempt

        Graded at once. Submitting twice gives the same result twice.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Attempt", await self._call("POST", "/v1/attempts/{id}/submit", path={"id": id}, header={"Prefer": prefer}))

    async def list_gradings(self, id: str) -> m.GradingList:
        """Lists the gradings of an attempt

        That of its submission and those of regrades, the oldest first; the last one is in force. What the version's policy withholds
        from a learner is null.
        """
        return cast("m.GradingList", await self._call("GET", "/v1/attempts/{id}/gradings", path={"id": id}))

    async def list_regrades(self, *, cursor: str | None = None, limit: int | None = None) -> m.RegradePage:
        """Lists regrades

        This tenant's, the oldest first.
        """
        return cast("m.RegradePage", await self._call("GET", "/v1/regrades", query={"cursor": cursor, "limit": limit}))

    def iter_regrades(self, *, limit: int | None = None) -> AsyncIterator[m.Regrade]:
        """Everything that `list_regrades` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Regrade]", self._items("GET", "/v1/regrades", query={"limit": limit}))

    async def create_regrade(self, body: m.RegradePut, *, dry_run: bool | None = None, idempotency_key: str | None = None) -> m.Regrade:
        """Grade again, at an id of the service's choice

        As `PUT /v1/regrades/{id}`. Repeating it with the same `Idempotency-Key` gives the same regrade, as far as it is by then.
        """
        return cast("m.Regrade", await self._call("POST", "/v1/regrades", query={"dry_run": dry_run}, header={"Idempotency-Key": idempotency_key}, body=body))

    async def read_regrade(self, id: str) -> m.Regrade:
        """Read a regrade

        With how far it is.
        """
        return cast("m.Regrade", await self._call("GET", "/v1/regrades/{id}", path={"id": id}))

    async def put_regrade(self, id: str, body: m.RegradePut, *, dry_run: bool | None = None) -> m.Regrade:
        """Grade again what was submitted on a version

        By the items of another version of the lesson, usually because a key was wrong: every submitted attempt on `from`, whatever graded
        it last. Its items are graded by their namesakes in `to`, with their keys and points; an item that is not there, or that the
        answer does not fit there, keeps its grading and is named. The attempt stays on its version, whose policy says what passes.
        Every attempt gets a further grading (`GET /v1/attempts/{id}/gradings` has all) and a record, changed or not. It runs in
        small transactions; repeat the call to go on after a failure, or to take in what was submitted since (a phone that was offline):
        no attempt is graded twice by one regrade. With `dry_run=true` no attempt is graded: the regrade tells what would change (its
        `state` is `dry_run` then), goes on behind the answer like any other, and is done in earnest by the same call without `dry_run`.
        """
        return cast("m.Regrade", await self._call("PUT", "/v1/regrades/{id}", path={"id": id}, query={"dry_run": dry_run}, body=body))

    async def list_submissions(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> m.SubmissionPage:
        """Lists submissions

        A learner's token sees its own. `scores` and `total` are null here; reading one submission gives them.
        """
        return cast("m.SubmissionPage", await self._call("GET", "/v1/submissions", query={"cursor": cursor, "limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    def iter_submissions(self, *, limit: int | None = None, learner: str | None = None, lesson: str | None = None, state: str | None = None) -> AsyncIterator[m.Submission]:
        """Everything that `list_submissions` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Submission]", self._items("GET", "/v1/submissions", query={"limit": limit, "learner": learner, "lesson": lesson, "state": state}))

    async def create_submission(self, body: m.SubmissionPut, *, idempotency_key: str | None = None) -> m.Submission:
        """Create a submission

        The service chooses the id; offline clients use PUT with an id of their own. All four parts may be missing while it is
        a draft; `submit` submits it at once. Secrets and personal data are masked before anything is stored (`masked`).

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Submission", await self._call("POST", "/v1/submissions", header={"Idempotency-Key": idempotency_key}, body=body))

    async def read_submission(self, id: str) -> m.Submission:
        """Read a submission

        Its `ETag` is its revision: send it with `If-Match` when replacing the content.
        """
        return cast("m.Submission", await self._call("GET", "/v1/submissions/{id}", path={"id": id}))

    async def put_submission(self, id: str, body: m.SubmissionPut, *, if_match: str | None = None) -> m.Submission:
        """Create a submission at an id of the client's choice, or replace its content

        Repeatable: the same call again changes nothing. Replacing the content of a draft or returned submission needs
        `If-Match` with the ETag that was read. With `submit` one call brings a whole submission that was made offline.
        Lesson, version, language and context stay what they were at the creation.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Submission", await self._call("PUT", "/v1/submissions/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    async def submit_submission(self, id: str) -> m.Submission:
        """Submit a submission

        What must be there is checked, and a submission that lacks it is refused with a pointer for each part. All else comes back
        as `feedback`, at once: checks, points by criterion of the rubric, the diagnosis beside what the evidence shows, and what
        reads like a way round a safety check, which is named and never improved. Submitting what is submitted gives the same answer
        again.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.Submission", await self._call("POST", "/v1/submissions/{id}/submit", path={"id": id}))

    async def list_revisions(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> m.RevisionPage:
        """Lists the revisions of a submission

        Every change of content or state is one.
        """
        return cast("m.RevisionPage", await self._call("GET", "/v1/submissions/{id}/revisions", path={"id": id}, query={"cursor": cursor, "limit": limit}))

    def iter_revisions(self, id: str, *, limit: int | None = None) -> AsyncIterator[m.Revision]:
        """Everything that `list_revisions` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Revision]", self._items("GET", "/v1/submissions/{id}/revisions", path={"id": id}, query={"limit": limit}))

    async def list_reviews(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> m.ReviewPage:
        """Lists the reviews of a submission

        Each names the revision that its reviewer saw.
        """
        return cast("m.ReviewPage", await self._call("GET", "/v1/submissions/{id}/reviews", path={"id": id}, query={"cursor": cursor, "limit": limit}))

    def iter_reviews(self, id: str, *, limit: int | None = None) -> AsyncIterator[m.Review]:
        """Everything that `list_reviews` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Review]", self._items("GET", "/v1/submissions/{id}/reviews", path={"id": id}, query={"limit": limit}))

    async def create_review(self, id: str, body: m.ReviewPost, *, idempotency_key: str | None = None) -> m.Review:
        """Review a submission

        `reviewed` ends the work, `returned` asks the learner to change it and submit again; a reviewed submission may be
        reviewed again. Not for learners' tokens. Points by criterion overrule the service's, and both stay to be read in the
        submission's `scores`; the last review that names a criterion counts. The review names the revision that was read, which must be the present one.
        """
        return cast("m.Review", await self._call("POST", "/v1/submissions/{id}/reviews", path={"id": id}, header={"Idempotency-Key": idempotency_key}, body=body))

    async def list_diagnoses(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None) -> m.KeptDiagnosisPage:
        """Lists diagnoses that were kept

        A learner's token sees its own. Others see those that no learner kept, and with `learners:read` or `learners:act` learners' too.
        """
        return cast("m.KeptDiagnosisPage", await self._call("GET", "/v1/diagnoses", query={"cursor": cursor, "limit": limit, "learner": learner}))

    def iter_diagnoses(self, *, limit: int | None = None, learner: str | None = None) -> AsyncIterator[m.KeptDiagnosis]:
        """Everything that `list_diagnoses` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.KeptDiagnosis]", self._items("GET", "/v1/diagnoses", query={"limit": limit, "learner": learner}))

    async def run_diagnosis(self, body: m.Evidence, *, keep: bool | None = None, idempotency_key: str | None = None) -> m.DiagnosisResult:
        """Ask which layer refused

        Evidence in, verdict out, with the reasons that decided. Deterministic, without a model and without a network; the more
        of the evidence is there, the more certain. Nothing of the request is stored or logged unless `keep` is `true`; then
        evidence and verdict are kept, with secrets and personal data masked in both and in this answer.
        """
        return cast("m.DiagnosisResult", await self._call("POST", "/v1/diagnoses", query={"keep": keep}, header={"Idempotency-Key": idempotency_key}, body=body))

    async def read_diagnosis(self, id: str) -> m.KeptDiagnosis:
        """Read a diagnosis that was kept

        As it was concluded then: signals that were added or changed since change nothing in it. One that a learner kept is shown to that
        learner's token, and to others with `learners:read` or `learners:act`.
        """
        return cast("m.KeptDiagnosis", await self._call("GET", "/v1/diagnoses/{id}", path={"id": id}))

    async def put_diagnosis(self, id: str, body: m.Evidence) -> m.KeptDiagnosis:
        """Keep a diagnosis at an id of the client's choice

        Repeatable: the same evidence again changes nothing; after an erasure it is kept anew, so end a queue before you erase what
        it brought. Secrets and personal data are masked before anything is stored
        (`masked`).
        """
        return cast("m.KeptDiagnosis", await self._call("PUT", "/v1/diagnoses/{id}", path={"id": id}, body=body))

    async def erase_diagnosis(self, id: str) -> None:
        """Erase a diagnosis that was kept

        Evidence and verdict are gone for good. The log keeps that there was one, and what it concluded, without any text. One that a
        learner kept is erased by that learner's token, and by others with `learners:act`.
        """
        return cast("None", await self._call("DELETE", "/v1/diagnoses/{id}", path={"id": id}))

    async def list_signals(self, *, q: str | None = None, provider: str | None = None, layer: m.Layer | None = None, stage: m.Stage | None = None, cursor: str | None = None, limit: int | None = None) -> m.SignalPage:
        """Lists signals, or searches them

        The built-in signals and this tenant's own, in the order of their ids, without their examples. One that is made while you walk
        through the pages shows if its id comes after those you have seen.
        """
        return cast("m.SignalPage", await self._call("GET", "/v1/signals", query={"q": q, "provider": provider, "layer": layer, "stage": stage, "cursor": cursor, "limit": limit}))

    def iter_signals(self, *, q: str | None = None, provider: str | None = None, layer: m.Layer | None = None, stage: m.Stage | None = None, limit: int | None = None) -> AsyncIterator[m.Signal]:
        """Everything that `list_signals` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Signal]", self._items("GET", "/v1/signals", query={"q": q, "provider": provider, "layer": layer, "stage": stage, "limit": limit}))

    async def read_signal(self, signal: str) -> m.Signal:
        """Read a signal

        With its examples. The `ETag` of a tenant's own signal is its revision: send it with `If-Match` when replacing it.
        """
        return cast("m.Signal", await self._call("GET", "/v1/signals/{signal}", path={"signal": signal}))

    async def put_signal(self, signal: str, body: m.SignalPut, *, if_match: str | None = None) -> m.Signal:
        """Create a signal of this tenant's own, or replace it

        It speaks in this tenant's diagnoses beside the built-in ones: at once for this process, within 5 seconds for all. The
        same call again changes nothing; other content needs `If-Match`. It is held to the rules of the built-in signals, and at
        most 200 are kept, each of at most 32 KiB with at most 5 patterns.
        """
        return cast("m.Signal", await self._call("PUT", "/v1/signals/{signal}", path={"signal": signal}, header={"If-Match": if_match}, body=body))

    async def delete_signal(self, signal: str, *, if_match: str | None = None) -> None:
        """Delete a signal of this tenant's own

        It speaks no more. Diagnoses that were kept stay as they are.
        """
        return cast("None", await self._call("DELETE", "/v1/signals/{signal}", path={"signal": signal}, header={"If-Match": if_match}))

    async def list_records(self, *, after: str | None = None, limit: int | None = None, learner: str | None = None, lesson: str | None = None, kind: str | None = None) -> m.RecordPage:
        """Follow the records

        Records come in the order of the log. Keep `next_cursor`, ask again with `after`: nothing is ever skipped and nothing
        comes twice, however many write at the same time, also where the database is put back from a backup: what comes after that
        is in a later epoch (the first number of `position`). A learner's token sees that learner's records only, without verdicts
        that the lesson's policy withholds.
        """
        return cast("m.RecordPage", await self._call("GET", "/v1/records", query={"after": after, "limit": limit, "learner": learner, "lesson": lesson, "kind": kind}))
