"""The page of an application on which the call asks questions of its own."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from mobility.applications.columns import answers_of
from mobility.applications.draft import AnswerDraft
from mobility.applications.forms import SectionForm
from mobility.applications.models import Application
from mobility.applications.pages import filled
from mobility.calls.enums import QuestionKind
from mobility.calls.models import CallQuestion
from mobility.calls.questions import shown
from mobility.calls.wording import option
from mobility.core.forms import Choice, Day, Line, Paragraph, Radio, Ticks, Whole
from mobility.hosts.forms import say

LONGEST_TEXT = 2000


class QuestionsForm(SectionForm):
    """Base of the form of each call; `questions_form` adds the questions."""

    questions: ClassVar[Sequence[CallQuestion]] = ()
    # Answers to what is asked no longer stay as they are.
    others: ClassVar[Sequence[AnswerDraft]] = ()

    # The words that the page showed: nobody answers to others unseen.
    wordings = HiddenField()

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._seen, self.wordings.data = self.wordings.data, _wordings(self.questions)

    def field_of(self, question: CallQuestion) -> Any:
        return self[name_of(question.id)]

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        for question in {*self.questions} - {*self._shown()}:
            self.field_of(question).errors = []
        if self._seen != self.wordings.data:
            words = _(
                "The questions were changed since you opened this page. Look through it and save it again."
            )
            self.form_errors = [words]
        return not self.errors

    def is_complete(self) -> bool:
        empty = [one for one in self._shown() if one.is_required and one.id not in self._given()]
        for question in empty:
            say(self.field_of(question), _("Give this answer before you go on."))
        return not empty

    def content(self) -> dict[str, Any]:
        given = self._given()
        answers = [
            AnswerDraft(question.id, question.wording.id, given[question.id])
            for question in self._shown()
            if question.id in given
        ]
        return {"answers": (*answers, *self.others)}

    def _shown(self) -> list[CallQuestion]:
        return shown(self.questions, self._given())

    def _given(self) -> dict[int, Any]:
        """What is answered, by question; what cannot be read is not."""
        typed = {question.id: _plain(question, self.field_of(question).data) for question in self.questions}
        return {key: value for key, value in typed.items() if value not in (None, "", [])}


def questions_form(application: Application, typed: MultiDict[str, str] | None) -> SectionForm:
    """The page as the application stands; what is sent, or else what was kept as typed, wins."""
    questions = [question for question in application.call.questions if question.is_asked]
    ids, answers = {question.id for question in questions}, answers_of(application)
    kind = type(
        "QuestionsFormOfCall",
        (QuestionsForm,),
        {
            "questions": questions,
            "others": [answer for answer in answers if answer.question_id not in ids],
            **{name_of(question.id): _field(question) for question in questions},
        },
    )
    stored = {name_of(row.question_id): _as_typed(row.kind, row.value) for row in application.answers}
    return filled(kind, application, {"version": application.version, **stored}, typed)


def name_of(question_id: int) -> str:
    """The name of a question's field."""
    return f"answer-q{question_id}"


def _wordings(questions: Sequence[CallQuestion]) -> str:
    return ".".join(str(question.wording.id) for question in questions)


def _field(question: CallQuestion) -> Any:
    label = question.wording.label
    common: dict[str, Any] = {"required": False, "description": question.wording.help}
    if question.kind in WRITTEN:
        return WRITTEN[question.kind](label, **common)
    choices = [(answer, option(question.kind, answer)) for answer in question.answers]
    if question.kind == QuestionKind.YES_NO:
        unsaid = [] if question.is_required else [("", _("No answer"))]
        return Radio(label, [*choices, *unsaid], **common)
    return (Ticks if question.kind == QuestionKind.CHOICES else Choice)(label, choices, **common)


WRITTEN: dict[QuestionKind, Any] = {
    QuestionKind.LINE: Line,
    QuestionKind.TEXT: lambda label, **more: Paragraph(label, longest=LONGEST_TEXT, **more),
    QuestionKind.NUMBER: Whole,
    QuestionKind.DATE: Day,
}


def _as_typed(kind: QuestionKind, value: Any) -> Any:
    """An answer as its field takes it."""
    return date.fromisoformat(value) if kind == QuestionKind.DATE and value else value


def _plain(question: CallQuestion, typed: Any) -> Any:
    """An answer as it is stored."""
    if question.kind == QuestionKind.DATE:
        return typed.isoformat() if typed else None
    if question.kind == QuestionKind.CHOICES:
        return [one for one in question.answers if one in (typed or ())]
    return typed if not question.answers or typed in question.answers else None
