"""Peers that keep the service waiting: many of them, slow ones, and those who do not read.

For tests/faults.py. Each scene opens its peers and leaves them open while others are served.
"""

import contextlib
import http.client
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

MANY = 1_100
ONE_BYTE = (
    b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nx"
)
HALF_A_HEAD = b"GET /v1/lessons HTTP/1.1\r\nHost: x\r\nX-Slow: "
NEVER_READ = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 60

# In seconds; the service under test is started with these.
SETTINGS = {
    "WAYMARK_HEADER_TIMEOUT": "3",
    "WAYMARK_BODY_TIMEOUT": "3",
    "WAYMARK_WRITE_TIMEOUT": "3",
    "WAYMARK_IDLE_TIMEOUT": "20",
}


class Stuck(Exception):
    """Somebody was not served."""


def connect(url: str, source: str, sends: bytes) -> socket.socket:
    address = urlsplit(url)
    peer = socket.create_connection((address.hostname, address.port), timeout=20, source_address=(source, 0))
    with contextlib.suppress(OSError):  # one that had to go again is as good
        peer.setblocking(False)
        peer.send(sends)
    return peer


@contextlib.contextmanager
def peers(url: str, sources: list[str], count: int, sends: bytes) -> Iterator[list[socket.socket]]:
    there = [connect(url, sources[n % len(sources)], sends) for n in range(count)]
    try:
        yield there
    finally:
        for peer in there:
            peer.close()


def served(url: str, source: str, path: str, token: str = "") -> float:
    """Asks on a new connection; tells how long the answer took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20, source_address=(source, 0))
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Stuck(f"{path} from {source}: {error!r}") from error
    finally:
        connection.close()
    if status != 200:
        raise Stuck(f"{path} from {source}: {status}")
    return time.monotonic() - began


def memory(process: int) -> int:
    """MiB that the process holds."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024
    return 0


def descriptors(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


def held(url: str) -> int:
    """Connections that the service at this address has not let go: each is a socket of its port that still has an inode, which
    one that only waits for its last packets has not. Other files of the process, as connections to its database that it opens
    when it needs them, say nothing of the peers."""
    address = urlsplit(url)
    here = f"{int.from_bytes(socket.inet_aton(address.hostname or ''), 'little'):08X}:{address.port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = "0A"
    return sum(row[1] == here and row[3] != listening and row[9] != "0" for row in rows)


def scenes(url: str, token: str, process: int, eventually: Callable[[str, Callable[[], bool], float], float]) -> Iterator[tuple[str, str]]:
    """Each scene's name and what it showed. `url` is served with SETTINGS."""
    everywhere = [f"127.0.0.{n}" for n in range(3, 13)]
    for name, sources, sends in (
        ("one address", ["127.0.0.3"], ONE_BYTE),
        ("slow heads", everywhere, HALF_A_HEAD),
        ("slow bodies", everywhere, ONE_BYTE),
        ("no reading", everywhere, NEVER_READ),
    ):
        with peers(url, sources, MANY, sends):
            slowest = 0.0
            for source in ("127.0.0.1", "127.0.0.2", sources[0]):
                for path in ("/healthz", "/readyz", "/v1/lessons"):
                    slowest = max(slowest, served(url, source, path, token if path.startswith("/v1") else ""))
            most, open_files = memory(process), descriptors(process)
            most_held = held(url)
            if most_held < MANY // 4:
                raise Stuck(f"{name}: only {most_held} of {MANY} peers were let in")
            gone = eventually("the peers are let go", lambda: held(url) == 0, 60)
        yield name, f"{MANY} peers, {open_files} open files, {most} MiB; others served within {slowest:.2f} s; all let go after {gone:.1f} s"
