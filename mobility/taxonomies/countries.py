"""Countries by ISO 3166 code (Greece is GR, Kosovo XK), and since when each takes part in the scheme.

Source: domain.md 2.2 (list of COSME countries, worth-partnership.ec.europa.eu/list-countries_en; monitoring
report COM(2021) 685). The United Kingdom took part as a member state and in the transition until 2020-12-31.
Norway, Switzerland and Liechtenstein do not take part.
"""

from dataclasses import dataclass
from datetime import date

from babel import Locale
from flask_babel import get_locale

EU = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
    *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
)
ASSOCIATED = ("AL", "AM", "BA", "IS", "XK", "MD", "ME", "MK", "RS", "TR", "UA")
OUTSIDE = ("GB", "NO", "CH", "LI")
COUNTRIES: tuple[str, ...] = (*EU, *ASSOCIATED, *OUTSIDE)

# Since when the lists of section 2.2 hold: the start of COSME (Regulation (EU) No 1287/2013).
COSME_START = date(2014, 1, 1)
BREXIT_TRANSITION_END = date(2020, 12, 31)

# How the EU itself abbreviates Greece and the United Kingdom.
OTHER_CODES = {"EL": "GR", "UK": "GB"}


@dataclass(frozen=True)
class Participation:
    """A country takes part from a day and perhaps until one."""

    country: str
    from_on: date
    to_on: date | None = None


PARTICIPATIONS: tuple[Participation, ...] = (
    *(Participation(country, COSME_START) for country in (*EU, *ASSOCIATED)),
    Participation("GB", COSME_START, BREXIT_TRANSITION_END),
)


def country_name(code: str) -> str:
    """The country's name in the reader's language; the code itself if nobody knows it."""
    locale = get_locale() or Locale("en", "GB")
    return str(locale.territories.get(code, code))


def country_choices() -> list[tuple[str, str]]:
    """Codes and names, by name, for a form."""
    return sorted(((code, country_name(code)) for code in COUNTRIES), key=lambda choice: choice[1])


def country_code(written: str) -> str | None:
    """The code of what somebody wrote, such as "el" for Greece; None if there is no such country here."""
    code = written.strip().upper()
    code = OTHER_CODES.get(code, code)
    return code if code in COUNTRIES else None
