"""What a problem is made of, as the rows stand: who enters it, and what keeps the others out."""

from collections.abc import Mapping, Sequence, Set
from datetime import date

from sqlalchemy import and_, func, not_, or_, select

from mobility.applications.enums import TO_ASSESS, ApplicationStatus
from mobility.applications.models import Application, RuleException
from mobility.applications.queries import accepted_applications, granted_in, visitors_among
from mobility.applications.rules import findings, priority
from mobility.calls.models import Allotment, Call
from mobility.catalogue.queries import validated_application_ids
from mobility.core import clock
from mobility.core.db import db
from mobility.hosts.models import Offer, Reservation
from mobility.hosts.queries import accepted_offers
from mobility.hosts.rules import failed, waived
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.follow_up import FIRST, FollowUp
from mobility.rounds.models import Proposal
from mobility.rounds.problem import Inputs

# Who travels with one of these waits.
WAITING = TO_ASSESS | {ApplicationStatus.RESTED}


def inputs_of(call: Call, first_day: date, after: FollowUp = FIRST) -> Inputs:
    """All that the call's problem is made of, as the rows stand."""
    stand, offers = standing(call, after), accepted_offers(call)
    applications = [application for application, reason in stand if reason is None]
    visitors = visitors_among({one.organisation_id for one in applications})
    return Inputs(
        call=call,
        first_day=first_day,
        applications=applications,
        offers=offers,
        priorities={
            one.id: priority(one, has_visited=one.organisation_id in visitors) for one in applications
        },
        reservations=_live_reservations(offers, after),
        allotments=allotments_of(call),
        visited_ids=frozenset(visitors) | _holders(after),
        left_out={application.reference: reason for application, reason in stand if reason},
        movable=after.movable,
        ended=after.ended,
    )


def left_out(call: Call) -> list[tuple[Application, str]]:
    """The accepted applications that would not enter a round frozen now, with the code of what keeps each out."""
    return [(application, reason) for application, reason in standing(call) if reason]


def standing(call: Call, after: FollowUp = FIRST) -> list[tuple[Application, str | None]]:
    """Each accepted application with what keeps it out of a round: a code, or None.

    "rested": its applicant was asked and did not answer;
    "proposed": an earlier proposal waits for an answer; "paired": an agreed pair holds its place and its money;
    "group-waits": a member of its group cannot enter yet; "declined": it said no, or nothing, to the proposal before;
    "findings-fail": a rule forbids it as its organisation stands now, not as it stood when assessed.
    """
    asked = set(
        db.session.scalars(select(Proposal.application_id).where(Proposal.status == ProposalStatus.OPEN))
    )
    asked -= after.movable_ids
    paired = set(db.session.scalars(validated_application_ids()))
    waiting = _waiting_groups(call, asked)
    out, granted = {"proposed": asked, "paired": paired, "declined": after.out}, granted_in(call)
    return [
        (one, _reason_against(one, out, waiting) or _rule_against(one, granted.get(one.id, ())))
        for one in accepted_applications(call)
    ]


def _reason_against(
    application: Application, out: Mapping[str, Set[int]], waiting: set[str | None]
) -> str | None:
    if application.status is ApplicationStatus.RESTED:
        return "rested"
    found = next((code for code, ids in out.items() if application.id in ids), None)
    if found:
        return found
    if application.group_key in waiting:
        return "group-waits"
    return None


def _rule_against(application: Application, granted: Sequence[RuleException]) -> str | None:
    # Whether the organisation has visited is a matter of its pairs.
    at = application.submitted_at or clock.utcnow()
    found = waived(findings(application, at=at, has_visited=False), granted)
    return "findings-fail" if failed(found) else None


def _waiting_groups(call: Call, asked: set[int]) -> set[str | None]:
    """Groups that cannot travel whole yet: a member is still to be assessed, rests, or has a proposal to answer."""
    standing = func.coalesce(Application.held, Application.status)
    members = select(Application.id, Application.group_key, standing).where(
        Application.call_id == call.id, Application.group_key.is_not(None)
    )
    return {
        key
        for application_id, key, status in db.session.execute(members).all()
        if status in WAITING or application_id in asked
    }


def _live_reservations(offers: Sequence[Offer], after: FollowUp) -> list[Reservation]:
    live = select(Reservation).where(
        Reservation.offer_id.in_([offer.id for offer in offers]), Reservation.freed_at.is_(None)
    )
    movable = [proposal.id for proposal in after.movable]
    live = live.where(not_(and_(Reservation.for_kind == "proposal", Reservation.for_id.in_(movable))))
    return list(db.session.scalars(live.order_by(Reservation.id)))


def allotments_of(call: Call) -> dict[int, Allotment]:
    """What each partnership may spend in a call, by its key."""
    of_call = select(Allotment).where(Allotment.call_id == call.id)
    return {one.partnership_id: one for one in db.session.scalars(of_call)}


def _holders(after: FollowUp) -> frozenset[int]:
    """Organisations that hold a proposal or an agreed pair for their one visit."""
    asked = select(Proposal.application_id).where(Proposal.status == ProposalStatus.OPEN)
    asked = asked.where(Proposal.application_id.not_in(after.movable_ids))
    held = or_(Application.id.in_(asked), Application.id.in_(validated_application_ids()))
    return frozenset(db.session.scalars(select(Application.organisation_id).where(held)))
