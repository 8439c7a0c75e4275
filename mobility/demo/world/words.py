"""Invented names and texts: the lists in `names/`, and how they are put together."""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

NAMES = Path(__file__).parents[1] / "names"
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A town with its place on the map and its region."""

    country: str
    town: str
    region: str | None
    latitude: float
    longitude: float


@cache
def table(name: str) -> dict[str, Any]:
    """One of the lists."""
    return tomllib.loads((NAMES / f"{name}.toml").read_text(encoding="utf-8"))


def places(country: str) -> list[Place]:
    """The towns of a country where the demo's organisations are."""
    rows = table("countries")[country]["towns"]
    return [Place(country, row["name"], row["region"] or None, *row["at"]) for row in rows]


def place(country: str, town: str) -> Place:
    """One of the towns of a country, by its name."""
    return next(one for one in places(country) if one.town == town)


def slug(name: str) -> str:
    """A name as part of an address."""
    plain = unicodedata.normalize("NFKD", name.translate(str.maketrans("łøđßıþæŁØĐÞ", "lodsitaLODT")))
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"[^a-z0-9]+", "-", kept.lower()).strip("-")


def weighted(random: Random, shares: dict[T, int]) -> T:
    """One of the keys, by their shares."""
    return random.choices(list(shares), weights=list(shares.values()))[0]


def level(random: Random) -> str:
    """How well somebody speaks a foreign language."""
    return random.choices(("B1", "B2", "C1", "C2"), weights=(15, 40, 35, 10))[0]


class Naming:
    """Gives names that nobody else of the story has."""

    def __init__(self, random: Random) -> None:
        self.random, self.taken = random, set[str]()

    def brand(self) -> str:
        """A made-up word."""
        parts = [part.split() for part in table("sentences")["brands"].values()]
        return self._new(lambda: "".join(self.random.choice(part) for part in parts))

    def person(self, country: str) -> str:
        """Somebody of a country, as often a woman as a man."""
        return self._new(lambda: self._person(table("countries")[country]))

    def _person(self, lists: dict[str, str]) -> str:
        is_woman = self.random.random() < 0.5
        given = self.random.choice(lists["women" if is_woman else "men"].split())
        male, _, female = self.random.choice(lists["family"].split()).partition("/")
        return f"{given} {female or male}" if is_woman else f"{given} {male}"

    def _new(self, draw: Any) -> str:
        for _ in range(10_000):
            name: str = draw()
            if name not in self.taken:
                self.taken.add(name)
                return name
        raise LookupError("the lists of names are too short")


class Texts:
    """Writes texts about a topic, drawn from parts."""

    def __init__(self, random: Random, ecosystem: str, **names: Any) -> None:
        self.random = random
        self.topic = table("topics")[ecosystem]
        self.names = names

    def text(self, kind: str, *parts: str) -> str:
        """A text of sentences, one drawn from each part."""
        return " ".join(self.sentence(table("sentences")[kind][part]) for part in parts)

    def sentence(self, choices: Sequence[str]) -> str:
        """One of the sentences with its names filled in."""
        return self.random.choice(choices).format_map(self._names())

    def problem(self) -> str:
        """What troubles somebody of this trade."""
        return f"{self.random.choice(self.topic['problems'])}."

    def _names(self) -> dict[str, Any]:
        site, other = self.random.sample(self.topic["sites"], 2)
        result = self.random.choice(self.topic["results"])
        problem = self.random.choice(self.topic["problems"])
        return {
            "does": self.random.choice(self.topic["does"]),
            "sees": self.random.choice(self.topic["sees"]),
            "noun": self.random.choice(self.topic["nouns"]),
            "site": site,
            "other_site": other,
            "result": result,
            "result_upper": result[0].upper() + result[1:],
            "problem": problem,
            "problem_lower": problem[0].lower() + problem[1:],
            **self.names,
        }
