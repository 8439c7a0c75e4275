"""A proposal that is answered while the office takes it back (two transactions on a real database)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import update

from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.rounds.effects import Effects, effects_of, withdraw
from mobility.rounds.enums import ProposalStatus, Reply
from mobility.rounds.models import Proposal, Run
from tests.rounds.test_declines import moved

TakeBack = Callable[[Effects], None]


def taken_back_while_accepted(app: Flask, take_back: TakeBack) -> tuple[str, ProposalStatus, Reply | None]:
    """The office looks, the host says yes, the office goes on: what it gets, and how the proposal stands."""
    with app.app_context():
        _call, held, _after, rematch = moved()
        db.session.commit()
        proposal_id, run_id = held.id, rematch.id
    with app.app_context():
        found = effects_of(db.session.get_one(Run, run_id))
        with ThreadPoolExecutor(1) as host:
            host.submit(accept, app, proposal_id).result(timeout=30)
        try:
            take_back(found)
            db.session.commit()
            said = "taken back"
        except RuleBroken as refused:
            db.session.rollback()
            said = refused.code
    with app.app_context():
        stands = db.session.get_one(Proposal, proposal_id)
        return said, stands.status, stands.host_reply


def accept(app: Flask, proposal_id: int) -> None:
    with app.app_context():
        exchanges.accept(db.session.get_one(Proposal, proposal_id), Side.HOST, actor=None)
        db.session.commit()


def test_a_proposal_with_a_yes_is_not_taken_back(live_app: Flask) -> None:
    answer = taken_back_while_accepted(live_app, lambda found: withdraw(found, actor=None))

    assert answer == ("stale", ProposalStatus.OPEN, Reply.ACCEPTED)


def test_without_the_guard_a_yes_is_lost(live_app: Flask) -> None:
    def unguarded(found: Effects) -> None:
        ids = [one.id for one in found.withdrawn]
        taken = update(Proposal).where(Proposal.id.in_(ids)).values(status=ProposalStatus.WITHDRAWN)
        db.session.execute(taken.execution_options(synchronize_session=False))

    answer = taken_back_while_accepted(live_app, unguarded)

    assert answer == ("taken back", ProposalStatus.WITHDRAWN, Reply.ACCEPTED)
