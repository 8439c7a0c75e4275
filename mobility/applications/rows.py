"""Turns what was typed into the rows of an application."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.applications.draft import ApplicationDraft, WishDraft
from mobility.applications.models import Application, ApplicationWindow, Wish
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer


def fill(
    application: Application, content: ApplicationDraft, offers: Mapping[int, Offer] | None = None
) -> None:
    """Put the answers into the rows of an application; `offers` are those of the call by key, if they are known.

    Raises `RuleBroken("unknown-offer")` for a wish of another call.
    """
    wishes = _wishes(application.call, content.wishes, offers)
    plain = (
        "person_name",
        "person_email",
        "position",
        "cv",
        "is_third_country",
        "residence_days",
        "has_business",
        "motivation",
        "mode",
        "min_days",
        "max_days",
        "group_key",
        "consent_version",
    )
    for name in plain:
        setattr(application, name, getattr(content, name))
    for name in ("ecosystems", "industries", "purposes", "countries", "partner_types"):
        setattr(application, name, list(getattr(content, name)))
    application.excluded = [[first.isoformat(), last.isoformat()] for first, last in content.excluded]
    application.languages = dict(content.languages)
    application.windows = [
        ApplicationWindow(first_day=first, last_day=last) for first, last in content.windows
    ]
    _replace_wishes(application, wishes)


def _wishes(call: Call, drafts: Sequence[WishDraft], offers: Mapping[int, Offer] | None) -> list[Wish]:
    ids = {wish.offer_id for wish in drafts}
    by_id = _offers(call, ids) if offers is None else offers
    if ids - by_id.keys():
        raise RuleBroken("unknown-offer")
    return [Wish(offer=by_id[wish.offer_id], offer_id=wish.offer_id, rank=wish.rank) for wish in drafts]


def _offers(call: Call, ids: Collection[int]) -> Mapping[int, Offer]:
    offers = select(Offer).where(Offer.id.in_(ids), Offer.call_id == call.id)
    offers = offers.options(joinedload(Offer.organisation))
    return {offer.id: offer for offer in db.session.scalars(offers)} if ids else {}


def _replace_wishes(application: Application, wishes: list[Wish]) -> None:
    if {(one.offer_id, one.rank) for one in application.wishes} == {
        (one.offer_id, one.rank) for one in wishes
    }:
        return
    if application.wishes:
        # Old rows go first: their ranks are unique with the new ones.
        application.wishes = []
        db.session.flush()
    application.wishes = wishes
