"""The questions of a call: added, worded, ordered, conditioned and deleted by the support office."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.draft import AnswerDraft
from mobility.calls import questions
from mobility.calls.enums import QuestionKind
from mobility.calls.models import CallQuestion
from mobility.calls.questions import QuestionDraft, shown
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call, make_call_question
from tests.pages import error_beside
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
FAIRS = {"label": "Which trade fairs do you visit?", "kind": "line", "is_asked": "y"}


def content_of(question: CallQuestion) -> QuestionDraft:
    wording = question.wording
    return QuestionDraft(question.kind, wording.label, wording.help, tuple(wording.choices))


def answer(question: CallQuestion, value: object = "Hannover") -> None:
    made = AnswerDraft(question.id, question.wording.id, value)
    make_application(call=question.call, answers=(made,))


def test_the_support_officer_adds_words_orders_conditions_and_deletes(client: Visitor) -> None:
    call = make_call()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page = f"/calls/{call.reference}/questions"

    client.submit(f"{page}/new", FAIRS | {"help": "Name two."})
    client.submit(f"{page}/new", {"label": "Do you need a visa?", "kind": "yes_no", "is_asked": "y"})
    db.session.expire_all()
    fairs, visa = call.questions
    client.submit(f"{page}/new", FAIRS | {"label": "For when?", "kind": "date", "shown_if": f"{visa.id}:yes"})
    db.session.expire_all()
    when = call.questions[2]
    client.submit(page, {}, to=f"{page}/{visa.id}/up")
    db.session.expire_all()
    listed = client.get(page).text

    assert [one.wording.label for one in call.questions] == [
        "Do you need a visa?",
        FAIRS["label"],
        "For when?",
    ]
    assert "Only if “Do you need a visa?” is answered “Yes”" in listed
    client.submit(page, {}, to=f"{page}/{fairs.id}/delete")
    db.session.expire_all()
    assert [one.id for one in call.questions] == [visa.id, when.id]


def test_other_words_are_a_new_wording_and_the_same_words_are_none() -> None:
    question = make_call_question(make_call())
    content = content_of(question)

    questions.change(question, content, actor=None)
    questions.change(question, replace(content, label="Which fairs?"), actor=None)

    assert [(one.number, one.label) for one in question.wordings] == [(2, "Which fairs?"), (1, content.label)]


def test_an_answered_question_is_not_deleted_and_keeps_its_kind(client: Visitor) -> None:
    question = make_call_question(make_call())
    answer(question)
    page = f"/calls/{question.call.reference}/questions"
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    with pytest.raises(RuleBroken, match="question-answered"):
        questions.delete(question, actor=None)
    with pytest.raises(RuleBroken, match="question-answered"):
        questions.change(question, replace(content_of(question), kind=QuestionKind.NUMBER), actor=None)
    form, listed = client.get(f"{page}/{question.id}").text, client.get(page).text

    assert 'name="kind"' not in form
    assert f"{page}/{question.id}/delete" not in listed


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM call_question",
        "UPDATE call_question SET kind = 'number'",
        "UPDATE question_wording SET label = 'Something else'",
        "DELETE FROM question_wording",
    ],
)
def test_the_database_keeps_what_was_answered_as_it_was_asked(session: Db, change: str) -> None:
    answer(make_call_question(make_call()))
    session.flush()

    with pytest.raises(DBAPIError):
        session.execute(text(change))


def test_a_question_that_nobody_answered_changes_its_kind_and_goes() -> None:
    question = make_call_question(call := make_call())

    questions.change(question, replace(content_of(question), kind=QuestionKind.NUMBER), actor=None)
    assert question.kind is QuestionKind.NUMBER
    questions.delete(question, actor=None)

    assert call.questions == []


def test_an_answer_on_which_another_question_depends_stays(client: Visitor) -> None:
    call = make_call()
    way = make_call_question(call, QuestionKind.CHOICE, "How do you travel?")
    when = make_call_question(call, label="Which flight?", shown_if_id=way.id, shown_if_answer="By air")
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page = f"/calls/{call.reference}/questions/{way.id}"
    typed = {"version": str(way.version), "label": "How?", "kind": "choice", "is_asked": "y"}

    refused = client.submit(page, typed | {"choices": "By train\nBy road"})

    assert "shown only with “By air”" in error_beside(refused.text, "choices")
    for verb in (questions.delete, questions.move_up):
        with pytest.raises(RuleBroken, match=r"answer-needed|condition-before"):
            verb(way if verb is questions.delete else when, actor=None)


def test_a_chain_of_conditions_is_shown_link_by_link() -> None:
    call = make_call()
    visa = make_call_question(call, QuestionKind.YES_NO, "A visa?")
    way = make_call_question(
        call, QuestionKind.CHOICES, "Which way?", shown_if_id=visa.id, shown_if_answer="yes"
    )
    flight = make_call_question(call, label="Which flight?", shown_if_id=way.id, shown_if_answer="By air")
    by_air = ["By train", "By air"]

    assert shown(call.questions, {}) == [visa]
    assert shown(call.questions, {visa.id: "yes", way.id: ["By train"]}) == [visa, way]
    assert shown(call.questions, {visa.id: "yes", way.id: by_air}) == [visa, way, flight]
    assert shown(call.questions, {visa.id: "no", way.id: by_air}) == [visa]
    visa.is_asked = False
    assert shown(call.questions, {visa.id: "yes", way.id: by_air}) == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"label": ""}, "label"),
        ({"kind": "song"}, "kind"),
        ({"kind": "choice", "choices": "By train"}, "choices"),
        ({"kind": "choices", "choices": "\n".join(map(str, range(31)))}, "choices"),
        ({"kind": "choice", "choices": "a\n" + "x" * 201}, "choices"),
        ({"shown_if": "999:yes"}, "shown_if"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_beside_its_field(
    client: Visitor, typed: dict[str, str], field: str
) -> None:
    call = make_call()
    sign_in(client, make_user(Role.SUPPORT_OFFICER))

    answered = client.submit(f"/calls/{call.reference}/questions/new", FAIRS | typed)

    assert answered.status_code == 422
    assert error_beside(answered.text, field)
    assert call.questions == []


def test_of_two_who_change_a_question_at_once_the_second_is_told(client: Visitor) -> None:
    question = make_call_question(make_call())
    sign_in(client, make_user(Role.SUPPORT_OFFICER))
    page = f"/calls/{question.call.reference}/questions/{question.id}"
    seen = {"version": str(question.version)}

    first = client.submit(page, FAIRS | seen | {"is_required": "y"})
    db.session.expire_all()
    second = client.submit(page, FAIRS | seen)

    assert (first.status_code, second.status_code) == (302, 409)
    assert question.is_required


def test_an_officer_of_another_call_finds_no_questions(client: Visitor) -> None:
    mine, other = make_call(), make_call()
    officer = make_user(Role.SUPPORT_OFFICER)
    officer.grants[0].call_id = mine.id
    db.session.flush()
    sign_in(client, officer)

    assert client.get(f"/calls/{mine.reference}/questions").status_code == 200
    assert client.get(f"/calls/{other.reference}/questions").status_code == 404
    assert "questions" not in client.get(f"/calls/{other.reference}").text
