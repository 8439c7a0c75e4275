"""The account that a partnership pays from."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.audit.queries import entries_about
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.services import set_account
from tests.make.accounts import make_user, sign_in
from tests.make.partnerships import make_partnership
from tests.visitor import Visitor

Db = scoped_session[Session]
FIRST = AccountDraft("Green", "BE68 5390 0754 7034")
SECOND = AccountDraft("Green", "BE71 0961 2345 6769", "KREDBEBB")
TYPED = {"holder": "Green", "iban": "BE71 0961 2345 6769", "bic": ""}


def test_an_account_is_kept_encrypted_and_written_down(session: Db) -> None:
    partnership = make_partnership()

    assert set_account(partnership, FIRST, actor=None)
    assert not set_account(partnership, FIRST, actor=None)

    session.flush()
    stored = session.execute(text("SELECT iban FROM partnership")).scalar_one()
    assert partnership.iban == "BE68539007547034"
    assert "BE68539007547034" not in stored
    assert entries_about(partnership)[-1].values == {"iban_end": "7034"}
    assert session.scalars(select(Letter)).all() == []


def test_the_office_is_told_of_the_old_and_the_new_account(session: Db) -> None:
    partnership = make_partnership()
    set_account(partnership, FIRST, actor=None)

    set_account(partnership, SECOND, actor=None)
    set_account(partnership, FIRST, actor=None)

    first, second = session.scalars(select(Letter).order_by(Letter.id)).all()
    assert first.to_email == second.to_email == partnership.email
    assert "BE•• •••• 7034" in first.body
    assert "BE•• •••• 6769" in first.body
    assert "BE71096123456769" not in first.body


@pytest.mark.parametrize(
    ("account", "code"),
    [
        (AccountDraft("", "BE68 5390 0754 7034"), "no-holder"),
        (AccountDraft("Green", "BE69 5390 0754 7034"), "bad-iban"),
        (AccountDraft("Green", "BE68 5390 0754 7034", "X"), "bad-bic"),
    ],
)
def test_a_wrong_account_is_refused(session: Db, account: AccountDraft, code: str) -> None:
    partnership = make_partnership()

    with pytest.raises(RuleBroken, match=code):
        set_account(partnership, account, actor=None)

    assert partnership.iban is None


def test_finance_changes_the_account_on_its_page(session: Db, client: Visitor) -> None:
    partnership = make_partnership()
    set_account(partnership, FIRST, actor=None)
    user = make_user(Role.FINANCE_INITIATOR, partnership=partnership)
    session.commit()
    sign_in(client, user)
    path = f"/partnerships/{partnership.code}/account"

    page = client.get(path).text
    answer = client.submit(path, TYPED | {"version": str(partnership.version)})

    session.expire_all()
    assert "BE•• •••• 7034" in page
    assert "539007547034" not in page
    assert (answer.status_code, partnership.iban) == (302, "BE71096123456769")


@pytest.mark.parametrize(
    ("change", "status"),
    [({"iban": "BE00"}, 422), ({"holder": ""}, 422), ({"bic": "X"}, 422), ({"version": "99"}, 409)],
)
def test_what_is_wrong_on_the_page_changes_nothing(
    session: Db, client: Visitor, change: dict[str, str], status: int
) -> None:
    partnership = make_partnership()
    user = make_user(Role.FINANCE_INITIATOR)
    session.commit()
    sign_in(client, user)

    fields = TYPED | {"version": str(partnership.version)} | change
    answer = client.submit(f"/partnerships/{partnership.code}/account", fields)

    session.expire_all()
    assert (answer.status_code, partnership.iban) == (status, None)


def test_all_that_is_wrong_with_a_paying_account_is_told_at_once(session: Db, client: Visitor) -> None:
    partnership = make_partnership()
    user = make_user(Role.FINANCE_INITIATOR)
    session.commit()
    sign_in(client, user)

    wrong = {"holder": "", "iban": "BE00", "bic": "X", "version": str(partnership.version)}
    answer = client.submit(f"/partnerships/{partnership.code}/account", wrong)

    for words in ("Fill in this answer.", "This is not an IBAN", "This is not a BIC"):
        assert words in answer.text


def test_another_partnerships_account_does_not_exist(session: Db, client: Visitor) -> None:
    partnership = make_partnership()
    user = make_user(Role.FINANCE_INITIATOR, partnership=make_partnership())
    session.commit()
    sign_in(client, user)

    assert client.get(f"/partnerships/{partnership.code}/account").status_code == 404


@pytest.mark.parametrize(
    "role", [Role.FINANCE_APPROVER, Role.SUPPORT_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR, Role.APPLICANT]
)
def test_only_who_initiates_payments_changes_the_account(session: Db, client: Visitor, role: Role) -> None:
    partnership = make_partnership()
    user = make_user(role)
    session.commit()
    sign_in(client, user)

    assert client.get(f"/partnerships/{partnership.code}/account").status_code == 403


def test_the_password_is_asked_again_after_ten_minutes(session: Db, client: Visitor) -> None:
    partnership = make_partnership()
    user = make_user(Role.FINANCE_INITIATOR)
    session.commit()
    sign_in(client, user)
    with client.session_transaction() as stored:
        stored["fs_paa"] = stored["fs_paa"] - 11 * 60

    assert client.get(f"/partnerships/{partnership.code}/account").status_code == 303
