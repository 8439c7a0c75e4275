"""Sealing what is committed, each entry once, and noting who looked."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mobility.accounts.models import User
from mobility.audit import queries, services, tasks
from mobility.audit.models import Entry, Seal, SealedHead, Viewing
from mobility.core.db import db
from mobility.core.web import csrf
from tests.make.accounts import make_user
from tests.make.audit import make_chain, make_entries
from tests.visitor import Visitor

SEALERS = 8


@pytest.mark.usefixtures("session")
def test_seals_count_without_a_gap_in_the_order_of_the_entries() -> None:
    make_chain(3, 4)
    seals = list(db.session.scalars(select(Seal).order_by(Seal.position)))
    assert [seal.position for seal in seals] == list(range(1, len(seals) + 1))
    assert [seal.entry_id for seal in seals] == sorted(seal.entry_id for seal in seals)


@pytest.mark.usefixtures("session")
def test_each_run_notes_its_head_and_a_run_without_entries_notes_none() -> None:
    make_chain(2, 2)
    before = db.session.scalar(select(func.count()).select_from(SealedHead))
    assert services.seal() == 0
    assert db.session.scalar(select(func.count()).select_from(SealedHead)) == before
    head = queries.head()
    assert head is not None
    assert db.session.get_one(SealedHead, head.position).sha256 == head.sha256


@pytest.mark.usefixtures("session")
def test_a_run_takes_no_more_than_its_limit() -> None:
    services.seal()
    make_entries(5)
    unsealed = queries.unsealed()
    assert services.seal(limit=2) == 2
    assert queries.unsealed() == unsealed - 2


def test_the_task_seals_everything_that_waits(live_app: Flask) -> None:
    with live_app.app_context():
        make_entries(7)
        db.session.commit()
        tasks.seal(timestamp=0)
        assert queries.unsealed() == 0
        assert services.verify().holds


def test_an_entry_committed_after_a_later_one_was_sealed_is_sealed_too(live_app: Flask) -> None:
    with live_app.app_context(), Session(db.engine) as slow:
        user = make_user()
        db.session.commit()
        values = {"about_kind": "user", "about_id": user.id, "about_ref": "1", "verb": "late", "values": {}}
        early = Entry(at=user.created_at, actor_id=None, **values)
        slow.add(early)
        slow.flush()
        late = make_entries(1, user)[0].id
        db.session.commit()
        services.seal()
        db.session.commit()
        assert early.id < late
        slow.commit()
        assert queries.unsealed() == 1
        assert services.seal() == 1
        db.session.commit()
        head = queries.head()
        assert head is not None
        assert head.entry_id == early.id
        assert services.verify().holds


def seal_at_once(app: Flask) -> int:
    """Let several sealers begin together; how many of them failed."""
    together = Barrier(SEALERS)

    def work(_number: int) -> bool:
        with app.app_context():
            db.session.execute(text("SELECT 1"))
            together.wait()
            try:
                services.seal()
                db.session.commit()
            except IntegrityError:
                db.session.rollback()
                return True
            return False

    with ThreadPoolExecutor(SEALERS) as pool:
        return sum(pool.map(work, range(SEALERS)))


def test_sealers_at_once_make_one_chain(live_app: Flask) -> None:
    with live_app.app_context():
        make_entries(200)
        db.session.commit()
    assert seal_at_once(live_app) == 0
    with live_app.app_context():
        assert queries.unsealed() == 0
        assert services.verify().holds


def test_the_control_without_the_lock_collides(live_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with live_app.app_context():
        make_entries(200)
        db.session.commit()
    monkeypatch.setattr(services, "select", lambda *_: text("SELECT 1"))
    assert seal_at_once(live_app) > 0


@pytest.mark.usefixtures("session")
def test_a_viewing_outside_a_request_is_stored_at_once() -> None:
    user = make_user()
    services.note_viewing(user, "iban", user)
    stored = db.session.scalars(select(Viewing)).one()
    assert (stored.actor_id, stored.what, stored.about_kind, stored.about_id) == (
        user.id,
        "iban",
        "user",
        user.id,
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_that_shows_something_guarded_leaves_one_row(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    user = make_user()
    user_id = user.id

    def show() -> str:
        seen = db.session.get_one(User, user_id)
        services.note_viewing(seen, "iban", seen)
        return "seen"

    monkeypatch.setitem(app.view_functions, "public.live", csrf.exempt(show))
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == "public.live")
    monkeypatch.setattr(rule, "methods", {"GET", "POST", "HEAD"})
    show.access = "public"  # type: ignore[attr-defined]
    assert getattr(client, method)("/health/live").text == "seen"
    assert [viewing.actor_id for viewing in db.session.scalars(select(Viewing))] == [user_id]
