"""Findings and states of offers in words; also the findings on any organisation that takes part."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from mobility.calls.enums import Mode
from mobility.calls.findings import Finding
from mobility.core import clock
from mobility.core.dates import day, period
from mobility.hosts.enums import ExceptionStatus, OfferKind, OfferStatus
from mobility.hosts.models import OfferWindow
from mobility.hosts.rules import SME_BALANCE_CENTS, SME_STAFF, SME_TURNOVER_CENTS, Nearness
from mobility.organisations.enums import OrganisationType, Standing
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.languages import LANGUAGES
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

Values = dict[str, Any]
MILLION_CENTS = 1_000_000_00
MODES = {Mode.PHYSICAL: _l("In person"), Mode.VIRTUAL: _l("Virtual")}
KINDS = {OfferKind.PLACES: _l("Places on days of choice"), OfferKind.GROUP_VISIT: _l("Group visit")}
STATUSES = {
    OfferStatus.DRAFT: ("draft", _l("Draft"), _l("Draft")),
    OfferStatus.SUBMITTED: ("wait", _l("To assess"), _l("Being assessed")),
    OfferStatus.ACCEPTED: ("good", _l("Accepted"), _l("Accepted")),
    OfferStatus.RESTED: ("closed", _l("Rests"), _l("Rests")),
    OfferStatus.REJECTED: ("bad", _l("Rejected"), _l("Not accepted")),
    OfferStatus.CLOSED: ("closed", _l("Closed"), _l("Closed")),
}
TITLES = {
    "complete": _l("All answers given"),
    "call-open": _l("Call open"),
    "country": _l("Country of the scheme"),
    "type": _l("Type of organisation"),
    "sme": _l("Small or medium-sized"),
    "cluster": _l("Member of a cluster"),
    "profile": _l("Cluster with a profile on the European Cluster Collaboration Platform"),
    "stay": _l("Length of stays"),
    "places": _l("Days and places"),
}
ANSWERS = {
    "title": _l("title"),
    "contact": _l("contact"),
    "topics": _l("topics"),
    "purposes": _l("purposes"),
    "languages": _l("languages"),
    "windows": _l("dates"),
    "agenda": _l("agenda"),
    "person_name": _l("name of the visitor"),
    "person_email": _l("e-mail of the visitor"),
    "cv": _l("CV"),
    "motivation": _l("motivation"),
    "answer": _l("questions of the call"),
}
CLUSTER = {
    Standing.DECLARED: _l("Member of %(cluster)s, as declared. The cluster has not been asked yet."),
    Standing.ASKED: _l("Member of %(cluster)s, as declared. The cluster is asked and has not answered yet."),
    Standing.ANSWERED: _l(
        "Member of %(cluster)s, as somebody there answered by letter. An officer checks who that was."
    ),
    Standing.CONFIRMED: _l("Member of %(cluster)s, which has confirmed it."),
    Standing.REFUSED: _l(
        "%(cluster)s says that this is no member. Ask it again, or name another cluster in the profile."
    ),
}
EXCEPTIONS = {
    ExceptionStatus.ASKED: ("wait", _l("Asked")),
    ExceptionStatus.GRANTED: ("good", _l("Granted")),
    ExceptionStatus.REFUSED: ("bad", _l("Refused")),
}
REFUSALS = {
    "asked-already": _l("An exception from this rule is asked for or granted already."),
    "not-waivable": _l("No exception can be made: the rule is met, or it is one that holds for everybody."),
    "same-person": _l("You asked for this exception. Somebody else answers it."),
    "call-closed": _l("The call takes no submissions now."),
    "not-complete": _l("An answer is missing. Open the form, fill in what is missing, and send again."),
    "findings-fail": _l("A rule is not met, so it cannot be accepted."),
    "reason-needed": _l("Give the reason."),
    "no-partnership": _l("No partnership takes part in this call."),
    "offer-not-open": _l("This host takes no visits now."),
    "already-reserved": _l("The visit has its place already."),
    "host-visits": _l("The host takes no more than %(visits)s visits in this call."),
    "places-promised": _l(
        "Visits are promised on days that would have fewer places. Change those days back."
    ),
    "visits-promised": _l("%(visits)s visits are promised; there cannot be fewer."),
    "length-promised": _l(
        "%(visits)s visits are promised for the days as they are: the group visit cannot become longer."
    ),
    "host-closed": _l("These days do not lie on the host's open days."),
    "group-days": _l("A group visit is for all of its %(days)s working days."),
    "host-full": _l("The host has no place left on one of these days."),
}


@dataclass(frozen=True)
class ShownFinding:
    """A finding as templates show it."""

    code: str
    passed: bool | None
    title: str
    text: str
    # Met only because an exception is granted.
    is_waived: bool = False


def shown(findings: Iterable[Finding | dict[str, Any]]) -> list[ShownFinding]:
    """Findings, fresh or stored, in words."""
    return shown_by(findings, title, text)


def shown_by(
    findings: Iterable[Finding | dict[str, Any]],
    title_of: Callable[[Finding], str],
    text_of: Callable[[Finding], str],
) -> list[ShownFinding]:
    """Findings in the words of a room: what is not met first, then what needs proof."""
    fresh = [Finding.from_dict(found) if isinstance(found, dict) else found for found in findings]
    fresh.sort(key=lambda finding: (False, None, True).index(finding.passed))
    return [
        ShownFinding(
            finding.code, finding.passed, title_of(finding), text_of(finding), "waived" in finding.values
        )
        for finding in fresh
    ]


def title(finding: Finding) -> str:
    """The rule in a few words."""
    return str(TITLES.get(finding.code, finding.code))


def text(finding: Finding) -> str:
    """Why the rule is met or not, and what would mend it; or who made an exception, when and why."""
    return with_exception(finding, _text)


def _text(finding: Finding) -> str:
    words = TEXTS.get(finding.code)
    return words(finding.passed, finding.values) if words else ""


def with_exception(finding: Finding, text_of: Callable[[Finding], str]) -> str:
    """A finding in the words of a room, and who made an exception from its rule, when and why."""
    waived = finding.values.get("waived")
    if not waived:
        return text_of(finding)
    values = {key: value for key, value in finding.values.items() if key != "waived"}
    granted = _(
        "Exception granted by %(who)s on %(day)s: %(why)s",
        who=waived["by"],
        day=day(date.fromisoformat(waived["on"])),
        why=waived["why"],
    )
    return f"{text_of(Finding(finding.code, passed=False, values=values))} {granted}"


def exception_tag(status: ExceptionStatus) -> tuple[str, str]:
    """The kind and word of an exception's tag."""
    kind, word = EXCEPTIONS[status]
    return kind, str(word)


def rule(code: str) -> str:
    """A rule in a few words."""
    return title(Finding(code, None))


def status_tag(status: OfferStatus, *, for_staff: bool) -> tuple[str, str]:
    """The kind and word of a state's tag: the full word for staff, the public one for others."""
    kind, full, public = STATUSES[status]
    return kind, str(full if for_staff else public)


def named(words: Sequence[object]) -> str:
    """Several names in a row."""
    return ", ".join(str(word) for word in words)


def window(one: OfferWindow) -> str:
    """When visitors may come, and how many at once."""
    return ngettext(
        "%(days)s, %(num)d place",
        "%(days)s, %(num)d places",
        one.places,
        days=period(one.first_day, one.last_day),
    )


def promised(days: Iterable[str]) -> str:
    """That visits hold more places on these days than there would be."""
    named_days = named([day(date.fromisoformat(one)) for one in days])
    return _("Visits are promised on %(days)s. There cannot be fewer places than visits.", days=named_days)


def seats(left: int, of: int) -> str:
    """How many may still come with a group."""
    return ngettext("%(left)s of %(num)d seat left", "%(left)s of %(num)d seats left", of, left=left)


def languages(levels: dict[str, Any]) -> str:
    """Languages with their levels."""
    return named([f"{LANGUAGES.get(code, code)} {level}" for code, level in levels.items()])


def topics(ecosystems: Sequence[str], industries: Sequence[str]) -> str:
    """Ecosystems and emerging industries, none named twice."""
    words = [ECOSYSTEMS.get(code, code) for code in ecosystems]
    words += [INDUSTRIES.get(code, code) for code in industries]
    return named(list(dict.fromkeys(map(str, words))))


def purposes(codes: Sequence[str]) -> str:
    """The purposes of a visit."""
    return "; ".join(str(PURPOSES.get(code, code)) for code in codes)


def nearness(near: Nearness) -> str:
    """Why a partnership looks after an organisation, or could."""
    if near.is_own:
        return _("the organisation’s own partnership")
    reasons = [_("shares %(topics)s", topics=topics(near.topics, ()))] if near.topics else []
    reasons += [_("of the same country")] if near.is_of_country else []
    return named(reasons) or _("no topic or country in common")


def types(codes: Sequence[str]) -> str:
    """Types of organisation; none means any."""
    return named([TYPES[OrganisationType(code)] for code in codes]) or _("Any")


def _complete(passed: bool | None, values: Values) -> str:
    if passed:
        return _("Nothing is missing.")
    missing = named([ANSWERS.get(name, name) for name in values["missing"]])
    return _("Still missing: %(missing)s.", missing=missing)


def _call_open(passed: bool | None, values: Values) -> str:
    opens, closes = (clock.local(datetime.fromisoformat(values[key])) for key in ("opens_at", "closes_at"))
    if passed:
        return _("Open until %(day)s, %(time)s.", day=day(closes), time=closes.strftime("%H:%M"))
    return _(
        "It takes submissions from %(first)s to %(last)s, %(time)s.",
        first=day(opens),
        last=day(closes),
        time=closes.strftime("%H:%M"),
    )


def _country(passed: bool | None, values: Values) -> str:
    name, on = country_name(values["country"]), day(date.fromisoformat(values["on"]))
    if passed:
        return _("%(country)s takes part in the call on %(day)s.", country=name, day=on)
    return _("%(country)s does not take part in the call on %(day)s.", country=name, day=on)


def _type(passed: bool | None, values: Values) -> str:
    kind = TYPES[OrganisationType(values["type"])]
    if values["part"] == "host":
        return (
            _("%(type)s: may host in this call.", type=kind)
            if passed
            else _("%(type)s: may not host in this call.", type=kind)
        )
    return (
        _("%(type)s: may visit in this call.", type=kind)
        if passed
        else _("%(type)s: may not visit in this call.", type=kind)
    )


def _sme(passed: bool | None, _values: Values) -> str:
    limits = _(
        "fewer than %(staff)s people, and turnover up to €%(turnover)s million"
        " or balance sheet up to €%(balance)s million",
        staff=SME_STAFF,
        turnover=SME_TURNOVER_CENTS // MILLION_CENTS,
        balance=SME_BALANCE_CENTS // MILLION_CENTS,
    )
    if passed is None:
        return _("Figures are missing in the organisation's profile. Needed: %(limits)s.", limits=limits)
    if passed:
        return _("Within the limits: %(limits)s.", limits=limits)
    return _("Above the limits: %(limits)s.", limits=limits)


def _cluster(_passed: bool | None, values: Values) -> str:
    if not values["cluster"]:
        return _(
            "This type of organisation must be a member of a cluster. Name it in the organisation's profile."
        )
    # What was found before clusters were asked has no standing.
    words = CLUSTER[Standing(values.get("standing", Standing.DECLARED))]
    return str(words) % {"cluster": values["cluster"]}


def _profile(passed: bool | None, values: Values) -> str:
    if passed:
        return _(
            "%(cluster)s has a profile on the European Cluster Collaboration Platform.",
            cluster=values["cluster"],
        )
    if passed is None:
        return _("The cluster has no profile. A host may be approved by the agency beforehand, case by case.")
    return _("The cluster needs a profile on the European Cluster Collaboration Platform.")


def _stay(passed: bool | None, values: Values) -> str:
    if passed:
        return ngettext(
            "Stays up to %(num)d working day.", "Stays up to %(num)d working days.", values["days"]
        )
    return _("A stay lasts at least %(needed)s working days; allow for that.", needed=values["needed"])


def _places(passed: bool | None, values: Values) -> str:
    if passed:
        return ngettext(
            "The longest window has %(num)d open day.",
            "The longest window has %(num)d open days.",
            values["days"],
        )
    if values["visits"] < 1:
        return _("Take at least one visit in the call.")
    return _(
        "No window with a place has %(needed)s open days inside the call; the longest has %(days)s.",
        needed=values["needed"],
        days=values["days"],
    )


TEXTS: dict[str, Callable[[bool | None, Values], str]] = {
    "complete": _complete,
    "call-open": _call_open,
    "country": _country,
    "type": _type,
    "sme": _sme,
    "cluster": _cluster,
    "profile": _profile,
    "stay": _stay,
    "places": _places,
}
