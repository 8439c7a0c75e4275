"""The words of calls: states, traces of lump sums, refusals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from mobility.calls.enums import CallStatus, CvAsked, Mode, PartRole, QuestionKind
from mobility.calls.models import Call, CallQuestion
from mobility.core import dates
from mobility.core.money import euro
from mobility.taxonomies.countries import country_name

REFUSALS = {
    "no-rate": _l("The rate table has no amount for %(country)s on %(day)s. Add one to the call."),
    "over-budget": _l("The budget of %(partnership)s does not cover this. Nothing was changed."),
    "nothing-committed": _l("%(partnership)s has not committed so much."),
    "released-already": _l(
        "The applicants of this call are told already, or of each decision as it is made."
    ),
    "budget-below-committed": _l("More than this is already committed to exchanges."),
    "question-answered": _l(
        "Somebody has answered this question: it keeps its kind and cannot be deleted. You may ask it no longer."
    ),
    "answer-needed": _l("Another question is shown only with an answer to this one. Change that one first."),
    "no-such-condition": _l(
        "The answer that it should depend on is not there any more. Open the form again."
    ),
    "condition-before": _l(
        "It is shown only with an answer to the question before it, so it stays behind that."
    ),
    "too-many-questions": _l("A call has at most %(most)s questions."),
}

CALL_STATUS = {
    CallStatus.DRAFT: _l("Draft"),
    CallStatus.OPEN: _l("Open"),
    CallStatus.CLOSED: _l("Closed"),
}
PARTS = {PartRole.VISITOR: _l("May visit"), PartRole.HOST: _l("May host")}
KINDS = {
    QuestionKind.LINE: _l("Short text"),
    QuestionKind.TEXT: _l("Long text"),
    QuestionKind.YES_NO: _l("Yes or no"),
    QuestionKind.CHOICE: _l("One of a list"),
    QuestionKind.CHOICES: _l("Several of a list"),
    QuestionKind.NUMBER: _l("Whole number"),
    QuestionKind.DATE: _l("Date"),
}
YES_NO = {"yes": _l("Yes"), "no": _l("No")}
CV_ASKED = {
    CvAsked.NO: _l("Not asked for"),
    CvAsked.OPTIONAL: _l("May be sent"),
    CvAsked.REQUIRED: _l("Needed"),
}
MODES = {Mode.PHYSICAL: _l("In person"), Mode.VIRTUAL: _l("Virtual")}


def status_tag(call: Call, now: datetime) -> tuple[str, str]:
    """The kind and word of a call's tag: open means that it takes applications at this moment."""
    if call.status == CallStatus.DRAFT:
        return "draft", _("Draft")
    if call.status == CallStatus.OPEN and now < call.opens_at:
        return "wait", _("Opens soon")
    if call.status == CallStatus.OPEN and now < call.closes_at:
        return "open", _("Open")
    return "closed", _("Closed")


def condition(question: CallQuestion, answer: str) -> str:
    """With which answer to a question another one is shown."""
    said = option(question.kind, answer)
    return _("Only if “%(question)s” is answered “%(answer)s”", question=question.wording.label, answer=said)


def conditions(call: Call) -> dict[int, str]:
    """By question of the call that is not always shown: when it is."""
    by_id = {one.id: one for one in call.questions}
    return {
        one.id: condition(by_id[one.shown_if_id], one.shown_if_answer)
        for one in call.questions
        if one.shown_if_id
    }


def option(kind: QuestionKind, answer: str) -> str:
    """What can be chosen, as people read it."""
    return str(YES_NO[answer]) if kind == QuestionKind.YES_NO else answer


def answer_to(kind: QuestionKind, value: Any) -> str:
    """An answer as people read it; nothing for none."""
    if value is None:
        return ""
    if kind == QuestionKind.DATE:
        return dates.day(date.fromisoformat(value))
    if kind == QuestionKind.NUMBER:
        return str(format_decimal(value))
    return "; ".join(value) if kind == QuestionKind.CHOICES else option(kind, value)


@dataclass(frozen=True)
class TraceRow:
    """A step of a lump sum as people read it."""

    label: str
    found: str
    rule: str
    amount_text: str


def trace_rows(trace: Sequence[dict[str, Any]]) -> list[TraceRow]:
    """The stored steps of a lump sum in words."""
    return [TraceRow(*_STEPS[step["code"]](step["values"]), euro(step["cents"])) for step in trace]


def _rate(values: dict[str, Any]) -> tuple[str, str, str]:
    day = dates.day(date.fromisoformat(values["day"]))
    return _("Rate of the host country"), f"{country_name(values['country'])}, {day}", values["table"]


def _days(values: dict[str, Any], rule: str) -> tuple[str, str, str]:
    return _("Working days at the host"), format_decimal(values["days"]), rule


def _full_days(values: dict[str, Any]) -> tuple[str, str, str]:
    return _days(values, _("%(days)s or more: full", days=values["full_days"]))


def _half_days(values: dict[str, Any]) -> tuple[str, str, str]:
    return _days(values, _("fewer than %(days)s: half", days=values["full_days"]))


def _too_short(values: dict[str, Any]) -> tuple[str, str, str]:
    return _days(values, _("fewer than %(days)s: nothing", days=values["min_days"]))


def _distance(values: dict[str, Any], rule: str) -> tuple[str, str, str]:
    return _("Distance between the organisations"), _("%(km)s km", km=format_decimal(values["km"])), rule


def _full_distance(values: dict[str, Any]) -> tuple[str, str, str]:
    return _distance(values, _("%(km)s km or more: full", km=values["half_below_km"]))


def _half_distance(values: dict[str, Any]) -> tuple[str, str, str]:
    if values["already_half"]:
        return _distance(values, _("under %(km)s km: halved once only", km=values["half_below_km"]))
    return _distance(values, _("under %(km)s km: half", km=values["half_below_km"]))


def _own_rate(values: dict[str, Any]) -> tuple[str, str, str]:
    return _("Rate of the partnership"), euro(values["rate_cents"]), _("lower than the country's: it counts")


def _ceiling(values: dict[str, Any]) -> tuple[str, str, str]:
    return _("Ceiling of the scheme"), euro(values["ceiling_cents"]), _("no lump sum is higher")


def _virtual(_values: dict[str, Any]) -> tuple[str, str, str]:
    return _("Kind of exchange"), _("virtual"), _("no travel, no lump sum")


_STEPS = {
    "rate": _rate,
    "own-rate": _own_rate,
    "ceiling": _ceiling,
    "virtual": _virtual,
    "too-short": _too_short,
    "full-days": _full_days,
    "half-days": _half_days,
    "full-distance": _full_distance,
    "half-distance": _half_distance,
}
