from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select, text

from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.surveys import services
from mobility.surveys.models import Answer, Invitation
from tests.make.surveys import filled, make_invitation
from tests.visitor import Visitor

AT_ONCE = 50
WIDE_POOL = 8


def committed_invitation(app: Flask) -> tuple[int, str]:
    with app.app_context():
        invitation, token = make_invitation()
        db.session.commit()
        return invitation.id, token


def race(attempt: Callable[[int], bool]) -> int:
    """Try 50 times, always several at once; how often it worked."""
    together = Barrier(WIDE_POOL)

    def started_together(number: int) -> bool:
        if number < WIDE_POOL:
            together.wait()
        return attempt(number)

    with ThreadPoolExecutor(WIDE_POOL) as pool:
        return sum(pool.map(started_together, range(AT_ONCE)))


def stored(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Answer.id))) or 0


def test_fifty_answers_at_once_are_one(live_app: Flask) -> None:
    _id, token = committed_invitation(live_app)
    people = [Visitor(live_app, use_cookies=True) for _ in range(AT_ONCE)]
    pages = [person.get(f"/survey/{token}").text for person in people]
    csrf = [page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0] for page in pages]

    def send(number: int) -> bool:
        sent = people[number].post(f"/survey/{token}", data={"csrf_token": csrf[number]} | filled())
        assert sent.status_code in {302, 409}
        return sent.status_code == 302

    assert race(send) == 1
    assert stored(live_app) == 1


def test_the_control_that_looks_first_stores_more_than_one(live_app: Flask) -> None:
    invitation_id, _token = committed_invitation(live_app)
    with live_app.app_context():
        db.session.execute(text("ALTER TABLE answer DROP CONSTRAINT uq_answer_invitation_id"))
        db.session.commit()

    def look_then_store(_number: int) -> bool:
        with live_app.app_context():
            invitation = db.session.get_one(Invitation, invitation_id)
            if invitation.answered_at is not None:
                return False
            db.session.execute(text("SELECT pg_sleep(0.05)"))
            db.session.add(Answer(invitation=invitation, values={}, answered_at=clock.utcnow()))
            invitation.answered_at = clock.utcnow()
            db.session.commit()
            return True

    assert race(look_then_store) == stored(live_app) > 1


def test_fifty_invitations_at_once_are_one_for_each_side(live_app: Flask) -> None:
    with live_app.app_context():
        exchange = make_invitation()[0].exchange
        exchange_id = exchange.id
        db.session.execute(text("DELETE FROM invitation"))
        db.session.commit()

    def invite(_number: int) -> bool:
        with live_app.app_context():
            try:
                invited = services.invite(db.session.get_one(type(exchange), exchange_id))
            except RuleBroken:
                return False
            db.session.commit()
            return bool(invited)

    assert race(invite) == 1
    with live_app.app_context():
        assert db.session.scalar(select(func.count(Invitation.id))) == 2
