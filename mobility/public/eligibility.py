"""Whether somebody could take part, before they have an account: the rules of applications on rows in memory."""

from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _

from mobility.applications import rules as visiting
from mobility.applications import wording
from mobility.applications.models import Application
from mobility.calls.enums import Mode, PartRole
from mobility.calls.findings import Finding
from mobility.calls.lump_sum import lump_sum
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.errors import RuleBroken
from mobility.hosts import rules as hosting
from mobility.hosts.wording import ShownFinding
from mobility.organisations.enums import OrganisationType, Standing
from mobility.organisations.models import Organisation


@dataclass(frozen=True)
class Answers:
    """What somebody says of an organisation, and of the stay it has in mind."""

    part: PartRole
    type: OrganisationType
    country: str
    is_member: bool = False
    has_profile: bool = False
    staff: int | None = None
    turnover_cents: int | None = None
    balance_cents: int | None = None
    has_visited: bool = False
    is_third_country: bool = False
    residence_days: int | None = None
    has_business: bool = False
    host_country: str = ""
    days: int | None = None
    is_near: bool = False


@dataclass(frozen=True)
class Amount:
    """The lump sum of the stay in mind."""

    cents: int
    days: int
    country: str


@dataclass(frozen=True)
class Answer:
    """The verdict (None: yes, with proof), its reasons, and what the stay would bring."""

    passed: bool | None
    findings: tuple[ShownFinding, ...]
    amount: Amount | None


def answer(call: Call, answers: Answers) -> Answer:
    """Judge the answers by the rules of the call, as an application or an offer would be judged now."""
    at = clock.utcnow()
    found = _visitor(call, answers, at) if answers.part == PartRole.VISITOR else _host(call, answers, at)
    verdicts = {finding.passed for finding in found}
    passed = False if False in verdicts else None if None in verdicts else True
    shown = tuple(replace(one, text=_sentence(one.text)) for one in wording.shown(found))
    return Answer(passed, shown, _amount(call, answers) if passed is not False else None)


def _visitor(call: Call, answers: Answers, at: datetime) -> list[Finding]:
    application = _application(call, answers)
    on = clock.local(at).date()
    found = [
        hosting.call_open(call, at),
        *hosting.organisation_findings(call, application.organisation, PartRole.VISITOR, on),
        visiting.first_visit(application, has_visited=answers.has_visited),
        visiting.host_abroad(application, on),
    ]
    if answers.days is not None:
        found += [visiting.long_enough(application), visiting.short_enough(application)]
    if answers.is_third_country:
        found.append(visiting.third_country(application))
    return found


def _host(call: Call, answers: Answers, at: datetime) -> list[Finding]:
    organisation = _organisation(answers)
    on = clock.local(at).date()
    return [
        hosting.call_open(call, at),
        *hosting.organisation_findings(call, organisation, PartRole.HOST, on),
    ]


def _application(call: Call, answers: Answers) -> Application:
    # Never added to the session: a row of nothing but what the rules look at.
    days = answers.days or call.min_days
    return Application(
        call=call,
        organisation=_organisation(answers),
        countries=[answers.host_country] if answers.host_country else [],
        min_days=days,
        max_days=days,
        is_third_country=answers.is_third_country,
        residence_days=answers.residence_days,
        has_business=answers.has_business,
    )


def _organisation(answers: Answers) -> Organisation:
    return Organisation(
        name=_("Your organisation"),
        type=answers.type,
        country=answers.country,
        staff=answers.staff,
        turnover_cents=answers.turnover_cents,
        balance_cents=answers.balance_cents,
        cluster_name=_("your cluster") if answers.is_member else "",
        # Who asks here is believed: the verdict is that of an organisation whose cluster confirms it.
        cluster_standing=Standing.CONFIRMED if answers.is_member else Standing.DECLARED,
        cluster_has_profile=answers.has_profile,
    )


def _amount(call: Call, answers: Answers) -> Amount | None:
    if answers.part != PartRole.VISITOR or not answers.host_country:
        return None
    days = answers.days or call.full_days
    km = call.half_below_km - 1 if answers.is_near else call.half_below_km
    starts_on = max(call.first_day, clock.today())
    try:
        found = lump_sum(
            call, country=answers.host_country, starts_on=starts_on, days=days, km=km, mode=Mode.PHYSICAL
        )
    except RuleBroken:  # no rate for that country and day
        return None
    return Amount(found.cents, days, answers.host_country)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
