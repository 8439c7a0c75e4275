"""States of a round, a run and a proposal."""

from enum import StrEnum

from mobility.core.states import lifecycle


class RoundStatus(StrEnum):
    OPEN = "open"
    FROZEN = "frozen"
    PUBLISHED = "published"
    GIVEN_UP = "given_up"


class RunStatus(StrEnum):
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ProposalStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    # Taken back by the office, before anybody said yes.
    WITHDRAWN = "withdrawn"


class Reply(StrEnum):
    """What one side answered."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


ROUND_LIFECYCLE = lifecycle(
    {
        RoundStatus.OPEN: {RoundStatus.FROZEN, RoundStatus.GIVEN_UP},
        RoundStatus.FROZEN: {RoundStatus.PUBLISHED, RoundStatus.OPEN, RoundStatus.GIVEN_UP},
    }
)
RUN_LIFECYCLE = lifecycle(
    {
        RunStatus.QUEUED: {RunStatus.SOLVING, RunStatus.CANCELLED},
        # A run whose worker died is taken up again from where it stood.
        RunStatus.SOLVING: {RunStatus.SOLVED, RunStatus.FAILED, RunStatus.CANCELLED},
    }
)
PROPOSAL_LIFECYCLE = lifecycle(
    {
        ProposalStatus.OPEN: {
            ProposalStatus.ACCEPTED,
            ProposalStatus.DECLINED,
            ProposalStatus.EXPIRED,
            ProposalStatus.WITHDRAWN,
        }
    }
)
# What a synthetic round is solved by, in this order: names of the engine's package.
METHODS = ("first_come", "deferred_acceptance", "engine")
