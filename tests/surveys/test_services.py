from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.queries import entries_about
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.mail.models import Letter
from mobility.surveys import services
from mobility.surveys.enums import Side
from mobility.surveys.models import Answer, Invitation, Survey
from tests.make.exchanges import make_ended_exchange
from tests.make.surveys import make_invitation, token_of


def test_the_survey_is_made_once(session: scoped_session[Session]) -> None:
    first = services.seed()

    assert services.seed() is first
    assert session.scalar(select(func.count(Survey.id))) == 1


def test_both_sides_are_invited_by_letter(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange()

    visitor, host = services.invite(exchange)

    assert (visitor.side, visitor.to_email) == (Side.VISITOR, exchange.application.person_email)
    assert (host.side, host.to_email) == (Side.HOST, exchange.offer.contact_email)
    letters = session.scalars(select(Letter).where(Letter.kind == "survey.invited").order_by(Letter.id)).all()
    assert [letter.to_email for letter in letters] == [visitor.to_email, host.to_email]
    assert exchange.host_organisation.name in letters[0].body
    assert exchange.visiting_organisation.name in letters[1].body


def test_only_the_letter_holds_the_token(session: scoped_session[Session]) -> None:
    invitation, token = make_invitation()

    assert len(token) == 43  # 256 bits
    assert invitation.token_sha256 == sha256(token.encode()).hexdigest()
    assert token not in str([entry.values for entry in entries_about(invitation)])
    assert token not in session.scalars(select(Letter.subject).where(Letter.kind == "survey.invited")).all()


def test_every_link_is_another(session: scoped_session[Session]) -> None:
    invited = services.invite(make_ended_exchange()) + services.invite(make_ended_exchange())

    assert len({token_of(invitation) for invitation in invited}) == 4


def test_a_link_is_valid_for_sixty_days(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()

    assert invitation.expires_at - invitation.invited_at == timedelta(days=60)


def test_nobody_is_invited_twice(session: scoped_session[Session]) -> None:
    exchange = make_ended_exchange()
    services.invite(exchange)

    assert services.invite(exchange) == []

    assert session.scalar(select(func.count(Invitation.id))) == 2
    assert session.scalar(select(func.count(Letter.id)).where(Letter.kind == "survey.invited")) == 2


@pytest.mark.parametrize(
    "status", [ExchangeStatus.CONFIRMED, ExchangeStatus.ONGOING, ExchangeStatus.CANCELLED]
)
def test_nobody_is_asked_about_a_stay_that_is_not_over(
    session: scoped_session[Session], status: ExchangeStatus
) -> None:
    exchange = make_ended_exchange(status=status)

    with pytest.raises(RuleBroken, match="survey-too-early"):
        services.invite(exchange)

    assert session.scalar(select(func.count(Invitation.id))) == 0


def test_a_stay_broken_off_is_asked_about_too(session: scoped_session[Session]) -> None:
    assert len(services.invite(make_ended_exchange(status=ExchangeStatus.TERMINATED))) == 2


def test_an_answer_is_kept_with_its_confidences_apart(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()

    answer = services.answer(invitation, {"recommend": 9}, "Between us.")
    session.flush()
    session.refresh(invitation)

    assert (answer.values, answer.confidential) == ({"recommend": 9}, "Between us.")
    assert invitation.answered_at == answer.answered_at


def test_confidences_are_unreadable_in_the_database(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()
    services.answer(invitation, {}, "Between us.")
    session.flush()

    (raw,) = session.connection().exec_driver_sql("SELECT confidential FROM answer").one()

    assert "Between us." not in raw


def test_the_log_says_that_somebody_answered_and_not_what(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()

    services.answer(invitation, {"quote": "Marvellous."}, "Between us.")

    entry = entries_about(invitation)[-1]
    assert (entry.verb, entry.values) == ("survey.answered", {"side": "visitor"})


def test_the_first_answer_stands(session: scoped_session[Session]) -> None:
    invitation, _token = make_invitation()
    services.answer(invitation, {"recommend": 9})
    session.flush()

    with pytest.raises(RuleBroken, match="survey-answered"):
        services.answer(invitation, {"recommend": 1})

    assert session.scalars(select(Answer.values)).all() == [{"recommend": 9}]
