"""The hard rules in plain Python: the twins of the rules that the solver's model holds."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date

from matching.checked import Case, Violation, Visit, places_on
from matching.problem import Limit


def known(case: Case) -> Iterator[Violation]:
    """Each row names an application and a host of the problem."""
    for row in case.solution.assignments:
        if row.application not in case.applications:
            yield Violation("unknown_application", f"application {row.application} is not in the problem")
        if row.host not in case.hosts:
            yield Violation("unknown_host", f"host {row.host} is not in the problem")


def one_visit(case: Case) -> Iterator[Violation]:
    """An application visits once."""
    for application, times in Counter(row.application for row in case.solution.assignments).items():
        if times > 1:
            yield Violation("twice", f"application {application} has {times} visits")


def pairs(case: Case) -> Iterator[Violation]:
    """A visit is of a pair that exists and is not forbidden."""
    for visit in case.visits:
        names = f"{visit.application.id} at {visit.host.id}"
        if visit.pair is None:
            yield Violation("no_pair", f"{names} is no pair of the problem")
        if (visit.application.id, visit.host.id) in case.forbidden:
            yield Violation("forbidden", f"{names} is forbidden")


def length(case: Case) -> Iterator[Violation]:
    """A visit begins and ends on open days of the round and takes as many as it should."""
    for visit in case.visits:
        row = visit.row
        if not case.problem.first_day <= row.first_day <= row.last_day <= case.problem.last_day:
            yield Violation("outside_round", f"{visit} is not within the round, or ends before it begins")
            continue
        days = case.open_days(visit.host, row.first_day, row.last_day)
        for day in dict.fromkeys((row.first_day, row.last_day)):
            if day not in days:
                yield Violation("closed_day", f"{visit}: {day} is closed")
        if len(days) != visit.days:
            yield Violation("days", f"{visit} takes {len(days)} open days instead of {visit.days}")


def windows(case: Case) -> Iterator[Violation]:
    """A visit lies inside one window of the application and one of the host."""
    for visit in case.visits:
        first, last = visit.row.first_day, visit.row.last_day
        if not any(one.first <= first and last <= one.last for one in visit.application.windows):
            yield Violation("application_window", f"{visit} is not inside a window of the application")
        if not any(one.first <= first and last <= one.last for one in visit.host.windows):
            yield Violation("host_window", f"{visit} is not inside a window of the host")


def places(case: Case) -> Iterator[Violation]:
    """On no open day has a host more visitors than places."""
    visitors: dict[str, Counter[date]] = defaultdict(Counter)
    for visit in case.visits:
        days = case.open_days(visit.host, visit.row.first_day, visit.row.last_day)
        visitors[visit.host.id].update(days)
    for host, by_day in visitors.items():
        for day, number in sorted(by_day.items()):
            offered = places_on(case.hosts[host], day)
            if number > offered:
                yield Violation("places", f"host {host} has {number} visitors for {offered} places on {day}")


def limits(case: Case) -> Iterator[Violation]:
    """Each limit's sum is within its bounds."""
    for limit in case.problem.limits:
        total = sum(visit.pair.amount(limit.amount) for visit in covered(case, limit) if visit.pair)
        if total > limit.max:
            yield Violation("limit_max", f"limit {limit.id}: {total} {limit.amount} exceed {limit.max}")
        if total < limit.min:
            yield Violation("limit_min", f"limit {limit.id}: {total} {limit.amount} stay below {limit.min}")


def covered(case: Case, limit: Limit) -> list[Visit]:
    """Return the visits that a limit counts: null lists cover all, empty ones none."""
    if limit.applications is None:
        visits = case.visits
    else:
        visits = [visit for one in limit.applications for visit in case.visits_of.get(one, ())]
    hosts = None if limit.hosts is None else set(limit.hosts)
    return [visit for visit in visits if hosts is None or visit.host.id in hosts]


def groups(case: Case) -> Iterator[Violation]:
    """A group visits whole, at one host and from one day, or not at all."""
    members: dict[str, list[str]] = defaultdict(list)
    for application in case.problem.applications:
        if application.group is not None:
            members[application.group].append(application.id)
    for group, ids in members.items():
        visits = [case.visit_of(one) for one in ids]
        begun = {(visit.host.id, visit.row.first_day) if visit else None for visit in visits}
        if len(begun) > 1:
            yield Violation("group", f"group {group} is not together, at one host and from one day")


def locks(case: Case) -> Iterator[Violation]:
    """A locked application visits that host, from that day where it is locked too."""
    for lock in case.problem.locks:
        visit = case.visit_of(lock.application)
        wanted = f"{lock.application} at {lock.host}" + (f" from {lock.first_day}" if lock.first_day else "")
        if visit is None or visit.host.id != lock.host or lock.first_day not in (None, visit.row.first_day):
            yield Violation("lock", f"the lock of {wanted} is not kept")


HARD_RULES: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    known,
    one_visit,
    pairs,
    length,
    windows,
    places,
    limits,
    groups,
    locks,
)
