"""What each unit may choose once locks are kept."""

from dataclasses import dataclass

from matching.problem import Problem
from matching.ways import World, explore


@dataclass(frozen=True, slots=True)
class Choices:
    """A world whose locks are kept: `starts[w]` are what is left of way w's, `must` the units that are locked."""

    world: World
    starts: list[tuple[int, ...]]
    must: frozenset[int]

    def ways_of(self, unit: int) -> list[int]:
        """Return the ways of a unit that have a start left."""
        return [w for w in self.world.ways_of[unit] if self.starts[w]]

    def preferred(self, unit: int) -> list[int]:
        """Return the ways of a unit, its best score first."""
        return sorted(self.ways_of(unit), key=lambda w: -self.score(w))

    def score(self, w: int) -> int:
        """Return the score of a way, all members together."""
        return sum(pair.score for pair in self.world.ways[w].pairs)

    def priorities(self) -> list[int]:
        """Return the priority of each unit, all members together."""
        of = {one.id: one.priority for one in self.world.problem.applications}
        return [sum(of[one] for one in members) for members in self.world.units]


def choices(problem: Problem) -> Choices:
    """Find every way to serve every unit, and strike out what locks forbid."""
    world = explore(problem)
    starts = [way.starts for way in world.ways]
    for lock in problem.locks:
        for w in world.ways_of[world.unit_of[lock.application]]:
            if world.ways[w].host != lock.host:
                starts[w] = ()
            elif lock.first_day is not None:
                position = world.axes[lock.host].position(lock.first_day)
                starts[w] = tuple(start for start in starts[w] if start == position)
    return Choices(world, starts, frozenset(world.unit_of[lock.application] for lock in problem.locks))
