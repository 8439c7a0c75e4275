"""Measures the optimiser on an invented round, in a process of its own; imports the engine and nothing of the site."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from matching import Problem, Solution, check, generate
from matching.bench.methods import method
from matching.peers import Effort
from matching.values import measure

PAUSE_S = 0.5
GOALS = ("priority", "score", "cost")


@dataclass(frozen=True)
class Size:
    """An invented round: equal ones are made alike."""

    visitors: int
    hosts: int
    seed: int
    is_tight: bool
    time_limit_s: int

    def problem(self) -> Problem:
        """The problem of this size and seed."""
        return generate(applications=self.visitors, hosts=self.hosts, seed=self.seed, tight=self.is_tight)


class Unkept(Exception):
    """A method broke a rule or found nothing in its time."""


def measure_in_child(connection: "Connection[Any, Any]", size: Size, methods: Sequence[str]) -> None:
    """Send ("progress", words) as it goes on and ("done", rows) once every method has a plan that keeps all rules."""
    problem = size.problem()
    connection.send(("done", [_row(connection, problem, name, size) for name in methods]))


def _row(connection: "Connection[Any, Any]", problem: Problem, name: str, size: Size) -> dict[str, Any]:
    began, news = time.monotonic(), _News(connection, name)
    news.told(None, None)
    answer = method(name)(problem, Effort(size.time_limit_s, workers=1, seed=size.seed, told=news.told))
    seconds = time.monotonic() - began
    if answer.assignments is None or check(problem, Solution("feasible", answer.assignments)):
        raise Unkept(name)
    visits = {one.application: (one.host, one.first_day) for one in answer.assignments}
    value, score, cost_cents = map(int, measure(problem, visits, GOALS))
    return {
        "method": name,
        "matched": len(visits),
        "value": value,
        "score": score,
        "cost_cents": cost_cents,
        "bound": answer.bound,
        "seconds": round(seconds, 1),
    }


class _News:
    """Passes on the newest value and bound of a method, but not each of them."""

    def __init__(self, connection: "Connection[Any, Any]", name: str) -> None:
        self.connection, self.told_at = connection, float("-inf")
        self.words: dict[str, Any] = {"method": name, "value": None, "bound": None}

    def told(self, value: float | None, bound: float | None) -> None:
        if value is not None:
            self.words["value"] = value
        if bound is not None:
            self.words["bound"] = bound
        if time.monotonic() - self.told_at >= PAUSE_S:
            self.told_at = time.monotonic()
            self.connection.send(("progress", dict(self.words)))
