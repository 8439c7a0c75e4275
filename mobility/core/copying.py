"""Stores very many new rows at once, as `COPY` does."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from psycopg.sql import SQL, Identifier
from sqlalchemy.dialects.postgresql import JSONB

from mobility.core.db import Model, db


def copy_in(kind: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Store rows of a table, each the values of these columns; the others get what the table gives them.

    Nothing is told to the session: what names these rows is read afterwards.
    """
    db.session.flush()
    typed = kind.__table__.columns
    written = [_written(isinstance(typed[name].type, JSONB)) for name in columns]
    statement = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(kind.__tablename__), SQL(", ").join(map(Identifier, columns))
    )
    driver: Any = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([write(value) for write, value in zip(written, row, strict=True)])


def _written(is_json: bool) -> Callable[[Any], Any]:
    return json.dumps if is_json else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
