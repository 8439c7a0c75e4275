"""Words for the parts of a score and of a priority."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.taxonomies.countries import country_name
from mobility.taxonomies.languages import LANGUAGES
from mobility.taxonomies.topics import ECOSYSTEMS, INDUSTRIES, PURPOSES

Values = dict[str, Any]


@dataclass(frozen=True)
class PartRow:
    """A line of the table "why this host"."""

    label: str
    text: str
    points: int
    max: int


def score_rows(parts: Iterable[dict[str, Any]]) -> list[PartRow]:
    """The stored parts of a score as lines a person reads."""
    return [
        PartRow(label(part["code"]), _TEXTS[part["code"]](part["values"]), part["points"], part["max"])
        for part in parts
    ]


def label(code: str) -> str:
    """The name of a criterion."""
    names = {
        "wish": _("Your ranked wish"),
        "topics": _("Topics in common"),
        "offer": _("What is sought and offered"),
        "country": _("Host country"),
        "language": _("Language"),
        "period": _("Period"),
        "partner_type": _("Type of partner"),
        "length": _("Length of the stay"),
    }
    return names[code]


def _wish(values: Values) -> str:
    return _(
        "The visitor ranked this host number %(rank)s; the rank replaces all other criteria.",
        rank=values["rank"],
    )


def _topics(values: Values) -> str:
    names = {"ecosystem": ECOSYSTEMS, "industry": INDUSTRIES}
    common = [str(names[kind][code]) for kind, code in values["common"]]
    return ", ".join(common) or _("No topic in common.")


def _offer(values: Values) -> str:
    common = [str(PURPOSES[code]) for code in values["common"]]
    return ", ".join(common) or _("The host offers none of the purposes sought.")


def _country(values: Values) -> str:
    name = country_name(values["country"])
    if values["any"]:
        return _("%(country)s; the visitor is open to any country.", country=name)
    return str(name)


def _language(values: Values) -> str:
    if values["language"] is None:
        return _("No language in common.")
    return _("%(language)s at %(level)s", language=LANGUAGES[values["language"]], level=values["level"])


def _period(values: Values) -> str:
    return ngettext(
        "%(num)s day lies in the windows of both sides.",
        "%(num)s days lie in the windows of both sides.",
        values["days"],
    )


def _partner_type(values: Values) -> str:
    if values["suits_visitor"] and values["suits_host"]:
        return _("Both sides are of a type the other welcomes.")
    if values["suits_visitor"]:
        return _("The host would rather receive another type of visitor.")
    if values["suits_host"]:
        return _("The visitor would rather go to another type of host.")
    return _("Neither side is of the type the other would rather meet.")


def _length(values: Values) -> str:
    return _("%(days)s working days of %(wished)s wished", days=values["days"], wished=values["wished"])


_TEXTS: dict[str, Callable[[Values], str]] = {
    "wish": _wish,
    "topics": _topics,
    "offer": _offer,
    "country": _country,
    "language": _language,
    "period": _period,
    "partner_type": _partner_type,
    "length": _length,
}
