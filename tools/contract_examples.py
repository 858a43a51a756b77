"""Asks a running service for one answer of every operation and writes them down as the examples of the contract document.

`script/update` runs it beside a fresh server; `script/test generated` runs it again and expects the same. What differs from run to run
(identifiers, times, tokens, cursors) gets fixed values of the same form, and long lists and texts are cut.

Usage: contract_examples.py OUT
"""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

URL, PROGRAM = os.environ["WAYMARK_URL"], os.environ["WAYMARK_BIN"]
LESSON, COURSE, OWN = "safety-classifiers-and-refusals", "reading-refusals", "refusals-at-acme"
ATTEMPT, SUBMISSION, DIAGNOSIS, REGRADE, STAFF, CLIENT, TENANT, MERGE, CLAIM, TOKEN_ID, ISSUER, COHORT = (
    f"0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9e{n:02}" for n in range(12)
)
SCOPES = (
    "lessons:read lessons:write attempts:read attempts:write submissions:read submissions:write reviews:write learners:read "
    "learners:write learners:act learners:all cohorts:read cohorts:write tokens:issue records:read diagnoses:run clients:admin "
    "audit:read tenants:admin"
)
# So many entries of a list are shown, of a list within a list one, and so many letters of a text.
ENTRIES, LETTERS = 2, 300

contract = json.load(urllib.request.urlopen(URL + "/openapi.json", timeout=60))
operations = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in contract["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}
examples: dict[str, dict[str, object]] = {}


def program(*arguments: str) -> str:
    return subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def request_example(name: str):
    """The body that the document shows for an operation."""
    (media,) = [content for content in operations[name][2]["requestBody"]["content"].values() if "schema" in content][:1]
    if "example" in media:
        return media["example"]
    schema = contract["components"]["schemas"][media["schema"]["$ref"].rsplit("/", 1)[1]]
    return json.loads(json.dumps(schema["example"]))


def ask(name: str, *, query=None, body=None, form=None, raw=None, headers=None, show=True, **path):
    """Calls an operation, keeps its answer as the example of this status, and gives it back."""
    method, template, _ = operations[name]
    url = URL + re.sub(r"{(\w+)}", lambda hit: urllib.parse.quote(path[hit[1]], safe=""), template)
    url += "?" + urllib.parse.urlencode(query) if query else ""
    sent = {"Authorization": "Bearer " + TOKEN} if template.startswith("/v1/") else {}
    data = None
    if body is not None:
        data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
    if form is not None:
        data, sent["Content-Type"] = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
    if raw is not None:
        data, sent["Content-Type"] = raw, "application/zip"
    call = urllib.request.Request(url, data, {**sent, **(headers or {})}, method=method)
    try:
        answer = urllib.request.urlopen(call, timeout=60)
    except urllib.error.HTTPError as error:
        sys.exit(f"contract_examples: {method} {url}: {error.code} {error.read().decode()}")
    content, media = answer.read(), answer.headers.get_content_type()
    value = json.loads(content) if media == "application/json" else content.decode() if media.startswith("text/") else content
    if show and not isinstance(value, bytes) and content:
        examples.setdefault(name, {}).setdefault(f"{answer.status} {media}", value)
    return value, answer.headers


def walk() -> None:
    """Every operation, in an order in which each finds what it needs."""
    made = program("client", "create", "moodle", "--scopes", "lessons:read")
    client, secret = (re.search(name + r"\s+(\S+)", made)[1] for name in ("client_id", "client_secret"))
    ask("issue_token", form={"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": "lessons:read"})
    credentials = {"client_id": client, "client_secret": secret}
    token, _ = ask("issue_token", form={"grant_type": "client_credentials", **credentials}, show=False)
    for name in ("introspect_token", "revoke_token"):
        ask(name, form={"token": token["access_token"], **credentials})
    ask("read_server_metadata")
    for name in ("healthz", "readyz", "jwks", "list_courses", "list_lessons", "list_signals"):
        ask(name)
    for name in ("read_course", "read_bundle"):
        ask(name, slug=COURSE)
    for name in ("read_glossary", "read_field_guide"):
        for form in ("json", "markdown", "html"):
            ask(name, slug=COURSE, query={"format": form})
    for name in ("read_lesson", "list_lesson_versions", "read_exercise", "read_source"):
        ask(name, slug=LESSON)
    quiz, _ = ask("read_quiz", slug=LESSON)
    ask("read_lesson_package", slug=LESSON, query={"report": "true"})
    ask("read_course_package", slug=COURSE, query={"report": "true"})
    manifest, _ = ask("read_bundle", slug=COURSE)
    small = min((part for part in manifest["parts"] if part["kind"] == "exercise"), key=lambda part: part["bytes"], default=None)
    ask("read_bundle_part", sha256=(small or manifest["parts"][0])["sha256"])
    package, _ = ask("read_lesson_package", slug=LESSON)
    ask("import_package", raw=package)
    ask("put_signal", signal="acme-topic", body=request_example("put_signal"))
    ask("read_signal", signal="acme-topic")

    learner, _ = ask("create_learner", body=request_example("create_learner"))
    by_identity = {"system": "https://moodle.example.edu", "id": "43"}
    ask("put_learner_by_identity", query=by_identity, body={"name": "Grace"})
    ask("list_learners")
    ask("read_learner", id=learner["id"])
    ask("issue_learner_token", id=learner["id"], body=request_example("issue_learner_token"))
    ask("issue_staff_token", id=STAFF, body={"scopes": ["reviews:write"], "ttl_seconds": 3600})

    # An attempt of a fixed identifier, because what an attempt shows in which order follows from it.
    who = {"learner": {"id": learner["id"]}, "lesson": LESSON}
    started, _ = ask("put_attempt", id=ATTEMPT, body={**who, "language": "en"})
    first, second = started["order"][:2]
    ask("put_response", id=ATTEMPT, item_id=first["item"], body={"seq": 1, "response": answer_of(first, quiz)})
    ask("put_responses", id=ATTEMPT, body={"responses": [{"item": second["item"], "seq": 2, "response": answer_of(second, quiz)}]})
    ask("submit_attempt", id=ATTEMPT)
    ask("read_attempt", id=ATTEMPT)
    ask("list_attempts")
    ask("list_gradings", id=ATTEMPT)
    ask("read_progress", id=learner["id"])
    ask("start_attempt", body=who, show=False)
    examples["start_attempt"] = dict(examples["put_attempt"])

    submission = {**request_example("put_submission"), "learner": {"id": learner["id"]}}
    ask("put_submission", id=SUBMISSION, body=submission)
    draft, _ = ask("create_submission", body={**submission, "submit": False})
    ask("submit_submission", id=draft["id"])
    ask("create_review", id=SUBMISSION, body=request_example("create_review"))
    for name in ("read_submission", "list_revisions", "list_reviews"):
        ask(name, id=SUBMISSION)
    ask("list_submissions")

    evidence = request_example("run_diagnosis")
    ask("run_diagnosis", body=evidence)
    ask("put_diagnosis", id=DIAGNOSIS, body=evidence)
    ask("read_diagnosis", id=DIAGNOSIS)
    ask("list_diagnoses")
    ask("erase_diagnosis", id=DIAGNOSIS)

    # A lesson of one's own: two versions, what was graded by the first graded again by the second, and the end of the first.
    own = request_example("put_draft")
    _, headers = ask("put_draft", slug=OWN, body=own)
    ask("list_drafts")
    for name in ("read_draft", "validate_draft", "preview_draft"):
        ask(name, slug=OWN)
    first, _ = ask("publish_draft", slug=OWN, headers={"If-Match": headers["ETag"]})
    own["lesson"]["title"]["en"] += ", again"
    _, headers = ask("put_draft", slug=OWN, body=own, headers={"If-Match": headers["ETag"]})
    second, _ = ask("publish_draft", slug=OWN, headers={"If-Match": headers["ETag"]})
    ask("put_course", slug="acme", body={**request_example("put_course"), "lessons": [OWN]})
    again = {"lesson": OWN, "from": first["version"], "to": second["version"], "reason": "The title was unclear."}
    ask("put_regrade", id=REGRADE, body=again)
    ask("create_regrade", body=again)
    ask("read_regrade", id=REGRADE)
    ask("list_regrades")
    ask("withdraw_lesson", slug=OWN, body={"version": first["version"], "reason": "It was published too early."})
    ask("delete_draft", slug=OWN)
    ask("list_records")

    # A learner's life: names that come and go, another account of the same person, a guest who signed in.
    grace, _ = ask("put_learner_by_identity", query=by_identity, body={}, show=False)
    guest, _ = ask("put_learner_by_identity", query={"id": "guest-1"}, body={}, show=False)
    other = {"system": "https://canvas.example.edu", "id": "7"}
    ask("put_identity", id=learner["id"], body=other)
    ask("list_identities", id=learner["id"])
    ask("remove_learner_identity", id=learner["id"], query={"system": other["system"], "identity": other["id"]})
    for name in ("deactivate_learner", "reactivate_learner"):
        ask(name, id=learner["id"])
    ask("put_learner_merge", id=MERGE, body={"into": learner["id"], "from": grace["id"]})
    ask("read_learner_merge", id=MERGE)
    ask("put_claim", id=learner["id"], claim=CLAIM, body={"guest": guest["id"]})
    ask("undo_claim", id=learner["id"], claim=CLAIM)
    ask("undo_learner_merge", id=MERGE)
    ask("list_learner_merges")
    ask("delete_signal", signal="acme-topic")

    body = request_example("put_cohort")
    for _ in range(2):
        ask("put_cohort", id=COHORT, body=body)
    ask("put_cohort_learner", id=COHORT, learner=learner["id"])
    ask("put_cohort_instructor", id=COHORT, staff=STAFF)
    for name in ("read_cohort", "list_cohort_learners"):
        ask(name, id=COHORT)
    ask("list_cohorts")
    roster = f"cohort,learner_system,learner_id,role\n7c,{other['system']},44,student\n7c,{other['system']},45,parent\n"
    ask("import_roster", query={"system": "https://sis.example.edu"}, raw=roster.encode(), headers={"Content-Type": "text/csv"})
    ask("remove_cohort_learner", id=COHORT, learner=learner["id"])
    ask("remove_cohort_instructor", id=COHORT, staff=STAFF)
    ask("delete_cohort", id=COHORT)

    body = request_example("put_client")
    ask("create_client", body=body)
    ask("put_client", id=CLIENT, body=body)
    ask("put_client", id=CLIENT, body=body)
    ask("read_client", id=CLIENT)
    ask("list_clients")
    ask("rotate_client_secret", id=CLIENT, body=request_example("rotate_client_secret"))
    for name in ("disable_client", "enable_client"):
        ask(name, id=CLIENT)
    for _ in range(2):
        ask("put_tenant", id=TENANT, body=request_example("put_tenant"))
    for _ in range(2):
        ask("put_tenant_quotas", id=TENANT, body=request_example("put_tenant_quotas"))
    for name in ("read_tenant", "read_quotas", "suspend_tenant", "resume_tenant"):
        ask(name, id=TENANT)
    ask("list_tenants")
    body = request_example("put_personal_token")
    for _ in range(2):
        ask("put_personal_token", id=TOKEN_ID, body=body)
    ask("read_personal_token", id=TOKEN_ID)
    ask("list_personal_tokens")
    ask("delete_personal_token", id=TOKEN_ID)
    body = request_example("put_issuer")
    for _ in range(2):
        ask("put_issuer", id=ISSUER, body=body)
    ask("read_issuer", id=ISSUER)
    ask("list_issuers")
    ask("delete_issuer", id=ISSUER)
    ask("list_audit_entries")
    ask("rotate_keys", body=request_example("rotate_keys"))
    ask("list_keys")


def answer_of(drawn, quiz):
    """Some answer of the right kind."""
    item = next(item for item in quiz["items"] if item["id"] == drawn["item"])
    options = [option if isinstance(option, str) else option["id"] for option in drawn.get("options") or item.get("options") or []]
    match item["kind"]:
        case "single_choice":
            return {"kind": "single_choice", "option": options[0]}
        case "multiple_response":
            return {"kind": "multiple_response", "options": options[:1]}
        case "ordering":
            return {"kind": "ordering", "order": options}
        case "matching":
            return {"kind": "matching", "pairs": []}
        case "numeric":
            return {"kind": "numeric", "value": 1}
        case "point_at_field":
            return {"kind": "point_at_field", "pointer": "/error/code"}
    return {"kind": item["kind"], "text": "content filter"}


class Fixed:
    """Gives what differs from run to run a fixed value of its own, the same wherever it stands."""

    UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
    NOW = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def text(self, name: str, text: str) -> str:
        if name in ("access_token", "secret"):
            return "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9..."
        if name == "token" and text.startswith("wm_pat_"):
            return "wm_pat_..."
        if name == "client_secret":
            return "wms_..."
        if name in ("next_cursor", "cursor", "epoch", "kid", "x"):
            return "b3BhcXVl"
        text = self.UUID.sub(lambda hit: self.one(hit[0]), text)
        text = self.NOW.sub("2026-11-23T08:00:03.120000Z", text)
        return text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…"

    def one(self, found: str) -> str:
        return found if found.startswith("0198c7a0-3f5e") else self.seen.setdefault(found, f"0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f{len(self.seen):02x}")

    def value(self, value, name: str = "", entries: int = ENTRIES):
        if isinstance(value, dict):
            if "previous_sha256" in value:
                value = {**value, "previous_sha256": "0" * 64, "sha256": "0" * 64}
            return {key: self.value(inner, key, entries) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, name, 1) for inner in value[:entries]]
        fixed_numbers = {"elapsed_ms": 192_000, "iat": 1_795_000_000, "exp": 1_795_003_600}
        if name in fixed_numbers and isinstance(value, int):
            return fixed_numbers[name]
        return self.text(name, value) if isinstance(value, str) else value


TOKEN = program("token", "--scopes", SCOPES)
walk()
fixed = Fixed()
out = {name: {place: fixed.value(value) for place, value in sorted(places.items())} for name, places in examples.items()}
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(dict(sorted(out.items())), file, ensure_ascii=False, indent=1)
    file.write("\n")
