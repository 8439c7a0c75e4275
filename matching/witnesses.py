"""Verifies what is said to help the unmatched: the change made, the witness fits with all others kept.

Part of the checker: it shares nothing with the code that finds the changes.
"""

from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from matching import hard_rules
from matching.checked import Case, Violation, Visit
from matching.problem import Application, Host, HostWindow, Window
from matching.reading import Malformed, at, day, each, holding, integer, mapping, one_of, text
from matching.solution import Assignment, Solution, Unmatched

CHANGES = ("nothing", "limit", "place", "dates")

RULES: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    hard_rules.known,
    hard_rules.one_visit,
    hard_rules.pairs,
    hard_rules.length,
    hard_rules.windows,
    hard_rules.places,
)


def witnesses(case: Case) -> Iterator[Violation]:
    """Each single change that is said to help does: its witness breaks no rule, with all others kept."""
    stand = _Stand(case)
    for row in case.solution.unmatched or ():
        helps = row.evidence.get("helps", [])
        for place, said in enumerate(helps if isinstance(helps, list) else [helps]):
            where = f"what would help {row.application} ({place})"
            try:
                wrong = at("helps", stand.wrong(row), said)
            except Malformed as fault:
                wrong = str(fault)
            if wrong:
                yield Violation("helps", f"{where}: {wrong}")


class _Stand:
    """The plan as it stands: what each limit has, and who is at each host."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.limits = {limit.id: limit for limit in case.problem.limits}
        self.total = {
            limit.id: sum(
                visit.pair.amount(limit.amount) for visit in hard_rules.covered(case, limit) if visit.pair
            )
            for limit in case.problem.limits
        }
        self.at_host: dict[str, list[Assignment]] = defaultdict(list)
        for visit in case.visits:
            self.at_host[visit.row.host].append(visit.row)
        self.members: dict[str, list[str]] = defaultdict(list)
        for one in case.problem.applications:
            self.members[one.group if one.group is not None else f"alone {one.id}"].append(one.id)

    def wrong(self, row: Unmatched) -> Callable[[object], str]:
        """Make a reader of one change that returns what is wrong with it, or nothing."""
        return lambda said: self._wrong(row, said)

    def _wrong(self, row: Unmatched, said: object) -> str:
        found = holding(said, "change", "witness")
        change = at("change", one_of(CHANGES), found["change"])
        witness = holding(mapping(found["witness"]), "host", "first_day")
        host, first = at("host", text, witness["host"]), at("first_day", day, witness["first_day"])
        if row.application not in self.case.applications or host not in self.case.hosts:
            return "its application or host is unknown"
        members = self._members(row.application)
        case = self._changed(change, found, members, host)
        rows = [self._visit(case, one, host, first) for one in members]
        case.solution = Solution("feasible", (*self.at_host[host], *rows))
        broken = [str(violation) for rule in RULES for violation in rule(case)]
        raised = {found["limit"]: at("by", integer, found.get("by"))} if change == "limit" else {}
        return "; ".join([*broken, *self._exceeded(case, rows, raised)])

    def _members(self, application: str) -> list[str]:
        one = self.case.applications[application]
        return self.members[one.group if one.group is not None else f"alone {one.id}"]

    def _changed(self, change: str, said: dict[str, object], members: list[str], host: str) -> Case:
        """Return a case in which the change is made, sharing all else."""
        case = object.__new__(Case)
        case.__dict__.update(problem=self.case.problem, pairs=self.case.pairs, forbidden=self.case.forbidden)
        applications: dict[str, Application] = {}
        hosts: dict[str, Host] = {}
        if change == "dates":
            offered = at("window", Window.read, said.get("window"))
            for one in members:
                mine = self.case.applications[one]
                applications[one] = replace(mine, windows=(*mine.windows, offered))
        if change == "place":
            hosts[host] = _with_more(self.case.hosts[host], at("window", each(day), said.get("window")))
        case.applications = dict(ChainMap(applications, self.case.applications))
        case.hosts = dict(ChainMap(hosts, self.case.hosts))
        return case

    def _visit(self, case: Case, application: str, host: str, first: date) -> Assignment:
        pair = case.pairs.get((application, host))
        length = (pair.days if pair else None) or case.applications[application].days
        open_days = case.open_days(case.hosts[host], first, case.problem.last_day)[:length]
        return Assignment(application, host, first, open_days[-1] if open_days else first)

    def _exceeded(self, case: Case, rows: list[Assignment], raised: dict[object, int]) -> Iterator[str]:
        visits = [
            Visit(row, case.applications[row.application], case.hosts[row.host], pair)
            for row in rows
            if (pair := case.pairs.get((row.application, row.host))) is not None
        ]
        for name, limit in self.limits.items():
            added = sum(
                visit.pair.amount(limit.amount)
                for visit in visits
                if visit.pair
                and (limit.hosts is None or visit.host.id in limit.hosts)
                and (limit.applications is None or visit.application.id in limit.applications)
            )
            if added and self.total[name] + added > limit.max + raised.get(name, 0):
                yield f"limit {name} would be exceeded"


def _with_more(host: Host, ends: tuple[date, ...]) -> Host:
    """Return a host with one more place in the window with these ends."""
    return replace(
        host,
        windows=tuple(
            HostWindow(one.first, one.last, one.places + ((one.first, one.last) == ends))
            for one in host.windows
        ),
    )
