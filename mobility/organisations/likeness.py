"""What speaks for two entries being one organisation. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from mobility.taxonomies.folding import fold

NEAR = 0.88
# Among more organisations of one town only names that begin alike are compared.
LARGE_TOWN = 40
BEGINNING = 3
SIGNS = re.compile(r"[^0-9A-Z]+")
# Legal forms as they stand in folded names: they come and go with whoever types the name.
FORMS = re.compile(
    r"\b(gmbh|mbh|ag|kg|se|ev|e v|srl|s r l|spa|s p a|sa|s a|sas|s a s|sarl|s a r l|sl|s l|slu|ltd|limited|llc|plc"
    r"|bv|b v|nv|n v|bvba|vzw|asbl|oy|ab|as|a s|aps|sro|s r o|doo|d o o|dd|kft|zrt|nyrt|ood|eood|ou|uab|sia|lda"
    r"|unipessoal|sp z o o|sp zoo|spzoo|s k a|shpk|sh p k|ehf|hf|inc|co)\b"
)


@dataclass(frozen=True)
class Entered:
    """What is compared of an organisation."""

    id: int
    country: str
    registration: str
    name_folded: str
    town: str
    website: str


def number_key(registration: str, country: str) -> str:
    """A registration number without blanks, dots, capitals, leading zeros and the country before it."""
    plain = SIGNS.sub("", registration.upper())
    return plain.removeprefix(country).lstrip("0")


def name_key(name_folded: str) -> str:
    """A folded name without its legal form."""
    return " ".join(FORMS.sub(" ", name_folded).split()) or name_folded


def reasons(one: Entered, other: Entered) -> list[str]:
    """What speaks for the two being one: "number", "name" or "near-name", and beside these "town" and "website"."""
    if one.country != other.country:
        return []
    found = []
    number = number_key(one.registration, one.country)
    # Where "-" or "0" stands, no number is known.
    if number and number == number_key(other.registration, other.country):
        found.append("number")
    is_town = fold(one.town) == fold(other.town)
    if name_key(one.name_folded) == name_key(other.name_folded):
        found.append("name")
    elif is_town and is_near(name_key(one.name_folded), name_key(other.name_folded)):
        found.append("near-name")
    beside = [("town", is_town), ("website", bool(_host(one)) and _host(one) == _host(other))]
    return [*found, *(code for code, holds in beside if holds)] if found else []


def is_near(one: str, other: str) -> bool:
    """Whether two names differ by a slip; numbers in names do not slip."""
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.quick_ratio() >= NEAR and match.ratio() >= NEAR


def alike(entered: Iterable[Entered]) -> Iterator[tuple[Entered, Entered, list[str]]]:
    """The pairs that something speaks for, each once, the one entered first before the other."""
    groups: dict[tuple[str, ...], list[Entered]] = defaultdict(list)
    towns: dict[tuple[str, ...], list[Entered]] = defaultdict(list)
    for one in entered:
        if number := number_key(one.registration, one.country):
            groups["number", one.country, number].append(one)
        groups["name", one.country, name_key(one.name_folded)].append(one)
        towns[one.country, fold(one.town)].append(one)
    seen = set()
    for group in [*groups.values(), *_neighbours(towns.values())]:
        for pair in combinations(sorted(group, key=lambda entry: entry.id), 2):
            if (pair[0].id, pair[1].id) not in seen:
                seen.add((pair[0].id, pair[1].id))
                if found := reasons(*pair):
                    yield (*pair, found)


def _neighbours(towns: Iterable[list[Entered]]) -> Iterator[list[Entered]]:
    for town in towns:
        if len(town) <= LARGE_TOWN:
            yield town
            continue
        beginnings: dict[str, list[Entered]] = defaultdict(list)
        for one in town:
            beginnings[name_key(one.name_folded)[:BEGINNING]].append(one)
        yield from beginnings.values()


def _host(one: Entered) -> str:
    return one.website.lower().partition("//")[2].partition("/")[0].removeprefix("www.")
