"""Makers of exchanges."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.calls.enums import Mode
from mobility.calls.lump_sum import lump_sum
from mobility.calls.models import Call
from mobility.calls.queries import allotment_of
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

_numbers = count(1)
LENGTH = timedelta(days=4)


def make_ended_exchange(
    *,
    call: Call | None = None,
    visitor: Organisation | None = None,
    host: Organisation | None = None,
    vop: Partnership | None = None,
    hop: Partnership | None = None,
    author: User | None = None,
    days: int = 5,
    km: int = 900,
    last_day: date | None = None,
    **changes: Any,
) -> Exchange:
    """A Belgian SME's stay in Portugal that ended yesterday, without its round; `changes` are columns of `Exchange`."""
    number = next(_numbers)
    call = call or make_call()
    vop, hop = vop or make_partnership(), hop or make_partnership()
    if allotment_of(call, vop) is None:
        make_allotment(call, vop)
    application = make_application(
        call=call,
        organisation=visitor or make_organisation(),
        partnership=vop,
        author=author,
        status=ApplicationStatus.MATCHED,
        person_email=f"visitor{number}@example.org",
    )
    offer = make_offer(
        call=call, organisation=host, partnership=hop, contact_email=f"host{number}@example.org"
    )
    last_day = last_day or clock.today() - timedelta(days=1)
    amount = lump_sum(call, country=offer.organisation.country, starts_on=last_day - LENGTH, days=days, km=km)
    ended_at = clock.at_local(last_day + timedelta(days=1), 0, 5)
    usual = {
        "reference": f"EXC-2026-{number:04d}",
        "status": ExchangeStatus.ENDED,
        "mode": Mode.PHYSICAL,
        "first_day": last_day - LENGTH,
        "last_day": last_day,
        "working_days": days,
        "distance_km": km,
        "lump_sum_cents": amount.cents,
        "trace": [line.as_dict() for line in amount.trace],
        "rules_version": call.rules_version,
        "agreed_at": ended_at - timedelta(days=60),
        "confirmed_at": ended_at - timedelta(days=59),
        "started_at": ended_at - LENGTH,
        "ended_at": ended_at,
    }
    exchange = Exchange(
        call=call,
        application=application,
        offer=offer,
        visiting_organisation=application.organisation,
        host_organisation=offer.organisation,
        vop=vop,
        hop=hop,
        **(usual | changes),
    )
    db.session.add(exchange)
    db.session.flush()
    return exchange
