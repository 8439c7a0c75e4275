"""Bad inputs made by chance: what a form sends with one to four things in it gone wrong."""

from collections.abc import Callable, Iterator
from random import Random

from tests.hostile.forms import Fields, Form
from tests.hostile.values import MARK_UP, NUL, SURROGATE, TOO_LARGE

NUMBERS = (
    TOO_LARGE,
    f"-{TOO_LARGE}",
    str(2**31),
    "-1",
    "0",
    "-0",
    "00",
    "1.5",
    "1,5",
    "1e400",
    "NaN",
    "-Infinity",
    "1_000",
    "0x10",
    "٣",
    "１２",
    "²",
    "Ⅷ",
    "+5",
    "9" * 5000,
    "1" + "0" * 400,
)
DAYS = (
    "0000-00-00",
    "0001-01-01",
    "1899-12-31",
    "9999-12-31",
    "10000-01-01",
    "-2027-01-01",
    "2027-02-30",
    "2027-2-3",
    "2027-W01-1",
    "20270101",
    "01/02/2027",
    "2027-03-28T02:30",
    "9999-12-31T23:59:59+14:00",
    "２０２７-01-01",
    "0001-01-01..9999-12-31",
)
TEXTS = (
    "",
    " ",
    "\u00a0\u2003",
    "\t\r\n",
    NUL,
    "\0",
    SURROGATE,
    "\udfff\ud800",
    "\ufeff",
    "\ufffe\uffff",
    "\U0010ffff",
    "\u202egpj.exe",
    "\u200b\u200d\u2060",
    "\u2028\u2029",
    "a" + "\u0301" * 3000,
    "👩‍👩‍👧‍👦" * 300,
    "İıſßﬃǆ",
    "\x01\x02\x1b[31m\x7f\x85",
    MARK_UP,
    "{{ 7 * 7 }}{% raw %}",
    "%s%n%(name)s%",
    "%00%ff",
    "\\x00\\ud800\\",
    "'; DROP TABLE application; --",
    "' OR ''='",
    "../../etc/passwd",
    "a@b.example\r\nBcc: c@d.example",
    "a" * 300 + "@b.example",
    "ö@ü.example",
    '"a b"@[127.0.0.1]',
    "https://[::1",
    "http://a.example:99999999/",
    "//evil.example",
    "javascript:alert(1)",
    "=1+1",
    "[]",
    "{}",
    '{"a": [1, null]}',
    "null",
    "None",
    "true",
    "on",
    "x" * 20_000,
    "w\u200bord " * 5000,
    "DE00",
    "BE68 5390 0754 7034 " * 40,
)
LONGEST_RUN = 40
# The planes of Unicode that a letter is drawn from.
LAST = (0x7F, 0x2FF, 0xFFFF, 0x10FFFF)

Harm = Callable[[Random, Fields, str], None]


def bad_inputs(form: Form, sent: Fields, seed: str, count: int) -> Iterator[Fields]:
    """So many different ways to send the form wrong; the same for the same seed."""
    chance = Random(seed)  # noqa: S311
    names = sorted({*sent, *(one.name for one in form.controls if one.name)})
    for _turn in range(count):
        fields = {name: [*values] for name, values in sent.items()}
        for _harm in range(chance.choice((1, 1, 2, 4))):
            chance.choice(HARMS)(chance, fields, chance.choice(names))
        yield fields


def _value(chance: Random) -> str:
    return chance.choice((*(chance.choice(pool) for pool in (NUMBERS, DAYS, TEXTS)), _letters(chance)))


def _letters(chance: Random) -> str:
    return "".join(chr(chance.randint(0, chance.choice(LAST))) for _ in range(chance.randint(1, LONGEST_RUN)))


def _replace(chance: Random, fields: Fields, name: str) -> None:
    fields[name] = [_value(chance)]


def _twist(chance: Random, fields: Fields, name: str) -> None:
    """What was meant, with something put into it."""
    value = (fields.get(name) or [""])[0]
    at = chance.randint(0, len(value))
    fields[name] = [value[:at] + _letters(chance) + value[at + chance.randint(0, 1) :]]


def _leave_out(_chance: Random, fields: Fields, name: str) -> None:
    fields.pop(name, None)


def _repeat(chance: Random, fields: Fields, name: str) -> None:
    fields[name] = [*fields.get(name, []), *(_value(chance) for _ in range(chance.randint(1, 60)))]
    chance.shuffle(fields[name])


def _swap(chance: Random, fields: Fields, name: str) -> None:
    """What was meant for another field."""
    fields[name] = fields.get(chance.choice(sorted(fields) or [name]), [""])


def _number(chance: Random, fields: Fields, name: str) -> None:
    """A row that the form does not have, or one of no number."""
    first, dash, rest = name.partition("-")
    row = chance.choice(("0", "1", "7", "999999", "-1", "٣", "x", "", TOO_LARGE))
    fields[f"{first}-{row}{dash}{rest.partition('-')[2] or rest}"] = [_value(chance)]


def _add(chance: Random, fields: Fields, name: str) -> None:
    """A field that the form does not have."""
    fields[chance.choice((_letters(chance), f"{name}[]", f"{name}.{name}", "add", "remove", "next"))] = [
        _value(chance)
    ]


HARMS: tuple[Harm, ...] = (_replace, _replace, _replace, _twist, _leave_out, _repeat, _swap, _number, _add)
