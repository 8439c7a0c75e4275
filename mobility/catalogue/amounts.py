"""What a visit of a pair comes to, by the rules that hold when it is entered."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from mobility.applications.models import Application
from mobility.calls.lump_sum import TraceLine, lump_sum
from mobility.calls.queries import allotment_of
from mobility.hosts.models import Offer
from mobility.hosts.rules import open_days
from mobility.taxonomies import distance


@dataclass(frozen=True)
class StayAmount:
    """Open days of a stay, the way to it, what it comes to in cents, and the steps to that."""

    days: int
    distance_km: int
    cents: int
    trace: tuple[TraceLine, ...]

    def trace_as_dicts(self) -> list[dict[str, Any]]:
        """The steps as they are stored."""
        return [line.as_dict() for line in self.trace]


def of_stay(application: Application, offer: Offer, first_day: date, last_day: date) -> StayAmount:
    """What a stay on these days comes to. Raises `RuleBroken("no-rate")`."""
    visitor, host = application.organisation, offer.organisation
    km = distance.km(visitor.latitude, visitor.longitude, host.latitude, host.longitude)
    days = len(open_days(offer, first_day, last_day))
    allotment = allotment_of(application.call, application.partnership)
    found = lump_sum(
        application.call,
        country=host.country,
        starts_on=first_day,
        days=days,
        km=km,
        mode=offer.mode,
        own_rate_cents=allotment.own_rate_cents if allotment else None,
    )
    return StayAmount(days, km, found.cents, found.trace)
