"""Whole account numbers: who sees them, and that looking is noted (promises T54, T84)."""

from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.models import Viewing
from tests.make.payments import make_batch
from tests.payments.batch_pages import enter, path_of
from tests.visitor import Visitor

Db = scoped_session[Session]
IBAN = "BE68539007547034"
ORDERS, APPROVES = Role.FINANCE_INITIATOR, Role.FINANCE_APPROVER


def test_account_numbers_are_masked_until_finance_asks(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="proposed")
    enter(client, APPROVES)

    before = client.get(path_of(batch)).text
    shown = client.submit(path_of(batch), {}, to=f"{path_of(batch)}/reveal").text

    (viewing,) = session.scalars(select(Viewing)).all()
    assert IBAN not in before
    assert "BE•• •••• 7034" in before
    assert IBAN in shown
    assert (viewing.what, viewing.about_ref) == ("bank-account", batch.reference)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT_OFFICER, Role.ADMINISTRATOR])
def test_others_never_see_whole_account_numbers(session: Db, client: Visitor, role: Role) -> None:
    batch = make_batch(1, until="exported")
    enter(client, role)

    page = client.get(path_of(batch)).text

    assert IBAN not in page + client.get(f"{path_of(batch)}.csv").text
    assert f"{batch.reference}.xml" not in page
    assert client.get(f"{path_of(batch)}.xml").status_code == 403
    assert client.submit("/payments", {}, to=f"{path_of(batch)}/reveal").status_code == 403
    assert session.scalars(select(Viewing)).all() == []


def test_downloading_again_gives_the_same_bytes_and_is_noted(session: Db, client: Visitor) -> None:
    batch = make_batch(2, until="exported")
    enter(client, ORDERS)

    first, second = (client.get(f"{path_of(batch)}.xml") for _time in range(2))

    assert first.data == second.data
    assert sha256(first.data).hexdigest() == batch.file_sha256
    assert first.headers["Content-Disposition"] == f"attachment; filename={batch.reference}.xml"
    assert first.headers["Cache-Control"] == "no-store"
    assert len(session.scalars(select(Viewing)).all()) == 2


def test_a_file_that_is_not_made_does_not_exist(session: Db, client: Visitor) -> None:
    batch = make_batch(1, until="approved")
    enter(client, ORDERS)

    assert client.get(f"{path_of(batch)}.xml").status_code == 404
    assert client.get(f"{path_of(batch)}.pdf").status_code == 404
