"""Makers of plans and agreements, through the real verbs."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.agreements import queries, services
from mobility.agreements.draft import AgendaDay, PlanDraft
from mobility.agreements.enums import SLOTS, AgreementKind, Slot
from mobility.agreements.models import Agreement, Plan
from mobility.agreements.rules import days_of
from mobility.calls.services import reserve
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from tests.make.accounts import make_user
from tests.make.exchanges import make_ended_exchange
from tests.make.hosts import PORTO
from tests.make.organisations import make_organisation


def monday_in(weeks: int) -> date:
    """A Monday some weeks from now."""
    today = clock.today()
    return today + timedelta(days=-today.weekday() % 7, weeks=weeks)


def make_agreed_exchange(*, first_day: date | None = None, days: int = 5, **changes: Any) -> Exchange:
    """A Belgian SME's stay in Portugal of one week, agreed by both sides and to be signed."""
    first_day = first_day or monday_in(8)
    usual: dict[str, Any] = {
        "host": make_organisation(**PORTO, account=None),
        "status": ExchangeStatus.AGREED,
        "first_day": first_day,
        "last_day": first_day + timedelta(days=days - 1),
        "working_days": days,
        "agreed_at": clock.utcnow(),
        "confirmed_at": None,
        "started_at": None,
        "ended_at": None,
    }
    exchange = make_ended_exchange(days=days, **(usual | changes))
    exchange.working_days = len(days_of(exchange))
    reserve(exchange.call, exchange.vop, exchange.lump_sum_cents)
    db.session.flush()
    return exchange


def plan_content(exchange: Exchange, **changes: Any) -> PlanDraft:
    """A whole plan for the working days of a stay; `changes` are fields of `PlanDraft`."""
    usual: dict[str, Any] = {
        "objectives_visitor": "Learn how blades are tested and agree on a joint test plan.",
        "objectives_host": "Show the test rig and find a partner for used blades.",
        "outcomes_visitor": "A test plan for the first two blades.",
        "outcomes_host": "A letter of intent on used blades.",
        "tasks": "The visitor brings drawings and samples. The host gives access to the rig.",
        "place": "Test centre, Rua do Ouro 1, Porto",
        "agenda": tuple(AgendaDay(day, f"Test rig, part {n}.") for n, day in enumerate(days_of(exchange), 1)),
    }
    return PlanDraft(**usual | changes)


def make_plan(exchange: Exchange | None = None, **changes: Any) -> Plan:
    """A plan ready to be drawn up."""
    exchange = exchange or make_agreed_exchange()
    plan = services.begin_plan(exchange, actor=None)
    services.revise_plan(plan, plan_content(exchange, **changes), actor=None)
    db.session.flush()
    return plan


def make_commitment(exchange: Exchange | None = None) -> Agreement:
    """A Commitment to Quality that waits for its four signatures."""
    agreement = services.draw_up(make_plan(exchange).exchange, actor=None)
    db.session.flush()
    return agreement


def signer(exchange: Exchange, slot: Slot) -> User:
    """Who may sign in this slot of the exchange: the person named, or a new officer."""
    if slot is Slot.VO:
        return _person(Role.APPLICANT, exchange.application.person_email)
    if slot is Slot.HO:
        return _person(Role.HOST, exchange.offer.contact_email)
    partnership = exchange.vop if slot is Slot.VOP else exchange.hop
    return make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)


def sign_all(agreement: Agreement, *, but: tuple[Slot, ...] = ()) -> None:
    """Sign every empty slot, each by a person of its own."""
    signed = {signature.slot for signature in agreement.signatures}
    for slot in SLOTS[agreement.kind]:
        if slot not in signed | set(but):
            sign_slot(agreement, slot)


def sign_slot(agreement: Agreement, slot: Slot, person: User | None = None) -> User:
    """Sign one slot; who did."""
    person = person or signer(agreement.exchange, slot)
    services.sign(agreement, slot, sha256=agreement.sha256, name=person.name, actor=person)
    db.session.flush()
    return person


def make_financial(exchange: Exchange | None = None) -> Agreement:
    """The financial agreement that follows a signed Commitment to Quality."""
    commitment = make_commitment(exchange)
    sign_all(commitment)
    found = queries.in_force(commitment.exchange, AgreementKind.FINANCIAL)
    assert found is not None
    return found


def _person(role: Role, email: str) -> User:
    found = db.session.scalar(select(User).where(User.email == email))
    return found or make_user(role, email=email)
