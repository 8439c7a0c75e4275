"""While a file of any length is tried or taken, applicants and hosts go on handing in."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.core import clock, references
from mobility.core.db import db
from mobility.core.uploads import Upload
from mobility.imports import services, steps
from mobility.imports.enums import ImportStatus
from mobility.imports.models import Import
from mobility.imports.whole import IMPORTERS, Told
from mobility.organisations.models import Organisation
from tests.imports.rows import CLUSTER, ROWS, SPINNER, WEAVER
from tests.imports.workbook import make_workbook
from tests.make.accounts import make_user
from tests.make.calls import make_call

the_teller = steps._teller
PAIR = [
    ROWS["applications"],
    ROWS["applications"] | {"application": "A-02", "organisation": SPINNER["registration"]},
]


def workbook(kind: str, *rows: dict[str, str]) -> bytes:
    names = [column.name for column in IMPORTERS[kind].columns]
    return make_workbook(names, *([row.get(name, "") for name in names] for row in rows))


@pytest.fixture
def import_id(live_app: Flask) -> int:
    """An import of two applications, just handed in."""
    with live_app.app_context():
        call, officer = make_call(), make_user(Role.SUPPORT_OFFICER)
        files = {**{kind: [row] for kind, row in ROWS.items()}, "applications": PAIR}
        files["organisations"] = [CLUSTER, WEAVER, SPINNER]
        for kind, rows in files.items():
            content = workbook(kind, *rows)
            found = services.hand_in(kind, call, Upload(f"{kind}.xlsx", content), actor=officer)
            db.session.commit()
            if kind == "applications":
                return found.id
            steps.try_out(found.id)
            services.take(found, found.version, actor=officer)
            db.session.commit()
            steps.take_in(found.id)
            db.session.commit()
    raise AssertionError("no applications")


def somebody_applies(_import_id: int) -> Told:
    """Takes a reference on a connection of its own, and waits for nobody longer than a second."""

    def told(done: int, _rows: int) -> None:
        if done == 1:
            with Session(db.engine) as other:
                other.execute(text("SET LOCAL lock_timeout = '1s'"))
                other.execute(references._take("APP", clock.today().year, 1))
                other.commit()

    return told


def stopped_at_once(import_id: int) -> Told:
    """The teller of the worker, while somebody discards the file at the first row."""
    tell = the_teller(import_id)

    def told(done: int, rows: int) -> None:
        if done == 1:
            with Session(db.engine) as other:
                other.execute(text("UPDATE import SET status = 'discarded', content = NULL"))
                other.commit()
        tell(done, rows)

    return told


def the_references() -> list[str]:
    return list(db.session.scalars(select(Application.reference).order_by(Application.id)))


def test_nobody_waits_for_a_trial_and_it_takes_no_reference(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_teller", somebody_applies)
    with live_app.app_context():
        steps.try_out(import_id)
        db.session.commit()
        assert db.session.get_one(Import, import_id).status is ImportStatus.CHECKED
        assert references.next_reference("APP").endswith("-0002")


def test_nobody_waits_for_an_import_whose_references_follow_one_another(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_app.app_context():
        _take(import_id, monkeypatch, somebody_applies)
        assert [one[-4:] for one in the_references()] == ["0001", "0002"]
        assert references.next_reference("APP").endswith("-0004")


def test_an_import_that_is_refused_gives_its_references_back(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_app.app_context():
        db.session.execute(
            text("UPDATE import SET content = 'application' WHERE id = :id"), {"id": import_id}
        )
        _take(import_id, monkeypatch, steps._teller)
        assert db.session.get_one(Import, import_id).status is ImportStatus.REFUSED
        assert references.next_reference("APP").endswith("-0001")


def test_an_import_that_is_stopped_takes_nothing_and_gives_its_references_back(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "TOLD_EVERY_S", 0)
    with live_app.app_context():
        _take(import_id, monkeypatch, stopped_at_once)
        assert db.session.get_one(Import, import_id).status is ImportStatus.DISCARDED
        assert the_references() == []
        assert references.next_reference("APP").endswith("-0001")


def test_an_import_that_is_stopped_at_its_last_row_takes_nothing(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "TOLD_EVERY_S", 3600)
    with live_app.app_context():
        _take(import_id, monkeypatch, stopped_at_once)
        assert db.session.get_one(Import, import_id).status is ImportStatus.DISCARDED
        assert the_references() == []
        assert references.next_reference("APP").endswith("-0001")


def test_with_references_from_the_counter_everybody_would_wait(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "set_aside", lambda _prefix, _number: range(0))
    with live_app.app_context(), pytest.raises(OperationalError, match="lock timeout"):
        _take(import_id, monkeypatch, somebody_applies)


def somebody_applies_for(registration: str) -> Callable[[int], Told]:
    """Begins an application of that organisation, as far as its lock, at the first of two rows."""

    def told(done: int, _rows: int) -> None:
        if done == 0:
            with Session(db.engine) as other:
                other.execute(text("SET LOCAL lock_timeout = '1s'"))
                locked = select(Organisation.id).where(Organisation.registration == registration)
                other.execute(locked.with_for_update(key_share=True)).scalar_one()

    return lambda _import_id: told


def test_an_organisation_waits_with_a_second_application_while_its_row_is_under_way(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_app.app_context(), pytest.raises(OperationalError, match="lock timeout"):
        _take(import_id, monkeypatch, somebody_applies_for(SPINNER["registration"]))


def test_an_organisation_that_is_not_in_the_file_does_not_wait(
    live_app: Flask, import_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_app.app_context():
        _take(import_id, monkeypatch, somebody_applies_for(CLUSTER["registration"]))
        assert db.session.get_one(Import, import_id).status is ImportStatus.IMPORTED


def _take(import_id: int, monkeypatch: pytest.MonkeyPatch, teller: Callable[[int], Told]) -> None:
    found = db.session.get_one(Import, import_id)
    if found.status is ImportStatus.CHECKING:
        db.session.execute(
            text("UPDATE import SET status = 'checked', new = 2, rows = 2 WHERE id = :id"), {"id": import_id}
        )
        db.session.commit()
    services.take(found, found.version, actor=found.handed_in_by)
    db.session.commit()
    monkeypatch.setattr(steps, "_teller", teller)
    steps.take_in(import_id)
    db.session.commit()
