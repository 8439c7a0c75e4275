"""Words of the public pages."""

from collections.abc import Sequence

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.papers.enums import PaperState
from mobility.public.finder import Fit
from mobility.taxonomies.countries import country_name
from mobility.taxonomies.topics import ECOSYSTEMS

STATES = {
    PaperState.VALID: ("good", _l("Valid")),
    PaperState.REPLACED: ("wait", _l("Replaced")),
    PaperState.CANCELLED: ("bad", _l("Cancelled")),
}
SENTENCES = {
    PaperState.VALID: _l("This paper was issued by ClusterXchange and is in force."),
    PaperState.REPLACED: _l("This paper was issued by ClusterXchange. A newer version has taken its place."),
    PaperState.CANCELLED: _l(
        "This paper was issued by ClusterXchange and was taken out of use. It no longer counts."
    ),
}
KINDS = {
    "payment_order": _l("Payment order"),
    "batch_list": _l("List of a payment batch"),
    "agreement": _l("Agreement"),
    "certificate_visitor": _l("Certificate of attendance"),
    "certificate_host": _l("Certificate of hosting"),
}


def kind(code: str) -> str:
    """What kind of paper it is."""
    plain = code.replace("-", "_")
    return str(KINDS.get(plain, plain.replace("_", " ").capitalize()))


def verdict(passed: bool | None, *, visits: bool) -> str:
    """The verdict of the eligibility check."""
    if passed is False:
        return _("Not as it stands.")
    if passed is None:
        return _("Yes, with proof.")
    return _("Yes, you can visit.") if visits else _("Yes, you can host.")


def topics(ecosystems: Sequence[str]) -> str:
    """The ecosystems of a partnership."""
    return ", ".join(str(ECOSYSTEMS.get(code, code)) for code in ecosystems)


def why(fit: Fit, country: str, topic: str) -> list[str]:
    """What speaks for a partnership, in sentences; without a wish nothing."""
    name, place = str(ECOSYSTEMS.get(topic, topic)), country_name(country) if country else ""
    sentences = {
        "topic": _("Works on your topic, %(topic)s.", topic=name),
        "seat": _("Has its seat in your country, %(country)s.", country=place),
        "cluster": _("A cluster of it is in your country, %(country)s.", country=place),
    }
    found = [sentences[code] for code in fit.reasons]
    return found or ([_("Takes other topics and countries, too.")] if country or topic else [])


def number(count: int | None) -> str:
    """A figure, or that it is too small to be shown."""
    return _("under 5") if count is None else str(format_decimal(count))
