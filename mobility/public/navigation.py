"""Where one can go from every page, by what one may do."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from mobility.core.access import Permission


@dataclass(frozen=True)
class NavigationEntry:
    """A link of the main navigation, or a menu of several."""

    url: str
    label: Any
    is_current: bool
    count: int | None = None
    entries: tuple["NavigationEntry", ...] = ()


ANYBODY = (
    ("public.home", _l("The scheme")),
    ("public.check", _l("Can you take part?")),
    ("public.partnerships", _l("Partnerships")),
    ("public.amounts", _l("Amounts")),
    ("calls.index", _l("Calls")),
    ("hosts.index", _l("Hosts")),
)
FOOT = (
    ("public.home", _l("The scheme")),
    ("public.partnerships", _l("Partnerships")),
    ("public.amounts", _l("Amounts")),
    ("public.check", _l("Can you take part?")),
    ("public.verify_code", _l("Check a paper")),
)
SIGNED_IN = (
    ("admin.work", _l("Work"), Permission.WORK_READ),
    ("dashboard.index", _l("Dashboard"), Permission.DASHBOARD_READ),
    ("calls.index", _l("Calls"), Permission.CALLS_READ),
    ("applications.index", _l("Applications"), Permission.APPLICATIONS_READ),
    ("hosts.index", _l("Hosts"), Permission.CALLS_READ),
    ("reviews.index", _l("Reviews"), Permission.REVIEWS_GIVE),
    ("catalogue.index", _l("Catalogue"), Permission.CATALOGUE_READ),
    ("catalogue.pairs.index", _l("Pairs"), Permission.EXCHANGES_READ),
    ("rounds.index", _l("Rounds"), Permission.ROUNDS_READ),
    ("exchanges.index", _l("Exchanges"), Permission.EXCHANGES_READ),
    ("agreements.index", _l("Agreements"), Permission.EXCHANGES_READ),
    ("reporting.index", _l("Closing reports"), Permission.EXCHANGES_READ),
    ("surveys.index", _l("Surveys"), Permission.SURVEYS_READ),
    ("payments.index", _l("Payments"), Permission.PAYMENTS_READ),
    ("organisations.index", _l("Organisations"), Permission.ORGANISATIONS_READ),
    ("imports.index", _l("Imports"), Permission.IMPORTS_RUN),
    ("accounts.index", _l("People"), Permission.ROLES_GRANT),
    ("admin.log_page", _l("Log"), Permission.AUDIT_READ),
    ("organisations.mine", _l("Your organisation"), Permission.PROFILE_OWN),
)
# Rooms whose pages stand in one menu, and those that do so for staff only, who have more of them.
STAFF_MENUS = ((_l("Taking part"), ("applications", "hosts", "reviews", "organisations")),)
MENUS = (
    (_l("Matching"), ("catalogue", "catalogue.pairs", "rounds")),
    (_l("Exchanges"), ("exchanges", "agreements", "reporting", "surveys")),
    (_l("Administration"), ("accounts", "partnerships", "imports", "admin")),
)
# What everybody works with stands by itself.
BY_ITSELF = frozenset({"admin.work", "organisations.mine"})
# Rooms of pages that have little to do with each other: being on one is not being on the other.
OF_MANY_THINGS = frozenset({"public", "admin", "organisations"})


def navigation() -> list[NavigationEntry]:
    """The main navigation of whoever asks."""
    if not current_user.is_authenticated:
        return [_entry(endpoint, label) for endpoint, label in ANYBODY]
    return _in_menus([(endpoint, label) for endpoint, label, needed in SIGNED_IN if current_user.may(needed)])


def footer_links() -> list[NavigationEntry]:
    """The links at the foot of every page."""
    account = [("security.change_password", _l("Your account"))] if current_user.is_authenticated else []
    return [_entry(endpoint, label) for endpoint, label in (*FOOT, *account)]


def _in_menus(links: list[tuple[str, Any]]) -> list[NavigationEntry]:
    found: dict[str, list[NavigationEntry]] = {}
    for endpoint, label in links:
        found.setdefault(_menu_of(endpoint), []).append(_entry(endpoint, label))
    return [_menu(name, entries) for name, entries in found.items()]


def _menu_of(endpoint: str) -> str:
    room = endpoint.rpartition(".")[0]
    menus = (*STAFF_MENUS, *MENUS) if current_user.is_staff else MENUS
    named = (str(name) for name, rooms in menus if room in rooms and endpoint not in BY_ITSELF)
    return next(named, endpoint)


def _menu(name: str, entries: list[NavigationEntry]) -> NavigationEntry:
    if len(entries) == 1:
        return entries[0]
    is_current = any(entry.is_current for entry in entries)
    return NavigationEntry("", name, is_current, entries=tuple(entries))


def _entry(endpoint: str, label: Any) -> NavigationEntry:
    url, room = url_for(endpoint), endpoint.rpartition(".")[0]
    is_room = room not in OF_MANY_THINGS and request.blueprint == room
    is_below = url != "/" and f"{request.path}/".startswith(f"{url}/")
    return NavigationEntry(url, label, is_current=is_room or is_below or request.endpoint == endpoint)
