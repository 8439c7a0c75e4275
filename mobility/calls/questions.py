"""The questions of a call: added, worded anew, ordered, deleted, by the support office and without a deploy."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import column, exists, select, table
from sqlalchemy.exc import IntegrityError

from mobility.audit.services import record
from mobility.calls.enums import QuestionKind
from mobility.calls.models import Call, CallQuestion, QuestionWording
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import given_text

MOST_QUESTIONS = 40
# A room above this one, so only its table is named.
ANSWER = table("application_answer", column("question_id"))


@dataclass(frozen=True)
class QuestionDraft:
    """A question as it is to be asked."""

    kind: QuestionKind
    label: str
    help: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_asked: bool = True
    shown_if_id: int | None = None
    shown_if_answer: str = ""


def add(call: Call, content: QuestionDraft, *, actor: Actor | None) -> CallQuestion:
    """Ask a question after all others of the call. Raises `RuleBroken`: "too-many-questions", "no-such-condition"."""
    questions = _lock(call)
    if len(questions) >= MOST_QUESTIONS:
        raise RuleBroken("too-many-questions", most=MOST_QUESTIONS)
    _refuse_condition(content, questions)
    question = CallQuestion(position=1 + max((one.position for one in questions), default=0))
    call.questions.append(question)
    _fill(question, content)
    db.session.expire(call, ["has_questions"])
    record("call.question-added", call, actor=actor, question=content.label)
    return question


def change(question: CallQuestion, content: QuestionDraft, *, actor: Actor | None) -> None:
    """Change a question; other words are a new wording, and answers keep theirs.

    Raises `RuleBroken`: "question-answered" for another kind of an answered one, "answer-needed" when another
    question is shown only with an answer that it would no longer have, "no-such-condition".
    """
    questions = _lock(question.call)
    if question.kind != content.kind and answered([question]):
        raise RuleBroken("question-answered")
    _refuse_condition(content, [one for one in questions if one.position < question.position])
    before = question.wording.label
    _fill(question, content)
    if needed_answers(question, questions) - {*question.answers}:
        raise RuleBroken("answer-needed")
    changed = {"before": before, "after": content.label} if before != content.label else {}
    record("call.question-changed", question.call, actor=actor, question=content.label, **changed)


def delete(question: CallQuestion, *, actor: Actor | None) -> None:
    """Delete a question that nobody answered. Raises `RuleBroken`: "question-answered", "answer-needed"."""
    call = question.call
    if needed_answers(question, _lock(call)):
        raise RuleBroken("answer-needed")
    label = question.wording.label
    # Before its wordings go: whoever answers holds the question first, too.
    db.session.execute(select(CallQuestion.id).where(CallQuestion.id == question.id).with_for_update())
    try:
        with db.session.begin_nested():
            call.questions.remove(question)
    except IntegrityError:
        raise RuleBroken("question-answered") from None
    record("call.question-deleted", call, actor=actor, question=label)


def move_up(question: CallQuestion, *, actor: Actor | None) -> None:
    """Let a question change places with the one before; nothing for the first.

    Raises `RuleBroken("condition-before")` where it would come before the one on whose answer it depends.
    """
    questions = _lock(question.call)
    before = next((one for one in reversed(questions) if one.position < question.position), None)
    if before is None:
        return
    if question.shown_if_id == before.id:
        raise RuleBroken("condition-before")
    before.position, question.position = question.position, before.position
    db.session.flush()
    db.session.refresh(question.call, ["questions"])
    record("call.question-moved", question.call, actor=actor, question=question.wording.label)


def answered(questions: Collection[CallQuestion]) -> set[int]:
    """The keys of those that were ever answered."""
    ids = [question.id for question in questions]
    has_answer = exists(select(ANSWER.c.question_id).where(ANSWER.c.question_id == CallQuestion.id))
    return set(db.session.scalars(select(CallQuestion.id).where(CallQuestion.id.in_(ids), has_answer)))


def needed_answers(question: CallQuestion, questions: Sequence[CallQuestion]) -> set[str]:
    """The answers of a question with which others are shown."""
    return {one.shown_if_answer for one in questions if one.shown_if_id == question.id}


def asks(call: Call) -> bool:
    """Whether the call has questions of its own."""
    return call.has_questions and any(question.is_asked for question in call.questions)


def shown(questions: Sequence[CallQuestion], given: Mapping[int, Any]) -> list[CallQuestion]:
    """Of the questions in their order those that are asked and whose condition the answers meet."""
    found: dict[int, CallQuestion] = {}
    for question in questions:
        if question.is_asked and _is_met(question, found, given):
            found[question.id] = question
    return list(found.values())


def _is_met(question: CallQuestion, found: Collection[int], given: Mapping[int, Any]) -> bool:
    if question.shown_if_id is None:
        return True
    answer = given.get(question.shown_if_id)
    chosen = answer if isinstance(answer, list) else [answer]
    return question.shown_if_id in found and question.shown_if_answer in chosen


def _lock(call: Call) -> list[CallQuestion]:
    """The questions of a call as they stand, changed by nobody else until the end."""
    db.session.flush()
    db.session.execute(select(Call.id).where(Call.id == call.id).with_for_update(key_share=True))
    db.session.refresh(call, ["questions"])
    return list(call.questions)


def _fill(question: CallQuestion, content: QuestionDraft) -> None:
    question.kind = content.kind
    question.is_required, question.is_asked = content.is_required, content.is_asked
    question.shown_if_id, question.shown_if_answer = content.shown_if_id, content.shown_if_answer
    words = given_text(content.label), content.help.strip(), list(content.choices)
    newest = question.wording if question.wordings else None
    if newest is None or (newest.label, newest.help, newest.choices) != words:
        label, help_, choices = words
        number = newest.number + 1 if newest else 1
        wording = QuestionWording(
            number=number, label=label, help=help_, choices=choices, written_at=clock.utcnow()
        )
        question.wordings.insert(0, wording)
    db.session.flush()


def _refuse_condition(content: QuestionDraft, earlier: Sequence[CallQuestion]) -> None:
    if content.shown_if_id is None:
        return
    of = next((one for one in earlier if one.id == content.shown_if_id), None)
    if of is None or content.shown_if_answer not in of.answers:
        raise RuleBroken("no-such-condition")
