"""Reminders until answered: on their days, each once, never after an answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from mobility.surveys import queries, rules, services, tasks
from mobility.surveys.models import Invitation
from mobility.surveys.rules import MOST_REMINDERS
from tests.make.surveys import make_answer, make_invitation
from tests.visitor import Visitor

WORKERS = 8


def stand(day: date) -> None:
    """Move the scheme's clock to a day."""
    clock.move(clock.at_local(day, 9))


def reminders() -> int:
    return db.session.scalar(select(func.count()).where(Letter.kind == "survey.reminded")) or 0


def test_days_are_seven_and_fourteen_working_days_and_a_month_later(
    session: scoped_session[Session],
) -> None:
    stand(date(2027, 3, 1))  # a Monday
    invitation, _token = make_invitation()
    due = []
    for times in range(MOST_REMINDERS):
        invitation.reminded = times
        due.append(rules.remind_on(invitation))
    assert due == [date(2027, 3, 10), date(2027, 3, 19), date(2027, 4, 19)]


def test_only_what_is_due_is_found(session: scoped_session[Session]) -> None:
    stand(date(2027, 3, 1))
    invitation, _token = make_invitation()
    answered, _token = make_invitation()
    make_answer(answered)
    stand(date(2027, 3, 9))
    assert queries.invitations_to_remind() == []
    stand(date(2027, 3, 10))
    due = queries.invitations_to_remind()
    assert invitation.id in due
    assert answered.id not in due


def test_a_reminder_carries_the_first_letters_link_and_both_work(
    session: scoped_session[Session], client: Visitor
) -> None:
    invitation, token = make_invitation()
    services.remind(invitation)
    session.commit()
    body = session.scalars(select(Letter.body).where(Letter.kind == "survey.reminded")).one()
    found = re.search(r"/survey/(\S+)", body)
    assert found is not None
    assert found[1] == token
    assert client.get(f"/survey/{token}").status_code == 200


def test_somebody_silent_is_reminded_three_times_within_the_days_of_the_first_letter(
    session: scoped_session[Session],
) -> None:
    day = date(2027, 3, 1)
    stand(day)
    invitation, _token = make_invitation()
    first_named = invitation.expires_at
    for _ in range(70):
        day += timedelta(days=7)
        stand(day)
        tasks.remind_one(invitation.id)
        tasks.remind_one(invitation.id)
    assert (invitation.reminded, reminders()) == (3, 3)
    assert invitation.expires_at == first_named
    assert invitation.reminded_at is not None
    assert invitation.reminded_at < first_named
    assert invitation.id not in queries.invitations_to_remind()


def test_every_letter_names_the_same_last_day(session: scoped_session[Session]) -> None:
    stand(date(2027, 3, 1))
    invitation, _token = make_invitation()
    stand(date(2027, 3, 10))
    tasks.remind_one(invitation.id)
    about = Letter.about_kind == "invitation", Letter.about_id == invitation.id
    bodies = session.scalars(select(Letter.body).where(*about)).all()
    assert [("valid until Fri 30 April 2027" in body) for body in bodies] == [True, True]


def test_no_letter_begins_small_or_leaves_two_lines_empty(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()
    services.remind(invitation)
    for body in session.scalars(select(Letter.body)):
        first_words = body.split("\n\n")[1]
        assert first_words[0].isupper()
        assert "\n\n\n" not in body


def test_after_an_answer_nobody_is_reminded(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()
    make_answer(invitation)
    with pytest.raises(RuleBroken, match="survey-over"):
        services.remind(invitation)
    assert invitation.reminded == 0
    assert reminders() == 0


def test_an_answer_between_look_and_letter_stops_the_reminder(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()
    session.connection().exec_driver_sql("UPDATE invitation SET answered_at = invited_at")
    with pytest.raises(RuleBroken, match="stale"):
        services.remind(invitation)
    assert reminders() == 0


def test_a_link_that_has_ended_is_not_reminded_of(session: scoped_session[Session]) -> None:
    stand(date(2027, 3, 1))
    invitation, _token = make_invitation()
    stand(date(2027, 5, 1))
    with pytest.raises(RuleBroken, match="survey-over"):
        services.remind(invitation)


def remind_at_once(app: Flask, invitation_id: int, *, guarded: bool) -> int:
    """Let several workers remind of the same invitation; how many reminders counted."""
    together = Barrier(WORKERS)

    def work(_number: int) -> None:
        with app.app_context():
            invitation = db.session.get_one(Invitation, invitation_id)
            seen = invitation.reminded
            together.wait()
            if guarded:
                try:
                    services.remind(invitation)
                except RuleBroken:
                    return
            elif seen == 0:  # looks first, and trusts what it saw
                db.session.connection().exec_driver_sql("UPDATE invitation SET reminded = reminded + 1")
            db.session.commit()

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    with app.app_context():
        return db.session.get_one(Invitation, invitation_id).reminded


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "control"])
def test_workers_at_once_remind_once(live_app: Flask, *, guarded: bool) -> None:
    with live_app.app_context():
        invitation_id = make_invitation()[0].id
        db.session.commit()
    counted = remind_at_once(live_app, invitation_id, guarded=guarded)
    assert counted == (1 if guarded else WORKERS)
    with live_app.app_context():
        assert reminders() == (1 if guarded else 0)
