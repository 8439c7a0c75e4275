"""Counts what is asked of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from sqlalchemy import event

from mobility.core.db import db


def statements_of(client: FlaskClient, path: str) -> int:
    """How many statements a page sends when it is opened for the second time."""
    assert client.get(path).status_code == 200
    with counted() as sent:
        client.get(path)
    return len(sent)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are sent while it lasts."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
