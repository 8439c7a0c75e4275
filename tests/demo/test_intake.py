"""The invented applications and offers meet the scheme's rules, or fail the one they were made to fail."""

import pytest
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.applications.models import Application
from mobility.core.db import db
from mobility.demo import cast
from mobility.demo.stage import Stage, at
from mobility.demo.world import make_world
from mobility.demo.world.logins import with_logins
from mobility.demo.year import intake, opening
from mobility.hosts.models import Offer
from tests.demo.test_world import CALENDAR


@pytest.fixture
def stage(session: object) -> Stage:
    """A small world on the last day of its call, when everybody has handed in."""
    world = with_logins(make_world(7, 60, CALENDAR), lambda role, number: cast.person(Role(role), number))
    stage = Stage(world)
    opening.open_scheme(stage)
    at(CALENDAR.closes_on)
    intake.take_in(stage, stage.first)
    return stage


def test_applications_fail_for_the_planned_reason_or_not_at_all(stage: Stage) -> None:
    plans = intake.plans_of(stage, stage.first)
    applications = db.session.scalars(select(Application)).all()

    assert len(applications) == 60
    for application in applications:
        planned = plans[application.organisation.registration]
        failing = intake.failing_codes(application.findings)
        assert bool(failing) == bool(planned.flaw), (planned.flaw, failing)
        assert not failing or planned.flaw in failing


def test_offers_fail_for_the_planned_reason_or_not_at_all(stage: Stage) -> None:
    plans = {intake.host_day(stage, one): one for one in stage.world.offers}
    offers = db.session.scalars(select(Offer)).all()

    assert len(offers) == 18
    for offer in offers:
        planned = plans[offer.organisation.registration, offer.windows[0].first_day]
        failing = intake.failing_codes(offer.findings)
        assert bool(failing) == bool(planned.flaw), (planned.flaw, failing)
        assert not failing or planned.flaw in failing


def test_the_logins_of_visitors_and_hosts_write_for_themselves(stage: Stage) -> None:
    applicant, host = (stage.login(role) for role in (Role.APPLICANT, Role.HOST))

    assert db.session.scalars(select(Application).where(Application.author_id == applicant.id)).one()
    assert db.session.scalars(select(Offer).where(Offer.author_id == host.id)).first()


def test_taking_in_again_takes_nobody_twice(stage: Stage) -> None:
    intake.take_in(stage, stage.first)

    assert len(db.session.scalars(select(Application.id)).all()) == 60
