"""Two people, one batch: approvals, files and budgets under parallel requests (promises T51, T55, T57)."""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError

from mobility.accounts.enums import Role
from mobility.admin.invariants import broken
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.models import Exchange
from mobility.payments import queries, services
from mobility.payments.content import content_of
from mobility.payments.enums import BatchStatus, PaymentStatus
from mobility.payments.models import Batch, PaymentOrder
from mobility.payments.sepa import sepa_file
from tests.make.accounts import sign_in
from tests.make.calls import make_allotment, make_call
from tests.make.exchanges import make_ended_exchange
from tests.make.partnerships import make_partnership
from tests.make.payments import (
    make_accepted_report,
    make_batch,
    make_finance,
    make_finance_user,
    make_signed_agreement,
)
from tests.visitor import Visitor

# `make chaos` asks for all of them.
REPETITIONS = int(os.environ.get("REPETITIONS", "10"))
CLICKS = 20
ORDERS, FIT, POOL = 50, 10, 8


@pytest.fixture
def wide_app(live_app: Flask, own_database: str) -> Iterator[Flask]:
    """An app with connections enough for all clicks."""
    engine = create_engine(own_database, pool_size=3 * CLICKS, pool_timeout=60)
    with live_app.app_context():
        db.engines[None].dispose()
        db.engines[None] = engine  # type: ignore[index]
    yield live_app
    engine.dispose()


def at_once(acts: list[Callable[[], str]]) -> list[str]:
    """Do all at the same moment; what each answers."""
    together = Barrier(len(acts))

    def act(one: Callable[[], str]) -> str:
        together.wait(timeout=60)
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def page_fields(client: Visitor, path: str) -> dict[str, str]:
    """The hidden fields of the form on a page that posts to approve or export."""
    page = client.get(path).text
    names = ("csrf_token", "once", "version", "sha256")
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) for name in names}
    return {name: match[1] for name, match in found.items() if match}


def test_of_two_officers_who_approve_at_once_one_succeeds(live_app: Flask) -> None:
    with live_app.app_context():
        people = make_finance()
        second = make_finance_user(Role.FINANCE_APPROVER)
        references = [make_batch(1, people=people, until="proposed").reference for _ in range(REPETITIONS)]
        db.session.commit()
        names = {people.approver.name, second.name}
        clients = []
        for user in (people.approver, second):
            client = Visitor(live_app, use_cookies=True)
            sign_in(client, user)
            clients.append(client)

    answers: Counter[tuple[str, ...]] = Counter()
    for reference in references:
        path = f"/payments/batches/{reference}"
        fields = [page_fields(client, path) | {"seen": "y"} for client in clients]

        def approve(number: int, path: str = path, fields: list[dict[str, str]] = fields) -> str:
            answer = clients[number].post(f"{path}/approve", data=fields[number])
            says_who = any(name in answer.text for name in names)
            return f"{answer.status_code}" + (" and who" if answer.status_code == 409 and says_who else "")

        answers[tuple(sorted(at_once([lambda: approve(0), lambda: approve(1)])))] += 1

    print(f"T51: {REPETITIONS} batches, two approvals each: {dict(answers)}")
    assert answers == {("302", "409 and who"): REPETITIONS}
    with live_app.app_context():
        assert broken() == {}


def test_the_control_without_the_conditional_update_approves_twice(live_app: Flask) -> None:
    with live_app.app_context():
        batch_id = make_batch(1, until="proposed").id
        approvers = [make_finance_user(Role.FINANCE_APPROVER).id for _ in range(2)]
        db.session.execute(text("DROP TRIGGER batch_frozen ON batch"))
        db.session.commit()

    def careless(approver: int) -> str:
        with live_app.app_context():
            status = db.session.scalar(select(Batch.status).where(Batch.id == batch_id))
            db.session.execute(text("SELECT pg_sleep(0.2)"))
            if status is not BatchStatus.PROPOSED:
                return "refused"
            db.session.execute(
                update(Batch)
                .where(Batch.id == batch_id)
                .values(status=BatchStatus.APPROVED, approved_by_id=approver)
            )
            db.session.commit()
            return "approved"

    answers = at_once([lambda: careless(approvers[0]), lambda: careless(approvers[1])])

    print(f"T51 control: {Counter(answers)}")
    assert answers == ["approved", "approved"]


def test_twenty_clicks_make_one_file(wide_app: Flask) -> None:
    with wide_app.app_context():
        people = make_finance()
        reference = make_batch(3, people=people, until="approved").reference
        db.session.commit()
        uniquifiers = [people.initiator, people.approver]
        clients = [Visitor(wide_app, use_cookies=True) for _ in range(CLICKS)]
        for number, client in enumerate(clients):
            sign_in(client, uniquifiers[number % 2])
    path = f"/payments/batches/{reference}"
    fields = [page_fields(client, path) for client in clients]

    def click(number: int) -> str:
        client = clients[number]
        answer = client.post(f"{path}/export", data=fields[number])
        return f"{answer.status_code} {sha256(client.get(f'{path}.xml').data).hexdigest()}"

    answers = at_once([lambda number=number: click(number) for number in range(CLICKS)])  # type: ignore[misc]

    with wide_app.app_context():
        batch = db.session.scalars(select(Batch)).one()
        exported = db.session.scalar(text("SELECT count(*) FROM entry WHERE verb = 'batch.exported'"))
        viewings = db.session.scalar(text("SELECT count(*) FROM viewing"))
        assert batch.file is not None
        ids = re.findall(rb"<MsgId>(.*?)</MsgId>", batch.file)
        print(f"T55: {CLICKS} clicks: {len(set(answers))} answers, {exported} exports, message ids {ids}")
        assert set(answers) == {f"302 {batch.file_sha256}"}
        assert (ids, exported, viewings) == ([reference.encode()], 1, CLICKS)
        assert broken() == {}


def test_the_control_without_lock_makes_more_than_one_file(live_app: Flask) -> None:
    with live_app.app_context():
        batch_id = make_batch(1, until="approved").id
        db.session.execute(text("DROP TRIGGER batch_frozen ON batch"))
        db.session.commit()

    def careless() -> str:
        with live_app.app_context():
            batch = db.session.get_one(Batch, batch_id)
            if batch.file is not None:
                return sha256(batch.file).hexdigest()
            file = sepa_file(content_of(batch), clock.utcnow())
            db.session.execute(text("SELECT pg_sleep(1.1 * random())"))
            db.session.execute(
                update(Batch)
                .where(Batch.id == batch_id)
                .values(file=file.replace(b"<NbOfTxs>", f"<!-- {id(file)} --><NbOfTxs>".encode()))
            )
            db.session.commit()
            return f"made {id(file)}"

    answers = at_once([careless] * 5)

    made = [answer for answer in answers if answer.startswith("made")]
    print(f"T55 control: {len(made)} files made")
    assert len(made) > 1


@pytest.fixture
def exchange_ids(live_app: Flask) -> list[int]:
    """Fifty payable exchanges of one partnership, whose promised money is enough for ten."""
    with live_app.app_context():
        call, vop, hop = make_call(), make_partnership(), make_partnership()
        allotment = make_allotment(call, vop, budget_cents=FIT * 78_000)
        allotment.committed_cents = FIT * 78_000
        exchanges = [make_ended_exchange(call=call, vop=vop, hop=hop) for _ in range(ORDERS)]
        for exchange in exchanges:
            make_signed_agreement(exchange)
            make_accepted_report(exchange)
        db.session.commit()
        return [exchange.id for exchange in exchanges]


def race(app: Flask, create: Callable[[int], None], exchange_ids: list[int]) -> tuple[int, int]:
    """Order all, always several at once; how many worked, and what they come to."""
    together = Barrier(POOL)

    def attempt(numbered: tuple[int, int]) -> bool:
        number, exchange_id = numbered
        if number < POOL:
            together.wait()
        with app.app_context():
            try:
                create(exchange_id)
            except RuleBroken:
                return False
            return True

    with ThreadPoolExecutor(POOL) as pool:
        worked = sum(pool.map(attempt, enumerate(exchange_ids)))
    with app.app_context():
        return worked, int(db.session.scalar(select(func.sum(PaymentOrder.amount_cents))) or 0)


def test_of_fifty_orders_over_a_budget_for_ten_ten_stand(live_app: Flask, exchange_ids: list[int]) -> None:
    def order(exchange_id: int) -> None:
        services.order(db.session.get_one(Exchange, exchange_id))
        db.session.commit()

    worked, cents = race(live_app, order, exchange_ids)

    print(f"T57: {ORDERS} orders over a budget for {FIT}: {worked} stand, {cents} cents")
    assert (worked, cents) == (FIT, FIT * 78_000)


def look_then_insert(exchange_id: int) -> None:
    """What a careless verb would do: look at the sum first, and nothing says no."""
    exchange = db.session.get_one(Exchange, exchange_id)
    if queries.live_cents(exchange) + exchange.lump_sum_cents > FIT * 78_000:
        raise RuleBroken("over-budget")
    db.session.execute(text("SELECT pg_sleep(0.05)"))
    row = insert(PaymentOrder).values(
        reference=f"PO-{exchange_id}",
        exchange_id=exchange.id,
        call_id=exchange.call_id,
        partnership_id=exchange.vop_id,
        instalment=1,
        status=PaymentStatus.DUE,
        amount_cents=exchange.lump_sum_cents,
        trace=exchange.trace,
        rules_version=exchange.rules_version,
        due_on=clock.today(),
        ordered_at=clock.utcnow(),
        bank_reference="",
        reason="",
        version=1,
    )
    db.session.execute(row)
    db.session.commit()


def test_the_trigger_alone_keeps_the_budget(live_app: Flask, exchange_ids: list[int]) -> None:
    def careless(exchange_id: int) -> None:
        try:
            look_then_insert(exchange_id)
        except DatabaseError as error:
            db.session.rollback()
            raise RuleBroken("over-budget") from error

    assert race(live_app, careless, exchange_ids) == (FIT, FIT * 78_000)


def test_the_control_without_lock_and_trigger_exceeds_the_budget(
    live_app: Flask, exchange_ids: list[int]
) -> None:
    with live_app.app_context():
        db.session.execute(text("DROP TRIGGER payment_committed ON payment_order"))
        db.session.commit()

    worked, cents = race(live_app, look_then_insert, exchange_ids)

    print(f"T57 control: {worked} stand, {cents} cents")
    assert worked > FIT
