"""What is typed into a draft is kept: valid or not, on whatever device, until it is saved."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from mobility.accounts.models import User
from mobility.applications import typed
from mobility.applications.models import Application, Typed
from mobility.applications.sections import Section
from mobility.audit.queries import entries_about
from mobility.core.db import db
from tests.applications.filled import form_at, page_of
from tests.applications.open_page import OpenPage
from tests.make.accounts import sign_in
from tests.make.applications import SCHEME
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
NewClient = Callable[[], Visitor]
UNCHECKED = "This is what you typed on"
BOTH = "nothing of it is saved before you choose"
ELSEWHERE = "something was typed here on another page"


@pytest.fixture
def phone(person: User, new_client: NewClient) -> Visitor:
    """The same person on another device."""
    client = new_client()
    sign_in(client, person)
    return client


def count_kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Typed)) or 0


def test_what_is_typed_is_found_on_another_device_as_it_was_typed(
    client: Visitor, phone: Visitor, draft: Application
) -> None:
    before = (draft.version, len(entries_about(draft)))

    answer = OpenPage(client, draft, Section.DATES).keep(
        min_days="thr", **{"windows-1-first_day": "2027-02-3"}
    )
    found = OpenPage(phone, draft, Section.DATES).text

    assert answer.status_code == 200
    assert "Kept as you typed it, " in answer.text
    assert UNCHECKED in found
    assert 'value="thr"' in found
    assert 'value="2027-02-3"' in found
    assert 'class="error"' not in found
    db.session.expire_all()
    assert (draft.version, len(entries_about(draft))) == before


def test_a_page_with_kept_text_can_show_what_is_saved_instead(client: Visitor, draft: Application) -> None:
    OpenPage(client, draft, Section.TOPICS).keep(motivation="Half a th")

    typed_, saved = (
        client.get(form_at(draft, Section.TOPICS)),
        client.get(form_at(draft, Section.TOPICS) + "?typed=0"),
    )

    assert "Half a th" in typed_.text
    assert "Half a th" not in saved.text
    assert draft.motivation in saved.text


def test_typing_over_what_is_saved_loses_nothing_typed_before_until_it_is_saved(
    client: Visitor, draft: Application
) -> None:
    OpenPage(client, draft, Section.TOPICS).keep(motivation="An hour of work")
    saved = OpenPage(client, draft, Section.TOPICS, "?typed=0")
    saved.keep(motivation="x")
    kept = [one.fields["motivation"] for one in typed.kept_of(draft)]

    sent = saved.send(motivation="What was saved, and more.")

    assert ELSEWHERE in saved.text
    assert kept == [["x"], ["An hour of work"]]
    assert (sent.status_code, count_kept()) == (302, 0)


def test_the_line_of_pages_says_where_text_is_typed_and_not_saved(
    client: Visitor, draft: Application
) -> None:
    OpenPage(client, draft, Section.TOPICS).keep(motivation="Half a th")

    for path in (form_at(draft, Section.PERSON), page_of(draft)):
        assert client.get(path).text.count("Typed, not saved") == 1


def test_saving_a_page_forgets_what_it_kept_and_what_it_showed(
    client: Visitor, phone: Visitor, draft: Application
) -> None:
    OpenPage(client, draft, Section.TOPICS).keep(motivation="Half a th")
    page = OpenPage(phone, draft, Section.TOPICS)
    page.keep(motivation="Half a thou")
    one = count_kept()

    assert page.send(motivation="Half a thought.").status_code == 302

    assert (one, count_kept()) == (1, 0)
    db.session.expire_all()
    assert draft.motivation == "Half a thought."


def test_a_refused_page_goes_on_from_what_was_kept(client: Visitor, draft: Application) -> None:
    page = OpenPage(client, draft, Section.DATES)
    page.keep(min_days="x")
    refused = page.send()
    again = OpenPage(client, draft, Section.DATES)
    again.keep(min_days="xy")

    assert refused.status_code == 422
    assert refused.text.count(f'name="over" value="{page.hidden["once"]}.1"') == 1
    assert count_kept() == 1


def test_what_comes_after_its_page_was_sent_is_not_kept(client: Visitor, draft: Application) -> None:
    page = OpenPage(client, draft, Section.TOPICS)
    page.send()

    assert page.keep(motivation="Late").status_code == 409
    assert count_kept() == 0


def test_two_devices_lose_nothing_and_are_told(client: Visitor, phone: Visitor, draft: Application) -> None:
    first, second = (OpenPage(one, draft, Section.TOPICS) for one in (client, phone))

    first.keep(motivation="From the desk")
    told = second.keep(motivation="From the train")
    opened = OpenPage(client, draft, Section.TOPICS)
    other = db.session.scalars(select(Typed).where(Typed.page == first.hidden["once"])).one()

    assert "This page is being filled in elsewhere too" in told.text
    assert "From the train" in opened.text
    assert ELSEWHERE in opened.text
    assert f"typed={other.id}" in opened.text
    assert "From the desk" in OpenPage(client, draft, Section.TOPICS, f"?typed={other.id}").text


def test_a_device_that_types_on_is_not_written_over_by_one_that_shows_its_text(
    client: Visitor, phone: Visitor, draft: Application
) -> None:
    desk = OpenPage(client, draft, Section.TOPICS)
    desk.keep(motivation="From the desk")
    train = OpenPage(phone, draft, Section.TOPICS)
    desk.keep(motivation="From the desk, later")
    train.keep(motivation="From the train")
    train.send(motivation="Saved from the train")

    db.session.expire_all()
    assert draft.motivation == "Saved from the train"
    assert "From the desk, later" in OpenPage(client, draft, Section.TOPICS).text


def test_a_page_opened_before_somebody_saved_is_kept_and_told(
    client: Visitor, phone: Visitor, draft: Application
) -> None:
    desk = OpenPage(client, draft, Section.TOPICS)
    OpenPage(phone, draft, Section.TOPICS).send(motivation="Saved from the train")

    told = desk.keep(motivation="From the desk")

    assert "The application was saved since you opened this page" in told.text
    opened = OpenPage(client, draft, Section.TOPICS).text
    assert "From the desk" in opened
    assert BOTH in opened


def newer_than_typed(client: Visitor, phone: Visitor, draft: Application) -> OpenPage:
    """The desk's page with text typed over what the train has saved anew, opened again."""
    desk = OpenPage(client, draft, Section.TOPICS)
    desk.keep(motivation="From the desk")
    OpenPage(phone, draft, Section.TOPICS, "?typed=0").send(motivation="Saved from the train", past="")
    return OpenPage(client, draft, Section.TOPICS)


@pytest.mark.parametrize(
    ("instead", "status", "stands", "kept"),
    [
        ("", 409, "Saved from the train", 1),
        ("x", 409, "Saved from the train", 1),
        ("saved", 302, "Saved from the train", 0),
        ("mine", 302, "From the desk", 0),
    ],
)
def test_of_newer_saved_text_and_older_typed_one_nothing_is_saved_before_somebody_chooses(
    client: Visitor,
    phone: Visitor,
    draft: Application,
    instead: str,
    status: int,
    stands: str,
    kept: int,
) -> None:
    page = newer_than_typed(client, phone, draft)
    assert BOTH in page.text
    assert "<td>Saved from the train</td>" in page.text
    assert "<td>From the desk</td>" in page.text

    answer = page.send(motivation="From the desk", instead=instead)

    db.session.expire_all()
    assert (answer.status_code, draft.motivation, count_kept()) == (status, stands, kept)


def test_a_page_that_stayed_open_while_another_saved_shows_both(
    client: Visitor, phone: Visitor, draft: Application
) -> None:
    desk = OpenPage(client, draft, Section.TOPICS)
    OpenPage(phone, draft, Section.TOPICS).send(motivation="Saved from the train")

    told = desk.send(motivation="From the desk")

    db.session.expire_all()
    assert (told.status_code, draft.motivation) == (409, "Saved from the train")
    assert "<td>Saved from the train</td>" in told.text
    assert ">\r\nFrom the desk</textarea>" in told.text


def test_who_chose_and_was_overtaken_again_chooses_again(
    client: Visitor, phone: Visitor, draft: Application
) -> None:
    page = newer_than_typed(client, phone, draft)
    OpenPage(phone, draft, Section.TOPICS, "?typed=0").send(motivation="Saved once more", past="")

    assert page.send(motivation="From the desk", instead="mine").status_code == 409
    db.session.expire_all()
    assert draft.motivation == "Saved once more"


def test_text_of_one_page_is_not_held_up_by_another_that_was_saved(
    client: Visitor, draft: Application
) -> None:
    OpenPage(client, draft, Section.TOPICS).keep(motivation="Half a thought")
    OpenPage(client, draft, Section.DATES).send(min_days="4")

    page = OpenPage(client, draft, Section.TOPICS)

    assert BOTH not in page.text
    assert page.send(motivation="A thought.").status_code == 302


def test_what_was_sent_earlier_and_comes_later_does_not_win(client: Visitor, draft: Application) -> None:
    page = OpenPage(client, draft, Section.TOPICS)
    page.count = 1
    page.keep(motivation="Second")
    page.count = 0

    page.keep(motivation="First")

    assert "Second" in OpenPage(client, draft, Section.TOPICS).text


@pytest.mark.parametrize(
    "answers",
    [
        {"motivation": "a\0b"},
        {"count": "²"},
        {"count": str(2**63)},
        {"version": "²"},
        {"over": "²."},
        {"over": "x.²"},
        {"over": "x" * 9000},
        {"motivation": "<script>alert(1)</script>"},
        {"ecosystems": ["<script>"] * 100},
        {"languages-9999999999999999999-language": "x"},
        {"csrf": "x", "status": "accepted", "person_name": "Of another page"},
    ],
)
def test_odd_answers_are_kept_without_harm(
    client: Visitor, draft: Application, answers: dict[str, str | list[str]]
) -> None:
    assert OpenPage(client, draft, Section.TOPICS).keep(**answers).status_code == 200

    [row] = typed.kept_of(draft)
    assert set(row.fields) <= set(Section.TOPICS.fields)
    page = client.get(form_at(draft, Section.TOPICS))
    assert page.status_code == 200
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("section", SCHEME)
def test_each_page_shows_again_what_no_form_would_take(
    client: Visitor, draft: Application, section: Section
) -> None:
    odd = dict.fromkeys(section.fields, "odd\x01") | {
        "windows-0-first_day": "x",
        "languages-0-language": "x",
    }

    assert OpenPage(client, draft, section).keep(**odd).status_code == 200

    assert client.get(form_at(draft, section)).status_code == 200


@pytest.mark.parametrize("motivation", ["x" * 50_001, "\u0001" * 300_000])
def test_more_than_a_page_can_hold_is_not_kept(client: Visitor, draft: Application, motivation: str) -> None:
    page = OpenPage(client, draft, Section.TOPICS)
    page.keep(motivation="Half a th")

    assert page.keep(motivation=motivation).status_code == 409
    assert page.keep(motivation="\u0001" * 49_000).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 65])
def test_a_page_without_its_key_is_not_kept(client: Visitor, draft: Application, key: str) -> None:
    page = OpenPage(client, draft, Section.TOPICS)

    assert page.keep(page=key).status_code == 409
    assert count_kept() == 0


def test_of_many_open_pages_those_written_in_last_are_kept(client: Visitor, draft: Application) -> None:
    pages = [OpenPage(client, draft, Section.TOPICS) for _ in range(typed.MOST_PAGES + 2)]

    for number, page in enumerate(pages):
        page.keep(motivation=f"Text {number}")

    assert {row.fields["motivation"][0] for row in typed.kept_of(draft)} == {f"Text {n}" for n in range(2, 7)}
