"""Browser sessions kept in the database, in their own short transactions and on real time."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Flask, Request, Response
from flask import session as current_session
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.datastructures import CallbackDict

from mobility.core.db import Model, db
from mobility.core.queue import queue

IDLE = timedelta(hours=12)
ANONYMOUS_IDLE = timedelta(hours=1)
STALE = timedelta(minutes=5)
USER_KEY = "_user_id"  # where Flask-Login writes who is signed in
CSRF_KEY = "csrf_token"
SERIALIZER = TaggedJSONSerializer()


class BrowserSession(Model):
    """What the server remembers of one browser; its cookie's token is stored as a hash."""

    __tablename__ = "browser_session"

    id_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    # The user's `fs_uniquifier`, without a foreign key: `accounts` stands above this room.
    user_key: Mapped[str | None] = mapped_column(index=True)
    data: Mapped[str]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class StoredSession(CallbackDict[str, Any], SessionMixin):
    """A dictionary that knows under which token it is stored and what must be written."""

    def __init__(
        self,
        token: str | None = None,
        data: dict[str, Any] | None = None,
        *,
        stale: bool = False,
        failure: OperationalError | None = None,
    ) -> None:
        super().__init__(data, _mark_modified)
        self.failure = failure
        self.new = token is None
        self.modified = False
        self.accessed = False
        self.token = token or secrets.token_urlsafe(32)
        self.stale = stale
        self.opened_for = self.get(USER_KEY)
        self.renewed = False

    @property
    def is_other_user(self) -> bool:
        return bool(self.get(USER_KEY) != self.opened_for)


def _mark_modified(session: CallbackDict[str, Any]) -> None:
    session.modified = True  # type: ignore[attr-defined]


class DatabaseSessions(SessionInterface):
    """Keeps sessions in `browser_session`; the cookie holds nothing but a random token."""

    def open_session(self, app: Flask, request: Request) -> StoredSession:
        """The session of the cookie's token; a new token if none is stored, so nobody else can choose it."""
        token = request.cookies.get(app.config["SESSION_COOKIE_NAME"])
        if not token:
            return StoredSession()
        try:
            with _own_transaction() as own:
                row = own.get(BrowserSession, _digest(token))
        except OperationalError as error:
            # Raised here it would pass by the error pages; `_raise_failure` raises it where they see it.
            return StoredSession(failure=error)
        now = _now()
        if row is None or row.expires_at <= now:
            return StoredSession()
        return StoredSession(token, SERIALIZER.loads(row.data), stale=row.seen_at < now - STALE)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed; a new token when another user is signed in, or after `renew`."""
        assert isinstance(session, StoredSession)  # noqa: S101
        if session.accessed:
            response.vary.add("Cookie")
        changes_id = session.is_other_user or session.renewed
        if session.failure or not (session.modified or session.stale or changes_id):
            return
        # The view is over: what it left uncommitted is lost anyway, and its connection is free for us.
        db.session.rollback()
        if session.is_other_user:
            # Who planted the anonymous session knows its form token.
            session.pop(CSRF_KEY, None)
        _store(session, changes_id=changes_id)
        if not session:
            response.delete_cookie(**self._cookie(app))
        elif session.new or changes_id:
            response.set_cookie(**self._cookie(app), value=session.token)

    def _cookie(self, app: Flask) -> dict[str, Any]:
        return {
            "key": app.config["SESSION_COOKIE_NAME"],
            "path": "/",
            "secure": app.config["SESSION_COOKIE_SECURE"],
            "httponly": True,
            "samesite": "Lax",
        }


def keep_sessions(app: Flask, *, https: bool) -> None:
    """Store the app's sessions in its database; over https their cookie is bound to the host."""
    app.config["SESSION_COOKIE_NAME"] = "__Host-session" if https else "session"
    app.config["SESSION_COOKIE_SECURE"] = https
    app.session_interface = DatabaseSessions()
    app.before_request(_raise_failure)


def renew() -> None:
    """Give this session a new token with the answer: for a step-up or a changed password."""
    _current().renewed = True


def end_sessions(user_key: str) -> None:
    """End all sessions of a user with the caller's transaction."""
    db.session.execute(delete(BrowserSession).where(BrowserSession.user_key == user_key))


@queue.periodic(cron="*/10 * * * *")
@queue.task(queueing_lock="delete-expired-sessions")
def delete_expired_sessions(timestamp: int) -> None:  # noqa: ARG001
    """Forget sessions nobody can use any more."""
    with _own_transaction() as own:
        own.execute(delete(BrowserSession).where(BrowserSession.expires_at <= _now()))
        own.commit()


def _raise_failure() -> None:
    if failure := _current().failure:
        raise failure


def _current() -> StoredSession:
    session: StoredSession = current_session._get_current_object()  # type: ignore[attr-defined]
    return session


def _store(session: StoredSession, *, changes_id: bool) -> None:
    with _own_transaction() as own:
        if changes_id or not session:
            own.execute(delete(BrowserSession).where(BrowserSession.id_sha256 == _digest(session.token)))
            session.token = secrets.token_urlsafe(32)
        if session and (session.new or changes_id):
            own.execute(insert(BrowserSession).values(id_sha256=_digest(session.token), **_row(session)))
        elif session:
            # Only an update: a row deleted meanwhile stays dead.
            mine = BrowserSession.id_sha256 == _digest(session.token)
            own.execute(update(BrowserSession).where(mine).values(**_row(session)))
        own.commit()


def _row(session: StoredSession) -> dict[str, Any]:
    now, user_key = _now(), session.get(USER_KEY)
    return {
        "user_key": user_key,
        "data": SERIALIZER.dumps(dict(session)),
        "seen_at": now,
        "expires_at": now + (IDLE if user_key else ANONYMOUS_IDLE),
    }


def _own_transaction() -> Session:
    # The mode makes it work on an engine and inside a test's rolled-back connection alike.
    return Session(db.engine, join_transaction_mode="create_savepoint")


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _now() -> datetime:
    return datetime.now(UTC)
