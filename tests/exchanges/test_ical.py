"""A calendar in the words of RFC 5545."""

from datetime import UTC, date, datetime

import pytest

from mobility.exchanges.ical import Event, calendar, escaped, folded

AT = datetime(2026, 11, 26, 9, 5, 7, tzinfo=UTC)


def an_event(**changes: object) -> Event:
    usual: dict[str, object] = {
        "uid": "EXC-2026-0001@example.org",
        "sequence": 3,
        "status": "CONFIRMED",
        "first_day": date(2027, 3, 1),
        "last_day": date(2027, 3, 5),
        "summary": "Visit to Porto",
        "location": "Porto",
        "url": "https://example.org/exchanges/EXC-2026-0001",
    }
    return Event(**usual | changes)  # type: ignore[arg-type]


def test_a_stay_is_an_event_of_whole_days_that_ends_before_the_day_after() -> None:
    assert calendar("Exchanges", [an_event()], at=AT).decode().split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ClusterXchange//Exchanges//EN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Exchanges",
        "BEGIN:VEVENT",
        "UID:EXC-2026-0001@example.org",
        "DTSTAMP:20261126T090507Z",
        "SEQUENCE:3",
        "STATUS:CONFIRMED",
        "DTSTART;VALUE=DATE:20270301",
        "DTEND;VALUE=DATE:20270306",
        "SUMMARY:Visit to Porto",
        "LOCATION:Porto",
        "URL:https://example.org/exchanges/EXC-2026-0001",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Schmidt; Söhne, KG", "Schmidt\\; Söhne\\, KG"),
        ("a\\b", "a\\\\b"),
        ("two\r\nlines\rand\nmore", "two\\nlines\\nand\\nmore"),
        ("x\nEND:VEVENT", "x\\nEND:VEVENT"),
        ("bell\x07 tab\t", "bell tab"),
        ("Ελλάδα 🚀", "Ελλάδα 🚀"),
    ],
)
def test_what_has_a_meaning_in_the_format_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


@pytest.mark.parametrize("letter", ["a", "é", "Ω", "🚀"])
@pytest.mark.parametrize("length", [0, 1, 74, 75, 76, 149, 150, 400])
def test_a_long_line_is_folded_at_75_octets_and_no_letter_is_cut(letter: str, length: int) -> None:
    text = letter * length

    lines = b"\r\n ".join(folded(text)).split(b"\r\n")

    assert all(len(line) <= 75 for line in lines)
    assert b"".join(folded(text)).decode() == text
    assert [part.decode() for part in folded(text)]
    assert (len(lines) > 1) == (len(text.encode()) > 75)


def test_a_summary_cannot_begin_an_event_of_its_own() -> None:
    made = calendar(
        "Exchanges", [an_event(summary="x\r\nEND:VEVENT\r\nBEGIN:VEVENT", location="y" * 300)], at=AT
    )

    lines = made.decode().replace("\r\n ", "").split("\r\n")

    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert "LOCATION:" + "y" * 300 in lines
