"""When an organisation may take part, when an offer stands, and on which days it has places. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mobility.calls.enums import CallStatus, PartRole
from mobility.calls.findings import Finding
from mobility.calls.models import Call
from mobility.core import clock
from mobility.hosts.enums import ExceptionStatus
from mobility.hosts.models import AskedException, Offer
from mobility.organisations.enums import OrganisationType, Standing
from mobility.organisations.models import Organisation
from mobility.partnerships.models import Partnership
from mobility.taxonomies import working_days

# Recommendation 2003/361/EC: fewer staff than this, and one of the two amounts at most.
SME_STAFF = 250
SME_TURNOVER_CENTS = 50_000_000_00
SME_BALANCE_CENTS = 43_000_000_00
# Of these the support office may make an exception: partnerships differ in whom they let host, and the agency may
# approve a host that is no member of a cluster with a profile (domain 2.1).
WAIVABLE = ("type", "cluster", "profile")
VERDICTS = {Standing.CONFIRMED: True, Standing.REFUSED: False}


@dataclass(frozen=True)
class Nearness:
    """What brings a partnership near to an organisation."""

    code: str
    is_own: bool
    topics: tuple[str, ...]
    is_of_country: bool

    @property
    def place(self) -> tuple[int, bool, str]:
        """What partnerships are ordered by: most topics shared, then the own country."""
        return -len(self.topics), not self.is_of_country, self.code


def offer_findings(offer: Offer, *, at: datetime) -> list[Finding]:
    """Whether the offer meets the scheme's rules at an instant, each with its reason."""
    return [
        complete(offer),
        call_open(offer.call, at),
        *organisation_findings(offer.call, offer.organisation, PartRole.HOST, clock.local(at).date()),
        stay_length(offer),
        long_enough_window(offer),
    ]


def organisation_findings(call: Call, organisation: Organisation, part: PartRole, on: date) -> list[Finding]:
    """Whether the organisation may take this part in the call on a day."""
    found = [country(call, organisation, on), part_allowed(call, organisation, part)]
    if organisation.type == OrganisationType.SME:
        found.append(sme_limits(organisation))
    if organisation.type in call.membership_types:
        found.append(cluster_member(organisation))
    if organisation.type in call.profile_types:
        found.append(cluster_profile(organisation, part))
    return found


def nearest_partnership(
    call: Call, organisation: Organisation, ecosystems: Sequence[str]
) -> Partnership | None:
    """The organisation's own partnership, else the one with most of the topics, then of its country."""
    by_id = {allotment.partnership_id: allotment.partnership for allotment in call.allotments}
    if organisation.partnership_id in by_id:
        return by_id[organisation.partnership_id]
    return min(
        by_id.values(), key=lambda one: nearness(one, organisation.country, ecosystems).place, default=None
    )


def nearness(
    partnership: Partnership, country: str, ecosystems: Sequence[str], *, own_id: int | None = None
) -> Nearness:
    """What brings a partnership near to an organisation of that country with these topics."""
    return Nearness(
        code=partnership.code,
        is_own=partnership.id == own_id,
        topics=tuple(code for code in partnership.ecosystems if code in ecosystems),
        is_of_country=partnership.country == country,
    )


def failed(findings: Sequence[Finding]) -> list[str]:
    """The codes of the findings that stand against a record; those that need proof do not."""
    return [finding.code for finding in findings if finding.passed is False]


def waived(found: Sequence[Finding], exceptions: Iterable[AskedException]) -> list[Finding]:
    """The findings, those met for which an exception is granted: who granted it, when and why."""
    granted = {one.rule: one for one in exceptions if one.status is ExceptionStatus.GRANTED}
    return [_waived(finding, granted.get(finding.code)) for finding in found]


def _waived(finding: Finding, exception: AskedException | None) -> Finding:
    # What has changed since then was not asked for.
    if exception is None or finding.passed is not False or exception.values != finding.values:
        return finding
    decided_on = clock.local(exception.decided_at).date() if exception.decided_at else None
    granted = {
        "by": exception.decided_by.name if exception.decided_by else "",
        "on": decided_on.isoformat() if decided_on else "",
        "why": exception.answer,
    }
    return Finding(finding.code, True, finding.values | {"waived": granted})


def call_open(call: Call, at: datetime) -> Finding:
    """Handed in between the call's dates, also if it has been closed since; the grace is the call's own."""
    until = call.closes_at + timedelta(seconds=call.grace_s)
    is_open = call.status != CallStatus.DRAFT and call.opens_at <= at < until
    values = {"opens_at": call.opens_at.isoformat(), "closes_at": call.closes_at.isoformat()}
    return Finding("call-open", is_open, values)


def countries_on(call: Call, on: date) -> set[str]:
    """The countries that take part in the call on a day."""
    return {
        entry.country
        for entry in call.countries
        if entry.from_on <= on and (entry.to_on is None or on <= entry.to_on)
    }


def country(call: Call, organisation: Organisation, on: date) -> Finding:
    """The organisation is registered in a country of the scheme, on that day (domain 2.2)."""
    values = {"country": organisation.country, "on": on.isoformat()}
    return Finding("country", organisation.country in countries_on(call, on), values)


def part_allowed(call: Call, organisation: Organisation, part: PartRole) -> Finding:
    """The call lets this type of organisation visit, or host (domain 2.1)."""
    allowed = part.value in call.roles_by_type.get(organisation.type.value, [])
    return Finding("type", allowed, {"type": organisation.type.value, "part": part.value})


def sme_limits(organisation: Organisation) -> Finding:
    """Fewer than 250 staff, and turnover to 50 or balance sheet to 43 million euro (2003/361/EC)."""
    staff, turnover, balance = organisation.staff, organisation.turnover_cents, organisation.balance_cents
    values = {"staff": staff, "turnover_cents": turnover, "balance_cents": balance}
    small_staff = None if staff is None else staff < SME_STAFF
    small_sums = _either(
        None if turnover is None else turnover <= SME_TURNOVER_CENTS,
        None if balance is None else balance <= SME_BALANCE_CENTS,
    )
    if small_staff is False or small_sums is False:
        return Finding("sme", False, values)
    return Finding("sme", True if small_staff and small_sums else None, values)


def _either(one: bool | None, other: bool | None) -> bool | None:
    if one or other:
        return True
    return None if one is None or other is None else False


def cluster_member(organisation: Organisation) -> Finding:
    """The organisation is a member of a cluster: what it declares needs proof, the cluster's own word settles it."""
    name, standing = organisation.cluster_name, organisation.cluster_standing or Standing.DECLARED
    passed = VERDICTS.get(standing) if name else False
    values = {"cluster": name, "type": organisation.type.value, "standing": standing.value}
    return Finding("cluster", passed, values)


def cluster_profile(organisation: Organisation, part: PartRole) -> Finding:
    """Its cluster has an ECCP profile; for a host without, the agency may approve beforehand (domain 2.1)."""
    name = organisation.cluster_name
    exception = None if part == PartRole.HOST and name else False
    passed = True if name and organisation.cluster_has_profile else exception
    return Finding("profile", passed, {"cluster": name, "part": part.value})


def complete(offer: Offer) -> Finding:
    """Nothing that visitors need to know is left out."""
    given = {
        "title": offer.title,
        "contact": offer.contact_name and offer.contact_email,
        "topics": offer.ecosystems or offer.industries,
        "purposes": offer.purposes,
        "languages": offer.languages,
        "windows": offer.windows,
    } | ({"agenda": offer.agenda} if offer.is_group_visit else {})
    missing = [name for name, value in given.items() if not value]
    return Finding("complete", not missing, {"missing": missing})


def stay_length(offer: Offer) -> Finding:
    """The host takes stays of at least the call's shortest."""
    values = {"days": offer.max_days, "needed": offer.call.min_days}
    return Finding("stay", offer.max_days >= offer.call.min_days, values)


def long_enough_window(offer: Offer) -> Finding:
    """One window with a place has enough open days for the host's shortest stay, inside the call's days."""
    needed = max(offer.min_days, offer.call.min_days)
    open_days = [
        len(window_days(offer, window.first_day, window.last_day))
        for window in offer.windows
        if window.places >= 1
    ]
    most = max(open_days, default=0)
    passed = most >= needed and offer.max_visits >= 1
    return Finding("places", passed, {"days": most, "needed": needed, "visits": offer.max_visits})


def open_days(offer: Offer, first: date, last: date) -> list[date]:
    """What counts as a day of a stay: a working day of the host's country that the host has not closed.

    Also outside the host's windows and the call's days, where a stay may have come to lie in the end.
    """
    days = working_days.between(first, last, offer.organisation.country)
    return [day for day in days if not _is_shut(offer, day)] if offer.closures else days


def window_days(offer: Offer, first: date, last: date) -> list[date]:
    """The offer's open days between two days, clipped to the call's."""
    return open_days(offer, max(first, offer.call.first_day), min(last, offer.call.last_day))


def places_by_day(offer: Offer) -> dict[date, int]:
    """Places on each open day; where windows overlap the largest number counts."""
    places: dict[date, int] = {}
    for window in offer.windows:
        for day in window_days(offer, window.first_day, window.last_day):
            places[day] = max(places.get(day, 0), window.places)
    return dict(sorted(places.items()))


def _is_shut(offer: Offer, day: date) -> bool:
    return any(closure.first_day <= day <= closure.last_day for closure in offer.closures)
