"""Whether a visitor and a host may meet as things stand now, and whether on certain days. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.findings import Finding
from mobility.calls.models import Call
from mobility.catalogue.days import HostDays
from mobility.catalogue.rules import common_lengths, rules_against
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer

# Answers for itself when the place is taken.
PLACES = frozenset({"full"})
CODES = (
    "application",
    "offer",
    "visited",
    "paired",
    "proposed",
    "group",
    "same-organisation",
    "same-country",
    "type",
    "never",
    "mode",
    "language",
    "length",
    "no-rate",
)


@dataclass(frozen=True)
class Claim:
    """What an organisation's one visit is promised to: a match, an open proposal or an agreed pair."""

    kind: str
    application_id: int

    @property
    def is_held(self) -> bool:
        """Whether a place is taken for it; a pair that is not validated yet takes none."""
        return self.kind != "entered"


@dataclass(frozen=True)
class Around:
    """What besides the two records decides whether they may meet."""

    call: Call
    # Nobody can visit before this day.
    first_day: date
    # By organisation.
    claims: Mapping[int, Sequence[Claim]] = field(default_factory=dict)
    # By offer: visits that hold places, and days on which none is left.
    visits: Mapping[int, int] = field(default_factory=dict)
    full: Mapping[int, frozenset[date]] = field(default_factory=dict)

    def days_of(self, offer: Offer) -> HostDays:
        """The offer's open days that are still to come."""
        return HostDays(offer, self.first_day, self.call.last_day, full=self.full.get(offer.id, frozenset()))

    def has_visited(self, application: Application) -> bool:
        """Whether the organisation had its one visit, or holds a place for it, by another application."""
        claims = self.claims.get(application.organisation_id, ())
        return any(claim.is_held and claim.application_id != application.id for claim in claims)

    def is_claimed(self, application: Application, *kinds: str) -> bool:
        claims = self.claims.get(application.organisation_id, ())
        return any(claim.kind in kinds and claim.application_id == application.id for claim in claims)

    def is_full(self, offer: Offer) -> bool:
        return self.visits.get(offer.id, 0) >= offer.max_visits


def reasons_against(application: Application, host: HostDays, around: Around) -> Iterator[str]:
    """The codes of all that keeps a visitor and a host apart now, the gravest first."""
    yield from _standing(application, around)
    offer = host.offer
    yield from rules_against(
        application,
        offer,
        call=around.call,
        has_visited=around.has_visited(application),
        first_day=around.first_day,
    )
    lengths = common_lengths(application, offer, around.call)
    if lengths and host.most_days(application) < lengths.start:
        yield "dates"
    elif around.is_full(offer) or (lengths and host.most_free_days(application) < lengths.start):
        yield "full"


def pair_findings(
    application: Application, offer: Offer, first_day: date, last_day: date, around: Around
) -> list[Finding]:
    """What a visit on certain days must meet, each with its reason; whether its own pair is in is not asked."""
    against = set(reasons_against(application, around.days_of(offer), around))
    against -= {"dates", "full", "waiting"}
    if application.status is not ApplicationStatus.ACCEPTED or application.call_id != offer.call_id:
        against.add("application")
    if offer.status is not OfferStatus.ACCEPTED:
        against.add("offer")
    by_rule = [Finding(code, code not in against) for code in CODES]
    return [*by_rule, *_stay_findings(application, offer, first_day, last_day, around)]


def _standing(application: Application, around: Around) -> Iterator[str]:
    if application.status is ApplicationStatus.SUBMITTED:
        yield "waiting"
    if application.status is ApplicationStatus.RESTED:
        yield "rested"
    if around.is_claimed(application, "entered", "validated"):
        yield "paired"
    if around.is_claimed(application, "proposed"):
        yield "proposed"
    if application.group_key:
        yield "group"


def _stay_findings(
    application: Application, offer: Offer, first: date, last: date, around: Around
) -> list[Finding]:
    host = around.days_of(offer)
    days = host.between(first, last)
    lengths = common_lengths(application, offer, around.call)
    windows = [(window.first_day, window.last_day) for window in offer.windows]
    shown = "–".join(str(end) for end in dict.fromkeys((lengths.start, lengths.stop - 1)))
    length = Finding("stay-length", len(days) in lengths, {"days": len(days), "lengths": shown})
    has_room = not around.is_full(offer) and host.full.isdisjoint(days)
    return [
        Finding("future", first >= around.first_day, {"from_on": around.first_day.isoformat()}),
        Finding("visitor-dates", _lies_in(application.free_windows, first, last)),
        Finding(
            "host-dates",
            bool(days) and (days[0], days[-1]) == (first, last) and _lies_in(windows, first, last),
        ),
        # Where no length suits both, "length" says so.
        *([length] if lengths else []),
        Finding("full", has_room),
    ]


def _lies_in(windows: Iterable[tuple[date, date]], first: date, last: date) -> bool:
    return any(opens <= first <= last <= closes for opens, closes in windows)
