"""What publishing a run does to proposals: which are made, which stay, which are taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mobility.audit.services import record
from mobility.calls.services import free as free_budget
from mobility.core.access import Actor
from mobility.hosts.reservations import free_for
from mobility.mail.services import write
from mobility.rounds import letters, queries
from mobility.rounds.enums import PROPOSAL_LIFECYCLE, ProposalStatus
from mobility.rounds.follow_up import movable_of
from mobility.rounds.models import Proposal, Run, Visit


@dataclass(frozen=True)
class Effects:
    """Visits to propose, open proposals that the run leaves as they are, and those it takes back."""

    made: Sequence[Visit]
    kept: Sequence[Proposal]
    withdrawn: Sequence[Proposal]

    @property
    def moved_ids(self) -> frozenset[int]:
        """The applications whose proposal another one replaces."""
        made = {visit.application_id for visit in self.made}
        return frozenset(one.application_id for one in self.withdrawn if one.application_id in made)


def effects_of(run: Run) -> Effects:
    """What publishing a run would do."""
    visits = {visit.application_id: visit for visit in queries.visits_of(run)}
    first_day = date.fromisoformat((run.round.problem or {})["first_day"])
    movable = movable_of(run.round, first_day)
    kept = [proposal for proposal in movable if _is_same(proposal, visits.get(proposal.application_id))]
    kept_ids = {proposal.application_id for proposal in kept}
    return Effects(
        made=[visit for one, visit in visits.items() if one not in kept_ids],
        kept=kept,
        withdrawn=[proposal for proposal in movable if proposal.application_id not in kept_ids],
    )


def _is_same(proposal: Proposal, visit: Visit | None) -> bool:
    return visit is not None and (visit.offer_id, visit.first_day) == (proposal.offer_id, proposal.first_day)


def withdraw(effects: Effects, *, actor: Actor | None) -> None:
    """Take proposals back before anybody said yes: places and money are free again, both sides are told.

    Raises `RuleBroken("stale")` where somebody answers at the same moment.
    """
    for proposal in effects.withdrawn:
        PROPOSAL_LIFECYCLE.move(proposal, to=ProposalStatus.WITHDRAWN)
    # Always in the same order, so that two verbs that free several places cannot wait for each other.
    for proposal in sorted(effects.withdrawn, key=lambda one: (one.offer_id, one.id)):
        release(proposal)
    for proposal in effects.withdrawn:
        record("proposal.withdrawn", proposal, actor=actor)
        write(letters.withdrawn_to_visitor(proposal, is_moved=proposal.application_id in effects.moved_ids))
        write(letters.withdrawn_to_host(proposal))


def release(proposal: Proposal) -> None:
    """Give back the place and the money that a proposal held."""
    free_for(proposal)
    application = proposal.application
    free_budget(application.call, application.partnership, proposal.lump_sum_cents)
