"""Rows that are written together come out as those that are written one by one; a refused one is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications.models import Application, ApplicationWindow, Wish
from mobility.audit.models import Entry
from mobility.core import clock
from mobility.core.db import db
from mobility.core.files import BadFile
from mobility.core.references import next_reference
from mobility.hosts.models import Offer, OfferClosure, OfferWindow
from mobility.imports import whole
from mobility.imports.intake import ApplicationImporter, OfferImporter
from mobility.imports.parties import OrganisationImporter
from mobility.imports.whole import Tally
from mobility.mail.models import Letter
from mobility.organisations.models import Organisation
from tests.imports.rows import APPLICATION, CLUSTER, OFFER, PARTNERSHIP, SPINNER, WEAVER
from tests.statements import counted

Db = scoped_session[Session]
Bring = Callable[..., Tally]
Rows = list[dict[str, str]]
KINDS = (Organisation, Offer, OfferWindow, OfferClosure, Application, ApplicationWindow, Wish, Entry, Letter)
IN_ORDER = (Entry, Letter)
# A version tells who looked before a change, and nobody can have looked.
OWN = {"id", "version", "message_id"}
OTHER_ACCOUNT = {"account_holder": "Hilos Turia", "iban": "PT50 0002 0123 1234 5678 9015 4"}
NUMBER = 30


def organisations(number: int = NUMBER) -> Rows:
    return [WEAVER | {"registration": f"R-{one}", "name": f"Tejidos {one}"} for one in range(number)]


def offers(number: int = NUMBER) -> Rows:
    return [
        OFFER | {"offer": f"O-{one}", "organisation": f"R-{one}", "organisation_country": "ES"}
        for one in range(number)
    ]


def applications(number: int = NUMBER) -> Rows:
    return [
        APPLICATION | {"application": f"A-{one}", "organisation": f"R-{one}", "email": f"v{one}@example.org"}
        for one in range(number)
    ]


def changed(rows: Rows, *changes: dict[str, str]) -> Rows:
    """The rows with a change for each of the last ones."""
    first = len(rows) - len(changes)
    return rows[:first] + [row | change for row, change in zip(rows[first:], changes, strict=True)]


BEFORE = {
    "organisations": organisations(30),
    "offers": offers(20),
    "applications": applications(20),
}
# Ten unchanged, ten changed, ten new; some do not meet every rule.
MIXED = {
    "organisations": changed(
        organisations(40)[10:],
        *({"name": f"Nuevo {one}"} for one in range(4)),
        *[OTHER_ACCOUNT | {"account_holder": f"Holder {one}"} for one in range(3)],
        *[{"partnership": "GREENFIL"}] * 3,
        *[{"account_holder": "", "iban": ""}] * 4,
        *[OTHER_ACCOUNT | {"partnership": "GREENFIL", "type": "cluster", "cluster": ""}] * 6,
    ),
    "offers": changed(
        offers(),
        *({"title": f"Other {one}"} for one in range(5)),
        *[{"windows": "2027-02-15..2027-03-19 x1", "closed": ""}] * 3,
        *[{"partnership": "SECOND"}] * 2,
        *[{}] * 5,
        *[{"min_days": "1", "max_days": "2"}, {"max_visits": "0"}, {"windows": "2027-02-15 x1"}],
        *[{"languages": "pt:C1"}] * 2,
    ),
    "applications": changed(
        applications(),
        *({"motivation": f"Another {one}."} for one in range(3)),
        *[{"wishes": "!GUI-1"}, {"wishes": "O-1; O-2; GUI-1"}, {"wishes": ""}],
        *[{"windows": "2027-02-15..2027-03-15; 2027-05-03..2027-05-28"}] * 2,
        *[{"partnership": "SECOND"}] * 2,
        *[{"wishes": "O-1; O-2; !GUI-1"}, {"wishes": ""}, {"min_days": "1", "max_days": "40"}, {}],
        *[{"third_country": "yes", "residence_days": days, "has_business": "yes"} for days in ("9", "200")],
        *[{"languages": "fi:C1"}, {"windows": "2027-02-15"}, {"partnership": "SECOND"}, {"countries": "ES"}],
    ),
}


@pytest.fixture
def filled(bring: Bring) -> Iterator[Bring]:
    """Two partnerships, 30 organisations, and 20 each of the other kinds, while the clock stands still."""
    with time_machine.travel(clock.utcnow() + timedelta(minutes=1), tick=False):
        bring("partnerships", PARTNERSHIP, PARTNERSHIP | {"partnership": "SECOND", "name": "Second"})
        bring("organisations", CLUSTER, SPINNER, *BEFORE["organisations"])
        bring("offers", OFFER, *BEFORE["offers"])
        bring("applications", *BEFORE["applications"])
        yield bring


@contextmanager
def one_by_one() -> Iterator[None]:
    """Each row in its own savepoint, its verbs asking for it alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(whole, "together", nullcontext)
        for importer in (ApplicationImporter, OfferImporter):
            patch.setattr(importer, "prepare", lambda *_contents: None)
        yield


def stored() -> dict[str, list[str]]:
    """All rows as they are told apart by people, without the keys of the house."""
    names = {
        **{("organisation", row.id): row.registration for row in db.session.scalars(select(Organisation))},
        **{("offer", row.id): row.import_key for row in db.session.scalars(select(Offer))},
        **{("application", row.id): row.import_key for row in db.session.scalars(select(Application))},
    }
    found = {}
    for kind in KINDS:
        table = kind.__table__
        rows = db.session.execute(select(table).order_by(table.c.id)).mappings()
        shown = [_shown(dict(row), names) for row in rows]
        found[kind.__tablename__] = shown if kind in IN_ORDER else sorted(shown)
    return found


def _shown(row: dict[str, Any], names: dict[tuple[str, int], str | None]) -> str:
    if "about_kind" in row and (about := names.get((row["about_kind"], row["about_id"]))):
        row |= {"about_id": about}
        if row.get("about_ref", "").isdigit():
            row |= {"about_ref": about}
    for column in [name for name in row if name.endswith("_id")]:
        row[column] = names.get((column.removesuffix("_id"), row[column]), row[column])
    return repr({name: value for name, value in row.items() if name not in OWN})


def brought(bring: Bring, kind: str, *rows: dict[str, str]) -> tuple[str, dict[str, list[str]]]:
    """What came in and what stands stored then; nothing of it is kept."""
    with db.session.begin_nested() as tried:
        tally = str(bring(kind, *rows))
        found = stored()
        tried.rollback()
    db.session.expire_all()
    return tally, found


@pytest.mark.parametrize("kind", list(MIXED))
def test_together_and_one_by_one_make_the_same_rows_entries_and_letters(
    session: Db, filled: Bring, kind: str
) -> None:
    tally, together = brought(filled, kind, *MIXED[kind])
    with one_by_one():
        tally_one_by_one, one_after_another = brought(filled, kind, *MIXED[kind])

    assert tally.startswith(f"30 {kind}: 10 new, 10 updated, 10 unchanged")
    assert tally == tally_one_by_one
    assert together == one_after_another


def test_refused_rows_in_the_middle_are_named_each(session: Db, filled: Bring) -> None:
    twice = [row | {"application": f"B-{number}"} for number, row in enumerate(applications())]

    with pytest.raises(BadFile) as bad:
        filled("applications", twice[25], twice[3], twice[26], twice[4], twice[27])

    named = [(problem.row, problem.column, problem.value) for problem in bad.value.problems]
    assert named == [(3, "application", "B-3"), (5, "application", "B-4")]


def test_organisations_that_somebody_else_registers_meanwhile_are_named_each(
    session: Db, filled: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OrganisationImporter, "prepare", lambda *_contents: None)
    rows = organisations(40)

    with pytest.raises(BadFile) as bad:
        filled("organisations", rows[38], rows[3], rows[39], rows[4])

    assert [problem.row for problem in bad.value.problems] == [3, 5]


@pytest.mark.parametrize("kind", list(MIXED))
def test_twice_the_rows_take_no_more_statements(session: Db, filled: Bring, kind: str) -> None:
    rows = {"organisations": organisations, "offers": offers, "applications": applications}[kind](60)
    filled("organisations", *organisations(60))

    if kind == "organisations":
        rows = [row | {"registration": f"{row['registration']}-X"} for row in rows]

    with counted() as few:
        filled(kind, *rows[20:30])
    with counted() as many:
        filled(kind, *rows[30:50])

    assert len(many) == len(few)


def test_references_of_a_file_follow_one_another(session: Db, filled: Bring) -> None:
    found = session.scalars(select(Application.reference).order_by(Application.id)).all()

    assert [int(reference[-4:]) for reference in found] == list(range(1, 21))
    assert next_reference("APP").endswith("-0021")
