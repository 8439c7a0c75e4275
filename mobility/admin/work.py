"""What waits for a member of staff, from every room: each with its list and its nearest day."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.accounts.models import User
from mobility.admin.counts import MOST, counts
from mobility.core import dates

Words = Callable[[int], str]


@dataclass(frozen=True)
class Task:
    """So many things that wait, and where they are listed."""

    label: str
    url: str | None
    when: str
    tag: tuple[str, str] | None


@dataclass(frozen=True)
class Kind:
    """One kind of work: its part of the scheme, its words and its list."""

    part: Any
    words: Words
    endpoint: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


def _shown(number: int) -> str:
    shown = format_decimal(number)
    return _("%(number)s or more", number=shown) if number >= MOST else shown


INTAKE, MATCHING = _l("Applications and offers"), _l("Matching")
STAYS, MONEY, HOUSE = _l("Exchanges"), _l("Payments"), _l("Accounts and log")
KINDS: dict[str, Kind] = {
    "applications": Kind(
        INTAKE,
        lambda n: ngettext(
            "Assess %(shown)s application", "Assess %(shown)s applications", n, shown=_shown(n)
        ),
        "applications.index",
        {"status": "submitted"},
    ),
    "changes_late": Kind(
        INTAKE,
        lambda n: ngettext(
            "Decide on %(shown)s application whose changes did not come",
            "Decide on %(shown)s applications whose changes did not come",
            n,
            shown=_shown(n),
        ),
        "applications.index",
        {"status": "late"},
    ),
    "exceptions": Kind(
        INTAKE,
        lambda n: ngettext(
            "Answer to %(shown)s application that asks for an exception",
            "Answer to %(shown)s applications that ask for an exception",
            n,
            shown=_shown(n),
        ),
        "applications.index",
        {"exception": "asked"},
    ),
    "reviews": Kind(
        INTAKE,
        lambda n: ngettext("Review %(num)s application", "Review %(num)s applications", n),
        "reviews.index",
    ),
    "decisions": Kind(
        INTAKE,
        lambda n: ngettext("Tell %(num)s applicant the decision", "Tell %(num)s applicants the decision", n),
        "applications.decisions",
    ),
    "offers": Kind(
        INTAKE,
        lambda n: ngettext(
            "Assess %(shown)s offer of a host", "Assess %(shown)s offers of hosts", n, shown=_shown(n)
        ),
        "hosts.index",
        {"status": "submitted"},
    ),
    "offer_exceptions": Kind(
        INTAKE,
        lambda n: ngettext(
            "Answer to %(shown)s offer that asks for an exception",
            "Answer to %(shown)s offers that ask for an exception",
            n,
            shown=_shown(n),
        ),
        "hosts.index",
        {"exception": "asked"},
    ),
    "pairs": Kind(
        MATCHING,
        lambda n: ngettext("Validate %(num)s agreed pair", "Validate %(num)s agreed pairs", n),
        "catalogue.pairs.index",
        {"status": "confirmed"},
    ),
    "rounds_open": Kind(
        MATCHING,
        lambda n: ngettext("%(num)s round is open to freeze", "%(num)s rounds are open to freeze", n),
        "rounds.index",
        {"status": "open"},
    ),
    "rounds_frozen": Kind(
        MATCHING,
        lambda n: ngettext("%(num)s frozen round to publish", "%(num)s frozen rounds to publish", n),
        "rounds.index",
        {"status": "frozen"},
    ),
    "runs": Kind(
        MATCHING,
        lambda n: ngettext("Look at %(num)s solved scenario", "Look at %(num)s solved scenarios", n),
        "rounds.index",
        {"status": "frozen"},
    ),
    "signatures": Kind(
        STAYS,
        lambda n: ngettext("Sign %(num)s agreement", "Sign %(num)s agreements", n),
        "agreements.index",
        {"status": "signing"},
    ),
    "unsigned": Kind(
        STAYS,
        lambda n: ngettext(
            "%(num)s stay begins soon and is not signed", "%(num)s stays begin soon and are not signed", n
        ),
        "exchanges.index",
        {"status": "agreed"},
    ),
    "reports": Kind(
        STAYS,
        lambda n: ngettext("Validate %(num)s closing report", "Validate %(num)s closing reports", n),
        "reporting.index",
        {"status": "filed"},
    ),
    "reports_late": Kind(
        STAYS,
        lambda n: ngettext(
            "%(num)s closing report is overdue: remind, or go on without it",
            "%(num)s closing reports are overdue: remind, or go on without them",
            n,
        ),
        "reporting.index",
        {"status": "overdue"},
    ),
    "orders": Kind(
        MONEY,
        lambda n: ngettext("%(num)s payment order is due", "%(num)s payment orders are due", n),
        "payments.index",
        {"status": "due"},
    ),
    "orders_held": Kind(
        MONEY,
        lambda n: ngettext("%(num)s payment order is held", "%(num)s payment orders are held", n),
        "payments.index",
        {"status": "held"},
    ),
    "batches_drawn_up": Kind(
        MONEY,
        lambda n: ngettext("Propose %(num)s batch", "Propose %(num)s batches", n),
        "payments.batches",
        {"status": "drawn_up"},
    ),
    "batches_proposed": Kind(
        MONEY,
        lambda n: ngettext("Approve %(num)s batch", "Approve %(num)s batches", n),
        "payments.batches",
        {"status": "proposed"},
    ),
    "batches_approved": Kind(
        MONEY,
        lambda n: ngettext("Hand %(num)s batch to the bank", "Hand %(num)s batches to the bank", n),
        "payments.batches",
        {"status": "approved"},
    ),
    "batches_exported": Kind(
        MONEY,
        lambda n: ngettext("Mark %(num)s batch as paid", "Mark %(num)s batches as paid", n),
        "payments.batches",
        {"status": "exported"},
    ),
    "grants": Kind(
        HOUSE,
        lambda n: ngettext(
            "%(num)s role waits for a second administrator",
            "%(num)s roles wait for a second administrator",
            n,
        ),
        "accounts.index",
    ),
    "unsealed": Kind(
        HOUSE,
        lambda n: ngettext(
            "%(shown)s entry of the log is not yet sealed",
            "%(shown)s entries of the log are not yet sealed",
            n,
            shown=_shown(n),
        ),
        "admin.log_page",
    ),
}


def waiting(user: User) -> list[tuple[str, list[Task]]]:
    """What waits for somebody, by part of the scheme; parts where nothing waits are left out."""
    found = counts(user)
    parts: dict[str, list[Task]] = {}
    for key, kind in KINDS.items():
        if key in found:
            parts.setdefault(str(kind.part), []).append(_task(kind, *found[key]))
    return list(parts.items())


def _task(kind: Kind, number: int, day: date | None) -> Task:
    # A room whose pages are not there yet is told of without a link.
    is_there = kind.endpoint in current_app.view_functions
    url = url_for(kind.endpoint, **kind.arguments) if is_there else None
    when = _("the nearest: %(day)s", day=dates.day(day)) if day else ""
    return Task(kind.words(number), url, when, dates.urgency(day))
