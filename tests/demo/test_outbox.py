"""The outbox is a page of the demo and of nothing else."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.accounts import second_factor
from mobility.accounts import services as accounts
from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.mail.models import Letter
from tests.architecture.test_production import PRODUCTION
from tests.make.accounts import make_user, sign_in
from tests.make.surveys import make_invitation
from tests.visitor import Visitor

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def letter() -> Letter:
    """A letter with a link in it."""
    make_invitation()
    db.session.commit()
    return db.session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()


def engage() -> None:
    """Let somebody of the demo be there."""
    make_user(Role.ADMINISTRATOR, email=f"administrator1@{DEMO_DOMAIN}")
    db.session.commit()


def test_without_a_demo_there_is_no_outbox(client: Visitor, letter: Letter) -> None:
    pages = [client.get(path) for path in ("/outbox", f"/outbox/{letter.id}")]

    assert [page.status_code for page in pages] == [404, 404]
    assert all(letter.subject not in page.text for page in pages)


def test_without_a_demo_even_an_administrator_has_no_outbox(client: Visitor, letter: Letter) -> None:
    user = make_user(Role.ADMINISTRATOR)
    db.session.commit()
    sign_in(client, user)

    assert client.get("/outbox").status_code == 404


def test_production_has_no_outbox_even_with_demo_accounts(
    app: Flask, client: Visitor, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    engage()
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **PRODUCTION))

    pages = [client.get(path) for path in ("/outbox", f"/outbox/{letter.id}")]

    assert [page.status_code for page in pages] == [404, 404]
    assert all(letter.subject not in page.text for page in pages)


def test_a_demo_shows_its_letters(client: Visitor, letter: Letter) -> None:
    engage()

    assert letter.subject in client.get("/outbox").text
    assert "/survey/" in client.get(f"/outbox/{letter.id}").text


@pytest.mark.parametrize("number", ["0", str(2**63), "9" * 30])
def test_a_letter_that_is_not_there_is_not_found(client: Visitor, number: str) -> None:
    engage()

    assert client.get(f"/outbox/{number}").status_code == 404


def test_a_demo_shows_the_codes_of_its_staff_and_of_nobody_else(client: Visitor) -> None:
    engage()
    staff = make_user(Role.AUDITOR, email=f"auditor1@{DEMO_DOMAIN}")
    accounts.set_second_factor(staff, SECRET, actor=staff)
    other = make_user(Role.AUDITOR, email="somebody@elsewhere.example")
    accounts.set_second_factor(other, SECRET, actor=other)
    db.session.commit()

    page = client.get("/outbox/codes").text

    assert second_factor.demo_code(staff.email)[0] in page
    assert staff.email in page
    assert other.email not in page


def test_without_a_demo_or_in_production_there_are_no_codes(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = client.get("/outbox/codes")
    engage()
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **PRODUCTION))

    assert [without.status_code, client.get("/outbox/codes").status_code] == [404, 404]
