"""One-use keys: a form that is sent twice acts once (double click, back, retry)."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from flask import Flask, abort, request
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from mobility.core import clock
from mobility.core.db import Model, db
from mobility.core.errors import RuleBroken
from mobility.core.forms import is_storable
from mobility.core.queue import queue

FIELD = "once"
LONGEST = 64
KEPT = timedelta(days=2)


class UsedKey(Model):
    """A key of a form that was taken: stored by the transaction that its sending made."""

    __tablename__ = "used_key"

    key: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[datetime] = mapped_column(index=True)


def use_keys(app: Flask) -> None:
    """Give every form a key and take each key once."""
    app.jinja_env.globals["once_key"] = lambda: token_urlsafe(24)
    app.before_request(_take)


def is_used(key: str) -> bool:
    """Whether a form with this key was taken."""
    return db.session.get(UsedKey, key) is not None


def _take() -> None:
    key = request.form.get(FIELD, "") if request.method == "POST" else ""
    if not key:
        return
    if not is_storable(key):
        abort(400)
    # The row is the request's own: refused or rolled back, the key is free again. A second sending waits here.
    row = insert(UsedKey).values(key=key[:LONGEST], used_at=clock.utcnow())
    if db.session.scalar(row.on_conflict_do_nothing().returning(UsedKey.key)) is None:
        raise RuleBroken("sent-twice")


@queue.periodic(cron="15 3 * * *")
@queue.task(queueing_lock="forget-used-keys")
def forget_used_keys(timestamp: int) -> None:  # noqa: ARG001
    """Forget keys of forms that nobody sends any more."""
    db.session.execute(delete(UsedKey).where(UsedKey.used_at < clock.utcnow() - KEPT))
    db.session.commit()
