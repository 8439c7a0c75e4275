"""Words of plans and agreements."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.calls.findings import Finding
from mobility.core.dates import day
from mobility.hosts.wording import ShownFinding, shown_by
from mobility.taxonomies.countries import country_name

Tag = tuple[str, str]
Values = dict[str, Any]

KINDS = {
    AgreementKind.COMMITMENT: _l("Commitment to Quality"),
    AgreementKind.FINANCIAL: _l("Financial agreement"),
}
STATUS = {
    AgreementStatus.SIGNING: _l("To sign"),
    AgreementStatus.SIGNED: _l("Signed by all"),
    AgreementStatus.VOID: _l("Void"),
}
STATUS_TAGS = {
    AgreementStatus.SIGNING: "wait",
    AgreementStatus.SIGNED: "good",
    AgreementStatus.VOID: "closed",
}
SLOTS = {
    Slot.VO: _l("Visiting organisation (VO)"),
    Slot.HO: _l("Host organisation (HO)"),
    Slot.VOP: _l("Visitor’s partnership (VOP)"),
    Slot.HOP: _l("Host’s partnership (HOP)"),
}
REFUSALS = {
    "not-agreed": _l("The exchange is no longer being prepared, so its agreements stay as they are."),
    "plan-not-ready": _l(
        "Something is still missing before the agreement can be drawn up: its plan says what."
    ),
    "already-drawn-up": _l("%(number)s is in force already. Change the plan to draw up a new one."),
    "nothing-in-force": _l("No agreement is in force, so there is nothing to take back."),
    "other-text-shown": _l(
        "This is not the text that you were shown. Open the agreement again and read it. Nothing was signed."
    ),
    "not-your-slot": _l("You cannot sign for this party."),
    "already-signed": _l("This party has signed already."),
    "one-person-two-sides": _l(
        "You have signed for another party of this exchange; somebody else signs for this one."
    ),
    "signer-unnamed": _l("Write the name of the person who signs."),
    "too-late-to-sign": _l("The stay was to begin on %(first_day)s. Give it other dates first."),
    "stay-too-long": _l("A stay ends within one month of its first day."),
    "same-dates": _l("These are the dates of the stay already."),
    "stay-in-the-past": _l("Choose a first day after today."),
}
VOID_REASONS = {
    "plan-changed": _l("The plan of the exchange was changed."),
    "exchange-cancelled": _l("The exchange was cancelled."),
}
TITLES = {
    "transnational": _l("Host in another country"),
    "first-visit": _l("First visit in the scheme"),
    "in-future": _l("Dates to come"),
    "min-length": _l("Long enough"),
    "max-length": _l("Within one month"),
    "objectives-visitor": _l("Objectives of the visitor"),
    "objectives-host": _l("Objectives of the host"),
    "outcomes-visitor": _l("Expected outcomes for the visitor"),
    "outcomes-host": _l("Expected outcomes for the host"),
    "tasks": _l("Tasks of both sides"),
    "place": _l("Place of the stay"),
    "agenda": _l("Agenda for each working day"),
}


def tag(status: AgreementStatus) -> Tag:
    """The state of an agreement, as kind of tag and word."""
    return STATUS_TAGS[status], str(STATUS[status])


def void_reason(stored: str) -> str:
    """Why an agreement is void: a reason of the house, or what somebody wrote."""
    return str(VOID_REASONS.get(stored, stored))


def shown(findings: Iterable[Finding]) -> list[ShownFinding]:
    """What can be drawn up and what not yet, in words."""
    return shown_by(findings, lambda finding: str(TITLES[finding.code]), _text)


def _text(finding: Finding) -> str:
    if finding.code in _TEXTS:
        return _TEXTS[finding.code](finding.values)
    if finding.passed:
        return ""
    return _REASONS[finding.code](finding.values) if finding.code in _REASONS else _("Not written yet.")


_TEXTS: dict[str, Callable[[Values], str]] = {
    "transnational": lambda values: _("The host is in %(country)s.", country=country_name(values["country"])),
    "in-future": lambda values: _("The stay begins on %(day)s.", day=_read(values["first_day"])),
    "min-length": lambda values: _("%(days)s working days; at least %(needed)s are needed.", **values),
    "max-length": lambda values: _("The stay ends on %(day)s.", day=_read(values["last_day"])),
}
_REASONS: dict[str, Callable[[Values], str]] = {
    "first-visit": lambda values: _("%(organisation)s has its one visit already.", **values),
    "agenda": lambda values: _("Still empty: %(days)s.", days=", ".join(map(_short, values["missing"]))),
}


def _read(written: str) -> str:
    return day(date.fromisoformat(written))


def _short(written: str) -> str:
    return format_date(date.fromisoformat(written), "EEE d MMM")


def address(street: str, postcode: str, town: str, country: str) -> str:
    """An address on one line."""
    place = " ".join(part for part in (postcode, town) if part)
    return ", ".join(part for part in (street, place, country_name(country)) if part)


def names(slots: Iterable[Slot]) -> str:
    """The slots in words, one after the other."""
    return ", ".join(str(SLOTS[slot]) for slot in slots)


def share(trace: Sequence[dict[str, Any]]) -> str:
    """Whether a lump sum is full or half, and why (domain 5.1 R3)."""
    steps = {step["code"]: step["values"] for step in trace}
    short, near = steps.get("half-days"), steps.get("half-distance")
    if short and near:
        return _(
            "Half, counted once: fewer than %(days)s working days, and less than %(km)s km between the organisations.",
            days=short["full_days"],
            km=format_decimal(near["half_below_km"]),
        )
    if short:
        return _("Half: fewer than %(days)s working days at the host.", days=short["full_days"])
    if near:
        return _(
            "Half: less than %(km)s km between the organisations.", km=format_decimal(near["half_below_km"])
        )
    return _("The full amount.") if "full-days" in steps else _("No lump sum.")


def rate_table(trace: Sequence[dict[str, Any]]) -> str:
    """The rate table and rules that the amount comes from."""
    rate: Values = next((step["values"] for step in trace if step["code"] == "rate"), {})
    return _("%(table)s, rules %(rules)s", table=rate.get("table", ""), rules=rate.get("rules", ""))
