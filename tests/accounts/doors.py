"""What people do at the doors of a test's site."""

import re
import time
from typing import Any

from werkzeug.test import TestResponse

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.accounts.second_factor import codes
from mobility.accounts.security import CONFIG
from mobility.core.db import db
from tests.make.accounts import PASSWORD, make_user
from tests.visitor import Visitor

HOME = CONFIG["SECURITY_POST_LOGIN_VIEW"]
CODE_PAGE = "/login/code"
SETUP_PAGE = "/account/second-step"


def make_staff(**more: Any) -> User:
    """A support officer, committed."""
    user = make_user(Role.SUPPORT_OFFICER, email="staff@example.org", **more)
    db.session.commit()
    return user


def give_password(client: Visitor, email: str, **more: Any) -> TestResponse:
    """The login page."""
    return client.submit("/login", {"email": email, "password": PASSWORD} | more)


def give_code(client: Visitor, code: str) -> TestResponse:
    """The page after it."""
    return client.submit(CODE_PAGE, {"code": code})


def cookie_of(client: Visitor) -> str:
    """The token of the client's session."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def secret_on(page: str) -> str:
    """The key that the page of the second step shows beside its picture."""
    found = re.search(r'<b class="code">([A-Z2-7 ]+)</b>', page)
    assert found
    return found[1].replace(" ", "")


def code_now(secret: str, ahead: int = 0) -> str:
    """What an authenticator with this secret shows, or will show some steps later."""
    return codes().code(secret, int(time.time()) // 30 + ahead)
