"""Organisations and their bank accounts."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.audit.models import Entry
from mobility.core.errors import RuleBroken
from mobility.organisations.models import Organisation
from mobility.organisations.queries import own_organisation
from mobility.organisations.services import (
    assign,
    change_account,
    draft_of,
    update,
)
from mobility.partnerships.bank import AccountDraft, checked_account
from tests.make.accounts import make_user
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

Db = scoped_session[Session]


def test_a_name_is_kept_folded_for_search_too(session: Db) -> None:
    assert make_organisation(name="Żółta Łódka Sp. z o.o.").name_folded == "zolta lodka sp z o o"


def test_a_registration_number_is_given_once_in_a_country(session: Db) -> None:
    make_organisation(registration="1")

    with pytest.raises(RuleBroken, match="registered-already"):
        make_organisation(registration="1")

    assert session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_the_same_number_in_another_country_is_another_organisation(session: Db) -> None:
    make_organisation(registration="1")

    assert make_organisation(registration="1", country="NL").id


def test_a_member_acts_for_the_organisation(session: Db) -> None:
    user = make_user()
    organisation = make_organisation(member=user)

    assert own_organisation(user) is organisation
    assert own_organisation(make_user()) is None


def test_an_update_names_what_changed_in_the_log(session: Db) -> None:
    organisation = make_organisation()

    update(organisation, replace(draft_of(organisation), town="Namur", staff=13), actor=None)

    entry = session.scalars(select(Entry).where(Entry.verb == "organisation.updated")).one()
    assert entry.values == {"changed": ["town", "staff"]}
    assert organisation.town == "Namur"


def test_an_update_from_an_old_page_is_refused(session: Db) -> None:
    organisation = make_organisation()

    with pytest.raises(RuleBroken, match="stale"):
        update(organisation, replace(draft_of(organisation), town="Namur"), actor=None, version=7)

    assert organisation.town == "Ghent"


def test_an_update_to_the_number_of_another_is_refused(session: Db) -> None:
    make_organisation(registration="1")
    organisation = make_organisation(registration="2")

    with pytest.raises(RuleBroken, match="registered-already"):
        update(organisation, replace(draft_of(organisation), registration="1"), actor=None)

    assert organisation.registration == "2"


def test_a_cluster_is_assigned_to_its_partnership_once(session: Db) -> None:
    organisation, partnership = make_organisation(), make_partnership()

    assert assign(organisation, partnership, actor=None)
    assert not assign(organisation, partnership, actor=None)


def test_an_iban_is_kept_compact_and_encrypted(session: Db) -> None:
    organisation = make_organisation(account=AccountDraft("Solarwerk", "be68 5390 0754 7034"))

    stored = session.execute(text("SELECT iban FROM organisation")).scalar_one()
    assert organisation.iban == "BE68539007547034"
    assert "539007547034" not in stored


def test_the_log_of_a_change_of_account_keeps_no_account_number(session: Db) -> None:
    make_organisation()

    entry = session.scalars(select(Entry).where(Entry.verb == "organisation.account-changed")).one()
    assert entry.values == {"iban_end": "7034"}


@pytest.mark.parametrize(
    "iban",
    [
        "BE69 5390 0754 7034",
        "BE68 5390 0754 703",
        "BE68 5390 0754 7034 0",
        "XX00",
        "BE68 5390 0754 703X",
        "",
        "PT",
    ],
)
def test_a_wrong_iban_is_refused_and_the_old_one_stays(session: Db, iban: str) -> None:
    organisation = make_organisation()

    with pytest.raises(RuleBroken, match="bad-iban"):
        change_account(organisation, AccountDraft("Solarwerk", iban), actor=None)

    assert organisation.iban == "BE68539007547034"


def test_an_account_needs_a_holder() -> None:
    with pytest.raises(RuleBroken, match="no-holder"):
        checked_account(AccountDraft("", "BE68539007547034"))


def test_a_wrong_bic_is_refused() -> None:
    with pytest.raises(RuleBroken, match="bad-bic"):
        checked_account(AccountDraft("Solarwerk", "BE68539007547034", "GKCC"))


def test_the_same_account_again_is_no_change(session: Db) -> None:
    organisation = make_organisation()

    assert not change_account(organisation, AccountDraft("Solarwerk", "BE68539007547034"), actor=None)
