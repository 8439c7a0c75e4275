"""Makers of organisations."""

from dataclasses import replace
from itertools import count
from typing import Any

from mobility.accounts.models import User
from mobility.core.db import db
from mobility.organisations.enums import OrganisationType
from mobility.organisations.models import Organisation
from mobility.organisations.services import OrganisationDraft, change_account, join, register
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.models import Partnership

_numbers = count(1)
# The example IBAN of the Belgian standard.
ACCOUNT = AccountDraft("Solarwerk", "BE68 5390 0754 7034", "")
SOLARWERK = OrganisationDraft(
    registration="",
    name="Solarwerk",
    type=OrganisationType.SME,
    country="BE",
    town="Ghent",
    latitude=51.05,
    longitude=3.7167,
    region="BE23",
    staff=12,
    turnover_cents=150_000_000,
    balance_cents=80_000_000,
    founded=2012,
    cluster_name="Flux Cluster",
    cluster_has_profile=True,
)


def make_organisation(
    *,
    partnership: Partnership | None = None,
    member: User | None = None,
    account: AccountDraft | None = ACCOUNT,
    **changes: Any,
) -> Organisation:
    """An eligible Belgian SME with a bank account; `changes` are fields of `OrganisationDraft`."""
    number = next(_numbers)
    usual = {"registration": f"0{number:09d}", "name": f"Solarwerk {number}"}
    organisation = register(replace(SOLARWERK, **{**usual, **changes}), actor=None, partnership=partnership)
    if account is not None:
        change_account(organisation, account, actor=None)
    if member is not None:
        join(organisation, member, actor=None)
    db.session.flush()
    return organisation
