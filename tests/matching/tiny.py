"""Tiny problems for hypothesis: a few applications and hosts, nine days, and every kind of rule."""

from datetime import date, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from matching import (
    Application,
    Forbidden,
    Host,
    HostWindow,
    Limit,
    Lock,
    Pair,
    Previous,
    Problem,
    Window,
)

T = TypeVar("T")

FIRST_DAY = date(2027, 3, 1)
LENGTH = 9
AMOUNTS = ("cost_cents", "hours")


def _day(offset: int) -> date:
    return FIRST_DAY + timedelta(days=offset)


days = st.integers(-1, LENGTH).map(_day)
ranges = st.tuples(st.sampled_from((0, 1, 2, 4, -1)), st.sampled_from((5, 8, 3, 1, 6))).map(
    lambda drawn: (_day(drawn[0]), _day(drawn[0] + drawn[1]))
)
windows = ranges.map(lambda ends: Window(*ends))
short_windows = st.tuples(st.integers(0, LENGTH - 1), st.integers(0, 1)).map(
    lambda drawn: Window(_day(drawn[0]), _day(drawn[0] + drawn[1]))
)
host_windows = st.tuples(ranges, st.sampled_from((1, 2, 1, 3, 0))).map(
    lambda drawn: HostWindow(drawn[0][0], drawn[0][1], drawn[1])
)


def _rarely(strategy: st.SearchStrategy[T], length: int) -> st.SearchStrategy[list[T]]:
    some = st.lists(strategy, min_size=1, max_size=length)
    return st.integers(0, 4).flatmap(lambda drawn: some if drawn == 4 else st.lists(strategy, max_size=0))


@st.composite
def applications(draw: st.DrawFn, number: int, group: str | None) -> Application:
    return Application(
        id=f"A{number}",
        days=draw(st.integers(1, 3)),
        priority=draw(st.integers(1, 4)),
        windows=tuple(draw(st.lists(windows, min_size=1, max_size=2))),
        group=group,
    )


@st.composite
def hosts(draw: st.DrawFn, number: int) -> Host:
    return Host(
        id=f"H{number}",
        windows=tuple(draw(st.lists(host_windows, min_size=1, max_size=3))),
        closed=tuple(draw(st.lists(short_windows, max_size=2))),
    )


@st.composite
def limits(draw: st.DrawFn, number: int, ids: list[str], places: list[str]) -> Limit:
    least = draw(st.sampled_from((0, 0, 0, 0, 1, 2)))
    return Limit(
        id=f"L{number}",
        amount=draw(st.sampled_from(("visits", *AMOUNTS, "nobody counts this"))),
        min=least,
        max=least + draw(st.sampled_from((1, 2, 4, 6, 0))),
        applications=draw(st.none() | st.lists(st.sampled_from(ids), unique=True).map(tuple)),
        hosts=draw(st.none() | st.lists(st.sampled_from(places), unique=True).map(tuple)),
    )


@st.composite
def pairs(draw: st.DrawFn, application: str, host: str) -> Pair:
    return Pair(
        application=application,
        host=host,
        score=draw(st.integers(0, 5)),
        days=draw(st.sampled_from((None, None, 2, 1, 4))),
        amounts=draw(st.dictionaries(st.sampled_from(AMOUNTS), st.integers(0, 5))),
    )


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Draw a problem of at most three applications and three hosts."""
    together = draw(st.sampled_from((0, 2, 3, 1)))
    every = [
        draw(applications(number, "G" if number < together else None))
        for number in range(draw(st.sampled_from((3, 2, 1))))
    ]
    houses = [draw(hosts(number)) for number in range(draw(st.sampled_from((2, 1, 3))))]
    ids, places = [one.id for one in every], [one.id for one in houses]
    names = st.tuples(st.sampled_from(ids), st.sampled_from(places))
    unknown = st.tuples(st.sampled_from([*ids, "gone"]), st.sampled_from([*places, "gone"]), days)
    before = draw(st.lists(unknown, max_size=3, unique_by=lambda row: row[0]))
    members = st.lists(st.sampled_from(ids), unique=True).map(tuple)
    return Problem(
        first_day=FIRST_DAY,
        last_day=_day(LENGTH - 1),
        applications=tuple(every),
        hosts=tuple(houses),
        pairs=tuple(
            draw(pairs(one, place))
            for one in ids
            for place in places
            if draw(st.sampled_from((True, True, True, True, False)))
        ),
        limits=tuple(draw(limits(number, ids, places)) for number in range(draw(st.sampled_from((0, 1, 2))))),
        locks=tuple(
            Lock(*name, first) for name, first in draw(_rarely(st.tuples(names, st.none() | days), 2))
        ),
        forbidden=tuple(Forbidden(*name) for name in draw(_rarely(names, 2))),
        sets=draw(st.dictionaries(st.sampled_from("fg"), st.dictionaries(st.sampled_from("xyz"), members))),
        previous=tuple(Previous(*row) for row in before),
    )
