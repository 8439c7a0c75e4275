"""Makes problems like the scheme's: a year of visits, budgets, quotas and groups, some beyond serving."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from matching.options import Misused
from matching.problem import Application, Host, HostWindow, Limit, Pair, Problem, Window

FIRST_DAY, LAST_DAY = date(2027, 1, 4), date(2027, 12, 31)
COUNTRIES = ("AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL", "PT", "RO")
DAYS = (3, 3, 3, 4, 4, 5, 5, 5, 7, 10)
PARTNERSHIP_SIZE = 25


@dataclass(slots=True)
class Draft:
    """What is drawn so far. `tight` makes the calendar bind: one short window per host, one or two places."""

    random: Random
    tight: bool
    hosts: list[Host] = field(default_factory=list)
    host_countries: dict[str, str] = field(default_factory=dict)
    applications: list[Application] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)


def generate(*, applications: int, hosts: int, seed: int, tight: bool = False) -> Problem:
    """Make a problem; equal arguments make equal problems. Raises `Misused` for numbers below 1."""
    if applications < 1 or hosts < 1:
        raise Misused("a problem has at least one application and one host")
    draft = Draft(Random(f"{applications} {hosts} {seed} {tight}"), tight)  # noqa: S311
    for number in range(1, hosts + 1):
        _host(draft, f"H{number}")
    while len(draft.applications) < applications:
        _applicants(draft, applications - len(draft.applications))
    return _problem(draft)


def _host(draft: Draft, name: str) -> None:
    country = draft.random.choice(COUNTRIES)
    windows = [_host_window(draft) for _ in range(1 if draft.tight else draft.random.choice((1, 1, 2)))]
    draft.host_countries[name] = country
    draft.hosts.append(Host(name, tuple(windows), _closed(COUNTRIES.index(country))))


def _host_window(draft: Draft) -> HostWindow:
    weeks = draft.random.randint(2, 4) if draft.tight else draft.random.randint(2, 8)
    places = draft.random.choice((1, 1, 1, 2)) if draft.tight else draft.random.choice((1, 1, 2, 2, 3, 4))
    window = _window(draft.random, weeks)
    return HostWindow(window.first, window.last, places)


def _window(random: Random, weeks: int) -> Window:
    latest = (LAST_DAY - FIRST_DAY).days // 7 - weeks
    first = FIRST_DAY + timedelta(weeks=random.randint(0, latest), days=random.choice((0, 0, 0, 1, 2)))
    return Window(first, min(first + timedelta(days=weeks * 7 - 3), LAST_DAY))


def _closed(country: int) -> tuple[Window, ...]:
    """Close the weekends, two days that all countries share and four of the country's own."""
    saturdays = (FIRST_DAY + timedelta(days=5 + 7 * week) for week in range(52))
    weekends = [Window(day, min(day + timedelta(days=1), LAST_DAY)) for day in saturdays if day <= LAST_DAY]
    own = [FIRST_DAY + timedelta(days=30 + 77 * quarter + 3 * country) for quarter in range(4)]
    holidays = [date(2027, 5, 6), date(2027, 12, 24), *own]
    return (*weekends, *(Window(day, day) for day in holidays))


def _applicants(draft: Draft, room: int) -> None:
    """Add one application, or now and then a group of two or three with the same dates and hosts."""
    size = min(room, draft.random.choice((2, 2, 3))) if draft.random.random() < 0.02 else 1
    group = f"G{len(draft.applications) + 1}" if size > 1 else None
    weeks = [draft.random.randint(2, 8) for _ in range(draft.random.choice((1, 1, 2)))]
    windows = tuple(_window(draft.random, each) for each in weeks)
    suited = _suited(draft, windows, draft.random.randint(5, 20))
    for _ in range(size):
        name = f"A{len(draft.applications) + 1}"
        days = draft.random.choice(DAYS)
        draft.applications.append(Application(name, days, draft.random.randint(10, 16), windows, group))
        draft.pairs += [_pair(draft, draft.applications[-1], host.id) for host in suited]


def _suited(draft: Draft, windows: tuple[Window, ...], wanted: int) -> list[Host]:
    """Draw hosts: most applicants looked at the dates first, yet one pair in eight has none in common."""
    drawn = draft.random.sample(draft.hosts, min(len(draft.hosts), 6 * wanted))
    kept = [host for host in drawn if draft.random.random() < 0.125 or _meet(host, windows)]
    return (kept or drawn)[:wanted]


def _meet(host: Host, windows: tuple[Window, ...]) -> bool:
    return any(
        (min(offered.last, wished.last) - max(offered.first, wished.first)).days >= 4
        for offered in host.windows
        for wished in windows
    )


def _pair(draft: Draft, application: Application, host: str) -> Pair:
    far = COUNTRIES.index(draft.host_countries[host]) + draft.random.randint(0, 3)
    cost = 18_000 + 2_500 * far + application.days * (9_000 + 400 * far)
    return Pair(application.id, host, draft.random.randint(20, 100), amounts={"cost_cents": cost})


def _problem(draft: Draft) -> Problem:
    ids = [application.id for application in draft.applications]
    partnerships = {
        f"P{number + 1}": tuple(ids[number * PARTNERSHIP_SIZE : (number + 1) * PARTNERSHIP_SIZE])
        for number in range(-(-len(ids) // PARTNERSHIP_SIZE))
    }
    countries = {name: tuple(ids[place :: len(COUNTRIES)]) for place, name in enumerate(COUNTRIES)}
    limits = (*_budgets(draft, partnerships), *_quotas(draft, len(ids)), *_single_visits(draft, ids))
    return Problem(
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        applications=tuple(draft.applications),
        hosts=tuple(draft.hosts),
        pairs=tuple(draft.pairs),
        limits=limits,
        sets={"partnership": partnerships, "country": {name: ids for name, ids in countries.items() if ids}},
    )


def _budgets(draft: Draft, partnerships: dict[str, tuple[str, ...]]) -> list[Limit]:
    """Give each partnership 70 to 90 % of what its applications cost on average."""
    costs: dict[str, list[int]] = {}
    for pair in draft.pairs:
        costs.setdefault(pair.application, []).append(pair.amounts["cost_cents"])
    budgets = []
    for name, members in partnerships.items():
        mean = sum(sum(costs[one]) // len(costs[one]) for one in members)
        budget = mean * draft.random.randint(70, 90) // 100
        budgets.append(Limit(f"budget:{name}", "cost_cents", budget, applications=members))
    return budgets


def _quotas(draft: Draft, applications: int) -> list[Limit]:
    """Bound the visits per host country, and those of every fourth host."""
    by_country: dict[str, list[str]] = {}
    for host, country in draft.host_countries.items():
        by_country.setdefault(country, []).append(host)
    quotas = [
        Limit(
            f"quota:{name}", "visits", -(-applications * len(hosts) // len(draft.hosts)), hosts=tuple(hosts)
        )
        for name, hosts in sorted(by_country.items())
    ]
    visits = max(2, applications // len(draft.hosts))
    own = [Limit(f"visits:{host.id}", "visits", visits, hosts=(host.id,)) for host in draft.hosts[::4]]
    return [*quotas, *own]


def _single_visits(draft: Draft, ids: list[str]) -> list[Limit]:
    """Let one in twenty applications share its organisation's one visit with the next."""
    alone = [one.id for one in draft.applications if one.group is None]
    chosen = sorted(draft.random.sample(range(len(ids) - 1), len(ids) // 20)) if len(ids) > 1 else []
    pairs = [(ids[place], ids[place + 1]) for place in chosen]
    return [
        Limit(f"organisation:{first}", "visits", 1, applications=(first, second))
        for first, second in pairs
        if first in alone and second in alone
    ]
