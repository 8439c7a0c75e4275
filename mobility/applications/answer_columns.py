"""Columns of applications.csv for the questions of a call: each named by the words in which it is asked."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from mobility.applications.draft import AnswerDraft
from mobility.applications.forms_of_call import LONGEST_TEXT
from mobility.calls.enums import QuestionKind
from mobility.calls.models import Call, CallQuestion
from mobility.core.files import Cells, ImportColumn, day, one_of, several, text, whole
from mobility.core.forms import LARGEST

Columns = dict[str, CallQuestion]


def questions_by_column(call: Call, taken: Collection[str]) -> Columns:
    """What is asked by its words, but words that two questions share or that name a column already."""
    asked = [one for one in call.questions if one.is_asked] if call.has_questions else []
    times = Counter([*taken, *(one.wording.label for one in asked)])
    return {one.wording.label: one for one in asked if times[one.wording.label] == 1}


def columns_of(questions: Columns) -> list[ImportColumn]:
    """Their columns; an empty cell leaves what is known."""
    return [ImportColumn(name, _reader(one), empty=None, may_lack=True) for name, one in questions.items()]


def answers_of(row: Cells, questions: Columns) -> tuple[AnswerDraft, ...]:
    """The answers in a row."""
    given = ((one, row[name]) for name, one in questions.items())
    return tuple(AnswerDraft(one.id, one.wording.id, value) for one, value in given if value is not None)


WRITTEN: dict[QuestionKind, Callable[[str], Any]] = {
    QuestionKind.LINE: text(),
    QuestionKind.TEXT: text(LONGEST_TEXT),
    QuestionKind.NUMBER: whole(0, LARGEST),
    QuestionKind.DATE: lambda cell: day(cell).isoformat(),
}


def _reader(question: CallQuestion) -> Callable[[str], Any]:
    if question.kind in WRITTEN:
        return WRITTEN[question.kind]
    one = one_of(question.answers)
    if question.kind != QuestionKind.CHOICES:
        return one
    return lambda cell: sorted(several(one)(cell), key=question.answers.index)
