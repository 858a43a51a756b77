"""What an operator does, done: the commands of docs/operating.md in one shell, the unit's readiness, and every query of the
dashboard and the alerts asked of a Prometheus that has scraped a running service."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from readme import ROOT, Shell, commands, masked, pattern

MONITORING = ROOT / "packaging" / "monitoring"
# What a short, healthy life does not show: nothing was refused for want of room, nobody was closed, no feed lags.
MAY_BE_EMPTY = re.compile(
    r"^rate\(waymark_connections_refused_total|waymark_connections_closed_total|review|_problems_total\{code=|> 0|_tokens_issued_total"
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(what: str, check: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            sys.exit(f"not within {seconds:g} s: {what}")
        time.sleep(0.1)


def environment(folder: Path) -> dict[str, str]:
    bare = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_") and k not in ("DATABASE_URL", "NOTIFY_SOCKET")}
    programs = folder / "bin"
    programs.mkdir()
    (programs / "waymark").symlink_to(os.environ["WAYMARK_BIN"])
    return bare | {"PATH": f"{programs}:{bare['PATH']}"}


def page() -> tuple[int, int]:
    """The commands of docs/operating.md: how many gave what the page shows, and how many did not."""
    passed = failed = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        ports = {"127.0.0.1:8080": f"127.0.0.1:{free_port()}", "127.0.0.1:9464": f"127.0.0.1:{free_port()}"}
        work = folder / "work"
        work.mkdir()
        shell = Shell(str(work), environment(folder) | {"WAYMARK_LISTEN": ports["127.0.0.1:8080"]})
        for command, expected in commands((ROOT / "docs" / "operating.md").read_text()):
            actual = command
            for shown, port in ports.items():
                actual = actual.replace(shown, port)
            printed = shell.run(actual)
            if re.fullmatch(pattern(expected), "".join(f"{masked(line)}\n" for line in printed.splitlines())):
                passed += 1
            else:
                failed += 1
                print(f"docs/operating.md shows for\n$ {command}\n" + "\n".join(expected) + f"\nbut it prints\n{printed}")
        shell.run("kill $(jobs -p) 2>/dev/null; wait")
    return passed, failed


def get(url: str, token: str = "") -> Any:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def some_work(base: str, token: str) -> None:
    def put(path: str, body: object, method: str = "PUT") -> None:
        request = urllib.request.Request(base + path, json.dumps(body).encode(), method=method)
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=20).close()

    lesson = get(f"{base}/v1/lessons", token)["items"][0]["slug"]
    put("/v1/attempts/7f2b6d8e-51c4-4b1a-8f0e-3d9a6c2b1e55", {"lesson": lesson, "submit": True})
    put("/v1/submissions/7f2b6d8e-51c4-4b1a-8f0e-3d9a6c2b1e56", {"lesson": lesson})
    put("/v1/diagnoses", {"visible_text": "I can't help with that."}, "POST")
    try:
        get(f"{base}/v1/lessons")
        sys.exit("a request without a token was answered")
    except urllib.error.HTTPError as error:
        error.close()


def queries() -> list[str]:
    told = json.loads((MONITORING / "dashboard.json").read_text())
    shown = [target["expr"] for panel in told["panels"] for target in panel.get("targets", [])]
    alerts = re.findall(r"^ +expr: (.*)$", (MONITORING / "alerts.yaml").read_text(), re.M)
    return [one.replace("$instance", ".*").replace("$__rate_interval", "1m") for one in shown] + alerts


def watched() -> tuple[int, int]:
    """A service that says when it is ready, and a Prometheus that looks at it."""
    passed = failed = 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(str(folder / "notify"))
            notified.settimeout(60)
            metrics, port = free_port(), free_port()
            settings = environment(folder) | {
                "NOTIFY_SOCKET": str(folder / "notify"),
                "WAYMARK_METRICS_LISTEN": f"127.0.0.1:{metrics}",
                "WAYMARK_LISTEN": "127.0.0.1:0",
            }
            log = (folder / "log").open("wb")
            service = subprocess.Popen(["waymark", "serve", "--ready-file", "ready"], cwd=folder, env=settings, stdout=log, stderr=log)
            prometheus = None
            try:
                said = notified.recv(1000).decode()
                if "READY=1" not in said or not (folder / "ready").exists():
                    sys.exit(f"systemd is told {said!r}, and the ready file is {'there' if (folder / 'ready').exists() else 'missing'}")
                base = (folder / "ready").read_text().strip()
                scopes = "lessons:read attempts:write submissions:write diagnoses:run"
                command = ["waymark", "token", "--learner", "anna", "--scopes", scopes]
                token = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=True).stdout.strip()
                (folder / "prometheus.yml").write_text(
                    "global: { scrape_interval: 1s, evaluation_interval: 1s }\n"
                    f"rule_files: ['{MONITORING / 'alerts.yaml'}']\n"
                    f"scrape_configs: [{{ job_name: waymark, static_configs: [{{ targets: ['127.0.0.1:{metrics}'] }}] }}]\n"
                )
                command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
                prometheus = subprocess.Popen(
                    [*command, f"--web.listen-address=127.0.0.1:{port}"], cwd=folder, stdout=log, stderr=subprocess.STDOUT
                )

                def ask(query: str) -> list[Any]:
                    url = f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
                    answer = get(url)
                    return list(answer["data"]["result"])

                def answers(query: str) -> bool:
                    try:
                        return bool(ask(query))
                    except OSError:
                        return False

                until("Prometheus has looked at the service", lambda: answers("up == 1"))
                some_work(base, token)
                # A rate needs two looks after the work, as a counter that begins needs one before it.
                seen = "count_over_time(waymark_diagnoses_total[1m]) >= 3"
                until("Prometheus has seen the work", lambda: answers(seen))
                until("the size of the database is looked up", lambda: answers("waymark_database_bytes > 0"))
                for query in queries():
                    try:
                        found = ask(query)
                    except urllib.error.HTTPError as error:
                        failed += 1
                        print(f"{query}\n  is refused: {error.read().decode()[:300]}")
                        continue
                    comparison = re.search(r"[=<>]=? *[\d.e]+( \*.*)?$", query) or " > 0.9 * " in query
                    if found or comparison or MAY_BE_EMPTY.search(query):
                        passed += 1
                    else:
                        failed += 1
                        print(f"{query}\n  finds nothing in a service that has worked")
                firing = {one["metric"]["alertname"] for one in ask('ALERTS{alertstate="firing"}')}
                if firing:
                    failed += 1
                    print(f"alerts about a healthy service: {firing}")
            finally:
                for process in (prometheus, service):
                    if process is not None:
                        process.send_signal(signal.SIGTERM)
                        process.wait(40)
                log.close()
    return passed, failed


def main() -> int:
    results = [page(), watched()]
    passed, failed = (sum(one[which] for one in results) for which in (0, 1))
    print(f"operate: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
