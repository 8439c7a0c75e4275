"""Somebody answers a question at the moment in which it is deleted."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from mobility.applications import services
from mobility.applications.columns import content_of
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls import questions
from mobility.calls.models import CallQuestion
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from tests.make.applications import answers_to, make_application
from tests.make.calls import make_call, make_call_question

KEYS = "fk_application_answer_question_id_kind", "fk_application_answer_wording_id_question_id"
LEFT = text(
    "SELECT (SELECT count(*) FROM call_question), (SELECT count(*) FROM application_answer WHERE value IS NOT NULL)"
)
ANSWER = text(
    "INSERT INTO application_answer (application_id, question_id, kind, wording_id, value)"
    " VALUES (:application, :question, 'line', 1, '\"Hannover\"')"
)


@pytest.fixture
def asked(live_app: Flask) -> tuple[int, int]:
    """A draft, and a question of its call that nobody has answered."""
    with live_app.app_context():
        question = make_call_question(make_call())
        draft = make_application(call=question.call, status=ApplicationStatus.DRAFT)
        db.session.commit()
        return draft.id, question.id


Verb = Callable[[Application, CallQuestion], object]


def collide(app: Flask, asked: tuple[int, int], *verbs: Verb) -> tuple[list[str], tuple[int, int]]:
    """What became of each verb, all begun on the same question; how many questions and answers are left."""
    start = threading.Barrier(len(verbs))

    def do(verb: Verb) -> str:
        with app.app_context():
            draft, question = (
                db.session.get_one(Application, asked[0]),
                db.session.get_one(CallQuestion, asked[1]),
            )
            assert draft.call.questions == [question]
            start.wait(timeout=60)
            try:
                verb(draft, question)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(len(verbs)) as pool:
        said = list(pool.map(do, verbs))
    with app.app_context():
        return said, tuple(db.session.execute(LEFT).one())


def test_of_an_answer_and_a_deletion_at_once_one_is_done(live_app: Flask, asked: tuple[int, int]) -> None:
    def answer(draft: Application, question: CallQuestion) -> None:
        content = replace(content_of(draft), answers=answers_to([question]))
        services.revise(draft, content, actor=None)

    def delete(_draft: Application, question: CallQuestion) -> None:
        questions.delete(question, actor=None)

    said, left = collide(live_app, asked, answer, delete)

    assert (said, left) in [(["done", "question-answered"], (1, 1)), (["stale", "done"], (0, 0))]


def test_without_the_keys_the_answer_is_left_without_its_question(
    live_app: Flask, asked: tuple[int, int]
) -> None:
    def answer(_draft: Application, _question: CallQuestion) -> None:
        db.session.execute(ANSWER, {"application": asked[0], "question": asked[1]})

    def delete(_draft: Application, _question: CallQuestion) -> None:
        db.session.execute(text("DELETE FROM question_wording"))
        db.session.execute(text("DELETE FROM call_question"))

    with live_app.app_context():
        for key in KEYS:
            db.session.execute(text(f"ALTER TABLE application_answer DROP CONSTRAINT {key}"))
        db.session.commit()

    said, left = collide(live_app, asked, answer, delete)

    assert (said, left) == (["done", "done"], (0, 1))
