"""Seats the locked units before all others: one after the other, or all at once where that leaves one without room."""

from collections.abc import Callable, Mapping, Sequence

from matching.board import Board
from matching.engine import Answer, Effort, run
from matching.residual import Residual
from matching.telling import ignore


def seat_one_by_one(board: Board, locked: Mapping[int, Sequence[int]]) -> bool:
    """Place the locked units, those with least choice first; where one finds no room none is placed."""
    for unit in sorted(locked, key=lambda unit: len(locked[unit])):
        free = (slot for slot in locked[unit] if board.has_room(board.way[slot]) and board.fits(slot))
        slot = next(free, None)
        if slot is None:
            for placed in locked.keys() & board.slots.keys():
                board.lift(placed)
            return False
        board.put(slot)
    return True


def seat_together(
    board: Board, locked: Mapping[int, Sequence[int]], effort: Effort, should_stop: Callable[[], bool]
) -> Answer:
    """Place all locked units at once where CP-SAT finds how; it may prove that their locks clash."""
    model = Residual(board, locked, must=locked)
    answer = run(model.cp, effort, ignore, should_stop)
    for slot in model.chosen(answer.value) if answer.value is not None else ():
        board.put(slot)
    return answer
