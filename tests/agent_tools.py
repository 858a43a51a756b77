"""The tools for agents, driven by the Python SDK of the Model Context Protocol, which nobody here wrote.

Over standard input and output and over streamable HTTP, with the handshake of protocol versions before 2026-07-28 and without it;
beside a real service (script/serve-for gives WAYMARK_URL, WAYMARK_BIN and DATABASE_URL), and without one. The SDK holds every
structured result against the tool's output schema.
"""

import asyncio
import json
import os
import subprocess
import urllib.error
import urllib.request
import uuid
from contextlib import asynccontextmanager

import httpx2
import jsonschema
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

URL, PROGRAM = os.environ["WAYMARK_URL"], os.environ["WAYMARK_BIN"]
EVERY = "diagnoses:run lessons:read attempts:read attempts:write"
LESSON = "safety-classifiers-and-refusals"
LOCAL = ["diagnose", "list_signals", "read_lesson"]
TOOLS = LOCAL + ["quiz_next", "quiz_answer"]
BLOCKED = {"provider": "Azure OpenAI", "http": {"status": 400, "body": '{"error": {"code": "content_filter", "param": "prompt"}}'}}
MODES = ["legacy", "auto", "2026-07-28"]


def token(scopes, learner=None):
    whose = ["--learner", learner] if learner else []
    made = subprocess.run([PROGRAM, "token", "--scopes", scopes, *whose], check=True, capture_output=True, text=True)
    return made.stdout.strip()


def clean_environment(**more):
    return {"PATH": os.environ["PATH"], **more}


@asynccontextmanager
async def over_stdio(mode, *arguments, **environment):
    server = StdioServerParameters(command=PROGRAM, args=["mcp", *arguments], env=clean_environment(**environment))
    async with Client(server, mode=mode, read_timeout_seconds=60) as client:
        yield client


@asynccontextmanager
async def listening(*arguments):
    """The URL of a server of streamable HTTP."""
    command = [PROGRAM, "mcp", "--listen", "127.0.0.1:0", *arguments]
    process = await asyncio.create_subprocess_exec(*command, env=clean_environment(), stdout=asyncio.subprocess.PIPE)
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        yield line.split()[-1]
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 30) == 0, "SIGTERM is a clean end"


@asynccontextmanager
async def over_http(mode, url, bearer=None):
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    http = httpx2.AsyncClient(headers=headers, timeout=60)
    async with http, Client(streamable_http_client(url, http_client=http), mode=mode, read_timeout_seconds=60) as client:
        yield client


async def call(client, tool, **arguments):
    """The structured result; the words must be there too."""
    result = await client.call_tool(tool, arguments)
    words = result.content[0].text
    assert not result.is_error, words
    assert words.strip() and result.structured_content is not None
    return result.structured_content, words


async def fault(client, tool, **arguments):
    """The problem of a call that cannot succeed; the words say its code and what to do."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.structured_content
    assert result.structured_content is None, "clients hold structured content against the schema of results"
    words, problem = result.content[0].text, json.loads(result.content[1].text)
    assert words.startswith(problem["code"] + ": ") and "What to do: " in words, words
    assert problem["next"], problem
    return problem


async def list_of_tools(client, names):
    tools = (await client.list_tools()).tools
    assert [tool.name for tool in tools] == names, tools
    for tool in tools:
        for schema in (tool.input_schema, tool.output_schema):
            assert schema["type"] == "object", tool.name
            jsonschema.Draft202012Validator.check_schema(schema)
            assert "#/components" not in json.dumps(schema), f"{tool.name} refers to something outside of its schema"
        assert len(tool.description) > 80
        assert tool.annotations.read_only_hint == (tool.name in LOCAL)
    evidence = next(tool for tool in tools if tool.name == "diagnose").input_schema
    jsonschema.validate(BLOCKED, evidence)
    assert len(json.dumps([tool.model_dump(mode="json") for tool in tools])) < 60_000, "every agent reads the list"


async def what_needs_no_learner(client):
    verdict, words = await call(client, "diagnose", **BLOCKED)
    assert verdict["verdict"] == "pre_classifier" and verdict["confidence"] > 0.9, verdict
    assert "id" not in verdict
    for part in ["pre_classifier", "Next step: ", "Do not: ", "Reasons:\n- /error/"]:
        assert part in words, words
    verdict, _ = await call(client, "diagnose", visible_text="I can only help with questions about your Norvik invoices.")
    assert verdict["verdict"] == "system_prompt", verdict

    page, words = await call(client, "list_signals", q="content_filter", limit=2)
    assert len(page["items"]) == 2 and page["items"][0]["sources"], page
    assert page["items"][0]["id"] in words
    following, _ = await call(client, "list_signals", q="content_filter", limit=2, cursor=page["next_cursor"])
    assert following["items"][0]["id"] > page["items"][1]["id"]
    one, _ = await call(client, "list_signals", provider="azure", layer="pre_classifier", stage="block", limit=1)
    assert one["items"][0]["layer"] == "pre_classifier" and one["items"][0]["provider"] == "azure"
    none, words = await call(client, "list_signals", q="nothing-has-this-name")
    assert none["items"] == [] and "No signal fits" in words

    listed, words = await call(client, "read_lesson")
    assert listed["lesson"] is None and LESSON in [lesson["slug"] for lesson in listed["lessons"]] and LESSON in words
    read, words = await call(client, "read_lesson", lesson=LESSON)
    assert read["lesson"]["slug"] == LESSON and read["lesson"]["version"].startswith("sha256-")
    assert words == read["lesson"]["markdown"] and words.startswith("# ") and "\n## Sources\n" in words
    german, _ = await call(client, "read_lesson", lesson=LESSON, language="de", version=read["lesson"]["version"])
    assert german["lesson"]["language"] == "de" and german["lesson"]["markdown"] != words

    assert (await fault(client, "read_lesson", lesson="no-such-lesson"))["code"] == "not_found"
    assert (await fault(client, "read_lesson", lesson="../signals"))["code"] == "not_found"
    wrong = await fault(client, "diagnose", http={"status": 4000})
    assert wrong["code"] == "invalid_body" and wrong["errors"][0]["pointer"] == "/http/status", wrong
    unknown = await fault(client, "list_signals", query="x")
    assert unknown["code"] == "invalid_body" and unknown["errors"][0]["pointer"] == "/query", unknown
    assert (await fault(client, "list_signals", limit=500))["code"] == "invalid_parameter"
    try:
        await client.call_tool("no_such_tool", {})
        raise AssertionError("a tool that is not there answers")
    except MCPError as error:
        assert "no_such_tool" in str(error), error
    return verdict, page, read


def bodies(item):
    """What an item shows that is a JSON object."""
    shown = [json.loads(one["content"]) for one in item["evidence"] if one["media_type"].endswith("json")]
    return [body for body in shown if isinstance(body, dict)]


def answer_to(item):
    """Some answer of the right form."""
    options = [option["id"] for option in item["options"]]
    kind = item["kind"]
    by_kind = {
        "single_choice": lambda: {"option": options[0]},
        "multiple_response": lambda: {"options": options[:1]},
        "ordering": lambda: {"options": options},
        "matching": lambda: {"pairs": [{"prompt": prompt["id"], "choice": options[0]} for prompt in item["prompts"]]},
        "short_text": lambda: {"text": "content_filter"},
        "numeric": lambda: {"value": 1},
        "point_at_field": lambda: {"pointer": "/" + next(iter(bodies(item)[0]))},
    }
    answer = {"kind": kind, **by_kind[kind]()}
    assert sorted(answer) == sorted(item["answer_with"]), "the form that the item shows is the form of an answer"
    return answer


async def a_quiz(client):
    begun, words = await call(client, "quiz_next", lesson=LESSON)
    attempt, of = begun["attempt"], begun["of"]
    assert (begun["state"], begun["purpose"], begun["answered"]) == ("in_progress", "practice", 0), begun
    assert begun["item"]["item"] in words and "Form of the response" in words
    again, _ = await call(client, "quiz_next", lesson=LESSON)
    assert again == begun, "an attempt that is open is gone on with"

    first = begun["item"]
    wrong = await fault(client, "quiz_answer", attempt=attempt, item=first["item"], response={"kind": "single_choice", "option": "none-such"})
    assert wrong["code"] == "invalid_body", wrong
    assert (await fault(client, "quiz_answer", attempt=attempt, item="no-such-item", response=answer_to(first)))["code"] == "not_found"
    assert (await fault(client, "quiz_answer", attempt=attempt, item=first["item"]))["code"] == "invalid_body"

    step, seen = begun, []
    while step["item"]:
        assert step["answered"] == len(seen) and step["item"]["position"] == len(seen) + 1
        seen.append(step["item"]["item"])
        last = len(seen) == of
        more = {"submit": False} if last else {}
        step, _ = await call(client, "quiz_answer", attempt=attempt, item=step["item"]["item"], response=answer_to(step["item"]), **more)
    assert len(set(seen)) == of and (step["state"], step["answered"]) == ("in_progress", of)
    # Changed once more, which hands it in.
    step, words = await call(client, "quiz_answer", attempt=attempt, item=first["item"], response=answer_to(first))
    result = step["result"]
    assert step["state"] == "submitted" and step["item"] is None and result["max"] > 0, step
    assert 0 <= result["scaled"] <= 1 and len(result["items"]) == of and "Result: " in words
    assert all(item["verdict"] for item in result["items"]), "practice shows what was right"
    later, _ = await call(client, "quiz_answer", attempt=attempt, item=first["item"], response=answer_to(first))
    assert later == step, "what is submitted stays, and repeating the call gives it"
    assert (await call(client, "quiz_next", attempt=attempt))[0] == step

    new, _ = await call(client, "quiz_next", lesson=LESSON, language="de")
    assert new["attempt"] != attempt
    early, _ = await call(client, "quiz_answer", attempt=new["attempt"], submit=True)
    assert early["state"] == "submitted" and early["result"]["scaled"] == 0
    assert (await fault(client, "quiz_next", attempt=str(uuid.uuid4())))["code"] == "not_found"
    assert (await fault(client, "quiz_next"))["code"] == "invalid_body"


def api(method, path, bearer, body=None):
    request = urllib.request.Request(URL + path, method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", f"Bearer {bearer}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


async def scopes_are_those_of_the_api(connect):
    async with connect(token("lessons:read")) as client:
        refused = await fault(client, "diagnose", **BLOCKED)
        assert (refused["code"], refused["status"], refused["params"]["scope"]) == ("insufficient_scope", 403, "diagnoses:run")
        assert "do not look for another way" in refused["next"] and refused["request_id"]
        await call(client, "list_signals", limit=1)
    async with connect(token("diagnoses:run")) as client:
        await call(client, "diagnose", **BLOCKED)
        for tool, arguments in [("list_signals", {}), ("read_lesson", {}), ("quiz_next", {"lesson": LESSON})]:
            assert (await fault(client, tool, **arguments))["code"] == "insufficient_scope"
    async with connect("not.a.token") as client:
        assert (await fault(client, "diagnose", **BLOCKED))["code"] == "token_invalid"
    async with connect(None) as client:
        assert (await fault(client, "diagnose", **BLOCKED))["code"] == "token_missing"

    # A client acts for a learner only with the scope for it, and names the learner.
    name = f"agent-{uuid.uuid4()}"
    learners = token(EVERY, name)
    async with connect(learners) as client:
        begun, _ = await call(client, "quiz_next", lesson=LESSON)
    learner = api("GET", f"/v1/attempts/{begun['attempt']}", learners)["learner"]
    async with connect(token(EVERY)) as client:
        assert (await fault(client, "quiz_next", lesson=LESSON, learner=learner))["code"] == "insufficient_scope"
    async with connect(token(EVERY + " learners:act")) as client:
        assert (await call(client, "quiz_next", lesson=LESSON, learner=learner))[0] == begun
    async with connect(token(EVERY, f"other-{uuid.uuid4()}")) as client:
        assert (await fault(client, "quiz_next", attempt=begun["attempt"]))["code"] == "not_found"

    # An attempt that counts is never taken up by the way: only by its id.
    assigned, counts = str(uuid.uuid4()), token(EVERY, f"counts-{uuid.uuid4()}")
    api("PUT", f"/v1/attempts/{assigned}", counts, {"lesson": LESSON})
    async with connect(counts) as client:
        assert (await fault(client, "quiz_next", lesson=LESSON))["code"] == "attempt_open"
        assert (await call(client, "quiz_next", attempt=assigned))[0]["purpose"] == "assigned"
        done, words = await call(client, "quiz_answer", attempt=assigned, submit=True)
        reasons = [reason["text"] for item in done["result"]["items"] for reason in item["reasons"]]
        assert reasons and reasons[0].splitlines()[0] in words, "an attempt that counts shows why"


def status_of(url, headers, body=b"{}"):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


async def pages_of_others_are_refused():
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    async with listening("--allow-host", "mcp.example.org", "--allow-origin", "https://app.example.org:443") as url:
        ask = lambda **headers: status_of(url, {name.title(): value for name, value in headers.items()}, ping)
        assert ask() == 200
        assert ask(host="evil.example.org") == 403, "a name that is rebound to this machine"
        assert ask(host="mcp.example.org") == 200
        for origin in ["https://evil.example.org", "http://127.0.0.1:8080", "null"]:
            assert ask(origin=origin) == 403, origin
        assert ask(origin="https://app.example.org") == 200
        assert status_of(url.replace("/mcp", "/"), {}, ping) == 404
        assert status_of(url, {}, b"x" * (3 << 20)) == 413


async def over_http_with_a_service(mode):
    async with listening("--url", URL) as url:
        async with over_http(mode, url, token(EVERY, f"http-{uuid.uuid4()}")) as client:
            await list_of_tools(client, TOOLS)
            answers = await what_needs_no_learner(client)
            await a_quiz(client)
        await scopes_are_those_of_the_api(lambda bearer: over_http(mode, url, bearer))
        return answers


async def over_stdio_with_a_service(mode):
    mine = token(EVERY, f"stdio-{uuid.uuid4()}")
    async with over_stdio(mode, "--url", URL, WAYMARK_TOKEN=mine) as client:
        await list_of_tools(client, TOOLS)
        answers = await what_needs_no_learner(client)
        await a_quiz(client)
    await scopes_are_those_of_the_api(lambda bearer: over_stdio(mode, *(["--token", bearer] if bearer else []), WAYMARK_URL=URL))
    return answers


async def without_a_service(mode):
    async with over_stdio(mode) as client:
        # Who names a version beforehand asks for no introduction.
        if mode != "2026-07-28":
            assert client.server_info.name == "waymark" and "call diagnose" in client.instructions
        await list_of_tools(client, LOCAL)
        answers = await what_needs_no_learner(client)
        assert (await fault(client, "quiz_next", lesson=LESSON))["code"] == "needs_service"
    async with listening() as url, over_http(mode, url) as client:
        await list_of_tools(client, LOCAL)
        assert await what_needs_no_learner(client) == answers
    async with over_stdio(mode, "--url", "http://127.0.0.1:9") as client:
        assert (await fault(client, "diagnose", **BLOCKED))["code"] == "service_unreachable"
    return answers


def without_cursor(answers):
    verdict, page, read = answers
    return verdict, {**page, "next_cursor": None}, read


async def main():
    for mode in MODES:
        alone = await without_a_service(mode)
        for connected in (over_stdio_with_a_service, over_http_with_a_service):
            answers = await connected(mode)
            assert without_cursor(answers) == without_cursor(alone), "a service of the same version says what the program says alone"
        print(f"ok: every tool over stdio and over HTTP, with a service and without ({mode})")
    await pages_of_others_are_refused()
    print("ok: names and origins that are not allowed are refused")


asyncio.run(main())
