"""The people of one's organisation, and the page behind the link of an invitation."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.organisations.enums import AskStatus, MemberRight
from mobility.organisations.models import ColleagueInvitation, Organisation, OrganisationMember
from mobility.organisations.queries import invitations_of, members_of
from mobility.organisations.services import join
from tests.make.accounts import make_user, sign_in
from tests.make.organisations import make_colleague_invitation, make_organisation
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
# What a test sends beside a page: savepoints in the place of transactions.
AROUND = 7
PEOPLE = "/organisations/mine/people"
INVITED = {"email": "Nora@Solarwerk.example", "right": "edit"}


@pytest.fixture
def own(session: Db, client: Visitor) -> Organisation:
    """The organisation of whoever is signed in."""
    return signed_in_member(session, client, MemberRight.EDIT)


def signed_in_member(session: Db, client: Visitor, right: MemberRight) -> Organisation:
    user = make_user()
    organisation = make_organisation(member=make_user())
    join(organisation, user, actor=None, right=right)
    session.commit()
    sign_in(client, user)
    return organisation


def members(session: Db) -> int:
    return session.scalar(select(func.count(OrganisationMember.id))) or 0


def test_a_member_invites_and_the_colleague_joins(session: Db, client: Visitor) -> None:
    colleague = make_user()
    invitation, token = make_colleague_invitation(to=colleague.email)
    session.commit()
    page = f"/organisations/colleague/{token}"

    assert "Sign in first" in client.get(page).text
    sign_in(client, colleague)
    answer = client.submit(page, {})

    session.expire_all()
    assert (answer.status_code, invitation.status) == (302, AskStatus.CONFIRMED)
    assert invitation.organisation.name in client.get("/organisations/mine").text
    assert "was taken on" in client.get(page).text


def test_the_list_names_who_since_when_and_by_whom(session: Db, client: Visitor, own: Organisation) -> None:
    answer = client.submit(PEOPLE, INVITED)

    page = client.get(PEOPLE).text
    assert answer.status_code == 302
    assert "from the start" in page
    assert "nora@solarwerk.example" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "nora"}, "Write an e-mail address"),
        ({"right": "all"}, "Not a valid choice"),
        ({"email": ""}, "Fill in"),
    ],
)
def test_a_wrong_invitation_is_told_beside_its_field(
    session: Db, client: Visitor, own: Organisation, change: dict[str, str], words: str
) -> None:
    answer = client.submit(PEOPLE, INVITED | change)

    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalar(select(func.count(ColleagueInvitation.id))) == 0


def test_who_is_invited_already_is_told_beside_the_field(
    session: Db, client: Visitor, own: Organisation
) -> None:
    client.submit(PEOPLE, INVITED)

    answer = client.submit(PEOPLE, INVITED)

    assert answer.status_code == 422
    assert "invited already" in answer.text


def test_an_invitation_is_taken_back(session: Db, client: Visitor, own: Organisation) -> None:
    client.submit(PEOPLE, INVITED)
    invitation = session.scalars(select(ColleagueInvitation)).one()

    answer = client.submit(PEOPLE, {}, to=f"{PEOPLE}/invitations/{invitation.id}/take-back")

    session.expire_all()
    assert (answer.status_code, invitation.status) == (302, AskStatus.LAPSED)


def test_removing_says_what_it_means_before_it_is_done(
    session: Db, client: Visitor, own: Organisation
) -> None:
    first = session.scalars(select(OrganisationMember).order_by(OrganisationMember.id)).first()
    assert first
    page = f"{PEOPLE}/{first.id}/remove"

    asked = client.get(page)
    assert "What happens" in asked.text
    assert members(session) == 2
    answer = client.submit(page, {})

    assert (answer.status_code, members(session)) == (302, 1)


def test_members_of_others_are_not_there(session: Db, client: Visitor, own: Organisation) -> None:
    make_organisation(member=make_user())
    theirs = session.scalars(select(OrganisationMember).order_by(OrganisationMember.id.desc())).first()
    session.commit()

    assert theirs
    assert client.get(f"{PEOPLE}/{theirs.id}/remove").status_code == 404


def test_who_may_look_changes_nothing(session: Db, client: Visitor) -> None:
    organisation = signed_in_member(session, client, MemberRight.VIEW)
    token = client.get("/login").text + client.get("/account/password").text
    csrf = token.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    mine = client.get("/organisations/mine")
    assert organisation.registration in mine.text
    assert "<form" not in mine.text.partition("<main")[2]
    assert 'name="email"' not in client.get(PEOPLE).text
    for path in ("/organisations/mine", PEOPLE, "/organisations/mine/cluster"):
        sent = {"csrf_token": csrf, "email": "office@flux.example", "right": "edit"}
        assert client.post(path, data=sent).status_code == 403


def test_who_may_only_look_may_leave_and_remove_nobody_else(session: Db, client: Visitor) -> None:
    organisation = signed_in_member(session, client, MemberRight.VIEW)
    acting, mine = members_of(organisation)
    leave = f"{PEOPLE}/{mine.id}/remove"
    page = client.get(PEOPLE).text

    assert leave in page
    assert client.get(f"{PEOPLE}/{acting.id}/remove").status_code == 403
    assert client.submit(leave, {}).status_code == 302
    session.expire_all()
    assert members_of(organisation) == [acting]


def test_who_acts_for_two_organisations_opens_each_by_its_address(
    session: Db, client: Visitor, own: Organisation
) -> None:
    user = members_of(own)[1].user
    invitation, token = make_colleague_invitation(to=user.email)
    other = invitation.organisation
    session.commit()

    joined = client.submit(f"/organisations/colleague/{token}", {})
    page = client.get(joined.location).text
    assert f'value="{other.name}"' in page
    assert f"?of={own.id}" in page
    assert f"{PEOPLE}?of={other.id}" in page
    client.submit(f"{PEOPLE}?of={other.id}", INVITED)

    assert f'value="{own.name}"' in client.get("/organisations/mine").text
    assert [one.email for one in invitations_of(other)] == ["nora@solarwerk.example"]
    assert invitations_of(own) == []


@pytest.mark.parametrize("number", ["0", "x", "", "9" * 25])
def test_an_organisation_of_others_is_not_ones_own(
    session: Db, client: Visitor, own: Organisation, number: str
) -> None:
    other = make_organisation(member=make_user())
    session.commit()

    for asked in (number, other.id):
        assert client.get(f"/organisations/mine?of={asked}").status_code == 404


def test_another_persons_invitation_is_not_taken(session: Db, client: Visitor) -> None:
    _invitation, token = make_colleague_invitation()
    session.commit()
    sign_in(client, make_user())
    page = f"/organisations/colleague/{token}"

    assert "sign out, and in again" in client.get(page).text
    csrf = (
        client.get("/account/password").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    )
    assert client.post(page, data={"csrf_token": csrf}).status_code == 409
    assert members(session) == 1


def test_the_pages_take_few_statements_however_many_people(
    session: Db, client: Visitor, own: Organisation
) -> None:
    few = statements_of(client, PEOPLE)
    for number in range(3):
        join(own, make_user(), actor=None, added_by=make_user())
        make_colleague_invitation(own, actor=make_user(), to=f"{number}@solarwerk.example")
    session.commit()

    assert statements_of(client, PEOPLE) == few <= 12 + AROUND
