"""Which offers and applications nobody uses: no change, no contact, no pair and no visit for a long time; of an
application also nobody who signed in."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, column, exists, func, or_, select, table

from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue.models import AgreedPair, Contact
from mobility.catalogue.queries import LIVE
from mobility.catalogue.records import Record
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts.models import Offer, Reservation
from mobility.hosts.resting import answer_within, unused_after
from mobility.organisations.enums import MemberRight
from mobility.organisations.models import OrganisationMember

# A room above this one, so only its tables are named: rounds under way, and what they proposed.
ROUND = table("round", column("call_id"), column("status"))
PROPOSAL = table("proposal", column("application_id"), column("answer_by"))


def to_ask(kind: type[Record]) -> list[int]:
    """What is unused and was not asked about since it was last used, by its keys."""
    since = clock.utcnow() - unused_after()
    return _unused(kind, since, or_(kind.asked_at.is_(None), kind.asked_at < since))


def to_rest(kind: type[Record]) -> list[int]:
    """What was asked about, without an answer in time, and nobody has used meanwhile either."""
    since = clock.utcnow() - unused_after()
    return _unused(kind, since, kind.asked_at.between(since, clock.utcnow() - answer_within()))


def _unused(kind: type[Record], since: datetime, asked: ColumnElement[bool]) -> list[int]:
    used_at = func.greatest(kind.decided_at, kind.used_at)
    uses = _visits(since) if kind is Offer else _signs_of_the_applicant(since)
    unused = (
        select(kind.id)
        .join(kind.call)
        .where(
            kind.status == "accepted",
            # When the call is over nobody looks for a host in it.
            Call.last_day > clock.today(),
            # A frozen round counts on what stood when it was frozen.
            ~exists().where(ROUND.c.call_id == kind.call_id, ROUND.c.status == "frozen"),
            used_at < since,
            asked,
            *(~use for use in (*_talks(kind, since), *uses)),
        )
    )
    return list(db.session.scalars(unused.order_by(kind.id)))


def _talks(kind: type[Record], since: datetime) -> Iterator[ColumnElement[bool]]:
    """That it is talked of with the other side, or that the two agreed."""
    spoken = func.greatest(Contact.written_at, Contact.answered_at) >= since
    contact, pair = _key_in(Contact, kind), _key_in(AgreedPair, kind)
    yield exists().where(contact == kind.id, spoken)
    yield exists().where(pair == kind.id, AgreedPair.status.in_(LIVE))


def _key_in(link: Any, kind: type[Record]) -> Any:
    return link.offer_id if kind is Offer else link.application_id


def _visits(since: datetime) -> Iterator[ColumnElement[bool]]:
    ahead = and_(Reservation.freed_at.is_(None), Reservation.last_day >= clock.today())
    yield exists().where(Reservation.offer_id == Offer.id, or_(Reservation.made_at >= since, ahead))


def _signs_of_the_applicant(since: datetime) -> Iterator[ColumnElement[bool]]:
    """That a round proposed something, or that somebody who visits or acts for the organisation signed in."""
    yield exists().where(PROPOSAL.c.application_id == Application.id, PROPOSAL.c.answer_by >= since)
    seen = User.signed_in_at >= since
    yield exists().where(User.id == Application.author_id, seen)
    named = func.lower(User.email) == func.lower(Application.person_email)
    yield exists().where(named, User.confirmed_at.is_not(None), seen)
    acts = and_(OrganisationMember.user_id == User.id, OrganisationMember.right == MemberRight.EDIT)
    yield exists().where(OrganisationMember.organisation_id == Application.organisation_id, acts, seen)
