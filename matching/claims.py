"""What a solution says of itself, computed again: values, gaps, statuses, hashes and who is unmatched.

The measures are written anew from the definitions and share nothing with the solver's.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction

from matching.certificate import certified_bound
from matching.checked import Case, Violation
from matching.reading import Malformed
from matching.solution import GoalResult, inputs_digest, result_digest
from matching.witnesses import witnesses

SHARE_TOLERANCE = Fraction(1, 10**9)
"""A share is written as a float; two different shares of sets below 30,000 heads lie further apart."""

GAP_TOLERANCE = Fraction(1, 2 * 10**5)
"""Gaps may be rounded to five decimals."""


def _priority(case: Case) -> Fraction:
    return Fraction(sum(case.applications[one].priority for one in case.visits_of))


def _fairness(case: Case) -> Fraction:
    worst = Fraction(1)
    for sets in case.problem.sets.values():
        for members in sets.values():
            if members:
                worst = min(worst, Fraction(len(set(members) & case.visits_of.keys()), len(members)))
    return worst


def _score(case: Case) -> Fraction:
    return Fraction(sum(visit.pair.score for visit in case.visits if visit.pair))


def _cost(case: Case) -> Fraction:
    return Fraction(sum(visit.pair.amount("cost_cents") for visit in case.visits if visit.pair))


def _changes(case: Case) -> Fraction:
    before = {row.application: (row.host, row.first_day) for row in case.problem.previous}
    changed = 0
    for application in case.applications:
        visit = case.visit_of(application)
        now = (visit.row.host, visit.row.first_day) if visit else None
        changed += now != before.get(application)
    return Fraction(changed)


def _lottery(case: Case) -> Fraction:
    return Fraction(sum(one.lot for one in case.problem.applications if case.visit_of(one.id)))


MEASURES: dict[str, Callable[[Case], Fraction]] = {
    "priority": _priority,
    "fairness": _fairness,
    "score": _score,
    "cost": _cost,
    "changes": _changes,
    "lottery": _lottery,
}


def goals(case: Case) -> Iterator[Violation]:
    """Each goal's value, bound, gap and status are true, as far as they can be computed again."""
    results = case.solution.goals or ()
    for name, times in Counter(result.name for result in results).items():
        if times > 1:
            yield Violation("goal_twice", f"goal {name} is there {times} times")
    for result in results:
        yield from _value(case, result)
        yield from _bound(result)
        yield from _goal_status(result)


def _value(case: Case, result: GoalResult) -> Iterator[Violation]:
    true = MEASURES[result.name](case)
    tolerance = SHARE_TOLERANCE if result.name == "fairness" else Fraction(0)
    if abs(Fraction(result.value) - true) > tolerance:
        yield Violation("goal_value", f"goal {result.name} is {_plain(true)}, not {result.value}")


def _bound(result: GoalResult) -> Iterator[Violation]:
    if result.bound is None:
        if result.gap is not None:
            yield Violation("goal_gap", f"goal {result.name} has a gap but no bound")
        return
    value, bound = Fraction(result.value), Fraction(result.bound)
    is_beyond = bound > value if result.name in ("cost", "changes") else bound < value
    if is_beyond:
        yield Violation(
            "goal_bound", f"goal {result.name}: {result.value} is beyond its bound {result.bound}"
        )
    true = abs(bound - value) / max(abs(bound), abs(value)) if bound != value else Fraction(0)
    said = None if result.gap is None else Fraction(result.gap)
    if said is None or abs(said - true) > GAP_TOLERANCE or (said == 0) != (true == 0):
        yield Violation("goal_gap", f"goal {result.name}: the gap is {float(true):.6g}, not {result.gap}")


def _goal_status(result: GoalResult) -> Iterator[Violation]:
    true = "optimal" if result.value == result.bound else "feasible"
    if result.status not in (None, true):
        yield Violation("goal_status", f"goal {result.name} is {true}, not {result.status}")


def status(case: Case) -> Iterator[Violation]:
    """A solution is optimal only where every goal is."""
    open_goals = [result.name for result in case.solution.goals or () if result.value != result.bound]
    if case.solution.status == "optimal" and open_goals:
        yield Violation("status", f"the status is optimal, yet not proven for {', '.join(open_goals)}")


def unmatched(case: Case) -> Iterator[Violation]:
    """The unmatched are exactly the applications without a visit, each once."""
    if case.solution.unmatched is None:
        return
    rows = Counter(row.application for row in case.solution.unmatched)
    for application, times in rows.items():
        if times > 1:
            yield Violation("unmatched", f"application {application} is unmatched {times} times")
        if application not in case.applications:
            yield Violation("unmatched", f"unmatched application {application} is not in the problem")
        if application in case.visits_of:
            yield Violation("unmatched", f"application {application} is matched and unmatched")
    for application in case.applications:
        if application not in rows and application not in case.visits_of:
            yield Violation("unmatched", f"application {application} is neither matched nor unmatched")


def certificate(case: Case) -> Iterator[Violation]:
    """The certified bound is the one that the prices give."""
    said, prices = case.solution.certified_bound, case.solution.certificate
    if said is None and prices is None:
        return
    results = case.solution.goals or ()
    if results and results[0].name != "priority":
        yield Violation("certificate", "a certificate, yet the first goal is not priority")
        return
    if said is None or prices is None:
        yield Violation("certificate", "certified_bound and certificate are only there together")
        return
    try:
        true = certified_bound(case.problem, prices)
    except Malformed as fault:
        yield Violation("certificate", str(fault.under("certificate")))
        return
    if said != true:
        yield Violation("certificate", f"the prices certify {true}, not {said}")
    if results and results[0].bound is not None and results[0].bound > said:
        yield Violation("certificate", f"the bound {results[0].bound} is above the certified {said}")


def origin(case: Case) -> Iterator[Violation]:
    """Hashes and numbers about the run are possible, and right where they can be computed again."""
    solution = case.solution
    if solution.result is not None and solution.result != result_digest(
        solution.assignments, solution.goals or ()
    ):
        yield Violation("result", "result is not the hash of the assignments and goals")
    if solution.inputs is not None and not _may_be_inputs(case):
        yield Violation("inputs", "inputs is not the hash of the problem, options and versions")
    if solution.seed is not None and solution.seed < 0:
        yield Violation("seed", f"the seed is {solution.seed}, below 0")
    if solution.seconds is not None and solution.seconds < 0:
        yield Violation("seconds", f"it took {solution.seconds} seconds, below 0")
    if solution.clash:
        yield Violation("clash", "rules clash, yet there is a solution")


def _may_be_inputs(case: Case) -> bool:
    solution = case.solution
    if solution.options is None or solution.seed is None or solution.engine is None:
        return len(solution.inputs or "") == 64 and set(solution.inputs or "") <= set("0123456789abcdef")
    return solution.inputs == inputs_digest(case.problem, solution.options, solution.seed, solution.engine)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value)} ({value})"


CLAIMS: tuple[Callable[[Case], Iterator[Violation]], ...] = (
    goals,
    status,
    unmatched,
    witnesses,
    certificate,
    origin,
)
