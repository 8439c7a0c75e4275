"""Where one can go from every page, by what one may do."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from mobility.core.access import Permission


@dataclass(frozen=True)
class NavigationEntry:
    """A link of the main navigation."""

    url: str
    label: Any
    is_current: bool
    count: int | None = None


ANYBODY = (("public.home", _l("The scheme")), ("calls.index", _l("Calls")), ("hosts.index", _l("Hosts")))
SIGNED_IN = (
    ("dashboard.index", _l("Dashboard"), Permission.DASHBOARD_READ),
    ("calls.index", _l("Calls"), Permission.CALLS_READ),
    ("applications.index", _l("Applications"), Permission.APPLICATIONS_READ),
    ("hosts.index", _l("Hosts"), Permission.CALLS_READ),
    ("rounds.index", _l("Rounds"), Permission.ROUNDS_READ),
    ("exchanges.index", _l("Exchanges"), Permission.EXCHANGES_READ),
    ("payments.index", _l("Payments"), Permission.PAYMENTS_READ),
    ("surveys.index", _l("Surveys"), Permission.SURVEYS_READ),
    ("organisations.index", _l("Organisations"), Permission.ORGANISATIONS_READ),
    ("organisations.mine", _l("Your organisation"), Permission.PROFILE_OWN),
)


def navigation() -> list[NavigationEntry]:
    """The main navigation of whoever asks."""
    if not current_user.is_authenticated:
        return [_entry(endpoint, label) for endpoint, label in ANYBODY]
    return [_entry(endpoint, label) for endpoint, label, needed in SIGNED_IN if current_user.may(needed)]


def footer_links() -> list[NavigationEntry]:
    """The links at the foot of every page."""
    return [_entry("public.home", _l("The scheme")), _entry("calls.index", _l("Calls and amounts"))]


def _entry(endpoint: str, label: Any) -> NavigationEntry:
    room = endpoint.partition(".")[0]
    return NavigationEntry(url_for(endpoint), label, is_current=request.blueprint == room)
