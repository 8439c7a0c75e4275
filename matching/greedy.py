"""A first plan at once: all who are free in an order that prices give, each where it leaves most.

Prices say what is scarce before anybody is placed; what is scarce later differs. So the best plans are made in
rounds, each with new prices for those left (measured at 1,000 x 200: 0.3 % better, 5 % where the calendar binds).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matching.aim import Aim
from matching.board import Board
from matching.dual import Market, Prices, ascend
from matching.narrowed import narrowed
from matching.tables import Floats, Ints, before

ROUNDS = 6
"""Rounds of a plan."""

STEPS = 60
"""Steps of prices between rounds."""

KINDS = 2
"""Orders in which a plan is made."""

PASSES = (0.04, 0.15, 0.6)
"""Losses against a unit's best slot, in mean worths, up to which the passes of an order take slots."""


def construct(board: Board, aim: Aim, should_stop: Callable[[], bool] = lambda: False) -> Board:
    """Return the best of a few plans, on copies, around those who are placed; lower limits may be missed."""
    slots = np.arange(len(aim.worth))
    orders = [_order(board, aim, kind, aim.prices, slots) for kind in range(KINDS)]
    found = [_fill(board.copy(), order) for order in orders]
    most = max(len(one.slots) for one in found)
    for kind in range(KINDS):
        if len(board.tables.way) and not should_stop():
            found.append(_in_rounds(board.copy(), aim, kind, most, should_stop))
    if board.world.problem.previous:
        found.insert(0, _fill(_as_before(board.copy()), orders[0]))
    return max(found, key=lambda one: (-_shortfall(one), aim.rank(one)))


def _in_rounds(board: Board, aim: Aim, kind: int, most: int, should_stop: Callable[[], bool]) -> Board:
    """Fill a board by one kind of order in rounds, with new prices for what is left after each."""
    begun, prices, slots = len(board.slots), aim.prices, np.arange(len(aim.worth))
    for number in range(1, ROUNDS):
        if should_stop():
            break
        _fill(board, _order(board, aim, kind, prices, slots), begun + (most - begun) * number // ROUNDS)
        slots = open_slots(board)
        prices = _for_the_rest(board, aim, slots, prices, should_stop)
    return _fill(board, _order(board, aim, kind, prices, slots))


def open_slots(board: Board) -> Ints:
    """Return the slots of those who wait that no limit bars and whose first member finds no day full."""
    tables = board.tables
    is_placed = np.zeros(len(tables.first_way) - 1, dtype=np.bool_)
    is_placed[list(board.slots)] = True
    is_barred = is_placed[tables.unit]
    is_barred[tables.load_way[tables.load_amount > np.array(board.room)[tables.load_limit]]] = True
    full = before(np.array(board.places) <= 0)
    slots = np.flatnonzero(~is_barred[tables.way])
    first = tables.first_row[:-1][slots]
    return slots[full[tables.high[first]] == full[tables.low[first]]]


def _for_the_rest(
    board: Board, aim: Aim, slots: Ints, prices: Prices, should_stop: Callable[[], bool]
) -> Prices:
    """Return prices for those who are not placed, on the slots that the others leave."""
    left = replace(
        narrowed(board.tables, slots),
        places=np.array(board.places, dtype=np.int64),
        most=np.array([float(room) for room in board.room]),
        least=np.array([float(max(0, missing)) for missing in board.missing]),
    )
    market = Market(left, aim.worth[slots])
    return ascend(market, STEPS, should_stop, replace(prices, held=np.zeros(0)))


def _as_before(board: Board) -> Board:
    """Place who visited before, host and day, where that still fits."""
    world = board.world
    for one in world.problem.previous:
        ways = world.ways_for(one.application, one.host) if one.application in world.unit_of else []
        for way in ways:
            slot = next((s for s in board.slots_of(way) if board.first_day(s) == one.first_day), None)
            is_waiting = board.unit[way] not in board.slots
            if slot is not None and is_waiting and board.has_room(way) and board.fits(slot):
                board.put(slot)
    return board


def _shortfall(board: Board) -> float:
    limits = board.world.problem.limits
    return sum(board.missing[n] / limits[n].min for n in board.debt())


def _order(board: Board, aim: Aim, kind: int, prices: Prices, slots: Ints) -> Ints:
    """Return slots in one of two orders, by what is lost without the unit, or by worth in passes of growing loss.

    `prices` say what each of these slots pays.
    """
    worth, unit = aim.worth[slots], board.tables.unit[board.tables.way[slots]]
    best = prices.best[unit]
    loss: Floats = best - prices.left
    if kind == 0:
        return slots[np.lexsort((loss, -best))]
    size = float(np.abs(aim.worth).mean()) if len(aim.worth) else 1.0
    late = np.searchsorted(np.array(PASSES) * size, loss)
    return slots[np.lexsort((loss, -worth, late))]


def _fill(board: Board, order: Ints, most: float = float("inf")) -> Board:
    """Take slots in an order where they fit, until so many units are placed."""
    full = -1
    for slot in order.tolist():
        if len(board.slots) >= most:
            break
        way = board.way[slot]
        if way == full or board.unit[way] in board.slots:
            continue
        if not board.has_room(way):
            full = way
        elif board.fits(slot):
            board.put(slot)
    return board
