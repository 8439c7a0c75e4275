"""Ways to serve: units (an application, or a whole group) and, for each, its hosts with the starts that fit.

Three rules hold by construction, since no way breaks them: windows, groups (one host and one first day for
all members) and forbidden pairs.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from matching.problem import Application, Pair, Problem
from matching.visits import Axis, axis, starts

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Way:
    """A unit at one host: per member its pair and days, and the positions on which all can begin together."""

    unit: int
    host: str
    pairs: tuple[Pair, ...]
    days: tuple[int, ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class World:
    """All that can be chosen: units of application ids, ways in the order of units, an axis per host.

    `unit_of` maps an application to its unit, `ways_of` a unit and `ways_at` a host to the indices of their ways.
    """

    problem: Problem
    units: tuple[tuple[str, ...], ...]
    ways: tuple[Way, ...]
    axes: dict[str, Axis]
    unit_of: dict[str, int]
    ways_of: tuple[tuple[int, ...], ...]
    ways_at: dict[str, tuple[int, ...]]

    def ways_for(self, application: str, host: str) -> list[int]:
        """Return the way by which an application visits a host, as a list of none or one."""
        return [w for w in self.ways_of[self.unit_of[application]] if self.ways[w].host == host]

    def first_day(self, way: Way, position: int) -> date:
        """Return the date on which a visit begins."""
        return self.axes[way.host].day(position)


def explore(problem: Problem, *, has_room: bool = True) -> World:
    """Find every way to serve every unit: where it `has_room` in an empty world, or also where it has not."""
    axes = {host.id: axis(host, problem.first_day, problem.last_day) for host in problem.hosts}
    pairs = open_pairs(problem)
    units = _units(problem)
    ways = [way for n, unit in enumerate(units) for way in _ways(n, unit, pairs, axes, has_room)]
    return World(
        problem=problem,
        units=tuple(tuple(one.id for one in unit) for unit in units),
        ways=tuple(ways),
        axes=axes,
        unit_of={one.id: n for n, unit in enumerate(units) for one in unit},
        ways_of=_indices(range(len(units)), [way.unit for way in ways]),
        ways_at=dict(zip(axes, _indices(axes, [way.host for way in ways]), strict=True)),
    )


def _indices(keys: Iterable[Key], of_ways: list[Key]) -> tuple[tuple[int, ...], ...]:
    """Return for each key the places at which it stands."""
    found: dict[Key, list[int]] = {key: [] for key in keys}
    for w, key in enumerate(of_ways):
        found[key].append(w)
    return tuple(tuple(ways) for ways in found.values())


def _units(problem: Problem) -> list[tuple[Application, ...]]:
    units: dict[tuple[str, str], list[Application]] = {}
    for application in problem.applications:
        name = ("alone", application.id) if application.group is None else ("group", application.group)
        units.setdefault(name, []).append(application)
    return [tuple(members) for members in units.values()]


def open_pairs(problem: Problem) -> dict[str, dict[str, Pair]]:
    """Return the pairs that are not forbidden, by application and host."""
    forbidden = {(one.application, one.host) for one in problem.forbidden}
    pairs: dict[str, dict[str, Pair]] = {application.id: {} for application in problem.applications}
    for pair in problem.pairs:
        if (pair.application, pair.host) not in forbidden:
            pairs[pair.application][pair.host] = pair
    return pairs


def _ways(
    number: int,
    unit: tuple[Application, ...],
    pairs: dict[str, dict[str, Pair]],
    axes: dict[str, Axis],
    has_room: bool,
) -> Iterator[Way]:
    for host in pairs[unit[0].id]:
        if all(host in pairs[member.id] for member in unit):
            chosen = tuple(pairs[member.id][host] for member in unit)
            days = tuple(pair.days or member.days for pair, member in zip(chosen, unit, strict=True))
            common = _common_starts(unit, days, axes[host], has_room)
            if common:
                yield Way(number, host, chosen, days, common)


def _common_starts(
    unit: tuple[Application, ...], days: tuple[int, ...], line: Axis, has_room: bool
) -> tuple[int, ...]:
    each = [starts(line, member.windows, length) for member, length in zip(unit, days, strict=True)]
    common = sorted(set.intersection(*each) if len(each) > 1 else each[0])
    if not has_room or min(line.places, default=0) >= len(days):
        return tuple(common)
    return tuple(start for start in common if _room(line, start, days))


def _room(line: Axis, start: int, days: tuple[int, ...]) -> bool:
    """Tell whether all members fit at once in an empty world; the later days hold longer visits only."""
    return all(
        line.places[start + offset] >= sum(length > offset for length in days) for offset in range(max(days))
    )
