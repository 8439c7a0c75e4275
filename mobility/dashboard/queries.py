"""Figures of a call, from every room; the same ones on the page and in the demo's summary."""

from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal, format_percent
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.core.money import euro
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Entrant, Proposal, Round, Run
from mobility.surveys.models import Invitation

Scope = frozenset[int] | None


@dataclass(frozen=True)
class Figure:
    """One number: its key, its words, its value and how people read it."""

    key: str
    label: Any
    value: float
    shown: str


@dataclass(frozen=True)
class FigureGroup:
    """Figures of one thing, such as the applications."""

    title: Any
    figures: tuple[Figure, ...]


def calls_seen() -> list[Call]:
    """All calls, those with a round before those without, the newest first."""
    rounds = select(func.max(Round.id)).where(Round.call_id == Call.id).scalar_subquery()
    return list(db.session.scalars(select(Call).order_by(rounds.desc().nulls_last(), Call.opens_at.desc())))


def scope_of(user: User) -> Scope:
    """Whose figures somebody sees: ids of partnerships, or None for all."""
    scopes = [user.partnership_ids(permission) for permission in SEES_FIGURES if user.may(permission)]
    if None in scopes:
        return None
    return frozenset().union(*[scope for scope in scopes if scope is not None])


SEES_FIGURES = (Permission.APPLICATIONS_READ, Permission.PAYMENTS_READ)


def figures(call: Call, scope: Scope = None) -> list[FigureGroup]:
    """Every figure of a call, for all or for some partnerships."""
    return [
        make(call, scope) for make in (_applications, _offers, _matching, _answers, _stays, _money, _surveys)
    ]


def _count(key: str, label: Any, value: int) -> Figure:
    return Figure(key, label, value, format_decimal(value))


def _share(key: str, label: Any, part: int, whole: int) -> Figure:
    share = part / whole if whole else 0.0
    return Figure(key, label, round(100 * share, 1), format_percent(share, "0.0 %"))


def _sum(key: str, label: Any, cents: int) -> Figure:
    return Figure(key, label, cents, euro(cents))


def _scoped(statement: Any, column: Any, scope: Scope) -> Any:
    return statement if scope is None else statement.where(column.in_(scope))


def _by_state(prefix: str, counted: Any, labels: dict[Any, Any]) -> list[Figure]:
    """A figure for each state; `counted` gives state and number, ungrouped."""
    state = counted.selected_columns[0]
    numbers = {str(key): number for key, number in db.session.execute(counted.group_by(state)).all()}
    return [_count(f"{prefix}_{key}", label, numbers.get(key, 0)) for key, label in labels.items()]


def _with_total(prefix: str, figures_: list[Figure]) -> tuple[Figure, ...]:
    return (_count(f"{prefix}_total", _l("in all"), int(sum(one.value for one in figures_))), *figures_)


def _applications(call: Call, scope: Scope) -> FigureGroup:
    counted = select(Application.status, func.count()).where(Application.call_id == call.id)
    labels = {
        ApplicationStatus.DRAFT: _l("drafts"),
        ApplicationStatus.SUBMITTED: _l("to assess"),
        ApplicationStatus.ACCEPTED: _l("accepted, without a host"),
        ApplicationStatus.MATCHED: _l("matched"),
        ApplicationStatus.REJECTED: _l("rejected"),
        ApplicationStatus.WITHDRAWN: _l("withdrawn"),
    }
    found = _by_state("applications", _scoped(counted, Application.partnership_id, scope), labels)
    return FigureGroup(_l("Applications"), _with_total("applications", found))


def _offers(call: Call, scope: Scope) -> FigureGroup:
    counted = select(Offer.status, func.count()).where(Offer.call_id == call.id)
    labels = {
        OfferStatus.DRAFT: _l("drafts"),
        OfferStatus.SUBMITTED: _l("to assess"),
        OfferStatus.ACCEPTED: _l("accepted"),
        OfferStatus.REJECTED: _l("rejected"),
        OfferStatus.CLOSED: _l("closed"),
    }
    found = _by_state("offers", _scoped(counted, Offer.partnership_id, scope), labels)
    return FigureGroup(_l("Offers of hosts"), _with_total("offers", found))


def _matching(call: Call, scope: Scope) -> FigureGroup:
    entered = _scoped(
        _of_call(select(func.count(Entrant.id)), call, Entrant), Application.partnership_id, scope
    )
    proposed = _scoped(
        _of_call(select(func.count(Proposal.id)), call, Proposal), Application.partnership_id, scope
    )
    entrants = db.session.scalar(entered) or 0
    matched = db.session.scalar(proposed) or 0
    found = [
        _count("entrants", _l("entered a round"), entrants),
        _count("proposals", _l("were proposed a host"), matched),
        _share("matched_share_percent", _l("of the entrants"), matched, entrants),
    ]
    return FigureGroup(_l("Matching"), (*found, *(_goal_figures(call) if scope is None else ())))


def _of_call(statement: Any, call: Call, kind: Any) -> Any:
    joined = statement.select_from(kind).join(Application, kind.application_id == Application.id)
    return joined.where(Application.call_id == call.id)


def _goal_figures(call: Call) -> tuple[Figure, ...]:
    published = select(Run.solution).join(Round, Run.round_id == Round.id)
    solution = db.session.scalar(
        published.where(Round.call_id == call.id, Run.is_published).order_by(Run.id.desc()).limit(1)
    )
    goals = (solution or {}).get("goals", [])
    return tuple(figure for goal in goals for figure in _goal(goal))


def _goal(goal: dict[str, Any]) -> list[Figure]:
    name, gap = goal["name"], goal["gap"]
    value = Figure(
        f"{name}_value", _l("%(goal)s reached", goal=name), goal["value"], format_decimal(goal["value"])
    )
    if gap is None:
        return [value]
    shown = format_percent(gap, "0.00 %")
    return [value, Figure(f"{name}_gap_percent", _l("gap to the proven bound"), round(100 * gap, 4), shown)]


def _answers(call: Call, scope: Scope) -> FigureGroup:
    counted = _of_call(select(Proposal.status, func.count()), call, Proposal)
    labels = {
        ProposalStatus.OPEN: _l("wait for an answer"),
        ProposalStatus.ACCEPTED: _l("accepted by both"),
        ProposalStatus.DECLINED: _l("declined"),
        ProposalStatus.EXPIRED: _l("not answered in time"),
    }
    found = _by_state("proposals", _scoped(counted, Application.partnership_id, scope), labels)
    return FigureGroup(_l("Answers"), tuple(found))


def _stays(call: Call, scope: Scope) -> FigureGroup:
    counted = select(Exchange.status, func.count()).where(Exchange.call_id == call.id)
    labels = {
        ExchangeStatus.CONFIRMED: _l("confirmed"),
        ExchangeStatus.ONGOING: _l("on the way"),
        ExchangeStatus.ENDED: _l("ended"),
        ExchangeStatus.CLOSED: _l("closed"),
        ExchangeStatus.CANCELLED: _l("cancelled"),
        ExchangeStatus.TERMINATED: _l("broken off"),
    }
    found = _by_state("exchanges", _scoped(counted, Exchange.vop_id, scope), labels)
    return FigureGroup(_l("Exchanges"), _with_total("exchanges", found))


def _money(call: Call, scope: Scope) -> FigureGroup:
    live = PaymentOrder.status != PaymentStatus.VOID
    ordered = select(func.count(), func.coalesce(func.sum(PaymentOrder.amount_cents), 0)).where(live)
    ordered = ordered.join(Exchange, PaymentOrder.exchange_id == Exchange.id).where(
        Exchange.call_id == call.id
    )
    number, cents = db.session.execute(_scoped(ordered, PaymentOrder.partnership_id, scope)).one()
    allotted = [one for one in call.allotments if scope is None or one.partnership_id in scope]
    return FigureGroup(
        _l("Money"),
        (
            _sum("budget_cents", _l("allotted"), sum(one.budget_cents for one in allotted)),
            _sum(
                "committed_cents", _l("committed to exchanges"), sum(one.committed_cents for one in allotted)
            ),
            _count("payment_orders", _l("payment orders"), number),
            _sum("payments_ordered_cents", _l("ordered to be paid"), int(cents)),
        ),
    )


def _surveys(call: Call, scope: Scope) -> FigureGroup:
    asked = select(func.count(), func.count(Invitation.answered_at))
    asked = asked.join(Exchange, Invitation.exchange_id == Exchange.id).where(Exchange.call_id == call.id)
    invited, answered = db.session.execute(_scoped(asked, Exchange.vop_id, scope)).one()
    return FigureGroup(
        _l("Surveys"),
        (
            _count("survey_invitations", _l("invitations"), invited),
            _count("survey_answers", _l("answers"), answered),
            _share("survey_answer_share_percent", _l("answered"), answered, invited),
        ),
    )
