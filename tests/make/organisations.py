"""Makers of organisations."""

import re
from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy import select, update

from mobility.accounts.models import User
from mobility.core.db import db
from mobility.mail.models import Letter
from mobility.organisations import clusters, colleagues, merges
from mobility.organisations.enums import MemberRight, OrganisationType, Standing
from mobility.organisations.models import ClusterQuestion, ColleagueInvitation, Likeness, Organisation
from mobility.organisations.services import OrganisationDraft, change_account, join, register
from mobility.partnerships.bank import AccountDraft
from mobility.partnerships.models import Partnership
from tests.make.accounts import make_user

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
    right: MemberRight = MemberRight.EDIT,
    account: AccountDraft | None = ACCOUNT,
    standing: Standing = Standing.CONFIRMED,
    **changes: Any,
) -> Organisation:
    """An eligible Belgian SME with a bank account, whose cluster confirms it unless `standing` says otherwise.

    `changes` are fields of `OrganisationDraft`.
    """
    number = next(_numbers)
    usual = {"registration": f"0{number:09d}", "name": f"Solarwerk {number}"}
    organisation = register(replace(SOLARWERK, **{**usual, **changes}), actor=None, partnership=partnership)
    if organisation.cluster_name:
        # As the cluster's answer does, beside the version.
        mine = update(Organisation).where(Organisation.id == organisation.id)
        db.session.execute(mine.values(cluster_standing=standing))
    if account is not None:
        change_account(organisation, account, actor=None)
    if member is not None:
        join(organisation, member, actor=None, right=right)
    db.session.flush()
    return organisation


def make_question(
    organisation: Organisation | None = None, *, actor: User | None = None, to: str = "office@flux.example"
) -> tuple[ClusterQuestion, str]:
    """A question to the cluster of an organisation, and the token of its letter."""
    actor = actor or make_user()
    organisation = organisation or make_organisation(member=actor, standing=Standing.DECLARED)
    question = clusters.ask(organisation, to, actor=actor)
    return question, token_in("cluster", question)


def make_colleague_invitation(
    organisation: Organisation | None = None,
    *,
    actor: User | None = None,
    to: str = "colleague@solarwerk.example",
    right: MemberRight = MemberRight.EDIT,
) -> tuple[ColleagueInvitation, str]:
    """An invitation of a colleague, and the token of its letter."""
    actor = actor or make_user()
    organisation = organisation or make_organisation(member=actor)
    invitation = colleagues.invite(organisation, to, right, actor=actor)
    return invitation, token_in("colleague", invitation)


def make_likeness(*, name: str = "Alpha", member: User | None = None) -> Likeness:
    """Two entries of one name, each with a member, as the night finds them."""
    one, _other = (make_organisation(name=name, member=member or make_user()) for _turn in range(2))
    merges.find()
    return db.session.scalars(select(Likeness).where(Likeness.one_id == one.id)).one()


def token_in(page: str, about: ClusterQuestion | ColleagueInvitation) -> str:
    """The token, which stands in the letter and nowhere else."""
    of_record = Letter.about_kind == about.__tablename__, Letter.about_id == about.id
    body = db.session.scalars(select(Letter.body).where(*of_record).order_by(Letter.id)).first() or ""
    found = re.search(rf"/{page}/(\S+)", body)
    assert found
    return found[1]
