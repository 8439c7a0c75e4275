"""Asks for pages over HTTP on one connection, as somebody who is signed in."""

import http.client
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mobility.serve import HOST

COOKIE = "session"
LIMIT_S = 60


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took from the first byte sent to the last one read."""

    status: int
    is_page: bool
    is_compressed: bool
    body: bytes
    seconds: float


class Visitor:
    """One connection that is kept, and one session's token."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=LIMIT_S)
        self.headers = {"Accept": "text/html", "Accept-Encoding": "gzip"}
        if token:
            self.headers["Cookie"] = f"{COOKIE}={token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def get(self, path: str) -> Answer:
        """The answer; a session that the server begins is kept for the next."""
        try:
            return self._ask(path)
        except http.client.RemoteDisconnected:
            # The server closed it while another one was asked: it keeps none for long.
            self.connection.close()
            return self._ask(path)

    def _ask(self, path: str) -> Answer:
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        response = self.connection.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        begun = (response.getheader("Set-Cookie") or "").partition(";")[0]
        if begun.startswith(f"{COOKIE}="):
            self.headers["Cookie"] = begun
        return Answer(
            status=response.status,
            is_page=(response.getheader("Content-Type") or "").startswith("text/html"),
            is_compressed=response.getheader("Content-Encoding") == "gzip",
            body=body,
            seconds=seconds,
        )
