"""Less developed regions (NUTS 2) of the programming period 2021-2027.

Source: Commission Implementing Decision (EU) 2021/1130 of 5 July 2021, OJ L 244, 9.7.2021, p. 10, Annex I (GDP per
head under 75 % of the EU-27 average). Codes of NUTS 2016, with those that NUTS 2021 gave to the parts of HR04.
"""

import csv
import re
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "less_developed_regions_2021_2027.csv"
CODE = re.compile(r"[A-Z]{2}[A-Z0-9]{2}")

# The two countries whose NUTS codes do not begin with their ISO code.
NUTS_COUNTRY = {"GR": "EL", "GB": "UK"}


def is_less_developed(nuts2: str | None) -> bool:
    """Whether the region is less developed; no region given counts as not."""
    return nuts2 in _codes()


def is_region_of(nuts2: str, country: str) -> bool:
    """Whether the code has the form of a NUTS 2 region of the country."""
    return bool(CODE.fullmatch(nuts2)) and nuts2.startswith(NUTS_COUNTRY.get(country, country))


@cache
def _codes() -> frozenset[str]:
    with TABLE.open(encoding="utf-8", newline="") as table:
        return frozenset(row["nuts2"] for row in csv.DictReader(table))
