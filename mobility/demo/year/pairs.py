"""Who finds a host without a round: they write to each other, enter their visit, and the partnerships validate."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue import services as catalogue
from mobility.catalogue.days import HostDays
from mobility.catalogue.enums import ContactStatus, PairStatus, Side
from mobility.catalogue.models import AgreedPair, Contact
from mobility.catalogue.queries import contact_between
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.demo.stage import Season, Stage, days_since, each, ids, number_of
from mobility.demo.world.words import Texts
from mobility.demo.year.intake import host_day, offers_by_host
from mobility.exchanges.tasks import build_validated
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation

PATIENCE_DAYS = 2
OTHERS = 12
# Of ten who write without knowing each other, so many get a yes.
YES_SHARE = 0.4


def agreed_registrations(stage: Stage, season: Season) -> set[str]:
    """The visitors who find their host by themselves."""
    planned = (one for one in season.applications if one.agrees_with)
    return {stage.world.party(one.visitor).content.registration for one in planned}


def agree(stage: Stage, season: Season) -> None:
    """Go one step on with everybody who found a host, and build what both partnerships validated."""
    call = season.call
    known = offers_by_host(call)
    planned = {offer.key: offer for offer in season.offers}
    for one in season.applications:
        if one.agrees_with:
            host = known.get(host_day(stage, planned[one.agrees_with]))
            visitor = _application(call, stage.world.party(one.visitor).content.registration)
            if host and visitor:
                _begin(stage, visitor, db.session.get_one(Offer, host))
                db.session.commit()
    get_in_touch(stage, season)
    go_on(stage, call)


def get_in_touch(stage: Stage, season: Season) -> None:
    """People write to each other, and answer."""
    _write_to_others(stage, season)
    _answer_contacts(stage, season)


def go_on(stage: Stage, call: Call) -> None:
    """Confirm, validate and build the pairs of a call, each a step at a time."""
    of_call = select(AgreedPair.id).join(AgreedPair.application).where(Application.call_id == call.id)
    open_states = (PairStatus.ENTERED, PairStatus.CONFIRMED)
    going = of_call.where(AgreedPair.status.in_(open_states)).order_by(AgreedPair.id)
    each(AgreedPair, ids(going), lambda pair: _go_on(stage, pair))
    build_validated.func(timestamp=0)


def _application(call: Call, registration: str) -> Application | None:
    of_call = select(Application).join(Application.organisation).where(Application.call_id == call.id)
    accepted = Application.status == ApplicationStatus.ACCEPTED
    return db.session.scalar(of_call.where(accepted, Organisation.registration == registration))


def _begin(stage: Stage, application: Application, offer: Offer) -> None:
    """Write to the host; once it has said yes, enter the visit."""
    written = contact_between(application, offer)
    visitor = stage.user(application.person_email)
    if offer.status is not OfferStatus.ACCEPTED:
        return
    if written is None:
        catalogue.contact(application, offer, Side.VISITOR, _message(stage, application), actor=visitor)
        return
    if written.status is not ContactStatus.ACCEPTED or _has_pair(application):
        return
    enter(stage, application, offer, Side.HOST if number_of(application.reference) % 3 == 0 else Side.VISITOR)


def enter(stage: Stage, application: Application, offer: Offer, side: Side) -> None:
    """Put down the first days that suit both."""
    days = common_days(application, offer)
    actor = stage.user(application.person_email if side is Side.VISITOR else offer.contact_email)
    if not days or _has_pair(application):
        return
    try:
        catalogue.enter_pair(application, offer, days[0], days[-1], side, actor=actor)
    except RuleBroken:
        # A rule stands against it by now; the page would have said so.
        db.session.rollback()


def common_days(application: Application, offer: Offer) -> list[date]:
    """The first working days that suit both, as many as the visitor wants."""
    host = HostDays(offer, clock.today(), offer.call.last_day)
    for first, last in application.free_windows:
        for _places, days in host.windows:
            fitting = [day for day in days if first <= day <= last]
            # Mondays first: people travel on Sunday.
            mondays = [place for place, day in enumerate(fitting) if day.weekday() == 0]
            for place in mondays:
                wanted = fitting[place : place + min(application.max_days, offer.max_days)]
                if len(wanted) >= max(application.min_days, offer.min_days, 3):
                    return wanted
    return []


def _has_pair(application: Application) -> bool:
    live = AgreedPair.status.not_in((PairStatus.DECLINED, PairStatus.WITHDRAWN))
    held = select(AgreedPair.id).where(AgreedPair.application_id == application.id, live)
    return db.session.scalar(held.limit(1)) is not None


def _message(stage: Stage, application: Application) -> str:
    texts = _texts(stage, application)
    return texts.text("answers", "contact")


def _texts(stage: Stage, application: Application) -> Texts:
    month = application.windows[0].first_day.strftime("%B")
    random = stage.random("contact", application.reference)
    return Texts(random, application.ecosystems[0], month=month, days=application.max_days)


def _write_to_others(stage: Stage, season: Season) -> None:
    """Some visitors write to a host they wished for and have never met."""
    alone = (
        select(Application)
        .where(
            Application.call_id == season.call.id,
            Application.status == ApplicationStatus.ACCEPTED,
            Application.group_key.is_(None),
        )
        .options(joinedload(Application.organisation))
        .order_by(Application.id)
    )
    agreed = agreed_registrations(stage, season)
    for application in db.session.scalars(alone).all()[: 3 * OTHERS]:
        is_curious = number_of(application.reference) % 3 == 1
        if not is_curious or application.organisation.registration in agreed or not application.wishes:
            continue
        offer = application.wishes[0].offer
        if offer.status is OfferStatus.ACCEPTED and contact_between(application, offer) is None:
            try_contact(stage, application, offer)


def try_contact(stage: Stage, application: Application, offer: Offer) -> bool:
    """Write to a host, if no rule keeps the two apart."""
    actor = stage.user(application.person_email)
    try:
        catalogue.contact(application, offer, Side.VISITOR, _message(stage, application), actor=actor)
    except RuleBroken:
        db.session.rollback()
        return False
    db.session.commit()
    return True


def _answer_contacts(stage: Stage, season: Season) -> None:
    agreed = agreed_registrations(stage, season)
    waiting = select(Contact.id).join(Contact.application).where(Application.call_id == season.call.id)
    each(
        Contact,
        ids(waiting.where(Contact.status == ContactStatus.OPEN).order_by(Contact.id)),
        lambda one: _answer_contact(stage, one, agreed),
    )


def _answer_contact(stage: Stage, contact: Contact, agreed: set[str]) -> object:
    if days_since(contact.written_at) < PATIENCE_DAYS:
        return None
    application, random = contact.application, stage.random("answers", contact.id)
    accepted = application.organisation.registration in agreed or random.random() < YES_SHARE
    words = _texts(stage, application).text("answers", "yes" if accepted else "no")
    actor = stage.user(contact.offer.contact_email)
    catalogue.answer_contact(contact, accepted=accepted, reply=words, actor=actor)
    return contact


def _go_on(stage: Stage, pair: AgreedPair) -> object:
    number = number_of(pair.reference)
    if pair.status is PairStatus.ENTERED:
        if days_since(pair.entered_at) < PATIENCE_DAYS:
            return None
        asked = pair.offer.contact_email if pair.entered_by is Side.VISITOR else pair.application.person_email
        catalogue.confirm_pair(pair, actor=stage.user(asked))
    elif pair.vop_validated_at is None:
        _validate(pair, "vop", stage.officer(pair.application.partnership, number))
    else:
        _validate(pair, "hop", stage.officer(pair.offer.partnership, number))
    return pair


def _validate(pair: AgreedPair, slot: str, officer: User) -> None:
    """Say yes for a partnership, or no where place or money are gone."""
    try:
        catalogue.validate_pair(pair, slot, actor=officer)
    except RuleBroken as refusal:
        if refusal.code == "stale":
            raise
        db.session.rollback()
        words = "Another visit has taken the place, or the money of this call is promised."
        catalogue.decline_pair(pair, words, actor=officer)


def give_up(stage: Stage, call: Call) -> None:
    """Whoever is not through when the round begins takes the pair back and enters the round."""
    going = (
        select(AgreedPair.id)
        .join(AgreedPair.application)
        .where(
            Application.call_id == call.id, AgreedPair.status.in_((PairStatus.ENTERED, PairStatus.CONFIRMED))
        )
    )
    each(AgreedPair, ids(going.order_by(AgreedPair.id)), lambda pair: _give_up(stage, pair))


def _give_up(stage: Stage, pair: AgreedPair) -> object:
    visitor = stage.user(pair.application.person_email)
    catalogue.withdraw_pair(pair, "We could not settle the days in time.", actor=visitor, side=Side.VISITOR)
    return pair
