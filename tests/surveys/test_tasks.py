from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.surveys import tasks
from mobility.surveys.models import Invitation
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
