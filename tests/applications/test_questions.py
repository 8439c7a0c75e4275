"""The page on which a call asks questions of its own, and what becomes of the answers."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from mobility.accounts.models import User
from mobility.applications import rules, services
from mobility.applications.columns import content_of
from mobility.applications.draft import AnswerDraft
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.calls import questions
from mobility.calls.enums import QuestionKind as Kind
from mobility.calls.models import CallQuestion
from mobility.calls.questions import QuestionDraft
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from tests.applications.filled import form_at, officer_of, page_of
from tests.applications.open_page import OpenPage
from tests.make.applications import make_application, make_change_request
from tests.make.calls import make_call, make_call_question, make_call_questions
from tests.make.organisations import make_organisation
from tests.pages import error_beside
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
QUESTIONS = Section.QUESTIONS
ANSWERS = {
    Kind.LINE: "Hannover",
    Kind.TEXT: "Two lines\r\nof text",
    Kind.YES_NO: "yes",
    Kind.CHOICE: "By air",
    Kind.CHOICES: ["By train", "By air"],
    Kind.NUMBER: "1200",
    Kind.DATE: "2027-03-15",
}
SHOWN = ["Hannover", "of text", "Yes", "By air", "By train; By air", "1,200", "Mon 15 March 2027"]


def name_of(question: CallQuestion) -> str:
    return f"answer-q{question.id}"


def answered(asked: dict[Kind, CallQuestion], **changes: Any) -> dict[str, Any]:
    return {name_of(question): ANSWERS[kind] for kind, question in asked.items()} | {"next": "on"} | changes


def opened(client: Visitor, application: Application) -> OpenPage:
    return OpenPage(client, application, QUESTIONS)


def draft_of(question: CallQuestion, value: Any = "Hannover") -> AnswerDraft:
    return AnswerDraft(question.id, question.wording.id, value)


def reworded(question: CallQuestion, label: str) -> None:
    questions.change(question, QuestionDraft(question.kind, label), actor=None)
    db.session.flush()


def test_a_question_of_every_kind_is_answered_and_shown(client: Visitor, draft: Application) -> None:
    asked = make_call_questions(draft.call, help="As of today.")
    db.session.commit()

    page = opened(client, draft)
    sent = page.send(**answered(asked))

    assert sent.location == form_at(draft, Section.CONSENTS)
    assert page.text.count("As of today.") == len(Kind)
    assert "Only if “Question choice” is answered “By air”" in page.text
    shown, again = client.get(page_of(draft)).text, client.get(form_at(draft, QUESTIONS)).text
    for words in SHOWN:
        assert words in shown
    for value in ("Hannover", "1200", "2027-03-15"):
        assert f'value="{value}"' in again


def test_a_call_without_questions_has_no_page_for_them(client: Visitor, draft: Application) -> None:
    gone = client.get(form_at(draft, QUESTIONS))

    assert gone.location == page_of(draft)
    assert "Questions of the call" not in client.get(form_at(draft, Section.HOSTS)).text


def test_an_answer_that_sending_needs_is_asked_for_beside_its_field(
    client: Visitor, draft: Application
) -> None:
    question = make_call_question(draft.call, is_required=True)
    db.session.commit()

    on, stop = (opened(client, draft).send(next=way) for way in ("on", "stop"))

    assert error_beside(on.text, name_of(question)) == "Give this answer before you go on."
    assert (on.status_code, stop.status_code) == (422, 302)
    assert "questions of the call" in client.get(page_of(draft)).text
    with pytest.raises(RuleBroken, match="not-complete"):
        services.submit(draft, actor=None)


def test_a_question_whose_condition_is_not_met_asks_for_nothing_and_keeps_nothing(
    client: Visitor, draft: Application
) -> None:
    asked = make_call_questions(draft.call, is_required=True)
    db.session.commit()
    by_train = {name_of(asked[Kind.CHOICE]): "By train", name_of(asked[Kind.DATE]): "no date"}

    sent = opened(client, draft).send(**answered(asked) | by_train)

    db.session.expire_all()
    assert sent.status_code == 302
    assert asked[Kind.DATE].id not in {answer.question_id for answer in content_of(draft).answers}
    assert rules.unanswered(draft) == []


HOSTILE = [
    (Kind.LINE, "x" * 201, "Write at most 200 characters."),
    (Kind.LINE, "a\0b", "Remove the unreadable character."),
    (Kind.TEXT, "x" * 2001, "Write at most 2000 characters."),
    (Kind.YES_NO, "perhaps", "Not a valid choice."),
    (Kind.CHOICE, "By balloon", "Not a valid choice."),
    (Kind.CHOICES, ["By air", "By balloon"], "'By balloon' is not a valid choice for this field."),
    (Kind.NUMBER, "many", "Write a whole number."),
    (Kind.DATE, "2027-02-30", "Write a date such as 2027-03-15."),
]


@pytest.mark.parametrize(("kind", "value", "words"), HOSTILE)
def test_a_bad_answer_is_refused_beside_its_field_and_changes_nothing(
    client: Visitor, draft: Application, kind: Kind, value: Any, words: str
) -> None:
    asked = make_call_questions(draft.call)
    db.session.commit()

    refused = opened(client, draft).send(**answered(asked) | {name_of(asked[kind]): value})

    assert refused.status_code == 422
    assert words in error_beside(refused.text, name_of(asked[kind]))
    db.session.expire_all()
    assert draft.answers == []


def test_what_stands_in_the_page_is_kept_as_typed(client: Visitor, draft: Application) -> None:
    question = make_call_question(draft.call)
    db.session.commit()

    kept = opened(client, draft).keep(**{name_of(question): "Half a th"})

    assert kept.status_code == 200
    assert 'value="Half a th"' in opened(client, draft).text
    assert draft.answers == []


def test_who_answers_to_words_that_were_changed_meanwhile_is_told_and_loses_nothing(
    client: Visitor, draft: Application
) -> None:
    question = make_call_question(draft.call)
    db.session.commit()
    page = opened(client, draft)
    reworded(question, "Which conferences?")
    db.session.commit()

    refused = page.send(**{name_of(question): "Hannover"})

    assert refused.status_code == 422
    assert "The questions were changed since you opened this page." in refused.text
    assert "Which conferences?" in refused.text
    assert 'value="Hannover"' in refused.text


def test_an_answer_keeps_the_words_to_which_it_was_given(client: Visitor) -> None:
    call = make_call()
    question = make_call_question(call)
    first = make_application(call=call, status=Status.SUBMITTED, answers=(draft_of(question),))
    reworded(question, "Which conferences?")
    second = make_application(
        call=call,
        organisation=make_organisation(),
        partnership=first.partnership,
        status=Status.SUBMITTED,
        answers=(draft_of(question, "Lisbon"),),
    )
    officer_of(first, client)

    pages = [client.get(page_of(one)).text for one in (first, second)]
    exported = client.get("/applications?format=csv").text.lstrip("\ufeff")

    assert ["Which trade fairs do you visit?" in page for page in pages] == [True, False]
    assert ["Which conferences?" in page for page in pages] == [False, True]
    rows = {row["reference"]: row for row in csv.DictReader(io.StringIO(exported))}
    columns = [f"question {question.id}.{one.number}: {one.label}" for one in reversed(question.wordings)]
    assert [rows[first.reference][name] for name in columns] == ["Hannover", ""]
    assert [rows[second.reference][name] for name in columns] == ["", "Lisbon"]


def test_the_officer_sees_which_answers_were_changed(client: Visitor, person: User) -> None:
    call = make_call()
    question = make_call_question(call)
    sent = make_application(call=call, author=person, status=Status.SUBMITTED, answers=(draft_of(question),))
    make_change_request(sent, (QUESTIONS,))
    db.session.commit()

    opened(client, sent).send(**{name_of(question): "Lisbon", "next": "stop"})
    db.session.expire_all()
    services.submit(sent, actor=None)
    officer_of(sent, client)
    page = client.get(page_of(sent)).text.partition("What was changed")[2]

    assert page.index("Which trade fairs") < page.index("Hannover") < page.index("Lisbon")


def test_an_answer_that_is_taken_away_leaves_its_question_answered(draft: Application) -> None:
    question = make_call_question(draft.call)
    services.revise(draft, replace(content_of(draft), answers=(draft_of(question),)), actor=None)
    services.revise(draft, replace(content_of(draft), answers=()), actor=None)
    db.session.flush()

    assert content_of(draft).answers == ()
    with pytest.raises(RuleBroken, match="question-answered"):
        questions.delete(question, actor=None)


def test_a_question_that_comes_late_does_not_stop_what_was_sent() -> None:
    application = make_application(status=Status.SUBMITTED)
    make_call_question(application.call, is_required=True)

    services.assess(application, accepted=True, actor=None)

    assert application.status is Status.ACCEPTED


def test_the_pages_take_as_many_statements_however_many_questions(
    client: Visitor, draft: Application
) -> None:
    def counts() -> list[int]:
        db.session.commit()
        return [statements_of(client, page) for page in (form_at(draft, Section.TOPICS), page_of(draft))]

    def ask_and_answer(more: int) -> None:
        for _ in range(more):
            make_call_question(draft.call)
        db.session.expire_all()
        answers = tuple(draft_of(one) for one in draft.call.questions)
        services.revise(draft, replace(content_of(draft), answers=answers), actor=None)

    none = counts()
    ask_and_answer(1)
    one = counts()
    ask_and_answer(5)

    assert counts() == one == [count + 2 for count in none]
