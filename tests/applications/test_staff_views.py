"""The officers' work list and decision."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.queries import applications_to_assess
from mobility.core.db import db
from mobility.hosts.enums import OfferStatus
from mobility.organisations.enums import MemberRight
from mobility.organisations.services import join
from tests.applications.filled import officer_of, page_of
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.calls import make_call
from tests.make.hosts import make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.pages import error_beside, queries_for
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
NewClient = Callable[[], Visitor]


def test_an_officer_assesses_beside_the_findings(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED)
    client = new_client()
    officer_of(application, client)

    page = client.get(page_of(application)).text
    answer = client.submit(
        page_of(application),
        {"version": str(application.version), "decision": "accept"},
        to=page_of(application, "/assess"),
    )

    assert 'data-finding="first-visit"' in page
    assert "First exchange of the organisation" in page
    assert answer.status_code == 302
    db.session.expire_all()
    assert application.status is Status.ACCEPTED


def test_a_rejection_without_a_reason_is_answered_beside_its_field(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED)
    client = new_client()
    officer_of(application, client)

    answer = client.submit(
        page_of(application),
        {"version": str(application.version), "decision": "reject", "reason": " "},
        to=page_of(application, "/assess"),
    )

    assert answer.status_code == 422
    assert error_beside(answer.text, "reason") == "Give the reason for the rejection."
    db.session.expire_all()
    assert application.status is Status.SUBMITTED


def test_accepting_against_a_finding_is_refused(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED, organisation=make_organisation(cluster_name=""))
    client = new_client()
    officer_of(application, client)

    answer = client.submit(
        page_of(application),
        {"version": str(application.version), "decision": "accept"},
        to=page_of(application, "/assess"),
    )

    assert answer.status_code == 409
    db.session.expire_all()
    assert application.status is Status.SUBMITTED


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ACCEPTED, Status.WITHDRAWN])
def test_only_what_waits_is_assessed(new_client: NewClient, status: Status) -> None:
    application = make_application(status=status)
    client = new_client()
    officer_of(application, client)

    answer = client.submit(
        page_of(application),
        {"version": str(application.version), "decision": "reject", "reason": "No."},
        to=page_of(application, "/assess"),
    )

    assert answer.status_code == 409
    db.session.expire_all()
    assert application.status is status


def test_another_partnerships_officer_finds_nothing(new_client: NewClient) -> None:
    application = make_application(status=Status.SUBMITTED)
    client, elsewhere = new_client(), make_application(status=Status.SUBMITTED)
    officer_of(elsewhere, client)

    answer = client.submit(
        page_of(elsewhere), {"decision": "reject", "reason": "No."}, to=page_of(application, "/assess")
    )
    page = client.get("/applications").text
    export = client.get("/applications?format=csv").text

    assert (client.get(page_of(application)).status_code, answer.status_code) == (404, 404)
    for text in (page, export, client.get(f"/applications?q={application.reference}").text):
        assert page_of(application) not in text
        assert application.organisation.name not in text
    assert elsewhere.organisation.name in page
    assert elsewhere.organisation.name in export


@pytest.mark.parametrize("part", ["author", "visitor", "looks on"])
def test_nobody_assesses_what_they_take_part_in(new_client: NewClient, part: str) -> None:
    application = make_application(status=Status.SUBMITTED)
    client = new_client()
    officer = officer_of(application, client)
    if part == "author":
        application.author_id = officer.id
    elif part == "visitor":
        application.person_email = officer.email
    else:
        join(application.organisation, officer, right=MemberRight.VIEW, actor=None)
    db.session.commit()
    assert 'name="decision"' not in client.get("/applications/" + application.reference).text
    assert applications_to_assess(officer, [application.reference]) == []

    answer = client.submit(
        "/applications/" + application.reference,
        {"version": str(application.version), "decision": "accept"},
        to=page_of(application, "/assess"),
    )

    assert answer.status_code == 403
    db.session.expire_all()
    assert application.status is Status.SUBMITTED


def test_the_work_list_searches_filters_and_exports_what_it_shows(new_client: NewClient) -> None:
    call, partnership = make_call(), make_partnership()
    shown = make_application(
        call=call, partnership=partnership, organisation=make_organisation(name="Äußere Mühle")
    )
    other = make_application(call=call, partnership=partnership, status=Status.SUBMITTED)
    client = new_client()
    officer_of(shown, client, Role.SUPPORT_OFFICER)

    for query in ("q=mühle", "status=accepted", f"q={shown.reference}&partnership={partnership.code}"):
        page, export = (
            client.get(f"/applications?{query}").text,
            client.get(f"/applications?{query}&format=csv").text,
        )
        assert shown.reference in page
        assert other.reference not in page
        assert export.splitlines()[1].startswith(f"{shown.reference},{call.reference},Äußere Mühle,Belgium")
        assert len(export.splitlines()) == 2


@pytest.mark.parametrize(
    "query", ["sort=nothing", "page=²", "page=99999999999", "status=gone", "call=%00x", "q=%25%5C_"]
)
def test_odd_questions_to_the_list_do_no_harm(client: Visitor, person: User, query: str) -> None:
    assert client.get(f"/applications?{query}").status_code in {200, 400}


@pytest.mark.parametrize("role", [Role.SUPPORT_OFFICER, Role.APPLICANT])
def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(new_client: NewClient, role: Role) -> None:
    call, client, user = make_call(), new_client(), make_user(role)
    make_application(call=call, author=user)
    db.session.commit()
    sign_in(client, user)
    client.get("/applications")
    one = queries_for(client, "/applications")
    for _number in range(2):
        make_application(call=call, author=user)
    db.session.commit()

    three = queries_for(client, "/applications")

    assert three == one


def test_hosts_see_no_applications_of_others(new_client: NewClient) -> None:
    client, host = new_client(), make_user(Role.HOST)
    make_offer(author=host, status=OfferStatus.ACCEPTED)
    db.session.commit()
    sign_in(client, host)

    assert client.get("/applications").status_code == 403
