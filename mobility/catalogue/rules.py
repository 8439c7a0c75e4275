"""Which visitor and host may meet, and the score of a pair: points per criterion that sum to it, each with
the values it was made from (domain 7.4). Pure."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from mobility.applications.models import Application, Wish
from mobility.calls.enums import PartRole
from mobility.calls.models import Call, Rate
from mobility.hosts.models import Offer

LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
# From this level on two people work together without an interpreter: full points.
WORKING_LEVEL = LEVELS.index("B2")
WISH_MAX = 100

# A first and a last day, as numbers.
Span = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """One criterion: its points, the most it can give, and what was found."""

    code: str
    points: int
    max: int
    values: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return vars(self).copy()


@dataclass(frozen=True)
class Score:
    """What a pair is worth; the points of its parts sum to it."""

    parts: tuple[Part, ...]

    @property
    def points(self) -> int:
        return sum(part.points for part in self.parts)

    def as_dicts(self) -> list[dict[str, Any]]:
        return [part.as_dict() for part in self.parts]


def score(application: Application, offer: Offer, *, days: int, call: Call) -> Score:
    """The score of a stay of `days` working days; a ranked wish replaces all other criteria."""
    wish = wish_for(application, offer)
    if wish is not None and wish.rank is not None:
        return Score((_wish(wish.rank, call.wish_step),))
    weights: dict[str, int] = call.score_weights
    parts = (
        _topics(application, offer, weights["topics"]),
        _offer(application, offer, weights["offer"]),
        _wished_country(application, offer, weights["country"]),
        _language(application, offer, weights["language"]),
        _period(application, offer, weights["period"]),
        _partner_type(application, offer, weights["partner_type"]),
        _length(application, days, weights["length"]),
    )
    return Score(parts)


def with_reviews(found: Score, application: Application, call: Call) -> Score:
    """The score with what the reviews of the application add, if the call says that they count."""
    most, percent = call.review_points, application.review_percent
    if not most:
        return found
    points = most * percent // 100 if percent is not None else 0
    return Score((*found.parts, Part("reviews", points, most, {"percent": percent})))


def rules_against(
    application: Application, offer: Offer, *, call: Call, has_visited: bool, first_day: date
) -> Iterator[str]:
    """The codes of the rules that keep a visitor and a host apart, whatever their dates.

    `has_visited` also counts a visit that the organisation holds a place for; no stay begins before `first_day`.
    """
    wish = wish_for(application, offer)
    if has_visited:
        yield "visited"
    if application.organisation_id == offer.organisation_id:
        yield "same-organisation"
    if wish is not None and wish.rank is None:
        yield "never"
    is_named = wish is not None and wish.rank is not None
    for code, rule in GENERAL.items():
        if rule.forbids(rule.reads(application, call), offer, call, first_day) and not (
            is_named and is_waived_if_named(code, application)
        ):
            yield code


def is_waived_if_named(code: str, application: Application) -> bool:
    """Whether an exception lifts a rule for the hosts that the visitor named."""
    return code == "language" and application.has_exception(code)


def common_lengths(application: Application, offer: Offer, call: Call) -> range:
    """The lengths of stay, in working days, that suit both sides and the call."""
    return _common_lengths(application.min_days, application.max_days, offer, call)


def _common_lengths(shortest: int, longest: int, offer: Offer, call: Call) -> range:
    return range(max(shortest, offer.min_days, call.min_days), min(longest, offer.max_days) + 1)


def rate_days(call: Call, country: str, first_day: date) -> list[date]:
    """A day for each rate that holds in the host's country from a day to the call's last."""
    return sorted({max(first_day, rate.from_on) for rate in _holding(call, country, first_day)})


def _holding(call: Call, country: str, first_day: date) -> Iterator[Rate]:
    last = call.last_day
    for rate in call.rates:
        holds = rate.country == country and rate.from_on <= last
        if holds and (rate.to_on is None or rate.to_on >= first_day):
            yield rate


def wish_for(application: Application, offer: Offer) -> Wish | None:
    """What the visitor said of this host: ranked, never, or nothing."""
    return next((wish for wish in application.wishes if wish.offer_id == offer.id), None)


def shared_language(application: Application, offer: Offer) -> tuple[str, str] | None:
    """The language both speak best, with the lower of their two levels."""
    shared = [
        (min(LEVELS.index(level), LEVELS.index(offer.languages[code])), code)
        for code, level in application.languages.items()
        if code in offer.languages
    ]
    if not shared:
        return None
    level, code = max(shared, key=lambda found: (found[0], found[1] == "en", found[1]))
    return code, LEVELS[level]


@dataclass(frozen=True)
class GeneralRule:
    """A rule that reads little of a visitor, and whether it then keeps an offer out: who is alike has one answer."""

    reads: Callable[[Application, Call], Hashable]
    forbids: Callable[[Any, Offer, Call, date], bool]


def _country(application: Application, _call: Call) -> str:
    return application.organisation.country


def _may_visit(application: Application, call: Call) -> bool:
    of_type = PartRole.VISITOR in call.roles_by_type.get(application.organisation.type, ())
    return of_type or application.has_exception("type")


def _may_host(offer: Offer, call: Call) -> bool:
    of_type = PartRole.HOST in call.roles_by_type.get(offer.organisation.type, ())
    return of_type or offer.has_exception("type")


GENERAL: dict[str, GeneralRule] = {
    "same-country": GeneralRule(
        _country, lambda country, offer, _call, _day: country == offer.organisation.country
    ),
    "type": GeneralRule(
        _may_visit,
        lambda may_visit, offer, call, _day: not (may_visit and _may_host(offer, call)),
    ),
    "mode": GeneralRule(
        lambda application, _call: application.mode, lambda mode, offer, _call, _day: mode != offer.mode
    ),
    "language": GeneralRule(
        lambda application, _call: frozenset(application.languages),
        lambda spoken, offer, _call, _day: spoken.isdisjoint(offer.languages),
    ),
    "length": GeneralRule(
        lambda application, _call: (application.min_days, application.max_days),
        lambda lengths, offer, call, _day: not _common_lengths(lengths[0], lengths[1], offer, call),
    ),
    "no-rate": GeneralRule(
        lambda _application, _call: None,
        lambda _nothing, offer, call, first_day: (
            not any(_holding(call, offer.organisation.country, first_day))
        ),
    ),
}


def _wish(rank: int, step: int) -> Part:
    return Part("wish", max(0, WISH_MAX - step * (rank - 1)), WISH_MAX, {"rank": rank})


def _topics(application: Application, offer: Offer, most: int) -> Part:
    wished, offered = _topics_of(application), _topics_of(offer)
    common = sorted(wished & offered)
    return Part(
        "topics", _share(most, common, wished, offered), most, {"common": [list(topic) for topic in common]}
    )


def _topics_of(record: Application | Offer) -> set[tuple[str, str]]:
    # An ecosystem and an industry may have the same name.
    return {("ecosystem", code) for code in record.ecosystems} | {
        ("industry", code) for code in record.industries
    }


def _offer(application: Application, offer: Offer, most: int) -> Part:
    sought, offered = set(application.purposes), set(offer.purposes)
    common = sorted(sought & offered)
    points = most * len(common) // len(sought) if sought else 0
    return Part("offer", points, most, {"common": common, "sought": len(sought)})


def _wished_country(application: Application, offer: Offer, most: int) -> Part:
    country = offer.organisation.country
    is_wished = not application.countries or country in application.countries
    return Part(
        "country", most if is_wished else 0, most, {"country": country, "any": not application.countries}
    )


def _language(application: Application, offer: Offer, most: int) -> Part:
    shared = shared_language(application, offer)
    if shared is None:
        return Part("language", 0, most, {"language": None, "level": None})
    language, level = shared
    steps = min(LEVELS.index(level), WORKING_LEVEL) + 1
    return Part("language", most * steps // (WORKING_LEVEL + 1), most, {"language": language, "level": level})


def _period(application: Application, offer: Offer, most: int) -> Part:
    wished = _merged(tuple(application.free_windows))
    offered = _merged(tuple((window.first_day, window.last_day) for window in offer.windows if window.places))
    common, smaller = _common_days(wished, offered), min(_days(wished), _days(offered))
    points = most * common // smaller if smaller else 0
    return Part("period", points, most, {"days": common})


# One visitor meets many hosts.
@lru_cache(maxsize=4096)
def _merged(ranges: tuple[tuple[date, date], ...]) -> list[Span]:
    """Days from first to last as numbers, none in two spans, in order."""
    merged: list[Span] = []
    for first, last in sorted((first.toordinal(), last.toordinal()) for first, last in ranges):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged


def _days(spans: Iterable[Span]) -> int:
    return sum(last - first + 1 for first, last in spans)


def _common_days(one: Iterable[Span], other: Sequence[Span]) -> int:
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other)
    return _days(span for span in pairs if span[0] <= span[1])


def _partner_type(application: Application, offer: Offer, most: int) -> Part:
    host, visitor = offer.organisation.type, application.organisation.type
    suits_visitor = not application.partner_types or host in application.partner_types
    suits_host = not offer.partner_types or visitor in offer.partner_types
    values = {
        "host": host.value,
        "visitor": visitor.value,
        "suits_visitor": suits_visitor,
        "suits_host": suits_host,
    }
    return Part("partner_type", most * (suits_visitor + suits_host) // 2, most, values)


def _length(application: Application, days: int, most: int) -> Part:
    values = {"days": days, "wished": application.max_days}
    return Part("length", most * min(days, application.max_days) // application.max_days, most, values)


def _share(most: int, common: Collection[Any], one: Collection[Any], other: Collection[Any]) -> int:
    """Points for what two sides have in common, measured against the side that names less."""
    smaller = min(len(one), len(other))
    return most * len(common) // smaller if smaller else 0
