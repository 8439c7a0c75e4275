"""Moves between states are conditional: one winner, no silent loser (promises T08 and T73)."""

import threading
from enum import StrEnum

import pytest
from flask import Flask
from sqlalchemy import update

from mobility.calls.enums import LIFECYCLE, CallStatus
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import expect_version, lifecycle
from tests.make.calls import make_call


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


def test_only_listed_moves_are_allowed() -> None:
    lights = lifecycle({Light.RED: {Light.GREEN}})

    assert lights.allows(Light.RED, Light.GREEN)
    assert not lights.allows(Light.GREEN, Light.RED)


def test_a_move_changes_state_and_version_and_returns_the_state_it_left(app: Flask, session: None) -> None:
    call = make_call()
    version = call.version

    left = LIFECYCLE.move(call, to=CallStatus.CLOSED)

    assert (left, call.status, call.version) == (CallStatus.OPEN, CallStatus.CLOSED, version + 1)


def test_a_move_the_lifecycle_lacks_is_refused_and_changes_nothing(app: Flask, session: None) -> None:
    call = make_call()

    with pytest.raises(RuleBroken, match="wrong-state"):
        LIFECYCLE.move(call, to=CallStatus.DRAFT)

    assert db.session.get_one(Call, call.id).status is CallStatus.OPEN


def test_a_move_of_a_record_somebody_changed_meanwhile_is_stale(app: Flask, session: None) -> None:
    call = make_call()
    db.session.execute(
        update(Call).values(version=Call.version + 1).execution_options(synchronize_session=False)
    )

    with pytest.raises(RuleBroken, match="stale"):
        LIFECYCLE.move(call, to=CallStatus.CLOSED)


@pytest.mark.parametrize("version", [None, 0, 99])
def test_a_form_opened_before_the_last_change_is_stale(
    app: Flask, session: None, version: int | None
) -> None:
    with pytest.raises(RuleBroken, match="stale"):
        expect_version(make_call(), version)


def test_of_many_who_move_at_once_exactly_one_succeeds(live_app: Flask) -> None:
    with live_app.app_context():
        call_id = make_call().id
        db.session.commit()
    won, start = [], threading.Barrier(8)

    def close() -> None:
        with live_app.app_context():
            call = db.session.get_one(Call, call_id)
            start.wait()
            try:
                LIFECYCLE.move(call, to=CallStatus.CLOSED)
                db.session.commit()
                won.append(True)
            except RuleBroken:
                db.session.rollback()

    threads = [threading.Thread(target=close) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
