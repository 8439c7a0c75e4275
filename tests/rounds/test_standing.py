"""Who enters a round, and two rounds of one call."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.services import withdraw
from mobility.calls.services import close
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.organisations.enums import OrganisationType
from mobility.rounds import entering, services
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Proposal, Run
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.rounds import make_frozen_round, make_host, make_solved_run, make_visitor


def reasons(application: Application) -> list[str | None]:
    """What keeps each accepted application of the call out of a round."""
    return [reason for _one, reason in entering.standing(application.call)]


def test_an_accepted_application_enters(session: None) -> None:
    call = make_call()
    make_host(call)

    assert reasons(make_visitor(call)) == [None]


def test_an_application_whose_organisation_changed_so_that_a_rule_forbids_it_is_left_out(
    session: None,
) -> None:
    call = make_call()
    make_host(call)
    visitor = make_visitor(call)

    visitor.organisation.type = OrganisationType.LARGE

    assert reasons(visitor) == ["findings-fail"]


def test_a_group_waits_for_a_member_that_is_still_to_be_assessed(session: None) -> None:
    call = make_call()
    make_host(call)
    accepted = make_visitor(call, group_key="G")
    make_application(call=call, status=ApplicationStatus.SUBMITTED, group_key="G")

    assert reasons(accepted) == ["group-waits"]


def test_a_group_goes_on_without_a_member_that_withdrew(session: None) -> None:
    call = make_call()
    make_host(call)
    stays, leaves = make_visitor(call, group_key="G"), make_visitor(call, group_key="G")

    withdraw(leaves, actor=None)

    assert reasons(stays) == [None]


def two_solved_rounds() -> tuple[int, int]:
    """Two rounds of one call, each with the same visitor matched: the ids of their runs."""
    call = make_call()
    make_host(call)
    make_visitor(call)
    runs = [make_solved_run(make_frozen_round(call)) for _ in range(2)]
    db.session.commit()
    return runs[0].id, runs[1].id


def test_of_two_rounds_of_a_call_published_at_once_one_is(live_app: Flask) -> None:
    with live_app.app_context():
        runs = two_solved_rounds()
    start, refused = threading.Barrier(2), []

    def publish(run_id: int) -> None:
        with live_app.app_context():
            run = db.session.get_one(Run, run_id)
            start.wait()
            try:
                services.publish(run, actor=None)
                db.session.commit()
            except RuleBroken as refusal:
                db.session.rollback()
                refused.append(refusal.code)

    threads = [threading.Thread(target=publish, args=(run_id,)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with live_app.app_context():
        opened = select(func.count(Proposal.id)).where(Proposal.status == ProposalStatus.OPEN)
        assert db.session.scalar(opened) == 1
    assert refused == ["inputs-changed"]


def test_without_the_lock_the_database_still_keeps_one_open_proposal(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "refuse_changed_inputs", lambda _round: None)
    with live_app.app_context():
        runs = two_solved_rounds()
        services.publish(db.session.get_one(Run, runs[0]), actor=None)
        db.session.commit()

        with pytest.raises(IntegrityError, match="uq_proposal_open"):
            services.publish(db.session.get_one(Run, runs[1]), actor=None)


def test_closing_the_call_keeps_nobody_out(session: None) -> None:
    call = make_call()
    make_host(call)
    visitor = make_visitor(call)

    close(call, actor=None)

    assert reasons(visitor) == [None]
