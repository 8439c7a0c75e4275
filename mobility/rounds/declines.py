"""After declines: a round of its own, solved twice, so that both answers are seen before one is published."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import given_text
from mobility.rounds import services
from mobility.rounds.enums import RoundStatus
from mobility.rounds.follow_up import ENDED
from mobility.rounds.models import Proposal, Round, Run
from mobility.rounds.scenario import KEEP, Change
from mobility.rounds.solver import Options

# With everybody else locked the best refilling; with only the accepted locked as few changes as the best priority
# allows, as in `matching.rerun`.
REFILL_GOALS, REMATCH_GOALS = ("priority", "score"), ("priority", "changes", "score")


@dataclass(frozen=True)
class Answers:
    """The newest run of each answer; None where it was not asked for."""

    refill: Run | None
    rematch: Run | None

    @property
    def both(self) -> list[Run]:
        return [run for run in (self.refill, self.rematch) if run]


def answers_of(runs: Sequence[Run]) -> Answers:
    """The two answers among the runs of a round, newest first; with more changes a run is a scenario of its own."""
    return Answers(
        refill=next((run for run in runs if [row["kind"] for row in run.changes] == [KEEP]), None),
        rematch=next(
            (run for run in runs if not run.changes and tuple(run.goals[:3]) == REMATCH_GOALS), None
        ),
    )


def ended_of(round_: Round) -> int:
    """How many proposals of a round were declined or have lapsed."""
    ended = select(func.count()).where(Proposal.round_id == round_.id, Proposal.status.in_(ENDED))
    return db.session.scalar(ended) or 0


def ask(
    round_: Round, *, reason: str, may_return: bool = False, time_limit_s: int = 60, actor: Actor | None
) -> Round:
    """Open and freeze the round after a published one, and queue both answers.

    Raises `RuleBroken`: "wrong-state", "nobody-declined", "reason-needed", and what `open_round` and `freeze` refuse.
    """
    reason = given_text(reason)
    if round_.status is not RoundStatus.PUBLISHED:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.OPEN)
    if not ended_of(round_):
        raise RuleBroken("nobody-declined")
    after = services.open_round(round_.call, after=round_, may_return=may_return, actor=actor)
    db.session.flush()
    _freeze_and_solve(after, reason, time_limit_s, actor=actor)
    return after


def ask_again(round_: Round, *, actor: Actor | None) -> None:
    """Freeze a round after declines anew, for something has changed, and queue both answers once more.

    Raises `RuleBroken`: "wrong-state", "runs-live", and what `freeze` refuses.
    """
    asked = db.session.scalars(select(Run).where(Run.round_id == round_.id).order_by(Run.number.desc())).all()
    refill = answers_of(asked).refill
    if round_.after_id is None or refill is None:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.FROZEN)
    if round_.status is RoundStatus.FROZEN:
        services.reopen(round_, actor=actor)
    _freeze_and_solve(round_, refill.changes[0]["reason"], refill.time_limit_s, actor=actor)


def _freeze_and_solve(round_: Round, reason: str, time_limit_s: int, *, actor: Actor | None) -> None:
    services.freeze(round_, actor=actor)
    keep = Change(KEEP, reason)
    refill, rematch = Options(REFILL_GOALS, time_limit_s), Options(REMATCH_GOALS, time_limit_s)
    services.solve(round_, refill, changes=[keep], actor=actor)
    services.solve(round_, rematch, actor=actor)
