"""The questions of half a year and a year later."""

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.mail.models import Letter
from mobility.surveys import queries, services
from mobility.surveys.models import Invitation
from mobility.surveys.questions import FOLLOW_UP_QUESTIONS, SURVEYS
from mobility.surveys.rules import months_later
from mobility.surveys.wording import CHOICES, DURATIONS, HEADINGS, PARTS, QUESTIONS
from mobility.surveys.wording import SURVEYS as NAMES
from tests.make.accounts import make_user, sign_in
from tests.make.exchanges import make_ended_exchange
from tests.make.surveys import make_answer, token_of
from tests.visitor import Visitor

LAST_DAY = date(2026, 8, 31)


@pytest.fixture
def exchange(session: scoped_session[Session]) -> Exchange:
    clock.move(clock.at_local(date(2026, 9, 7), 9))
    return make_ended_exchange(last_day=LAST_DAY)


def stand(day: date) -> None:
    clock.move(clock.at_local(day, 9))


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 8, 31), 12, date(2027, 8, 31)),
        (date(2027, 2, 28), -6, date(2026, 8, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_months_end_with_the_month(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@pytest.mark.parametrize("months", [6, 12])
def test_nobody_is_asked_before_the_day(exchange: Exchange, months: int) -> None:
    stand(date(2027, 2, 27) if months == 6 else date(2027, 8, 30))
    assert exchange.id not in queries.exchanges_to_follow_up(months)
    with pytest.raises(RuleBroken, match="survey-too-early"):
        services.follow_up(exchange, months)
    assert db.session.scalar(select(func.count(Invitation.id))) == 0


@pytest.mark.parametrize("months", [6, 12])
def test_both_sides_are_asked_once_on_the_day(exchange: Exchange, months: int) -> None:
    stand(date(2027, 3, 1) if months == 6 else date(2027, 8, 31))
    assert exchange.id in queries.exchanges_to_follow_up(months)
    assert len(services.follow_up(exchange, months)) == 2
    assert services.follow_up(exchange, months) == []
    assert queries.exchanges_to_follow_up(months) == []
    letters = db.session.scalars(select(Letter).where(Letter.kind == "survey.invited")).all()
    assert len(letters) == 2
    assert all(f"{months} months ago" in letter.body for letter in letters)


def test_a_stay_broken_off_counts_from_the_day_it_was(exchange: Exchange) -> None:
    exchange.status, exchange.broken_off_on = ExchangeStatus.TERMINATED, date(2026, 8, 28)
    db.session.flush()
    stand(date(2027, 2, 28))
    assert exchange.id in queries.exchanges_to_follow_up(6)


def test_whoever_was_never_asked_is_not_asked_for_half_a_year_after_a_whole_one(exchange: Exchange) -> None:
    stand(date(2027, 8, 31))
    assert exchange.id not in queries.exchanges_to_follow_up(6)


def test_each_survey_of_an_exchange_has_its_own_link_and_answer(exchange: Exchange, client: Visitor) -> None:
    first = services.invite(exchange)[0]
    stand(date(2027, 8, 31))
    half, whole = services.follow_up(exchange, 6)[0], services.follow_up(exchange, 12)[0]
    tokens = [token_of(invitation) for invitation in (first, half, whole)]
    assert len(set(tokens)) == 3
    db.session.commit()
    given = {"contacts_kept": "yes", "joint_project": "no", "eu_proposal": "no", "new_market": "yes"}
    sent = client.submit(f"/survey/{tokens[2]}", given | {"new_visit": "yes", "jobs": "2"})
    assert sent.status_code == 302
    answered = {
        row for (row,) in db.session.execute(select(Invitation.id).where(Invitation.answered_at.is_not(None)))
    }
    assert answered == {whole.id}


def test_results_are_of_one_survey_and_one_call(exchange: Exchange, client: Visitor) -> None:
    other = make_ended_exchange(last_day=LAST_DAY)
    make_answer(services.invite(exchange)[0], quote="Right after.")
    stand(date(2027, 8, 31))
    make_answer(services.follow_up(exchange, 12)[0], since_told="A year after.", jobs=3)
    make_answer(services.follow_up(other, 12)[0], since_told="Another call.", jobs=4)
    user = make_user(Role.AUDITOR)
    db.session.commit()
    sign_in(client, user)
    pages = {
        query: client.get(f"/surveys/results{query}").text
        for query in (
            "",
            "?survey=after-12-months",
            f"?survey=after-12-months&call={exchange.call.reference}",
        )
    }
    assert ["Right after." in page for page in pages.values()] == [True, False, False]
    assert ["A year after." in page for page in pages.values()] == [False, True, True]
    assert ["Another call." in page for page in pages.values()] == [False, True, False]
    assert "7 in all" in pages["?survey=after-12-months"]


@pytest.mark.parametrize("query", ["?survey=none", "?call=CXC-NO", "?side=neither"])
def test_a_choice_that_does_not_exist_shows_the_usual(
    session: scoped_session[Session], client: Visitor, query: str
) -> None:
    sign_in(client, make_user(Role.AUDITOR))
    assert client.get(f"/surveys/results{query}").status_code == 200


def test_every_survey_and_question_has_its_words() -> None:
    for code, (_title, questions) in SURVEYS.items():
        assert code in NAMES.keys() & HEADINGS.keys() & DURATIONS.keys()
        assert all(question.key in QUESTIONS and question.part in PARTS for question in questions)
        for question in questions:
            assert set(question.choices) <= set(CHOICES.get(question.key, question.choices))
    asked = {question.key for question in FOLLOW_UP_QUESTIONS}
    assert asked >= {"contacts_kept", "joint_project", "eu_proposal", "sales_band", "jobs", "new_market"}
