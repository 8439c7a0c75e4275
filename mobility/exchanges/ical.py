"""A calendar in the words of RFC 5545: whole days, folded and escaped. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Section 3.1: a line has at most 75 octets; those that go on begin with a blank, which counts.
OCTETS = 75
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Event:
    """A stay of whole days. `sequence` grows with each change; `status` is a value of section 3.8.1.11."""

    uid: str
    sequence: int
    status: str
    first_day: date
    last_day: date
    summary: str
    location: str
    url: str


def calendar(name: str, events: Iterable[Event], *, at: datetime) -> bytes:
    """The calendar as it is sent at an instant."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ClusterXchange//Exchanges//EN", "METHOD:PUBLISH"]
    lines.append(f"X-WR-CALNAME:{escaped(name)}")
    for event in events:
        lines += _lines(event, at)
    lines.append("END:VCALENDAR")
    return b"".join(b"\r\n ".join(folded(line)) + b"\r\n" for line in lines)


def _lines(event: Event, at: datetime) -> list[str]:
    # Section 3.6.1: the day of DTEND is no longer in it.
    end = event.last_day + timedelta(days=1)
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{event.status}",
        f"DTSTART;VALUE=DATE:{event.first_day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{end:%Y%m%d}",
        f"SUMMARY:{escaped(event.summary)}",
        f"LOCATION:{escaped(event.location)}",
        f"URL:{event.url}",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A text as section 3.3.11 wants it; signs that steer a terminal are left out."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in whole if sign == "\n" or sign.isprintable()).translate(ESCAPED)


def folded(line: str) -> Iterator[bytes]:
    """The parts of a line; no letter is cut in two."""
    part, room = b"", OCTETS
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > room:
            yield part
            part, room = b"", OCTETS - 1
        part += octets
    yield part
