"""A second call, open when the story ends, so that a visitor of the demo can apply and be matched."""

from datetime import timedelta

from sqlalchemy import select

from mobility.calls import services as calls
from mobility.calls.models import Allotment, Call
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts import services as hosts
from mobility.hosts.draft import OfferDraft, WindowDraft
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer

CALL = "CXC-2027-2"
OPEN_FOR = timedelta(days=60)
FIRST_STAY = timedelta(days=90)
LAST_STAY = timedelta(days=270)


def open_up() -> None:
    """Open the call, allot budgets as before, and let every host of the first call offer again."""
    first = db.session.scalars(select(Call).order_by(Call.id)).first()
    today = clock.today()
    content = calls.CallDraft(
        reference=CALL,
        title="ClusterXchange 2027, second call",
        opens_at=clock.utcnow(),
        closes_at=clock.at_local(today + OPEN_FOR, 17),
        first_day=today + FIRST_STAY,
        last_day=today + LAST_STAY,
    )
    second = calls.draft(content, actor=None)
    calls.open_call(second, actor=None)
    for allotted in db.session.scalars(select(Allotment).where(Allotment.call == first)).all():
        calls.allot(
            second,
            allotted.partnership,
            allotted.budget_cents,
            own_rate_cents=allotted.own_rate_cents,
            planned_exchanges=allotted.planned_exchanges,
            actor=None,
        )
    for before in db.session.scalars(
        select(Offer).where(Offer.status == OfferStatus.ACCEPTED).order_by(Offer.id)
    ).all():
        _offer_again(second, before)


def _offer_again(call: Call, before: Offer) -> None:
    content = _content(call, before)
    offer = hosts.draft(call, before.organisation, content, actor=None, partnership=before.partnership)
    offer.author_id = before.author_id
    hosts.submit(offer, actor=None)
    hosts.assess(offer, accepted=True, actor=None)


def _content(call: Call, before: Offer) -> OfferDraft:
    places = max(window.places for window in before.windows)
    return OfferDraft(
        title=before.title,
        description=before.description,
        contact_name=before.contact_name,
        contact_email=before.contact_email,
        windows=(WindowDraft(call.first_day, call.last_day, places),),
        min_days=before.min_days,
        max_days=before.max_days,
        max_visits=before.max_visits,
        ecosystems=tuple(before.ecosystems),
        industries=tuple(before.industries),
        purposes=tuple(before.purposes),
        partner_types=tuple(before.partner_types),
        languages=dict(before.languages),
        mode=before.mode,
    )
