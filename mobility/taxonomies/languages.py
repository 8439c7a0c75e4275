"""Languages of the participating countries, and the levels of the Common European Framework (CEFR).

Sources: official languages of the EU (Regulation No 1/1958 as amended) and of the associated countries;
names from CLDR through Babel, in the reader's language.
"""

from typing import Any

from babel import Locale
from flask_babel import get_locale
from flask_babel.speaklater import LazyString

LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
EU_CODES = "bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv"
ASSOCIATED_CODES = "bs hy is mk sq sr tr uk"


def language_name(code: str) -> str:
    """The language's name in the reader's language; the code itself if nobody knows it."""
    locale = get_locale() or Locale("en", "GB")
    return str(locale.languages.get(code, code))


LANGUAGES: dict[str, Any] = {
    code: LazyString(language_name, code) for code in sorted(f"{EU_CODES} {ASSOCIATED_CODES}".split())
}
