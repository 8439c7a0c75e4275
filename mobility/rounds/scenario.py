"""Changes that staff make to a frozen problem for one run, each with its reason. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from matching.solution import digest
from mobility.core.errors import RuleBroken
from mobility.rounds.models import Round, Run

LOCK, FORBID, PLACES, BUDGET, VISITS, KEEP = KINDS = (
    "lock",
    "forbid",
    "places",
    "budget",
    "visits",
    "keep",
)
# What a change of each kind says, besides its reason.
NEEDS = {
    LOCK: {"application", "host"},
    FORBID: {"application", "host"},
    PLACES: {"host", "first_day", "number"},
    BUDGET: {"partnership", "number"},
    VISITS: {"host", "number"},
    # After declines: whoever holds a proposal is locked to it.
    KEEP: set[str](),
}
MAY = {LOCK: {"first_day"}}
Problem = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """One change: a pair locked (perhaps with its first day) or forbidden, or another number.

    `number` is how many places more the host's window around `first_day` has, the visits that a host takes at
    most, or what a partnership may spend, in cents.
    """

    kind: str
    reason: str
    application: str = ""
    host: str = ""
    partnership: str = ""
    first_day: date | None = None
    number: int | None = None

    def __post_init__(self) -> None:
        given = {name for name in self._fields() if getattr(self, name) not in ("", None)}
        needed = NEEDS.get(self.kind)
        if needed is None or not needed <= given <= needed | MAY.get(self.kind, set()) or not self.reason:
            raise ValueError(f"a change of kind {self.kind} says {sorted(needed or ())} and why, not {given}")
        if self.number is not None and self.number < 0:
            raise ValueError("a number is not below 0")

    @staticmethod
    def _fields() -> set[str]:
        return {"application", "host", "partnership", "first_day", "number"}

    @classmethod
    def read(cls, row: dict[str, Any]) -> "Change":
        """The change that a row of a run stands for. Raises `ValueError`."""
        day = row.get("first_day")
        return cls(**row | {"first_day": date.fromisoformat(day) if day else None})

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values; what it does not say is left out."""
        whole = asdict(self) | {"first_day": self.first_day.isoformat() if self.first_day else None}
        return {name: value for name, value in whole.items() if value not in ("", None)}

    @property
    def summary(self) -> str:
        """What the log keeps of it."""
        said = (self.kind, self.application, self.host, self.partnership, self.first_day, self.number)
        return " ".join(str(one) for one in said if one not in ("", None)) + f" ({self.reason})"

    @property
    def limit(self) -> str:
        """The id of the limit that the change gives another number."""
        return f"budget:{self.partnership}" if self.kind == BUDGET else f"visits:{self.host}"


def changes_of(run: Run) -> list[Change]:
    """What a run changes in the frozen problem."""
    return [Change.read(row) for row in run.changes]


def problem_of(run: Run) -> Problem:
    """The problem that a run solves: the frozen one with the run's changes."""
    return changed(run.round.problem or {}, changes_of(run))


def inputs_sha256(round_: Round, changes: Iterable[dict[str, Any]]) -> str | None:
    """The hash of what a run solves; without changes that of the frozen problem itself."""
    rows = list(changes)
    if not rows or round_.inputs_sha256 is None:
        return round_.inputs_sha256
    return digest({"frozen": round_.inputs_sha256, "changes": rows})


def each_left_out(changes: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """For each change all the others."""
    return [[*changes[:at], *changes[at + 1 :]] for at in range(len(changes))]


def is_current(run: Run, round_: Round) -> bool:
    """Whether a run solves the problem as it is frozen now."""
    return run.inputs_sha256 == inputs_sha256(round_, run.changes)


def changed(problem: Problem, changes: Iterable[Change]) -> Problem:
    """The problem with the changes put on; the given one stays as it is."""
    for change in changes:
        problem = problem | _PUT[change.kind](problem, change)
    return problem


def refuse_impossible(problem: Problem, changes: Sequence[Change]) -> None:
    """Raise `RuleBroken` for the first change that the frozen problem has nothing for, or that repeats another."""
    seen: set[tuple[str, ...]] = set()
    for change in changes:
        _refuse_unknown(problem, change)
        if change.kind == LOCK:
            _refuse_impossible_lock(problem, change, changes)
        about = _about(problem, change)
        if about in seen:
            raise RuleBroken("change-twice", about=" / ".join(about[1:]))
        seen.add(about)


def unreal_of(run: Run) -> list[Change]:
    """What a run counts on that the scheme cannot keep yet; of one whose frozen problem is gone nothing is known."""
    # Only where a run changes something is the problem read.
    is_known = bool(run.changes) and is_current(run, run.round)
    return unreal(run.round.problem or {}, changes_of(run)) if is_known else []


def unreal(problem: Problem, changes: Iterable[Change]) -> list[Change]:
    """The changes that the scheme cannot keep yet: places and limits above what was frozen."""
    most = {limit["id"]: limit["max"] for limit in problem.get("limits", ())}
    return [
        change
        for change in changes
        if change.kind == PLACES
        or (change.kind in (BUDGET, VISITS) and (change.number or 0) > most[change.limit])
    ]


def _refuse_unknown(problem: Problem, change: Change) -> None:
    hosts = {host["id"] for host in problem["hosts"]}
    if change.application and change.application not in {row["id"] for row in problem["applications"]}:
        raise RuleBroken("change-no-entrant", application=change.application)
    if change.host and change.host not in hosts:
        raise RuleBroken("change-no-host", host=change.host)
    if change.kind == BUDGET and change.limit not in {limit["id"] for limit in problem["limits"]}:
        raise RuleBroken("change-no-budget", partnership=change.partnership)
    if change.kind == PLACES and _window(problem, change) is None:
        raise RuleBroken("change-no-window", host=change.host, day=change.first_day)


def _refuse_impossible_lock(problem: Problem, change: Change, changes: Iterable[Change]) -> None:
    pair = (change.application, change.host)
    if pair not in {(row["application"], row["host"]) for row in problem.get("pairs", ())}:
        raise RuleBroken("lock-no-pair", application=change.application, host=change.host)
    others = [one for one in changes if one is not change and one.application == change.application]
    if any(one.kind == FORBID and one.host == change.host for one in others):
        raise RuleBroken("lock-forbidden", application=change.application, host=change.host)
    if any(one.kind == LOCK and one.host != change.host for one in others):
        raise RuleBroken("lock-twice", application=change.application)


def _about(problem: Problem, change: Change) -> tuple[str, ...]:
    """What a change is about; two about the same would contradict or repeat each other."""
    if change.kind in (LOCK, FORBID):
        return change.kind, change.application, change.host
    if change.kind == PLACES:
        return change.kind, change.host, str(_window(problem, change))
    if change.kind == KEEP:
        return (change.kind, change.kind)
    return "limit", change.limit


def _window(problem: Problem, change: Change) -> int | None:
    """The place in its list of the host's window that holds the day; the one with the most places where several do."""
    day = change.first_day.isoformat() if change.first_day else ""
    host = next(one for one in problem["hosts"] if one["id"] == change.host)
    holding = [n for n, (first, last, _places) in enumerate(host["windows"]) if first <= day <= last]
    return max(holding, key=lambda n: host["windows"][n][2], default=None)


def _put_lock(problem: Problem, change: Change) -> Problem:
    lock = {"application": change.application, "host": change.host}
    if change.first_day:
        lock["first_day"] = change.first_day.isoformat()
    return {"locks": [*problem.get("locks", ()), lock]}


def _put_kept(problem: Problem, _change: Change) -> Problem:
    return {"locks": [*problem.get("locks", ()), *problem.get("previous", ())]}


def _put_forbidden(problem: Problem, change: Change) -> Problem:
    pair = {"application": change.application, "host": change.host}
    return {"forbidden": [*problem.get("forbidden", ()), pair]}


def _put_places(problem: Problem, change: Change) -> Problem:
    at, more = _window(problem, change), change.number or 0

    def widened(host: dict[str, Any]) -> dict[str, Any]:
        windows = [
            [first, last, places + more * (n == at)]
            for n, (first, last, places) in enumerate(host["windows"])
        ]
        return host | {"windows": windows}

    return {"hosts": [widened(host) if host["id"] == change.host else host for host in problem["hosts"]]}


def _put_limit(problem: Problem, change: Change) -> Problem:
    return {
        "limits": [
            limit | {"max": change.number} if limit["id"] == change.limit else limit
            for limit in problem["limits"]
        ]
    }


_PUT: dict[str, Callable[[Problem, Change], Problem]] = {
    LOCK: _put_lock,
    FORBID: _put_forbidden,
    PLACES: _put_places,
    BUDGET: _put_limit,
    VISITS: _put_limit,
    KEEP: _put_kept,
}
