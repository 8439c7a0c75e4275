from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.core import clock
from mobility.surveys import tasks
from mobility.surveys.models import Invitation
from mobility.surveys.rules import months_later
from tests.make.exchanges import make_ended_exchange
from tests.make.surveys import make_invitation


def jobs(session: scoped_session[Session]) -> list[dict[str, Any]]:
    """The arguments of the waiting invitations."""
    waiting = "SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%.invite_one' AND status = 'todo' ORDER BY id"
    return list(session.scalars(text(waiting)))


def test_each_finished_exchange_that_was_not_asked_gets_a_job(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange()
    make_ended_exchange(status="ongoing")
    make_invitation()

    tasks.invite_due(timestamp=0)
    tasks.invite_due(timestamp=20)

    assert jobs(session) == [{"exchange_id": exchange.id}]


def test_a_job_that_runs_twice_invites_once(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange()

    tasks.invite_one(exchange_id=exchange.id)
    tasks.invite_one(exchange_id=exchange.id)

    assert session.scalar(select(func.count(Invitation.id))) == 2


def waiting(session: scoped_session[Session], task: str) -> list[dict[str, Any]]:
    """The arguments of the waiting jobs of a task."""
    found = text(
        "SELECT args FROM procrastinate_jobs WHERE task_name LIKE :task AND status = 'todo' ORDER BY id"
    )
    return list(session.scalars(found, {"task": f"%.{task}"}))


def test_each_stay_of_half_a_year_ago_gets_a_job(session: scoped_session[Session]) -> None:
    last_day = months_later(clock.today(), -6)
    exchange = make_ended_exchange(last_day=last_day)
    make_ended_exchange(last_day=last_day + timedelta(days=1))

    tasks.follow_up_due(timestamp=0)
    tasks.follow_up_due(timestamp=300)

    assert waiting(session, "follow_up_one") == [{"exchange_id": exchange.id, "months": 6}]


def test_a_follow_up_that_runs_twice_asks_once(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange(last_day=months_later(clock.today(), -12))

    tasks.follow_up_one(exchange_id=exchange.id, months=12)
    tasks.follow_up_one(exchange_id=exchange.id, months=12)

    assert session.scalar(select(func.count(Invitation.id))) == 2


def test_each_unanswered_invitation_gets_a_job_when_its_reminder_is_due(
    session: scoped_session[Session],
) -> None:
    invitation, _token = make_invitation()
    tasks.remind_due(timestamp=0)
    assert waiting(session, "remind_one") == []
    clock.move(clock.utcnow() + timedelta(days=20))

    tasks.remind_due(timestamp=300)
    tasks.remind_due(timestamp=600)

    assert {"invitation_id": invitation.id} in waiting(session, "remind_one")
    assert len(waiting(session, "remind_one")) == 2  # visitor and host
