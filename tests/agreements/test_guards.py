"""What the database itself refuses, whatever the code does."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, scoped_session

from mobility.agreements import services
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement
from tests.make.agreements import make_commitment, make_financial, sign_all, sign_slot

SIGN = """INSERT INTO signature (agreement_id, slot, user_id, name, position, sha256, address, signed_at)
    SELECT :agreement_id, :slot, (SELECT min(id) FROM "user"), 'Vera', '', :sha256, '', '2027-03-01'"""


@pytest.mark.parametrize(
    "change",
    [
        "content = jsonb_set(content, '{tasks}', '\"Nothing.\"')",
        "content = content - 'clauses'",
        "sha256 = repeat('0', 64)",
        "reference = 'CQ-2099-0001'",
        "revision = 9",
        "kind = 'financial'",
        "lump_sum_cents = 1",
        "exchange_id = exchange_id + 1",
        "drawn_up_at = drawn_up_at + interval '1 day'",
    ],
)
def test_the_text_of_an_agreement_is_frozen(session: scoped_session[Session], change: str) -> None:
    agreement = make_commitment()
    content, sha256 = agreement.content, agreement.sha256

    with pytest.raises(DBAPIError, match="frozen"), session.begin_nested():
        session.execute(text(f"UPDATE agreement SET {change}"))

    session.refresh(agreement)
    assert (agreement.content, agreement.sha256) == (content, sha256)


def test_an_agreement_is_never_deleted(session: scoped_session[Session]) -> None:
    make_commitment()

    with pytest.raises(DBAPIError, match="frozen"), session.begin_nested():
        session.execute(text("DELETE FROM agreement"))

    assert session.query(Agreement).count() == 1


def test_the_amount_of_a_financial_agreement_is_frozen(session: scoped_session[Session]) -> None:
    agreement = make_financial()

    with pytest.raises(DBAPIError, match="frozen"), session.begin_nested():
        session.execute(text("UPDATE agreement SET lump_sum_cents = 110000 WHERE kind = 'financial'"))

    session.refresh(agreement)
    assert agreement.lump_sum_cents == 78_000


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signature SET name = 'Somebody else'",
        "UPDATE signature SET slot = 'ho'",
        "DELETE FROM signature",
        "TRUNCATE signature",
    ],
)
def test_a_signature_is_never_changed_or_taken_away(session: scoped_session[Session], statement: str) -> None:
    agreement = make_commitment()
    person = sign_slot(agreement, Slot.VO)

    with pytest.raises(DBAPIError, match="never changed or deleted"), session.begin_nested():
        session.execute(text(statement))

    session.refresh(agreement)
    assert [(one.slot, one.name) for one in agreement.signatures] == [(Slot.VO, person.name)]


def test_a_signature_on_another_text_is_refused(session: scoped_session[Session]) -> None:
    agreement, person = make_commitment(), sign_slot(make_commitment(), Slot.VO)
    values = {"agreement_id": agreement.id, "slot": "vo", "sha256": "0" * 64}

    with pytest.raises(IntegrityError, match="fk_signature_text"), session.begin_nested():
        session.execute(text(SIGN), values)

    session.refresh(agreement)
    assert person is not None
    assert agreement.signatures == []


def test_a_slot_is_signed_once(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    sign_slot(agreement, Slot.VO)
    values = {"agreement_id": agreement.id, "slot": "vo", "sha256": agreement.sha256}

    with pytest.raises(IntegrityError, match="uq_signature"), session.begin_nested():
        session.execute(text(SIGN), values)

    session.refresh(agreement)
    assert len(agreement.signatures) == 1


@pytest.mark.parametrize("verb", ["signed", "void"])
def test_what_is_signed_by_all_or_void_takes_no_signature(
    session: scoped_session[Session], verb: str
) -> None:
    agreement = make_commitment()
    sign_all(agreement, but=(Slot.HOP,))
    if verb == "signed":
        sign_slot(agreement, Slot.HOP)
    else:
        services.amend(agreement.exchange, "Other goals.", actor=None)
    there = len(agreement.signatures)
    values = {"agreement_id": agreement.id, "slot": "hop", "sha256": agreement.sha256}

    with pytest.raises(DBAPIError, match="takes no signature"), session.begin_nested():
        session.execute(text(SIGN), values)

    session.refresh(agreement)
    assert len(agreement.signatures) == there


@pytest.mark.parametrize("slot", list(Slot))
def test_an_agreement_is_not_signed_while_a_slot_is_empty(
    session: scoped_session[Session], slot: Slot
) -> None:
    agreement = make_commitment()
    sign_all(agreement, but=(slot,))

    with pytest.raises(DBAPIError, match="a signature is missing"), session.begin_nested():
        session.execute(text("UPDATE agreement SET status = 'signed'"))

    session.refresh(agreement)
    assert agreement.status is AgreementStatus.SIGNING


def test_a_financial_agreement_needs_both_signatures(session: scoped_session[Session]) -> None:
    agreement = make_financial()
    sign_slot(agreement, Slot.VO)

    with pytest.raises(DBAPIError, match="a signature is missing"), session.begin_nested():
        session.execute(text("UPDATE agreement SET status = 'signed' WHERE kind = 'financial'"))

    session.refresh(agreement)
    assert agreement.status is AgreementStatus.SIGNING


def test_only_one_agreement_of_a_kind_is_in_force(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    again = """INSERT INTO agreement (reference, exchange_id, kind, revision, status, content, sha256, drawn_up_at,
        void_reason, version) SELECT reference, exchange_id, kind, 2, status, content, sha256, drawn_up_at, '', 1
        FROM agreement"""

    with pytest.raises(IntegrityError, match="uq_agreement_live"), session.begin_nested():
        session.execute(text(again))

    assert session.query(Agreement).filter_by(kind=AgreementKind.COMMITMENT).all() == [agreement]
