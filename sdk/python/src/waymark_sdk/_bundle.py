"""A course without a network: the parts of its bundle in a folder, each under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from ._client import Waymark
from ._generated.models import ReadBundleAnswer, ReadExerciseAnswer, ReadLessonAnswer, ReadQuizAnswer
from ._problems import NoAnswerError, ProblemError, WaymarkError


class PartMissingError(WaymarkError):
    """A part is not here: `sync` brings it."""


@dataclass(frozen=True)
class Synced:
    changed: bool
    """Whether there is another bundle now than before."""
    fetched: int
    bytes: int
    had: int


class Bundle:
    """A folder holds one bundle, and is for one process at a time."""

    def __init__(self, waymark: Waymark, folder: Path | str, course: str, languages: Sequence[str] = ()) -> None:
        """`languages`: only these; all unless given."""
        self._waymark = waymark
        self._folder = Path(folder)
        self._course = course
        self._languages = ",".join(sorted(languages))

    def sync(self, told: Callable[[int, int], None] | None = None) -> Synced:
        """Brings what is new, and drops what the manifest no longer names. Cut off in the middle it leaves the old bundle
        whole and keeps what it has of the new one. `told` hears how many of the parts to fetch are there."""
        (self._folder / "parts").mkdir(parents=True, exist_ok=True)
        for again in range(3):
            before = self._kept()
            same = before.get("languages") == self._languages
            wanted = self._newest(before if same else {}) or before
            try:
                fetched, size, had = self._fetch_missing(wanted["manifest"]["parts"], told)
            except ProblemError as error:
                # A part that is gone was replaced since the manifest was made.
                if error.code != "not_found" or again == 2:
                    raise
                continue
            _put(self._folder / "bundle.json", json.dumps(wanted).encode())
            named = {part["sha256"] for part in wanted["manifest"]["parts"]}
            for file in (self._folder / "parts").iterdir():
                if file.name not in named:
                    file.unlink(missing_ok=True)
            return Synced(wanted is not before, fetched, size, had)
        raise AssertionError("three rounds end above")

    def _newest(self, known: dict[str, Any]) -> dict[str, Any] | None:
        answer = self._waymark.request(
            "GET",
            "/v1/courses/{slug}/bundle",
            path={"slug": self._course},
            query={"language": self._languages or None},
            header={"If-None-Match": known.get("etag")},
        )
        if answer.status == 304:
            return None
        return {"etag": answer.headers.get("etag"), "languages": self._languages, "manifest": answer.data}

    def _fetch_missing(self, parts: list[Any], told: Callable[[int, int], None] | None) -> tuple[int, int, int]:
        missing = {part["sha256"]: part for part in parts if not self._part_file(part["sha256"]).exists()}
        size = 0
        for number, part in enumerate(missing.values(), start=1):
            body = self._fetched(part)
            _put(self._part_file(part["sha256"]), body)
            size += len(body)
            if told:
                told(number, len(missing))
        return len(missing), size, len(parts) - len(missing)

    def _fetched(self, part: Any) -> bytes:
        """The bytes of a part, if they are those that its name promises."""
        # What a cache between spoiled is not asked for again.
        for header in ({}, {"Cache-Control": "no-cache"}):
            url = "/v1/bundle-parts/{sha256}"
            body = self._waymark.request("GET", url, path={"sha256": part["sha256"]}, header=header).body
            if hashlib.sha256(body).hexdigest() == part["sha256"]:
                return body
        raise NoAnswerError(f"the part {part['id']} arrived with other bytes than its name promises")

    def manifest(self) -> ReadBundleAnswer | None:
        """What this bundle has; None before it was synced for the first time."""
        manifest: ReadBundleAnswer | None = self._kept().get("manifest")
        return manifest

    def lesson(self, slug: str, language: str | None = None) -> ReadLessonAnswer:
        """In the language asked for, or one that comes near, or the first that is there."""
        lesson: ReadLessonAnswer = self.part("lesson", slug, language)
        return lesson

    def quiz(self, slug: str, language: str | None = None) -> ReadQuizAnswer:
        quiz: ReadQuizAnswer = self.part("quiz", slug, language)
        return quiz

    def exercise(self, slug: str, language: str | None = None) -> ReadExerciseAnswer:
        exercise: ReadExerciseAnswer = self.part("exercise", slug, language)
        return exercise

    def part(self, kind: str, lesson: str | None = None, language: str | None = None) -> Any:
        """The content of any part, by its kind (see `BundlePart.kind` of the contract)."""
        parts: list[Any] = self._kept().get("manifest", {}).get("parts", [])
        fitting = [part for part in parts if part["kind"] == kind and lesson in (None, part.get("lesson"))]
        try:
            return json.loads(self._part_file(_nearest(fitting, language)["sha256"]).read_bytes())
        except (LookupError, FileNotFoundError):
            raise PartMissingError(f"no {kind} {lesson or ''} of {self._course} is here; sync the bundle") from None

    def _kept(self) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = json.loads((self._folder / "bundle.json").read_bytes())
        except FileNotFoundError:
            return {}
        return kept

    def _part_file(self, sha256: str) -> Path:
        return self._folder / "parts" / sha256


def _nearest(parts: list[Any], language: str | None) -> Any:
    """RFC 4647, lookup: `de-AT` falls back to `de`; then to the first."""
    tag = (language or "").lower().replace("_", "-")
    while tag:
        for part in parts:
            if (part.get("language") or "").lower() == tag:
                return part
        tag = tag.rpartition("-")[0]
    return parts[0]


def _put(file: Path, body: bytes) -> None:
    """Written beside and renamed: the file is the old one or the new one, whenever the program dies."""
    beside = file.with_name(f"{file.name}.{uuid4().hex}.part")
    try:
        with beside.open("wb") as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
