"""Breaks the service in the ways in which services break, and checks that no answered write is lost.

Run it with script/faults, which says how. Python's standard library only.

The idea: writers remember what they sent and what was answered (2xx) in a `Ledger`. Whatever happens to the server, what was
answered must be there afterwards, what was not answered may be there or not, but never by half, and the record feed must
tell the same story, every record once and in order.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import crowd

BIN = os.environ["WAYMARK_BIN"]
LESSON = "safety-classifiers-and-refusals"
SCOPES = "lessons:read attempts:read attempts:write learners:act learners:write records:read"
WRITERS = 8
AT_ONCE = 3.0  # seconds: a request that the service cannot serve is refused within this time
Json = dict[str, Any]


class Wrong(Exception):
    """The service broke a promise."""


def expect(holds: bool, text: str) -> None:
    if not holds:
        raise Wrong(text)


def eventually(what: str, check: Callable[[], bool], seconds: float) -> float:
    """Polls until `check` holds; tells how long it took."""
    began = time.monotonic()
    while not check():
        expect(time.monotonic() - began < seconds, f"not within {seconds:g} s: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


# --- one server and how to speak to it


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: Json
    seconds: float

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300


class Unanswered(Exception):
    """The connection broke before an answer came: nobody knows what became of the request."""


class Connection:
    """One connection, kept open; used by one thread."""

    def __init__(self, url: str, token: str) -> None:
        self.http = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
        self.authorization = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Json | None = None) -> Answer:
        headers = self.authorization | ({} if body is None else {"Content-Type": "application/json"})
        began = time.monotonic()
        try:
            self.http.request(method, path, None if body is None else json.dumps(body), headers)
            response = self.http.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.http.close()
            raise Unanswered(f"{method} {path}: {error!r}") from error
        return Answer(response.status, response.headers, json.loads(text or b"{}"), time.monotonic() - began)

    def get(self, path: str) -> Json:
        answer = self.call("GET", path)
        expect(answer.done, f"GET {path}: {answer.status} {answer.body}")
        return answer.body


class Server:
    """A waymark process on a database that outlives it."""

    def __init__(self, directory: Path, database: str, program: str = BIN, user: str | None = None) -> None:
        self.directory, self.database, self.program, self.user = directory, database, program, user
        self.settings: dict[str, str] = {}
        self.prefix: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None
        self.url = self.token = ""

    def command(self, *arguments: str) -> list[str]:
        before = [] if self.user is None else as_user(self.user)
        return [*before, self.program, *arguments]

    def environment(self) -> dict[str, str]:
        return os.environ | {"DATABASE_URL": self.database, "WAYMARK_LOG": "warn", "HOME": "/"} | self.settings

    def start(self) -> None:
        ready = self.directory / "ready"
        ready.unlink(missing_ok=True)
        with (self.directory / "log").open("ab") as log:
            command = [*self.prefix, *self.command("serve", "--listen", "127.0.0.1:0", "--ready-file", str(ready))]
            self.process = subprocess.Popen(
                command, cwd=self.directory, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        running = self.process
        eventually("the server is ready", lambda: ready.exists() or running.poll() is not None, 60)
        expect(running.poll() is None, f"the server ended at its start with exit code {running.poll()}")
        self.url = ready.read_text().strip()
        if not self.token:
            token = self.command("token", "--scopes", SCOPES, "--ttl", "24h")
            made = subprocess.run(token, cwd=self.directory, env=self.environment(), capture_output=True, text=True, timeout=60)
            expect(made.returncode == 0, f"no token beside a running server: {made.stderr}")
            self.token = made.stdout.strip()

    def connect(self) -> Connection:
        return Connection(self.url, self.token)

    def end(self, how: signal.Signals, seconds: float = 40) -> int:
        """Sends a signal and waits for the end; tells the exit code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(how)
        return process.wait(seconds)

    def log(self) -> list[str]:
        """Without what the start says, which holds secrets."""
        lines = (self.directory / "log").read_text(errors="replace").splitlines()
        return [line for line in lines if line.startswith("{") or "panicked" in line]


@dataclass
class Quiz:
    """What there is to answer. Single choices only: what can be lost of an answer does not depend on its kind."""

    version: str
    bank: list[str]
    draw: int
    options: dict[str, list[str]]
    """Of the single choices."""

    @classmethod
    def read(cls, connection: Connection) -> "Quiz":
        quiz = connection.get(f"/v1/lessons/{LESSON}/quiz")
        expect(quiz["order"]["algorithm"] == "sha256-v1" and quiz["order"]["shuffle_items"], f"another order: {quiz['order']}")
        single = [item for item in quiz["items"] if item["kind"] == "single_choice"]
        options = {item["id"]: [option["id"] for option in item["options"]] for item in single}
        return cls(quiz["version"], [item["id"] for item in quiz["items"]], quiz["order"]["draw"], options)

    def drawn_by(self, attempt: str) -> dict[str, list[str]]:
        """The single choices that an attempt shows, with their options."""

        def place(item: str) -> bytes:
            return hashlib.sha256(f"{self.version}\n{attempt}\n{item}".encode()).digest()

        shown = sorted(self.bank, key=place)[: self.draw]
        return {item: self.options[item] for item in shown if item in self.options}


def as_user(name: str) -> list[str]:
    return ["setpriv", f"--reuid={name}", f"--regid={group_of(name)}", "--clear-groups"]


def group_of(name: str) -> str:
    return subprocess.run(["id", "-g", name], capture_output=True, check=True, text=True).stdout.strip()


# --- what was sent, what was answered, what must be there


@dataclass
class Remembered:
    """One attempt, as its writer knows it."""

    whole: bool = False
    """Brought by one request with every answer, submitted."""
    started: bool = False
    """Answered with 2xx."""
    sent: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    """Item -> seq -> option, answered or not."""
    saved: dict[str, int] = field(default_factory=dict)
    """Item -> the newest seq that was answered."""
    submit_sent: bool = False
    result: Json | None = None
    """What the submission was answered with."""


class Ledger:
    def __init__(self) -> None:
        self.attempts: dict[str, Remembered] = {}
        self.answered = 0
        self.unanswered = 0
        self.unexpected: list[str] = []
        self.changed = threading.Condition()

    def note(self, answer: Answer | None, what: str) -> None:
        with self.changed:
            if answer is None:
                self.unanswered += 1
            elif answer.done:
                self.answered += 1
            else:
                self.unexpected.append(f"{what}: {answer.status} {answer.body}")
            self.changed.notify_all()

    def wait_for(self, answered: int, seconds: float = 60) -> None:
        with self.changed:
            there = self.changed.wait_for(lambda: self.answered >= answered or bool(self.unexpected), seconds)
        expect(there, f"only {self.answered} of {answered} writes were answered within {seconds:g} s")


class Writer(threading.Thread):
    """Starts attempts, saves answers with growing seq, submits, and writes down what was answered, until the server is gone
    or `stop` is set. A 503 that says when to come again is taken as such where `patient`."""

    def __init__(self, server: Server, ledger: Ledger, quiz: Quiz, seed: int, patient: bool = False) -> None:
        super().__init__(daemon=True)
        self.connection, self.ledger, self.quiz = server.connect(), ledger, quiz
        self.dice = random.Random(seed)
        self.patient = patient
        self.stop = threading.Event()
        self.refused: list[Answer] = []

    def run(self) -> None:
        with contextlib.suppress(Unanswered):
            while not self.stop.is_set():
                self.one_attempt()

    def call(self, method: str, path: str, body: Json | None = None) -> Answer | None:
        """The answer, where it is a good one."""
        try:
            answer = self.connection.call(method, path, body)
        except Unanswered:
            self.ledger.note(None, path)
            raise
        if self.patient and answer.status == 503:
            self.refused.append(answer)
            return None
        self.ledger.note(answer, f"{method} {path}")
        return answer if answer.done else None

    def one_attempt(self) -> None:
        attempt, known = str(uuid.UUID(int=self.dice.getrandbits(128), version=4)), Remembered()
        self.ledger.attempts[attempt] = known
        drawn = self.quiz.drawn_by(attempt)
        body: Json = {
            "lesson": LESSON,
            "learner": {"identity": {"system": "urn:faults", "id": attempt}},
            "context": {"group": "faults"},
        }
        if self.dice.random() < 0.2:
            known.whole = known.submit_sent = True
            body |= {"responses": [self.answer(known, item, 1, options) for item, options in drawn.items()], "submit": True}
            if put := self.call("PUT", f"/v1/attempts/{attempt}", body):
                known.started = True
                known.saved = dict.fromkeys(drawn, 1)
                known.result = put.body["result"]
            return
        if not self.call("PUT", f"/v1/attempts/{attempt}", body):
            return
        known.started = True
        for seq in range(1, self.dice.randint(3, 12)):
            items = self.dice.sample(list(drawn), self.dice.choice([1, 1, 1, 4]))
            answers = [self.answer(known, item, seq, drawn[item]) for item in items]
            saved = self.call("PUT", f"/v1/attempts/{attempt}/responses", {"responses": answers})
            for result in saved.body["results"] if saved else []:
                if result["status"] == "saved":
                    known.saved[result["item"]] = seq
                else:
                    self.ledger.unexpected.append(f"{attempt}: {result}")
        if self.dice.random() < 0.8:
            known.submit_sent = True
            if submitted := self.call("POST", f"/v1/attempts/{attempt}/submit"):
                known.result = submitted.body["result"]

    def answer(self, known: Remembered, item: str, seq: int, options: list[str]) -> Json:
        option = self.dice.choice(options)
        known.sent[item][seq] = option
        return {"item": item, "seq": seq, "response": {"kind": "single_choice", "option": option}}


def write_until(server: Server, ledger: Ledger, quiz: Quiz, seed: int, patient: bool = False) -> list[Writer]:
    writers = [Writer(server, ledger, quiz, seed * 1000 + number, patient) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    return writers


def join(writers: list[Writer]) -> None:
    for writer in writers:
        writer.stop.set()
    for writer in writers:
        writer.join(30)
        expect(not writer.is_alive(), "a request hangs")


class Story:
    """The record feed, followed with one cursor through all that happens."""

    def __init__(self) -> None:
        self.cursor: str | None = None
        self.ids: list[str] = []
        self.last = (0, 0, 0)
        self.of: dict[str, list[Json]] = defaultdict(list)
        """Attempt -> its records."""

    def read_on(self, connection: Connection) -> int:
        began = len(self.ids)
        more = True
        while more:
            query = {"limit": 1000} | ({"after": self.cursor} if self.cursor else {})
            page = connection.get(f"/v1/records?{urlencode(query)}")
            for record in page["items"]:
                self.take(record)
            self.cursor, more = page["next_cursor"], page["has_more"]
        expect(len(set(self.ids)) == len(self.ids), "the feed tells a record twice")
        return len(self.ids) - began

    def take(self, record: Json) -> None:
        epoch, xid, seq = (int(part) for part in record["position"].split("."))
        expect((epoch, xid, seq) > self.last, f"the feed is out of order at {record['position']}")
        self.last = (epoch, xid, seq)
        self.ids.append(record["id"])
        kind, thing = record["kind"], record["object"]["id"]
        if kind == "response.saved":
            self.of[record["body"]["attempt"]].append(record)
        elif kind.startswith("attempt."):
            self.of[thing].append(record)


def verify(connection: Connection, ledger: Ledger, story: Story) -> int:
    """Compares ledger, attempts and feed; tells how many records are new. Nobody may be writing meanwhile."""
    expect(not ledger.unexpected, f"unexpected answers: {ledger.unexpected[:3]}")
    new = story.read_on(connection)
    for attempt, known in ledger.attempts.items():
        answer = connection.call("GET", f"/v1/attempts/{attempt}")
        records = story.of.get(attempt, [])
        if answer.status == 404:
            expect(not known.started, f"lost: attempt {attempt} was answered")
            expect(not records, f"records without their attempt {attempt}")
            continue
        expect(answer.done, f"attempt {attempt}: {answer.status} {answer.body}")
        verify_attempt(attempt, known, answer.body, records)
    return new


def verify_attempt(attempt: str, known: Remembered, there: Json, records: list[Json]) -> None:
    kinds = Counter(record["kind"] for record in records)
    submitted = there["state"] == "submitted"
    in_force = {answer["item"]: (answer["seq"], answer["response"]["option"]) for answer in there["responses"]}

    expect(kinds["attempt.started"] == 1, f"{attempt} has {kinds['attempt.started']} records of its start")
    expect(kinds["attempt.submitted"] == submitted, f"{attempt} is {there['state']}: {dict(kinds)}")
    expect(submitted or known.result is None, f"lost: the submission of {attempt}")
    expect(known.submit_sent or not submitted, f"{attempt} was never submitted, but is")
    expect(known.result is None or known.result == there["result"], f"{attempt} has another result than was answered")

    for item, seq in known.saved.items():
        expect(item in in_force and in_force[item][0] >= seq, f"lost: answer {seq} to {item} of {attempt}")
    for item, (seq, option) in in_force.items():
        expect(known.sent[item].get(seq) == option, f"{attempt} {item}: {option} with seq {seq} was never sent")
    if known.whole:
        expect(submitted and len(in_force) == len(known.sent), f"half of {attempt}: {len(in_force)} answers, {there['state']}")

    told: dict[str, tuple[int, str]] = {}
    for record in records:
        if record["kind"] == "response.saved":
            body = record["body"]
            expect(body["seq"] > told.get(body["item"], (0, ""))[0], f"{attempt}: answers are recorded twice or out of order")
            told[body["item"]] = (body["seq"], body["response"]["option"])
    expect(told == in_force, f"{attempt}: the records tell of other answers than are there")
    if submitted:
        result = next(record["body"]["result"] for record in records if record["kind"] == "attempt.submitted")
        expect(result == there["result"], f"{attempt}: record and attempt have different results")


def verify_whole(connection: Connection, known: set[str], story: Story) -> None:
    """At the end: the feed from its beginning tells what it told step by step, and every attempt is one of ours."""
    again = Story()
    again.read_on(connection)
    expect(again.ids == story.ids, "the feed read again from its beginning is another one")
    there: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = connection.get("/v1/attempts?" + urlencode({"limit": 200} | ({"cursor": cursor} if cursor else {})))
        there.update(attempt["id"] for attempt in page["items"])
        cursor = page["next_cursor"]
    expect(there <= known, "there are attempts that nobody started")
    expect(there == set(story.of), "attempts and feed do not tell of the same attempts")


# --- the databases


class Sqlite:
    name = "sqlite"

    def __init__(self, directory: Path) -> None:
        self.file = directory / "waymark.db"
        self.url = f"sqlite:{self.file}"

    def settle(self) -> None:
        """What a dead server has left running: nothing."""

    def check(self) -> str:
        with contextlib.closing(sqlite3.connect(self.file)) as conn:
            found = [row[0] for row in conn.execute("PRAGMA integrity_check")] + list(conn.execute("PRAGMA foreign_key_check"))
        expect(found == ["ok"], f"the file is damaged: {found}")
        return "integrity_check: ok"

    def pages(self) -> int:
        with contextlib.closing(sqlite3.connect(self.file)) as conn:
            return int(conn.execute("PRAGMA page_count").fetchone()[0])

    def drop(self) -> None:
        """Goes with its directory."""


class Postgres:
    name = "postgres"

    def __init__(self, directory: Path) -> None:
        self.programs = Path(os.environ["WAYMARK_TEST_PGBIN"])
        self.server = os.environ["WAYMARK_TEST_POSTGRES"]
        self.data, self.owner = Path(os.environ["WAYMARK_TEST_PGDATA"]), os.environ["WAYMARK_TEST_PGUSER"]
        self.database = f"waymark_{directory.name.replace('-', '_').replace('.', '_').lower()}"
        # As a service signs in: no superuser, so that the policies of the tables hold.
        self.url = self.server.rsplit("/", 1)[0].replace("postgres@", "waymark@") + f"/{self.database}"
        self.psql(f"CREATE DATABASE {self.database} OWNER waymark")

    def psql(self, query: str) -> str:
        command = [str(self.programs / "psql"), self.server, "--no-psqlrc", "--tuples-only", "--no-align", "--command", query]
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=60).stdout.strip()

    def settle(self) -> None:
        """A session of a dead server may still be committing what it was sent last."""
        query = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{self.database}'"
        eventually("the dead server's sessions end", lambda: self.psql(query) == "0", 20)

    def check(self) -> str:
        return f"{self.psql('SHOW server_version').split()[0]}, fsync {self.psql('SHOW fsync')}"

    def control(self, *arguments: str) -> None:
        before = as_user(self.owner) if os.geteuid() == 0 else []
        command = [*before, str(self.programs / "pg_ctl"), *arguments, f"--pgdata={self.data}", "--wait", "--timeout=60"]
        subprocess.run(command, check=True, timeout=90, cwd=self.data.parent, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.control("stop", "--mode=immediate")

    def start(self) -> None:
        self.control("start", f"--log={self.data.parent / 'log'}")

    def drop(self) -> None:
        self.psql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")


Database = Sqlite | Postgres


# --- the faults


class Faults:
    def __init__(self, rounds: int, seed: int) -> None:
        self.rounds, self.seed = rounds, seed
        self.passed = self.failed = 0

    def tell(self, database: str, what: str, text: str) -> None:
        print(f"{database:<9} {what:<11} {text}", flush=True)

    @contextlib.contextmanager
    def scene(self, kind: type[Database], what: str) -> Iterator[tuple[Server, Database]]:
        """A fresh directory and database; ends the server and shows its log where something went wrong."""
        directory = Path(tempfile.mkdtemp(prefix="waymark-faults-"))
        database = kind(directory)
        server = Server(directory, database.url)
        try:
            yield server, database
            expect("panicked" not in "".join(server.log()), "the server's log tells of a panic")
        except (Wrong, Unanswered, subprocess.SubprocessError) as error:
            self.failed += 1
            self.tell(kind.name, what, f"FAILED: {error}")
            print("--- end of the server's log", *server.log()[-20:], sep="\n", flush=True)
        finally:
            server.end(signal.SIGKILL)
            database.drop()
            shutil.rmtree(directory)

    def passes(self, database: str, what: str, text: str) -> None:
        self.passed += 1
        self.tell(database, what, text)

    def kill(self, kind: type[Database]) -> None:
        """kill -9 in the middle of writes, again and again on the same database."""
        dice = random.Random(self.seed)
        with self.scene(kind, "kill -9") as (server, database):
            server.start()
            quiz = Quiz.read(server.connect())
            story, known = Story(), set[str]()
            for number in range(1, self.rounds + 1):
                ledger = Ledger()
                writers = write_until(server, ledger, quiz, self.seed * 1_000_000 + number)
                ledger.wait_for(dice.randint(40, 400))
                time.sleep(dice.uniform(0, 0.02))  # no meeting point: the moment of the blow is to be random
                server.end(signal.SIGKILL)
                join(writers)
                database.settle()
                server.start()
                new = verify(server.connect(), ledger, story)
                known |= set(ledger.attempts)
                counts = f"{ledger.answered:>4} writes answered, {ledger.unanswered} cut off"
                self.passes(kind.name, f"kill {number}", f"{counts}; every answered one is there, {new} records told once")
            verify_whole(server.connect(), known, story)
            expect(server.end(signal.SIGTERM) == 0, "the exit code after SIGTERM is not 0")
            self.passes(kind.name, "after all", f"{len(known)} attempts, {len(story.ids)} records; {database.check()}")

    def crowds(self, kind: type[Database]) -> None:
        """1,100 peers that send or take next to nothing, with no more open files than systems give by default."""
        with self.scene(kind, "crowds") as (server, _):
            server.settings |= crowd.SETTINGS
            server.prefix = ["prlimit", "--nofile=1024:1024"]
            server.start()
            process = server.process
            assert process is not None
            try:
                for name, text in crowd.scenes(server.url, server.token, process.pid, eventually):
                    self.passes(kind.name, name, text)
            except crowd.Stuck as error:
                raise Wrong(f"somebody was not served: {error}") from error
            expect(server.end(signal.SIGTERM) == 0, "the exit code after SIGTERM is not 0")

    def terminate(self, kind: type[Database]) -> None:
        """SIGTERM while requests are in flight: each that was taken in is answered, and stored."""
        with self.scene(kind, "SIGTERM") as (server, _):
            server.start()
            quiz = Quiz.read(server.connect())
            ledger, story = Ledger(), Story()
            writers = write_until(server, ledger, quiz, self.seed)
            ledger.wait_for(100)
            taken_in = [HalfSent(server, ledger, quiz, self.seed * 100 + number) for number in range(20)]
            process = server.process
            assert process is not None
            process.send_signal(signal.SIGTERM)
            eventually("the server takes no new connection", lambda: not connects(server.url), 10)
            for request in taken_in:
                request.finish()
            join(writers)
            expect(process.wait(40) == 0, f"the exit code is {process.returncode}")
            server.process = None
            server.start()
            verify(server.connect(), ledger, story)
            text = f"{len(taken_in)} requests in flight were answered, exit code 0, all {ledger.answered} writes are there"
            self.passes(kind.name, "SIGTERM", text)

    def full(self) -> None:
        """A SQLite file that may not grow: writes are refused at once, reads go on, and space heals it."""
        with self.scene(Sqlite, "full") as (server, database):
            server.start()
            quiz = Quiz.read(server.connect())
            server.end(signal.SIGTERM)
            assert isinstance(database, Sqlite)
            server.settings["WAYMARK_SQLITE_MAX_PAGES"] = str(database.pages() + 100)
            server.start()
            ledger, story = Ledger(), Story()
            writers = write_until(server, ledger, quiz, self.seed, patient=True)
            eventually("every writer is refused", lambda: all(len(writer.refused) >= 20 for writer in writers), 60)
            reading = reads_go_on(server.connect())
            ready = lambda: server.connect().call("GET", "/readyz").done  # noqa: E731
            eventually("/readyz is 503 while nothing can be written", lambda: not ready(), 10)
            join(writers)
            refused = check_refused(writers)
            verify(server.connect(), ledger, story)
            server.end(signal.SIGTERM)
            server.settings["WAYMARK_SQLITE_MAX_PAGES"] = "0"
            server.start()
            verify(server.connect(), ledger, story)
            self.write_a_few(server, quiz, story)
            text = f"{refused}; reads within {reading:.2f} s; after a restart with room all {ledger.answered} writes are there"
            self.passes("sqlite", "full", f"{text}; {database.check()}")

    def read_only(self) -> None:
        """A SQLite file and directory that may not be written any more. A server that runs keeps the files it has open and
        writes on; once it must open them anew (here because a write too large for the file made it give its connection
        up) writes are refused, and it heals when the permission comes back."""
        with self.scene(Sqlite, "read-only") as (server, database):
            assert isinstance(database, Sqlite)
            if os.geteuid() == 0:  # root may write everything
                server.user = "nobody"
                server.program = str(server.directory / "waymark")
                shutil.copy(BIN, server.program)
                shutil.chown(server.directory, server.user)
            server.start()
            quiz = Quiz.read(server.connect())
            server.end(signal.SIGTERM)
            server.settings["WAYMARK_SQLITE_MAX_PAGES"] = str(database.pages() + 12)  # the large write needs 18 or more
            server.start()
            connection, story = server.connect(), Story()
            crowd = str(uuid.UUID(int=self.seed, version=4))
            # Records are packed, so it is text that nothing makes smaller.
            letters = [chr(code) for code in range(32, 127) if chr(code) not in '"\\']
            noise = "".join(random.Random(self.seed).choices(letters, k=3900))
            large = attempt_of(Remembered(), quiz.drawn_by(crowd), random.Random(self.seed), metadata=noise)

            for write in (True, False):
                permit(server.directory, write)
                saved = self.save_one(connection)
                expect(saved.done, f"a server with its files open writes on, but: {saved.status} {saved.body}")
            crowded = connection.call("PUT", f"/v1/attempts/{crowd}", large)
            expect(crowded.status == 503, f"a write larger than the file may grow: {crowded.status} {crowded.body}")
            refused = [self.save_one(connection) for _ in range(20)]
            slowest = check_unavailable(refused)
            reads_go_on(connection)
            permit(server.directory, True)
            healed = eventually("the server heals by itself", lambda: self.save_one(connection).done, 10)

            permit(server.directory, False)
            server.end(signal.SIGTERM)
            refusing = subprocess.run(
                server.command("serve", "--listen", "127.0.0.1:0"),
                cwd=server.directory, env=server.environment(), capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            permit(server.directory, True)
            expect(refusing.returncode == 1 and refusing.stderr.startswith("waymark: "), f"a start on it: {refusing}")
            server.start()
            story.read_on(server.connect())
            text = f"20 writes refused within {slowest:.2f} s, reads go on, healed {healed:.2f} s after chmod without a restart"
            self.passes("sqlite", "read-only", f"{text}; a new start is refused with a message")

    def away(self) -> None:
        """PostgreSQL crashes and comes back: 503 at once meanwhile, what needs no database goes on, and it heals alone."""
        with self.scene(Postgres, "away") as (server, database):
            assert isinstance(database, Postgres)
            server.start()
            connection = server.connect()
            quiz = Quiz.read(connection)
            ledger, story = Ledger(), Story()
            writers = write_until(server, ledger, quiz, self.seed, patient=True)
            ledger.wait_for(100)
            database.stop()
            try:
                eventually("every writer is refused", lambda: all(len(writer.refused) >= 20 for writer in writers), 60)
                needing = [connection.call("GET", path) for path in ("/readyz", "/v1/attempts", "/v1/records")]
                slowest = check_unavailable(needing)
                for path in ("/healthz", "/v1/lessons", f"/v1/lessons/{LESSON}/quiz"):
                    answer = connection.call("GET", path)
                    expect(answer.done and answer.seconds < AT_ONCE, f"GET {path} without a database: {answer}")
            finally:
                database.start()
            answered = ledger.answered
            healed = eventually("/readyz is 200 again", lambda: connection.call("GET", "/readyz").done, 20)
            ledger.wait_for(answered + 100)
            join(writers)
            refused = check_refused(writers)
            verify(connection, ledger, story)
            text = (
                f"{refused}; /readyz and reads 503 within {slowest:.2f} s, /healthz and lessons 200; healed {healed:.2f} s after"
            )
            self.passes("postgres", "away", f"{text} the start without a restart, all {ledger.answered} writes are there")

    def backup(self) -> None:
        """Backups while everybody writes, some of them killed: what has the name is whole and holds what was answered before."""
        dice = random.Random(self.seed)
        with self.scene(Sqlite, "backup") as (server, _):
            server.start()
            quiz = Quiz.read(server.connect())
            ledger, story = Ledger(), Story()
            writers = write_until(server, ledger, quiz, self.seed)
            whole = killed = 0
            for number in range(2 * self.rounds):
                ledger.wait_for(ledger.answered + 20)
                copy = server.directory / f"copy-{number}.db"
                before = [attempt for attempt, known in list(ledger.attempts.items()) if known.started]
                process = subprocess.Popen(
                    server.command("backup", str(copy)), cwd=server.directory, env=server.environment(),
                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                )  # fmt: skip
                if number % 2:
                    time.sleep(dice.uniform(0, 0.1))  # no meeting point: the moment of the blow is to be random
                    process.kill()
                said = process.communicate(timeout=60)[1]
                expect(number % 2 == 1 or process.returncode == 0, f"backup {number}: {process.returncode} {said}")
                if copy.exists():
                    whole += 1
                    expect(copy.stat().st_mode & 0o777 == 0o600, "others may read the backup")
                    check_copy(copy, before)
                    copy.unlink()
                else:
                    killed += 1
            join(writers)
            verify(server.connect(), ledger, story)
            text = f"{whole} whole backups under load, {killed} killed ones left no file of that name"
            self.passes("sqlite", "backup", f"{text}, all {ledger.answered} writes are there")

    def restore(self) -> None:
        """A backup put back again and again: a follower of the feed reads on with its cursor and misses nothing that comes."""
        with self.scene(Sqlite, "restore") as (server, database):
            server.start()
            quiz = Quiz.read(server.connect())
            first, story = Ledger(), Story()
            writers = write_until(server, first, quiz, self.seed)
            first.wait_for(200)
            copy = str(server.directory / "copy.db")
            made = subprocess.run(server.command("backup", copy), env=server.environment(), capture_output=True, text=True, timeout=60)
            expect(made.returncode == 0, f"backup: {made.stderr}")
            first.wait_for(first.answered + 200)
            held = subprocess.run(server.command("restore", copy), env=server.environment(), capture_output=True, text=True, timeout=60)
            expect(held.returncode == 1 and "server holds" in held.stderr, f"a restore under a running server: {held}")
            join(writers)
            verify(server.connect(), first, story)
            told = 0
            for number in range(3):
                how = signal.SIGKILL if number == 1 else signal.SIGTERM
                server.end(how)
                back = subprocess.run(server.command("restore", copy), env=server.environment(), capture_output=True, text=True, timeout=60)
                expect(back.returncode == 0, f"restore: {back.stderr}")
                server.start()
                ledger = Ledger()
                writers = write_until(server, ledger, quiz, self.seed + 10 + number)
                ledger.wait_for(100)
                join(writers)
                told += verify(server.connect(), ledger, story)
            kept = len(list(server.directory.glob("waymark.db.replaced-*")))
            expect(kept >= 3, f"only {kept} of 3 replaced databases were kept")
            text = f"3 restores, each replaced database kept; {told} records after them, each told once to the old cursor"
            self.passes("sqlite", "restore", f"{text}; {database.check()}")

    def gone(self) -> None:
        """The file moved away, replaced and deleted under the service: 503, and no write is answered into nothing."""
        with self.scene(Sqlite, "gone") as (server, database):
            assert isinstance(database, Sqlite)
            server.start()
            connection = server.connect()
            quiz = Quiz.read(connection)
            ledger, story = Ledger(), Story()
            writers = write_until(server, ledger, quiz, self.seed, patient=True)
            ledger.wait_for(100)
            elsewhere = server.directory / "elsewhere"
            database.file.rename(elsewhere)
            eventually("every writer is refused", lambda: all(len(writer.refused) >= 20 for writer in writers), 60)
            shutil.copy(elsewhere, database.file)  # another file of the same content is another file
            slowest = check_unavailable([connection.call("GET", "/readyz"), *(self.save_one(connection) for _ in range(25))])
            elsewhere.rename(database.file)
            healed = eventually("it goes on with the same file", lambda: self.save_one(connection).done, 10)
            ledger.wait_for(ledger.answered + 100)
            join(writers)
            refused = check_refused(writers)
            verify(connection, ledger, story)
            database.file.unlink()
            check_unavailable([self.save_one(connection) for _ in range(25)])
            expect(server.end(signal.SIGTERM) == 0, "a stop without the file is a clean one all the same")
            for file in server.directory.glob("waymark.db-*"):
                file.unlink()
            refusing = subprocess.run(
                server.command("serve", "--listen", "127.0.0.1:0"),
                cwd=server.directory, env=server.environment(), capture_output=True, text=True, timeout=30,
            )  # fmt: skip
            expect(refusing.returncode == 1 and "there was a database" in refusing.stderr, f"a start without the file: {refusing}")
            expect(not database.file.exists(), "an empty database was made in place of the lost one")
            text = f"{refused}, 25 into a replaced file refused within {slowest:.2f} s, healed {healed:.2f} s after the same file was back"
            self.passes("sqlite", "gone", f"{text}, all {ledger.answered} writes are there; no empty one in place of a deleted one")

    def write_a_few(self, server: Server, quiz: Quiz, story: Story) -> None:
        ledger = Ledger()
        writers = write_until(server, ledger, quiz, self.seed + 1)
        ledger.wait_for(50)
        join(writers)
        verify(server.connect(), ledger, story)

    def save_one(self, connection: Connection) -> Answer:
        body = {"lesson": LESSON, "learner": {"identity": {"system": "urn:faults", "id": str(uuid.uuid4())}}}
        return connection.call("PUT", f"/v1/attempts/{uuid.uuid4()}", body)


class HalfSent:
    """A whole attempt whose head the server has taken in (it said 100 Continue), and whose body it waits for."""

    def __init__(self, server: Server, ledger: Ledger, quiz: Quiz, seed: int) -> None:
        self.attempt, self.known, self.ledger = str(uuid.uuid4()), Remembered(whole=True, submit_sent=True), ledger
        ledger.attempts[self.attempt] = self.known
        self.body = json.dumps(attempt_of(self.known, quiz.drawn_by(self.attempt), random.Random(seed))).encode()
        address = urlsplit(server.url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=20)
        head = (
            f"PUT /v1/attempts/{self.attempt} HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {server.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\nExpect: 100-continue\r\n\r\n"
        )
        self.socket.sendall(head.encode())
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline()
        expect(b"100" in status, f"instead of 100 Continue: {status!r}")
        self.stream.readline()

    def finish(self) -> None:
        self.socket.sendall(self.body)
        try:
            status = int(self.stream.readline().split()[1])
            headers = http.client.parse_headers(self.stream)
            body = json.loads(self.stream.read(int(headers["Content-Length"])))
        except (OSError, IndexError) as error:
            raise Wrong(f"a request in flight at SIGTERM was never answered: {error!r}") from error
        answer = Answer(status, headers, body, 0)
        self.ledger.note(answer, "a request in flight at SIGTERM")
        if answer.done:
            self.known.started, self.known.result = True, body["result"]
            self.known.saved = dict.fromkeys(self.known.sent, 1)
        self.socket.close()


def check_copy(copy: Path, attempts: list[str]) -> None:
    """The copy is a whole database by itself, with all that was answered before it was begun."""
    with contextlib.closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as conn:
        found = [row[0] for row in conn.execute("PRAGMA integrity_check")]
        expect(found == ["ok"], f"the backup is damaged: {found}")
        there = {str(uuid.UUID(bytes=row[0])) for row in conn.execute("SELECT id FROM attempts")}
    expect(set(attempts) <= there, "the backup lacks what was answered before it was begun")


def attempt_of(known: Remembered, items: dict[str, list[str]], dice: random.Random, metadata: str = "") -> Json:
    """A whole attempt of a new learner."""
    responses = []
    for item, options in items.items():
        known.sent[item][1] = dice.choice(options)
        responses.append({"item": item, "seq": 1, "response": {"kind": "single_choice", "option": known.sent[item][1]}})
    learner = {"identity": {"system": "urn:faults", "id": str(uuid.uuid4())}}
    context = {"metadata": {"text": metadata}} if metadata else {}
    return {"lesson": LESSON, "learner": learner, "context": context, "responses": responses, "submit": True}


def connects(url: str) -> bool:
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=5).close()
    except OSError:
        return False
    return True


def check_unavailable(answers: list[Answer]) -> float:
    """Each is a 503 that says when to come again, and came at once; tells the slowest."""
    for answer in answers:
        expect(answer.status == 503 and answer.body["code"] == "database_unavailable", f"{answer.status} {answer.body}")
        expect(re.fullmatch(r"[1-9][0-9]*", answer.headers["Retry-After"] or "") is not None, "503 without Retry-After")
        expect(answer.seconds < AT_ONCE, f"a 503 took {answer.seconds:.1f} s")
    return max(answer.seconds for answer in answers)


def check_refused(writers: list[Writer]) -> str:
    refused = [answer for writer in writers for answer in writer.refused]
    return f"{len(refused)} requests got 503 within {check_unavailable(refused):.2f} s"


def reads_go_on(connection: Connection) -> float:
    slowest = 0.0
    for path in ("/healthz", "/v1/lessons", "/v1/attempts", "/v1/records"):
        answer = connection.call("GET", path)
        expect(answer.done and answer.seconds < AT_ONCE, f"GET {path} while nothing can be written: {answer}")
        slowest = max(slowest, answer.seconds)
    return slowest


def permit(directory: Path, write: bool) -> None:
    """Gives or takes the right to write to the directory and the database in it."""
    for file in directory.glob("waymark.db*"):
        file.chmod(0o600 if write else 0o444)
    directory.chmod(0o700 if write else 0o555)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="script/faults", description="Faults on both databases; no answered write is lost.")
    arguments.add_argument("--rounds", type=int, default=20, help="kills for each database (default 20)")
    arguments.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    arguments.add_argument("--seed", type=int, default=1)
    chosen = arguments.parse_args()
    faults = Faults(chosen.rounds, chosen.seed)
    began = time.monotonic()
    if chosen.database in ("sqlite", "both"):
        faults.kill(Sqlite)
        faults.terminate(Sqlite)
        faults.crowds(Sqlite)
        faults.full()
        faults.read_only()
        faults.backup()
        faults.restore()
        faults.gone()
    if chosen.database in ("postgres", "both"):
        faults.kill(Postgres)
        faults.terminate(Postgres)
        faults.crowds(Postgres)
        faults.away()
    print(f"\n{time.monotonic() - began:.0f} s\n{faults.passed} passed, {faults.failed} failed")
    sys.exit(faults.failed > 0)


if __name__ == "__main__":
    main()
