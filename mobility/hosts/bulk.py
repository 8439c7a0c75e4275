"""Several offers at once: accepting those that meet the rules, and taking that back."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from mobility.bulk import steps
from mobility.bulk.models import BulkStep
from mobility.bulk.steps import WINDOW, Kept
from mobility.core.access import Actor, Permission
from mobility.hosts import services
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer

# Tables of this room hang on an offer from its acceptance at the latest.
OWN = {"offer_window", "offer_closure", "offer_exception", "place_day"}


def against(offer: Offer) -> str | None:
    """The code of what stands against an acceptance, as far as a look can tell; the verb has the last word."""
    if offer.status != OfferStatus.SUBMITTED:
        return "wrong-state"
    return "findings-fail" if any(found["passed"] is False for found in offer.findings) else None


def accept(offers: Sequence[Offer], seen: Mapping[str, int], *, actor: Actor) -> BulkStep:
    """Accept those offers that are still as they were seen; see `steps.do`."""
    return steps.do(steps.Doing(Offer, "accept", partial(_accept, actor), _before), offers, seen, actor=actor)


def undo(step: BulkStep, *, actor: Actor) -> list[Kept]:
    """Take a step back; see `steps.undo`."""
    return steps.undo(step, Offer, Permission.OFFERS_ASSESS, partial(_reopen, actor), actor=actor)


def _before(_offer: Offer) -> dict[str, Any]:
    return {}


def _accept(actor: Actor, offer: Offer) -> None:
    services.assess(offer, accepted=True, held_for=WINDOW, actor=actor)


def _reopen(actor: Actor, offer: Offer, _row: dict[str, Any]) -> None:
    steps.refuse_built_upon(offer, OWN)
    services.reopen(offer, actor=actor)
