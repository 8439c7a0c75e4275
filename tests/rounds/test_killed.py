"""Web and worker are killed at every step of publishing and of solving (promises T62, T70)."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.hosts.models import Reservation
from mobility.mail.models import Letter
from mobility.rounds import runs, services
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.models import Proposal, Round, Run, Unmatched, Visit
from tests.make.accounts import make_user, sign_in
from tests.make.rounds import QUICK, make_frozen_round, make_market, make_solved_run, solution_of
from tests.rounds.dying import Act, killed_at
from tests.visitor import Visitor

# Every so many steps; `make chaos` takes them all.
STRIDE = int(os.environ.get("STRIDE", "8"))


def kill_at_each_step(app: Flask, act: Act) -> Iterator[int]:
    """Each step at which the process was killed, until it survives; then it has done all."""
    for step in range(1, 10_000, STRIDE):
        if not killed_at(step, app, act):
            return
        yield step
    raise AssertionError("it never came to an end")


def state_of(round_id: int) -> tuple[object, ...]:
    """The round's status; its proposals, the places taken for them and the letters about them."""
    status = db.session.scalars(select(Round.status).where(Round.id == round_id)).one()
    kinds = select(func.count()).where(Letter.kind.startswith("rounds."))
    counts = [
        db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Proposal, Reservation)
    ]
    found = (status, *counts, db.session.scalar(kinds) or 0)
    db.session.rollback()
    return found


def test_publishing_is_whole_or_not_at_all_wherever_the_web_server_is_killed(live_app: Flask) -> None:
    with live_app.app_context():
        run = make_solved_run()
        round_id, reference = run.round_id, run.round.reference
        user = make_user(Role.SUPPORT_OFFICER)
        db.session.commit()
        browser = Visitor(live_app, use_cookies=True)
        sign_in(browser, user)
    path = f"/rounds/{reference}/runs/1/publish"
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(path).text)
    assert found
    seen: Counter[object] = Counter()

    def publish() -> None:
        answer = browser.post(path, data={"csrf_token": found[1]})
        assert answer.status_code in {302, 409}

    for _step in kill_at_each_step(live_app, publish):
        with live_app.app_context():
            seen[state_of(round_id)] += 1

    with live_app.app_context():
        whole = state_of(round_id)
    print(f"T62: killed at {seen.total()} steps of publishing: {dict(seen)}")
    assert whole == (RoundStatus.PUBLISHED, 2, 2, 4)
    assert set(seen) <= {(RoundStatus.FROZEN, 0, 0, 0), whole}
    assert seen[RoundStatus.FROZEN, 0, 0, 0] > 40 // STRIDE


def test_a_result_is_kept_whole_or_not_at_all_wherever_the_worker_is_killed(live_app: Flask) -> None:
    with live_app.app_context():
        round_ = make_frozen_round(make_market(visitors=3, hosts=1))
        run_id, solution = services.solve(round_, QUICK, actor=None).id, solution_of(round_)
        db.session.commit()
    matched = len(solution["assignments"])
    seen: Counter[object] = Counter()

    for _step in kill_at_each_step(live_app, lambda: solve(live_app, run_id, solution)):
        with live_app.app_context():
            seen[result_of(run_id)] += 1

    with live_app.app_context():
        whole = result_of(run_id)
    print(f"T62: killed at {seen.total()} steps of solving: {dict(seen)}")
    assert whole == (RunStatus.SOLVED, matched, 3 - matched)
    assert set(seen) <= {(RunStatus.QUEUED, 0, 0), (RunStatus.SOLVING, 0, 0), whole}
    assert seen[RunStatus.SOLVING, 0, 0] > 10 // STRIDE


def solve(app: Flask, run_id: int, solution: dict[str, Any]) -> None:
    """The steps of the worker's job, with the solver's answer at hand."""
    with app.app_context():
        run = runs.begin(run_id)
        db.session.commit()
        if run is None:
            return
        runs.tell(run_id, {"goal": "priority", "value": 1, "bound": 2, "seconds": 0.1})
        db.session.commit()
        runs.finish(run_id, solution)
        db.session.commit()


def result_of(run_id: int) -> tuple[object, ...]:
    """The run's status, and how many it matches and leaves."""
    status = db.session.scalars(select(Run.status).where(Run.id == run_id)).one()
    counts = [
        db.session.scalar(select(func.count()).where(kind.run_id == run_id)) or 0
        for kind in (Visit, Unmatched)
    ]
    db.session.rollback()
    return (status, *counts)


def test_the_control_that_commits_between_its_steps_is_found_half_published(live_app: Flask) -> None:
    with live_app.app_context():
        run = make_solved_run()
        run_id, round_id = run.id, run.round_id
        db.session.commit()

    def half() -> None:
        with live_app.app_context():
            run = db.session.get_one(Run, run_id)
            run.round.status = RoundStatus.PUBLISHED
            db.session.commit()
            run.is_published = True
            db.session.commit()

    steps = (step for step in range(1, 50) if killed_at(step, live_app, half))
    assert any(is_published(live_app, round_id) for _step in steps)

    with live_app.app_context():
        assert state_of(round_id) == (RoundStatus.PUBLISHED, 0, 0, 0)
        assert not db.session.get_one(Run, run_id).is_published


def is_published(app: Flask, round_id: int) -> bool:
    with app.app_context():
        return state_of(round_id)[0] is RoundStatus.PUBLISHED
