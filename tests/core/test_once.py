"""A form that is sent twice acts once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from mobility.accounts.enums import Role
from mobility.core.db import db
from mobility.core.once import forget_used_keys
from mobility.rounds import queries
from mobility.rounds.models import Round
from tests.make.accounts import make_user, sign_in
from tests.make.calls import make_call
from tests.visitor import Visitor

SENDINGS = 8


@pytest.fixture
def form(live_app: Flask) -> tuple[Visitor, dict[str, str]]:
    """A support officer's client and the form that opens a round, as the page gives it."""
    client = Visitor(live_app, use_cookies=True)
    with live_app.app_context():
        call = make_call()
        officer = make_user(Role.SUPPORT_OFFICER)
        db.session.commit()
        sign_in(client, officer)
        reference = call.reference
    page = client.get("/rounds/open").text
    hidden = dict(re.findall(r'name="(csrf_token|once)"[^>]*value="([^"]+)"', page[page.index("<main") :]))
    return client, hidden | {"call": reference}


def _send(app: Flask, client: Visitor, fields: dict[str, str]) -> int:
    own = Visitor(app, use_cookies=True)
    cookie = client.get_cookie("session")
    assert cookie
    own.set_cookie("session", cookie.value)
    return own.post("/rounds/open", data=fields).status_code


def _rounds(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Round.id))) or 0


def _all_at_once(app: Flask, form: tuple[Visitor, dict[str, str]]) -> list[int]:
    with ThreadPoolExecutor(SENDINGS) as threads:
        return list(threads.map(lambda _: _send(app, *form), range(SENDINGS)))


def test_of_many_sendings_of_one_form_one_acts(live_app: Flask, form: tuple[Visitor, dict[str, str]]) -> None:
    answers = _all_at_once(live_app, form)

    print(f"{SENDINGS} sendings of one form: {answers.count(302)} acted, {answers.count(409)} were refused")
    assert (answers.count(302), answers.count(409), _rounds(live_app)) == (1, SENDINGS - 1, 1)


def test_the_control_without_the_key_acts_each_time(
    live_app: Flask, form: tuple[Visitor, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    form[1].pop("once")
    # Its own rule, one round of a call under way, would refuse the second, too.
    monkeypatch.setattr(queries, "round_under_way", lambda _call: None)

    _all_at_once(live_app, form)

    assert _rounds(live_app) > 1


def test_a_refused_form_keeps_its_key(live_app: Flask, form: tuple[Visitor, dict[str, str]]) -> None:
    client, fields = form

    refused = _send(live_app, client, fields | {"call": "NO-SUCH-CALL"})
    taken = _send(live_app, client, fields)

    assert (refused, taken) == (422, 302)


def test_a_key_that_the_database_cannot_hold_is_refused(
    live_app: Flask, form: tuple[Visitor, dict[str, str]]
) -> None:
    client, fields = form

    assert _send(live_app, client, fields | {"once": "a\0b"}) == 400
    assert _rounds(live_app) == 0


def test_keys_are_forgotten_after_two_days(live_app: Flask, form: tuple[Visitor, dict[str, str]]) -> None:
    _send(live_app, *form)
    with live_app.app_context():
        db.session.execute(text("UPDATE used_key SET used_at = used_at - interval '3 days'"))
        db.session.commit()
        forget_used_keys.func(timestamp=0)

        assert db.session.scalar(text("SELECT count(*) FROM used_key")) == 0
