"""What the tests share: tokens of the server that runs beside them, and a network that breaks."""

import os
import random
import re
import socket
import subprocess
import threading

LESSON = "safety-classifiers-and-refusals"
COURSE = "reading-refusals"
URL = os.environ.get("WAYMARK_URL", "")


def _waymark(*args: str) -> str:
    return subprocess.run([os.environ["WAYMARK_BIN"], *args], check=True, capture_output=True, text=True).stdout.strip()


def learner_token(learner: str, scopes: str = "lessons:read attempts:read attempts:write records:read") -> str:
    return _waymark("token", "--scopes", scopes, "--learner", learner)


def client_token(scopes: str) -> str:
    return _waymark("token", "--scopes", scopes)


def new_client(scopes: str) -> tuple[str, str]:
    said = _waymark("client", "create", "SDK test", "--scopes", scopes)
    found = [re.search(rf"{name}\s+(\S+)", said) for name in ("client_id", "client_secret")]
    client_id, secret = (one[1] for one in found if one)
    return client_id, secret


class BadNetwork:
    """A TCP proxy before the service. It cuts connections: before a request arrives, before its answer does, in its middle."""

    def __init__(self, dice: random.Random) -> None:
        self.cutting = 0.0
        """How likely each piece of data is the last of its connection."""
        self.down = False
        self.cuts = 0
        self._dice = dice
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "BadNetwork":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if self.down:
                client.close()
                continue
            host, port = URL.removeprefix("http://").split(":")
            server = socket.create_connection((host, int(port)))
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                if self.down or self._dice.random() < self.cutting:
                    self.cuts += 1
                    # Some of it, all of it or nothing arrives; then the line is dead.
                    other.sendall(data[: int(self._dice.random() * 2 * len(data))])
                    break
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
