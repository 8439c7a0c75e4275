"""What keeps a unit from each of its hosts, as the plan stands."""

from matching.board import Board

Barrier = dict[str, object]


def blocked_by(board: Board, unit: int) -> dict[str, Barrier]:
    """Return per host of a unit the limits that a visit would exceed, by how much, and the days that are full."""
    return {board.world.ways[w].host: _barrier(board, w) for w in board.world.ways_of[unit]}


def _barrier(board: Board, way: int) -> Barrier:
    limits = board.world.problem.limits
    over = {limits[n].id: amount - board.room[n] for n, amount in board.loads[way] if amount > board.room[n]}
    offset = board.tables.offset[board.world.ways[way].host]
    line = board.world.axes[board.world.ways[way].host]
    slots = board.slots_of(way)
    full = sorted({day for slot in slots for day in board.full_days(slot)})
    is_free = any(board.fits(slot) for slot in slots)
    found: Barrier = {"limits": over} if over else {}
    # Days are named only where they leave no start.
    return found if is_free else {**found, "days": [line.day(day - offset).isoformat() for day in full]}


def limits_alone(board: Board, unit: int) -> dict[str, int] | None:
    """Return the limits, and by how much, that shut a unit out whatever places there are; None where none does.

    Either every way would exceed one and the same limit, or each exceeds some limit with nobody else there.
    """
    limits = board.world.problem.limits
    over = [
        {n: amount - board.room[n] for n, amount in board.loads[w] if amount > board.room[n]}
        for w in board.world.ways_of[unit]
    ]
    common = set.intersection(*(set(one) for one in over)) if over else set()
    if common:
        return {limits[n].id: min(one[n] for one in over) for n in sorted(common)}
    alone = [
        {n: amount - limits[n].max for n, amount in board.loads[w] if amount > limits[n].max}
        for w in board.world.ways_of[unit]
    ]
    if not alone or not all(alone):
        return None
    names = sorted({n for one in alone for n in one})
    return {limits[n].id: min(one[n] for one in alone if n in one) for n in names}
