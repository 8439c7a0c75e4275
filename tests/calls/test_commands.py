"""`flask calls …`: an edition of the scheme without a page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.calls.commands import calls
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.core.db import db
from tests.make.partnerships import make_partnership

DAYS = {"--closes": "2099-03-31", "--first-day": "2099-05-01", "--last-day": "2099-10-31"}


@pytest.fixture
def run(app: Flask, session: None) -> Callable[..., Any]:
    """Runs `flask calls` with arguments."""
    app.cli.add_command(calls)
    return lambda *arguments: app.test_cli_runner().invoke(args=["calls", *arguments])


def opened(days: dict[str, str]) -> list[str]:
    """The arguments that open a call on these days."""
    return ["open", "CXC-2099-1", "--title", "Call", *(part for pair in days.items() for part in pair)]


def test_a_call_opens_with_the_schemes_rules_and_closes_at_five_in_brussels(run: Callable[..., Any]) -> None:
    said = run(*opened(DAYS))

    assert said.exit_code == 0, said.output
    call = db.session.scalars(select(Call)).one()
    assert call.status is CallStatus.OPEN
    assert call.closes_at == datetime(2099, 3, 31, 15, tzinfo=UTC)
    assert call.rates
    assert call.priority_weights["base"] == 10


def test_a_call_is_closed_by_its_reference(run: Callable[..., Any]) -> None:
    run(*opened(DAYS))

    assert run("close", "CXC-2099-1").exit_code == 0
    assert db.session.scalars(select(Call.status)).one() is CallStatus.CLOSED


@pytest.mark.parametrize(
    "wrong",
    [
        {"--closes": "2099-13-31"},
        {"--closes": "soon"},
        {"--first-day": "2099-03-01"},
        {"--last-day": "2099-04-01"},
        {"--closes": "2001-01-01"},
    ],
)
def test_wrong_days_are_refused_and_open_nothing(run: Callable[..., Any], wrong: dict[str, str]) -> None:
    said = run(*opened(DAYS | wrong))

    assert said.exit_code != 0
    assert db.session.scalars(select(Call)).all() == []


def test_a_reference_is_given_once(run: Callable[..., Any]) -> None:
    run(*opened(DAYS))

    assert "already" in run(*opened(DAYS)).output
    assert len(db.session.scalars(select(Call)).all()) == 1


def test_a_call_that_is_not_there_cannot_be_closed(run: Callable[..., Any]) -> None:
    assert "no call NOPE" in run("close", "NOPE").output


def test_the_payer_of_a_call_is_named_and_taken_back(run: Callable[..., Any]) -> None:
    run(*opened(DAYS))
    office = make_partnership(name="Support office")
    db.session.commit()

    assert "Support office pays for all" in run("payer", "CXC-2099-1", office.code).output
    assert db.session.scalars(select(Call.payer_id)).one() == office.id
    assert "each partnership pays its own" in run("payer", "CXC-2099-1").output
    assert db.session.scalars(select(Call.payer_id)).one() is None


def test_a_payer_that_is_not_there_changes_nothing(run: Callable[..., Any]) -> None:
    run(*opened(DAYS))

    assert "no partnership NOPE" in run("payer", "CXC-2099-1", "NOPE").output
