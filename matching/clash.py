"""Names rules that cannot hold together, where a problem has no solution.

A deletion filter: a rule is dropped where the rest still clash, in halves first, so that what is left after the last
pass is a set of which no rule can be spared.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from matching.engine import Effort, run
from matching.problem import Application, Host, HostWindow, Limit, Problem
from matching.progress import Watch
from matching.rules import build
from matching.ways import explore

LONGEST_TEST = 5.0
"""Seconds, or units of deterministic time, for one question whether a set of rules clashes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that could be dropped: its kind and the id, or the place in its list, that it belongs to."""

    kind: str
    of: str | int


def clashing(problem: Problem, effort: Effort, watch: Watch) -> tuple[str, ...]:
    """Return sentences that name a smallest clashing set of rules; a larger one where time runs out.

    Where the locked alone clash, nobody else is asked about: that is soon answered at any size.
    """
    locked = locked_alone(problem)
    clashes = _Clashes(locked, effort, watch, locked_alone)
    if clashes(_rules(locked)):
        problem = locked
    else:
        clashes = _Clashes(problem, effort, watch, lambda whole: whole)
    kept = _smallest(_rules(problem), clashes)
    return tuple(_sentence(problem, rule) for rule in kept)


def locked_alone(problem: Problem) -> Problem:
    """Return the problem of the locked, with their groups; what limits ask for at least, others may bring."""
    names = {lock.application for lock in problem.locks}
    groups = {one.group for one in problem.applications if one.id in names} - {None}
    kept = tuple(one for one in problem.applications if one.id in names or one.group in groups)
    ids = {one.id for one in kept}
    pairs = tuple(pair for pair in problem.pairs if pair.application in ids)
    hosts = {pair.host for pair in pairs} | {lock.host for lock in problem.locks}
    return replace(
        problem,
        applications=kept,
        hosts=tuple(host for host in problem.hosts if host.id in hosts),
        pairs=pairs,
        limits=tuple(_cut(limit, ids, hosts) for limit in problem.limits),
        forbidden=tuple(one for one in problem.forbidden if one.application in ids and one.host in hosts),
        sets={},
        previous=(),
    )


def _cut(limit: Limit, applications: set[str], hosts: set[str]) -> Limit:
    return replace(
        limit,
        min=0,
        applications=_some(limit.applications, applications),
        hosts=_some(limit.hosts, hosts),
    )


def _some(named: tuple[str, ...] | None, kept: set[str]) -> tuple[str, ...] | None:
    return None if named is None else tuple(one for one in named if one in kept)


class _Clashes:
    """Tells whether rules clash, as long as there is time; what is not proven to clash does not.

    `part` is what a problem with some of its rules has to be looked at for.
    """

    def __init__(
        self, problem: Problem, effort: Effort, watch: Watch, part: Callable[[Problem], Problem]
    ) -> None:
        self.problem, self.effort, self.watch, self.part = problem, effort, watch, part
        self.left = effort.limit

    def __call__(self, rules: list[Rule]) -> bool:
        left = self.left if self.effort.deterministic else self.watch.seconds_left()
        if left <= 0 or self.watch.should_stop():
            return False
        effort = replace(self.effort, limit=min(LONGEST_TEST, left))
        model = build(explore(self.part(_with_only(self.problem, set(rules)))))
        answer = run(model.cp, effort, lambda _: None, self.watch.should_stop)
        self.left -= answer.deterministic_time
        return answer.is_infeasible


def _smallest(rules: list[Rule], clashes: Callable[[list[Rule]], bool]) -> list[Rule]:
    step = len(rules)
    while step > 1:
        step = -(-step // 2)
        first = 0
        while first < len(rules):
            rest = rules[:first] + rules[first + step :]
            if clashes(rest):
                rules = rest
            else:
                first += step
    return rules


def _rules(problem: Problem) -> list[Rule]:
    groups = dict.fromkeys(one.group for one in problem.applications if one.group is not None)
    return [
        *(Rule("places", host.id) for host in problem.hosts),
        *(Rule("group", group) for group in groups),
        *(Rule("forbidden", place) for place in range(len(problem.forbidden))),
        *(Rule("max", limit.id) for limit in problem.limits),
        *(Rule("min", limit.id) for limit in problem.limits if limit.min),
        *(Rule("lock", place) for place in range(len(problem.locks))),
    ]


def _with_only(problem: Problem, kept: set[Rule]) -> Problem:
    """Return the problem without the rules that are not kept."""
    return replace(
        problem,
        applications=tuple(
            _application(one, Rule("group", one.group or "") in kept) for one in problem.applications
        ),
        hosts=tuple(
            _host(one, Rule("places", one.id) in kept, len(problem.applications)) for one in problem.hosts
        ),
        limits=tuple(_limit(one, kept) for one in problem.limits),
        locks=tuple(one for n, one in enumerate(problem.locks) if Rule("lock", n) in kept),
        forbidden=tuple(one for n, one in enumerate(problem.forbidden) if Rule("forbidden", n) in kept),
    )


def _application(application: Application, is_bound: bool) -> Application:
    return application if is_bound else replace(application, group=None)


def _host(host: Host, is_bound: bool, plenty: int) -> Host:
    if is_bound:
        return host
    return replace(host, windows=tuple(HostWindow(one.first, one.last, plenty) for one in host.windows))


def _limit(limit: Limit, kept: set[Rule]) -> Limit:
    least = limit.min if Rule("min", limit.id) in kept else 0
    most = limit.max if Rule("max", limit.id) in kept else max(2**63, limit.min)
    return replace(limit, min=least, max=most)


def _sentence(problem: Problem, rule: Rule) -> str:
    if rule.kind in ("lock", "forbidden") and isinstance(rule.of, int):
        return _pair_sentence(problem, rule.kind, rule.of)
    if rule.kind in ("min", "max"):
        limit = next(limit for limit in problem.limits if limit.id == rule.of)
        bound = f"at least {limit.min}" if rule.kind == "min" else f"at most {limit.max}"
        return f"limit {limit.id}: {bound} {limit.amount}"
    return f"places of host {rule.of}" if rule.kind == "places" else f"group {rule.of} stays together"


def _pair_sentence(problem: Problem, kind: str, place: int) -> str:
    if kind == "forbidden":
        pair = problem.forbidden[place]
        return f"forbidden: {pair.application} at {pair.host}"
    lock = problem.locks[place]
    return f"lock: {lock.application} at {lock.host}" + (f" from {lock.first_day}" if lock.first_day else "")
