"""Two results of one frozen round side by side: who gains, who loses, what it costs, how fair it is. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

Members = tuple[int, int]
FAMILIES = ("partnership", "country", "size", "first_timer", "length")
# The largest staff of each size of organisation, as the Union defines them (Recommendation 2003/361/EC).
SIZES = ((9, "micro"), (49, "small"), (249, "medium"))


@dataclass(frozen=True)
class Entry:
    """Who entered the round, with what fairness is counted by."""

    reference: str
    visitor: str
    partnership: str
    country: str
    staff: int | None
    is_first_timer: bool
    max_days: int
    # The reference of the host wished for most.
    first_choice: str | None

    @property
    def size(self) -> str:
        if self.staff is None:
            return "unknown"
        return next((name for most, name in SIZES if self.staff <= most), "large")

    def family(self, name: str) -> str:
        """The set of a family that the entrant belongs to."""
        sets = {
            "partnership": self.partnership,
            "country": self.country,
            "size": self.size,
            "first_timer": "first" if self.is_first_timer else "again",
            "length": str(self.max_days),
        }
        return sets[name]


@dataclass(frozen=True)
class Stay:
    """Where and when somebody stays in one of the results; `offer` is the reference of the host's offer."""

    offer: str
    host: str
    first_day: date
    days: int
    score: int
    cost_cents: int


@dataclass(frozen=True)
class Change:
    """An entrant for whom the two results differ."""

    entry: Entry
    one: Stay | None
    other: Stay | None

    @property
    def kind(self) -> str:
        if self.one is None:
            return "gains"
        if self.other is None:
            return "loses"
        return "moves" if self.one.offer != self.other.offer else "redated"


@dataclass(frozen=True)
class Side:
    """One of the results: the stay of each entrant that it matches, by reference."""

    entries: Mapping[str, Entry]
    stays: Mapping[str, Stay]
    hosts: int

    @property
    def matched(self) -> int:
        return len(self.stays)

    @property
    def cost_cents(self) -> int:
        return sum(stay.cost_cents for stay in self.stays.values())

    def mean(self, figure: Callable[[Stay], int]) -> float:
        """The mean of a figure over the stays; 0 where there is none."""
        return sum(map(figure, self.stays.values())) / self.matched if self.stays else 0.0

    @property
    def mean_score(self) -> float:
        return self.mean(lambda stay: stay.score)

    @property
    def mean_days(self) -> float:
        return self.mean(lambda stay: stay.days)

    @property
    def mean_cost_cents(self) -> float:
        return self.mean(lambda stay: stay.cost_cents)

    @property
    def first_choices(self) -> Members:
        """How many got the host they wished for most, of those who named one."""
        wishing = [entry for entry in self.entries.values() if entry.first_choice]
        got = [one for one in wishing if self._host_of(one) == one.first_choice]
        return len(got), len(wishing)

    def _host_of(self, entry: Entry) -> str | None:
        stay = self.stays.get(entry.reference)
        return stay.offer if stay else None

    def shares(self, family: str) -> dict[str, Members]:
        """Of each set of a family, how many are matched and how many there are."""
        sets: dict[str, list[str]] = {}
        for entry in self.entries.values():
            sets.setdefault(entry.family(family), []).append(entry.reference)
        return {
            name: (sum(one in self.stays for one in members), len(members)) for name, members in sets.items()
        }

    def cents_of(self, partnership: str) -> int:
        """The lump sums that a partnership would pay."""
        members = (stay for one, stay in self.stays.items() if self.entries[one].partnership == partnership)
        return sum(stay.cost_cents for stay in members)

    @cached_property
    def loads(self) -> list[int]:
        """How many visits each host has, the fewest first; hosts without a visit count."""
        counts: dict[str, int] = {}
        for stay in self.stays.values():
            counts[stay.offer] = counts.get(stay.offer, 0) + 1
        return sorted([*counts.values(), *([0] * (self.hosts - len(counts)))])

    @property
    def load_gini(self) -> float:
        """How unevenly the visits are spread: 0 if each host has as many, nearly 1 if one has all."""
        visits, hosts = sum(self.loads), len(self.loads)
        if not visits:
            return 0.0
        weighted = sum((2 * place - hosts - 1) * load for place, load in enumerate(self.loads, 1))
        return weighted / (hosts * visits)


@dataclass(frozen=True)
class ShareRow:
    """A set of a family in both results."""

    name: str
    of: int
    one: int
    other: int

    @property
    def shares(self) -> tuple[float, float]:
        return self.one / self.of, self.other / self.of


@dataclass(frozen=True)
class Comparison:
    """What differs from one result to the other."""

    one: Side
    other: Side

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.one, self.other

    @cached_property
    def changes(self) -> list[Change]:
        """Everybody for whom the results differ, by reference."""
        return list(self._changes())

    def _changes(self) -> Iterator[Change]:
        for reference, entry in sorted(self.one.entries.items()):
            before, after = self.one.stays.get(reference), self.other.stays.get(reference)
            if _place(before) != _place(after):
                yield Change(entry, before, after)

    def of_kind(self, kind: str) -> list[Change]:
        return [change for change in self.changes if change.kind == kind]

    @property
    def unchanged(self) -> int:
        """How many have the same host and the same days in both."""
        stays = self.other.stays.items()
        return sum(_place(self.one.stays.get(reference)) == _place(stay) for reference, stay in stays)

    def shares(self, family: str) -> list[ShareRow]:
        """The sets of a family, those first whose worse share is the worst."""
        one, other = self.one.shares(family), self.other.shares(family)
        rows = [ShareRow(name, of, matched, other[name][0]) for name, (matched, of) in one.items()]
        return sorted(rows, key=lambda row: (min(row.shares), row.name))

    def money(self) -> list[tuple[str, int, int]]:
        """What each partnership would pay in both."""
        names = sorted({entry.partnership for entry in self.one.entries.values()})
        return [(name, self.one.cents_of(name), self.other.cents_of(name)) for name in names]


def compare(
    entries: Sequence[Entry], one: Mapping[str, Stay], other: Mapping[str, Stay], hosts: int
) -> Comparison:
    """Lay two results of the same entrants and hosts side by side."""
    by_reference = {entry.reference: entry for entry in entries}
    return Comparison(Side(by_reference, one, hosts), Side(by_reference, other, hosts))


def _place(stay: Stay | None) -> tuple[str, date] | None:
    return (stay.offer, stay.first_day) if stay else None
