"""A first plan at once: locked units, then all others in an order that prices give, each where it leaves most.

Prices say what is scarce before anybody is placed; what is scarce later differs. So the best plans are made in
rounds, each with new prices for those left (measured at 1,000 x 200: 0.3 % better, 5 % where the calendar binds).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matching.aim import Aim
from matching.board import Board
from matching.dual import Market, Prices, ascend
from matching.locked import locked_slots
from matching.tables import Floats, Ints

ROUNDS, ROUNDS_AT_SCALE, SCALE = 6, 4, 300_000
"""Rounds of a plan, and those where there are more slots than `SCALE`."""

STEPS = 60
"""Steps of prices between rounds."""

PASSES = (0.04, 0.15, 0.6)
"""Losses against a unit's best slot, in mean worths, up to which the passes of an order take slots."""


def construct(board: Board, aim: Aim, should_stop: Callable[[], bool] = lambda: False) -> Board | None:
    """Return the best of a few plans, or None where a lock finds no room; lower limits may be missed."""
    if not place_locked(board):
        return None
    orders = _orders(board, aim)
    found = [_fill(board.copy(), order) for order in orders]
    most = max(len(one.slots) for one in found)
    if len(board.tables.way) and not should_stop():
        found += [_in_rounds(board.copy(), aim, kind, most, should_stop) for kind in range(len(orders))]
    if board.world.problem.previous:
        found.insert(0, _fill(_as_before(board.copy()), orders[0]))
    return max(found, key=lambda one: (-_shortfall(one), aim.rank(one)))


def _in_rounds(board: Board, aim: Aim, kind: int, most: int, should_stop: Callable[[], bool]) -> Board:
    """Fill a board by one kind of order in rounds, with new prices for what is left after each."""
    begun, prices = len(board.slots), aim.prices
    rounds = ROUNDS if len(board.tables.way) <= SCALE else ROUNDS_AT_SCALE
    for number in range(1, rounds):
        order = _orders(board, replace(aim, prices=prices))[kind]
        _fill(board, order, begun + (most - begun) * number // rounds)
        prices = _for_the_rest(board, aim, prices, should_stop)
    return _fill(board, _orders(board, replace(aim, prices=prices))[kind])


def _for_the_rest(board: Board, aim: Aim, prices: Prices, should_stop: Callable[[], bool]) -> Prices:
    """Return prices for those who are not placed, of what the others leave."""
    left = replace(
        board.tables,
        places=np.array(board.places, dtype=np.int64),
        most=np.array([float(room) for room in board.room]),
        least=np.array([float(max(0, missing)) for missing in board.missing]),
    )
    market = Market(left, aim.worth)
    market.without(np.array(list(board.slots), dtype=np.int64))
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


def place_locked(board: Board) -> bool:
    """Place the locked units, those with least choice first, and tell whether all found room."""
    locked = locked_slots(board)
    for unit in sorted(locked, key=lambda unit: len(locked[unit])):
        slot = next(
            (s for s in locked[unit] if board.has_room(board.way[s]) and board.fits(s)),
            None,
        )
        if slot is None:
            return False
        board.put(slot)
    return True


def _shortfall(board: Board) -> float:
    limits = board.world.problem.limits
    return sum(board.missing[n] / limits[n].min for n in board.debt())


def _orders(board: Board, aim: Aim) -> list[Ints]:
    """Return orders of slots: by what is lost without the unit; and by worth, in passes of growing loss."""
    tables, prices = board.tables, aim.prices
    unit = tables.unit[tables.way]
    loss: Floats = prices.best[unit] - (aim.worth - prices.paid)
    size = float(np.abs(aim.worth).mean()) if len(unit) else 1.0
    late = np.searchsorted(np.array(PASSES) * size, loss)
    return [np.lexsort((loss, -prices.best[unit])), np.lexsort((loss, -aim.worth, late))]


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
