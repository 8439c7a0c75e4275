"""What a round after declines takes from the proposals before it: who may move, what came to nothing, who is out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.rounds.enums import ProposalStatus, Reply
from mobility.rounds.models import Proposal, Round

ENDED = (ProposalStatus.DECLINED, ProposalStatus.EXPIRED)


@dataclass(frozen=True)
class FollowUp:
    """What came before a round.

    `movable` are open proposals that nobody has said yes to; `ended` the pairs, by application and offer, that came
    to nothing; `out` the applications that do not enter again, for they or one of their group said no or nothing.
    """

    movable: Sequence[Proposal] = ()
    ended: frozenset[tuple[int, int]] = frozenset()
    out: frozenset[int] = frozenset()

    @property
    def movable_ids(self) -> frozenset[int]:
        return frozenset(one.application_id for one in self.movable)


FIRST = FollowUp()


def follow_up_of(round_: Round, first_day: date) -> FollowUp:
    """What came before a round whose visits begin from a day on; of a round that follows none, nothing."""
    if round_.after_id is None:
        return FIRST
    out = frozenset[int]() if round_.may_return else _said_no(round_.call_id)
    return FollowUp(movable_of(round_, first_day), _ended(round_.call_id), out)


def _of_call(call_id: int) -> Select[Proposal]:
    return (
        select(Proposal)
        .join(Proposal.application)
        .join(Proposal.offer)
        .where(Application.call_id == call_id)
        .options(contains_eager(Proposal.application), contains_eager(Proposal.offer))
        .order_by(Application.reference)
    )


def movable_of(round_: Round, first_day: date) -> list[Proposal]:
    """The open proposals without a yes that a round may move; of a round that follows none, nobody's.

    A group keeps what it was promised together, and so does who travels too soon.
    """
    if round_.after_id is None:
        return []
    unanswered = and_(Proposal.visitor_reply.is_(None), Proposal.host_reply.is_(None))
    open_to_move = _of_call(round_.call_id).where(Proposal.status == ProposalStatus.OPEN, unanswered)
    open_to_move = open_to_move.where(
        Proposal.first_day >= first_day,
        Application.group_key.is_(None),
        Application.status == ApplicationStatus.ACCEPTED,
        Offer.status == OfferStatus.ACCEPTED,
    )
    return list(db.session.scalars(open_to_move))


def _ended(call_id: int) -> frozenset[tuple[int, int]]:
    ended = select(Proposal.application_id, Proposal.offer_id).join(Proposal.application)
    ended = ended.where(Application.call_id == call_id, Proposal.status.in_(ENDED))
    return frozenset((application, offer) for application, offer in db.session.execute(ended))


def _said_no(call_id: int) -> frozenset[int]:
    """Whose own side declined or did not answer, and who would travel with them."""
    by_visitor = or_(
        and_(Proposal.status == ProposalStatus.DECLINED, Proposal.visitor_reply == Reply.DECLINED),
        and_(Proposal.status == ProposalStatus.EXPIRED, Proposal.visitor_reply.is_(None)),
    )
    refusing = select(Application.id, Application.group_key).join(
        Proposal, Proposal.application_id == Application.id
    )
    found = db.session.execute(refusing.where(Application.call_id == call_id, by_visitor)).all()
    groups = {group for _one, group in found if group is not None}
    mates = select(Application.id).where(Application.call_id == call_id, Application.group_key.in_(groups))
    return frozenset(one for one, _group in found) | frozenset(db.session.scalars(mates) if groups else ())
