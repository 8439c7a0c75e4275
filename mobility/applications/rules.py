"""Whether an application may take part, with reasons, and what its priority is made of. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from mobility.applications.models import Application, LateEntry
from mobility.applications.sections import Section
from mobility.calls.enums import CvAsked, PartRole
from mobility.calls.findings import Finding
from mobility.calls.lump_sum import lump_sum
from mobility.calls.models import CallQuestion
from mobility.calls.questions import asks, shown
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer
from mobility.hosts.rules import call_open, countries_on, organisation_findings
from mobility.organisations.enums import OrganisationType
from mobility.partnerships.models import Partnership
from mobility.taxonomies import distance, regions, working_days

RESIDENCE_DAYS = 183
# More working days than this cannot lie in one month.
LONGEST_STAY_DAYS = 23
MOST_WISHES = 5
# Of these the support office may make an exception: partnerships differ in whom they let visit, the agency may approve
# a member of a cluster without a profile (domain 2.1, 4.4), and an interpreter may help. Hard rules of the scheme (one
# visit, another country, days, who is an SME), money and law are not among them.
WAIVABLE = ("type", "profile", "language")
# The data notice that the applicant agrees to; a new text gets a new name.
CONSENT_VERSION = "2026-1"


@dataclass(frozen=True)
class PriorityPart:
    """Points of the priority and what they are for; the points of all parts sum to it."""

    code: str
    points: int

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class WishAmount:
    """The lump sum that a stay with a wished host would bring, if the call has a rate for it."""

    rank: int
    offer: Offer
    distance_km: int
    days: int
    cents: int | None


def findings(application: Application, *, at: datetime, has_visited: bool) -> list[Finding]:
    """Whether the application meets the scheme's rules at an instant, each with its reason."""
    on = clock.local(at).date()
    found = [
        complete(application),
        in_time(application, at),
        *organisation_findings(application.call, application.organisation, PartRole.VISITOR, on),
        first_visit(application, has_visited=has_visited),
        host_abroad(application, on),
        long_enough(application),
        short_enough(application),
        days_possible(application, on),
        shared_language(application),
        consent(application),
    ]
    if application.is_third_country:
        found.append(third_country(application))
    return found


def priority(application: Application, *, has_visited: bool) -> list[PriorityPart]:
    """What the priority is made of, by the call's weights; parts that do not apply are left out."""
    organisation, weights = application.organisation, application.call.priority_weights
    applies = {
        "base": True,
        "first_exchange": not has_visited,
        "less_developed_region": regions.is_less_developed(organisation.region),
        "sme": organisation.type == OrganisationType.SME,
    }
    return [PriorityPart(code, int(weights.get(code, 0))) for code, does in applies.items() if does]


def complete(application: Application) -> Finding:
    """Nothing that the partnership and the hosts need to know is left out."""
    given = {
        "person_name": application.person_name,
        "person_email": application.person_email,
        "languages": application.languages,
        "topics": application.ecosystems or application.industries,
        "purposes": application.purposes,
        "windows": application.windows,
        "cv": application.cv or not needs_cv(application),
        "motivation": application.motivation,
        "answer": not unanswered(application),
    }
    missing = [name for name, value in given.items() if not value]
    return Finding("complete", not missing, {"missing": missing})


def in_time(application: Application, at: datetime) -> Finding:
    """Handed in between the call's dates, or by a late entry that held at that instant."""
    found, entry = call_open(application.call, at), application.late_entry
    if found.passed or entry is None:
        return found
    return Finding("late-entry", holds(entry, at), {"last_on": entry.last_on.isoformat()})


def holds(entry: LateEntry, at: datetime) -> bool:
    """Whether what was begun by a late entry could be sent at an instant."""
    is_revoked = entry.revoked_at is not None and entry.revoked_at <= at
    return not is_revoked and clock.local(at).date() <= entry.last_on


def needs_cv(application: Application) -> bool:
    """Whether the call wants a CV; a file with many applications brings none."""
    return application.call.cv_asked is CvAsked.REQUIRED and application.import_key is None


def lacking(application: Application) -> set[Section]:
    """The parts that lack an answer which sending needs."""
    missing = {*complete(application).values["missing"]}
    lacks = {section for section in Section if missing & {*section.fields}}
    if "topics" in missing:
        lacks.add(Section.TOPICS)
    if not application.consent_version:
        lacks.add(Section.CONSENTS)
    return lacks


def unanswered(application: Application) -> list[CallQuestion]:
    """The questions of the call that are shown and lack the answer which sending needs.

    What was sent before a question came, and what comes by import, need none.
    """
    if (
        application.submitted_at is not None
        or application.import_key is not None
        or not asks(application.call)
    ):
        return []
    given = {answer.question_id: answer.value for answer in application.answers}
    needed = [question for question in shown(application.call.questions, given) if question.is_required]
    return [question for question in needed if not _is_answer(question, given.get(question.id))]


def _is_answer(question: CallQuestion, value: Any) -> bool:
    """Whether it answers the question as it is asked now."""
    chosen = value if isinstance(value, list) else [value]
    return value is not None and (not question.answers or {*chosen} <= {*question.answers})


def third_country(application: Application) -> Finding:
    """183 days of residence and a business in a country of the scheme; papers prove both (domain 2.2)."""
    days, has_business = application.residence_days, application.has_business
    stated = days is not None and days >= RESIDENCE_DAYS and has_business
    values = {"days": days, "needed": RESIDENCE_DAYS, "has_business": has_business}
    return Finding("third-country", None if stated else False, values)


def first_visit(application: Application, *, has_visited: bool) -> Finding:
    """An organisation visits once in the whole scheme (domain 2.3)."""
    return Finding("first-visit", not has_visited, {"organisation": application.organisation.name})


def host_abroad(application: Application, on: date) -> Finding:
    """Each wished host is in another country than the visitor, and at least one country is left to go to."""
    home = application.organisation.country
    at_home = [offer.organisation.name for offer in wished(application) if offer.organisation.country == home]
    possible = host_countries(application, on)
    values = {"country": home, "at_home": at_home, "possible": len(possible)}
    return Finding("other-country", not at_home and bool(possible), values)


def long_enough(application: Application) -> Finding:
    """The shortest stay the visitor would accept is not below the call's."""
    values = {"days": application.min_days, "needed": application.call.min_days}
    return Finding("min-length", application.min_days >= application.call.min_days, values)


def short_enough(application: Application) -> Finding:
    """The longest stay fits into one month (domain 3)."""
    values = {"days": application.max_days, "most": LONGEST_STAY_DAYS}
    return Finding("max-length", application.max_days <= LONGEST_STAY_DAYS, values)


def days_possible(application: Application, on: date) -> Finding:
    """One window holds the shortest stay in working days of a country that the visitor could go to."""
    needed = max(application.min_days, application.call.min_days)
    countries = wished_countries(application) or host_countries(application, on)
    most = max((_working_days(application, country) for country in sorted(countries)), default=0)
    return Finding("min-days", most >= needed, {"days": most, "needed": needed})


def shared_language(application: Application) -> Finding:
    """The visitor shares a language with each wished host."""
    spoken = set(application.languages)
    without = [offer.organisation.name for offer in wished(application) if not spoken & set(offer.languages)]
    passed = bool(spoken) and not without
    return Finding("language", passed, {"languages": sorted(spoken), "without": without})


def consent(application: Application) -> Finding:
    """The applicant agreed to the data notice."""
    return Finding("consent", bool(application.consent_version), {"version": application.consent_version})


def wished(application: Application) -> list[Offer]:
    """The ranked hosts, best first."""
    ranked = [wish for wish in application.wishes if wish.rank is not None]
    return [wish.offer for wish in sorted(ranked, key=lambda wish: wish.rank or 0)]


def ruled_out(application: Application) -> list[Offer]:
    """The hosts that the visitor never wants."""
    return [wish.offer for wish in application.wishes if wish.rank is None]


def lump_sums(application: Application, partnership: Partnership) -> list[WishAmount]:
    """What each ranked wish would bring by a partnership, for the longest stay that visitor and host both take."""
    home = application.organisation
    amounts = []
    for rank, offer in enumerate(wished(application), start=1):
        host = offer.organisation
        away_km = distance.km(home.latitude, home.longitude, host.latitude, host.longitude)
        days = min(application.max_days, offer.max_days)
        cents = _cents(application, partnership, country=host.country, days=days, km=away_km)
        amounts.append(WishAmount(rank, offer, away_km, days, cents))
    return amounts


def _cents(
    application: Application, partnership: Partnership, *, country: str, days: int, km: int
) -> int | None:
    call = application.call
    starts_on = min((window.first_day for window in application.windows), default=call.first_day)
    allotted = (one for one in call.allotments if one.partnership == partnership)
    own_rate_cents = next((one.own_rate_cents for one in allotted), None)
    try:
        return lump_sum(
            call,
            country=country,
            starts_on=starts_on,
            days=days,
            km=km,
            mode=application.mode,
            own_rate_cents=own_rate_cents,
        ).cents
    except RuleBroken:  # no rate for that country and day
        return None


def host_countries(application: Application, on: date) -> set[str]:
    """Countries of the call, other than the visitor's own, that the visitor would go to."""
    abroad = countries_on(application.call, on) - {application.organisation.country}
    return abroad & set(application.countries) if application.countries else abroad


def wished_countries(application: Application) -> set[str]:
    """Where the ranked hosts are, but for the visitor's own country."""
    return {offer.organisation.country for offer in wished(application)} - {application.organisation.country}


def _working_days(application: Application, country: str) -> int:
    """The most working days that one window has in a country, inside the call's days."""
    call = application.call
    clipped = [
        (max(first, call.first_day), min(last, call.last_day)) for first, last in application.free_windows
    ]
    return max(
        (working_days.count(first, last, country) for first, last in _right_way_round(clipped)), default=0
    )


def _right_way_round(ranges: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    return [(first, last) for first, last in ranges if first <= last]
