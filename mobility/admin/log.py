"""Looking into the log: what was done, and who looked at what is guarded."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from mobility.accounts.models import User
from mobility.admin import wording
from mobility.audit.models import Entry, Viewing
from mobility.core import clock
from mobility.core.access import Permission, Scope
from mobility.core.errors import NotFound
from mobility.core.lists import PER_PAGE, Column, Listing, listing

Whom = aliased(User)
# Where a record of a kind is shown, by its reference.
PAGES = {
    "application": "applications.show",
    "offer": "hosts.show",
    "round": "rounds.show",
    "proposal": "exchanges.proposal",
    "exchange": "exchanges.show",
    "closing_report": "reporting.show",
    "agreed_pair": "catalogue.pairs.show",
    "payment_order": "payments.show",
    "batch": "payments.batch",
    "call": "calls.show",
}


def refuse_part_of_it(user: User) -> None:
    """The log is one for the whole scheme: who reads a part of the scheme does not read it."""
    if Scope() not in user.scopes(Permission.AUDIT_READ):
        raise NotFound


def entries(asked: Mapping[str, Any], per_page: int = PER_PAGE) -> Listing:
    """Rows of (entry, name and address of who acted, name of whom it is about), the newest first."""
    found = _with_person(Entry)
    columns = [
        Column("id", _("When"), Entry.id),
        Column("person", _("Who"), User.name),
        Column("verb", _("What"), Entry.verb),
        Column("reference", _("Record"), Entry.about_ref),
        Column("values", _("Values")),
    ]
    return listing(
        found.where(*_asked(Entry, Entry.verb, asked)), columns=columns, default_sort="-id", per_page=per_page
    )


def viewings(asked: Mapping[str, Any]) -> Listing:
    """Rows of (viewing, name and address of who looked, name of whom it is about), the newest first."""
    found = _with_person(Viewing)
    columns = [
        Column("id", _("When"), Viewing.id),
        Column("person", _("Who"), User.name),
        Column("what", _("What"), Viewing.what),
        Column("reference", _("Record"), Viewing.about_ref),
    ]
    return listing(found.where(*_asked(Viewing, Viewing.what, asked)), columns=columns, default_sort="-id")


def cells(found: Listing) -> Iterator[list[object]]:
    """The entries of a list as rows of a table to save."""
    for entry, name, email, _whom in found.rows:
        yield [
            entry.id,
            entry.at.isoformat(),
            name or "",
            email or "",
            entry.verb,
            entry.about_kind,
            entry.about_ref,
            "; ".join(f"{key}={value}" for key, value in sorted(entry.values.items())),
        ]


def page_of(row: Entry | Viewing) -> str | None:
    """The address of the record that a row is about, if it has a page."""
    endpoint = PAGES.get(row.about_kind)
    if endpoint is None or endpoint not in current_app.view_functions:
        return None
    return url_for(endpoint, reference=row.about_ref)


def _with_person(kind: Any) -> Select[Any]:
    about_whom = (kind.about_kind == User.__tablename__) & (Whom.id == kind.about_id)
    found = select(kind, User.name, User.email, func.coalesce(Whom.name, Whom.email))
    return found.outerjoin(User, User.id == kind.actor_id).outerjoin(Whom, about_whom)


def _asked(kind: Any, verb: Any, asked: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    conditions: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "person": lambda words: or_(_has(User.name, words), _has(User.email, words)),
        "reference": lambda words: _has(kind.about_ref, words),
        "verb": lambda words: or_(_has(verb, words), verb.in_(wording.verbs_saying(words))),
        "first_day": lambda day: kind.at >= clock.at_local(day, 0),
        "last_day": lambda day: kind.at < clock.at_local(day + timedelta(days=1), 0),
    }
    return [conditions[key](value) for key, value in asked.items()]


def _has(column: Any, words: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.icontains(words, autoescape=True)
    return found
