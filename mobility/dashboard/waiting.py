"""What waits for the reader: proposals to answer, applications and offers to assess."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select

from mobility.accounts.models import User
from mobility.applications import queries as applications
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core.access import Permission
from mobility.core.db import db
from mobility.exchanges.queries import open_proposals_of
from mobility.hosts import queries as hosts
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.rounds.models import Proposal


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader; gone when it is done."""

    label: str
    url: str
    when: str
    tag: tuple[str, str]


def tasks_of(user: User) -> list[Task]:
    """What somebody can do next, the answers with a deadline first."""
    return [
        *(_answer(proposal) for proposal in open_proposals_of(user)),
        *_applications(user),
        *_offers(user),
    ]


def _answer(proposal: Proposal) -> Task:
    until = format_datetime(proposal.answer_by, "EEE d MMMM y, HH:mm")
    return Task(
        label=_("Answer the proposal %(reference)s", reference=proposal.reference),
        url=url_for("exchanges.proposal", reference=proposal.reference),
        when=_("by %(until)s, Brussels time", until=until),
        tag=("wait", _("To do")),
    )


def _applications(user: User) -> list[Task]:
    may_see = applications.in_scope(user, Permission.APPLICATIONS_ASSESS)
    one, several = "Assess %(num)s application", "Assess %(num)s applications"
    return [
        _assess(ngettext(one, several, number), "applications.index", call)
        for call, number in _submitted(
            Application, Application.status == ApplicationStatus.SUBMITTED, may_see
        )
    ]


def _offers(user: User) -> list[Task]:
    may_see = hosts.in_scope(user, Permission.OFFERS_ASSESS)
    one, several = "Assess %(num)s offer of a host", "Assess %(num)s offers of hosts"
    return [
        _assess(ngettext(one, several, number), "hosts.index", call)
        for call, number in _submitted(Offer, Offer.status == OfferStatus.SUBMITTED, may_see)
    ]


def _submitted(kind: type[Application | Offer], *conditions: ColumnElement[bool]) -> list[tuple[str, int]]:
    counted = (
        select(Call.reference, func.count(kind.id)).join(kind, kind.call_id == Call.id).where(*conditions)
    )
    return [(call, number) for call, number in db.session.execute(counted.group_by(Call.reference)).all()]


def _assess(label: str, endpoint: str, call: str) -> Task:
    url = url_for(endpoint, status="submitted", call=call)
    return Task(label=label, url=url, when=call, tag=("wait", _("To do")))
