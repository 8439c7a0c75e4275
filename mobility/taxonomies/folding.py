"""Names without accents and capitals, so that "Lodz" finds Łódź."""

import re
from unicodedata import combining, normalize

WORDS = re.compile(r"\w+")
# Letters that Unicode does not take apart into a plain letter and an accent.
PLAIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
        "ŋ": "n",
    }
)


def fold(name: str) -> str:
    """The name in small plain letters and digits, words apart by one space."""
    letters = name.casefold()
    if not letters.isascii():
        apart = normalize("NFKD", letters)
        letters = "".join(sign for sign in apart if not combining(sign)).translate(PLAIN)
    return " ".join(WORDS.findall(letters))
