"""Two people at once: the last two signatures, the same slot, the same plan."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from mobility.accounts.models import User
from mobility.agreements import queries, services
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement, Signature
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from tests.make.agreements import (
    make_commitment,
    make_financial,
    make_plan,
    plan_content,
    sign_all,
    signer,
)

TIMES = 5
PATIENCE_S = 0.4

Act = Callable[[], object]


def at_once(app: Flask, *acts: Act) -> list[str]:
    """Do all in threads, each in a transaction of its own that ends only when all have acted, or after a while."""
    acted = Barrier(len(acts))

    def run(act: Act) -> str:
        with app.app_context():
            try:
                act()
                db.session.flush()
                # Who waits for a lock never gets here; the others go on without.
                with suppress(BrokenBarrierError):
                    acted.wait(PATIENCE_S)
                db.session.commit()
            except RuleBroken as refused:
                return refused.code
            except IntegrityError:
                return "refused-by-the-database"
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def sign(agreement_id: int, slot: Slot, user_id: int) -> Act:
    def act() -> None:
        agreement = db.session.get_one(Agreement, agreement_id)
        person = db.session.get_one(User, user_id)
        services.sign(agreement, slot, sha256=agreement.sha256, name=person.name, actor=person)

    return act


def nearly_signed(app: Flask, kind: AgreementKind) -> tuple[int, list[Act]]:
    """An agreement that lacks two signatures, and the two that are about to be given."""
    last = (Slot.VOP, Slot.HOP) if kind is AgreementKind.COMMITMENT else (Slot.VO, Slot.VOP)
    with app.app_context():
        agreement = make_commitment() if kind is AgreementKind.COMMITMENT else make_financial()
        sign_all(agreement, but=last)
        people = [(slot, signer(agreement.exchange, slot).id) for slot in last]
        db.session.commit()
        return agreement.id, [sign(agreement.id, slot, user_id) for slot, user_id in people]


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The verbs without the lock that makes the second wait."""
    monkeypatch.setattr(services, "_hold", lambda _exchange: None)


def test_two_last_signatures_on_the_commitment_make_one_financial_agreement(live_app: Flask) -> None:
    signed = drawn_up = 0
    for _ in range(TIMES):
        agreement_id, acts = nearly_signed(live_app, AgreementKind.COMMITMENT)

        assert at_once(live_app, *acts) == ["done", "done"]

        with live_app.app_context():
            agreement = db.session.get_one(Agreement, agreement_id)
            signed += agreement.status is AgreementStatus.SIGNED
            of_it = Agreement.exchange_id == agreement.exchange_id
            drawn_up += db.session.query(Agreement).filter(of_it, Agreement.kind == "financial").count()
    assert (signed, drawn_up) == (TIMES, TIMES)


def test_two_last_signatures_on_the_money_confirm_the_exchange_once(live_app: Flask) -> None:
    agreement_id, acts = nearly_signed(live_app, AgreementKind.FINANCIAL)

    assert at_once(live_app, *acts) == ["done", "done"]

    with live_app.app_context():
        agreement = db.session.get_one(Agreement, agreement_id)
        confirmed = text("SELECT count(*) FROM entry WHERE verb = 'exchange.confirmed'")
        assert agreement.status is AgreementStatus.SIGNED
        assert agreement.exchange.status is ExchangeStatus.CONFIRMED
        assert db.session.scalar(confirmed) == 1


def test_the_control_without_the_lock_leaves_four_signatures_that_nobody_counted(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement_id, acts = nearly_signed(live_app, AgreementKind.COMMITMENT)
    unguarded(monkeypatch)

    at_once(live_app, *acts)

    with live_app.app_context():
        agreement = db.session.get_one(Agreement, agreement_id)
        assert len(agreement.signatures) == 4
        assert agreement.status is AgreementStatus.SIGNING
        assert queries.in_force(agreement.exchange, AgreementKind.FINANCIAL) is None


def test_two_officers_sign_the_same_slot_once(live_app: Flask) -> None:
    with live_app.app_context():
        agreement = make_commitment()
        people = [signer(agreement.exchange, Slot.VOP).id for _ in range(2)]
        db.session.commit()
        acts = [sign(agreement.id, Slot.VOP, user_id) for user_id in people]

    assert at_once(live_app, *acts) == ["already-signed", "done"]

    with live_app.app_context():
        assert db.session.scalar(select(func.count(Signature.id))) == 1


def test_the_control_of_the_same_slot_is_stopped_by_the_index_alone(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_app.app_context():
        agreement = make_commitment()
        people = [signer(agreement.exchange, Slot.VOP).id for _ in range(2)]
        db.session.execute(text("DROP INDEX uq_signature"))
        db.session.commit()
        acts = [sign(agreement.id, Slot.VOP, user_id) for user_id in people]
    unguarded(monkeypatch)

    assert at_once(live_app, *acts) == ["done", "done"]

    with live_app.app_context():
        assert db.session.scalar(select(func.count(Signature.id))) == 2


def draw_up(exchange_id: int) -> Act:
    return lambda: services.draw_up(db.session.get_one(Exchange, exchange_id), actor=None)


def test_four_who_draw_up_at_once_make_one_agreement(live_app: Flask) -> None:
    with live_app.app_context():
        exchange_id = make_plan().exchange_id
        db.session.commit()

    answers = at_once(live_app, *[draw_up(exchange_id) for _ in range(4)])

    assert answers == [*["already-drawn-up"] * 3, "done"]


def test_the_control_of_drawing_up_makes_more_than_one(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live_app.app_context():
        exchange_id = make_plan().exchange_id
        for index in ("uq_agreement_live", "uq_agreement_revision"):
            db.session.execute(text(f"DROP INDEX {index}"))
        db.session.commit()
    unguarded(monkeypatch)

    answers = at_once(live_app, *[draw_up(exchange_id) for _ in range(4)])

    assert answers.count("done") > 1


def test_a_signature_and_a_change_of_the_plan_at_once_leave_no_signed_old_text(live_app: Flask) -> None:
    with live_app.app_context():
        agreement = make_commitment()
        sign_all(agreement, but=(Slot.HOP,))
        person = signer(agreement.exchange, Slot.HOP)
        plan = services.plan_of(agreement.exchange)
        assert plan is not None
        other = plan_content(agreement.exchange, place="Braga")
        db.session.commit()
        agreement_id, exchange_id, last = agreement.id, agreement.exchange_id, person.id

    def revise() -> None:
        written = services.plan_of(db.session.get_one(Exchange, exchange_id))
        assert written is not None
        services.revise_plan(written, other, actor=None)

    answers = at_once(live_app, sign(agreement_id, Slot.HOP, last), revise)

    with live_app.app_context():
        exchange = db.session.get_one(Exchange, exchange_id)
        assert answers in (["done", "done"], ["done", "wrong-state"])
        assert db.session.get_one(Agreement, agreement_id).status is AgreementStatus.VOID
        assert queries.all_in_force(exchange) == []


def test_a_text_is_frozen_as_the_plan_stands_and_not_as_it_was_read(live_app: Flask) -> None:
    with live_app.app_context():
        exchange = make_plan().exchange
        other = plan_content(exchange, place="Braga")
        exchange_id = exchange.id
        db.session.commit()

    with live_app.app_context():
        exchange = db.session.get_one(Exchange, exchange_id)
        read_before = services.plan_of(exchange)
        with ThreadPoolExecutor(1) as pool:

            def revise() -> None:
                with live_app.app_context():
                    written = services.plan_of(db.session.get_one(Exchange, exchange_id))
                    assert written is not None
                    services.revise_plan(written, other, actor=None)
                    db.session.commit()

            pool.submit(revise).result()
        agreement = services.draw_up(exchange, actor=None)

        assert read_before is not None
        assert agreement.content["stay"]["place"] == "Braga"
