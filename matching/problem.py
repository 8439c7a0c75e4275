"""The problem: applications, hosts, pairs and what binds them, in the format `exchange-problem/1`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from matching.reading import Malformed, at, day, each, mapping, one_of, row, text
from matching.rows import (
    VISITS,
    Application,
    Forbidden,
    Host,
    HostWindow,
    Limit,
    Lock,
    Pair,
    Previous,
    Window,
)

__all__ = [
    "PROBLEM_FORMAT",
    "VISITS",
    "Application",
    "Forbidden",
    "Host",
    "HostWindow",
    "Limit",
    "Lock",
    "Pair",
    "Previous",
    "Problem",
    "Window",
]

PROBLEM_FORMAT = "exchange-problem/1"
_ROWS: dict[str, Callable[[object], object]] = {
    "applications": Application.read,
    "hosts": Host.read,
    "pairs": Pair.read,
    "limits": Limit.read,
    "locks": Lock.read,
    "forbidden": Forbidden.read,
    "previous": Previous.read,
}

Sets = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One round to solve. `sets` maps a family (partnership, country) to its sets of applications.

    Raises `Malformed` where an id or a pair is there twice, an id is unknown (but in `previous`) or the days
    are reversed.
    """

    first_day: date
    last_day: date
    applications: tuple[Application, ...] = ()
    hosts: tuple[Host, ...] = ()
    pairs: tuple[Pair, ...] = ()
    limits: tuple[Limit, ...] = ()
    locks: tuple[Lock, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    sets: Sets = field(default_factory=dict)
    previous: tuple[Previous, ...] = ()

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise Malformed("last_day", f"is {self.last_day}", f"no day before first_day, {self.first_day}")
        _nothing_twice(self)
        _nothing_unknown(self)

    @classmethod
    def from_json(cls, value: object) -> "Problem":
        """Read a problem from plain JSON values. Raises `Malformed` with the path of the field."""
        found = row(value, ("format", "first_day", "last_day"), (*_ROWS, "sets", "note"))
        at("format", one_of((PROBLEM_FORMAT,)), found["format"])
        lists = {name: at(name, each(read), found.get(name, [])) for name, read in _ROWS.items()}
        return cls(
            first_day=at("first_day", day, found["first_day"]),
            last_day=at("last_day", day, found["last_day"]),
            sets=at("sets", _sets, found.get("sets", {})),
            **lists,  # type: ignore[arg-type]
        )

    def to_json(self) -> dict[str, object]:
        """Return the problem as plain JSON values; lists that are empty are left out."""
        whole: dict[str, object] = {
            "format": PROBLEM_FORMAT,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
        }
        whole |= {
            name: [one.to_json() for one in getattr(self, name)] for name in _ROWS if getattr(self, name)
        }
        if self.sets:
            whole["sets"] = {
                family: {name: list(members) for name, members in sets.items()}
                for family, sets in self.sets.items()
            }
        return whole


def _sets(value: object) -> dict[str, dict[str, tuple[str, ...]]]:
    members = each(text)
    return {
        at(family, text, family): {
            at(f"{family}.{name}", text, name): at(f"{family}.{name}", members, ids)
            for name, ids in at(family, mapping, sets).items()
        }
        for family, sets in mapping(value).items()
    }


def _nothing_twice(problem: Problem) -> None:
    for name in ("applications", "hosts", "limits"):
        _each_once((f"{name}[{place}].id", one.id) for place, one in enumerate(getattr(problem, name)))
    _each_once((f"pairs[{n}]", (pair.application, pair.host)) for n, pair in enumerate(problem.pairs))
    _each_once((f"previous[{n}].application", one.application) for n, one in enumerate(problem.previous))
    for path, ids in _lists_of_applications(problem):
        _each_once((f"{path}[{place}]", one) for place, one in enumerate(ids))
    for place, limit in enumerate(problem.limits):
        _each_once((f"limits[{place}].hosts[{n}]", one) for n, one in enumerate(limit.hosts or ()))


def _each_once(paths: Iterable[tuple[str, object]]) -> None:
    seen = set()
    for path, what in paths:
        if what in seen:
            raise Malformed(path, f"{_named(what)} is there twice", "each one once")
        seen.add(what)


def _nothing_unknown(problem: Problem) -> None:
    applications = {application.id for application in problem.applications}
    hosts = {host.id for host in problem.hosts}
    for name in ("pairs", "locks", "forbidden"):
        for place, one in enumerate(getattr(problem, name)):
            _known(one.application, applications, f"{name}[{place}].application", "application")
            _known(one.host, hosts, f"{name}[{place}].host", "host")
    for path, ids in _lists_of_applications(problem):
        for place, application in enumerate(ids):
            _known(application, applications, f"{path}[{place}]", "application")
    for place, limit in enumerate(problem.limits):
        for n, host in enumerate(limit.hosts or ()):
            _known(host, hosts, f"limits[{place}].hosts[{n}]", "host")


def _known(what: str, known: set[str], path: str, noun: str) -> None:
    if what not in known:
        raise Malformed(path, f"{_named(what)} is unknown", f"the id of {noun} in the list of {noun}s")


def _lists_of_applications(problem: Problem) -> Iterable[tuple[str, tuple[str, ...]]]:
    for place, limit in enumerate(problem.limits):
        yield f"limits[{place}].applications", limit.applications or ()
    for family, sets in problem.sets.items():
        for name, members in sets.items():
            yield f"sets.{family}.{name}", members


def _named(what: object) -> str:
    return " at ".join(map(str, what)) if isinstance(what, tuple) else f'"{what}"'
