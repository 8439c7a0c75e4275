"""Colleagues join by a link, act under their own name, and can be removed."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.queries import application_for, own_application
from mobility.audit.models import Entry
from mobility.core import clock
from mobility.core.errors import NotFound, RuleBroken
from mobility.hosts.queries import own_offer, ties_of
from mobility.mail.models import Letter
from mobility.organisations import colleagues, merges
from mobility.organisations.enums import AskStatus, MemberRight
from mobility.organisations.models import OrganisationMember
from mobility.organisations.queries import (
    invitation_behind,
    invitations_of,
    members_of,
    own_organisation,
)
from mobility.organisations.services import join
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.hosts import make_offer
from tests.make.organisations import make_colleague_invitation, make_likeness, make_organisation

Db = scoped_session[Session]


def joined(right: MemberRight = MemberRight.EDIT) -> tuple[OrganisationMember, User]:
    """A second member of an organisation, and the first."""
    colleague = make_user()
    invitation, _token = make_colleague_invitation(to=colleague.email, right=right)
    return colleagues.accept(invitation, actor=colleague), invitation.invited_by


def letters_to(session: Db, user: User) -> list[str]:
    return list(session.scalars(select(Letter.kind).where(Letter.to_email == user.email)))


def test_a_colleague_joins_by_the_link_and_acts_for_the_organisation(session: Db) -> None:
    member, inviter = joined()

    assert own_organisation(member.user) is member.organisation
    assert (member.right, member.added_by) == (MemberRight.EDIT, inviter)
    assert letters_to(session, inviter) == ["colleague.joined"]


def test_joining_stands_in_the_log_under_the_colleagues_own_name(session: Db) -> None:
    member, inviter = joined()

    mine = Entry.about_id == member.organisation_id
    entry = session.scalars(select(Entry).where(Entry.verb == "organisation.joined", mine)).all()[-1]
    invited = session.scalars(select(Entry).where(Entry.verb == "colleague.invited")).one()
    assert (entry.actor_id, invited.actor_id) == (member.user_id, inviter.id)


def test_an_invitation_is_taken_once(session: Db) -> None:
    colleague = make_user()
    invitation, _token = make_colleague_invitation(to=colleague.email)
    colleagues.accept(invitation, actor=colleague)

    with pytest.raises(RuleBroken, match="wrong-state"):
        colleagues.accept(invitation, actor=colleague)

    assert len(members_of(invitation.organisation)) == 2


def test_only_who_was_invited_joins(session: Db) -> None:
    invitation, _token = make_colleague_invitation()

    with pytest.raises(RuleBroken, match="other-address"):
        colleagues.accept(invitation, actor=make_user())

    assert invitation.status == AskStatus.WAITING


def test_an_address_that_nobody_confirmed_joins_nothing(session: Db) -> None:
    colleague = make_user()
    colleague.confirmed_at = None
    invitation, _token = make_colleague_invitation(to=colleague.email)

    with pytest.raises(RuleBroken, match="other-address"):
        colleagues.accept(invitation, actor=colleague)


def test_whoever_decides_on_applications_joins_no_applicant(session: Db) -> None:
    officer = make_user(Role.SUPPORT_OFFICER)
    invitation, _token = make_colleague_invitation(to=officer.email)

    with pytest.raises(RuleBroken, match="staff-apart"):
        colleagues.accept(invitation, actor=officer)


def test_an_invitation_ends_after_two_weeks_and_makes_room_for_another(session: Db) -> None:
    invitation, token = make_colleague_invitation(to="late@solarwerk.example")
    clock.move(clock.utcnow() + timedelta(days=14))

    assert invitation_behind(token) is None
    with pytest.raises(RuleBroken, match="invitation-over"):
        colleagues.accept(invitation, actor=make_user())
    make_colleague_invitation(invitation.organisation, actor=invitation.invited_by, to=invitation.email)

    assert invitation.status == AskStatus.LAPSED


def test_an_invitation_that_is_taken_back_opens_nothing(session: Db) -> None:
    invitation, token = make_colleague_invitation()

    colleagues.take_back(invitation, actor=invitation.invited_by)

    assert invitation_behind(token) is None


def test_nobody_is_invited_twice_at_once_nor_as_a_member(session: Db) -> None:
    invitation, _token = make_colleague_invitation()
    organisation, actor = invitation.organisation, invitation.invited_by

    with pytest.raises(RuleBroken, match="invited-already"):
        make_colleague_invitation(organisation, actor=actor, to="Colleague@Solarwerk.example")
    with pytest.raises(RuleBroken, match="member-already"):
        make_colleague_invitation(organisation, actor=actor, to=actor.email.upper())


def test_who_is_a_member_by_now_comes_to_act_or_is_told(session: Db) -> None:
    colleague = make_user()
    invitation, _token = make_colleague_invitation(to=colleague.email)
    member = join(invitation.organisation, colleague, actor=None, right=MemberRight.VIEW)

    assert colleagues.accept(invitation, actor=colleague) is member
    assert member.right == MemberRight.EDIT
    other, _token = make_colleague_invitation(to=colleague.email, actor=invitation.invited_by)
    join(other.organisation, colleague, actor=None)
    with pytest.raises(RuleBroken, match="joined-already"):
        colleagues.accept(other, actor=colleague)


def test_whom_somebody_invited_who_was_removed_since_does_not_come(session: Db) -> None:
    member, inviter = joined()
    organisation = member.organisation
    second, token = make_colleague_invitation(organisation, actor=member.user, to="second@bad.example")
    mine, _token = make_colleague_invitation(organisation, actor=inviter, to="mine@solarwerk.example")

    colleagues.remove(member, actor=inviter)

    assert (second.status, mine.status) == (AskStatus.LAPSED, AskStatus.WAITING)
    assert invitation_behind(token) is None


def test_an_invitation_to_an_entry_that_was_merged_leads_to_the_survivor(session: Db) -> None:
    likeness, colleague = make_likeness(), make_user()
    inviter = members_of(likeness.other)[0].user
    invitation, _token = make_colleague_invitation(likeness.other, actor=inviter, to=colleague.email)
    merges.merge(likeness, likeness.one, actor=make_user(Role.SUPPORT_OFFICER))
    assert invitations_of(likeness.one) == [invitation]

    colleagues.accept(invitation, actor=colleague)

    assert own_organisation(colleague) is likeness.one


def test_no_more_than_ten_invitations_wait(session: Db) -> None:
    actor = make_user()
    organisation = make_organisation(member=actor)
    for number in range(10):
        make_colleague_invitation(organisation, actor=actor, to=f"{number}@solarwerk.example")

    with pytest.raises(RuleBroken, match="invited-too-many"):
        make_colleague_invitation(organisation, actor=actor, to="one-more@solarwerk.example")


def test_who_may_look_sees_applications_and_offers_and_changes_none(session: Db) -> None:
    member, _inviter = joined(MemberRight.VIEW)
    application = make_application(organisation=member.organisation)
    offer = make_offer(organisation=member.organisation)

    assert application_for(member.user, application.reference) is application
    assert ties_of(member.user, offer).is_concerned
    with pytest.raises(NotFound):
        own_application(member.user, application.reference)
    with pytest.raises(NotFound):
        own_offer(member.user, offer.reference)


def test_who_is_removed_sees_nothing_more_and_what_they_wrote_stays(session: Db) -> None:
    member, inviter = joined()
    person, organisation = member.user, member.organisation
    application = make_application(organisation=organisation, author=person, person_email="x@x.example")

    colleagues.remove(member, actor=inviter)
    session.refresh(application)

    assert application.author_id == inviter.id
    assert own_organisation(person) is None
    with pytest.raises(NotFound):
        application_for(person, application.reference)
    assert "colleague.removed" in letters_to(session, person)
    assert (
        session.scalars(select(Entry).where(Entry.verb == "organisation.left")).one().actor_id == inviter.id
    )


def test_one_may_leave_but_the_last_who_acts_stays(session: Db) -> None:
    member, inviter = joined()
    organisation = member.organisation
    colleagues.remove(member, actor=member.user)
    session.flush()

    [last] = members_of(organisation)
    with pytest.raises(RuleBroken, match="last-member"):
        colleagues.remove(last, actor=inviter)

    assert members_of(organisation) == [last]


def test_who_only_looks_does_not_count_as_somebody_who_acts(session: Db) -> None:
    looking, inviter = joined(MemberRight.VIEW)
    acting = next(one for one in members_of(looking.organisation) if one.user_id == inviter.id)

    with pytest.raises(RuleBroken, match="last-member"):
        colleagues.remove(acting, actor=inviter)


@pytest.mark.parametrize(
    "change", ["DELETE FROM organisation_member", """UPDATE organisation_member SET "right" = 'view'"""]
)
def test_the_database_keeps_somebody_who_acts(session: Db, change: str) -> None:
    make_organisation(member=make_user())

    with pytest.raises(DBAPIError, match="somebody acts for an organisation"), session.begin_nested():
        session.execute(text(change))
