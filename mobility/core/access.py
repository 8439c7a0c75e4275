"""Who may use which page: permissions, the declaration on each route, and who asks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, false, or_, true

from mobility.core.errors import NotAllowed


class Permission(StrEnum):
    """What a role may do; `accounts.roles` says which role holds which."""

    PROFILE_OWN = "profile:own"
    CALLS_READ = "calls:read"
    CALLS_RUN = "calls:run"
    ORGANISATIONS_READ = "organisations:read"
    ORGANISATIONS_MERGE = "organisations:merge"
    APPLICATIONS_SUBMIT = "applications:submit"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_ASSESS = "applications:assess"
    OFFERS_SUBMIT = "offers:submit"
    OFFERS_READ = "offers:read"
    OFFERS_ASSESS = "offers:assess"
    IMPORTS_RUN = "imports:run"
    ROUNDS_READ = "rounds:read"
    ROUNDS_RUN = "rounds:run"
    PROPOSALS_ANSWER = "proposals:answer"
    CATALOGUE_READ = "catalogue:read"
    PAIRS_AGREE = "pairs:agree"
    PAIRS_VALIDATE = "pairs:validate"
    EXCHANGES_READ = "exchanges:read"
    EXCHANGES_RUN = "exchanges:run"
    AGREEMENTS_SIGN = "agreements:sign"
    REPORTS_FILE = "reports:file"
    REPORTS_VALIDATE = "reports:validate"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_ORDER = "payments:order"
    PAYMENTS_INITIATE = "payments:initiate"
    PAYMENTS_APPROVE = "payments:approve"
    ACCOUNTS_CHANGE = "paying-accounts:change"
    SURVEYS_READ = "surveys:read"
    DASHBOARD_READ = "dashboard:read"
    WORK_READ = "work:read"
    AUDIT_READ = "audit:read"
    ROLES_GRANT = "roles:grant"


@dataclass(frozen=True)
class Scope:
    """Where a role holds: in one partnership or all, in one call or all (None means all)."""

    partnership_id: int | None = None
    call_id: int | None = None

    def covers(self, partnership_id: int | None, call_id: int | None) -> bool:
        """Whether a record of that partnership and call lies within."""
        return self.partnership_id in {None, partnership_id} and self.call_id in {None, call_id}


def within(scopes: Iterable[Scope], partnership: Any, call: Any) -> ColumnElement[bool]:
    """The rows that lie in one of the scopes, by the columns that name their partnership and their call."""
    return or_(false(), *(_within(scope, partnership, call) for scope in scopes))


def _within(scope: Scope, partnership: Any, call: Any) -> ColumnElement[bool]:
    named = ((partnership, scope.partnership_id), (call, scope.call_id))
    return and_(true(), *(column == value for column, value in named if value is not None))


class Actor(Protocol):
    """Whoever acts: rooms below `accounts` know no more of a user than this."""

    @property
    def id(self) -> int: ...

    def may(self, permission: Permission) -> bool: ...

    def scopes(self, permission: Permission) -> frozenset[Scope]: ...


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
