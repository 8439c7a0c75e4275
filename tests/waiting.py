"""Whether one transaction has come to wait for another, for tests in which two collide."""

from sqlalchemy import text

from mobility.core.db import db

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def somebody_waits() -> bool:
    """Whether somebody waits for a lock of the app's database."""
    # By a connection of its own: a transaction that has looked once sees that moment until it ends.
    with db.engine.connect() as connection:
        return bool(connection.scalar(WAITING))
