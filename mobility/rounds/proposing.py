"""What publishing makes of a run: proposals, the places and money that they hold, and letters."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from mobility.audit.services import record
from mobility.calls.lump_sum import LumpSum
from mobility.calls.models import Call
from mobility.calls.services import reserve as reserve_budget
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.hosts.reservations import reserve as reserve_places
from mobility.mail.services import write
from mobility.rounds import entering, letters, problem, queries
from mobility.rounds.effects import Effects
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Pair, Proposal, Run, Visit


def propose(run: Run, visits: Sequence[Visit], answer_by: datetime) -> list[Proposal]:
    """Make the proposals of a run. Raises `RuleBroken("visit-too-soon")`."""
    round_ = run.round
    pairs, allotments = queries.pairs_of(round_, visits), entering.allotments_of(round_.call)
    proposals = []
    for visit in visits:
        pair = pairs[visit.application.id, visit.offer.id]
        allotment = allotments.get(visit.application.partnership_id)
        cost = problem.cost_on(visit.first_day, visit.offer, allotment, days=pair.days, km=pair.distance_km)
        proposals.append(_proposal(run, visit, pair, cost, answer_by))
    db.session.add_all(proposals)
    db.session.flush()
    for proposal in proposals:
        record("proposal.made", proposal, actor=None, round=round_.reference)
    return proposals


def _proposal(run: Run, visit: Visit, pair: Pair, cost: LumpSum, answer_by: datetime) -> Proposal:
    if visit.first_day <= clock.local(answer_by).date():
        raise RuleBroken("visit-too-soon", application=visit.application.reference, first_day=visit.first_day)
    return Proposal(
        reference=next_reference("PRP"),
        round=run.round,
        run_id=run.id,
        application=visit.application,
        offer=visit.offer,
        status=ProposalStatus.OPEN,
        first_day=visit.first_day,
        last_day=visit.last_day,
        days=pair.days,
        distance_km=pair.distance_km,
        lump_sum_cents=cost.cents,
        trace=[line.as_dict() for line in cost.trace],
        score=pair.score,
        parts=pair.parts,
        answer_by=answer_by,
        made_at=clock.utcnow(),
    )


def reserve(call: Call, proposals: list[Proposal]) -> None:
    """Take the places and the money of all. Raises what `hosts.reservations.reserve` and `calls.reserve` refuse."""
    # Always in the same order, so that two verbs that take several places cannot wait for each other.
    for proposal in sorted(proposals, key=lambda one: (one.offer_id, one.id)):
        reserve_places(proposal.offer, proposal.first_day, proposal.last_day, for_record=proposal)
    totals: dict[int, int] = defaultdict(int)
    partnerships = {one.application.partnership_id: one.application.partnership for one in proposals}
    for proposal in proposals:
        totals[proposal.application.partnership_id] += proposal.lump_sum_cents
    for partnership_id, cents in sorted(totals.items()):
        reserve_budget(call, partnerships[partnership_id], cents)


def tell(run: Run, proposals: list[Proposal], found: Effects) -> None:
    """Write to all whose lot is new: whose proposal is taken back has been told, who waits since before was."""
    for proposal in proposals:
        write(letters.proposed_to_visitor(proposal))
        write(letters.proposed_to_host(proposal))
    codes, told = queries.codes_of(run), {one.application_id for one in found.withdrawn}
    if run.round.after_id is not None:
        told |= queries.told_without_host(run.round)
    for entrant in queries.entrants_of(run.round):
        if entrant.application_id in codes.keys() - told:
            write(letters.not_matched(entrant, run.round, codes[entrant.application_id]))
