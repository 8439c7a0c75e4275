"""Text as banks take it: the letters, digits and signs that every SEPA bank must process (EPC217-08)."""

import re
import string
import unicodedata

ALLOWED = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ ")

# Letters that are no base letter with a mark, and signs with a usual reading.
LETTERS = {
    "ß": "ss",
    "ẞ": "SS",
    "Æ": "AE",
    "æ": "ae",
    "Œ": "OE",
    "œ": "oe",
    "Ø": "O",
    "ø": "o",
    "Đ": "D",
    "đ": "d",
    "Ð": "D",
    "ð": "d",
    "Þ": "TH",
    "þ": "th",
    "Ł": "L",
    "ł": "l",
    "ı": "i",
    "Ħ": "H",
    "ħ": "h",
    "Ŋ": "N",
    "ŋ": "n",
    "Ŧ": "T",
    "ŧ": "t",
    "ĸ": "q",
    "ə": "e",
    "Ə": "E",
    "&": "+",
    "@": "(at)",
    "_": "-",
    "€": "EUR",
    "’": "'",
    "‘": "'",
    "`": "'",
    "´": "'",
    "–": "-",
    "—": "-",
    "‐": "-",
    "‑": "-",
    "“": "'",
    "”": "'",
    "„": "'",
    '"': "'",
    "«": "'",
    "»": "'",
    ";": ",",
    "[": "(",
    "]": ")",
    "{": "(",
    "}": ")",
    "<": "(",
    ">": ")",
    "\\": "/",
    "|": "/",
    "…": "...",
}


def _table(letters: str, readings: str) -> dict[str, str]:
    return dict(zip(letters, readings.split(), strict=True))


GREEK = _table("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o")
CYRILLIC = _table(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяѓђѐёєѕіїјљњќћѝўџґ",
    "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y - e yu ya"
    " gj dj e yo ye dz i yi j lj nj kj c i u dz g",
)
ARMENIAN = _table(
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts w p k o f ev",
)
SMALL = {**GREEK, **CYRILLIC, **ARMENIAN, "ь": "", "Ь": ""}


def bank_text(text: str, longest: int) -> str:
    """The text in the signs of SEPA, at most so long; empty if nothing of it can be written."""
    written = "".join(_sign(sign) for sign in unicodedata.normalize("NFC", text))
    tidy = re.sub(r"/{2,}", "/", " ".join(written.split())).strip("/ ")
    return tidy[:longest].strip("/ ")


def _sign(sign: str) -> str:
    if sign in ALLOWED:
        return sign
    known = LETTERS.get(sign, _foreign(sign))
    if known is not None:
        return known
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    if plain != sign and plain:
        return "".join(_sign(part) for part in plain)
    return " "


def _foreign(sign: str) -> str | None:
    small = sign.lower()
    found = SMALL.get(small)
    return found if found is None or small == sign else found.capitalize()
