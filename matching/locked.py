"""What locks leave: the slots of each unit that staff have placed."""

from matching.board import Board


def locked_slots(board: Board) -> dict[int, list[int]]:
    """Return per locked unit the slots that keep all its locks; none where they cannot be kept."""
    tables, found = board.tables, dict[int, list[int]]()
    for lock in tables.world.problem.locks:
        unit = tables.world.unit_of[lock.application]
        kept = [
            slot
            for way in tables.world.ways_for(lock.application, lock.host)
            for slot in board.slots_of(way)
            if lock.first_day is None
            or tables.start[slot] == tables.world.axes[lock.host].position(lock.first_day)
        ]
        found[unit] = [slot for slot in kept if slot in found.get(unit, kept)]
    return found
