"""Findings, priority and states of applications in words."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, ApplicationAnswer, ChangeRequest, Cv
from mobility.applications.rules import ruled_out, wished
from mobility.applications.sections import Section
from mobility.calls.findings import Finding
from mobility.calls.wording import answer_to
from mobility.core import clock
from mobility.core.dates import day, period
from mobility.hosts import wording as shared
from mobility.hosts.wording import ShownFinding, Values, named, shown_by
from mobility.taxonomies.countries import country_name

# What staff read, and what the applicant reads.
STATUSES = {
    ApplicationStatus.DRAFT: ("draft", _l("Draft"), _l("Draft")),
    ApplicationStatus.SUBMITTED: ("wait", _l("To assess"), _l("Being assessed")),
    ApplicationStatus.CHANGES_ASKED: ("wait", _l("Changes asked"), _l("Waiting for your changes")),
    ApplicationStatus.ACCEPTED: ("good", _l("Accepted"), _l("Accepted, waiting for a host")),
    ApplicationStatus.REJECTED: ("bad", _l("Rejected"), _l("Not accepted")),
    ApplicationStatus.MATCHED: ("good", _l("Matched"), _l("Host found")),
    ApplicationStatus.RESTED: ("closed", _l("Rests"), _l("Rests")),
    ApplicationStatus.WITHDRAWN: ("closed", _l("Withdrawn"), _l("Withdrawn")),
}
# Decided, and the applicant is not told yet.
HELD = {
    ApplicationStatus.ACCEPTED: ("good", _l("Accepted, not told yet")),
    ApplicationStatus.REJECTED: ("bad", _l("Rejected, not told yet")),
}
SECTIONS = {
    Section.PERSON: _l("Who travels"),
    Section.TOPICS: _l("Why and topics"),
    Section.DATES: _l("When and how long"),
    Section.HOSTS: _l("Where"),
    Section.QUESTIONS: _l("Questions of the call"),
    Section.CONSENTS: _l("Consent"),
}
TITLES = {
    "late-entry": _l("Late entry"),
    "first-visit": _l("First visit"),
    "other-country": _l("Host in another country"),
    "min-length": _l("Long enough"),
    "max-length": _l("At most one month"),
    "min-days": _l("Enough working days"),
    "language": _l("Shared language"),
    "third-country": _l("183 days and a business"),
    "consent": _l("Data notice"),
}
REFUSALS = {
    "no-partnership-chosen": _l("Choose a partnership."),
    "nobody-to-tell": _l("In %(call)s nobody waits to be told. Decide first."),
    "decided-since": _l(
        "Meanwhile more was decided: now %(accepted)s accepted and %(rejected)s rejected wait to be told."
        " Look again."
    ),
    "decisions-wait": _l("Decisions wait to be told. Tell the applicants, or take the decisions back first."),
    "asked-already": _l("An exception from this rule is asked for or granted already."),
    "decided-already": _l("Somebody has decided on an application of the call, so that stays as it is."),
    "not-waivable": _l("No exception can be made: the rule is met, or it is one that holds for everybody."),
    "same-person": _l("You asked for this exception. Somebody else answers it."),
    "promised": _l("A host is found: a pair or a proposal waits. Answer that first."),
    "changes-awaited": _l("The applicant has until %(day)s to send the changes."),
    "day-over": _l("Give a day after today."),
    "nothing-asked": _l("Say for one section at least what to change."),
    "not-in-call": _l("The partnership %(partnership)s does not take part in this call."),
    "already-applied": _l("Your organisation has an application in this call already: %(reference)s."),
    "call-not-over": _l("The call is not over: nobody needs a link."),
    "late-already": _l("This address has a link that is not used up. Take it back first."),
    "late-day": _l("Give a day from today to the last day of stays."),
    "late-other-address": _l("The link went to another address. Sign in with that one, confirmed."),
    "late-over": _l("This link opens nothing more: it was used or taken back, or its last day is over."),
    "no-consent": _l("Agree to the data notice at the end of the form, then send again."),
    "too-much-typed": _l("This page holds more than we keep. Shorten it, then save it."),
    "unsaved": _l("Something is typed and not saved. Save it on its page, or send without it."),
    "unknown-cv": _l("The CV that you sent is not here any more. Choose the file again."),
    "unknown-offer": _l("One of the hosts does not belong to this call."),
}
PRIORITY_PARTS = {
    "base": _l("Accepted application"),
    "first_exchange": _l("First exchange of the organisation"),
    "less_developed_region": _l("Less developed region"),
    "sme": _l("Small or medium-sized enterprise"),
}


def shown(findings: Iterable[Finding | dict[str, Any]]) -> list[ShownFinding]:
    """Findings, fresh or stored, in words."""
    return shown_by(findings, title, text)


def title(finding: Finding) -> str:
    """The rule in a few words."""
    return str(TITLES[finding.code]) if finding.code in TITLES else shared.title(finding)


def text(finding: Finding) -> str:
    """Why the rule is met or not, and what would mend it; or who made an exception, when and why."""
    return shared.with_exception(finding, _text)


def _text(finding: Finding) -> str:
    words = TEXTS.get(finding.code)
    return words(finding.passed, finding.values) if words else shared.text(finding)


def status_tag(status: ApplicationStatus, *, for_staff: bool) -> tuple[str, str]:
    """The kind and word of a state's tag: the full word for staff, the public one for others."""
    kind, full, public = STATUSES[status]
    return kind, str(full if for_staff else public)


def tag_of(application: Application, *, for_staff: bool) -> tuple[str, str]:
    """The kind and word of an application's tag; the public one also tells that nothing will come any more.

    A decision that is held is for staff only, and not for those of them who take part in the application.
    """
    if for_staff and application.held:
        kind, word = HELD[application.held]
        return kind, str(word)
    if not for_staff and is_too_late(application):
        return "closed", _("No host found")
    return status_tag(application.status, for_staff=for_staff)


def is_too_late(application: Application) -> bool:
    """Whether it still waits for a host when the last day for a stay is over."""
    waits = application.status in (ApplicationStatus.ACCEPTED, ApplicationStatus.RESTED)
    return waits and application.call.last_day < clock.today()


def rule(code: str) -> str:
    """A rule in a few words."""
    return title(Finding(code, None))


def priority_part(code: str) -> str:
    """What a part of the priority is for."""
    return str(PRIORITY_PARTS.get(code, code))


def asked(request: ChangeRequest) -> list[tuple[str, str]]:
    """The sections to change and what to change in each."""
    return [(str(SECTIONS[section]), request.asked[section]) for section in request.sections]


def differences(
    before: Application, after: Application, *, by_name: bool = True
) -> list[tuple[str, str, str]]:
    """The answers that differ between two versions: which, as it was, as it is."""
    asked = (*NAMES, *ANSWERS) if by_name else ANSWERS
    both = ((str(label), words(before), words(after)) for label, words in asked)
    return [(label, was, now) for label, was, now in (*both, *_other_answers(before, after)) if was != now]


def answers(application: Application) -> list[tuple[str, str]]:
    """The questions of the call that are answered, in the words in which they were asked, with the answers."""
    if not application.call.has_questions:
        return []
    given = [row for row in application.answers if row.value is not None]
    given.sort(key=lambda row: row.wording.question.position)
    return [(row.wording.label, answer_to(row.kind, row.value)) for row in given]


def _other_answers(before: Application, after: Application) -> list[tuple[str, str, str]]:
    """By question of the call its words, as it was answered and as it is."""
    if not after.call.has_questions:
        return []
    was, now = ({row.question_id: row for row in one.answers} for one in (before, after))
    both = [(was.get(key), now.get(key)) for key in sorted(was.keys() | now.keys())]
    return [(_asked_as(old, new), _answer(old), _answer(new)) for old, new in both]


def _asked_as(old: ApplicationAnswer | None, new: ApplicationAnswer | None) -> str:
    row = new or old
    return row.wording.label if row else ""


def _answer(row: ApplicationAnswer | None) -> str:
    return answer_to(row.kind, row.value) if row else ""


def windows(application: Application) -> str:
    """When the visitor could go."""
    return "; ".join(period(one.first_day, one.last_day) for one in application.windows)


def excluded(application: Application) -> str:
    """The days in between that do not suit."""
    return "; ".join(period(first, last) for first, last in application.excluded_days)


def countries(application: Application) -> str:
    """Where the visitor would go."""
    return named(sorted(country_name(code) for code in application.countries)) or _("Any")


def languages(application: Application) -> str:
    """The languages with their levels."""
    return shared.languages(application.languages)


def topics(application: Application) -> str:
    """Ecosystems and emerging industries."""
    return shared.topics(application.ecosystems, application.industries)


def purposes(application: Application) -> str:
    """What the visitor looks for."""
    return shared.purposes(application.purposes)


def size(cv: Cv) -> str:
    """How large the file is."""
    return _("PDF, %(size)s kB", size=format_decimal(-(-cv.bytes_long // 1000)))


def fingerprint(digest: str) -> str:
    """Tells one file from another."""
    return _("PDF, fingerprint %(start)s…", start=digest[:8])


def _wishes(application: Application) -> str:
    return named([offer.organisation.name for offer in wished(application)])


def _never(application: Application) -> str:
    return named(sorted(offer.organisation.name for offer in ruled_out(application)))


def _stay(application: Application) -> str:
    return _(
        "%(shortest)s to %(longest)s working days",
        shortest=application.min_days,
        longest=application.max_days,
    )


def _yes_or_no(holds: bool) -> str:
    return _("Yes") if holds else _("No")


NAMES: tuple[tuple[Any, Callable[[Application], str]], ...] = (
    (_l("Visitor"), lambda one: one.person_name),
    (_l("E-mail"), lambda one: one.person_email),
)
ANSWERS: tuple[tuple[Any, Callable[[Application], str]], ...] = (
    (_l("Position"), lambda one: one.position),
    (_l("National of a country outside the scheme"), lambda one: _yes_or_no(one.is_third_country)),
    (_l("Days of residence"), lambda one: str(one.residence_days or "")),
    (_l("Business in a country of the scheme"), lambda one: _yes_or_no(one.has_business)),
    (_l("CV"), lambda one: fingerprint(one.cv) if one.cv else ""),
    (_l("Languages"), languages),
    (_l("Topics"), topics),
    (_l("Looks for"), purposes),
    (_l("Motivation"), lambda one: one.motivation),
    (_l("Kind of visit"), lambda one: str(shared.MODES[one.mode])),
    (_l("Dates"), windows),
    (_l("Not on"), excluded),
    (_l("Stay"), _stay),
    (_l("Countries"), countries),
    (_l("Hosts you would like"), lambda one: shared.types(one.partner_types)),
    (_l("Hosts wished for"), _wishes),
    (_l("Not wanted"), _never),
    (_l("Consent"), lambda one: _yes_or_no(bool(one.consent_version))),
)


def _first_visit(passed: bool | None, values: Values) -> str:
    if passed:
        return _("%(name)s has not visited before.", name=values["organisation"])
    return _("%(name)s has had its visit; each organisation visits once.", name=values["organisation"])


def _other_country(_passed: bool | None, values: Values) -> str:
    home = country_name(values["country"])
    if values["at_home"]:
        return _(
            "In your own country, %(country)s: %(hosts)s. Take these wishes away.",
            country=home,
            hosts=named(values["at_home"]),
        )
    if not values["possible"]:
        return _("No country outside %(country)s is left. Tick more countries.", country=home)
    return ngettext(
        "%(num)d country outside %(country)s is possible.",
        "%(num)d countries outside %(country)s are possible.",
        values["possible"],
        country=home,
    )


def _min_length(passed: bool | None, values: Values) -> str:
    if passed:
        return ngettext("At least %(num)d working day.", "At least %(num)d working days.", values["days"])
    return _("A stay lasts at least %(needed)s working days, travel not counted.", needed=values["needed"])


def _max_length(passed: bool | None, values: Values) -> str:
    if passed:
        return ngettext("At most %(num)d working day.", "At most %(num)d working days.", values["days"])
    return _("A stay lasts at most one month, which is %(most)s working days.", most=values["most"])


def _min_days(passed: bool | None, values: Values) -> str:
    if passed:
        return _(
            "Your longest window has %(days)s working days; %(needed)s are needed.",
            days=values["days"],
            needed=values["needed"],
        )
    return _(
        "No window has %(needed)s working days inside the call; the longest has %(days)s. Widen your dates.",
        days=values["days"],
        needed=values["needed"],
    )


def _language(passed: bool | None, values: Values) -> str:
    if passed:
        return _("You share a language with each host you wish for.")
    if not values["languages"]:
        return _("Name a language that you work in.")
    return _("No shared language with %(hosts)s.", hosts=named(values["without"]))


def _third_country(passed: bool | None, values: Values) -> str:
    if passed is None:
        return _("Your partnership asks for the residence permit and the proof of business.")
    return _(
        "Nationals of other countries need %(needed)s days of residence in a country of the scheme,"
        " and a business there.",
        needed=values["needed"],
    )


def _late_entry(passed: bool | None, values: Values) -> str:
    last = day(date.fromisoformat(values["last_on"]))
    if passed:
        return _("The call is closed; by a link it may be sent until %(day)s.", day=last)
    return _("It could be sent by a link until %(day)s, or until that was taken back.", day=last)


def _consent(passed: bool | None, _values: Values) -> str:
    if passed:
        return _("The data notice is agreed to.")
    return _("Agree to the data notice at the end of the form.")


TEXTS: dict[str, Callable[[bool | None, Values], str]] = {
    "first-visit": _first_visit,
    "other-country": _other_country,
    "min-length": _min_length,
    "max-length": _max_length,
    "min-days": _min_days,
    "language": _language,
    "third-country": _third_country,
    "consent": _consent,
    "late-entry": _late_entry,
}
