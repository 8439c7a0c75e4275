"""Who sees which application."""

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import queries
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.core.errors import NotFound
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership

pytestmark = pytest.mark.usefixtures("session")
SEES_ALL = [Role.SUPPORT_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR]


def seen_by(user: User, session: scoped_session[Session]) -> set[Application]:
    return set(session.scalars(queries.applications_seen_by(user)))


def test_an_applicant_sees_the_own_and_the_organisations_and_no_other(
    session: scoped_session[Session],
) -> None:
    author, colleague = make_user(), make_user()
    organisation = make_organisation(member=colleague)
    own = make_application(author=author, organisation=organisation)
    make_application()

    assert seen_by(author, session) == {own}
    assert seen_by(colleague, session) == {own}


def test_an_officer_sees_the_own_partnerships_only(session: scoped_session[Session]) -> None:
    partnership = make_partnership()
    officer = make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership)
    theirs = make_application(partnership=partnership)
    peers = make_application()

    assert seen_by(officer, session) == {theirs}
    with pytest.raises(NotFound):
        queries.application_for(officer, peers.reference)
    with pytest.raises(NotFound):
        queries.application_to_assess(officer, peers.reference)


@pytest.mark.parametrize("role", SEES_ALL)
def test_support_auditors_and_administrators_see_all(role: Role, session: scoped_session[Session]) -> None:
    both = {make_application(), make_application()}

    assert seen_by(make_user(role), session) == both


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR, Role.FINANCE_INITIATOR])
def test_who_only_reads_assesses_nothing(role: Role) -> None:
    application = make_application(status=Status.SUBMITTED)

    with pytest.raises(NotFound):
        queries.application_to_assess(make_user(role), application.reference)


def test_seeing_an_application_does_not_make_it_ones_own() -> None:
    application = make_application()

    with pytest.raises(NotFound):
        queries.own_application(make_user(Role.SUPPORT_OFFICER), application.reference)


def test_only_a_matched_application_counts_as_a_visit() -> None:
    organisation = make_organisation()
    application = make_application(organisation=organisation)
    assert queries.visitors_among({organisation.id}) == set()

    make_application(organisation=organisation, status=Status.MATCHED)

    assert queries.visitors_among({organisation.id}) == {organisation.id}
    assert queries.has_visited(organisation, but=application)
