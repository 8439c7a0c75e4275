"""What concerns money or roles asks for the password again after ten minutes (promise T17)."""

import re
import time
from collections.abc import Callable
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest

from mobility.accounts.enums import Role
from mobility.accounts.fresh import WITHIN
from mobility.accounts.models import User
from mobility.accounts.tries import STAMP
from mobility.core.db import db
from tests.accounts.doors import cookie_of
from tests.make.accounts import PASSWORD, make_user, sign_in
from tests.visitor import Visitor

PAGE = "/people/invite"


def administrator(client: Visitor, *, minutes_ago: float) -> User:
    """Signed in, and gave the password so long ago."""
    user = make_user(Role.ADMINISTRATOR)
    db.session.commit()
    sign_in(client, user)
    with client.session_transaction() as session:
        session[STAMP] = time.time() - minutes_ago * 60
    return user


@pytest.mark.parametrize(
    ("minutes_ago", "status"), [(0, 200), (9.9, 200), (10.1, 303), (600, 303), (-10.1, 303)]
)
def test_a_page_asks_after_ten_minutes(client: Visitor, minutes_ago: float, status: int) -> None:
    administrator(client, minutes_ago=minutes_ago)

    answer = client.get(PAGE + "?x=1")

    assert answer.status_code == status
    if status == 303:
        assert answer.headers["Location"] == "/login/again?next=/people/invite?x%3D1"


def late_form(client: Visitor, user: User) -> tuple[str, dict[str, str]]:
    """A form of a page that was opened in time and is sent too late: where it goes, and its fields."""
    path = f"/people/{user.id}/roles"
    page = client.get(f"/people/{user.id}").text.split(f'action="{path}"')[1].split("</form>")[0]
    return path, hidden_fields(page) | {"role": "auditor"}


def hidden_fields(page: str) -> dict[str, str]:
    inputs = [one for one in re.findall(r"<input[^>]*>", page) if 'type="hidden"' in one]
    pairs = [(re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs]
    return {name[1]: unescape(value[1]) for name, value in pairs if name and value}


def roles_of(user: User) -> list[Role]:
    db.session.refresh(user)
    return [grant.role for grant in user.grants]


def test_what_is_sent_too_late_is_not_done_but_kept(client: Visitor) -> None:
    user = administrator(client, minutes_ago=11)
    path, fields = late_form(client, user)

    answer = client.post(path, data=fields)

    assert answer.status_code == 401
    assert hidden_fields(answer.text).items() >= fields.items()
    assert roles_of(user) == [Role.ADMINISTRATOR]


def test_with_the_password_it_is_carried_out(new_client: Callable[[], Visitor]) -> None:
    client, thief = new_client(), new_client()
    administrator(client, minutes_ago=11)
    path, fields = late_form(client, user := make_user())
    asked = client.post(path, data=fields)
    old = cookie_of(client)

    answer = client.post(path, data=hidden_fields(asked.text) | {"password_again": PASSWORD})

    assert answer.status_code == 302
    assert roles_of(user) == [Role.APPLICANT, Role.AUDITOR]
    assert client.get(PAGE).status_code == 200
    thief.set_cookie("session", old)
    assert thief.get(PAGE).headers["Location"].startswith("/login")


@pytest.mark.parametrize("wrong", ["", "not the right one", "x" * 200, "a\0b"])
def test_with_a_wrong_password_it_is_asked_again_and_kept(client: Visitor, wrong: str) -> None:
    user = administrator(client, minutes_ago=11)
    path, fields = late_form(client, user)

    answer = client.post(path, data=fields | {"password_again": wrong})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert hidden_fields(answer.text).items() >= fields.items()
    assert roles_of(user) == [Role.ADMINISTRATOR]


def test_the_eleventh_wrong_password_is_refused_there_too(client: Visitor) -> None:
    user = administrator(client, minutes_ago=11)
    path, fields = late_form(client, user)

    answers = [client.post(path, data=fields | {"password_again": "x"}).status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_what_was_kept_is_text_on_the_page(client: Visitor) -> None:
    user = administrator(client, minutes_ago=11)
    path, fields = late_form(client, user)

    page = client.post(path, data=fields | {"call": '"><script>alert(1)</script>'}).text

    assert "<script>alert" not in page


def test_a_late_form_is_still_taken_once(client: Visitor) -> None:
    administrator(client, minutes_ago=11)
    path, fields = late_form(client, make_user())
    fields["once"] = "a key of this form alone"
    client.post(path, data=fields)

    answers = [client.post(path, data=fields | {"password_again": PASSWORD}).status_code for _ in range(2)]

    assert answers == [302, 409]


def test_the_password_opens_the_page_again_under_a_new_session_id(new_client: Callable[[], Visitor]) -> None:
    client, thief = new_client(), new_client()
    administrator(client, minutes_ago=11)
    old = cookie_of(client)

    answer = client.submit("/login/again?next=" + PAGE, {"password": PASSWORD})

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert client.get(PAGE).status_code == 200
    thief.set_cookie("session", old)
    assert thief.get(PAGE).headers["Location"].startswith("/login")


@pytest.mark.parametrize("wrong", ["", "not the right one", "x" * 200, "a\0b"])
def test_a_wrong_password_does_not(client: Visitor, wrong: str) -> None:
    administrator(client, minutes_ago=11)
    old = cookie_of(client)

    answer = client.submit("/login/again", {"password": wrong})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert client.get(PAGE).status_code == 303
    assert cookie_of(client) == old


def test_a_page_in_use_does_not_stay_fresh_by_being_used(client: Visitor) -> None:
    administrator(client, minutes_ago=9)
    for page in (PAGE, "/account/second-step", "/account/recovery-codes"):
        assert client.get(page).status_code == 200

    with client.session_transaction() as session:
        session[STAMP] -= 2 * 60

    assert client.get(PAGE).status_code == 303
    assert client.get("/account/recovery-codes").status_code == 302
    assert WITHIN.total_seconds() == 600


@pytest.mark.parametrize(
    "evil", ["https://evil.example", "//evil.example", "/\\evil.example", "///evil.example"]
)
def test_the_password_never_leads_to_another_site(client: Visitor, evil: str) -> None:
    administrator(client, minutes_ago=11)

    answer = client.submit("/login/again?next=" + evil, {"password": PASSWORD, "next": evil})

    assert urlsplit(urljoin("http://here/login/again", answer.headers.get("Location", ""))).netloc == "here"
