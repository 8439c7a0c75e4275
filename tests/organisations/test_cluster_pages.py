"""Asking one's cluster, and the page behind the link."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus
from mobility.organisations import clusters
from mobility.organisations.enums import AskStatus, Standing
from mobility.organisations.models import ClusterQuestion, Organisation
from tests.make.accounts import make_user, sign_in
from tests.make.applications import make_application
from tests.make.organisations import make_organisation, make_question
from tests.make.partnerships import make_partnership
from tests.statements import statements_of
from tests.visitor import Visitor

Db = scoped_session[Session]
# What a test sends beside a page: savepoints in the place of transactions.
AROUND = 7
CLUSTER = "/organisations/mine/cluster"
YES = {"answer": "yes", "name": "Ines Sousa, office"}


@pytest.fixture
def own(session: Db, client: Visitor) -> Organisation:
    """The organisation of whoever is signed in."""
    user = make_user()
    organisation = make_organisation(member=user, standing=Standing.DECLARED)
    session.commit()
    sign_in(client, user)
    return organisation


def asked(session: Db) -> int:
    session.expire_all()
    return session.scalar(select(func.count(ClusterQuestion.id))) or 0


def test_an_applicant_asks_the_cluster_and_sees_where_it_stands(
    session: Db, client: Visitor, own: Organisation
) -> None:
    assert "Not asked yet" in client.get("/organisations/mine").text

    answer = client.submit(CLUSTER, {"email": "office@flux.example"})

    page = client.get(CLUSTER).text
    assert (answer.status_code, asked(session)) == (302, 1)
    assert "Waiting for the cluster" in page
    assert "office@flux.example" in page
    assert 'name="email"' not in page
    assert "Waiting for the cluster" in client.get("/organisations/mine").text


@pytest.mark.parametrize("email", ["", "office", "a\0b@flux.example", "two@flux.example, three@flux.example"])
def test_no_letter_goes_where_none_can_go(
    session: Db, client: Visitor, own: Organisation, email: str
) -> None:
    answer = client.submit(CLUSTER, {"email": email})

    assert (answer.status_code, asked(session)) == (422, 0)
    assert "There is a problem" in answer.text


def test_ones_own_address_is_refused_beside_the_field(
    session: Db, client: Visitor, own: Organisation
) -> None:
    member = make_user()
    make_application(organisation=own, person_email=member.email)
    session.commit()

    answer = client.submit(CLUSTER, {"email": member.email})

    assert (answer.status_code, asked(session)) == (422, 0)
    assert "one of your own organisation" in answer.text


def test_a_question_is_taken_back(session: Db, client: Visitor, own: Organisation) -> None:
    client.submit(CLUSTER, {"email": "ofice@flux.example"})

    answer = client.submit(CLUSTER, {}, to=f"{CLUSTER}/take-back")
    again = client.submit(CLUSTER, {"email": "office@flux.example"})

    assert (answer.status_code, again.status_code, asked(session)) == (302, 302, 2)


def test_no_more_than_five_letters_a_day_are_tried(session: Db, client: Visitor, own: Organisation) -> None:
    member = make_user()
    make_application(organisation=own, person_email=member.email)
    session.commit()

    statuses = [client.submit(CLUSTER, {"email": member.email}).status_code for _turn in range(6)]

    assert statuses == [422] * 5 + [429]
    assert asked(session) == 0


def test_somebody_at_the_cluster_answers_without_an_account(
    session: Db, client: Visitor, new_client: Callable[[], Visitor]
) -> None:
    question, token = make_question()
    session.commit()
    stranger = new_client()

    page = stranger.get(f"/organisations/cluster/{token}")
    session.expire_all()
    assert (page.status_code, question.status) == (200, AskStatus.WAITING)
    assert question.organisation.name in page.text

    answer = stranger.submit(f"/organisations/cluster/{token}", YES | {"remark": "Since 2019."})

    session.expire_all()
    assert answer.status_code == 302
    assert (question.status, question.answered_by) == (AskStatus.CONFIRMED, "Ines Sousa, office")
    assert "takes no second answer" in stranger.get(f"/organisations/cluster/{token}").text


@pytest.mark.parametrize("sent", [{}, {"answer": "perhaps", "name": "Ines"}, {"answer": "yes"}])
def test_an_answer_without_its_words_is_refused(session: Db, client: Visitor, sent: dict[str, str]) -> None:
    question, token = make_question()
    session.commit()

    answer = client.submit(f"/organisations/cluster/{token}", sent)

    session.expire_all()
    assert (answer.status_code, question.status) == (422, AskStatus.WAITING)


def test_a_second_click_finds_the_first_answer(session: Db, client: Visitor) -> None:
    question, token = make_question()
    session.commit()
    address = f"/organisations/cluster/{token}"
    first = client.submit(address, {"answer": "no", "name": "Ines"})
    form_token = client.get("/login").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    second = client.post(address, data=YES | {"csrf_token": form_token})

    session.expire_all()
    assert (first.status_code, second.status_code) == (302, 409)
    assert question.status == AskStatus.REFUSED


@pytest.mark.parametrize("token", ["x", "%00", "A" * 43, ".."])
def test_a_made_up_link_opens_nothing(session: Db, client: Visitor, token: str) -> None:
    assert client.get(f"/organisations/cluster/{token}").status_code in {302, 404}


def test_a_link_that_was_taken_back_opens_nothing(session: Db, client: Visitor) -> None:
    question, token = make_question()
    clusters.take_back(question, actor=question.asked_by)
    session.commit()

    assert client.get(f"/organisations/cluster/{token}").status_code == 404


def test_an_officer_sees_beside_the_rules_who_was_asked_and_what_was_said(
    session: Db, client: Visitor
) -> None:
    partnership = make_partnership()
    question, _token = make_question()
    application = make_application(
        organisation=question.organisation, partnership=partnership, status=ApplicationStatus.SUBMITTED
    )
    sign_in(client, make_user(Role.PARTNERSHIP_OFFICER, partnership=partnership))
    page = f"/applications/{application.reference}"
    session.commit()

    assert "Waiting for the cluster" in client.get(page).text
    clusters.answer(question, is_member=True, by="Ines Sousa, office")
    session.commit()

    after = client.get(page).text
    assert "Confirmed by letter, to be checked" in after
    assert "office@flux.example" in after
    assert "Ines Sousa, office" in after
    address = f"/organisations/answers/{question.id}"
    assert address in after
    assert "Ines Sousa, office" in client.get(address).text
    assert client.submit(address, {}, to=f"{address}/take").status_code == 302
    assert "Confirmed by the cluster" in client.get(page).text
    assert "take the answer" not in client.get(address).text


@pytest.mark.parametrize("is_staff", [True, False])
def test_who_assesses_nothing_is_led_to_no_answer(session: Db, client: Visitor, is_staff: bool) -> None:
    question, _token = make_question()
    clusters.answer(question, is_member=True, by="Ines Sousa, office")
    application = make_application(organisation=question.organisation, status=ApplicationStatus.SUBMITTED)
    session.flush()
    sign_in(client, make_user(Role.AUDITOR) if is_staff else question.asked_by)
    session.commit()

    page = client.get(f"/applications/{application.reference}").text

    assert "Confirmed by letter, to be checked" in page
    assert "/organisations/answers/" not in page


def test_nobody_takes_an_answer_for_an_organisation_of_others(session: Db, client: Visitor) -> None:
    question, _token = make_question()
    clusters.answer(question, is_member=True, by="Ines Sousa, office")
    sign_in(client, make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership()))
    session.commit()

    assert client.get(f"/organisations/answers/{question.id}").status_code == 404
    assert client.get(f"/organisations/answers/{2**63}").status_code == 404
    session.expire_all()
    assert question.organisation.cluster_standing == Standing.ANSWERED


def test_without_an_organisation_there_is_nothing_to_ask(session: Db, client: Visitor) -> None:
    sign_in(client, make_user())

    assert client.get(CLUSTER).status_code == 404


def test_the_pages_take_few_statements(session: Db, client: Visitor, own: Organisation) -> None:
    few = statements_of(client, CLUSTER)
    for turn in range(3):
        question, token = make_question(own, to=f"office-{turn}@flux.example")
        if turn < 2:
            clusters.answer(question, is_member=False, by="Ines")
    session.commit()

    assert statements_of(client, CLUSTER) == few <= 12 + AROUND
    assert statements_of(client, f"/organisations/cluster/{token}") <= 12 + AROUND
