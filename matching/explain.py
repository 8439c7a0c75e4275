"""Says why applications are not matched: the first reason that holds, with evidence and a sentence.

The reasons, in this order, are those of the format: no host is left, no common dates, a limit alone, the group,
and otherwise competition.
"""

from collections import Counter
from collections.abc import Mapping

from matching.barriers import blocked_by, limits_alone
from matching.board import Board
from matching.displace import Displacer
from matching.helping import Helper
from matching.options import Misused
from matching.problem import Problem
from matching.seating import seat
from matching.sentences import sentence
from matching.solution import Solution, Unmatched
from matching.visits import starts

IN_DETAIL = 2000
"""How many applications get changes that would help and whom they would displace; all get a reason."""


def explain(problem: Problem, solution: Solution, application: str | None = None) -> tuple[Unmatched, ...]:
    """Explain one unmatched application, or all. Raises `Misused` for one that is matched or unknown.

    `evidence` holds `blocked_by` per host, `helps` with a witness each, and for `competition` whom it would displace.
    """
    desk = Desk(seat(problem, solution), solution)
    if application is None:
        return desk.explain_all()
    if application not in desk.left:
        raise Misused(f"{application} is matched, or not in the problem")
    return (desk.explain(application),)


class Desk:
    """Answers the unmatched of one plan."""

    def __init__(self, board: Board, solution: Solution) -> None:
        self.board, self.world, self.problem = board, board.world, board.world.problem
        matched = {one for unit in board.slots for one in self.world.units[unit]}
        self.applications = {one.id: one for one in self.problem.applications}
        self.left = [one.id for one in self.problem.applications if one.id not in matched]
        self.suited = Counter(pair.application for pair in self.problem.pairs)
        self.helper, self.displacer = Helper(board), Displacer(board, solution)
        self.told: dict[int, Mapping[str, object]] = {}

    def explain_all(self, *, in_detail: bool = True) -> tuple[Unmatched, ...]:
        """Explain every unmatched application; in detail so many of them, or none."""
        most = IN_DETAIL if in_detail else 0
        return tuple(self.explain(one, in_detail=n < most) for n, one in enumerate(self.left))

    def explain(self, application: str, *, in_detail: bool = True) -> Unmatched:
        """Explain one application."""
        code = self.code(application)
        evidence = self._evidence(application, code, in_detail=in_detail)
        return Unmatched(application, code, sentence(code, evidence), evidence)

    def code(self, application: str) -> str:
        """Return the first reason that holds."""
        if not self.helper.pairs[application]:
            return "no_host"
        if not self._has_dates(application):
            return "no_dates"
        unit = self.world.unit_of[application]
        if not self.world.ways_of[unit]:
            return "group"
        return "limit" if limits_alone(self.board, unit) is not None else "competition"

    def _has_dates(self, application: str) -> bool:
        """Tell whether it could visit somewhere by itself in an empty world without limits."""
        one = self.applications[application]
        for host, pair in self.helper.pairs[application].items():
            line, length = self.world.axes[host], pair.days or one.days
            if any(min(line.places[s : s + length]) > 0 for s in starts(line, one.windows, length)):
                return True
        return False

    def _evidence(self, application: str, code: str, *, in_detail: bool) -> dict[str, object]:
        unit = self.world.unit_of[application]
        found: dict[str, object] = {"funnel": self._funnel(application)}
        if code in ("limit", "competition"):
            found["blocked_by"] = blocked_by(self.board, unit)
        if code == "limit":
            found["limit"] = limits_alone(self.board, unit)
        if code == "no_dates":
            shift = self.helper.shift(application)
            found["shift"] = None if shift is None else shift.to_json()
        if code == "group":
            found["group"] = self.applications[application].group
        if in_detail:
            found |= self._detail(unit, code)
        return found

    def _detail(self, unit: int, code: str) -> Mapping[str, object]:
        """Return what would help a unit, found once for all its members."""
        if unit not in self.told:
            detail: dict[str, object] = {"helps": [one.to_json() for one in self.helper.helps(unit)]}
            if code == "competition":
                cheapest = self.displacer.cheapest(unit)
                detail["displaces"] = None if cheapest is None else cheapest.to_json()
            self.told[unit] = detail
        return self.told[unit]

    def _funnel(self, application: str) -> dict[str, int]:
        """Count the hosts that fall away by each rule."""
        hosts, suited = len(self.problem.hosts), self.suited[application]
        left = len(self.helper.pairs[application])
        unit = self.world.unit_of[application]
        return {
            "hosts": hosts,
            "no_pair": hosts - suited,
            "forbidden": suited - left,
            "no_dates": left - len(self.world.ways_of[unit]),
            "left": len(self.world.ways_of[unit]),
        }
