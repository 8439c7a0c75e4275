"""How far the applications of a call came, from begun to surveyed, in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, FromClause, Subquery, and_, false, func, or_, select, true, union

from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.catalogue.enums import PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.reporting.enums import ReportStatus
from mobility.reporting.enums import Side as ReportSide
from mobility.reporting.models import ClosingReport
from mobility.rounds.models import Entrant, Proposal
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation, Survey
from mobility.surveys.questions import AFTER_STAY

Partnerships = frozenset[int] | None
# By state, how many stand in it and how many of them were ever submitted.
Applications = Mapping[str, tuple[int, int]]
MET = (PairStatus.VALIDATED, PairStatus.BUILT)
ACCEPTED = (ApplicationStatus.ACCEPTED, ApplicationStatus.RESTED, ApplicationStatus.MATCHED)
LABELS = {
    "started": _l("begun"),
    "submitted": _l("submitted"),
    "accepted": _l("accepted"),
    "entered": _l("entered a round, and not withdrawn since"),
    "matched": _l("found a host, by a round or by themselves"),
    "agreed": _l("agreed by both"),
    "confirmed": _l("signed and confirmed"),
    "travelled": _l("travelled"),
    "reported": _l("reported"),
    "paid": _l("paid"),
    "surveyed": _l("told us how it was"),
}


@dataclass(frozen=True)
class Stage:
    """One stage of the funnel: its key, its words, how many came so far, and their share of those who submitted."""

    key: str
    label: Any
    number: int
    percent: int


def funnel(call: Call, scope: Partnerships, stand: Applications) -> list[Stage]:
    """The stages of a call, for all or for some visitors' partnerships, whose applications stand so."""
    numbers = _applied(stand) | _numbers(call, scope)
    whole = numbers["submitted"]
    return [
        Stage(key, label, numbers[key], round(100 * numbers[key] / whole) if whole else 0)
        for key, label in LABELS.items()
    ]


def _numbers(call: Call, scope: Partnerships) -> dict[str, int]:
    parts = (_entered(call, scope), _met(call, scope), _stays(call, scope))
    in_one_row: FromClause = parts[0]
    for part in parts[1:]:
        in_one_row = in_one_row.join(part, true())
    row = db.session.execute(select(*parts).select_from(in_one_row)).mappings().one()
    return {key: int(number) for key, number in row.items()}


def _applied(stand: Applications) -> dict[str, int]:
    return {
        "started": sum(number for number, _submitted in stand.values()),
        "submitted": sum(submitted for _number, submitted in stand.values()),
        "accepted": sum(stand.get(status, (0, 0))[0] for status in ACCEPTED),
    }


def _entered(call: Call, scope: Partnerships) -> Subquery:
    """Counted from the few who entered, not from all who applied."""
    counted = select(func.count(Entrant.application_id.distinct()).label("entered")).join(Entrant.application)
    return counted.where(
        Application.call_id == call.id,
        Application.status.in_(ACCEPTED),
        _in(Application.partnership_id, scope),
    ).subquery()


def _met(call: Call, scope: Partnerships) -> Subquery:
    paired = select(AgreedPair.application_id).where(AgreedPair.status.in_(MET))
    met = union(select(Proposal.application_id), paired).subquery()
    counted = (
        select(func.count().label("matched"))
        .select_from(met)
        .join(Application, Application.id == met.c.application_id)
    )
    return counted.where(
        Application.call_id == call.id,
        Application.submitted_at.is_not(None),
        _in(Application.partnership_id, scope),
    ).subquery()


def _stays(call: Call, scope: Partnerships) -> Subquery:
    reported = select(ClosingReport.id).where(
        ClosingReport.exchange_id == Exchange.id,
        ClosingReport.side == ReportSide.VISITOR,
        ClosingReport.status == ReportStatus.ACCEPTED,
    )
    paid = select(PaymentOrder.id).where(
        PaymentOrder.exchange_id == Exchange.id, PaymentOrder.status == PaymentStatus.PAID
    )
    told = select(Invitation.id).join(Invitation.survey)
    told = told.where(
        Invitation.exchange_id == Exchange.id,
        Invitation.side == Side.VISITOR,
        Invitation.answered_at.is_not(None),
        Survey.code == AFTER_STAY,
    )
    travelled = or_(Exchange.ended_at.is_not(None), Exchange.terminated_at.is_not(None))
    conditions: dict[str, ColumnElement[bool]] = {
        "agreed": true(),
        "confirmed": Exchange.confirmed_at.is_not(None),
        "travelled": travelled,
        "reported": reported.exists(),
        "paid": paid.exists(),
        "surveyed": told.exists(),
    }
    columns = [func.count().filter(condition).label(key) for key, condition in conditions.items()]
    counted = select(*columns).where(and_(Exchange.call_id == call.id, _in(Exchange.vop_id, scope)))
    return counted.subquery()


def _in(column: Any, scope: Partnerships) -> ColumnElement[bool]:
    if scope is None:
        return true()
    return column.in_(scope) if scope else false()
