"""Handing out the reviews of a call at the moment in which somebody else does."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.reviews import queries, services
from mobility.reviews.models import Review
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.make.reviews import make_criteria

APPLICATIONS, REVIEWERS = 3, 8


@pytest.fixture
def people(live_app: Flask) -> Iterator[list[int]]:
    """A call with applications that wait for their decision, and those who may review them, by key."""
    with live_app.app_context():
        call = make_call()
        make_allotment(call)
        make_criteria(call)
        for _number in range(APPLICATIONS):
            make_application(call=call, partnership=call.allotments[0].partnership, status=Status.SUBMITTED)
        made = [make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()) for _ in range(REVIEWERS)]
        db.session.commit()
        yield [one.id for one in made]


def hand_out(app: Flask, parts: Sequence[tuple[Sequence[int], int]]) -> None:
    """Each officer hands out to these people, so many for each application; all begin at one moment."""
    start = threading.Barrier(len(parts))

    def act(part: tuple[Sequence[int], int]) -> None:
        with app.app_context():
            call = db.session.scalars(select(Call)).one()
            chosen = list(db.session.scalars(select(User).where(User.id.in_(part[0]))))
            start.wait(timeout=60)
            services.hand_out(call, chosen, part[1], actor=None)
            db.session.commit()

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(act, parts))


def handed() -> Counter[int]:
    """How many review each application."""
    return Counter(db.session.scalars(select(Review.application_id)))


def two_look_before_either_writes(monkeypatch: pytest.MonkeyPatch, *, locked: bool) -> None:
    """Both find the applications that too few review before either has handed any out."""
    ask, looked = queries.to_hand_out, threading.Barrier(2)

    def look(call: Call, each: int) -> list[Application]:
        db.session.scalars(select(Review.id)).all()
        looked.wait(timeout=60)
        if locked:
            return ask(call, each)
        found = list(db.session.scalars(select(Application).order_by(Application.id)))
        looked.wait(timeout=60)
        return found

    monkeypatch.setattr(queries, "to_hand_out", look)
    if locked:
        return
    count = queries.reviewers_of

    def counted(ids: Sequence[int]) -> Any:
        found = count(ids)
        looked.wait(timeout=60)
        return found

    monkeypatch.setattr(queries, "reviewers_of", counted)


def test_two_who_hand_out_at_once_give_each_application_to_no_more_than_asked(
    live_app: Flask, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_look_before_either_writes(monkeypatch, locked=True)

    hand_out(live_app, [(people[:4], 2), (people[4:], 2)])

    assert list(handed().values()) == [2] * APPLICATIONS


def test_without_the_lock_two_give_it_to_twice_as_many(
    live_app: Flask, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    two_look_before_either_writes(monkeypatch, locked=False)

    hand_out(live_app, [(people[:4], 2), (people[4:], 2)])

    assert list(handed().values()) == [4] * APPLICATIONS


def test_who_asks_for_fewer_than_somebody_hands_out_meanwhile_adds_nobody(
    live_app: Flask, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both find the applications unreviewed; whoever comes second counts what the first has handed out."""
    ask, locked, read = queries.to_hand_out, threading.Event(), threading.Event()

    def look(call: Call, each: int) -> list[Application]:
        if each == 1:
            assert locked.wait(timeout=60)
            # Unreviewed as far as this one sees; then it waits for the first.
            applications = list(db.session.scalars(select(Application).order_by(Application.id)))
            read.set()
            for one in applications:
                db.session.refresh(one, with_for_update={"key_share": True, "of": Application})
            return applications
        found = ask(call, each)
        locked.set()
        assert read.wait(timeout=60)
        return found

    monkeypatch.setattr(queries, "to_hand_out", look)

    hand_out(live_app, [(people[:4], 3), (people[4:], 1)])

    assert list(handed().values()) == [3] * APPLICATIONS
