"""Words of payment orders."""

from datetime import date

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.payments.enums import PaymentStatus
from mobility.payments.rules import PAY_WITHIN_DAYS
from mobility.taxonomies.countries import country_name

STATUS = {PaymentStatus.DUE: _l("Due"), PaymentStatus.VOID: _l("Void")}
STATUS_TAGS = {PaymentStatus.DUE: "wait", PaymentStatus.VOID: "closed"}
REFUSALS = {
    "exchange-not-ended": _l("The stay has not ended, so nothing is due yet."),
    "nothing-to-pay": _l("This exchange carries no lump sum."),
    "amount-without-trace": _l(
        "The amount does not follow from the trace of its rules. Ask the support office."
    ),
    "already-ordered": _l("The lump sum is ordered already: see %(reference)s."),
}


def day(moment: date) -> str:
    """A date as the scheme writes it: Fri 9 April 2027."""
    return format_date(moment, "EEE d MMMM y")


def period(first: date, last: date) -> str:
    """The days of a stay: Mon 8 – Fri 12 March 2027."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    shape = "EEE d" if first.month == last.month else "EEE d MMMM"
    return f"{format_date(first, shape)} – {day(last)}"


def place(town: str, country: str) -> str:
    """A town with its country."""
    return ", ".join(part for part in (town, str(country_name(country))) if part)


def day_of(due_on: date, today: date) -> int:
    """Which of the ten days it is, from 0 to 10."""
    return min(max(PAY_WITHIN_DAYS - (due_on - today).days, 0), PAY_WITHIN_DAYS)


def due_text(due_on: date, today: date) -> str:
    """How far the ten days have run, in words."""
    left = (due_on - today).days
    if left < 0:
        return ngettext("%(num)s day late", "%(num)s days late", -left)
    if left == 0:
        return _("today is the last day")
    return ngettext("%(num)s day left", "%(num)s days left", left)
