"""How the address narrows the list: filters and words as conditions, so that they reach the whole call."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, or_

from mobility.applications.models import Application
from mobility.catalogue.near import shares
from mobility.catalogue.records import Record
from mobility.core.lists import LONGEST_SEARCH, Filter, has_word
from mobility.hosts.models import Offer
from mobility.organisations.models import Organisation
from mobility.organisations.wording import TYPES
from mobility.taxonomies.countries import country_choices
from mobility.taxonomies.folding import fold
from mobility.taxonomies.languages import LANGUAGES
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

ECOSYSTEM = "ecosystem"
LENGTHS = (3, 5, 10, 15, 20)

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
        """What a record has to meet; the names of visitors are looked through only where `is_known`."""
        chosen = [choice.where(choice.value) for choice in self.filters if choice.value]
        words = sorted(set(self.q.split()))
        return [
            *chosen,
            *(or_(*_places_of(self.kind, word, false() if is_known is None else is_known)) for word in words),
        ]


def asked_of(kind: type[Record]) -> Narrowing:
    """What the address asks for."""
    return Narrowing(kind, request.args.get("q", "").strip()[:LONGEST_SEARCH], _filters(kind))


def _filters(kind: type[Any]) -> list[Filter]:
    return [
        Filter("country", _("Country"), country_choices(), lambda code: Organisation.country == code),
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
    """Where the word may stand: in what the list shows, or in the codes of what it shows."""
    yield has_word(kind.reference, word)
    folded = fold(word)
    if kind is Offer:
        yield has_word(Offer.title, word)
        yield has_word(Organisation.town, word)
    if not folded:
        return
    yield from _codes_of(kind, folded)
    if kind is Offer:
        yield has_word(Organisation.name_folded, folded)
    else:
        named = or_(has_word(Organisation.name_folded, folded), has_word(Application.person_name, word))
        yield and_(is_known, named)


def _codes_of(kind: type[Any], folded: str) -> Iterator[Condition]:
    if countries := _codes(country_choices(), folded):
        yield Organisation.country.in_(countries)
    if kind is Application and (types := _codes(TYPES.items(), folded)):
        yield Organisation.type.in_(types)
    topics: tuple[tuple[Any, Mapping[str, Any]], ...] = (
        (kind.ecosystems, ECOSYSTEMS),
        (kind.industries, INDUSTRIES),
        (kind.purposes, PURPOSES),
    )
    for column, names in topics:
        if codes := _codes(names.items(), folded):
            yield shares(column, codes)


def _codes(names: Iterable[tuple[Any, Any]], folded: str) -> list[Any]:
    """The codes whose words have the searched one in them."""
    return [code for code, name in names if folded in fold(str(name))]
