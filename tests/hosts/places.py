"""What tests read of an offer's places."""

from datetime import date

from mobility.hosts.models import Offer
from mobility.hosts.queries import place_days


def open_places(offer: Offer) -> dict[date, int]:
    """Places still free on each open day of an accepted offer."""
    return {place_day.day: place_day.places - place_day.taken for place_day in place_days([offer])[offer.id]}
