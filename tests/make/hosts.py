"""Makers of offers."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from mobility.accounts.models import User
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.hosts import services
from mobility.hosts.draft import OfferDraft, WindowDraft
from mobility.hosts.enums import OfferKind, OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.resting import OFFERS
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from tests.make.calls import make_call
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

PORTO: dict[str, Any] = {
    "country": "PT",
    "town": "Porto",
    "latitude": 41.1496,
    "longitude": -8.611,
    "region": "PT11",
}


def make_offer(
    *,
    call: Call | None = None,
    organisation: Organisation | None = None,
    partnership: Partnership | None = None,
    author: User | None = None,
    status: OfferStatus = OfferStatus.ACCEPTED,
    **changes: Any,
) -> Offer:
    """An offer in Porto that meets every rule, taken to its state by the verbs.

    `changes` are fields of `OfferDraft`.
    """
    call = call or make_call()
    organisation = organisation or make_organisation(**PORTO)
    offer = services.draft(
        call,
        organisation,
        replace(offer_content(call), **changes),
        partnership=partnership or organisation.partnership or make_partnership(),
        actor=author,
    )
    if status != OfferStatus.DRAFT:
        services.submit(offer, actor=author)
    if status in {OfferStatus.ACCEPTED, OfferStatus.RESTED, OfferStatus.REJECTED}:
        accepted = status != OfferStatus.REJECTED
        services.assess(offer, accepted=accepted, reason="" if accepted else "Not now.", actor=None)
    if status == OfferStatus.RESTED:
        OFFERS.rest(offer)
    if status == OfferStatus.CLOSED:
        services.close(offer, actor=author)
    db.session.flush()
    return offer


def offer_content(call: Call) -> OfferDraft:
    """What a host types who takes two visitors at once through two months of the call."""
    first_day = call.first_day + timedelta(days=10)
    return OfferDraft(
        title="A week in the wind test hall",
        description="Tests, talks and two company visits.",
        contact_name="Rui Costa",
        contact_email="rui@host.example",
        windows=(WindowDraft(first_day, first_day + timedelta(days=60), 2),),
        min_days=3,
        max_days=5,
        max_visits=10,
        ecosystems=("renewables",),
        purposes=("learn", "technology"),
        languages={"en": "C1", "pt": "C2"},
    )


def make_group_visit(call: Call, first_day: date, last_day: date, *, seats: int = 8, **changes: Any) -> Offer:
    """An accepted group visit to Porto; `changes` are those of `make_offer`."""
    usual: dict[str, Any] = {
        "kind": OfferKind.GROUP_VISIT,
        "title": "Four days of green Porto",
        "agenda": "Mon 9:00 Welcome\nTue 10:00 The water works",
        "windows": (WindowDraft(first_day, last_day, seats),),
        "max_visits": seats,
    }
    return make_offer(call=call, **usual | changes)
