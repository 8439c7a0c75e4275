"""What somebody types into an offer, by form or by import."""

from dataclasses import dataclass, field
from datetime import date

from mobility.calls.enums import Mode
from mobility.hosts.enums import OfferKind


@dataclass(frozen=True)
class WindowDraft:
    """Days on which the host takes visitors, and how many at once."""

    first_day: date
    last_day: date
    places: int


@dataclass(frozen=True, order=True)
class ClosureDraft:
    """Days on which the host is closed, perhaps with the name of the reason."""

    first_day: date
    last_day: date
    name: str = ""


@dataclass(frozen=True)
class PlacesDraft:
    """The dates of an accepted offer, how many at once, and how many visits in all."""

    windows: tuple[WindowDraft, ...]
    closures: tuple[ClosureDraft, ...]
    max_visits: int


@dataclass(frozen=True)
class OfferDraft:
    """The content of an offer; `hosts.services` turns it into rows."""

    title: str
    contact_name: str
    contact_email: str
    windows: tuple[WindowDraft, ...]
    min_days: int
    max_days: int
    max_visits: int
    kind: OfferKind = OfferKind.PLACES
    description: str = ""
    agenda: str = ""
    ecosystems: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    partner_types: tuple[str, ...] = ()
    languages: dict[str, str] = field(default_factory=dict)
    mode: Mode = Mode.PHYSICAL
    closures: tuple[ClosureDraft, ...] = ()
