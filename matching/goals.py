"""The goals on the CP-SAT model, one function each.

A goal gives the model an expression to raise or lower, and can later hold the model to a value that was reached.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ortools.sat.python import cp_model

from matching.dual import whole
from matching.rules import Model
from matching.values import LOWER_IS_BETTER, Value, named_sets
from matching.ways import Way

Expression = cp_model.LinearExprT


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal on one model. `scale` turns a value into the whole number that the expression stands for."""

    name: str
    expression: Expression
    hold: Callable[[Value], None]
    scale: int = 1

    def aim(self, model: Model) -> None:
        """Make the model look for the best value."""
        if self.name in LOWER_IS_BETTER:
            model.cp.minimize(self.expression)
        else:
            model.cp.maximize(self.expression)


def goal(name: str, model: Model) -> Goal:
    """Put a goal on a model."""
    return _GOALS[name](model)


def _sum(model: Model, amounts: Sequence[int]) -> Expression:
    return cp_model.LinearExpr.weighted_sum(model.chosen, amounts)


def _summed(name: str, model: Model, expression: Expression) -> Goal:
    def hold(value: Value) -> None:
        kept = expression <= int(value) if name in LOWER_IS_BETTER else expression >= int(value)
        model.cp.add(kept)

    return Goal(name, expression, hold)


def _priority(model: Model) -> Goal:
    """Raise the sum of the priorities of the matched."""
    priority = {application.id: application.priority for application in model.world.problem.applications}
    worth = [sum(priority[pair.application] for pair in way.pairs) for way in model.world.ways]
    return _summed("priority", model, _sum(model, worth))


def _score(model: Model) -> Goal:
    """Raise the sum of the scores of the matched pairs."""
    worth = [sum(pair.score for pair in way.pairs) for way in model.world.ways]
    return _summed("score", model, _sum(model, worth))


def _cost(model: Model) -> Goal:
    """Lower the sum of the costs of the matched pairs, in cents."""
    costs = [sum(pair.amount("cost_cents") for pair in way.pairs) for way in model.world.ways]
    return _summed("cost", model, _sum(model, costs))


def _fairness(model: Model) -> Goal:
    """Raise the worst matched share over the named sets.

    With `scale` of at least the square of the largest set, floor(scale x share) orders all possible shares: two
    different ones lie at least 1 / (their sizes' product) apart. So a whole number stands for the share, exactly.
    """
    sets = list(named_sets(model.world.problem))
    scale = max((len(members) for members in sets), default=1) ** 2
    worst = model.cp.new_int_var(0, scale, "worst share")
    counts = [cp_model.LinearExpr.sum([model.matched(one) for one in members]) for members in sets]
    for members, count in zip(sets, counts, strict=True):
        model.cp.add(len(members) * worst <= scale * count)

    def hold(value: Value) -> None:
        for members, count in zip(sets, counts, strict=True):
            model.cp.add(count >= ceil(value * len(members)))

    return Goal("fairness", worst, hold, scale)


def _changes(model: Model) -> Goal:
    """Lower the number of applications whose host or first day is not the previous one."""
    before = {one.application: one for one in model.world.problem.previous}
    ids = [application.id for application in model.world.problem.applications]
    newly = [model.matched(one) for one in ids if one not in before]
    kept = [
        _same(model, w, position)
        for one in ids
        if one in before
        for w in model.world.ways_for(one, before[one].host)
        if (position := _position(model, model.world.ways[w], before[one].first_day.toordinal())) is not None
    ]
    had = sum(one in before for one in ids)
    return _summed("changes", model, cp_model.LinearExpr.sum(newly) - cp_model.LinearExpr.sum(kept) + had)


def _lottery(model: Model) -> Goal:
    """Raise the sum of the lots of the matched."""
    lot = {application.id: application.lot for application in model.world.problem.applications}
    worth = [sum(lot[pair.application] for pair in way.pairs) for way in model.world.ways]
    return _summed("lottery", model, _sum(model, worth))


def _position(model: Model, way: Way, ordinal: int) -> int | None:
    line = model.world.axes[way.host]
    return next((start for start in way.starts if line.days[start] == ordinal), None)


def _same(model: Model, w: int, position: int) -> cp_model.IntVar:
    same = model.cp.new_bool_var("as before")
    model.cp.add_implication(same, model.chosen[w])
    model.cp.add(model.starts[w] == position).only_enforce_if(same)
    return same


_GOALS: dict[str, Callable[[Model], Goal]] = {
    "priority": _priority,
    "fairness": _fairness,
    "score": _score,
    "cost": _cost,
    "changes": _changes,
    "lottery": _lottery,
}


def proven(model: Model, reached: Goal, bound: float) -> Value:
    """Turn the solver's bound on a goal's expression into a bound on the goal's value."""
    if reached.name in LOWER_IS_BETTER:
        return -whole(-bound)
    most = whole(bound)
    return _largest_share(model, most, reached.scale) if reached.name == "fairness" else most


def _largest_share(model: Model, most: int, scale: int) -> Fraction:
    """Return the largest share that some set can have and that the whole number does not exceed."""
    sizes = {len(members) for members in named_sets(model.world.problem)}
    shares = (Fraction(min(n, ((most + 1) * n - 1) // scale), n) for n in sizes)
    return min(Fraction(1), max(shares, default=Fraction(1)))
