"""A world as flat numpy arrays, so that prices can be put on everything in a few passes.

All open days of all hosts stand on one line of P positions, host after host. A *slot* is one way on one start; a
*row* is one member of a slot, who takes the positions from `low` up to but not including `high`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.loads import loads
from matching.ways import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Places = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tables:
    """U units, W ways, S slots, R rows, P positions, L limits, K loads (a way under a limit).

    Shapes: `places` (P,) visitors; `first_way` (U+1,), `first_slot` (W+1,), `first_row` (S+1,) where each begins;
    `unit` (W,) of a way; `way` (S,) of a slot; `start` (S,) position on the host's own axis; `low`, `high` (R,)
    positions on the line; `load_way`, `load_limit`, `load_amount` (K,); `most`, `least` (L,) in a limit's unit.
    `offset` tells where each host begins on the line.
    """

    world: World
    offset: dict[str, int]
    places: Ints
    first_way: Ints
    first_slot: Ints
    first_row: Ints
    unit: Ints
    way: Places
    start: Places
    low: Places
    high: Places
    load_way: Ints
    load_limit: Ints
    load_amount: Ints
    most: Floats
    least: Floats

    @property
    def has_groups(self) -> bool:
        """Tell whether some slot has several rows."""
        return len(self.low) > len(self.start)


def tables(world: World) -> Tables:
    """Lay out a world as arrays."""
    starts_of = [len(way.starts) for way in world.ways]
    days_before = before([len(line.days) for line in world.axes.values()])
    offset = dict(zip(world.axes, days_before.tolist(), strict=False))
    low, high, first_row = _rows(world, offset)
    load_way, load_limit, load_amount = _loads(world)
    limits = world.problem.limits
    return Tables(
        world=world,
        offset=offset,
        places=_ints([place for line in world.axes.values() for place in line.places]),
        first_way=before([len(ways) for ways in world.ways_of]),
        first_slot=before(starts_of),
        first_row=first_row,
        unit=_ints([way.unit for way in world.ways]),
        way=np.repeat(np.arange(len(world.ways), dtype=np.int32), _ints(starts_of)),
        start=np.fromiter((s for way in world.ways for s in way.starts), np.int32, sum(starts_of)),
        low=low,
        high=high,
        load_way=load_way,
        load_limit=load_limit,
        load_amount=load_amount,
        most=np.array([float(limit.max) for limit in limits]),
        least=np.array([float(limit.min) for limit in limits]),
    )


def before(counts: Sequence[int] | Ints | Flags) -> Ints:
    """Return where each of so many begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64)))


def ranges(begins: Ints, lengths: Ints) -> Ints:
    """Return the numbers from each begin on, so many each, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins - ends + lengths, lengths)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _rows(world: World, offset: dict[str, int]) -> tuple[Places, Places, Ints]:
    starts_of = _ints([len(way.starts) for way in world.ways])
    members = np.repeat(_ints([len(way.days) for way in world.ways]), starts_of)
    count = int(members.sum())
    begun = ((offset[way.host], way) for way in world.ways)
    low = np.fromiter((at + s for at, way in begun for s in way.starts for _ in way.days), np.int32, count)
    stays = (days for way in world.ways for _ in way.starts for days in way.days)
    return low, low + np.fromiter(stays, np.int32, count), before(members)


def _loads(world: World) -> tuple[Ints, Ints, Ints]:
    rows = [(w, n, amount) for n, amounts in enumerate(loads(world)) for w, amount in amounts.items()]
    ways, limits, amounts = zip(*rows, strict=True) if rows else ((), (), ())
    return _ints(ways), _ints(limits), _ints(amounts)
