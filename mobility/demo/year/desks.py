"""What lies open today: notes, changes asked, decisions to tell, a page half typed, an organisation entered twice."""

from dataclasses import replace

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import bulk, changes, exceptions, services, typed
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.bulk.models import BulkStep
from mobility.calls import services as calls
from mobility.calls.models import Call
from mobility.core.db import db
from mobility.core.settings import DEMO_DOMAIN
from mobility.demo.stage import Stage, in_days
from mobility.demo.year.intake import failing_codes, words_for
from mobility.hosts import services as hosts
from mobility.hosts.columns import content_of
from mobility.hosts.enums import OfferKind, OfferStatus
from mobility.hosts.exceptions import OFFERS
from mobility.hosts.models import Offer
from mobility.hosts.queries import own_organisations
from mobility.notes.services import note
from mobility.organisations import colleagues, merges
from mobility.organisations import services as organisations
from mobility.organisations.enums import LikenessStatus, MemberRight, OrganisationType
from mobility.organisations.models import Likeness, Organisation
from mobility.reviews import services as reviews
from mobility.reviews.models import Review
from mobility.reviews.queries import criteria_of, reviewers

DAYS_TO_ANSWER = 14


def leave_open(stage: Stage) -> None:
    """Leave what staff and applicants find begun; once, also by a story that was cut off."""
    call = stage.call_of(stage.second_reference)
    if db.session.scalar(select(BulkStep.id).limit(1)) is None:
        _assess(stage, call)
        _review(stage, call)
        _type(stage, call)
        _enter_twice(stage)
        _offer_without_cluster(stage, call)
    db.session.commit()


def _assess(stage: Stage, call: Call) -> None:
    """The officer of whoever waits longest takes what waits there, notes something, and asks for changes."""
    waiting = _standing(call, ApplicationStatus.SUBMITTED)
    longest = waiting[0]
    officer = stage.officer(longest.partnership)
    mine = [one for one in waiting if one.partnership is longest.partnership]
    bulk.do(bulk.Order(bulk.Act.TAKE), mine, {one.reference: one.version for one in mine}, actor=officer)
    note(longest, "Spoke to them by phone: the dates can move by a week.", is_shared=False, actor=officer)
    asked = {Section.TOPICS: "Say in a sentence what you would like to see there."}
    changes.ask(longest, asked, in_days(DAYS_TO_ANSWER), actor=officer)
    _hold(stage, call, waiting[1:3])
    _ask_exception([*waiting[3:], longest], officer)


def _review(stage: Stage, call: Call) -> None:
    """Officers of other partnerships review what waits; the first has done so."""
    officer = stage.login(Role.SUPPORT_OFFICER)
    reviews.set_criteria(call, {"Fit to the scheme": 3, "Use for the region": 2}, 10, actor=officer)
    reviews.hand_out(call, reviewers(), 2, actor=officer)
    first = db.session.scalars(select(Review).order_by(Review.id).limit(1)).one()
    points = {str(one.id): 4 for one in criteria_of(call.id)}
    reviews.give(first, points, "A clear purpose, and hosts that fit it.", actor=first.reviewer)


def _hold(stage: Stage, call: Call, waiting: list[Application]) -> None:
    """From today on the call tells its applicants together; what is decided on these two waits for it."""
    calls.choose_release(call, together=True, actor=stage.login(Role.SUPPORT_OFFICER))
    for application in waiting:
        reason = words_for(failing_codes(application.findings))
        officer = stage.officer(application.partnership)
        services.assess(application, accepted=not reason, reason=reason, actor=officer)


def _ask_exception(waiting: list[Application], officer: User) -> None:
    """The cluster of a firm has lost its profile for a while; an officer asks that it is not held against the firm."""
    firms = (one for one in waiting if one.organisation.type.value in one.call.profile_types)
    for application in firms:
        without = replace(organisations.draft_of(application.organisation), cluster_has_profile=False)
        organisations.update(application.organisation, without, actor=officer)
        why = (
            "Their cluster renews its profile, and the platform has confirmed that it comes back next month."
        )
        exceptions.ask(application, "profile", why, actor=officer)
        return


def _offer_without_cluster(stage: Stage, call: Call) -> None:
    """A firm of no cluster would host as another one does; its officer asks that it may."""
    of_call = (Offer.call_id == call.id, Offer.status == OfferStatus.ACCEPTED, Offer.kind == OfferKind.PLACES)
    like = db.session.scalars(select(Offer).where(*of_call).order_by(Offer.id).limit(1)).one()
    firm = replace(
        organisations.draft_of(like.organisation),
        name="Workshop on the Quay",
        registration=f"{like.organisation.registration}-Q",
        type=OrganisationType.SME,
        staff=12,
        turnover_cents=900_000_00,
        balance_cents=400_000_00,
        cluster_name="",
        cluster_has_profile=False,
    )
    officer = stage.officer(like.partnership)
    host = organisations.register(firm, actor=officer, partnership=like.partnership)
    address = f"quay@{DEMO_DOMAIN}"
    content = replace(
        content_of(like), title="A week on the quay", contact_name=host.name, contact_email=address
    )
    offer = hosts.draft(call, host, content, partnership=like.partnership, actor=None)
    hosts.submit(offer, actor=None)
    why = "The only firm of its kind in the region, and two visitors have asked for it."
    OFFERS.ask(offer, "cluster", why, actor=officer)


def _type(stage: Stage, call: Call) -> None:
    begun = next(iter(_standing(call, ApplicationStatus.DRAFT)), None) or _begin(stage, call)
    half = {"motivation": ["We would like to see how"]}
    typed.keep(begun, Section.TOPICS, half, page="demo", count=1, of_version=begun.version)


def _begin(stage: Stage, call: Call) -> Application:
    """In a small story nobody may be at it just now, so the first applicant begins."""
    person = stage.login(Role.APPLICANT)
    content = ApplicationDraft(person.name, person.email, windows=(), min_days=3, max_days=5)
    return services.draft(call, own_organisations(person)[0], content, actor=person)


def _enter_twice(stage: Stage) -> None:
    """Somebody enters an organisation anew, twice; one is found out and merged. A colleague is asked to join."""
    officer, applicant = stage.login(Role.SUPPORT_OFFICER), stage.login(Role.APPLICANT)
    own = own_organisations(applicant)[0]
    colleagues.invite(own, f"colleague@{DEMO_DOMAIN}", MemberRight.VIEW, actor=applicant)
    for entered in db.session.scalars(select(Organisation).order_by(Organisation.id).limit(2)).all():
        again = replace(organisations.draft_of(entered), registration=f"{entered.registration}-2")
        organisations.register(again, actor=officer)
    db.session.flush()
    merges.find()
    found = select(Likeness).where(Likeness.status == LikenessStatus.OPEN).order_by(Likeness.id)
    alike = db.session.scalars(found.limit(1)).one()
    merges.merge(alike, alike.one, actor=officer)


def _standing(call: Call, status: ApplicationStatus) -> list[Application]:
    """The applications of a call in a state, the longest there first."""
    found = select(Application).where(Application.call_id == call.id, Application.status == status)
    return list(db.session.scalars(found.order_by(Application.submitted_at, Application.id)))
