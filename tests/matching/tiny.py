"""Tiny problems: a few applications and hosts, nine days, and every kind of rule, often binding.

They are drawn by an own random generator from one number: hypothesis' own draws are mostly nearly empty problems.
"""

from datetime import date, timedelta
from itertools import product
from random import Random

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

FIRST_DAY = date(2027, 3, 1)
LENGTH = 9
AMOUNTS = ("cost_cents", "hours")


def problem(seed: int) -> Problem:
    """Make a problem of at most three applications and three hosts; every plan of it can be listed."""
    random = Random(seed)  # noqa: S311
    together = random.choice((0, 0, 2, 3))
    every = [_application(random, n, "G" if n < together else None) for n in range(random.choice((2, 3, 3)))]
    houses = [_host(random, n) for n in range(random.choice((1, 2, 2, 3)))]
    ids, places = [one.id for one in every], [one.id for one in houses]
    names = list(product(ids, places))
    return Problem(
        first_day=FIRST_DAY,
        last_day=_day(LENGTH - 1),
        applications=tuple(every),
        hosts=tuple(houses),
        pairs=tuple(_pair(random, *name) for name in names if random.random() < 0.85),
        limits=tuple(_limit(random, n, ids, places) for n in range(random.choice((0, 0, 1, 1, 2)))),
        locks=tuple(_lock(random, *name) for name in _some(random, names, 0.15)),
        forbidden=tuple(Forbidden(*name) for name in _some(random, names, 0.2)),
        sets={"f": _sets(random, ids), "g": _sets(random, ids)} if random.random() < 0.7 else {},
        previous=tuple(_previous(random, one, places) for one in [*ids, "gone"] if random.random() < 0.6),
    )


problems = st.integers(0, 2**32).map(problem)


def _day(offset: int) -> date:
    return FIRST_DAY + timedelta(days=offset)


def _range(random: Random, shortest: int, longest: int) -> tuple[date, date]:
    first = random.randint(-1, LENGTH - shortest)
    return _day(first), _day(first + random.randint(shortest, longest) - 1)


def _application(random: Random, number: int, group: str | None) -> Application:
    windows = tuple(Window(*_range(random, 4, 10)) for _ in range(random.choice((1, 1, 2))))
    return Application(f"A{number}", random.randint(1, 3), random.randint(1, 4), windows, group, number % 4)


def _host(random: Random, number: int) -> Host:
    windows = tuple(
        HostWindow(*_range(random, 3, 8), random.choice((0, 1, 1, 1, 2, 2, 3)))
        for _ in range(random.choice((1, 2, 2, 3)))
    )
    closed = tuple(Window(*_range(random, 1, 2)) for _ in range(random.choice((0, 1, 2))))
    return Host(f"H{number}", windows, closed)


def _pair(random: Random, application: str, host: str) -> Pair:
    days = random.choice((None, None, None, 1, 2, 4))
    amounts = {name: random.randint(0, 6) for name in AMOUNTS if random.random() < 0.8}
    return Pair(application, host, random.randint(0, 5), days, amounts)


def _limit(random: Random, number: int, ids: list[str], places: list[str]) -> Limit:
    least = random.choice((0, 0, 0, 0, 0, 1, 2, 3))
    return Limit(
        id=f"L{number}",
        amount=random.choice(("visits", *AMOUNTS, *AMOUNTS)),
        min=least,
        max=least + random.randint(0, 6),
        applications=_list_or_all(random, ids),
        hosts=_list_or_all(random, places),
    )


def _list_or_all(random: Random, ids: list[str]) -> tuple[str, ...] | None:
    return None if random.random() < 0.5 else tuple(random.sample(ids, random.randint(0, len(ids))))


def _some(random: Random, names: list[tuple[str, str]], chance: float) -> list[tuple[str, str]]:
    return random.sample(names, 1) if random.random() < chance else []


def _lock(random: Random, application: str, host: str) -> Lock:
    return Lock(application, host, random.choice((None, _day(random.randint(0, LENGTH - 1)))))


def _sets(random: Random, ids: list[str]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(random.sample(ids, random.randint(0, len(ids)))) for name in "xyz"[: random.randint(0, 3)]
    }


def _previous(random: Random, application: str, places: list[str]) -> Previous:
    return Previous(
        application, random.choice([*places, *places, "gone"]), _day(random.randint(0, LENGTH - 1))
    )
