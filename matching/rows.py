"""The rows of a problem, as frozen dataclasses that read, check and write themselves.

Numbers are whole, ranges of days include both ends, money is in cents. A row that breaks a rule of its own
raises `Malformed` with the path of its field; what rows say about each other is checked by `Problem`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from matching.reading import Malformed, at, at_least, day, each, integer, mapping, nullable, refuse, row, text

VISITS = "visits"
"""The reserved amount: every pair counts 1."""


def _in_order(first: date, last: date) -> None:
    if last < first:
        raise Malformed("", f"ends on {last} before it begins on {first}", "a range in order")


def _ends(value: object, length: int, shape: str) -> list[object]:
    if not isinstance(value, list) or len(value) != length:
        refuse(value, shape)
    return value


@dataclass(frozen=True, slots=True)
class Window:
    """A range of days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        _in_order(self.first, self.last)

    @classmethod
    def read(cls, value: object) -> "Window":
        first, last = _ends(value, 2, "[first day, last day]")
        return cls(at("[0]", day, first), at("[1]", day, last))

    @classmethod
    def read_closed(cls, value: object) -> "Window":
        """Read what may also be a single day."""
        if isinstance(value, list):
            return cls.read(value)
        return cls(day(value), day(value))

    def to_json(self) -> list[str]:
        return [self.first.isoformat(), self.last.isoformat()]

    def to_closed_json(self) -> str | list[str]:
        return self.first.isoformat() if self.first == self.last else self.to_json()


@dataclass(frozen=True, slots=True)
class HostWindow:
    """A range of days on which a host takes `places` visitors at once."""

    first: date
    last: date
    places: int

    def __post_init__(self) -> None:
        _in_order(self.first, self.last)
        at_least("[2]", self.places, 0)

    @classmethod
    def read(cls, value: object) -> "HostWindow":
        first, last, places = _ends(value, 3, "[first day, last day, places]")
        return cls(at("[0]", day, first), at("[1]", day, last), at("[2]", integer, places))

    def to_json(self) -> list[str | int]:
        return [self.first.isoformat(), self.last.isoformat(), self.places]


@dataclass(frozen=True, slots=True)
class Application:
    """A wish for a visit of `days` open days in one of the windows; members of a `group` go together.

    `lot` is what it drew where a lottery decides between equals, more being better.
    """

    id: str
    days: int
    priority: int
    windows: tuple[Window, ...]
    group: str | None = None
    lot: int = 0

    def __post_init__(self) -> None:
        at_least("days", self.days, 1)
        at_least("priority", self.priority, 1)
        at_least("lot", self.lot, 0)

    @classmethod
    def read(cls, value: object) -> "Application":
        found = row(value, ("id", "days", "priority", "windows"), ("group", "lot"))
        return cls(
            id=at("id", text, found["id"]),
            days=at("days", integer, found["days"]),
            priority=at("priority", integer, found["priority"]),
            windows=at("windows", each(Window.read), found["windows"]),
            group=at("group", nullable(text), found.get("group")),
            lot=at("lot", integer, found.get("lot", 0)),
        )

    def to_json(self) -> dict[str, object]:
        windows = [window.to_json() for window in self.windows]
        whole: dict[str, object] = {
            "id": self.id,
            "days": self.days,
            "priority": self.priority,
            "windows": windows,
        }
        if self.group is not None:
            whole["group"] = self.group
        return {**whole, "lot": self.lot} if self.lot else whole


@dataclass(frozen=True, slots=True)
class Host:
    """Where visitors go: windows with places, and the days that are closed."""

    id: str
    windows: tuple[HostWindow, ...]
    closed: tuple[Window, ...] = ()

    @classmethod
    def read(cls, value: object) -> "Host":
        found = row(value, ("id", "windows"), ("closed",))
        return cls(
            id=at("id", text, found["id"]),
            windows=at("windows", each(HostWindow.read), found["windows"]),
            closed=at("closed", each(Window.read_closed), found.get("closed", [])),
        )

    def to_json(self) -> dict[str, object]:
        windows = [window.to_json() for window in self.windows]
        whole: dict[str, object] = {"id": self.id, "windows": windows}
        return {**whole, "closed": [days.to_closed_json() for days in self.closed]} if self.closed else whole


@dataclass(frozen=True, slots=True)
class Pair:
    """An application that may visit a host: what that is worth and what it uses up.

    `days`, where given, replaces the application's. `amounts` are named whole numbers, such as `cost_cents`.
    """

    application: str
    host: str
    score: int
    days: int | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        at_least("score", self.score, 0)
        if self.days is not None:
            at_least("days", self.days, 1)
        for name, amount in self.amounts.items():
            at_least(f"amounts.{name}", amount, 0)
        if VISITS in self.amounts:
            raise Malformed(
                f"amounts.{VISITS}", "is a reserved name", "another name: each pair counts 1 visit"
            )

    @classmethod
    def read(cls, value: object) -> "Pair":
        found = row(value, ("application", "host", "score"), ("days", "amounts"))
        amounts = at("amounts", mapping, found.get("amounts", {}))
        return cls(
            application=at("application", text, found["application"]),
            host=at("host", text, found["host"]),
            score=at("score", integer, found["score"]),
            days=at("days", integer, found["days"]) if "days" in found else None,
            amounts={
                at(f"amounts.{name}", text, name): at(f"amounts.{name}", integer, amount)
                for name, amount in amounts.items()
            },
        )

    def amount(self, name: str) -> int:
        """Return how much of a named amount this pair counts for."""
        return 1 if name == VISITS else self.amounts.get(name, 0)

    def to_json(self) -> dict[str, object]:
        whole: dict[str, object] = {"application": self.application, "host": self.host, "score": self.score}
        if self.days is not None:
            whole["days"] = self.days
        return {**whole, "amounts": dict(self.amounts)} if self.amounts else whole


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds the sum of an amount over the matched pairs it covers. None covers all, an empty list none."""

    id: str
    amount: str
    max: int
    min: int = 0
    applications: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        at_least("max", self.max, 0, None)
        at_least("min", self.min, 0, None)
        if self.min > self.max:
            raise Malformed("min", f"is {self.min}", f"at most max, which is {self.max}")

    @classmethod
    def read(cls, value: object) -> "Limit":
        found = row(value, ("id", "amount", "max"), ("min", "applications", "hosts"))
        return cls(
            id=at("id", text, found["id"]),
            amount=at("amount", text, found["amount"]),
            max=at("max", integer, found["max"]),
            min=at("min", integer, found.get("min", 0)),
            applications=at("applications", nullable(each(text)), found.get("applications")),
            hosts=at("hosts", nullable(each(text)), found.get("hosts")),
        )

    def to_json(self) -> dict[str, object]:
        whole: dict[str, object] = {"id": self.id, "amount": self.amount, "max": self.max, "min": self.min}
        if self.applications is not None:
            whole["applications"] = list(self.applications)
        return whole if self.hosts is None else {**whole, "hosts": list(self.hosts)}


@dataclass(frozen=True, slots=True)
class Lock:
    """An accepted pair, with its first day where that is agreed too."""

    application: str
    host: str
    first_day: date | None = None

    @classmethod
    def read(cls, value: object) -> "Lock":
        found = row(value, ("application", "host"), ("first_day",))
        return cls(
            application=at("application", text, found["application"]),
            host=at("host", text, found["host"]),
            first_day=at("first_day", nullable(day), found.get("first_day")),
        )

    def to_json(self) -> dict[str, object]:
        whole: dict[str, object] = {"application": self.application, "host": self.host}
        return whole if self.first_day is None else {**whole, "first_day": self.first_day.isoformat()}


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A pair that staff have ruled out."""

    application: str
    host: str

    @classmethod
    def read(cls, value: object) -> "Forbidden":
        found = row(value, ("application", "host"))
        return cls(at("application", text, found["application"]), at("host", text, found["host"]))

    def to_json(self) -> dict[str, object]:
        return {"application": self.application, "host": self.host}


@dataclass(frozen=True, slots=True)
class Previous:
    """A visit of an earlier solution, which the goal `changes` compares with."""

    application: str
    host: str
    first_day: date

    @classmethod
    def read(cls, value: object) -> "Previous":
        found = row(value, ("application", "host", "first_day"))
        return cls(
            application=at("application", text, found["application"]),
            host=at("host", text, found["host"]),
            first_day=at("first_day", day, found["first_day"]),
        )

    def to_json(self) -> dict[str, object]:
        return {
            "application": self.application,
            "host": self.host,
            "first_day": self.first_day.isoformat(),
        }
