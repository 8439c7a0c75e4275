"""Many clicks at the same moment on one late entry begin as many applications as it has uses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from mobility.accounts.models import User
from mobility.applications import late, services
from mobility.applications.models import Application, LateEntry
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.organisations.models import Organisation
from tests.make.accounts import make_user
from tests.make.applications import application_content, make_closed_call, make_late_entry
from tests.make.organisations import make_organisation

# Each takes two of the twelve connections of the pool: its own, and one for the clock.
CLICKS = 5
Begin = Callable[[LateEntry, Organisation, User], object]


@pytest.fixture
def ids(live_app: Flask) -> tuple[int, int, list[int]]:
    """An entry with one use, its person, and organisations to begin for."""
    with live_app.app_context():
        person, call = make_user(), make_closed_call()
        entry, _token = make_late_entry(call, person.email)
        organisations = [make_organisation(member=person) for _ in range(CLICKS)]
        db.session.commit()
        return entry.id, person.id, [one.id for one in organisations]


def clicks(app: Flask, ids: tuple[int, int, list[int]], begin: Begin) -> int:
    """Let all begin at once; how many applications there are then."""
    start = Barrier(CLICKS)

    def click(organisation_id: int) -> None:
        with app.app_context():
            entry, person = db.session.get_one(LateEntry, ids[0]), db.session.get_one(User, ids[1])
            organisation = db.session.get_one(Organisation, organisation_id)
            start.wait(timeout=60)
            try:
                begin(entry, organisation, person)
            except RuleBroken:
                db.session.rollback()
                return
            db.session.commit()

    with ThreadPoolExecutor(CLICKS) as pool:
        list(pool.map(click, ids[2]))
    with app.app_context():
        return db.session.scalar(select(func.count(Application.id))) or 0


def test_one_use_begins_one_application_however_many_click(
    live_app: Flask, ids: tuple[int, int, list[int]]
) -> None:
    def begin(entry: LateEntry, organisation: Organisation, person: User) -> None:
        late.begin(entry, organisation, application_content(entry.call), actor=person)

    assert clicks(live_app, ids, begin) == 1


def test_the_control_that_looks_first_begins_more_than_one(
    live_app: Flask, ids: tuple[int, int, list[int]]
) -> None:
    def look_then_begin(entry: LateEntry, organisation: Organisation, person: User) -> None:
        if not late.is_left(entry):
            raise RuleBroken("late-over")
        db.session.execute(text("SELECT pg_sleep(0.05)"))
        entry.used = 1
        services.draft(entry.call, organisation, application_content(entry.call), actor=person)

    assert clicks(live_app, ids, look_then_begin) > 1
