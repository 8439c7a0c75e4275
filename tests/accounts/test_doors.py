"""Register, confirm, sign in, recover, sign out."""

import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.services import user_by_email
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.mail.models import Letter
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.visitor import Visitor

NEW = {
    "name": "Mira Lindqvist",
    "email": "mira@example.org",
    "password": PASSWORD,
    "password_confirm": PASSWORD,
}
PRIVATE = "/dashboard"


def link_in_last_letter() -> str:
    """The path of the newest letter's link."""
    body = db.session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert body is not None
    found = re.search(r"https?://[^/\s]+(/\S+/\S+)", body.body)
    assert found, body.body
    return found[1]


def test_a_person_registers_confirms_and_signs_in(client: Visitor) -> None:
    assert client.submit("/register", NEW).status_code == 302
    assert client.submit("/login", {"email": NEW["email"], "password": PASSWORD}).status_code != 302

    assert client.get(link_in_last_letter()).status_code == 302

    assert client.submit("/login", {"email": NEW["email"], "password": PASSWORD}).status_code == 302
    page = client.get(PRIVATE)
    assert page.status_code == 200
    assert "Mira Lindqvist" in page.text


def test_who_registers_may_visit_and_host(client: Visitor) -> None:
    client.submit("/register", NEW)

    user = user_by_email("MIRA@example.org")
    assert user is not None
    assert {grant.role for grant in user.grants} == {Role.APPLICANT, Role.HOST}


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "no-address"},
        {"email": ""},
        {"password": "short", "password_confirm": "short"},
        {"password_confirm": "another long password"},
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\0b"},
        {"email": "a\0b@example.org"},
    ],
)
def test_a_wrong_registration_is_refused_beside_the_field(client: Visitor, wrong: dict[str, str]) -> None:
    answer = client.submit("/register", NEW | wrong)

    assert answer.status_code in {200, 400, 422}
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalars(select(User)).all() == []


def test_nobody_registers_as_a_demo_account(client: Visitor) -> None:
    answer = client.submit("/register", NEW | {"email": f"mira@{DEMO_DOMAIN}"})

    assert "kept for demonstrations" in answer.text
    assert db.session.scalars(select(User)).all() == []


def test_a_known_address_registers_alike_and_its_owner_is_told(client: Visitor) -> None:
    make_user(email=NEW["email"])
    db.session.commit()

    known = client.submit("/register", NEW)
    unknown = client.submit("/register", NEW | {"email": "other@example.org"})

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert len(db.session.scalars(select(User)).all()) == 2


def test_login_answers_alike_for_known_and_unknown(client: Visitor) -> None:
    make_user(email="known@example.org")
    db.session.commit()

    known = client.submit("/login", {"email": "known@example.org", "password": "wrong password here"})
    unknown = client.submit("/login", {"email": "nobody@example.org", "password": "wrong password here"})

    assert known.status_code == unknown.status_code != 302
    assert known.text.replace("known@", "nobody@").count("do not belong together") == 1
    assert unknown.text.count("do not belong together") == 1


def test_a_lost_password_is_replaced_by_a_link_that_works_once(client: Visitor) -> None:
    make_user(email="lost@example.org")
    db.session.commit()
    client.submit("/reset", {"email": "lost@example.org"})
    link = link_in_last_letter()

    new = {"password": "a wholly new password", "password_confirm": "a wholly new password"}
    assert client.submit(link, new).status_code == 302
    again = client.get(link)

    assert (
        client.submit("/login", {"email": "lost@example.org", "password": new["password"]}).status_code == 302
    )
    assert again.status_code == 302


def test_a_wrong_link_to_a_new_password_is_told_in_our_words(client: Visitor) -> None:
    page = client.get("/reset/nonsense", follow_redirects=True).text

    assert "This link to choose a password is not valid, or was used. Ask for a new one." in page


def test_opening_a_reset_link_does_not_use_it_up(client: Visitor) -> None:
    make_user(email="lost@example.org")
    db.session.commit()
    client.submit("/reset", {"email": "lost@example.org"})
    link = link_in_last_letter()

    assert [client.get(link).status_code for _ in range(3)] == [200, 200, 200]


def test_a_copied_cookie_is_dead_after_logout(app: Flask, new_client: Callable[[], Visitor]) -> None:
    make_user(email="a@example.org")
    db.session.commit()
    mine, thief = new_client(), new_client()
    mine.submit("/login", {"email": "a@example.org", "password": PASSWORD})
    cookie = mine.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert thief.get(PRIVATE).status_code == 200

    mine.submit(PRIVATE, {}, to="/logout")

    assert thief.get(PRIVATE).status_code == 302


def test_no_cookie_outlives_the_session(client: Visitor) -> None:
    make_user(email="a@example.org")
    db.session.commit()

    client.submit("/login", {"email": "a@example.org", "password": PASSWORD, "remember": "y"})

    assert client.get_cookie("remember_token") is None


def test_logging_out_takes_a_post(client: Visitor) -> None:
    sign_in(client, make_user())
    db.session.commit()

    assert client.get("/logout").status_code == 405


def test_a_stranger_is_led_to_the_login_page_and_back(client: Visitor) -> None:
    answer = client.get(PRIVATE)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/dashboard"


@pytest.mark.parametrize(
    "evil", ["https://evil.example", "//evil.example", "\\\\evil.example", "/\\evil.example"]
)
def test_login_never_leads_to_another_site(client: Visitor, evil: str) -> None:
    make_user(email="a@example.org")
    db.session.commit()

    answer = client.submit(
        "/login?next=" + evil, {"email": "a@example.org", "password": PASSWORD, "next": evil}
    )

    target = urlsplit(urljoin("http://here/login", answer.headers.get("Location", "")))
    assert target.netloc == "here"


def test_who_has_not_confirmed_is_told_so_and_led_to_the_letter(client: Visitor) -> None:
    client.submit("/register", NEW)

    answer = client.submit("/login", {"email": NEW["email"], "password": PASSWORD})

    assert answer.status_code == 422
    assert "Confirm your address first" in answer.text
    assert '<a href="/confirm">Send the link again</a>' in answer.text


def test_who_types_a_wrong_password_is_not_told_that_the_account_waits(client: Visitor) -> None:
    client.submit("/register", NEW)

    answer = client.submit("/login", {"email": NEW["email"], "password": "not the right one"})

    assert "Confirm your address first" not in answer.text
    assert "do not belong together" in answer.text


def test_who_has_a_closed_account_is_told_so(client: Visitor) -> None:
    make_user(email="a@example.org").active = False
    db.session.commit()

    answer = client.submit("/login", {"email": "a@example.org", "password": PASSWORD})

    assert answer.status_code == 422
    assert "This account is closed" in answer.text
