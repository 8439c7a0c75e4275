"""The form of an offer: what it keeps, what it refuses, how rows are added."""

import re

import pytest

from mobility.core.db import db
from mobility.hosts.models import Offer
from tests.hosts.filled import page_of, typed
from tests.pages import error_beside
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")

HOSTILE = [
    ("title", "Wind\0", "Remove the unreadable character."),
    ("title", "x" * 1_000_000, "Write at most 200 characters."),
    ("contact_email", "rui at host", "Write an e-mail address such as name@example.org."),
    ("max_visits", str(2**63), "Write a whole number."),
    ("max_visits", "1001", "Write a number from 0 to 1000."),
    ("max_days", "2", "Write a number not below the shortest stay."),
    ("windows-0-first_day", "8 March 2027", "Write a date such as 2027-03-15."),
    ("windows-0-last_day", "2001-01-01", "Write a day on or after the first day."),
    ("windows-0-places", "", "Write how many visitors at once."),
    ("windows-0-places", "-1", "Write a number from 0 to 1000."),
    ("closures-0-last_day", "2027-04-01", "Write the first day too."),
    ("languages-1-level", "Z9", "Not a valid choice."),
    ("languages-1-language", "en", "Named twice. Choose another language or none."),
]


def rows(page: str) -> set[tuple[str, str]]:
    """The rows of the lists on a form: the list's name and the row's number."""
    return set(re.findall(r'name="(\w+)-(\d+)-', page))


@pytest.mark.parametrize(("field", "value", "words"), HOSTILE)
def test_bad_input_is_answered_beside_its_field_and_changes_nothing(
    client: Visitor, draft: Offer, field: str, value: str, words: str
) -> None:
    before = (draft.version, draft.title, draft.description)
    extra = {"languages-1-level": "B1"} if field == "languages-1-language" else {}

    answer = client.submit(
        page_of(draft, "/edit"), typed(draft, description="Keep me", **{**extra, field: value})
    )

    assert answer.status_code == 422
    beside = {"closures-0-last_day": "closures-0-first_day"}.get(field, field)
    assert words in error_beside(answer.text, beside)
    assert "Keep me" in answer.text
    db.session.expire_all()
    assert (draft.version, draft.title, draft.description) == before


def test_a_saved_draft_keeps_windows_closures_and_languages(client: Visitor, draft: Offer) -> None:
    first_day = draft.call.first_day
    rows = {
        "windows-1-first_day": first_day.replace(day=1, month=1, year=first_day.year + 1).isoformat(),
        "windows-1-last_day": first_day.replace(day=31, month=1, year=first_day.year + 1).isoformat(),
        "windows-1-places": "4",
        "closures-0-first_day": first_day.isoformat(),
        "closures-0-last_day": first_day.isoformat(),
        "languages-1-language": "pt",
        "languages-1-level": "C2",
    }

    answer = client.submit(page_of(draft, "/edit"), typed(draft, **rows))

    assert answer.status_code == 302
    db.session.expire_all()
    assert [window.places for window in draft.windows] == [2, 4]
    assert [closure.first_day for closure in draft.closures] == [first_day]
    assert draft.languages == {"en": "C1", "pt": "C2"}


@pytest.mark.parametrize("rows", ["windows", "closures"])
def test_a_button_adds_an_empty_row_and_keeps_what_was_typed(
    client: Visitor, draft: Offer, rows: str
) -> None:
    answer = client.submit(page_of(draft, "/edit"), typed(draft, title="Half typed", add=rows))

    assert answer.status_code == 200
    assert f'name="{rows}-1-first_day"' in answer.text
    assert 'value="Half typed"' in answer.text
    db.session.expire_all()
    assert draft.title != "Half typed"


def test_a_row_that_the_form_does_not_have_is_not_added(client: Visitor, draft: Offer) -> None:
    usual = client.submit(page_of(draft, "/edit"), typed(draft, add="windows"))
    odd = client.submit(page_of(draft, "/edit"), typed(draft, add="title"))

    assert odd.status_code == 200
    assert rows(usual.text) - rows(odd.text) == {("windows", "1")}


def test_the_second_of_two_writers_is_refused(client: Visitor, draft: Offer) -> None:
    old = typed(draft, title="First writer")
    client.submit(page_of(draft, "/edit"), old)

    answer = client.submit(page_of(draft, "/edit"), old | {"title": "Second writer"})

    assert answer.status_code == 409
    db.session.expire_all()
    assert draft.title == "First writer"


def test_markup_is_kept_as_text(client: Visitor, draft: Offer) -> None:
    client.submit(page_of(draft, "/edit"), typed(draft, description="<script>alert(1)</script>"))

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get(page_of(draft)).text
