"""The form of a survey, built from its questions."""

from collections.abc import Sequence
from typing import Any

from mobility.core.forms import HouseForm, Paragraph, Radio, Ticks, Whole
from mobility.surveys import wording
from mobility.surveys.enums import QuestionKind
from mobility.surveys.questions import Question

LONGEST_TEXT = 2000


class SurveyForm(HouseForm):
    """Base of every survey's form; `form_of` adds the questions."""

    questions: Sequence[Question] = ()

    def answers(self) -> dict[str, Any]:
        """What was answered, by key: numbers as numbers, yes and no as true and false, nothing for nothing."""
        said = [question for question in self.questions if not question.confidential]
        given = {question.key: _plain(question, self[question.key].data) for question in said}
        return {key: value for key, value in given.items() if value not in (None, "", [])}

    def confidences(self) -> str:
        """What was written for the support office only."""
        apart = [self[question.key].data or "" for question in self.questions if question.confidential]
        return "\n\n".join(text for text in apart if text)


def form_of(questions: Sequence[Question]) -> type[SurveyForm]:
    """A form class that asks these questions."""
    fields = {question.key: _field(question) for question in questions}
    return type("SurveyFormOfQuestions", (SurveyForm,), {"questions": tuple(questions), **fields})


def _field(question: Question) -> Any:
    label, described = wording.label(question), wording.hint(question)
    common: dict[str, Any] = {"required": question.required, "description": described}
    if question.kind is QuestionKind.TEXT:
        return Paragraph(label, longest=LONGEST_TEXT, **common)
    if question.kind is QuestionKind.NUMBER:
        return Whole(label, largest=question.largest, **common)
    choices = [(choice, wording.choice_label(question, choice)) for choice in question.options]
    return Ticks(label, choices, **common) if question.several else Radio(label, choices, **common)


def _plain(question: Question, given: Any) -> Any:
    if given in (None, ""):
        return None
    if question.kind in (QuestionKind.SCALE, QuestionKind.NPS):
        return int(given)
    return given == "yes" if question.kind is QuestionKind.YES_NO else given
