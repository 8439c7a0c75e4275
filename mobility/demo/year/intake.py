"""The weeks of the call: organisations come, offer and apply, and officers assess."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import func, select

from mobility.accounts import services as accounts
from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import cvs
from mobility.applications import services as applications
from mobility.applications.draft import AnswerDraft, ApplicationDraft, WishDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.uploads import Upload
from mobility.demo import cast
from mobility.demo.pdfs import small_pdf
from mobility.demo.stage import Season, Stage, days_since, each, ids, number_of
from mobility.demo.world.parts import Party, PlannedApplication, PlannedOffer
from mobility.demo.world.words import table
from mobility.demo.year import memberships
from mobility.hosts import services as hosts
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer, OfferWindow
from mobility.organisations import services as organisations
from mobility.organisations.models import Organisation
from mobility.partnerships.queries import partnership_by_code

HostDay = tuple[str, date]
# The share of applications that come with a CV.
WITH_CV = 0.6


def take_in(stage: Stage, season: Season) -> None:
    """Whoever planned to offer or apply by today does so; hosts without an offer register, too."""
    today = clock.today()
    if today > season.closes_on:
        return
    known = offers_by_host(season.call)
    for offer in season.offers:
        if offer.day <= today and host_day(stage, offer) not in known:
            _offer(stage, season, offer)
    applied = _applicants(season.call)
    for application in season.applications:
        party = stage.world.party(application.visitor)
        if application.day <= today and party.content.registration not in applied:
            _apply(stage, season, application, party)
    db.session.commit()


def look_around(stage: Stage) -> None:
    """Hosts that offer nothing yet only register."""
    calendar, registered = stage.world.calendar, set(db.session.scalars(select(Organisation.registration)))
    for party in stage.world.parties:
        day = calendar.day(stage.random("registers", party.key).randint(5, 60))
        if party.part == "host" and party.content.registration not in registered and day <= clock.today():
            arrive(stage, party)
    db.session.commit()


def arrive(stage: Stage, party: Party) -> tuple[Organisation, User]:
    """The organisation and the person of a party; they register if they have not."""
    found = select(Organisation).where(Organisation.registration == party.content.registration)
    organisation = db.session.scalar(found)
    if organisation is not None:
        return organisation, stage.user(party.person.email)
    person = cast.account_of(party.person, Role.HOST if party.part == "host" else Role.APPLICANT)
    forms = partnership_by_code(party.forms) if party.forms else None
    organisation = organisations.register(party.content, partnership=forms, actor=person)
    organisations.join(organisation, person, actor=person)
    memberships.ask(stage, organisation, person)
    if party.part == "visitor":
        organisations.change_account(organisation, party.account, actor=person)
    return organisation, person


def host_day(stage: Stage, offer: PlannedOffer) -> HostDay:
    """What tells the offers of a call apart: the host, and its first day."""
    return stage.world.party(offer.host).content.registration, offer.content.windows[0].first_day


def offers_by_host(call: Call) -> dict[HostDay, int]:
    """The keys of a call's offers by host and first day."""
    first_day = func.min(OfferWindow.first_day)
    found = select(Organisation.registration, first_day, Offer.id)
    found = found.join(Offer, Offer.organisation_id == Organisation.id).join(Offer.windows)
    rows = db.session.execute(found.where(Offer.call_id == call.id).group_by(Organisation.id, Offer.id)).all()
    return {(registration, day): key for registration, day, key in rows}


def _applicants(call: Call) -> set[str]:
    found = select(Organisation.registration).join(
        Application, Application.organisation_id == Organisation.id
    )
    return set(db.session.scalars(found.where(Application.call_id == call.id)))


def _offer(stage: Stage, season: Season, planned: PlannedOffer) -> None:
    party = stage.world.party(planned.host)
    organisation, person = arrive(stage, party)
    partnership = partnership_by_code(party.cared_for_by)
    offer = hosts.draft(season.call, organisation, planned.content, partnership=partnership, actor=person)
    if not planned.is_left_open:
        hosts.submit(offer, actor=person)


def _apply(stage: Stage, season: Season, planned: PlannedApplication, party: Party) -> None:
    organisation, person = arrive(stage, party)
    accounts.grant(person, Role.APPLICANT)
    partnership = partnership_by_code(party.cared_for_by)
    content = replace(
        planned.content,
        wishes=tuple(_wishes(stage, season, planned.wishes)),
        answers=tuple(_answers(stage, season.call, party)),
    )
    application = applications.draft(
        season.call, organisation, content, partnership=partnership, actor=person
    )
    if stage.random("cv", organisation.registration).random() < WITH_CV:
        kept = cvs.keep(application, _cv(content), actor=person)
        applications.revise(application, replace(content, cv=kept.sha256), actor=person)
    if not planned.is_left_open:
        applications.submit(application, actor=person)


def _cv(content: ApplicationDraft) -> Upload:
    lines = (content.position, *(f"{language} {level}" for language, level in content.languages.items()))
    return Upload("cv.pdf", small_pdf(content.person_name, *lines))


def _wishes(stage: Stage, season: Season, wishes: Iterable[tuple[str, int | None]]) -> Iterator[WishDraft]:
    known = offers_by_host(season.call)
    planned = {offer.key: offer for offer in season.offers}
    for key, rank in wishes:
        yield WishDraft(known[host_day(stage, planned[key])], rank)


def _answers(stage: Stage, call: Call, party: Party) -> Iterator[AnswerDraft]:
    """To the questions of the call, which are answered with yes or no."""
    for question in call.questions:
        said = stage.random("answers", party.key).choice(question.answers)
        yield AnswerDraft(question.id, question.wording.id, said)


def assess(stage: Stage, season: Season) -> None:
    """Officers decide on offers within days and on applications within two weeks."""
    call = season.call
    offers = {host_day(stage, one): one for one in season.offers}
    waiting = select(Offer.id).where(Offer.call_id == call.id, Offer.status == OfferStatus.SUBMITTED)
    each(Offer, ids(waiting.order_by(Offer.id)), lambda offer: _assess_offer(stage, offer, offers))
    plans = plans_of(stage, season)
    submitted = select(Application.id).where(
        Application.call_id == call.id, Application.status == ApplicationStatus.SUBMITTED
    )
    each(
        Application,
        ids(submitted.order_by(Application.id)),
        lambda one: _assess_application(stage, one, plans.get(one.organisation.registration)),
    )


def _assess_offer(stage: Stage, offer: Offer, plans: Mapping[HostDay, PlannedOffer]) -> object:
    if days_since(offer.submitted_at) < stage.random("assesses", offer.reference).randint(2, 6):
        return None
    planned = plans.get((offer.organisation.registration, offer.windows[0].first_day))
    reason = words_for(failing_codes(offer.findings)) or (planned.rejected_because if planned else "")
    officer = stage.officer(offer.partnership, number_of(offer.reference))
    hosts.assess(offer, accepted=not reason, reason=reason, actor=officer)
    return offer


def _assess_application(stage: Stage, application: Application, planned: PlannedApplication | None) -> object:
    patience = stage.random("assesses", application.reference).randint(4, 14)
    # Who has found a host waits for nobody.
    patience = min(patience, 3) if planned and planned.agrees_with else patience
    if days_since(application.submitted_at) < patience:
        return None
    reason = words_for(failing_codes(application.findings)) or (planned.rejected_because if planned else "")
    officer = stage.officer(application.partnership, number_of(application.reference))
    applications.assess(application, accepted=not reason, reason=reason, actor=officer)
    return application


def failing_codes(findings: Iterable[dict[str, object]]) -> list[str]:
    """The codes of the findings that stand against a record."""
    return [str(one["code"]) for one in findings if one["passed"] is False]


def words_for(codes: Iterable[str]) -> str:
    """What an officer writes about failed findings."""
    reasons = table("sentences")["reasons"]
    return " ".join(reasons.get(code, code) for code in codes)


def plans_of(stage: Stage, season: Season) -> dict[str, PlannedApplication]:
    """What was planned for the visitors of a call, by registration number."""
    return {stage.world.party(one.visitor).content.registration: one for one in season.applications}
