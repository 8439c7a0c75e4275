"""Counts the SQL statements of a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context

from flask import Flask
from sqlalchemy import Engine, event

from tests.bench.visitor import COOKIE


def statements(app: Flask, path: str, token: str | None) -> int:
    """How many statements the page takes when it is opened for the second time, sessions and clock included."""
    client = app.test_client()
    if token:
        client.set_cookie(COOKIE, token)
    Context().run(client.get, path)
    with _counted() as seen:
        Context().run(client.get, path)
    return len(seen)


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
