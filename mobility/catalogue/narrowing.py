"""How the address narrows the list: filters and words as conditions, so that they reach the whole call."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_

from mobility.applications.models import Application
from mobility.catalogue.near import shares
from mobility.catalogue.records import Record
from mobility.core.lists import LONGEST_SEARCH, Filter, has_word
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_choices
from mobility.taxonomies.folding import PLAIN, fold
from mobility.taxonomies.languages import LANGUAGES
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

ECOSYSTEM = "ecosystem"
LENGTHS = (3, 5, 10, 15, 20)
MOST_WORDS = 8
# What the database's small letters are not taken apart into, one for one and one for two.
ONE_FOR_ONE = {chr(sign): plain for sign, plain in PLAIN.items() if len(plain) == 1} | {"ς": "σ"}
ONE_FOR_TWO = {chr(sign): plain for sign, plain in PLAIN.items() if len(plain) == 2} | {"ß": "ss"}

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Narrowing:
    """The words and the choices of an address, for applications or for offers."""

    kind: type[Record]
    q: str
    filters: Sequence[Filter]

    @property
    def is_by_topic(self) -> bool:
        """Whether an ecosystem is chosen."""
        return any(choice.key == ECOSYSTEM and choice.value for choice in self.filters)

    def conditions(self, is_known: Condition | None = None) -> list[Condition]:
        """What a record has to meet: every choice, and every word somewhere.

        Of a host, words are looked for in its name, title, town, country, topics, purposes and reference; of a
        visitor in type, country, topics, purposes and reference, and in its names only where `is_known`. Accents,
        capitals and signs do not matter.
        """
        chosen = [choice.where(choice.value) for choice in self.filters if choice.value]
        words = list(dict.fromkeys(fold(self.q).split()))[:MOST_WORDS]
        known = false() if is_known is None else is_known
        return [*chosen, *(or_(*_places_of(self.kind, word, known)) for word in words)]


def asked_of(kind: type[Record], *, own_country: str) -> Narrowing:
    """What the address asks for; nobody of one's own country is in the list."""
    countries = [(code, name) for code, name in country_choices() if code != own_country]
    return Narrowing(kind, request.args.get("q", "").strip()[:LONGEST_SEARCH], _filters(kind, countries))


def _filters(kind: type[Any], countries: Sequence[tuple[str, str]]) -> list[Filter]:
    return [
        Filter("country", _("Country"), countries, lambda code: Organisation.country == code),
        Filter(ECOSYSTEM, _("Ecosystem"), list(ECOSYSTEMS.items()), kind.ecosystems.has_key),
        Filter("language", _("Language"), _languages(), kind.languages.has_key),
        Filter("length", _("Length"), _lengths(), _allows(kind)),
    ]


def _languages() -> list[tuple[str, str]]:
    return sorted(((code, str(name)) for code, name in LANGUAGES.items()), key=lambda pair: pair[1])


def _lengths() -> list[tuple[str, str]]:
    return [(str(days), _("%(days)s working days", days=days)) for days in LENGTHS]


def _allows(kind: type[Record]) -> Callable[[str], Condition]:
    return lambda days: and_(kind.min_days <= int(days), kind.max_days >= int(days))


def _places_of(kind: type[Any], word: str, is_known: Condition) -> Iterator[Condition]:
    """Where the folded word may stand: in what the list shows, or in the codes of what it shows."""
    yield has_word(kind.reference, word)
    yield from _codes_of(kind, word)
    if kind is Offer:
        yield has_word(Organisation.name_folded, word)
        yield has_word(folded(Offer.title), word)
        yield has_word(folded(Organisation.town), word)
    else:
        named = has_word(Organisation.name_folded, word), has_word(folded(Application.person_name), word)
        yield and_(is_known, or_(*named))


def folded(text: Any) -> ColumnElement[str]:
    """A text as `fold` has it, but for what stands between its words; worked out as it is read, for few are."""
    apart = func.normalize(func.lower(text), literal_column("NFKD"))
    plain = func.translate(
        func.regexp_replace(apart, "[\u0300-\u036f]", "", "g"),
        "".join(ONE_FOR_ONE),
        "".join(ONE_FOR_ONE.values()),
    )
    for sign, letters in ONE_FOR_TWO.items():
        plain = func.replace(plain, sign, letters)
    return plain


def _codes_of(kind: type[Any], word: str) -> Iterator[Condition]:
    if countries := _codes(country_choices(), word):
        yield Organisation.country.in_(countries)
    if kind is Application and (types := _codes(TYPES.items(), word)):
        yield Organisation.type.in_(types)
    topics: tuple[tuple[Any, Mapping[str, Any]], ...] = (
        (kind.ecosystems, ECOSYSTEMS),
        (kind.industries, INDUSTRIES),
        (kind.purposes, PURPOSES),
    )
    for column, names in topics:
        if codes := _codes(names.items(), word):
            yield shares(column, codes)


def _codes(names: Iterable[tuple[Any, Any]], word: str) -> list[Any]:
    """The codes whose words have the searched one in them."""
    return [code for code, name in names if word in fold(str(name))]
