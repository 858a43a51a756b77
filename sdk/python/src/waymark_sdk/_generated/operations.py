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
    "/v1/clients",
    "/v1/clients/{id}/secret",
    "/v1/keys",
])


class Operations:
    def _call(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}, body: Any = None) -> Any:
        raise NotImplementedError

    def _items(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}) -> Iterator[Any]:
        raise NotImplementedError

    def revoke_token(self, body: bytes) -> m.Revoked:
        """Take an access token back

        RFC 7009. It is good no more: at once for this process, within 5 seconds for all. A token that is none, or is good no more, is
        answered the same, and so is another tenant's, which stays. A client takes back its own tokens, those that it had made for people
        included.
        """
        return cast("m.Revoked", self._call("POST", "/oauth/revoke", body=body))

    def introspect_token(self, body: bytes) -> m.Introspection:
        """Look at an access token

        RFC 7662, for services that take tokens of this one. Of a token that is not good, or is another tenant's, only that is told.
        """
        return cast("m.Introspection", self._call("POST", "/oauth/introspect", body=body))

    def read_server_metadata(self) -> m.ServerMetadata:
        """What this authorisation server can do

        RFC 8414: where its operations are, which grants, ways to prove who a client is, and scopes there are.
        """
        return cast("m.ServerMetadata", self._call("GET", "/.well-known/oauth-authorization-server"))

    def jwks(self) -> m.Jwks:
        """Public keys that verify our tokens

        A JSON Web Key Set (RFC 7517): the key that signs, those that will, and those whose tokens are still good. Keep it for 5 minutes
        (`Cache-Control`), and read it again when a token names a key that you do not have: a new key stands here for 10 minutes before
        it signs.
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

        It counts as 10 requests where those of a caller are limited.
        """
        return cast("bytes | m.PackageReport", self._call("GET", "/v1/lessons/{slug}/package", path={"slug": slug}, query={"format": format, "version": version, "language": language, "report": report}))

    def read_course_package(self, slug: str, *, format: Literal['qti3', 'qti21', 'qti12', 'cc13', 'cc11'] | None = None, language: str | None = None, report: bool | None = None) -> bytes | m.PackageReport:
        """Read a course as a package

        A Common Cartridge 1.3 or 1.1: each lesson and exercise as a web page that needs nothing else, each quiz in QTI 1.2, with key
        and rationales. Moodle imports 1.1 and not 1.3. What it cannot say is named in `report.json` inside of the package, counted in the header
        `Waymark-Package-Report`, and answered alone with `report=true`.

        It counts as 20 requests where those of a caller are limited.
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

        It counts as 20 requests where those of a caller are limited.
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
        request body may have), 200 items, 500 blocks, 30 languages; as many drafts
        as the tenant's quota.
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

        It counts as 10 requests where those of a caller are limited.
        """
        return cast("m.DraftReport", self._call("POST", "/v1/drafts/{slug}/validate", path={"slug": slug}))

    def preview_draft(self, slug: str, *, language: str | None = None) -> m.DraftPreview:
        """See a draft as learners will

        Lesson, quiz and exercise exactly as they would be served, and beside them, for the author alone, the key and the
        rationales. A faulty draft is shown as far as it goes.

        It counts as 10 requests where those of a caller are limited.
        """
        return cast("m.DraftPreview", self._call("GET", "/v1/drafts/{slug}/preview", path={"slug": slug}, query={"language": language}))

    def publish_draft(self, slug: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> m.Publication:
        """Publish a draft

        As the next revision of its lesson; published versions never change. Learners see it at once in this process, within 5 seconds
        in all. Where the newest version says the same already nothing is published (200, `unchanged`). A draft with errors is
        refused with their pointers, and so is an item whose kind, key, options or points changed under the same `revision`. The
        draft stays, for the next change.

        It counts as 20 requests where those of a caller are limited.
        """
        return cast("m.Publication", self._call("POST", "/v1/drafts/{slug}/publish", path={"slug": slug}, header={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    def list_issuers(self) -> m.IssuerList:
        """Lists the tenant's issuers

        Identity providers whose tokens this tenant takes at `/oauth/token`.
        """
        return cast("m.IssuerList", self._call("GET", "/v1/issuers"))

    def read_issuer(self, id: str) -> m.Issuer:
        """Read an issuer

        The ETag is its revision: send it with `If-Match` when changing it.
        """
        return cast("m.Issuer", self._call("GET", "/v1/issuers/{id}", path={"id": id}))

    def put_issuer(self, id: str, body: m.IssuerPut, *, if_match: str | None = None) -> m.Issuer:
        """Register an issuer, or change it

        An OpenID Connect provider whose tokens apps of this tenant hand in at `/oauth/token` (token exchange). Its keys are read over https
        when the first token comes, kept for an hour, and read again when a token names an unknown one. The same call again changes nothing;
        other content needs `If-Match`.
        """
        return cast("m.Issuer", self._call("PUT", "/v1/issuers/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    def delete_issuer(self, id: str) -> None:
        """Delete an issuer

        Its tokens are taken no more. Tokens of ours that were given for them last until they expire; refresh tokens end with their client.
        """
        return cast("None", self._call("DELETE", "/v1/issuers/{id}", path={"id": id}))

    def list_personal_tokens(self, *, cursor: str | None = None, limit: int | None = None) -> m.PersonalTokenPage:
        """Lists personal tokens

        In the order of their ids, those that expired or were taken back included, with the time of their last use.
        """
        return cast("m.PersonalTokenPage", self._call("GET", "/v1/personal-tokens", query={"cursor": cursor, "limit": limit}))

    def iter_personal_tokens(self, *, limit: int | None = None) -> Iterator[m.PersonalToken]:
        """Everything that `list_personal_tokens` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.PersonalToken]", self._items("GET", "/v1/personal-tokens", query={"limit": limit}))

    def read_personal_token(self, id: str) -> m.PersonalToken:
        """Read a personal token

        What it is for and when it was last used; the token itself is shown only by the call that made it.
        """
        return cast("m.PersonalToken", self._call("GET", "/v1/personal-tokens/{id}", path={"id": id}))

    def put_personal_token(self, id: str, body: m.NewPersonalToken) -> m.PersonalToken:
        """Make a personal token

        For a member of staff, or for the calling client itself: a dashboard or a script sends it as `Authorization: Bearer wm_pat_...` until
        it expires or is taken back. The answer that makes it has it in `token`; it is stored as a digest alone and shown never again. The
        same call again answers 200 without it: whoever lost the first answer takes that token back and makes another one.
        """
        return cast("m.PersonalToken", self._call("PUT", "/v1/personal-tokens/{id}", path={"id": id}, body=body))

    def delete_personal_token(self, id: str) -> None:
        """Take a personal token back

        It is good no more: at once for this process, within 5 seconds for all. It stays in the list.
        """
        return cast("None", self._call("DELETE", "/v1/personal-tokens/{id}", path={"id": id}))

    def list_learners(self, *, cursor: str | None = None, limit: int | None = None, system: str | None = None, identity: str | None = None, state: Literal['active', 'deactivated', 'merged'] | None = None) -> m.LearnerPage:
        """Lists learners

        In the order in which they were made. A learner's token gets a list of just itself, a staff token without `learners:all` the
        learners of its cohorts. With `state` those alone that are `active`,
        `deactivated` or `merged`; one that takes on a state while you walk through the pages may be passed over.
        """
        return cast("m.LearnerPage", self._call("GET", "/v1/learners", query={"cursor": cursor, "limit": limit, "system": system, "identity": identity, "state": state}))

    def iter_learners(self, *, limit: int | None = None, system: str | None = None, identity: str | None = None, state: Literal['active', 'deactivated', 'merged'] | None = None) -> Iterator[m.Learner]:
        """Everything that `list_learners` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Learner]", self._items("GET", "/v1/learners", query={"limit": limit, "system": system, "identity": identity, "state": state}))

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

        With its identities. The ETag is its revision. A learner's token reads itself only. One that was merged into another learner has
        the state `merged` and says into whom (`merged_into`); its identities are that one's now.
        """
        return cast("m.Learner", self._call("GET", "/v1/learners/{id}", path={"id": id}))

    def read_progress(self, id: str) -> m.LearnerProgress:
        """Read a learner's progress

        Through every lesson of every course: attempts, the attempt that counts, the exercise. Titles are in a language of
        `Accept-Language` where the lesson has it. To a learner's token a result that the lesson's policy withholds shows as
        null with `withheld: policy`. Of a learner that was merged it is the progress of the one that it was merged into (`learner`).
        """
        return cast("m.LearnerProgress", self._call("GET", "/v1/learners/{id}/progress", path={"id": id}))

    def issue_learner_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a learner

        It speaks for that learner alone, in the name of the asking client; an app keeps it instead of client credentials. For a learner
        that was merged it speaks for the one that it was merged into; for a deactivated one there is none.
        """
        return cast("m.TokenAnswer", self._call("POST", "/v1/learners/{id}/token", path={"id": id}, body=body))

    def list_identities(self, id: str) -> m.LearnerIdentities:
        """Lists a learner's identities

        All of them, in the order of their names. A learner's token reads its own.
        """
        return cast("m.LearnerIdentities", self._call("GET", "/v1/learners/{id}/identities", path={"id": id}))

    def put_identity(self, id: str, body: m.IdentityRef) -> m.LearnerIdentity:
        """Add an identity to a learner

        Under which name one more system knows the learner. Repeatable. A learner has at most 20 identities, but for one who was merged
        from several.
        """
        return cast("m.LearnerIdentity", self._call("PUT", "/v1/learners/{id}/identities", path={"id": id}, body=body))

    def remove_learner_identity(self, id: str, *, identity: str, system: str | None = None) -> None:
        """Take an identity away from a learner

        Repeatable. The last one may go too: then the learner is found by its id alone, and whoever names the identity makes a new learner
        or is told that there is none.
        """
        return cast("None", self._call("DELETE", "/v1/learners/{id}/identities", path={"id": id}, query={"system": system, "identity": identity}))

    def deactivate_learner(self, id: str) -> m.Learner:
        """Deactivate a learner

        Within 5 seconds the learner's own tokens are refused by every process, and no new ones are made. All of it can be read as before, and it is found by
        its identities; nothing is written for it by anybody (409 `illegal_state`), but what it kept can be erased, and a regrade of a
        whole version takes its attempts in. Repeatable.
        """
        return cast("m.Learner", self._call("POST", "/v1/learners/{id}/deactivate", path={"id": id}))

    def reactivate_learner(self, id: str) -> m.Learner:
        """Reactivate a learner

        All is as before the deactivation: tokens that have not expired work again within 5 seconds. Revoke them first if they must not.
        Repeatable.
        """
        return cast("m.Learner", self._call("POST", "/v1/learners/{id}/reactivate", path={"id": id}))

    def put_claim(self, id: str, claim: str, body: m.ClaimPut) -> m.LearnerMerge:
        """Hand a guest's work over to a learner

        Somebody worked as a guest, a learner whom only the client knows, and then signed in: what the guest did becomes the learner's, as by a
        merge. With the learner's own token, which shows the guest's (`guest_token`), or with a client's that has `learners:act`, which may
        also name a guest of its own (`guest`). Repeatable while the guest's token is good: the id is the caller's choice.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.LearnerMerge", self._call("PUT", "/v1/learners/{id}/claims/{claim}", path={"id": id, "claim": claim}, body=body))

    def undo_claim(self, id: str, claim: str) -> m.LearnerMerge:
        """Undo the handing over of a guest's work

        Within 30 days: what the guest did is the guest's again, what was made since stays. By whoever may hand over. Repeatable.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.LearnerMerge", self._call("POST", "/v1/learners/{id}/claims/{claim}/undo", path={"id": id, "claim": claim}))

    def list_learner_merges(self, *, cursor: str | None = None, limit: int | None = None) -> m.LearnerMergePage:
        """Lists merges of learners

        In the order in which they were made, undone ones too, and those that handed over a guest's work (`claim`).
        """
        return cast("m.LearnerMergePage", self._call("GET", "/v1/learner-merges", query={"cursor": cursor, "limit": limit}))

    def iter_learner_merges(self, *, limit: int | None = None) -> Iterator[m.LearnerMerge]:
        """Everything that `list_learner_merges` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.LearnerMerge]", self._items("GET", "/v1/learner-merges", query={"limit": limit}))

    def read_learner_merge(self, id: str) -> m.LearnerMerge:
        """Read a merge of learners

        Who became whom, how much was moved, and until when it can be undone.
        """
        return cast("m.LearnerMerge", self._call("GET", "/v1/learner-merges/{id}", path={"id": id}))

    def put_learner_merge(self, id: str, body: m.LearnerMergePut) -> m.LearnerMerge:
        """Merge two learners

        They are one person: identities, attempts, submissions with their reviews, kept diagnoses and what was used today become those of
        `into`. From then on whoever names `from`, by its id or by an identity, and each token of it, acts for `into`; `from` itself can
        still be read, with the state `merged`. A phone that was offline meanwhile hands in as the learner that it knows, and its work
        arrives at `into`.

        Attempts in one lesson and placement are numbered anew in the order in which they were started. What was used of the allowed
        attempts stays used, and no submitted attempt is taken back. Of two open ones the older has the place; the other stays open beside
        it, with its answers, until it is submitted.

        Repeatable: the id is the caller's choice. For 30 days `POST /v1/learner-merges/{id}/undo` gives back what was moved. At most 20
        learners become one.
        """
        return cast("m.LearnerMerge", self._call("PUT", "/v1/learner-merges/{id}", path={"id": id}, body=body))

    def undo_learner_merge(self, id: str) -> m.LearnerMerge:
        """Undo a merge of learners

        Within 30 days. What the merge moved goes back, with the numbers of attempts as they were; what was made since then stays with the
        learner who has it. The last merge into a learner is undone first. Repeatable.
        """
        return cast("m.LearnerMerge", self._call("POST", "/v1/learner-merges/{id}/undo", path={"id": id}))

    def sign_out_learner(self, id: str) -> None:
        """End all sign-ins of a learner

        Its refresh tokens are good no more, nor the access token that each sign-in got last: at once in this process, within 5 seconds in all.
        An access token that was refreshed before it ended lasts until then, an hour at most, and so does one that a client made; deactivating
        the learner ends those too. Of a learner that was merged the sign-ins of the one that it is now end. The same call again changes nothing.
        """
        return cast("None", self._call("POST", "/v1/learners/{id}/sign-out", path={"id": id}))

    def sign_out_staff(self, id: str) -> None:
        """End all sign-ins of a staff member

        Its refresh tokens are good no more, nor the access token that each sign-in got last: at once in this process, within 5 seconds in all.
        An access token that was refreshed before it ended lasts until then, an hour at most, and so does one that a client made; personal tokens
        are taken back by themselves. The same call again changes nothing, nor does one for somebody who never signed in.
        """
        return cast("None", self._call("POST", "/v1/staff/{id}/sign-out", path={"id": id}))

    def issue_staff_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a staff member

        Staff are known by an id of the client's choice; records and reviews name it.
        """
        return cast("m.TokenAnswer", self._call("POST", "/v1/staff/{id}/token", path={"id": id}, body=body))

    def list_cohorts(self, *, cursor: str | None = None, limit: int | None = None) -> m.CohortPage:
        """Lists cohorts

        In the order of their ids. A staff token without `learners:all` gets those that it instructs.
        """
        return cast("m.CohortPage", self._call("GET", "/v1/cohorts", query={"cursor": cursor, "limit": limit}))

    def iter_cohorts(self, *, limit: int | None = None) -> Iterator[m.Cohort]:
        """Everything that `list_cohorts` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Cohort]", self._items("GET", "/v1/cohorts", query={"limit": limit}))

    def read_cohort(self, id: str) -> m.Cohort:
        """Read a cohort

        The ETag is its revision: send it with `If-Match` when changing it.
        """
        return cast("m.Cohort", self._call("GET", "/v1/cohorts/{id}", path={"id": id}))

    def put_cohort(self, id: str, body: m.CohortPut, *, if_match: str | None = None) -> m.Cohort:
        """Make a cohort, or change it

        The same call again changes nothing; other content needs `If-Match`. Staff need `learners:all` too.
        """
        return cast("m.Cohort", self._call("PUT", "/v1/cohorts/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    def delete_cohort(self, id: str) -> None:
        """Delete a cohort

        The group goes, with its due dates and who was in it. The learners and all that they did stay.
        """
        return cast("None", self._call("DELETE", "/v1/cohorts/{id}", path={"id": id}))

    def import_roster(self, body: bytes, *, system: str) -> m.RosterImport:
        """Import a roster

        As a zip file with `manifest.csv`, `users.csv`, `classes.csv` and `enrollments.csv` of OneRoster 1.2, or as `text/csv` with the columns
        `cohort,learner_system,learner_id,role` and perhaps `status` and `name`. In UTF-8, with or without byte order mark. Classes become
        cohorts, known by `system` and their `sourcedId`; students become learners by the identity (system, sourcedId), and new ones are
        made; teachers become instructors with the id that a token of the issuer `system` gives them. What is good is taken though other rows are
        refused, each named in the answer. The same file again changes nothing. Whoever is not in the file stays; `tobedeleted` takes out.
        Needs `learners:write` too.

        It counts as 20 requests where those of a caller are limited.
        """
        return cast("m.RosterImport", self._call("POST", "/v1/cohorts/import", query={"system": system}, body=body))

    def list_cohort_learners(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> m.CohortLearnerPage:
        """Lists a cohort's learners

        In the order of their ids. Of learners who were merged it has the one that they are now.
        """
        return cast("m.CohortLearnerPage", self._call("GET", "/v1/cohorts/{id}/learners", path={"id": id}, query={"cursor": cursor, "limit": limit}))

    def iter_cohort_learners(self, id: str, *, limit: int | None = None) -> Iterator[m.CohortLearner]:
        """Everything that `list_cohort_learners` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.CohortLearner]", self._items("GET", "/v1/cohorts/{id}/learners", path={"id": id}, query={"limit": limit}))

    def put_cohort_learner(self, id: str, learner: str) -> None:
        """Put a learner into a cohort

        Repeatable. A learner that was merged stands for the one that it is now.
        """
        return cast("None", self._call("PUT", "/v1/cohorts/{id}/learners/{learner}", path={"id": id, "learner": learner}))

    def remove_cohort_learner(self, id: str, learner: str) -> None:
        """Take a learner out of a cohort

        Repeatable. What the learner did stays.
        """
        return cast("None", self._call("DELETE", "/v1/cohorts/{id}/learners/{learner}", path={"id": id, "learner": learner}))

    def put_cohort_instructor(self, id: str, staff: str) -> None:
        """Give a cohort an instructor

        Repeatable. The id is that of a member of staff, as tokens name it; from now on such a token reaches the cohort's learners.
        """
        return cast("None", self._call("PUT", "/v1/cohorts/{id}/instructors/{staff}", path={"id": id, "staff": staff}))

    def remove_cohort_instructor(self, id: str, staff: str) -> None:
        """Take an instructor away from a cohort

        Repeatable. Tokens of that person reach the cohort's learners no more, at once.
        """
        return cast("None", self._call("DELETE", "/v1/cohorts/{id}/instructors/{staff}", path={"id": id, "staff": staff}))

    def list_attempts(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> m.AttemptPage:
        """Lists attempts

        In the order in which they were made; a walk through the pages skips none, however many are made meanwhile, and shows none
        twice. A learner's token sees its own, a staff token without `learners:all` what the learners of its cohorts did. A result that the policy shows only once attempts are used up is in the attempt itself,
        not in the list.
        """
        return cast("m.AttemptPage", self._call("GET", "/v1/attempts", query={"cursor": cursor, "limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

    def iter_attempts(self, *, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> Iterator[m.Attempt]:
        """Everything that `list_attempts` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Attempt]", self._items("GET", "/v1/attempts", query={"limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

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

        A phone that was offline while its learner was merged into another one changes nothing: with its token, or under the learner's old id
        or identity, the attempt arrives at the learner who stays, numbered after those that are there.

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

        It counts as 50 requests where those of a caller are limited.
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

        It counts as 50 requests where those of a caller are limited.
        """
        return cast("m.Regrade", self._call("PUT", "/v1/regrades/{id}", path={"id": id}, query={"dry_run": dry_run}, body=body))

    def list_submissions(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> m.SubmissionPage:
        """Lists submissions

        A learner's token sees its own, a staff token without `learners:all` what the learners of its cohorts did. `scores` and `total` are null here; reading one submission gives them.
        """
        return cast("m.SubmissionPage", self._call("GET", "/v1/submissions", query={"cursor": cursor, "limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

    def iter_submissions(self, *, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> Iterator[m.Submission]:
        """Everything that `list_submissions` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Submission]", self._items("GET", "/v1/submissions", query={"limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

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

        A learner's token sees its own. Others see those that no learner kept, and with `learners:read` or `learners:act` learners' too;
        with these, staff without `learners:all` get just those that the learners of their cohorts kept.
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

        It counts as 5 requests where those of a caller are limited.
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

        It counts as 5 requests where those of a caller are limited.
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
        same call again changes nothing; other content needs `If-Match`. It is held to the rules of the built-in signals, and as
        many as the tenant's quota are kept, each of at most 32 KiB with at most 5 patterns.
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
        is in a later epoch (the first number of `position`). Nothing in the log is rewritten when two learners become one
        (`learner.merged`): the feed of the one shows the records of both, also those from before a cursor that was made before, to whoever
        reads it from the beginning. A learner's token sees that learner's records only, without verdicts
        that the lesson's policy withholds.
        """
        return cast("m.RecordPage", self._call("GET", "/v1/records", query={"after": after, "limit": limit, "learner": learner, "lesson": lesson, "kind": kind}))

    def list_clients(self, *, cursor: str | None = None, limit: int | None = None) -> m.ClientPage:
        """List clients

        This tenant's, disabled ones included, in the order in which they were made. No answer but the one that made it shows a secret.
        """
        return cast("m.ClientPage", self._call("GET", "/v1/clients", query={"cursor": cursor, "limit": limit}))

    def iter_clients(self, *, limit: int | None = None) -> Iterator[m.RegisteredClient]:
        """Everything that `list_clients` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.RegisteredClient]", self._items("GET", "/v1/clients", query={"limit": limit}))

    def create_client(self, body: m.ClientPut, *, idempotency_key: str | None = None) -> m.RegisteredClient:
        """Make a client

        The answer shows its secret, this once. With an `Idempotency-Key` the same call again gives the same client, without its secret,
        which is never kept: `secret_state` says which. `PUT /v1/clients/{id}` makes a client at an id of your choice.
        """
        return cast("m.RegisteredClient", self._call("POST", "/v1/clients", header={"Idempotency-Key": idempotency_key}, body=body))

    def read_client(self, id: str) -> m.RegisteredClient:
        """Read a client

        The ETag is its revision. Its secret is shown by no answer but the one that made it.
        """
        return cast("m.RegisteredClient", self._call("GET", "/v1/clients/{id}", path={"id": id}))

    def put_client(self, id: str, body: m.ClientPut, *, if_match: str | None = None) -> m.RegisteredClient:
        """Make a client at this id, or change it

        The answer that makes it shows its secret, this once; the same call again answers 200 without it (`secret_state` is
        `given_before`) and changes nothing. Another name, other scopes or other keys need `If-Match`. A scope that a client loses is lost to
        tokens that it got before too, within 5 seconds. Nobody gives a scope that the own token lacks, a client cannot take
        `clients:admin` from itself, and a tenant's last client that has it keeps it.
        """
        return cast("m.RegisteredClient", self._call("PUT", "/v1/clients/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    def rotate_client_secret(self, id: str, body: m.SecretRotation, *, idempotency_key: str | None = None, if_match: str | None = None) -> m.RegisteredClient:
        """Give a client another secret

        The answer shows it, this once. The secret before stays good for `overlap_seconds` from now on, so that the client can change over
        without a failure; one before that ends at once. With an `Idempotency-Key` the same call again changes nothing and answers without
        the secret; with `If-Match` the call is refused where the client was changed meanwhile. It needs every scope that the client has.
        """
        return cast("m.RegisteredClient", self._call("POST", "/v1/clients/{id}/secret", path={"id": id}, header={"Idempotency-Key": idempotency_key, "If-Match": if_match}, body=body))

    def disable_client(self, id: str) -> m.RegisteredClient:
        """Disable a client

        It gets no more tokens, and those that it got are refused: at once by this process, within 5 seconds by all. What belongs to it
        stays. The same call again changes nothing. A client cannot disable itself, nor the tenant's last one with `clients:admin`.
        """
        return cast("m.RegisteredClient", self._call("POST", "/v1/clients/{id}/disable", path={"id": id}))

    def enable_client(self, id: str) -> m.RegisteredClient:
        """Let a disabled client in again

        It gets tokens again, and those of its tokens that have not expired are good again. Give it another secret first where the old one
        may be known to others. The same call again changes nothing. It needs every scope that the client has.
        """
        return cast("m.RegisteredClient", self._call("POST", "/v1/clients/{id}/enable", path={"id": id}))

    def list_tenants(self, *, cursor: str | None = None, limit: int | None = None) -> m.TenantPage:
        """List tenants

        In the order of their names, suspended ones included. Only for the tenant that runs the installation.
        """
        return cast("m.TenantPage", self._call("GET", "/v1/tenants", query={"cursor": cursor, "limit": limit}))

    def iter_tenants(self, *, limit: int | None = None) -> Iterator[m.Organisation]:
        """Everything that `list_tenants` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.Organisation]", self._items("GET", "/v1/tenants", query={"limit": limit}))

    def read_tenant(self, id: str) -> m.Organisation:
        """Read a tenant

        Only for the tenant that runs the installation.
        """
        return cast("m.Organisation", self._call("GET", "/v1/tenants/{id}", path={"id": id}))

    def put_tenant(self, id: str, body: m.TenantPut) -> m.Organisation:
        """Make a tenant

        With its first client, which may do everything there and whose secret this answer shows, this once. The same call again answers
        200 without it and changes nothing. A name or an id that another tenant has is refused.
        """
        return cast("m.Organisation", self._call("PUT", "/v1/tenants/{id}", path={"id": id}, body=body))

    def suspend_tenant(self, id: str) -> m.Organisation:
        """Suspend a tenant

        Nobody of it gets a token, and its tokens are refused: at once by this process, within 5 seconds by all. What it has stays. The
        same call again changes nothing. The tenant that runs the installation cannot be suspended.
        """
        return cast("m.Organisation", self._call("POST", "/v1/tenants/{id}/suspend", path={"id": id}))

    def resume_tenant(self, id: str) -> m.Organisation:
        """Let a suspended tenant in again

        Its clients get tokens again, and those of its tokens that have not expired are good again. The same call again changes nothing.
        """
        return cast("m.Organisation", self._call("POST", "/v1/tenants/{id}/resume", path={"id": id}))

    def read_quotas(self, id: str) -> m.QuotaReport:
        """Read a tenant's quotas

        What was set for it, the limits in force, and what it has. Only for the tenant that runs the installation.
        """
        return cast("m.QuotaReport", self._call("GET", "/v1/tenants/{id}/quotas", path={"id": id}))

    def put_tenant_quotas(self, id: str, body: m.QuotasPut) -> m.QuotaReport:
        """Set a tenant's quotas

        All of them: what is left out, or null, is the installation's default; 0 is no limit. It holds at once in this process, within 5
        seconds in all. The same call again changes nothing. What the tenant has stays, also where it is more than the limit; it gets no more.
        """
        return cast("m.QuotaReport", self._call("PUT", "/v1/tenants/{id}/quotas", path={"id": id}, body=body))

    def list_keys(self) -> m.SigningKeys:
        """List signing keys

        Of the whole installation, without their private parts; `/.well-known/jwks.json` has what verifies a token. Only for the tenant that
        runs the installation.
        """
        return cast("m.SigningKeys", self._call("GET", "/v1/keys"))

    def rotate_keys(self, body: m.KeyRotation, *, idempotency_key: str | None = None) -> m.KeyShown:
        """Make the next signing key

        It is published now and signs after ten minutes, so that everybody knows it by then; the key before it verifies until the last token
        that it signed has expired. No request is refused meanwhile, unless a key is said to be `compromised`. Repeat it safely with an
        `Idempotency-Key`.
        """
        return cast("m.KeyShown", self._call("POST", "/v1/keys", header={"Idempotency-Key": idempotency_key}, body=body))

    def list_audit_entries(self, *, cursor: str | None = None, limit: int | None = None, order: Literal['newest', 'oldest'] | None = None, act: str | None = None, object_type: str | None = None, object_id: str | None = None, principal: str | None = None, from_: str | None = None, to: str | None = None) -> m.AuditPage:
        """List what was done

        Who did what to what, when, from where: administrative acts, tokens that were made, failed sign-ins, what staff read of others.
        In the order of their times; the entries of the caller's tenant alone. To follow the log, or to verify it, read the export,
        which has the order of the chain.
        """
        return cast("m.AuditPage", self._call("GET", "/v1/audit", query={"cursor": cursor, "limit": limit, "order": order, "act": act, "object_type": object_type, "object_id": object_id, "principal": principal, "from": from_, "to": to}))

    def iter_audit_entries(self, *, limit: int | None = None, order: Literal['newest', 'oldest'] | None = None, act: str | None = None, object_type: str | None = None, object_id: str | None = None, principal: str | None = None, from_: str | None = None, to: str | None = None) -> Iterator[m.AuditEntry]:
        """Everything that `list_audit_entries` lists, fetched page by page as it is asked for."""
        return cast("Iterator[m.AuditEntry]", self._items("GET", "/v1/audit", query={"limit": limit, "order": order, "act": act, "object_type": object_type, "object_id": object_id, "principal": principal, "from": from_, "to": to}))

    def export_audit_entries(self, *, after: int | None = None, limit: int | None = None) -> str:
        """Export the audit log

        As JSON lines in the order of the chain, from the entry after `after`: all that is needed to verify it elsewhere
        (`docs/audit.md`). Go on with the number of the last line until a piece is empty; entries never change and none is ever added
        before another.
        """
        return cast("str", self._call("GET", "/v1/audit/export", query={"after": after, "limit": limit}))


class AsyncOperations:
    async def _call(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}, body: Any = None) -> Any:
        raise NotImplementedError

    def _items(self, method: str, url: str, *, path: dict[str, Any] = {}, query: dict[str, Any] = {}, header: dict[str, Any] = {}) -> AsyncIterator[Any]:
        raise NotImplementedError

    async def revoke_token(self, body: bytes) -> m.Revoked:
        """Take an access token back

        RFC 7009. It is good no more: at once for this process, within 5 seconds for all. A token that is none, or is good no more, is
        answered the same, and so is another tenant's, which stays. A client takes back its own tokens, those that it had made for people
        included.
        """
        return cast("m.Revoked", await self._call("POST", "/oauth/revoke", body=body))

    async def introspect_token(self, body: bytes) -> m.Introspection:
        """Look at an access token

        RFC 7662, for services that take tokens of this one. Of a token that is not good, or is another tenant's, only that is told.
        """
        return cast("m.Introspection", await self._call("POST", "/oauth/introspect", body=body))

    async def read_server_metadata(self) -> m.ServerMetadata:
        """What this authorisation server can do

        RFC 8414: where its operations are, which grants, ways to prove who a client is, and scopes there are.
        """
        return cast("m.ServerMetadata", await self._call("GET", "/.well-known/oauth-authorization-server"))

    async def jwks(self) -> m.Jwks:
        """Public keys that verify our tokens

        A JSON Web Key Set (RFC 7517): the key that signs, those that will, and those whose tokens are still good. Keep it for 5 minutes
        (`Cache-Control`), and read it again when a token names a key that you do not have: a new key stands here for 10 minutes before
        it signs.
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

        It counts as 10 requests where those of a caller are limited.
        """
        return cast("bytes | m.PackageReport", await self._call("GET", "/v1/lessons/{slug}/package", path={"slug": slug}, query={"format": format, "version": version, "language": language, "report": report}))

    async def read_course_package(self, slug: str, *, format: Literal['qti3', 'qti21', 'qti12', 'cc13', 'cc11'] | None = None, language: str | None = None, report: bool | None = None) -> bytes | m.PackageReport:
        """Read a course as a package

        A Common Cartridge 1.3 or 1.1: each lesson and exercise as a web page that needs nothing else, each quiz in QTI 1.2, with key
        and rationales. Moodle imports 1.1 and not 1.3. What it cannot say is named in `report.json` inside of the package, counted in the header
        `Waymark-Package-Report`, and answered alone with `report=true`.

        It counts as 20 requests where those of a caller are limited.
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

        It counts as 20 requests where those of a caller are limited.
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
        request body may have), 200 items, 500 blocks, 30 languages; as many drafts
        as the tenant's quota.
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

        It counts as 10 requests where those of a caller are limited.
        """
        return cast("m.DraftReport", await self._call("POST", "/v1/drafts/{slug}/validate", path={"slug": slug}))

    async def preview_draft(self, slug: str, *, language: str | None = None) -> m.DraftPreview:
        """See a draft as learners will

        Lesson, quiz and exercise exactly as they would be served, and beside them, for the author alone, the key and the
        rationales. A faulty draft is shown as far as it goes.

        It counts as 10 requests where those of a caller are limited.
        """
        return cast("m.DraftPreview", await self._call("GET", "/v1/drafts/{slug}/preview", path={"slug": slug}, query={"language": language}))

    async def publish_draft(self, slug: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> m.Publication:
        """Publish a draft

        As the next revision of its lesson; published versions never change. Learners see it at once in this process, within 5 seconds
        in all. Where the newest version says the same already nothing is published (200, `unchanged`). A draft with errors is
        refused with their pointers, and so is an item whose kind, key, options or points changed under the same `revision`. The
        draft stays, for the next change.

        It counts as 20 requests where those of a caller are limited.
        """
        return cast("m.Publication", await self._call("POST", "/v1/drafts/{slug}/publish", path={"slug": slug}, header={"If-Match": if_match, "Idempotency-Key": idempotency_key}))

    async def list_issuers(self) -> m.IssuerList:
        """Lists the tenant's issuers

        Identity providers whose tokens this tenant takes at `/oauth/token`.
        """
        return cast("m.IssuerList", await self._call("GET", "/v1/issuers"))

    async def read_issuer(self, id: str) -> m.Issuer:
        """Read an issuer

        The ETag is its revision: send it with `If-Match` when changing it.
        """
        return cast("m.Issuer", await self._call("GET", "/v1/issuers/{id}", path={"id": id}))

    async def put_issuer(self, id: str, body: m.IssuerPut, *, if_match: str | None = None) -> m.Issuer:
        """Register an issuer, or change it

        An OpenID Connect provider whose tokens apps of this tenant hand in at `/oauth/token` (token exchange). Its keys are read over https
        when the first token comes, kept for an hour, and read again when a token names an unknown one. The same call again changes nothing;
        other content needs `If-Match`.
        """
        return cast("m.Issuer", await self._call("PUT", "/v1/issuers/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    async def delete_issuer(self, id: str) -> None:
        """Delete an issuer

        Its tokens are taken no more. Tokens of ours that were given for them last until they expire; refresh tokens end with their client.
        """
        return cast("None", await self._call("DELETE", "/v1/issuers/{id}", path={"id": id}))

    async def list_personal_tokens(self, *, cursor: str | None = None, limit: int | None = None) -> m.PersonalTokenPage:
        """Lists personal tokens

        In the order of their ids, those that expired or were taken back included, with the time of their last use.
        """
        return cast("m.PersonalTokenPage", await self._call("GET", "/v1/personal-tokens", query={"cursor": cursor, "limit": limit}))

    def iter_personal_tokens(self, *, limit: int | None = None) -> AsyncIterator[m.PersonalToken]:
        """Everything that `list_personal_tokens` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.PersonalToken]", self._items("GET", "/v1/personal-tokens", query={"limit": limit}))

    async def read_personal_token(self, id: str) -> m.PersonalToken:
        """Read a personal token

        What it is for and when it was last used; the token itself is shown only by the call that made it.
        """
        return cast("m.PersonalToken", await self._call("GET", "/v1/personal-tokens/{id}", path={"id": id}))

    async def put_personal_token(self, id: str, body: m.NewPersonalToken) -> m.PersonalToken:
        """Make a personal token

        For a member of staff, or for the calling client itself: a dashboard or a script sends it as `Authorization: Bearer wm_pat_...` until
        it expires or is taken back. The answer that makes it has it in `token`; it is stored as a digest alone and shown never again. The
        same call again answers 200 without it: whoever lost the first answer takes that token back and makes another one.
        """
        return cast("m.PersonalToken", await self._call("PUT", "/v1/personal-tokens/{id}", path={"id": id}, body=body))

    async def delete_personal_token(self, id: str) -> None:
        """Take a personal token back

        It is good no more: at once for this process, within 5 seconds for all. It stays in the list.
        """
        return cast("None", await self._call("DELETE", "/v1/personal-tokens/{id}", path={"id": id}))

    async def list_learners(self, *, cursor: str | None = None, limit: int | None = None, system: str | None = None, identity: str | None = None, state: Literal['active', 'deactivated', 'merged'] | None = None) -> m.LearnerPage:
        """Lists learners

        In the order in which they were made. A learner's token gets a list of just itself, a staff token without `learners:all` the
        learners of its cohorts. With `state` those alone that are `active`,
        `deactivated` or `merged`; one that takes on a state while you walk through the pages may be passed over.
        """
        return cast("m.LearnerPage", await self._call("GET", "/v1/learners", query={"cursor": cursor, "limit": limit, "system": system, "identity": identity, "state": state}))

    def iter_learners(self, *, limit: int | None = None, system: str | None = None, identity: str | None = None, state: Literal['active', 'deactivated', 'merged'] | None = None) -> AsyncIterator[m.Learner]:
        """Everything that `list_learners` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Learner]", self._items("GET", "/v1/learners", query={"limit": limit, "system": system, "identity": identity, "state": state}))

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

        With its identities. The ETag is its revision. A learner's token reads itself only. One that was merged into another learner has
        the state `merged` and says into whom (`merged_into`); its identities are that one's now.
        """
        return cast("m.Learner", await self._call("GET", "/v1/learners/{id}", path={"id": id}))

    async def read_progress(self, id: str) -> m.LearnerProgress:
        """Read a learner's progress

        Through every lesson of every course: attempts, the attempt that counts, the exercise. Titles are in a language of
        `Accept-Language` where the lesson has it. To a learner's token a result that the lesson's policy withholds shows as
        null with `withheld: policy`. Of a learner that was merged it is the progress of the one that it was merged into (`learner`).
        """
        return cast("m.LearnerProgress", await self._call("GET", "/v1/learners/{id}/progress", path={"id": id}))

    async def issue_learner_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a learner

        It speaks for that learner alone, in the name of the asking client; an app keeps it instead of client credentials. For a learner
        that was merged it speaks for the one that it was merged into; for a deactivated one there is none.
        """
        return cast("m.TokenAnswer", await self._call("POST", "/v1/learners/{id}/token", path={"id": id}, body=body))

    async def list_identities(self, id: str) -> m.LearnerIdentities:
        """Lists a learner's identities

        All of them, in the order of their names. A learner's token reads its own.
        """
        return cast("m.LearnerIdentities", await self._call("GET", "/v1/learners/{id}/identities", path={"id": id}))

    async def put_identity(self, id: str, body: m.IdentityRef) -> m.LearnerIdentity:
        """Add an identity to a learner

        Under which name one more system knows the learner. Repeatable. A learner has at most 20 identities, but for one who was merged
        from several.
        """
        return cast("m.LearnerIdentity", await self._call("PUT", "/v1/learners/{id}/identities", path={"id": id}, body=body))

    async def remove_learner_identity(self, id: str, *, identity: str, system: str | None = None) -> None:
        """Take an identity away from a learner

        Repeatable. The last one may go too: then the learner is found by its id alone, and whoever names the identity makes a new learner
        or is told that there is none.
        """
        return cast("None", await self._call("DELETE", "/v1/learners/{id}/identities", path={"id": id}, query={"system": system, "identity": identity}))

    async def deactivate_learner(self, id: str) -> m.Learner:
        """Deactivate a learner

        Within 5 seconds the learner's own tokens are refused by every process, and no new ones are made. All of it can be read as before, and it is found by
        its identities; nothing is written for it by anybody (409 `illegal_state`), but what it kept can be erased, and a regrade of a
        whole version takes its attempts in. Repeatable.
        """
        return cast("m.Learner", await self._call("POST", "/v1/learners/{id}/deactivate", path={"id": id}))

    async def reactivate_learner(self, id: str) -> m.Learner:
        """Reactivate a learner

        All is as before the deactivation: tokens that have not expired work again within 5 seconds. Revoke them first if they must not.
        Repeatable.
        """
        return cast("m.Learner", await self._call("POST", "/v1/learners/{id}/reactivate", path={"id": id}))

    async def put_claim(self, id: str, claim: str, body: m.ClaimPut) -> m.LearnerMerge:
        """Hand a guest's work over to a learner

        Somebody worked as a guest, a learner whom only the client knows, and then signed in: what the guest did becomes the learner's, as by a
        merge. With the learner's own token, which shows the guest's (`guest_token`), or with a client's that has `learners:act`, which may
        also name a guest of its own (`guest`). Repeatable while the guest's token is good: the id is the caller's choice.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.LearnerMerge", await self._call("PUT", "/v1/learners/{id}/claims/{claim}", path={"id": id, "claim": claim}, body=body))

    async def undo_claim(self, id: str, claim: str) -> m.LearnerMerge:
        """Undo the handing over of a guest's work

        Within 30 days: what the guest did is the guest's again, what was made since stays. By whoever may hand over. Repeatable.

        A learner's token does this for that learner alone; every other token, staff's too, needs `learners:act` besides.
        """
        return cast("m.LearnerMerge", await self._call("POST", "/v1/learners/{id}/claims/{claim}/undo", path={"id": id, "claim": claim}))

    async def list_learner_merges(self, *, cursor: str | None = None, limit: int | None = None) -> m.LearnerMergePage:
        """Lists merges of learners

        In the order in which they were made, undone ones too, and those that handed over a guest's work (`claim`).
        """
        return cast("m.LearnerMergePage", await self._call("GET", "/v1/learner-merges", query={"cursor": cursor, "limit": limit}))

    def iter_learner_merges(self, *, limit: int | None = None) -> AsyncIterator[m.LearnerMerge]:
        """Everything that `list_learner_merges` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.LearnerMerge]", self._items("GET", "/v1/learner-merges", query={"limit": limit}))

    async def read_learner_merge(self, id: str) -> m.LearnerMerge:
        """Read a merge of learners

        Who became whom, how much was moved, and until when it can be undone.
        """
        return cast("m.LearnerMerge", await self._call("GET", "/v1/learner-merges/{id}", path={"id": id}))

    async def put_learner_merge(self, id: str, body: m.LearnerMergePut) -> m.LearnerMerge:
        """Merge two learners

        They are one person: identities, attempts, submissions with their reviews, kept diagnoses and what was used today become those of
        `into`. From then on whoever names `from`, by its id or by an identity, and each token of it, acts for `into`; `from` itself can
        still be read, with the state `merged`. A phone that was offline meanwhile hands in as the learner that it knows, and its work
        arrives at `into`.

        Attempts in one lesson and placement are numbered anew in the order in which they were started. What was used of the allowed
        attempts stays used, and no submitted attempt is taken back. Of two open ones the older has the place; the other stays open beside
        it, with its answers, until it is submitted.

        Repeatable: the id is the caller's choice. For 30 days `POST /v1/learner-merges/{id}/undo` gives back what was moved. At most 20
        learners become one.
        """
        return cast("m.LearnerMerge", await self._call("PUT", "/v1/learner-merges/{id}", path={"id": id}, body=body))

    async def undo_learner_merge(self, id: str) -> m.LearnerMerge:
        """Undo a merge of learners

        Within 30 days. What the merge moved goes back, with the numbers of attempts as they were; what was made since then stays with the
        learner who has it. The last merge into a learner is undone first. Repeatable.
        """
        return cast("m.LearnerMerge", await self._call("POST", "/v1/learner-merges/{id}/undo", path={"id": id}))

    async def sign_out_learner(self, id: str) -> None:
        """End all sign-ins of a learner

        Its refresh tokens are good no more, nor the access token that each sign-in got last: at once in this process, within 5 seconds in all.
        An access token that was refreshed before it ended lasts until then, an hour at most, and so does one that a client made; deactivating
        the learner ends those too. Of a learner that was merged the sign-ins of the one that it is now end. The same call again changes nothing.
        """
        return cast("None", await self._call("POST", "/v1/learners/{id}/sign-out", path={"id": id}))

    async def sign_out_staff(self, id: str) -> None:
        """End all sign-ins of a staff member

        Its refresh tokens are good no more, nor the access token that each sign-in got last: at once in this process, within 5 seconds in all.
        An access token that was refreshed before it ended lasts until then, an hour at most, and so does one that a client made; personal tokens
        are taken back by themselves. The same call again changes nothing, nor does one for somebody who never signed in.
        """
        return cast("None", await self._call("POST", "/v1/staff/{id}/sign-out", path={"id": id}))

    async def issue_staff_token(self, id: str, body: m.PersonToken) -> m.TokenAnswer:
        """Make a token for a staff member

        Staff are known by an id of the client's choice; records and reviews name it.
        """
        return cast("m.TokenAnswer", await self._call("POST", "/v1/staff/{id}/token", path={"id": id}, body=body))

    async def list_cohorts(self, *, cursor: str | None = None, limit: int | None = None) -> m.CohortPage:
        """Lists cohorts

        In the order of their ids. A staff token without `learners:all` gets those that it instructs.
        """
        return cast("m.CohortPage", await self._call("GET", "/v1/cohorts", query={"cursor": cursor, "limit": limit}))

    def iter_cohorts(self, *, limit: int | None = None) -> AsyncIterator[m.Cohort]:
        """Everything that `list_cohorts` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Cohort]", self._items("GET", "/v1/cohorts", query={"limit": limit}))

    async def read_cohort(self, id: str) -> m.Cohort:
        """Read a cohort

        The ETag is its revision: send it with `If-Match` when changing it.
        """
        return cast("m.Cohort", await self._call("GET", "/v1/cohorts/{id}", path={"id": id}))

    async def put_cohort(self, id: str, body: m.CohortPut, *, if_match: str | None = None) -> m.Cohort:
        """Make a cohort, or change it

        The same call again changes nothing; other content needs `If-Match`. Staff need `learners:all` too.
        """
        return cast("m.Cohort", await self._call("PUT", "/v1/cohorts/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    async def delete_cohort(self, id: str) -> None:
        """Delete a cohort

        The group goes, with its due dates and who was in it. The learners and all that they did stay.
        """
        return cast("None", await self._call("DELETE", "/v1/cohorts/{id}", path={"id": id}))

    async def import_roster(self, body: bytes, *, system: str) -> m.RosterImport:
        """Import a roster

        As a zip file with `manifest.csv`, `users.csv`, `classes.csv` and `enrollments.csv` of OneRoster 1.2, or as `text/csv` with the columns
        `cohort,learner_system,learner_id,role` and perhaps `status` and `name`. In UTF-8, with or without byte order mark. Classes become
        cohorts, known by `system` and their `sourcedId`; students become learners by the identity (system, sourcedId), and new ones are
        made; teachers become instructors with the id that a token of the issuer `system` gives them. What is good is taken though other rows are
        refused, each named in the answer. The same file again changes nothing. Whoever is not in the file stays; `tobedeleted` takes out.
        Needs `learners:write` too.

        It counts as 20 requests where those of a caller are limited.
        """
        return cast("m.RosterImport", await self._call("POST", "/v1/cohorts/import", query={"system": system}, body=body))

    async def list_cohort_learners(self, id: str, *, cursor: str | None = None, limit: int | None = None) -> m.CohortLearnerPage:
        """Lists a cohort's learners

        In the order of their ids. Of learners who were merged it has the one that they are now.
        """
        return cast("m.CohortLearnerPage", await self._call("GET", "/v1/cohorts/{id}/learners", path={"id": id}, query={"cursor": cursor, "limit": limit}))

    def iter_cohort_learners(self, id: str, *, limit: int | None = None) -> AsyncIterator[m.CohortLearner]:
        """Everything that `list_cohort_learners` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.CohortLearner]", self._items("GET", "/v1/cohorts/{id}/learners", path={"id": id}, query={"limit": limit}))

    async def put_cohort_learner(self, id: str, learner: str) -> None:
        """Put a learner into a cohort

        Repeatable. A learner that was merged stands for the one that it is now.
        """
        return cast("None", await self._call("PUT", "/v1/cohorts/{id}/learners/{learner}", path={"id": id, "learner": learner}))

    async def remove_cohort_learner(self, id: str, learner: str) -> None:
        """Take a learner out of a cohort

        Repeatable. What the learner did stays.
        """
        return cast("None", await self._call("DELETE", "/v1/cohorts/{id}/learners/{learner}", path={"id": id, "learner": learner}))

    async def put_cohort_instructor(self, id: str, staff: str) -> None:
        """Give a cohort an instructor

        Repeatable. The id is that of a member of staff, as tokens name it; from now on such a token reaches the cohort's learners.
        """
        return cast("None", await self._call("PUT", "/v1/cohorts/{id}/instructors/{staff}", path={"id": id, "staff": staff}))

    async def remove_cohort_instructor(self, id: str, staff: str) -> None:
        """Take an instructor away from a cohort

        Repeatable. Tokens of that person reach the cohort's learners no more, at once.
        """
        return cast("None", await self._call("DELETE", "/v1/cohorts/{id}/instructors/{staff}", path={"id": id, "staff": staff}))

    async def list_attempts(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> m.AttemptPage:
        """Lists attempts

        In the order in which they were made; a walk through the pages skips none, however many are made meanwhile, and shows none
        twice. A learner's token sees its own, a staff token without `learners:all` what the learners of its cohorts did. A result that the policy shows only once attempts are used up is in the attempt itself,
        not in the list.
        """
        return cast("m.AttemptPage", await self._call("GET", "/v1/attempts", query={"cursor": cursor, "limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

    def iter_attempts(self, *, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> AsyncIterator[m.Attempt]:
        """Everything that `list_attempts` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Attempt]", self._items("GET", "/v1/attempts", query={"limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

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

        A phone that was offline while its learner was merged into another one changes nothing: with its token, or under the learner's old id
        or identity, the attempt arrives at the learner who stays, numbered after those that are there.

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

        It counts as 50 requests where those of a caller are limited.
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

        It counts as 50 requests where those of a caller are limited.
        """
        return cast("m.Regrade", await self._call("PUT", "/v1/regrades/{id}", path={"id": id}, query={"dry_run": dry_run}, body=body))

    async def list_submissions(self, *, cursor: str | None = None, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> m.SubmissionPage:
        """Lists submissions

        A learner's token sees its own, a staff token without `learners:all` what the learners of its cohorts did. `scores` and `total` are null here; reading one submission gives them.
        """
        return cast("m.SubmissionPage", await self._call("GET", "/v1/submissions", query={"cursor": cursor, "limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

    def iter_submissions(self, *, limit: int | None = None, learner: str | None = None, cohort: str | None = None, lesson: str | None = None, state: str | None = None) -> AsyncIterator[m.Submission]:
        """Everything that `list_submissions` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Submission]", self._items("GET", "/v1/submissions", query={"limit": limit, "learner": learner, "cohort": cohort, "lesson": lesson, "state": state}))

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

        A learner's token sees its own. Others see those that no learner kept, and with `learners:read` or `learners:act` learners' too;
        with these, staff without `learners:all` get just those that the learners of their cohorts kept.
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

        It counts as 5 requests where those of a caller are limited.
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

        It counts as 5 requests where those of a caller are limited.
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
        same call again changes nothing; other content needs `If-Match`. It is held to the rules of the built-in signals, and as
        many as the tenant's quota are kept, each of at most 32 KiB with at most 5 patterns.
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
        is in a later epoch (the first number of `position`). Nothing in the log is rewritten when two learners become one
        (`learner.merged`): the feed of the one shows the records of both, also those from before a cursor that was made before, to whoever
        reads it from the beginning. A learner's token sees that learner's records only, without verdicts
        that the lesson's policy withholds.
        """
        return cast("m.RecordPage", await self._call("GET", "/v1/records", query={"after": after, "limit": limit, "learner": learner, "lesson": lesson, "kind": kind}))

    async def list_clients(self, *, cursor: str | None = None, limit: int | None = None) -> m.ClientPage:
        """List clients

        This tenant's, disabled ones included, in the order in which they were made. No answer but the one that made it shows a secret.
        """
        return cast("m.ClientPage", await self._call("GET", "/v1/clients", query={"cursor": cursor, "limit": limit}))

    def iter_clients(self, *, limit: int | None = None) -> AsyncIterator[m.RegisteredClient]:
        """Everything that `list_clients` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.RegisteredClient]", self._items("GET", "/v1/clients", query={"limit": limit}))

    async def create_client(self, body: m.ClientPut, *, idempotency_key: str | None = None) -> m.RegisteredClient:
        """Make a client

        The answer shows its secret, this once. With an `Idempotency-Key` the same call again gives the same client, without its secret,
        which is never kept: `secret_state` says which. `PUT /v1/clients/{id}` makes a client at an id of your choice.
        """
        return cast("m.RegisteredClient", await self._call("POST", "/v1/clients", header={"Idempotency-Key": idempotency_key}, body=body))

    async def read_client(self, id: str) -> m.RegisteredClient:
        """Read a client

        The ETag is its revision. Its secret is shown by no answer but the one that made it.
        """
        return cast("m.RegisteredClient", await self._call("GET", "/v1/clients/{id}", path={"id": id}))

    async def put_client(self, id: str, body: m.ClientPut, *, if_match: str | None = None) -> m.RegisteredClient:
        """Make a client at this id, or change it

        The answer that makes it shows its secret, this once; the same call again answers 200 without it (`secret_state` is
        `given_before`) and changes nothing. Another name, other scopes or other keys need `If-Match`. A scope that a client loses is lost to
        tokens that it got before too, within 5 seconds. Nobody gives a scope that the own token lacks, a client cannot take
        `clients:admin` from itself, and a tenant's last client that has it keeps it.
        """
        return cast("m.RegisteredClient", await self._call("PUT", "/v1/clients/{id}", path={"id": id}, header={"If-Match": if_match}, body=body))

    async def rotate_client_secret(self, id: str, body: m.SecretRotation, *, idempotency_key: str | None = None, if_match: str | None = None) -> m.RegisteredClient:
        """Give a client another secret

        The answer shows it, this once. The secret before stays good for `overlap_seconds` from now on, so that the client can change over
        without a failure; one before that ends at once. With an `Idempotency-Key` the same call again changes nothing and answers without
        the secret; with `If-Match` the call is refused where the client was changed meanwhile. It needs every scope that the client has.
        """
        return cast("m.RegisteredClient", await self._call("POST", "/v1/clients/{id}/secret", path={"id": id}, header={"Idempotency-Key": idempotency_key, "If-Match": if_match}, body=body))

    async def disable_client(self, id: str) -> m.RegisteredClient:
        """Disable a client

        It gets no more tokens, and those that it got are refused: at once by this process, within 5 seconds by all. What belongs to it
        stays. The same call again changes nothing. A client cannot disable itself, nor the tenant's last one with `clients:admin`.
        """
        return cast("m.RegisteredClient", await self._call("POST", "/v1/clients/{id}/disable", path={"id": id}))

    async def enable_client(self, id: str) -> m.RegisteredClient:
        """Let a disabled client in again

        It gets tokens again, and those of its tokens that have not expired are good again. Give it another secret first where the old one
        may be known to others. The same call again changes nothing. It needs every scope that the client has.
        """
        return cast("m.RegisteredClient", await self._call("POST", "/v1/clients/{id}/enable", path={"id": id}))

    async def list_tenants(self, *, cursor: str | None = None, limit: int | None = None) -> m.TenantPage:
        """List tenants

        In the order of their names, suspended ones included. Only for the tenant that runs the installation.
        """
        return cast("m.TenantPage", await self._call("GET", "/v1/tenants", query={"cursor": cursor, "limit": limit}))

    def iter_tenants(self, *, limit: int | None = None) -> AsyncIterator[m.Organisation]:
        """Everything that `list_tenants` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.Organisation]", self._items("GET", "/v1/tenants", query={"limit": limit}))

    async def read_tenant(self, id: str) -> m.Organisation:
        """Read a tenant

        Only for the tenant that runs the installation.
        """
        return cast("m.Organisation", await self._call("GET", "/v1/tenants/{id}", path={"id": id}))

    async def put_tenant(self, id: str, body: m.TenantPut) -> m.Organisation:
        """Make a tenant

        With its first client, which may do everything there and whose secret this answer shows, this once. The same call again answers
        200 without it and changes nothing. A name or an id that another tenant has is refused.
        """
        return cast("m.Organisation", await self._call("PUT", "/v1/tenants/{id}", path={"id": id}, body=body))

    async def suspend_tenant(self, id: str) -> m.Organisation:
        """Suspend a tenant

        Nobody of it gets a token, and its tokens are refused: at once by this process, within 5 seconds by all. What it has stays. The
        same call again changes nothing. The tenant that runs the installation cannot be suspended.
        """
        return cast("m.Organisation", await self._call("POST", "/v1/tenants/{id}/suspend", path={"id": id}))

    async def resume_tenant(self, id: str) -> m.Organisation:
        """Let a suspended tenant in again

        Its clients get tokens again, and those of its tokens that have not expired are good again. The same call again changes nothing.
        """
        return cast("m.Organisation", await self._call("POST", "/v1/tenants/{id}/resume", path={"id": id}))

    async def read_quotas(self, id: str) -> m.QuotaReport:
        """Read a tenant's quotas

        What was set for it, the limits in force, and what it has. Only for the tenant that runs the installation.
        """
        return cast("m.QuotaReport", await self._call("GET", "/v1/tenants/{id}/quotas", path={"id": id}))

    async def put_tenant_quotas(self, id: str, body: m.QuotasPut) -> m.QuotaReport:
        """Set a tenant's quotas

        All of them: what is left out, or null, is the installation's default; 0 is no limit. It holds at once in this process, within 5
        seconds in all. The same call again changes nothing. What the tenant has stays, also where it is more than the limit; it gets no more.
        """
        return cast("m.QuotaReport", await self._call("PUT", "/v1/tenants/{id}/quotas", path={"id": id}, body=body))

    async def list_keys(self) -> m.SigningKeys:
        """List signing keys

        Of the whole installation, without their private parts; `/.well-known/jwks.json` has what verifies a token. Only for the tenant that
        runs the installation.
        """
        return cast("m.SigningKeys", await self._call("GET", "/v1/keys"))

    async def rotate_keys(self, body: m.KeyRotation, *, idempotency_key: str | None = None) -> m.KeyShown:
        """Make the next signing key

        It is published now and signs after ten minutes, so that everybody knows it by then; the key before it verifies until the last token
        that it signed has expired. No request is refused meanwhile, unless a key is said to be `compromised`. Repeat it safely with an
        `Idempotency-Key`.
        """
        return cast("m.KeyShown", await self._call("POST", "/v1/keys", header={"Idempotency-Key": idempotency_key}, body=body))

    async def list_audit_entries(self, *, cursor: str | None = None, limit: int | None = None, order: Literal['newest', 'oldest'] | None = None, act: str | None = None, object_type: str | None = None, object_id: str | None = None, principal: str | None = None, from_: str | None = None, to: str | None = None) -> m.AuditPage:
        """List what was done

        Who did what to what, when, from where: administrative acts, tokens that were made, failed sign-ins, what staff read of others.
        In the order of their times; the entries of the caller's tenant alone. To follow the log, or to verify it, read the export,
        which has the order of the chain.
        """
        return cast("m.AuditPage", await self._call("GET", "/v1/audit", query={"cursor": cursor, "limit": limit, "order": order, "act": act, "object_type": object_type, "object_id": object_id, "principal": principal, "from": from_, "to": to}))

    def iter_audit_entries(self, *, limit: int | None = None, order: Literal['newest', 'oldest'] | None = None, act: str | None = None, object_type: str | None = None, object_id: str | None = None, principal: str | None = None, from_: str | None = None, to: str | None = None) -> AsyncIterator[m.AuditEntry]:
        """Everything that `list_audit_entries` lists, fetched page by page as it is asked for."""
        return cast("AsyncIterator[m.AuditEntry]", self._items("GET", "/v1/audit", query={"limit": limit, "order": order, "act": act, "object_type": object_type, "object_id": object_id, "principal": principal, "from": from_, "to": to}))

    async def export_audit_entries(self, *, after: int | None = None, limit: int | None = None) -> str:
        """Export the audit log

        As JSON lines in the order of the chain, from the entry after `after`: all that is needed to verify it elsewhere
        (`docs/audit.md`). Go on with the number of the last line until a piece is empty; entries never change and none is ever added
        before another.
        """
        return cast("str", await self._call("GET", "/v1/audit/export", query={"after": after, "limit": limit}))
