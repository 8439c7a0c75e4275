"""Makers of contacts and agreed pairs, taken to their state by the verbs."""

from datetime import date, timedelta

from mobility.applications.models import Application
from mobility.catalogue import services
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.models import AgreedPair, Contact
from mobility.core.db import db
from mobility.hosts.models import Offer
from mobility.hosts.rules import window_days
from tests.make.calls import make_call
from tests.make.rounds import make_host, make_visitor


def make_two() -> tuple[Application, Offer]:
    """A visitor and a host of one call who suit each other."""
    call = make_call()
    return make_visitor(call), make_host(call)


def five_days(offer: Offer, weeks_later: int = 0) -> tuple[date, date]:
    """The first five open days of the host's first window, or of a week after."""
    first, last = offer.windows[0].first_day, offer.windows[0].last_day
    days = window_days(offer, first + timedelta(weeks=weeks_later), last)
    return days[0], days[4]


def make_contact(
    application: Application | None = None, offer: Offer | None = None, *, side: Side = Side.VISITOR
) -> Contact:
    """A contact that waits for its answer."""
    if application is None or offer is None:
        application, offer = make_two()
    return services.contact(application, offer, side, "Shall we meet?", actor=None)


def make_pair(
    application: Application | None = None,
    offer: Offer | None = None,
    *,
    status: PairStatus = PairStatus.ENTERED,
    side: Side = Side.VISITOR,
    days: tuple[date, date] | None = None,
) -> AgreedPair:
    """A pair for the host's first five days, up to VALIDATED."""
    if application is None or offer is None:
        application, offer = make_two()
    first, last = days or five_days(offer)
    pair = services.enter_pair(application, offer, first, last, side, actor=None)
    if status in {PairStatus.CONFIRMED, PairStatus.VALIDATED}:
        services.confirm_pair(pair, actor=None)
    if status is PairStatus.VALIDATED:
        for slot in services.SLOTS:
            services.validate_pair(pair, slot, actor=None)
    db.session.flush()
    return pair
