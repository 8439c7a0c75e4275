"""Makers of calls and their money."""

from dataclasses import fields, replace
from datetime import timedelta
from itertools import count
from typing import Any

from mobility.calls import questions
from mobility.calls.enums import QuestionKind
from mobility.calls.models import Allotment, Call, CallQuestion
from mobility.calls.questions import QuestionDraft
from mobility.calls.services import CallDraft, allot, draft, open_call
from mobility.core import clock
from mobility.core.db import db
from mobility.partnerships.models import Partnership
from tests.make.partnerships import make_partnership

_numbers = count(1)


def make_call(*, is_open: bool = True, **changes: Any) -> Call:
    """A call with the seeded rules that is open today and tells each decision; stays in the year after it closes.

    `changes` are fields of `CallDraft` or, set after the draft, columns of `Call`.
    """
    today = clock.today()
    content = CallDraft(
        reference=f"CXC-TEST-{next(_numbers)}",
        title="Test call",
        opens_at=clock.at_local(today - timedelta(days=10)),
        closes_at=clock.at_local(today + timedelta(days=10)),
        first_day=today + timedelta(days=30),
        last_day=today + timedelta(days=395),
        releases_together=False,
    )
    typed = {field.name for field in fields(CallDraft)}
    call = draft(replace(content, **{name: changes[name] for name in changes.keys() & typed}), actor=None)
    for name in changes.keys() - typed:
        setattr(call, name, changes[name])
    if is_open:
        open_call(call, actor=None)
    db.session.flush()
    return call


def make_allotment(
    call: Call | None = None,
    partnership: Partnership | None = None,
    *,
    budget_cents: int = 1_000_000,
    own_rate_cents: int | None = None,
) -> Allotment:
    """A partnership's budget in a call; makes the missing ones."""
    made = allot(
        call or make_call(),
        partnership or make_partnership(),
        budget_cents,
        actor=None,
        own_rate_cents=own_rate_cents,
    )
    db.session.flush()
    return made


def make_call_question(
    call: Call,
    kind: QuestionKind = QuestionKind.LINE,
    label: str = "Which trade fairs do you visit?",
    **changes: Any,
) -> CallQuestion:
    """A question of a call; `changes` are fields of `QuestionDraft`."""
    lists = {QuestionKind.CHOICE, QuestionKind.CHOICES}
    choices = ("By train", "By air", "By road") if kind in lists else ()
    return questions.add(call, QuestionDraft(kind, label, **{"choices": choices, **changes}), actor=None)


def make_call_questions(
    call: Call, words: str = "Question", **changes: Any
) -> dict[QuestionKind, CallQuestion]:
    """A question of each kind; the one for a date is shown only if the one of a list is answered "By air"."""
    made: dict[QuestionKind, CallQuestion] = {
        kind: make_call_question(call, kind, f"{words} {kind}", **changes)
        for kind in QuestionKind
        if kind != QuestionKind.DATE
    }
    condition = {"shown_if_id": made[QuestionKind.CHOICE].id, "shown_if_answer": "By air"}
    made[QuestionKind.DATE] = make_call_question(
        call, QuestionKind.DATE, f"{words} date", **changes, **condition
    )
    return made
