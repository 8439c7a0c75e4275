"""Beginning, sending and withdrawing an application, and who finds it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import services
from mobility.applications.draft import WishDraft
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.audit.queries import entries_about
from mobility.core.db import db
from mobility.mail.queries import letters_about
from tests.applications.filled import fill, form_at, page_of, typed
from tests.make.accounts import make_user, sign_in
from tests.make.applications import application_content, make_application
from tests.make.calls import make_allotment, make_call
from tests.make.hosts import PORTO, make_offer
from tests.make.organisations import make_organisation
from tests.make.partnerships import make_partnership
from tests.pages import version_on
from tests.statements import statements_of
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]
NewClient = Callable[[], Visitor]


def test_an_applicant_begins_fills_checks_and_sends(client: Visitor, person: User) -> None:
    call = make_call(title="Spring call")
    make_allotment(call)
    organisation = make_organisation(member=person, name="Solarwerk Gent")
    db.session.commit()

    assert "Spring call" in client.get("/applications").text
    begun = client.submit(f"/applications/new?call={call.reference}", {"organisation": str(organisation.id)})
    application = db.session.scalars(select(Application)).one()
    first = client.get(page_of(application, "/edit"))
    fill(client, application)
    sent = client.submit(
        page_of(application),
        {"version": version_on(client.get(page_of(application)).text)},
        to=page_of(application, "/submit"),
    )
    page = client.get(page_of(application)).text

    assert begun.location.endswith(page_of(application, "/edit"))
    assert first.location.endswith(form_at(application, Section.PERSON))
    assert sent.status_code == 302
    assert "Being assessed" in page
    assert f"We have received your application {application.reference}" in page


def test_the_page_to_check_names_the_partnership_that_gets_it_and_its_rate(
    client: Visitor, person: User
) -> None:
    call = make_call()
    near = make_partnership(name="Health Next Door", ecosystems=("health",), country="BE")
    wind = make_partnership(name="Wind Far Away", ecosystems=("renewables",), country="DE")
    make_allotment(call, near)
    make_allotment(call, wind, own_rate_cents=30_000)
    host = make_offer(call=call, organisation=make_organisation(**PORTO))
    content = replace(application_content(call), wishes=(WishDraft(host.id, 1),))
    application = services.draft(
        call, make_organisation(member=person), replace(content, ecosystems=()), actor=person
    )
    services.revise(application, content, actor=person)
    db.session.commit()

    page = client.get(page_of(application)).text
    client.submit(page_of(application), {"version": version_on(page)}, to=page_of(application, "/submit"))

    assert "Wind Far Away" in page
    assert "Health Next Door" not in page
    assert "€300.00" in page
    db.session.expire_all()
    assert application.partnership is wind


def test_the_page_to_check_takes_as_many_statements_for_many_partnerships(
    client: Visitor, person: User
) -> None:
    call = make_call()
    make_allotment(call)
    application = services.draft(
        call, make_organisation(member=person), application_content(call), actor=person
    )
    db.session.commit()
    for_one = statements_of(client, page_of(application))
    for _ in range(3):
        make_allotment(call)
    db.session.commit()

    assert statements_of(client, page_of(application)) == for_one


def test_to_withdraw_one_is_asked_once_with_the_reason(client: Visitor, person: User) -> None:
    application = make_application(author=person, organisation=make_organisation(member=person))
    db.session.commit()
    path = page_of(application, "/withdraw")

    shown = client.get(page_of(application)).text
    asked = client.get(path).text
    db.session.expire_all()
    before = application.status
    answer = client.submit(path, {"version": version_on(asked), "reason": "We are too busy."})

    assert f'href="{path}"' in shown
    assert f'action="{path}"' not in shown
    assert "ends here" in asked
    db.session.expire_all()
    assert (before, answer.status_code, application.status) == (Status.ACCEPTED, 302, Status.WITHDRAWN)
    [entry] = [one for one in entries_about(application) if one.verb == "application.withdrawn"]
    assert entry.values["reason"] == "We are too busy."
    assert client.get(path).location.endswith(page_of(application))


def test_two_clicks_on_begin_make_one_application(client: Visitor, person: User, session: Db) -> None:
    call = make_call()
    make_allotment(call)
    organisation = make_organisation(member=person)
    db.session.commit()
    path = f"/applications/new?call={call.reference}"

    first = client.submit(path, {"organisation": str(organisation.id)})
    second = client.submit(path, {"organisation": str(organisation.id)})

    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(Application)) == 1


def test_a_new_application_may_begin_with_what_the_last_one_said(client: Visitor, person: User) -> None:
    organisation, call = make_organisation(member=person), make_call()
    make_allotment(call)
    for year, motivation in ((2, "Years ago"), (1, "To see turbines.")):
        earlier = make_call(first_day=call.first_day - timedelta(days=365 * year))
        make_application(
            call=earlier, organisation=organisation, motivation=motivation, person_name="Ana Before",
            wishes=(WishDraft(make_offer(call=earlier).id, 1),), status=Status.REJECTED,
        )  # fmt: skip
    db.session.commit()
    path = f"/applications/new?call={call.reference}"

    client.submit(path, {"organisation": str(organisation.id), "carry_over": "y"})

    begun = db.session.scalars(select(Application).where(Application.call_id == call.id)).one()
    assert (begun.person_name, begun.motivation) == ("Ana Before", "To see turbines.")
    assert (begun.languages, begun.ecosystems, begun.purposes) == ({"en": "B2"}, ["renewables"], ["learn"])
    assert (begun.windows, begun.wishes, begun.consent_version) == ([], [], "")


def test_without_the_tick_or_without_an_earlier_one_it_begins_empty(client: Visitor, person: User) -> None:
    organisation, call = make_organisation(member=person), make_call()
    make_allotment(call)
    db.session.commit()
    path = f"/applications/new?call={call.reference}"
    first = client.get(path).text
    make_application(call=make_call(), organisation=organisation, status=Status.REJECTED)
    db.session.commit()

    offered = client.get(path).text
    client.submit(path, {"organisation": str(organisation.id)})

    assert "carry_over" not in first
    assert "carry_over" in offered
    begun = db.session.scalars(select(Application).where(Application.call_id == call.id)).one()
    assert (begun.person_name, begun.motivation) == (person.name, "")


def test_without_an_organisation_the_way_to_it_is_shown(client: Visitor, person: User, session: Db) -> None:
    call = make_call()
    db.session.commit()

    page = client.get(f"/applications/new?call={call.reference}")

    assert "/organisations/mine" in page.text
    assert session.scalar(select(func.count()).select_from(Application)) == 0


def test_another_persons_organisation_cannot_be_chosen(client: Visitor, person: User, session: Db) -> None:
    call = make_call()
    make_allotment(call)
    make_organisation(member=person)
    peers = make_organisation()
    db.session.commit()

    answer = client.submit(f"/applications/new?call={call.reference}", {"organisation": str(peers.id)})

    assert answer.status_code == 422
    assert session.scalar(select(func.count()).select_from(Application)) == 0


@pytest.mark.parametrize("reference", ["", "CXC-NONE", "%00", "%ED%A0%80", "9223372036854775808"])
def test_a_call_that_is_not_open_has_no_form(client: Visitor, person: User, reference: str) -> None:
    assert client.get(f"/applications/new?call={reference}").status_code in {400, 404}


def test_sending_twice_sends_once(client: Visitor, draft: Application) -> None:
    fields = {"version": str(draft.version)}

    first = client.submit(page_of(draft), fields, to=page_of(draft, "/submit"))
    second = client.submit(page_of(draft), fields, to=page_of(draft, "/submit"))

    assert (first.status_code, second.status_code) == (302, 302)
    db.session.expire_all()
    assert draft.status is Status.SUBMITTED
    assert len(letters_about(draft)) == 1


@pytest.mark.parametrize("version", ["", "0", "²", "9223372036854775808"])
def test_sending_an_older_version_is_refused(client: Visitor, draft: Application, version: str) -> None:
    answer = client.submit(page_of(draft), {"version": version}, to=page_of(draft, "/submit"))

    assert answer.status_code == 409
    db.session.expire_all()
    assert draft.status is Status.DRAFT


def test_a_submitted_application_opens_no_form_and_takes_no_change(client: Visitor, person: User) -> None:
    application = make_application(author=person, status=Status.SUBMITTED)
    db.session.commit()

    address = form_at(application, Section.TOPICS)

    opened = client.get(address)
    sent = client.submit(
        page_of(application), typed(application, Section.TOPICS, motivation="Late"), to=address
    )

    assert opened.location.endswith(page_of(application))
    assert sent.status_code == 409
    db.session.expire_all()
    assert application.motivation != "Late"


def test_an_applicant_withdraws(client: Visitor, draft: Application) -> None:
    answer = client.submit(page_of(draft), {"version": str(draft.version)}, to=page_of(draft, "/withdraw"))

    assert answer.status_code == 302
    db.session.expire_all()
    assert draft.status is Status.WITHDRAWN


@pytest.mark.parametrize(
    "end",
    ["", "/edit", "/edit/topics", "/edit/topics/findings", "/edit/topics/typed", "/submit", "/withdraw"],
)
def test_a_peers_application_is_not_there(
    client: Visitor, draft: Application, new_client: NewClient, end: str
) -> None:
    peer = new_client()
    user = make_user(Role.APPLICANT)
    own = make_application(author=user, status=Status.DRAFT)
    db.session.commit()
    sign_in(peer, user)

    methods = {"": ["GET"], "/edit": ["GET"], "/edit/topics": ["GET", "POST"]}.get(end, ["POST"])
    for method in methods:
        if method == "GET":
            theirs, missing = peer.get(page_of(draft, end)), peer.get(f"/applications/APP-1-1{end}")
        else:
            theirs = peer.submit(page_of(own), {}, to=page_of(draft, end))
            missing = peer.submit(page_of(own), {}, to=f"/applications/APP-1-1{end}")
        assert (theirs.status_code, missing.status_code) == (404, 404)
        assert draft.person_name not in theirs.text
    assert draft.status is Status.DRAFT


@pytest.mark.parametrize("reference", ["%00", "%ED%A0%80", "%3Cscript%3E", "9223372036854775808", "a'--"])
def test_odd_references_are_not_there(client: Visitor, person: User, reference: str) -> None:
    assert client.get(f"/applications/{reference}").status_code == 404


def test_of_several_open_calls_the_list_of_calls_leads_to_each(client: Visitor, person: User) -> None:
    first = make_call(title="Spring call")
    assert f"/applications/new?call={first.reference}" in client.get("/applications").text
    make_call(title="Autumn call")

    page = client.get("/applications").text

    assert "/applications/new?call=" not in page
    assert '<a class="button" href="/calls?status=open">New application…</a>' in page
