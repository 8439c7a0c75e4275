"""Puts a solution onto a board."""

from matching.board import Board
from matching.options import Misused
from matching.problem import Problem
from matching.solution import Solution
from matching.tables import tables
from matching.ways import explore


def seat(problem: Problem, solution: Solution) -> Board:
    """Return a board with the visits of a solution taken. Raises `Misused` for one that breaks a rule."""
    board = Board(tables(explore(problem)))
    world = board.world
    for row in sorted(solution.assignments):
        if row.application not in world.unit_of:
            raise Misused(f"{row.application} is not in the problem: check the solution")
        unit = world.unit_of[row.application]
        slot = _slot(board, unit, row.host, row.first_day)
        if slot is None:
            raise Misused(
                f"{row.application} cannot visit {row.host} from {row.first_day}: check the solution"
            )
        if board.slots.get(unit, slot) != slot:
            raise Misused(f"{row.application} visits apart from its group: check the solution")
        if unit not in board.slots:
            board.put(slot)
    if min(board.places, default=0) < 0 or min(board.room, default=0) < 0:
        raise Misused("more visits than places or limits allow: check the solution")
    return board


def _slot(board: Board, unit: int, host: str, first_day: object) -> int | None:
    world = board.world
    for w in world.ways_of[unit]:
        if world.ways[w].host == host:
            days = (slot for slot in board.slots_of(w) if board.first_day(slot) == first_day)
            return next(days, None)
    return None
