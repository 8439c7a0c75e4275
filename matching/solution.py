"""The solution: who visits whom and when, and how good that is, in the format `exchange-solution/1`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import TypeVar

from matching.problem import Problem
from matching.reading import (
    Malformed,
    at,
    day,
    holding,
    integer,
    mapping,
    nullable,
    number,
    one_of,
    refuse,
    text,
)

T = TypeVar("T")

SOLUTION_FORMAT = "exchange-solution/1"
STATUSES = ("optimal", "feasible", "infeasible", "unknown")
GOALS = ("priority", "fairness", "score", "cost", "changes", "lottery")
CODES = ("no_host", "no_dates", "limit", "group", "competition")


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """A visit: the first and the last day are open days of the host."""

    application: str
    host: str
    first_day: date
    last_day: date

    @classmethod
    def read(cls, value: object) -> "Assignment":
        found = holding(value, "application", "host", "first_day", "last_day")
        return cls(
            application=at("application", text, found["application"]),
            host=at("host", text, found["host"]),
            first_day=at("first_day", day, found["first_day"]),
            last_day=at("last_day", day, found["last_day"]),
        )

    def to_json(self) -> dict[str, object]:
        return {
            "application": self.application,
            "host": self.host,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class GoalResult:
    """How far a goal was reached. `value` and `bound` of `fairness` are the float nearest to the exact share.

    `bound` and `gap` are None where no bound is known; `gap` is |bound - value| / max(|bound|, |value|).
    """

    name: str
    value: float
    bound: float | None = None
    gap: float | None = None
    status: str | None = None

    @classmethod
    def read(cls, value: object) -> "GoalResult":
        found = holding(value, "name", "value")
        return cls(
            name=at("name", one_of(GOALS), found["name"]),
            value=at("value", number, found["value"]),
            bound=at("bound", nullable(number), found.get("bound")),
            gap=at("gap", nullable(number), found.get("gap")),
            status=at("status", nullable(one_of(STATUSES[:2])), found.get("status")),
        )

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Why an application got no visit: a code of `CODES`, a sentence and its evidence."""

    application: str
    code: str
    text: str
    evidence: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def read(cls, value: object) -> "Unmatched":
        found = holding(value, "application", "code")
        return cls(
            application=at("application", text, found["application"]),
            code=at("code", one_of(CODES), found["code"]),
            text=at("text", text, found.get("text", "")),
            evidence=at("evidence", mapping, found.get("evidence", {})),
        )

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Solution:
    """The outcome of a solve. None stands for a field left out: other methods write only the first two.

    `clash` names rules that cannot hold together, where the status is `infeasible`. `options` are those of
    the solve, so that `inputs` can be computed again.
    """

    status: str
    assignments: tuple[Assignment, ...] = ()
    goals: tuple[GoalResult, ...] | None = None
    unmatched: tuple[Unmatched, ...] | None = None
    certified_bound: int | None = None
    certificate: Mapping[str, object] | None = None
    clash: tuple[str, ...] | None = None
    seed: int | None = None
    engine: str | None = None
    options: Mapping[str, object] | None = None
    inputs: str | None = None
    result: str | None = None
    seconds: float | None = None

    @classmethod
    def from_json(cls, value: object) -> "Solution":
        """Read a solution from plain JSON values. Raises `Malformed` for the first field that is wrong."""
        solution, faults = cls.read(value)
        for fault in faults:
            raise fault
        return solution

    @classmethod
    def read(cls, value: object) -> tuple["Solution", list[Malformed]]:
        """Read what can be read of a solution, and return with it a fault for each field that cannot."""
        return _Reader(value).solution()

    def to_json(self) -> dict[str, object]:
        """Return the solution as plain JSON values, fields that are None left out."""
        whole: dict[str, object] = {"format": SOLUTION_FORMAT, "status": self.status}
        for name in ("goals", "assignments", "unmatched"):
            rows = getattr(self, name)
            if rows is not None:
                whole[name] = [one.to_json() for one in rows]
        rest = (
            "certified_bound",
            "certificate",
            "clash",
            "seed",
            "engine",
            "options",
            "inputs",
            "result",
            "seconds",
        )
        whole |= {name: _plain(getattr(self, name)) for name in rest if getattr(self, name) is not None}
        return whole


class _Reader:
    """Reads a solution field by field and keeps the faults."""

    def __init__(self, value: object) -> None:
        self.faults: list[Malformed] = []
        self.found = self._try("", mapping, value) or {}

    def solution(self) -> tuple[Solution, list[Malformed]]:
        self._required("format", one_of((SOLUTION_FORMAT,)))
        solution = Solution(
            status=self._required("status", one_of(STATUSES)) or "feasible",
            assignments=self._rows("assignments", Assignment.read, self._required("assignments", _list))
            or (),
            goals=self._rows("goals", GoalResult.read, self._field("goals", _list)),
            unmatched=self._rows("unmatched", Unmatched.read, self._field("unmatched", _list)),
            certified_bound=self._field("certified_bound", integer),
            certificate=self._field("certificate", mapping),
            clash=self._rows("clash", text, self._field("clash", _list)),
            seed=self._field("seed", integer),
            engine=self._field("engine", text),
            options=self._field("options", mapping),
            inputs=self._field("inputs", text),
            result=self._field("result", text),
            seconds=self._field("seconds", number),
        )
        return solution, self.faults

    def _required(self, name: str, read: Callable[[object], T]) -> T | None:
        if name not in self.found:
            self._try("", lambda found: holding(found, name), self.found)
            return None
        return self._try(name, read, self.found[name])

    def _field(self, name: str, read: Callable[[object], T]) -> T | None:
        value = self.found.get(name)
        return None if value is None else self._try(name, read, value)

    def _rows(
        self, name: str, read: Callable[[object], T], items: list[object] | None
    ) -> tuple[T, ...] | None:
        if items is None:
            return None
        rows = (self._try(f"{name}[{place}]", read, item) for place, item in enumerate(items))
        return tuple(one for one in rows if one is not None)

    def _try(self, step: str, read: Callable[[object], T], value: object) -> T | None:
        try:
            return at(step, read, value) if step else read(value)
        except Malformed as fault:
            self.faults.append(fault)
            return None


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        refuse(value, "a list")
    return value


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def digest(value: object) -> str:
    """Return the SHA-256 of plain JSON values in one canonical form: keys sorted, no spaces, ASCII."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def result_digest(assignments: tuple[Assignment, ...], goals: tuple[GoalResult, ...]) -> str:
    """Return the SHA-256 of the assignments, sorted, and the goals, in order."""
    rows = [one.to_json() for one in sorted(assignments)]
    return digest({"assignments": rows, "goals": [one.to_json() for one in goals]})


def inputs_digest(problem: Problem, options: Mapping[str, object], seed: int, engine: str) -> str:
    """Return the SHA-256 of all that a deterministic result depends on."""
    whole = {"problem": problem.to_json(), "options": dict(options), "seed": seed, "engine": engine}
    return digest(whole)
