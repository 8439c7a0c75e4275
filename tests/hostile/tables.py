"""What stands in the database, as one digest per table."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import Connection

# Written in transactions of their own, on a GET too (promise T07).
ASIDE = {"browser_session", "rate_count", "viewing"}
NAMES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")


def digests(connection: Connection) -> dict[str, str]:
    """Of each table a digest of where its rows stand and who wrote them: any write moves or marks a row."""
    names = [name for name in connection.scalars(NAMES) if name not in ASIDE]
    asked = " UNION ALL ".join(
        f"SELECT '{name}', md5(coalesce(string_agg(ctid::text || xmin::text, '|' ORDER BY ctid), '')) FROM \"{name}\""
        for name in names
    )
    return {row[0]: row[1] for row in connection.execute(text(asked))}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables whose rows are not as they were."""
    return sorted(name for name in before if before[name] != after[name])


def analyse(connection: Connection) -> None:
    """Let queries be planned for what the tables hold now, not for the empty ones that other tests leave."""
    # All of them by one bare ANALYZE would lock what is shared by all databases, until this transaction ends.
    names = ", ".join(f'"{name}"' for name in connection.scalars(NAMES))
    connection.execute(text(f"ANALYZE {names}"))


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """Take back whatever happens inside, commits of pages included."""
    point = connection.begin_nested()
    try:
        yield
    finally:
        point.rollback()


def tell(words: str) -> None:
    """Say how much a test has tried; `pytest -s` shows it."""
    print(words)
