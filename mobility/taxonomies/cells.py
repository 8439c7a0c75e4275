"""How an import reads the scheme's codes; each reader raises `BadCell` with the mend."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from mobility.core.files import BadCell, one_of, several
from mobility.taxonomies.countries import country_code
from mobility.taxonomies.languages import LANGUAGES, LEVELS
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

ecosystems: Callable[[str], tuple[Any, ...]] = several(one_of(ECOSYSTEMS))
industries: Callable[[str], tuple[Any, ...]] = several(one_of(INDUSTRIES))
purposes: Callable[[str], tuple[Any, ...]] = several(one_of(PURPOSES))


def country(cell: str) -> str:
    """A country by its code of two letters."""
    code = country_code(cell)
    if code is None:
        raise BadCell(cell, _("is not the code of a European country, such as AT, GR or XK"))
    return code


countries: Callable[[str], tuple[Any, ...]] = several(country)


def languages(cell: str) -> dict[str, str]:
    """Languages with their level, such as en:C1; de:B2."""
    pairs = [_language(part) for part in several(str)(cell)]
    spoken = [code for code, _level in pairs]
    twice = next((code for code in spoken if spoken.count(code) > 1), None)
    if twice is not None:
        raise BadCell(twice, _("stands twice"))
    return dict(pairs)


def _language(part: str) -> tuple[str, str]:
    code, _colon, level = (piece.strip() for piece in part.partition(":"))
    if code not in LANGUAGES:
        raise BadCell(part, _("is not a language of the scheme with its level, such as en:C1"))
    if level not in LEVELS:
        raise BadCell(part, _("lacks a level from A1 to C2, such as en:C1"))
    return code, level
