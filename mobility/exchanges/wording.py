"""Words for exchanges and what they refuse."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.models import Exchange

Tag = tuple[str, str]
# A deadline as near as this is drawn to attention.
NEAR = timedelta(days=2)

REFUSALS = {
    "stay-too-short": _l("This makes %(days)s working days; a stay has at least %(needed)s."),
    "outside-stay": _l("Write a day of the stay, from %(first_day)s to %(last_day)s."),
    "answered": _l("This side has answered already. An answer cannot be changed."),
    "too-late": _l("The time to answer is over. Nothing was changed."),
    "second-visit": _l("%(organisation)s has its one visit in the scheme already."),
}
# What does not fit an exchange in the calendar.
CONFLICTS = {
    "host-closed": _l("The host does not receive on its first or last day."),
    "host-over": _l("The host has more visits than places on one of its days."),
}
# Reasons that the clock gives for calling an exchange off.
BY_THE_CLOCK = {"not-signed": _l("Not signed in time: its first day came before all had signed.")}


def cancel_reason(exchange: Exchange) -> str:
    """Why an exchange was called off, in a person's words or those of the clock."""
    return str(BY_THE_CLOCK.get(exchange.cancel_reason, exchange.cancel_reason))


def exchange_tag(status: ExchangeStatus) -> Tag:
    """The state of an exchange, as kind of tag and word."""
    words = {
        ExchangeStatus.AGREED: ("wait", _("Agreed")),
        ExchangeStatus.CONFIRMED: ("good", _("Confirmed")),
        ExchangeStatus.ONGOING: ("open", _("Under way")),
        ExchangeStatus.ENDED: ("good", _("Ended")),
        ExchangeStatus.CLOSED: ("closed", _("Closed")),
        ExchangeStatus.CANCELLED: ("bad", _("Cancelled")),
        ExchangeStatus.TERMINATED: ("bad", _("Ended early")),
    }
    return words[status]


def side(name: Side) -> str:
    """Which side, in a word."""
    return _("Visitor") if name is Side.VISITOR else _("Host")


def is_near(deadline: datetime, now: datetime) -> bool:
    """Whether a deadline is so near that it needs attention."""
    return deadline - now <= NEAR
