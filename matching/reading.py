"""Reads plain JSON values and says where a file is wrong.

A reader takes a value and returns a thing or raises `Malformed` with a path relative to that value; whoever
holds the value puts its own step in front. So every rule is worded once, and the path is whole at the top.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from math import isfinite
from typing import NoReturn, TypeVar

T = TypeVar("T")

LARGEST = 10**12
"""No single number may be larger: sums over a million pairs then stay within the solver's 64 bits."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Malformed(ValueError):
    """A field that breaks the format: its path, what is wrong with it and what was expected."""

    def __init__(self, path: str, wrong: str, expected: str) -> None:
        super().__init__(path, wrong, expected)
        self.path, self.wrong, self.expected = path, wrong, expected

    def __str__(self) -> str:
        return f"{self.path or 'the file'}: {self.wrong}; expected {self.expected}"

    def under(self, step: str) -> "Malformed":
        """Return the same fault, seen from one level further out."""
        joint = "." if self.path and not self.path.startswith("[") else ""
        return Malformed(f"{step}{joint}{self.path}", self.wrong, self.expected)


class Repeated(dict[str, object]):
    """A JSON object in which a key came twice; `key` is the first such key."""

    key = ""


def parse(data: bytes) -> object:
    """Turn the bytes of a JSON file into plain values. Raises `Malformed` for what is not JSON."""
    try:
        return json.loads(data, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        raise Malformed("", f"cannot be read ({fault})", "a JSON text") from None


def _object(items: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(items)
    if len(found) == len(items):
        return found
    repeated = Repeated(found)
    keys = [key for key, _ in items]
    repeated.key = next(key for place, key in enumerate(keys) if key in keys[:place])
    return repeated


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def at(step: str, read: Callable[[object], T], value: object) -> T:
    """Read a value that lies one step down."""
    try:
        return read(value)
    except Malformed as fault:
        raise fault.under(step) from None


def mapping(value: object) -> dict[str, object]:
    """Read an object whose keys are free, each once."""
    if not isinstance(value, dict):
        refuse(value, "an object")
    if isinstance(value, Repeated):
        raise Malformed(value.key, "is there twice", "each key once")
    return value


def row(value: object, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, object]:
    """Read an object with all the required keys and none but these and the optional ones."""
    needed = tuple(required)
    found, known = holding(value, *needed), (*needed, *optional)
    for key in found:
        if key not in known:
            raise Malformed(key, "is not a known key", f"one of {_listed(known)}")
    return found


def holding(value: object, *required: str) -> dict[str, object]:
    """Read an object with all the required keys; other keys are left alone."""
    found = mapping(value)
    for key in required:
        if key not in found:
            raise Malformed(key, "is missing", f"an object with {_listed(required)}")
    return found


def each(read: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """Make a reader of lists out of a reader of their items."""

    def read_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            refuse(value, "a list")
        return tuple(at(f"[{place}]", read, item) for place, item in enumerate(value))

    return read_all


def nullable(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """Make a reader that also takes null."""
    return lambda value: None if value is None else read(value)


def text(value: object) -> str:
    """Read a string that UTF-8 can hold."""
    if not isinstance(value, str):
        refuse(value, "a text")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        refuse(value, "a text of whole characters")
    return value


def one_of(words: tuple[str, ...]) -> Callable[[object], str]:
    """Make a reader of a closed list of words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            refuse(value, " or ".join(f'"{word}"' for word in words))
        return value

    return read


def integer(value: object) -> int:
    """Read a whole number; `true` and `3.0` are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        refuse(value, "a whole number")
    if not _is_finite(value):
        refuse(value, "a whole number of at most 308 digits")
    return value


def number(value: object) -> float:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        refuse(value, "a number")
    return value


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:
        # A whole number of Python can be larger than any float.
        return False


def day(value: object) -> date:
    """Read a date written YYYY-MM-DD."""
    if not isinstance(value, str):
        refuse(value, "a date written YYYY-MM-DD")
    return _day(value)


@lru_cache(maxsize=4096)
def _day(value: str) -> date:
    if not _DATE.fullmatch(value):
        refuse(value, "a date written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        refuse(value, "a day of the calendar, written YYYY-MM-DD")


def at_least(name: str, value: int, least: int, most: int | None = LARGEST) -> None:
    """Refuse a number outside its bounds. Raises `Malformed`."""
    if value < least or (most is not None and value > most):
        upper = "" if most is None else f" and at most {most}"
        raise Malformed(name, f"is {value}", f"a whole number of at least {least}{upper}")


def refuse(value: object, expected: str) -> NoReturn:
    """Raise `Malformed` for the value itself."""
    raise Malformed("", f"is {shown(value)}", expected)


def shown(value: object) -> str:
    """Return a value as a short JSON text, for a message."""
    try:
        whole = json.dumps(value, default=str)
    except ValueError:
        # Python writes no whole number of more than 4300 digits.
        return "beyond words"
    return whole if len(whole) <= 60 else f"{whole[:57]}..."


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(keys)
