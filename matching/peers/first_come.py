"""First come, first served: who applied first takes the host it likes best, on the first day that fits.

So a programme's office works by hand. The order of the applications in the problem is the order of arrival.
"""

from matching.peers.choices import choices
from matching.peers.desk import Desk
from matching.peers.terms import Answer, Effort
from matching.problem import Problem


def solve(problem: Problem, effort: Effort) -> Answer:
    """Serve one application, or group, after the other."""
    desk = Desk(choices(problem))
    if not desk.open():
        return Answer(None)
    for unit in range(len(desk.world.units)):
        if unit not in desk.booked:
            desk.try_ways(desk.choices.preferred(unit))
    effort.told(desk.value, None)
    return Answer(desk.assignments())
