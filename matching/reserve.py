"""Who could take a place that comes free: the reserve of each host, in order."""

from collections.abc import Mapping

from matching.board import Board
from matching.problem import Problem
from matching.seating import seat
from matching.solution import Solution


def reserve(problem: Problem, solution: Solution) -> dict[str, list[str]]:
    """Return per host with a visit the unmatched who could come if one of its visits fell away, the first first.

    Everybody else is kept, as are all rules and limits; visits that are locked do not fall away. The order is that of
    the usual goals: by priority, then by score, then by lot. Raises `Misused`.
    """
    board = seat(problem, solution)
    locked = {board.world.unit_of[lock.application] for lock in problem.locks}
    worth = {one.id: (one.priority, one.lot) for one in problem.applications}
    found = {host.id: _waiting(board, host.id, locked, worth) for host in problem.hosts}
    return {host: waiting for host, waiting in found.items() if waiting}


def _waiting(board: Board, host: str, locked: set[int], worth: Mapping[str, tuple[int, int]]) -> list[str]:
    world = board.world
    waiting = [way for way in world.ways_at[host] if world.ways[way].unit not in board.slots]
    fitting: set[int] = set()
    for guest in [unit for unit in board.guests[host] if unit not in locked]:
        slot = board.lift(guest)
        fitting |= {way for way in waiting if way not in fitting and _fits(board, way)}
        board.put(slot)

    def rank(way: int) -> tuple[int, int, int, int]:
        pairs = world.ways[way].pairs
        priority, lot = (sum(worth[pair.application][n] for pair in pairs) for n in (0, 1))
        return -priority, -sum(pair.score for pair in pairs), -lot, world.ways[way].unit

    return [one for way in sorted(fitting, key=rank) for one in world.units[world.ways[way].unit]]


def _fits(board: Board, way: int) -> bool:
    return board.has_room(way) and any(board.fits(slot) for slot in board.slots_of(way))
