"""People of an organisation: invited by letter, joined by its link, removed again."""

from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy import column, delete, select, table, update

from mobility.accounts.models import User
from mobility.accounts.services import user_by_email
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.together import lock
from mobility.mail.services import write
from mobility.organisations import letters, queries
from mobility.organisations.clusters import lock_survivor
from mobility.organisations.enums import ASKED, AskStatus, MemberRight
from mobility.organisations.models import ColleagueInvitation, Organisation, OrganisationMember
from mobility.organisations.services import join

JOIN_WITHIN = timedelta(days=14)
MOST_WAITING = 10
# Rooms above this one, so only their tables are named: whoever wrote something may change it.
WRITTEN = tuple(
    table(name, column("organisation_id"), column("author_id")) for name in ("application", "offer")
)


def invite(organisation: Organisation, email: str, right: MemberRight, *, actor: User) -> ColleagueInvitation:
    """Ask somebody by letter to act for an organisation, or to look.

    Raises `RuleBroken`: "member-already", "invited-already", "invited-too-many".
    """
    lock(organisation)
    _let_lapse(organisation)
    email, waiting = email.strip().lower(), queries.invitations_of(organisation)
    if email in {member.user.email.lower() for member in queries.members_of(organisation)}:
        raise RuleBroken("member-already")
    if email in {invitation.email for invitation in waiting}:
        raise RuleBroken("invited-already")
    if len(waiting) >= MOST_WAITING:
        raise RuleBroken("invited-too-many")
    return _invite(organisation, email, right, actor)


def _invite(organisation: Organisation, email: str, right: MemberRight, actor: User) -> ColleagueInvitation:
    token, now = token_urlsafe(32), clock.utcnow()
    invitation = ColleagueInvitation(
        organisation=organisation,
        email=email,
        right=right,
        token_sha256=token_hash(token),
        invited_by=actor,
        invited_at=now,
        expires_at=now + JOIN_WITHIN,
    )
    db.session.add(invitation)
    record("colleague.invited", invitation, actor=actor, organisation=organisation.name, right=right)
    invited = user_by_email(email)
    write(letters.colleague_invited(invitation, token, invited.id if invited else None))
    return invitation


def accept(invitation: ColleagueInvitation, *, actor: User) -> OrganisationMember:
    """Join by the link, as the person to whom the letter went, once; who looks comes to act by it.

    Raises `RuleBroken`: "invitation-over", "other-address", "staff-apart" for whoever decides on applications,
    "joined-already", "wrong-state" or "stale" for a second click.
    """
    organisation = lock_survivor(invitation.organisation)
    if invitation.expires_at <= clock.utcnow():
        raise RuleBroken("invitation-over")
    if actor.confirmed_at is None or actor.email.lower() != invitation.email:
        raise RuleBroken("other-address", email=invitation.email)
    if actor.is_staff:
        raise RuleBroken("staff-apart")
    ASKED.move(invitation, to=AskStatus.CONFIRMED, ended_at=clock.utcnow())
    member = _joined(organisation, invitation, actor)
    write(letters.colleague_joined(member, invitation))
    return member


def _joined(organisation: Organisation, invitation: ColleagueInvitation, actor: User) -> OrganisationMember:
    right, by = invitation.right, invitation.invited_by
    known = next((one for one in queries.members_of(organisation) if one.user_id == actor.id), None)
    if known is None:
        return join(organisation, actor, actor=actor, right=right, added_by=by)
    if right is MemberRight.VIEW or known.right is MemberRight.EDIT:
        raise RuleBroken("joined-already")
    known.right = right
    record("organisation.joined", organisation, actor=actor, person=actor.id, right=right)
    return known


def take_back(invitation: ColleagueInvitation, *, actor: Actor) -> None:
    """End an invitation that nobody has taken; its link opens nothing more."""
    lock(invitation.organisation)
    ASKED.move(invitation, to=AskStatus.LAPSED, ended_at=clock.utcnow())
    record("colleague.taken-back", invitation, actor=actor, organisation=invitation.organisation.name)


def remove(member: OrganisationMember, *, actor: User) -> None:
    """Let somebody act for an organisation no more; what they wrote for it goes to whoever removes them.

    Whom they invited and who has not come yet does not come any more.
    Raises `RuleBroken`: "last-member" if nobody would be left who may act, "stale" if somebody else was faster.
    """
    organisation, person = member.organisation, member.user
    lock(organisation)
    heirs = [one for one in _acting(organisation) if one.id != member.id]
    if not heirs:
        raise RuleBroken("last-member")
    heir = actor if any(one.user_id == actor.id for one in heirs) else heirs[0].user
    for paper in WRITTEN:
        theirs = (paper.c.organisation_id == organisation.id, paper.c.author_id == person.id)
        db.session.execute(update(paper).where(*theirs).values(author_id=heir.id))
    gone = delete(OrganisationMember).where(OrganisationMember.id == member.id)
    if db.session.scalar(gone.returning(OrganisationMember.id)) is None:
        raise RuleBroken("stale")
    for invitation in queries.invitations_of(organisation):
        if invitation.invited_by_id == person.id:
            take_back(invitation, actor=actor)
    record("organisation.left", organisation, actor=actor, person=person.id)
    if person.id != actor.id:
        write(letters.colleague_removed(organisation, person, actor))


def _acting(organisation: Organisation) -> list[OrganisationMember]:
    return [one for one in queries.members_of(organisation) if one.right == MemberRight.EDIT]


def _let_lapse(organisation: Organisation) -> None:
    # Nobody waits for a link that has ended, so no task looks for it: the next invitation makes room.
    over = (
        ColleagueInvitation.organisation_id == organisation.id,
        ColleagueInvitation.status == AskStatus.WAITING,
        ColleagueInvitation.expires_at <= clock.utcnow(),
    )
    for invitation in db.session.scalars(select(ColleagueInvitation).where(*over)):
        ASKED.move(invitation, to=AskStatus.LAPSED, ended_at=clock.utcnow())
