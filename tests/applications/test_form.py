"""The pages of an application's form: what they keep, what they refuse, what they say while one types."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.core.db import db
from mobility.hosts import queries
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from tests.applications.filled import fill, form_at, page_of, typed
from tests.make.applications import SCHEME
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.pages import error_beside
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
NewClient = Callable[[], Visitor]
PERSON, TOPICS, DATES, HOSTS, CONSENTS = SCHEME


def test_a_filled_form_keeps_everything_typed(client: Visitor, draft: Application) -> None:
    offer, never = make_offer(call=draft.call), make_offer(call=draft.call)
    db.session.commit()
    hosts = {"wish_1": str(offer.id), "never": [str(never.id)], "countries": ["PT", "DE"]}

    fill(client, draft, HOSTS)
    db.session.expire_all()
    client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, **hosts))

    db.session.expire_all()
    assert [(wish.offer_id, wish.rank) for wish in draft.wishes] == [(offer.id, 1), (never.id, None)]
    assert draft.languages == {"en": "B2"}
    assert (draft.purposes, draft.countries) == (["learn", "markets"], ["PT", "DE"])
    assert f'<option selected value="{offer.id}"' in client.get(form_at(draft, HOSTS)).text
    assert "To see how blades are tested." in client.get(form_at(draft, TOPICS)).text


def test_windows_and_days_that_do_not_suit_come_by_calendar_and_by_text(
    client: Visitor, draft: Application
) -> None:
    by_text = {"more_windows": "2027-09-01..2027-09-30\r\n\r\n", "more_excluded": "2027-05-17"}
    by_calendar = {"excluded-0-first_day": "2027-05-03", "excluded-0-last_day": "2027-05-07"}

    client.submit(form_at(draft, DATES), typed(draft, DATES, **by_text, **by_calendar))

    db.session.expire_all()
    assert len(draft.windows) == 2
    assert draft.excluded == [["2027-05-03", "2027-05-07"], ["2027-05-17", "2027-05-17"]]
    page = client.get(form_at(draft, DATES)).text
    for day in ("2027-09-30", "2027-05-07", "2027-05-17"):
        assert f'value="{day}"' in page
    assert "Mon 3 – Fri 7 May 2027; Mon 17 May 2027" in client.get(page_of(draft)).text


def test_ranges_that_have_no_row_are_shown_as_text(client: Visitor, draft: Application) -> None:
    ranges = [f"2027-{month:02}-01..2027-{month:02}-02" for month in range(5, 10)]
    dates = typed(draft, DATES, more_excluded="\n".join(ranges))

    client.submit(form_at(draft, DATES), dates)

    page = client.get(form_at(draft, DATES)).text
    assert f">\r\n{ranges[3]}\n{ranges[4]}</textarea>" in page


def test_one_page_changes_nothing_of_the_others(client: Visitor, draft: Application) -> None:
    before = (draft.person_name, draft.consent_version, draft.ecosystems, len(draft.windows))

    client.submit(form_at(draft, DATES), typed(draft, DATES, max_days="4"))

    db.session.expire_all()
    assert draft.max_days == 4
    assert (draft.person_name, draft.consent_version, draft.ecosystems, len(draft.windows)) == before


def test_the_pages_follow_each_other_and_say_which_are_complete(client: Visitor, draft: Application) -> None:
    ways = [client.submit(form_at(draft, PERSON), typed(draft, PERSON)).location]
    db.session.expire_all()
    ways += [client.submit(form_at(draft, TOPICS), typed(draft, TOPICS, next="back")).location]
    db.session.expire_all()
    ways += [client.submit(form_at(draft, DATES), typed(draft, DATES, next="stop")).location]
    db.session.expire_all()
    client.submit(form_at(draft, TOPICS), typed(draft, TOPICS, motivation="", next="back"))
    pages = [client.get(form_at(draft, section)).text for section in SCHEME]
    check = client.get(page_of(draft)).text

    assert [way.removeprefix(page_of(draft)) for way in ways] == ["/edit/topics", "/edit/person", ""]
    assert client.get(page_of(draft, "/edit")).location.endswith("/edit/topics")
    for number, page in enumerate(pages):
        assert page.count("<h1") == 1
        assert f"Step {number + 1} of 6" in page
        assert states(page)[number] == "now"
        assert states(page).count("done") == (4 if number == 1 else 3)
    assert states(check) == ["done", "to-come", "done", "done", "done", "now"]
    assert len({re.findall(r"<title>(.*?)</title>", page, re.DOTALL)[0] for page in pages}) == 5


def states(page: str) -> list[str]:
    """The states of the steps above a page."""
    return re.findall(r'<li class="is-(done|now|to-come)"', page)


GAPS: list[tuple[Section, dict[str, Any], list[str]]] = [
    (
        PERSON,
        {"person_name": "", "languages-0-language": "", "languages-0-level": ""},
        ["person_name", "languages-0-language"],
    ),
    (
        TOPICS,
        {"motivation": "", "purposes": [], "ecosystems": []},
        ["motivation", "purposes", "ecosystems"],
    ),
    (DATES, {"windows-0-first_day": "", "windows-0-last_day": ""}, ["windows-0-first_day"]),
    (CONSENTS, {"consent": []}, ["consent"]),
]


@pytest.mark.parametrize(("section", "gaps", "fields"), GAPS)
def test_with_gaps_one_may_stop_but_not_go_on(
    client: Visitor, draft: Application, section: Section, gaps: dict[str, Any], fields: list[str]
) -> None:
    refused = client.submit(form_at(draft, section), typed(draft, section, **gaps))
    saved = client.submit(form_at(draft, section), typed(draft, section, **gaps, next="stop"))

    assert refused.status_code == 422
    for field in fields:
        assert error_beside(refused.text, field), field
        assert f'href="#{field}"' in refused.text
    assert saved.status_code == 302


HOSTILE = [
    (PERSON, "person_name", "Ana\0", "Remove the unreadable character."),
    (PERSON, "person_name", "x" * 1_000_000, "Write at most 200 characters."),
    (PERSON, "person_email", "ana at home", "Write an e-mail address such as name@example.org."),
    (TOPICS, "motivation", "y" * 5001, "Write at most 5000 characters."),
    (DATES, "min_days", str(2**63), "Write a whole number."),
    (DATES, "min_days", "²", "Write a whole number."),
    (DATES, "min_days", "0", "Write a number from 1 to 366."),
    (DATES, "max_days", "2", "Write a number not below the shortest stay."),
    (PERSON, "residence_days", "-1", "Write a number from 0 to 36500."),
    (DATES, "windows-0-first_day", "8 March 2027", "Write a date such as 2027-03-15."),
    (DATES, "windows-0-first_day", "2027-02-30", "Write a date such as 2027-03-15."),
    (DATES, "windows-0-last_day", "2001-01-01", "Write a day on or after the first day."),
    (DATES, "windows-0-last_day", "", "Write the last day too."),
    (PERSON, "languages-0-level", "", "Choose the level too."),
    (PERSON, "languages-0-language", "xx", "Not a valid choice."),
    (HOSTS, "wish_1", "999999999", "Not a valid choice."),
    (DATES, "mode", "by boat", "Not a valid choice."),
    (DATES, "more_windows", "soon", "soon is not a date; write YYYY-MM-DD."),
    (DATES, "more_excluded", "2027-05-07..2027-05-03", "2027-05-07..2027-05-03 ends before it begins."),
    (DATES, "more_excluded", "x" * 10_000, "x is not a date"),
    (DATES, "more_excluded", "2027-05-07\n" * 51, "Write at most 50 lines."),
]
SHOWN_AGAIN: dict[Section, dict[str, str]] = {
    PERSON: {"position": "Keep me"},
    TOPICS: {"motivation": "Keep me"},
    DATES: {"windows-1-first_day": "Keep me"},
}


@pytest.mark.parametrize(("section", "field", "value", "words"), HOSTILE)
def test_bad_input_is_answered_beside_its_field_and_changes_nothing(
    client: Visitor, draft: Application, section: Section, field: str, value: str, words: str
) -> None:
    before = (draft.version, draft.motivation, draft.person_name)
    others = {name: kept for name, kept in SHOWN_AGAIN.get(section, {}).items() if name != field}

    answer = client.submit(form_at(draft, section), typed(draft, section, **others, **{field: value}))

    assert answer.status_code == 422
    assert words in error_beside(answer.text, field)
    assert answer.text.count("Keep me") == len(others)
    db.session.expire_all()
    assert (draft.version, draft.motivation, draft.person_name) == before


@pytest.mark.parametrize(
    ("section", "field"),
    [(TOPICS, "ecosystems"), (TOPICS, "purposes"), (HOSTS, "countries"), (HOSTS, "never")],
)
def test_a_box_that_is_not_on_the_form_is_refused(
    client: Visitor, draft: Application, section: Section, field: str
) -> None:
    answer = client.submit(
        form_at(draft, section), typed(draft, section, **{field: ["renewables", "<script>"]})
    )

    assert answer.status_code == 422
    assert error_beside(answer.text, field)
    assert "<script>" not in answer.text.split("<main")[1]


def test_markup_is_kept_as_text(client: Visitor, draft: Application) -> None:
    client.submit(
        form_at(draft, TOPICS), typed(draft, TOPICS, motivation="<b>bold</b> & <script>alert(1)</script>")
    )

    page = client.get(page_of(draft)).text
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;" in page


def test_fields_that_are_not_on_the_page_change_nothing(client: Visitor, draft: Application) -> None:
    extra = {
        "status": "accepted",
        "priority": "99",
        "organisation_id": "1",
        "motivation": "Of another page",
        "windows-²-first_day": "x",
        "windows-99999-first_day": "x",
    }

    answer = client.submit(form_at(draft, DATES), typed(draft, DATES, **extra))

    assert answer.status_code == 302
    db.session.expire_all()
    assert draft.status is Status.DRAFT
    assert draft.motivation != "Of another page"


@pytest.mark.parametrize("section", ["nowhere", "Person", "person.", "%00", "²"])
def test_a_page_that_the_form_lacks_is_not_there(client: Visitor, draft: Application, section: str) -> None:
    assert client.get(page_of(draft, f"/edit/{section}")).status_code == 404


def test_the_second_of_two_writers_is_told_and_keeps_what_was_typed(
    client: Visitor, draft: Application
) -> None:
    old = typed(draft, TOPICS, motivation="First writer")
    client.submit(form_at(draft, TOPICS), old)

    told = client.submit(form_at(draft, TOPICS), old | {"motivation": "Second writer"})
    db.session.expire_all()
    before = draft.motivation
    again = client.submit(form_at(draft, TOPICS), typed(draft, TOPICS, motivation="Second writer"))

    assert told.status_code == 409
    assert before == "First writer"
    assert "was changed since you opened this page" in told.text
    assert ">\r\nSecond writer</textarea>" in told.text
    assert f'name="version" type="hidden" value="{draft.version}"' in told.text
    assert again.status_code == 302


def test_findings_and_amounts_come_while_one_types_and_store_nothing(
    client: Visitor, draft: Application
) -> None:
    offer = make_offer(call=draft.call)
    db.session.commit()
    client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, wish_1=str(offer.id)))
    db.session.expire_all()
    before, day = draft.version, draft.call.first_day.isoformat()
    fields = typed(draft, DATES, **{"windows-0-first_day": day, "windows-0-last_day": day})

    answer = client.submit(form_at(draft, DATES), fields, to=form_at(draft, DATES, "/findings"))

    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert re.search(r'data-finding="min-days">\s*<span class="sign sign-fail"', answer.text)
    assert "€780.00" in answer.text
    db.session.expire_all()
    assert draft.version == before


def test_unreadable_input_still_gives_findings(client: Visitor, draft: Application) -> None:
    hostile = typed(draft, DATES, min_days="²", **{"windows-0-first_day": "soon"})

    answer = client.submit(form_at(draft, DATES), hostile, to=form_at(draft, DATES, "/findings"))

    assert answer.status_code == 200
    assert 'data-finding="complete"' in answer.text


def test_a_wish_for_a_host_that_takes_nobody_any_more_is_pointed_out(
    client: Visitor, draft: Application
) -> None:
    offer = make_offer(call=draft.call)
    db.session.commit()
    client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, wish_1=str(offer.id)))
    offer.status = OfferStatus.CLOSED
    db.session.commit()

    assert "The host of this wish can no longer be chosen." in client.get(form_at(draft, HOSTS)).text


def test_of_very_many_hosts_those_are_listed_that_are_picked_or_as_wished(
    client: Visitor, draft: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_LISTED", 2)
    (there,) = db.session.scalars(select(Offer.id).where(Offer.call_id == draft.call_id))
    first, second, third, ours = (
        make_offer(
            call=draft.call, organisation=make_organisation(country=code, registration=f"N{code}{number}")
        )
        for number, code in enumerate(("PT", "PT", "DE", "BE"))
    )
    db.session.commit()

    def listed() -> set[int]:
        page = client.get(form_at(draft, HOSTS)).text
        assert "There are more hosts than stand here." in page
        return {int(value) for value in re.findall(r'name="never"[^>]*value="(\d+)"', page)}

    def save(**fields: Any) -> None:
        assert client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, **fields)).status_code == 302
        db.session.expire_all()

    assert listed() == {there, first.id}
    save(countries=["DE"])
    assert listed() == {third.id}
    save(countries=["DE"], wish_1=str(second.id))
    assert [wish.offer_id for wish in draft.wishes] == [second.id]
    assert listed() == {second.id, third.id}
    save(countries=["FR"], wish_1=str(second.id))
    assert listed() == {second.id}
    refused = client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, wish_1=str(ours.id)))
    assert "Not a valid choice." in refused.text


@pytest.mark.parametrize("section", SCHEME)
def test_a_page_takes_as_many_statements_for_three_wishes_as_for_one(
    client: Visitor, draft: Application, section: Section
) -> None:
    offers = [make_offer(call=draft.call) for _ in range(3)]
    db.session.commit()
    wishes = {f"wish_{rank}": str(offer.id) for rank, offer in enumerate(offers, start=1)}
    client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, wish_1=str(offers[0].id)))
    for_one = statements_of(client, form_at(draft, section))
    db.session.expire_all()

    client.submit(form_at(draft, HOSTS), typed(draft, HOSTS, **wishes))

    assert statements_of(client, form_at(draft, section)) == for_one
