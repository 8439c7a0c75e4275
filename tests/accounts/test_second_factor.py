"""Staff need a second factor, each code works once (promises T12, T17)."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask

from mobility.accounts import second_factor, services
from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.roles import OWN_ROLES
from mobility.accounts.second_factor import TO_SET_UP, next_code, recovery_codes
from mobility.accounts.security import CLOSED
from mobility.core.access import access_of
from mobility.core.db import db
from tests.accounts.doors import (
    CODE_PAGE,
    HOME,
    SETUP_PAGE,
    code_now,
    cookie_of,
    give_code,
    give_password,
    make_staff,
    secret_on,
)
from tests.make.accounts import PASSWORD, SECRET, code_of, make_user, sign_in
from tests.visitor import Visitor

STAFF = [role for role in Role if role not in OWN_ROLES]
PRIVATE = "/dashboard"
AT_ONCE = 20


def test_staff_sign_in_with_a_password_and_a_code(client: Visitor) -> None:
    user = make_staff()

    first = give_password(client, user.email)
    between = client.get(PRIVATE)
    second = give_code(client, code_of(user))

    assert first.headers["Location"].startswith(CODE_PAGE)
    assert between.headers["Location"].startswith("/login")
    assert (second.status_code, second.headers["Location"]) == (302, HOME)
    assert client.get(PRIVATE).status_code == 200


def test_the_page_asked_for_is_kept_over_both_steps(client: Visitor) -> None:
    user = make_staff()
    client.submit("/login?next=/calls", {"email": user.email, "password": PASSWORD})

    answer = client.submit(CODE_PAGE + "?next=/calls", {"code": code_of(user)})

    assert answer.headers["Location"] == "/calls"


@pytest.mark.parametrize(
    "evil", ["https://evil.example", "//evil.example", "/\\evil.example", "///evil.example"]
)
def test_the_code_page_never_leads_to_another_site(client: Visitor, evil: str) -> None:
    user = make_staff()
    give_password(client, user.email)

    answer = client.submit(f"{CODE_PAGE}?next={evil}", {"code": code_of(user)})

    assert answer.status_code == 302
    assert urlsplit(urljoin("http://here/login", answer.headers["Location"])).netloc == "here"


@pytest.mark.parametrize(
    "wrong", ["000000", "", "12345", "not six", "１２３４５６", "é23456", "9" * 500, "a\0b"]
)
def test_a_wrong_code_is_refused_beside_its_field(client: Visitor, wrong: str) -> None:
    user = make_staff()
    give_password(client, user.email)

    answer = give_code(client, wrong)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert client.get(PRIVATE).status_code == 302


def test_a_code_of_five_minutes_ago_is_refused(client: Visitor) -> None:
    user = make_staff()
    give_password(client, user.email)

    assert give_code(client, code_now(SECRET, ahead=-10)).status_code == 422


def test_a_code_is_taken_once(new_client: Callable[[], Visitor]) -> None:
    user = make_staff()
    code = code_of(user)
    mine, thief = new_client(), new_client()
    for client in (mine, thief):
        give_password(client, user.email)

    assert give_code(mine, code).status_code == 302
    assert give_code(thief, code).status_code == 422
    assert thief.get(PRIVATE).status_code == 302


def test_a_code_before_a_taken_one_is_refused(new_client: Callable[[], Visitor]) -> None:
    user = make_staff()
    mine, thief = new_client(), new_client()
    for client in (mine, thief):
        give_password(client, user.email)
    give_code(mine, code_now(SECRET, ahead=1))

    assert give_code(thief, code_now(SECRET)).status_code == 422


def race(app: Flask) -> int:
    """Send the same code from twenty browsers at once; how many got in."""
    with app.app_context():
        email, code = (user := make_staff()).email, next_code(user)[0]
    browsers = [Visitor(app, use_cookies=True) for _ in range(AT_ONCE)]
    tokens = []
    for browser in browsers:
        give_password(browser, email)
        tokens.append(
            browser.get(CODE_PAGE).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        )
    together = Barrier(AT_ONCE // 4)

    def send(number: int) -> bool:
        if number < AT_ONCE // 4:
            together.wait()
        answer = browsers[number].post(CODE_PAGE, data={"csrf_token": tokens[number], "code": code})
        return answer.status_code == 302

    with ThreadPoolExecutor(AT_ONCE // 4) as pool:
        return sum(pool.map(send, range(AT_ONCE)))


@pytest.fixture
def without_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mobility.accounts.tries.limiter.limiter.hit", lambda *_arguments, **_named: True)


def test_of_twenty_browsers_with_one_code_one_gets_in(live_app: Flask, without_limits: None) -> None:
    assert race(live_app) == 1


def test_the_control_that_looks_first_lets_more_in(
    live_app: Flask, without_limits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_then_write(user: User, step: int) -> bool:
        time.sleep(0.1)  # between look and write, so that the others look, too
        user.totp_last_counter = step
        return True

    monkeypatch.setattr(second_factor, "_moved", look_then_write)

    assert race(live_app) > 1


@pytest.mark.parametrize("role", STAFF)
def test_staff_without_a_second_factor_reach_nothing_but_setting_it_up(
    app: Flask, client: Visitor, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    user = make_user(role, has_second_factor=False)
    db.session.commit()
    sign_in(client, user)
    reached = []

    for rule in app.url_map.iter_rules():
        for method in {"GET", "POST"} & (rule.methods or set()):
            if rule.endpoint in TO_SET_UP:
                continue
            address = rule.rule
            for name in rule.arguments:
                for kind in ("", "int:", "path:", "string:"):
                    address = address.replace(f"<{kind}{name}>", "9")
            answer = client.open(address, method=method)
            if answer.headers.get("Location") != SETUP_PAGE:
                reached.append((method, rule.rule, answer.status_code))

    assert reached == []


def test_a_finance_role_that_waits_needs_the_second_factor_too(client: Visitor) -> None:
    user = make_user(has_second_factor=False)
    services.grant(user, Role.FINANCE_APPROVER)
    db.session.commit()
    sign_in(client, user)

    assert client.get("/calls").headers["Location"] == SETUP_PAGE


def test_an_applicant_needs_none(client: Visitor) -> None:
    user = make_user()
    db.session.commit()

    assert give_password(client, user.email).headers["Location"] == HOME


def test_a_recovery_code_works_once(new_client: Callable[[], Visitor]) -> None:
    user = make_staff()
    code = recovery_codes().create_recovery_codes(user)[0]
    db.session.commit()
    first, again = new_client(), new_client()
    for client in (first, again):
        give_password(client, user.email)

    answers = [
        client.submit("/login/recovery-code", {"code": f" {code.upper()} "}) for client in (first, again)
    ]

    assert [answer.status_code for answer in answers] == [302, 422]
    assert first.get(PRIVATE).status_code == 200
    assert again.get(PRIVATE).status_code == 302
    db.session.refresh(user)
    assert len(user.mf_recovery_codes) == second_factor.RECOVERY_CODES - 1


def test_of_twenty_browsers_with_one_recovery_code_one_gets_in(live_app: Flask) -> None:
    with live_app.app_context():
        user = make_staff()
        code, user_id = recovery_codes().create_recovery_codes(user)[0], user.id
        db.session.commit()
    together = Barrier(AT_ONCE // 4)

    def take(number: int) -> bool:
        if number < AT_ONCE // 4:
            together.wait()
        with live_app.test_request_context(method="POST"):
            taken = recovery_codes().check_recovery_code(db.session.get_one(User, user_id), code)
            db.session.commit()
            return taken

    with ThreadPoolExecutor(AT_ONCE // 4) as pool:
        assert sum(pool.map(take, range(AT_ONCE))) == 1


def test_new_recovery_codes_end_the_old_ones(client: Visitor) -> None:
    user = make_staff()
    old = recovery_codes().create_recovery_codes(user)[0]
    db.session.commit()
    sign_in(client, user)

    page = client.submit("/account/recovery-codes", {"generate_new_codes": "1"})

    assert page.status_code == 200
    db.session.refresh(user)
    assert not recovery_codes().check_recovery_code(user, old)


@pytest.mark.parametrize("path", [CODE_PAGE, "/login/recovery-code"])
def test_the_pages_of_the_second_step_open_only_after_the_password(client: Visitor, path: str) -> None:
    make_staff()
    assert client.get(path).headers["Location"] == "/login"

    give_password(client, "staff@example.org")

    page = client.get(path)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1


def test_who_is_signed_in_is_not_signed_out_by_the_code_page(client: Visitor) -> None:
    sign_in(client, make_staff())

    assert client.get(CODE_PAGE).headers["Location"] == HOME
    assert client.get(PRIVATE).status_code == 200


@pytest.mark.parametrize("name", CLOSED)
def test_pages_of_the_library_that_ours_replace_are_closed(app: Flask, client: Visitor, name: str) -> None:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == f"security.{name}")
    method = "GET" if "GET" in (rule.methods or set()) else "POST"
    path = rule.rule.replace("<token>", "x")

    if method == "POST":
        assert client.submit("/login", {}, to=path).status_code == 404
    else:
        assert client.get(path).status_code == 404
    assert access_of(app, rule.endpoint)


def test_new_ids_and_dead_cookies_at_each_step(new_client: Callable[[], Visitor]) -> None:
    user = make_staff(has_second_factor=False)
    client, old = new_client(), []

    def step(act: Callable[[], Any]) -> None:
        old.append(cookie_of(client))
        act()
        assert cookie_of(client) != old[-1]

    client.get("/login")
    step(lambda: give_password(client, user.email))
    secret = secret_on(client.get(SETUP_PAGE).text)
    step(lambda: client.submit(SETUP_PAGE, {"code": code_now(secret)}))
    step(lambda: client.submit("/login/again", {"password": PASSWORD}))
    new = {
        "password": PASSWORD,
        "new_password": "another long one 9",
        "new_password_confirm": "another long one 9",
    }
    step(lambda: client.submit("/account/password", new))
    old.append(cookie_of(client))
    client.submit(PRIVATE, {}, to="/logout")

    replayed = []
    for cookie in old:
        thief = new_client()
        thief.set_cookie("session", cookie)
        replayed.append(thief.get(PRIVATE).status_code)
    assert replayed == [302] * 5


def test_the_second_factor_gives_a_new_id(client: Visitor) -> None:
    user = make_staff()
    give_password(client, user.email)
    before = cookie_of(client)

    give_code(client, code_of(user))

    assert cookie_of(client) != before


def test_who_has_no_recovery_code_left_is_told_to_make_new_ones(client: Visitor) -> None:
    user = make_staff()
    recovery_codes().create_recovery_codes(user)
    db.session.commit()
    sign_in(client, user)
    path = "/account/recovery-codes"
    assert "No code is left" not in client.get(path).text
    user.mf_recovery_codes = []
    db.session.commit()

    page = client.get(path).text

    assert "No code is left" in page
    assert re.search(r'class="button"[^>]*>Make new codes<', page)
