"""Production refuses a database that was a demo's (promise T86)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from mobility.app import refuse_demo_data
from mobility.core import clock
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN, BadSettings
from mobility.demo.run import fill
from tests.make.accounts import make_user

PRODUCTION = {
    "app_env": "production",
    "public_base_url": "https://exchange.example.org",
    "secret_key": "x" * 40,
    "field_keys": ("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=",),
    "mail_server": "mail.example.org",
}


@pytest.fixture
def production(live_app: Flask) -> Iterator[Flask]:
    """An app that runs in production, on a database of its own."""
    before = live_app.config["SETTINGS"]
    live_app.config["SETTINGS"] = replace(before, **PRODUCTION)
    yield live_app
    live_app.config["SETTINGS"] = before


def test_a_clean_database_is_served(production: Flask) -> None:
    refuse_demo_data(production)


def test_demo_accounts_are_refused(production: Flask) -> None:
    with production.app_context():
        make_user("administrator", email=f"administrator1@{DEMO_DOMAIN}")
        db.session.commit()

    with pytest.raises(BadSettings, match="demo accounts"):
        refuse_demo_data(production)


def test_a_moved_clock_is_refused(production: Flask) -> None:
    with production.app_context():
        db.session.add(clock.ClockShift(id=1, shift_s=86_400.0))
        db.session.commit()

    with pytest.raises(BadSettings, match="moved clock"):
        refuse_demo_data(production)


def test_the_demo_is_not_told(production: Flask) -> None:
    with production.app_context(), pytest.raises(BadSettings, match="does not run in production"):
        fill()
