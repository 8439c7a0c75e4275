"""The form of a question of a call."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.calls.enums import YES_OR_NO, QuestionKind
from mobility.calls.models import CallQuestion
from mobility.calls.questions import QuestionDraft
from mobility.calls.wording import KINDS, condition
from mobility.core.forms import Choice, HouseForm, Line, Paragraph, Tick, VersionField, options

MOST_CHOICES, LONGEST_CHOICE = 30, 200
CHOSEN = frozenset({QuestionKind.CHOICE, QuestionKind.CHOICES})


class QuestionForm(HouseForm):
    """How a question is worded and answered, and when it is asked."""

    version = VersionField()
    label = Line(_l("Question"), longest=300)
    help = Paragraph(
        _l("Help"),
        required=False,
        longest=1000,
        description=_l("Stands below the question: what is meant, an example."),
    )
    kind = Choice(_l("Kind of answer"), [(kind.value, label) for kind, label in KINDS.items()])
    choices = Paragraph(
        _l("List to choose from"),
        required=False,
        longest=MOST_CHOICES * LONGEST_CHOICE,
        description=_l("Only for “one of a list” and “several of a list”: one entry on each line."),
    )
    is_required = Tick(
        _l("An application is sent only with an answer"), description=_l("If the question is shown.")
    )
    shown_if = Choice(
        _l("When it is shown"),
        [],
        required=False,
        description=_l("Always, or only with an answer to an earlier question."),
    )
    is_asked = Tick(
        _l("The question is asked"),
        description=_l("Untick it to ask no longer; answers that were given stay."),
    )

    @classmethod
    def of(cls, question: CallQuestion | None, earlier: Sequence[CallQuestion]) -> "QuestionForm":
        """The form of a question, or of a new one, that comes after some others."""
        form = cls(data=_stored(question))
        conditions = [
            (f"{one.id}:{answer}", condition(one, answer)) for one in earlier for answer in one.answers
        ]
        form.shown_if.choices = options([("", _("Always")), *conditions])
        return form

    def keep_kind(self, question: CallQuestion) -> None:
        """Leave the kind as it is: somebody has answered."""
        self._kind = question.kind
        del self.kind

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        words = self._words_on_choices() if not self.choices.errors else ""
        if words:
            self.choices.errors = [words]
        return valid and not words

    def need(self, answers: set[str]) -> bool:
        """Whether the answers on which other questions depend are still there; else says so beside the list."""
        gone = sorted(answers - {*self._answers()})
        if gone:
            words = _("Another question is shown only with “%(answer)s”; leave it.", answer=gone[0])
            self.choices.errors = [*self.choices.errors, words]
        return not gone

    def content(self) -> QuestionDraft:
        """What was typed."""
        shown_if, _colon, answer = (self.shown_if.data or "").partition(":")
        return QuestionDraft(
            kind=self._chosen_kind(),
            label=self.label.data,
            help=self.help.data or "",
            choices=self._lines() if self._chosen_kind() in CHOSEN else (),
            is_required=self.is_required.data,
            is_asked=self.is_asked.data,
            shown_if_id=int(shown_if) if shown_if else None,
            shown_if_answer=answer,
        )

    def _chosen_kind(self) -> QuestionKind:
        return self._kind if self.kind is None else QuestionKind(self.kind.data)

    def _answers(self) -> tuple[str, ...]:
        if self._chosen_kind() == QuestionKind.YES_NO:
            return YES_OR_NO
        return self._lines() if self._chosen_kind() in CHOSEN else ()

    def _lines(self) -> tuple[str, ...]:
        lines = (line.strip() for line in (self.choices.data or "").splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    def _words_on_choices(self) -> str:
        """What is wrong with the list, if anything is."""
        lines = self._lines()
        if self.kind is not None and self.kind.errors:
            return ""
        if self._chosen_kind() in CHOSEN and len(lines) < 2:
            return _("Write at least two entries, each on a line of its own.")
        if len(lines) > MOST_CHOICES:
            return _("Write at most %(most)s entries.", most=MOST_CHOICES)
        if any(len(line) > LONGEST_CHOICE for line in lines):
            return _("Write at most %(most)s characters on a line.", most=LONGEST_CHOICE)
        return ""


def _stored(question: CallQuestion | None) -> dict[str, Any]:
    if question is None:
        return {"is_asked": True}
    shown_if = f"{question.shown_if_id}:{question.shown_if_answer}" if question.shown_if_id else ""
    return {
        "version": question.version,
        "label": question.wording.label,
        "help": question.wording.help,
        "kind": question.kind.value,
        "choices": "\n".join(question.wording.choices),
        "is_required": question.is_required,
        "is_asked": question.is_asked,
        "shown_if": shown_if,
    }
