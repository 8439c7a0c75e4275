"""The CV of the person who travels: kept when it comes, and named by the answers that hold it."""

from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, insert, literal, select

from mobility.applications.enums import EDITABLE
from mobility.applications.models import Application, ChangeRequest, Cv
from mobility.audit.services import record
from mobility.calls.enums import CvAsked
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.together import lock
from mobility.core.uploads import Upload, refuse_unlikely

# Files that came with a page and were not saved with it; of more, the newest stay.
MOST_KEPT = 3


def keep(application: Application, upload: Upload, *, actor: Actor | None) -> Cv:
    """Keep a PDF that was looked into (`PdfField`), whatever becomes of the answers beside it.

    Raises `BadUpload`, or `RuleBroken("wrong-state")` once the application may not be changed.
    """
    refuse_unlikely(upload.content)
    lock(application)
    if application.status not in EDITABLE:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    found = named(application, fingerprint(upload))
    if found is not None:
        return found
    cv = Cv(
        application_id=application.id,
        sha256=fingerprint(upload),
        file_name=upload.name,
        content=upload.content,
        bytes_long=len(upload.content),
        added_at=clock.utcnow(),
        added_by_id=actor.id if actor else None,
    )
    db.session.add(cv)
    record("application.cv-kept", application, actor=actor, sha256=cv.sha256)
    _forget(application, but=MOST_KEPT)
    return cv


def refuse_unknown(application: Application, digest: str | None) -> None:
    """Refuse to name a file that is not kept for the application. Raises `RuleBroken("unknown-cv")`."""
    if digest not in {None, application.cv} and named(application, str(digest)) is None:
        raise RuleBroken("unknown-cv")


def take_over(application: Application, before: Application, *, actor: Actor | None) -> None:
    """Begin with the CV of an earlier application, if it has one and the call asks for one."""
    if before.cv is None or application.call.cv_asked is CvAsked.NO:
        return
    db.session.flush()
    own = {"application_id": application.id, "added_at": clock.utcnow()}
    own |= {"added_by_id": actor.id if actor else None}
    same = ("sha256", "file_name", "content", "bytes_long")
    given = [*(literal(value, getattr(Cv, name).type) for name, value in own.items())]
    copied = select(*given, *(getattr(Cv, name) for name in same)).where(_is(before, before.cv))
    db.session.execute(insert(Cv).from_select([*own, *same], copied))
    application.cv = before.cv


def forget_unsaved(application: Application) -> None:
    """Forget the files that neither the answers nor those that were sent before name."""
    _forget(application, but=0)


def kept_of(application: Application) -> list[Cv]:
    """The files kept for an application, the newest first, without their content."""
    return list(db.session.scalars(_newest(select(Cv), application)))


def named(application: Application, digest: str) -> Cv | None:
    """The file of an application with that fingerprint, without its content."""
    return db.session.scalar(select(Cv).where(_is(application, digest)))


def fingerprint(upload: Upload) -> str:
    """What a file is known by."""
    return sha256(upload.content).hexdigest()


def _forget(application: Application, *, but: int) -> None:
    now = select(Application.cv).where(Application.id == application.id)
    waiting = (ChangeRequest.application_id == application.id, ChangeRequest.ended_at.is_(None))
    sent = select(ChangeRequest.sent["cv"].astext).where(*waiting)
    newest = _newest(select(Cv.id), application).limit(but)
    gone = delete(Cv).where(
        Cv.application_id == application.id,
        Cv.sha256.is_distinct_from(now.scalar_subquery()),
        Cv.sha256.is_distinct_from(sent.scalar_subquery()),
        Cv.id.not_in(newest.scalar_subquery()),
    )
    db.session.execute(gone)


def _newest(rows: Select[Any], application: Application) -> Select[Any]:
    return rows.where(Cv.application_id == application.id).order_by(Cv.added_at.desc(), Cv.id.desc())


def _is(application: Application, digest: str) -> ColumnElement[bool]:
    return and_(Cv.application_id == application.id, Cv.sha256 == digest)
