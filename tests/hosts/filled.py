"""What people type into an offer."""

from datetime import timedelta
from typing import Any

from mobility.hosts.models import Offer


def page_of(offer: Offer, end: str = "") -> str:
    return f"/hosts/{offer.reference}{end}"


def typed(offer: Offer, **changes: Any) -> dict[str, Any]:
    """What the browser sends for a filled form."""
    first_day = offer.call.first_day
    fields = {
        "version": str(offer.version),
        "title": "A week in the wind test hall",
        "description": "Tests and talks.",
        "ecosystems": ["renewables"],
        "purposes": ["learn"],
        "languages-0-language": "en",
        "languages-0-level": "C1",
        "mode": "physical",
        "windows-0-first_day": first_day.isoformat(),
        "windows-0-last_day": (first_day + timedelta(days=60)).isoformat(),
        "windows-0-places": "2",
        "min_days": "3",
        "max_days": "5",
        "max_visits": "10",
        "contact_name": "Rui Costa",
        "contact_email": "rui@host.example",
        "next": "save",
    }
    return fields | changes
