"""Figures of a call, from every room; the same ones on the page and in the demo's summary."""

from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from sqlalchemy import Text, and_, case, cast, func, literal, select, union_all
from sqlalchemy.orm import selectinload

from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Permission, Scope
from mobility.core.db import db
from mobility.core.money import euro
from mobility.dashboard.funnel import Partnerships, funnel
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.payments.enums import OUT_OF_FORCE, PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.payments.queries import Money, MoneyOfCall, money_of
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Entrant, Proposal, Round, Run
from mobility.rounds.wording import goal as goal_words
from mobility.rounds.wording import goal_value, percent
from mobility.surveys.models import Invitation

# To count all applications of a large call would take longer than the rest of the page.
ENOUGH = 500
IN_FORCE = frozenset(state.value for state in PaymentStatus if state not in OUT_OF_FORCE)


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
    """All calls: those that are open first, then by their number of applications up to `ENOUGH`, the newest first."""
    some = select(Application.id).where(Application.call_id == Call.id).limit(ENOUGH).correlate(Call)
    applied = select(func.count()).select_from(some.subquery()).scalar_subquery()
    is_open = and_(Call.status == CallStatus.OPEN, Call.closes_at > clock.utcnow())
    by_size = select(Call).order_by(is_open.desc(), applied.desc(), Call.opens_at.desc())
    return list(db.session.scalars(by_size))


def scope_of(user: User, call: Call) -> Partnerships:
    """Whose figures somebody sees: ids of partnerships, or None for all."""
    scopes = {scope for permission in SEES_FIGURES for scope in user.scopes(permission)}
    partnerships = {scope.partnership_id for scope in scopes if scope.call_id in {None, call.id}}
    return None if None in partnerships else frozenset(one for one in partnerships if one is not None)


SEES_FIGURES = (Permission.APPLICATIONS_READ, Permission.PAYMENTS_READ)


def offers_of(user: User) -> list[Offer]:
    """The newest offers that somebody is the host of."""
    theirs = select(Offer).where(hosts_as(user)).options(selectinload(Offer.windows))
    return list(db.session.scalars(theirs.order_by(Offer.id.desc()).limit(5)))


@dataclass(frozen=True)
class Picture:
    """Every figure of a call, and its money partnership by partnership."""

    groups: list[FigureGroup]
    money: MoneyOfCall


def figures(call: Call, scope: Partnerships = None) -> list[FigureGroup]:
    """Every figure of a call, for all or for some partnerships."""
    return picture(call, scope).groups


def picture(call: Call, scope: Partnerships = None) -> Picture:
    """What the dashboard shows of a call: the figures of all or of some partnerships."""
    counted, stands = _states(call, scope), money_of(call, [Scope()], only=scope)
    groups = [
        FigureGroup(_l("From application to survey"), _funnel(call, scope, counted)),
        FigureGroup(_l("Applications"), _with_total("applications", APPLICATIONS, counted)),
        FigureGroup(_l("Offers of hosts"), _with_total("offers", OFFERS, counted)),
        FigureGroup(_l("Matching"), (*_matching(counted), *(_goal_figures(call) if scope is None else ()))),
        FigureGroup(_l("Answers"), _by_state("proposals", PROPOSALS, counted)),
        FigureGroup(_l("Exchanges"), _with_total("exchanges", EXCHANGES, counted)),
        FigureGroup(_l("Money"), _money(stands.sum, counted)),
        FigureGroup(_l("Payment orders"), _orders(counted)),
        FigureGroup(_l("Surveys"), _surveys(counted)),
    ]
    return Picture(groups, stands)


def _count(key: str, label: Any, value: int) -> Figure:
    return Figure(key, label, value, format_decimal(value))


def _share(key: str, label: Any, part: int, whole: int) -> Figure:
    share = part / whole if whole else 0.0
    return Figure(key, label, round(100 * share, 1), percent(round(share, 3)))


def _sum(key: str, label: Any, cents: int) -> Figure:
    return Figure(key, label, cents, euro(cents))


def _scoped(statement: Any, column: Any, scope: Partnerships) -> Any:
    return statement if scope is None else statement.where(column.in_(scope))


APPLICATIONS = {
    ApplicationStatus.DRAFT: _l("drafts"),
    ApplicationStatus.SUBMITTED: _l("to assess"),
    ApplicationStatus.CHANGES_ASKED: _l("waiting for changes"),
    ApplicationStatus.ACCEPTED: _l("accepted, without a host"),
    ApplicationStatus.RESTED: _l("rest, for the applicant did not answer"),
    ApplicationStatus.MATCHED: _l("matched"),
    ApplicationStatus.REJECTED: _l("rejected"),
    ApplicationStatus.WITHDRAWN: _l("withdrawn"),
}
OFFERS = {
    OfferStatus.DRAFT: _l("drafts"),
    OfferStatus.SUBMITTED: _l("to assess"),
    OfferStatus.ACCEPTED: _l("accepted"),
    OfferStatus.RESTED: _l("rest, for nobody used them"),
    OfferStatus.REJECTED: _l("rejected"),
    OfferStatus.CLOSED: _l("closed"),
}
PROPOSALS = {
    ProposalStatus.OPEN: _l("wait for an answer"),
    ProposalStatus.ACCEPTED: _l("accepted by both"),
    ProposalStatus.DECLINED: _l("declined"),
    ProposalStatus.EXPIRED: _l("not answered in time"),
    ProposalStatus.WITHDRAWN: _l("taken back by the office"),
}
EXCHANGES = {
    ExchangeStatus.AGREED: _l("agreed, not signed by all"),
    ExchangeStatus.CONFIRMED: _l("confirmed"),
    ExchangeStatus.ONGOING: _l("on the way"),
    ExchangeStatus.ENDED: _l("ended"),
    ExchangeStatus.CLOSED: _l("closed"),
    ExchangeStatus.CANCELLED: _l("cancelled"),
    ExchangeStatus.TERMINATED: _l("broken off"),
}
ORDERS = {
    PaymentStatus.DUE: _l("due"),
    PaymentStatus.HELD: _l("held"),
    PaymentStatus.BATCHED: _l("in a batch"),
    PaymentStatus.EXPORTED: _l("in transfer"),
    PaymentStatus.PAID: _l("paid"),
    PaymentStatus.FAILED: _l("failed at the bank"),
}


def _states(call: Call, scope: Partnerships) -> dict[tuple[str, str], tuple[int, int]]:
    """How many records of each kind stand in each state, and their cents; all in one statement.

    Instead of cents, applications have the number of those ever submitted: it comes of the same walk.
    """
    none = literal(0)
    entrants = select(Entrant.application_id).distinct().subquery()
    answered = case((Invitation.answered_at.is_(None), "open"), else_="answered")
    visits, submitted = Application.partnership_id, func.count(Application.submitted_at)
    standing = func.coalesce(Application.held, Application.status)
    cents = func.sum(PaymentOrder.amount_cents)
    parts = (
        _counted("applications", standing, submitted, call, Application, visits, scope),
        _counted("entrants", literal("all"), none, call, Application, visits, scope).join(
            entrants, entrants.c.application_id == Application.id
        ),
        _counted("offers", Offer.status, none, call, Offer, Offer.partnership_id, scope),
        _counted("proposals", Proposal.status, none, call, Application, visits, scope).join(
            Proposal, Proposal.application_id == Application.id
        ),
        _counted("exchanges", Exchange.status, none, call, Exchange, Exchange.vop_id, scope),
        _counted("orders", PaymentOrder.status, cents, call, Exchange, Exchange.vop_id, scope).join(
            PaymentOrder, PaymentOrder.exchange_id == Exchange.id
        ),
        _counted("surveys", answered, none, call, Exchange, Exchange.vop_id, scope).join(
            Invitation, Invitation.exchange_id == Exchange.id
        ),
    )
    found = db.session.execute(union_all(*parts))
    return {(kind, state): (number, int(cents)) for kind, state, number, cents in found}


def _counted(
    kind: str, state: Any, total: Any, call: Call, source: Any, partnership: Any, scope: Partnerships
) -> Any:
    name = cast(state, Text).label("state")
    counted = select(literal(kind), name, func.count(), total)
    counted = counted.select_from(source).where(source.call_id == call.id).group_by(name)
    return _scoped(counted, partnership, scope)


def _by_state(kind: str, labels: dict[Any, Any], counted: Any) -> tuple[Figure, ...]:
    return tuple(
        _count(f"{kind}_{state.value}", label, counted.get((kind, state.value), (0, 0))[0])
        for state, label in labels.items()
    )


def _with_total(kind: str, labels: dict[Any, Any], counted: Any) -> tuple[Figure, ...]:
    found = _by_state(kind, labels, counted)
    return (_count(f"{kind}_total", _l("in all"), int(sum(one.value for one in found))), *found)


def _sum_of(kind: str, counted: Any) -> int:
    return sum(number for (one, _state), (number, _cents) in counted.items() if one == kind)


def _funnel(call: Call, scope: Partnerships, counted: Any) -> tuple[Figure, ...]:
    stand = {state: pair for (kind, state), pair in counted.items() if kind == "applications"}
    stages = funnel(call, scope, stand)
    return tuple(_count(f"funnel_{stage.key}", stage.label, stage.number) for stage in stages)


def _matching(counted: Any) -> tuple[Figure, ...]:
    entrants, proposals = _sum_of("entrants", counted), _sum_of("proposals", counted)
    return (
        _count("entrants", _l("entered a round, with those withdrawn since"), entrants),
        _count("proposals", _l("were proposed a host by a round"), proposals),
        _share("matched_share_percent", _l("of the entrants"), proposals, entrants),
    )


def _goal_figures(call: Call) -> tuple[Figure, ...]:
    published = select(Run.reached).join(Round, Run.round_id == Round.id)
    reached = db.session.scalar(
        published.where(Round.call_id == call.id, Run.is_published).order_by(Run.id.desc()).limit(1)
    )
    return tuple(figure for goal in reached or () for figure in _goal(goal))


def _goal(goal: dict[str, Any]) -> list[Figure]:
    name, gap = goal["name"], goal["gap"]
    words = goal_words(name)
    value = Figure(f"{name}_value", words, goal["value"], goal_value(name, goal["value"]))
    if gap is None:
        return [value]
    shown = percent(gap)
    label = _l("%(goal)s: gap to the proven bound", goal=words)
    return [value, Figure(f"{name}_gap_percent", label, round(100 * gap, 4), shown)]


def _money(stands: Money, counted: Any) -> tuple[Figure, ...]:
    return (
        _sum("budget_cents", _l("allotted"), stands.budget_cents),
        _sum("committed_cents", _l("committed to exchanges"), stands.committed_cents),
        _sum("due_cents", _l("due"), stands.due_cents),
        _sum("in_transfer_cents", _l("in transfer"), stands.in_transfer_cents),
        _sum("paid_cents", _l("paid"), stands.paid_cents),
        _sum("free_cents", _l("free"), stands.free_cents),
        _sum("payments_ordered_cents", _l("ordered to be paid"), sum(cents for _n, cents in _live(counted))),
    )


def _orders(counted: Any) -> tuple[Figure, ...]:
    in_force = _count("payment_orders", _l("in force"), sum(number for number, _cents in _live(counted)))
    return (in_force, *_by_state("orders", ORDERS, counted))


def _live(counted: Any) -> list[tuple[int, int]]:
    """Number and cents of the orders in force, state by state."""
    return [pair for (kind, state), pair in counted.items() if kind == "orders" and state in IN_FORCE]


def _surveys(counted: Any) -> tuple[Figure, ...]:
    invited = _sum_of("surveys", counted)
    answered = counted.get(("surveys", "answered"), (0, 0))[0]
    return (
        _count("survey_invitations", _l("invitations"), invited),
        _count("survey_answers", _l("answers"), answered),
        _share("survey_answer_share_percent", _l("answered"), answered, invited),
    )
