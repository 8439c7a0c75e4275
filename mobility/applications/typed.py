"""Keeps what stands in the pages of a draft as it is typed, so that no browser and no session takes it along."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import MultiDict

from mobility.applications import cvs
from mobility.applications.enums import EDITABLE
from mobility.applications.models import Application, Typed
from mobility.applications.sections import Section
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.forms import UNREADABLE
from mobility.core.once import is_used
from mobility.core.together import is_unknown

# Signs of one page with the names of its fields; what a page takes at most is a fifth of it.
LARGEST = 50_000
# Pages of one section that stand open and unsent; of more, those written in last are kept.
MOST_PAGES = 5
LONGEST_KEY = 64


def keep(
    application: Application,
    section: Section,
    fields: Mapping[str, Sequence[str]],
    *,
    page: str,
    count: int,
    of_version: int,
    basis: str = "",
    over: str = "",
) -> None:
    """Keep the answers of a page as they stand, in the place of those that it showed.

    Writes no log entry: nothing is decided by typing. Raises `RuleBroken`: "wrong-state" once it may not be changed,
    "sent-twice" for a page that was sent, "too-much-typed".
    """
    status = select(Application.status).where(Application.id == application.id)
    # Waits for whoever sends the page or the application just now.
    state = db.session.scalars(status.with_for_update(key_share=True)).one()
    if state not in EDITABLE:
        raise RuleBroken("wrong-state", state=state, to=state)
    if not page or len(page) > LONGEST_KEY or is_used(page):
        raise RuleBroken("sent-twice")
    answers = {name: [_storable(text) for text in fields[name]] for name in fields if _is_of(section, name)}
    if sum(len(name + text) for name, texts in answers.items() for text in texts) > LARGEST:
        raise RuleBroken("too-much-typed")
    row = insert(Typed).values(
        application_id=application.id,
        section=section,
        page=page,
        count=count,
        of_version=of_version,
        basis=basis[:LONGEST_KEY],
        fields=answers,
        typed_at=clock.utcnow(),
    )
    newer = {name: row.excluded[name] for name in ("count", "fields", "typed_at")}
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=[Typed.application_id, Typed.section, Typed.page],
            set_=newer,
            where=Typed.count < row.excluded.count,
        )
    )
    _forget_shown(application, section, over)
    _forget_oldest(application, section)


def forget(application: Application, section: Section, *, page: str, over: str) -> None:
    """Forget what a page kept, and what it showed, once its answers are saved."""
    db.session.execute(delete(Typed).where(*_of(application, section), Typed.page == page))
    _forget_shown(application, section, over)


def forget_all(application: Application) -> None:
    """Forget what was typed and never saved, and files that came with it."""
    if not is_unknown(application):
        db.session.execute(delete(Typed).where(Typed.application_id == application.id))
        cvs.forget_unsaved(application)


def kept_of(application: Application) -> list[Typed]:
    """What is kept of all pages, the newest first."""
    rows = select(Typed).where(Typed.application_id == application.id)
    return list(db.session.scalars(rows.order_by(Typed.typed_at.desc(), Typed.id.desc())))


def refuse_unsaved(application: Application) -> None:
    """Raise `RuleBroken("unsaved")` where something is typed and not saved, which sending would throw away."""
    if kept_of(application):
        raise RuleBroken("unsaved")


def token(row: Typed) -> str:
    """Names what a page shows, as long as nobody types on where it came from."""
    return f"{row.page}.{row.count}"


def fields_of(row: Typed) -> MultiDict[str, str]:
    """The answers as a browser would send them."""
    return MultiDict((name, text) for name, texts in row.fields.items() for text in texts)


def _forget_shown(application: Application, section: Section, over: str) -> None:
    page, _dot, count = over.rpartition(".")
    if page and count.isascii() and count.isdecimal() and len(count) < 10:
        shown = (Typed.page == page, Typed.count == int(count))
        db.session.execute(delete(Typed).where(*_of(application, section), *shown))


def _forget_oldest(application: Application, section: Section) -> None:
    newest = (
        select(Typed.id).where(*_of(application, section)).order_by(Typed.typed_at.desc(), Typed.id.desc())
    )
    gone = Typed.id.not_in(newest.limit(MOST_PAGES).scalar_subquery())
    db.session.execute(delete(Typed).where(*_of(application, section), gone))


def _of(application: Application, section: Section) -> tuple[ColumnElement[bool], ...]:
    return Typed.application_id == application.id, Typed.section == section


def _is_of(section: Section, name: str) -> bool:
    return name.partition("-")[0] in section.fields


def _storable(text: str) -> str:
    return text.replace("\0", UNREADABLE).encode("utf-8", "replace").decode()
