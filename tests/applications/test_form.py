"""The form of an application: what it keeps, what it refuses, what it says while one types."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.core.db import db
from tests.applications.filled import page_of, typed
from tests.make.hosts import make_offer
from tests.pages import error_beside
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
NewClient = Callable[[], Visitor]


def test_a_saved_draft_keeps_everything_typed(client: Visitor, draft: Application) -> None:
    offer, never = make_offer(call=draft.call), make_offer(call=draft.call)
    db.session.commit()
    fields = typed(draft, wish_1=str(offer.id), never=[str(never.id)], countries=["PT", "DE"])

    answer = client.submit(page_of(draft, "/edit"), fields)

    assert answer.status_code == 302
    db.session.expire_all()
    assert [(wish.offer_id, wish.rank) for wish in draft.wishes] == [(offer.id, 1), (never.id, None)]
    assert draft.languages == {"en": "B2"}
    assert (draft.purposes, draft.countries) == (["learn", "markets"], ["PT", "DE"])
    again = client.get(page_of(draft, "/edit")).text
    assert f'<option selected value="{offer.id}"' in again
    assert "To see how blades are tested." in again


def test_a_draft_may_be_saved_with_gaps_but_not_sent(client: Visitor, draft: Application) -> None:
    gaps = typed(
        draft, motivation="", purposes=[], consent="", **{"languages-0-language": "", "languages-0-level": ""}
    )
    gaps.pop("consent")

    refused = client.submit(page_of(draft, "/edit"), gaps | {"next": "check"})
    saved = client.submit(page_of(draft, "/edit"), gaps)

    assert refused.status_code == 422
    for field in ("motivation", "purposes", "consent", "languages-0-language"):
        assert error_beside(refused.text, field), field
        assert f'href="#{field}"' in refused.text
    assert saved.status_code == 302


HOSTILE = [
    ("person_name", "Ana\0", "Remove the unreadable character."),
    ("person_name", "x" * 1_000_000, "Write at most 200 characters."),
    ("person_email", "ana at home", "Write an e-mail address such as name@example.org."),
    ("motivation", "y" * 5001, "Write at most 5000 characters."),
    ("min_days", str(2**63), "Write a whole number."),
    ("min_days", "²", "Write a whole number."),
    ("min_days", "0", "Write a number from 1 to 366."),
    ("max_days", "2", "Write a number not below the shortest stay."),
    ("residence_days", "-1", "Write a number from 0 to 36500."),
    ("windows-0-first_day", "8 March 2027", "Write a date such as 2027-03-15."),
    ("windows-0-first_day", "2027-02-30", "Write a date such as 2027-03-15."),
    ("windows-0-last_day", "2001-01-01", "Write a day on or after the first day."),
    ("windows-0-last_day", "", "Write the last day too."),
    ("languages-0-level", "", "Choose the level too."),
    ("languages-0-language", "xx", "Not a valid choice."),
    ("wish_1", "999999999", "Not a valid choice."),
    ("mode", "by boat", "Not a valid choice."),
]


@pytest.mark.parametrize(("field", "value", "words"), HOSTILE)
def test_bad_input_is_answered_beside_its_field_and_changes_nothing(
    client: Visitor, draft: Application, field: str, value: str, words: str
) -> None:
    before = (draft.version, draft.motivation, draft.person_name)

    answer = client.submit(page_of(draft, "/edit"), typed(draft, position="Keep me", **{field: value}))

    assert answer.status_code == 422
    assert words in error_beside(answer.text, field)
    assert 'value="Keep me"' in answer.text
    db.session.expire_all()
    assert (draft.version, draft.motivation, draft.person_name) == before


@pytest.mark.parametrize("field", ["ecosystems", "purposes", "countries", "never"])
def test_a_box_that_is_not_on_the_form_is_refused(client: Visitor, draft: Application, field: str) -> None:
    answer = client.submit(page_of(draft, "/edit"), typed(draft, **{field: ["renewables", "<script>"]}))

    assert answer.status_code == 422
    assert error_beside(answer.text, field)
    assert "<script>" not in answer.text.split("<main")[1]


def test_markup_is_kept_as_text(client: Visitor, draft: Application) -> None:
    client.submit(page_of(draft, "/edit"), typed(draft, motivation="<b>bold</b> & <script>alert(1)</script>"))

    page = client.get(page_of(draft)).text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;" in page


def test_fields_that_are_not_on_the_form_change_nothing(client: Visitor, draft: Application) -> None:
    extra = {
        "status": "accepted",
        "priority": "99",
        "organisation_id": "1",
        "windows-²-first_day": "x",
        "windows-99999-first_day": "x",
    }

    answer = client.submit(page_of(draft, "/edit"), typed(draft, **extra))

    assert answer.status_code == 302
    db.session.expire_all()
    assert draft.status is Status.DRAFT


def test_the_second_of_two_writers_is_refused(client: Visitor, draft: Application) -> None:
    old = typed(draft, motivation="First writer")
    client.submit(page_of(draft, "/edit"), old)

    answer = client.submit(page_of(draft, "/edit"), old | {"motivation": "Second writer"})

    assert answer.status_code == 409
    db.session.expire_all()
    assert draft.motivation == "First writer"


def test_findings_and_amounts_come_while_one_types_and_store_nothing(
    client: Visitor, draft: Application
) -> None:
    offer = make_offer(call=draft.call)
    db.session.commit()
    day = draft.call.first_day.isoformat()
    fields = typed(
        draft,
        wish_1=str(offer.id),
        motivation="Half typed",
        **{"windows-0-first_day": day, "windows-0-last_day": day},
    )

    answer = client.submit(page_of(draft, "/edit"), fields, to=page_of(draft, "/findings"))

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert re.search(r'data-finding="min-days">\s*<span class="sign sign-fail"', answer.text)
    assert "€780.00" in answer.text
    db.session.expire_all()
    assert draft.motivation != "Half typed"
    assert draft.wishes == []


def test_unreadable_input_still_gives_findings(client: Visitor, draft: Application) -> None:
    hostile = typed(draft, min_days="²", person_name="\0", wish_1="<>", **{"windows-0-first_day": "soon"})

    answer = client.submit(page_of(draft, "/edit"), hostile, to=page_of(draft, "/findings"))

    assert answer.status_code == 200
    assert 'data-finding="complete"' in answer.text
