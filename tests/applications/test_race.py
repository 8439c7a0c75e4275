"""Many clicks at the same moment make one application."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from mobility.applications import services
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.organisations.models import Organisation
from tests.make.applications import application_content
from tests.make.calls import make_allotment, make_call
from tests.make.organisations import make_organisation

# Each takes two of the twelve connections of the pool: its own, and one for the clock.
CLICKS = 5


@pytest.fixture
def ids(live_app: Flask) -> tuple[int, int]:
    """A call and an organisation that has not applied in it."""
    with live_app.app_context():
        call, organisation = make_call(), make_organisation()
        make_allotment(call)
        db.session.commit()
        return call.id, organisation.id


def test_parallel_clicks_make_one_application(live_app: Flask, ids: tuple[int, int]) -> None:
    start = threading.Barrier(CLICKS)

    def click(_number: int) -> str:
        with live_app.app_context():
            call = db.session.get_one(Call, ids[0])
            organisation = db.session.get_one(Organisation, ids[1])
            content = application_content(call)
            start.wait(timeout=60)
            try:
                services.draft(call, organisation, content, actor=None)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "begun"

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, range(CLICKS)))

    assert sorted(answers) == ["already-applied"] * (CLICKS - 1) + ["begun"]
    with live_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Application)) == 1
