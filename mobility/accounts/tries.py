"""Tries at the door: ten wrong logins or codes in five minutes, five resets a day (promise T11)."""

import time
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from flask import Flask, Response, request, session
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import RateLimitItem, parse

from mobility.core.limits import limiter
from mobility.core.web import error_page

LOGINS = parse("10 per 5 minutes")
RESETS = parse("5 per day")
# Whoever has the password and guesses at three codes of a million must not do so for days.
CODES = parse("50 per day")
STAMP = "fs_paa"  # where the library writes when somebody signed in or stepped up, on real time
PENDING = "tf_user_id"  # where the library writes who gave the right password and still owes the code
AFTER_PASSWORD = ("security.two_factor_token_validation", "security.mf_recovery")
SIGNED_IN = ("security.verify", "security.change_password")
# Per address, per account: many people may register from one office, but each only a few times.
LIMITS = {
    "security.login": (LOGINS, LOGINS),
    **dict.fromkeys(AFTER_PASSWORD + SIGNED_IN, (LOGINS, LOGINS, CODES)),
    "security.forgot_password": (RESETS, RESETS),
    "security.send_confirmation": (RESETS, RESETS),
    "security.register": (parse("100 per hour"), RESETS),
}


class Try:
    """One try at a door, counted for its account and its address."""

    def __init__(self, endpoint: str) -> None:
        account = (endpoint, "account", _account(endpoint))
        keys = ((endpoint, "address", get_remote_address()), account, account)
        self.counts = list(zip(LIMITS[endpoint], keys, strict=False))

    def count(self) -> Response | None:
        """Count it before it is looked at, so that parallel ones cannot slip through; the 429 page if too many."""
        full = [(limit, key) for limit, key in self.counts if not limiter.limiter.hit(limit, *key)]
        if not full:
            return None
        return error_page(429, **{"Retry-After": str(max(_wait_s(*one) for one in full))})

    def take_back(self) -> None:
        """It was right and does not count."""
        for limit, key in self.counts:
            limiter.limiter.hit(limit, *key, cost=-1)


def limit_tries(app: Flask) -> None:
    """Count the tries of the login and recovery pages, per account and per address."""
    for endpoint in LIMITS:
        app.view_functions[endpoint] = _counted(app.view_functions[endpoint], endpoint)


def _counted(view: Callable[..., Any], endpoint: str) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if request.method != "POST":
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer
        tried, before = Try(endpoint), session.get(STAMP)
        if refused := tried.count():
            return refused
        answer = view(*args, **kwargs)
        if session.get(STAMP) != before or (endpoint == "security.login" and PENDING in session):
            tried.take_back()
        return answer

    return guarded


def _wait_s(limit: RateLimitItem, key: tuple[str, ...]) -> int:
    return max(1, ceil(limiter.limiter.get_window_stats(limit, *key).reset_time - time.time()))


def _account(endpoint: str) -> str:
    """Whose account is tried: only where none is known yet, the one whose address is typed."""
    if endpoint in AFTER_PASSWORD:
        return str(session.get(PENDING, ""))
    if endpoint in SIGNED_IN:
        return str(current_user.id) if current_user.is_authenticated else ""
    return request.form.get("email", "").strip().lower()[:254]
