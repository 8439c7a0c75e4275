"""The tables of some slots alone, so that prices for those who still wait cost no more than they have to."""

from dataclasses import replace

import numpy as np

from matching.tables import Flags, Ints, Tables, before, ranges


def narrowed(tables: Tables, slots: Ints) -> Tables:
    """Return tables of some slots, in rising order: units and days as before, ways and slots numbered anew."""
    ways, way = np.unique(tables.way[slots], return_inverse=True)
    members = np.diff(tables.first_row)[slots]
    rows = ranges(tables.first_row[:-1][slots], members)
    number = np.full(len(tables.unit), -1, dtype=np.int64)
    number[ways] = np.arange(len(ways))
    is_kept: Flags = number[tables.load_way] >= 0
    return replace(
        tables,
        first_way=before(np.bincount(tables.unit[ways], minlength=len(tables.first_way) - 1)),
        first_slot=before(np.bincount(way, minlength=len(ways))),
        first_row=before(members),
        unit=tables.unit[ways],
        way=way.astype(np.int32),
        start=tables.start[slots],
        low=tables.low[rows],
        high=tables.high[rows],
        load_way=number[tables.load_way[is_kept]],
        load_limit=tables.load_limit[is_kept],
        load_amount=tables.load_amount[is_kept],
    )
