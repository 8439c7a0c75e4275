"""What each change of a scenario costs by the goals: the same run without it."""

from mobility.core.access import Actor
from mobility.core.errors import RuleBroken
from mobility.rounds import lottery, queries, scenario, services, sides
from mobility.rounds.enums import RoundStatus
from mobility.rounds.models import Run
from mobility.rounds.solver import Options


def cost_each(run: Run, *, actor: Actor | None) -> int:
    """Queue a run without each change of a run that was not tried without it; how many.

    Raises `RuleBroken`: "wrong-state", "run-outdated".
    """
    round_ = queries.locked_round(run.round_id)
    if round_.status is not RoundStatus.FROZEN:
        raise RuleBroken("wrong-state", state=round_.status, to=RoundStatus.FROZEN)
    if not scenario.is_current(run, round_):
        raise RuleBroken("run-outdated", run=run.number)
    options = options_of(run)
    untried = [
        others
        for others, tried in zip(scenario.each_left_out(run.changes), sides.without_each(run), strict=True)
        if tried is None
    ]
    for others in untried:
        services.queue_run(round_, options, "", others, actor=actor)
    return len(untried)


def options_of(run: Run) -> Options:
    """How a run was asked to be solved; lots are drawn where the round has a lottery."""
    goals = tuple(goal for goal in run.goals if goal != lottery.GOAL)
    return Options(goals, run.time_limit_s, run.seed, run.is_deterministic)
