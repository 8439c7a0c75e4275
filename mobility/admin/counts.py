"""How much waits for a member of staff, kind by kind, in one statement."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    and_,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from mobility.accounts.models import RoleGrant, User
from mobility.accounts.queries import waits_for_approval
from mobility.agreements.enums import Slot
from mobility.agreements.models import Agreement
from mobility.agreements.queries import fills, lacks
from mobility.applications import queries as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, ChangeRequest
from mobility.audit.models import Entry
from mobility.audit.queries import is_waiting
from mobility.catalogue.enums import PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.core import clock
from mobility.core.access import Permission, Scope, within
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.exchanges.queries import in_scope
from mobility.hosts import queries as hosts
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, PaymentOrder
from mobility.reporting import queries as reports
from mobility.reporting.enums import ReportStatus
from mobility.reporting.models import ClosingReport
from mobility.reviews.queries import waiting_for
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.models import Round, Run

# A stay without its agreements this many days before it begins is told.
SOON_DAYS = 14
# Counting further would grow with the table, and nobody wants the number.
MOST = 1000
NO_DAY = cast(null(), Date).label("day")
# Statements whose only column is the day by which each row is wanted, if there is one.
Rows = Iterator[tuple[str, Select[Any]]]


def counts(user: User) -> dict[str, tuple[int, date | None]]:
    """Kind of work → how much of it waits for somebody and the nearest day; what does not wait is left out."""
    parts = (_intake, _pairs, _rounds, _stays, _reports, _orders, _batches, _house)
    kinds = [_count(key, rows) for part in parts for key, rows in part(user)]
    found = db.session.execute(union_all(*kinds))
    return {key: (number, day) for key, number, day in found if number}


def _count(key: str, rows: Select[Any]) -> Select[str, int, Any]:
    listed = rows.subquery()
    return select(literal(key), func.count(), func.min(listed.c.day)).select_from(listed)


def _intake(user: User) -> Rows:
    theirs = applications.in_scope(user, Permission.APPLICATIONS_ASSESS)
    submitted = and_(Application.status == ApplicationStatus.SUBMITTED, Application.held.is_(None))
    yield "applications", select(NO_DAY).select_from(Application).where(submitted, theirs).limit(MOST)
    late = select(ChangeRequest.answer_by.label("day")).join(ChangeRequest.application)
    late = late.where(ChangeRequest.ended_at.is_(None), ChangeRequest.answer_by < clock.today(), theirs)
    yield "changes_late", late.limit(MOST)
    excepted = select(NO_DAY).select_from(Application).where(applications.waits_for_exception(user))
    yield "exceptions", excepted.limit(MOST)
    yield "reviews", waiting_for(user).with_only_columns(NO_DAY)
    told_by = within(user.scopes(Permission.DECISIONS_RELEASE), null(), Application.call_id)
    yield "decisions", select(NO_DAY).select_from(Application).where(Application.held.is_not(None), told_by)
    offered = hosts.in_scope(user, Permission.OFFERS_ASSESS)
    offers = select(NO_DAY).select_from(Offer).where(Offer.status == OfferStatus.SUBMITTED, offered)
    yield "offers", offers.limit(MOST)
    excepted_offers = select(NO_DAY).select_from(Offer).where(hosts.waits_for_exception(user))
    yield "offer_exceptions", excepted_offers.limit(MOST)


def _pairs(user: User) -> Rows:
    scopes = user.scopes(Permission.PAIRS_VALIDATE)
    visitors = within(scopes, Application.partnership_id, Application.call_id)
    hosting = within(scopes, Offer.partnership_id, Offer.call_id)
    lacking = or_(
        and_(visitors, AgreedPair.vop_validated_at.is_(None)),
        and_(hosting, AgreedPair.hop_validated_at.is_(None)),
    )
    rows = select(AgreedPair.first_day.label("day")).join(AgreedPair.application).join(AgreedPair.offer)
    yield "pairs", rows.where(AgreedPair.status == PairStatus.CONFIRMED, lacking)


def _rounds(user: User) -> Rows:
    # A round is of all partnerships: a scope in one of them does not reach it.
    theirs = within(user.scopes(Permission.ROUNDS_RUN), null(), Round.call_id)
    rounds = select(NO_DAY).select_from(Round).where(theirs)
    yield "rounds_open", rounds.where(Round.status == RoundStatus.OPEN)
    yield "rounds_frozen", rounds.where(Round.status == RoundStatus.FROZEN)
    of_problem = Run.inputs_sha256 == Round.inputs_sha256
    solved = rounds.join(Run, and_(Run.round_id == Round.id, of_problem))
    yield "runs", solved.where(Round.status == RoundStatus.FROZEN, Run.status == RunStatus.SOLVED)


def _stays(user: User) -> Rows:
    agreed = Exchange.status == ExchangeStatus.AGREED
    mine = or_(*(and_(lacks(slot), fills(user, slot)) for slot in (Slot.VOP, Slot.HOP)))
    rows = select(Exchange.first_day.label("day"))
    yield "signatures", rows.join(Agreement, Agreement.exchange_id == Exchange.id).where(agreed, mine)
    theirs = in_scope(user, Permission.EXCHANGES_RUN, Exchange.vop_id, Exchange.hop_id, Exchange.call_id)
    soon = Exchange.first_day <= clock.today() + timedelta(days=SOON_DAYS)
    yield "unsigned", rows.where(agreed, soon, theirs)


def _reports(user: User) -> Rows:
    theirs = reports.in_scope(user, Permission.REPORTS_VALIDATE)
    filed = select(NO_DAY).select_from(ClosingReport).join(ClosingReport.exchange)
    yield "reports", filed.where(ClosingReport.status == ReportStatus.FILED, theirs)
    late = select(reports.DEADLINE.label("day")).select_from(ClosingReport).join(ClosingReport.exchange)
    yield "reports_late", late.where(reports.is_overdue(clock.today()), theirs)


def _orders(user: User) -> Rows:
    scopes = user.scopes(Permission.PAYMENTS_INITIATE)
    rows = select(PaymentOrder.due_on.label("day"))
    rows = rows.where(within(scopes, PaymentOrder.partnership_id, PaymentOrder.call_id))
    yield "orders", rows.where(PaymentOrder.status == PaymentStatus.DUE)
    yield "orders_held", rows.where(PaymentOrder.status == PaymentStatus.HELD)


def _batches(user: User) -> Rows:
    rows = select(Batch.execution_on.label("day"))
    initiates, approves = _pays(user, Permission.PAYMENTS_INITIATE), _pays(user, Permission.PAYMENTS_APPROVE)
    others = and_(Batch.proposed_by_id != user.id, Batch.drawn_up_by_id.is_distinct_from(user.id))
    settling = rows.where(or_(initiates, approves))
    yield "batches_drawn_up", rows.where(Batch.status == BatchStatus.DRAWN_UP, initiates)
    yield "batches_proposed", rows.where(Batch.status == BatchStatus.PROPOSED, approves, others)
    yield "batches_approved", settling.where(Batch.status == BatchStatus.APPROVED)
    yield "batches_exported", settling.where(Batch.status == BatchStatus.EXPORTED)


def _pays(user: User, permission: Permission) -> ColumnElement[bool]:
    return within(user.scopes(permission), Batch.partnership_id, Batch.call_id)


def _house(user: User) -> Rows:
    approves = () if user.may(Permission.ROLES_GRANT) else (false(),)
    # Whoever granted a role, or would hold it, does not approve it.
    others = and_(RoleGrant.granted_by_id.is_distinct_from(user.id), RoleGrant.user_id != user.id)
    grants = select(NO_DAY).select_from(RoleGrant).where(others, *approves)
    yield "grants", grants.where(waits_for_approval())
    audits = () if Scope() in user.scopes(Permission.AUDIT_READ) else (false(),)
    yield "unsealed", select(NO_DAY).select_from(Entry).where(is_waiting(), *audits).limit(MOST)
