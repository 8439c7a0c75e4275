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


def limit_tries(app: Flask) -> None:
    """Count the tries of the login and recovery pages, per account and per address."""
    counted = {
        "security.login": LOGINS,
        "security.forgot_password": RESETS,
        "security.send_confirmation": RESETS,
    }
    for endpoint, limit in counted.items():
        app.view_functions[endpoint] = _counted(app.view_functions[endpoint], endpoint, limit)


def _counted(view: Callable[..., Any], endpoint: str, limit: RateLimitItem) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if request.method != "POST":
            answer: ResponseReturnValue = view(*args, **kwargs)
            return answer
        keys = [(endpoint, "address", get_remote_address()), (endpoint, "account", _account())]
        # Every try is counted before it is looked at, so that parallel ones cannot slip through.
        within = [limiter.limiter.hit(limit, *key) for key in keys]
        if not all(within):
            return error_page(429, **{"Retry-After": str(_wait_s(limit, keys))})
        answer = view(*args, **kwargs)
        if endpoint == "security.login" and current_user.is_authenticated:
            for key in keys:
                limiter.limiter.hit(limit, *key, cost=-1)
        return answer

    return guarded


def _wait_s(limit: RateLimitItem, keys: list[tuple[str, str, str]]) -> int:
    ends = max(limiter.limiter.get_window_stats(limit, *key).reset_time for key in keys)
    return max(1, ceil(ends - time.time()))


def _account() -> str:
    return request.form.get("email", "").strip().lower()[:254]
