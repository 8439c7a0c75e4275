"""The letters of organisations."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.core import dates
from mobility.core.clock import local
from mobility.core.web import external_url
from mobility.mail.services import LetterDraft, letter, next_turn
from mobility.organisations.enums import AskStatus, Standing
from mobility.organisations.models import (
    ClusterQuestion,
    ColleagueInvitation,
    Organisation,
    OrganisationMember,
)
from mobility.organisations.queries import Person
from mobility.organisations.wording import RIGHTS, TYPES
from mobility.partnerships.bank import AccountDraft, masked
from mobility.taxonomies.countries import country_name

ACCOUNT_CHANGED = "organisation.account-changed"


def account_changed(
    organisation: Organisation, before: AccountDraft, now: AccountDraft, people: Iterable[Person]
) -> Iterator[LetterDraft]:
    """Tell everybody who acts for an organisation that its money goes elsewhere from now on."""
    for person in people:
        yield letter(
            ACCOUNT_CHANGED,
            template="mail/organisations/account_changed.txt",
            to=(person.name, person.email),
            about=organisation,
            subject=_("The bank account of %(organisation)s was changed", organisation=organisation.name),
            person_id=person.id,
            turn=next_turn(ACCOUNT_CHANGED, person.email, organisation),
            organisation=organisation.name,
            before=masked(before.iban),
            now=masked(now.iban),
            holder=now.holder,
        )


def cluster_asked(question: ClusterQuestion, token: str) -> LetterDraft:
    """Ask a cluster whether an organisation is its member; the link is the only place that names the token."""
    subject = _("Is %(organisation)s your member?", organisation=question.organisation.name)
    return _to_cluster("cluster.asked", subject, question, token)


def cluster_reminded(question: ClusterQuestion, token: str) -> LetterDraft:
    """Ask once more, with the link of the first letter."""
    subject = _("Still to answer: is %(organisation)s your member?", organisation=question.organisation.name)
    return _to_cluster("cluster.reminded", subject, question, token)


def cluster_answered(question: ClusterQuestion, standing: Standing) -> LetterDraft:
    """Tell whoever asked what the cluster said, and what it came to."""
    person, is_member = question.asked_by, question.status == AskStatus.CONFIRMED
    confirmed = _("%(cluster)s confirms your membership", cluster=question.cluster_name)
    refused = _("%(cluster)s does not confirm your membership", cluster=question.cluster_name)
    return letter(
        "cluster.answered",
        template="mail/organisations/cluster_answered.txt",
        to=(person.name or person.email, person.email),
        about=question,
        subject=confirmed if is_member else refused,
        person_id=person.id,
        question=question,
        is_member=is_member,
        is_settled=standing is Standing.CONFIRMED,
        link=external_url("organisations.cluster"),
    )


def _to_cluster(kind: str, subject: str, question: ClusterQuestion, token: str) -> LetterDraft:
    return letter(
        kind,
        template="mail/organisations/cluster_asked.txt",
        to=(question.cluster_name, question.to_email),
        about=question,
        subject=subject,
        question=question,
        organisation=question.organisation,
        type=TYPES[question.organisation.type],
        country=country_name(question.organisation.country),
        link=external_url("organisations.cluster_answer", token=token),
        until=dates.day(local(question.expires_at).date()),
    )


def colleague_invited(invitation: ColleagueInvitation, token: str, person_id: int | None) -> LetterDraft:
    """Invite a colleague; the link is the only place that names the token."""
    organisation = invitation.organisation.name
    return letter(
        "colleague.invited",
        template="mail/organisations/colleague_invited.txt",
        to=(invitation.email, invitation.email),
        about=invitation,
        subject=_("You are invited to act for %(organisation)s", organisation=organisation),
        person_id=person_id,
        invitation=invitation,
        organisation=organisation,
        right=RIGHTS[invitation.right],
        link=external_url("organisations.colleague", token=token),
        until=dates.day(local(invitation.expires_at).date()),
    )


def colleague_joined(member: OrganisationMember, invitation: ColleagueInvitation) -> LetterDraft:
    """Tell whoever invited somebody that they came."""
    person, organisation = invitation.invited_by, member.organisation.name
    colleague = member.user.name or member.user.email
    return letter(
        "colleague.joined",
        template="mail/organisations/colleague_joined.txt",
        to=(person.name or person.email, person.email),
        about=invitation,
        subject=_(
            "%(colleague)s acts for %(organisation)s now", colleague=colleague, organisation=organisation
        ),
        person_id=person.id,
        colleague=colleague,
        organisation=organisation,
        right=RIGHTS[member.right],
        link=external_url("organisations.people"),
    )


def colleague_removed(organisation: Organisation, person: User, by: User) -> LetterDraft:
    """Tell somebody that they act for an organisation no more."""
    kind = "colleague.removed"
    return letter(
        kind,
        template="mail/organisations/colleague_removed.txt",
        to=(person.name or person.email, person.email),
        about=organisation,
        subject=_("You no longer act for %(organisation)s", organisation=organisation.name),
        person_id=person.id,
        turn=next_turn(kind, person.email, organisation),
        organisation=organisation.name,
        by=by.name or by.email,
    )
