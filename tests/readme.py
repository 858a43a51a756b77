"""Runs the ```console blocks of README.md in one shell and compares the output.

Substituted: port 8080 by a free one, `cargo run --release` by the binary that is built already, the clone by an empty
repository with its .gitignore. Masked on both sides: UUIDs, times, tokens, secrets, digests, and what changes with a
lesson's content. At the end the clone must be as clean as it was: whoever follows the README goes on to work in it.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MASKS = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<time>"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<token>"),
    (r"wms_[0-9a-f]{64}", "<secret>"),
    (r"sha256-[0-9a-f]{64}", "<digest>"),
    (r"(127\.0\.0\.1|localhost):\d+", "<host>"),
    (r'"elapsed_ms": ?\d+', '"elapsed_ms": <n>'),
    # Which items an attempt draws follows from the lesson's version, and what they are worth from its content.
    (r"\bfsc-\d+\b", "<item>"),
    (r"^<item> (in)?correct:", "<item> <verdict>:"),
    (r'"(raw|max|scaled)": ?[\d.]+', r'"\1": <points>'),
]


def commands(text: str) -> list[tuple[str, list[str]]]:
    """(command, expected lines) of every `$ ` line in the console blocks; `> ` lines continue it."""
    out: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.S | re.M):
        for line in block.splitlines():
            if line.startswith("$ "):
                out.append((line[2:], []))
            elif line.startswith("> "):
                command, expected = out[-1]
                out[-1] = (f"{command}\n{line[2:]}", expected)
            else:
                out[-1][1].append(line)
    return out


def masked(line: str) -> str:
    for pattern, name in MASKS:
        line = re.sub(pattern, name, line)
    return line.rstrip()


def pattern(expected: list[str]) -> str:
    parts = []
    for line in (masked(line) for line in expected):
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(r".*?".join(re.escape(piece) for piece in line.split("...")) + r"\n")
    return "".join(parts)


class Shell:
    """A bash that keeps its variables from command to command."""

    def __init__(self, folder: str, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )

    def run(self, command: str) -> str:
        if self.process.poll() is not None:
            return "(the shell ended)\n"
        end = "--end-of-output--"
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{command}\necho; echo {end}\n")
        self.process.stdin.flush()
        lines = []
        # A command that never ends (an open quote, say) must not hang the test.
        watchdog = threading.Timer(60, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            if line.strip() == end:
                break
            lines.append(line)
        watchdog.cancel()
        return "".join(lines).rstrip("\n") + "\n" if "".join(lines).strip() else ""


class Server:
    """The service, started in the directory where the README's reader stands."""

    def __init__(self, folder: str, environment: dict[str, str], notes: Path) -> None:
        self.folder = folder
        ready = notes / "ready"
        with open(notes / "server.out", "w") as out, open(notes / "server.log", "w") as log:
            self.process = subprocess.Popen(
                [environment["WAYMARK_BIN"], "serve", "--listen", "127.0.0.1:0", "--ready-file", str(ready)],
                cwd=folder, env=environment, stdout=out, stderr=log, text=True,
            )
        deadline = time.monotonic() + 60
        while not ready.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit("the server did not start:\n" + (notes / "server.log").read_text())
            time.sleep(0.05)
        self.address = ready.read_text().strip().removeprefix("http://")
        self.banner = (notes / "server.out").read_text()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=40)


def clone(folder: Path, binary: str) -> None:
    """A checkout as far as the README's commands see it: git's rules, and the binary where cargo puts it."""
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text((ROOT / ".gitignore").read_text())
    release = folder / "target" / "release"
    release.mkdir(parents=True)
    os.symlink(binary, release / "waymark")


def left(folder: Path) -> list[str]:
    """What stands in the clone's top now, except the folder that the README works in and what cargo makes."""
    known = {".git", "target", "try"}
    return sorted(path.name for path in folder.iterdir() if path.name not in known)


def main() -> int:
    show = "--print" in sys.argv[1:]
    failed = passed = 0
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as notes:
        folder = Path(place)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_") and k != "DATABASE_URL"}
        environment["WAYMARK_BIN"] = os.environ["WAYMARK_BIN"]
        clone(folder, environment["WAYMARK_BIN"])
        server = None
        try:
            shell = Shell(place, environment)
            for command, expected in commands((ROOT / "README.md").read_text()):
                if command.startswith("cargo run --release"):
                    server = Server(shell.run("pwd").strip(), environment, Path(notes))
                    printed = server.banner
                else:
                    address = server.address if server else "127.0.0.1:8080"
                    printed = shell.run(command.replace("127.0.0.1:8080", address))
                if show:
                    print(f"$ {command}\n{printed}")
                elif re.fullmatch(pattern(expected), "".join(f"{masked(line)}\n" for line in printed.splitlines())):
                    passed += 1
                else:
                    failed += 1
                    print(f"README.md shows for\n$ {command}\n" + "\n".join(expected) + f"\nbut it prints\n{printed}")
        finally:
            code = server.end() if server else 1
        if code != 0:
            failed += 1
            print(f"the server ended with {code}")
        dirt = subprocess.run(
            ["git", "-C", place, "status", "--porcelain", "--untracked-files=all"], check=True, text=True, stdout=subprocess.PIPE
        ).stdout.splitlines()
        if left(folder) or dirt:
            failed += 1
            print("the README's commands leave in the clone:\n  " + "\n  ".join(left(folder) + dirt))
    print(f"readme: {passed} passed, {failed} failed")
    return 1 if failed or not (passed or show) else 0


if __name__ == "__main__":
    sys.exit(main())
