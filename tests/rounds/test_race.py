"""Twenty publish, or give up, one round at the same moment (promise T62)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, update

from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import PlaceDay, Reservation
from mobility.mail.models import Letter
from mobility.rounds import services
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Proposal, Round, Run
from tests.make.rounds import make_solved_run

PUBLISHERS = 20
Publish = Callable[[Run], object]


@pytest.fixture
def wide_app(live_app: Flask, own_database: str) -> Iterator[Flask]:
    """An app with two connections for each publisher."""
    engine = create_engine(own_database, pool_size=2 * PUBLISHERS, pool_timeout=60)
    with live_app.app_context():
        db.engines[None].dispose()
        db.engines[None] = engine  # type: ignore[index]
    yield live_app
    engine.dispose()


@pytest.fixture
def run_id(wide_app: Flask) -> int:
    """A solved run of a frozen round."""
    with wide_app.app_context():
        run = make_solved_run()
        db.session.commit()
        return run.id


def publish_all_at_once(app: Flask, run_id: int, publish: Publish) -> list[str]:
    """What each publisher got: the round published, or the code of the refusal."""
    start = threading.Barrier(PUBLISHERS)

    def try_to_publish(_number: int) -> str:
        with app.app_context():
            clock.utcnow()
            run = db.session.get_one(Run, run_id)
            assert run.round.status is RoundStatus.FROZEN
            db.session.commit()
            start.wait(timeout=60)
            try:
                publish(run)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "published"

    with ThreadPoolExecutor(PUBLISHERS) as pool:
        return list(pool.map(try_to_publish, range(PUBLISHERS)))


def test_of_twenty_parallel_publishes_one_succeeds_and_is_whole(wide_app: Flask, run_id: int) -> None:
    answers = publish_all_at_once(wide_app, run_id, lambda run: services.publish(run, actor=None))

    assert sorted(answers) == ["published"] + ["wrong-state"] * (PUBLISHERS - 1)
    with wide_app.app_context():
        proposals = db.session.scalars(select(Proposal)).all()
        assert len(proposals) == 2
        assert db.session.scalar(select(func.count()).select_from(Reservation)) == 2
        assert db.session.scalar(select(func.sum(PlaceDay.taken))) == sum(one.days for one in proposals)
        told = select(func.count()).where(Letter.kind.startswith("rounds."))
        assert db.session.scalar(told) == 4


def test_of_parallel_publishes_and_give_ups_one_succeeds(wide_app: Flask, run_id: int) -> None:
    turns = count()

    def end(run: Run) -> None:
        if next(turns) % 2:
            services.publish(run, actor=None)
        else:
            services.give_up(run.round, "Begun too early.", actor=None)

    answers = publish_all_at_once(wide_app, run_id, end)

    assert sorted(answers) == ["published"] + ["wrong-state"] * (PUBLISHERS - 1)
    with wide_app.app_context():
        status = db.session.scalars(select(Round.status)).one()
        proposals = db.session.scalar(select(func.count()).select_from(Proposal))
        assert (status, proposals) in {(RoundStatus.PUBLISHED, 2), (RoundStatus.GIVEN_UP, 0)}


def test_without_the_guard_several_publish(wide_app: Flask, run_id: int) -> None:
    looked = threading.Barrier(PUBLISHERS)

    def unguarded(run: Run) -> None:
        if run.round.status is not RoundStatus.FROZEN:
            raise RuleBroken("wrong-state")
        looked.wait(timeout=60)
        published = update(Round).where(Round.id == run.round_id).values(status=RoundStatus.PUBLISHED)
        db.session.execute(published)

    answers = publish_all_at_once(wide_app, run_id, unguarded)

    assert answers.count("published") > 1
