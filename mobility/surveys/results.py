"""What the answers say, question by question. Pure: answers in, figures out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mobility.surveys.enums import QuestionKind, Side
from mobility.surveys.questions import Question

COUNTED = frozenset({QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.YES_NO, QuestionKind.CHOICES})
AVERAGED = frozenset({QuestionKind.SCALE, QuestionKind.NPS, QuestionKind.NUMBER})
PROMOTER_FROM = 9
DETRACTOR_TO = 6


@dataclass(frozen=True)
class Given:
    """One answer: from which side, and what was said by key."""

    side: Side
    values: dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """How many chose one of the choices, and their share of those who answered."""

    choice: str
    count: int
    percent: int


@dataclass(frozen=True)
class Result:
    """What came of one question."""

    question: Question
    asked: int
    answered: int
    bars: tuple[Bar, ...] = ()
    mean: float | None = None
    total: int | None = None
    nps: int | None = None
    texts: tuple[str, ...] = ()


def results(questions: Sequence[Question], answers: Sequence[Given]) -> list[Result]:
    """One result for each question that anybody among the answers was asked."""
    found = [_result(question, answers) for question in questions if not question.confidential]
    return [result for result in found if result.asked]


def _result(question: Question, answers: Sequence[Given]) -> Result:
    asked = [given for given in answers if given.side in question.sides]
    said = [given.values[question.key] for given in asked if question.key in given.values]
    kind = question.kind
    return Result(
        question,
        len(asked),
        len(said),
        bars=_bars(question, said) if kind in COUNTED else (),
        mean=sum(said) / len(said) if kind in AVERAGED and said else None,
        total=sum(said) if kind is QuestionKind.NUMBER else None,
        nps=net_promoters(said) if kind is QuestionKind.NPS and said else None,
        texts=tuple(said) if kind is QuestionKind.TEXT else (),
    )


def _bars(question: Question, said: Sequence[Any]) -> tuple[Bar, ...]:
    chosen = Counter(choice for one in said for choice in _choices(question, one))
    return tuple(
        Bar(option, chosen[option], round(100 * chosen[option] / len(said)) if said else 0)
        for option in question.options
    )


def _choices(question: Question, said: Any) -> list[str]:
    if question.kind is QuestionKind.YES_NO:
        return ["yes" if said else "no"]
    return list(said) if question.several else [str(said)]


def net_promoters(points: Sequence[int]) -> int:
    """Net promoter score, −100 to 100: share of 9 and 10 less share of 0 to 6."""
    promoters = sum(point >= PROMOTER_FROM for point in points)
    detractors = sum(point <= DETRACTOR_TO for point in points)
    return round(100 * (promoters - detractors) / len(points))
