"""Rate limits counted in the database, so that they are exact over all processes."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage
from sqlalchemy import BigInteger, Engine, create_engine, delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import Executable

from mobility.core.db import Model, db
from mobility.core.queue import queue

COUNT = text("""
    INSERT INTO rate_count AS c (key_sha256, hits, ends_at)
    VALUES (:key, :amount, now() + make_interval(secs => :expiry))
    ON CONFLICT (key_sha256) DO UPDATE
    SET hits = CASE WHEN c.ends_at <= now() THEN :amount ELSE c.hits + :amount END,
        ends_at = CASE WHEN c.ends_at <= now() THEN excluded.ends_at ELSE c.ends_at END
    RETURNING hits
""")


class RateCount(Model):
    """How often something was tried in its running window; lost in a crash, on purpose."""

    __tablename__ = "rate_count"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    # A hash: what is counted may be an e-mail address as somebody typed it.
    key_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    hits: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[datetime] = mapped_column(index=True)


class DatabaseStorage(Storage):
    """Counts by fixed windows on the server's time, each count in its own transaction.

    Across the edge of two windows up to twice the limit passes.
    """

    STORAGE_SCHEME = ["database"]

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        values = {"key": _digest(key), "amount": amount, "expiry": expiry}
        with _engine().connect() as connection:
            return int(connection.execute(COUNT, values).scalar_one())

    def get(self, key: str) -> int:
        return int(self._scalar(select(RateCount.hits).where(*_running(key))) or 0)

    def get_expiry(self, key: str) -> float:
        ends_at = select(RateCount.ends_at).where(*_running(key)).scalar_subquery()
        return float(self._scalar(select(func.extract("epoch", func.coalesce(ends_at, func.now())))))

    def check(self) -> bool:
        return bool(self._scalar(select(1)) == 1)

    def reset(self) -> int | None:
        return self._changed(delete(RateCount))

    def clear(self, key: str) -> None:
        self._changed(delete(RateCount).where(RateCount.key_sha256 == _digest(key)))

    def _scalar(self, statement: Executable) -> Any:
        with _engine().connect() as connection:
            return connection.execute(statement).scalar()

    def _changed(self, statement: Executable) -> int:
        with _engine().connect() as connection:
            return int(connection.execute(statement).rowcount)


limiter = Limiter(
    get_remote_address, strategy="fixed-window", headers_enabled=True, storage_uri="database://"
)


def keep_limits(app: Flask) -> None:
    """Count the app's rate limits in its database."""
    # Its own pool: a refused request counts although its view's transaction rolls back.
    app.extensions["rate_count"] = create_engine(
        app.config["SQLALCHEMY_DATABASE_URI"],
        isolation_level="AUTOCOMMIT",
        pool_size=2,
        max_overflow=6,
        pool_pre_ping=True,
    )
    limiter.init_app(app)


@queue.periodic(cron="5-59/10 * * * *")
@queue.task(queueing_lock="delete-ended-counts")
def delete_ended_counts(timestamp: int) -> None:  # noqa: ARG001
    """Forget windows that are over."""
    db.session.execute(delete(RateCount).where(RateCount.ends_at <= func.now()))
    db.session.commit()


def _engine() -> Engine:
    engine: Engine = current_app.extensions["rate_count"]
    return engine


def _running(key: str) -> tuple[Any, ...]:
    return RateCount.key_sha256 == _digest(key), RateCount.ends_at > func.now()


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogatepass")).digest()
