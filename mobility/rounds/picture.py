"""Figures of a frozen problem: who entered, what hosts offer, and both by week. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from mobility.rounds.problem import is_fixed

WEEK = timedelta(days=7)


def picture_of(problem: dict[str, Any]) -> dict[str, Any]:
    """The figures of a problem as they are kept with its round."""
    drawn = Picture(problem)
    figures = ("visitors", "groups", "hosts", "places", "pairs", "without_host", "reserved", "free_cents")
    weeks = [
        {"monday": week.monday.isoformat(), "places": week.places, "visitors": week.visitors}
        for week in drawn.weeks()
    ]
    return {name: getattr(drawn, name) for name in figures} | {"weeks": weeks}


def weeks_of(picture: dict[str, Any]) -> list["Week"]:
    """The weeks of kept figures."""
    return [
        Week(date.fromisoformat(row["monday"]), row["places"], row["visitors"]) for row in picture["weeks"]
    ]


@dataclass(frozen=True)
class Week:
    """Places that are open in a week, and visitors who could come in it."""

    monday: date
    places: int
    visitors: int

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week


@dataclass(frozen=True)
class Picture:
    """What stands in a frozen problem."""

    problem: dict[str, Any]

    @cached_property
    def applications(self) -> list[dict[str, Any]]:
        return [row for row in self.problem.get("applications", ()) if not is_fixed(row["id"])]

    @property
    def visitors(self) -> int:
        return len(self.applications)

    @property
    def groups(self) -> int:
        return len({row["group"] for row in self.applications if row.get("group")})

    @property
    def hosts(self) -> int:
        return len(self.problem.get("hosts", ()))

    @property
    def places(self) -> int:
        """Places at once, each host in its best window."""
        hosts = self.problem.get("hosts", ())
        return sum(max((window[2] for window in host["windows"]), default=0) for host in hosts)

    @cached_property
    def paired(self) -> set[str]:
        """Visitors for whom the rules leave at least one host."""
        return {row["application"] for row in self._pairs}

    @property
    def pairs(self) -> int:
        return len(self._pairs)

    @property
    def without_host(self) -> list[str]:
        return [row["id"] for row in self.applications if row["id"] not in self.paired]

    @property
    def reserved(self) -> int:
        """Visits of earlier rounds that keep their places."""
        return len(self.problem.get("locks", ()))

    @property
    def free_cents(self) -> int:
        """What the budgets of the visitors' partnerships still hold."""
        limits = self.problem.get("limits", ())
        return sum(limit["max"] for limit in limits if limit["id"].startswith("budget:"))

    @property
    def _pairs(self) -> list[dict[str, Any]]:
        return [row for row in self.problem.get("pairs", ()) if not is_fixed(row["application"])]

    def weeks(self) -> Iterator[Week]:
        """The weeks in which somebody could come or somebody could be received."""
        monday, last = _monday(self.problem["first_day"]), date.fromisoformat(self.problem["last_day"])
        while monday <= last:
            week = Week(monday, self._places_in(monday), self._visitors_in(monday))
            if week.places or week.visitors:
                yield week
            monday += WEEK

    def _places_in(self, monday: date) -> int:
        return sum(
            max((window[2] for window in host["windows"] if _meets(window, monday)), default=0)
            for host in self.problem.get("hosts", ())
        )

    def _visitors_in(self, monday: date) -> int:
        return sum(any(_meets(window, monday) for window in row["windows"]) for row in self.applications)


def _monday(day: str) -> date:
    found = date.fromisoformat(day)
    return found - timedelta(days=found.weekday())


def _meets(window: list[Any], monday: date) -> bool:
    """Whether a window has a day from Monday to Friday of that week."""
    friday = monday + timedelta(days=4)
    return bool(window[0] <= friday.isoformat() and monday.isoformat() <= window[1])
