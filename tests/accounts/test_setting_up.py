"""Setting the second factor up, changing, losing and turning it off (promise T17)."""

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from sqlalchemy import select, text

from mobility.accounts import services
from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.second_factor import PASSED, recovery_codes
from mobility.accounts.services import user_by_email
from mobility.audit.queries import entries_about
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.sessions import BrowserSession
from tests.accounts.doors import (
    SETUP_PAGE,
    code_now,
    give_code,
    give_password,
    make_staff,
    secret_on,
)
from tests.make.accounts import SECRET, make_user, sign_in
from tests.visitor import Visitor

PRIVATE = "/dashboard"


def signed_in_by_password(client: Visitor, user: User) -> None:
    sign_in(client, user)
    with client.session_transaction() as session:
        session.pop(PASSED)


def test_setting_up_takes_the_first_code_and_shows_recovery_codes(client: Visitor) -> None:
    user = make_staff(has_second_factor=False)
    give_password(client, user.email)
    secret = secret_on(client.get(SETUP_PAGE).text)

    answer = client.submit(SETUP_PAGE, {"code": code_now(secret)})

    assert answer.status_code == 200
    assert answer.text.count("<li>") >= 10
    assert client.get(PRIVATE).status_code == 200
    db.session.refresh(user)
    assert (user.has_second_factor, user.tf_totp_secret) == (True, secret)


def test_a_wrong_first_code_keeps_the_picture_and_sets_nothing(client: Visitor) -> None:
    user = make_staff(has_second_factor=False)
    give_password(client, user.email)
    secret = secret_on(client.get(SETUP_PAGE).text)

    answer = client.submit(SETUP_PAGE, {"code": "000000"})

    assert answer.status_code == 422
    assert secret_on(answer.text) == secret
    db.session.refresh(user)
    assert not user.has_second_factor


def test_the_picture_is_in_the_page_and_asks_no_other_site(client: Visitor) -> None:
    user = make_staff(has_second_factor=False)
    give_password(client, user.email)

    page = client.get(SETUP_PAGE).text
    picture = unquote(page.split('src="data:image/svg+xml')[1].split('"')[0])

    # The one address in it is the name of the format.
    assert re.findall(r"https?:[^'\"]*", picture) == ["http://www.w3.org/2000/svg"]


def test_a_browser_that_gave_only_the_password_is_out_once_the_second_step_stands(
    new_client: Callable[[], Visitor],
) -> None:
    user = make_user(has_second_factor=True)
    db.session.commit()
    thief = new_client()
    signed_in_by_password(thief, user)

    assert thief.get(SETUP_PAGE + "?new=1").headers["Location"] == "/login"
    assert thief.get(PRIVATE).headers["Location"].startswith("/login")


def test_another_device_replaces_the_first(new_client: Callable[[], Visitor]) -> None:
    user = make_staff()
    client, later = new_client(), new_client()
    sign_in(client, user)
    new = secret_on(client.get(SETUP_PAGE + "?new=1").text)
    client.submit(SETUP_PAGE + "?new=1", {"code": code_now(new)})
    give_password(later, user.email)

    assert give_code(later, code_now(SECRET, ahead=1)).status_code == 422
    assert give_code(later, code_now(new, ahead=1)).status_code == 302


def test_staff_cannot_turn_it_off(client: Visitor) -> None:
    user = make_staff()
    sign_in(client, user)

    answer = client.submit("/account/password", {}, to=SETUP_PAGE + "/off")

    assert answer.status_code == 409
    db.session.refresh(user)
    assert user.has_second_factor


def test_an_applicant_can_turn_it_off(client: Visitor) -> None:
    user = make_user(has_second_factor=True)
    db.session.commit()
    sign_in(client, user)

    client.submit(SETUP_PAGE, {}, to=SETUP_PAGE + "/off")

    db.session.refresh(user)
    assert (user.has_second_factor, user.tf_totp_secret, user.mf_recovery_codes) == (False, None, [])


def test_secret_and_recovery_codes_are_unreadable_in_the_database(client: Visitor) -> None:
    user = make_staff(has_second_factor=False)
    give_password(client, user.email)
    secret = secret_on(client.get(SETUP_PAGE).text)
    while_setting_up = db.session.scalars(select(BrowserSession.data)).all()
    page = client.submit(SETUP_PAGE, {"code": code_now(secret)}).text
    shown = [part.split("</li>")[0] for part in page.split('class="codes"')[1].split("<li>")[1:11]]

    stored = str(db.session.execute(text('SELECT u::text FROM "user" u')).all())
    sessions = str(db.session.scalars(select(BrowserSession.data)).all())

    assert len(shown) == 10
    for clear in (secret, *shown):
        assert clear not in stored + sessions + str(while_setting_up)


@pytest.mark.parametrize(
    "path", [SETUP_PAGE, SETUP_PAGE + "?new=1", "/account/recovery-codes", "/login/again"]
)
def test_the_pages_of_ones_own_second_step_open(client: Visitor, path: str) -> None:
    sign_in(client, make_staff())

    page = client.get(path)

    assert page.status_code == 200
    assert page.text.count("<h1") == 1


def test_an_administrator_resets_a_lost_second_step(session: None) -> None:
    user, chief = make_staff(), make_user(Role.ADMINISTRATOR)
    recovery_codes().create_recovery_codes(user)

    services.reset_second_factor(user, "Lost on a train", actor=chief)

    assert (user.has_second_factor, user.mf_recovery_codes) == (False, [])
    with pytest.raises(RuleBroken, match="no-second-factor"):
        services.reset_second_factor(user, "Again", actor=chief)


def test_setting_it_stands_in_the_log(client: Visitor) -> None:
    user = make_staff(has_second_factor=False)
    give_password(client, user.email)
    secret = secret_on(client.get(SETUP_PAGE).text)
    client.submit(SETUP_PAGE, {"code": code_now(secret)})

    found = user_by_email(user.email)
    entries = entries_about(found)
    assert {"second-factor.set", "recovery-codes.made"} <= {entry.verb for entry in entries}
    assert secret not in str([entry.values for entry in entries])
