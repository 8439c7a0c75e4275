"""Who may use which page: permissions, the declaration on each route, and who asks."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mobility.core.errors import NotAllowed


class Permission(StrEnum):
    """What a role may do; `accounts.roles` says which role holds which."""

    PROFILE_OWN = "profile:own"
    CALLS_READ = "calls:read"
    ORGANISATIONS_READ = "organisations:read"
    APPLICATIONS_SUBMIT = "applications:submit"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_ASSESS = "applications:assess"
    OFFERS_SUBMIT = "offers:submit"
    OFFERS_READ = "offers:read"
    OFFERS_ASSESS = "offers:assess"
    ROUNDS_READ = "rounds:read"
    ROUNDS_RUN = "rounds:run"
    PROPOSALS_ANSWER = "proposals:answer"
    EXCHANGES_READ = "exchanges:read"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_ORDER = "payments:order"
    SURVEYS_READ = "surveys:read"
    DASHBOARD_READ = "dashboard:read"
    AUDIT_READ = "audit:read"
    ACCOUNTS_MANAGE = "accounts:manage"


class Actor(Protocol):
    """Whoever acts: rooms below `accounts` know no more of a user than this."""

    @property
    def id(self) -> int: ...

    def may(self, permission: Permission) -> bool: ...

    def partnership_ids(self, permission: Permission) -> frozenset[int] | None: ...


View = Callable[..., ResponseReturnValue]

F = TypeVar("F", bound=Callable[..., Any])
PUBLIC = "public"


def public(view: F) -> F:
    """Declare that anybody may use this page."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Declare that the page needs one of these permissions; others get 403, strangers the login page."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                if request.method == "GET":
                    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
                abort(401)
            if not any(current_user.may(permission) for permission in permissions):
                raise NotAllowed
            g.permissions_asked = permissions
            return view(*args, **kwargs)

        guarded.access = permissions  # type: ignore[attr-defined]
        return guarded

    return declare


class Undeclared(Exception):
    """A route says nothing of who may use it; the application does not start."""


def access_of(app: Flask, endpoint: str) -> object:
    """What a route declares: `PUBLIC`, its permissions, or None."""
    declared: object = app.config["ACCESS_OF_LIBRARY_ROUTES"].get(endpoint)
    return declared or getattr(app.view_functions[endpoint], "access", None)


def refuse_undeclared(app: Flask) -> None:
    """Raise `Undeclared` with every route that declares nothing."""
    silent = sorted({rule.endpoint for rule in app.url_map.iter_rules() if not access_of(app, rule.endpoint)})
    if silent:
        raise Undeclared(f"say who may use: {', '.join(silent)}")


def guard_request() -> None:
    """Refuse, at run time too, what a route added after start-up left undeclared."""
    if request.endpoint and not access_of(current_app, request.endpoint):
        abort(403)
