"""Counts what a page asks of the database."""

from flask.testing import FlaskClient
from sqlalchemy import event

from mobility.core.db import db


def statements_of(client: FlaskClient, path: str) -> int:
    """How many statements a page sends when it is opened for the second time."""
    sent = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    assert client.get(path).status_code == 200
    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        client.get(path)
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    return len(sent)
