from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.core.db import db
from mobility.surveys.enums import Side
from mobility.surveys.models import Answer
from tests.make.surveys import filled, make_invitation
from tests.visitor import Visitor

HOSTILE = "<script>alert(1)</script>"


def linked(side: Side = Side.VISITOR) -> str:
    """The address in a letter, committed."""
    _invitation, token = make_invitation(side)
    db.session.commit()
    return f"/survey/{token}"


def answers(session: scoped_session[Session]) -> int:
    return session.scalar(select(func.count(Answer.id))) or 0


def test_looking_uses_nothing_up(session: scoped_session[Session], client: Visitor) -> None:
    path = linked()

    pages = [client.get(path) for _ in range(3)]
    client.head(path)

    assert {page.status_code for page in pages} == {200}
    assert "How likely are you to recommend" in pages[-1].text
    assert answers(session) == 0


def test_an_answer_is_taken_and_thanked_for(session: scoped_session[Session], client: Visitor) -> None:
    path = linked()
    sent = filled(
        contacts="12", quote="We go again.", confidential="Between us.", activities=["capacity", "market"]
    )

    answer = client.submit(path, sent)

    assert (answer.status_code, answer.location) == (302, path)
    assert "Thank you" in client.get(path).text
    stored = session.scalars(select(Answer)).one()
    assert stored.values["took_place"] is True
    assert (stored.values["recommend"], stored.values["contacts"]) == (9, 12)
    assert stored.values["activities"] == ["capacity", "market"]
    assert stored.values["quote"] == "We go again."
    assert "confidential" not in stored.values
    assert stored.confidential == "Between us."
    assert "office_support" not in stored.values


def test_each_side_is_asked_its_own_questions(session: scoped_session[Session], client: Visitor) -> None:
    visitor, host = client.get(linked(Side.VISITOR)).text, client.get(linked(Side.HOST)).text

    assert 'name="lump_sum_enough"' in visitor
    assert 'name="lump_sum_enough"' not in host
    assert 'name="visitor_prepared"' in host
    assert 'name="visitor_prepared"' not in visitor


def test_a_second_answer_is_refused_with_the_reason(
    session: scoped_session[Session], client: Visitor
) -> None:
    path = linked()
    page = client.get(path).text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.post(path, data={"csrf_token": token} | filled())

    second = client.post(path, data={"csrf_token": token} | filled(recommend="0"))

    assert second.status_code == 409
    assert "already answered" in second.text
    assert session.scalars(select(Answer)).one().values["recommend"] == 9


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("x", "This link to a survey is not valid"),
        ("A" * 43, "This link to a survey is not valid"),
        ("a" * 1900, "This link to a survey is not valid"),
        ("%00", "There is nothing here"),
    ],
)
def test_an_unknown_link_is_said_to_be_invalid(
    session: scoped_session[Session], client: Visitor, token: str, words: str
) -> None:
    answer = client.get(f"/survey/{token}")

    assert answer.status_code == 404
    assert words in answer.text


def test_an_expired_link_takes_no_answer(session: scoped_session[Session], client: Visitor) -> None:
    invitation, token = make_invitation()
    invitation.expires_at -= timedelta(days=61)
    db.session.commit()

    answer = client.get(f"/survey/{token}")

    assert answer.status_code == 404
    assert "This link to a survey is not valid" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recommend", ""),
        ("recommend", "11"),
        ("recommend", "nine"),
        ("objectives", "6"),
        ("took_place", "perhaps"),
        ("days", "-1"),
        ("days", "32"),
        ("days", str(2**63)),
        ("days", "five"),
        ("contacts", "1e3"),
        ("adopted", HOSTILE),
        ("quote", "a\0b"),
        ("quote", "x" * 2001),
        ("confidential", "x" * 1_000_000),
        ("activities", "dancing"),
    ],
)
def test_a_bad_answer_is_refused_beside_its_field_and_the_rest_is_kept(
    session: scoped_session[Session], client: Visitor, field: str, value: str
) -> None:
    answer = client.submit(linked(), filled(recommend_why="Because & because.") | {field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert f'id="{field}-error"' in answer.text
    assert "Because &amp; because." in answer.text
    assert answers(session) == 0


def test_mark_up_in_an_answer_stays_text(session: scoped_session[Session], client: Visitor) -> None:
    answer = client.submit(linked(), filled(quote=HOSTILE, days="five"))

    assert answer.status_code == 422
    assert HOSTILE not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_an_answer_without_form_token_is_refused(session: scoped_session[Session], client: Visitor) -> None:
    answer = client.post(linked(), data=filled())

    assert answer.status_code == 400
    assert answers(session) == 0
