"""Tries at the door: ten wrong logins in five minutes, five resets a day (promise T11)."""

import time
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_login import current_user
from limits import RateLimitItem, parse

from mobility.core.limits import limiter
from mobility.core.web import error_page

LOGINS = parse("10 per 5 minutes")
RESETS = parse("5 per day")
# Per address, per account: many people may register from one office, but each only a few times.
LIMITS = {
    "security.login": (LOGINS, LOGINS),
    "security.forgot_password": (RESETS, RESETS),
    "security.send_confirmation": (RESETS, RESETS),
    "security.register": (parse("100 per hour"), RESETS),
}


def limit_tries(app: Flask) -> None:
    """Count the tries of the login and recovery pages, per account and per address."""
    for endpoint, limits in LIMITS.items():
        app.view_functions[endpoint] = _counted(app.view_functions[endpoint], endpoint, limits)


Limits = tuple[RateLimitItem, RateLimitItem]


def _counted(view: Callable[..., Any], endpoint: str, limits: Limits) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if request.method != "POST":
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer
        keys = ((endpoint, "address", get_remote_address()), (endpoint, "account", _account()))
        counted = list(zip(limits, keys, strict=True))
        # Every try is counted before it is looked at, so that parallel ones cannot slip through.
        full = [(limit, key) for limit, key in counted if not limiter.limiter.hit(limit, *key)]
        if full:
            return error_page(429, **{"Retry-After": str(max(_wait_s(*one) for one in full))})
        answer = view(*args, **kwargs)
        if endpoint == "security.login" and current_user.is_authenticated:
            for limit, key in counted:
                limiter.limiter.hit(limit, *key, cost=-1)
        return answer

    return guarded


def _wait_s(limit: RateLimitItem, key: tuple[str, ...]) -> int:
    return max(1, ceil(limiter.limiter.get_window_stats(limit, *key).reset_time - time.time()))


def _account() -> str:
    return request.form.get("email", "").strip().lower()[:254]
