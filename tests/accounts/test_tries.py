"""Ten wrong logins in five minutes, five resets a day (promise T11)."""

import re
from collections.abc import Callable
from pathlib import Path

from mobility.core.db import db
from tests import databases
from tests.make.accounts import PASSWORD, make_user
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
