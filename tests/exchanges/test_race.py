"""Fifty visits of one organisation are agreed at the same moment (promise T61)."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges import services
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.rounds.enums import ProposalStatus, Reply, RoundStatus, RunStatus
from mobility.rounds.models import Proposal, Round, Run
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.rounds import SEVILLA, make_host, make_visitor, weeks

VISITS = 50


@pytest.fixture
def wide_app(live_app: Flask, own_database: str) -> Iterator[Flask]:
    """An app with two connections for each visit."""
    engine = create_engine(own_database, pool_size=2 * VISITS, pool_timeout=60)
    with live_app.app_context():
        db.engines[None].dispose()
        db.engines[None] = engine  # type: ignore[index]
    yield live_app
    engine.dispose()


@pytest.fixture
def proposal_ids(wide_app: Flask) -> list[int]:
    """Proposals to different hosts of different calls, all for one organisation, accepted by the hosts."""
    with wide_app.app_context():
        organisation = make_organisation(**SEVILLA)
        proposals = [accepted_by_host(organisation, number) for number in range(VISITS)]
        db.session.add_all(proposals)
        db.session.commit()
        return [proposal.id for proposal in proposals]


def accepted_by_host(organisation: Organisation, number: int) -> Proposal:
    call = make_call()
    now, (first_day, _last_day) = clock.utcnow(), weeks(call)
    round_ = Round(
        reference=f"RND-{number}", call=call, status=RoundStatus.PUBLISHED, opened_at=now, problem=None
    )
    run = Run(
        round=round_,
        number=1,
        status=RunStatus.SOLVED,
        inputs_sha256="",
        goals=["priority"],
        time_limit_s=1,
        seed=1,
        progress={},
        solution=None,
        queued_at=now,
    )
    db.session.add(run)
    db.session.flush()
    return Proposal(
        reference=f"PRP-{number}",
        round=round_,
        run_id=run.id,
        application=make_visitor(call, organisation=organisation),
        offer=make_host(call),
        status=ProposalStatus.OPEN,
        first_day=first_day,
        last_day=first_day + timedelta(days=2),
        days=3,
        distance_km=500,
        lump_sum_cents=0,
        trace=[],
        score=50,
        parts=[],
        answer_by=now + timedelta(days=5),
        host_reply=Reply.ACCEPTED,
        host_replied_at=now,
        made_at=now,
    )


def accept_all_at_once(app: Flask, proposal_ids: list[int]) -> list[str]:
    """What each visit got: agreed, or the code of its refusal."""
    start = threading.Barrier(VISITS)

    def accept(proposal_id: int) -> str:
        with app.app_context():
            clock.utcnow()
            proposal = db.session.get_one(Proposal, proposal_id)
            db.session.commit()
            start.wait(timeout=60)
            try:
                services.accept(proposal, Side.VISITOR, actor=None)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "agreed"

    with ThreadPoolExecutor(VISITS) as pool:
        return list(pool.map(accept, proposal_ids))


def test_of_fifty_parallel_visits_one_is_agreed(wide_app: Flask, proposal_ids: list[int]) -> None:
    answers = accept_all_at_once(wide_app, proposal_ids)

    assert sorted(answers) == ["agreed"] + ["second-visit"] * (VISITS - 1)
    with wide_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Exchange)) == 1
        matched = select(func.count()).where(Application.status == ApplicationStatus.MATCHED)
        assert db.session.scalar(matched) == 1
        still_open = select(func.count()).where(Proposal.visitor_reply.is_(None))
        assert db.session.scalar(still_open) == VISITS - 1


def test_without_the_index_several_are_agreed(wide_app: Flask, proposal_ids: list[int]) -> None:
    with wide_app.app_context():
        db.session.execute(text("DROP INDEX uq_exchange_one_visit"))
        db.session.commit()

    answers = accept_all_at_once(wide_app, proposal_ids)

    assert answers.count("agreed") > 1
