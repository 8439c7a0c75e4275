"""What each way counts for under each limit."""

from collections.abc import Iterable

from matching.problem import Limit
from matching.ways import Way, World


def loads(world: World) -> list[dict[int, int]]:
    """Return for each limit, in their order, the amount per way that it covers, where that is not 0."""
    return [_load(world, limit) for limit in world.problem.limits]


def _load(world: World, limit: Limit) -> dict[int, int]:
    applications = None if limit.applications is None else frozenset(limit.applications)
    hosts = None if limit.hosts is None else frozenset(limit.hosts)
    found = {}
    for w in _candidates(world, limit):
        way = world.ways[w]
        amount = _amount(way, limit.amount, applications) if hosts is None or way.host in hosts else 0
        if amount:
            found[w] = amount
    return found


def _candidates(world: World, limit: Limit) -> Iterable[int]:
    """Return few ways that hold all those covered: at scale, a limit covers a small part of them."""
    if limit.applications is not None:
        units = dict.fromkeys(world.unit_of[one] for one in limit.applications)
        return (w for unit in units for w in world.ways_of[unit])
    if limit.hosts is not None:
        return (w for host in limit.hosts for w in world.ways_at[host])
    return range(len(world.ways))


def _amount(way: Way, name: str, applications: frozenset[str] | None) -> int:
    return sum(
        pair.amount(name) for pair in way.pairs if applications is None or pair.application in applications
    )
