"""Ten wrong logins in five minutes, five resets a day (promise T11)."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import text

from mobility.accounts.enums import Role
from mobility.accounts.second_factor import recovery_codes
from mobility.core.db import db
from tests import databases
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.visitor import Visitor


def wrong(client: Visitor, email: str) -> int:
    return client.submit("/login", {"email": email, "password": "not the right one"}).status_code


def test_the_eleventh_wrong_login_is_refused_and_says_when_to_come_back(client: Visitor) -> None:
    answers = [wrong(client, "a@example.org") for _ in range(10)]
    page = client.submit("/login", {"email": "a@example.org", "password": "x"})

    assert 429 not in answers
    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 300


def test_the_limit_holds_for_an_address_whatever_account_it_tries(client: Visitor) -> None:
    for number in range(10):
        wrong(client, f"a{number}@example.org")

    assert wrong(client, "b@example.org") == 429


def test_a_forged_forwarding_header_does_not_help(client: Visitor) -> None:
    for _ in range(10):
        wrong(client, "a@example.org")
    fields = {"email": "b@example.org", "password": "x"}
    page = client.get("/login")
    token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]

    answer = client.post(
        "/login", data=fields | {"csrf_token": token}, headers={"X-Forwarded-For": "203.0.113.9"}
    )

    assert answer.status_code == 429


def test_logins_that_succeed_do_not_use_the_limit_up(new_client: Callable[[], Visitor]) -> None:
    make_user(email="a@example.org")
    db.session.commit()

    answers = [
        new_client().submit("/login", {"email": "a@example.org", "password": PASSWORD}).status_code
        for _ in range(12)
    ]

    assert set(answers) == {302}


def test_the_sixth_reset_of_a_day_is_refused(client: Visitor) -> None:
    answers = [client.submit("/reset", {"email": "a@example.org"}).status_code for _ in range(6)]

    assert answers[5] == 429
    assert 429 not in answers[:5]


def test_one_address_cannot_be_flooded_with_registrations(client: Visitor) -> None:
    fields = {"name": "Eve", "email": "a@example.org", "password": PASSWORD, "password_confirm": PASSWORD}

    answers = [client.submit("/register", fields).status_code for _ in range(6)]

    assert answers[5] == 429
    assert 429 not in answers[:5]


def test_behind_a_trusted_proxy_the_limit_counts_the_clients_address(
    own_database: str, tmp_path: Path
) -> None:
    with databases.app_on(own_database, tmp_path, proxies=1) as behind_proxy:
        site = behind_proxy.test_client()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', site.get("/login").text)
        assert token

        def tried(client_address: str, number: int) -> int:
            fields = {"email": f"p{number}@example.org", "password": "not the one", "csrf_token": token[1]}
            headers = {"X-Forwarded-For": client_address}
            return site.post("/login", data=fields, headers=headers).status_code

        assert [tried("203.0.113.1", number) for number in range(11)][10] == 429
        assert tried("203.0.113.2", 12) != 429


def owes_code(client: Visitor, email: str) -> None:
    """Give the right password of somebody with a second factor."""
    assert client.submit("/login", {"email": email, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("path", ["/login/code", "/login/recovery-code"])
def test_the_eleventh_wrong_code_is_refused_from_any_browser_and_address(
    new_client: Callable[[], Visitor], path: str
) -> None:
    make_user(Role.AUDITOR, email="a@example.org")
    db.session.commit()
    clients = [new_client() for _ in range(11)]
    answers = []
    for number, client in enumerate(clients):
        owes_code(client, "a@example.org")
        # The address field is not of this form: it must not name another account to count for.
        fields = {"code": "000000", "email": f"b{number}@example.org"}
        answers.append(client.submit(path, fields).status_code)

    assert answers == [422] * 10 + [429]


def test_right_codes_do_not_use_the_limit_up(new_client: Callable[[], Visitor]) -> None:
    user = make_user(Role.AUDITOR, email="a@example.org")
    for _round in range(2):
        codes = recovery_codes().create_recovery_codes(user)
        db.session.commit()
        for code in codes[:6]:
            client = new_client()
            owes_code(client, "a@example.org")
            assert client.submit("/login/recovery-code", {"code": code}).status_code == 302


def test_the_fifty_first_wrong_code_of_a_day_is_refused(
    new_client: Callable[[], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(Role.AUDITOR, email="a@example.org")
    db.session.commit()
    client = new_client()
    owes_code(client, "a@example.org")
    answers = []
    for number in range(51):
        if number % 10 == 0:
            end_five_minutes()
        answers.append(client.submit("/login/code", {"code": "000000"}).status_code)

    assert answers == [422] * 50 + [429]


def end_five_minutes() -> None:
    """Let the short windows be over; those of a day go on."""
    with current_app.extensions["rate_count"].connect() as connection:
        over = "UPDATE rate_count SET ends_at = now() WHERE ends_at < now() + interval '1 hour'"
        connection.execute(text(over))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/login/again", {"password": "wrong"}),
        (
            "/account/password",
            {"password": "wrong", "new_password": "x" * 12, "new_password_confirm": "x" * 12},
        ),
    ],
)
def test_a_borrowed_session_guesses_the_password_ten_times(
    client: Visitor, path: str, fields: dict[str, str]
) -> None:
    sign_in(client, make_user())
    db.session.commit()

    answers = [client.submit(path, fields).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]
